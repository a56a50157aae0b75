"""A warehouse of the caller's own data frames, laid over another one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import exp, log
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.distances import must_be_kilometres
from offing.sources.trade_checks import odd_values, ratios, reversed_flows, this_year
from offing.terms.caution import Caution
from offing.terms.countries import country_code
from offing.terms.errors import InputError, unknown_name
from offing.terms.frames import into_polars, kind_of
from offing.terms.messages import join_list, say
from offing.terms.tables import TABLES
from offing.warehouse.catalog import StoredPart

DATASET = "frame"
"""The data set that the caller's own tables are."""
USUAL = {"observed": "source"}
"""What stands in a needed column that may be left out."""
COUNTRIES = {"importer", "exporter", "reporter", "origin", "destination", "country"}
KEYS = {
    "flows": ["year", "product", "importer", "exporter"],
    "distances": ["origin", "destination"],
}
"""Columns that name a row once: a second row of the same name would count twice."""
BACI = {"t": "year", "i": "exporter", "j": "importer", "k": "product"}
"""Columns of BACI as CEPII gives it, beside ``v`` in thousand USD and ``q`` in tonnes."""


def parts_of_frames(frames: Mapping[str, Any], folder: Path) -> tuple[StoredPart, ...]:
    """Check the frames of some tables and write them into a folder, as parts of a warehouse.

    Flows of Spark are none of them: see :func:`offing.warehouse.spark_frames.spark_flows`.

    Raises:
        InputError: see :func:`rows_of`.
    """
    checked = {
        name: rows_of(name, frame)
        for name, frame in frames.items()
        if name != "flows" or kind_of(frame) != "pyspark"
    }
    return tuple(
        part for name, rows in checked.items() for part in _write_parts(folder, name, rows)
    )


def rows_of(name: str, frame: Any) -> pl.DataFrame:
    """The rows of a table of ``offing.terms.tables``, checked against its columns.

    Columns that the table does not have are left out; those that may be empty can be missing.
    Countries may be codes, numbers or names.

    Raises:
        InputError: ``errors.unknown_name``, ``frames.no_column``, ``frames.codes_as_numbers``,
            ``frames.no_rows``, ``frames.bad_values``, ``frames.rows_twice``,
            ``frames.two_levels``, ``frames.year_to_come``, ``frames.unit_values``,
            ``countries.unknown``.
    """
    if name not in TABLES:
        raise unknown_name(name, TABLES)
    rows = _fitting(name, _complete(name, into_polars(frame)))
    if rows.is_empty():
        raise InputError("frames.no_rows", table=name)
    if (keys := KEYS.get(name)) and (count := rows.height - rows.select(*keys).n_unique()):
        raise InputError("frames.rows_twice", table=name, count=count, keys=join_list(keys))
    if name == "distances":
        must_be_kilometres(rows)
    if name == "flows":
        _must_be_of_one_level(rows)
        must_be_over(rows["year"])
        must_be_worth_it(rows)
    return rows.sort(list(TABLES[name].order))


def _must_be_of_one_level(flows: pl.DataFrame) -> None:
    """Refuse a code beside its own finer codes for the same flow: both would count.

    Raises:
        InputError: ``frames.two_levels``.
    """
    flow = ["year", "importer", "exporter"]
    finer = pl.concat(
        flows.filter(pl.col("product").str.len_chars() > digits)
        .select(*flow, fine="product", product=pl.col("product").str.slice(0, digits))
        .unique([*flow, "product"], keep="any")
        for digits in (2, 4)
    )
    both = flows.join(finer, on=[*flow, "product"]).sort("product", "fine")
    if both.height:
        first = both.row(0, named=True)
        codes = {"product": first["product"], "finer": first["fine"]}
        raise InputError("frames.two_levels", count=both.height, **codes)


def must_be_over(years: pl.Series) -> None:
    """Refuse years that are yet to come.

    Raises:
        InputError: ``frames.year_to_come``.
    """
    last = years.max()
    if isinstance(last, int) and last > this_year():
        raise InputError("frames.year_to_come", year=last)


def must_be_worth_it(flows: pl.DataFrame) -> None:
    """Refuse values and weights that are most likely exchanged, in thousands or in tonnes.

    Raises:
        InputError: ``frames.unit_values``.
    """
    doubtful = odd_values(flows.with_columns(value=pl.col("value_usd")))
    if len(doubtful) > 1:
        odd, *fits = doubtful
        values: dict[str, Any] = {**odd.values, "fits": " ".join(say(fit.key) for fit in fits)}
        raise InputError("frames.unit_values", **values)


