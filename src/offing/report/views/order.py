"""An order, told: take it, refuse it or at which price, part by part, and what is not known."""

from collections.abc import Iterator
from math import ceil

from offing.api.order import OrderAnswer
from offing.report.blocks import Block, Text, cautions, number, table_of, text
from offing.study.order import OrderResult
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import count, currency_name, digits, fixed_decimals, money, percent


def view(answer: OrderAnswer) -> tuple[Block, ...]:
    """The verdict, the prices at which it pays, its parts, what is not known."""
    made, order = answer.result, answer.result.order
    prices = {"price": float(order.price.amount), "zero": made.zero, "usual": made.usual}
    figures = {
        "units": count(order.units), "model": order.facts.key, "market": country_name(order.market),
        "term": order.term, "net": money(made.net_cny, "CNY"), "hours": digits(order.hours),
        "line": digits(made.line_hours), "margin": percent(made.margin, 1),
        **{name: f"{order.price.currency} {_to_a_cent(value)}" for name, value in prices.items()},
    }  # fmt: skip
    lacking = (Caution(key, {"needs": needs}) for key, needs in made.lacking.items())
    return (
        Text((say("order.lead", **figures), say(f"order.{made.verdict}", **figures)), "lead"),
        Text(tuple(_beside(made, figures)), "list"),
        _parts(made),
        *cautions(lacking),
    )


def _to_a_cent(value: float) -> str:
    """Rounded up: a cent below the price at which nothing is left is a loss."""
    return fixed_decimals(ceil(round(value * 100, 4)) / 100, 2)


def _beside(made: OrderResult, figures: dict[str, str]) -> Iterator[str]:
    """The prices, the hours, the market, the exchange rate and the buyer."""
    yield say("order.prices_least" if made.lacking else "order.prices", **figures)
    if made.hours_cny is not None and not made.order.planned and made.verdict != "beyond":
        key = "order.hours" if made.hours_cny else "order.hours_free"
        yield say(key, worth=money(made.hours_cny, "CNY"), **figures)
    if made.entering_cny is not None:
        yield say("order.nothing_sold", entering=money(made.entering_cny, "CNY"), **figures)
    if made.at_risk_cny:
        yield say("order.at_risk", risk=money(made.at_risk_cny, "CNY"))
    if made.owed_cny is not None:
        key = "order.no_limit" if made.limit_cny is None else "order.owes"
        limit, owed = money(made.limit_cny or 0.0, "CNY"), money(made.owed_cny, "CNY")
        yield say(key, buyer=made.order.buyer, owed=owed, limit=limit)


def _parts(made: OrderResult) -> Block:
    rows = {**made.lines, "profit": made.profit_cny}
    if made.hours_cny:
        rows |= {"hours": -made.hours_cny, "net": made.net_cny}
    units = float(made.order.units)
    return table_of(
        "order-parts",
        say("order.parts"),
        [row for row in rows.items() if round(row[1])],
        (text("order.column_part"), lambda row: say(f"order.part_{row[0]}")),
        (currency_name("CNY"), lambda row: fixed_decimals(row[1], 0)),
        (number("order.column_unit"), lambda row: fixed_decimals(row[1] / units, 2)),
    )
