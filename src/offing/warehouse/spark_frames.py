"""A frame of Spark looked at by the rules of any other table of the caller's own.

As ``frames.rows_of`` reads and refuses rows here, in its words; counts and some rows come home.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from offing.terms.countries import country_code
from offing.terms.errors import InputError
from offing.terms.frames import kind_of
from offing.terms.messages import join_list
from offing.terms.tables import TABLES
from offing.warehouse.catalog import StoredPart
from offing.warehouse.engine import Work
from offing.warehouse.frames import (
    DATASET,
    KEYS,
    bad_values,
    country_columns,
    is_baci,
    must_be_over,
    must_be_worth_it,
    must_have_columns,
)
from offing.warehouse.spark import TYPES, SparkFlows

NUMBERS = re.compile(r"(tiny|small|big)?int|float|double|decimal.*")
"""Types of Spark that are numbers; a text may hold one, a day or a truth is none."""
NAMES = 10_000
"""Names of countries that a frame may have: there are fewer in all languages."""
LEVELS = """
SELECT product, min(finer) AS finer, count(DISTINCT year, importer, exporter) AS n
FROM {view} JOIN (
    SELECT year, importer, exporter, product AS finer, left(product, 2) AS product
    FROM {view} WHERE length(product) > 2
    UNION ALL SELECT year, importer, exporter, product, left(product, 4)
    FROM {view} WHERE length(product) > 4
) USING (year, importer, exporter, product) GROUP BY product
"""
"""Codes that stand beside finer ones of their own in some flow."""
WEIGHED = 50_000
"""Flows of a frame whose values of a kilogram are looked at."""


def spark_flows(frame: Any, table: str = "flows") -> SparkFlows | None:
    """The rows of a table that are a frame of Spark; they stay where they are.

    Raises:
        InputError: as :func:`offing.warehouse.frames.rows_of`.
        StorageError: ``frames.cluster_failed``.
    """
    if kind_of(frame) != "pyspark":
        return None
    session = frame.sparkSession
    at = session.conf.get("spark.master", "session")
    flows = SparkFlows(session, {}, (), Work(f"Spark {session.version}", at, 0))
    with flows.failures_said():
        if table == "flows" and is_baci(frame.columns):
            frame = _house_columns(frame)
        usual = must_have_columns(table, frame.columns)
        lacking = {n: repr(v) if v else "double(NULL)" for n, v in usual.items()}
        added = (f"{v} AS {n}" for n, v in lacking.items() if n not in frame.columns)
        frame = frame.selectExpr("*", *added)
        kinds, columns = dict(frame.dtypes), TABLES[table].schema.columns()
        cells = {name: _cell(name, column, kinds[name]) for name, column in columns.items()}
        rows = _rows(flows, flows.view_of(frame), cells)
        named = ", ".join(f"{cell} AS {name}" for name, (cell, _) in cells.items())
        view = flows.view_of(session.sql(f"SELECT {named} FROM {rows}"))
    years = _years(flows, table, rows, view, cells)
    flows.work.flows = sum(years.values())
    parts = [StoredPart(table, DATASET, y, "", n, 1) for y, n in years.items()]
    return replace(flows, views={DATASET: view}, parts=tuple(parts))


def _rows(flows: SparkFlows, raw: str, cells: dict[str, tuple[str, str]]) -> str:
    """The rows of a view; where it names countries otherwise, beside the codes of these.

    Raises:
        InputError: ``countries.unknown``, ``countries.aggregate`` and the like.
    """
    sides = country_columns(cells)
    names = " UNION ".join(f"SELECT CAST({s} AS STRING) AS name FROM {raw}" for s in sides)
    seen = flows.rows(f"SELECT * FROM ({names}) LIMIT {NAMES}", [])["name"].drop_nulls()
    codes = {name: country_code(name) for name in seen}
    if all(name == code for name, code in codes.items()):
        return f"{raw} AS raw"
    values = f"VALUES {', '.join(['(?, ?)'] * len(codes))} AS of (name, code)"
    both = [text for names in codes.items() for text in names]
    known = flows.view_of(flows.session.sql(f"SELECT * FROM {values}", args=both))
    rows = f"{raw} AS raw"
    for side in sides:
        cells[side] = f"of_{side}.code", cells[side][1]
        rows += f" LEFT JOIN {known} AS of_{side} ON of_{side}.name = CAST({side} AS STRING)"
    return rows


def _years(
    flows: SparkFlows, table: str, rows: str, view: str, cells: Mapping[str, tuple[str, str]]
) -> dict[int, int]:
    """Year → rows, where all of them fit: as ``frames.rows_of`` looks at a table here."""
    rules = {name: rule for name, (_, rule) in cells.items()}
    bad = [f"sum(CASE WHEN {rule} THEN 0 ELSE 1 END) AS bad_{n}" for n, rule in rules.items()]
    # A report that stands twice is left out where the two sides are laid beside one another.
    keys = [cells[name][0] for name in (KEYS["flows"] if table == "flows" else ())]
    once = f"DISTINCT xxhash64({', '.join(keys[1:])})" if keys else "*"
    seen = flows.rows(
        f"SELECT {cells['year'][0]} AS year, count(*) AS n, count({once}) AS once, "
        f"{', '.join(bad)}, min(length({cells['product'][0]})) AS least, "
        f"max(length({cells['product'][0]})) AS most FROM {rows} GROUP BY 1",
        [],
    ).sort("year")
    if seen.is_empty():
        raise InputError("frames.no_rows", table=table)
    wrong = {name: count for name in rules if (count := int(seen[f"bad_{name}"].sum()))}
    if first := next(iter(wrong), None):
        such = f"FROM {rows} WHERE NOT coalesce({rules[first]}, false) LIMIT 1"
        odd = flows.rows(f"SELECT raw.{first} {such}", [])
        if first == "product" and odd.schema[first].is_numeric():
            raise InputError("frames.codes_as_numbers", column=first, code=str(odd.item()))
        raise bad_values(table, max(wrong.values()), [*wrong], odd)
    if keys:
        _must_be_flows(flows, seen, rows, view, ", ".join(keys))
    return dict(seen.select("year", "n").iter_rows())


def _must_be_flows(flows: SparkFlows, seen: pl.DataFrame, rows: str, view: str, keys: str) -> None:
    twice = int((seen["n"] - seen["once"]).sum())
    if twice:  # so it seems: of thousand million hashes two may be equal by chance
        exact = f"SELECT count(*) - count(DISTINCT {keys}) AS twice FROM {rows}"
        twice = int(flows.rows(exact, []).item())
    if twice:
        named = join_list(KEYS["flows"])
        raise InputError("frames.rows_twice", table="flows", count=twice, keys=named)
    if not seen["least"].equals(seen["most"]):
        levels = flows.rows(LEVELS.format(view=view), []).sort("product")
        if levels.height:
            product, finer, _ = levels.row(0)
            n = int(levels["n"].sum())
            raise InputError("frames.two_levels", count=n, product=product, finer=finer)
    must_be_over(seen["year"])
    some = max(1, int(seen["n"].sum()) // WEIGHED)
    drawn = f"pmod(xxhash64(product, importer, exporter), {some}) = 0"
    must_be_worth_it(flows.rows(f"SELECT * FROM {view} WHERE kg > 0 AND {drawn}", []))


def _house_columns(frame: Any) -> Any:
    """As ``frames`` renames BACI's columns here."""
    kinds = dict(frame.dtypes)
    code = "lpad(CAST(k AS STRING), 6, '0')" if kinds["k"].endswith("int") else "k"
    named = {"t": "year", "i": "exporter", "j": "importer", code: "product"}
    named["try_cast(v AS DOUBLE) * 1000"] = "value_usd"
    if "q" in kinds:
        named["try_cast(q AS DOUBLE) * 1000"] = "kg"
    return frame.selectExpr(*(f"{old} AS {new}" for old, new in named.items()))


