"""What the plan is chosen from: offers of all models in the same scenarios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.moves import Move
from offing.planning.offering import Grid, Mark, Offering, offers_of
from offing.planning.offers import Array, Offer, Offers
from offing.planning.scenarios import MarketDraws, Rates
from offing.study.file import Study
from offing.study.shelf import ProductOptions
from offing.study.worlds import under_factors, worlds_of
from offing.terms.countries import all_countries

MATCHED = 0.5
"""How far rivals follow a price where they match half."""
WHOLE = 0.999
"""A part of the units above it is all of them: means of scenarios are rounded."""


@dataclass(frozen=True)
class ChoiceSet:
    """What the plan is chosen from.

    Attributes:
        shelves: by model.
        offers: of all models, rivals' prices as they are.
        matched: the same offers where rivals follow a price half.
        marks: one an offer.
        inputs: factor on costs, scenarios × years; that on freight is ``freight``.
    """

    shelves: Mapping[str, ProductOptions]
    offers: Offers
    matched: Offers
    marks: tuple[Mark, ...]
    inputs: NDArray[np.float64]
    freight: NDArray[np.float64]


def build_choice_set(
    study: Study,
    shelves: Mapping[str, ProductOptions],
    draws: Mapping[str, MarketDraws],
    rates: Rates,
) -> ChoiceSet:
    """Offers of all models in the same scenarios."""
    discount = 1 / (1 + float(study.rates.discount))
    parts: dict[float, list[Offering]] = {0.0: [], MATCHED: []}
    costs = {"inputs": np.ones((1, 1)), "freight": np.ones((1, 1))}
    for model, shelf in sorted(shelves.items()):
        if not shelf.outlets:
            continue
        spread = dict.fromkeys(shelf.reached.markets, shelf.reached.spread)
        # The firm's luck with one model is not that with another; the worlds are the same.
        drawn = under_factors(replace(draws[shelf.code], product=model), shelf.factors)
        worlds = worlds_of(study, drawn, rates, spread)
        worlds = replace(worlds, elsewhere=shelf.elsewhere.factors)
        costs = {"inputs": worlds.inputs, "freight": worlds.freight}  # of all models the same
        for match, built in parts.items():
            built.append(offers_of(shelf.outlets, worlds, Grid(match=match, discount=discount)))
    as_is, matched = (_joined(built) for built in parts.values())
    keep = _offered(as_is.offers.rows, shelves)
    dollar, least = (
        float(rates.today[rates.currencies.index("USD")]),
        study.limits.least_margin_rate,
    )
    earns = margin_rates(as_is.offers, dollar) >= float(least)
    keep = [index for index in keep if as_is.offers.rows[index].sold or earns[index]]
    return ChoiceSet(
        shelves,
        _asked_today(_part(as_is.offers, keep), shelves),
        _asked_today(_part(matched.offers, keep), shelves),
        tuple(as_is.marks[index] for index in keep),
        **costs,
    )


def margin_rates(offers: Offers, dollar: float) -> NDArray[np.float64]:
    """Mean profit over mean sales of each offer, n; before the yearly costs of keeping."""
    profit = offers.profit_cny.mean(axis=(0, 1), dtype=np.float64)
    sales = offers.sales_usd.mean(axis=(0, 1), dtype=np.float64) * dollar
    return np.asarray(np.divide(profit, sales, out=np.zeros_like(profit), where=sales > 0))


def _joined(parts: Sequence[Offering]) -> Offering:
    first = parts[0].offers
    if len(parts) == 1:
        return parts[0]
    return Offering(
        replace(
            first,
            rows=tuple(row for offering in parts for row in offering.offers.rows),
            units=np.concatenate([offering.offers.units for offering in parts], axis=2),
            profit_cny=np.concatenate([offering.offers.profit_cny for offering in parts], axis=2),
            sales_usd=np.concatenate([offering.offers.sales_usd for offering in parts], axis=2),
        ),
        tuple(mark for offering in parts for mark in offering.marks),
    )


def _offered(rows: Sequence[Offer], shelves: Mapping[str, ProductOptions]) -> list[int]:
    """Offers that may be made.

    Where a price is asked, only those at that price: it is the person's, not the plan's. What
    statistics put together for want of a name ("Other Asia") is no market that could be entered.
    """
    set_prices = {
        (model, outlet.market): outlet.asked_usd
        for model, shelf in shelves.items()
        for outlet in shelf.outlets
        if outlet.asked_usd is not None
    }
    return [
        index
        for index, row in enumerate(rows)
        if set_prices.get((row.model, row.market), row.price_usd) == row.price_usd
        and (row.sold or all_countries()[row.market].kind == "country")
    ]


def _part(offers: Offers, places: Sequence[int]) -> Offers:
    if len(places) == len(offers.rows):
        return offers
    return replace(
        offers,
        rows=tuple(offers.rows[index] for index in places),
        units=offers.units[:, :, places],
        profit_cny=offers.profit_cny[:, :, places],
        sales_usd=offers.sales_usd[:, :, places],
    )


def _asked_today(offers: Offers, shelves: Mapping[str, ProductOptions]) -> Offers:
    """A market whose price the study moves goes on at that price: doing nothing means so much."""
    usual = {
        (model, outlet.market): outlet.deliveries[0]
        for model, shelf in shelves.items()
        for outlet in shelf.outlets
        if outlet.market in shelf.asked
    }
    rows = []
    for row in offers.rows:
        way = usual.get((row.model, row.market))
        usual_way = way is not None and (row.plant, row.currency) == (way.plant, way.currency)
        rows.append(replace(row, today=True) if usual_way and row.sold else row)
    return replace(offers, rows=tuple(rows))


def moves_price(menu: ChoiceSet, move: Move) -> bool:
    """Whether a move rests on how buyers answer a price: an entry, or another price to them."""
    if move.after is None:
        return False
    return move.kind == "enter" or menu.marks[menu.offers.rows.index(move.after)].curve is not None


def matched_gain(menu: ChoiceSet, move: Move) -> float:
    """Mean of what a move brings, discounted CNY, where rivals follow a price half.

    Of an offer that a limit cuts, the part that is taken, today and in the plan.
    """
    return _gain(menu, menu.matched, move)


def own_gain(menu: ChoiceSet, move: Move) -> float:
    """Mean of what the offer taken earns more than the one before it, discounted CNY."""
    return _gain(menu, menu.offers, move)


def _gain(menu: ChoiceSet, earning: Offers, move: Move) -> float:
    before, after = (
        _worth(earning, offer, _taken(menu.offers, offer, units))
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
    fraction = _taken(menu.offers, move.after, move.units_after)
    earned = _earned(menu.offers, move.after, fraction)
    costs = earned - _worth(menu.offers, move.after, fraction)
    return float(np.sum(move.units_after)) * costs / earned if earned > 0 else None


def _taken(offers: Offers, offer: Offer | None, units: Array) -> Array | float:
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
    return _earned(offers, offer, fraction) - keeping - offer.entry_cny


def _earned(offers: Offers, offer: Offer, fraction: Array | float) -> float:
    """Before what it costs to enter and to keep."""
    yearly = offers.profit_cny[:, :, offers.rows.index(offer)].mean(axis=0, dtype=np.float64)
    return float((yearly * fraction) @ offers.discount)
