"""The firm's own ladder: its sales by price band, year by year, with growth.

Amounts are brought to US dollars at the ECB's reference rate of the sale's day, or of the last day
before it that has one. Growth compares like with like: where the ledger begins or ends inside a
year, only the months that both years have.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from math import fsum, sqrt

import polars as pl

from offing.ladders.ladder import WAYS, BandRow, LadderSales, SalesRow, SalesSlice, rising
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.exchange import FRESH, OLDEST

BANDS = (Decimal(500), Decimal(5000))
"""USD for one unit, where nobody gives bounds and prices draw none."""
ALIKE = 0.01
"""Prices so near to each other are one."""
APART = 1.25
"""Between the boundaries of thirds of a firm's prices; nearer ones would cut noise into bands."""
ALL = 0.95
"""Share of value and of lines in one band from which bands tell nothing."""


def own_sales(
    sales: pl.DataFrame,
    fx: pl.DataFrame,
    bands: Sequence[float | Decimal],
    *,
    product: str | None = None,
    rates: Mapping[str, Decimal] | None = None,
    oldest: int = OLDEST,
    covers: tuple[date, date] | None = None,
    ways: Sequence[str] = WAYS,
) -> LadderSales:
    """The firm's sales by price band.

    Args:
        sales: the ``Sales`` columns.
        fx: the ``FxRates`` columns.
        bands: boundaries in USD per unit, rising; a price on a boundary is at or above it.
        product: only codes that begin so.
        rates: units of a currency for one USD, for currencies without a reference rate. A given
            rate is used for every sale in its currency.
        oldest: how many days after the newest reference rate a sale may be.
        covers: first and last day of the whole ledger: a month in which this product was not sold
            is no month that the ledger lacks. Those of ``sales`` where left out.
        ways: columns that the sales are split by.

    Raises:
        InputError: ``book.bad_bands``.
        MissingDataError: ``book.no_sales``, or ``book.no_rate`` where a currency has no
            reference rate within a week before the sale and none was given.
    """
    edges = rising(bands, "book.bad_bands")
    if not edges:
        raise InputError("book.bad_bands", text="")
    lines = sales.filter(pl.col("product").str.starts_with(product)) if product else sales
    if lines.is_empty():
        raise MissingDataError("book.no_sales", product=product or "—")
    unit, priced, other_units = _one_unit(sales_in_usd(lines, fx, rates or {}, oldest))
    # A millionth of a dollar: dividing must not move a price off the boundary it stands on.
    price = (pl.col("usd") / pl.col("quantity")).round(6)
    priced = priced.with_columns(
        pl.col("on").dt.year().cast(pl.Int64).alias("year"),
        pl.when(pl.col("quantity") != 0).then(price).alias("price"),
    )
    ledger = _Ledger.of(priced, covers or (_day(sales, "min"), _day(sales, "max")))
    by = {way: ledger.split(way) for way in ways}
    return LadderSales(
        unit=unit,
        first=ledger.first,
        last=ledger.last,
        years=ledger.years,
        compared=ledger.compared,
        total=ledger.slice(priced),
        bands=tuple(map(ledger.band, (None, *edges), (*edges, None))),
        above=tuple(ledger.band(edge, None) for edge in edges),
        by=by,
        concentration={
            way: concentration(slice_.last.value_usd for slice_ in slices)
            for way, slices in by.items()
        },
        unplaced_usd=float(priced.filter(pl.col("price").is_null())["usd"].sum()),
        other_units=other_units,
        rates_given=dict(rates or {}),
        lines=priced.height,
    )


