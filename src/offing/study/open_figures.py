"""What to find out first (先查明什么): what knowing a figure before deciding would gain.

Three kinds of figures can be asked or tested: a model's price elasticity, what buyers of a market
that is not sold in would take, and what inputs and freight will cost. For each, the plan's own rule
(a move's chance) is followed at every value that the figure may have; the gain over the plan that
is made without it is its value: what perfect information about it is worth (EVPPI), an upper bound
of what a test or a call brings.

A price elasticity that no price may move by is looked at all the same: that is what it would be
asked for.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from offing.planning.elasticity import stated_elasticity
from offing.planning.moves import expected_given
from offing.planning.offering import Outlet, Selling, implied_by, price_profits
from offing.planning.offers import Offers
from offing.planning.plan import OpenFigure
from offing.planning.scenarios import Scenarios
from offing.study.choices import ChoiceSet, ProductOptions, product_scenarios
from offing.study.plan import StudyPlan

Floats = NDArray[np.float64]

VALUES = 7
"""Of an elasticity, at the middles of parts of equal probability."""
WORLDS = 500
"""Scenarios in which an elasticity is looked at."""
PRICES = 9
REACH = 0.2
"""Prices up to a fifth from today's: further away no elasticity is trusted."""
FULL = 0.995
"""Of a line's hours: what prices may fill of them."""
NO_HOURS = 1e-9
LEAST = 0.001
"""Of the plan's profit: a figure of less is not worth a question."""


def value_open_figures(planned: StudyPlan) -> tuple[OpenFigure, ...]:
    """The figures that a plan would gain by, those of most value after their cost first.

    Those of less than :data:`LEAST` of the plan's profit, after what finding them out is said to
    cost, are left out.
    """
    asking = planned.choices.study.asking
    earned = _discounted_profit(planned.choices.offers)
    costs = {"elasticity": asking.test_cny, "entry": asking.visit_cny}
    found = (
        replace(figure, cost_cny=None if (cost := costs.get(figure.kind)) is None else float(cost))
        for figure in (
            *_elasticities(planned),
            *_entries(planned, earned),
            *_costs(planned, earned),
        )
    )
    least = LEAST * abs(planned.decided.plan.mean)
    worth = [figure for figure in found if figure.net_cny > least]
    return tuple(sorted(worth, key=lambda figure: -figure.net_cny))


def add_open_figures(planned: StudyPlan) -> StudyPlan:
    """The plan whose decision says what to find out first."""
    figures = value_open_figures(planned)
    return replace(planned, decided=replace(planned.decided, open_figures=figures))


def _best(gain: Floats, chance: Floats, threshold: float) -> Floats:
    """The gain of the best alternative that the plan's rule lets pass, by value; 0 where none does.

    Args:
        gain: of each over going on, values of the figure × alternatives.
        chance: that it gains, likewise.
        threshold: the least chance of a move.
    """
    allowed = (chance >= threshold) & (gain > 0)
    return np.asarray(np.where(allowed, gain, 0.0).max(axis=1))


def _best_unheard(earned: Floats, threshold: float) -> float:
    """The same of what offers earn in each scenario, where no answer is heard."""
    mean, likely = (of.mean(axis=0, keepdims=True) for of in (earned, earned > 0))
    return float(_best(mean, likely, threshold)[0])


def _elasticities(planned: StudyPlan) -> Iterator[OpenFigure]:
    choices, free = planned.choices, _free_hours(planned)
    threshold = float(choices.study.limits.likelier_than)
    discount = 1 / (1 + float(choices.study.rates.discount))
    for model, options in choices.shelves.items():
        outlets = _going_on(planned, model, options)
        told = options.sigma.source == "user"
        if not outlets or told or not options.sigma.high > options.sigma.low:
            continue
        middles = (np.arange(VALUES) + 0.5) / VALUES
        values = options.sigma.drawn(ndtri(middles))
        worlds = _worlds(choices, model, options)
        gains: dict[str, list[tuple[Floats, Floats]]] = defaultdict(list)
        for outlet in outlets:
            way = outlet.deliveries[0]
            room = free.get(way.line, np.inf) / way.hours
            gain, chance, more = other_prices(outlet, values, worlds, discount, room=room)
            gains[way.line].append((_best(gain, chance, threshold), more * way.hours))
        best = np.sum([_that_fit(of, free.get(line, np.inf)) for line, of in gains.items()], axis=0)
        low, high = options.sigma.drawn(ndtri(np.array([0.1, 0.9]))).tolist()
        yield OpenFigure(
            "elasticity", model, "", float(best.mean()), float((best > 0).mean()),
            low, options.sigma.value, high, options.sigma.source,
        )  # fmt: skip


