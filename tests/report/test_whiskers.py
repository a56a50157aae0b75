"""The picture of a programme of fairs: what a yuan brings, on a true scale."""

import re
from xml.etree import ElementTree

import pytest

from offing.report.charts.bars import Whisker, draw_whiskers
from offing.report.drawing import BESIDE, STACKED

FAIRS = (
    Whisker("Bangkok", 40.0, 30.0, 50.0, "24 of 25 places", True),
    Whisker("Dubai", 10.0, 10.0, 10.0, "0 of 30 places", False),
    Whisker("Lima", 0.0, -5.0, 5.0, "", False),
)


def places(picture: str) -> list[tuple[float, str]]:
    """Of each dot, where it stands and in which colour."""
    dots = re.findall(r"<circle [^>]*>", picture)
    found = [dict(re.findall(r'(\w+)="([^"]*)"', dot)) for dot in dots]
    return [(float(dot["cx"]), dot["class"]) for dot in found]


def test_dots_stand_on_one_scale_and_the_chosen_ones_are_ours() -> None:
    for lanes in (STACKED, BESIDE):
        picture = draw_whiskers("fairs", "", "", FAIRS, lanes)
        ElementTree.fromstring(picture)
        (high, ours), (middle, other), (low, _) = places(picture)
        assert (high - low) / (middle - low) == pytest.approx(4.0, abs=0.01)  # tenths of a pixel
        assert (ours, other) == ("ours-fill", "rival-dot")
        assert "24 of 25 places" in picture
        assert "0 of 30 places" in picture
