"""The tornado (龙卷风图): the plan's gain with each input lower and higher, the widest first."""

from collections.abc import Sequence

from offing.report import words
from offing.report.drawing import STACKED, Axis, Drawing, Lanes, fits, linear_ticks, text_width
from offing.terms.messages import say
from offing.terms.numbers import MoneyColumn, percent

HEAD = 26.0
BAR = 13.0


Swing = tuple[str, str, float, float]
"""An input by its name, a shorter one, and the gain where it is lower and where it is higher."""


def draw(
    name: str,
    swings: Sequence[Swing],
    gain: float,
    column: MoneyColumn,
    share: float,
    lanes: Lanes = STACKED,
) -> str:
    """A bar on each side of the gain as assumed: open for the lower input, filled for the higher.

    Args:
        name: unique on the page.
        swings: in the order to draw them.
        gain: as assumed.
        column: the unit of all amounts.
        share: how far inputs are moved.
        lanes: where names, bars and values stand.
    """
    ends = [gain, *(end for swing in swings for end in swing[2:])]
    low, high = min(ends), max(ends)
    room = 0.04 * (high - low) or 1.0
    x = Axis(low - room, high + room, lanes.left, lanes.right)
    described = words.series(
        say(
            "planning.tornado_desc",
            name=label,
            low=column.amount(below),
            high=column.amount(above),
        )
        for label, _, below, above in swings
    )
    height = HEAD + lanes.row * len(swings) + 6
    title = say("planning.tornado_title", share=percent(share, 0))
    pen = Drawing(name, height, title, described, width=lanes.width)
    for tick in linear_ticks(x.low / column.size, x.high / column.size, about=4):
        at = x(tick * column.size)
        pen.line(at, HEAD - 6, at, height, "grid")
        text = f"{tick:,.10g}"
        half = text_width(text) / 2
        pen.text(min(max(at, half), lanes.width - half), HEAD - 11, text, "soft", "middle")
    pen.line(x(gain), HEAD - 6, x(gain), height, "axis")
    for number, (label, short, below, above) in enumerate(swings):
        y = HEAD + lanes.row * number
        middle = y + lanes.line_at
        values = f"{column.cell(below)} / {column.cell(above)}"
        pen.open(f"{label} {values}")
        bars = ((below, "tornado-low"), (above, "tornado-high"))
        # Where both lie on one side, the shorter one is drawn over the longer.
        for end, cls in sorted(bars, key=lambda bar: -abs(bar[0] - gain)):
            a, b = sorted((x(gain), x(end)))
            pen.rect(a, middle - BAR / 2, max(b - a, 0.8), BAR, cls)
        text = fits(label, lanes.label_room, short)
        pen.text(lanes.label, y + lanes.label_at, text, "halo")
        pen.text(lanes.value, y + lanes.label_at, values, "halo", "end")
        pen.close()
    return pen.svg()
