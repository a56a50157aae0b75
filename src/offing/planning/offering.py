"""Offers with what each sells and earns in every scenario.

::

    units(P) = today's units × growth × share × (P / P_today)^(−σ)                  where it sells
    units(P) = entry share × segment × growth × share × (P / P_ref)^(−σ) × ramp     where it enters
    (in some scenarios the elasticity rises with the price: offing.planning.scenarios.MOST_BEND)
    profit   = units × (FOB (1 − g) − cost − what the firm pays of logistics)

Growth is of quantity. Prices are compared at the level of σ. A price of the invoice stays as agreed
in its currency; what it is worth in yuan moves with the rate.

A price may move only where the firm's own ledger or a person says what it does to sales, and that
leaves out the elasticity for which today's price is the best one. Elsewhere an offer keeps what the
buyer pays today, from whatever plant; a price that a person asks follows the curve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.elasticity import (
    OUTSIDE,
    Chain,
    Sigma,
    best_price,
    elasticity_behind,
    implied_sigma,
    outside,
    quantity_response,
)
from offing.planning.market_share import Entry, Survival, years_there
from offing.planning.offers import Offer, Offers
from offing.planning.scenarios import MOST_FOLLOW, Scenarios
from offing.terms.errors import InputError

Floats = NDArray[np.float64]
Way = tuple[str, str]
"""A plant and the currency of its invoice."""
Single = NDArray[np.float32]

PRICES = 9
WEEKS = 52.0
"""Of a year."""
LARGEST_RESPONSE = 5.0
"""Assumption of ours: no scenario sells more than five times what the elasticity itself says."""


@dataclass(frozen=True)
class Delivery:
    """One way to deliver a model to a market: a plant, an invoice currency, a brand.

    Attributes:
        plant: where it is made.
        line: whose hours it takes.
        currency: of the invoice.
        cost_cny: of a unit, ex works.
        brand: ``own`` or ``oem``.
        carried_cny: freight and the like of a unit that the firm pays itself; moves with freight.
        proportional: costs as a share of FOB: what is not refunded, settlement, cover, channel.
        freight_usd: freight and insurance of a unit that the buyer pays.
        duty: on CIF, for goods of this plant; ``None`` where it is not known. At one plant it
            cancels in what a price does to sales; no two plants may then be compared.
        retail: trade margin and sales tax on top of the landed price.
        hours: of the line, a unit.
        lot: least units a year.
        receivable_days: until the buyer pays.
    """

    plant: str
    line: str
    currency: str
    cost_cny: float
    brand: str = "own"
    carried_cny: float = 0.0
    proportional: float = 0.0
    freight_usd: float = 0.0
    duty: float | None = 0.0
    retail: float = 0.0
    hours: float = 1.0
    lot: float = 0.0
    receivable_days: float = 0.0

    def chain(self, cny_per_usd: float) -> Chain:
        """From its cost to what the buyer pays, USD at a rate."""
        return Chain(
            (self.cost_cny + self.carried_cny) / cny_per_usd,
            self.proportional,
            self.freight_usd,
            self.duty or 0.0,
            self.retail,
        )


@dataclass(frozen=True)
class Selling:
    """What the firm sells of a model in a market today.

    Attributes:
        units: a year.
        between: the lowest and highest FOB price at which it has sold, USD.
        from_today: log of its lasting share over today's, of
            :class:`offing.planning.market_share.ShrunkShare`.
        error: of that logarithm.
        price_from_today: log of its lasting price over today's, of
            :class:`offing.planning.market_share.PriceRecord`.
        price_error: of that logarithm.
        grade: log of what the goods sold there cost over the firm's usual ones.
        grade_error: of that logarithm.
    """

    units: float
    between: tuple[float, float]
    from_today: float = 0.0
    error: float = 0.0
    price_from_today: float = 0.0
    price_error: float = 0.0
    grade: float = 0.0
    grade_error: float = 0.0

    @property
    def cost_factor(self) -> float:
        """What a unit sold there costs on average, over what is stated: its grade."""
        spread = (self.price_error / 2) ** 2 + self.grade_error**2
        return float(np.exp(self.grade + spread / 2)) if self.grade_error else 1.0

    @property
    def usual(self) -> float:
        """The mean lasting share over today's."""
        return float(np.exp(self.from_today + self.error**2 / 2))


