"""The demand curve and the best price, against calculus and search."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.planning.elasticity import (
    Chain,
    best_price,
    implied_sigma,
    outside,
    quantity_response,
)
from offing.terms.price_level import PriceLevel

CHAINS = st.builds(
    Chain,
    cost_usd=st.floats(1, 1000),
    proportional=st.floats(0, 0.3),
    freight_usd=st.floats(0, 100),
    duty=st.floats(0, 0.5),
    retail=st.floats(0, 2),
)
SIGMAS = st.floats(1.2, 12)


def searched(chain: Chain, sigma: float, level: PriceLevel) -> float:
    """The FOB price that earns most, by looking at 200,001 of them."""
    bare = chain.cost_usd / (1 - chain.proportional)
    fob = np.geomspace(bare * 1.0001, (bare + chain.freight_usd) * 30, 200_001)
    paid = np.array([chain.at(level, 1.0) - chain.at(level, 0.0)]) * fob + chain.at(level, 0.0)
    earned = paid**-sigma * (fob * (1 - chain.proportional) - chain.cost_usd)
    return float(fob[earned.argmax()])


@given(CHAINS, SIGMAS, st.sampled_from(get_args(PriceLevel)))
def test_best_price_is_what_a_search_finds(chain: Chain, sigma: float, level: PriceLevel) -> None:
    fob = chain.fob(level, best_price(chain, sigma, level))
    assert fob == pytest.approx(searched(chain, sigma, level), rel=1e-3)


def test_best_landed_price_by_hand() -> None:
    """1.5 × 1.1 × (95 / 0.95 + 20) = 198."""
    chain = Chain(cost_usd=95, proportional=0.05, freight_usd=20, duty=0.1)
    assert best_price(chain, 3) == pytest.approx(198)
    assert best_price(chain, 3, "cif") == pytest.approx(180)
    assert best_price(chain, 3, "fob") == pytest.approx(150)


@given(CHAINS, SIGMAS, st.sampled_from(get_args(PriceLevel)))
def test_the_best_price_implies_its_elasticity(
    chain: Chain, sigma: float, level: PriceLevel
) -> None:
    fob = chain.fob(level, best_price(chain, sigma, level))
    assert implied_sigma(chain, fob, level) == pytest.approx(sigma, rel=1e-6)


def test_no_elasticity_makes_a_price_at_cost_the_best() -> None:
    assert implied_sigma(Chain(cost_usd=100), 100) == float("inf")


@given(st.floats(0.5, 2), SIGMAS, st.floats(0, 1))
def test_rivals_that_follow_leave_the_written_formula(
    ratio: float, sigma: float, match: float
) -> None:
    rivals = ratio**match
    written = ratio**-sigma * rivals ** (sigma - 1)
    assert ratio ** -float(quantity_response(sigma, match)) == pytest.approx(written)


def test_how_far_a_price_lies_outside() -> None:
    beyond = outside(np.array([50.0, 100.0, 150.0, 200.0, 400.0]), 100.0, 200.0)
    assert beyond == pytest.approx([np.log(2), 0, 0, 0, np.log(2)])
