"""The waterfall of each market: change a cost, a rate or a price, and the sums follow."""

from decimal import Decimal
from typing import Any

from offing.landed.costed import CostLine, Quote
from offing.report import words
from offing.report.charts.waterfall import MARGIN, status_of
from offing.report.workbook.sheet import Styles, begin, cell, headings
from offing.rules.citing import cited
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
    quantity = cell(top, EACH, fixed=True)
    sheet.write_string(top, BASE, say("report.quantity"), styles["text"])
    sheet.write_number(top, EACH, float(quote.quantity), styles["units input"])
    margin = next((at for at, line in enumerate(quote.lines) if line.name == MARGIN), None)
    if margin is not None:
        top += 1
        sheet.write_string(top, BASE, say("report.price_asked", term="FOB"), styles["text"])
        sheet.write_number(top, EACH, float(_fob(quote)), styles["price input"])
    price = cell(top, EACH, fixed=True)
    headings(sheet, styles, top + 1, _headings(quote))
    first = top + 2
    sums: list[tuple[Decimal, str]] = []
    running = Decimal(0)
    for number, line in enumerate(quote.lines):
        row = first + number
        if line.subtotal:
            formula = "=" + (_added(quote.lines[:number], first) or "0")
            sheet.write_formula(row, EACH, formula, styles["price total"], float(line.per_unit))
            sums.append((line.amount, cell(row, EACH)))
        else:
            running += line.amount
            if number == margin:
                formula = f"={price}-({_added(quote.lines, first, before_fob=True)})"
                sheet.write_formula(row, EACH, formula, styles["price"], float(line.per_unit))
            else:
                _amount(sheet, styles, row, line, quote, sums)
            sums.append((running, f"({_added(quote.lines[: number + 1], first)})"))
        formula = f"={cell(row, EACH)}*{quantity}"
        style = styles["price total" if line.subtotal else "price"]
        sheet.write_formula(row, SHIPMENT, formula, style, float(line.amount))
        _words(sheet, styles, row, line)
    row = first + len(quote.lines)
    if margin is not None:
        sheet.write_string(row, STEP, say("report.margin_rate"), styles["text"])
        formula = f"=IF({price}=0,0,{cell(first + margin, EACH)}/{price})"
        rate = float(quote.margin_rate or 0)
        sheet.write_formula(row, EACH, formula, styles["rate"], rate)
        sheet.write_string(row + 1, STEP, say("report.refund_inside"), styles["text"])
        each = float(quote.refund / quote.quantity)
        sheet.write_number(row + 1, EACH, each, styles["price"])
        row += 2
    return row + 2


def _headings(quote: Quote) -> list[str]:
    currency, unit = currency_name(quote.currency), words.unit(quote.unit)
    per_unit = say("report.per_unit", currency=currency, unit=unit)
    return [
        say("report.step"),
        say("report.rate"),
        say("report.base_each", unit=per_unit),
        per_unit,
        say("report.per_shipment", currency=currency),
        say("report.status"),
        say("report.rule"),
        say("report.source"),
    ]


def _words(sheet: Any, styles: Styles, row: int, line: CostLine) -> None:
    """What a line is, and what it rests on."""
    name = words.named(f"landed.line_{line.name}")
    sheet.write_string(row, STEP, name, styles["text total" if line.subtotal else "text"])
    if status := status_of(line):
        sheet.write_string(row, STATUS, words.status(status), styles["text"])
    if line.rule:
        rule = f"{line.rule.id}: {words.rule_value(line.rule.value)}"
        sheet.write_string(row, RULE, rule, styles["text"])
        sheet.write_string(row, SOURCE, cited(line.rule.source), styles["text"])


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
        sheet.write_number(row, RATE, _rate(line.amount / base), styles["rate input"])
        each = float(base / quote.quantity)
        if found:
            sheet.write_formula(row, BASE, f"={found}", styles["price"], each)
        else:
            sheet.write_number(row, BASE, each, styles["price input"])
        formula = f"={cell(row, RATE)}*{cell(row, BASE)}"
        sheet.write_formula(row, EACH, formula, styles["price"], float(line.per_unit))
    else:
        sheet.write_number(row, EACH, float(line.per_unit), styles["price input"])


def _rate(rate: Decimal) -> float:
    """A rate that was worked back from rounded amounts: 0.14, not 0.1400000034281363."""
    return float(round(rate, 6))
