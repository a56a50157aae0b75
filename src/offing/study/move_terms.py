"""A move in its own terms: duty, what the buyer pays, line hours, and where it stops paying.

Break-evens are in closed form, of the means of the scenarios and what each offer itself earns; what
the hours that it frees or takes earn elsewhere is not in them.
"""

from dataclasses import dataclass
from math import fsum

import numpy as np

from offing.planning.elasticity import Chain
from offing.planning.moves import Move
from offing.planning.offering import Outlet
from offing.planning.offers import Offer
from offing.planning.plan import MoveTerms
from offing.study.choices import ChoiceSet, least_units, own_gain, part_taken
from offing.terms.sale_terms import PriceLevel


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
    offers, dollars = menu.offers, menu.rates.draws[:, :, menu.rates.currencies.index("USD")]
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
