"""Offers in joint scenarios become a decision, and that becomes the plan's rows.

Beside the plan stand two figures of today's sales without a forecast: preferences not claimed
(未利用的优惠协定), the duty that agreements take off where goods meet their rule of origin, which
is the firm's to show (``offing origin``); and refund rates that the study has otherwise than the
law (退税率与规定不符), with what a year is worth.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from math import fsum

import numpy as np
from numpy.typing import NDArray

from offing.forecast.outlook.draws import Draws, draw
from offing.forecast.outlook.forecast import Outlooks, outlooks_ahead, outlooks_of_origin
from offing.forecast.ranking import FittedProduct
from offing.landed.batch import Preferred, compare_preferences
from offing.landed.shipment import CostLine
from offing.planning.inaction import PlanSolution
from offing.planning.offering import Selling
from offing.planning.offers import Places
from offing.planning.plan import Plan, PlanDecision, PlanRow, RefundCorrection, UnclaimedPreference
from offing.planning.programme import lots_of
from offing.planning.scenarios import SCENARIOS, MarketDraws, RateDraws, simulated_rates
from offing.planning.track_record import LevelRecord
from offing.rules.origin import agreements_of
from offing.settlement.market_data import read_history
from offing.study.analysis import ProductAnalysis
from offing.study.choices import ChoiceSet, ProductOptions, likely_entries
from offing.study.costs import importer_of, lawful_refund, refund_of_one_unit, request_for
from offing.study.decision import (
    drop_intervals,
    held_beyond,
    invoiced_as,
    money_moves,
    plan_rows,
    scaled_profit,
    scaled_rows,
    summarise_decision,
    together,
)
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.markets import Standing
from offing.study.options import graded_costs, product_options, scale_options
from offing.study.sales import invoiced_in
from offing.study.solve import build_programme, solve_plan
from offing.study.treasury import bank_of, refused_hedges
from offing.study.unknown import (
    ABOUT,
    BESIDE,
    caution,
    reserve_hours,
    reserved_hours,
    sales_outside,
    segments_without_cost,
    share_known,
    sold_in,
)
from offing.terms.caution import Caution, Phrase, Value, countries
from offing.terms.errors import InputError, RuleError
from offing.terms.exchange import FxTable
from offing.terms.messages import LANGUAGES
from offing.warehouse.exchange_rates import quoted_currencies

LEAST_DUTY = 0.0005
"""A lower duty than a twentieth of a per cent is none."""


def unclaimed_preferences(
    world: StudyInputs, products: Iterable[ProductAnalysis]
) -> tuple[UnclaimedPreference, ...]:
    """Of each model and market that is sold in today at a duty; the largest saving first."""
    found = (
        one
        for product in products
        for market, sales in product.sales.now.items()
        if sales and market in product.standings
        for one in _unclaimed_in_market(world, product, market, product.standings[market], sales)
    )
    return tuple(sorted(found, key=lambda one: -one.saved_usd))


def _unclaimed_in_market(
    world: StudyInputs, product: ProductAnalysis, market: str, standing: Standing, sales: float
) -> Iterator[UnclaimedPreference]:
    """The agreement that saves most; where no schedule is loaded, the names and the whole duty.

    So too where the study gives the duty itself: it may be an agreement's already.
    """
    study, facts, cost = world.study, product.imports.facts, standing.cost
    if cost.quote is None or not cost.duty_rate or cost.duty_rate < LEAST_DUTY:
        return
    units = sales / float(cost.fob_usd)
    importer = importer_of(world.laws.rulebook, market)
    request = request_for(study, facts, market, importer, world.km.get(market))
    known: tuple[Preferred, ...] = ()
    if market not in study.duty:
        known = compare_preferences(request, world.laws.rulebook, world.warehouse, world.fx)
    if known:
        best = max(known, key=lambda one: one.saved)
        if best.saved > 0:
            yield UnclaimedPreference(
                facts.key, market, best.regime.upper(), {}, _rate(known[0].duty), _rate(best.duty),
                float(best.saved) * units,
            )  # fmt: skip
        return
    held = agreements_of(market, study.firm.origin, study.on)
    line = next((line for line in cost.quote.lines if line.stage == "duty"), None)
    if held and line is not None and line.amount > 0:
        names = {str(lang): " / ".join(row.name[lang] for row in held) for lang in LANGUAGES}
        whole = float(line.per_unit) * units
        yield UnclaimedPreference(facts.key, market, "", names, _rate(line), None, whole)


def _rate(line: CostLine | None) -> float:
    """Of a duty line, over what it is taken of."""
    return float(line.amount / line.base) if line is not None and line.base else 0.0


def refund_corrections(
    world: StudyInputs, products: Iterable[ProductAnalysis]
) -> tuple[RefundCorrection, ...]:
    """Of each model that is sold today; what changes most first."""
    found = (one for product in products for one in _correction(world, product))
    return tuple(sorted(found, key=lambda one: -abs(one.yearly_cny)))


def _correction(world: StudyInputs, product: ProductAnalysis) -> Iterator[RefundCorrection]:
    study, facts = world.study, product.imports.facts
    rate, given = lawful_refund(facts, study.on), facts.refund_rate
    if rate is None or given is None:
        return
    lawful = None if rate.cancelled else rate.refund_rate

    def yearly_gain(market: str, sales_usd: float) -> float:
        fob_usd = product.standings[market].cost.fob_usd
        fob = world.fx.convert(fob_usd, "USD", "CNY")
        now, then = (
            refund_of_one_unit(study.firm, facts, each, fob).lost for each in (given, lawful)
        )
        return float(now - then) * sales_usd / float(fob_usd)

    sold = {m: usd for m, usd in product.sales.now.items() if usd and m in product.standings}
    if sold:
        yearly = fsum(yearly_gain(market, usd) for market, usd in sold.items())
        yield RefundCorrection(
            facts.key, float(given), None if lawful is None else float(lawful), yearly
        )


Floats = NDArray[np.float64]

LARGEST_GROWTH = 20.0
"""Of a flow between the plan's day and a year of the horizon: a flow of almost nothing has no
growth rate."""


def draws_from(
    fitted: FittedProduct, product: str, origin: str, *, day: int, years: int, seed: int
) -> MarketDraws:
    """What the origin may sell in every market, with the year of the plan's day as its base.

    The horizon counts from that day: where the data end before it, the years between are forecast,
    too, and every interval is the wider.

    Args:
        fitted: the product with its outlook at the base year of the data, and what months of later
            years say; a plan of an earlier day is made from what was known then.
        product: HS code.
        origin: the exporter.
        day: the year of the plan's day.
        years: of the horizon.
        seed: of the draws.

    Raises:
        MissingDataError: see :func:`~offing.forecast.outlook.distribution.draw`.
    """
    whole, cast = fitted.whole, fitted.nowcast
    base = min(whole.base_year, day)
    ahead = [year - base for year in range(day, day + years + 1) if year > base]
    forecasts = outlooks_ahead(whole.history, base, ahead, seed=fitted.task.seed)
    if cast is not None and base == cast.base_year:
        forecasts = tuple(cast.revise_outlook(outlook) for outlook in forecasts)
    if whole.model is None:
        return _certain(forecasts, product, origin, day)
    drawn = draw(forecasts, product, origin, n=SCENARIOS, seed=seed)
    base_sales = drawn.base_usd if day <= base else None
    return _from_the_day(drawn, base_sales)


def draws_by_code(
    world: StudyInputs, products: Iterable[ProductAnalysis], *, day: int, years: int
) -> dict[str, MarketDraws]:
    """HS code → what the origin may sell, see :func:`draws_from`."""
    fitted = {p.imports.facts.code: p.demand.fitted for p in reversed([*products])}
    origin, seed, keep = world.study.firm.origin, world.study.seed, world.price_free.keep

    def draws(code: str, of: FittedProduct) -> MarketDraws:
        make = partial(draws_from, of, code, origin, day=day, years=years, seed=seed)
        return keep(("draws", of.task, code, day, years), make)

    return {code: draws(code, of_code) for code, of_code in fitted.items()}


def _certain(forecasts: Sequence[Outlooks], product: str, origin: str, day: int) -> MarketDraws:
    """One year of data tells no distribution: every scenario has the mean, and the caution says so.

    What the firm itself does not know, its shares, rates and costs, is drawn all the same.
    """
    outlooks = [outlooks_of_origin(forecast, product, origin) for forecast in forecasts]
    by_year = [{market: flow for (market, _), flow in of.items()} for of in outlooks]
    markets = tuple(by_year[0])
    base = np.array([by_year[0][market].base_usd for market in markets])
    expected = np.array([[year[market].expected_usd for market in markets] for year in by_year])
    years = tuple(forecast.base_year + forecast.horizon for forecast in forecasts)
    sales = np.broadcast_to(expected, (SCENARIOS, *expected.shape)).copy()
    draws = Draws(product, origin, markets, years, base, expected, sales)
    return _from_the_day(draws, base if day <= forecasts[0].base_year else None)


def _from_the_day(draws: Draws, base_sales: Floats | None) -> MarketDraws:
    """Draws whose base is the year of the plan's day.

    Where nothing is sold then, the mean of the first year stands in for the base: the size of an
    entry is a share of it.

    Args:
        draws: of the year of the day, where it is not known, and of the years of the horizon.
        base_sales: sales in the year of the day, M; ``None`` where they are drawn.
    """
    if base_sales is not None:
        base, later, years = base_sales.copy(), draws.sales_usd, draws.years
        today = np.broadcast_to(base_sales, later[:, 0, :].shape)
        first = draws.expected_usd[0]
    else:
        base, later, years = draws.expected_usd[0].copy(), draws.sales_usd[:, 1:], draws.years[1:]
        today, first = draws.sales_usd[:, 0, :], draws.expected_usd[1]
    empty = ~(base > 0)
    base[empty] = first[empty]
    base[~(base > 0)] = 1.0
    # A flow grows from its own draw of today; where that is nothing, there is nothing to grow.
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(today[:, None, :] > 0, later / today[:, None, :], 0.0)
    growth = np.where(empty, later / base, np.minimum(growth, LARGEST_GROWTH))
    return MarketDraws(draws.markets, years, base, growth * base, product=draws.product)


def rates_ahead(world: StudyInputs, currencies: Sequence[str], years: int) -> RateDraws:
    """Simulated rates of the currencies of the plan's invoices, the dollar first.

    One without daily rates follows the dollar, with the study's own volatility against it; where
    it gives none, without a movement of its own: see :func:`only_level`.

    Raises:
        InputError: ``study.no_rate_of_invoices`` for a currency without any rate of the day.
    """
    study = world.study
    named = list(dict.fromkeys(["USD", *(code for code in currencies if code != "CNY")]))
    volatility = study.settlement.volatility if study.settlement else {}
    quoted_codes = quoted_currencies(world.warehouse, study.on, study.rates_age)
    daily = [code for code in named if code in quoted_codes]
    walked = [code for code in named if code not in quoted_codes]
    history = read_history(world.warehouse, daily, study.on, study.rates_age)
    rates = simulated_rates(history, years, paths=SCENARIOS, seed=study.seed)
    for code in walked:
        today = float(_level(world, code))
        rates = _walking(rates, code, today, float(volatility.get(code, 0)), study.seed)
    # Rates of a reform and of the study's own move the level; what scenarios do about it stays.
    own = {code: rate for code, rate in world.rates.given.items() if code not in quoted_codes}
    loaded = world.rates if own == world.rates.given else replace(world.rates, given=own)
    moved = np.array([_rate_change(world.fx, loaded, code) for code in rates.currencies])
    return replace(rates, today=rates.today * moved, draws=rates.draws * moved)


def _level(world: StudyInputs, code: str) -> Decimal:
    """CNY for one unit of a currency without daily rates."""
    try:
        return world.rates.convert(Decimal(1), code, "CNY")
    except RuleError as error:
        on = world.study.on
        raise InputError("study.no_rate_of_invoices", currency=code, on=on) from error


def only_level(world: StudyInputs, rates: RateDraws) -> Iterator[Caution]:
    """Currencies of the plan whose level alone is known: no scenario moves them."""
    study = world.study
    quoted_codes = quoted_currencies(world.warehouse, study.on, study.rates_age)
    volatility = study.settlement.volatility if study.settlement else {}
    for code in rates.currencies:
        if code not in quoted_codes and code not in volatility:
            yield Caution("study.warn_only_level", {"currency": code})


def _walking(rates: RateDraws, code: str, today: float, volatility: float, seed: int) -> RateDraws:
    """Rates with a currency that follows the dollar and walks about it; its mean is today's."""
    count, years, _ = rates.draws.shape
    steps = np.sqrt(np.array([0.5, *[1.0] * (years - 1)])) * volatility
    rng = np.random.default_rng([seed, *code.encode()])
    about = np.exp(np.cumsum(rng.standard_normal((count, years)) * steps, axis=1))
    drawn = rates.dollars * about
    drawn = drawn * (today / drawn.mean(axis=0))
    draws = np.concatenate([rates.draws, drawn[:, :, None]], axis=2)
    return RateDraws((*rates.currencies, code), np.append(rates.today, today), draws)