def _going_on(planned: StudyPlan, model: str, options: ProductOptions) -> list[Outlet]:
    """Where a model goes on at today's price, from today's plant, in today's currency."""
    taken = {
        (offer.market, offer.plant, offer.currency, offer.price_usd)
        for offer, chosen in zip(
            planned.choices.offers.rows, planned.solved.solution.decision.choice, strict=True
        )
        if chosen > 0.5 and offer.model == model
    }
    return [
        outlet
        for outlet in options.outlets
        if isinstance(outlet.state, Selling)
        and outlet.asked_usd is None
        and (way := outlet.deliveries[0])
        and (outlet.market, way.plant, way.currency, outlet.price_usd) in taken
    ]


def _free_hours(planned: StudyPlan) -> dict[str, float]:
    """Line → hours that it could still work over the horizon, by its last year."""
    lines, years = planned.world.study.lines, len(planned.choices.offers.years)
    return {
        line: max(FULL - used, 0.0) * float(lines[line][1].hours) * years
        for line, used in planned.plan.capacity_used
    }


def _that_fit(markets: Sequence[tuple[Floats, Floats]], free: float) -> Floats:
    """What markets gain together, by value, where a line has so many hours: best use first.

    Args:
        markets: of each, gain and hours of its line by value.
        free: hours of the line.
    """
    gain, more = np.stack(markets, axis=1)
    needed = np.maximum(more, NO_HOURS)
    order = np.argsort(-gain / needed, axis=0)
    gain, needed = (np.take_along_axis(of, order, axis=0) for of in (gain, needed))
    left = free + NO_HOURS * len(needed) - np.cumsum(needed, axis=0) + needed
    return np.asarray((gain * np.clip(left / needed, 0.0, 1.0)).sum(axis=0))


def _worlds(choices: ChoiceSet, model: str, options: ProductOptions) -> Scenarios:
    """The first scenarios of those that the plan was made in."""
    draws = choices.draws[options.code]
    few = replace(draws, sales_usd=draws.sales_usd[:WORLDS])
    rates = replace(choices.rates, draws=choices.rates.draws[:WORLDS])
    return product_scenarios(choices.study, model, options, {options.code: few}, rates)


def other_prices(
    outlet: Outlet, values: Floats, worlds: Scenarios, discount: float, *, room: float = np.inf
) -> tuple[Floats, Floats, Floats]:
    """Gain and chance of the best other price, at each elasticity, and what it sells more.

    Args:
        outlet: that is sold in.
        values: of the elasticity.
        worlds: scenarios, each with its own answer of the rivals.
        discount: what a yuan a year later is worth today.
        room: units that could be made beside, of all years: no price at which more is sold.

    Returns:
        Values × 1 each; units of all years by value.
    """
    today = outlet.price_usd
    steps = np.geomspace(1 - REACH, 1 + REACH, PRICES)
    prices = np.append(today * steps, today)
    answers = [stated_elasticity(value) for value in values.tolist()]
    profits, units = price_profits(outlet, worlds, prices, answers, discount)
    more = profits[:, :-1] - profits[:, -1:]
    mean = more.mean(axis=2)
    mean = np.where(units[:, :-1] > units[:, -1:] + room, -np.inf, mean)
    best = mean.argmax(axis=1)
    rows = np.arange(len(values))
    # an answer moves a price where today's is not the best one at any elasticity near it
    implied = implied_by(outlet, worlds.rates.cny_per_usd)
    moves = np.array([answer.verdict(implied) == "moves" for answer in answers])
    gain = np.where(moves, np.maximum(mean[rows, best], 0.0), 0.0)
    chance = (more[rows, best] > 0).mean(axis=1)
    return gain[:, None], chance[:, None], units[rows, best] - units[:, -1]


