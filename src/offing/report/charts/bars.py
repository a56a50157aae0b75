"""Rows on one scale: bars from nought, intervals (区间), a tornado (龙卷风图)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from offing.forecast.results import Score
from offing.report import words
from offing.report.drawing import STACKED, Axis, Drawing, Lanes, fits, linear_ticks, text_width
from offing.terms.messages import say
from offing.terms.numbers import MoneyColumn, percent, percent_range

TOP, HEAD, BAR = 6.0, 26.0, 13.0
"""Above the first row, the same with a scale, and the height of a bar."""
Bar = tuple[str, float, str, bool]
"""A name, a value of nought or more, what stands at the right, whether it is set off."""
Swing = tuple[str, str, float, float]
"""An input by its name, a shorter one, and the gain where it is lower and where it is higher."""


@dataclass(frozen=True)
class Whisker:
    """A row: its name, a value between two ends, what stands at its right, whether it is ours."""

    label: str
    value: float
    low: float
    high: float
    text: str
    ours: bool
    short: str = ""


def draw(name: str, title: str, described: str, rows: Sequence[Bar], lanes: Lanes = STACKED) -> str:
    """Bars from nought on one scale: markets and what is sold there, with those that are touched.

    Args:
        name: unique on the page.
        title: of the picture.
        described: the same in words.
        rows: in the order to draw them.
        lanes: where names, bars and texts stand.
    """
    highest = max((value for _, value, _, _ in rows), default=0.0) or 1.0
    x = Axis(0.0, highest, lanes.left, lanes.right)
    pen = Drawing(name, TOP + lanes.row * len(rows) + 6, title, described, width=lanes.width)
    for number, (label, value, text, set_off) in enumerate(rows):
        y = TOP + lanes.row * number
        kind, top = "gain-bar" if set_off else "cost-bar", y + lanes.line_at - BAR / 2
        pen.line(x(0.0), top - 2, x(0.0), top + BAR + 2, "axis")  # beside bars alone, not names
        pen.rect(x(0.0), top, max(x(value) - x(0.0), 0.8), BAR, kind)
        _label(pen, lanes, y, fits(label, lanes.label_room, label[:8]), text)
    return pen.svg()


def draw_tornado(
    name: str,
    swings: Sequence[Swing],
    gain: float,
    column: MoneyColumn,
    share: float,
    lanes: Lanes = STACKED,
) -> str:
    """The plan's gain with each input lower and higher, the widest first.

    A bar on each side of the gain as assumed: open for the lower input, filled for the higher.

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
        say("planning.tornado_desc", name=label, low=column.amount(low), high=column.amount(high))
        for label, _, low, high in swings
    )
    title = say("planning.tornado_title", share=percent(share, 0))
    ticks = linear_ticks(x.low / column.size, x.high / column.size, about=4)
    marks = [(x(tick * column.size), f"{tick:,.10g}") for tick in ticks]
    pen = _scale(name, title, described, len(swings), lanes, marks)
    pen.line(x(gain), HEAD - 6, x(gain), pen.height, "axis")
    for number, (label, short, below, above) in enumerate(swings):
        y = HEAD + lanes.row * number
        bars = ((below, "tornado-low"), (above, "tornado-high"))
        # Where both lie on one side, the shorter one is drawn over the longer.
        for end, cls in sorted(bars, key=lambda bar: -abs(bar[0] - gain)):
            a, b = sorted((x(gain), x(end)))
            pen.rect(a, y + lanes.line_at - BAR / 2, max(b - a, 0.8), BAR, cls)
        values = f"{column.cell(below)} / {column.cell(above)}"
        _label(pen, lanes, y, fits(label, lanes.label_room, short), values)
    return pen.svg()


def draw_whiskers(
    name: str,
    title: str,
    described: str,
    rows: Sequence[Whisker],
    lanes: Lanes = STACKED,
    *,
    shares: bool = False,
) -> str:
    """A whisker a row, in the order given, on a scale that has nought.

    Args:
        name: unique on the page.
        title: of the picture.
        described: the same in words.
        rows: in the order to draw them.
        lanes: where names, whiskers and texts stand.
        shares: whether the values are parts of a whole, which the scale has too.
    """
    low, high = min(0.0, *(row.low for row in rows)), max(row.high for row in rows)
    x = Axis(low, max(high, 1.0) if shares else high or 1.0, lanes.left, lanes.right)
    ticks = (0.0, 0.5, 1.0) if shares else linear_ticks(x.low, x.high, about=4)
    marks = [(x(tick), percent(tick) if shares else f"{tick:,.10g}") for tick in ticks]
    pen = _scale(name, title, described, len(rows), lanes, marks)
    for number, row in enumerate(rows):
        y, kind = HEAD + lanes.row * number, "ours" if row.ours else "rival"
        middle = y + lanes.line_at
        pen.whisker(x(row.low), x(row.high), middle, f"{kind}-whisker")
        pen.circle(x(row.value), middle, 5.5, "ours-fill" if row.ours else "rival-dot")
        label = fits(row.label, lanes.label_room + 60, row.short or row.label)
        styles = "strong ours-text" if row.ours else "halo", "halo strong"
        _label(pen, lanes, y, label, row.text, styles)
    return pen.svg()


def rival_name(rival: str) -> str:
    """A way of ranking in words."""
    return words.message_or_last(f"market.rival_{rival}")


def draw_scores(
    name: str, scores: Sequence[Score], ours: str | None, top: int, lanes: Lanes = STACKED
) -> str:
    """One line for each way of ranking with its 95 % interval; ``ours`` is the one in use."""
    shown = [(rival_name(s.rival), s, percent(s.value, 0)) for s in scores]
    described = words.series(
        say("report.proof_desc_row", rival=rival, share=share, range=percent_range(s.low, s.high))
        for rival, s, share in shown
    )
    rows = [
        Whisker(rival, s.value, s.low, s.high, share, s.rival == ours, s.rival)
        for rival, s, share in shown
    ]
    title = say("report.proof_title", top=top)
    return draw_whiskers(name, title, described, rows, lanes, shares=True)


def _scale(
    name: str,
    title: str,
    described: str,
    rows: int,
    lanes: Lanes,
    marks: Iterable[tuple[float, str]],
) -> Drawing:
    """An empty picture of so many rows under a scale: places across it, and what stands there."""
    pen = Drawing(name, HEAD + lanes.row * rows + 6, title, described, width=lanes.width)
    for at, text in marks:
        half = text_width(text) / 2
        pen.line(at, HEAD - 6, at, pen.height, "grid")
        pen.text(min(max(at, half), lanes.width - half), HEAD - 11, text, "soft", "middle")
    return pen


def _label(
    pen: Drawing,
    lanes: Lanes,
    y: float,
    label: str,
    text: str,
    styles: tuple[str, str] = ("halo", "halo"),
) -> None:
    """What stands left and right of a row."""
    pen.text(lanes.label, y + lanes.label_at, label, styles[0])
    pen.text(lanes.value, y + lanes.label_at, text, styles[1], "end")
