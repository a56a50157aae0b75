"""Flows in a data frame of Spark: added up on its cluster; answers come home.

The only file that knows Spark. It takes the frame's own session and never stops it; nothing of it
needs more than Spark Connect has. The cluster is never chosen here: who hands over a frame has one.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from offing.sources.trade_checks import this_year
from offing.terms.errors import InputError, StorageError
from offing.terms.frames import into_polars
from offing.terms.messages import enumerated
from offing.terms.tables import Flows
from offing.warehouse.catalog import StoredPart

HOME = 5_000_000
"""Rows that an answer may bring home."""
TYPES = {"year": "SMALLINT", "value_usd": "DOUBLE", "cif_usd": "DOUBLE", "kg": "DOUBLE"}
TYPES["items"] = "DOUBLE"
USUAL = {"observed": "'source'"}
KEYS = ("year", "product", "importer", "exporter")
GOOD = {
    "year": "year BETWEEN 1900 AND 2100",
    "product": "product RLIKE '^([0-9]{2}|[0-9]{4}|[0-9]{6})$'",
    "importer": "importer RLIKE '^[A-Z0-9]{3}$'",
    "exporter": "exporter RLIKE '^[A-Z0-9]{3}$'",
    "value_usd": "value_usd >= 0 AND value_usd < double('infinity')",
}
"""What a row needs; countries are codes of three letters, for no names are looked up there."""


@dataclass(frozen=True)
class SparkFlows:
    """Flows on a cluster, looked at once.

    Attributes:
        session: the frame's own.
        view: the name under which SQL finds them.
        parts: their years, with the rows of each.
    """

    session: Any
    view: str
    parts: tuple[StoredPart, ...]

    @classmethod
    def of(cls, frame: Any, dataset: str) -> "SparkFlows":
        """The flows of a data frame in the columns of ``Flows``, but those that may be empty.

        Raises:
            InputError: ``frames.no_column``, ``frames.no_rows``, ``frames.bad_values``,
                ``frames.rows_twice``, ``frames.year_to_come``.
            StorageError: ``frames.cluster_failed``.
        """
        needed = [*KEYS, "value_usd"]
        free = [name for name in Flows.columns() if name not in needed]
        if lacking := [name for name in needed if name not in frame.columns]:
            names, others = enumerated(needed), enumerated(free)
            raise InputError(
                "frames.no_column",
                table="flows",
                column=enumerated(lacking),
                all=names,
                others=others,
            )
        columns = [
            f"CAST({name if name in frame.columns else USUAL.get(name, 'NULL')} "
            f"AS {TYPES.get(name, 'STRING')}) AS {name}"
            for name in Flows.columns()
        ]
        flows = cls(frame.sparkSession, f"offing_{uuid.uuid4().hex}", ())
        frame.selectExpr(*columns).createOrReplaceTempView(flows.view)
        years = flows._looked_at()
        parts = [StoredPart("flows", dataset, y, "", n, 1) for y, n in years.items()]
        return cls(flows.session, flows.view, tuple(parts))

    def _looked_at(self) -> dict[int, int]:
        """Year → rows, where all of them fit: one pass of the cluster."""
        bad = {
            name: f"sum(CASE WHEN coalesce({rule}, false) THEN 0 ELSE 1 END) AS bad_{name}"
            for name, rule in GOOD.items()
        }
        names = ", ".join(KEYS[1:])
        seen = self.rows(
            f"SELECT year, count(*) AS n, count(DISTINCT {names}) AS flows, "
            f"{', '.join(bad.values())} FROM {self.view} GROUP BY year ORDER BY year",
            [],
        )
        if seen.is_empty():
            raise InputError("frames.no_rows", table="flows")
        wrong = {name: int(seen[f"bad_{name}"].sum()) for name in GOOD}
        if columns := [name for name, count in wrong.items() if count]:
            (first, *_), count = columns, max(wrong.values())
            example = self.rows(
                f"SELECT {first} FROM {self.view} WHERE NOT coalesce({GOOD[first]}, false) LIMIT 1",
                [],
            ).item()
            raise InputError(
                "frames.bad_values",
                table="flows",
                count=count,
                columns=enumerated(columns),
                example=repr(example),
            )
        if twice := int((seen["n"] - seen["flows"]).sum()):
            raise InputError("frames.rows_twice", table="flows", count=twice, keys=enumerated(KEYS))
        if (last := seen["year"][-1]) > this_year():
            raise InputError("frames.year_to_come", year=last)
        return dict(seen.select("year", "n").iter_rows())

    def source(self, years: Iterable[int] | None = None) -> str:
        """The view, or some years of it."""
        if years is None:
            return self.view
        return f"(SELECT * FROM {self.view} WHERE year IN ({', '.join(map(str, years))}))"

    def has(self, sql: str) -> bool:
        """Whether a statement asks for the view."""
        return self.view in sql

    def rows(self, sql: str, parameters: Sequence[Any]) -> pl.DataFrame:
        """The rows of a statement.

        Raises:
            InputError: ``frames.too_much`` where more than ``HOME`` would come home,
                ``frames.needs_pyarrow``.
            StorageError: ``frames.cluster_failed``.
        """
        from pyspark.errors import PySparkException

        try:
            answer = self.session.sql(sql, args=list(parameters)).limit(HOME + 1)
            rows = into_polars(answer)
        except PySparkException as error:
            reason = str(error).strip().splitlines()[0][:200]
            raise StorageError("frames.cluster_failed", reason=reason) from error
        if rows.height > HOME:
            raise InputError("frames.too_much", most=f"{HOME:,}")
        return rows