def _cell(name: str, column: Any, kind: str) -> tuple[str, str]:
    """The SQL of a column's value in rows named ``raw``, and of whether it fits its schema."""
    raw = f"raw.{name}"
    is_number = NUMBERS.fullmatch(kind)
    value = f"CAST({raw} AS STRING)"
    if name == "product" and is_number:
        value = f"CAST(CAST({raw} AS DECIMAL(20, 2)) AS STRING)".join(("replace(", ", '.00')"))
    rule = f"{raw} IS NOT NULL"
    if column.dtype.is_numeric():
        number = f"try_cast({raw} AS DOUBLE)" if is_number or kind == "string" else "double(NULL)"
        top = "< double('infinity')" if column.max is None else f"<= {column.max}"
        rule, value = f"{number} >= {column.min} AND {number} {top}", f"nanvl({number}, NULL)"
        if column.dtype.is_integer():
            rule += f" AND {number} % 1 = 0"
            value = f"CAST(CASE WHEN {rule} THEN {number} END AS {TYPES[name]})"
        elif column.nullable:
            rule = f"isnan({number}) OR {rule}"
    elif column.dtype == pl.Enum:
        rule = f"{value} IN ({', '.join(map(repr, column.categories))})"
    elif column.regex:
        rule = f"{value} RLIKE '{column.regex}'".replace("\\d", "[0-9]")
    return value, f"{raw} IS NULL OR {rule}" if column.nullable else rule