def own_bands(
    own: LadderSales,
    sales: pl.DataFrame,
    fx: pl.DataFrame,
    *,
    product: str | None = None,
    oldest: int,
) -> tuple[float, ...]:
    """Boundaries from the firm's own prices, where the first ones set none of them apart.

    They cut the value sold, put in the order of its price, into thirds, rounded to two digits; a
    cut among prices that are one (28.00 and 27.99) stands below all of them.

    Args:
        own: the sales by the bands that were tried first, of the same further arguments.
        sales: the ``Sales`` columns.
        fx: the ``FxRates`` columns.
        product: only codes that begin so.
        oldest: how many days after the newest reference rate a sale may be.

    Returns:
        USD per unit, rising; empty where the first bands tell sales apart, or nothing can.
    """
    if not _all_in_one(fsum(row.value_usd for row in band.rows) for band in own.bands):
        return ()
    lines = sales.filter(pl.col("product").str.starts_with(product)) if product else sales
    priced = sales_in_usd(lines, fx, own.rates_given, oldest).filter(
        (pl.col("unit") == own.unit) & (pl.col("quantity") > 0) & (pl.col("usd") > 0)
    )
    ordered = (
        priced.select("usd", price=(pl.col("usd") / pl.col("quantity")).round(6))
        .sort("price")
        .with_columns(share=pl.col("usd").cum_sum() / pl.col("usd").sum())
    )
    prices = ordered["price"].to_list()
    thirds = [ordered.filter(pl.col("share") >= nth / 3)["price"].to_list()[:1] for nth in (1, 2)]
    edges = _edges(prices, [cut for third in thirds for cut in third if cut > 0])
    first, usd = [band.low for band in own.bands if band.low], ordered["usd"].to_list()
    apart = not _all_in_one(_band_sums(ordered, first, [1.0] * len(usd)))
    alike = not edges or edges[-1] < APART * edges[0]
    return () if apart or alike or _all_in_one(_band_sums(ordered, edges, usd)) else edges


def _edges(prices: Sequence[float], cuts: Sequence[float]) -> tuple[float, ...]:
    """Cuts of rising prices to two digits, each once; none between prices that are one."""
    return tuple(sorted({float(f"{_not_among(prices, cut):.2g}") for cut in cuts}))


def _not_among(prices: Sequence[float], cut: float) -> float:
    """A cut; of prices that waver about one, the middle between them and the next below."""
    low = high = bisect_left(prices, cut)
    while low and prices[low - 1] > max(prices[low] * (1 - ALIKE), cut / APART):
        low -= 1
    while high + 1 < len(prices) and prices[high + 1] < prices[high] * (1 + ALIKE):
        high += 1
    below = prices[low - 1] if low else 0.0
    apart = 0 < below <= prices[low] / APART
    return sqrt(below * prices[low]) if apart and prices[low] < prices[high] else cut


def _band_sums(ordered: pl.DataFrame, edges: Iterable[float], amounts: list[float]) -> list[float]:
    """Sums of the amounts, which go with lines in the order of ``price``, by band."""
    prices = ordered["price"].to_list()
    places = [bisect_left(prices, edge) for edge in edges]
    return [fsum(amounts[a:b]) for a, b in pairwise((0, *places, len(amounts)))]


def _all_in_one(values: Iterable[float]) -> bool:
    """Whether one band has nearly all that is sold."""
    amounts = list(values)
    return max(amounts) >= ALL * fsum(amounts)


def band_rows(own: LadderSales) -> tuple[tuple[int, tuple[BandRow, ...], float, float], ...]:
    """Year, its bands, its sales in USD and its units: what a study's ``BookYear`` is made of."""

    def bands(index: int) -> Iterator[BandRow]:
        for band in own.bands:
            row = band.rows[index]
            yield BandRow(band.low, band.high, row.value_usd, row.share, row.growth)

    whole = enumerate(own.total.rows)
    return tuple((row.year, tuple(bands(at)), row.value_usd, row.units) for at, row in whole)


def rates_beside(sales: pl.DataFrame, fx: pl.DataFrame, oldest: int = OLDEST) -> pl.DataFrame:
    """The rows of ``fx`` that :func:`sales_in_usd` looks at for some or all of these sales.

    A ledger's are a fiftieth of all, and they are gone through once for every sum of a study.
    """
    of_ecb = pl.col("per_usd").is_null() if "per_usd" in fx.columns else pl.lit(True)
    newest = fx.filter(of_ecb)["on"].max()
    since = pl.min_horizontal(pl.lit(sales["on"].min(), pl.Date), pl.lit(newest, pl.Date))
    used = pl.col("currency").is_in({"USD", *sales["currency"].unique()})
    near = pl.col("on") >= since - max(FRESH, timedelta(days=oldest))
    return fx.filter((used & near) | (of_ecb & (pl.col("on") == newest)))