@dataclass(frozen=True)
class MarketEntry:
    """What an entry would be.

    Attributes:
        size: its share of the origin's exports to the segment, and the ramp.
        survival: how long it lasts.
        segment_usd: the origin's exports in the segment today.
        cost_cny: of entering.
        lead_weeks: from the plan's day until the goods may be sold there.
        later_cny: the part of ``cost_cny`` that a pilot pays on going on.
    """

    size: Entry
    survival: Survival
    segment_usd: float
    cost_cny: float = 0.0
    lead_weeks: float = 0.0
    later_cny: float = 0.0

    @property
    def pilot_year(self) -> int:
        """The place of the first year in which the goods are sold for half of it or more."""
        return max(int(np.ceil(self.lead_weeks / WEEKS - 0.5)), 0)

    def open(self, year: int) -> float:
        """The part of the plan's year 0, 1, … in which the goods may be sold.

        >>> from offing.planning.market_share import assumed_entry_size, published_survival
        >>> late = MarketEntry(assumed_entry_size(0.01), published_survival(2), 1e6, lead_weeks=65)
        >>> [late.open(year) for year in range(3)]
        [0.0, 0.75, 1.0]
        """
        return min(max((year + 1) - self.lead_weeks / WEEKS, 0.0), 1.0)


@dataclass(frozen=True)
class Outlet:
    """A model in a market.

    Attributes:
        model: the firm's name of the article.
        market: alpha-3.
        deliveries: ways to deliver; the first is today's where it sells, else the usual one.
        sigma: elasticity of its demand.
        price_usd: FOB price today: the ledger's, in its own currency, at the rate of the day; where
            it does not sell, the price for which the entry's size holds: the segment's reference.
        state: what it sells, or what an entry would be.
        ladder: the lowest and highest FOB price of the market's ladder.
        asked_usd: the FOB price that a person asks, where it is another.
        keep_cny: of keeping the model in the market, a year.
        kept_usd: under a counterfactual, the FOB prices of plants in other countries, which go on
            as they were though the duty on the firm's own country's goods moves.
    """

    model: str
    market: str
    deliveries: tuple[Delivery, ...]
    sigma: Sigma
    price_usd: float
    state: Selling | MarketEntry
    ladder: tuple[float, float] | None
    asked_usd: float | None = None
    keep_cny: float = 0.0
    kept_usd: Mapping[Way, float] = field(default_factory=dict)

    def usual(self, cny_per_usd: float) -> dict[Way, float]:
        """Plant and currency → the FOB price at which the buyer pays what he pays today."""
        today, level = self.deliveries[0], self.sigma.level
        paid = today.chain(cny_per_usd).at(level, self.price_usd)
        return {
            (way.plant, way.currency): self.price_usd
            if way is today
            else way.chain(cny_per_usd).fob(level, paid)
            for way in self.deliveries
        }


@dataclass(frozen=True)
class Grid:
    """Which offers are built.

    Attributes:
        prices: on a market's ladder, today's included.
        match: how far rivals follow a price, see
            :func:`offing.planning.elasticity.quantity_response`; ``None``: as in the scenario.
        discount: what money a year later is worth today.
    """

    prices: int = PRICES
    match: float | None = 0.0
    discount: float = 1.0


_Choice = tuple[Delivery, float, Offer]
"""An offer before its scenarios: its delivery, and what the buyer pays over what he pays today."""


def price_grid(low: float, high: float, count: int, fixed: Sequence[float]) -> tuple[float, ...]:
    """Prices in equal steps of their logarithm, with some that must be among them.

    Each of ``fixed`` takes the place of the nearest step; one beyond the ladder stands beside it.

    >>> [round(p) for p in price_grid(100, 400, 3, [180])]
    [100, 180, 400]
    """
    prices = np.geomspace(low, high, count)
    free = np.ones(count, dtype=bool)
    beyond = []
    for price in fixed:
        if not low <= price <= high or not free.any():
            beyond.append(price)
            continue
        distance = np.where(free, np.abs(np.log(prices / price)), np.inf)
        nearest = int(distance.argmin())
        prices[nearest], free[nearest] = price, False
    return tuple(sorted({*(float(price) for price in prices), *beyond}))