def _discounted_profit(offers: Offers) -> Floats:
    """Scenarios × offers, discounted profit after what keeping and entering cost."""
    earned = np.einsum("syn,y->sn", offers.profit_cny, offers.discount)
    alive = np.einsum("syn,y->sn", offers.units > 0, offers.discount)
    return np.asarray(earned - offers.keep_cny * alive - offers.entry_cny, dtype=np.float64)


def _entries(planned: StudyPlan, earned: Floats) -> Iterator[OpenFigure]:
    """What buyers would take of a model in a market where it is not sold.

    Args:
        planned: with its offers.
        earned: by them, scenarios × offers.
    """
    choices = planned.choices
    offers = choices.offers
    threshold = float(choices.study.limits.likelier_than)
    chosen = planned.solved.solution.decision.choice > 0.5
    entering: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(offers.rows):
        if not row.sold:
            entering.setdefault((row.model, row.market), []).append(at)
    for model, options in choices.shelves.items():
        lasting = None
        for outlet in options.outlets:
            places = entering.get((model, outlet.market), [])
            # One that sells nothing in any scenario by the end is no entry to size.
            if not places or not (offers.units[:, -1, places[0]] > 0).any():
                continue
            assert not isinstance(outlet.state, Selling), "it has offers that are not sold"
            if lasting is None:
                worlds = product_scenarios(
                    choices.study, model, options, choices.draws, choices.rates
                )
                lasting = worlds.lasting
            figure = lasting[:, worlds.market(outlet.market)]
            here = earned[:, places]
            likely = expected_given((here > 0).astype(float), figure)
            best = _best(expected_given(here, figure), likely, threshold)
            # unheard: what is chosen, or what the rule lets pass and limits leave out
            now = float(here[:, chosen[places]].mean(axis=0).sum())
            now = max(now, _best_unheard(here, threshold))
            units = offers.units[:, -1, places[0]]
            low, middle, high = np.quantile(units[units > 0], (0.1, 0.5, 0.9))
            turned = (best > 0) != (now > 0)
            yield OpenFigure(
                "entry", model, outlet.market, float(best.mean() - now), float(turned.mean()),
                float(low), float(middle), float(high), outlet.state.size.source,
            )  # fmt: skip


def _costs(planned: StudyPlan, earned: Floats) -> Iterator[OpenFigure]:
    """What inputs and freight will cost: where that would end a market or begin one."""
    choices = planned.choices
    offers = choices.offers
    threshold = float(choices.study.limits.likelier_than)
    chosen = planned.solved.solution.decision.choice > 0.5
    groups = planned.solved.programme.facts.group
    for kind, factor in choices.costs.items():
        figure = factor.mean(axis=1)
        if len(figure) != len(earned) or not figure.std():
            continue
        expected = expected_given(earned, figure)
        likely = expected_given((earned > 0).astype(float), figure)
        value, turns = 0.0, np.zeros(len(figure), dtype=bool)
        for group in np.unique(groups):
            here = np.flatnonzero(groups == group)
            if chosen[here].any():  # what is sold or entered may end
                now = expected[:, here[chosen[here]]].sum(axis=1)
                value += float(np.maximum(now, 0.0).mean() - max(now.mean(), 0.0))
                turns |= (now > 0) != (now.mean() > 0)
            elif not any(offers.rows[at].sold for at in here):  # what is not yet may begin
                gain = _best(expected[:, here], likely[:, here], threshold)
                unheard = _best_unheard(earned[:, here], threshold)
                value += float(gain.mean()) - unheard
                turns |= (gain > 0) != (unheard > 0)
        low, middle, high = np.quantile(figure, (0.1, 0.5, 0.9)).tolist()
        source = "user" if kind in choices.study.ranges.model_fields_set else "shipped"
        yield OpenFigure(kind, "", "", value, float(turns.mean()), low, middle, high, source)