def _rate_change(used: FxTable, loaded: FxTable, currency: str) -> float:
    """CNY for one unit as the study uses it over that of the loaded rates."""
    if currency == "CNY" or used is loaded:
        return 1.0
    unit = Decimal(1)
    now, day = (fx.convert(unit, currency, "CNY") for fx in (used, loaded))
    return float(now / day)


AT_CAP = 0.002
"""A share of sales within so much of the cap on one market is at it."""


@dataclass(frozen=True)
class StudyPlan:
    """The plan of a study with all that it came from.

    Attributes:
        world: the study and what it rests on.
        products: its models.
        choices: what the plan was chosen from.
        solved: the decision, with its programme.
        plan: its rows.
        decided: it in plain figures.
        warnings: what a reader must know of it.
    """

    world: StudyInputs
    products: tuple[ProductAnalysis, ...]
    choices: ChoiceSet
    solved: PlanSolution
    plan: Plan
    decided: PlanDecision
    warnings: tuple[Caution, ...]


def build_choice_set(world: StudyInputs, articles: Sequence[ProductAnalysis]) -> ChoiceSet:
    """What the models may be offered in, and the joint draws that offers meet.

    Lines have the hours that are left by models without trade data and by other markets' sales.

    Raises:
        InputError, MissingDataError: what the study asks for cannot be.
    """
    beside = {article.key: article.sales.other_markets.keys() for article in articles}
    reserved, every = (reserved_hours(world, markets) for markets in (beside, {}))
    study = reserve_hours(world.study, reserved, every)
    draws = draws_by_code(world, articles, day=study.on.year, years=study.markets.horizon)
    sold, bare = sold_in(world, articles), world.price_free

    def options(of: ProductAnalysis) -> ProductOptions:
        facts = of.imports.facts
        taken = of.standings, of.sales, draws[facts.code], sold
        make = partial(product_options, bare, of.imports, *taken)
        return bare.keep(("options", facts), make, *taken)

    shelves = {article.key: scale_options(options(article), article.demand) for article in articles}
    bank = bank_of(world, shelves.values(), invoiced_in(article.sales for article in articles))
    codes = [*_currencies(shelves.values()), *(bank.currencies if bank else ())]
    make = partial(rates_ahead, world, codes, study.markets.horizon)
    rates = bare.keep(("rates ahead", codes, study.markets.horizon), make)
    shared = frozenset(market for market, here in sold.items() if BESIDE in here)
    return ChoiceSet(study, shelves, draws, rates, bank, shared)


