"""A move in its own terms: duty, landed price and break-even, against the chain's arithmetic."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from offing.planning.market_share import Entry, Survival
from offing.planning.moves import Move
from offing.planning.offering import Delivery, Grid, MarketEntry, Outlet, offers_of
from offing.planning.offers import Offer, Offers
from offing.study.moves import move_terms, own_gain
from planning.worlds import CHINA, DOLLAR, exactly, sold, still
from study.stand_ins import like

MEXICO = Delivery(
    "Tijuana", "B", "USD", cost_cny=3000.0, carried_cny=70.0, proportional=0.02,
    freight_usd=12.0, duty=0.0, hours=1.5,
)  # fmt: skip
DISCOUNT = np.array([0.9, 0.81])


def menu(*outlets: Outlet) -> Any:
    """In two still years of 1,000 sets, one profit a scenario; the rate is 7 CNY for a dollar."""
    worlds = still()
    offers = offers_of(outlets, worlds, Grid(discount=0.9))
    shelf = like(outlets=outlets, sigma=outlets[0].sigma)
    return like(offers=offers, shelves={"TV65": shelf}, rates=worlds.rates, dollar=DOLLAR)


def move(offers: Offers, kind: str, before: Offer | None, after: Offer | None) -> Move:
    """Taken whole."""

    def by_year(of: Any, offer: Offer | None) -> Any:
        return np.zeros(2) if offer is None else of[:, :, offers.rows.index(offer)].mean(axis=0)

    units, sales = offers.units, offers.sales_usd
    return Move(
        kind, (kind,), "TV65", "DEU", before, after, by_year(units, before), by_year(units, after),
        by_year(sales, before), by_year(sales, after), *[None] * 8,
    )  # fmt: skip


def elsewhere(mexico: Delivery) -> tuple[Any, Move]:
    """At one price to the buyer, from Mexico instead of China."""
    made = menu(sold(exactly(4.0, "literature"), deliveries=(CHINA, mexico)))
    home, away = (
        next(row for row in made.offers.rows if row.plant == name)
        for name in ("Qingdao", "Tijuana")
    )
    return made, move(made.offers, "other_plant", home, away)


def test_another_plant_by_hand() -> None:
    """A set of USD 560 pays 10 % on 580: 58 of duty, 638 landed; from Mexico it is 626 on board."""
    made, moved = elsewhere(MEXICO)
    terms = move_terms(made, moved, "other_plant")
    assert (terms.duty_before, terms.duty_after) == (0.1, 0.0)
    assert terms.landed_before_usd == pytest.approx(638.0)
    assert terms.landed_after_usd == pytest.approx(638.0)
    assert terms.duty_saved_usd == pytest.approx(58.0)
    assert terms.line == "A"
    assert terms.hours_freed == pytest.approx(1000.0)
    # China leaves 560 × 7 − 2,800 = 1,120 a set. From Mexico as much is left at an FOB price of
    # (1,120 + 3,070) / (0.98 × 7); landed at 638 that is a duty of …
    least = (1120 + 3070) / (0.98 * 7)
    duty = 638 / (least + 12) - 1
    assert terms.break_even == pytest.approx(0.1 - duty, rel=1e-5)


def test_at_the_least_gap_it_brings_nothing() -> None:
    """With the duty of the new plant at the break-even, the offers themselves earn the same."""
    made, moved = elsewhere(MEXICO)
    gap = move_terms(made, moved, "other_plant").break_even
    assert gap is not None
    there, then = elsewhere(replace(MEXICO, duty=0.1 - gap))
    whole = own_gain(made, moved)
    assert own_gain(there, then) == pytest.approx(0.0, abs=1e-4 * abs(whole))


def test_what_is_not_known_of_a_duty_is_missing() -> None:
    home = replace(CHINA, duty=None)
    made = menu(sold(exactly(4.0), deliveries=(home,)))
    first, second = made.offers.rows[0], made.offers.rows[-1]
    terms = move_terms(made, move(made.offers, "dearer", first, second), "dearer")
    assert terms.duty_before is terms.landed_before_usd is terms.duty_saved_usd is None
    left = move_terms(made, move(made.offers, "leave", first, None), "leave")
    assert left.landed_after_usd is left.break_even is None
    assert left.hours_freed > 0


@pytest.mark.parametrize(("kind", "price"), [("dearer", 616.0), ("cheaper", 504.0)])
def test_the_elasticity_at_which_another_price_turns(kind: str, price: float) -> None:
    """Of 560: (560 × 7 − 2,800) sets at 580 landed, against (P × 7 − 2,800) at P + 20."""
    outlet = sold(exactly(4.0), asked_usd=price)
    made = menu(outlet)
    today = next(row for row in made.offers.rows if row.price_usd == 560.0)
    other = next(row for row in made.offers.rows if row.price_usd == price)
    turns = move_terms(made, move(made.offers, kind, today, other), kind).break_even
    by_hand = np.log((price * 7 - 2800) / 1120) / np.log((price + 20) / 580)
    assert turns == pytest.approx(by_hand, rel=1e-5)
    # At that elasticity both earn the same, just below it the dearer one earns more.
    for sigma, sign in ((by_hand, 0), (by_hand - 0.1, 1), (by_hand + 0.1, -1)):
        at = menu(replace(outlet, sigma=exactly(float(sigma))))
        rows = {row.price_usd: row for row in at.offers.rows}
        gain = own_gain(at, move(at.offers, kind, rows[560.0], rows[price]))
        dearer = gain if kind == "dearer" else -gain
        assert np.sign(round(dearer / 1e6, 4)) == sign


def test_an_entry_needs_the_units_that_pay_its_costs() -> None:
    """700 sets a year leave 1,120 each; 300,000 of entering and 100,000 a year of keeping."""
    state = MarketEntry(Entry(0.007, 0.0, (1.0,)), Survival((1.0,), "made up"), 5.6e7, 3e5)
    outlet = replace(sold(exactly(4.0)), state=state, keep_cny=1e5)
    made = menu(outlet)
    entry = next(row for row in made.offers.rows if row.price_usd == 560.0)
    found = move_terms(made, move(made.offers, "enter", None, entry), "enter")
    costs = 3e5 + 1e5 * DISCOUNT.sum()
    assert found.break_even == pytest.approx(2 * costs / (1120 * DISCOUNT.sum()), rel=1e-5)
    assert found.landed_before_usd is None
    assert found.hours_freed == pytest.approx(-700.0)
