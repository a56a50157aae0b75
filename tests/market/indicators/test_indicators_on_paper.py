"""Indicators on paper: who re-exports, who is near, what small exporters come to."""

from math import log

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from market_world import distances, flows
from offing.market.history import History
from offing.market.indicators.export_potential import export_potential
from offing.market.indicators.of_year import (
    hhi,
    normalised_hhi,
    theil,
    theil_by,
    theil_by_margin,
    year_indicators,
)
from offing.market.indicators.space import (
    Neighbours,
    density,
    fitness,
    has_advantage,
    outlook_gain,
    outlook_index,
    product_space,
    rca,
)
from offing.market.indicators.survival import Hazard, hazard, spells
from offing.terms.errors import InputError, MissingDataError

YEAR = 2018
FLOWS = pl.DataFrame(
    [(YEAR, "8528", "CCC", "AAA", 60.0), (YEAR, "8528", "DDD", "AAA", 20.0),
     (YEAR, "8528", "CCC", "BBB", 10.0), (YEAR, "8528", "DDD", "BBB", 10.0),
     (YEAR, "8528", "AAA", "BBB", 100.0)],
    schema=["year", "product", "importer", "exporter", "value_usd"], orient="row",
)  # fmt: skip
"""A sells 80 of what it buys 100 of."""


def potential(km: dict[tuple[str, str], float] | None = None) -> dict[str, float]:
    """Static potential by pair."""
    distances = None
    if km is not None:
        rows = [(one, two, far, False, False) for (one, two), far in km.items()]
        names = ["origin", "destination", "km", "contiguous", "common_language"]
        distances = pl.DataFrame(rows, schema=names, orient="row")
    history = History.of(FLOWS, distances=distances)
    [(cube, value)] = export_potential(history, YEAR, "static")
    names = list(history.countries)
    return {
        f"{names[i][0]}{names[j][0]}": value[a, b]
        for a, i in enumerate(cube.exporters)
        for b, j in enumerate(cube.importers)
    }


def test_who_imports_more_than_it_exports_re_exports_in_part() -> None:
    expected = {"AC": 48, "AD": 16, "BC": 10, "BD": 10, "BA": 100, "AA": 0}
    assert potential() == pytest.approx(expected)


def test_distance_by_hand() -> None:
    """C buys 60 from A, 100 km away, and 10 from B, 400 km: usually ln 100 + ln 4 / 7."""
    found = potential({("AAA", "CCC"): 100.0, ("BBB", "CCC"): 400.0, ("AAA", "DDD"): 50.0})
    assert found["AC"] == pytest.approx(48 * 4 ** (-1 / 7))
    assert found["BC"] == pytest.approx(10 * 4 ** (-6 / 7))
    assert found["AD"] == pytest.approx(16)  # the only supplier whose distance is known
    assert (found["BD"], found["BA"]) == pytest.approx((10, 100))


def test_concentration_between_and_within() -> None:
    """Of four lines two sell alike: ln 2 for those that do not, nothing within."""
    assert theil_by_margin([1, 1, 0, 0])[1:] == pytest.approx((0, log(2)))
    uneven = theil_by([3, 1, 4, 0], ["a", "a", "b", "b"])  # both groups have half
    within = (log(1.5) * 0.75 + log(0.5) * 0.25 + log(2)) / 2
    assert uneven == pytest.approx((within, within, 0))
    assert normalised_hhi([5]) == 1
    assert normalised_hhi([1, 1]) == 0
    assert normalised_hhi([3, 1]) == pytest.approx((0.625 - 0.5) / 0.5)


def test_an_advantage_is_one_or_more() -> None:
    even = np.ones((2, 2))
    assert has_advantage(even).all()
    assert not has_advantage(even, 1.0001).any()
    assert has_advantage(np.array([[1.0, 0.0], [1.0, 0.0]])).tolist() == [[True, False]] * 2


M = np.array([[True, True, False], [False, True, True]])
"""Two countries; the middle product is in both. φ: 1 with itself, ½ with the middle one, else 0."""


def test_closeness_by_hand() -> None:
    assert Neighbours.of(M).surroundings == pytest.approx([1.5, 2, 1.5])
    # of the first country: of product 3's surroundings of 1.5 it has the middle one's half
    near = np.array([[1, 0.75, 1 / 3], [1 / 3, 0.75, 1]])
    assert density(M) == pytest.approx(near)
    assert density(M, Neighbours.of(M)) == pytest.approx(near)
    pci = np.array([1.0, 5.0, 3.0])
    assert outlook_index(M, near, pci) == pytest.approx([1, 1 / 3])
    # the first country lacks product 3, of 3 in surroundings of 1.5; a product is its own neighbour
    assert outlook_gain(M, pci) == pytest.approx(np.array([[0, 0, 2], [1 / 1.5, 0, 0]]))
    assert np.isnan(Neighbours.of(np.array([[True, False]])).surroundings).tolist() == [False, True]


SALES = pl.DataFrame(
    [("8501", "AAA", "CCC", 99.0), ("8501", "BBB", "CCC", 100.0), ("8502", "BBB", "DDD", 50.0)],
    schema=["product", "exporter", "importer", "value_usd"], orient="row",
)  # fmt: skip


