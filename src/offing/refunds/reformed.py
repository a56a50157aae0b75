"""Refund rates under a what-if: the same reform file as for quotes and studies.

::

    [reform]
    name = "batteries keep 9 %, and television sets lose the refund"
    [[rate]]
    id = "chn.refund.battery"
    value = "9%"
    since = 2026-04-01
    until = 2027-01-01
    [[rate]]
    id = "chn.refund.8528"
    value = "cancelled"
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.refunds.rates import group_names, plain_code
from offing.refunds.rules import LEVY, DatedRate, dated_rates
from offing.rules.dated import REFUND, check_single, overlaid, without
from offing.rules.duty import share_of
from offing.rules.duty_text import duty_of_user
from offing.rules.reform import RateSetting, Reform
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval
from offing.terms.messages import join_list, suggest

CANCELLED = ("cancelled", "canceled", "taxed", "取消", "征税", "视同内销")
EXEMPT = ("exempt", "免税")


def _model(id_: str, day: date | None = None, where: Where | None = None) -> DatedRate:
    """The rate of the group or code that a reform names: of the day, or the last there is."""
    name = id_.removeprefix(REFUND)
    series = [rate for rate in dated_rates() if rate.id == id_]
    if series:
        return next((rate for rate in series if day and rate.when.holds(day)), series[-1])
    code = plain_code(name)
    if code.isdigit() and 4 <= len(code) <= 10:
        model = {"levy_rate": LEVY, "refund_rate": LEVY, "codes": (code,)}
        return DatedRate(id=id_, when=Interval(), source="", status="user", **model)  # type: ignore[arg-type]
    groups = group_names()
    near = suggest(name, groups)
    raise InputError(
        "refund.unknown_group", where=where, text=name, near=near, all=join_list(groups)
    )


def _new(setting: RateSetting, reform: Reform) -> DatedRate:
    model = _model(setting.id, setting.when.since, setting.where)
    text = setting.value.strip().lower()
    cancelled, exempt = text in CANCELLED, text in EXEMPT
    nothing = cancelled or exempt
    share = Decimal(0) if nothing else share_of(duty_of_user(setting.value, where=setting.where))
    if share is None or share > model.levy_rate:
        raise InputError(
            "refund.rate_above_levy",
            where=setting.where,
            refund_rate=setting.value if share is None else share,
            levy_rate=model.levy_rate,
        )
    return replace(
        model,
        refund_rate=share,
        cancelled=cancelled,
        exempt=exempt,
        when=setting.when,
        status="user",
        source=reform.name,
        recalled=(),
    )


def reformed_rates(
    reform: Reform, rates: tuple[DatedRate, ...] | None = None
) -> tuple[DatedRate, ...]:
    """The refund rates under a reform; those it does not name stay as they are.

    A rate of zero is a zero refund; ``cancelled`` (taxed like a sale at home) and ``exempt`` are
    more: see :class:`~offing.refunds.rules.DatedRate`. Its rules named ``chn.refund.…`` are taken,
    and laid over the rulebook's rates where no others are given.

    Raises:
        InputError: ``refund.unknown_group``, or ``refund.rate_above_levy``.
    """
    rates = dated_rates() if rates is None else rates
    for close in reform.closes:
        if close.id.startswith(REFUND):
            rates = without(rates, _model(close.id).id, Interval(close.until, None))
    for setting in reform.settings:
        if setting.id.startswith(REFUND):
            rates = overlaid(rates, _new(setting, reform))
    check_single(rates)
    return rates
