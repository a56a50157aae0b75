"""The cost of one unit from the factory to landed, step by step."""

from math import fsum

from offing.landed.costed import CostLine, Quote
from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, text_width
from offing.rules.rule_use import Status
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import fixed, price, price_places

NAMES, VALUES = 138.0, 58.0
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


def status_of(line: CostLine) -> Status | None:
    """What a line rests on: its rule, else the user's figure; ``None`` for what is worked out."""
    if line.subtotal or line.name == MARGIN:
        return None
    return line.rule.status if line.rule else "user"


def line_name(line: CostLine) -> str:
    """A line's name with the mark of its rule."""
    status = status_of(line)
    mark = MARKS[status] if status else ""
    return f"{words.named(f'landed.line_{line.name}')} {mark}".rstrip()


def wrapped(text: str, width: float) -> list[str]:
    """A text in lines that fit, broken between words, or between characters in Chinese."""
    units = list(text) if language() == "zh" else text.split(" ")
    joint = "" if language() == "zh" else " "
    lines = [units[0]]
    for unit in units[1:]:
        longer = lines[-1] + joint + unit
        if text_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(unit)
    return lines


def draw(name: str, quote: Quote) -> str:
    """The waterfall of one unit as SVG: costs add up downwards, sums start at nothing."""
    rows = [(line, wrapped(line_name(line), NAMES - 6)) for line in quote.lines]
    heights = [max(ROW, LINE * len(text) + 9) for _, text in rows]
    per_unit = [float(line.per_unit) for line in quote.lines]
    high = max([*_tops(quote), 0.0]) or 1.0
    low = min([*_tops(quote), 0.0])
    x = Axis(low, high, NAMES, WIDTH - VALUES)
    market = country_name(quote.destination)
    landed = price(float(quote.landed) / float(quote.quantity), quote.currency)
    pen = Drawing(
        name,
        fsum(heights) + 8,
        say("report.cost_title", market=market),
        say("report.cost_desc", market=market, landed=landed, unit=words.unit(quote.unit)),
    )
    y, running = 4.0, 0.0
    places = price_places(per_unit)
    for (line, text), height, value in zip(rows, heights, per_unit, strict=True):
        start = 0.0 if line.subtotal else running
        end = value if line.subtotal else running + value
        if line.subtotal:
            pen.rect(0, y, WIDTH, height, "sum-row")
        first = y + height / 2 - LINE * (len(text) - 1) / 2 + 4.2
        for number, fragment in enumerate(text):
            cls = "strong" if line.subtotal else ""
            pen.text(2, first + LINE * number, fragment, cls)
        cls = _bar(line)
        a, b = sorted((x(start), x(end)))
        pen.rect(a, y + height / 2 - 7, max(b - a, 1.2), 14, cls)
        pen.text(
            WIDTH - 2,
            y + height / 2 + 4.2,
            fixed(value, places),
            "strong" if line.subtotal else "",
            "end",
        )
        running = end
        y += height
    pen.line(x(0), 0, x(0), y + 4, "axis")
    return pen.svg()


def _bar(line: CostLine) -> str:
    if line.subtotal:
        return "sum-bar"
    if line.name == MARGIN:
        return "gain-bar" if line.amount >= 0 else "loss-bar"
    return "back-bar" if line.recoverable else "cost-bar"


def _tops(quote: Quote) -> list[float]:
    running, tops = 0.0, []
    for line in quote.lines:
        running = float(line.per_unit) if line.subtotal else running + float(line.per_unit)
        tops.append(running)
    return tops
