"""The plan as a table and beside today's sales."""

from offing.planning.plan import PlanRow
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Figure, Figures, Heading, Section, Table, Text
from offing.report.charts import plan as chart
from offing.report.drawing import BESIDE, two_sizes
from offing.report.tellings.plan import plan_table
from offing.study.result import ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, change, fixed, money_column

DRAWN = 12


def section(result: StudyResult) -> Section:
    """The plan, product by product, and what it does to the whole book."""
    plan = result.plan
    blocks: list[Block] = []
    if not plan.rows:
        blocks.append(Text((say("report.plan_empty"),)))
    ends = [v for r in plan.rows for v in (r.high_usd, r.sales_now_usd, r.sales_usd)]
    highest = max((v for v in ends if v is not None), default=0.0)
    figures: list[Figure] = []
    for product in result.products:
        rows = [row for row in plan.rows if row.product == product.product]
        if not rows:
            continue
        if len(result.products) > 1:
            blocks.append(Heading(words.product(product)))
        blocks.append(_table(product, rows))
        blocks += _market_note(result, product)
        shown = [row for row in rows if row.sales_usd > 0 or row.sales_now_usd > 0][:DRAWN]
        figures.append(
            Figure(
                f"plan-{product.product}",
                words.product(product),
                _picture(product, shown, highest, alone=len(result.products) == 1),
                say("report.plan_caption"),
                wide=len(result.products) == 1,
            )
        )
    if figures:
        blocks.append(Text((say("report.plan_limits"),), "note"))
        blocks.append(Heading(say("report.plan_beside_today")))
        blocks.append(Figures(tuple(figures)))
        blocks.append(
            Text(
                (
                    say(
                        "report.plan_concentration",
                        planned=fixed(plan.concentration, 2),
                        now=fixed(plan.concentration_now, 2),
                    ),
                )
            )
        )
    return Section.of("plan", blocks)


def _picture(product: ProductResult, rows: list[PlanRow], highest: float, *, alone: bool) -> str:
    name, title = f"plan-{product.product}", words.product(product)
    narrow = chart.draw(name, title, rows, highest)
    if not alone:
        return narrow
    return two_sizes(narrow, chart.draw(f"{name}-wide", title, rows, highest, BESIDE))


def _table(product: ProductResult, rows: list[PlanRow]) -> Table:
    sales = money_column([v for r in rows for v in (r.sales_now_usd, r.sales_usd)])
    margin = money_column([r.margin_usd for r in rows])
    year = product.ranking.year + product.ranking.horizon
    looks = {m.market: m.outlook for m in product.markets if m.outlook}
    unit = words.unit(product.unit)

    def outlook(row: PlanRow) -> dict[str, Cell]:
        look = looks.get(row.market)
        known = NOTHING
        if look is not None and look.base_usd:
            known = change(look.expected_usd / look.base_usd - 1)
        return {"outlook": Cell(known)}

    return plan_table(
        f"plan-table-{product.product}",
        say("report.plan_table", product=words.product(product)),
        {
            "market": Column(say("report.market"), number=False),
            "tier": Column(say("report.tier"), number=False),
            "now": Column(say("report.sales_now", unit=sales.unit)),
            "plan": Column(say("report.sales_planned", unit=sales.unit)),
            "interval": Column(say("report.interval80", unit=sales.unit)),
            "outlook": Column(say("report.market_outlook", year=year)),
            "units": Column(say("report.units", unit=unit)),
            "price": Column(say("report.price_fob", unit=unit)),
            "margin": Column(say("report.margin", unit=margin.unit)),
            "rate": Column(say("report.margin_rate")),
            "limit": Column(say("report.limit"), number=False),
        },
        rows,
        (sales, margin),
        outlook,
    )


def _market_note(result: StudyResult, product: ProductResult) -> list[Block]:
    """What the outlook of the market is, where there is one."""
    look = next((m.outlook for m in product.markets if m.outlook), None)
    if look is None:
        return []
    text = say(
        "report.plan_market_outlook",
        origin=country_name(result.firm.origin),
        base=look.base_year,
        year=look.base_year + look.horizon,
    )
    return [Text((text,), "note")]
