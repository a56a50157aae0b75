"""What the plan is chosen from: options by model, what being in a market costs, joint scenarios.

A :class:`ChoiceSet` is handed over by one stage and taken by the next. The second process that
makes the plans of earlier years reads these modules and no others: they load neither Polars nor
DuckDB (``tests/study/test_manifest_and_files.py``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offing.planning.elasticity import Learnt, Sigma
from offing.planning.market_share import Entry, EntryLine, PriceRecord, ShrunkShare
from offing.planning.offering import Grid, Outlet, offers_of
from offing.planning.offers import Offer, Offers, Risk
from offing.planning.plan import Lead
from offing.planning.scenarios import (
    AnnouncedDuty,
    Assumed,
    MarketDraws,
    Range,
    RateDraws,
    Scenarios,
    scenarios,
)
from offing.study.file import Study
from offing.study.schema import Entering, Keeping, MarketSums, SettlementFacts, Span
from offing.terms.caution import Caution, Yuan
from offing.terms.countries import all_countries
from offing.terms.files import shipped_toml

if TYPE_CHECKING:  # the second process loads no history of rates
    from offing.settlement.market_data import MarketData

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MarketShare:
    """What the firm's own record says of a model.

    Attributes:
        markets: where it sells today, m of them.
        share: its share of the origin's exports there, drawn together; ``None`` where it sells
            nowhere that the origin exports to.
        spread: of a year's log share, by the ledger drawn to a prior.
        entry: the size of an entry, by the origin's exports to a market.
        sold_at: the lowest and the highest FOB price at which it sells today, USD.
        prices: how lasting the price in each market is; ``None`` where it sells nowhere.
        first_shares: of the origin's exports, the first years of the entries that its ledger shows.
        hazard: what these make of the published risk of ending: a factor; 1 where none is seen.
    """

    markets: tuple[str, ...]
    share: ShrunkShare | None
    spread: float
    entry: Entry | EntryLine
    sold_at: tuple[float, float] | None = None
    prices: PriceRecord | None = None
    first_shares: tuple[float, ...] = ()
    hazard: float = 1.0

    def usual(self, asks: float) -> float:
        """The price that an entry's size goes with, where no ladder tells one: the firm's own.

        Its entries were made at its own prices: a dearer one sells less, as where it sells, from
        the dearest of them on and without a step. Of a model that it sells nowhere nothing is
        known.
        """
        if self.sold_at is None:
            return asks
        low, high = self.sold_at
        return min(max(asks, low), high)


@dataclass(frozen=True)
class ProductOptions:
    """A model with what the plan may offer of it.

    Attributes:
        code: HS code of its trade.
        outlets: it in every market.
        reached: what its record says.
        sigma: the elasticity that its curve is drawn by.
        ledger: what the ledger says of it; ``None`` without one.
        asked: markets where the study asks another price than the ledger shows.
        exports: market → the origin's exports in the base year, USD.
        tier_share: market → the part of its imports in the tier of our price.
        factors: market → what a counterfactual multiplies later sales by.
        elsewhere: (market, plant) → the same for goods of other countries' plants.
        leads: market where it is not sold today → what must come before it is.
    """

    code: str
    outlets: tuple[Outlet, ...]
    reached: MarketShare
    sigma: Sigma
    ledger: Learnt | None
    asked: frozenset[str]
    exports: Mapping[str, float]
    tier_share: Mapping[str, float]
    factors: Mapping[str, Floats | float] = field(default_factory=dict)
    elsewhere: Mapping[tuple[str, str], Floats] = field(default_factory=dict)
    leads: Mapping[str, Lead] = field(default_factory=dict)


Shelves = Mapping[str, ProductOptions]
"""Model → what it may be offered in."""
Futures = Mapping[str, MarketDraws]
"""HS code → what its country may sell."""

PARTS = tuple(MarketSums.model_fields)
"""The parts of a sum, such as ``certification_cny``."""


def sums_note(entering: Entering, keeping: Keeping) -> Caution | None:
    """What entering and keeping a market are taken to cost, where some of it is illustrative."""
    values: dict[str, Decimal] = {}
    for name, kind, own in (("once", "entering", entering), ("yearly", "keeping", keeping)):
        parts, shipped = sum_of(kind, own, "")
        values[name] = sum(parts.values(), Decimal(0))
        values[f"{name}_shipped"] = sum((parts[part] for part in shipped), Decimal(0))
    if not (values["once_shipped"] or values["yearly_shipped"]):
        return None
    whole = all(values[name] == values[f"{name}_shipped"] for name in ("once", "yearly"))
    key = "study.note_sums_shipped" if whole else "study.note_sums"
    return Caution(key, {name: Yuan(round(value)) for name, value in values.items()})


@cache
def _shipped_sums() -> Mapping[str, Mapping[str, Decimal]]:
    shipped = shipped_toml("offing.study", "market_sums.toml")
    return {name: {part: Decimal(sums[part]) for part in PARTS} for name, sums in shipped.items()}


def sum_of(kind: str, own: MarketSums, market: str) -> tuple[dict[str, Decimal], tuple[str, ...]]:
    """The sum of one market: its own part, else that of all markets, else the shipped one.

    Args:
        kind: ``entering`` (once) or ``keeping`` (each year).
        own: the study's section of that name.
        market: alpha-3.

    Returns:
        Part → CNY, in the order of :data:`PARTS`, and the parts that are shipped figures and not
        the user's.
    """
    single: Mapping[str, MarketSums] = getattr(own, "market", {})
    layers = [single[market], own] if market in single else [own]
    parts, shipped = {}, []
    for part in PARTS:
        given = [value for layer in layers if (value := getattr(layer, part)) is not None]
        if not given:
            shipped.append(part)
        parts[part] = given[0] if given else _shipped_sums()[kind][part]
    return parts, tuple(shipped)


def scale_draws(draws: MarketDraws, factors: Mapping[str, Floats | float]) -> MarketDraws:
    """The same draws where a counterfactual multiplies later sales in some markets.

    Args:
        draws: of the world as it is.
        factors: market → one figure, or draws of it: fewer are gone through again and again.
    """
    if not factors:
        return draws
    sales = draws.sales_usd.copy()
    for index, market in enumerate(draws.markets):
        if market in factors:
            drawn = np.resize(np.asarray(factors[market], dtype=float), len(sales))
            sales[:, :, index] *= drawn[:, None]
    return replace(draws, sales_usd=sales)


def product_scenarios(
    study: Study, model: str, shelf: ProductOptions, draws: Futures, rates: RateDraws
) -> Scenarios:
    """The scenarios of a model: the firm's luck with it is its own, the worlds are the same."""
    drawn = scale_draws(replace(draws[shelf.code], product=model), shelf.factors)
    assumed = Assumed(
        spread=dict.fromkeys(shelf.reached.markets, shelf.reached.spread),
        freight=_range(study.ranges.freight),
        inputs=_range(study.ranges.inputs),
        duties=tuple(_announced_duties(study)),
    )
    worlds = scenarios(drawn, rates, assumed, study.seed)
    return replace(worlds, elsewhere=shelf.elsewhere)


