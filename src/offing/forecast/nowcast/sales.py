"""Months of sales as arrays: pair × year × month; months that nobody reported are ``nan``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from offing.market.history import Array, Codes

PAIR = ("product", "exporter", "importer")
HALF = 0.5
"""A newest month with fewer flows than this share of those a year before is still coming in."""
_SERIES = ["direction", "reporter", "partner", "code"]


@dataclass(frozen=True)
class Side:
    """What importers, or exporters, report of their months.

    Attributes:
        pairs: the columns of ``PAIR``.
        group: of each pair, its reporter × product.
        years: rising.
        usd: pairs × years × 12; zero where the reporter has the month and the pair sold nothing,
            ``nan`` where the reporter has nothing of the product in the month: that is missing.
    """

    pairs: pl.DataFrame
    group: Codes
    years: tuple[int, ...]
    usd: Array

    def of(self, year: int) -> Array:
        """Pairs × 12; all ``nan`` where nothing of the year is there."""
        if year not in self.years:
            return np.full((len(self.group), 12), np.nan)
        return np.asarray(self.usd[:, self.years.index(year)])


@dataclass(frozen=True)
class MonthlySales:
    """Months of some products, by both sides.

    Of ``sides``, importers' reports are the first, exporters' the second.
    """

    sides: tuple[Side, ...]
    datasets: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, rows: pl.DataFrame, products: Sequence[str], datasets: tuple[str, ...] = ()
    ) -> "MonthlySales":
        """From reports of months.

        Args:
            rows: year, month, direction, reporter, partner, product, value_usd; see
                ``warehouse.monthly``.
            products: codes that are wanted. Where a reporter has not the code itself, the finest
                codes below it are added up.
            datasets: their names.
        """
        whole = _without_unfinished(rows)
        parts = [_of_product(whole, product) for product in products]
        coded = pl.concat(parts) if parts else whole.head(0).with_columns(code=pl.lit(""))
        sides = (_side(coded, direction) for direction in ("import", "export"))
        return cls(tuple(side for side in sides if side is not None), datasets)

    @property
    def years(self) -> tuple[int, ...]:
        """Every year with a month."""
        return tuple(sorted({year for side in self.sides for year in side.years}))

    def whole_years(self) -> pl.DataFrame:
        """Years of which all twelve months are there, added up: year, importer, exporter, product,
        value_usd. Where both sides report a pair in a year, the importer's report counts.
        """
        frames = []
        for side in self.sides:
            sums = side.usd.sum(axis=2)
            at, year = np.nonzero(np.isfinite(sums) & (sums > 0))
            frames.append(
                side.pairs[at].with_columns(
                    year=pl.Series(np.asarray(side.years)[year], dtype=pl.Int32),
                    value_usd=sums[at, year],
                )
            )
        if not frames:
            schema = dict.fromkeys(PAIR, pl.String())
            return pl.DataFrame(schema={**schema, "year": pl.Int32(), "value_usd": pl.Float64()})
        return pl.concat(frames).unique([*PAIR, "year"], keep="first", maintain_order=True)


def _without_unfinished(rows: pl.DataFrame) -> pl.DataFrame:
    """Without a reporter's newest month where it has far fewer flows than a year before."""
    at = pl.col("year") * 12 + pl.col("month")
    by = ["direction", "reporter"]
    counts = rows.group_by(*by, at.alias("at"), maintain_order=True).len()
    newest = counts.filter(pl.col("at") == pl.col("at").max().over(by))
    before = counts.with_columns(pl.col("at") + 12)
    thin = newest.join(before, on=[*by, "at"], suffix="_before").filter(
        pl.col("len") < HALF * pl.col("len_before")
    )
    return rows.with_columns(at=at).join(thin, on=[*by, "at"], how="anti").drop("at")


def _of_product(rows: pl.DataFrame, product: str) -> pl.DataFrame:
    """The rows of a code, else of the finest codes below it that the reporter has."""
    below = rows.filter(pl.col("product").str.starts_with(product))
    digits = pl.col("product").str.len_chars()
    own = (digits == len(product)).any().over("direction", "reporter")
    finest = digits.max().over("direction", "reporter")
    chosen = below.filter(digits == pl.when(own).then(len(product)).otherwise(finest))
    return chosen.with_columns(code=pl.lit(product))


def _side(rows: pl.DataFrame, direction: str) -> Side | None:
    mine = rows.filter(pl.col("direction") == direction)
    if mine.is_empty():
        return None
    pairs = mine.select(_SERIES).unique().sort("code", "reporter", "partner")
    pairs = pairs.with_row_index("pair")
    groups = pairs.select("code", "reporter").unique().sort("code", "reporter")
    groups = groups.with_row_index("group")
    group = pairs.join(groups, on=["code", "reporter"], maintain_order="left")["group"].to_numpy()
    years = tuple(sorted(mine["year"].unique().to_list()))
    placed = mine.join(pairs, on=_SERIES, maintain_order="left")
    at = (
        placed["pair"].to_numpy(),
        np.searchsorted(years, placed["year"].to_numpy()),
        placed["month"].to_numpy() - 1,
    )
    usd = np.zeros((pairs.height, len(years), 12))
    np.add.at(usd, at, placed["value_usd"].to_numpy())
    there = np.zeros((groups.height, len(years), 12), dtype=bool)
    there[group[at[0]], at[1], at[2]] = True
    usd[~there[group]] = np.nan
    buyer, seller = ("reporter", "partner") if direction == "import" else ("partner", "reporter")
    named = pairs.select(product="code", exporter=seller, importer=buyer)
    return Side(named, group.astype(np.int64), years, usd)