def plan_products(
    world: StudyInputs, articles: Sequence[ProductAnalysis], choices: ChoiceSet | None = None
) -> StudyPlan:
    """Make the decision.

    Args:
        world: the study and what it rests on.
        articles: its models.
        choices: where they are known already.

    Raises:
        InputError, MissingDataError: what the study asks for cannot be.
    """
    choices = choices or build_choice_set(world, articles)
    study, rates, bank = choices.study, choices.rates, choices.bank
    programme, of_limits = build_programme(choices)
    solved, of_loss = solve_plan(programme, choices, supposed=world.supposed)
    warnings = [*of_limits, *of_loss, *only_level(world, rates)]
    money = money_moves(solved, bank, rates)
    warnings += [Caution("study.warn_money_failed")] if solved.money_failed else []
    articles_of = {article.key: article for article in articles}
    plan = invoiced_as(plan_rows(solved, articles_of, choices.dollar), money)
    missing = tuple(segments_without_cost(plan, articles).values())
    used, outside = _capacity_of_lines(plan, world.study, study), sales_outside(world, articles)
    plan = replace(plan, capacity_used=tuple(used), missing=missing, outside=outside)
    plan = replace(plan, known_share=share_known(plan, missing))
    one_year = any(article.demand.fitted.whole.model is None for article in articles)
    figures = summarise_decision(solved, choices, one_year, world.sales)
    return StudyPlan(
        world,
        tuple(articles),
        choices,
        solved,
        _mark_rows(drop_intervals(plan) if figures.without_sales else plan, choices),
        replace(
            figures,
            money=money,
            money_gain=together(solved) if money else None,
            not_hedged=tuple(refused_hedges(study, bank, choices.offers) if bank else ()),
            preferences=unclaimed_preferences(world, articles),
            refund_corrections=refund_corrections(world, articles),
        ),
        (
            *warnings,
            *caution(ABOUT[0], missing, plan),
            *_capped_markets(study, solved, plan),
            *_barred_entries(solved, choices),
            *_below_lot(solved),
            *_unread_entry_sizes(world.study, choices),
            *graded_costs(study, choices.shelves, plan.rows),
            *held_beyond(solved, rates),
        ),
    )


