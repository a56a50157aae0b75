"""What the months of a year tell of its whole, pair by pair.

With Y the months 1..m of the year, Y' the same months of the year before and M' that whole year::

    whole year ≈ last whole year · Y / Y'

which a season that comes back every year does not disturb. A pair that did not sell in those months
of last year has no such ratio: its months are raised by the season of all that its reporter traded
of the product. One that has sold nothing so far may still sell what it sold in the rest of last
year. ``habit`` says how steadily a pair sold last year: 1/Σ shares², the effective number of months
(inverse Herfindahl index), 12 for equal months and 1 for a single one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import polars as pl

from offing.estimators import TINY
from offing.market.history import Array, Codes, Mask

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
        whole = _drop_unfinished_months(rows)
        parts = [_product_rows(whole, product) for product in products]
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


def _drop_unfinished_months(rows: pl.DataFrame) -> pl.DataFrame:
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


def _product_rows(rows: pl.DataFrame, product: str) -> pl.DataFrame:
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


STEADY, UNEVEN, LUMPY, BEGAN, SILENT, EMPTY = range(6)
"""What the months show: growth of a flow of one of three habits, sales where there were none in
these months of last year, none where there were, and none in either."""
KINDS = 6
HABITS = 4
"""``STEADY``, ``UNEVEN``, ``LUMPY``, and no sales last year."""
EFFECTIVE_MONTHS = (8.0, 4.0)
"""At least so many for ``STEADY``, and for ``UNEVEN``."""


@dataclass(frozen=True)
class Signals:
    """Of pairs, each once.

    Attributes:
        pairs: the columns of ``PAIR``.
        ahead: years from the base year to the year of the months.
        months: so many of that year are known.
        kind: ``STEADY`` … ``EMPTY``.
        habit: ``STEADY``, ``UNEVEN``, ``LUMPY`` or 3, no sales in the year before.
        ratio: the whole year over the base year; ``nan`` where only ``raised`` tells.
        raised: the whole year in USD, from the months alone.
        sold: months seen, USD.
        whole: the base year by its months, USD.
    """

    pairs: pl.DataFrame
    ahead: Codes
    months: Codes
    kind: Codes
    habit: Codes
    ratio: Array
    raised: Array
    sold: Array
    whole: Array

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: Codes | Mask) -> "Signals":
        """Some of the pairs."""
        columns = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "pairs"}
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        return replace(self, pairs=self.pairs[at], **columns)

    @cached_property
    def rows_by_product(self) -> dict[str, Codes]:
        """Product → its rows."""
        rows = self.pairs.with_row_index("row").group_by("product", maintain_order=True)
        return {str(key[0]): group["row"].to_numpy().astype(np.int64) for key, group in rows}

    def level(self, base: Array) -> Array:
        """The whole year that the months point to, USD; ``base`` is the base year's sales."""
        grown = np.isfinite(self.ratio) & (base > 0)
        return np.where(grown, base * np.where(grown, self.ratio, 0.0), self.raised)

    def already(self, base: Array) -> Array:
        """What is sold already, on the scale of the yearly data, USD."""
        both = (base > 0) & (self.whole > 0)
        scale = np.divide(base, self.whole, out=np.ones(len(base)), where=both)
        return self.sold * scale


def signals(sales: MonthlySales, base_year: int, year: int, most: int = 12) -> Signals | None:
    """What the months of one year tell, seen from a base year before it.

    ``base_year`` is the last year whose whole is known from yearly data; ``most`` months are looked
    at, those of a vintage.
    """
    parts = [
        part
        for side in sales.sides
        if (part := _signals_of_side(side, base_year, year, most)) is not None and len(part)
    ]
    return _join_signals(parts) if parts else None


def newest_signals(sales: MonthlySales, base_year: int) -> Signals | None:
    """The newest that the months tell of each pair, beyond the base year."""
    later = [year for year in sales.years if year > base_year]
    parts = [part for year in later if (part := signals(sales, base_year, year)) is not None]
    return _join_signals(parts) if parts else None


def _join_signals(parts: list[Signals]) -> Signals:
    """Each pair once: the newest month, the importer's report of two."""
    whole = Signals(
        pl.concat([part.pairs for part in parts]),
        *(
            np.concatenate([getattr(part, f.name) for part in parts])
            for f in fields(Signals)
            if f.name != "pairs"
        ),
    )
    newest = np.lexsort((np.arange(len(whole)), -whole.months, -whole.ahead))
    ordered = whole.take(newest)
    first = ordered.pairs.select(pl.struct(PAIR).is_first_distinct()).to_series().to_numpy()
    return ordered.take(first)


def habits(last: Array) -> Codes:
    """How steadily pairs sold in a year, from its months."""
    whole, squares = last.sum(axis=1), (last**2).sum(axis=1)
    steady = np.divide(whole**2, squares, out=np.zeros(len(last)), where=squares > 0)
    return np.select(
        [whole <= 0, steady >= EFFECTIVE_MONTHS[0], steady >= EFFECTIVE_MONTHS[1]],
        [HABITS - 1, STEADY, UNEVEN],
        LUMPY,
    ).astype(np.int64)


def run(year: Array, most: int) -> Codes:
    """How many months from January on are known without a gap."""
    reported = np.isfinite(year[:, :most])
    return np.asarray(np.cumprod(reported, axis=1).sum(axis=1), dtype=np.int64)


def _signals_of_side(side: Side, base_year: int, year: int, most: int) -> Signals | None:
    now, last, base = side.of(year), side.of(year - 1), side.of(base_year)
    months = run(now, most)
    usable = (months > 0) & np.isfinite(last).all(axis=1) & np.isfinite(base).all(axis=1)
    if not usable.any():
        return None
    now, last, base, months = now[usable], last[usable], base[usable], months[usable]
    group = side.group[usable]
    seen = np.arange(12)[None, :] < months[:, None]
    sold, then = np.where(seen, now, 0.0).sum(axis=1), np.where(seen, last, 0.0).sum(axis=1)
    year_before, whole = last.sum(axis=1), base.sum(axis=1)
    season = np.bincount(group, year_before)[group] / np.maximum(
        np.bincount(group, then)[group], TINY
    )
    # A group that sold nothing in these months of last year has no season: twelfths then.
    season = np.where(season < 1e6, season, 12 / months)
    habit = habits(last)
    kind = np.select(
        [(sold > 0) & (then > 0), sold > 0, year_before > 0], [habit, BEGAN, SILENT], EMPTY
    ).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = sold / then
        rest = (year_before - then) / year_before
        since = year_before / whole
        pace = np.select([kind < BEGAN, kind == SILENT], [grown, rest], np.nan)
        ratio = np.where(whole > 0, since * pace, np.nan)
        alone = np.select(
            [kind < BEGAN, kind == SILENT], [year_before * grown, year_before - then], sold * season
        )
    return Signals(
        side.pairs.filter(pl.Series(usable)),
        np.full(len(months), year - base_year),
        months,
        kind,
        habit,
        ratio,
        alone,
        sold,
        whole,
    )
