"""The rate of a code in the official refund-rate library (出口退税率文库)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from offing.refunds.rates import dated_rate, levies
from offing.refunds.rules import DatedRate
from offing.rules.citing import cite_source, percent
from offing.rules.dated import REFUND
from offing.rules.rule_use import READ
from offing.terms.caution import Caution
from offing.terms.errors import OffingError, RuleError
from offing.terms.firm_records import LibraryRow, LibraryRows
from offing.terms.messages import join_list


def library_rate(
    library: LibraryRows, code: str, on: date, levy_rate: Decimal | None = None
) -> DatedRate:
    """The rate of a code on the export date.

    Args:
        library: a version of the library.
        code: ten digits; fewer where all codes below them have one rate. The longest stem of it
            that has a row on the day counts.
        on: export date.
        levy_rate: chooses where the library lists several.

    Raises:
        RuleError: ``refund.not_in_library``, ``refund.two_rates`` where several rows hold and
            differ, or ``refund.several_levies``.
    """
    holding = _holding(library, code, on)
    if not holding:
        raise RuleError("refund.not_in_library", code=code, on=on, source=library.source)
    if len({(row.levy_rates, row.refund_rate, row.flag) for row in holding}) > 1:
        raise RuleError("refund.two_rates", group=code, on=on)
    row = holding[0]
    if len(row.levy_rates) > 1 and levy_rate not in row.levy_rates:
        rates_known = join_list(f"{(rate * 100).normalize():f}%" for rate in row.levy_rates)
        raise RuleError("refund.several_levies", code=code, rates=rates_known)
    levy = levy_rate if levy_rate in row.levy_rates else row.levy_rates[0]
    assert levy is not None
    return DatedRate(
        id=f"{REFUND}{code}",
        levy_rate=levy,
        refund_rate=Decimal(0) if row.flag else row.refund_rate,
        cancelled=row.flag == "taxed",
        exempt=row.flag == "exempt",
        when=row.when,
        status="official",
        source=library.source,
    )


def rate_of(
    library: LibraryRows | None,
    code: str,
    on: date,
    levy_rate: Decimal | None = None,
    *,
    book: Sequence[DatedRate] | None,
) -> DatedRate:
    """The rate of a code: the library's, else the rulebook's.

    A library that was given has the last word; where one that is only remembered does not know the
    code, the rulebook answers.

    Raises:
        InputError, RuleError: as :func:`library_rate` and :func:`dated_rate`.
    """
    if library is not None:
        try:
            return library_rate(library, code, on, levy_rate)
        except RuleError as error:
            if not library.remembered or error.key != "refund.not_in_library":
                raise
    return dated_rate(on, code=code, rates=book)


SHORTEST = 4
"""Digits of the shortest code that a row may be for."""


def _holding(library: LibraryRows, code: str, on: date) -> list[LibraryRow]:
    """The rows in force for a code: of it and of all codes below it, else of its longest stem."""
    if not code:
        return []
    below = [
        row
        for key, rows in library.rows.items()
        if key.startswith(code)
        for row in rows
        if row.when.holds(on)
    ]
    if below:
        return below
    for length in range(len(code) - 1, SHORTEST - 1, -1):
        rows = [row for row in library.rows.get(code[:length], ()) if row.when.holds(on)]
        if rows:
            return rows
    return []


def outdated_rows(
    library: LibraryRows | None,
    code_days: Iterable[tuple[str, date]],
    rates: Sequence[DatedRate] | None = None,
) -> Iterator[Caution]:
    """What to say of codes whose row is older than an act that changed the levy or their refund.

    Acts on a refund are those that were read in their source; a levy of 17 % ended with April 2018.

    Args:
        library: a version of the library; nothing is said where there is none.
        code_days: codes and export dates; each code is said once.
        rates: the rulebook's; as shipped where ``None``.
    """
    told: set[str] = set()
    for code, day in sorted(set(code_days)) if library else ():
        assert library is not None
        try:
            listed = library_rate(library, code, day)
        except OffingError:
            continue
        if code not in told and listed.levy_rate not in levies(day):
            told.add(code)
            held = {"code": code, "day": str(day), "held": percent(listed.levy_rate)}
            yield Caution("refund.warn_library_levy", held)
        try:
            law = dated_rate(day, code=code, rates=rates)
        except OffingError:
            continue
        since, before = law.when.since, listed.when.since or date.min
        same = (listed.refund_rate, listed.cancelled) == (law.refund_rate, law.cancelled)
        if same or law.status not in READ or since is None or before >= since or code in told:
            continue
        told.add(code)
        yield Caution(
            "refund.warn_library_old",
            {
                "code": code,
                "day": str(day),
                "held": percent(listed.refund_rate),
                "before": str(before),
                "law": percent(law.refund_rate),
                "since": str(since),
                "source": cite_source(law.source),
            },
        )