def implied_by(outlet: Outlet, cny_per_usd: float, *, follow: bool = True) -> float:
    """The elasticity for which today's price is the best one.

    A price that is right is right for a seller whose rivals ``follow``; a ledger's elasticity has
    their answer in it.
    """
    chain = outlet.deliveries[0].chain(cny_per_usd)
    implied = implied_sigma(chain, outlet.price_usd, outlet.sigma.level)
    if not follow or outlet.sigma.source == "ledger":
        return implied
    return elasticity_behind(implied, MOST_FOLLOW / 2)


def _choices(outlet: Outlet, grid: Grid, cny_per_usd: float) -> list[_Choice]:
    """The offers of an outlet, in order of price."""
    today = outlet.deliveries[0]
    chain, level = today.chain(cny_per_usd), outlet.sigma.level
    verdict = outlet.sigma.verdict(implied_by(outlet, cny_per_usd, follow=grid.match != 0.0))
    paid = chain.at(level, outlet.price_usd)
    usual = outlet.usual(cny_per_usd)
    choices = []
    for delivery in outlet.deliveries:
        way = delivery.chain(cny_per_usd)
        # Where no price may move, the buyer pays what he pays today, wherever the goods come from.
        plant_currency = delivery.plant, delivery.currency
        same = outlet.kept_usd.get(plant_currency, usual[plant_currency])
        reference = way.at(level, same) if plant_currency in outlet.kept_usd else paid
        prices = {same}
        if verdict == "moves" and outlet.ladder is not None:
            best = way.fob(level, best_price(way, outlet.sigma.value, level))
            low, high = outlet.ladder
            within = [best] if low <= best <= high else []
            prices = set(price_grid(low, high, grid.prices, [same, *within]))
        if outlet.asked_usd is not None:
            prices.add(outlet.asked_usd)
        for fob in sorted(price for price in prices if price > 0):
            ratio = way.at(level, fob) / reference
            curve = outlet.sigma.source if abs(np.log(ratio)) > 1e-9 else None
            choices.append((delivery, ratio, _offer(outlet, delivery, fob, curve)))
    return sorted(choices, key=lambda choice: choice[2].price_usd)


def _offer(outlet: Outlet, delivery: Delivery, fob: float, curve: str | None) -> Offer:
    sells = isinstance(outlet.state, Selling)
    return Offer(
        model=outlet.model,
        market=outlet.market,
        plant=delivery.plant,
        line=delivery.line,
        brand=delivery.brand,
        currency=delivery.currency,
        price_usd=fob,
        today=sells and delivery is outlet.deliveries[0] and fob == outlet.price_usd,
        sold=sells,
        hours=delivery.hours,
        lot=delivery.lot,
        keep_cny=outlet.keep_cny,
        entry_cny=0.0 if isinstance(outlet.state, Selling) else outlet.state.cost_cny,
        receivable_days=delivery.receivable_days,
        curve=curve,
        asked=fob == outlet.asked_usd,
    )


@dataclass(frozen=True)
class _Money:
    """What moves costs and receipts, years × n in single precision.

    Attributes:
        cny: by currency, yuan for what is worth a dollar today and invoiced in it.
        usd: the same in dollars of the scenario.
        inputs: factor on cost.
        freight: factor on freight.
    """

    cny: dict[str, Single]
    usd: dict[str, Single]
    inputs: Single
    freight: Single

    @classmethod
    def of(cls, worlds: Scenarios) -> "_Money":
        rates = worlds.rates
        worth = rates.draws / rates.today * rates.cny_per_usd
        return cls(
            {code: _single(worth[:, :, at]) for at, code in enumerate(rates.currencies)},
            {
                code: _single(worth[:, :, at] / rates.dollars)
                for at, code in enumerate(rates.currencies)
            },
            _single(worlds.inputs),
            _single(worlds.freight),
        )


def _single(values: Floats) -> Single:
    """N × years as years × n, in single precision."""
    return np.ascontiguousarray(values.T, dtype=np.float32)


