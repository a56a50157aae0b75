"""How many each row of a plan sells, and what to find out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from offing.planning.offering import Delivery, Outlet, Selling
from offing.planning.plan import OpenFigure, PlanRow
from offing.report.blocks import Block, Heading, Text, number, table_of, text
from offing.report.decision import CNY, NamedDecision
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    count,
    fixed_decimals,
    money,
    money_column,
    money_range,
    percent,
    range_text,
)

if TYPE_CHECKING:  # a result that was kept is told without the planner
    from offing.study.plan import StudyPlan


NONE = 5e-4
"""A factor this near to 1 changes nothing."""


def explain_rows(planned: "StudyPlan", decision: NamedDecision) -> Text:
    """How many each row sells, in the order of the plan; a quote tells its price and margin."""
    sold = (row for row in planned.plan.rows if row.sales_usd > 0)
    return Text(tuple(_row(row, planned, decision) for row in sold), "list")


def _row(row: PlanRow, planned: "StudyPlan", decision: NamedDecision) -> str:
    product = decision.products.get(row.product, row.product)
    named = say("planning.model_in", market=country_name(row.market), product=product)
    outlets = planned.choices.shelves[row.product].outlets
    outlet = next(outlet for outlet in outlets if outlet.market == row.market)
    # The plan may invoice a market otherwise: what a unit costs is the same.
    here = [delivery for delivery in outlet.deliveries if delivery.plant == row.plant]
    way = next((delivery for delivery in here if delivery.currency == row.currency), here[0])
    return f"{named}{say('report.colon')}{_units(row, outlet, way, planned)}"


def _units(row: PlanRow, outlet: Outlet, way: Delivery, planned: "StudyPlan") -> str:
    """Units today × growth × price × share; the share is what the other factors leave."""
    decided, sigma = planned.decided, outlet.sigma
    chain, usual = (one.chain(decided.cny_per_usd) for one in (way, outlet.deliveries[0]))
    paid, before = chain.at(sigma.level, row.price_usd), usual.at(sigma.level, outlet.price_usd)
    curve, growth, level = (paid / before) ** -sigma.value, _growth(row, planned), decided.factor
    taken, line = _demand_taken(row, planned)
    state, year = outlet.state, str(decided.years[-1])
    if isinstance(state, Selling):
        base, share = state.units, "share"
        parts = [say("planning.factor_today", units=count(base))]
    else:
        size, share = state.size.size(len(decided.years) - 1), "there"
        base = state.segment_usd / outlet.price_usd * size
        values = {"size": percent(size), "segment": money(state.segment_usd)}
        parts = [say("planning.factor_entry", units=count(base), **values)]
    product = base * growth * curve * taken * level
    full = dict(planned.plan.capacity_used).get(line, 0.0) / level > 1 - NONE
    factors = (
        ("growth", growth, True),
        (share, row.units / product if product else 0.0, True),
        ("price", curve, abs(curve - 1) > NONE),
        ("line" if full else "limits", taken, abs(taken - 1) > NONE),
        ("level", level, decided.level is not None),
    )
    told = {"year": year, "sigma": fixed_decimals(sigma.value, 1)}
    parts += [
        say(f"planning.factor_{name}", factor=fixed_decimals(factor, 2), **told)
        for name, factor, counts in factors
        if counts
    ]
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


SHOWN = 10


def told_open_figures(decision: NamedDecision, figures: Sequence[OpenFigure]) -> tuple[Block, ...]:
    """The most valuable figures."""
    heading = Heading(say("plan.open_heading"))
    if not figures:
        return (heading, Text((say("plan.open_none"),)))
    money = money_column([figure.value_cny for figure in figures[:SHOWN]], CNY)

    table = table_of(
        "open-figures",
        say("plan.open_caption"),
        figures[:SHOWN],
        (text("plan.open_what"), decision.open_figure),
        (number("plan.open_value", unit=money.unit), lambda f: money.cell(f.value_cny)),
        (text("plan.open_cost"), decision.asking_cost),
        (number("plan.open_turns"), lambda f: percent(f.turns, 0)),
        (text("plan.open_now"), _held_likely),
    )
    kinds = dict.fromkeys(figure.kind for figure in figures[:SHOWN])
    how = tuple(say(f"plan.open_how_{kind}") for kind in kinds)
    return (heading, table, Text(how, "list"))


def _held_likely(figure: OpenFigure) -> str:
    """The range of a figure, and where it is from."""
    places = {"entry": None, "elasticity": 1}.get(figure.kind, 2)
    ends = figure.low, figure.high
    told = (count(end) if places is None else fixed_decimals(end, places) for end in ends)
    found = range_text(*told)
    return say(f"plan.open_from_{figure.source}", range=found) if figure.source else found
