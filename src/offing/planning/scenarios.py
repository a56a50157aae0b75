"""Scenarios drawn jointly: each is a whole world of markets, shares, rates, costs and duties.

What has one cause moves together: the markets of a scenario come from one draw of the outlook, and
the firm's shares have a common part. Exchange rates are simulated as settlement does it. Where the
market draws know the rates of their own year, those are taken: errors of trade in dollars already
hold the dollar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.settlement.simulation import History, simulate
from offing.terms.errors import InputError

Floats = NDArray[np.float64]

SCENARIOS = 2000
BY_SIZE = 0.20
"""The spread of yearly growth falls with the size of the seller to this power: 0.20 ± 0.03 for the
sales of US manufacturers (Amaral et al. 1997, Journal de Physique I 7(4))."""
PRIOR_YEARLY = 0.35
"""Spread of a firm's log share in a market from year to year before its ledger is seen: an
assumption of ours, not validated on firms."""
PRIOR_YEARS = 4.0
"""The prior counts as much as so many years of one market."""
COMMON = 0.25
"""Part of the variance of a firm's shares that all markets have in common: our assumption."""
YEAR_DAYS = 252


@dataclass(frozen=True)
class MarketDraws:
    """What the origin may sell, market by market: joint draws of the outlook.

    Attributes:
        markets: M alpha-3 codes.
        years: Y years of the horizon, counted from the plan's day.
        base_usd: M, sales today.
        sales_usd: n × Y × M.
        rates: n × Y × currencies, in CNY: the rates of the same draw, where the outlook has them.
    """

    markets: tuple[str, ...]
    years: tuple[int, ...]
    base_usd: Floats
    sales_usd: Floats
    rates: Floats | None = None


