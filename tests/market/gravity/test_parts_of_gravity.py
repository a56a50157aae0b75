"""Parts of the gravity fits by hand: what is refused, what fits well, how rows are counted."""

from itertools import combinations, product
from typing import Any

import numpy as np
import polars as pl
import pytest

from gravity_world import world
from offing.market.gravity import expected, panel
from offing.market.gravity.batch import _refuse_bad, fit_products, narrow, refuse_double
from offing.market.gravity.careful import _too_few, fit_with_care, separated_pairs
from offing.market.gravity.estimates import PairCovariates, ProductGravity, deviance_explained
from offing.market.gravity.expected import balance_flows, pseudo_r2, room_to_grow
from offing.market.gravity.kernel import Fits
from offing.market.gravity.panel import PanelData, drop_empty, pair_sums
from offing.terms.errors import InputError, MissingDataError
from study.stand_ins import like

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")


def test_rows_that_are_none_are_refused() -> None:
    def flows(*values: float | None) -> pl.DataFrame:
        goods = {
            "product": "01",
            "exporter": "A",
            "importer": [f"B{n}" for n in range(len(values))],
        }
        return pl.DataFrame(goods | {"value_usd": pl.Series(values, dtype=pl.Float64)})

    _refuse_bad(flows(0.0, 1e300))
    for bad in (-1e-9, None, float("nan"), float("inf")):
        with pytest.raises(InputError) as caught:
            _refuse_bad(flows(1.0, bad, -1.0))
        assert (caught.value.values["count"], caught.value.values["importer"]) == (2, "B1")
    refuse_double(flows(1.0, 1.0), ["product", "importer"])
    with pytest.raises(InputError) as caught:
        refuse_double(pl.concat([flows(1.0, 2.0), flows(1.0)]), ["exporter", "importer"])
    assert caught.value.values["keys"] == "A B0"
    at = np.array([0, 255])
    assert [narrow(at, n).dtype for n in (256, 257)] == [np.uint8, np.int16]


def test_the_part_of_the_deviance_that_is_explained() -> None:
    """Of 1, 2 and 3: their own means explain all, the mean of all nothing; e for 1 costs 1 of it.

    The whole is 1 ln 1 + 2 ln 2 + 3 ln 3 − 6 ln 2; of a mean of e for 1, ln 1 − 1 − 1 + e are left.
    """
    y = np.array([1.0, 2.0, 3.0])
    assert deviance_explained(y, y) == 1.0
    assert deviance_explained(y, np.full(3, 2.0)) == pytest.approx(0.0)
    whole = 3 * np.log(3) - 4 * np.log(2)
    off = deviance_explained(y, np.array([np.e, 2.0, 3.0]))
    assert off == pytest.approx(1 - (np.e - 2) / whole)
    assert np.isnan(deviance_explained(np.ones(3), np.ones(3)))


