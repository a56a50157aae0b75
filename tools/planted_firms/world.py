"""A world, its past as a firm sees it, and what a decision earns in it.

It differs from the plan's own model on purpose: demand is logit with an outside option, shocks have
t tails, exchange rates are real months and also move demand, rivals follow a price by none, 30 or
50 %, entries need three years and end by a hazard of their own, shares wander, prices of the past
were set by an elasticity that the firm misjudged, and a buyer's mix of grades moves price and cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CURRENCY = {
    "DEU": "EUR", "GBR": "GBP", "JPN": "JPY", "KOR": "KRW", "IND": "INR", "MEX": "MXN",
    "ZAF": "ZAR", "TUR": "TRY", "POL": "PLN", "THA": "THB", "MYS": "MYR", "IDN": "IDR",
    "BRA": "BRL", "AUS": "AUD", "CAN": "CAD", "PHL": "PHP",
}  # fmt: skip
MARKETS = tuple(CURRENCY)
YEARS = tuple(range(2010, 2024))
"""Years of trade; the plan's day is the last of 2024."""
MONTHS = 60
"""Months of history, the last of them December 2024; a ledger shows the newest of them."""
HORIZON = 3
DISCOUNT = 0.08
RAMP = (0.45, 0.75, 1.0)
GRID = tuple(np.round(np.arange(0.80, 1.26, 0.05), 2))
"""Prices that may be asked, over today's, or at an entry over the rivals'."""
WAITS = 280 / 600
"""Of an entry's cost, what a pilot pays on going on: listing and promotion of the shipped sums."""
FREIGHT = 3.0
"""USD of one set."""


@dataclass(frozen=True)
class Prior:
    """What is known of such worlds: drawn from in the generator, believed by equal knowledge."""

    sigma: float = 5.0
    sigma_spread: float = 0.35
    misjudged: float = 0.2
    appeal: float = -5.4
    appeal_spread: float = 0.8
    firm_spread: float = 0.6
    wander: float = 0.25
    noise: float = 0.5
    follow: tuple[float, ...] = (0.0, 0.3, 0.5)
    currency_pull: tuple[float, ...] = (0.0, 0.5)
    hazard: tuple[float, float] = (2.0, 6.0)
    common_shock: float = 0.06
    market_shock: float = 0.10
    tails: float = 4.0
    entry_cny: float = 13.2


PRIOR = Prior()
NO_ROOM = replace(PRIOR, misjudged=0.0, entry_cny=17.5)
"""Prices are right and an entry costs some forty millions: little can be gained but by leaving."""


@dataclass(frozen=True)
class Firm:
    """The truth, and the past that it made. Arrays are by market, those of the past by month.

    Attributes:
        sigma: price coefficient of the logit; at a small share the price elasticity.
        follow: how far rivals follow a change of the firm's price, 0 to 1.
        pull: by how much demand moves with the importer's currency.
        cost: CNY of one set today; ``grade`` what a market's mix of grades costs over it.
        appeal: of the firm's goods in each market; ``wandered`` what it has come to by now.
        sold: whether the firm sells there.
        size: units of the segment a year by year of trade, the last for 2024.
        rival: the rivals' landed price, USD, by the same years.
        growth: of the segment a year, its mean.
        duty: ad valorem.
        price, grade, cost_then, units: by month.
        rates: USD for one of the importer's currency by month.
        hazard: chance that an entry ends in a year.
        enter_cny, keep_cny: once and each year.
        cny: for one USD today.
    """

    sigma: float
    follow: float
    pull: float
    cost: float
    appeal: Floats
    wandered: Floats
    sold: NDArray[np.bool_]
    size: Floats
    rival: Floats
    growth: Floats
    duty: Floats
    price: Floats
    grade: Floats
    cost_then: Floats
    units: Floats
    rates: Floats
    hazard: Floats
    enter_cny: float
    keep_cny: float
    cny: float
    ledger_months: int

    @property
    def price_now(self) -> Floats:
        """FOB USD of the last twelve months, weighed by units.

        Where nothing is sold, what the rivals' landed price leaves after duty and freight.
        """
        units, price = self.units[:, -12:], self.price[:, -12:]
        own = (units * price).sum(1) / np.maximum(units.sum(1), 1e-9)
        rivals = self.rival[:, -1] / (1 + self.duty) - FREIGHT
        return np.where(self.sold, own, rivals)


def landed(price: Floats, duty: Floats) -> Floats:
    """USD of one set in the market."""
    return (price + FREIGHT) * (1 + duty)


def share(utility: Floats) -> Floats:
    """The logit's share beside an outside option."""
    return np.asarray(1 / (1 + np.exp(-utility)))


