"""How long a market's requirements keep a new model from being sold there, for one who begins now.

Schemes are met side by side, so the slowest gate counts, at the most weeks that it commonly takes.
Weeks are illustrative (see :mod:`offing.rules.requirements`). Where nobody thought the market
through for these goods it is "not checked": what is known delays the entry, the rest is unknown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from math import fsum, log

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.planning.elasticity import Learnt, Sigma, literature_elasticity, stated_elasticity
from offing.planning.market_share import (
    Entry,
    EntryLine,
    FirstYears,
    ShrunkShare,
    assumed_entry_size,
    first_years,
    hazard_factor,
    published_survival,
    ramp_of,
    selection_line,
    shrunk_prices,
    shrunk_shares,
)
from offing.planning.offering import Delivery, MarketEntry, Outlet, Selling
from offing.planning.plan import Lead, PlanRow
from offing.planning.scenarios import (
    PRIOR_SIZE,
    PRIOR_YEARLY,
    MarketDraws,
    spread_for_size,
    yearly_spread,
)
from offing.rules.requirements import requirements_of
from offing.sources.elasticities import substitution_of
from offing.study.analysis import Demand
from offing.study.choices import MarketShare, ProductOptions, Shelves, sum_of
from offing.study.costs import importer_of, refund_rate_of
from offing.study.delivery import deliveries
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standing, Standings
from offing.study.sales import OwnSales
from offing.study.sales_history import SalesHistory, sigma_from_ledger, year_before
from offing.study.schema import Entering, ModelFacts
from offing.terms.caution import Caution, CountryCode
from offing.terms.frames import exact_sum
from offing.terms.interval import whole_years, years_of_months

GRADED = 0.02
"""Of a cost: a grade that moves it by more is told."""


def graded_costs(study: Study, shelves: Shelves, rows: Sequence[PlanRow]) -> Iterator[Caution]:
    """That a price unlike the study's is half taken for another grade, and what that costs."""
    states = {(o.model, o.market): o.state for shelf in shelves.values() for o in shelf.outlets}
    factors = {
        (row.product, row.market): state.cost_factor
        for row in rows
        if row.units and isinstance(state := states.get((row.product, row.market)), Selling)
    }
    graded = {pair: factor for pair, factor in factors.items() if abs(factor - 1) > GRADED}
    if graded:
        model, market = max(graded, key=lambda pair: abs(log(graded[pair])))
        stated = next(float(facts.cost_cny) for facts in study.model if facts.key == model)
        yield Caution("study.warn_graded", {
            "model": model, "market": CountryCode(market), "stated": f"{stated:,.2f}",
            "used": f"{stated * graded[model, market]:,.2f}", "count": len(graded),
            "low": f"{min(graded.values()):.2f}", "high": f"{max(graded.values()):.2f}",
        })  # fmt: skip


def lead_of(world: StudyInputs, facts: ModelFacts, market: str) -> Lead:
    """What must come first before a model is sold in a market where it is not sold today.

    Args:
        world: the study's day and rules.
        facts: of the model.
        market: alpha-3.
    """
    on = world.study.on
    requirements = requirements_of(facts.code, importer_of(world.laws.rulebook, market), on)
    gates = sorted(requirements.gates, key=lambda gate: (-gate.weeks[1], gate.id))
    if not gates:
        return Lead(0, requirements.checked)
    slowest = gates[0]
    weeks = slowest.weeks[1]
    by, others = on + timedelta(weeks=weeks), len(gates) - 1
    return Lead(
        weeks,
        requirements.checked,
        scheme_en=slowest.scheme["en"],
        scheme_zh=slowest.scheme["zh"],
        status=slowest.status,
        others=others,
        ready_on=by,
    )


Floats = NDArray[np.float64]

