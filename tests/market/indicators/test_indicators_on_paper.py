"""Indicators on paper: who re-exports, who is near, what small exporters come to."""

from math import log

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    has_advantage,
    outlook_gain,
    outlook_index,
)
from offing.market.indicators.survival import Hazard, kaplan_meier, spells, survival_by
from offing.terms.errors import MissingDataError

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


def test_survival_by_hand() -> None:
    """Five relationships: one ends after 1 year, one of three after 2; one is cut off at 1."""
    years, ended = pl.Series([1, 1, 2, 3, 3]), pl.Series([True, False, True, False, False])
    made = kaplan_meier(years, ended)
    assert made["at_risk"].to_list() == [5, 3]
    assert made["survival"].to_list() == pytest.approx([0.8, 0.8 * 2 / 3])
    greenwood = [1 / (5 * 4), 1 / (5 * 4) + 1 / (3 * 2)]
    errors = [s * g**0.5 for s, g in zip((0.8, 1.6 / 3), greenwood, strict=True)]
    assert made["error"].to_list() == pytest.approx(errors)
    width = 1.959963985 * greenwood[0] ** 0.5 / log(0.8)
    assert made["low"][0] == pytest.approx(0.8 ** np.exp(-width))
    assert made["high"][0] == pytest.approx(0.8 ** np.exp(width))
    half = kaplan_meier(years, ended, 0.5)
    assert half["high"][0] < made["high"][0]
    gone = kaplan_meier(pl.Series([1]), pl.Series([True]))
    assert gone.select("survival", "low", "high").row(0) == (0, None, None)


def test_spells_of_few_years() -> None:
    flows = pl.DataFrame(
        [(2000, "a", 1.0), (2001, "a", 0.0), (2002, "a", 1.0), (2003, "b", 1.0), (2001, "b", 1.0)],
        schema=["year", "of", "value_usd"], orient="row",
    )  # fmt: skip
    names = ["of", "began", "last", "duration", "ended", "started_before"]
    assert spells(flows, ["of"]).select(names).rows() == [
        ("a", 2000, 2000, 1, True, True), ("a", 2002, 2002, 1, True, False),
        ("b", 2001, 2001, 1, True, False), ("b", 2003, 2003, 1, False, False),
    ]  # fmt: skip
    assert spells(flows, ["of"], gap=1).select(names).rows() == [
        ("a", 2000, 2002, 3, False, True), ("b", 2001, 2003, 3, False, True)
    ]  # fmt: skip
    fresh = survival_by(spells(flows, ["of"]), ["of"])
    assert fresh["of"].to_list() == ["a", "b"]
    assert fresh["at_risk"].to_list() == [1, 2]
    with pytest.raises(MissingDataError):
        survival_by(spells(flows, ["of"]).filter(pl.col("began") == 2000), ["of"])


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
