"""Columns whose heading nobody knows, told by their cells: days, countries, codes, currencies.

A column is taken where nearly all of its cells can be read so, and no other free column's can. It
is always said; of two such columns neither is taken, and the person is asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import get_args

from offing.sources import ledger_cells as cells
from offing.sources.headings import ColumnHeading, FileColumn, is_unit, normalise_heading
from offing.sources.layout import headings_of
from offing.sources.numbers import read_currency
from offing.terms.countries import known_code
from offing.terms.hs import YEARS, codes_of

NEARLY = 0.9
"""Of the cells that are filled, so many can be read."""
LEAST = 3
"""Cells that are filled, at least."""
SEEN = 400
"""Cells that are looked at."""


def _is_day(text: str) -> bool:
    if re.fullmatch(r"\d{5}(\.\d+)?", text):  # a number as good as a workbook's day
        return False
    return any(cells.read_date(text, order) for order in get_args(cells.DayOrder))


def _is_country(text: str) -> bool:
    if re.fullmatch(r"[\d.,]+", text) or is_unit(text):
        return False
    return known_code(text) is not None or cells.read_market(text) is not None


def _is_code(text: str) -> bool:
    code = cells.read_code(text)
    if code is None or len(code) < 6:
        return False
    return not _is_day(text) and any(code[:6] in codes_of(edition) for edition in YEARS[-3:])


READERS: Mapping[str, Callable[[str], bool]] = {
    "on": _is_day,
    "market": _is_country,
    "product": _is_code,
    "currency": lambda text: read_currency(text) is not None,
    "unit": is_unit,
}
"""How the cells of a column are read, by our name."""


def told_by_cells(
    names: Sequence[str], header: Sequence[str], body: Sequence[Sequence[str]], taken: set[int]
) -> Iterator[tuple[str, FileColumn]]:
    """The columns of some names that the cells tell, each with the heading that it has.

    Args:
        names: of columns that no heading was found for.
        header: the headings.
        body: the rows below them.
        taken: places of columns that are read as something else.
    """
    other = headings_of("made_at") | headings_of("places")
    free = {
        at: [row[at] for row in body[:SEEN] if at < len(row) and row[at]]
        for at, heading in enumerate(header)
        if heading and at not in taken and normalise_heading(heading) not in other
    }
    for name in names:
        fits = [at for at, filled in free.items() if _fits(name, filled)]
        if len(fits) == 1:
            heading = header[fits[0]]
            yield name, FileColumn(fits[0], ColumnHeading(heading, normalise_heading(heading)))


def _fits(name: str, filled: Sequence[str]) -> bool:
    if len(filled) < LEAST:
        return False
    reads = 0
    for text in filled:
        with suppress(ValueError):
            reads += READERS[name](text)
    several = name != "market" or len({*filled}) > 1  # one country alone is that of the maker
    return several and reads >= NEARLY * len(filled)


def counts_items(filled: Sequence[str]) -> bool:
    """Whether cells only number the items of a paper, 1, 2, 3, and name nothing.

    >>> counts_items(["1", "2", "1", "3"]), counts_items(["55", "65"])
    (True, False)
    """
    numbers = [int(text) for cell in filled if (text := re.sub(r"\.0$", "", cell)).isdecimal()]
    return len(numbers) == len(filled) > 0 and {*numbers} == {*range(1, max(numbers) + 1)}