YEARS = 5
"""Years of the ledger that are looked at, at most."""
YEAR = timedelta(days=365)
HALF_MONTH = timedelta(days=14)
LEAST_SIGMA = 1.1
"""The literature has products at 1 and below, where no price would be best."""
NEAR = 1.1
"""Where it sells, a price in the study within a tenth of those at which the ledger shows sales asks
for nothing: the ledger's holds. Elsewhere no price holds but the one asked."""
SHARED_PARTS = ("promotion_cny", "visits_cny")
"""Parts of entering that a market costs once for all the firm's models."""
LATER_PARTS = ("listing_cny", "promotion_cny")
"""Parts of entering that a pilot pays on going on."""


Sold = Mapping[str, Mapping[str, float]]
"""Market → model → USD of the last twelve months."""


def scale_options(shelf: ProductOptions, demand: Demand) -> ProductOptions:
    """A shelf under the counterfactual that moves the demand, if one does."""
    kept = demand.kept_usd
    return replace(
        shelf,
        factors=demand.factors,
        elsewhere=demand.elsewhere,
        outlets=tuple(
            replace(outlet, kept_usd=kept[outlet.market]) if outlet.market in kept else outlet
            for outlet in shelf.outlets
        ),
    )


def product_options(
    world: StudyInputs,
    imports: Imports,
    standings: Standings,
    sales: OwnSales,
    draws: MarketDraws,
    sold_in: Sold,
) -> ProductOptions:
    """What the plan may offer of a model.

    Args:
        world: the study and what it rests on.
        imports: of the code.
        standings: of the model.
        sales: of the model.
        draws: of the code's markets.
        sold_in: what the firm sells of each model in each market today.
    """
    facts, study = imports.facts, world.study
    reached = firm_share(world, imports, sales)
    sigma, learnt_sigma = sigma_of(world, facts, sales)
    refund, _ = refund_rate_of(facts, study.on, rates=world.laws.refund_rates)
    outlets, asked = [], set()
    leads: dict[str, Lead] = {}
    for market, standing in standings.items():
        if market not in draws.markets:
            continue
        record = sales.records.get(market)
        sells = record is not None and record.price_usd is not None and record.units > 0
        codes = [_currency(world, market, record if sells else None)]
        ways = deliveries(world, facts, market, standing, codes, refund)
        asks = float(standing.cost.fob_usd)
        if sells and record is not None:
            outlet = _selling(facts, market, record, ways, sigma, reached, asks)
            if world.study.keeps_price(facts, market):
                outlet = replace(outlet, asked_usd=None)
        else:
            base = float(draws.base_usd[draws.markets.index(market)])
            leads[market] = lead_of(world, facts, market)
            size, segment = reached.entry.at(base), base * standing.tier_share
            years = published_survival(study.markets.horizon, hazard=reached.hazard)
            once, later = entry_cost(study.entering, market, second=bool(sold_in.get(market)))
            state = MarketEntry(size, years, segment, once, float(leads[market].weeks), later)
            outlet = _entering(facts, market, standing, ways, sigma, reached, state)
        keep = _keeping(world, market, facts.key, sold_in)
        outlets.append(replace(outlet, keep_cny=keep))
        if sells and outlet.asked_usd is not None:
            asked.add(market)
    exports = {m: values[-1] for m, values in _exports(imports, study.firm.origin).items()}
    tier_share = {market: standing.tier_share for market, standing in standings.items()}
    return ProductOptions(
        facts.code, tuple(outlets), reached, sigma, learnt_sigma, frozenset(asked), exports,
        tier_share, leads=leads,
    )  # fmt: skip


def sigma_of(world: StudyInputs, facts: ModelFacts, sales: OwnSales) -> tuple[Sigma, Learnt | None]:
    """The user's elasticity, else the ledger's where it tells one, else the literature's.

    The literature's draws curves and moves no price.

    Returns:
        It, and what the ledger says; ``None`` without a ledger.
    """
    learnt = sigma_from_ledger(sales.records, world.history) if sales.records else None
    if facts.elasticity is not None:
        return stated_elasticity(float(facts.elasticity)), learnt
    if learnt is not None and learnt.sigma is not None:
        return learnt.sigma, learnt
    return usual_elasticity(facts.code), learnt


