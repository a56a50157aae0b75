"""Scenarios drawn jointly: each is a whole world of markets, shares, rates, costs and duties.

What has one cause moves together: the markets of a scenario come from one draw of the outlook, and
the firm's shares have a common part. Exchange rates are simulated as settlement does it, and a
market's imports move with its currency by a part that is drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offing.settlement.simulation import RateHistory, simulate_at
from offing.terms.countries import all_countries
from offing.terms.errors import InputError
from offing.terms.money import currency_of

Floats = NDArray[np.float64]

SCENARIOS = 2000
BY_SIZE = 0.20
"""The spread of yearly growth falls with the size of the seller to this power: 0.20 ± 0.03 for the
sales of US manufacturers (Amaral et al. 1997, Journal de Physique I 7(4))."""
PRIOR_YEARLY = 0.48
"""Spread of a seller's log share in a market from year to year before its ledger is seen: that of
Brazilian states in the coffee that the port of Santos ships to a country, 2017 to 2024 (Comex Stat,
136 pairs that sold in six years or more), at :data:`PRIOR_SIZE`. Not validated on firms."""
PRIOR_SIZE = 1e7
"""USD a year at which it holds; with size it falls by the power 0.23 there, see :data:`BY_SIZE`."""
WIDEST_YEARLY = 0.8
"""No wider spread is drawn: a launch in a ledger of few years is no swing of every year."""
PRIOR_YEARS = 4.0
"""The prior counts as much as so many years of one market."""
COMMON = 0.25
"""Part of the variance of a firm's shares that all markets have in common: our assumption."""
AHEAD = 0.5
"""Part of the variance of a share's yearly move that lasts in the scenarios; the rest is two years
that pass, each for itself. An assumption of ours with caution in it: half-way from what states'
exports show (:data:`offing.planning.market_share.LASTING`) to all, for no firm's is known."""
MOST_BEND, LEAST_BEND = 1.0, 1e-6
"""How much a firm's elasticity rises with its price is not known: in half of the scenarios not at
all, in the others anything up to exponential demand, ``exp(−σ (P / P₀ − 1))``. Assumption of ours:
these are the two forms in which elasticities are estimated. Small firms pass their costs on in
full, as constant elasticity has it; others pass on less (Amiti, Itskhoki and Konings 2019, Review
of Economic Studies 86(6)), exponential demand of elasticity 4.7 four fifths."""
MOST_FOLLOW = 0.5
"""How far rivals follow a price is not known: anything from not at all to half. Small firms hold
theirs, large ones answer their rivals with about half (Amiti, Itskhoki and Konings 2019)."""
PULL = (0.25, 0.75)
"""By how much of a move of its currency against the dollar a market's imports in dollars move;
drawn once a scenario. Imports of fish moved by 0.24 to 0.77 of it, by importer; not validated on
other goods."""
YEAR_DAYS = 252


@dataclass(frozen=True)
class MarketDraws:
    """What the origin may sell, market by market: joint draws of the outlook.

    Attributes:
        markets: M alpha-3 codes.
        years: Y years of the horizon, counted from the plan's day.
        base_usd: M, sales today.
        sales_usd: n × Y × M.
        product: of the trade. Scenarios of several products with one seed are the same worlds:
            what a market does to one product's share it does not do to another's, the rest is one.
    """

    markets: tuple[str, ...]
    years: tuple[int, ...]
    base_usd: Floats
    sales_usd: Floats
    product: str = ""


