"""What would have been said of a region from an earlier year, at the shares it had then.

The outlook is fitted on nothing later than that year, the shares are those of that year, and what
came is in the region's own file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from offing.forecast.outlook.forecast import Outlooks, product_of
from offing.forecast.outlook.intervals import LEVELS, interval
from offing.market.history import FLOOR_USD, Array, Codes
from offing.terms.errors import MissingDataError

MEAN_YEARS = 3
"""Of the mean that costs nothing (``scores.three_year_mean``)."""
_LOOKS: dict[str, Any] = {
    "market": pl.String, "country": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "quantiles": pl.List(pl.Float64),
}  # fmt: skip
Fit = Callable[[str, int, int], Outlooks]
"""Product, base year, years ahead → the outlook of whole markets, fitted on nothing later."""


@dataclass(frozen=True)
class Replayed:
    """Pairs of product and market that the region sold in then, one after the other.

    Attributes:
        year: base year of each.
        market: place in ``markets``.
        markets: of all pairs.
        base: sold in the base year, USD.
        mean: mean of up to three years to it, USD.
        came: sold then, USD.
        share: of the country's sales in the base year.
        low: lower end of the 80 % interval, USD.
        high: upper end of it, USD.
        quantiles: pairs × ``LEVELS``, USD.
        begun: base year → USD that came in pairs in which nothing was sold in the base year.
    """

    year: Codes
    market: Codes
    markets: tuple[str, ...]
    base: Array
    mean: Array
    came: Array
    share: Array
    low: Array
    high: Array
    quantiles: Array
    begun: dict[int, float]

    def of(self, years: Sequence[int]) -> "Replayed":
        """The pairs of some base years."""
        at = np.isin(self.year, list(years))
        names = ("year", "market", "base", "mean", "came", "share", "low", "high", "quantiles")
        columns: dict[str, Any] = {name: getattr(self, name)[at] for name in names}
        begun = {year: usd for year, usd in self.begun.items() if year in set(years)}
        return replace(self, **columns, begun=begun)


@dataclass(frozen=True)
class Past:
    """A region's exports by whole calendar year.

    Attributes:
        sold: ``product``, ``market``, ``year``, ``usd``.
        years: whole ones, rising.
        products: those replayed.
    """

    sold: pl.DataFrame
    years: tuple[int, ...]
    products: tuple[str, ...]

    def pairs(self, base_year: int, horizon: int) -> pl.DataFrame:
        """``product``, ``market``, ``base``, ``mean`` and ``came`` of pairs sold in."""
        window = [y for y in self.years if base_year - MEAN_YEARS < y <= base_year]
        usd, year = pl.col("usd"), pl.col("year")
        summed = (
            self.sold.filter(pl.col("product").is_in(self.products))
            .group_by("product", "market")
            .agg(
                base=usd.filter(year == base_year).sum(),
                mean=usd.filter(year.is_in(window)).sum() / len(window),
                came=usd.filter(year == base_year + horizon).sum(),
            )
        )
        some = summed.with_columns(pl.col("base", "mean", "came").clip(0.0))
        return some.filter((pl.col("base") > 0) | (pl.col("came") > 0)).sort("product", "market")

    def errors(self, base_year: int, horizon: int) -> tuple[Array, Array]:
        """Log errors of last year's sales and of the mean, of outcomes known in the base year."""
        earlier = [
            self.pairs(year, horizon).filter(pl.col("base") > 0)
            for year in self.years
            if year + horizon in self.years and year + horizon <= base_year
        ]
        if not earlier:
            return np.zeros(0), np.zeros(0)
        pairs = pl.concat(earlier).select("base", "mean", "came").to_numpy()
        base, mean, came = np.log(pairs + FLOOR_USD).T
        return came - base, came - mean


def replayed(past: Past, origin: str, fit: Fit, bases: Sequence[int], horizon: int) -> Replayed:
    """Every base year and product at the shares of that year."""
    parts, begun = [], dict.fromkeys(bases, 0.0)
    for base_year in bases:
        pairs = past.pairs(base_year, horizon)
        begun[base_year] = float(pairs.filter(pl.col("base") == 0)["came"].sum())
        for (product,), mine in (
            pairs.filter(pl.col("base") > 0)
            .partition_by("product", as_dict=True, maintain_order=True)
            .items()
        ):
            told = list(_told(fit, str(product), origin, base_year, horizon))
            looks = pl.DataFrame(told, schema=_LOOKS, orient="row")
            both = mine.join(looks, on="market", how="inner", maintain_order="left")
            parts.append(both.with_columns(year=pl.lit(base_year)))
    return _together([part for part in parts if part.height], begun)


def _told(
    fit: Fit, product: str, origin: str, base_year: int, horizon: int
) -> Iterator[tuple[str, float, float, float, list[float]]]:
    """Market, the country's sales, ends of the 80 % interval, quantiles; of those it sells in."""
    try:
        fitted = fit(product, base_year, horizon)
        cells, forecast = product_of(fitted, product, origin)
    except MissingDataError:
        return
    countries, cube = fitted.history.countries, cells.cube
    seller = fitted.history.index.get(origin, -1)
    mine = np.flatnonzero((cube.exporters[cells.row] == seller) & (cells.base > 0))
    if not forecast.known or not len(mine):
        return
    sales = forecast.sales.at(mine)
    low, high = interval(sales, 0.8)
    levels = np.column_stack([sales.quantile(level) for level in LEVELS])
    for at, cell in enumerate(mine):
        market = countries[cube.importers[cells.column[cell]]]
        yield market, float(cells.base[cell]), float(low[at]), float(high[at]), levels[at].tolist()


def _together(parts: Sequence[pl.DataFrame], begun: dict[int, float]) -> Replayed:
    if not parts:
        none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
        levels = np.zeros((0, len(LEVELS)))
        return Replayed(no, no, (), none, none, none, none, none, none, levels, begun)
    rows = pl.concat(parts, how="vertical_relaxed")
    markets = tuple(sorted(rows["market"].unique()))
    index = {market: at for at, market in enumerate(markets)}
    share = (rows["base"] / rows["country"]).to_numpy()
    return Replayed(
        rows["year"].to_numpy().astype(np.int64),
        np.array([index[market] for market in rows["market"]], dtype=np.int64),
        markets,
        rows["base"].to_numpy(),
        rows["mean"].to_numpy(),
        rows["came"].to_numpy(),
        share,
        share * rows["low"].to_numpy(),
        share * rows["high"].to_numpy(),
        share[:, None] * np.array(rows["quantiles"].to_list()),
        begun,
    )