def usual_elasticity(code: str) -> Sigma:
    """That of the literature, of goods of an HS code."""
    return literature_elasticity(max(substitution_of(code).median, LEAST_SIGMA))


def _currency(world: StudyInputs, market: str, record: SalesHistory | None) -> str:
    """The invoice's: today's, else the first that buyers take.

    Another one moves risk and not the mean, which is the forward: it belongs to the settlement.
    """
    if record is not None and record.currency:
        return record.currency
    settlement = world.study.settlement
    return settlement.market_accepts.get(market, settlement.accepts)[0] if settlement else "USD"


def _selling(
    facts: ModelFacts,
    market: str,
    record: SalesHistory,
    ways: tuple[Delivery, ...],
    sigma: Sigma,
    reached: MarketShare,
    asks: float,
) -> Outlet:
    price = record.price_now_usd or record.price_usd or asks
    months = [m for m in record.monthly if m.units > 0 and m.usd > 0][-24:]
    prices = [m.usd / m.units * record.to_fob for m in months] or [price]
    between = min(*prices, price), max(*prices, price)
    state = Selling(record.units, between, 0.0, PRIOR_YEARLY)
    if reached.share is not None and reached.prices is not None and market in reached.markets:
        place, share, level = reached.markets.index(market), reached.share, reached.prices
        state = Selling(
            record.units, between, float(share.from_today[place]), float(share.error[place]),
            float(level.from_today[place]), level.error, float(level.grade[place]),
            level.grade_error,
        )  # fmt: skip
    ladder = between[0] / 1.5, between[1] * 1.5
    asked = None if between[0] / NEAR <= asks <= between[1] * NEAR else asks
    return Outlet(facts.key, market, ways, sigma, price, state, ladder, asked)


def _entering(
    facts: ModelFacts,
    market: str,
    standing: Standing,
    ways: tuple[Delivery, ...],
    sigma: Sigma,
    reached: MarketShare,
    state: MarketEntry,
) -> Outlet:
    asks = float(standing.cost.fob_usd)
    # A cheap entry is not taken to be larger.
    price = min(asks, _reference(standing) or reached.usual(asks))
    if (told := facts.entry_units.get(market)) and state.segment_usd > 0:
        size = Entry(float(told) * price / state.segment_usd, 0.0, state.size.ramp, "told")
        state = replace(state, size=size)
    ladder = min(asks, price) / 1.5, max(asks, price) * 1.5
    asked = None if abs(asks / price - 1) < 1e-9 else asks
    return Outlet(facts.key, market, ways, sigma, price, state, ladder, asked)


def _keeping(world: StudyInputs, market: str, model: str, sold_in: Sold) -> float:
    """A model's part of what its market costs a year: by sales; of a new one, what is its own."""
    parts, _ = sum_of("keeping", world.study.keeping, market)
    total, here = sum(parts.values(), Decimal(0)), sold_in.get(market, {})
    if not here:
        return float(total)
    if model in here:
        return float(total) * here[model] / fsum(here.values())
    return float(total - sum(parts[name] for name in SHARED_PARTS))


def entry_cost(own: Entering, market: str, *, second: bool) -> tuple[float, float]:
    """What entering costs, and how much of it a pilot pays on going on.

    A ``second`` model enters without the journeys and the season that the market has cost.
    """
    (parts, _), single = sum_of("entering", own, market), own.market.get(market, own).pilot_cny
    paid = SHARED_PARTS if second else ()
    once = float(sum(parts.values())) - float(sum(parts[name] for name in paid))
    pilot = own.pilot_cny if single is None else single
    if pilot is not None:
        return once, max(once - float(pilot), 0.0)
    return once, float(sum(parts[name] for name in LATER_PARTS if name not in paid))