def test_small_exporters_are_left_out_before_anything_is_computed() -> None:
    def made(least: float) -> tuple[int, list[str]]:
        found = year_indicators(SALES, "x", 2020, least_usd=least, names=["hhi"])
        return len(found.small), found.countries["country"].to_list()

    assert made(0) == made(99) == (0, ["AAA", "BBB"])
    assert made(99.5) == (1, ["BBB"])
    assert made(150) == (1, ["BBB"])
    with pytest.raises(MissingDataError):
        made(150.5)


def test_equal_lines_and_lines_that_are_not_sold() -> None:
    found = year_indicators(SALES, "x", 2020, names=["theil"])
    names = ["hhi", "hhi_normalised", "theil", "theil_extensive", "theil_intensive", "hhi_markets"]
    alone, both = found.countries.select("value_usd", *names).rows()
    assert alone == pytest.approx((99, 1, 1, log(2), log(2), 0, 1))
    two, one = 2 / 3, 1 / 3
    theil = two * log(2 * two) + one * log(2 * one)
    hhi = two**2 + one**2
    assert both == pytest.approx((150, hhi, (hhi - 0.5) / 0.5, theil, 0, theil, hhi))
    assert found.countries["eci"].null_count() == 2


def test_a_hazard_by_hand() -> None:
    """A baseline of e^γ = ½ a year; a covariate of ln 2 a unit doubles it."""
    base = np.log([0.5, 0.5])
    one = np.array([log(2)])
    plain = Hazard((), np.zeros(0), np.zeros(0), (1, 2), base, 5, 3)
    assert plain.survival([]) == pytest.approx(np.exp([-0.5, -1.0]))
    with_x = Hazard(("x",), one, one, (1, 2), base, 5, 3)
    assert with_x.survival([1.0]) == pytest.approx(np.exp([-1.0, -2.0]))
    assert with_x.survival([0.0]) == pytest.approx(np.exp([-0.5, -1.0]))


LINES = st.lists(st.floats(0, 1e15), min_size=2, max_size=30).filter(lambda v: sum(v) > 1e-6)


@pytest.mark.parametrize("count", [1, 2, 7, 5000])
def test_equal_lines(count: int) -> None:
    assert hhi(np.full(count, 3.0)) == pytest.approx(1 / count)
    assert theil(np.full(count, 3.0)) == pytest.approx(0, abs=1e-12)
    assert normalised_hhi(np.full(count, 3.0)) == pytest.approx(0 if count > 1 else 1, abs=1e-12)


@given(LINES, st.integers(1, 5))
def test_parts_add_up(values: list[float], groups: int) -> None:
    total, within, between = theil_by(values, [n % groups for n in range(len(values))])
    assert within + between == pytest.approx(total, abs=1e-9)
    assert within >= -1e-12
    assert between >= -1e-12
    total, within, between = theil_by_margin(values)
    some = sum(value > 0 for value in values)
    assert between == pytest.approx(np.log(len(values) / some), abs=1e-12)
    assert within + between == pytest.approx(total, abs=1e-9)


UNIT = 2.0**-36
"""Of whole dollars each sum is exact: sums are counted in parts of 2^-40."""
SMALL_FLOWS = flows(years=3, places=8, products=6).with_columns(pl.col("value_usd").round())
SMALL = SMALL_FLOWS.with_columns(pl.col("value_usd") * UNIT)
SMALL_YEAR = 2017


def test_advantages_and_the_space_of_products() -> None:
    table = SMALL_FLOWS.filter(pl.col("year") == SMALL_YEAR).group_by(
        country="exporter", product="product"
    )
    sums = table.agg(value=pl.col("value_usd").sum()).sort("country", "product")
    less = sums.with_columns(pl.col("value") * UNIT)
    wide = sums.pivot("product", index="country", values="value").drop("country").fill_null(0)
    assert rca(wide.to_numpy() * UNIT) == pytest.approx(rca(wide.to_numpy()))
    for large, small in zip(product_space(sums), product_space(less), strict=True):
        money = [column for column in large.columns if column == "value"]
        assert_frame_equal(small.drop(money), large.drop(money), rel_tol=1e-6, abs_tol=1e-9)


def test_export_potential_is_in_the_unit_of_the_flows() -> None:
    for variant in ("identity", "static"):
        large, small = (
            list(export_potential(History.of(each, distances=distances(8)), SMALL_YEAR, variant))
            for each in (SMALL_FLOWS, SMALL)
        )
        for (_, value), (_, less) in zip(large, small, strict=True):
            assert less == pytest.approx(value * UNIT, rel=1e-9, abs=0.0)


def test_where_there_is_no_advantage_and_where_nothing_ended() -> None:
    with pytest.raises(InputError) as said:
        fitness(np.zeros((2, 3), dtype=bool))
    assert (said.value.values["countries"], said.value.values["products"]) == (0, 0)
    runs = pl.DataFrame({"duration": [2, 3], "ended": [False, False]})
    with pytest.raises(InputError) as said:
        hazard(runs)
    assert said.value.values["names"] == "-"


def test_a_flow_of_less_than_a_dollar_is_one() -> None:
    by = ("product", "exporter", "importer")
    assert_frame_equal(spells(SMALL, by), spells(SMALL_FLOWS, by))
