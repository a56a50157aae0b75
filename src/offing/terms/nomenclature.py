"""The nomenclature of the Harmonized System in its newest edition, in English."""

from functools import cache
from typing import TYPE_CHECKING

from offing.terms.shipped import shipped_table

if TYPE_CHECKING:  # who reads a study's file must not wait for Polars
    import polars as pl


@cache
def nomenclature() -> dict[str, str]:
    """Code of two, four or six digits → what it is.

    Source: datasets/harmonized-system (public domain), after the United Nations' list.

    >>> nomenclature()["851713"]
    'Telephone sets; smartphones for cellular or other wireless networks'
    """
    return dict(_rows().select("code", "name").iter_rows())


def words_abroad() -> dict[str, str]:
    """Code of six digits → the words of the United States' lines below it (USITC, 2025)."""
    rows = _rows().select("code", "us").iter_rows()
    return {code: words for code, words in rows if words}


@cache
def _rows() -> "pl.DataFrame":
    return shipped_table("offing.terms", "data/hs_nomenclature.parquet")
