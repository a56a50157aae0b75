"""Rows on one scale: intervals (区间), a tornado (龙卷风图), arrows from today to the plan."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from offing.forecast.results import Score
from offing.report import words
from offing.report.drawing import (
    STACKED,
    WIDTH,
    Axis,
    Drawing,
    Lanes,
    Scale,
    fits,
    linear_ticks,
    text_width,
)
from offing.terms.messages import say
from offing.terms.numbers import MoneyColumn, fixed_decimals, percent, percent_range

TOP, HEAD, BAR = 6.0, 26.0, 13.0
"""Above the first row, the same with a scale, and the height of a bar."""
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
        f"{label} {column.amount(low)} / {column.amount(high)}" for label, _, low, high in swings
    )
    title = say("planning.tornado_title", share=percent(share, 0))
    ticks = linear_ticks(x.low / column.size, x.high / column.size, about=4)
    marks = [(x(tick * column.size), f"{tick:,.10g}") for tick in ticks]
    pen = _scale(name, title, described, len(swings), lanes, marks)
    pen.line(x(gain), HEAD - 6, x(gain), pen.height, "axis")
    for number, (label, short, below, above) in enumerate(swings):
        y = HEAD + lanes.row * number
        values = f"{column.cell(below)} / {column.cell(above)}"
        pen.open(f"{label} {values}")
        bars = ((below, "tornado-low"), (above, "tornado-high"))
        # Where both lie on one side, the shorter one is drawn over the longer.
        for end, cls in sorted(bars, key=lambda bar: -abs(bar[0] - gain)):
            a, b = sorted((x(gain), x(end)))
            pen.rect(a, y + lanes.line_at - BAR / 2, max(b - a, 0.8), BAR, cls)
        _label(pen, lanes, y, fits(label, lanes.label_room, short), values)
        pen.close()
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
    write: Callable[[float], str] = percent if shares else partial(fixed_decimals, places=1)
    for number, row in enumerate(rows):
        y, kind = HEAD + lanes.row * number, "ours" if row.ours else "rival"
        middle = y + lanes.line_at
        value, low_end, high_end = map(write, (row.value, row.low, row.high))
        pen.open(f"{row.label} {value} ({low_end} – {high_end})")
        pen.whisker(x(row.low), x(row.high), middle, f"{kind}-whisker")
        pen.circle(x(row.value), middle, 5.5, "ours-fill" if row.ours else "rival-dot")
        label = fits(row.label, lanes.label_room + 60, row.short or row.label)
        styles = "strong ours-text" if row.ours else "halo", "halo strong"
        _label(pen, lanes, y, label, row.text, styles)
        pen.close()
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
        f"{rival} {share} ({percent_range(s.low, s.high)})" for rival, s, share in shown
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


ARROW_HEAD, ROW, FOOT = 24.0, 25.0, 4.0
LEFT, RIGHT, NARROW = 100.0, 262.0, 225.0
LABEL, VALUE = 0.0, WIDTH - 2.0
ARROW = 7.0
RING, LEAST_HEAD = 5.5, 3.5
"""What a ring covers from its middle; a head that would be shorter outside of it is left out."""
APART = 3.0
"""Between the head of an arrow and the stroke of what would be without the move, at least."""


@dataclass(frozen=True)
class Arrow:
    """A market today and as planned or under a change, such as its sales.

    Attributes:
        name: of the market, or of the others together.
        short: where there is less room.
        now: sales today, a year; ``None`` where it is new.
        planned: sales of the plan's last year; ``None`` where it is left.
        moved: whether the plan makes a move there; else the market alone changes.
        still: sales of the plan's last year if nothing is done.
    """

    name: str
    short: str
    now: float | None
    planned: float | None
    moved: bool
    still: float = 0.0


def draw_arrows(name: str, title: str, rows: Sequence[Arrow], column: MoneyColumn) -> str:
    """The markets as SVG, in their order.

    Args:
        name: unique on the page.
        title: of the picture.
        rows: markets, in the order to draw them.
        column: the unit of all amounts.
    """
    ends = [value for row in rows for value in (row.now, row.planned) if value is not None]
    lowest, highest = min([0.0, *ends]), max([0.0, *ends]) or 1.0

    # The lines give way to the longest pair, so that today stands beside the plan in every row.
    widest = max((_width(_pair(row, column), row) for row in rows), default=0.0)
    right = max(NARROW, min(RIGHT, VALUE - widest - 14))
    x = Axis(lowest, highest, LEFT, right)
    said = words.series(
        f"{row.name} {column.amount(row.now or 0.0)} → {column.amount(row.planned or 0.0)}"
        for row in rows
    )
    height = ARROW_HEAD + ROW * len(rows) + FOOT
    pen = Drawing(name, height, title, said)
    _axis(pen, x, height, column)
    for number, row in enumerate(rows):
        y = ARROW_HEAD + ROW * number + ROW / 2
        pen.open(f"{row.name} {_pair(row, column)}")
        pen.line(LEFT, y, right, y, "track")
        text = _pair(row, column)
        # A pair that is longer still would run into the line: the plan's figure says the more.
        text = text if _width(text, row) <= VALUE - right - 6 else text.rpartition("→ ")[2]
        _row(pen, row, y, x, text)
        pen.close()
    return pen.svg()


def _width(text: str, row: Arrow) -> float:
    return text_width(text, bold=row.moved)


def _axis(pen: Drawing, x: Axis, height: float, column: MoneyColumn) -> None:
    for tick in linear_ticks(x.low, x.high, about=3):
        pen.line(x(tick), ARROW_HEAD - 4, x(tick), height, "axis" if tick == 0 else "grid")
        pen.text(x(tick), ARROW_HEAD - 9, f"{tick / column.size:,.10g}", "soft", "middle")
    pen.text(VALUE, ARROW_HEAD - 9, column.unit, "soft", "end")


def _row(pen: Drawing, row: Arrow, y: float, x: Scale, values: str) -> None:
    base = y + 4
    kind = "move" if row.moved else "drift"
    pen.text(LABEL, base, fits(row.name, LEFT - 20, row.short), "strong" if row.moved else "")
    pen.text(VALUE, base, values, f"{kind}-text", "end")
    now, planned = x(row.now or 0.0), x(row.planned or 0.0)
    head = min(ARROW, abs(planned - now) - RING)
    if head >= LEAST_HEAD:
        step, half = (head if planned > now else -head), head * 5 / ARROW
        pen.line(now, y, planned - step, y, f"{kind}-line")
        pen.path(f"M{planned:.1f} {y:.1f}l{-step:.1f} {-half:.1f}v{2 * half:.1f}z", f"{kind}-head")
    elif row.now is None and row.planned is not None:
        pen.circle(planned, y, 3.5, f"{kind}-head")
    if row.moved and row.still > 0 and abs(x(row.still) - planned) > APART:
        pen.line(x(row.still), y - 7, x(row.still), y + 7, "still")
    if row.now is not None:
        pen.circle(now, y, 4, "today")
    if row.planned is None:
        pen.path(f"M{planned - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10", "gone")


def _pair(row: Arrow, column: MoneyColumn) -> str:
    """Sales today and as planned, as the row has them."""
    now = say("report.screen_new") if row.now is None else column.cell(row.now)
    planned = say("report.screen_left") if row.planned is None else column.cell(row.planned)
    return f"{now} → {planned}"