def apply_level(made: StudyPlan, level: LevelRecord | None) -> StudyPlan:
    """A plan whose sales and profits are what the record of such plans makes of them.

    What each move brings, and which are made, is as computed. Nothing is raised beyond the hours of
    the fullest line.
    """
    if level is None:
        return made
    if fullest := made.plan.fullest:
        level = replace(level, factor=min(level.factor, max(1.0, 1 / fullest)))
    decided = decision_at_level(made.decided, made.solved, level)
    return replace(made, plan=scaled_rows(made.plan, level.factor), decided=decided)


def decision_at_level(
    decided: PlanDecision, solved: PlanSolution, level: LevelRecord
) -> PlanDecision:
    """A decision with what it and today's way earn at a level of sales."""
    stay, plan = (
        scaled_profit(solved.programme, one, level.factor) for one in (solved.stay, solved.solution)
    )
    return replace(decided, today=stay, plan=plan, level=level, computed=decided.plan)


def _capacity_of_lines(plan: Plan, whole: Study, remaining: Study) -> Iterator[tuple[str, float]]:
    """Line → the share of all its hours that is used, what models left out take among it."""
    for line, used in plan.capacity_used:
        hours, ours = (float(study.lines[line][1].hours) for study in (whole, remaining))
        yield line, (used * ours + hours - ours) / hours


