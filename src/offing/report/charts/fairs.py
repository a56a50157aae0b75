"""What a yuan of support brings at each fair, with its interval; filled where places are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from offing.report.drawing import STACKED, Axis, Drawing, Lanes, fits, linear_ticks, text_width
from offing.terms.messages import say
from offing.terms.numbers import fixed

HEAD = 26.0


@dataclass(frozen=True)
class YuanBrings:
    """A fair by its name: recorded exports a yuan paid for its places, and how many are chosen."""

    fair: str
    brings: float
    low: float
    high: float
    places: int
    offered: int


def draw(name: str, fairs: Sequence[YuanBrings], lanes: Lanes = STACKED) -> str:
    """A whisker a fair, in the order given.

    Args:
        name: unique on the page.
        fairs: in the order to draw them.
        lanes: where names, whiskers and places stand.
    """
    most = max(fair.high for fair in fairs)
    x = Axis(min(0.0, *(fair.low for fair in fairs)), most or 1.0, lanes.left, lanes.right)
    height = HEAD + lanes.row * len(fairs) + 6
    described = "; ".join(f"{fair.fair} {fixed(fair.brings, 1)}" for fair in fairs)
    title = say("fairs.chart_title")
    pen = Drawing(name, height, title, described, width=lanes.width)
    for tick in linear_ticks(x.low, x.high, about=4):
        at, text = x(tick), f"{tick:,.10g}"
        half = text_width(text) / 2
        pen.line(at, HEAD - 6, at, height, "grid")
        pen.text(min(max(at, half), lanes.width - half), HEAD - 11, text, "soft", "middle")
    for number, fair in enumerate(fairs):
        y = HEAD + lanes.row * number
        middle, kind = y + lanes.line_at, "ours" if fair.places else "rival"
        pen.whisker(x(fair.low), x(fair.high), middle, f"{kind}-whisker")
        pen.circle(x(fair.brings), middle, 5, "ours-fill" if fair.places else "rival-dot")
        label = fits(fair.fair, lanes.label_room, fair.fair)
        pen.text(lanes.label, y + lanes.label_at, label, "halo")
        places = say("fairs.chart_places", places=fair.places, offered=fair.offered)
        pen.text(lanes.value, y + lanes.label_at, places, "halo", "end")
    return pen.svg()
