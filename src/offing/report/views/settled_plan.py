"""How the planned sales are settled: currency and hedge of each market, and what offsets."""

from collections import defaultdict
from collections.abc import Iterator
from math import fsum

from offing.report import words
from offing.report.blocks import (
    Actions,
    Block,
    Cell,
    Figures,
    Folded,
    Shown,
    Table,
    Text,
    number,
    table_of,
    text,
)
from offing.report.money_words import steps
from offing.report.views.settle import hedge, instrument, natural
from offing.rules.rule_use import cite_source
from offing.study.result import Points, SettledMarket, SettledPlan, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, day, fixed_decimals, money, percent, value_or_dash


def blocks(result: StudyResult) -> Iterator[Block]:
    """Currencies, hedges and what they cost; nothing for a study without ``[settlement]``."""
    settled = result.settlement
    if settled is None:
        return
    yield Text(tuple(sentences(result)))
    if moves := steps(result.decided):
        yield Actions(moves, numbered=len(moves) > 1)
    if settled.nettings:
        yield Figures((natural(settled.nettings, dict(settled.worth)),))
    yield Folded(say("report.by_market"), (_market_table(settled),))
    if settled.points:
        points = _points(settled)
        yield Folded(points.caption, (points,))
    notes = [say("settle.plan_book", days=settled.days, on=day(result.on)), say("settle.assumed")]
    notes += [words.caution_text(one) for one in result.decided.not_hedged]
    yield Text(tuple(notes), "note")


def sentences(result: StudyResult) -> list[str]:
    """What to do and what it costs; nothing for a study without ``[settlement]``."""
    settled = result.settlement
    if settled is None:
        return []
    sales = fsum(line.sales_usd for line in settled.lines if line.sales_usd > 0)
    by_currency: dict[str, float] = defaultdict(float)
    for line in settled.lines:
        if line.sales_usd > 0:
            by_currency[line.currency] += line.sales_usd
    shares = sorted(by_currency.items(), key=lambda pair: -pair[1])
    hedges = [
        f"{netting.currency} {hedge(netting.hedge_ratio)}"
        for netting in settled.nettings
        if netting.hedge_ratio
    ]
    fall = (settled.expected_cny - settled.low_cny) / settled.receivables_cny
    sentences = [
        say(
            "settle.plan_currencies",
            shares=words.series(f"{code} {percent(usd / sales, 0)}" for code, usd in shares),
        ),
        say("settle.plan_hedges", hedges=words.series(hedges))
        if hedges
        else say("settle.plan_no_hedge"),
        say("settle.plan_costs", rate=percent(settled.cost_rate, 2), fall=percent(fall, 1)),
    ]
    if settled.low_cny > settled.low_added_cny:
        saved = money(settled.low_cny - settled.low_added_cny, "CNY")
        sentences.append(say("settle.plan_saves", saved=saved))
    if not settled.within:
        sentences.append(say("settle.plan_beyond", risk=percent(settled.risk, 1)))
    return sentences


def _points(settled: SettledPlan) -> Table:
    """Interest with the last day it was seen and its age, and what forwards are sure to bring."""
    days = [count for count, _ in max((points.points for points in settled.points), key=len)]

    def ahead(days: int) -> Shown[Points]:
        heading = number("settle.column_points", days=days)
        return heading, lambda row: value_or_dash(
            dict(row.points).get(days), lambda v: percent(v, 2)
        )

    return table_of(
        "points-table",
        say("settle.points_table"),
        settled.points,
        (text("settle.column_currency"), lambda row: Cell(row.currency, mark="strong")),
        (number("settle.column_interest"), lambda row: percent(row.interest, 2)),
        *map(ahead, days),
        (text("settle.column_known"), lambda row: value_or_dash(row.known_on, day)),
        (
            number("settle.column_age"),
            lambda row: value_or_dash(row.age, lambda age: fixed_decimals(age, 0)),
        ),
        (text("settle.column_source"), lambda row: cite_source(row.source)),
    )


def _market_table(settled: SettledPlan) -> Table:
    def name(line: SettledMarket) -> str:
        return country_name(line.market) if line.market else line.name or say("settle.a_payable")

    def ratio(line: SettledMarket) -> str:
        held = line.currency == "CNY" or line.hedge_ratio is None
        return NOTHING if held else percent(line.hedge_ratio or 0.0, 0)

    return table_of(
        "settlement-table",
        say("settle.section_plan_heading"),
        settled.lines,
        (say("settle.column_market"), name),
        (say("settle.column_sales"), lambda line: fixed_decimals(line.sales_usd / 1e6, 1)),
        (text("settle.column_currency"), lambda line: Cell(line.currency, mark="strong")),
        (say("settle.column_natural"), lambda line: percent(line.natural, 0)),
        (say("settle.column_hedge"), ratio),
        (
            text("settle.column_instrument"),
            lambda line: instrument(line.instrument if line.hedge_ratio else None),
        ),
        (say("settle.column_cost_rate"), lambda line: percent(line.cost_rate, 2)),
    )
