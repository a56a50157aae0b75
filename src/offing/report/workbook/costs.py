"""The waterfall of each market: change a cost, a rate or a price, and the sums follow."""

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
    unit = words.unit(quote.unit)
    quantity = cell(top, EACH, fixed=True)
    sheet.write_string(top, BASE, say("report.quantity"), styles["text"])
    sheet.write_number(top, EACH, float(quote.quantity), styles["units input"])
    per_unit = say("report.per_unit", currency=currency_name(quote.currency), unit=unit)
    asked = any(line.name == MARGIN for line in quote.lines)
    if asked:
        top += 1
        sheet.write_string(top, BASE, say("report.price_asked", term="FOB"), styles["text"])
        sheet.write_number(top, EACH, float(_fob(quote)), styles["price input"])
    price = cell(top, EACH, fixed=True)
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
    first = top + 2
    sums: list[tuple[Decimal, str]] = []
    running = Decimal(0)
    for number, line in enumerate(quote.lines):
        row = first + number
        kind = " total" if line.subtotal else ""
        name = words.named(f"landed.line_{line.name}")
        sheet.write_string(row, STEP, name, styles["text total" if kind else "text"])
        if line.subtotal:
            formula = "=" + (_added(quote.lines[:number], first) or "0")
            value = float(line.per_unit)
            sheet.write_formula(row, EACH, formula, styles["price total"], value)
            sums.append((line.amount, cell(row, EACH)))
        else:
            running += line.amount
            if line.name == MARGIN:
                costs = _added(quote.lines, first, before_fob=True)
                formula, value = f"={price}-({costs})", float(line.per_unit)
                sheet.write_formula(row, EACH, formula, styles["price"], value)
            else:
                _amount(sheet, styles, row, line, quote, sums)
            sums.append((running, f"({_added(quote.lines[: number + 1], first)})"))
        formula = f"={cell(row, EACH)}*{quantity}"
        sheet.write_formula(row, SHIPMENT, formula, styles[f"price{kind}"], float(line.amount))
        status = status_of(line)
        if status:
            sheet.write_string(row, STATUS, words.status(status), styles["text"])
        if line.rule:
            sheet.write_string(row, RULE, f"{line.rule.id}: {valued(line.rule)}", styles["text"])
            sheet.write_string(row, SOURCE, cited(line.rule.source), styles["text"])
    row = first + len(quote.lines)
    if asked:
        place = next(n for n, line in enumerate(quote.lines) if line.name == MARGIN)
        sheet.write_string(row, STEP, say("report.margin_rate"), styles["text"])
        formula = f"=IF({price}=0,0,{cell(first + place, EACH)}/{price})"
        rate = float(quote.margin_rate or 0)
        sheet.write_formula(row, EACH, formula, styles["rate"], rate)
        row += 1
        sheet.write_string(row, STEP, say("report.refund_inside"), styles["text"])
        sheet.write_number(row, EACH, float(quote.refund / quote.quantity), styles["price"])
        row += 1
    return row + 2


def _fob(quote: Quote) -> Decimal:
    """The FOB price of one unit."""
    return next(line.per_unit for line in quote.lines if line.subtotal and line.stage == "FOB")


def _added(lines: tuple[CostLine, ...], first: int, *, before_fob: bool = False) -> str:
    """The cells of the lines that are no sums, added up; ``before_fob``: only costs up to FOB."""
    return "+".join(
        cell(first + number, EACH)
        for number, line in enumerate(lines)
        if not line.subtotal
        and (not before_fob or (line.stage in ("EXW", "FOB") and line.name != MARGIN))
    )


def _amount(
    sheet: Any,
    styles: Styles,
    row: int,
    line: CostLine,
    quote: Quote,
    sums: list[tuple[Decimal, str]],
) -> None:
    """A line as rate times base where its base is a sum above it, else as the figure itself."""
    if line.base:
        base = line.base
        found = next((name for value, name in reversed(sums) if abs(value - base) < CENTS), None)
        sheet.write_number(row, RATE, float(line.amount / base), styles["rate input"])
        each = float(base / quote.quantity)
        if found:
            sheet.write_formula(row, BASE, f"={found}", styles["price"], each)
        else:
            sheet.write_number(row, BASE, each, styles["price input"])
        formula = f"={cell(row, RATE)}*{cell(row, BASE)}"
        sheet.write_formula(row, EACH, formula, styles["price"], float(line.per_unit))
    else:
        sheet.write_number(row, EACH, float(line.per_unit), styles["price input"])
