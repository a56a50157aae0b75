"""The plan against today's sales: an open ring for today, a full dot for the plan, its interval."""

from collections.abc import Sequence

from offing.planning.plan import PlanRow
from offing.report import words
from offing.report.drawing import STACKED, Drawing, Lanes, Scale, fits, linear_ticks, text_width
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import money, money_column

HEAD = 26.0


def draw(
    name: str, product: str, rows: Sequence[PlanRow], highest: float, lanes: Lanes = STACKED
) -> str:
    """The rows of one product as SVG, on an axis that reaches to ``highest`` USD."""
    highest = highest or 1.0

    def x(value: float) -> float:
        return lanes.left + (lanes.right - lanes.left) * value / highest

    height = HEAD + lanes.row * len(rows) + 6
    said = words.series(
        say(
            "report.plan_desc_row",
            segment=words.segment(row.market, row.tier),
            now=money(row.sales_now_usd),
            planned=money(row.sales_usd),
        )
        for row in rows
    )
    title = say("report.plan_title", product=product)
    pen = Drawing(name, height, title, said, width=lanes.width)
    _axis(pen, x, highest, height, lanes)
    column = money_column([highest])
    for number, row in enumerate(rows):
        y = HEAD + lanes.row * number
        at = y + lanes.line_at
        value = column.amount(row.sales_usd)
        room = min(lanes.label_room, lanes.value - lanes.label - text_width(value) - 14)
        short = f"{words.short_name(row.market)} · {words.tier(row.tier)}"
        long = f"{country_name(row.market)} · {words.tier(row.tier)}"
        pen.text(lanes.label, y + lanes.label_at, fits(long, room, short))
        pen.text(lanes.value, y + lanes.label_at, value, "strong", "end")
        pen.line(lanes.left, at, lanes.right, at, "track")
        if row.low_usd is not None and row.high_usd is not None:
            pen.whisker(x(row.low_usd), x(row.high_usd), at, "ours-whisker")
        pen.circle(x(row.sales_usd), at, 6, "ours-fill edge")
        pen.circle(x(row.sales_now_usd), at, 5, "today")
    return pen.svg()


def _axis(pen: Drawing, x: Scale, highest: float, height: float, lanes: Lanes) -> None:
    wide = lanes is not STACKED
    for tick in linear_ticks(0, highest, about=6 if wide else 3):
        pen.line(x(tick), HEAD - 6, x(tick), height, "grid")
        last = x(tick) > lanes.right - 30
        anchor = "middle" if wide and not last else "" if tick == 0 else "end" if last else "middle"
        shift = 6 if tick == 0 and not wide else 0
        text = money(tick) if tick else "0"
        pen.text(x(tick) - shift, HEAD - 12, text, "soft", anchor)
