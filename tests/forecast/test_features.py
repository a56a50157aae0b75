"""Features of flows and what the outlook makes of few of them, each worked out on paper."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from offing.forecast.nowcast.nowcast import (
    TrainingSample,
    lasting,
    late_sellers,
    lesson,
    prior_weight,
)
from offing.forecast.nowcast.signals import BEGAN, EMPTY, LUMPY, STEADY, UNEVEN, MonthlySales
from offing.forecast.outlook import fitting as common
from offing.forecast.outlook.distribution import Distribution
from offing.forecast.outlook.features import COLUMNS, EXPORTER_FEATURES, Cells, cells, years_before
from offing.forecast.outlook.fitting import (
    PRIOR,
    Common,
    add_level_error,
    scale_by_score,
    start,
    weight_by_gravity,
    weight_by_recent,
    weight_by_today,
)
from offing.forecast.outlook.forecast import align_to_level, drawn, one_year
from offing.forecast.outlook.model import COMMON_SHARE, Forecast
from offing.forecast.outlook.training import LONG_RUN, beyond, level_errors
from offing.market.history import Array, History

M = 1e6
ROWS = [
    (2020, "8501", "CCC", "AAA", 8 * M), (2020, "8501", "DDD", "AAA", 2 * M),
    (2020, "8501", "CCC", "BBB", 1 * M), (2019, "8501", "CCC", "AAA", 4 * M),
    (2019, "8501", "DDD", "BBB", 3 * M), (2019, "8501", "CCC", "BBB", 0.5 * M),
    (2018, "8501", "CCC", "AAA", 6 * M), (2020, "8502", "CCC", "AAA", 50 * M),
    (2019, "8502", "CCC", "AAA", 25 * M),
]  # fmt: skip
FAR = pl.DataFrame(
    [("AAA", "CCC", 5000.0, True, False), ("AAA", "DDD", 9000.0, False, True),
     ("BBB", "CCC", 700.0, False, False)],
    schema=["origin", "destination", "km", "contiguous", "common_language"],
    orient="row",
)  # fmt: skip
FLOWS = pl.DataFrame(
    ROWS, schema=["year", "product", "importer", "exporter", "value_usd"], orient="row"
)
PAIRS = [("AAA", "CCC"), ("AAA", "DDD"), ("BBB", "CCC"), ("BBB", "DDD")]


def made(*, far: bool = True) -> Cells:
    history = History.of(FLOWS, distances=FAR if far else None)
    [cube] = history.cubes(2020, years_before(history, 2020), ["8501"])
    return cells(history, cube)


def log(now: float, before: float) -> float:
    """With the floor of USD 1,000 on both sides."""
    return float(np.log((now * M + 1000) / (before * M + 1000)))


def test_sizes_of_a_flow_its_exporter_and_its_market() -> None:
    """A sells 10, B 1; C buys 9 and D 2, in millions: by size alone A would sell C 90/11."""
    one = made()
    at = {name: one.design[:, place].tolist() for place, name in enumerate(COLUMNS)}
    codes = one.cube
    names = History.of(FLOWS).countries
    pairs = [(names[codes.exporters[r]], names[codes.importers[c]])
             for r, c in zip(one.row, one.column, strict=True)]  # fmt: skip
    assert pairs == PAIRS
    assert one.proportional == pytest.approx(np.array([90, 20, 9, 2]) / 11 * M)
    assert at["gap"] == pytest.approx([log(8, 90 / 11), log(2, 20 / 11), log(1, 9 / 11), 0])
    assert at["gap_above"] == pytest.approx([0, log(2, 20 / 11), log(1, 9 / 11), 0], abs=1e-6)
    assert at["share_of_exports"][:2] == pytest.approx([log(8, 10), log(2, 10)])
    assert at["share_of_market"][:3] == pytest.approx([log(8, 9), log(2, 2), log(1, 9)])
    assert at["market_size"][:2] == pytest.approx([np.log(9 / 11), np.log(2 / 11)])
    assert at["new_market_size"] == pytest.approx([0, 0, 0, np.log(2 / 11)])
    assert at["exporter_size"][::2] == pytest.approx([np.log(10 / 11), np.log(1 / 11)])
    assert at["product_size"][0] == pytest.approx(np.log(11e6) - 18)
    assert at["flow_size"][:2] == pytest.approx([np.log(8e6) - 12, np.log(2e6) - 12])
    assert at["exports_over_1e6"][:3] == pytest.approx([np.log(10), np.log(10), 0], abs=1e-5)
    assert at["new_exports_over_1e4"][3] == pytest.approx(np.log(100), abs=1e-5)
    assert at["new_exports_over_1e8"][3] == 0
    assert at["new_proportional_size"][3] == pytest.approx(np.log(2e6 / 11) - 10, abs=1e-5)
    assert at["new_proportional_over_1e3"][3] == pytest.approx(np.log(2e3 / 11), abs=1e-5)
    assert at["new_proportional_over_1e5"][3] == pytest.approx(np.log(20 / 11), abs=1e-5)
    assert at["new_proportional_over_1e7"][3] == 0
    assert at["markets_sold_to"][:3] == pytest.approx([np.log(2), np.log(2), 0])
    assert at["suppliers_there"][:3] == pytest.approx([np.log(2), 0, np.log(2)])
    assert at["new"] == [0, 0, 0, 1]
    assert (one.new.tolist(), one.returns.tolist()) == ([False] * 3 + [True],) * 2
    assert one.seen.tolist() == [3, 1, 2, 1]
    assert one.recent == pytest.approx(np.array([6, 1, 0.5, 1.5]) * M)  # D told nothing in 2018
    assert one.exports == pytest.approx([10 * M, 1 * M])
    of = dict(zip(EXPORTER_FEATURES, one.exporters[0].tolist(), strict=True))
    assert of["concentration"] == pytest.approx(0.68)
    assert of["exporter_size"] == pytest.approx(np.log(10 / 11))


def test_what_a_pair_trades_beside_the_product_and_how_far_apart_it_is() -> None:
    """In all goods A sells 60 and C buys 59 of 61: 58 by size, 50 of other goods there are."""
    one = made()
    at = {name: one.design[:, place].tolist() for place, name in enumerate(COLUMNS)}
    assert at["ties"][:2] == pytest.approx([log(50, 60 * 59 / 61), log(0, 60 * 2 / 61)])
    assert at["ties_strong"][:2] == pytest.approx([0, 0])
    assert at["no_ties"][:3] == [0, 1, 1]
    assert at["ties_goods"][:3] == pytest.approx([np.log(2), 0, 0])
    assert at["ties_growth"][:2] == pytest.approx([log(50, 25), 0])
    assert at["distance"][:3] == pytest.approx(
        [np.log(5001) - 8.5, np.log(9001) - 8.5, np.log(701) - 8.5], abs=1e-5
    )
    assert at["new_distance"] == [0, 0, 0, 0]  # what is not known is no news
    assert (at["contiguous"][:3], at["common_language"][:3]) == ([1, 0, 0], [0, 1, 0])
    nowhere = made(far=False)
    assert nowhere.design[:, COLUMNS.index("distance")].tolist() == [0] * 4
    assert nowhere.gravity_trade is None


def test_growth_up_to_the_base_year() -> None:
    """Year on year and over two years; a change beyond e² is cut: it is a beginning or an end."""
    one = made()
    at = {name: one.design[:, place].tolist() for place, name in enumerate(COLUMNS)}
    assert at["own_growth"][:3] == pytest.approx([log(8, 4), 2, log(1, 0.5)])
    assert at["own_growth_up"][:3] == pytest.approx([log(8, 4), 2, log(1, 0.5)])
    assert at["own_growth_longer"][:3] == pytest.approx([log(8, 6) / 2, 0, 2])
    assert at["just_begun"][:3] == [0, 1, 0]
    assert at["market_growth"][:2] == pytest.approx([log(9, 4.5), log(2, 3)])
    assert at["new_market_growth"][3] == pytest.approx(log(2, 3))
    assert at["market_growth_from_others"][:3] == pytest.approx([log(1, 0.5), -2, log(8, 4)])
    assert at["market_growth_longer"][:2] == pytest.approx([log(9, 6) / 2, 0])
    assert at["exporter_growth"][::2] == pytest.approx([log(10, 4), log(1, 3.5)])
    assert at["exporter_growth_elsewhere"][:3] == pytest.approx([2, log(8, 4), -2])
    assert at["exporter_growth_longer"][::2] == pytest.approx([log(8, 6) / 2, 2])
    assert at["product_growth"][0] == pytest.approx(log(11, 7.5))
    assert at["own_level_before"][:3] == pytest.approx([log(6, 8), log(1, 2), log(0.5, 1)])
    assert at["own_level_before_up"][:3] == [0, 0, 0]
    assert at["new_sold_before"] == [0, 0, 0, 1]
    assert at["new_sold_before_times"] == [0, 0, 0, 0]  # once
    assert at["new_sold_before_latest"] == [0, 0, 0, 1]
    assert at["new_sold_before_size"][3] == pytest.approx(log(3, 2 / 11))


# --- shares of an exporter's growth


def few(**more: Any) -> Any:
    """Exporter 0 sells 3 m and 1 m, and could sell to a third market; exporter 1 has one."""
    parts: dict[str, Any] = {
        "row": np.array([0, 0, 0, 1]), "base": np.array([3, 1, 0, 2]) * M,
        "recent": np.array([1, 1, 2, 2]) * M, "proportional": np.array([0, 0, 5, 0]) * M,
        "exports": np.array([4, 2]) * M, "gravity_trade": np.array([1.0, 1.0, 2.0, 9.0]),
    }  # fmt: skip
    return SimpleNamespace(**{**parts, **more})


def test_shares_of_growth_by_hand() -> None:
    """An empty pair weighs a fiftieth of what its size would make it trade."""
    one = few()
    weights = np.array([3 * M, 1 * M, 0.02 * 5 * M]) + 1000
    assert np.exp(start(one.base, one.proportional))[:3] == pytest.approx(weights)
    assert weight_by_today(one) == pytest.approx([*weights / weights.sum(), 1.0])
    thrice = weights * [1, 3, 1]
    score = np.array([0.0, np.log(3), 0.0, 5.0])
    assert scale_by_score(one, score) == pytest.approx([*thrice / thrice.sum(), 1.0])
    recent = np.array([1, 1, 2]) * M + 1000
    assert weight_by_recent(one) == pytest.approx([*recent / recent.sum(), 1.0])
    assert weight_by_gravity(one) == pytest.approx([0.25, 0.25, 0.5, 1.0])
    assert weight_by_gravity(few(gravity_trade=None)) == pytest.approx(weight_by_recent(one))


def test_one_year_shares_the_long_run_by_half_and_half() -> None:
    one = few()
    found = one_year(one, 2, explain=True)
    total = np.array([4, 4, 4, 2]) * M * np.expm1(2 * LONG_RUN)
    half = (weight_by_today(one) + np.array([0.25, 0.25, 0.5, 1.0])) / 2
    assert found.gain == pytest.approx(total * half)
    assert found.expected == pytest.approx(one.base + total * half)
    assert not found.known
    assert found.because["in_proportion"] == pytest.approx(total * weight_by_today(one))
    assert sum(found.because.values()) == pytest.approx(found.gain)
    assert one_year(one, 2).because == {}


# --- the level


@pytest.mark.parametrize(("years", "trust"), [(0, 0.0), (5, 0.2), (20, 0.5)])
def test_a_total_is_drawn_to_the_long_run(years: int, trust: float) -> None:
    """Twenty years of fit count as much as the long run of 4 % a year."""
    factor = drawn(150.0, 100.0, 2, years, more=0.01)
    assert np.log(factor * 1.5) == pytest.approx(trust * np.log(1.5) + (1 - trust) * 0.09)
    assert drawn(0.0, 100.0, 2, years) == drawn(100.0, 0.0, 2, years) == 1.0


def test_how_far_these_data_lie_from_the_long_run() -> None:
    """Five errors over two years span six, of which a fit has had two: 4 of 24."""
    assert beyond(np.full(5, 0.3), 2, fitted=2) == pytest.approx(0.3 * 4 / 24)
    assert beyond(np.full(5, 0.3), 2) == pytest.approx(0.3 * 6 / 26)
    assert beyond(np.zeros(0), 2) == 0.0
    assert beyond(np.full(1, 0.3), 1, fitted=1) == 0.0


def test_growth_of_all_trade_less_the_long_runs() -> None:
    """Of markets that told in both years, in millions 6 to 29.5, 32.5 to 61 and 6 to 59."""
    history = History.of(FLOWS)
    by_one = [np.log(29.5 / 6) - 0.04, np.log(61 / 32.5) - 0.04]
    assert level_errors(history, 1) == pytest.approx(by_one)
    assert level_errors(history, 2) == pytest.approx([np.log(59 / 6) - 0.08])
    assert level_errors(history, 3).tolist() == []


def levelled_of(expected: float, years: int) -> tuple[Any, Forecast, Forecast]:
    """Two flows of 3 and 1 m that are said to be so much each, certainly."""
    one: Any = few(row=np.array([0, 0]), base=np.array([3, 1]) * M, exports=np.array([4 * M]))
    sales = Distribution.certain(np.full(2, expected * M))
    gain = np.array([1.0, 3.0]) * M
    because = {"place": gain.copy(), "own": np.zeros(2)}
    before = Forecast(sales, one.base, gain, because, known=True)
    return one, before, align_to_level(one, before, 1, years, more=0.0)


def test_the_mean_of_a_flow_is_half_its_own_odds_and_half_its_share_of_growth() -> None:
    """5 and 5 m of 4: trusting nothing of the fit, 4 × e^0.04 in all.

    By its own odds each has half of it; by growth the gain of 4 × (e^0.04 − 1) goes 1 : 3, on 4 m
    of exports over 4 m of gains.
    """
    one, _, found = levelled_of(5.0, 0)
    total = 4 * np.exp(0.04)
    more = total - 4
    wanted = np.array([total / 2 + 3 + more / 4, total / 2 + 1 + more * 3 / 4]) / 2
    assert found.expected / M == pytest.approx(wanted, rel=1e-4)
    assert found.gain / M == pytest.approx([more / 4, more * 3 / 4])
    parts = found.because
    assert parts["place"] / M == pytest.approx([more / 8, more * 3 / 8])
    assert parts["level"].tolist() == [0, 0]
    assert sum(parts.values()) == pytest.approx(found.expected - one.base)


def test_where_a_product_shrinks_all_flows_do_in_proportion() -> None:
    """1 and 1 m of 4 m, believed by half: the total is √(2/4 × e^0.04) of today's."""
    _, _, found = levelled_of(1.0, 20)
    total = 4 * np.sqrt(0.5 * np.exp(0.04))
    growth = total / 4 - 1
    wanted = np.array([total / 2 + 3 * (1 + growth), total / 2 + 1 + growth]) / 2
    assert found.expected / M == pytest.approx(wanted, rel=1e-4)
    assert found.because["level"] / M == pytest.approx([1.5 * growth, 0.5 * growth])
    assert found.gain / M == pytest.approx(np.array([1, 3]) * total / 2)