def heavy(
    rng: np.random.Generator, spread: float, *shape: int, tails: float = PRIOR.tails
) -> Floats:
    """Shocks with t tails and a given standard deviation."""
    return np.asarray(rng.standard_t(tails, shape) * spread / np.sqrt(tails / (tails - 2)))


def plant(seed: int, rates: Mapping[str, Floats], cny: float, prior: Prior = PRIOR) -> Firm:
    """Draw a world.

    Args:
        seed: of everything.
        rates: currency → USD for one of it, monthly, the last that of the plan's day.
        cny: for one USD on that day.
        prior: where the parameters are drawn from.
    """
    rng = np.random.default_rng(seed)
    n, years = len(MARKETS), len(YEARS) + 1
    sigma = prior.sigma * np.exp(prior.sigma_spread * rng.standard_normal())
    believed = sigma * np.exp(prior.misjudged * rng.standard_normal())
    follow, pull = float(rng.choice(prior.follow)), float(rng.choice(prior.currency_pull))
    money = np.array([rates[CURRENCY[m]] for m in MARKETS])
    yearly = money[:, -12 * years :].reshape(n, years, 12).mean(2)
    growth = rng.normal(0.03, 0.03, n)
    moved = np.diff(np.log(yearly), axis=1, prepend=np.log(yearly[:, :1]))
    steps = (
        growth[:, None]
        + heavy(rng, prior.common_shock, 1, years)
        + heavy(rng, prior.market_shock, n, years)
        + pull * moved
    )
    size = np.exp(rng.normal(13.2, 1.0, n))[:, None] * np.exp(np.cumsum(steps, axis=1))
    rival = 300 * np.exp(
        rng.normal(0, 0.08, n)[:, None] + np.cumsum(rng.normal(0, 0.03, (n, years)), axis=1)
    )
    duty = np.asarray(rng.choice([0.0, 0.05, 0.10, 0.14], n), np.float64)
    usual = float(np.mean(rival[:, -1] / (1 + duty))) - FREIGHT
    cost = usual * cny * (believed - 1) / believed * float(np.exp(0.05 * rng.standard_normal()))
    cost_then = cost * np.exp(np.cumsum(rng.normal(0, 0.012, MONTHS))[None, ::-1])
    cost_then = cost_then / cost_then[:, -1:] * cost
    chance = size[:, -1] ** 0.6
    count = int(rng.integers(5, 10))
    sold = np.zeros(n, bool)
    sold[rng.choice(n, count, replace=False, p=chance / chance.sum())] = True
    firm_level = rng.normal(prior.appeal, prior.firm_spread)
    appeal = firm_level + prior.appeal_spread * rng.standard_normal(n)
    grade = np.exp(0.05 * _slow(rng, n, MONTHS, 0.9) + rng.normal(0, 0.08, n)[:, None])
    swing = 0.05 * _slow(rng, n, MONTHS, 0.8)
    invoiced = rng.random(n) < 0.45
    usd = money[:, -MONTHS:]
    sticky = invoiced[:, None] * np.log(usd / usd.mean(1, keepdims=True))
    markup = believed / (believed - 1)
    passed = (cost_then / cost) ** 0.6 * cost
    wanted = passed / cny * markup * grade
    price = wanted * np.exp(swing + 0.6 * sticky)
    wander = np.cumsum(heavy(rng, prior.wander / np.sqrt(12), n, MONTHS), axis=1)
    monthly = np.repeat(size[:, -MONTHS // 12 :], 12, axis=1) / 12
    rivals = np.repeat(rival[:, -MONTHS // 12 :], 12, axis=1)
    utility = appeal[:, None] + wander - sigma * np.log(landed(price, duty[:, None]) / rivals)
    units = monthly * share(utility + prior.noise * rng.standard_normal((n, MONTHS)))
    units = np.round(units * sold[:, None])
    return Firm(
        sigma=sigma, follow=follow, pull=pull, cost=cost, appeal=appeal,
        wandered=wander[:, -1] * sold, sold=sold, size=size, rival=rival, growth=growth, duty=duty,
        price=price, grade=grade, cost_then=cost_then, units=units, rates=money,
        hazard=rng.beta(*prior.hazard, n),
        enter_cny=float(np.exp(rng.normal(prior.entry_cny, 0.4))), keep_cny=110_000.0, cny=cny,
        ledger_months=int(rng.choice([24, 36, 48, 60])),
    )  # fmt: skip


def _slow(rng: np.random.Generator, rows: int, columns: int, last: float) -> Floats:
    """Autoregressive series of variance one."""
    shocks = rng.standard_normal((rows, columns)) * np.sqrt(1 - last**2)
    found = np.empty((rows, columns))
    found[:, 0] = rng.standard_normal(rows)
    for at in range(1, columns):
        found[:, at] = last * found[:, at - 1] + shocks[:, at]
    return found


@dataclass(frozen=True)
class Futures:
    """What may come, by draw and year: the same for every decision that is compared.

    Attributes:
        size: the segment's units, (draw, market, year).
        rival: the rivals' landed price, USD, likewise.
        wander: what the firm's share has wandered, likewise.
        cost: of one set, CNY over today's, (draw, year).
        cny: for one USD, likewise.
        leaves: uniform numbers of the hazard of an entry, (draw, market, year).
    """

    size: Floats
    rival: Floats
    wander: Floats
    cost: Floats
    cny: Floats
    leaves: Floats


def futures(firm: Firm, cny: Floats, draws: int, seed: int, prior: Prior = PRIOR) -> Futures:
    """Draw what comes after the plan's day; ``cny`` are monthly CNY for one USD of the past.

    Exchange rates and the demand that they pull are of the same real years.
    """
    rng = np.random.default_rng(seed)
    n, months = firm.rates.shape
    last = months - 12 * HORIZON
    begins = rng.integers(0, last, draws)
    years = begins[:, None] + 12 * np.arange(HORIZON + 1)[None, :]
    log_rate, log_cny = np.log(firm.rates), np.log(cny[-months:])
    path = log_rate[:, years].transpose(1, 0, 2)
    moved = np.diff(path, axis=2)
    steps = (
        firm.growth[None, :, None]
        + heavy(rng, prior.common_shock, draws, 1, HORIZON)
        + heavy(rng, prior.market_shock, draws, n, HORIZON)
        + firm.pull * moved
    )
    yuan = log_cny[years]
    return Futures(
        size=firm.size[:, -1][None, :, None] * np.exp(np.cumsum(steps, axis=2)),
        rival=firm.rival[:, -1][None, :, None]
        * np.exp(np.cumsum(rng.normal(0, 0.03, (draws, n, HORIZON)), axis=2)),
        wander=np.cumsum(heavy(rng, prior.wander, draws, n, HORIZON), axis=2),
        cost=np.exp(np.cumsum(rng.normal(0, 0.03, (draws, HORIZON)), axis=1)),
        cny=firm.cny * np.exp(yuan[:, 1:] - yuan[:, :1]),
        leaves=rng.random((draws, n, HORIZON)),
    )


@dataclass(frozen=True)
class Belief:
    """Parameters under which a market's profit is computed: the truth, or one that is held likely.

    Attributes:
        sigma: price coefficient.
        follow: of the rivals.
        level: appeal with what it has wandered to.
        hazard: of an entry.
    """

    sigma: float
    follow: float
    level: float
    hazard: float


def profit(
    firm: Firm,
    coming: Futures,
    market: int,
    belief: Belief,
    price: float | None,
    stop_below: float | None = None,
) -> Floats:
    """What a market earns in each draw, discounted, CNY; nothing where ``price`` is ``None``.

    A market that is not sold in is entered: cost once, a ramp, and it may end each year. As a pilot
    it stops after a year that sold less than ``stop_below``; what can wait of its cost is paid on
    going on.
    """
    if price is None:
        return np.zeros(len(coming.cny))
    before, rivals = firm.price_now[market], coming.rival[:, market]
    duty = firm.duty[market]
    if firm.sold[market]:
        rivals = rivals * (price / before) ** belief.follow
    utility = (
        belief.level
        + coming.wander[:, market]
        - belief.sigma * np.log((price + FREIGHT) * (1 + duty) / rivals)
    )
    units = coming.size[:, market] * share(utility)
    there = np.ones_like(units)
    once = 0.0
    if not firm.sold[market]:
        units = units * np.array(RAMP)
        ended = np.cumsum(coming.leaves[:, market] < belief.hazard, axis=1)
        there = np.concatenate([np.ones((len(units), 1)), ended[:, :-1] == 0], axis=1)
        once = firm.enter_cny
    grade = firm.grade[market, -12:].mean() if firm.sold[market] else 1.0
    unit = price * coming.cny - firm.cost * grade * coming.cost - FREIGHT * coming.cny
    yearly = there * (units * unit - firm.keep_cny)
    weights = (1 + DISCOUNT) ** -(np.arange(HORIZON) + 0.5)
    if stop_below is None:
        return np.asarray(yearly @ weights - once)
    goes = units[:, 0] >= stop_below
    rest = yearly[:, 1:] @ weights[1:] - once * WAITS / (1 + DISCOUNT)
    return np.asarray(yearly[:, 0] * weights[0] - once * (1 - WAITS) + goes * rest)


def true_belief(firm: Firm, market: int) -> Belief:
    """The truth of a market."""
    return Belief(
        firm.sigma, firm.follow, float(firm.appeal[market] + firm.wandered[market]),
        float(firm.hazard[market]),
    )  # fmt: skip
