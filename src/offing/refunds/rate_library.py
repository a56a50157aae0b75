"""The rate of a code in the official refund-rate library (出口退税率文库)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from offing.refunds.rules import DatedRate
from offing.rules.dated import REFUND
from offing.terms.errors import RuleError
from offing.terms.firm_records import LibraryRow, LibraryRows
from offing.terms.messages import enumerated


def library_rate(
    library: LibraryRows, code: str, on: date, levy_rate: Decimal | None = None
) -> DatedRate:
    """The rate of a code on the export date.

    Args:
        library: a version of the library.
        code: ten digits; fewer where all codes below them have one rate.
        on: export date.
        levy_rate: chooses where the library lists several.

    Raises:
        RuleError: ``refund.not_in_library``, ``refund.two_rates`` where several rows hold and
            differ, or ``refund.several_levies``.
    """
    holding = [row for row in _rows_of(library, code) if row.when.holds(on)]
    if not holding:
        raise RuleError("refund.not_in_library", code=code, on=on, source=library.source)
    if len({(row.levy_rates, row.refund_rate) for row in holding}) > 1:
        raise RuleError("refund.two_rates", group=code, on=on)
    row = holding[0]
    if len(row.levy_rates) > 1 and levy_rate not in row.levy_rates:
        rates_known = enumerated(f"{(each * 100).normalize():f}%" for each in row.levy_rates)
        raise RuleError("refund.several_levies", code=code, rates=rates_known)
    levy = levy_rate if levy_rate in row.levy_rates else row.levy_rates[0]
    assert levy is not None
    return DatedRate(
        id=f"{REFUND}{code}",
        levy_rate=levy,
        refund_rate=row.refund_rate,
        when=row.when,
        status="official",
        source=library.source,
    )


def _rows_of(library: LibraryRows, code: str) -> Sequence[LibraryRow]:
    """The rows of a code, else those of all codes below it."""
    below = (rows for key, rows in library.rows.items() if code and key.startswith(code))
    return library.rows.get(code) or [row for rows in below for row in rows]
