"""What a reform changes of one segment, by hand: one that begins, one that ends, one that stays."""

from types import SimpleNamespace
from typing import Any

import pytest

from offing.policy.comparison import Comparison, SegmentChange, Totals


@pytest.mark.parametrize(
    ("before", "after", "margin"),
    [(None, None, 0.0), (None, 5.0, 5.0), (4.0, None, -4.0), (4.0, 5.0, 1.0)],
)
def test_the_margin_that_a_reform_brings(
    before: float | None, after: float | None, margin: float
) -> None:
    sides: list[Any] = [
        None if value is None else SimpleNamespace(margin=value) for value in (before, after)
    ]
    change = SegmentChange("TV", "DEU", *sides)
    assert change.margin == margin


@pytest.mark.parametrize(
    ("before", "after", "uncosted"),
    [(9.0, 8.0, ()), (9.0, None, ("DEU",)), (None, None, ()), (None, 8.0, ())],
)
def test_markets_that_a_reform_leaves_without_a_landed_cost(
    before: float | None, after: float | None, uncosted: tuple[str, ...]
) -> None:
    sides: list[Any] = [SimpleNamespace(landed=landed) for landed in (before, after)]
    segments = (SegmentChange("TV", "DEU", *sides), SegmentChange("radio", "DEU", *sides))
    nothing = Totals(0, 0, 0, 0)
    made = Comparison("x", nothing, nothing, segments, (), (), (), 0)
    assert made.uncosted == uncosted
