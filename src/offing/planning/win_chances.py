"""What a firm's quotations tell of price: how often an order is won, at which price, and where.

The price of a quotation is looked at against the usual one of its kind: the median of the same
goods in the same market, currency, unit and Incoterm. So dear markets and dear models say nothing
of what a price does. Markets lean on each other (:mod:`offing.estimators.penalised`). Only
what was quoted is seen, and where a price was lowered for a buyer who would not have bought, price
looks to matter less than it does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaincinv

from offing.estimators.penalised import PooledLogistic, pooled_logistic

Floats = NDArray[np.float64]

LEAST = 10
"""Won and lost quotations each that a slope needs: with five an event or fewer for each figure that
is estimated its error is not to be trusted (Vittinghoff and McCulloch 2007, American Journal of
Epidemiology 165:710-718)."""
LEAST_SPREAD = 0.005
"""Standard deviation of the log price: prices that differ less are one price."""
PRICES = 201
"""Of a market, at which the expected profit is looked at."""
CELL = ("goods", "market", "currency", "unit", "incoterm")
"""What quotations of one kind have in common."""


@dataclass(frozen=True)
class Chance:
    """A probability with its 95 % interval."""

    middle: float
    low: float
    high: float

    @classmethod
    def drawn(cls, draws: Floats) -> "Chance":
        """Of draws of it."""
        low, middle, high = np.quantile(draws, (0.025, 0.5, 0.975)).tolist()
        return cls(middle, low, high)

    @classmethod
    def counted(cls, won: int, of: int) -> "Chance | None":
        """A share with the interval of Jeffreys (Brown, Cai and DasGupta 2001, Statistical Science
        16:101-133); ``None`` of nothing.

        >>> some = Chance.counted(0, 10)
        >>> some.low, round(some.high, 4)
        (0.0, 0.2172)
        """
        if not of:
            return None
        low, high = betaincinv(won + 0.5, of - won + 0.5, (0.025, 0.975)).tolist()
        return cls(won / of, low if won else 0.0, high if won < of else 1.0)


@dataclass(frozen=True)
class BestPrice:
    """Where the expected profit of a quotation is greatest.

    Attributes:
        price: in the market's usual currency; the end of what was quoted where it is beyond.
        beyond: ``above`` or ``below`` where the best lies outside what was quoted; else empty.
        chance: that the order is won there.
    """

    price: float
    beyond: str
    chance: float


@dataclass(frozen=True)
class MarketWins:
    """A market's quotations.

    Attributes:
        market: alpha-3; ``None`` where the rows say none.
        won, lost, open, unknown: how many.
        share: won of won and lost; ``None`` of none.
        usual: the price of its most frequent kind, a unit; with its currency and Incoterm.
        lowest, highest: of that kind, as quoted.
        chances: that an order is won at the ``at_low``, ``at_usual`` and ``at_high`` price of
            :class:`WinCurve`; empty where the quotations cannot tell it.
        best: where the cost is known.
    """

    market: str | None
    won: int
    lost: int
    open: int
    unknown: int
    share: Chance | None
    usual: float
    currency: str
    incoterm: str | None
    lowest: float
    highest: float
    chances: Mapping[str, Chance] = field(default_factory=dict)
    best: BestPrice | None = None

    @property
    def undecided(self) -> int:
        """Those that count in no probability."""
        return self.open + self.unknown


@dataclass(frozen=True)
class WinCurve:
    """How the chance of an order falls with its price.

    Attributes:
        slope: change of the log odds for one of the log price.
        elasticity: per cent fewer orders won at a price of one per cent more, about the usual one,
            where a study's elasticity is.
        places: prices over the usual one at which chances are shown: ``at_low`` and ``at_high``,
            that a tenth of the quotations is below, or above, and ``at_usual``.
        posterior: what the figures are drawn from; its groups are ``markets``.
        markets: of the quotations that are decided.
    """

    slope: Chance
    elasticity: Chance
    places: Mapping[str, float]
    posterior: PooledLogistic
    markets: tuple[str | None, ...]

    @property
    def falls(self) -> bool:
        """Whether a higher price surely wins less: only then it may move a price."""
        return self.slope.high < 0


def relative_prices(rows: pl.DataFrame, *, to_target: bool) -> pl.DataFrame:
    """The quotations with ``ratio``: price over the usual one of its kind, or the buyer's target.

    Those without a target have none.
    """
    usual = pl.col("target") if to_target else pl.col("price").median().over(CELL)
    return rows.with_columns((pl.col("price") / usual).alias("ratio"))


def fit_wins(rows: pl.DataFrame, seed: int = 1) -> WinCurve | str:
    """The curve of won on log price, or why these quotations cannot tell it.

    Args:
        rows: with ``outcome``, ``market`` and ``ratio``; only those decided and priced count.
        seed: of the draws.

    Returns:
        The curve; else ``few``, ``one_price`` or ``parted``.
    """
    told = rows.filter(pl.col("outcome").is_in(["won", "lost"]), pl.col("ratio").is_not_null())
    won = (told["outcome"] == "won").to_numpy()
    x = np.log(told["ratio"].to_numpy())
    if min(won.sum(), (~won).sum()) < LEAST:
        return "few"
    if x.std() < LEAST_SPREAD:
        return "one_price"
    if x[won].max() <= x[~won].min() or x[~won].max() <= x[won].min():
        return "parted"
    markets = tuple(sorted({*told["market"]}, key=lambda name: name or ""))
    group = np.array([markets.index(name) for name in told["market"]])
    posterior = pooled_logistic(x, won.astype(float), group, seed=seed)
    p = posterior.chances(np.zeros_like(x), group)
    falls = -posterior.slope * (p * (1 - p)).sum(axis=1) / p.sum(axis=1)
    low, high = np.exp(np.quantile(x, (0.1, 0.9))).tolist()
    places = {"at_low": low, "at_usual": 1.0, "at_high": high}
    slope, elasticity = Chance.drawn(posterior.slope), Chance.drawn(falls)
    return WinCurve(slope, elasticity, places, posterior, markets)


def wins_by_market(rows: pl.DataFrame) -> Iterator[MarketWins]:
    """The quotations of each market, the most first."""
    price = pl.col("price")
    kinds = rows.group_by(CELL).agg(
        pl.len().alias("count"), usual=price.median(), lowest=price.min(), highest=price.max()
    )
    for market, _ in rows["market"].value_counts().sort("count", "market", descending=True).rows():
        of_market = pl.col("market").eq_missing(pl.lit(market))
        counts = Counter(rows.filter(of_market)["outcome"].fill_null("unknown"))
        kind = kinds.filter(of_market).sort("count", *CELL, descending=True).row(0, named=True)
        yield MarketWins(
            market=market,
            share=Chance.counted(counts["won"], counts["won"] + counts["lost"]),
            won=counts["won"], lost=counts["lost"], open=counts["open"], unknown=counts["unknown"],
            **{name: kind[name] for name in ("usual", "currency", "incoterm", "lowest", "highest")},
        )  # fmt: skip


def add_chances(wins: MarketWins, curve: WinCurve, cost: float | None) -> MarketWins:
    """A market with its chances and, where the cost of a unit is told, its best price.

    Args:
        wins: of the market.
        curve: that falls.
        cost: of a unit in the market's usual currency.
    """
    if wins.market not in curve.markets:
        return wins
    group = np.array([curve.markets.index(wins.market)])
    drawn = curve.posterior.chances(np.log([*curve.places.values()]), np.repeat(group, 3)).T
    chances = dict(zip(curve.places, map(Chance.drawn, drawn), strict=True))
    found = replace(wins, chances=chances)
    if cost is None or wins.lowest == wins.highest:
        return found
    prices = np.linspace(wins.lowest, wins.highest, PRICES)
    there = curve.posterior.chances(np.log(prices / wins.usual), np.repeat(group, PRICES))
    mean = there.mean(axis=0)
    at = int(np.argmax(mean * (prices - cost)))
    beyond = {0: "below", PRICES - 1: "above"}.get(at, "")
    return replace(found, best=BestPrice(float(prices[at]), beyond, float(mean[at])))
