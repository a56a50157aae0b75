"""The refund rate that holds on the export date, from the dated rulebook.

Declared exports take the rate of the export date on the customs declaration (财税〔2012〕39号
art. 3, kept in 2026).
"""

from collections.abc import Sequence
from datetime import date

from offing.costing.refund.rules import DatedRate, dated_rates
from offing.terms.errors import InputError, RuleError
from offing.terms.nearest import nearest

FIRST_DAY = date(1994, 1, 1)
"""The present VAT began on this day; no export before it has a refund under it."""


def group_names() -> list[str]:
    """The groups of goods in the rulebook."""
    return sorted({rate.group for rate in dated_rates()})


def group_of_code(code: str) -> str:
    """The group of a customs code, by its leading digits; ``general`` where none is named.

    >>> group_of_code("8507600090"), group_of_code("620311")
    ('battery', 'general')
    """
    for rate in dated_rates():
        if any(code.startswith(prefix) for prefix in rate.codes):
            return rate.group
    return "general"


def _known_group(text: str) -> str:
    names = {rate.group: rate.group for rate in dated_rates()}
    for rate in dated_rates():
        names |= dict.fromkeys(rate.aliases, rate.group)
    name = text.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in names:  # "pv_listed", "battery_products": the group without what is said of it
        for said in ("_listed", "_list", "_products", "_product", "_and_other", "_and_others"):
            name = name.removesuffix(said)
    if name not in names:
        raise InputError(
            "refund.unknown_group",
            text=text,
            near=nearest(name, names) or "general",
            all=", ".join(group_names()),
        )
    return names[name]


def dated_rate(
    on: date,
    *,
    group: str | None = None,
    code: str | None = None,
    rates: Sequence[DatedRate] | None = None,
) -> DatedRate:
    """The rate of a group or code on the export date.

    Args:
        on: export date of the customs declaration.
        group: a group of the rulebook, such as ``battery``; wins over ``code``.
        code: customs code of any length.
        rates: the rulebook's where ``None``; a reform's otherwise.

    Raises:
        InputError: ``refund.unknown_group``, or ``refund.before_1994``.
        RuleError: ``refund.no_rate`` where the rulebook has none on the day, ``refund.two_rates``
            where it has more than one: ask, do not guess.

    >>> dated_rate(date(2026, 4, 1), group="battery").refund_rate
    Decimal('0.06')
    """
    if on < FIRST_DAY:
        raise InputError("refund.before_1994", on=on)
    name = _known_group(group) if group is not None else group_of_code(code or "")
    book = dated_rates() if rates is None else rates
    found = [rate for rate in book if rate.group == name and rate.when.holds(on)]
    if not found:
        raise RuleError("refund.no_rate", group=name, on=on)
    if len(found) > 1:
        raise RuleError("refund.two_rates", group=name, on=on)
    return found[0]
