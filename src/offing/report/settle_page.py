"""The page of ``offing settle --out``: the answer, the frontier, what offsets, what is assumed."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from offing.report import settle_words as words
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Figure,
    Figures,
    Section,
    Table,
    Text,
)
from offing.report.charts import frontier
from offing.report.charts import netting as netting_chart
from offing.report.page import lay_out
from offing.report.settle_words import percent
from offing.report.words import status
from offing.rules.citing import cited, valued
from offing.rules.rule_use import RuleUse
from offing.settlement.advice import BookAdvice, DealAdvice
from offing.settlement.deal import Option
from offing.settlement.portfolio import Netting
from offing.terms.messages import Language, say, speaking
from offing.terms.numbers import NOTHING, fixed


def write_deal(advice: DealAdvice, lang: Language) -> str:
    """The page of a deal, as the text of an HTML file."""
    with speaking(lang):
        best = advice.choices[0].option
        return lay_out(
            title=say("settle.page_deal_cny")
            if best.currency == "CNY"
            else say("settle.page_deal", currency=best.currency, hedge=_hedge(best)),
            firm="offing",
            about=words.title(advice),
            made_up=False,
            answer=list(words.deal_answer(advice)),
            facts=_deal_facts(advice),
            sections=[
                _compared(advice),
                _assumed([*words.notes(advice), *words.risk_steps(advice)], advice.rules),
            ],
        )


def write_book(advice: BookAdvice, lang: Language) -> str:
    """The page of a book, as the text of an HTML file."""
    with speaking(lang):
        return lay_out(
            title=say("settle.page_book", count=len(advice.book.lines)),
            firm="offing",
            about=say("settle.title_book", on=advice.market.on),
            made_up=False,
            answer=list(words.book_answer(advice)),
            facts=_book_facts(advice),
            sections=[
                _natural(advice),
                _lines(advice),
                _assumed([*words.notes(advice), *words.risk_steps(advice)], advice.rules),
            ],
        )


def _hedge(it: Option) -> str:
    return NOTHING if it.currency == "CNY" else percent(it.hedge_ratio, 0)


def _deal_facts(advice: DealAdvice) -> list[Fact]:
    best = advice.choices[0].option
    return [
        Fact(say("settle.column_currency"), best.currency, words.instrument(best)),
        Fact(
            say("settle.column_hedge"),
            _hedge(best),
            say("settle.fact_risk", risk=percent(best.at_risk)),
        ),
        Fact(
            say("settle.column_expected"),
            words.money(best.expected),
            say("settle.fact_low", low=words.money(best.low)),
        ),
        Fact(
            say("settle.column_cost"),
            words.money(best.cost),
            percent(best.cost / abs(best.at_mid) if best.at_mid else Decimal(0), 2),
        ),
    ]


def _book_facts(advice: BookAdvice) -> list[Fact]:
    book = advice.book
    return [
        Fact(say("settle.column_expected"), words.money(book.expected), ""),
        Fact(say("settle.book_low"), words.money(book.low), ""),
        Fact(say("settle.book_added"), words.money(book.low_added), ""),
        Fact(say("settle.column_cost"), words.money(book.cost), ""),
    ]


def _compared(advice: DealAdvice) -> Section:
    best = advice.choices[0]
    lines = [
        frontier.Line(
            choice.option.currency,
            tuple(
                (float(each.at_risk), float(each.cost / abs(each.at_mid)))
                for each in choice.frontier
                if each.at_mid
            ),
            choice.frontier.index(choice.option),
            choice is best,
        )
        for choice in advice.choices
        if choice.option.at_mid
    ]
    columns = (
        Column(say("settle.column_currency"), number=False),
        Column(say("settle.column_instrument"), number=False),
        *(
            Column(say(f"settle.column_{name}"))
            for name in ("hedge", "expected", "low", "cost", "at_risk")
        ),
    )
    rows = tuple(
        (
            Cell(it.currency, mark="strong" if choice is best else None),
            Cell(words.instrument(it)),
            Cell(_hedge(it)),
            Cell(fixed(it.expected, 0)),
            Cell(fixed(it.low, 0)),
            Cell(fixed(it.cost, 0)),
            Cell(percent(it.at_risk), mark=None if choice.within else "negative"),
        )
        for choice in advice.choices
        for it in [choice.option]
    )
    picture = _frontier(lines, advice.risk, say("settle.frontier_caption"))
    blocks: list[Block] = [Figures((picture,))]
    blocks.append(Table("settle-compared", words.title(advice), columns, rows))
    if not all(choice.within for choice in advice.choices):
        blocks.append(Text((say("settle.beyond_page"),), "note"))
    steps = words.steps(best.option)
    blocks.append(
        Table(
            "settle-steps",
            say("settle.title_steps", currency=best.option.currency),
            (Column(say("settle.column_step"), number=False), Column("CNY")),
            tuple((Cell(what), Cell(amount)) for what, amount in steps),
        )
    )
    return Section(
        "compared", say("settle.section_compared"), say("settle.section_compared"), tuple(blocks)
    )


def _frontier(lines: Sequence[frontier.Line], risk: Decimal, caption: str) -> Figure:
    return Figure(
        "settle-frontier",
        say("settle.frontier_heading"),
        frontier.draw("settle-frontier-chart", lines, float(risk)),
        caption,
    )


def _natural(advice: BookAdvice) -> Section:
    book = advice.book
    blocks: list[Block] = []
    figures: list[Figure] = []
    if book.nettings:
        figures.append(
            Figure(
                "settle-natural",
                say("settle.natural_heading"),
                netting_chart.draw("settle-natural-chart", book.nettings, _worth(advice)),
                say("settle.natural_caption"),
            )
        )
    total = sum(abs(line.option.at_mid) for line in book.lines if line.deal.amount > 0)
    if total and len(book.frontier) > 1:
        middle = float(book.expected + book.cost)
        risks = [
            ((e - low) / float(total), (middle - e) / float(total)) for e, low in book.frontier
        ]
        mine = (float((book.expected - book.low) / total), float(book.cost / total))
        points = sorted({*risks, mine}, reverse=True)
        line = frontier.Line(say("settle.the_book"), tuple(points), points.index(mine), best=True)
        figures.append(_frontier([line], advice.risk, say("settle.frontier_book_caption")))
    if figures:
        blocks.append(Figures(tuple(figures)))
    columns = (
        Column(say("settle.column_invoiced"), number=False),
        *(
            Column(say(f"settle.column_{name}"))
            for name in ("receivable", "payable", "offset", "hedge", "hedged", "open", "apart")
        ),
    )
    blocks.append(
        Table(
            "settle-netting",
            say("settle.natural_table"),
            columns,
            tuple(_netting(each) for each in book.nettings),
        )
    )
    heading = say("settle.section_natural")
    return Section("natural", heading, heading, tuple(blocks))


def _worth(advice: BookAdvice) -> dict[str, float]:
    return {code: float(rate) for code, rate in advice.market.spot.items()}


def _netting(each: Netting) -> tuple[Cell, ...]:
    before = (each.receivable, each.payable, each.offset)
    return (
        Cell(each.currency),
        *(Cell(fixed(number, 0)) for number in before),
        Cell(percent(each.hedge_ratio, 0)),
        Cell(fixed(each.hedged, 0)),
        Cell(fixed(each.open, 0), mark="strong"),
        Cell(str(each.days_apart) if each.offset else NOTHING),
    )


def _lines(advice: BookAdvice) -> Section:
    columns = (
        Column(say("settle.column_deal"), number=False),
        Column(say("settle.column_days")),
        Column(say("settle.column_amount")),
        Column(say("settle.column_currency"), number=False),
        Column(say("settle.column_natural")),
        Column(say("settle.column_hedge")),
        Column(say("settle.column_expected")),
        Column(say("settle.column_cost")),
    )
    rows = tuple(
        (
            Cell(line.deal.name or NOTHING),
            Cell(str(line.deal.days)),
            Cell(f"{line.deal.currency} {fixed(line.deal.amount, 0)}"),
            Cell(line.option.currency),
            Cell(percent(line.natural, 0)),
            Cell(percent(line.option.hedge_ratio, 0)),
            Cell(fixed(line.option.expected, 0)),
            Cell(fixed(line.option.cost, 0)),
        )
        for line in advice.book.lines
    )
    title = say("settle.title_book", on=advice.market.on)
    heading = say("settle.section_deals")
    return Section("deals", heading, heading, (Table("settle-deals", title, columns, rows),))


def _assumed(notes: Iterable[str], rules: Sequence[RuleUse]) -> Section:
    columns = tuple(
        Column(say(f"settle.column_{name}"), number=False)
        for name in ("rule", "value", "holds", "status", "source")
    )
    rows = tuple(
        (
            Cell(use.id),
            Cell(valued(use)),
            Cell(f"[{use.since or '…'}, {use.until or '…'})"),
            Cell(status(use.status), mark=use.status),
            Cell(cited(use.source)),
        )
        for use in rules
    )
    heading = say("settle.title_rules")
    return Section(
        "assumed",
        heading,
        heading,
        (Text(tuple(notes), "list"), Table("settle-rules", heading, columns, rows)),
    )