@dataclass(frozen=True)
class Range:
    """A person's range of a factor on today's cost: triangular between the ends."""

    low: float = 1.0
    middle: float = 1.0
    high: float = 1.0

    def drawn(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Draws; all ``middle`` where the ends meet."""
        if self.low == self.high:
            return np.full(shape, self.middle)
        return rng.triangular(self.low, self.middle, self.high, size=shape)


@dataclass(frozen=True)
class AnnouncedDuty:
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
        spread: yearly, of the firm's log share, by market.
        common: part of its variance that the markets share, 0 to 1.
        freight: factor on freight that the firm pays.
        inputs: factor on its cost.
        duties: announced.
    """

    spread: Mapping[str, float]
    common: float = COMMON
    freight: Range = Range()
    inputs: Range = Range()
    duties: tuple[AnnouncedDuty, ...] = ()


@dataclass(frozen=True)
class RateDraws:
    """Exchange rates: ``today`` by currency, ``draws`` n × Y × currencies, both in CNY for one."""

    currencies: tuple[str, ...]
    today: Floats
    draws: Floats

    @property
    def cny_per_usd(self) -> float:
        """CNY for a dollar today."""
        return float(self.today[self.currencies.index("USD")])

    @property
    def dollars(self) -> Floats:
        """CNY for a dollar, n × Y."""
        return self.draws[:, :, self.currencies.index("USD")]

    def moves(self, code: str) -> Floats:
        """A currency's rate over today's less 1, n × Y."""
        return np.asarray(self.draws / self.today - 1)[:, :, self.currencies.index(code)]


@dataclass(frozen=True)
class Scenarios:
    """n worlds of Y years.

    Attributes:
        years: Y.
        markets: M.
        growth: n × Y × M, quantity that the origin sells over today's.
        share: n × Y × M, the firm's share over its expected one; its mean is 1.
        lasting: n × M, standard normal: where the firm's lasting share lies in what is known of it.
        exit: n × M, uniform: when an entry ends (:class:`offing.planning.market_share.Survival`).
        sigma: n, standard normal: where σ lies in its interval, one draw for all prices.
        right: n, uniform: whether today's price is the best one, as far as the ledger leaves open.
        beyond: n, standard normal: how σ differs outside the prices at which the firm has sold.
        bend: n, how much the elasticity rises with the price, see :data:`MOST_BEND`.
        follow: n, how far rivals follow a price, see :data:`MOST_FOLLOW`.
        price: n × M, standard normal: where a market's lasting price lies in what is known of it.
        grade: n × M, standard normal: where the grade of what is sold there lies.
        freight: n × Y.
        inputs: n × Y.
        duties: announced duties, each with n booleans: whether it comes.
        rates: exchange rates.
        elsewhere: under a counterfactual, (market, plant) → factors on what a plant of another
            country sells, over those on the goods of the firm's own; fewer than n go on again.
    """

    years: tuple[int, ...]
    markets: tuple[str, ...]
    growth: Floats
    share: Floats
    lasting: Floats
    exit: Floats
    sigma: Floats
    right: Floats
    beyond: Floats
    bend: Floats
    follow: Floats
    price: Floats
    grade: Floats
    freight: Floats
    inputs: Floats
    duties: tuple[tuple[AnnouncedDuty, NDArray[np.bool_]], ...]
    rates: RateDraws
    elsewhere: Mapping[tuple[str, str], Floats] = field(default_factory=dict)

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


def scenarios(draws: MarketDraws, rates: RateDraws, assumed: Assumed, seed: int) -> Scenarios:
    """As many worlds as there are draws of the outlook, and of the rates."""
    n, count, width = draws.sales_usd.shape
    firm = _streams(seed, "firm", 9)
    shares, lasting, exits, prices, grades = _streams(seed, draws.product, 5)
    spread = np.array([assumed.spread.get(market, PRIOR_YEARLY) for market in draws.markets])
    sigma, beyond = firm[1].standard_normal((2, n))
    together = firm[0].standard_normal((2, n, count, 1))
    pull = PULL[0] + (PULL[1] - PULL[0]) * firm[8].random((n,))
    growth = draws.sales_usd / draws.base_usd
    return Scenarios(
        years=draws.years,
        markets=draws.markets,
        growth=_currency_pull(growth, draws.markets, rates, pull),
        share=_share_moves(together, spread, assumed.common, shares),
        lasting=lasting.standard_normal((n, width)),
        exit=exits.random((n, width)),
        sigma=sigma,
        right=firm[2].random((n,)),
        beyond=beyond,
        bend=np.maximum(firm[6].uniform(-MOST_BEND, MOST_BEND, n), LEAST_BEND),
        follow=MOST_FOLLOW * firm[7].random((n,)),
        price=prices.standard_normal((n, width)),
        grade=grades.standard_normal((n, width)),
        freight=assumed.freight.drawn(firm[3], (n, count)),
        inputs=assumed.inputs.drawn(firm[4], (n, count)),
        duties=tuple((duty, firm[5].random((n,)) < duty.probability) for duty in assumed.duties),
        rates=rates,
    )


def _currency_pull(
    growth: Floats, markets: Sequence[str], rates: RateDraws, pull: Floats
) -> Floats:
    """Growth that moves with the importer's currency, of the same mean and no wider than before.

    Of markets whose currency is among the rates; prices are in dollars.
    """
    pulled = growth.copy()
    dollar = rates.dollars
    for place, market in enumerate(markets):
        there = growth[:, :, place]
        code = currency_of(market) if market in all_countries() else None
        if code in ("USD", "CNY") or code not in rates.currencies:
            continue
        sold = there > 0
        moved = np.log(rates.draws[:, :, rates.currencies.index(code)] / dollar)
        part = pull[:, None] * (moved - moved.mean(axis=0))
        own = np.log(there, out=np.zeros_like(there), where=sold)
        own = np.where(sold, own - own.sum(axis=0) / np.maximum(sold.sum(axis=0), 1), 0.0)
        if not own.any(axis=0).all():  # one year of data tells no distribution
            continue
        width = (own**2).sum(axis=0) / sold.sum(axis=0)
        left = np.maximum(1 - part.var(axis=0) / width, 0.0)
        grown = np.where(sold, np.exp(np.sqrt(left) * own + part), 0.0)
        pulled[:, :, place] = grown * there.mean(axis=0) / grown.mean(axis=0)
    return pulled


def _streams(seed: int, of: str, count: int) -> list[np.random.Generator]:
    """Generators of one purpose: another product's draws leave these as they are."""
    parts = np.random.SeedSequence([seed, *of.encode()]).spawn(count)
    return [np.random.default_rng(sequence) for sequence in parts]


def _share_moves(
    together: Floats, spread: Floats, common: float, rng: np.random.Generator
) -> Floats:
    """The firm's share in each market over its expected one: n × Y × M, of mean 1.

    A part of each move lasts and adds up, the rest is a year's own (:data:`AHEAD`). Moves have the
    tent-shaped (Laplace) distribution of firms' growth (Stanley et al. 1996, Nature 379); what all
    markets of a firm have in common is normal.
    """
    lasting, passing = (
        _moves(shocks, np.sqrt(fraction) * spread, common, rng)
        for shocks, fraction in zip(together, (AHEAD, (1 - AHEAD) / 2), strict=True)
    )
    return np.asarray(np.exp(np.cumsum(lasting, axis=1) + passing))


def _moves(together: Floats, spread: Floats, common: float, rng: np.random.Generator) -> Floats:
    """Moves of log shares whose exponential has the mean 1: n × Y × M."""
    n, years, _ = together.shape
    scale = spread * np.sqrt((1 - common) / 2)
    shared = spread * np.sqrt(common)
    # The logarithm of a Laplace variable has a mean only while its scale is below 1.
    scale = np.minimum(scale, 0.9)
    own = rng.laplace(size=(n, years, len(spread))) * scale + np.log1p(-(scale**2))
    return np.asarray(own + together * shared - shared**2 / 2)


def yearly_spread(log_share: Floats, prior: float = PRIOR_YEARLY) -> float:
    """Spread of how a log share moves from year to year, drawn to a prior.

    What all markets did in a year is no spread between them: a model that was launched grows
    everywhere. It is taken out, and the moves that are left have the tent-shaped distribution,
    whose standard deviation is ``√2`` times the mean size of a move.

    Args:
        log_share: markets × years; not a number where it did not sell.
        prior: see :data:`PRIOR_YEARLY`, or :func:`spread_for_size` of another seller's.
    """
    moves = np.diff(log_share, axis=1)
    observed = ~np.isnan(moves)
    counts = observed.sum(axis=0)
    several = counts > 1
    if not several.any():
        return min(float(prior), WIDEST_YEARLY)
    moves, observed, counts = moves[:, several], observed[:, several], counts[several]
    gaps = np.where(observed, moves - np.nanmean(moves, axis=0), 0.0)
    # A year's mean takes one freedom of its markets.
    size = np.sqrt(2.0) * float((np.abs(gaps).sum(axis=0) / np.sqrt(counts * (counts - 1))).sum())
    freedom = float((counts - 1).sum())
    spread = size / len(counts)
    variance = (freedom * spread**2 + PRIOR_YEARS * prior**2) / (freedom + PRIOR_YEARS)
    return min(float(np.sqrt(variance)), WIDEST_YEARLY)


def spread_for_size(spread: float, size: float, of: float) -> float:
    """The spread of a seller of another size: a state swings less than a firm.

    ``spread × (size / of)^−0.20``, see :data:`BY_SIZE`.

    Args:
        spread: of a seller that sells ``of``.
        size: sales of the seller asked about, in the same money.
        of: sales of the one observed.

    The prior of one that sells USD 1 m in a market is ``by_size(PRIOR_YEARLY, 1e6, PRIOR_SIZE)``.

    >>> round(spread_for_size(0.2, size=1e6, of=1e8), 3)
    0.502
    """
    return float(spread * (size / of) ** -BY_SIZE)


def simulated_rates(history: RateHistory, years: int, *, paths: int, seed: int) -> RateDraws:
    """Rates in the middle of each year ahead, by filtered historical simulation.

    Their mean is today's rate: a hedge then changes risk and not the mean. The pool's drift is no
    forecast. All years stand on the same paths.

    Raises:
        MissingDataError: ``settle.short_history``.
    """
    today = history.cny_per_fc[-1]
    days_left = [YEAR_DAYS * (years - year) - YEAR_DAYS // 2 for year in range(years)]
    ahead = simulate_at(history, YEAR_DAYS * years, days_left, paths=paths, seed=seed)
    drawn = [rate * (today / rate.mean(axis=0)) for rate in ahead]
    currencies, yuan = (*history.currencies, "CNY"), np.ones((paths, years, 1))
    draws = np.concatenate([np.stack(drawn, axis=1), yuan], axis=2)
    return RateDraws(currencies, np.append(today, 1.0), draws)
