"""The map: where places fall, and that the shipped geometry holds every trading country."""

import re

import pytest
from tools.make_world_map import cut

from offing.report.blocks import Figures
from offing.report.charts.map import ATLANTIC, PACIFIC, MappedSales, WorldMap, natural_earth, point
from offing.report.drawing import PAGE, WIDTH
from offing.report.views.markets import map_blocks
from offing.terms.countries import all_countries
from offing.terms.messages import using_language

# Patterson's table of the projection, to which the polynomial was fitted: the length of a parallel
# and its distance from the equator, as shares of the equator's length and the pole's distance
# (en.wikipedia.org/wiki/Natural_Earth_projection, "Definition"). The fit is good to 0.001; only the
# pole line, which no map here shows, is drawn shorter (0.550) to round the corners.
TABLE = {
    0: (1.0, 0.0), 15: (0.9894, 0.1860), 30: (0.9570, 0.3720), 45: (0.9006, 0.5571),
    60: (0.8196, 0.7346), 75: (0.7160, 0.8936),
}  # fmt: skip

ISLETS = {"BES", "BVT", "CCK", "CXR", "GIB", "GLP", "GUF", "MTQ", "MYT", "REU", "SJM", "TKL"}
ISLETS |= {"TUV", "UMI", "XKX"}


@pytest.mark.parametrize("latitude", sorted(TABLE))
def test_projection_follows_the_published_table(latitude: int) -> None:
    length, distance = TABLE[latitude]
    x, y = natural_earth(180, latitude)
    assert x / natural_earth(180, 0)[0] == pytest.approx(length, abs=0.001)
    assert y / natural_earth(0, 90)[1] == pytest.approx(distance, abs=0.001)


def test_every_country_has_a_place() -> None:
    missing = {
        code
        for code, country in all_countries().items()
        if country.kind == "country" and point(code) is None
    }
    assert missing <= ISLETS


@pytest.mark.parametrize("centre", [ATLANTIC, PACIFIC])
@pytest.mark.parametrize("width", [WIDTH, PAGE])
def test_land_stays_on_the_map(centre: float, width: float) -> None:
    path = WorldMap(centre, width).land()
    for part in path.split("z")[:-1]:
        head = re.match(r"M(-?\d+) (-?\d+)", part)
        assert head is not None
        steps = [int(n) for n in re.findall(r"-?\d+", part[head.end() :])]
        x, y = int(head[1]), int(head[2])
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            assert -1 <= x <= 2 * width + 1
            # No step jumps across the map, as an outline torn at the date line would.
            assert abs(dx) < width


def test_cutting_keeps_the_area() -> None:
    def area(ring: list[tuple[float, float]]) -> float:
        pairs = zip(ring, ring[1:] + ring[:1], strict=True)
        return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2

    square = [(-40.0, 0.0), (-20.0, 0.0), (-20.0, 10.0), (-40.0, 10.0)]
    parts = cut(square, 150)
    assert len(parts) == 2
    assert sum(map(area, parts)) == pytest.approx(200)


def test_the_title_names_whom_the_plan_sells_most() -> None:
    """Its figure is the plan's: who was first until now does not stand beside it."""
    sales = MappedSales({"KOR": 447.0, "ARE": 369.0}, {"KOR": 300.0, "ARE": 517.0}, "CNY", "CHN")
    with using_language("en"):
        figures, *_ = map_blocks(sales, "", "")
    assert isinstance(figures, Figures)
    assert figures.figures[0].heading.startswith("South Korea first, CNY\xa0447")
