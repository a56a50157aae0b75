"""Doubts about the refund rate of an item's code on its export day."""

from collections.abc import Iterable, Sequence
from typing import Any

from offing.refunds.doubts.doubt import Doubt, RateOf, of_item
from offing.rules.citing import cited
from offing.terms.errors import OffingError
from offing.terms.firm_records import Declared

UNKNOWN = ("refund.not_in_library", "refund.no_known_rate")
CHOICE = ("refund.several_levies",)
"""The levy depends on more than the code: the supplier's invoice shows it."""


def of_rates(declared: Sequence[Declared], rate_of: RateOf, *, library: bool) -> Iterable[Doubt]:
    """Codes without a rate, cancelled ones, and those that are levied and not refunded.

    The official library has every code; the rulebook has few, and what it does not know is no
    doubt.
    """
    for row in declared:
        if not row.code:
            continue
        try:
            rate = rate_of(row)
        except OffingError as error:
            if error.key in UNKNOWN and library:
                yield of_item("rate_unknown", row, code=row.code, day=row.export_date)
            elif error.key not in (*UNKNOWN, *CHOICE, "refund.before_1994"):
                yield of_item("rate_unclear", row, code=row.code, why=error.found)
            continue
        named: dict[str, Any] = {
            "code": row.code,
            "day": row.export_date,
            "source": cited(rate.source),
        }
        if rate.cancelled:
            yield of_item("rate_cancelled", row, **named)
        elif rate.exempt:
            yield of_item("rate_exempt", row, **named)
        elif not rate.refund_rate:
            yield of_item("rate_nought", row, **named)
