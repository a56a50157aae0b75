"""Rows with an interval each: ways of ranking and what they captured, fairs and what they bring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from offing.forecast.results import Score
from offing.report import words
from offing.report.drawing import STACKED, Axis, Drawing, Lanes, fits, linear_ticks, text_width
from offing.terms.messages import say
from offing.terms.numbers import fixed_decimals, percent, percent_range

HEAD = 26.0


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


def draw(
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
    height = HEAD + lanes.row * len(rows) + 6
    pen = Drawing(name, height, title, described, width=lanes.width)
    _scale(pen, x, height, shares=shares)
    write: Callable[[float], str] = percent if shares else partial(fixed_decimals, places=1)
    for number, row in enumerate(rows):
        y, kind = HEAD + lanes.row * number, "ours" if row.ours else "rival"
        middle = y + lanes.line_at
        value, low_end, high_end = map(write, (row.value, row.low, row.high))
        pen.open(f"{row.label} {value} ({low_end} – {high_end})")
        pen.whisker(x(row.low), x(row.high), middle, f"{kind}-whisker")
        pen.circle(x(row.value), middle, 5.5, "ours-fill" if row.ours else "rival-dot")
        label = fits(row.label, lanes.label_room + 60, row.short or row.label)
        pen.text(lanes.label, y + lanes.label_at, label, "strong ours-text" if row.ours else "halo")
        pen.text(lanes.value, y + lanes.label_at, row.text, "halo strong", "end")
        pen.close()
    return pen.svg()


def _scale(pen: Drawing, x: Axis, height: float, *, shares: bool) -> None:
    for tick in (0.0, 0.5, 1.0) if shares else linear_ticks(x.low, x.high, about=4):
        at, text = x(tick), percent(tick) if shares else f"{tick:,.10g}"
        half = text_width(text) / 2
        pen.line(at, HEAD - 6, at, height, "grid")
        pen.text(min(max(at, half), pen.width - half), HEAD - 11, text, "soft", "middle")


def rival_name(rival: str) -> str:
    """A way of ranking in words."""
    return words.message_or_last(f"market.rival_{rival}")


def draw_scores(
    name: str, scores: Sequence[Score], ours: str | None, top: int, lanes: Lanes = STACKED
) -> str:
    """One line for each way of ranking with its 95 % interval; ``ours`` is the one in use."""
    described = words.series(
        say(
            "report.proof_desc_row",
            rival=rival_name(s.rival),
            share=percent(s.value, 0),
            range=percent_range(s.low, s.high),
        )
        for s in scores
    )
    rows = [
        Whisker(rival_name(s.rival), s.value, s.low, s.high, percent(s.value, 0), s.rival == ours,
                s.rival)
        for s in scores
    ]  # fmt: skip
    return draw(name, say("report.proof_title", top=top), described, rows, lanes, shares=True)
