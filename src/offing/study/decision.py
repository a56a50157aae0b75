"""Read a solved plan back into plain figures: rows, moves, how sure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import fsum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.ladders.own_sales import concentration
from offing.planning.inaction import PlanSolution
from offing.planning.kept_markets import left_of
from offing.planning.moves import Move, chance, payback, pilots_within
from offing.planning.offering import MarketEntry
from offing.planning.offers import Key, Offer
from offing.planning.outcome import Outcome, continue_sales, currency_receipts, further_of, outcome
from offing.planning.plan import (
    NO_SALES,
    AskedPrice,
    MoneyGain,
    MoneyMove,
    MoveSummary,
    Plan,
    PlanDecision,
    PlanRow,
    ProfitDistribution,
)
from offing.planning.programme import Programme
from offing.planning.scenarios import RateDraws
from offing.planning.solving import Solution
from offing.planning.treasury import brings, taken_of, weighed_money
from offing.settlement.deal import instrument_of
from offing.study.analysis import ProductAnalysis
from offing.study.choices import AHEAD, Bank, ChoiceSet, ProductOptions, sums_note
from offing.study.moves import (
    FIRST,
    MOST,
    least_units,
    matched_gain,
    move_terms,
    moves_price,
    own_gain,
    pilots_by_market,
    unweighed_entry,
)
from offing.study.sales_history import short_year
from offing.study.treasury import points_of
from offing.terms.caution import Caution

Floats = NDArray[np.float64]

TAIL = 0.05
OLD_LEDGER = 62
"""Days between the last sale and the plan's day from which on the ledger is said to be old."""


def plan_rows(solved: PlanSolution, articles: Mapping[str, ProductAnalysis], dollar: float) -> Plan:
    """A row for every model and market that sells today or is planned to; the plan's totals.

    Args:
        solved: the plan.
        articles: by model, for the ledger's sales and the tiers.
        dollar: CNY for one.
    """
    programme = solved.programme
    offers, facts, decision = programme.offers, programme.facts, solved.solution.decision
    still, left = _still(solved), left_of(programme.rows, decision.choice)
    moves = {move.key: move for move in solved.moves}
    rows = []
    for group, (model, market) in enumerate(facts.keys):
        here = np.flatnonzero(facts.group == group)
        taken = [int(place) for place in here if decision.choice[place] > 0.5]
        article = articles[model]
        if not taken and not article.sales.now.get(market):
            continue
        place = taken[0] if taken else int(next((p for p in here if offers.rows[p].today), here[0]))
        move = moves.get((model, market))
        kind = "keep" if move is None else move.kind
        row = _row(solved, place, article, kind, dollar, taken=bool(taken))
        if not taken and left.get(market, 0.0) > 0:
            # Others are sold there: its part of what the market costs stays.
            kept = offers.rows[place].keep_cny * float(facts.alive[-1, place]) / dollar
            row = replace(row, keep_usd=kept, margin_usd=-kept)
        sold, short = map(float, still[:, here].sum(axis=1))
        rows.append(replace(row, still_usd=sold, short_usd=short))
    rows.sort(key=lambda row: (-row.sales_usd, -row.sales_now_usd, row.product, row.market))
    return _add_interval(_totals(rows, _hours_used(solved)), solved)


def _still(solved: PlanSolution) -> Floats:
    """Sales of each offer in the last year if nothing is done, and what hours are too few for.

    The mean of the scenarios; 2 × n.
    """
    offers, share = solved.programme.offers, solved.stay.decision.share[-1]
    still = np.zeros((2, len(share)))
    taken = np.flatnonzero(share)
    sold = offers.sales_usd[:, -1, taken].mean(axis=0, dtype=np.float64)
    still[:, taken] = sold * np.stack([share[taken], 1.0 - share[taken]])
    return still


def _add_interval(plan: Plan, solved: PlanSolution) -> Plan:
    """The plan with the 80 % interval of all its sales together, where its rows have theirs."""
    if not plan.rows or any(row.low_usd is None for row in plan.rows):
        return plan
    share = solved.solution.decision.share[-1]
    taken = np.flatnonzero(share)
    sales = solved.programme.offers.sales_usd[:, -1, taken].astype(np.float64) @ share[taken]
    low, high = (float(np.quantile(sales, end)) for end in (0.1, 0.9))
    return replace(plan, low_usd=low, high_usd=high)


