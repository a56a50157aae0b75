"""Relatedness without the product × product matrix equals the definition with it."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.market.indicators.of_year import YearIndicators, near_product
from offing.market.indicators.space import (
    Neighbours,
    density,
    outlook_gain,
    outlook_index,
    proximity,
)
from offing.terms.errors import InputError


def advantages(seed: int, countries: int = 9, products: int = 25) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.random((countries, products)) < rng.random(products))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
def test_equals_the_definition(seed: int) -> None:
    m = advantages(seed)
    phi = proximity(m)
    linked = m.astype(float)
    with np.errstate(invalid="ignore"):
        conditional = (linked.T @ linked) / linked.sum(axis=0)
        expected = np.fmin(conditional, conditional.T)
    assert phi == pytest.approx(np.nan_to_num(expected), abs=1e-14)
    worth = np.random.default_rng(seed).normal(size=(m.shape[1],))
    # Products in which nobody has an advantage have no neighbours.
    assert Neighbours.of(m).around(worth) == pytest.approx(worth @ phi, abs=1e-11)
    assert Neighbours.of(m).made(worth) == pytest.approx((m * worth) @ phi, abs=1e-11)
    some = m.any(axis=0)
    total = phi.sum(axis=0)
    assert density(m)[:, some] == pytest.approx((linked @ phi)[:, some] / total[some], abs=1e-12)
    assert np.isnan(density(m)[:, ~some]).all()
    pci = np.random.default_rng(seed + 1).normal(size=(m.shape[1],))
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.nan_to_num(pci / total, posinf=0, neginf=0)
    gain = (1 - linked) * (((1 - linked) * worth) @ phi)
    assert outlook_gain(m, pci) == pytest.approx(gain, abs=1e-11)


def test_gain_is_the_change_of_the_outlook() -> None:
    """COG counts what the new advantage lifts in every product not yet made, itself included.

    With φ held fixed, taking up p raises the density of q by φ_pq / Σφ_q, so the outlook over the
    products missing before changes by exactly COG.
    """
    m = advantages(5)
    m = m[:, m.any(axis=0)]
    phi, pci = proximity(m), np.random.default_rng(6).normal(size=(m.shape[1],))
    total = phi.sum(axis=0)
    gain = outlook_gain(m, pci)
    country, product = np.argwhere(~m)[3]
    more = m.astype(float)
    more[country, product] = 1
    lifted = (more @ phi / total - m @ phi / total)[country]
    assert gain[country, product] == pytest.approx(float((lifted * ~m[country]) @ pci))
    near = density(m)
    assert outlook_index(m, near, pci) == pytest.approx(((m @ phi / total) * ~m) @ pci)


def test_products_near_to_one_by_hand() -> None:
    """Of those that export the commoner of two, the share that exports both; nearest first."""
    advantages = {"A": (1, 1, 0, 0), "B": (0, 0, 1, 0), "C": (0, 1, 1, 0)}
    codes = ("8507", "8516", "8528", "9405")
    pairs = pl.DataFrame(
        [(country, code, 1.0, has) for country, row in advantages.items()
         for code, has in zip(codes, row, strict=True)],
        ["country", "product", "value_usd", "advantage"], orient="row",
    ).cast({"advantage": pl.Boolean})  # fmt: skip
    products = pl.DataFrame({"product": codes, "value_usd": [4.0, 3.0, 2.0, 1.0]})
    year = YearIndicators("x", 2023, pl.DataFrame(), products, pairs, ())
    near = near_product(year, "8507")
    assert dict(near.select("product", "proximity").iter_rows()) == {
        "8516": 0.5, "8528": 0.0, "9405": 0.0,
    }  # fmt: skip
    assert near["product"][0] == "8516"
    alone = YearIndicators("x", 2023, pl.DataFrame(), products, pairs.filter(country="A"), ())
    assert dict(near_product(alone, "8507").select("product", "proximity").iter_rows()) == {
        "8516": 1.0, "8528": 0.0, "9405": 0.0,
    }  # fmt: skip
    with pytest.raises(InputError):
        near_product(year, "8501")


def test_proximity_by_hand() -> None:
    """Two countries export both, one only the first: φ = 2 / 3."""
    m = np.array([[1, 1], [1, 1], [1, 0]], dtype=bool)
    assert proximity(m) == pytest.approx(np.array([[1, 2 / 3], [2 / 3, 1]]))
    assert density(m)[2] == pytest.approx([1 / (5 / 3), (2 / 3) / (5 / 3)])
