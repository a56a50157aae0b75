"""Refund rates under a what-if: the same reform file as for quotes and studies.

::

    [reform]
    name = "batteries keep 9 %"
    [[rate]]
    id = "chn.refund.battery"
    value = "9%"
    since = 2026-04-01
    until = 2027-01-01
"""

from dataclasses import replace

from offing.refunds.rules import DatedRate, dated_rates
from offing.rules.reform import REFUND, Reform
from offing.terms.errors import InputError
from offing.terms.interval import Interval
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest


def _group(id_: str) -> str:
    groups = sorted({rate.group for rate in dated_rates()})
    group = id_.removeprefix(REFUND)
    if group not in groups:
        raise InputError(
            "refund.unknown_group",
            text=group,
            near=nearest(group, groups) or groups[0],
            all=enumerated(groups),
        )
    return group


def _cut(rates: tuple[DatedRate, ...], group: str, hole: Interval) -> tuple[DatedRate, ...]:
    return tuple(
        replace(rate, when=when)
        for rate in rates
        for when in ([rate.when] if rate.group != group else rate.when.outside(hole))
    )


def reformed_rates(
    reform: Reform, rates: tuple[DatedRate, ...] | None = None
) -> tuple[DatedRate, ...]:
    """The refund rates under a reform; those it does not name stay as they are.

    A rate of zero is a zero refund, not a cancelled one: see
    :class:`~offing.refunds.rules.DatedRate`.

    Args:
        reform: its rules named ``chn.refund.…`` are taken.
        rates: to lay it over; the rulebook's where ``None``.

    Raises:
        InputError: ``refund.unknown_group``, or ``refund.rate_above_levy``.
    """
    rates = dated_rates() if rates is None else rates
    for close in reform.closes:
        if close.id.startswith(REFUND):
            rates = _cut(rates, _group(close.id), Interval(close.until, None))
    for new in reform.rates:
        if not new.id.startswith(REFUND):
            continue
        group = _group(new.id)
        model = next(rate for rate in rates if rate.group == group)
        if new.share > model.levy_rate:
            raise InputError(
                "refund.rate_above_levy", refund_rate=new.share, levy_rate=model.levy_rate
            )
        added = replace(
            model,
            refund_rate=new.share,
            when=new.when,
            status="user",
            source=reform.name,
            cancelled=False,
        )
        rates = (*_cut(rates, group, new.when), added)
    return rates