def _row(
    solved: PlanSolution,
    at: int,
    article: ProductAnalysis,
    move: str,
    dollar: float,
    *,
    taken: bool,
) -> PlanRow:
    """The row of the offer ``at`` a place; of one year of data there is no interval."""
    offers, known = solved.programme.offers, article.demand.fitted.whole.model is not None
    offer: Offer = offers.rows[at]
    share = float(solved.solution.decision.share[-1, at]) if taken else 0.0
    sales = offers.sales_usd[:, -1, at].astype(np.float64) * share
    units = float(offers.units[:, -1, at].mean(dtype=np.float64)) * share
    alive = float((offers.units[:, -1, at] > 0).mean()) if taken else 0.0
    profit = float(offers.profit_cny[:, -1, at].mean(dtype=np.float64)) * share
    margin = (profit - offer.keep_cny * alive) / dollar
    mean = float(sales.mean())
    return PlanRow(
        product=offer.model,
        market=offer.market,
        tier=article.standings[offer.market].tier,
        sales_now_usd=article.sales.now.get(offer.market, 0.0),
        sales_usd=mean,
        units=units,
        price_usd=offer.price_usd,
        margin_usd=margin,
        margin_rate=margin / mean if mean else 0.0,
        low_usd=float(np.quantile(sales, 0.1)) if known else None,
        high_usd=float(np.quantile(sales, 0.9)) if known else None,
        move=move,
        plant=offer.plant,
        currency=offer.currency,
        keep_usd=offer.keep_cny * alive / dollar,
    )


def _hours_used(solved: PlanSolution) -> tuple[tuple[str, float], ...]:
    """Line → the share of its hours in the last year."""
    facts, share = solved.programme.facts, solved.solution.decision.share[-1]
    hours = facts.units[-1] * share * [offer.hours for offer in facts.offers.rows]
    return tuple(
        (line, float(hours[facts.where(plant=plant, line=line)].sum()) / by_year[-1])
        for (plant, line), by_year in sorted(facts.limits.line_hours.items())
    )


def _totals(rows: list[PlanRow], used: tuple[tuple[str, float], ...]) -> Plan:
    planned: dict[str, float] = defaultdict(float)
    now: dict[str, float] = defaultdict(float)
    for row in rows:
        planned[row.market] += row.sales_usd
        now[row.market] += row.sales_now_usd
    return Plan(
        rows=tuple(rows),
        sales_usd=fsum(planned.values()),
        sales_now_usd=fsum(now.values()),
        margin_usd=fsum(row.margin_usd for row in rows),
        capacity_used=used,
        concentration=concentration(planned.values()),
        concentration_now=concentration(now.values()),
    )


def summarise_decision(
    solved: PlanSolution, made: ChoiceSet, one_year: bool, sales: pl.DataFrame
) -> PlanDecision:
    """The decision in plain figures.

    Args:
        solved: the plan.
        made: what it was chosen from.
        one_year: whether there is but one year of trade data.
        sales: of the ledger.
    """
    plan, stay, rates = solved.solution.outcome, solved.stay.outcome, made.rates
    gained = plan.profit - stay.profit
    today = tuple(zip(rates.currencies, map(float, rates.today), strict=True))
    found = PlanDecision(
        years=solved.programme.offers.years,
        scenarios=len(gained),
        threshold=solved.threshold,
        moves=_split_savings(solved, [_summary(solved, move, made) for move in solved.moves]),
        not_yet=tuple(_summary(solved, move, made) for move in solved.not_yet),
        today=profit_distribution(stay),
        plan=profit_distribution(plan),
        chance_better=chance(gained) if solved.moves else None,
        chance_without_money=_chance_without_money(solved) if solved.moves else None,
        gain_cny=float(gained.mean()),
        gain_low_cny=float(np.quantile(gained, TAIL)),
        keeping_cny=_keeping(solved),
        cny_per_usd=dict(today)["USD"],
        gap=solved.solution.gap,
        asked=tuple(_asked_prices(made, dict(today)["USD"])),
        assumed=tuple(_assumptions(made, one_year, sales)),
        rates=today,
        short_year=short_year(sales, made.study.on),
    )
    found = _drop_probabilities(found) if found.without_sales else _add_pilots(found, solved, made)
    found = replace(found, not_yet=_not_yet(found.not_yet))
    small = {(move.product, move.market) for move in found.small}
    return replace(found, small_cny=_together(solved, small)) if small else found


