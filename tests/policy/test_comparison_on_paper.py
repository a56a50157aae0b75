"""What a reform changes of one segment, by hand: one that begins, one that ends, one that stays."""

from types import SimpleNamespace
from typing import Any

import pytest

from offing.policy.comparison import SegmentChange


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
