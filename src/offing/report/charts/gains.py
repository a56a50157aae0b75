"""The map of who gains and who loses real income: full circles gain, open ones lose."""

from collections.abc import Mapping

from offing.report import words
from offing.report.charts.map import LARGEST, SMALLEST, radius
from offing.report.drawing import WIDTH, Drawing
from offing.report.world_map import WorldMap, centre_for
from offing.terms.countries import all_countries, country_name
from offing.terms.messages import say
from offing.terms.numbers import change

NAMED = 6


def draw(name: str, changes: Mapping[str, float], home: str = "CHN") -> str:
    """The change of each country's real income as a circle, its area in proportion.

    Args:
        name: unique on the page.
        changes: alpha-3 → share; places that the map does not know are left out.
        home: the country that the map is laid out for.
    """
    world = WorldMap(WIDTH, centre_for(home))
    places = {code: at for code in changes if (at := world.place(code)) is not None}
    order = sorted(places, key=lambda code: (-abs(changes[code]), code))
    largest = max((abs(changes[code]) for code in order), default=0.0)
    most = [code for code in order if abs(changes[code]) > 0][:NAMED]
    described = words.series(f"{_name(code)} {change(changes[code])}" for code in most)
    pen = Drawing(
        name,
        world.height,
        say("equilibrium.map_heading"),
        say("equilibrium.map_desc", most=described or say("report.none")),
        width=WIDTH,
    )
    pen.path(world.land(), "land", transform="scale(.5)")
    for code in order:
        size = radius(abs(changes[code]), largest) if largest else SMALLEST
        kind = "planned" if changes[code] >= 0 else "loss-bar"
        pen.open(f"{_name(code)} {change(changes[code])}")
        pen.circle(*places[code], min(size, LARGEST), kind)
        pen.close()
    return pen.svg()


def _name(code: str) -> str:
    return country_name(code) if code in all_countries() else code