def _split_savings(solved: PlanSolution, moves: Sequence[MoveSummary]) -> tuple[MoveSummary, ...]:
    """Moves, the largest first; of models that leave a market together each has its part of what
    that brings. Beside a plan without it, each alone would have all that the market costs.
    """
    leaving: dict[str, list[MoveSummary]] = defaultdict(list)
    for move in moves:
        if move.kind == "leave":
            leaving[move.market].append(move)
    factors: dict[Key, float] = {}
    for of in leaving.values():
        keys = [(move.product, move.market) for move in of]
        if (told := fsum(move.gain_cny or 0.0 for move in of)) > 0 and len(of) > 1:
            factors |= dict.fromkeys(keys, _together(solved, keys) / told)
    parts = (_scale_gain(m, factors.get((m.product, m.market), 1.0)) for m in moves)
    return tuple(sorted(parts, key=lambda move: -(move.gain_cny or 0.0)))


def _scale_gain(move: MoveSummary, factor: float) -> MoveSummary:
    names = ("gain_cny", "mean_cny", "low_cny", "worst_cny")
    figures = {name: getattr(move, name) for name in names}
    known = {name: value * factor for name, value in figures.items() if value is not None}
    return replace(move, **known)


def _keeping(solved: PlanSolution) -> float:
    """What today's markets cost in the last year, CNY."""
    facts, stay = solved.programme.facts, solved.stay.decision
    return float(facts.offers.keep_cny * stay.choice @ facts.alive[-1])


def _add_pilots(figures: PlanDecision, solved: PlanSolution, made: ChoiceSet) -> PlanDecision:
    """With the entries as pilots, those among them that the plan did not weigh."""
    places = pilots_by_market(solved, made)
    pilots = {key: pilot for key, (_, pilot) in places.items()}
    budget = made.study.limits.entry_budget_cny
    chosen = pilots_within(None if budget is None else float(budget), pilots)[:MOST]
    weighed = {(move.product, move.market) for move in (*figures.moves, *figures.not_yet)}
    more = (
        _summary(solved, unweighed_entry(made, places[key][0]), made)
        for key in chosen
        if key not in weighed
    )

    def add_pilot(move: MoveSummary) -> MoveSummary:
        key: Key = move.product, move.market
        return replace(move, pilot=pilots.get(key)) if move.kind == "enter" else move

    moves = tuple(map(add_pilot, figures.moves))
    not_yet = tuple(map(add_pilot, (*figures.not_yet, *more)))
    return replace(figures, moves=moves, not_yet=not_yet, pilots=chosen)


def _not_yet(figures: Iterable[MoveSummary]) -> tuple[MoveSummary, ...]:
    """What is not made, by what it brings beside a plan without it: the figure that is told."""
    return tuple(sorted(figures, key=lambda move: -(move.mean_cny or 0.0)))


def _drop_probabilities(figures: PlanDecision) -> PlanDecision:
    """Without sales of the firm: worlds tell no chance of a share that is an assumption."""

    def bare(move: MoveSummary) -> MoveSummary:
        return replace(
            move, chance=None, low_cny=None, worst_cny=None, payback_years=None, payback_chance=None
        )

    moves, not_yet = (tuple(map(bare, of)) for of in (figures.moves, figures.not_yet))
    return replace(
        figures, moves=moves, not_yet=not_yet, chance_better=None, chance_without_money=None
    )


def drop_intervals(plan: Plan) -> Plan:
    """The rows without their intervals."""
    rows = tuple(replace(row, low_usd=None, high_usd=None) for row in plan.rows)
    return replace(plan, rows=rows, low_usd=None, high_usd=None)


