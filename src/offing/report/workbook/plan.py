"""The plan: change a quantity, a price or a rate, and sales, margins, markets and totals follow."""

from dataclasses import dataclass
from math import fsum
from typing import Any

from offing.planning.plan import PlanRow
from offing.report import words
from offing.report.decision import Decision
from offing.report.sections.plan import known_tiers
from offing.report.views.plan import in_order
from offing.report.workbook import rates
from offing.report.workbook.sheet import Styles, begin, cell, headings, span, width_of
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say

HEAD = 3
FIRST = HEAD + 1
NAMES = ("product", "market", "tier", "move", "plant", "now", "still", "units", "currency",
         "price_in", "rate_of", "drift", "sales", "cost", "margin_cny", "rate", "low_cny",
         "high_cny")  # fmt: skip
(PRODUCT, MARKET, TIER, MOVE, PLANT, NOW, STILL, UNITS, CURRENCY, PRICE, RATE, DRIFT, SALES, COST,
 MARGIN, SHARE, LOW, HIGH) = range(len(NAMES))  # fmt: skip


def last_row(result: StudyResult) -> int:
    """The row of the last line of the plan; the totals stand in the next."""
    return FIRST + max(len(result.plan.rows), 1) - 1


def column(result: StudyResult, number: int) -> str:
    """A column of the plan, seen from another sheet."""
    return f"{_sheet()}{span(FIRST, last_row(result), number)}"


def total(result: StudyResult, number: int) -> str:
    """The total of a column, seen from another sheet."""
    return f"{_sheet()}{cell(last_row(result) + 1, number, fixed=True)}"


def _sheet() -> str:
    return f"'{say('report.sheet_plan')}'!"


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """The rows of the plan, what matters first, their totals, and the capacity of each model."""
    decision, rows = Decision.of_result(result), in_order(result.plan.rows)
    first = width_of(decision.products.values(), least=18)
    second = width_of((country_name(row.market) for row in rows), least=14)
    plants = width_of(decision.plants.values(), least=12)
    widths = (first, second, 12, 14, plants, 15, 15, 11, 9, 11, 12, 11, 15, 13, 15, 10, 15, 15)
    begin(sheet, styles, result.title(language()), say("report.plan_sheet_note"), widths)
    year = str(result.decided.years[-1])
    headings(sheet, styles, HEAD, [say(f"planning.sheet_{n}", year=year) for n in NAMES])
    sheet.freeze_panes(FIRST, MARKET + 1)
    sheet.repeat_rows(HEAD)
    if not rows:
        sheet.write_string(FIRST, PRODUCT, say("report.plan_empty"), styles["text"])
    writer = _Row(result, decision, known_tiers(result), sheet, styles)
    for number, row in enumerate(rows):
        writer.write(FIRST + number, row)
    _totals(result, sheet, styles)
    if rows:
        sheet.autofilter(HEAD, 0, last_row(result), HIGH)
        _capacity(result, decision, sheet, styles)