def test_pseudo_r2_is_of_the_sample_and_its_zeros() -> None:
    """C buys nothing from B, D is no country of the fit, and A does not sell to itself."""
    mean = np.array([[0.0, 2.0, 3.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    fit: Any = like(expected=lambda _: mean, countries=("A", "B", "C"))
    rows = [("1", "A", "B", 2.0), ("1", "A", "C", 3.0), ("1", "B", "A", 1.0), ("1", "B", "D", 9.0),
            ("2", "B", "C", 9.0), ("1", "C", "A", 9.0), ("1", "B", "C", 0.0)]  # fmt: skip
    flows = pl.DataFrame(
        rows, schema=["product", "exporter", "importer", "value_usd"], orient="row"
    )
    traded, means = np.array([2.0, 3.0, 1.0, 0.0]), np.array([2.0, 3.0, 1.0, 1.0])
    assert pseudo_r2(fit, flows, "1") == pytest.approx(deviance_explained(traded, means))
    whole = 2 * np.log(2 / 1.5) + 3 * np.log(2) + np.log(1 / 1.5)
    assert pseudo_r2(fit, flows, "1") == pytest.approx(1 - 1 / whole), "a mean of 1 for nothing"


def test_flows_are_balanced_to_their_totals_by_hand() -> None:
    """With equal ease trade is in proportion to both totals; an empty side stays empty."""
    base = np.array([[6.0, 2.0, 0.0], [2.0, 0.0, 0.0]])
    made = balance_flows(np.ones((2, 3)), base)
    assert made == pytest.approx(
        np.array([[8.0], [2.0]]) * np.array([8.0, 2.0, 0.0]) / 10, abs=1e-9
    )
    cube: Any = like(base=np.array([[1000.0, 0.0]]))
    assert room_to_grow(cube, np.array([[1000.0, 3000.0]])) == pytest.approx(np.log([[1.0, 4.0]]))
    border, language = np.array([[0, 1.0], [np.nan, 0]]), np.eye(2)[::-1]
    km = np.array([[np.nan, 100.0], [400.0, np.nan]])
    near: Any = like(km=km, contiguous=border, common_language=language)
    at = np.arange(2)
    pair: Any = like(exporters=at, importers=at, candidates=~np.eye(2, dtype=bool))
    slopes = {"log_km": -1.0, "contiguous": 0.5, "common_language": 0.25}
    # the farther pair: ln 4 of distance and no border
    found = expected.ease(pair, near, slopes)
    assert found == pytest.approx(np.array([[0, 1], [np.exp(-np.log(4) - 0.5), 0]]))
    assert expected.ease(pair, None).tolist() == [[0, 1], [1, 0]]


def test_what_gravity_expects_of_a_market() -> None:
    """The interval is as wide on both sides; a market outside the sample is not listed."""
    flows, pairs = world(1)
    fit = fit_products(flows, pairs)
    code, origin = fit.products[0], fit.countries[0]
    found = expected.expected_trade(fit, flows, code, origin, level=0.95)
    wide = expected.expected_trade(fit, flows, code, origin, level=0.99)
    assert found["expected"].is_sorted(descending=True)
    assert (found["low"] * found["high"]).to_list() == pytest.approx(
        (found["expected"] ** 2).to_list()
    )
    ratio = (wide["high"] / wide["expected"]).log() / (found["high"] / found["expected"]).log()
    assert ratio.to_list() == pytest.approx([2.5758293 / 1.9599640] * found.height, rel=1e-6)
    own = dict(flows.filter(exporter=origin).select("importer", "value_usd").iter_rows())
    assert dict(found.select("importer", "actual").iter_rows()) == {
        market: own.get(market, 0.0) for market in found["importer"]
    }  # fmt: skip
    for goods, country, key in (("x", origin, "unknown_product"), (code, "x", "unknown_country")):
        with pytest.raises(InputError) as caught:
            expected.expected_trade(fit, flows, goods, country, level=0.9)
        assert caught.value.key == f"gravity.{key}"
    sides = {"exporter": ["A00"] * 2, "importer": ["A01", "A02"]}
    alone = pl.DataFrame({"product": ["1", "1"], **sides, "value_usd": [1.0, 2.0]})
    with pytest.raises(MissingDataError) as missing:
        expected.expected_trade(fit_products(alone, pairs), alone, "1", "A00", level=0.9)
    assert missing.value.key == "gravity.not_estimated"


@pytest.mark.parametrize("turned", [False, True])
def test_a_fit_with_care_is_that_of_the_fast_path(turned: bool) -> None:
    """Of six exporters and twelve importers, and the other way round: then sides are swapped."""
    flows, pairs = world(1, size=12)
    few = [f"A{n:02d}" for n in range(6)]
    flows = flows.filter(pl.col("importer" if turned else "exporter").is_in(few))
    fast = fit_products(flows, pairs)
    place = {code: n for n, code in enumerate(fast.countries)}
    y = np.zeros((len(place),) * 2)
    for exporter, importer, value in flows.select("exporter", "importer", "value_usd").iter_rows():
        y[place[exporter], place[importer]] = value
    y /= y[y > 0].mean()
    raw = fast.covariates
    covariates = PairCovariates(
        fast.names, fast.countries, raw, raw - fast.centre[:, None, None], fast.centre,
        np.ones(2), fast.valid,
    )  # fmt: skip
    n, k = len(place), 2
    none: Any = None
    fits = Fits(none, none, none, none, np.full((1, k), np.nan), np.zeros((1, 4, k, k)),
                np.zeros((1, 2, n)))  # fmt: skip
    note = fit_with_care(covariates, y, fits, 0)
    assert (note.exporters, note.importers) == ((12, 6) if turned else (6, 12))
    assert note.pairs == fast.notes[0].pairs
    assert fits.beta[0] == pytest.approx(fast.beta[0], abs=1e-7)
    for kind, name in enumerate(("hc", "exporter", "importer", "both")):
        ratio = fast.covariance[name][0] / fits.covariances[0, kind]  # type: ignore[index]
        assert ratio == pytest.approx(np.full((k, k), ratio[0, 0]), rel=1e-5), name
    mean = np.exp(np.tensordot(fits.beta[0], covariates.x, 1)) * fast.valid
    fitted = fits.effects[0, 0][:, None] * fits.effects[0, 1] * mean
    assert fitted.sum(1) == pytest.approx(y.sum(1), abs=1e-6)
    assert fitted.sum(0) == pytest.approx(y.sum(0), abs=1e-6)


def test_too_little_to_fit_says_which_side() -> None:
    assert [_too_few(*sides) for sides in ((0, 0), (1, 5), (2, 1), (5, 1))] == [
        "no_flows", "one_exporter", "one_importer", "one_importer"
    ]  # fmt: skip
    y = np.zeros((3, 3))
    y[0, 1:] = 1.0
    pairs: Any = like(x=None, valid=None)
    assert fit_with_care(pairs, y, None, 0) == ProductGravity("one_exporter", 0, 1, 2)  # type: ignore[arg-type]


def test_a_zero_that_a_covariate_tells_apart_is_separated() -> None:
    """x is 1 at one zero and 0 elsewhere: as low as one likes there. At a flow it separates none;
    with two such zeros of other signs neither is."""
    inside, flow = np.ones((3, 3)), np.ones((3, 3), dtype=bool)
    flow[0, 1] = flow[1, 2] = False
    for cells, gone in (({(0, 1): 1.0}, [(0, 1)]), ({(0, 0): 1.0}, []),
                        ({(0, 1): 1.0, (1, 2): 2.0}, [(0, 1), (1, 2)]),
                        ({(0, 1): 1.0, (1, 2): -1.0}, [])):  # fmt: skip
        x = np.zeros((1, 3, 3))
        for at, value in cells.items():
            x[0][at] = value
        drop = separated_pairs(x, inside, np.nonzero(flow))  # type: ignore[arg-type]
        assert [tuple(at) for at in np.argwhere(drop).tolist()] == gone


CODES = "ABCD"


def rows(*more: tuple[Any, ...]) -> pl.DataFrame:
    sides = [(year, a, b, 1.0) for year in (2000, 2004) for a in "BA" for b in "CA" if a != b]
    return pl.DataFrame([*sides, *more], schema=["year", "exporter", "importer", "value_usd"],
                        orient="row")  # fmt: skip


def test_places_in_a_panel_by_hand() -> None:
    """Exporters A and B, importers A and C; as one list for both sides A, B and C."""
    flat, shape = panel._places(rows(), square=False)
    assert (flat.tolist(), shape) == ([3, 2, 1, 7, 6, 5], (2, 2, 2))
    flat, shape = panel._places(rows(), square=True)
    assert (flat.tolist(), shape) == ([5, 3, 2, 14, 12, 11], (2, 3, 3))
    for square in (False, True):
        with pytest.raises(InputError) as caught:
            panel._places(rows((2004, "B", "C", 2.0)), square=square)
        assert caught.value.values["keys"] == "2004 B C"


def test_pairs_that_trade_nothing_are_left_out() -> None:
    """A and B trade in the first year alone, in one direction; C sells nothing to A."""
    y = np.zeros((2, 3, 3))
    y[0, 0, 1], y[0, 2, 1], y[1, 2, 1], y[1, 0, 2], y[1, 1, 0] = 3.0, 1.0, 2.0, 4.0, 5.0
    inside = np.broadcast_to(1.0 - np.eye(3), y.shape).copy()
    assert pair_sums(y, "directed").tolist() == [[0, 3, 4], [5, 0, 0], [0, 3, 0]]
    assert pair_sums(y, "symmetric").tolist() == [[0, 8, 4], [8, 0, 3], [4, 3, 0]]
    # in year one only B buys, from A and C; in the second A from B, B from C, C from A
    by_year: dict[Any, list[int]] = {"none": [2, 6], "directed": [2, 4], "symmetric": [2, 6]}
    for pairs, counts in by_year.items():
        kept = drop_empty(y, inside, pairs)
        assert [int(year.sum()) for year in kept] == counts
        assert kept[0, 0, 1] == kept[0, 2, 1] == 1


@pytest.mark.parametrize("pairs", ["none", "directed", "symmetric"])
def test_variances_of_a_panel_by_loops(pairs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums of scores by pair, of both directions where they are one pair; and of each row alone.

    Four countries in two years: 24 rows, 2 × 8 + 1 − 1 parameters beside the effects of pairs.
    """
    monkeypatch.setattr(panel, "residuals", lambda _, x, __, ___: x)
    rng = np.random.default_rng(8)
    inside = np.broadcast_to(1.0 - np.eye(4), (2, 4, 4)).copy()
    x, mu, y = (rng.normal(2, 1, (2, 4, 4)) for _ in range(3))
    x, mu = x * inside, np.abs(mu)
    data = PanelData(("x",), y, x[None], inside, pairs, 0, one_cluster=pairs == "symmetric")
    variances, clusters = panel._sandwich(data, mu, None)  # type: ignore[arg-type]
    bread, single, sums = 0.0, 0.0, dict[tuple[int, ...], float]()
    for year, i, j in product(range(2), range(4), range(4)):
        bread += x[year, i, j] ** 2 * mu[year, i, j]
        score = x[year, i, j] * (y[year, i, j] - mu[year, i, j])
        single += score**2
        key = tuple(sorted((i, j))) if pairs == "symmetric" else (i, j)
        sums[key] = sums.get(key, 0.0) + score
    count = 6 if pairs == "symmetric" else 12
    assert clusters == count == len([*combinations(CODES, 2)]) * (1 if pairs == "symmetric" else 2)
    effects = {"none": 0, "directed": 11, "symmetric": 5}[pairs]
    by_pair = sum(value**2 for value in sums.values())
    factors = count / (count - 1) * 23 / (24 - 16), 24 / (24 - 16 - effects)
    assert variances[:, 0, 0] == pytest.approx(
        [by_pair * factors[0] / bread**2, single * factors[1] / bread**2]
    )
