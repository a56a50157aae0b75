"""What becomes of sales without any decision (自然变化), told apart from what moves change.

A plan that says "stay" beside sales that double would make a reader stumble: markets grow, and a
share that is told from several years is not the last year's. Amounts are in the firm's currency.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum

from offing.planning.plan import AskedPrice, Plan, PlanRow
from offing.report import words
from offing.report.blocks import Text
from offing.report.decision import CNY, Decision
from offing.terms.messages import say
from offing.terms.numbers import (
    Moneys,
    moneys,
    percent,
    signed_money,
)

NO_CHANGE = 0.01
"""Of today's sales: a smaller part of their change is not told."""


PARTS = ("market", "share", "asked", "hours", "ended")


@dataclass(frozen=True)
class OfItself:
    """From today's sales to those of the plan's last year, a sum: each part in CNY a year.

    Attributes:
        now: sales of the last twelve months.
        parts: by name: ``market`` by the growth expected of the origin's exports to the firm's
            markets, ``share`` since that of several years is another than the last year's,
            ``asked`` by prices that the study asks, ``hours`` by what the lines cannot make,
            ``ended`` of rows that tell no price to go on with.
        moves: by the plan's moves.
    """

    now: float
    parts: Mapping[str, float]
    moves: float

    @classmethod
    def of(cls, plan: Plan, decision: Decision) -> "OfItself":
        """That of a plan."""
        rate = decision.figures.cny_per_usd
        asked = {(price.product, price.market): _times(price) for price in decision.figures.asked}
        rows = [_parts(row, asked.get((row.product, row.market), 1.0)) for row in plan.rows]
        return cls(
            rate * plan.sales_now_usd,
            {name: rate * fsum(row.get(name, 0.0) for row in rows) for name in PARTS},
            rate * (plan.sales_usd - plan.still_usd),
        )

    @property
    def still(self) -> float:
        """Sales of the last year if nothing is done."""
        return self.now + fsum(self.parts.values())

    def weighs(self, value: float) -> bool:
        """Whether a part is more than next to nothing beside today's sales."""
        return abs(value) >= NO_CHANGE * self.now

    @property
    def planned(self) -> float:
        """Sales of the last year as planned."""
        return self.still + self.moves


def _times(asked: AskedPrice) -> float:
    """Sales at a price that the study asks over those at the ledger's."""
    return asked.times * asked.asked_usd / asked.ledger_usd


def _parts(row: PlanRow, asked: float) -> dict[str, float]:
    """What changes a row's sales of itself, USD a year."""
    if not row.still_usd:
        return {"ended": -row.sales_now_usd}
    share = row.usual_share or 1.0
    wanted = row.still_usd + row.short_usd
    grown = wanted / (share * asked)
    return {
        "market": grown - row.sales_now_usd,
        "share": grown * (share - 1.0),
        "asked": grown * share * (asked - 1.0),
        "hours": -row.short_usd,
    }


def of_itself(plan: Plan, decision: Decision) -> list[Text]:
    """From today's sales to the plan's in one paragraph; nothing without sales of the firm."""
    if not plan.rows or decision.figures.without_sales or not plan.sales_now_usd:
        return []
    figures = OfItself.of(plan, decision)
    told = [v for v in figures.parts.values() if figures.weighs(v)]
    amount = moneys([figures.now, figures.planned, figures.moves, *told], CNY)
    return [Text((_sum(figures, decision, amount),))]


def _sum(figures: OfItself, decision: Decision, amount: Moneys) -> str:
    parts = list(_told(figures, amount))
    values = {
        "year": str(decision.figures.years[-1]),
        "now": amount(figures.now),
        "planned": amount(figures.planned),
        "parts": words.series(parts),
    }
    kind = "stay"
    if decision.figures.moves:
        kind = "moves"
        values["moves"] = signed_money(figures.moves, written=amount)
    return say(f"planning.of_itself_{kind}{'' if parts else '_little'}", **values)


def _told(figures: OfItself, amount: Moneys) -> Iterator[str]:
    """The parts that are more than next to nothing, the largest first."""
    for name, value in sorted(figures.parts.items(), key=lambda part: -abs(part[1])):
        if figures.weighs(value):
            way = "" if name in ("asked", "hours", "ended") else "_more" if value > 0 else "_less"
            share = percent(abs(value) / figures.now, 0)
            yield say(
                f"planning.of_itself_{name}{way}",
                money=signed_money(value, written=amount),
                share=share,
            )
