"""The moves with their figures, the plan as a table, and what was looked at and is not made."""

from functools import partial

from offing.ladders.ladder import LEAST_COVERAGE
from offing.report import words
from offing.report.blocks import Block, Folded, Heading, Section, Text
from offing.report.decision import Decision
from offing.report.views.plan import (
    Layout,
    in_order,
    moves_table,
    not_yet_table,
    plan_table,
    price_notes,
)
from offing.study.result import StudyResult
from offing.terms.messages import language, say
from offing.terms.numbers import fixed, percent

MOVES = 8
"""Moves that stand open."""
SHOWN = 12
"""Rows that stand open; the others are folded."""
LISTED = 5
"""Moves of "not yet" that stand open."""


def section(result: StudyResult) -> Section:
    """The plan, model by model and market by market, and what it does to the whole book."""
    decision = Decision.of_result(result)
    blocks: list[Block] = [*_moves(decision), *_rows(result, decision), *_not_yet(decision)]
    return Section.of("plan", blocks)


def _moves(decision: Decision) -> list[Block]:
    moves, small = decision.figures.weighty, decision.figures.small
    if not decision.figures.moves:
        return []
    resting = {move.rests_on for move in decision.figures.moves}
    alike = len(resting) == 1 and len(decision.figures.moves) > 1
    table = partial(moves_table, decision=decision, rests=not alike)
    blocks: list[Block] = [
        Heading(say("planning.moves_heading")),
        table("moves-table", moves=moves[:MOVES]),
    ]
    if moves[MOVES:]:
        rest = table("moves-rest", moves=moves[MOVES:])
        blocks.append(Folded(say("planning.moves_rest", count=len(moves) - MOVES), (rest,)))
    if small:
        rest = table("moves-small", moves=small)
        blocks.append(Folded(decision.of_small("moves_small"), (rest,)))
    notes = []
    if alike:
        said = words.listed(map(words.named, *resting))
        notes.append(say("planning.rests_alike", rests=said))
    if len(decision.figures.moves) > 1:
        notes.append(say("report.gains_note", years=decision.years))
    return [*blocks, *([Text(tuple(notes), "note")] if notes else [])]


def _of_figures(result: StudyResult, decision: Decision) -> str:
    """What the figures of the plan have in them; settlement only where the study chooses it."""
    key = "report.plan_note" if result.settlement else "report.plan_note_unsettled"
    return say(key, year=str(decision.figures.years[-1]))


def _rows(result: StudyResult, decision: Decision) -> list[Block]:
    plan = result.plan
    if not plan.rows:
        return [Text((say("report.plan_empty"),))]
    tiers = known_tiers(result)
    layout, rows = Layout.of(plan, decision, tiers), in_order(plan.rows)
    blocks: list[Block] = [
        Heading(say("planning.rows_heading")),
        plan_table("plan-table", plan, rows[:SHOWN], layout),
    ]
    if rows[SHOWN:]:
        rest = plan_table("plan-table-rest", plan, rows[SHOWN:], layout, totals=False)
        text = say("planning.rows_rest", count=len(rows) - SHOWN)
        blocks.append(Folded(text, (rest,), printed=True))
    notes = [_of_figures(result, decision)]
    notes += price_notes(plan, decision)
    if len(set(tiers.values())) == 1:
        notes.append(say("report.plan_one_tier", tier=words.tier(next(iter(tiers.values())))))
    notes += [
        say("run.capacity", product=result.line_name(key, language()), share=percent(share, 0))
        for key, share in plan.capacity_used
    ]
    if asked := _asked(decision):
        notes.append(say("report.plan_asked", rows=words.listed(asked)))
    key = "plan_concentration" if plan.sales_now_usd else "plan_concentration_new"
    planned, now = fixed(plan.concentration, 2), fixed(plan.concentration_now, 2)
    notes.append(say(f"report.{key}", planned=planned, now=now))
    return [*blocks, Text(tuple(notes), "note")]


def _asked(decision: Decision) -> list[str]:
    """Models and markets where the study asks another price than the ledger shows."""
    several = len(decision.products) > 1
    return [
        f"{words.within(market)} ({decision.products.get(model, model)})"
        if several
        else words.within(market)
        for model, market in ((a.product, a.market) for a in decision.figures.asked)
    ]


def _not_yet(decision: Decision) -> list[Block]:
    moves = decision.figures.not_yet
    if not moves:
        return []
    blocks: list[Block] = [
        Heading(say("planning.not_yet_heading")),
        not_yet_table("not-yet", decision, moves[:LISTED]),
    ]
    if moves[LISTED:]:
        rest = not_yet_table("not-yet-rest", decision, moves[LISTED:])
        blocks.append(Folded(say("planning.not_yet_rest", count=len(moves) - LISTED), (rest,)))
    return blocks


def known_tiers(result: StudyResult) -> dict[tuple[str, str], str]:
    """(model, market) → tier of the price asked, where enough prices are known to name one."""
    covered = {
        (product.product, market.market)
        for product in result.products
        for market in product.markets
        if market.ladder and market.ladder.coverage >= LEAST_COVERAGE
    }
    return {
        (row.product, row.market): row.tier
        for row in result.plan.rows
        if (row.product, row.market) in covered and row.tier in ("low", "medium", "high")
    }
