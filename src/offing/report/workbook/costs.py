"""The waterfall of each market: change a cost, a rate or a price, and the sums follow."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from offing.landed.costed import CostLine, Quote
from offing.report import words
from offing.report.charts.waterfall import MARGIN, status_of
from offing.report.workbook.sheet import Styles, begin, cell, headings
from offing.rules.citing import cited, valued
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import currency_name

STEP, RATE, BASE, EACH, SHIPMENT, STATUS, RULE, SOURCE = range(8)
FIRST = 3
CENTS = Decimal("0.05")
"""A base that is this near to a sum of the shipment is that sum, rounded on its way."""


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One block for each market that was costed, product by product."""
    widths = (34, 10, 14, 14, 16, 16, 44, 60)
    begin(sheet, styles, say("report.cost_heading"), say("report.book_note"), widths)
    sheet.freeze_panes(FIRST, STEP + 1)
    row = FIRST
    for product in result.products:
        for market in product.markets:
            if market.quote:
                row = _block(sheet, styles, row, words.product(product), market.quote)
    if row == FIRST:
        sheet.write_string(row, 0, say("report.no_quote"), styles["text"])


def _block(sheet: Any, styles: Styles, top: int, product: str, quote: Quote) -> int:
    """Write a market's waterfall from row ``top``; the row after it."""
    title = f"{product} – {country_name(quote.destination)}"
    sheet.write_string(top, STEP, title, styles["block"])
    sheet.write_string(top, BASE, say("report.quantity"), styles["text"])
    sheet.write_number(top, EACH, float(quote.quantity), styles["units input"])
    quantity = cell(top, EACH, fixed=True)
    with_margin = any(line.name == MARGIN for line in quote.lines)
    if with_margin:
        top += 1
        sheet.write_string(top, BASE, say("report.price_asked", term="FOB"), styles["text"])
        sheet.write_number(top, EACH, float(_fob(quote)), styles["price input"])
    waterfall = _Waterfall(sheet, styles, quote, top + 2, cell(top, EACH, fixed=True), quantity)
    per_unit = say(
        "report.per_unit", currency=currency_name(quote.currency), unit=words.unit(quote.unit)
    )
    headings(
        sheet,
        styles,
        top + 1,
        [
            say("report.step"),
            say("report.rate"),
            say("report.base_each", unit=per_unit),
            per_unit,
            say("report.per_shipment", currency=currency_name(quote.currency)),
            say("report.status"),
            say("report.rule"),
            say("report.source"),
        ],
    )
    for number, line in enumerate(quote.lines):
        waterfall.write(number, line)
    return (waterfall.left() if with_margin else top + 2 + len(quote.lines)) + 2


def _fob(quote: Quote) -> Decimal:
    """The FOB price of one unit."""
    return next(line.per_unit for line in quote.lines if line.subtotal and line.stage == "FOB")


@dataclass
class _Waterfall:
    """The lines of a quote in a sheet, from row ``first``; ``price`` and ``quantity`` are cells."""

    sheet: Any
    styles: Styles
    quote: Quote
    first: int
    price: str
    quantity: str
    running: Decimal = Decimal(0)
    sums: list[tuple[Decimal, str]] = field(default_factory=list)
    """Amounts of the shipment that a base may be, each with its formula for one unit."""

    def write(self, number: int, line: CostLine) -> None:
        """A line: its name, its amount as a formula of what stands above, what it rests on."""
        sheet, styles, row = self.sheet, self.styles, self.first + number
        kind = " total" if line.subtotal else ""
        name = words.named(f"landed.line_{line.name}")
        sheet.write_string(row, STEP, name, styles[f"text{kind}"])
        if line.subtotal:
            formula = "=" + (self._added(number) or "0")
            sheet.write_formula(row, EACH, formula, styles["price total"], float(line.per_unit))
            self.sums.append((line.amount, cell(row, EACH)))
        else:
            self.running += line.amount
            self._amount(row, line)
            self.sums.append((self.running, f"({self._added(number + 1)})"))
        formula = f"={cell(row, EACH)}*{self.quantity}"
        sheet.write_formula(row, SHIPMENT, formula, styles[f"price{kind}"], float(line.amount))
        status = status_of(line)
        if status:
            sheet.write_string(row, STATUS, words.status(status), styles["text"])
        if line.rule:
            rule = f"{line.rule.id}: {valued(line.rule)}"
            sheet.write_string(row, RULE, rule, styles["text"])
            sheet.write_string(row, SOURCE, cited(line.rule.source), styles["text"])

    def _amount(self, row: int, line: CostLine) -> None:
        """What is left of the price; a rate times a sum above it; else the figure itself."""
        sheet, styles, value = self.sheet, self.styles, float(line.per_unit)
        if line.name == MARGIN:
            costs = self._added(len(self.quote.lines), before_fob=True)
            sheet.write_formula(row, EACH, f"={self.price}-({costs})", styles["price"], value)
        elif line.base:
            base = line.base
            above = next((s for v, s in reversed(self.sums) if abs(v - base) < CENTS), None)
            sheet.write_number(row, RATE, _rate(line.amount / base), styles["rate input"])
            of_unit = float(base / self.quote.quantity)
            if above:
                sheet.write_formula(row, BASE, f"={above}", styles["price"], of_unit)
            else:
                sheet.write_number(row, BASE, of_unit, styles["price input"])
            formula = f"={cell(row, RATE)}*{cell(row, BASE)}"
            sheet.write_formula(row, EACH, formula, styles["price"], value)
        else:
            sheet.write_number(row, EACH, value, styles["price input"])

    def _added(self, until: int, *, before_fob: bool = False) -> str:
        """The cells of the lines that are no sums, added up; ``before_fob``: only costs to FOB."""
        return "+".join(
            cell(self.first + number, EACH)
            for number, line in enumerate(self.quote.lines[:until])
            if not line.subtotal
            and (not before_fob or (line.stage in ("EXW", "FOB") and line.name != MARGIN))
        )

    def left(self) -> int:
        """The margin as a share of the price, and the refund inside it; the row after them."""
        sheet, styles, quote = self.sheet, self.styles, self.quote
        row = self.first + len(quote.lines)
        number = next(n for n, line in enumerate(quote.lines) if line.name == MARGIN)
        margin = cell(self.first + number, EACH)
        formula = f"=IF({self.price}=0,0,{margin}/{self.price})"
        sheet.write_string(row, STEP, say("report.margin_rate"), styles["text"])
        sheet.write_formula(row, EACH, formula, styles["rate"], float(quote.margin_rate or 0))
        sheet.write_string(row + 1, STEP, say("report.refund_inside"), styles["text"])
        sheet.write_number(row + 1, EACH, float(quote.refund / quote.quantity), styles["price"])
        return row + 2


def _rate(rate: Decimal) -> float:
    """A rate that was worked back from rounded amounts: 0.14, not 0.1400000034281363."""
    return float(round(rate, 6))
