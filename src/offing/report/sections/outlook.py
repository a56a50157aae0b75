"""What the origin's exporters may sell in a market some years on."""

from offing.forecast.results import Segment
from offing.report import words
from offing.report.blocks import Cell, Column, Figure, Figures, Section, Table, Text
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
    table = Table(
        f"{name}-table",
        say("report.outlook_table", product=words.product(product)),
        (
            Column(say("report.segment_column"), number=False),
            Column(say("report.base")),
            *(Column(words.named(f"market.contribution_{part}")) for part in parts),
            Column(say("report.expected")),
            Column(say("report.interval80_plain")),
            Column(say("report.method"), number=False),
        ),
        tuple(
            (
                Cell(words.segment(s.market, s.tier)),
                Cell(amount(s.outlook.base_usd)),
                *(Cell(amount(dict(s.outlook.contributions).get(part, 0.0))) for part in parts),
                Cell(amount(s.outlook.expected_usd), mark="strong"),
                Cell(amount.between(s.outlook.low80, s.outlook.high80)),
                Cell(words.named(f"market.rival_{s.outlook.method}")),
            )
            for s in segments
        ),
    )
    title, alone = words.product(product), len(result.products) == 1
    picture = chart.draw(name, title, segments, on=result.on)
    if alone:
        picture = two_sizes(
            picture, chart.draw(f"{name}-wide", title, segments, PAGE, across=3, on=result.on)
        )
    return Figure(
        name,
        title,
        picture,
        say("report.outlook_caption", origin=country_name(result.firm.origin)),
        (table,),
        wide=alone,
    )
