"""UN Comtrade: what each country reports of its trade, imports (CIF) and exports (FOB).

Read by heading, in the legacy layout, that of the v1 interface, and the spellings that people's
own extracts use. Yearly goods trade by HS code; totals, groups of countries and breakdowns that
are in the totals already are left out and counted.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import heading_data, official
from offing.sources.rows import SourceTable, number, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import (
    bad_report,
    bad_year,
    code_of,
    is_group,
    last_year,
    numbers_ended,
    odd_values,
    place_of,
    places,
)
from offing.terms.countries import all_countries
from offing.terms.errors import InputError
from offing.terms.hs import EDITIONS, edition_of
from offing.terms.messages import join_list
from offing.terms.text import Unit, unit_of, units

ABOUT = About("comtrade", ("reports", "flows"), "https://comtradeplus.un.org")

KEY = ("year", "direction", "reporter", "partner", "product")

DIRECTIONS: dict[str, str] = {
    word: way for way, words in heading_data("directions")["comtrade"].items() for word in words
}
_NOT_GIVEN = ("n/a", "na", "nan", "null", "none", "-")
_NOT_COUNTRIES = ("X1", "X2", "XX")
"""Bunkers, free zones, special categories: goods that went to no country."""
_OF_CUSTOMS = {"item": "5", "kg": "8"}
"""Our unit → its code of the World Customs Organization."""


def read(paths: Sequence[Path], staging: Staging, *, edition: str | None = None) -> None:
    """Read Comtrade files into ``reports``.

    ``edition`` is that of the rows that do not tell theirs.

    Raises:
        InputError: ``sources.monthly``, ``sources.not_hs``, or a file that cannot be used.
    """
    filled = edition_of(edition) if edition else None
    files: list[Path] = []
    seen = pl.Series("key", [], dtype=pl.Int64)
    other: InputError | None = None
    layout = official("comtrade")
    for opened in tables(paths, staging, layout.fits_half):
        opened.find(layout)
        file, pieces = opened.file, list[Path]()
        keys = []
        try:
            for piece in opened.pieces():
                rows = _check_piece(opened, piece, filled)
                keys.append(rows.select("row", key=_packed_key()))
                pieces.append(staging.folder / f"checked-{len(files) + len(pieces)}.parquet")
                rows.write_parquet(pieces[-1])
                staging.progress(file.name, 0.8 * opened.share)
        except InputError as error:
            # One file of another kind in a folder does not stop the others.
            if file.named or error.key not in ("sources.monthly", "sources.not_hs"):
                raise
            other = error
            staging.note("sources.other_kind", file=file.name, reason=error.found)
            continue
        seen = _once(opened, pieces, pl.concat(keys), seen)
        files += pieces
    if not files and other is not None:
        raise other
    _write(pl.scan_parquet(files, glob=False), staging)


def _packed_key() -> pl.Expr:
    """The key of a row as one whole number: eight bytes of each row are all that stays in memory.

    A code keeps its length by a one before it.
    """
    place = {code: place_of(code) for code in places()}
    reporter, partner = (
        pl.col(side).replace_strict(place, return_dtype=pl.Int64)
        for side in ("reporter", "partner")
    )
    year = pl.col("year").cast(pl.Int64) * 2 + (pl.col("direction") == "export").cast(pl.Int64)
    code = (pl.lit("1") + pl.col("product")).cast(pl.Int64)
    return ((year * 1_000 + reporter) * 1_000 + partner) * 2_000_000 + code


def _once(
    opened: SourceTable, pieces: Sequence[Path], keys: pl.DataFrame, seen: pl.Series
) -> pl.Series:
    """Put rows aside whose key an earlier row or file has; all keys that were seen by now."""
    again = ~pl.col("key").is_first_distinct() | pl.col("key").is_in(seen.implode())
    twice = pl.col("row").is_in(keys.filter(again)["row"].implode())
    if keys.select(again.any()).item():
        rows = pl.scan_parquet(list(pieces), glob=False).filter(twice).collect()
        opened.quarantine(rows, {"sources.twice": pl.lit(value=True)})
        opened.settle()
        for piece in pieces:
            pl.read_parquet(piece, glob=False).filter(~twice).write_parquet(piece)
    return seen.append(keys["key"])


def _write(rows: pl.LazyFrame, staging: Staging) -> None:
    counted = rows.group_by("edition").len().sort("edition").collect()
    editions = counted.drop_nulls()
    if editions.height > 1:
        counts = join_list(f"HS {name}: {count:,}" for name, count in editions.iter_rows())
        staging.note("sources.editions_mixed", counts=counts)
    if missing := int(counted.filter(pl.col("edition").is_null())["len"].sum()):
        staging.note("sources.editions_not_given", count=missing)
    valued = rows.select("year", "product", "kg", value="value_usd")
    staging.notes += odd_values(valued.collect())
    years = rows.select(pl.col("year").unique().sort()).collect()["year"].to_list()
    for done, year in enumerate(years, start=1):
        of_it = rows.filter(pl.col("year") == year).drop("row").collect()
        staging.frame("reports", of_it, year=year)
        staging.progress(str(year), 0.8 + 0.2 * done / len(years))


def encode_rows(
    table: SourceTable, piece: pl.DataFrame, kind: str, other: pl.Expr, *columns: pl.Expr
) -> pl.DataFrame:
    """The rows with their flow, countries and value; those that are no flow are left out.

    Args:
        table: the file.
        piece: its rows.
        kind: the refusal of rows of which ``other`` holds: of another kind of file.
        other: whether a row is of another frequency.
        columns: further ones.

    Raises:
        InputError: ``kind``, or ``sources.not_hs``.
    """
    # Years and codes that went through a column of floats end in .0
    floats = ("year", "period", "month", "product", "reporter_number", "partner_number")
    piece = piece.with_columns(pl.col(floats).str.replace(r"\.0+$", ""))
    _must_be(table, piece, kind, other)
    table.must_have_points(piece, "value", "kg", "quantity", "other_quantity")
    sides = [
        pl.col(column).str.to_lowercase().replace_strict(DIRECTIONS, default=None)
        for column in ("flow", "flow_words")
    ]
    rows = piece.with_columns(
        sides[0].alias("direction"),
        (sides[0] != sides[1]).fill_null(value=False).alias("other_flow"),
        country_of(piece, "reporter"),
        country_of(piece, "partner"),
        number("value").alias("value"),
        *columns,
    )
    return _left_out(table.staging, rows)


def _check_piece(opened: SourceTable, piece: pl.DataFrame, edition: str | None) -> pl.DataFrame:
    """The good rows of a piece in the columns of ``reports``, with ``row``."""
    period = pl.col("period").str.len_chars() > 4
    monthly = pl.col("frequency").str.to_uppercase().is_in(["M", "Q"]) | period
    rows = encode_rows(
        opened,
        piece,
        "sources.monthly",
        monthly,
        pl.coalesce("year", pl.col("period").str.slice(0, 4)).cast(pl.Int16, strict=False),
        (pl.col("year") != pl.col("period").str.slice(0, 4)).alias("other_period"),
        _edition(piece, edition).alias("edition"),
        *_quantities(),
    )
    good = opened.quarantine(
        rows,
        {
            "sources.bad_year": bad_year(),
            "sources.two_years": pl.col("other_period").fill_null(value=False),
            **bad_report(r"^(\d\d){1,3}$"),
            "sources.two_flows": pl.col("other_flow"),
            "sources.dissolved_country": _is_dissolved() | numbers_ended(),
            "sources.bad_quantity": pl.col("bad_quantity"),
        },
    )
    return good.select(
        "row",
        *KEY,
        "edition",
        pl.col("value").alias("value_usd"),
        # Zero is how offices write that they do not know.
        pl.coalesce(above_zero("kg_number"), _quantity_in_unit("kg")).alias("kg"),
        _quantity_in_unit("item").alias("items"),
    )


def _is_dissolved() -> pl.Expr:
    """Whether one of the two countries was no more in the row's year."""
    kinds = {code: last_year(code) for code in all_countries()}
    last = [
        pl.col(side).replace_strict(kinds, default=9999, return_dtype=pl.Int32)
        for side in ("reporter", "partner")
    ]
    return pl.col("year") > pl.min_horizontal(last)


