"""Where a region's exports stand: by product and market, a year before, and in the country's.

A row of the file counts for its product at so many digits of its code. What is compared are the
last year and the one before, over the months that both have.

What of a change is price and what is quantity (价格与数量因素分解) is computed by the additive
logarithmic mean Divisia index: each cell's change in value is its logarithmic mean value, times the
log change of its price and of its quantity. Nothing is left over, and the parts change sign when
the two years change places. Ang (2005), "The LMDI approach to decomposition analysis: a practical
guide", Energy Policy 33(7):867-871, equations 3 to 6; Vartia (1976).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

import polars as pl

from offing.ladders.own_sales import Month, compared_months, concentration, whole_months

CELL = ("product", "market", "unit")
LEAST_COUNTED = 0.99
"""Of the value, what has a quantity where a unit value may be computed."""
MEASURES = {"item": "items", "kg": "kg"}
"""Our units, and the column of ``Flows`` that has them."""


NEARLY_ALL = 10
"""Months of a year with exports; January and February are at times reported as one."""
PERIODS = ({3, 6, 9, 12}, {6, 12})
"""The months in which quarters and halves of a year end."""


@dataclass(frozen=True)
class ExportDecomposition:
    """A region's exports.

    Attributes:
        year: the last one.
        months: of it and of the year before, the first and the last; ``None`` where the file has
            one year only, and nothing is compared.
        lacking: (year, month) that the file lacks, of all its years.
        cells: ``product``, ``market``, ``unit``; ``now`` and ``before`` in USD, ``units_now``,
            ``units_before``, and the parts of the change
            (:func:`offing.ladders.standing.price_and_quantity`).
        full: calendar years that the file has from January to December.
    """

    year: int
    months: tuple[int, int] | None
    cells: pl.DataFrame
    full: tuple[int, ...]
    lacking: tuple[Month, ...] = ()

    @property
    def without(self) -> tuple[int, ...]:
        """Months that this year or the one before lacks: they count in neither."""
        two = (self.year, self.year - 1)
        return tuple(sorted({month for year, month in self.lacking if year in two}))

    def by(self, *names: str) -> pl.DataFrame:
        """The sums of ``now``, ``before`` and the parts by some columns, the largest first."""
        columns = [pl.col(name) for name in ("now", "before", *PARTS)]
        sums = self.cells.group_by(names).agg(
            pl.when(column.is_not_null().any()).then(column.sum()) for column in columns
        )
        return sums.sort(["now", *names], descending=[True, *(False for _ in names)])

    def total(self, column: str) -> float:
        """The sum of a column over all cells, USD."""
        return fsum(self.cells[column].drop_nulls().to_list())

    @property
    def concentration(self) -> float:
        """Herfindahl-Hirschman index of the markets, 0 to 1 (市场集中度)."""
        return concentration(self.by("market")["now"].to_list())


def standing(
    lines: pl.DataFrame,
    *,
    digits: int,
    covers: tuple[date, date] | None = None,
    lacking: Sequence[Month] = (),
) -> ExportDecomposition:
    """The exports of the last year and of the one before.

    Args:
        lines: sales with ``on``, ``product``, ``market``, ``unit``, ``quantity`` and ``usd``.
        digits: of the product codes told, 2, 4 or 6.
        covers: first and last day of the whole file; those of the lines where left out.
        lacking: months in between that the whole file lacks.
    """
    rows = lines.with_columns(
        pl.col("product").str.slice(0, digits),
        year=pl.col("on").dt.year().cast(pl.Int64),
        month=pl.col("on").dt.month().cast(pl.Int64),
    )
    begins, ends = whole_months(lines, covers)
    year = ends[0]
    months = compared_months(begins, ends).get(year)
    first, last = months or (1, 12)
    gaps = [month for of, month in lacking if of in (year, year - 1)] if months else []
    some = rows.filter(pl.col("month").is_between(first, last), ~pl.col("month").is_in(gaps))
    some = _measure_uncounted(some)
    now, before = pl.col("year") == year, pl.col("year") == year - 1
    cells = some.filter(now | before).group_by(CELL).agg(
        now=pl.col("usd").filter(now).sum(),
        before=pl.col("usd").filter(before).sum(),
        units_now=_units(now),
        units_before=_units(before),
    )  # fmt: skip
    inside = (y for y in range(begins[0], year + 1) if (y, 1) >= begins and (y, 12) <= ends)
    of_years = covers is not None and covers[0].month == 1
    full = tuple(
        y
        for y in inside
        if _is_full(rows.filter(pl.col("year") == y), of_years) and y not in dict(lacking)
    )
    return ExportDecomposition(
        year, months, price_and_quantity(cells.sort(CELL)), full, tuple(lacking)
    )


def _measure_uncounted(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a value and no quantity stand in the unit of their flow's largest counted row."""
    uncounted, value = pl.col("quantity") == 0, pl.col("usd").abs()
    usual = pl.col("unit").sort_by(pl.when(uncounted).then(-1.0).otherwise(value)).last()
    unit = pl.when(uncounted).then(usual.over("product", "market")).otherwise("unit")
    return rows.with_columns(unit=unit)