def _base(outlet: Outlet, worlds: Scenarios) -> Floats:
    """Units at today's price, or at the reference: n × years."""
    index = worlds.market(outlet.market)
    market = worlds.growth[:, :, index] * worlds.share[:, :, index]
    lasting = worlds.lasting[:, index]
    state = outlet.state
    if isinstance(state, Selling):
        drawn = state.units * np.exp(state.from_today + state.error * lasting)
        return np.asarray(market * drawn[:, None])
    years = len(worlds.years)
    grown = np.array([state.size.size(year) * state.open(year) for year in range(years)])
    size = grown / state.size.share
    drawn = state.segment_usd / outlet.price_usd * state.size.drawn(lasting)
    there = years_there(state.survival, worlds.exit[:, index], years)
    return np.asarray(market * drawn[:, None] * size * there)


def _lasting(outlet: Outlet, worlds: Scenarios) -> tuple[Single, Single]:
    """Factors on today's price, of mean 1 where it is known to last, and on cost: n each."""
    state = outlet.state
    if not isinstance(state, Selling) or not state.grade_error:
        return np.ones(1, np.float32), np.ones(1, np.float32)
    index = worlds.market(outlet.market)
    away = state.price_error * worlds.price[:, index]
    grade = state.grade + away / 2 + state.grade_error * worlds.grade[:, index]
    lasting = np.exp(state.price_from_today + away - state.price_error**2 / 2)
    return lasting.astype(np.float32), np.exp(grade).astype(np.float32)


def _curve(
    outlet: Outlet,
    fob: Floats,
    ratio: Floats,
    sigma: Floats,
    match: float | None,
    worlds: Scenarios,
) -> Single:
    """What prices do to units: offers × n.

    Args:
        outlet: that they are asked in.
        fob: of each offer.
        ratio: log of what the buyer pays over what he pays today.
        sigma: n.
        match: of :class:`Grid`.
        worlds: n scenarios.
    """
    # The logarithm, where the elasticity is the same at any price; P / P₀ − 1 where demand is
    # exponential. Both cut what a move of the price brings, in either direction.
    bent = np.expm1(np.multiply.outer(ratio, worlds.bend)) / worlds.bend
    # in a ledger's elasticity is their answer already
    known = 0.0 if match is None and outlet.sigma.source == "ledger" else match
    follow = worlds.follow if known is None else np.array(known)
    moved = -bent * quantity_response(sigma, follow)
    if isinstance(outlet.state, Selling):
        beyond = outside(fob, *outlet.state.between)[:, None] * OUTSIDE * outlet.sigma.value
        moved += beyond * worlds.beyond - beyond**2 / 2
    # A scenario with a very large σ, or far from what is known, must not rule the mean.
    point = -ratio * float(quantity_response(outlet.sigma.value, float(np.mean(follow))))
    most = np.maximum(point, 0.0)[:, None] + np.log(LARGEST_RESPONSE)
    return np.asarray(np.exp(np.minimum(moved, most)), dtype=np.float32)


def _fill(
    outlet: Outlet,
    choices: Sequence[_Choice],
    sigma: Floats,
    match: float | None,
    worlds: Scenarios,
    money: _Money,
    out: tuple[Single, Single, Single],
) -> None:
    """Units, profit and sales of the offers of one outlet."""
    units, profit, sales = out
    base = _single(_base(outlet, worlds))
    lasting, grade = _lasting(outlet, worlds)
    prices = np.array([row.price_usd for _, _, row in choices])
    ratio = np.log([paid for _, paid, _ in choices])
    curve = _curve(outlet, prices, ratio, sigma, match, worlds)
    np.multiply(curve[:, None, :], base, out=units)
    for offer, (delivery, _, row) in enumerate(choices):
        added = worlds.added_duty(outlet.market, delivery.plant)
        if added is not None:
            units[offer] *= _single((1 + added / (1 + (delivery.duty or 0.0))) ** -sigma[:, None])
        other = worlds.elsewhere.get((outlet.market, delivery.plant))
        if other is not None:
            units[offer] *= _single(np.resize(other, len(worlds.sigma))[:, None])
        price = np.float32(row.price_usd) * lasting
        margin = money.cny[delivery.currency] * price * np.float32(1 - delivery.proportional)
        margin -= np.float32(delivery.cost_cny) * grade * money.inputs
        if delivery.carried_cny:
            margin -= np.float32(delivery.carried_cny) * money.freight
        np.multiply(units[offer], margin, out=profit[offer])
        np.multiply(units[offer], money.usd[delivery.currency] * price, out=sales[offer])


