"""What moved a value from one year to the next: from bar to bar, down the page."""

from collections.abc import Sequence
from math import fsum

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing
from offing.terms.messages import say
from offing.terms.numbers import (
    money,
    signed_money,
)

NAMES, VALUES, ROW = 96.0, 104.0, 27.0


def draw(
    name: str,
    before: tuple[str, float],
    parts: Sequence[tuple[str, float]],
    now: tuple[str, float],
    width: float = WIDTH,
) -> str:
    """The bars of two years with the parts between them, which add up.

    Args:
        name: unique on the page.
        before: name and value of the first year.
        parts: of the change, each with its name.
        now: name and value of the second year.
        width: of the picture.
    """
    ends = [before[1]]
    for _, value in parts:
        ends.append(ends[-1] + value)
    x = Axis(min(0.0, *ends), max(*ends, now[1]) or 1.0, NAMES, width - VALUES)
    told = words.series(f"{part} {signed_money(value, 'USD')}" for part, value in parts)
    pen = Drawing(
        name,
        ROW * (len(parts) + 2) + 8,
        say("province.change_title"),
        say("province.change_desc", before=money(before[1]), now=money(now[1]), parts=told),
        width=width,
    )
    rows = [(*before, 0.0, "sum-bar")]
    for (label, value), start in zip(parts, ends, strict=False):
        rows.append((label, value, start, "gain-bar" if value >= 0 else "loss-bar"))
    rows.append((*now, 0.0, "sum-bar"))
    for number, (label, value, start, kind) in enumerate(rows):
        middle = 4 + ROW * (number + 0.5)
        strong = "strong" if kind == "sum-bar" else ""
        low, high = sorted((x(start), x(fsum((start, value)))))
        pen.text(2, middle + 4.2, label, strong)
        pen.rect(low, middle - 8, max(high - low, 1.2), 16, kind)
        pen.text(
            width - 2,
            middle + 4.2,
            money(value) if strong else signed_money(value, "USD"),
            strong,
            "end",
        )
    pen.line(x(0), 0, x(0), ROW * len(rows) + 8, "axis")
    return pen.svg()