def _together(solved: PlanSolution, keys: Collection[tuple[str, str]]) -> float:
    """What some moves bring together: the plan beside the one in which these stay as today.

    Both without hedges: what these bring is shown by itself.
    """
    programme, stay, decision = solved.programme, solved.stay.decision, solved.solution.decision
    groups = [place for place, key in enumerate(programme.facts.keys) if key in keys]
    here = np.isin(programme.facts.group, groups)
    choice = np.where(here, stay.choice, decision.choice)
    share = np.where(here, stay.share, decision.share)
    without = replace(decision, choice=choice, share=share)
    whole, left = (
        outcome(programme, continue_sales(programme, each)) for each in (decision, without)
    )
    return whole.mean - left.mean


def _asked_prices(made: ChoiceSet, dollar: float) -> Iterator[AskedPrice]:
    """Prices of the study that the ledger does not show, the largest change of units first."""
    asked = []
    for model, shelf in made.shelves.items():
        for outlet in shelf.outlets:
            if outlet.market not in shelf.asked or outlet.asked_usd is None:
                continue
            chain, level = outlet.deliveries[0].chain(dollar), shelf.sigma.level
            today, then = outlet.price_usd, outlet.asked_usd
            times = float((chain.at(level, then) / chain.at(level, today)) ** -shelf.sigma.value)
            source = shelf.sigma.source
            asked.append(AskedPrice(model, outlet.market, today, then, times, source))
    yield from sorted(asked, key=lambda a: (-abs(np.log(a.times)), a.product, a.market))


def profit_distribution(outcome: Outcome) -> ProfitDistribution:
    """Profit over the horizon in plain figures."""
    low, worst = outcome.worst_year_of_twenty, -outcome.shortfall
    by_year = tuple(map(float, outcome.cash.mean(axis=0)))
    return ProfitDistribution(mean=outcome.mean, low=low, worst=worst, by_year=by_year)


def scaled_profit(programme: Programme, solution: Solution, factor: float) -> ProfitDistribution:
    """What a decision earns where the firm sells ``factor`` times what was computed."""
    decision = solution.decision
    scaled = replace(decision, share=decision.share * factor)
    return profit_distribution(outcome(programme, scaled))


def scaled_rows(plan: Plan, factor: float) -> Plan:
    """The rows where the firm sells ``factor`` times what was computed; keeping costs as much."""

    def scale_row(row: PlanRow) -> PlanRow:
        names = ("sales_usd", "units", "low_usd", "high_usd", "still_usd", "short_usd")
        own = {name: usd and usd * factor for name in names for usd in (getattr(row, name),)}
        margin = factor * (row.margin_usd + row.keep_usd) - row.keep_usd
        rate = margin / own["sales_usd"] if own["sales_usd"] else 0.0
        return replace(row, **own, margin_usd=margin, margin_rate=rate)

    rows = tuple(map(scale_row, plan.rows))
    return replace(
        plan,
        rows=rows,
        sales_usd=plan.sales_usd * factor,
        margin_usd=fsum(row.margin_usd for row in rows),
        capacity_used=tuple((line, used * factor) for line, used in plan.capacity_used),
        low_usd=plan.low_usd and plan.low_usd * factor,
        high_usd=plan.high_usd and plan.high_usd * factor,
        computed_usd=plan.sales_usd,
    )


