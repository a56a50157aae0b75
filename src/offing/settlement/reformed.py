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

from offing.rules.reform import SETTLEMENT, Close, Reform, Setting
from offing.settlement.defaults import FEE_PARTS, Defaults, Figure, Framework
from offing.terms.amounts import amount, rate
from offing.terms.currencies import codes
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval
from offing.terms.nearest import nearest

MONEY = ("minimum", "maximum", "period_days")
PER_CURRENCY = ("interest", "spread")
OF_NDF = ("spread", "basis")


def _known(defaults: Defaults, id_: str) -> bool:
    """Whether something looks the name up, though it may have no figure yet."""
    if any(figure.id == id_ for figure in defaults.figures):
        return True
    kind, *rest = id_.removeprefix(SETTLEMENT).split(".")
    if kind in PER_CURRENCY and len(rest) == 1:
        return rest[0].upper() in codes()
    if kind == "ndf" and len(rest) == 2:
        markets = {each.currency for each in defaults.ndf_markets}
        return rest[0].upper() in markets and rest[1] in OF_NDF
    fees = {name for _, names in defaults.terms for name in names}
    return kind == "fees" and len(rest) == 2 and rest[0] in fees and rest[1] in FEE_PARTS


def _unknown(defaults: Defaults, id_: str, where: Where | None) -> InputError:
    names = [f.id for f in defaults.figures] + [f.id for f in defaults.frameworks]
    near = nearest(id_, sorted(set(names))) or "—"
    return InputError("landed.unknown_rule", where=where, id=id_, near=near)


def _value(setting: Setting) -> Decimal:
    name = setting.id.rpartition(".")[2]
    if name in MONEY:
        value = amount(setting.value.upper().removesuffix("CNY").strip(), where=setting.where)
        if value < 0 or (name == "period_days" and (value < 1 or value != int(value))):
            raise InputError(
                "settle.not_positive", where=setting.where, name=setting.id, value=setting.value
            )
        return value
    text = setting.value.strip()
    negative = name == "basis" and text.startswith("-")
    found = rate(text.removeprefix("-") if negative else text, name=setting.id, where=setting.where)
    return -found if negative else found


def _without(figures: tuple[Figure, ...], id_: str, hole: Interval) -> tuple[Figure, ...]:
    return tuple(
        replace(figure, when=when)
        for figure in figures
        for when in ([figure.when] if figure.id != id_ else figure.when.outside(hole))
    )


def _closed(defaults: Defaults, close: Close) -> Defaults:
    hole = Interval(close.until, None)
    if any(figure.id == close.id for figure in defaults.figures):
        return replace(defaults, figures=_without(defaults.figures, close.id, hole))
    if all(framework.id != close.id for framework in defaults.frameworks):
        raise _unknown(defaults, close.id, None)
    return replace(
        defaults,
        frameworks=tuple(
            replace(each, since=when.since, until=when.until)
            for each in defaults.frameworks
            for when in ([each.when] if each.id != close.id else each.when.outside(hole))
        ),
    )


def reformed(defaults: Defaults, reform: Reform) -> Defaults:
    """The figures and facts under a reform; those it does not name stay as they are.

    Raises:
        InputError: ``landed.unknown_rule`` with the nearest that exists, or a value that cannot
            be.
    """
    for close in reform.closes:
        if close.id.startswith(SETTLEMENT):
            defaults = _closed(defaults, close)
    for setting in reform.settings:
        if not _known(defaults, setting.id):
            raise _unknown(defaults, setting.id, setting.where)
        new = Figure(setting.id, _value(setting), setting.when, reform.name, "user")
        kept = _without(defaults.figures, setting.id, setting.when)
        defaults = replace(defaults, figures=(*kept, new))
    added = tuple(
        Framework(
            each.currency,
            each.counterparty,
            each.kind,
            each.when.since,
            each.when.until,
            "user",
            reform.name,
        )
        for each in reform.frameworks
    )
    return replace(defaults, frameworks=(*defaults.frameworks, *added))