def sales_in_usd(
    sales: pl.DataFrame, fx: pl.DataFrame, rates: Mapping[str, Decimal], oldest: int = OLDEST
) -> pl.DataFrame:
    """Sales with ``usd`` (Float64), and ``quantity`` as Float64.

    Sales after the newest rates take those, up to ``oldest`` days. Where the ECB has no rate of a
    sale's day, and ``fx`` has levels (:func:`~offing.warehouse.exchange_rates.day_rates`), the
    nearest one does, no further off than that: :func:`sales_at_levels` says of which sales.

    Raises:
        MissingDataError: ``book.no_rate``.
    """
    lines = rated_sales(sales, fx, rates, oldest)
    must_be_rated(lines)
    return lines


def rated_sales(
    sales: pl.DataFrame, fx: pl.DataFrame, rates: Mapping[str, Decimal], oldest: int = OLDEST
) -> pl.DataFrame:
    """:func:`sales_in_usd` with ``usd`` null where a sale has no rate."""
    usd = (pl.col("amount") * pl.col("factor")).alias("usd")
    return _attach_rates(sales, fx, rates, oldest).select(*sales.columns, usd)


def sales_with_rate(
    sales: pl.DataFrame, fx: pl.DataFrame, rates: Mapping[str, Decimal], oldest: int = OLDEST
) -> pl.DataFrame:
    """The sales that :func:`sales_in_usd` has a rate for."""
    return rated_sales(sales, fx, rates, oldest).drop_nulls("usd").select(sales.columns)


def sales_at_levels(
    sales: pl.DataFrame, fx: pl.DataFrame, rates: Mapping[str, Decimal], oldest: int = OLDEST
) -> list[tuple[str, int, date, date]]:
    """Sales that :func:`sales_in_usd` brings to dollars at a month's level, not at a day's rate.

    Returns:
        Currency, lines, and the first and the last day of the levels.
    """
    apply_level = _attach_rates(sales, fx, rates, oldest).filter(pl.col("level_day").is_not_null())
    day = pl.col("level_day")
    sums = apply_level.group_by("currency").agg(pl.len(), first=day.min(), last=day.max())
    return sums.sort("currency").rows()


def _attach_rates(
    sales: pl.DataFrame, fx: pl.DataFrame, rates: Mapping[str, Decimal], oldest: int
) -> pl.DataFrame:
    """Sales with ``factor``, dollars for one of their currency, null where there is no rate.

    ``level_day`` is the day of a monthly level that it rests on. Sales after the newest rates take
    those, up to ``oldest`` days; a level may lie as many days before or after the sale.
    """
    own_rates = {code: float(rate) for code, rate in rates.items()}
    levels = fx.filter(pl.col("per_usd").is_not_null()) if "per_usd" in fx.columns else None
    fx = fx if levels is None else fx.filter(pl.col("per_usd").is_null())
    back, newest = FRESH, pl.lit(fx["on"].max(), pl.Date)
    needed = pl.col("currency").is_in({"USD", *sales["currency"].unique()})
    since = pl.min_horizontal(pl.lit(sales["on"].min(), pl.Date), newest) - back
    recent = fx.filter(pl.col("on") >= since)  # days are compared quicker than names
    per_eur = recent.filter(needed).select(
        "currency", rate_day="on", rate=pl.col("per_eur").cast(pl.Float64)
    )
    dollar = per_eur.filter(pl.col("currency") == "USD").select("rate_day", dollar="rate")
    late = (pl.col("on") > newest) & (pl.col("on") <= newest + timedelta(days=oldest))
    lines = (
        sales.with_columns(
            pl.col("amount", "quantity").cast(pl.Float64),
            pl.when(late).then(newest).otherwise("on").alias("rate_from"),
        )
        .sort("on", "row")
        .join_asof(
            per_eur.sort("rate_day"),
            left_on="rate_from",
            right_on="rate_day",
            by="currency",
            tolerance=back,
            check_sortedness=False,
        )
        .join_asof(
            dollar.sort("rate_day"),
            left_on="rate_from",
            right_on="rate_day",
            tolerance=back,
            suffix="_of_dollar",
        )
    )
    currency = pl.col("currency")
    lines = lines.with_columns(
        pl.when(currency.is_in(list(own_rates)))
        .then(1 / currency.replace_strict(own_rates, default=None, return_dtype=pl.Float64))
        .when(currency == "USD")
        .then(1.0)
        .when(currency == "EUR")
        .then(pl.col("dollar"))
        .otherwise(pl.col("dollar") / pl.col("rate"))
        .alias("factor")
    )
    if levels is None:
        return lines.with_columns(level_day=pl.lit(None, pl.Date))
    return _use_nearest_level(lines, levels, oldest)