# --- what errors share


def _over_pairs(score: np.ndarray, base: np.ndarray, code: np.ndarray) -> float:
    """The mean product of two different flows of a group, pair by pair, weighed by both."""
    weight = np.sqrt(base + 1e4)
    score = score / np.sqrt((weight * score**2).sum() / weight.sum())
    alike = (code[:, None] == code) & ~np.eye(len(code), dtype=bool)
    pairs = np.outer(weight, weight)
    return float((np.outer(score, score) * pairs)[alike].sum() / pairs[alike].sum())


@pytest.mark.parametrize("strength", [0.3, 3.0])
@pytest.mark.parametrize("years", [1, 2, 5])
def test_parts_of_errors_pair_by_pair(years: int, strength: float) -> None:
    """As the module's formula says, over all pairs one by one: bases about as small as the 10,000
    that are added, scores of a strong or a weak year, and parts that are too large together."""
    random = np.random.default_rng(years)
    count = 40 * years
    origin = np.repeat(np.arange(years), 40)
    seller, buyer = origin * 8 + np.arange(count) % 8, origin * 5 + np.arange(count) % 5
    score = random.standard_normal(count) + strength * (
        random.standard_normal(years)[origin] + random.standard_normal(8 * years)[seller]
    )
    base = random.uniform(100, 30_000, count)
    found = common.common_parts(score, base, origin, seller, buyer)
    of_year, of_seller, of_buyer = (
        _over_pairs(score, base, code) for code in (origin, seller, buyer)
    )
    of_year *= years / (years - 1) if years > 1 else 1
    trust, certain = (years - 1) / (years + 2), years / (years + 1)
    parts = np.array(
        [
            trust * max(of_year, 0) + (1 - trust) * 0.08,
            certain * max(of_seller - of_year, 0) + (1 - certain) * 0.12,
            certain * max(of_buyer - of_year, 0) + (1 - certain) * 0.05,
        ]
    )
    parts *= min(1.0, 0.8 / parts.sum())
    assert (found.year, found.exporter, found.importer) == pytest.approx(tuple(parts))
    assert found.flow == pytest.approx(1 - parts.sum())
    assert found.flow >= 0.2 - 1e-9