def _reference(standing: Standing) -> float | None:
    """The mean FOB price of the tier that our price stands in; ``None`` without a ladder."""
    ladder = standing.ladder
    if ladder is None:
        return None
    weight = value = 0.0
    for supplier in ladder.suppliers:
        share = supplier.shares.get(standing.tier, 0.0)  # type: ignore[call-overload]
        if supplier.unit_value and share > 0:
            weight += supplier.value_usd * share / supplier.unit_value
            value += supplier.value_usd * share
    if not weight:
        return None
    to_fob = float(standing.cost.fob_usd / standing.cost.cif_usd) if ladder.basis == "cif" else 1.0
    return value / weight * to_fob


def firm_share(world: StudyInputs, imports: Imports, sales: OwnSales) -> MarketShare:
    """The firm's shares of its country's exports, and the size of an entry."""
    study, origin = world.study, world.study.firm.origin
    exports = _exports(imports, origin)
    records = {m: r for m, r in sorted(sales.records.items()) if r.units > 0 and r.price_usd}
    mine = {m: _yearly(r, study.on) for m, r in records.items() if exports.get(m, [0])[-1] > 0}
    markets = tuple(mine)
    sold_at = _sold_at(records.values())
    if not markets:
        entry = assumed_entry_size(float(study.limits.entry_share))
        return MarketShare((), None, PRIOR_YEARLY, entry, sold_at)
    width = min(YEARS, max(map(len, mine.values())))
    sold = np.array([_last(mine[m], width) for m in markets])
    whole = np.array([_last(exports[m], width) for m in markets])
    with np.errstate(divide="ignore", invalid="ignore"):
        log_share = np.where((sold > 0) & (whole > 0), np.log(sold / whole), np.nan)
    # A prior of its own size: the less a firm sells somewhere, the more that swings.
    prior = spread_for_size(PRIOR_YEARLY, float(np.nanmean(sold[:, -1])), PRIOR_SIZE)
    spread = yearly_spread(log_share, prior)
    share = shrunk_shares(sold, whole, spread)
    left_out = [m for m in imports.ladders if m not in mine and exports.get(m, [0])[-1] > 0]
    sizes = (np.log([exports[m][-1] for m in some]) for some in (markets, left_out))
    line = selection_line(share.log_share, *sizes)
    first = _first_years(world, sales.records, exports, markets, share)
    own = "entry_share" in study.limits.model_fields_set and not first.seen
    most = float(study.limits.entry_share) if own else np.inf
    by_year = _yearly_prices([records[m] for m in markets], study.on)
    prices = shrunk_prices(*by_year, float(imports.facts.price_usd))
    own_entries = _own_entries(world, sales.records, exports)
    firsts = tuple(row[0] for row in own_entries.values() if row[0] > 0)
    hazard = _hazard([sales.records[market] for market in own_entries], study.on)
    entry_line = EntryLine(line, first, share, most)
    return MarketShare(markets, share, spread, entry_line, sold_at, prices, firsts, hazard)


def _sold_at(records: Collection[SalesHistory]) -> tuple[float, float] | None:
    """The lowest and the highest FOB price of what is sold today; ``None`` of nothing."""
    prices = [record.price_now_usd or record.price_usd or 0.0 for record in records]
    return (min(prices), max(prices)) if prices else None


def _exports(imports: Imports, origin: str) -> dict[str, list[float]]:
    """Market → the origin's exports there by year, the base year last."""
    first = imports.year - YEARS + 1
    flows = imports.flows.filter(
        (pl.col("exporter") == origin) & pl.col("year").is_between(first, imports.year)
    )
    by_market: dict[str, list[float]] = {}
    sums = flows.group_by("importer", "year").agg(exact_sum())
    for market, year, usd in sums.sort("importer", "year").iter_rows():
        by_market.setdefault(market, [0.0] * YEARS)[year - first] = float(usd)
    return by_market


def _last(values: Sequence[float], width: int) -> list[float]:
    return ([float("nan")] * width + list(values))[-width:]


