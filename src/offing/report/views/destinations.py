"""One shipment to several destinations, told side by side: every step of one unit."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from offing.landed.costed import CostLine, Quote, Stage
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Heading, Shown, Text, table_of, text
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, currency_name, fixed, percent

Row = tuple[str, Callable[[Quote], Cell]]
Step = tuple[int, bool, str]
"""Place of the stage, whether it is the stage's sum, name of the line."""


def view(quotes: Sequence[Quote], reasons: Mapping[str, str]) -> tuple[Block, ...]:
    """The table, and why a destination is not in it.

    Args:
        quotes: of the same shipment, in one currency.
        reasons: destination (alpha-3) → why it has no quote.
    """
    why = tuple(
        say("landed.beside_reason", country=country_name(market), reason=reason)
        for market, reason in reasons.items()
    )
    left_out = (Text(why, "list"),) if why else ()
    if not quotes:
        return Heading(say("landed.beside_heading")), *left_out
    steps = dict.fromkeys(_step(line) for quote in quotes for line in quote.lines)
    rows = [_line(name, subtotal=bool(subtotal)) for _, subtotal, name in sorted(steps, key=_order)]
    rows += [(say("landed.beside_net"), _net), (say("landed.beside_margin"), _margin)]

    def column(quote: Quote) -> Shown[Row]:
        return Column(country_name(quote.destination)), lambda row: row[1](quote)

    table = table_of(
        "quote-destinations",
        say("landed.beside_table", currency=currency_name(quotes[0].currency)),
        rows,
        (text("landed.beside_column"), lambda row: row[0]),
        *map(column, quotes),
    )
    return Heading(say("landed.beside_heading")), table, *left_out


def _step(line: CostLine) -> Step:
    return get_args(Stage).index(line.stage), line.subtotal, line.name


def _order(step: Step) -> tuple[int, bool]:
    """The steps of a stage as they come, then its sum."""
    return step[:2]


def _line(name: str, *, subtotal: bool) -> Row:
    def shown(quote: Quote) -> Cell:
        line = next((line for line in quote.lines if line.name == name), None)
        if line is None:
            return Cell(NOTHING)
        return Cell(fixed(line.per_unit, 2), mark="strong" if subtotal else None)

    return words.named(f"landed.line_{name}"), shown


def _net(quote: Quote) -> Cell:
    return Cell(fixed(quote.landed_before_recoverable / quote.quantity, 2))


def _margin(quote: Quote) -> Cell:
    return Cell(NOTHING if quote.margin_rate is None else percent(quote.margin_rate, 1))