@dataclass
class _Row:
    """Writes the rows of a plan."""

    result: StudyResult
    decision: Decision
    tiers: dict[tuple[str, str], str]
    sheet: Any
    styles: Styles

    def write(self, at: int, row: PlanRow) -> None:
        """One model in one market."""
        sheet, styles, decided = self.sheet, self.styles, self.result.decided
        dollar, rate = decided.cny_per_usd, decided.cny_per(row.currency)
        per_dollar = rates.rate_cell(self.result, "USD")
        tier = self.tiers.get((row.product, row.market))
        for column, text in (
            (PRODUCT, self.decision.products[row.product]),
            (MARKET, country_name(row.market)),
            (TIER, words.tier(tier) if tier else ""),
            (MOVE, say(f"planning.kind_{row.move}")),
            (PLANT, self.decision.plants.get(row.plant, row.plant)),
            (CURRENCY, row.currency),
        ):
            sheet.write_string(at, column, text, styles["text"])
        self._usd(at, NOW, row.sales_now_usd, per_dollar)
        self._usd(at, STILL, row.still_usd, per_dollar)
        units, price = row.units, row.price_usd * dollar / rate
        sheet.write_number(at, UNITS, units, styles["units input"])
        sheet.write_number(at, PRICE, price, styles["price input"])
        source = f"={rates.rate_cell(self.result, row.currency)}"
        sheet.write_formula(at, RATE, source, styles["fine"], rate)
        sheet.write_number(at, DRIFT, row.drift, styles["fine input"])
        factors = [cell(at, number) for number in (UNITS, PRICE, RATE, DRIFT)]
        sales, margin = row.sales_usd * dollar, row.margin_usd * dollar
        sheet.write_formula(at, SALES, "=" + "*".join(factors), styles["usd"], sales)
        sheet.write_number(at, COST, (sales - margin) / units if units else 0.0,
                           styles["price input"])  # fmt: skip
        gain = f"={cell(at, SALES)}-{cell(at, UNITS)}*{cell(at, COST)}"
        sheet.write_formula(at, MARGIN, gain, styles["usd"], margin if units else 0.0)
        write_rate(sheet, styles["rate"], at, margin if units else 0.0, sales)
        for column, end in ((LOW, row.low_usd), (HIGH, row.high_usd)):
            if end is not None:
                self._usd(at, column, end, per_dollar)

    def _usd(self, at: int, column: int, usd: float, per_dollar: str) -> None:
        value = usd * self.result.decided.cny_per_usd
        self.sheet.write_formula(at, column, f"={usd!r}*{per_dollar}", self.styles["usd"], value)


def write_rate(sheet: Any, style: Any, row: int, margin: float, sales: float) -> None:
    """Margin over sales."""
    of = cell(row, SALES)
    formula = f"=IF({of}=0,0,{cell(row, MARGIN)}/{of})"
    sheet.write_formula(row, SHARE, formula, style, margin / sales if sales else 0)


def _totals(result: StudyResult, sheet: Any, styles: Styles) -> None:
    plan, rate, row = result.plan, result.decided.cny_per_usd, last_row(result) + 1
    for number in range(HIGH + 1):
        sheet.write_blank(row, number, None, styles["text total"])
    sheet.write_string(row, PRODUCT, say("report.total"), styles["text total"])
    for number, usd in (
        (NOW, plan.sales_now_usd),
        (STILL, plan.still_usd),
        (SALES, plan.sales_usd),
        (MARGIN, plan.margin_usd),
    ):
        formula = f"=SUM({span(FIRST, row - 1, number)})"
        sheet.write_formula(row, number, formula, styles["usd total"], usd * rate)
    write_rate(sheet, styles["rate total"], row, plan.margin_usd, plan.sales_usd)


def _capacity(result: StudyResult, decision: Decision, sheet: Any, styles: Styles) -> None:
    last, top = last_row(result), last_row(result) + 4
    names = ("product", "capacity", "units", "of_line")
    headings(sheet, styles, top, [say(f"planning.sheet_{name}") for name in names])
    for number, product in enumerate(result.products):
        row, name = top + 1 + number, decision.products[product.product]
        planned = fsum(r.units for r in result.plan.rows if r.product == product.product)
        sheet.write_string(row, 0, name, styles["text"])
        sheet.write_number(row, 1, product.capacity, styles["units input"])
        formula = f"=SUMIF({span(FIRST, last, PRODUCT)},{cell(row, 0)},{span(FIRST, last, UNITS)})"
        sheet.write_formula(row, 2, formula, styles["units"], planned)
        used = planned / product.capacity if product.capacity else 0
        formula = f"=IF({cell(row, 1)}=0,0,{cell(row, 2)}/{cell(row, 1)})"
        sheet.write_formula(row, 3, formula, styles["rate"], used)
