"""Concentration: closed forms and exact decompositions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.market.indicators.of_year import hhi, normalised_hhi, theil, theil_by, theil_by_margin

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