def _complete(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the table, in its order."""
    rows = _rename_baci(rows) if name == "flows" else rows
    free = must_have_columns(name, rows.columns)
    columns = TABLES[name].schema.columns()
    for code in {"product", "code"} & (columns.keys() - free.keys()):
        if rows.schema[code].is_numeric():
            rows = rows.with_columns(_as_codes(rows[code]))
    missing = {n: pl.lit(usual) for n, usual in free.items() if n not in rows.columns}
    return rows.with_columns(**missing).select(*columns)


def country_columns(columns: Collection[str]) -> list[str]:
    """Those that name one country each; a partner is one beside a reporter, else also a group."""
    one = COUNTRIES | ({"partner"} if "reporter" in columns else set())
    return [name for name in columns if name in one]


def must_have_columns(name: str, columns: Sequence[str]) -> dict[str, str | None]:
    """The columns of a table that may be missing, with what stands in them then.

    Raises:
        InputError: ``frames.no_column``.
    """
    all_of_it = TABLES[name].schema.columns()
    free = {n: USUAL.get(n) for n, column in all_of_it.items() if column.nullable or n in USUAL}
    needed = [n for n in all_of_it if n not in free]
    if lacking := [n for n in needed if n not in columns]:
        raise InputError(
            "frames.no_column",
            table=name,
            column=join_list(lacking),
            all=join_list(needed),
            others=join_list(free) or "—",
        )
    return free


def is_baci(columns: Sequence[str]) -> bool:
    """Whether columns are BACI's own, and none the house's (Gaulier, Zignago 2010)."""
    return {*BACI, "v"} <= {*columns} and not {*BACI.values()} & {*columns}


def _rename_baci(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with BACI's own columns in the house's; others as they are."""
    if not is_baci(rows.columns):
        return rows
    code = pl.col("product")
    if rows.schema["k"].is_integer():  # all are of six digits, so that a lost zero is known
        code = code.cast(pl.String).str.zfill(6)
    amounts = {"value_usd": pl.col("v") * 1000}
    if "q" in rows.columns:
        amounts["kg"] = pl.col("q").cast(pl.Float64, strict=False) * 1000
    return rows.rename(BACI).with_columns(code, **amounts)


def _as_codes(numbers: pl.Series) -> pl.Series:
    """Codes that a spreadsheet or a data frame made numbers of, as text.

    All levels of the Harmonized System have an even count of digits: an odd one lost its zero.

    Raises:
        InputError: ``frames.codes_as_numbers``.
    """
    texts = numbers.cast(pl.Decimal(38, 2)).cast(pl.String).str.strip_suffix(".00")
    odd = texts.filter((texts.str.len_chars() % 2 == 1) | ~texts.str.contains(r"^\d+$"))
    if odd.len():
        raise InputError("frames.codes_as_numbers", column=numbers.name, code=odd[0])
    return texts


def _fitting(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the types of the table, each value inside its bounds."""
    schema = TABLES[name].schema
    numbers = [n for n, column in schema.columns().items() if column.dtype.is_numeric()]
    kinds = {n: rows.schema[n] for n in numbers}
    no_numbers = [n for n, kind in kinds.items() if kind == pl.Boolean or kind.is_temporal()]
    if no_numbers:
        raise bad_values(name, rows.height, no_numbers, rows.select(pl.all().cast(pl.String)))
    for column in country_columns(rows.columns):
        names = rows[column].cast(pl.String)
        codes = {text: country_code(text) for text in names.drop_nulls().unique()}
        rows = rows.with_columns(names.replace(codes))
    whole = [
        pl.when(pl.col(n) % 1 == 0).then(n).alias(n)
        for n, column in schema.columns().items()
        if column.dtype.is_integer() and rows.schema[n].is_float()
    ]
    good, failure = schema.filter(rows.with_columns(whole), cast=True)
    if bad := rows.height - good.height:
        wrong = list(dict.fromkeys(rule.partition("|")[0] for rule in failure.counts()))
        raise bad_values(name, bad, wrong, failure.invalid())
    return good


def bad_values(table: str, count: int, columns: Sequence[str], rows: pl.DataFrame) -> InputError:
    """The error of rows that do not fit, with the first of their values."""
    first = rows[columns[0]][0] if columns[0] in rows.columns else None
    example = "\N{EM DASH}" if first is None else repr(first)
    values: dict[str, Any] = {"columns": join_list(columns), "example": example}
    return InputError("frames.bad_values", table=table, count=count, **values)


def _write_parts(folder: Path, name: str, rows: pl.DataFrame) -> Iterator[StoredPart]:
    """The rows as Parquet files of the folder, of one year each where the table lies so."""
    slices = rows.partition_by("year", as_dict=True) if TABLES[name].by_year else {(None,): rows}
    for (year,), of_year in slices.items():
        file = f"{name}-{year}.parquet"
        of_year.write_parquet(folder / file)
        yield StoredPart(name, DATASET, year, file, of_year.height, 1)


FAR, ENOUGH = 300.0, 10
"""Times another data set's value of the same flow, and how many such flows tell it."""


def flow_doubts(own: pl.DataFrame, loaded: pl.DataFrame) -> Iterator[Caution]:
    """What is odd in flows of the caller's own: another unit, importers for exporters.

    Args:
        own: the caller's flows of a product.
        loaded: those of it that are loaded.
    """
    flows, others = (some.filter(pl.col("value_usd") > 0) for some in (own, loaded))
    same = ratios(flows, others)
    times = same.median() if len(same) else 0.0
    if len(same) >= ENOUGH and abs(times) > log(FAR):  # type: ignore[arg-type,operator]
        shown = exp(times)  # type: ignore[arg-type]
        text = f"{shown:,.0f}" if shown > 1 else f"{shown:.7f}".rstrip("0")
        yield Caution("frames.far_off", {"times": text, "count": len(same)})
    elif count := reversed_flows(flows, others):
        yield Caution("frames.turned", {"count": count})