def test_a_level_that_asks_for_too_much_leaves_flows_a_fifth() -> None:
    """An error of the level as large as a flow's, over sixteen years: the parts come to 0.8."""
    parts = Common(0.3, 0.3, 0.1, 4)
    found, added = add_level_error(parts, np.full(16, 2.0), 1.0, 1)
    more = 16 / 19 + 3 / 19 * 0.08 - 0.3
    shares = np.array([0.3 + more, 0.3, 0.1]) / (1 + more)
    assert shares.sum() > 0.8
    shares *= 0.8 / shares.sum()
    assert (found.year, found.exporter, found.importer) == pytest.approx(tuple(shares))
    assert added == pytest.approx(more)
    assert found.years == 4


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_pairs_that_have_nothing_in_common_tell_nothing(weight: float) -> None:
    score = np.array([2.0, 1.0, -1.0])
    assert common._group_correlation(score, np.full(3, weight), np.arange(3)) == 0.0
    # one pair of the first two: its product
    together = common._group_correlation(score, np.full(3, weight), np.array([0, 0, 1]))
    assert together == pytest.approx(2.0)


def test_the_level_asks_for_more_of_the_years_part() -> None:
    """Four overlapping errors over two years are 2.5 years' worth, beside a prior of three."""
    parts = Common(0.1, 0.2, 0.1, 4)
    levels = np.full(4, 0.3)
    trust = 2.5 / 5.5
    more = trust * 0.25 + (1 - trust) * PRIOR.year - 0.1
    found, added = add_level_error(parts, levels, 0.6, 2)
    assert added == pytest.approx(more * 0.36)
    shares = np.array([0.1 + more, 0.2, 0.1]) / (1 + more)
    assert (found.year, found.exporter, found.importer) == pytest.approx(tuple(shares))
    assert add_level_error(parts, np.zeros(0), 0.6, 2) == (parts, 0.0)
    assert add_level_error(parts, levels, 0.0, 2) == (parts, 0.0)
    calm, nothing = add_level_error(parts, np.zeros(4), 0.6, 2)
    assert calm.year == pytest.approx(0.1)
    assert nothing == 0.0


