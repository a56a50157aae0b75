"""What answers SQL over tables, here or on a cluster, in words that both know.

Sums in SQL that are the same bytes in any order of the rows, as ``terms.sums`` has them.

A sum of floats hangs on the order in which threads bring the rows; one of whole numbers does not.
Whole dollars and whole parts of a dollar are added apart, in words that DuckDB and Spark both know,
and put together here: how they round a long number to a float is not the same.
"""

from dataclasses import dataclass
from functools import cache

import duckdb
import polars as pl

from offing.terms.frames import UNIT
from offing.terms.messages import say

_UNIT = f"{UNIT / 1e12!r}E12"
_MOST = "9E18"
"""Whole dollars that Spark's ``floor`` has room for; no trade is as large."""


@cache
def duck_of(process: int) -> duckdb.DuckDBPyConnection:
    """The engine of a process (a fork has its own): its start takes longer than a question."""
    engine = duckdb.connect()
    engine.execute("SET enable_progress_bar = false")
    return engine


def sums_sql(column: str = "value_usd") -> str:
    """The columns of a sum of money from 0 on, for :func:`added_up`."""
    parts = f"(({column} - floor({column})) * {_UNIT})"
    rest = f"({parts} - floor({parts}))"
    up = f"CASE WHEN {rest} > 0.5 OR ({rest} = 0.5 AND floor({parts}) % 2 = 1) THEN 1 ELSE 0 END"
    fits = f"CASE WHEN {column} < {_MOST} THEN"
    return (
        f"sum({fits} CAST(floor({column}) AS DECIMAL(19, 0)) END) AS whole, "
        f"sum({fits} CAST(floor({parts}) + {up} AS DECIMAL(14, 0)) END) AS parts, "
        f"sum(CASE WHEN {column} >= {_MOST} THEN {column} END) AS beyond"
    )


def added_up(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the sum ``value_usd``, exact to a trillionth of a dollar, for its columns."""
    whole, parts = (pl.col(name).cast(pl.Int128).fill_null(0) for name in ("whole", "parts"))
    exact = (whole * int(UNIT) + parts).cast(pl.Float64) / UNIT
    return rows.with_columns(value_usd=exact + pl.col("beyond").fill_null(0.0)).drop(
        "whole", "parts", "beyond"
    )


HOME = 5_000_000
"""Rows that an answer may bring home."""
FEW = 100_000_000
"""Flows up to which this machine answers before a cluster has started."""


@dataclass
class Work:
    """What an engine has done since its warehouse was opened.

    Attributes:
        engine: its name and version; empty where it was not asked, since the rows are few.
        at: its address.
        flows: rows that lie there.
        start: seconds until it answered for the first time.
        questions: how many it was asked.
        seconds: of all of them.
        rows: that came home.
        bytes: theirs.
        here: whether all flows were read on this machine, in pieces.
    """

    engine: str
    at: str
    flows: int
    start: float = 0.0
    questions: int = 0
    seconds: float = 0.0
    rows: int = 0
    bytes: int = 0
    here: bool = False

    def __str__(self) -> str:
        if not self.engine:
            return say("engine.few", at=self.at, rows=f"{self.flows:,}", most=f"{HOME:,}")
        told = say(
            "engine.work",
            engine=self.engine,
            at=self.at,
            count=self.questions,
            seconds=f"{self.seconds:.1f}",
            rows=f"{self.rows:,}",
            megabytes=f"{self.bytes / 1e6:,.1f}",
            start=f"{self.start:.1f}",
        )
        more = {"engine.here": self.here, "engine.small": not self.here and self.flows <= FEW}
        for key in (key for key, holds in more.items() if holds):
            told = say("engine.both", told=told, more=say(key, flows=f"{self.flows:,}"))
        return told
