"""What the origin's exporters may sell in a market some years on."""

from offing.forecast.results import Segment
from offing.report import words
from offing.report.blocks import Cell, Figure, Figures, Section, Shown, Text, table_of, text
from offing.report.charts import outlook as chart
from offing.report.drawing import PAGE, two_sizes
from offing.study.result import ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import moneys

DRAWN = 6


def section(result: StudyResult) -> Section | None:
    """Fans for the markets of the plan."""
    figures = tuple(
        _figure(result, product, segments)
        for product in words.once_a_code(result.products)
        if (segments := chosen(result, product))
    )
    if not figures:
        return None
    return Section.of(
        "outlook",
        (
            Text((say("report.outlook_lead", origin=country_name(result.firm.origin)),)),
            Figures(figures),
        ),
    )


def chosen(result: StudyResult, product: ProductResult) -> tuple[Segment, ...]:
    """The markets of the plan, in its order, at all prices: what the plan rests on.

    A fan that starts from nothing has nothing to show. Without a plan, the first of the ranking.
    """
    looks = {m.market: m.outlook for m in product.markets if m.outlook and m.outlook.base_usd > 0}
    planned = [
        Segment(product.product, row.market, "all", (), looks[row.market], 1.0)
        for row in result.plan.rows
        if row.product == product.product and row.sales_usd > 0 and row.market in looks
    ]
    ranked = [segment for segment in product.ranking.segments if segment.outlook.base_usd > 0]
    return tuple(planned or ranked)[:DRAWN]


def _figure(result: StudyResult, product: ProductResult, segments: tuple[Segment, ...]) -> Figure:
    name = f"outlook-{product.product}"
    parts = list(dict.fromkeys(p for s in segments for p, _ in s.outlook.contributions))
    looks = [s.outlook for s in segments]
    # A waterfall is read along its row: one unit for the whole table.
    told = ((x.base_usd, x.expected_usd, *dict(x.contributions).values()) for x in looks)
    amount = moneys(value for row in told for value in row)

    def moved_by(source: str) -> Shown[Segment]:
        heading = words.named(f"market.contribution_{source}")
        return heading, lambda s: amount(dict(s.outlook.contributions).get(source, 0.0))

    table = table_of(
        f"{name}-table",
        say("report.outlook_table", product=words.product(product)),
        segments,
        (say("report.segment_column"), lambda s: words.segment(s.market, s.tier)),
        (say("report.base"), lambda s: amount(s.outlook.base_usd)),
        *map(moved_by, parts),
        (say("report.expected"), lambda s: Cell(amount(s.outlook.expected_usd), mark="strong")),
        (
            say("report.interval80_plain"),
            lambda s: amount.between(s.outlook.low80, s.outlook.high80),
        ),
        (text("report.method"), lambda s: words.named(f"market.rival_{s.outlook.method}")),
    )
    title, alone = words.product(product), len(result.products) == 1

    def picture() -> str:
        drawn = chart.draw(name, title, segments, on=result.on)
        if alone:
            wide = chart.draw(f"{name}-wide", title, segments, PAGE, across=3, on=result.on)
            drawn = two_sizes(drawn, wide)
        return drawn

    return Figure(
        name,
        title,
        picture,
        say("report.outlook_caption", origin=country_name(result.firm.origin)),
        (table,),
        wide=alone,
    )
