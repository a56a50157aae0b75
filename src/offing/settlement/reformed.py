"""Settlement's figures and facts under a what-if: the same reform file as for quotes and refunds.

::

    [reform]
    name = "the bank halves its spread, and fees have no minimum"
    [[rate]]
    id = "settlement.spread.usd"
    value = "0.2%"
    [[rate]]
    id = "settlement.fees.inward.minimum"
    value = "0"
    [[framework]]
    currency = "BRL"
    counterparty = "Central Bank of Brazil"
    kind = "swap_line"
"""

from dataclasses import replace
from decimal import Decimal

from offing.rules.dated import SETTLEMENT, overlaid, without
from offing.rules.reform import Close, RateSetting, Reform
from offing.settlement.defaults import (
    FEE_PARTS,
    DatedFigure,
    Defaults,
    Framework,
    framework_id,
    unit_of,
)
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval
from offing.terms.messages import suggest
from offing.terms.money import amount, currency_codes, rate

PER_CURRENCY = ("interest", "spread")
OF_NDF = ("spread", "basis")


def _is_known(defaults: Defaults, id_: str) -> bool:
    """Whether something looks the name up, though it may have no figure yet."""
    if any(figure.id == id_ for figure in defaults.figures):
        return True
    kind, *rest = id_.removeprefix(SETTLEMENT).split(".")
    if kind in PER_CURRENCY and len(rest) == 1:
        return rest[0].upper() in currency_codes()
    if kind == "ndf" and len(rest) == 2:
        markets = {market.currency for market in defaults.ndf_markets}
        return rest[0].upper() in markets and rest[1] in OF_NDF
    fees = {name for _, names in defaults.terms for name in names}
    return kind == "fees" and len(rest) == 2 and rest[0] in fees and rest[1] in FEE_PARTS


def _unknown_figure(defaults: Defaults, id_: str, where: Where | None) -> InputError:
    names = [f.id for f in defaults.figures] + [f.id for f in defaults.frameworks]
    near = suggest(id_, sorted(set(names)))
    return InputError("landed.unknown_rule", where=where, id=id_, near=near)


def _value(setting: RateSetting) -> Decimal:
    name = setting.id.rpartition(".")[2]
    if unit_of(setting.id) != "share":
        value = amount(setting.value.upper().removesuffix("CNY").strip(), where=setting.where)
        if value < 0 or (name == "period_days" and (value < 1 or value != int(value))):
            raise InputError(
                "settle.not_positive", where=setting.where, name=setting.id, value=setting.value
            )
        return value
    text = setting.value.strip()
    negative = name == "basis" and text.startswith("-")
    share = rate(text.removeprefix("-") if negative else text, name=setting.id, where=setting.where)
    return -share if negative else share


def _close_figure(defaults: Defaults, close: Close) -> Defaults:
    hole = Interval(close.until, None)
    if close.id not in {dated.id for dated in (*defaults.figures, *defaults.frameworks)}:
        raise _unknown_figure(defaults, close.id, None)
    return replace(
        defaults,
        figures=without(defaults.figures, close.id, hole),
        frameworks=without(defaults.frameworks, close.id, hole),
    )


def reform_defaults(defaults: Defaults, reform: Reform) -> Defaults:
    """The figures and facts under a reform; those it does not name stay as they are.

    Raises:
        InputError: ``landed.unknown_rule`` with the nearest that exists, or a value that cannot
            be.
    """
    for close in reform.closes:
        if close.id.startswith(SETTLEMENT):
            defaults = _close_figure(defaults, close)
    for setting in reform.settings:
        if not setting.id.startswith(SETTLEMENT):
            continue
        if not _is_known(defaults, setting.id):
            raise _unknown_figure(defaults, setting.id, setting.where)
        new = DatedFigure(
            id=setting.id,
            value=_value(setting),
            unit=unit_of(setting.id),
            when=setting.when,
            source=reform.name,
            status="user",
            where=setting.where,
        )
        defaults = replace(defaults, figures=overlaid(defaults.figures, new))
    added = tuple(
        Framework(
            id=framework_id(new.currency, new.kind),
            currency=new.currency,
            counterparty=new.counterparty,
            kind=new.kind,
            when=new.when,
            source=reform.name,
            status="user",
        )
        for new in reform.frameworks
    )
    return replace(defaults, frameworks=(*defaults.frameworks, *added))