def _must_be(file: SourceTable, rows: pl.DataFrame, key: str, other_period: pl.Expr) -> None:
    """Stop at data of another kind: they would be counted twice or mean other goods."""
    named = pl.col("classification")
    not_hs = ~named.str.to_uppercase().is_in([*EDITIONS, "HS"])
    not_hs &= ~named.str.contains(r"^(?i)(HS)?\d{2,4}$")
    kinds = ((key, "period", other_period), ("sources.not_hs", "classification", not_hs))
    for reason, column, bad in kinds:
        found = rows.filter(bad).head(1)
        if found.height:
            where = file.where(found["row"][0], column)
            raise InputError(reason, where=where, value=found[column][0])


def country_of(piece: pl.DataFrame, side: str) -> pl.Expr:
    """Our code, from the code, the number or the name; ``?`` where two of them disagree.

    Names of countries that are no more, and of areas, are written in too many ways to be held
    against a code.
    """
    columns = [f"{side}_{how}" for how in ("code", "number", "name")]
    found = [code_of(piece, column) for column in columns]
    lasting = [code for code, one in all_countries().items() if one.kind == "country"]
    named = found[2].is_in(lasting) & (pl.coalesce(found[:2]) != found[2])
    named &= pl.coalesce(found[:2]).is_in(lasting)
    differ = ((found[0] != found[1]) & ~is_group(found[0])) | named.fill_null(value=False)
    return pl.when(differ).then(pl.lit("?")).otherwise(pl.coalesce(found)).alias(side)


