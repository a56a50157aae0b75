"""A move of the plan looked at closely: what it brings itself, its own terms, and as a pilot.

Break-evens are in closed form, of the means of the scenarios and what each offer itself earns; what
the hours that it frees or takes earn elsewhere is not in them. Pilots are looked for in every
market, not only in those that the plan weighs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from offing.planning.elasticity import Chain
from offing.planning.inaction import PlanSolution
from offing.planning.moves import Move, Pilot, best_pilot, chance
from offing.planning.offering import MarketEntry, Outlet
from offing.planning.offers import Array, Key, Offer, Offers
from offing.planning.outcome import expected_shortfall
from offing.planning.plan import MoveTerms
from offing.planning.programme import lots_of
from offing.study.choices import ChoiceSet
from offing.terms.sale_terms import PriceLevel

WHOLE = 0.999
"""A part of the units above it is all of them: means of scenarios are rounded."""


def moves_price(move: Move) -> bool:
    """Whether a move rests on how buyers answer a price: an entry, or another price to them."""
    return move.after is not None and (move.kind == "enter" or move.after.curve is not None)


def matched_gain(menu: ChoiceSet, move: Move) -> float:
    """Mean of what a move brings, discounted CNY, where rivals follow a price half.

    Of an offer that a limit cuts, the part that is taken, today and in the plan.
    """
    return _gain(menu, menu.matched(*move.key), move)


def own_gain(menu: ChoiceSet, move: Move) -> float:
    """Mean of what the offer taken earns more than the one before it, discounted CNY."""
    return _gain(menu, menu.offers, move)


def _gain(menu: ChoiceSet, earning: Offers, move: Move) -> float:
    before, after = (
        _worth(earning, offer, part_taken(menu.offers, offer, units))
        for offer, units in ((move.before, move.units_before), (move.after, move.units_after))
    )
    return after - before


def least_units(menu: ChoiceSet, move: Move) -> float | None:
    """Units over the horizon at which an entry earns what it costs to enter and to keep.

    Its mean units, in the part by which its mean earnings cover those costs. ``None`` where it is
    no entry, or one sold earns nothing.
    """
    if move.kind != "enter" or move.after is None:
        return None
    fraction = part_taken(menu.offers, move.after, move.units_after)
    earned = _gross_profit(menu.offers, move.after, fraction)
    costs = earned - _worth(menu.offers, move.after, fraction)
    return float(np.sum(move.units_after)) * costs / earned if earned > 0 else None


def part_taken(offers: Offers, offer: Offer | None, units: Array) -> Array | float:
    """By year, the part of the units that the market would take; 1 where it is all."""
    if offer is None:
        return 1.0
    whole = offers.units[:, :, offers.rows.index(offer)].mean(axis=0, dtype=np.float64)
    fraction = np.divide(np.asarray(units), whole, out=np.ones(len(whole)), where=whole > 0)
    return np.where(fraction > WHOLE, 1.0, fraction)


def _worth(offers: Offers, offer: Offer | None, fraction: Array | float = 1.0) -> float:
    if offer is None:
        return 0.0
    alive = (offers.units[:, :, offers.rows.index(offer)] > 0).mean(axis=0)
    keeping = float(offer.keep_cny * alive @ offers.discount)
    return _gross_profit(offers, offer, fraction) - keeping - offer.entry_cny


def _gross_profit(offers: Offers, offer: Offer, fraction: Array | float) -> float:
    """Before what it costs to enter and to keep."""
    yearly = offers.profit_cny[:, :, offers.rows.index(offer)].mean(axis=0, dtype=np.float64)
    return float((yearly * fraction) @ offers.discount)


@dataclass(frozen=True)
class _Side:
    """One end of a move: its offer, with the chain to the buyer at the rates of the day."""

    offer: Offer
    chain: Chain
    duty: float | None

    @classmethod
    def of(cls, menu: ChoiceSet, outlet: Outlet, offer: Offer | None) -> "_Side | None":
        if offer is None:
            return None
        key = offer.plant, offer.currency
        way = next(way for way in outlet.deliveries if (way.plant, way.currency) == key)
        return cls(offer, way.chain(menu.dollar), way.duty)

    def pays(self, level: PriceLevel) -> float | None:
        """What a unit costs the buyer, USD; ``None`` of landed goods whose duty is not known."""
        if self.duty is None and level in ("landed", "retail"):
            return None
        return self.chain.at(level, self.offer.price_usd)

    @property
    def duty_usd(self) -> float | None:
        """Of a unit."""
        return None if self.duty is None else self.chain.at("cif", self.offer.price_usd) * self.duty


def move_terms(menu: ChoiceSet, move: Move, kind: str) -> MoveTerms:
    """The terms of a move.

    Args:
        menu: what the plan was chosen from.
        move: of it.
        kind: what it is called.
    """
    outlet = next(one for one in menu.shelves[move.model].outlets if one.market == move.market)
    before, after = (_Side.of(menu, outlet, offer) for offer in (move.before, move.after))
    landed = [None if side is None else side.pays("landed") for side in (before, after)]
    duties = [None if side is None else side.duty_usd for side in (before, after)]
    line, freed = _hours(move)
    return MoveTerms(
        duty_before=before.duty if before else None,
        duty_after=after.duty if after else None,
        landed_before_usd=landed[0],
        landed_after_usd=landed[1],
        duty_saved_usd=None if duties[0] is None or duties[1] is None else duties[0] - duties[1],
        line=line,
        hours_freed=freed,
        break_even=_break_even(menu, move, kind, outlet, before, after),
    )


def _hours(move: Move) -> tuple[str, float]:
    """Of the line that is used today, else of the new one: hours a year that come free."""
    sides = [(move.before, move.units_before, 1.0), (move.after, move.units_after, -1.0)]
    hours = [
        (offer.line, sign * offer.hours * float(np.mean(units)))
        for offer, units, sign in sides
        if offer is not None
    ]
    line = hours[0][0]
    return line, fsum(amount for name, amount in hours if name == line)


def _break_even(
    menu: ChoiceSet,
    move: Move,
    kind: str,
    outlet: Outlet,
    before: _Side | None,
    after: _Side | None,
) -> float | None:
    if kind == "enter":
        return least_units(menu, move)
    if before is None or after is None:
        return None
    if kind == "other_plant" and outlet.sigma.level in ("landed", "retail"):
        return _least_gap(menu, move, before, after)
    if kind in ("dearer", "cheaper"):
        return _turning_elasticity(menu, outlet.sigma.level, before, after)
    return None


def _least_gap(menu: ChoiceSet, move: Move, before: _Side, after: _Side) -> float | None:
    """The least duty gap at which making it elsewhere earns more itself.

    The buyer pays the same, so the FOB price of the new plant is what its duty leaves of that; what
    the offer earns moves in proportion to it.
    """
    landed = after.pays("landed")
    if landed is None or before.duty is None or after.duty is None:
        return None
    offers, dollars = menu.offers, menu.rates.dollars
    place = offers.rows.index(after.offer)
    part = part_taken(offers, after.offer, move.units_after)
    invoiced = (offers.sales_usd[:, :, place] * dollars).mean(axis=0) * part @ offers.discount
    kept = float(invoiced) * (1 - after.chain.proportional)
    if kept <= 0:
        return None
    cif = after.offer.price_usd * (1 - own_gain(menu, move) / kept) + after.chain.freight_usd
    return before.duty + 1 - landed / cif if cif > 0 else None


def _turning_elasticity(
    menu: ChoiceSet, level: PriceLevel, before: _Side, after: _Side
) -> float | None:
    """The elasticity at which both prices earn the same: ``ln(margin after / before) / ln(ratio)``.

    Rivals hold theirs. ``None`` where one of the prices leaves nothing.
    """
    ratio = after.chain.at(level, after.offer.price_usd)
    ratio /= before.chain.at(level, before.offer.price_usd)
    margins = []
    for side in (before, after):
        place = menu.offers.rows.index(side.offer)
        units, profit = (
            float(of[:, :, place].mean(axis=0, dtype=np.float64) @ menu.offers.discount)
            for of in (menu.offers.units, menu.offers.profit_cny)
        )
        margins.append(profit / units if units > 0 else 0.0)
    if min(margins) <= 0 or ratio == 1:
        return None
    return float(np.log(margins[1] / margins[0]) / np.log(ratio))


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
    is one that the plan does not make on a line without free hours, or whose lot is never sold, and
    one that is not worth what it costs.
    """
    found = dict[Key, tuple[int, Pilot]]()
    parts = _parts_in_hours(solved)
    for place, outlet in _entries(solved, made):
        key, pilot = (outlet.model, outlet.market), _pilot(made, place, outlet, parts[:, place])
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
        move.key: offers.rows.index(move.after)
        for move in (*solved.moves, *solved.not_yet)
        if move.kind == "enter" and move.after is not None
    }
    full = _full_lines(solved)
    barred = lots_of(facts)[1] | [(row.plant, row.line) in full for row in offers.rows]
    barred &= solved.solution.decision.choice < 0.5
    for place in np.flatnonzero(~barred & [not row.sold for row in offers.rows]).tolist():
        key = offers.rows[place].model, offers.rows[place].market
        if key in known and weighed.get(key, place) == place:
            yield place, known[key]


