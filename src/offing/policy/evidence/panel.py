"""Flows before and after a bad year, each with its price tier fixed before it.

A flow is one exporter's sales of one product in one market. Its tier is its place on the price
ladder of an earlier year, in shares as ``offing.ladders.tiers`` gives them, so that what a flow did
in the bad year cannot put it into a tier.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from offing.ladders.ladder import TIERS
from offing.ladders.tiers import collect, tier_shares
from offing.terms.hs import finest as finest_codes
from offing.terms.text import Unit

KEYS = ["product", "importer", "exporter"]
MARKET = ["product", "importer"]

SHOCKS = ((2008, 2009), (2019, 2020), (2022, 2023))
"""Year before → year of a fall in world goods trade in dollars: the financial crisis, the pandemic,
and the fall after the boom of 2021-22. Only those that the data cover are used."""

REACH = 2
"""Years after the bad year at which recovery and survival are looked at, if the data go so far."""

BACK = 0.95
"""Share of the sales before, from which a flow counts as recovered."""


@dataclass(frozen=True)
class Event:
    """A pair of neighbouring years.

    Attributes:
        before: the year that sales are measured against.
        year: the year after it, bad or quiet.
        tier_year: when the tier is taken: the year before ``before`` where the data have it.
        after: when recovery is looked at; ``None`` where the data stop at ``year``.
        quiet: no shock, and no rebound from one: a test of the method.
        trend_year: the year before ``tier_year``, from which the earlier trend is taken; ``None``
            where there is none. The trend must end where the tier is taken: one that ran up to
            ``before`` would share its accidents with both the tier and the fall.
    """

    before: int
    year: int
    tier_year: int
    after: int | None
    quiet: bool
    trend_year: int | None = None

    @property
    def is_lagged(self) -> bool:
        """Whether the tier comes from an earlier year than the sales."""
        return self.tier_year < self.before


def events(years: Iterable[int]) -> list[Event]:
    """The bad years that the data cover, and the quiet ones, in order of time.

    The year after a bad one is neither: what fell less has less to regain. A quiet year is looked
    at in the way of each bad one, with tiers from the year before it or from the same year, so
    that like is compared with like.

    >>> [(e.year, e.tier_year, e.after, e.quiet) for e in events(range(2019, 2025))]
    [(2020, 2019, 2022, False), (2022, 2020, 2024, True), (2022, 2021, 2024, True), \
(2023, 2021, 2024, False)]
    """
    covered = set(years)
    bad = {year for _, year in SHOCKS}
    pairs = [(year - 1, year) for year in sorted(covered) if year - 1 in covered]
    shocks = [
        _event(covered, before, year, lag=before - 1 in covered)
        for before, year in pairs
        if year in bad
    ]
    quiet = [
        _event(covered, before, year, lag=lag, quiet=True)
        for before, year in pairs
        for lag in sorted({event.is_lagged for event in shocks}, reverse=True)
        if not {before, year} & bad and (not lag or before - 1 in covered)
    ]
    return sorted([*shocks, *quiet], key=lambda event: (event.year, event.tier_year))


def _event(covered: set[int], before: int, year: int, *, lag: bool, quiet: bool = False) -> Event:
    later = [year + step for step in range(1, REACH + 1) if year + step in covered]
    tier_year = before - 1 if lag else before
    trend_year = tier_year - 1 if lag and tier_year - 1 in covered else None
    return Event(before, year, tier_year, max(later, default=None), quiet, trend_year)


def finest(flows: pl.DataFrame) -> pl.DataFrame:
    """Without codes that have finer ones in the data: nothing is counted twice."""
    return flows.filter(pl.col("product").is_in(finest_codes(flows["product"].unique())))


def add_tier_shares(flows: pl.DataFrame, *, unit: Unit | None = None, method: str) -> pl.DataFrame:
    """Flows above zero with their tier shares, null where there is no usable unit value.

    Returns:
        ``year``, the keys, ``value_usd`` (FOB), ``low``, ``medium``, ``high``, and ``seen``:
        whether the importer's own statistics reported the product in that year, from anyone.
    """
    sound = flows.filter(pl.col("value_usd").is_finite() & (pl.col("value_usd") > 0))
    wide = tier_shares(finest(sound), unit=unit, method=method)
    rows = collect(wide.select("year", *KEYS, "value_usd", *TIERS, "observed"))
    own = pl.col("observed").cast(pl.String) != "exporter"
    return (
        rows.with_columns(seen=own.any().over("year", *MARKET))
        .drop("observed")
        .unique(["year", *KEYS], keep="first", maintain_order=True)
        .sort("year", *KEYS)
    )


def rows_of_year(tiered: pl.DataFrame, year: int) -> pl.DataFrame:
    """The rows of one year."""
    return tiered.filter(pl.col("year") == year)


def sales_in(rows: pl.DataFrame, tiered: pl.DataFrame, year: int, name: str) -> pl.DataFrame:
    """Add what each flow sold in a year: 0 where it ended, null where that cannot be known."""
    then = rows_of_year(tiered, year)
    markets = then.filter("seen").select(MARKET).unique().with_columns(market=pl.lit(True))
    sellers = then.select("exporter").unique().with_columns(seller=pl.lit(True))
    return (
        rows.join(then.select(*KEYS, pl.col("value_usd").alias(name)), on=KEYS, how="left")
        .join(markets, on=MARKET, how="left")
        .join(sellers, on="exporter", how="left")
        .with_columns(
            pl.when(pl.col("market") & pl.col("seller")).then(pl.col(name).fill_null(0.0))
        )
        .drop("market", "seller")
    )


def panel(tiered: pl.DataFrame, event: Event) -> pl.DataFrame:
    """One row for each flow that an event can say something about.

    A flow takes part where it has a usable unit value in the tier year, sales in the year before,
    a market whose own statistics reported the product in both years, and an exporter that anyone
    reported in both. A flow that is missing from such a market's next report has ended; one that
    is missing from a report that was never made is unknown.

    Args:
        tiered: of :func:`add_tier_shares`.
        event: of :func:`events`.

    Returns:
        The keys; ``low``, ``medium``, ``high``; ``base`` (USD before); ``size`` (log USD in the
        tier year); ``trend`` (growth into the tier year, null where unknown); ``value`` and
        ``later`` (USD in the year and in ``after``, null where unknown); ``growth`` (midpoint
        growth, −2 to 2); ``back`` (at 95 % of ``base`` in ``after``) and ``alive`` (sales above
        zero in ``after``, else in ``year``), 0 or 1, null where unknown.
    """
    rows = (
        rows_of_year(tiered, event.tier_year)
        .filter(pl.col("low").is_not_null())
        .select(*KEYS, *TIERS, first="value_usd")
        .join(
            rows_of_year(tiered, event.before).filter("seen").select(*KEYS, base="value_usd"),
            on=KEYS,
        )
    )
    rows = sales_in(rows, tiered, event.year, "value").filter(pl.col("value").is_not_null())
    for year, name in ((event.after, "later"), (event.trend_year, "earlier")):
        if year is None:
            rows = rows.with_columns(pl.lit(None, pl.Float64).alias(name))
        else:
            rows = sales_in(rows, tiered, year, name)
    last = "value" if event.after is None else "later"
    return rows.select(
        *KEYS,
        *TIERS,
        "base",
        pl.col("first").log().alias("size"),
        _midpoint("first", "earlier").alias("trend"),
        "value",
        "later",
        _midpoint("value", "base").alias("growth"),
        (pl.col("later") >= BACK * pl.col("base")).cast(pl.Float64).alias("back"),
        (pl.col(last) > 0).cast(pl.Float64).alias("alive"),
    ).sort(KEYS)


def _midpoint(new: str, old: str) -> pl.Expr:
    """Growth against the mean of both years (Davis and Haltiwanger 1992): an end is −2."""
    return 2 * (pl.col(new) - pl.col(old)) / (pl.col(new) + pl.col(old))
