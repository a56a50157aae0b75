"""Lines of a tariff in the columns of ``DutyLines``, whoever publishes them."""

from datetime import date

import polars as pl

from offing.sources.trade_checks import unlike
from offing.terms.countries import countries_by_number
from offing.terms.tables import TABLES

EUROPEAN_UNION = {918: "EUR"}
"""The number of TRAINS and of the WTO that is no country's."""


def duty_lines(
    rows: pl.DataFrame, regime: str | pl.Expr = "mfn", **columns: str | date | pl.Expr | None
) -> pl.DataFrame:
    """Rows of a tariff as lines of duty.

    Args:
        rows: with the columns that are not said beside; what is in neither is null.
        regime: the duty regime of the lines.
        columns: of the lines, as a value for all or an expression.
    """
    said = {"regime": regime, **columns}
    lines = []
    for name, kind in TABLES["duty_lines"].schema.create_empty().schema.items():
        value = said.get(name, pl.col(name) if name in rows.columns else None)
        lines.append((value if isinstance(value, pl.Expr) else pl.lit(value, kind)).alias(name))
    return rows.select(lines)


def until_the_next(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that each hold until a later one of the same goods begins."""
    key = ["importer", "regime", "code", "partner"]
    ordered = lines.sort(*key, "since", maintain_order=True)
    return ordered.with_columns(until=pl.col("since").shift(-1).over(key))


def bad_code(pattern: str) -> pl.Expr:
    """Whether ``code`` is none of the tariff's."""
    return unlike("code", pattern)


def importer_of(column: str) -> pl.Expr:
    """Our code of an importer or partner, from its number in TRAINS."""
    number = pl.col(column).cast(pl.Int32, strict=False)
    places = countries_by_number() | EUROPEAN_UNION
    return number.replace_strict(places, default=None, return_dtype=pl.String)


def bad_year() -> pl.Expr:
    """Whether ``year`` is none of a tariff."""
    return ~pl.col("year").is_between(1988, 2100).fill_null(value=False)


def percent_text(column: str) -> pl.Expr:
    """A rate with no digit too many: 12.5, 0."""
    return pl.col(column).round(4).cast(pl.String).str.replace(r"\.0$", "")
