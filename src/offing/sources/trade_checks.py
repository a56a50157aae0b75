"""Checks that every trade file needs: countries that exist, product codes that kept their zeros.

Whole columns are judged at once. A country is told by its number, its alpha-3 code or its name,
looked up once for each distinct value.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.sources.columns import kept
from offing.terms.countries import ENDED_NUMBERS, all_countries, by_number, country_code, known_code
from offing.terms.errors import InputError

FIRST_YEAR = 1962
"""UN Comtrade begins with it."""

NOT_KNOWN, GROUP = -1, -2
"""Places of what is no country: nothing we know, and a group such as the world or the EU."""


NO_NUMBER = 65_536
"""Where :func:`places_of_numbers` has what is no number at all."""

Numbers = NDArray[np.int16]


def this_year() -> int:
    """The last year that trade data can have."""
    return datetime.now(UTC).year


@cache
def places() -> tuple[str, ...]:
    """The codes of every country and unspecified area, sorted; a country's place is its index.

    So places sort as codes do. Groups have no place.
    """
    return tuple(sorted(code for code, c in all_countries().items() if c.kind != "aggregate"))


def last_years() -> Numbers:
    """By place, the last year in which a country may trade; 9999 also for what is no country."""
    return np.array([*(last_year(code) for code in places()), 9999, 9999], dtype=np.int16)


@cache
def place_of(code: str) -> int:
    """The place of a code of :func:`offing.terms.countries.all_countries`."""
    return GROUP if all_countries()[code].kind == "aggregate" else places().index(code)


def last_year(code: str) -> int:
    """The last year in which a country may trade; 9999 where it still does."""
    until = all_countries()[code].until
    return until.year if until else 9999


def places_of_numbers() -> Numbers:
    """A table from the numbers of trade statistics (16 bits, and ``NO_NUMBER``) to places."""
    table = np.full(NO_NUMBER + 1, NOT_KNOWN, dtype=np.int16)
    for number, code in by_number().items():
        table[number] = place_of(code)
    return table


def last_years_of_numbers() -> Numbers:
    """By number of trade statistics, the last year that has it; 9999 where it still is one."""
    table = np.full(NO_NUMBER + 1, 9999, dtype=np.int16)
    for number, last in ENDED_NUMBERS.items():
        table[number] = last
    return table


def number_ended(side: str) -> pl.Expr:
    """Whether the number of a ``side`` was none any more in the row's ``year``."""
    gone = [
        (pl.col(f"{side}_{how}").str.strip_chars_start("0") == str(one)) & (pl.col("year") > last)
        for how in ("number", "code")
        for one, last in ENDED_NUMBERS.items()
    ]
    return pl.any_horizontal(one.fill_null(value=False) for one in gone)


def codes_of(values: Iterable[str | None]) -> dict[str, str | None]:
    """Each distinct value → our code of it, or ``None`` where we know none.

    Numbers that offices gave up are known too: :func:`number_ended` tells their years.
    """
    found: dict[str, str | None] = {}
    values = set(values)
    ended = {text for text in values if text and text.isascii() and text.isdigit()}
    found |= {t: by_number()[int(t)] for t in ended if int(t) in ENDED_NUMBERS}
    for value in values:
        if value is not None and value not in found:
            try:
                found[value] = country_code(value, trading=False)
            except InputError:
                found[value] = None
    return found


def unlike_number(rows: pl.DataFrame, office: str) -> pl.Expr:
    """Whether a row's ``partner_number`` is that of another country than its ``partner``.

    Told by what is known of an ``office``'s numbers (``customs_numbers.toml``), else by the country
    that most rows have beside the number.
    """
    known: dict[str, str] = kept("customs_numbers")[office]
    beside = rows.select("partner_number", "partner").drop_nulls()
    counts = beside.group_by("partner_number", "partner").len().sort("len", "partner")
    usual = {number: code for number, code, _ in counts.rows()} | known
    partner = pl.col("partner_number").replace_strict(usual, default=None, return_dtype=pl.String)
    return (partner != pl.col("partner")).fill_null(value=False)


def lost_zero(code: str) -> pl.Expr:
    """Whether a product code has 1, 3 or 5 digits: it has lost its leading zero."""
    return pl.col(code).str.contains(r"^(\d|\d{3}|\d{5})$")


def is_group(code: pl.Expr) -> pl.Expr:
    """Whether a code is that of a group of countries, such as the world."""
    return code.is_in(_groups())


def _groups() -> list[str]:
    return [code for code, country in all_countries().items() if country.kind == "aggregate"]


def names_group(text: str) -> bool:
    """Whether a text names a group of countries.

    >>> names_group("欧盟"), names_group("德国")
    (True, False)
    """
    return known_code(text) in _groups()
