"""How each row of a plan came about: units, price, what is left, and the move."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from offing.planning.offering import Delivery, Outlet, Selling
from offing.planning.plan import PlanRow
from offing.report.blocks import Block, Heading, Text
from offing.report.decision import CNY, NamedDecision
from offing.report.move_words import own_sentences
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    fixed_decimals,
    money,
    money_range,
    moneys,
    percent,
    price,
)

if TYPE_CHECKING:  # a result that was kept is told without the planner
    from offing.study.plan import StudyPlan

NONE = 5e-4
"""A factor this near to 1 changes nothing."""


def explain_rows(planned: "StudyPlan", decision: NamedDecision) -> tuple[Block, ...]:
    """Each row in four sentences, in the order of the plan."""
    blocks: list[Block] = []
    for row in planned.plan.rows:
        name = decision.products.get(row.product, row.product)
        blocks += [
            Heading(say("planning.model_in", market=country_name(row.market), product=name)),
            Text(tuple(_steps(row, planned, decision)), "list"),
        ]
    return tuple(blocks)


def _steps(row: PlanRow, planned: "StudyPlan", decision: NamedDecision) -> Iterator[str]:
    outlet = next(
        candidate
        for candidate in planned.choices.shelves[row.product].outlets
        if candidate.market == row.market
    )
    if row.sales_usd > 0:
        # The plan may invoice a market otherwise: what a unit costs is the same.
        here = [delivery for delivery in outlet.deliveries if delivery.plant == row.plant]
        way = next((delivery for delivery in here if delivery.currency == row.currency), here[0])
        yield _units(row, outlet, way, planned)
        yield _price(row, way, decision)
        yield _demand_left(row, outlet, way, decision)
    move = next(
        (m for m in decision.figures.moves if (m.product, m.market) == (row.product, row.market)),
        None,
    )
    if move is None:
        yield say("planning.explain_keep")
    else:
        told = say("planning.explain_move", move=decision.text(move), gain=decision.gain(move))
        yield f"{told} {decision.remark(move)}".strip()
        yield from own_sentences(decision, move)


def _units(row: PlanRow, outlet: Outlet, way: Delivery, planned: "StudyPlan") -> str:
    """Units today × growth × price × share; the share is what the other factors leave."""
    rate = planned.decided.cny_per_usd
    level = outlet.sigma.level
    chain, usual = way.chain(rate), outlet.deliveries[0].chain(rate)
    ratio = chain.at(level, row.price_usd) / usual.at(level, outlet.price_usd)
    curve = ratio**-outlet.sigma.value
    taken, line = _demand_taken(row, planned)
    growth = _growth(row, planned)
    state, year = outlet.state, str(planned.decided.years[-1])
    if isinstance(state, Selling):
        base = state.units
        parts = [say("planning.factor_today", units=count(base))]
    else:
        size = state.size.size(len(planned.decided.years) - 1)
        base = state.segment_usd / outlet.price_usd * size
        entry = say(
            "planning.factor_entry",
            units=count(base),
            size=percent(size),
            segment=money(state.segment_usd),
        )
        parts = [entry]
    rest = row.units / (base * growth * curve * taken) if base and growth and taken else 0.0
    share = "share" if isinstance(state, Selling) else "there"
    parts.append(say("planning.factor_growth", factor=fixed_decimals(growth, 2), year=year))
    parts.append(say(f"planning.factor_{share}", factor=fixed_decimals(rest, 2)))
    if abs(curve - 1) > NONE:
        sigma = fixed_decimals(outlet.sigma.value, 1)
        parts.append(say("planning.factor_price", factor=fixed_decimals(curve, 2), sigma=sigma))
    if abs(taken - 1) > NONE:
        full = dict(planned.plan.capacity_used).get(line, 0.0) > 1 - NONE
        why = "line" if full else "limits"
        parts.append(say(f"planning.factor_{why}", factor=fixed_decimals(taken, 2)))
    return say(
        "planning.explain_units",
        product=" × ".join(parts),
        units=count(row.units),
        range=money_range(row.low_usd, row.high_usd),
    )


def _demand_taken(row: PlanRow, planned: "StudyPlan") -> tuple[float, str]:
    """The part of what the market would take that the plan takes in the last year; its line."""
    programme, decision = planned.solved.programme, planned.solved.solution.decision
    for place, offer in enumerate(programme.offers.rows):
        own = (offer.model, offer.market) == (row.product, row.market)
        if own and decision.choice[place] > 0.5:
            return float(decision.share[-1, place]), offer.line
    return 1.0, ""


def _growth(row: PlanRow, planned: "StudyPlan") -> float:
    """Of the market until the last year, the mean of the worlds."""
    draws = planned.choices.draws[planned.choices.shelves[row.product].code]
    place = draws.markets.index(row.market)
    return float(np.mean(draws.sales_usd[:, -1, place] / draws.base_usd[place]))


def _price(row: PlanRow, way: Delivery, decision: NamedDecision) -> str:
    chain = way.chain(decision.figures.cny_per_usd)
    return say(
        "planning.explain_price_cif" if way.duty is None else "planning.explain_price",
        asked=decision.asked(row.price_usd, row.currency),
        fob=price(row.price_usd),
        freight=price(way.freight_usd),
        cif=price(chain.at("cif", row.price_usd)),
        duty=NOTHING if way.duty is None else percent(way.duty),
        landed=NOTHING if way.duty is None else price(chain.at("landed", row.price_usd)),
        plant=decision.plants.get(way.plant, way.plant),
    )


def _demand_left(row: PlanRow, outlet: Outlet, way: Delivery, decision: NamedDecision) -> str:
    rate = decision.figures.cny_per_usd
    comes = row.price_usd * rate
    gone = comes * way.proportional
    left = comes - gone - way.cost_cny - way.carried_cny
    amount = moneys([outlet.keep_cny, row.margin_usd * rate], CNY)
    return say(
        "planning.explain_left",
        comes=price(comes, CNY),
        proportional=price(gone, CNY),
        share=percent(way.proportional),
        cost=price(way.cost_cny, CNY),
        carried=price(way.carried_cny, CNY),
        left=price(left, CNY),
        units=count(row.units),
        keep=amount(outlet.keep_cny),
        margin=amount(row.margin_usd * rate),
        rate=percent(row.margin_rate),
    )
