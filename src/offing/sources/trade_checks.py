"""Checks that every trade file needs: countries that exist, product codes that kept their zeros.

Whole columns are judged at once. A country is told by its number, its alpha-3 code or its name,
looked up once for each distinct value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.terms.countries import all_countries, by_number, country_code
from offing.terms.errors import InputError

FIRST_YEAR, LAST_YEAR = 1962, 2100
"""UN Comtrade begins in 1962."""

NOT_KNOWN, GROUP = -1, -2
"""Places of what is no country: nothing we know, and a group such as the world or the EU."""


@dataclass(frozen=True)
class Places:
    """Countries by their place in the order of their codes, so that places sort as codes do.

    Attributes:
        codes: alpha-3 (or the statistics' own code), sorted.
        until: the last year in which each may trade; 9999 where it still does.
    """

    codes: tuple[str, ...]
    until: NDArray[np.int64]

    def last_years(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The last year of each place; 9999 also for what is no country."""
        years: NDArray[np.int64] = np.append(self.until, [9999, 9999])[places]
        return years


@cache
def places() -> Places:
    """Every country and unspecified area; groups have no place."""
    known = sorted(
        (c for c in all_countries().values() if c.kind != "aggregate"), key=lambda c: c.code
    )
    return Places(
        codes=tuple(c.code for c in known),
        until=np.array([last_year(c.code) for c in known]),
    )


@cache
def place_of(code: str) -> int:
    """The place of a code of :func:`offing.terms.countries.all_countries`."""
    if all_countries()[code].kind == "aggregate":
        return GROUP
    return places().codes.index(code)


def last_year(code: str) -> int:
    """The last year in which a country may trade; 9999 where it still does."""
    until = all_countries()[code].until
    return until.year if until else 9999


def places_of_numbers() -> NDArray[np.int64]:
    """A table from the numbers of trade statistics (0 to 999) to places."""
    table = np.full(1000, NOT_KNOWN, dtype=np.int64)
    for number, code in by_number().items():
        if 0 <= number < 1000:
            table[number] = place_of(code)
    return table


def codes_of(values: Iterable[str | None]) -> dict[str, str | None]:
    """Each distinct value → our code of it, or ``None`` where we know none."""
    found: dict[str, str | None] = {}
    for value in values:
        if value is not None and value not in found:
            try:
                found[value] = country_code(value, trading=False)
            except InputError:
                found[value] = None
    return found


def lost_zero(code: str) -> pl.Expr:
    """Whether a product code has 1, 3 or 5 digits: it has lost its leading zero."""
    return pl.col(code).str.contains(r"^(\d|\d{3}|\d{5})$")
