"""The plan: change a quantity or a price, and sales, margin, capacity and concentration follow."""

from typing import Any

from offing.report import words
from offing.report.workbook.sheet import Styles, begin, cell, headings, span, width_of
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say

HEAD = 3
FIRST = HEAD + 1
PRODUCT, MARKET, TIER, NOW, UNITS, PRICE, SALES, COST, MARGIN, RATE, LOW, HIGH, LIMIT = range(13)


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """The rows of the plan, their totals, and the capacity of each product."""
    rows = result.plan.rows
    names = _names(result)
    first = width_of(names.values(), least=18)
    second = width_of((country_name(row.market) for row in rows), least=14)
    widths = (first, second, 14, 14, 12, 12, 14, 16, 14, 10, 14, 14, 20)
    begin(sheet, styles, result.title(language()), say("report.book_note"), widths)
    headings(sheet, styles, HEAD, _headings())
    sheet.freeze_panes(FIRST, MARKET + 1)
    sheet.repeat_rows(HEAD)
    for number, one in enumerate(rows):
        row = FIRST + number
        sheet.write_string(row, PRODUCT, names[one.product], styles["text"])
        sheet.write_string(row, MARKET, country_name(one.market), styles["text"])
        sheet.write_string(row, TIER, words.tier(one.tier), styles["text"])
        sheet.write_number(row, NOW, one.sales_now_usd, styles["usd"])
        sheet.write_number(row, UNITS, one.units, styles["units input"])
        sheet.write_number(row, PRICE, one.price_usd, styles["price input"])
        units, price = cell(row, UNITS), cell(row, PRICE)
        sheet.write_formula(row, SALES, f"={units}*{price}", styles["usd"], one.sales_usd)
        cost = one.price_usd - one.margin_usd / one.units if one.units else one.price_usd
        sheet.write_number(row, COST, cost, styles["price input"])
        gain = f"={units}*({price}-{cell(row, COST)})"
        sheet.write_formula(row, MARGIN, gain, styles["usd"], one.margin_usd)
        _rate(sheet, styles["rate"], row, one.margin_usd, one.sales_usd)
        for column, end in ((LOW, one.low_usd), (HIGH, one.high_usd)):
            if end is not None:
                sheet.write_number(row, column, end, styles["usd"])
        sheet.write_string(row, LIMIT, words.named(f"plan.limit_{one.limit}"), styles["text"])
    if not rows:
        sheet.write_string(FIRST, PRODUCT, say("report.plan_empty"), styles["text"])
        return
    last = FIRST + len(rows) - 1
    _total(result, sheet, styles, last)
    sheet.autofilter(HEAD, 0, last, LIMIT)
    _capacity(result, sheet, styles, last, names)


def _headings() -> list[str]:
    usd = say("report.usd")
    return [
        say("report.product"),
        say("report.market"),
        say("report.tier"),
        say("report.sales_now", unit=usd),
        say("report.quantity"),
        say("report.price_fob", unit=say("report.one_unit")),
        say("report.sales_planned", unit=usd),
        say("report.cost_after_refund"),
        say("report.margin", unit=usd),
        say("report.margin_rate"),
        say("report.low80", unit=usd),
        say("report.high80", unit=usd),
        say("report.limit"),
    ]


def _rate(sheet: Any, style: Any, row: int, margin: float, sales: float) -> None:
    of = cell(row, SALES)
    formula = f"=IF({of}=0,0,{cell(row, MARGIN)}/{of})"
    sheet.write_formula(row, RATE, formula, style, margin / sales if sales else 0)


def _total(result: StudyResult, sheet: Any, styles: Styles, last: int) -> None:
    plan, row = result.plan, last + 1
    for column in range(LIMIT + 1):
        sheet.write_blank(row, column, None, styles["text total"])
    sheet.write_string(row, PRODUCT, say("report.total"), styles["text total"])
    for column, value in (
        (NOW, sum(r.sales_now_usd for r in plan.rows)),
        (SALES, sum(r.sales_usd for r in plan.rows)),
        (MARGIN, sum(r.margin_usd for r in plan.rows)),
    ):
        formula = f"=SUM({span(FIRST, last, column)})"
        sheet.write_formula(row, column, formula, styles["usd total"], value)
    _rate(
        sheet,
        styles["rate total"],
        row,
        sum(r.margin_usd for r in plan.rows),
        sum(r.sales_usd for r in plan.rows),
    )


def _names(result: StudyResult) -> dict[str, str]:
    """Model → its name, with its key where another has the same: sums go by the name."""
    said = [words.product(product) for product in result.products]
    return {
        product.product: name if said.count(name) == 1 else f"{name} ({product.product})"
        for product, name in zip(result.products, said, strict=True)
    }


def _capacity(
    result: StudyResult, sheet: Any, styles: Styles, last: int, names: dict[str, str]
) -> None:
    top = last + 4
    headings(
        sheet,
        styles,
        top,
        [
            say("report.product"),
            say("report.capacity"),
            say("report.quantity"),
            say("report.fact_capacity"),
        ],
    )
    for number, product in enumerate(result.products):
        row = top + 1 + number
        planned = sum(r.units for r in result.plan.rows if r.product == product.product)
        sheet.write_string(row, 0, names[product.product], styles["text"])
        sheet.write_number(row, 1, product.capacity, styles["units input"])
        formula = f"=SUMIF({span(FIRST, last, PRODUCT)},{cell(row, 0)},{span(FIRST, last, UNITS)})"
        sheet.write_formula(row, 2, formula, styles["units"], planned)
        used = planned / product.capacity if product.capacity else 0
        formula = f"=IF({cell(row, 1)}=0,0,{cell(row, 2)}/{cell(row, 1)})"
        sheet.write_formula(row, 3, formula, styles["rate"], used)
    row = top + 2 + len(result.products)
    market, sales = span(FIRST, last, MARKET), span(FIRST, last, SALES)
    total = cell(last + 1, SALES)
    formula = f"=IF({total}=0,0,SUMPRODUCT({sales},SUMIF({market},{market},{sales}))/{total}^2)"
    sheet.write_string(row, 0, say("report.word_concentration"), styles["text"])
    sheet.write_formula(row, 1, formula, styles["price"], result.plan.concentration)