def _edition(piece: pl.DataFrame, filled: str | None) -> pl.Expr:
    """The edition year; ``HS``, as reported, tells none."""
    known: dict[str, str | None] = {}
    for said in piece["classification"].drop_nulls().unique():
        try:
            known[said] = edition_of(said)
        except InputError:
            known[said] = None
    edition = pl.col("classification").replace_strict(known, return_dtype=pl.String)
    return edition.fill_null(pl.lit(filled, pl.String))


def _quantities() -> list[pl.Expr]:
    """Numbers of the three quantity columns, and whether one is negative or no number."""
    columns = ("kg", "quantity", "other_quantity")
    bad = [
        (number(column).is_null() | (number(column) < 0))
        & pl.col(column).is_not_null()
        & ~pl.col(column).str.to_lowercase().is_in(_NOT_GIVEN)
        for column in columns
    ]
    return [
        *(number(column).alias(f"{column}_number") for column in columns),
        pl.any_horizontal(bad).fill_null(value=False).alias("bad_quantity"),
    ]


def above_zero(column: str) -> pl.Expr:
    """The column's values above zero; others are null."""
    return pl.when(pl.col(column) > 0).then(pl.col(column))


def _quantity_in_unit(ours: Unit) -> pl.Expr:
    """The quantity, or the other one, that is in a unit of ours."""
    names = [_OF_CUSTOMS[ours], *(name for name in units() if unit_of(name) == ours)]
    return pl.coalesce(
        pl.when(
            pl.col(unit).str.to_lowercase().is_in(names) | pl.col(f"{unit}_number").is_in(names)
        ).then(above_zero(f"{quantity}_number"))
        for quantity, unit in (("quantity", "unit"), ("other_quantity", "other_unit"))
    )


_IS_PART = (
    ~pl.col("second_partner").is_in(["0", "W00", "WLD"])
    | ~pl.col("customs").is_in(["C00", "0"])
    | (pl.col("transport") != "0")
    | (pl.col("supply") != "0")
).fill_null(value=False)
"""Whether a row is of one transport mode, customs procedure or second partner alone."""


def _left_out(staging: Staging, rows: pl.DataFrame) -> pl.DataFrame:
    """Count and drop rows that are right but are no flow between two countries."""
    skipped = {
        "sources.skipped_services": pl.col("kind").str.to_uppercase() == "S",
        "sources.skipped_flow": pl.col("direction") == "other",
        "sources.skipped_total": pl.col("product").str.to_uppercase() == "TOTAL",
        "sources.skipped_group": is_group(pl.col("reporter")) | is_group(pl.col("partner")),
        "sources.skipped_breakdown": _IS_PART,
        "sources.skipped_no_country": pl.col("partner").is_in(_NOT_COUNTRIES)
        | pl.col("reporter").is_in(_NOT_COUNTRIES),
        "sources.skipped_returned": (pl.col("reporter") == pl.col("partner"))
        & (pl.col("reporter") != "?"),
    }
    return staging.without(rows, skipped)