# --- months


def seen(kind: int, said: list[float], came: list[float]) -> TrainingSample:
    count = len(said)
    half = np.full(count, 0.5)
    return np.full(count, kind), np.array(said), np.array(came), half, half


def test_months_count_as_far_as_they_came_true() -> None:
    """Thirty flows whose surprise came to half: as much as the prior, and half-way to a half.

    First all that grow, then the kind itself lean on what was known; the others know the pool.
    """
    said = [1.0, -1.0] * 15
    found = lesson({2019: seen(STEADY, said, [0.5 * x for x in said])}, 6, np.zeros(3))
    prior = prior_weight(STEADY, 6)
    pooled = (0.5 + prior) / 2
    assert found.weight[STEADY] == pytest.approx((0.5 + pooled) / 2)
    other = (0.5 + prior_weight(LUMPY, 6)) / 2
    assert found.weight[LUMPY] == pytest.approx(other)
    assert found.weight[BEGAN] == pytest.approx(prior_weight(BEGAN, 6))
    assert found.weight[EMPTY] == 0
    assert found.years == (2019,)
    # What is left of each, over a half-interval of a half: |0.5 − weight| × 2; more, for one year
    # hardly shows what all flows of a year share.
    once = np.sqrt(1 + COMMON_SHARE)
    spread = (2 * (pooled - 0.5) * once + np.sqrt(1 - prior)) / 2
    spread = (2 * (found.weight[STEADY] - 0.5) * once + spread) / 2
    assert found.narrowing[STEADY] == pytest.approx(spread)


