"""A bar a row, the longest first: markets and what is sold there, with those that are touched."""

from collections.abc import Sequence

from offing.report.drawing import STACKED, Axis, Drawing, Lanes, fits

HEAD, BAR = 6.0, 13.0
Bar = tuple[str, float, str, bool]
"""A name, a value of nought or more, what stands at the right, whether it is set off."""


def draw(name: str, title: str, described: str, rows: Sequence[Bar], lanes: Lanes = STACKED) -> str:
    """Bars from nought on one scale.

    Args:
        name: unique on the page.
        title: of the picture.
        described: the same in words.
        rows: in the order to draw them.
        lanes: where names, bars and texts stand.
    """
    highest = max((value for _, value, _, _ in rows), default=0.0) or 1.0
    x = Axis(0.0, highest, lanes.left, lanes.right)
    pen = Drawing(name, HEAD + lanes.row * len(rows) + 6, title, described, width=lanes.width)
    for number, (label, value, text, set_off) in enumerate(rows):
        y = HEAD + lanes.row * number
        kind, top = "gain-bar" if set_off else "cost-bar", y + lanes.line_at - BAR / 2
        pen.open(f"{label} {text}")
        pen.line(x(0.0), top - 2, x(0.0), top + BAR + 2, "axis")  # beside bars alone, not names
        pen.rect(x(0.0), top, max(x(value) - x(0.0), 0.8), BAR, kind)
        pen.text(lanes.label, y + lanes.label_at, fits(label, lanes.label_room, label[:8]), "halo")
        pen.text(lanes.value, y + lanes.label_at, text, "halo", "end")
        pen.close()
    return pen.svg()