@dataclass(frozen=True)
class Range:
    """A person's range of a factor on today's cost: triangular between the ends."""

    low: float = 1.0
    middle: float = 1.0
    high: float = 1.0

    def drawn(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Draws; all ``middle`` where the ends meet.

        Raises:
            InputError: ``plan.bad_range``.
        """
        if not 0 < self.low <= self.middle <= self.high:
            raise InputError("plan.bad_range", low=self.low, middle=self.middle, high=self.high)
        if self.low == self.high:
            return np.full(shape, self.middle)
        return rng.triangular(self.low, self.middle, self.high, size=shape)


@dataclass(frozen=True)
class Duty:
    """An announced duty: it comes with the probability that a person gives it.

    Attributes:
        market: alpha-3.
        year: from which it is levied.
        rate: added to the duty on CIF; negative for one that is taken away.
        probability: 0 to 1; a dated rule is certain and belongs in the rules.
        plants: of origin that it strikes; all where empty.
    """

    market: str
    year: int
    rate: float
    probability: float
    plants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assumed:
    """What the scenarios rest on beside the outlook.

    Attributes:
        price_growth: yearly growth of unit values by market; sales are deflated by it.
        spread: yearly, of the firm's log share, by market.
        common: part of its variance that the markets share, 0 to 1.
        freight: factor on freight that the firm pays.
        inputs: factor on its cost.
        duties: announced.
    """

    price_growth: Mapping[str, float]
    spread: Mapping[str, float]
    common: float = COMMON
    freight: Range = Range()
    inputs: Range = Range()
    duties: tuple[Duty, ...] = ()


@dataclass(frozen=True)
class Rates:
    """Exchange rates: ``today`` by currency, ``draws`` n × Y × currencies, both in CNY for one."""

    currencies: tuple[str, ...]
    today: Floats
    draws: Floats


@dataclass(frozen=True)
class Scenarios:
    """n worlds of Y years.

    Attributes:
        years: Y.
        markets: M.
        growth: n × Y × M, quantity that the origin sells over today's.
        share: n × Y × M, the firm's share over its expected one; its mean is 1.
        lasting: n × M, standard normal: where the firm's lasting share lies in what is known of it.
        exit: n × M, uniform: when an entry ends, see :class:`offing.planning.entries.Survival`.
        sigma: n, standard normal: where σ lies in its interval, one draw for all prices.
        beyond: n, standard normal: how σ differs outside the prices at which the firm has sold.
        freight: n × Y.
        inputs: n × Y.
        duties: announced duties, each with n booleans: whether it comes.
        rates: exchange rates.
    """

    years: tuple[int, ...]
    markets: tuple[str, ...]
    growth: Floats
    share: Floats
    lasting: Floats
    exit: Floats
    sigma: Floats
    beyond: Floats
    freight: Floats
    inputs: Floats
    duties: tuple[tuple[Duty, NDArray[np.bool_]], ...]
    rates: Rates

    def market(self, code: str) -> int:
        """Its place among the markets.

        Raises:
            InputError: ``plan.market_not_drawn``.
        """
        if code not in self.markets:
            raise InputError("plan.market_not_drawn", market=code)
        return self.markets.index(code)

    def added_duty(self, market: str, plant: str) -> Floats | None:
        """Announced duty on CIF by scenario and year, n × Y; ``None`` where none is announced."""
        added = [
            comes[:, None] * (np.array(self.years) >= duty.year) * duty.rate
            for duty, comes in self.duties
            if duty.market == market and (not duty.plants or plant in duty.plants)
        ]
        return np.asarray(sum(added)) if added else None

    def usd(self) -> int:
        """The place of the dollar among the currencies."""
        return self.rates.currencies.index("USD")


def scenarios(draws: MarketDraws, rates: Rates, assumed: Assumed, seed: int) -> Scenarios:
    """As many worlds as there are draws of the outlook.

    Raises:
        InputError: ``plan.draws_differ`` where the rates have another number of draws or years;
            ``plan.bad_range``.
    """
    n, count, width = draws.sales_usd.shape
    if rates.draws.shape[:2] != (n, count):
        raise InputError("plan.draws_differ", markets=n, rates=len(rates.draws))
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(6)]
    price = 1 + np.array([assumed.price_growth.get(market, 0.0) for market in draws.markets])
    spread = np.array([assumed.spread.get(market, PRIOR_YEARLY) for market in draws.markets])
    normal = streams[1].standard_normal((n, width + 2))
    return Scenarios(
        years=draws.years,
        markets=draws.markets,
        growth=draws.sales_usd / draws.base_usd / price ** np.arange(1, count + 1)[:, None],
        share=_share_moves((n, count), spread, assumed.common, streams[0]),
        lasting=normal[:, 2:],
        exit=streams[2].random((n, width)),
        sigma=normal[:, 0],
        beyond=normal[:, 1],
        freight=assumed.freight.drawn(streams[3], (n, count)),
        inputs=assumed.inputs.drawn(streams[4], (n, count)),
        duties=tuple((duty, streams[5].random(n) < duty.probability) for duty in assumed.duties),
        rates=rates if draws.rates is None else Rates(rates.currencies, rates.today, draws.rates),
    )


def _share_moves(
    shape: tuple[int, int], spread: Floats, common: float, rng: np.random.Generator
) -> Floats:
    """How the firm's share in each market moves, year upon year: n × Y × M, of mean 1.

    Yearly moves have the tent-shaped (Laplace) distribution of firms' growth (Stanley et al. 1996,
    Nature 379); what all markets of a firm have in common is normal.
    """
    n, years = shape
    scale = spread * np.sqrt((1 - common) / 2)
    shared = spread * np.sqrt(common)
    # The logarithm of a Laplace variable has a mean only while its scale is below 1.
    scale = np.minimum(scale, 0.9)
    own = rng.laplace(size=(n, years, len(spread))) * scale + np.log1p(-(scale**2))
    together = rng.standard_normal((n, years, 1)) * shared - shared**2 / 2
    return np.asarray(np.exp(np.cumsum(own + together, axis=1)))


def yearly_spread(log_share: Floats, prior: float = PRIOR_YEARLY) -> float:
    """Spread of a year's log share around the market's mean, drawn to a prior.

    Args:
        log_share: markets × years; not a number where it did not sell.
        prior: see :data:`PRIOR_YEARLY`, or :func:`by_size` of another seller's.
    """
    known = ~np.isnan(log_share)
    several = log_share[known.sum(axis=1) > 1]
    moves = (
        several - np.nanmean(several, axis=1, keepdims=True) if len(several) else np.zeros((0, 1))
    )
    freedom = float((~np.isnan(several)).sum() - len(several))
    total = float(np.nansum(moves**2)) + PRIOR_YEARS * prior**2
    return float(np.sqrt(total / (freedom + PRIOR_YEARS)))


def by_size(spread: float, size: float, of: float) -> float:
    """The spread of a seller of another size: a state swings less than a firm.

    ``spread × (size / of)^−0.20``, see :data:`BY_SIZE`.

    Args:
        spread: of a seller that sells ``of``.
        size: sales of the seller asked about, in the same money.
        of: sales of the one observed.

    >>> round(by_size(0.2, size=1e6, of=1e8), 3)
    0.502
    """
    return float(spread * (size / of) ** -BY_SIZE)


def simulated_rates(
    history: History, years: int, *, paths: int, seed: int, forwards: Sequence[Floats] | None = None
) -> Rates:
    """Rates in the middle of each year ahead, by filtered historical simulation.

    Their mean is the forward, or today's rate where no forward is given: a hedge then changes risk
    and not the mean. The pool's drift is no forecast.

    Args:
        history: daily rates up to the plan's day.
        years: of the horizon.
        paths: how many draws.
        seed: of the generator; all years stand on the same paths.
        forwards: for each year, the forward by currency.

    Raises:
        MissingDataError: ``settle.short_history``.
    """
    today = history.cny_per_fc[-1]
    drawn = []
    for year in range(years):
        left = YEAR_DAYS * (years - year) - YEAR_DAYS // 2
        rate = simulate(history, YEAR_DAYS * years, paths=paths, seed=seed, before_end=left)
        mean = today if forwards is None else forwards[year]
        drawn.append(rate * (mean / rate.mean(axis=0)))
    currencies, one = (*history.currencies, "CNY"), np.ones((paths, years, 1))
    draws = np.concatenate([np.stack(drawn, axis=1), one], axis=2)
    return Rates(currencies, np.append(today, 1.0), draws)
