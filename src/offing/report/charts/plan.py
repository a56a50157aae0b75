"""The plan against today's sales: an open ring for today, a full dot for the plan, its interval."""

from collections.abc import Sequence

from offing.plan.shape import PlanRow
from offing.report import words
from offing.report.drawing import WIDTH, Drawing, Scale, fits, linear_ticks, text_width
from offing.report.numbers import money, money_column
from offing.terms.countries import country_name
from offing.terms.messages import say

LEFT, RIGHT = 10.0, WIDTH - 10.0
ROW, HEAD = 44.0, 26.0


def draw(name: str, product: str, rows: Sequence[PlanRow], highest: float) -> str:
    """The rows of one product as SVG, on an axis that reaches to ``highest`` USD."""
    highest = highest or 1.0

    def x(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * value / highest

    height = HEAD + ROW * len(rows) + 6
    said = words.series(
        say(
            "report.plan_desc_row",
            segment=words.segment(row.market, row.tier),
            now=money(row.sales_now_usd),
            planned=money(row.sales_usd),
        )
        for row in rows
    )
    pen = Drawing(name, height, say("report.plan_title", product=product), said)
    _axis(pen, x, highest, height)
    column = money_column([highest])
    for number, row in enumerate(rows):
        y = HEAD + ROW * number
        at = y + 31
        value = column.amount(row.sales_usd)
        room = RIGHT - LEFT - text_width(value) - 14
        short = f"{words.short_name(row.market)} · {words.tier(row.tier)}"
        long = f"{country_name(row.market)} · {words.tier(row.tier)}"
        pen.text(LEFT - 6, y + 18, fits(long, room, short))
        pen.text(RIGHT + 6, y + 18, value, "strong", "end")
        pen.line(LEFT, at, RIGHT, at, "track")
        if row.low_usd is not None and row.high_usd is not None:
            pen.line(x(row.low_usd), at, x(row.high_usd), at, "ours-whisker")
            for end in (row.low_usd, row.high_usd):
                pen.line(x(end), at - 4, x(end), at + 4, "ours-whisker")
        pen.circle(x(row.sales_usd), at, 6, "ours-fill edge")
        pen.circle(x(row.sales_now_usd), at, 5, "today")
    return pen.svg()


def _axis(pen: Drawing, x: Scale, highest: float, height: float) -> None:
    ticks = linear_ticks(0, highest, about=3)
    for tick in ticks:
        pen.line(x(tick), HEAD - 6, x(tick), height, "grid")
        anchor = "" if tick == 0 else "end" if x(tick) > RIGHT - 30 else "middle"
        pen.text(
            x(tick) - (6 if tick == 0 else 0),
            HEAD - 12,
            money(tick) if tick else "0",
            "soft",
            anchor,
        )