def _capped_markets(study: Study, solved: PlanSolution, plan: Plan) -> Iterator[Caution]:
    """Markets in which the plan would sell more but for the cap on one market."""
    cap = float(study.limits.largest_market_share)
    sold: dict[str, float] = defaultdict(float)
    for row in plan.rows:
        sold[row.market] += row.sales_usd
    caps = solved.programme.facts.limits.market_share
    full = sorted(
        market
        for market, usd in sold.items()
        if usd >= (caps.get(market, 1.0) - AT_CAP) * plan.sales_usd > 0
        and caps.get(market, 1.0) <= cap
    )
    if full:
        own = "largest_market_share" in study.limits.model_fields_set
        key = "study.warn_at_cap_own" if own else "study.warn_at_cap"
        yield Caution(key, {"markets": countries(full), "cap": f"{cap:.0%}"})


def _barred_entries(solved: PlanSolution, choices: ChoiceSet) -> Iterator[Caution]:
    """Markets that would pay by themselves, by the limit that leaves no room to enter them.

    Where nothing is sold and nothing entered, those of all limits together.
    """
    programme = solved.programme
    named = {"least_margin": choices.thin}
    for limit in ("entry_budget", "working_capital"):
        pairs = likely_entries(programme.offers, _too_large(solved, limit), solved.threshold)
        named[limit] = frozenset(pairs)
    for limit, barred in named.items():
        if barred:
            said: dict[str, Value] = {"limit": Phrase(f"planning.limit_{limit}")}
            markets = countries(sorted({market for _, market in barred}))
            yield Caution("study.warn_limit_bars", {**said, "markets": markets})
    if not any(named.values()):
        yield from _barred_together(solved)