@pytest.mark.parametrize(
    ("kind", "months", "weight"),
    [(STEADY, 12, 10 / 13), (UNEVEN, 6, 3 / 6), (LUMPY, 12, 2.5 / 5.5), (EMPTY, 6, 0.0)],
)
def test_months_that_nothing_was_learnt_of(kind: int, months: int, weight: float) -> None:
    assert prior_weight(kind, months) == pytest.approx(weight)
    alone = lesson({}, months, np.zeros(3))
    if kind != EMPTY:
        assert alone.weight[kind] == pytest.approx(weight)
        assert alone.narrowing[kind] == pytest.approx(np.sqrt(1 - weight))
    assert alone.years == ()


def both(near: list[float], late: list[float]) -> Array:
    width = np.full(len(near), 0.5)
    return np.array([near, width, late, 2 * width])


def test_how_far_surprises_last() -> None:
    """Half of a surprise is there later: of 30, the slope is half-way from √(1/4) to a half.

    Over spreads of 0.5 and 1 both are as certain as can be: a correlation of 1, half-way from a
    half.
    """
    assert lasting([], (1, 4)) == lasting([both([], [])], (1, 4))
    none = lasting([], (1, 4))
    assert none == (0.5, 0.5)
    near = [0.2, -0.2] * 15
    found = lasting([both(near, [0.5 * x for x in near])], (1, 4))
    assert found == pytest.approx((0.5, 0.75))
    gone = lasting([both(near, [-x for x in near])], (1, 4))
    assert gone == pytest.approx((0.25, 0.25))
    more = lasting([both(near, [3 * x for x in near])], (1, 4))
    assert more[0] == pytest.approx(0.75)  # no more than all of it


