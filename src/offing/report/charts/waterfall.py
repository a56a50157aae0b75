"""From bar to bar down the page: what adds up to a sum, such as the cost of one unit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from offing.landed.shipment import CostLine, Quote
from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, text_width
from offing.rules.rule_use import Status
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import fixed_decimals, price, price_places

NAMES, VALUES = 138.0, 10.0
ROW, LINE = 24.0, 13.0
MARKS: dict[Status, str] = {
    "official": "",
    "official_exceptions_not_read": "±",
    "secondary": "",
    "recalled": "◇",
    "illustrative": "◇",
    "user": "○",
}
"""Set after a line's name: what the rule behind it is worth."""
MARGIN = "margin"
"""The line that is left at the price asked; no cost, so it is set off."""
SUM = "sum-bar"


@dataclass(frozen=True)
class WaterfallBar:
    """A row: its name, how it is written, and how it is drawn; a ``sum-bar`` starts at nothing."""

    name: str
    value: float
    text: str
    kind: str


def draw(name: str, title: str, described: str, bars: Sequence[WaterfallBar]) -> str:
    """The bars as SVG: parts add up downwards, sums start at nothing.

    Args:
        name: unique on the page.
        title: of the picture.
        described: for who does not see it.
        bars: in their order.
    """
    rows = [wrap_lines(bar.name, NAMES - 6) for bar in bars]
    heights = [max(ROW, LINE * len(row) + 9) for row in rows]
    ends: list[float] = []
    for bar in bars:
        running = 0.0 if bar.kind == SUM or not ends else ends[-1]
        ends.append(running + bar.value)
    right = WIDTH - VALUES - max((text_width(bar.text) for bar in bars), default=0.0)
    x = Axis(min([0.0, *ends]), max([0.0, *ends]) or 1.0, NAMES, right)
    pen = Drawing(name, fsum(heights) + 8, title, described)
    y = 4.0
    for bar, row, height, end in zip(bars, rows, heights, ends, strict=True):
        strong = "strong" if bar.kind == SUM else ""
        pen.open(f"{bar.name} {bar.text}")
        if strong:
            pen.rect(0, y, WIDTH, height, "sum-row")
        first = y + height / 2 - LINE * (len(row) - 1) / 2 + 4.2
        for number, fragment in enumerate(row):
            pen.text(2, first + LINE * number, fragment, strong)
        a, b = sorted((x(end - bar.value), x(end)))
        pen.rect(a, y + height / 2 - 7, max(b - a, 1.2), 14, bar.kind)
        pen.text(WIDTH - 2, y + height / 2 + 4.2, bar.text, strong, "end")
        pen.close()
        y += height
    pen.line(x(0), 0, x(0), y + 4, "axis")
    return pen.svg()


def draw_quote(name: str, quote: Quote) -> str:
    """The cost of one unit from the factory to landed, step by step."""
    places = price_places(float(line.per_unit) for line in quote.lines)
    bars = [
        WaterfallBar(
            line_name(line),
            float(line.per_unit),
            fixed_decimals(float(line.per_unit), places),
            _kind(line),
        )
        for line in quote.lines
    ]
    market = country_name(quote.destination)
    landed = price(float(quote.landed) / float(quote.quantity), quote.currency)
    described = f"{market} {landed}/{words.unit(quote.unit)}"
    return draw(name, say("report.cost_title", market=market), described, bars)


def _kind(line: CostLine) -> str:
    if line.subtotal:
        return SUM
    if line.name == MARGIN:
        return "gain-bar" if line.amount >= 0 else "loss-bar"
    return "back-bar" if line.recoverable else "cost-bar"


def status_of(line: CostLine) -> Status | None:
    """What a line rests on: its rule, else a figure; ``None`` for what is worked out."""
    if line.subtotal or line.name == MARGIN:
        return None
    if line.rule is not None:
        return line.rule.status
    return "illustrative" if line.illustrative else "user"


def line_name(line: CostLine) -> str:
    """A line's name with the mark of its rule."""
    status = status_of(line)
    mark = MARKS[status] if status else ""
    return f"{words.message_or_last(f'landed.line_{line.name}')} {mark}".rstrip()


def wrap_lines(text: str, width: float) -> list[str]:
    """A text in lines that fit, broken between words, or between characters in Chinese.

    There numbers stay whole, and no line begins with a mark.
    """
    units, joint = text.split(" "), " "
    if language() == "zh":
        units, joint = re.findall(r"(?:[!-~−]+(?:\xa0.)?|.)[，。；：、）”]*", text), ""
    lines = [units[0]]
    for unit in units[1:]:
        longer = lines[-1] + joint + unit
        if text_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(unit)
    return lines
