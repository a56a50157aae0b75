"""A shock in its parts, as a province's firms are asked it: at its own size and at another."""

from pathlib import Path

import pytest

from offing.policy.overlay import today
from offing.study.firm_exposure import measure_of_shock
from study.stand_ins import shock

CRASH = """
[[imports]]
markets = ["DEU"]
change = "-20%"
[[closed]]
weeks = 4
[[closed]]
weeks = 9
"""


@pytest.mark.parametrize(
    ("size", "sizes"), [(1.0, (-0.2, -13 / 52)), (2.0, (-0.36, -0.5)), (9.0, (0.8**9 - 1, -1.0))]
)
def test_a_fall_repeats_and_weeks_add_up(
    tmp_path: Path, size: float, sizes: tuple[float, ...]
) -> None:
    """As in a study: twice a fall of 20 % is 36 %, and no year has more than 52 weeks."""
    parts = measure_of_shock(shock(tmp_path, CRASH).scale_to(size), today(), "CHN").parts
    assert tuple(part.size for part in parts) == pytest.approx(sizes)
