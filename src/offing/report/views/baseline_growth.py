"""What becomes of sales without any decision (自然变化), told apart from what moves change.

A plan that says "stay" beside sales that double would make a reader stumble: markets grow, and a
share that is told from several years is not the last year's. Amounts are in the firm's currency.
"""

from collections.abc import Iterator, Mapping
from math import fsum

from offing.planning.plan import Plan, PlanRow
from offing.report import words
from offing.report.blocks import Text
from offing.report.decision import CNY, NamedDecision
from offing.terms.messages import say
from offing.terms.numbers import Moneys, moneys, percent, signed_money

NO_CHANGE = 0.01
"""Of today's sales: a smaller part of their change is not told."""
PARTS = ("market", "share", "price", "asked", "hours", "ended")


def baseline_growth(plan: Plan, decision: NamedDecision) -> dict[str, float]:
    """From today's sales to those of the plan's last year, what each part adds in CNY a year.

    ``market``: the growth expected of the origin's exports to the firm's markets; ``share``: that
    of several years is another than the last year's; ``price``: so are prices; ``asked``: prices
    that the study asks;
    ``hours``: what the lines cannot make; ``ended``: rows that tell no price to go on with.
    """
    rate = decision.figures.cny_per_usd
    asked = {
        (price.product, price.market): price.times * price.asked_usd / price.ledger_usd
        for price in decision.figures.asked
    }
    rows = [_parts(row, asked.get((row.product, row.market), 1.0)) for row in plan.rows]
    return {name: rate * fsum(row.get(name, 0.0) for row in rows) for name in PARTS}


def _parts(row: PlanRow, asked: float) -> dict[str, float]:
    """What changes a row's sales of itself, USD a year."""
    if not row.still_usd:
        return {"ended": -row.sales_now_usd}
    share, price = row.usual_share or 1.0, row.usual_price or 1.0
    wanted = row.still_usd + row.short_usd
    grown = wanted / (share * price * asked)
    return {
        "market": grown - row.sales_now_usd,
        "share": grown * (share - 1.0),
        "price": grown * share * (price - 1.0),
        "asked": grown * share * price * (asked - 1.0),
        "hours": -row.short_usd,
    }


def told_growth(plan: Plan, decision: NamedDecision) -> list[Text]:
    """From today's sales to the plan's in one paragraph; nothing without sales of the firm."""
    if not plan.rows or decision.figures.without_sales or not plan.sales_now_usd:
        return []
    rate, parts = decision.figures.cny_per_usd, baseline_growth(plan, decision)
    now, moves = rate * plan.sales_now_usd, rate * (plan.sales_usd - plan.still_usd)
    planned = now + fsum(parts.values()) + moves
    weighty = {name: value for name, value in parts.items() if abs(value) >= NO_CHANGE * now}
    amount = moneys([now, planned, moves, *weighty.values()], CNY)
    said = list(_part_sentences(weighty, now, amount))
    values = {"now": amount(now), "planned": amount(planned), "parts": words.series(said)}
    kind = "moves" if decision.figures.moves else "stay"
    sentence = say(
        f"planning.of_itself_{kind}{'' if said else '_little'}",
        year=str(decision.figures.years[-1]),
        moves=signed_money(moves, written=amount),
        **values,
    )
    return [Text((sentence,))]


def _part_sentences(parts: Mapping[str, float], now: float, amount: Moneys) -> Iterator[str]:
    """The parts, the largest first."""
    for name, value in sorted(parts.items(), key=lambda part: -abs(part[1])):
        way = "" if name in ("asked", "hours", "ended") else "_more" if value > 0 else "_less"
        money, share = signed_money(value, written=amount), percent(abs(value) / now, 0)
        yield say(f"planning.of_itself_{name}{way}", money=money, share=share)