def _units(of: pl.Expr) -> pl.Expr:
    """The quantity of some rows; not known where over a hundredth of the value has none."""
    value, counted = pl.col("usd").abs(), pl.col("quantity") != 0
    known = value.filter(of & counted).sum() >= LEAST_COUNTED * value.filter(of).sum()
    return pl.when(known).then(pl.col("quantity").filter(of).sum())


def _is_full(rows: pl.DataFrame, of_years: bool) -> bool:
    """Whether rows of nearly all months are there, or of all quarters, halves or the year."""
    months = frozenset(rows["month"].to_list())
    return len(months) >= NEARLY_ALL or months in PERIODS or (of_years and months == {12})


def region_shares(
    rows: pl.DataFrame, year: int, flows_of: Callable[[str], pl.DataFrame | None], origin: str
) -> pl.DataFrame:
    """The region's part of its country's exports of a year, by product and market.

    Args:
        rows: the region's sales of that year: ``product``, ``market``, ``unit``, ``quantity``,
            ``usd``.
        year: a calendar year that both have whole.
        flows_of: code → its ``Flows``, ``None`` where there are none.
        origin: the country, alpha-3.

    Returns:
        ``product``, ``market``, ``sold`` (USD), ``country`` (USD free on board), ``share`` of it,
        and ``price_beside``: the region's unit value over the country's, where both have one in
        the unit of the region's largest sales. Where only the country sells, ``sold`` is 0.
    """
    parts = []
    for (code,), mine in rows.partition_by("product", as_dict=True, maintain_order=True).items():
        flows = flows_of(str(code))
        if flows is None:
            continue
        ours = flows.filter((pl.col("exporter") == origin) & (pl.col("year") == year))
        if not ours.is_empty():
            parts.append(_product_shares(str(code), mine, ours))
    schema = {"product": pl.String, "market": pl.String, "sold": pl.Float64,
              "country": pl.Float64, "share": pl.Float64, "price_beside": pl.Float64}  # fmt: skip
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _product_shares(code: str, mine: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    units = mine.group_by("unit").agg(pl.col("usd").sum()).sort(["usd", "unit"], descending=True)
    unit = units["unit"][0]
    measure = MEASURES.get(unit)
    sold = mine.group_by("market").agg(
        sold=pl.col("usd").sum(),
        usd=pl.col("usd").filter(pl.col("unit") == unit, pl.col("quantity") != 0).sum(),
        units=pl.col("quantity").filter(pl.col("unit") == unit).sum(),
    )
    units_of = pl.col(measure) if measure else pl.lit(None, pl.Float64)
    has_units = pl.col("counted") > 0
    country = (
        ours.with_columns(counted=units_of)
        .group_by(market=pl.col("importer"))
        .agg(
            country=pl.col("value_usd").sum(),
            measured=pl.col("value_usd").filter(has_units).sum(),
            counted=pl.col("counted").filter(has_units).sum(),
        )
    )
    both = country.join(sold, on="market", how="left").fill_null(0.0)
    priced = (pl.col("units") > 0) & (pl.col("usd") > 0) & (pl.col("counted") > 0)
    own, theirs = pl.col("usd") / pl.col("units"), pl.col("measured") / pl.col("counted")
    return both.sort("market").select(
        pl.lit(code).alias("product"),
        "market",
        "sold",
        "country",
        share=pl.when(pl.col("country") > 0, pl.col("sold") >= 0).then(
            pl.col("sold") / pl.col("country")
        ),
        price_beside=pl.when(priced).then(own / theirs),
    )


PARTS = ("price", "quantity", "begun", "ended", "unmeasured")
"""Of a change, in USD: of price, of quantity, of cells without sales before, without sales now, and
of cells whose quantity is not known in both years, or that have more back than sold."""


def price_and_quantity(cells: pl.DataFrame) -> pl.DataFrame:
    """Each cell with its parts; their sums over any group are that group's.

    Args:
        cells: ``before``, ``now`` in USD, ``units_before``, ``units_now``; a cell is goods that
            are alike, such as a product in one market and unit.

    Returns:
        The same with :data:`PARTS`, which add up to ``now - before`` in each cell; ``price`` and
        ``quantity`` are missing where it is ``unmeasured``.

    >>> cell = {"before": [100.0], "now": [150.0], "units_before": [10.0], "units_now": [10.0]}
    >>> price_and_quantity(pl.DataFrame(cell)).select("price", "quantity").row(0)
    (50.0, 0.0)
    """
    before, now = pl.col("before"), pl.col("now")
    moved = now - before
    begun, ended = (before == 0) & (now > 0), (before > 0) & (now == 0)
    measured = (before > 0) & (now > 0) & (pl.col("units_before") > 0) & (pl.col("units_now") > 0)
    growth = (now / before).log()
    mean = pl.when(moved == 0).then(now).otherwise(moved / growth)
    more = (pl.col("units_now") / pl.col("units_before")).log()
    apart = begun | ended
    return cells.with_columns(
        price=pl.when(measured).then(mean * (growth - more)).when(apart).then(0.0),
        quantity=pl.when(measured).then(mean * more).when(apart).then(0.0),
        begun=pl.when(begun).then(moved).otherwise(0.0),
        ended=pl.when(ended).then(moved).otherwise(0.0),
        unmeasured=pl.when(measured | apart).then(0.0).otherwise(moved),
    )
