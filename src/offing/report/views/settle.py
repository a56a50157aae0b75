"""A deal, a book of deals or the test of the limits, told; and the page of the first two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from offing.report import settle_words as said
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Fact,
    Figure,
    Figures,
    Folded,
    Heading,
    Section,
    Table,
    Text,
    amounts,
    cautions,
    columns,
)
from offing.report.charts import frontier
from offing.report.charts import netting as netting_chart
from offing.report.layout import lay_out
from offing.settlement.advice import BookAdvice, DealAdvice
from offing.settlement.backtest import BASKET
from offing.settlement.deal import Choice, Option
from offing.settlement.portfolio import Netting
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed, percent

if TYPE_CHECKING:
    from offing.api.settle import SettleAnswer

WORDS = ("currency", "instrument", "holds")
"""Columns of text."""


def view(answer: "SettleAnswer") -> tuple[Block, ...]:
    """The answer, what it was compared with, what is assumed; the test as its table."""
    advice = answer.advice
    if advice is None:
        return _tested(answer)
    sentences = tuple(said.sentences(answer))
    told: list[Block] = [Text(sentences, "lead")] if sentences else []
    told += [block for section in _sections(answer) for block in section.blocks]
    if answer.quarantined:
        assert isinstance(advice, BookAdvice)
        bad = len(answer.quarantined)
        told.append(Callout(say("settle.aside", count=bad, all=bad + len(advice.book.lines))))
        told.append(Text(tuple(" ".join(str(e).split("\n")) for e in answer.quarantined), "list"))
    told += cautions(answer.cautions)
    return tuple(told)


def page(answer: "SettleAnswer") -> str:
    """The page of a deal or a book, as the text of an HTML file."""
    advice = answer.advice
    assert advice is not None, "a test has no page"
    if isinstance(advice, BookAdvice):
        title = say("settle.page_book", count=len(advice.book.lines))
        about, facts = say("settle.title_book", on=advice.market.on), _book_facts(advice)
    else:
        best = advice.choices[0].option
        key = "settle.page_deal_cny" if best.currency == "CNY" else "settle.page_deal"
        title = say(key, currency=best.currency, hedge=_hedge(best))
        about, facts = said.title(advice), _deal_facts(best)
    return lay_out(
        title=title,
        firm="offing",
        about=about,
        made_up=False,
        answer=(Text(tuple(said.sentences(answer))),),
        facts=facts,
        sections=_sections(replace(answer, frontier=True, explain=True)),
    )


def _sections(answer: "SettleAnswer") -> list[Section]:
    advice = answer.advice
    assert advice is not None
    if isinstance(advice, BookAdvice):
        parts = [
            ("natural", say("settle.section_natural"), _natural(advice)),
            ("deals", say("settle.section_deals"), _lines(advice)),
        ]
    else:
        parts = [("compared", say("settle.section_compared"), _compared(advice, answer.frontier))]
    parts.append(("assumed", say("settle.title_rules"), _assumed(advice, answer.explain)))
    return [Section(id_, heading, heading, tuple(blocks)) for id_, heading, blocks in parts]


def _columns(*names: str) -> tuple[Column, ...]:
    return columns("settle.column_{}", *names, text=WORDS)


def _hedge(option: Option) -> str:
    return NOTHING if option.currency == "CNY" else said.hedge(option.hedge_ratio)


def _deal_facts(best: Option) -> list[Fact]:
    risk, low = percent(best.at_risk, 1), fixed(best.low, 0)
    lost = percent(best.cost / abs(best.at_mid) if best.at_mid else Decimal(0), 2)
    return [
        Fact(say("settle.column_currency"), best.currency, said.instrument(best.instrument)),
        Fact(say("settle.column_hedge"), _hedge(best), say("settle.fact_risk", risk=risk)),
        Fact(
            say("settle.column_expected"), fixed(best.expected, 0), say("settle.fact_low", low=low)
        ),
        Fact(say("settle.column_cost"), fixed(best.cost, 0), lost),
    ]


def _book_facts(advice: BookAdvice) -> list[Fact]:
    book = advice.book
    figures = {
        "book_expected": book.expected,
        "book_low": book.low,
        "book_added": book.low_added,
        "column_cost": book.cost,
    }
    return [Fact(say(f"settle.{name}"), fixed(value, 0), "") for name, value in figures.items()]


def _compared(advice: DealAdvice, every_ratio: bool) -> Iterable[Block]:
    """The currencies side by side, with what each hedge costs and leaves at risk."""
    best = advice.choices[0]
    lines = [
        frontier.Line(
            choice.option.currency,
            tuple(
                (float(point.at_risk), float(point.cost / abs(point.at_mid)))
                for point in choice.frontier
                if point.at_mid
            ),
            choice.frontier.index(choice.option),
            choice is best,
        )
        for choice in advice.choices
        if choice.option.at_mid
    ]
    tables = [_ratios(choice) for choice in advice.choices if len(choice.frontier) > 1]
    caption = say("settle.frontier_caption")
    if lines:
        yield Figures((_frontier(lines, advice.risk, caption, tables if every_ratio else ()),))
    names = ("currency", "instrument", "hedge", "expected", "low", "cost", "at_risk")
    rows = tuple(_option(choice, choice is best) for choice in advice.choices)
    yield Table("settle-compared", said.title(advice), _columns(*names), rows)
    if not all(choice.within for choice in advice.choices):
        yield Text((say("settle.beyond"),), "note")


def _option(choice: Choice, best: bool) -> tuple[Cell, ...]:
    option = choice.option
    return (
        Cell(option.currency + ("" if choice.within else " *"), mark="strong" if best else None),
        Cell(said.instrument(option.instrument)),
        Cell(_hedge(option)),
        *amounts((option.expected, option.low, option.cost), 0),
        Cell(percent(option.at_risk, 1), mark=None if choice.within else "negative"),
    )


def _ratios(choice: Choice) -> Table:
    """Each hedge ratio, with a bar for what it leaves at risk; an arrow at the one that suits."""
    widest = max(point.at_risk for point in choice.frontier) or Decimal(1)
    suits = choice.option.hedge_ratio
    rows = tuple(
        (
            Cell(f"→ {said.hedge(suits)}", mark="strong")
            if point.hedge_ratio == suits
            else Cell(said.hedge(point.hedge_ratio)),
            *amounts((point.expected, point.low), 0),
            Cell(percent(point.at_risk, 1), span=(0.0, float(point.at_risk / widest))),
        )
        for point in choice.frontier
    )
    code = choice.option.currency
    heads = _columns("hedge", "expected", "low", "at_risk")
    return Table(f"settle-{code}", say("settle.title_frontier", currency=code), heads, rows)


def _frontier(
    lines: list[frontier.Line], risk: Decimal, caption: str, tables: Iterable[Table] = ()
) -> Figure:
    drawn = partial(frontier.draw, "settle-frontier-chart", lines, float(risk))
    return Figure("settle-frontier", say("settle.frontier_heading"), drawn, caption, tuple(tables))


def natural(nettings: Sequence[Netting], worth: Mapping[str, float]) -> Figure:
    """What offsets in each currency, drawn on one scale in CNY; ``worth`` is CNY for one unit."""
    drawn = partial(netting_chart.draw, "settle-natural-chart", nettings, worth)
    heading, caption = say("settle.natural_heading"), say("settle.natural_caption")
    return Figure("settle-natural", heading, drawn, caption)


def _natural(advice: BookAdvice) -> Iterable[Block]:
    """What offsets in each currency, and the frontier of the whole book."""
    book = advice.book
    figures = []
    if book.nettings:
        worth = {code: float(rate) for code, rate in advice.market.spot.items()}
        figures.append(natural(book.nettings, worth))
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
        yield Figures(tuple(figures))
    names = ("invoiced", "receivable", "payable", "offset", "hedge", "hedged", "open", "apart")
    rows = tuple(
        (
            Cell(net.currency),
            *amounts((net.receivable, net.payable, net.offset), 0),
            Cell(said.hedge(net.hedge_ratio)),
            *amounts((net.hedged,), 0),
            Cell(fixed(net.open, 0), mark="strong"),
            Cell(str(net.days_apart) if net.offset else NOTHING),
        )
        for net in book.nettings
    )
    yield Table("settle-netting", say("settle.natural_table"), _columns(*names), rows)


def _lines(advice: BookAdvice) -> Iterable[Block]:
    """Each deal, and the whole."""
    rows = tuple(
        (
            Cell(line.deal.name or NOTHING),
            Cell(str(line.deal.days)),
            Cell(f"{line.deal.currency} {fixed(line.deal.amount, 0)}"),
            Cell(line.option.currency),
            Cell(percent(line.natural, 0)),
            Cell(said.hedge(line.option.hedge_ratio)),
            *amounts((line.option.expected, line.option.cost), 0),
        )
        for line in advice.book.lines
    )
    names = ("deal", "days", "amount", "currency", "natural", "hedge", "expected", "cost")
    title = say("settle.title_book", on=advice.market.on)
    yield Table("settle-deals", title, _columns(*names), rows)
    sums = tuple((Cell(fact.name), Cell(fact.value)) for fact in _book_facts(advice))
    yield Table("settle-sums", "", (*_columns("sum"), Column("CNY")), sums)
    if not advice.book.within:
        yield Text((say("settle.beyond"),), "note")


def _assumed(advice: DealAdvice | BookAdvice, explain: bool) -> Iterable[Block]:
    """What is assumed, and the facts beside it; every figure behind them where asked for."""
    yield Text(tuple(said.notes(advice)), "list")
    if not explain:
        return
    tables = tuple(
        Table(
            f"settle-steps-{number}",
            say("settle.title_steps", currency=option.currency),
            (*_columns("step"), Column("CNY")),
            tuple((Cell(name), Cell(fixed(value, 2))) for name, value in said.steps(option)),
        )
        for number, option in enumerate(advice.options)
    )
    yield Folded(say("settle.steps_heading"), tables)
    yield Text(tuple(said.risk_steps(advice)))
    yield Heading(say("settle.title_figures"))
    yield Text(tuple(map(words.rule, advice.rules)), "list")


def _tested(answer: "SettleAnswer") -> tuple[Block, ...]:
    """How often each limit was exceeded, and whether it holds."""
    results = answer.coverage
    rows = tuple(
        (
            Cell(say("settle.basket") if test.currency == BASKET else test.currency),
            *(Cell(str(number)) for number in (test.horizon, test.outcomes, test.hits)),
            Cell(percent(test.share, 1)),
            Cell(fixed(test.p_value, 2)),
            Cell(say("settle.yes") if test.holds else say("settle.no")),
        )
        for test in results
    )
    names = ("pair", "horizon", "limits", "hits", "share", "p", "holds")
    from offing.api.settle import TEST_SINCE

    title = say("settle.title_test", since=TEST_SINCE, until=answer.tested_until)
    summary = say("settle.test_sum", held=sum(test.holds for test in results), count=len(results))
    table = Table("settle-test", title, _columns(*names), rows)
    return table, Text((summary, say("settle.test_note")))
