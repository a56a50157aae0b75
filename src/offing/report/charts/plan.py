"""Today → later by market: an arrow from a ring; what falls is as plain as what rises."""

from collections.abc import Sequence
from dataclasses import dataclass

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, Scale, fits, linear_ticks, text_width
from offing.terms.messages import say
from offing.terms.numbers import MoneyColumn

HEAD, ROW, FOOT = 24.0, 25.0, 4.0
LEFT, RIGHT, NARROW = 100.0, 262.0, 225.0
LABEL, VALUE = 0.0, WIDTH - 2.0
ARROW = 7.0
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


def draw(name: str, title: str, rows: Sequence[Arrow], column: MoneyColumn) -> str:
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
        say(
            "report.plan_desc_row",
            segment=row.name,
            now=column.amount(row.now or 0.0),
            planned=column.amount(row.planned or 0.0),
        )
        for row in rows
    )
    height = HEAD + ROW * len(rows) + FOOT
    pen = Drawing(name, height, title, said)
    _axis(pen, x, height, column)
    for number, row in enumerate(rows):
        y = HEAD + ROW * number + ROW / 2
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
        pen.line(x(tick), HEAD - 4, x(tick), height, "axis" if tick == 0 else "grid")
        pen.text(x(tick), HEAD - 9, f"{tick / column.size:,.10g}", "soft", "middle")
    pen.text(VALUE, HEAD - 9, column.unit, "soft", "end")


def _row(pen: Drawing, row: Arrow, y: float, x: Scale, values: str) -> None:
    base = y + 4
    kind = "move" if row.moved else "drift"
    pen.text(LABEL, base, fits(row.name, LEFT - 20, row.short), "strong" if row.moved else "")
    pen.text(VALUE, base, values, f"{kind}-text", "end")
    now, planned = x(row.now or 0.0), x(row.planned or 0.0)
    if abs(planned - now) > ARROW + 2:
        step = ARROW if planned > now else -ARROW
        pen.line(now, y, planned - step, y, f"{kind}-line")
        pen.path(f"M{planned:.1f} {y:.1f}l{-step:.1f} -5v10z", f"{kind}-head")
    elif row.planned is not None:
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