def _summary(solved: PlanSolution, move: Move, made: ChoiceSet) -> MoveSummary:
    before, after = move.before, move.after
    way, kinds = after or before, _kinds(move)
    years, come_back = _own_payback(solved, made, after)
    answered = move.reason != FIRST and moves_price(move)
    return MoveSummary(
        kind=kinds[0],
        kinds=kinds,
        product=move.model,
        market=move.market,
        price_before_usd=None if before is None else before.price_usd,
        price_after_usd=None if after is None else after.price_usd,
        plant="" if way is None else way.plant,
        currency="" if way is None else way.currency,
        units_before=tuple(map(float, move.units_before)),
        units_after=tuple(map(float, move.units_after)),
        sales_before_usd=tuple(map(float, move.sales_before_usd)),
        sales_after_usd=tuple(map(float, move.sales_after_usd)),
        gain_cny=move.gain_cny,
        alone_cny=move.alone_cny,
        mean_cny=move.mean_cny,
        chance=move.chance,
        low_cny=move.low_cny,
        worst_cny=move.worst_cny,
        entry_cny=0.0 if after is None else after.entry_cny,
        payback_years=years,
        payback_chance=come_back,
        matched_cny=matched_gain(made, move) if answered else None,
        reason=move.reason,
        rests_on=_rests_on(move, made),
        plant_before="" if before is None else before.plant,
        currency_before="" if before is None else before.currency,
        brand="own" if way is None else way.brand,
        lead=made.shelves[move.model].leads.get(move.market) if move.kind == "enter" else None,
        own_cny=own_gain(made, move),
        least_units=least_units(made, move),
        terms=move_terms(made, move, kinds[0]),
    )


def _own_payback(
    solved: PlanSolution, made: ChoiceSet, after: Offer | None
) -> tuple[float | None, float | None]:
    """Years until an entry has paid back out of what it earns itself, exits counted; how often."""
    if after is None or not after.entry_cny:
        return None, None
    offers, place = made.offers, made.offers.rows.index(after)
    profit = offers.profit_cny[:, :, place].astype(np.float64)
    yearly = (profit - after.keep_cny * (offers.units[:, :, place] > 0)) * offers.discount
    cash = np.concatenate([np.full((len(yearly), 1), -after.entry_cny), yearly], axis=1)
    return payback(solved.programme, cash)


def _kinds(move: Move) -> tuple[str, ...]:
    """What changes, as the buyer sees it: FOB from another plant at the same landed price is no
    other price.
    """
    if move.after is None or move.after.curve is not None:
        return move.kinds
    return tuple(k for k in move.kinds if k not in ("dearer", "cheaper")) or move.kinds


def _rests_on(move: Move, made: ChoiceSet) -> tuple[str, ...]:
    """Message keys of what a move rests on beside the outlook."""
    shelf = made.shelves[move.model]
    keys = ["planning.rests_outlook"]
    if move.kind == "enter":
        keys.append(f"planning.rests_entry_{_size_from(shelf, move.market)}")
        own = "_own" if shelf.reached.first_shares else ""
        keys.append(f"planning.rests_survival{own}")
    if {"dearer", "cheaper"} & set(_kinds(move)) or move.market in shelf.asked:
        keys.append(f"planning.rests_sigma_{shelf.sigma.source}")
    return tuple(keys)


def _size_from(shelf: ProductOptions, market: str) -> str:
    """Where the size of an entry comes from."""
    state = next(outlet.state for outlet in shelf.outlets if outlet.market == market)
    return state.size.source if isinstance(state, MarketEntry) else shelf.reached.entry.source


def _assumptions(made: ChoiceSet, one_year: bool, sales: pl.DataFrame) -> Iterator[Caution]:
    """What a reader must know before the moves: what stands on nobody's record."""
    study = made.study
    ledger_ends = sales.filter(pl.col("on") <= study.on)["on"].max()
    if isinstance(ledger_ends, date) and (study.on - ledger_ends).days > OLD_LEDGER:
        months = round((study.on - ledger_ends).days / 30.4)
        values = {"last": ledger_ends.isoformat(), "months": str(months)}
        yield Caution("planning.assumed_old_ledger", values)
    if all(shelf.reached.share is None for shelf in made.shelves.values()):
        share = f"{float(study.limits.entry_share) * 100:g}%"
        own = "entry_share" in study.limits.model_fields_set
        yield Caution(NO_SALES[own], {"share": share})
    if one_year:
        yield Caution("planning.assumed_one_year")
    if (note := sums_note(study.entering, study.keeping)) is not None:
        yield note


BEYOND = 1.05
"""Forwards held of so many times what comes in are no hedge of it."""
WHOLE = 0.995
"""A market of which so much is invoiced in a currency is invoiced in it."""