def _too_large(solved: PlanSolution, limit: str) -> Places:
    """Offers, of models and markets of which none is taken, that do not fit beside the plan."""
    programme, decision = solved.programme, solved.solution.decision
    group, over = programme.facts.group, np.zeros_like(programme.closed)
    taken = np.vstack([decision.share, decision.choice])
    least = np.vstack([programme.least, np.ones_like(decision.choice)])
    for place, row in enumerate(programme.rows):
        if row.limit == limit:
            of = programme.matrix[[place]].toarray().reshape(taken.shape)
            room = programme.row_bounds[1][place] - (of * taken).sum()
            over |= (of * least).sum(axis=0) > room + 1e-9
    here = np.isin(group, group[decision.choice > 0])
    return np.flatnonzero(over & ~programme.closed & ~here)


def _barred_together(solved: PlanSolution) -> Iterator[Caution]:
    programme = solved.programme
    rows = programme.offers.rows
    if solved.solution.decision.choice.any() or any(row.sold for row in rows):
        return
    alone = programme.worth.sum(axis=0) - programme.fixed
    tried = {move.key for move in solved.not_yet}
    best: dict[str, float] = {}
    for row, value in zip(rows, alone.tolist(), strict=True):
        if value > 0 and (row.model, row.market) not in tried:
            best[row.market] = max(best.get(row.market, 0.0), value)
    if best:
        ranked = sorted(best, key=lambda market: (-best[market], market))
        yield Caution("study.warn_entries_barred", {"markets": countries(ranked)})


def _below_lot(solved: PlanSolution) -> Iterator[Caution]:
    """Markets not sold in where an entry would pay, and sells too little for a run."""
    programme = solved.programme
    _, closed = lots_of(programme.facts)
    alone = programme.worth.sum(axis=0) - programme.fixed
    small: dict[tuple[str, str], bool] = {}
    for offer, below, value in zip(
        programme.offers.rows, closed.tolist(), alone.tolist(), strict=True
    ):
        if not offer.sold and value > 0:
            pair = offer.model, offer.market
            small[pair] = small.get(pair, True) and below
    lots = {offer.model: offer.lot for offer in programme.offers.rows}
    for model, lot in lots.items():
        markets = sorted(m for (key, m), below in small.items() if below and key == model)
        if markets:
            said: dict[str, Value] = {"model": model, "lot": f"{lot:,.0f}"}
            yield Caution("study.warn_below_lot", {**said, "markets": countries(markets)})


def _unread_entry_sizes(study: Study, choices: ChoiceSet) -> Iterator[Caution]:
    """Sizes of entries that nobody reads, since the ledger shows sales there."""
    for model in study.model:
        shelf = choices.shelves.get(model.key)
        sold = [o.market for o in shelf.outlets if isinstance(o.state, Selling)] if shelf else []
        if told := [market for market in model.entry_units if market in sold]:
            said: dict[str, Value] = {"model": model.key, "markets": countries(told)}
            yield Caution("study.warn_entry_sold", said)


def _mark_rows(plan: Plan, choices: ChoiceSet) -> Plan:
    """The plan whose rows say what they rest on: a price that is asked, shares of several years."""
    priced = frozenset((key, m) for key, shelf in choices.shelves.items() for m in shelf.asked)
    usual = {
        (key, outlet.market): (outlet.state.usual, float(np.exp(outlet.state.price_from_today)))
        for key, shelf in choices.shelves.items()
        for outlet in shelf.outlets
        if isinstance(outlet.state, Selling)
    }

    def mark_row(row: PlanRow) -> PlanRow:
        pair = row.product, row.market
        move = "asked" if row.move == "keep" and pair in priced else row.move
        share, price = usual.get(pair, (None, None))
        return replace(row, move=move, usual_share=share, usual_price=price)

    return replace(plan, rows=tuple(map(mark_row, plan.rows)))


def _currencies(shelves: Iterable[ProductOptions]) -> list[str]:
    codes = {
        way.currency for shelf in shelves for outlet in shelf.outlets for way in outlet.deliveries
    }
    return sorted(codes)
