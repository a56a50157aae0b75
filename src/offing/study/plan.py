"""Sixth stage: offers in joint scenarios become a decision, and that becomes the plan's rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from offing.planning.inaction import PlanSolution
from offing.planning.offering import Selling
from offing.planning.plan import Plan, PlanDecision, PlanRow
from offing.planning.programme import lots_of
from offing.study.analysis import ProductAnalysis
from offing.study.choices import ChoiceSet, ProductOptions
from offing.study.decision import (
    held_beyond,
    invoiced_as,
    money_moves,
    plan_rows,
    summarise_decision,
    together,
    without_intervals,
)
from offing.study.excluded import reserved_hours, without_reserved
from offing.study.file import Study
from offing.study.futures import draws_by_code, only_level, rates_ahead
from offing.study.inputs import StudyInputs
from offing.study.options import product_options, under_counterfactual
from offing.study.sales import invoiced_in
from offing.study.solve import build_programme, solve_plan
from offing.study.treasury import bank_of, refused
from offing.study.unknown import ABOUT, caution, sales_of_plan, without_cost
from offing.terms.caution import Caution, Value, countries
from offing.terms.missing import known_share

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

    Lines have the hours that models without trade data leave them.

    Raises:
        InputError, MissingDataError: what the study asks for cannot be.
    """
    study = without_reserved(
        world.study, reserved_hours(world, {article.key for article in articles})
    )
    draws = draws_by_code(world, articles, day=study.on.year, years=study.markets.horizon)
    sold_in = _sold_in(articles)
    shelves = {
        article.key: under_counterfactual(
            product_options(
                world,
                article.imports,
                article.standings,
                article.sales,
                draws[article.imports.facts.code],
                sold_in,
            ),
            article.demand,
        )
        for article in articles
    }
    bank = bank_of(world, shelves.values(), invoiced_in(article.sales for article in articles))
    codes = [*_currencies(shelves.values()), *(bank.currencies if bank else ())]
    rates = rates_ahead(world, codes, study.markets.horizon)
    return ChoiceSet(study, shelves, draws, rates, bank)


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
    missing = tuple(without_cost(plan, articles).values())
    plan = replace(
        plan,
        capacity_used=tuple(_of_whole_lines(plan, world.study, study)),
        missing=missing,
        known_share=known_share(missing, sales_of_plan(plan)),
    )
    figures = summarise_decision(
        solved,
        choices,
        one_year=any(article.demand.fitted.whole.model is None for article in articles),
        ledger_ends=_ledger_ends(world),
    )
    return StudyPlan(
        world,
        tuple(articles),
        choices,
        solved,
        _marked(without_intervals(plan) if figures.without_sales else plan, choices),
        replace(
            figures,
            money=money,
            money_gain=together(solved) if money else None,
            not_hedged=tuple(refused(study, bank, choices.offers) if bank else ()),
        ),
        (
            *warnings,
            *caution(ABOUT[0], missing, plan),
            *_at_cap(study, solved, plan),
            *_barred(solved),
            *_below_lot(solved),
            *held_beyond(solved, rates),
        ),
    )


def _of_whole_lines(plan: Plan, whole: Study, remaining: Study) -> Iterator[tuple[str, float]]:
    """Line → the share of all its hours that is used, what models left out take among it."""
    for line, used in plan.capacity_used:
        hours, ours = (float(study.lines[line][1].hours) for study in (whole, remaining))
        yield line, (used * ours + hours - ours) / hours


def _at_cap(study: Study, solved: PlanSolution, plan: Plan) -> Iterator[Caution]:
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


def _barred(solved: PlanSolution) -> Iterator[Caution]:
    """Where nothing is sold and nothing entered: markets that would pay if limits let them."""
    programme = solved.programme
    rows = programme.offers.rows
    if solved.solution.decision.choice.any() or any(row.sold for row in rows):
        return
    alone = programme.worth.sum(axis=0) - programme.fixed
    tried = {(item.move.model, item.move.market) for item in solved.not_yet}
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
            said: dict[str, Value] = {
                "model": model,
                "lot": f"{lot:,.0f}",
                "markets": countries(markets),
            }
            yield Caution("study.warn_below_lot", said)


def _marked(plan: Plan, choices: ChoiceSet) -> Plan:
    """The plan whose rows say what they rest on: a price that is asked, shares of several years."""
    priced = frozenset((key, m) for key, shelf in choices.shelves.items() for m in shelf.asked)
    usual = {
        (key, outlet.market): outlet.state.usual
        for key, shelf in choices.shelves.items()
        for outlet in shelf.outlets
        if isinstance(outlet.state, Selling)
    }

    def marked(row: PlanRow) -> PlanRow:
        pair = row.product, row.market
        move = "asked" if row.move == "keep" and pair in priced else row.move
        return replace(row, move=move, usual_share=usual.get(pair))

    return replace(plan, rows=tuple(map(marked, plan.rows)))


def _ledger_ends(world: StudyInputs) -> date | None:
    last = world.sales.filter(pl.col("on") <= world.study.on)["on"].max()
    return last if isinstance(last, date) else None


def _sold_in(articles: Sequence[ProductAnalysis]) -> dict[str, dict[str, float]]:
    """Market → model → USD of the last twelve months."""
    sold: dict[str, dict[str, float]] = {}
    for article in articles:
        for market, record in article.sales.records.items():
            if record.units > 0 and record.sales_usd > 0:
                sold.setdefault(market, {})[article.key] = record.sales_usd
    return sold


def _currencies(shelves: Iterable[ProductOptions]) -> list[str]:
    codes = {
        way.currency for shelf in shelves for outlet in shelf.outlets for way in outlet.deliveries
    }
    return sorted(codes)