def months(*rows: tuple[int, int, str, float], reporter: str = "DEU") -> pl.DataFrame:
    columns = ["year", "month", "partner", "value_usd"]
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        direction=pl.lit("import"), reporter=pl.lit(reporter), product=pl.lit("850110")
    )


def whole_year(year: int, partner: str, usd: float, since: int = 1) -> list[tuple[Any, ...]]:
    return [(year, month, partner, usd) for month in range(since, 13)]


def test_months_of_a_pair() -> None:
    """A month that the reporter has and the pair not is nothing; one it has not is not known."""
    rows = [*whole_year(2019, "CHN", 5.0), *whole_year(2020, "CHN", 1.0, since=4)]
    rows += [(2019, 3, "VNM", 7.0)]
    sales = MonthlySales.of(months(*rows), ["850110"])
    [side] = sales.sides
    assert side.pairs["exporter"].to_list() == ["CHN", "VNM"]
    assert side.of(2019)[1].tolist() == [0, 0, 7] + [0] * 9
    assert np.isnan(side.of(2020)[:, :3]).all()
    assert side.of(2020)[:, 3:].tolist() == [[1.0] * 9, [0.0] * 9]
    assert side.of(2018).shape == (2, 12)
    assert np.isnan(side.of(2018)).all()
    whole = sales.whole_years()
    assert whole.sort("exporter").select("exporter", "year", "value_usd").rows() == [
        ("CHN", 2019, 60.0), ("VNM", 2019, 7.0),
    ]  # fmt: skip
    assert sales.years == (2019, 2020)


def test_a_newest_month_of_few_flows_is_still_coming_in() -> None:
    """Of four a year before: two are half and stay, one is not."""
    partners = ("CHN", "VNM", "THA", "IND")
    base = [row for one in partners for row in whole_year(2019, one, 1.0)]
    for count, kept in ((2, True), (1, False)):
        newest = [(2020, 1, one, 1.0) for one in partners[:count]]
        sales = MonthlySales.of(months(*base, *newest), ["850110"])
        assert (2020 in sales.years) == kept


def test_how_many_sell_late() -> None:
    """Of one seller none was silent in half a year; five more by an even year's half."""
    rows = [*whole_year(2018, "CHN", 5.0), *whole_year(2019, "CHN", 5.0)]
    sales = MonthlySales.of(months(*rows), ["850110"])
    late = late_sellers(sales, 6, 2020)
    assert sorted(set(np.round(late, 9))) == pytest.approx([2.5 / 6, 0.5])
    assert late_sellers(sales, 3, 2019) == pytest.approx(0.75)  # no year before 2019 tells
