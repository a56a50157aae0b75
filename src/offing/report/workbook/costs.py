"""The waterfall of each market: change a cost, a rate or a price, and the sums follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from offing.landed.costed import CostLine, Quote
from offing.report import words
from offing.report.charts.waterfall import MARGIN, status_of
from offing.report.views.quote import without_said
from offing.report.workbook.sheet import Styles, begin, cell, headings
from offing.rules.citing import cited, valued
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import currency_name, fixed

STEP, RATE, BASE, EACH, SHIPMENT, STATUS, RULE, SOURCE = range(8)
FIRST = 3
CENTS = Decimal("0.05")
"""A base that is this near to a sum of the shipment is that sum, rounded on its way."""


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """What each market comes to, each with a link to its block; below, one block for each."""
    widths = (34, 18, 14, 14, 16, 16, 44, 60)
    begin(sheet, styles, say("report.cost_heading"), say("report.book_note"), widths)
    sheet.freeze_panes(FIRST, STEP + 1)
    quotes = [
        (words.product(product), market.quote)
        for product in result.products
        for market in product.markets
        if market.quote
    ]
    if not quotes:
        sheet.write_string(FIRST, 0, say("report.no_quote"), styles["text"])
        return
    row = FIRST + len(quotes) + 2
    blocks = []
    for product, quote in quotes:
        blocks.append(_block(sheet, styles, row, product, quote))
        row = blocks[-1].after
    _index(sheet, styles, blocks)


@dataclass(frozen=True)
class Block:
    """One market's waterfall in the sheet.

    Attributes:
        product: in words.
        quote: what is written.
        top: its first row.
        fob: the cell of its FOB price; of its landed cost, and of its margin over the price.
        after: the row after it.
    """

    product: str
    quote: Quote
    top: int
    fob: str
    landed: str
    margin_rate: str
    after: int


def _index(sheet: Any, styles: Styles, blocks: Sequence[Block]) -> None:
    """A row a block, to sort out with a filter and to go to; its figures are those of the block."""
    titles = (
        say("planning.sheet_product"),
        say("planning.sheet_market"),
        words.named("landed.line_fob"),
        words.named("landed.line_landed"),
        say("report.margin_rate"),
        say("report.of_which_unit"),
    )
    headings(sheet, styles, FIRST, titles)
    for row, block in enumerate(blocks, start=FIRST + 1):
        quote, to = block.quote, f"internal:'{sheet.get_name()}'!{cell(block.top, STEP)}"
        country = country_name(quote.destination)
        sheet.write_url(row, STEP, to, styles["link"], block.product)
        sheet.write_url(row, RATE, to, styles["link"], country)
        fob = next(line for line in quote.lines if line.subtotal and line.stage == "FOB")
        sheet.write_formula(row, BASE, f"={block.fob}", styles["price"], float(fob.per_unit))
        landed = float(quote.lines[-1].per_unit)
        sheet.write_formula(row, EACH, f"={block.landed}", styles["price"], landed)
        if block.margin_rate:
            rate = float(quote.margin_rate or 0)
            sheet.write_formula(row, SHIPMENT, f"={block.margin_rate}", styles["rate"], rate)
        sheet.write_string(row, STATUS, _per_unit(quote), styles["text"])
    sheet.autofilter(FIRST, STEP, FIRST + len(blocks), STATUS)


def _per_unit(quote: Quote) -> str:
    currency, unit = currency_name(quote.currency), words.unit(quote.unit)
    return say("report.per_unit", currency=currency, unit=unit)


def _block(sheet: Any, styles: Styles, top: int, product: str, quote: Quote) -> Block:
    """Write a market's waterfall from row ``top``."""
    first, title = top, f"{product} – {country_name(quote.destination)}"
    sheet.write_string(top, STEP, title, styles["block"])
    sheet.write_string(top, BASE, say("report.quantity"), styles["text"])
    if (sums := quote.without) is not None:
        other = f"{without_said(sums)}: {fixed(sums.landed / quote.quantity, 2)}"
        sheet.write_string(top, STATUS, other, styles["text"])
    sheet.write_number(top, EACH, float(quote.quantity), styles["units input"])
    to_top = f"internal:'{sheet.get_name()}'!{cell(FIRST, STEP)}"
    sheet.write_url(top, SHIPMENT, to_top, styles["link"], say("report.to_top"))
    quantity = cell(top, EACH, fixed=True)
    with_margin = any(line.name == MARGIN for line in quote.lines)
    if with_margin:
        top += 1
        sheet.write_string(top, BASE, say("report.price_asked", term="FOB"), styles["text"])
        sheet.write_number(top, EACH, float(_fob(quote)), styles["price input"])
    waterfall = _Waterfall(sheet, styles, quote, top + 2, cell(top, EACH, fixed=True), quantity)
    per_unit = _per_unit(quote)
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
    last = top + 2 + len(quote.lines)
    fob = next(n for n, x in enumerate(quote.lines) if x.subtotal and x.stage == "FOB")
    return Block(
        product,
        quote,
        first,
        fob=cell(top + 2 + fob, EACH),
        landed=cell(last - 1, EACH),
        margin_rate=cell(last, EACH) if with_margin else "",
        after=(waterfall.left() if with_margin else last) + 2,
    )


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