def _yearly(record: SalesHistory, on: date) -> list[float]:
    """FOB sales in the twelve-month windows that end on the day, the last one last.

    The last is exact; of earlier ones a month that a window cuts belongs to the later.
    """
    windows: dict[int, float] = defaultdict(float)
    for month in record.monthly:
        back = years_of_months(month.first, on)
        windows[back] += month.net_usd * record.to_fob
    # The window in which the first sale lies is no whole year, where there are others.
    oldest = max(whole_years(record.since, on) - 1, 0)
    values = [*(windows.get(back, 0.0) for back in range(oldest, 0, -1)), record.sales_usd]
    return [value if value > 0 else float("nan") for value in values]


def _yearly_prices(records: Sequence[SalesHistory], on: date) -> tuple[Floats, Floats]:
    """FOB price and units of each market in the twelve months that end on the day, and earlier."""
    usd, units = (np.zeros((len(records), YEARS)) for _ in range(2))
    for row, record in enumerate(records):
        for month in record.monthly:
            back = years_of_months(month.first, on)
            if back < YEARS and month.units > 0 and month.usd > 0:
                usd[row, -1 - back] += month.net_usd * record.to_fob
                units[row, -1 - back] += month.units
    prices = np.divide(usd, units, out=np.full_like(usd, np.nan), where=units > 0)
    some = (units > 0).any(axis=0)
    return prices[:, some], units[:, some]


def _own_entries(
    world: StudyInputs, records: Mapping[str, SalesHistory], exports: Mapping[str, list[float]]
) -> dict[str, list[float]]:
    """Market → shares since the entry, of those that began a year or more after the ledger does."""
    ledger, on = world.sales, world.study.on
    began = min(r.since for r in records.values()) if ledger.is_empty() else ledger["on"].min()
    assert isinstance(began, date)
    return {
        market: _since(record, exports[market], years)
        for market, record in sorted(records.items())
        if record.since >= began + YEAR
        and (years := whole_years(record.since, on)) >= 1
        and exports.get(market, [0])[-1] > 0
    }


def _hazard(entries: Sequence[SalesHistory], on: date) -> float:
    """What own entries make of the published risk of ending.

    One has ended where nothing was sold in the last twelve months. Whether one ended within them
    cannot be seen yet, so all are looked at until a year ago.
    """
    until = year_before(on)
    lasted = []
    for record in entries:
        last = max(month.first for month in record.monthly if month.units > 0) + HALF_MONTH
        days = ((until if record.units > 0 else min(last, until)) - record.since).days
        lasted.append(max(days, 0) / YEAR.days)
    ended = sum(record.units <= 0 for record in entries)
    return hazard_factor(np.array(lasted), ended)


def _first_years(
    world: StudyInputs,
    records: Mapping[str, SalesHistory],
    exports: Mapping[str, list[float]],
    markets: Sequence[str],
    share: ShrunkShare,
) -> FirstYears:
    """What the firm's entries, those it left again included, sold of the shares once grown."""
    entries = _own_entries(world, records, exports)
    if not entries:
        return FirstYears()
    width = max(map(len, entries.values()))
    shares = np.array([[*row, *[np.nan] * (width - len(row))] for row in entries.values()])
    ramp = ramp_of(shares)
    grown = []
    for market, row in entries.items():
        if market in markets:
            # A young market is still to grow.
            still = ramp[-1] / ramp[min(len(row), len(ramp)) - 1]
            grown.append(float(share.log_share[markets.index(market)] + np.log(still)))
        else:
            grown.append(share.usual(float(np.log(exports[market][-1]))))
    return first_years(shares, np.array(grown))


def _since(record: SalesHistory, exports: Sequence[float], years: int) -> list[float]:
    """The share of the origin's exports of the time in the 1st, 2nd, … year since the first sale.

    Exports of a year before those known, or of one without any, are today's.
    """
    sums = [0.0] * years
    for month in record.monthly:
        year = years_of_months(record.since, month.first)
        if year < years:
            sums[year] += month.net_usd * record.to_fob
    whole = [exports[-1]] * years
    for back, usd in enumerate(reversed(exports)):
        if back < years and usd > 0:
            whole[years - 1 - back] = usd
    return [usd / all_of_them for usd, all_of_them in zip(sums, whole, strict=True)]
