"""The firm's own sales inside a study: by price band, and of the last twelve months by market."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from offing.ladders.own_sales import band_rows, in_usd, own_sales
from offing.study.firm_file import LedgerFile, ModelFacts
from offing.study.markets import Standings
from offing.study.result import BookYear, StudyWarning
from offing.study.world import World


@dataclass(frozen=True)
class OwnSales:
    """What the firm sold of a product in the last twelve months.

    Attributes:
        recent: ``market``, ``price`` in USD for one unit, ``usd``.
        now: market looked at → USD in the tier where our price stands.
    """

    recent: pl.DataFrame
    now: Mapping[str, float]

    @property
    def warnings(self) -> list[StudyWarning]:
        """What the plan's "today" leaves out."""
        left_out: list[StudyWarning] = []
        here = pl.col("market").is_in(list(self.now))
        other = self.recent.filter(~here)
        if other.height:
            markets = ", ".join(sorted(set(other["market"])))
            usd = f"{float(other['usd'].sum()):.0f}"
            left_out.append(("study.warn_other_markets", {"markets": markets, "usd": usd}))
        rest = float(self.recent.filter(here)["usd"].sum()) - sum(self.now.values())
        if rest > 0:
            left_out.append(("study.warn_other_tiers", {"usd": f"{rest:.0f}"}))
        return left_out


def sales_of(world: World, facts: ModelFacts, standings: Standings) -> OwnSales:
    """The firm's sales up to the study's day, and what of them is in our price's tiers."""
    study = world.study
    recent = last_twelve_months(world.sales, world.history, facts, study.on, study.rates_age)
    by_market = standings.by_market.items()
    return OwnSales(recent, sales_in_tier(recent, {m: s.tier_fob for m, s in by_market}))


def years_of(
    sales: pl.DataFrame, fx: pl.DataFrame, facts: ModelFacts, ledger: LedgerFile, oldest: int
) -> tuple[BookYear, ...]:
    """The product's sales by year and price band; nothing where the ledger has none."""
    if sales.filter(pl.col("product").str.starts_with(facts.code)).is_empty():
        return ()
    made = own_sales(sales, fx, ledger.bands_usd, product=facts.code, oldest=oldest)
    return tuple(
        BookYear(facts.key, year, bands, sales_usd, units)
        for year, bands, sales_usd, units in band_rows(made)
    )


def last_twelve_months(
    sales: pl.DataFrame, fx: pl.DataFrame, facts: ModelFacts, on: date, oldest: int
) -> pl.DataFrame:
    """Sales up to the study's day: ``market``, ``price`` in USD for one unit, ``usd``."""
    since = (
        on.replace(year=on.year - 1, day=28)
        if (on.month, on.day) == (2, 29)
        else on.replace(year=on.year - 1)
    )
    recent = sales.filter(
        pl.col("product").str.starts_with(facts.code)
        & (pl.col("on") > since)
        & (pl.col("on") <= on)
        & (pl.col("quantity") != 0)
        # A price of a set says nothing of a price of a kilogram.
        & (pl.col("unit") == facts.unit)
    )
    if recent.is_empty():
        return pl.DataFrame(schema={"market": pl.String, "price": pl.Float64, "usd": pl.Float64})
    return in_usd(recent, fx, {}, oldest).select(
        "market",
        (pl.col("usd") / pl.col("quantity").cast(pl.Float64)).alias("price"),
        pl.col("usd").cast(pl.Float64),
    )


def sales_in_tier(
    recent: pl.DataFrame, bounds: Mapping[str, tuple[float | None, float | None]]
) -> dict[str, float]:
    """Market → sales of the last twelve months in the tier where our price stands.

    Args:
        recent: of :func:`last_twelve_months`.
        bounds: market → lower and upper bound of its unit price, FOB.
    """
    sold: dict[str, float] = {}
    for market, (low, high) in bounds.items():
        inside = pl.col("market") == market
        if low is not None:
            inside &= pl.col("price") >= low
        if high is not None:
            inside &= pl.col("price") < high
        sold[market] = float(recent.filter(inside)["usd"].sum())
    return sold
