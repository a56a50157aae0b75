"""What geography makes of a pair, flows balanced to their totals, and what estimates expect."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from offing.market.gravity.estimates import Gravity, ProductGravity, small_sample
from offing.market.gravity.expected import TEXTBOOK, balance_flows, ease, expected_trade, potential
from offing.market.history import Cube, Nearness
from offing.terms.errors import InputError, MissingDataError

BOTH = np.array([0, 1]), np.array([1, 2])
"""Exporters A and B, importers B and C."""
CUBE = Cube("8528", "all", 2020, *BOTH, {2020: np.array([[60.0, 20.0], [0.0, 20.0]])})
KM = np.full((3, 3), np.nan)
KM[0, 1], KM[0, 2] = 100.0, 400.0
NONE = np.zeros((3, 3))
TOUCH = NONE.copy()
TOUCH[0, 2] = 1.0


def test_flows_that_keep_their_totals() -> None:
    base = np.array([[30.0, 10.0], [20.0, 40.0]])
    alike = balance_flows(np.ones((2, 2)), base)
    assert alike == pytest.approx(np.array([[20, 20], [30, 30]]))  # totals of rows by columns
    made = balance_flows(np.array([[1.0, 2.0], [3.0, 1.0]]), base)
    assert made.sum(1) == pytest.approx(base.sum(1), rel=2e-4)
    assert made.sum(0) == pytest.approx(base.sum(0), rel=1e-9)
    odds = made[0, 0] * made[1, 1] / (made[0, 1] * made[1, 0])
    assert odds == pytest.approx(1 / 6)
    idle = balance_flows(np.ones((2, 2)), np.array([[30.0, 10.0], [0.0, 0.0]]))
    assert idle == pytest.approx(np.array([[30, 10], [0, 0]]), abs=1e-9)
    assert potential(CUBE, None)[1, 0] == 0
    assert potential(CUBE, None).sum() == pytest.approx(100)


def gravity() -> Gravity:
    """One product, one covariate with an estimate of 2 and a variance of a quarter."""
    x = np.array([[[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [0.0, 0.0, 0.0]]])
    valid = np.array([[False, True, True], [True, False, True], [True, True, False]])
    variance = {"hc": -0.25, "exporter": 0.25, "importer": 0.09, "both": 0.25}
    effects = np.array([[[2.0, 1.0, 1.0], [3.0, 4.0, 5.0]], [[np.nan] * 3] * 2])
    return Gravity(
        ("8528", "8529"), ("far",), ("AAA", "BBB", "CCC"), np.array([[0.2], [np.nan]]),
        {kind: np.array([[[v]], [[np.nan]]]) for kind, v in variance.items()},  # type: ignore[misc]
        effects,
        (ProductGravity("estimated", 6, 2, 3), ProductGravity("one_exporter", 1, 1, 3)),
        np.array([1.0]), x, valid,
    )  # fmt: skip


def test_what_is_expected_of_a_product() -> None:
    """exporter effect × importer effect × e^(0.2 (x − 1)); nothing outside of the sample."""
    fit = gravity()
    e = np.exp(0.2)
    expected = np.array([[0, 8, 10 * e], [3, 0, 5 * e * e], [3 / e, 4 / e, 0]])
    assert fit.expected("8528") == pytest.approx(expected)
    without = replace(fit.notes[0], left_out=((0, 1),))
    expected[0, 1] = 0
    assert replace(fit, notes=(without, fit.notes[1])).expected("8528") == pytest.approx(expected)
    errors = fit.standard_errors()
    assert errors[0, 0] == 0.5
    assert np.isnan(fit.standard_errors("hc")[0, 0])
    table = fit.table()
    assert table.select("product", "covariate", "estimate", "se_importer", "pairs").rows() == [
        ("8528", "far", 0.2, pytest.approx(0.3), 6), ("8529", "far", None, None, 1)
    ]  # fmt: skip


def test_expected_trade_of_one_exporter() -> None:
    flows = pl.DataFrame(
        [("8528", "AAA", "BBB", 7.0), ("8528", "BBB", "AAA", 9.0), ("8529", "AAA", "CCC", 1.0)],
        schema=["product", "exporter", "importer", "value_usd"], orient="row",
    )  # fmt: skip
    found = expected_trade(gravity(), flows, "8528", "AAA", level=0.8)
    assert found["importer"].to_list() == ["CCC", "BBB"]  # the largest first
    assert found["expected"].to_list() == pytest.approx([10 * np.exp(0.2), 8])
    assert found["actual"].to_list() == [0, 7]
    middle = (found["low"] * found["high"]).sqrt()
    assert middle.to_list() == pytest.approx(found["expected"].to_list())
    wider = expected_trade(gravity(), flows, "8528", "AAA", level=0.95)
    by = (wider["high"] / wider["expected"]).log() / (found["high"] / found["expected"]).log()
    assert by.to_list() == pytest.approx([1.959963985 / 1.281551566] * 2)
    for product, origin in (("8530", "AAA"), ("8528", "ZZZ")):
        with pytest.raises(InputError):
            expected_trade(gravity(), flows, product, origin, level=0.8)
    idle = gravity().effects.copy()
    idle[0, 0, 2] = 0.0
    for product, origin in (("8529", "AAA"), ("8528", "CCC")):
        with pytest.raises(MissingDataError):
            expected_trade(replace(gravity(), effects=idle), flows, product, origin, level=0.8)


def test_the_easiest_pair_is_one() -> None:
    """A quarter of the distance is 4^0.93 times easier; B to C counts as the typical pair."""
    plain = ease(CUBE, Nearness(KM, NONE, NONE))
    far = 4**-0.93
    assert plain == pytest.approx(np.array([[1, far], [0, far**0.5]]))
    touching = ease(CUBE, Nearness(KM, TOUCH, TOUCH), {**TEXTBOOK, "log_km": -0.5})
    near = 0.5 * np.exp(0.53 + 0.54)
    assert touching[0, 0] / touching[0, 1] == pytest.approx(1 / near)
    assert touching.max() == 1
    assert ease(CUBE, None).tolist() == [[1, 1], [0, 1]]
    unknown = ease(CUBE, Nearness(np.full((3, 3), np.nan), NONE, NONE))
    assert unknown.tolist() == [[1, 1], [0, 1]]


def test_factors_of_small_samples() -> None:
    """20 pairs, two covariates, four exporters, five importers."""
    found = small_sample(20, 2, 4, 5)
    assert found["hc"] == pytest.approx(20 / (20 - 2 - 8))
    assert found["exporter"] == pytest.approx(4 / 3 * 19 / 13)
    assert found["importer"] == pytest.approx(5 / 4 * 19 / 14)
    assert found["both"] == pytest.approx(4 / 3 * 19 / 17)