def _pilot(made: ChoiceSet, place: int, outlet: Outlet, part: Array) -> Pilot | None:
    """An entry as a pilot, of which a part can be made in each year."""
    offers, state = made.offers, outlet.state
    assert isinstance(state, MarketEntry)
    row, units = offers.rows[place], offers.units[:, :, place] * part
    later = min(state.later_cny, row.entry_cny)
    profit = offers.profit_cny[:, :, place] * part - row.keep_cny * (units > 0)
    year, cost = state.pilot_year, row.entry_cny - later
    pilot = best_pilot(units, profit, offers.discount, cost, later, year)
    # worth less than it costs, it is a gamble: in planted firms with nothing to gain six of nine
    # harmed ones had such a pilot, and where there is room they brought nothing (docs/record)
    if pilot is None or pilot.worth_cny < pilot.cost_cny + pilot.later_cny:
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
        payback_years=None, payback_chance=None, reason=FIRST,
    )  # fmt: skip


def _line_hours(solved: PlanSolution) -> Array:
    """Years × offers: hours that each takes where all of it is sold, its mean."""
    return solved.programme.facts.units * [row.hours for row in solved.programme.offers.rows]


def _parts_in_hours(solved: PlanSolution) -> Array:
    """Years × offers: the part of each for which its line has hours, beside what the plan makes."""
    facts, hours = solved.programme.facts, _line_hours(solved)
    taken, parts = hours * solved.solution.decision.share, np.ones_like(hours)
    for (plant, line), by_year in facts.limits.line_hours.items():
        here = facts.where(plant=plant, line=line)
        others = taken[:, here].sum(axis=1, keepdims=True) - taken[:, here]
        free = np.array(by_year)[:, None] - others
        parts[:, here] = np.clip(free / np.maximum(hours[:, here], 1e-9), 0.0, 1.0)
    return parts


def _full_lines(solved: PlanSolution) -> set[tuple[str, str]]:
    facts = solved.programme.facts
    hours = _line_hours(solved) * solved.solution.decision.share
    full = set()
    for (plant, line), by_year in facts.limits.line_hours.items():
        used = hours[:, facts.where(plant=plant, line=line)].sum(axis=1)
        if (used >= FULL * np.array(by_year)).any():
            full.add((plant, line))
    return full
