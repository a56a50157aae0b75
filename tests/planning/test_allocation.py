"""The plan against cases solved by hand, and its laws."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.planning import Candidate, Limits, Plan, build, reach, read_back, solve
from offing.terms.errors import InputError


def candidate(market: str, margin: float = 0.1, **changes: float) -> Candidate:
    base = Candidate("8528", market, "high", 500.0, margin, 0.0, 1.0, 1e8, 1e8, 8e7, 1.3e8)
    return replace(base, **changes)  # type: ignore[arg-type]


def planned(candidates: list[Candidate], limits: Limits) -> Plan:
    model = build(candidates, limits)
    return read_back(model, solve(model))


def test_capacity_goes_to_the_best_margin_until_its_reach_ends() -> None:
    """By hand: reach is 2 m in each (2 % of 100 m); capacity 6,000 units of USD 500 is 3 m."""
    plan = planned(
        [candidate("DEU", 0.20), candidate("FRA", 0.10), candidate("ITA", 0.05)],
        Limits({"8528": 6000}, largest_market_share=0.8),
    )
    sales = {row.market: row.sales_usd for row in plan.rows}
    assert sales == pytest.approx({"DEU": 2e6, "FRA": 1e6, "ITA": 0.0})
    assert {row.market: row.limit for row in plan.rows} == {
        "DEU": "outlook",
        "FRA": "capacity",
        "ITA": "capacity",
    }
    assert plan.margin_usd == pytest.approx(0.2 * 2e6 + 0.1 * 1e6)
    assert dict(plan.capacity_used) == pytest.approx({"8528": 1.0})


def test_cap_spreads_over_markets() -> None:
    """By hand: with a cap of one half, two equal markets share 3 m evenly."""
    plan = planned(
        [candidate("DEU", 0.20), candidate("FRA", 0.10)],
        Limits({"8528": 6000}, largest_market_share=0.5),
    )
    assert [row.sales_usd for row in plan.rows] == pytest.approx([1.5e6, 1.5e6])
    assert plan.concentration == pytest.approx(0.5)


def test_low_margin_is_left_out_and_says_so() -> None:
    plan = planned(
        [candidate("DEU"), candidate("FRA"), candidate("ITA", 0.01)],
        Limits({"8528": 1e6}, largest_market_share=0.5),
    )
    row = next(row for row in plan.rows if row.market == "ITA")
    assert row.sales_usd == 0
    assert row.limit == "margin"


def test_sales_follow_the_outlook_where_the_firm_is() -> None:
    inside = candidate("DEU", sales_now_usd=5e6, origin_expected_usd=1.2e8)
    assert reach(inside, entry_share=0.02, largest_growth=3).expected == pytest.approx(6e6)
    outside = candidate("DEU", tier_share=0.4)
    assert reach(outside, entry_share=0.02, largest_growth=3).expected == pytest.approx(0.8e6)
    fast = replace(inside, origin_expected_usd=9e8)
    assert reach(fast, entry_share=0.02, largest_growth=3).expected == pytest.approx(15e6)


def test_cap_that_cannot_be_met_is_refused() -> None:
    with pytest.raises(InputError, match="at least 50%") as caught:
        build([candidate("DEU"), candidate("FRA")], Limits({"8528": 1e5}, largest_market_share=0.3))
    assert caught.value.key == "plan.cap_too_tight"


@pytest.mark.parametrize("capacity", [0.0, -5.0])
def test_zero_capacity_is_refused(capacity: float) -> None:
    with pytest.raises(InputError) as caught:
        build([candidate("DEU")], Limits({"8528": capacity}, largest_market_share=1))
    assert caught.value.key == "plan.no_capacity"


def test_caution_prefers_the_narrower_outlook() -> None:
    """By hand: equal margins and reach, capacity for one; the lower ends are 80 m and 40 m."""
    narrow, wide = candidate("DEU"), candidate("FRA", origin_low_usd=4e7)
    limits = Limits({"8528": 4000}, largest_market_share=1.0, caution=0.5)
    plan = planned([wide, narrow], limits)
    assert {row.market: row.sales_usd for row in plan.rows} == pytest.approx({"DEU": 2e6, "FRA": 0})
    assert plan.margin_usd == pytest.approx(0.1 * 2e6)


def test_no_segments_make_an_empty_plan() -> None:
    plan = planned([], Limits({"8528": 100}))
    assert plan.rows == ()
    assert plan.sales_usd == 0


segments = st.lists(
    st.builds(
        candidate,
        st.sampled_from(["DEU", "FRA", "ITA", "USA", "JPN", "GBR", "MEX"]),
        st.floats(-0.2, 0.4),
        price_usd=st.floats(1, 5000),
        sales_now_usd=st.sampled_from([0.0, 1e5, 3e6]),
        origin_expected_usd=st.floats(0, 1e10),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda c: c.market,
)


@settings(max_examples=60, deadline=None)
@given(segments, st.floats(1, 1e6), st.floats(0.15, 1))
def test_a_further_constraint_never_raises_the_value(
    found: list[Candidate], capacity: float, cap: float
) -> None:
    loose = Limits({"8528": capacity}, largest_market_share=1.0)
    value = planned(found, loose).margin_usd
    try:
        tighter = planned(found, replace(loose, largest_market_share=cap))
    except InputError:
        return
    assert tighter.margin_usd <= value * (1 + 1e-6) + 1e-6
    assert planned(found, replace(loose, capacity={"8528": capacity / 2})).margin_usd <= (
        value * (1 + 1e-6) + 1e-6
    )


@settings(max_examples=60, deadline=None)
@given(segments, st.floats(1, 1e6), st.randoms())
def test_plan_respects_its_limits_and_not_the_order(found, capacity, random) -> None:  # type: ignore[no-untyped-def]
    limits = Limits({"8528": capacity}, largest_market_share=1.0)
    plan = planned(found, limits)
    assert dict(plan.capacity_used)["8528"] <= 1 + 1e-6
    for row in plan.rows:
        assert row.low_usd is not None
        assert row.high_usd is not None
        assert row.low_usd <= row.high_usd + 1e-6
        assert row.high_usd <= capacity * row.price_usd * (1 + 1e-9)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert planned(shuffled, limits) == plan


def test_items_are_planned_in_whole_ones() -> None:
    """By hand: reach is 2 m in each; 1,001 sets of USD 300 and 700 fill the capacity."""
    found = [candidate("DEU", 0.2, price_usd=700.0), candidate("FRA", 0.1, price_usd=300.0)]
    limits = Limits({"8528": 1001}, largest_market_share=0.8, whole=frozenset({"8528"}))
    plan = planned(found, limits)
    units = {row.market: row.units for row in plan.rows}
    # 0.8 of sales to DEU: 700 u = 4 (300 v) with u + v = 1,001 gives u = 632.2, v = 368.8.
    assert units == {"DEU": 632, "FRA": 369}
    assert plan.sales_usd == 632 * 700 + 369 * 300
    assert plan.margin_usd == pytest.approx(0.2 * 632 * 700 + 0.1 * 369 * 300)
    assert dict(plan.capacity_used) == {"8528": 1.0}
    loose = planned(found, replace(limits, whole=frozenset()))
    assert {row.market: row.units for row in loose.rows}["DEU"] == pytest.approx(632.2105, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(segments, st.integers(20, 100_000), st.floats(0.2, 1))
def test_whole_units_keep_within_every_limit(
    found: list[Candidate], capacity: int, cap: float
) -> None:
    limits = Limits({"8528": float(capacity)}, largest_market_share=cap, whole=frozenset({"8528"}))
    try:
        plan = planned(found, limits)
    except InputError:
        return
    exact = planned(found, replace(limits, whole=frozenset()))
    before = {(row.market, row.tier): row.units for row in exact.rows}
    for row in plan.rows:
        assert row.units == pytest.approx(round(row.units), abs=1e-6)
        assert abs(row.units - before[row.market, row.tier]) < 1 + 1e-6
        one = next(c for c in found if c.market == row.market)
        most = reach(one, entry_share=limits.entry_share, largest_growth=limits.largest_growth)
        assert row.sales_usd <= most.expected * (1 + 1e-6) + 1e-6
    assert sum(row.units for row in plan.rows) <= capacity + 1e-6


def test_one_set_cannot_be_spread_over_four_markets() -> None:
    limits = Limits({"8528": 1.0}, largest_market_share=0.25, whole=frozenset({"8528"}))
    with pytest.raises(InputError, match="at least 4") as caught:
        build([candidate(market) for market in ("DEU", "FRA", "ITA", "USA")], limits)
    assert caught.value.key == "plan.capacity_too_small"


def test_an_outlook_without_interval_is_planned_without_one() -> None:
    """One year of data: the plan stands on the mean, whatever the caution, and says no interval."""
    found = [
        candidate(m, origin_low_usd=None, origin_high_usd=None)  # type: ignore[arg-type]
        for m in ("DEU", "FRA")
    ]
    plan = planned(found, Limits({"8528": 1e6}, largest_market_share=0.5, caution=1.0))
    assert [row.sales_usd for row in plan.rows] == pytest.approx([2e6, 2e6])
    assert all(row.low_usd is None and row.high_usd is None for row in plan.rows)


def test_the_upper_end_is_never_more_than_the_factory_makes() -> None:
    """By hand: reach 2 m with an upper end of 2.6 m, but 4,400 sets of USD 500 are 2.2 m."""
    (row,) = planned([candidate("DEU")], Limits({"8528": 4400}, largest_market_share=1)).rows
    assert row.sales_usd == pytest.approx(2e6)
    assert row.high_usd == pytest.approx(2.2e6)


def test_a_segment_that_takes_nothing_is_held_back_by_its_outlook() -> None:
    """A tier that the market does not buy: neither the cap nor the factory keeps us from it."""
    found = [candidate("DEU"), candidate("FRA"), candidate("AUS", tier_share=0.0)]
    plan = planned(found, Limits({"8528": 1e6}, largest_market_share=0.5))
    assert {row.market: row.limit for row in plan.rows} == dict.fromkeys(
        ("DEU", "FRA", "AUS"), "outlook"
    )
