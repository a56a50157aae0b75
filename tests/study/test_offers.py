"""What an offer and a move are worth, by hand, and which offers may be made."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from offing.planning.offers import Offer, Offers
from offing.study import choices as made_from
from offing.study.choices import margin_rates
from offing.study.moves import least_units, matched_gain, own_gain
from study.stand_ins import like

OLD = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True, keep_cny=20.0)
NEW = replace(OLD, price_usd=120.0, today=False, keep_cny=0.0)
ENTRY = replace(NEW, market="FRA", sold=False, entry_cny=100.0, keep_cny=10.0)


def offers(*profit: float) -> Offers:
    """Two years of OLD, NEW, ENTRY, in one of two worlds; in the second nobody buys in France."""
    units = np.array([[[10.0, 8.0, 4.0]] * 2, [[10.0, 8.0, 0.0]] * 2])
    earns = np.broadcast_to(np.array(profit), units.shape).copy()
    earns[1, :, 2] = 0.0
    return Offers((OLD, NEW, ENTRY), (2027, 2028), units, earns, units * 50, np.array([0.9, 0.8]))


MADE: Any = like(
    offers=offers(300.0, 350.0, 400.0), matched=lambda model, market: offers(300.0, 320.0, 380.0)
)


def move(
    before: Offer | None, after: Offer | None, *units: float, kind: str = "dearer", sold: float = 10
) -> Any:
    """``units`` are those after it; before it as many are ``sold`` in each year."""
    both = {"units_before": (sold, sold), "units_after": units}
    return like(before=before, after=after, kind=kind, key=("tv", "USA"), **both)


def test_what_a_move_brings_by_hand() -> None:
    """1.7 years: 350 against 300 and what keeping costs there; rivals that follow leave 320."""
    whole = move(OLD, NEW, 8, 8)
    assert own_gain(MADE, whole) == pytest.approx(1.7 * (350 - (300 - 20)))
    assert matched_gain(MADE, whole) == pytest.approx(1.7 * (320 - (300 - 20)))
    half = move(OLD, NEW, 4, 8)  # a limit takes half of the first year
    assert own_gain(MADE, half) == pytest.approx((0.45 + 0.8) * 350 - 1.7 * 280)
    cut = move(OLD, NEW, 8, 8, sold=5)  # a limit takes half of today's sales too
    assert own_gain(MADE, cut) == pytest.approx(1.7 * (350 - (300 / 2 - 20)))
    rounded = move(OLD, NEW, 8 * 0.9995, 8)
    assert own_gain(MADE, rounded) == own_gain(MADE, whole)
    leaves = move(OLD, None, kind="leave")
    assert own_gain(MADE, leaves) == matched_gain(MADE, leaves) == pytest.approx(-1.7 * 280)


def test_an_entry_by_hand() -> None:
    """It earns 400 and is kept for 10 in one of two worlds, and costs 100."""
    enters = move(None, ENTRY, 2, 2, kind="enter")
    assert own_gain(MADE, enters) == pytest.approx(1.7 * (200 - 5) - 100)
    # of 4 units over the horizon, the part that covers 100 + 8.5 of 340
    assert least_units(MADE, enters) == pytest.approx(4 * 108.5 / 340)
    assert least_units(MADE, move(OLD, NEW, 8, 8)) is None
    assert least_units(MADE, move(None, None, kind="enter")) is None
    poor: Any = like(offers=offers(300.0, 350.0, 0.0))
    assert least_units(poor, enters) is None


def test_margins_by_hand() -> None:
    """Mean profit ÷ mean sales at 7 a dollar: 300 / (500 × 7); of no sales nothing."""
    found = margin_rates(offers(300.0, 350.0, 400.0), 7.0)
    assert found == pytest.approx([300 / 3500, 350 / 2800, 200 / 700])
    nothing = replace(MADE.offers, sales_usd=np.zeros((2, 2, 3)))
    assert margin_rates(nothing, 7.0).tolist() == [0.0, 0.0, 0.0]


def shelf(asked: set[str], **prices: float | None) -> Any:
    way = like(plant="home", currency="USD")
    outlets = [like(market=m, asked_usd=p, deliveries=(way,)) for m, p in prices.items()]
    return like(outlets=outlets, asked=asked)


def test_a_price_that_is_asked_is_the_only_one_and_a_remainder_is_no_market() -> None:
    """S19 is what statistics call Other Asia: it cannot be entered, and is kept where it sells."""
    rest = replace(ENTRY, market="S19")
    rows = [OLD, NEW, ENTRY, rest, replace(rest, sold=True), replace(OLD, model="tv2")]
    shelves = {"tv": shelf({"USA"}, USA=120.0, FRA=None)}
    assert made_from._allowed_offers(rows, shelves) == [1, 2, 4, 5]


def test_doing_nothing_is_the_asked_price() -> None:
    other = replace(NEW, plant="mex", market="DEU")
    yuan = replace(NEW, currency="CNY", market="GBR")
    asked = replace(NEW, market="ITA", sold=False)
    rows = (NEW, other, yuan, asked, replace(ENTRY, market="ESP", sold=True))
    of = replace(MADE.offers, rows=rows)
    shelves = {"tv": shelf({"USA", "DEU", "GBR", "ITA"}, USA=1, DEU=1, GBR=1, ITA=1, ESP=None)}
    marked = made_from._asked_today(of, shelves).rows
    assert [row.today for row in marked] == [True, False, False, False, False]
    assert [replace(row, today=False) for row in marked] == list(rows)


def test_offers_of_several_models_in_one() -> None:
    one = MADE.offers
    assert made_from._join_offers([one]) is one
    both = made_from._join_offers([one, made_from.select_offers(_other(), [1, 2])])
    assert [row.model for row in both.rows] == ["tv"] * 3 + ["tv2"] * 2
    assert both.units[0, 0].tolist() == [10, 8, 4, 8, 4]
    assert both.profit_cny[0, 1].tolist() == [300, 350, 400, 350, 400]
    assert both.sales_usd[1, 0].tolist() == [500, 400, 0, 400, 0]
    assert made_from.select_offers(MADE.offers, [0, 1, 2]) is MADE.offers


def _other() -> Offers:
    rows = tuple(replace(row, model="tv2") for row in MADE.offers.rows)
    of: Offers = replace(MADE.offers, rows=rows)
    return of
