"""Months of the United States' trade: the Census Bureau's interface and OTEXA's textile imports.

Tables of the interface (``I_COMMODITY`` of imports, ``E_COMMODITY`` of exports, ``GEN_VAL_MO`` of
the month) saved as CSV or workbook, downloads of USA Trade Online, and OTEXA's tables by category.
Imports are general imports at customs value. Categories of the Multi-Fibre Arrangement are no HS
codes: category 1 is kept as ``mfa1``.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import heading_data, normalise_heading, official
from offing.sources.monthly_rows import Months, months_of, plain_number
from offing.sources.rows import SourceTable, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import codes_of
from offing.terms.errors import InputError

ABOUT = About(
    "us-monthly", ("monthly_reports",), "https://www.census.gov/foreign-trade/data/index.html"
)

WORDS: dict[str, str] = {
    word: way for way, words in heading_data("directions")["us"].items() for word in words
}
"""Words for the side that reports."""
_NAMES = {"burmamyanmar": "MMR", "koreasouth": "KOR", "koreanorth": "PRK"}
"""Names of the Census Bureau that only it uses."""
_TOTALS = (
    r"(?i)^(total|world|all countries)|^(opec|nafta|usmca|apec|asean|oecd|nato|cafta)"
    r"|european union|euro area"
)


def read(
    paths: Sequence[Path],
    staging: Staging,
    *,
    flow: str | None = None,
    cumulated: bool | None = None,
    sheet: str | None = None,
) -> None:
    """Read months of US trade into ``monthly_reports``.

    ``flow`` stands in where no column tells it (OTEXA's are imports); ``cumulated`` as in
    :class:`offing.sources.monthly_rows.Months`.

    Raises:
        InputError: ``sources.which_flow``, ``sources.flow_against``, ``sources.looks_cumulated``,
            or a file that cannot be used.
    """
    months, layout = Months(staging, cumulated), official("us")
    half = layout.fits_half
    for table in tables(paths, staging, half, heading=half, sheet=sheet):
        table.read(layout)
        months.add(table, _rows(table, direction_asked(flow), staging))
    months.write()


def direction_asked(flow: str | None) -> str | None:
    """The side that the user names.

    Raises:
        InputError: ``sources.bad_flow_asked``.
    """
    if flow is None:
        return None
    if flow.strip().lower() not in WORDS:
        raise InputError("sources.bad_flow_asked", text=flow)
    return WORDS[flow.strip().lower()]


def direction(file: SourceTable, asked: str | None) -> pl.Expr:
    """The side of each row, from its column, else what the user said.

    Raises:
        InputError: ``sources.which_flow`` where neither tells.
    """
    if "flow" in file.found:
        return pl.col("flow").str.to_lowercase().replace_strict(WORDS, default=None)
    if asked is None:
        raise InputError("sources.which_flow", where=file.where())
    return pl.lit(asked)


def _side(file: SourceTable, asked: str | None) -> pl.Expr:
    for column, side in (
        ("import_product", "import"),
        ("category", "import"),
        ("export_product", "export"),
    ):
        if column in file.found:
            if asked not in (None, side):
                raise InputError("sources.flow_against", where=file.where(column=column), side=side)
            return pl.lit(side)
    return direction(file, asked)


def _rows(file: SourceTable, asked: str | None, staging: Staging) -> pl.DataFrame:
    raw, found = file.rows, file.found
    if "month" in found and "year" in found:
        text = pl.concat_str(pl.col("year"), pl.lit("-"), pl.col("month"))
    else:
        text = pl.col("period")
    sums = "value" not in found
    file.must_have_points(raw, "value", "value_from_january", "kg", thousands=True)
    rows = raw.with_columns(text.alias("text"), _product(found).alias("product"))
    rows = rows.drop("year", "month").hstack(months_of(rows["text"]))
    partners = rows["partner"].unique()
    known = codes_of(partners)
    own = {
        name: _NAMES[normalise_heading(name)]
        for name in partners.drop_nulls()
        if normalise_heading(name) in _NAMES
    }
    rows = rows.with_columns(
        pl.col("partner").alias("name"),
        pl.col("partner").replace_strict(known | own, return_dtype=pl.String),
        _side(file, asked).alias("direction"),
        plain_number("value_from_january" if sums else "value").alias("value"),
        plain_number("kg").alias("kg"),
    )
    # Groups have a number with signs or zeros at its start, and countries one from 1000 on.
    group = pl.col("partner_number").str.contains(r"^(0|-|\dX)") | pl.col("name").str.contains(
        _TOTALS
    )
    group = group | pl.col("level").is_in(["CGP", "RGN", "TOT"])
    total = pl.col("product").is_in(["", "-"])
    skipped = {"sources.skipped_group": group, "sources.skipped_total": total}
    return staging.without(rows, skipped).with_columns(
        pl.lit("USA").alias("reporter"),
        pl.lit("USD").alias("currency"),
        (pl.col("cumulated") | pl.lit(sums)).alias("cumulated"),
        pl.concat_str(
            pl.col("district").fill_null(""), pl.lit("|"), pl.col("product").fill_null("")
        ).alias("part"),
    )


def _product(found: dict[str, str]) -> pl.Expr:
    """The code, without points and words behind it; a category as ``mfa`` and its number.

    8.52872E+09, which a spreadsheet has made of a code, is none.
    """
    for name in ("import_product", "export_product", "product"):
        if name in found:
            plain = pl.col(name).str.replace_all(r"\.", "").str.extract(r"^(\d+|-)", 1)
            return pl.when(~pl.col(name).str.contains(r"(?i)\dE\+?\d")).then(plain)
    return pl.lit("mfa") + pl.col("category").str.extract(r"^0*(\d+)$", 1)