def money_moves(solved: PlanSolution, bank: Bank | None, rates: RateDraws) -> tuple[MoneyMove, ...]:
    """What the plan does about currencies, the largest first; nothing without ``[settlement]``."""
    if bank is None:
        return ()
    weighed = weighed_money(solved.programme, solved.solution.decision)
    return tuple(_money_move(solved, deal, bank, rates) for deal in weighed)


def held_beyond(solved: PlanSolution, rates: RateDraws) -> Iterator[Caution]:
    """Forwards held of more than the plan receives or pays of a currency in its first year."""
    programme, decision = solved.programme, solved.solution.decision
    cny = dict(zip(rates.currencies, map(float, rates.today), strict=True))
    year, sums = programme.offers.years[0], taken_of(programme, decision)
    for money in programme.facts.treasury.currencies:
        net = currency_receipts(programme, decision.share, sums, money.code, year) - money.out_usd
        covered, there = (money.held_usd, net) if money.held_usd > 0 else (-money.held_usd, -net)
        if covered > BEYOND * max(there, 0.0) and covered > 0:
            per = cny["USD"] / cny[money.code]
            named = {"held": f"{covered * per:,.0f}", "net": f"{max(there, 0.0) * per:,.0f}"}
            side = "sold" if money.held_usd > 0 else "bought"
            yield Caution(
                f"study.warn_held_{side}", {"currency": money.code, "year": str(year), **named}
            )


def together(solved: PlanSolution) -> MoneyGain | None:
    """What all of it brings; ``None`` where there is none."""
    programme, decision = solved.programme, solved.solution.decision
    names = [name for name, usd in taken_of(programme, decision).items() if usd > 0]
    return brings(programme, decision, names) if names else None


def _chance_without_money(solved: PlanSolution) -> float | None:
    """How often the plan earns more than today's way, invoiced as today and without a hedge."""
    programme, decision = solved.programme, solved.solution.decision
    taken = taken_of(programme, decision)
    if not any(taken.values()):
        return None
    none = dict.fromkeys(taken, 0.0)
    bare = replace(decision, further=further_of(programme, decision, none))
    return chance(outcome(programme, bare).profit - solved.stay.outcome.profit)


def _money_move(solved: PlanSolution, deal: MoneyMove, bank: Bank, rates: RateDraws) -> MoneyMove:
    """What was weighed in dollars, in its own currency, with what it is sure to bring and where it
    turns around.
    """
    cny = dict(zip(rates.currencies, map(float, rates.today), strict=True))
    spot = cny[deal.currency]
    amount, share = deal.amount * cny["USD"] / spot, min(deal.share, 1.0)
    if deal.kind == "invoice":
        turns = _discount(solved, deal, bank, cny["USD"])
        return replace(deal, amount=amount, share=share, turns=turns)
    ahead, points = deal.days == AHEAD, points_of(bank, deal.currency, deal.days) or 0.0
    return replace(
        deal,
        amount=amount,
        share=share,
        ahead=ahead,
        instrument=instrument_of(deal.currency, deal.days, bank.at.market) or "",
        points=points,
        turns=spot * (1 + points) if ahead else None,
        delivered=bank.on + timedelta(days=AHEAD) if ahead else None,
    )


def _discount(solved: PlanSolution, deal: MoneyMove, bank: Bank, dollar: float) -> float:
    """What buyers would have to ask off the price for the other currency to bring nothing more."""
    treasury, discount = solved.programme.facts.treasury, solved.programme.offers.discount
    name = f"invoice_{deal.market}_{deal.currency_before}_{deal.currency}"
    switch = next(switch for switch in treasury.switches if switch.name == name)
    asked_off = float(bank.facts.cny_discount) if deal.currency == "CNY" else 0.0
    return asked_off + deal.mean_cny / (deal.amount * dollar * float(discount @ switch.later))


def invoiced_as(plan: Plan, money: tuple[MoneyMove, ...]) -> Plan:
    """The plan whose rows have the invoice currency that the whole market is to have."""
    after = {
        (move.market, move.currency_before): move.currency
        for move in money
        if move.kind == "invoice" and move.share >= WHOLE
    }
    rows = (
        replace(row, currency=after.get((row.market, row.currency), row.currency))
        for row in plan.rows
    )
    return replace(plan, rows=tuple(rows))
