"""A what-if, told: the answer and the markets that change most; the rest where it is asked for."""

from collections.abc import Iterator, Sequence
from itertools import islice

from offing.api.whatif import WhatifAnswer
from offing.policy.comparison import Comparison
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Heading,
    Shown,
    Table,
    Text,
    cautions,
    missing_cell,
    number,
    table_of,
    text,
)
from offing.report.in_yuan import CNY, in_yuan
from offing.report.sections import effects, stress
from offing.report.sections.what_if import (
    demand,
    markets_table,
    missing_said,
    money_note,
    rule_texts,
    sentences,
    short_table,
    unused,
    where_used,
)
from offing.study.result import StudyResult
from offing.terms.caution import Caution
from offing.terms.messages import language, say
from offing.terms.numbers import MoneyColumn, day, money_column
from offing.terms.numbers import change as relative

SHOWN = 12
"""Markets of a product; the report has all."""
MOST = 6
"""Markets of the first screen."""
TOTALS = ("margin", "sales", "refund", "duty")


def view(answer: WhatifAnswer) -> tuple[Block, ...]:
    """The totals, the markets that change most, the rules; with ``explain`` every table."""
    return told(answer.result, answer.doubts, explain=answer.explain)


def told(
    result: StudyResult, doubts: Sequence[Caution], *, explain: bool = True
) -> tuple[Block, ...]:
    """The same of a result alone."""
    return (*_told(result, explain=explain), *cautions(doubts))


def _told(result: StudyResult, *, explain: bool = False) -> tuple[Block, ...]:
    """The telling of the result alone."""
    assert result.what_if is not None, "a what-if has a comparison"
    change = in_yuan(result.what_if)
    lang = language()
    title = say("policy.heading", name=change.title(lang))
    blocks: list[Block] = [Text((title, f"{result.title(lang)} · {day(result.on)}"), "lead")]
    blocks.append(Text(tuple(sentences(result, change)), "list"))
    blocks += missing_said(result)
    if change.stress is not None:
        blocks.append(Heading(say("policy.stress_heading")))
        blocks += stress.blocks(change.stress, change.dollar[0])
    elif change.effects is not None:
        blocks.append(Text(tuple(effects.sentences(change.effects, change.dollar[0])), "list"))
    if change.changed or change.missing:
        blocks.append(markets_table(change, MOST))
    if explain:
        blocks += _explained(result, change)
    return (
        *blocks,
        Text(tuple(_rules(change)), "list"),
        *map(Callout, unused(change)),
        Text((demand(change), money_note(change, result.on)), "list"),
        *(() if explain else _short(change)),
    )


def side_by_side(changes: Sequence[Comparison]) -> Table:
    """A year's totals today and in each of several worlds, with the change from today, in yuan."""
    changes = [in_yuan(change) for change in changes]
    today = changes[0].before
    every = (today, *(change.after for change in changes))
    amounts = (getattr(totals, name) for totals in every for name in TOTALS)
    column = money_column([amount for amount in amounts if amount is not None], CNY)

    def world(change: Comparison) -> Shown[str]:
        return Column(change.title(language())), lambda name: _beside(name, change, column)

    return table_of(
        "worlds",
        say("policy.worlds_table", unit=column.unit),
        TOTALS,
        (text("policy.column_figure"), lambda name: say(f"policy.fact_{name}")),
        (number("policy.column_today"), lambda name: _amount(getattr(today, name), column)),
        *map(world, changes),
    )


def _amount(value: float | None, column: MoneyColumn) -> str | Cell:
    return missing_cell() if value is None else column.cell(value)


def _beside(name: str, change: Comparison, column: MoneyColumn) -> str | Cell:
    before, after = getattr(change.before, name), getattr(change.after, name)
    if not before or after is None or after == before:
        return _amount(after, column)
    by = relative(after / before - 1)
    return say("policy.with_change", amount=column.cell(after), change=by)


def _short(change: Comparison) -> Iterator[Block]:
    """By which elasticity demand moves, and where the rest is."""
    if change.effects is not None:
        yield Text(tuple(islice(effects.assumed(change.effects), 1)), "list")
    yield Text((say("policy.more"),), "note")


def _explained(result: StudyResult, change: Comparison) -> Iterator[Block]:
    """Every model's markets, and what the markets buy, with what is assumed."""
    for product in result.products:
        rows = [
            row for row in change.segments if row.product == product.product and not row.is_none
        ]
        if rows:
            yield short_table(product, rows[:SHOWN])
    if change.effects is not None:
        yield from effects.blocks(result, change.effects, SHOWN)


def _rules(change: Comparison) -> Iterator[str]:
    for rule in change.rules:
        before, after = rule_texts(rule, change.rules)
        where = where_used(rule)
        yield say("policy.rule_line", id=rule.id, before=before, after=after, where=where)