def _use_nearest_level(lines: pl.DataFrame, levels: pl.DataFrame, oldest: int) -> pl.DataFrame:
    """Rated lines, where they have no rate with the nearest level's."""
    days = levels.select("currency", "per_usd", level_day="on").sort("level_day")
    nearest = lines.sort("on", "row").join_asof(
        days, left_on="on", right_on="level_day", by="currency", strategy="nearest",
        tolerance=timedelta(days=oldest), check_sortedness=False,
    )  # fmt: skip
    unknown = pl.col("factor").is_null()
    return nearest.with_columns(
        pl.coalesce("factor", 1 / pl.col("per_usd")).alias("factor"),
        pl.when(unknown).then("level_day").alias("level_day"),
    )


def must_be_rated(lines: pl.DataFrame) -> None:
    """Refuse sales in a currency without a rate of their day, whose ``usd`` is null.

    Raises:
        MissingDataError: ``book.no_rate``.
    """
    missing = lines.filter(pl.col("usd").is_null())
    if missing.height:
        line = missing.row(0, named=True)
        raise MissingDataError(
            "book.no_rate",
            where=Where(None, line["row"]),
            currency=line["currency"],
            on=line["on"],
            count=missing.filter(pl.col("currency") == line["currency"]).height,
        )


def _one_unit(lines: pl.DataFrame) -> tuple[str, pl.DataFrame, dict[str, tuple[int, float]]]:
    """The unit with the largest sales, its lines, and what the other units have."""
    sums = (
        lines.group_by("unit")
        .agg(pl.len().alias("lines"), pl.col("usd").sum())
        .sort(["usd", "unit"], descending=[True, False])
    )
    unit = str(sums["unit"][0])
    others = {row["unit"]: (row["lines"], row["usd"]) for row in sums[1:].iter_rows(named=True)}
    return unit, lines.filter(pl.col("unit") == unit), others


def _day(lines: pl.DataFrame, which: str) -> date:
    day = lines["on"].min() if which == "min" else lines["on"].max()
    assert isinstance(day, date)
    return day


Month = tuple[int, int]
"""A year and one of its months."""


