"""The plan as a table and beside today's sales."""

from offing.forecast.results import Outlook
from offing.planning.plan import PlanRow
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Figure, Figures, Heading, Section, Table, Text
from offing.report.charts import plan as chart
from offing.report.drawing import BESIDE, two_sizes
from offing.study.result import ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    change,
    digits,
    money_column,
    percent,
    price_digits,
)

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
                        planned=f"{plan.concentration:.2f}",
                        now=f"{plan.concentration_now:.2f}",
                    ),
                )
            )
        )
    return Section("plan", say("report.plan_heading"), say("report.plan_short"), tuple(blocks))


def _picture(product: ProductResult, rows: list[PlanRow], highest: float, *, alone: bool) -> str:
    name, title = f"plan-{product.product}", words.product(product)
    narrow = chart.draw(name, title, rows, highest)
    if not alone:
        return narrow
    return two_sizes(narrow, chart.draw(f"{name}-wide", title, rows, highest, BESIDE))


def _table(product: ProductResult, rows: list[PlanRow]) -> Table:
    sales = money_column([v for r in rows for v in (r.sales_now_usd, r.sales_usd)])
    margin = money_column([r.margin_usd for r in rows])
    years = product.ranking.year, product.ranking.year + product.ranking.horizon
    looks = {m.market: m.outlook for m in product.markets if m.outlook}
    columns = (
        Column(say("report.market"), number=False),
        Column(say("report.tier"), number=False),
        Column(say("report.sales_now", unit=sales.unit)),
        Column(say("report.sales_planned", unit=sales.unit)),
        Column(say("report.interval80", unit=sales.unit)),
        Column(say("report.market_outlook", year=years[1])),
        Column(say("report.units", unit=words.unit(product.unit))),
        Column(say("report.price_fob", unit=words.unit(product.unit))),
        Column(say("report.margin", unit=margin.unit)),
        Column(say("report.margin_rate")),
        Column(say("report.limit"), number=False),
    )
    total_sales = sum(r.sales_usd for r in rows)
    total_margin = sum(r.margin_usd for r in rows)
    return Table(
        f"plan-table-{product.product}",
        say("report.plan_table", product=words.product(product)),
        columns,
        tuple(_row(row, sales, margin, looks.get(row.market)) for row in rows),
        (
            Cell(say("report.total")),
            Cell(""),
            Cell(sales.cell(sum(r.sales_now_usd for r in rows))),
            Cell(sales.cell(total_sales)),
            Cell(""),
            Cell(""),
            Cell(digits(sum(r.units for r in rows))),
            Cell(""),
            money_cell(margin, total_margin),
            rate_cell(total_margin / total_sales if total_sales else None),
            Cell(""),
        ),
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


def _row(
    row: PlanRow, sales: MoneyColumn, margin: MoneyColumn, look: Outlook | None
) -> tuple[Cell, ...]:
    none = row.sales_usd <= 0
    interval = NOTHING
    if not none and row.low_usd is not None and row.high_usd is not None:
        interval = f"{sales.cell(row.low_usd)}–{sales.cell(row.high_usd)}"
    return (
        Cell(country_name(row.market)),
        Cell(words.tier(row.tier)),
        Cell(sales.cell(row.sales_now_usd) if row.sales_now_usd else NOTHING),
        Cell(NOTHING if none else sales.cell(row.sales_usd), mark="strong"),
        Cell(interval),
        Cell(change(look.expected_usd / look.base_usd - 1) if look and look.base_usd else NOTHING),
        Cell(NOTHING if none else digits(row.units)),
        Cell(price_digits(row.price_usd)),
        Cell(NOTHING) if none else money_cell(margin, row.margin_usd),
        rate_cell(row.margin_rate),
        Cell(words.named(f"plan.limit_{row.limit}")),
    )


def money_cell(column: MoneyColumn, value: float | None) -> Cell:
    """An amount; a loss is set off, with its minus sign."""
    return Cell(column.cell(value), mark="negative" if value is not None and value < 0 else None)


def rate_cell(value: float | None) -> Cell:
    """A rate with one decimal; a loss is set off."""
    if value is None:
        return Cell(NOTHING)
    return Cell(percent(value, 1), mark="negative" if value < 0 else None)
