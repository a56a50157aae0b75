"""The price of a model in a market, told: today's, what may decide it, the curve."""

from collections.abc import Iterator
from functools import partial
from math import isinf

from offing.api.price import PriceAnswer
from offing.planning.offering import Selling
from offing.report.blocks import Block, Cell, Figure, Figures, Table, Text, cautions, columns
from offing.report.charts import price as chart
from offing.study.pricing import PricePoint
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    MoneyColumn,
    count,
    fixed_decimals,
    likelihood,
    money_column,
    moneys,
    price,
    price_digits,
)

NEAR = 2
"""Prices on each side of today's that the first screen shows, beside the asked and the best."""


def view(answer: PriceAnswer) -> tuple[Block, ...]:
    """A price that was asked about, sentences, the curve, the prices near today's or all."""
    return *asked_price_blocks(answer), *curve(answer)


def curve(answer: PriceAnswer) -> tuple[Block, ...]:
    """Sentences, the curve, the prices near today's; with ``explain`` the whole table."""
    priced = answer.priced
    market = country_name(answer.market)
    figure = Figure(
        "price",
        say("price.heading", model=answer.model, market=market),
        partial(chart.draw, "price", answer.model, market, priced.curve.points),
        say("price.chart_caption"),
        tables=(_table(answer),),
    )
    hidden = len(priced.curve.points) - len(_price_points(answer))
    more = (Text((say("price.more", count=hidden),), "note"),) if hidden else ()
    return (
        Text((_verdict(answer),), "lead"),
        Text(tuple(_grounds(answer)), "list"),
        Figures((figure,)),
        *more,
        *cautions(answer.cautions),
    )


def asked_price_blocks(answer: PriceAnswer) -> tuple[Block, ...]:
    """What the price that was asked about would bring."""
    point = answer.priced.point
    if point is None:
        return ()
    amount = moneys([point.profit_cny, point.low_cny, point.high_cny, point.matched_cny], "CNY")
    brings = say(
        "price.at",
        fob=price(point.fob_usd),
        landed=_landed_price(answer, point),
        units=count(round(point.units)),
        few=count(round(point.low_units)),
        many=count(round(point.high_units)),
        profit=amount(point.profit_cny),
        low=amount(point.low_cny),
        high=amount(point.high_cny),
    )
    more = [] if point.chance is None else [say("price.at_chance", chance=likelihood(point.chance))]
    more.append(say("price.at_matched", profit=amount(point.matched_cny)))
    return Text((brings,), "lead"), Text(tuple(more))


def _landed_price(answer: PriceAnswer, point: PricePoint) -> str:
    """Its price at the importer's door; missing where nobody knows the duty."""
    if point.landed_usd is None:
        return say("price.duty_unknown")
    return say("price.duty_paid", price=price(point.landed_usd))


def _grounds(answer: PriceAnswer) -> Iterator[str]:
    """Today's price, the one that the study asks, and what is known of how buyers answer to it."""
    priced = answer.priced
    point = next(point for point in priced.curve.points if point.today)
    key = "sells" if isinstance(priced.outlet.state, Selling) else "enters"
    yield say(f"price.today_{key}", price=price(point.fob_usd), landed=_landed_price(answer, point))
    if priced.outlet.asked_usd is not None:
        yield say("price.asked", price=price(priced.asked_usd))
    implied, sigma, learnt = priced.curve.implied, priced.sigma, priced.ledger
    if isinf(implied):
        yield say("price.implied_none")
    else:
        yield say("price.implied", sigma=fixed_decimals(implied, 1))
    value, low, high = (fixed_decimals(x, 1) for x in (sigma.value, sigma.low, sigma.high))
    yield say(f"price.sigma_{sigma.source}", sigma=value, low=low, high=high)
    if learnt is None:
        yield say("price.ledger_none")
        return
    ends = {}
    if learnt.sigma is not None:
        ends = {
            "low": fixed_decimals(learnt.sigma.low, 1),
            "high": fixed_decimals(learnt.sigma.high, 1),
        }
    yield say(f"price.ledger_{learnt.reason}", rows=count(learnt.rows), **ends)


def _verdict(answer: PriceAnswer) -> str:
    curve = answer.priced.curve
    best = {} if curve.best_usd is None else {"price": price(curve.best_usd)}
    return say(f"price.verdict_{curve.verdict}", **best)


def _price_points(answer: PriceAnswer) -> tuple[PricePoint, ...]:
    """The prices to tell: all where asked for, else those near today's and those that matter."""
    curve, tried = answer.priced.curve, answer.priced.asked_usd
    if answer.explain:
        return curve.points
    today = next(at for at, point in enumerate(curve.points) if point.today)
    return tuple(
        point
        for at, point in enumerate(curve.points)
        if abs(at - today) <= NEAR or point.fob_usd in (tried, curve.best_usd, answer.priced.at_usd)
    )


def _table(answer: PriceAnswer) -> Table:
    names = ("fob", "landed", "units", "profit", "range", "chance", "matched", "note")
    points = _price_points(answer)
    usual = [point for point in points if point.fob_usd != answer.priced.at_usd] or points
    told = [(p.profit_cny, p.low_cny, p.high_cny, p.matched_cny) for p in usual]
    column = money_column([value for row in told for value in row], "CNY")
    return Table(
        "price-points",
        say("price.table", unit=column.unit),
        columns("price.column_{}", *names, text=("range", "note")),
        tuple(_row(answer, point, column) for point in points),
    )


def _row(answer: PriceAnswer, point: PricePoint, column: MoneyColumn) -> tuple[Cell, ...]:
    priced = answer.priced
    notes = []
    if point.today and isinstance(priced.outlet.state, Selling):
        notes.append(say("price.is_today"))
    if point.fob_usd == priced.asked_usd:
        notes.append(say("price.is_asked"))
    if point.fob_usd == priced.at_usd:
        notes.append(say("price.is_at"))
    if point.outside and not point.today:
        notes.append(say("price.is_outside"))
    chance = "" if point.chance is None else likelihood(point.chance)
    usd = point.landed_usd
    landed = say("report.missing") if usd is None else price_digits(usd)
    return (
        Cell(price_digits(point.fob_usd), value=point.fob_usd),
        Cell(landed, value=point.landed_usd, mark=None if point.landed_usd else "missing"),
        Cell(count(round(point.units)), value=point.units),
        Cell(column.cell(point.profit_cny), value=point.profit_cny),
        Cell(f"{column.cell(point.low_cny)} … {column.cell(point.high_cny)}"),
        Cell(chance, value=point.chance),
        Cell(column.cell(point.matched_cny), value=point.matched_cny),
        Cell(say("errors.joint").join(notes)),
    )
