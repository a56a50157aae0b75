"""Which entries of a study are worth a pilot, by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from offing.planning.market_share import Entry, published_survival
from offing.planning.offering import MarketEntry
from offing.study import moves
from study.stand_ins import like
from study.test_decided import ENTRY, solved


def menu(one: Any, source: str = "entries") -> Any:
    """France and Italy are not sold in; the ledger shows three entries."""
    size = Entry(0.01, 0.5, source=source)
    state = MarketEntry(size, published_survival(2), 50_000.0, 500.0, later_cny=200.0)
    outlets = [
        like(model="tv", market=market, state=state, price_usd=100.0) for market in ("FRA", "ITA")
    ]
    shelf = like(outlets=outlets, reached=like(first_shares=(0.01, 0.04, 0.2)))
    return like(shelves={"tv": shelf}, offers=one.programme.offers)


def with_not_yet(one: Any) -> Any:
    one.not_yet = ()
    return one


def test_an_entry_as_a_pilot_by_hand() -> None:
    """France sells 40 × .55, .65 … 1.45 and earns 350 each less 140; it is lost in the two worst.

    These two stop: their first years still pay, so nothing is at risk. Of 500, 200 are paid on
    going on; 30 units, the least of who goes on, are 6 % of what goes there, which one of three
    entries reached. Its line has 60 and 30 hours, as many as 60 and 52.8 would be needed.
    """
    one = with_not_yet(solved(2))
    [(key, (place, pilot))] = moves.pilots_by_market(one, menu(one)).items()
    assert (key, place) == (("tv", "FRA"), 2)
    worlds = 40 * np.linspace(0.55, 1.45, 10)
    goes = np.arange(10) >= 2
    worth = 0.9 * (350 * worlds - 140) - 300
    worth += np.where(goes, 0.8 * (350 * worlds * 30 / 52.8 - 140) - 0.9 * 200, 0.0)
    assert pilot.worth_cny == pytest.approx(worth.mean(), rel=1e-6)
    assert pilot.go_on_units == pytest.approx(40 * 0.75)
    assert (pilot.chance, pilot.at_risk_cny) == (0.8, 0.0)
    assert (pilot.cost_cny, pilot.later_cny, pilot.comparable) == (300.0, 200.0, (3, 1))
    entry = moves.unweighed_entry(menu(one), 2)
    straight = 0.9 * (350 * worlds - 140) + np.where(goes, 0.8 * (350 * worlds - 140), 0.0) - 500
    assert entry.mean_cny == pytest.approx(straight.mean())
    assert (entry.chance, entry.kind, entry.after) == (1.0, "enter", ENTRY)


def with_hours(one: Any, *hours: float) -> Any:
    lines = {("home", "main"): (400.0, 200.0), ("mex", "second"): hours}
    limits = replace(one.programme.facts.limits, line_hours=lines)
    one.programme = replace(one.programme, facts=replace(one.programme.facts, limits=limits))
    return one


def test_a_pilot_sells_no_more_than_its_line_makes() -> None:
    """40 and 35.2 units of an hour and a half: 30 hours are half of the first year's."""
    short = with_hours(with_not_yet(solved(0)), 30.0, 52.8)
    [(_, pilot)] = moves.pilots_by_market(short, menu(short)).values()
    assert pilot.units == pytest.approx(20)
    assert pilot.go_on_units == pytest.approx(40 * 0.75 / 2)


def test_a_pilot_is_worth_what_it_costs() -> None:
    """Of 17,540 beside costs of 500: at 9,000 it is worth 9,040 and at 9,100 8,940."""
    one = with_not_yet(solved(0))
    for cost, found in ((9_000.0, 1), (9_100.0, 0)):
        made = menu(one)
        rows = [replace(row, entry_cny=cost) for row in one.programme.offers.rows]
        made.offers = replace(one.programme.offers, rows=rows)
        assert len(moves.pilots_by_market(one, made)) == found


def test_an_assumed_size_and_a_full_line_have_none() -> None:
    one = with_not_yet(solved(0))
    assert moves.pilots_by_market(one, menu(one))
    assert not moves.pilots_by_market(one, menu(one, source="user"))
    full = with_hours(with_not_yet(solved(0)), 0.0, 0.0)
    assert not moves.pilots_by_market(full, menu(full))