def price_profits(
    outlet: Outlet, worlds: Scenarios, prices: Floats, sigmas: Sequence[Sigma], discount: float
) -> tuple[Floats, Floats]:
    """What an outlet earns at each price under each elasticity, delivered as today.

    Announced duties are left out: they strike all prices alike.

    Args:
        outlet: that is sold in.
        worlds: n scenarios, in each of which rivals follow as far as they do there.
        prices: FOB, today's among them.
        sigmas: elasticities, each drawn in its own interval.
        discount: what money a year later is worth today.

    Returns:
        Discounted profit, CNY, elasticities × prices × n; mean units, elasticities × prices.
    """
    way, money = outlet.deliveries[0], _Money.of(worlds)
    chain, level = way.chain(worlds.rates.cny_per_usd), outlet.sigma.level
    paid = np.array([chain.at(level, price) for price in prices.tolist()])
    ratio = np.log(paid / chain.at(level, outlet.price_usd))
    years = discount ** np.arange(1, len(worlds.years) + 1)
    base = _base(outlet, worlds)
    lasting, grade = _lasting(outlet, worlds)
    received = lasting * money.cny[way.currency] * (1 - way.proportional)
    spent = way.cost_cny * grade * money.inputs + way.carried_cny * money.freight
    worth, cost = (((base * years).T * each).sum(axis=0) for each in (received, spent))
    profits, units = [], []
    for sigma in sigmas:
        told = replace(outlet, sigma=sigma)
        curve = _curve(told, prices, ratio, sigma.drawn(worlds.sigma), None, worlds)
        profits.append(curve * (prices[:, None] * worth - cost))
        units.append((curve * base.sum(axis=1)).mean(axis=1))
    return np.array(profits), np.array(units)


def _check(outlets: Sequence[Outlet]) -> None:
    for outlet in outlets:
        usable = outlet.price_usd > 0 and outlet.deliveries
        if not usable or (outlet.ladder and not 0 < outlet.ladder[0] < outlet.ladder[1]):
            raise InputError("plan.bad_outlet", model=outlet.model, market=outlet.market)


def offers_of(outlets: Sequence[Outlet], worlds: Scenarios, grid: Grid) -> Offers:
    """Build the offers of all outlets in all scenarios; amounts in single precision.

    Raises:
        InputError: ``plan.bad_outlet``, ``plan.market_not_drawn``.
    """
    _check(outlets)
    dollar = worlds.rates.cny_per_usd
    ordered = sorted(outlets, key=lambda outlet: (outlet.model, outlet.market))
    groups = [(outlet, _choices(outlet, grid, dollar)) for outlet in ordered]
    n, years = len(worlds.sigma), len(worlds.years)
    count = sum(len(choices) for _, choices in groups)
    # Rows first: what belongs to an offer lies together while it is built.
    units, profit, sales = (np.empty((count, years, n), np.float32) for _ in range(3))
    money = _Money.of(worlds)
    first = 0
    for outlet, choices in groups:
        span = slice(first, first + len(choices))
        implied = implied_by(outlet, dollar, follow=grid.match != 0.0)
        sigma = outlet.sigma.draw_implied_elasticity(implied, worlds.sigma, worlds.right)
        out = units[span], profit[span], sales[span]
        _fill(outlet, choices, sigma, grid.match, worlds, money, out)
        first = span.stop
    return Offers(
        rows=tuple(row for _, choices in groups for _, _, row in choices),
        years=worlds.years,
        units=_rows_last(units),
        profit_cny=_rows_last(profit),
        sales_usd=_rows_last(sales),
        discount=grid.discount ** np.arange(1, years + 1, dtype=np.float64),
    )


def _rows_last(values: Single) -> Floats:
    """The view with scenarios first and rows last. Single precision stands where the type says
    double: half the memory, and seven digits of a yuan are more than a scenario knows.
    """
    return values.T  # type: ignore[return-value]