def _announced_duties(study: Study) -> list[AnnouncedDuty]:
    """Duties that are announced: on goods of the plants in the firm's own country."""
    home = tuple(plant.key for plant in study.plant if plant.country == study.firm.origin)
    return [
        AnnouncedDuty(duty.market, duty.year, float(duty.rate), float(duty.probability), home)
        for duty in study.announced
    ]


def _range(span: Span) -> Range:
    """A triangle between the ends with a mean as near to 1 as they allow: risk and no bias."""
    low, high = float(span.low), float(span.high)
    return Range(low, min(max(3.0 - low - high, low), high), high)


MATCHED = 0.5
"""How far rivals follow a price where they match half."""

AHEAD = 180
"""Days to the middle of the first year."""


@dataclass(frozen=True)
class Bank:
    """The currencies of a study and the settlement's market of the day.

    Attributes:
        facts: of the study.
        on: the day.
        accepts: market → currencies that its buyers take, today's first.
        at: rates, spreads, interest and paths.
        missing: currencies that could not be compared for want of a rate or a history.
    """

    facts: SettlementFacts
    on: date
    accepts: Mapping[str, Sequence[str]]
    at: "MarketData"
    missing: tuple[str, ...]

    @property
    def currencies(self) -> list[str]:
        """All that a scenario needs a rate of; without CNY."""
        return [code for code in self.at.market.spot if code != "CNY"]

    def tenors(self) -> list[int]:
        """Days of the forwards that are looked at, that of the invoices first."""
        return [days for days in dict.fromkeys([self.facts.days, AHEAD]) if days]