def whole_months(
    lines: pl.DataFrame, covers: tuple[date, date] | None = None
) -> tuple[Month, Month]:
    """The first and the last month that a ledger has whole.

    One that begins after the tenth of a month, or ends more than ten days before a month is over,
    has that month only in part. Where every line stands on the last day of a month, it stands for
    the month (or quarter, or year), and none is in part. The thirteenth month is the next January.

    Args:
        lines: sales, with their day ``on``.
        covers: first and last day of the whole ledger; those of the lines where left out.
    """
    first, last = covers or (_day(lines, "min"), _day(lines, "max"))
    of_months = bool((lines["on"] == lines["on"].dt.month_end()).all())
    begins = first.month + (first.day > 10 and not of_months)
    month_end = (date(last.year + last.month // 12, last.month % 12 + 1, 1) - last).days - 1
    return (first.year, begins), (last.year, last.month - (month_end > 10))


def compared_months(first: Month, last: Month) -> dict[int, tuple[int, int]]:
    """Year → first and last month that its growth compares with the same of the year before.

    >>> compared_months((2022, 7), (2024, 9))
    {2023: (7, 12), 2024: (1, 9)}
    """
    compared = {}
    for year in range(first[0] + 1, last[0] + 1):
        low = first[1] if year - 1 == first[0] else 1
        high = last[1] if year == last[0] else 12
        if low <= high:
            compared[year] = (low, high)
    return compared


@dataclass(frozen=True)
class _Ledger:
    """Priced lines with the years they cover, and the months that a year's growth compares."""

    lines: pl.DataFrame
    first: date
    last: date
    years: tuple[int, ...]
    compared: dict[int, tuple[int, int]]

    @classmethod
    def of(cls, lines: pl.DataFrame, covers: tuple[date, date]) -> "_Ledger":
        first, last = _day(lines, "min"), _day(lines, "max")
        years = tuple(range(first.year, last.year + 1))
        months = compared_months(*whole_months(lines, covers))
        compared = {year: span for year, span in months.items() if first.year < year <= last.year}
        return cls(lines, first, last, years, compared)

    def band(self, low: float | None, high: float | None) -> SalesSlice:
        """The lines with a price in ``[low, high)``."""
        inside = pl.col("price").is_not_null()
        if low is not None:
            inside &= pl.col("price") >= low
        if high is not None:
            inside &= pl.col("price") < high
        return replace(self.slice(self.lines.filter(inside)), low=low, high=high)

    def split(self, way: str) -> tuple[SalesSlice, ...]:
        """The lines by a column, the largest last year's sales first."""
        parts = self.lines.partition_by(way, as_dict=True, maintain_order=True)
        slices = [
            self.slice(rows, None if name is None else str(name)) for (name,), rows in parts.items()
        ]
        return tuple(sorted(slices, key=lambda slice_: (-slice_.last.value_usd, slice_.name or "")))

    def slice(self, lines: pl.DataFrame, name: str | None = None) -> SalesSlice:
        """Some of the lines, year by year."""
        sums = _month_rates(lines)
        return SalesSlice(name, tuple(self._row(sums, year) for year in self.years), None, None)

    @cached_property
    def _whole(self) -> "_Months":
        """The sums of all lines."""
        return _month_rates(self.lines)

    def _row(self, sums: "_Months", year: int) -> SalesRow:
        value, units = _sums(sums, year)
        whole, _ = _sums(self._whole, year)
        months = self.compared.get(year, (1, 12))
        value_now, units_now = _sums(sums, year, months)
        value_then, units_then = 0.0, 0.0
        if year in self.compared:
            value_then, units_then = _sums(sums, year - 1, months)
        growth, units_growth = _growth(value_now, value_then), _growth(units_now, units_then)
        price_growth = None
        if growth is not None and units_growth is not None and units_growth > -1:
            price_growth = (1 + growth) / (1 + units_growth) - 1
        return SalesRow(
            year=year,
            value_usd=value,
            units=units,
            price_usd=value / units if units > 0 else None,
            share=value / whole if whole > 0 else 0.0,
            growth=growth,
            units_growth=units_growth,
            price_growth=price_growth,
        )


_Months = dict[int, dict[int, tuple[float, float]]]
"""Year → month → USD and units."""


def _month_rates(lines: pl.DataFrame) -> _Months:
    by = lines.group_by("year", month=pl.col("on").dt.month()).agg(pl.col("usd", "quantity").sum())
    sums: _Months = defaultdict(dict)
    for year, month, usd, units in by.sort("year", "month").iter_rows():
        sums[year][month] = float(usd), float(units)
    return sums


def _sums(sums: _Months, year: int, months: tuple[int, int] = (1, 12)) -> tuple[float, float]:
    """USD and units of a year's months, the first and the last of them given."""
    first, last = months
    some = [sold for month, sold in sums.get(year, {}).items() if first <= month <= last]
    return fsum(usd for usd, _ in some), fsum(units for _, units in some)


def _growth(now: float, then: float) -> float | None:
    return now / then - 1 if then > 0 and now >= 0 else None


def concentration(values: Iterable[float]) -> float:
    """Herfindahl-Hirschman index of what is sold, 0 to 1; more that came back counts as nothing."""
    sold = [max(value, 0.0) for value in values]
    whole = fsum(sold)
    return fsum((value / whole) ** 2 for value in sold) if whole else 0.0
