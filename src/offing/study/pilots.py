"""Which entries are worth a pilot: every market looked at, not only those that the plan weighs."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.inaction import PlanSolution
from offing.planning.moves import Move, chance
from offing.planning.offering import MarketEntry, Outlet
from offing.planning.pilots import Key, Pilot, best_pilot
from offing.planning.programme import lots_of
from offing.planning.shortfall import expected_shortfall
from offing.study.choices import ChoiceSet

Floats = NDArray[np.float64]

FIRST = "planning.pilot_first"
"""Why an entry is not made that the plan did not weigh: message key."""
FULL = 0.995
"""Of a line's hours: an entry would then take them from what is sold."""
MOST = 8
"""Pilots at once: an assumption of ours; nobody follows more."""


def pilots_by_market(solved: PlanSolution, made: ChoiceSet) -> dict[Key, tuple[int, Pilot]]:
    """Model and market → the place of the entry's offer, and it as a pilot worth something.

    Of several offers in a market, the one that the plan weighed, else the one of most worth. An
    entry whose size is the study's ``entry_share`` is left out: how it would go, nobody knows; so
    is one that the plan does not make on a line without free hours, or whose lot is never sold.
    """
    found = dict[Key, tuple[int, Pilot]]()
    for place, outlet in _entries(solved, made):
        key, pilot = (outlet.model, outlet.market), _pilot(made, place, outlet)
        if pilot and (key not in found or found[key][1].worth_cny < pilot.worth_cny):
            found[key] = place, pilot
    return found


def _entries(solved: PlanSolution, made: ChoiceSet) -> Iterator[tuple[int, Outlet]]:
    """Places of the offers that may be a pilot, with what they are offers of."""
    offers, facts = made.offers, solved.programme.facts
    known = {
        (model, outlet.market): outlet
        for model, shelf in made.shelves.items()
        for outlet in shelf.outlets
        if isinstance(outlet.state, MarketEntry) and outlet.state.size.source != "user"
    }
    weighed = {
        (move.model, move.market): offers.rows.index(move.after)
        for move in (*solved.moves, *(item.move for item in solved.not_yet))
        if move.kind == "enter" and move.after is not None
    }
    full = _full_lines(solved)
    barred = lots_of(facts)[1] | [(row.plant, row.line) in full for row in offers.rows]
    barred &= solved.solution.decision.choice < 0.5
    for place in np.flatnonzero(~barred & [not row.sold for row in offers.rows]).tolist():
        key = offers.rows[place].model, offers.rows[place].market
        if key in known and weighed.get(key, place) == place:
            yield place, known[key]


def _pilot(made: ChoiceSet, place: int, outlet: Outlet) -> Pilot | None:
    offers, state = made.offers, outlet.state
    assert isinstance(state, MarketEntry)
    row, units = offers.rows[place], offers.units[:, :, place]
    later = min(state.later_cny, row.entry_cny)
    profit = offers.profit_cny[:, :, place] - row.keep_cny * (units > 0)
    year, cost = state.pilot_year, row.entry_cny - later
    pilot = best_pilot(units, profit, offers.discount, cost, later, year)
    if pilot is None:
        return None
    whole = state.segment_usd / outlet.price_usd * sum(map(state.open, range(year + 1)))
    seen = made.shelves[row.model].reached.first_shares
    reached = sum(share * whole >= pilot.go_on_units for share in seen)
    return replace(pilot, comparable=(len(seen), reached))


def unweighed_entry(made: ChoiceSet, place: int) -> Move:
    """An entry that the plan did not weigh: what it brings at once, by itself, beside going on."""
    offers = made.offers
    row, none = offers.rows[place], np.zeros(len(offers.years))
    units, sales = (of[:, :, place].astype(np.float64) for of in (offers.units, offers.sales_usd))
    yearly = offers.profit_cny[:, :, place] - row.keep_cny * (units > 0)
    gained = yearly @ offers.discount - row.entry_cny
    mean = float(gained.mean())
    return Move(
        "enter", ("enter",), row.model, row.market, None, row,
        none, units.mean(axis=0), none, sales.mean(axis=0),
        gain_cny=mean, alone_cny=mean, mean_cny=mean, chance=chance(gained),
        low_cny=float(np.quantile(gained, 0.05)), worst_cny=-expected_shortfall(gained),
        payback_years=None, payback_chance=None,
    )  # fmt: skip


def _full_lines(solved: PlanSolution) -> set[tuple[str, str]]:
    facts, share = solved.programme.facts, solved.solution.decision.share
    hours = facts.units * share * [offer.hours for offer in solved.programme.offers.rows]
    full = set()
    for (plant, line), by_year in facts.limits.line_hours.items():
        used = hours[:, facts.where(plant=plant, line=line)].sum(axis=1)
        if (used >= FULL * np.array(by_year)).any():
            full.add((plant, line))
    return full