@dataclass(frozen=True)
class ChoiceSet:
    """What the plan is chosen from: the models' options, and the scenarios that all meet together.

    Attributes:
        study: for its limits and ranges.
        shelves: options by model.
        draws: by HS code, of the world as it is.
        rates: of exchange.
        bank: what may be done about currencies; ``None`` without ``[settlement]``.
        beside: markets in which the firm sells what no model of the plan is.
    """

    study: Study
    shelves: Shelves
    draws: Futures
    rates: RateDraws
    bank: Bank | None = None
    beside: frozenset[str] = frozenset()

    @cached_property
    def _joint(self) -> tuple[Offers, dict[str, Floats], frozenset[tuple[str, str]]]:
        return joint_offers(self.study, self.shelves, self.draws, self.rates)

    @property
    def offers(self) -> Offers:
        """Of all models, in the scenarios that all meet together; made when the first one asks."""
        return self._joint[0]

    @property
    def costs(self) -> Mapping[str, Floats]:
        """Factors on costs of ``inputs`` and on ``freight``, scenarios × years."""
        return self._joint[1]

    @property
    def thin(self) -> frozenset[tuple[str, str]]:
        """(model, market) of entries that would pay, and have less than the least margin rate."""
        return self._joint[2]

    def matched(self, model: str, market: str) -> Offers:
        """Those of a model in a market where rivals follow a price half."""
        shelf = self.shelves[model]
        here = [outlet for outlet in shelf.outlets if outlet.market == market]
        worlds = product_scenarios(self.study, model, shelf, self.draws, self.rates)
        grid = Grid(match=MATCHED, discount=1 / (1 + float(self.study.rates.discount)))
        return _asked_today(offers_of(here, worlds, grid), self.shelves)

    @property
    def dollar(self) -> float:
        """CNY for one on the day."""
        return self.rates.cny_per_usd

    @property
    def risk(self) -> Risk:
        """How the worst scenarios count: not below the loss that could be borne."""
        worst = self.study.limits.worst_twentieth_cny
        return Risk(least_worst_cny=None if worst is None else float(worst))


def joint_offers(
    study: Study, shelves: Shelves, draws: Futures, rates: RateDraws
) -> tuple[Offers, dict[str, Floats], frozenset[tuple[str, str]]]:
    """Offers of all models in the same scenarios, where how far rivals follow a price differs.

    Returns:
        The offers, the factors on ``inputs`` and on ``freight``, scenarios × years, and the models
        and markets without an offer for the least margin rate alone.
    """
    discount = 1 / (1 + float(study.rates.discount))
    grid, parts = Grid(match=None, discount=discount), []
    costs = {"inputs": np.ones((1, 1)), "freight": np.ones((1, 1))}
    for model, shelf in sorted(shelves.items()):
        if not shelf.outlets:
            continue
        worlds = product_scenarios(study, model, shelf, draws, rates)
        costs = {"inputs": worlds.inputs, "freight": worlds.freight}  # of all models the same
        parts.append(offers_of(shelf.outlets, worlds, grid))
    joined = _join_offers(parts)
    keep = _allowed_offers(joined.rows, shelves)
    margin = margin_rates(joined, rates.cny_per_usd)
    earns = margin >= float(study.limits.least_margin_rate)
    thin = np.array([i for i in keep if not earns[i] and margin[i] > 0], dtype=np.intp)
    keep = [index for index in keep if joined.rows[index].sold or earns[index]]
    left = {(joined.rows[index].model, joined.rows[index].market) for index in keep}
    pays = likely_entries(joined, thin, float(study.limits.likelier_than)).keys() - left
    return _asked_today(select_offers(joined, keep), shelves), costs, frozenset(pays)


