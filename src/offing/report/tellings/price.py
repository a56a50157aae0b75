"""The price of a model in a market, told: today's, what may decide it, the curve."""

from offing.api.price import PriceAnswer
from offing.planning.offering import Selling
from offing.planning.pricing import PricePoint
from offing.report import words
from offing.report.blocks import Block, Cell, Figure, Figures, Table, Text, cautions, columns
from offing.report.charts import price as chart
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import count, fixed, money, money_range, percent, price


def tell(answer: PriceAnswer) -> tuple[Block, ...]:
    """Sentences, the curve, its table."""
    made = answer.priced
    market = country_name(answer.market)
    figure = Figure(
        "price",
        say("price.heading", model=answer.model, market=market),
        chart.draw("price", answer.model, market, made.curve.points),
        say("price.chart_caption"),
        tables=(_table(answer),),
        wide=True,
    )
    return (
        Text((_verdict(answer),), "lead"),
        Text((*_today(answer), _implied(answer), _sigma(answer), _ledger(answer)), "list"),
        Figures((figure,)),
        *cautions(answer.cautions),
    )


def _today(answer: PriceAnswer) -> list[str]:
    made = answer.priced
    point = next(point for point in made.curve.points if point.today)
    sells = isinstance(made.outlet.state, Selling)
    shown = {"price": price(point.fob_usd), "landed": price(point.landed_usd)}
    said = [say("price.today_sells" if sells else "price.today_enters", **shown)]
    if made.outlet.asked_usd is not None:
        said.append(say("price.asked", price=price(made.asked_usd)))
    return said


def _implied(answer: PriceAnswer) -> str:
    implied = answer.priced.curve.implied
    if implied == float("inf"):
        return say("price.implied_none")
    return say("price.implied", sigma=fixed(implied, 1))


def _sigma(answer: PriceAnswer) -> str:
    sigma = answer.priced.sigma
    value, low, high = (fixed(x, 1) for x in (sigma.value, sigma.low, sigma.high))
    return say(f"price.sigma_{sigma.source}", sigma=value, low=low, high=high)


def _ledger(answer: PriceAnswer) -> str:
    learnt = answer.priced.ledger
    if learnt is None:
        return say("price.ledger_none")
    ends = {}
    if learnt.sigma is not None:
        ends = {"low": fixed(learnt.sigma.low, 1), "high": fixed(learnt.sigma.high, 1)}
    return say(f"price.ledger_{learnt.reason}", rows=count(learnt.rows), **ends)


def _verdict(answer: PriceAnswer) -> str:
    curve = answer.priced.curve
    best = {} if curve.best_usd is None else {"price": price(curve.best_usd)}
    return say(f"price.verdict_{curve.verdict}", **best)


def _table(answer: PriceAnswer) -> Table:
    names = ("fob", "landed", "units", "profit", "range", "chance", "matched", "note")
    return Table(
        "price-points",
        say("price.table"),
        columns("price.column_{}", *names, text=("range", "note")),
        tuple(_row(answer, point) for point in answer.priced.curve.points),
    )


def _row(answer: PriceAnswer, point: PricePoint) -> tuple[Cell, ...]:
    made = answer.priced
    notes = []
    if point.today and isinstance(made.outlet.state, Selling):
        notes.append(say("price.is_today"))
    if point.fob_usd == made.asked_usd:
        notes.append(say("price.is_asked"))
    if point.outside and not point.today:
        notes.append(say("price.is_outside"))
    chance = "" if point.chance is None else percent(point.chance, 0)
    return (
        Cell(fixed(point.fob_usd, 2), value=point.fob_usd),
        Cell(fixed(point.landed_usd, 2), value=point.landed_usd),
        Cell(count(round(point.units)), value=point.units),
        Cell(money(point.profit_cny, "CNY"), value=point.profit_cny),
        Cell(money_range(point.low_cny, point.high_cny, "CNY")),
        Cell(chance, value=point.chance),
        Cell(money(point.matched_cny, "CNY"), value=point.matched_cny),
        Cell(words.listed(notes)),
    )