def likely_entries(
    offers: Offers, places: NDArray[np.intp], chance: float
) -> dict[tuple[str, str], float]:
    """Of some offers the (model, market) not sold in that by itself pays, on average and so often;
    and what it earns, CNY.
    """
    earned = offers.earned_alone(places)
    found: dict[tuple[str, str], float] = {}
    for place, values in zip(places, earned.T, strict=True):
        row, mean = offers.rows[place], float(values.mean())
        if not row.sold and mean > 0 and (values > 0).mean() >= chance:
            pair = row.model, row.market
            found[pair] = max(found.get(pair, 0.0), mean)
    return found


def margin_rates(offers: Offers, dollar: float) -> NDArray[np.float64]:
    """Mean profit over mean sales of each offer, n; before the yearly costs of keeping."""
    profit = offers.profit_cny.mean(axis=(0, 1), dtype=np.float64)
    sales = offers.sales_usd.mean(axis=(0, 1), dtype=np.float64) * dollar
    return np.asarray(np.divide(profit, sales, out=np.zeros_like(profit), where=sales > 0))


ARRAYS = ("units", "profit_cny", "sales_usd")
"""Of offers: a scenario, a year, an offer."""


def _join_offers(parts: Sequence[Offers]) -> Offers:
    if len(parts) == 1:
        return parts[0]
    rows = tuple(row for part in parts for row in part.rows)
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(p, name) for p in parts], axis=2) for name in ARRAYS
    }
    return replace(parts[0], rows=rows, **joined)


def _allowed_offers(rows: Sequence[Offer], shelves: Shelves) -> list[int]:
    """Offers that may be made.

    Where a price is asked, only those at that price: it is the person's, not the plan's. What
    statistics put together for want of a name ("Other Asia") is no market that could be entered.
    """
    set_prices = {
        (model, outlet.market): outlet.asked_usd
        for model, shelf in shelves.items()
        for outlet in shelf.outlets
        if outlet.asked_usd is not None
    }
    return [
        index
        for index, row in enumerate(rows)
        if set_prices.get((row.model, row.market), row.price_usd) == row.price_usd
        and (row.sold or all_countries()[row.market].kind == "country")
    ]


def select_offers(offers: Offers, places: Sequence[int]) -> Offers:
    """Those at some places, in that order; the same where they are all."""
    if len(places) == len(offers.rows):
        return offers
    rows = tuple(offers.rows[index] for index in places)
    return replace(
        offers, rows=rows, **{name: getattr(offers, name)[:, :, places] for name in ARRAYS}
    )


def _asked_today(offers: Offers, shelves: Shelves) -> Offers:
    """A market whose price the study moves goes on at that price: doing nothing means so much."""
    usual = {
        (model, outlet.market): outlet.deliveries[0]
        for model, shelf in shelves.items()
        for outlet in shelf.outlets
        if outlet.market in shelf.asked
    }
    rows = []
    for row in offers.rows:
        way = usual.get((row.model, row.market))
        usual_way = way is not None and (row.plant, row.currency) == (way.plant, way.currency)
        rows.append(replace(row, today=True) if usual_way and row.sold else row)
    return replace(offers, rows=tuple(rows))
