"""A what-if, told: the answer and the markets that change most; the rest where it is asked for."""

from collections.abc import Iterator
from itertools import islice

from offing.api.whatif import WhatifAnswer
from offing.policy.comparison import Comparison
from offing.report.blocks import Block, Caution, Heading, Text
from offing.report.sections import effects, stress
from offing.report.sections.what_if import (
    demand,
    markets_table,
    rule_texts,
    sentences,
    short_table,
    where_used,
)
from offing.terms.messages import language, say
from offing.terms.numbers import day

SHOWN = 12
"""Markets of a product; the report has all."""
MOST = 6
"""Markets of the first screen."""


def tell(answer: WhatifAnswer) -> tuple[Block, ...]:
    """The totals, the markets that change most, the rules; with ``explain`` every table."""
    result, change = answer.result, answer.result.what_if
    assert change is not None, "a what-if has a comparison"
    lang = language()
    title = say("policy.heading", name=change.title(lang))
    blocks: list[Block] = [Text((title, f"{result.title(lang)} · {day(result.on)}"), "lead")]
    blocks.append(Text(tuple(sentences(result, change)), "list"))
    if change.stress is not None:
        blocks.append(Heading(say("policy.stress_heading")))
        blocks += stress.blocks(change.stress)
    elif change.effects is not None:
        blocks.append(Text(tuple(effects.sentences(change.effects)), "list"))
    if change.changed:
        blocks.append(markets_table(change, MOST))
    if answer.explain:
        blocks += _explained(answer)
    return (
        *blocks,
        Text(tuple(_rules(change)), "list"),
        *(Caution(say("policy.unused", id=name)) for name in change.unused),
        Text((demand(change),), "list"),
        *(() if answer.explain else _short(change)),
    )


def _short(change: Comparison) -> Iterator[Block]:
    """By which elasticity demand moves, and where the rest is."""
    if change.effects is not None:
        yield Text(tuple(islice(effects.assumed(change.effects), 1)), "list")
    yield Text((say("policy.more"),), "note")


def _explained(answer: WhatifAnswer) -> Iterator[Block]:
    """Every model's markets, and what the markets buy, with what is assumed."""
    result, change = answer.result, answer.result.what_if
    assert change is not None, "a what-if has a comparison"
    for product in result.products:
        rows = [segment for segment in change.changed if segment.product == product.product]
        if rows:
            yield short_table(product, rows[:SHOWN])
    if change.effects is not None:
        yield from effects.blocks(result, change.effects, SHOWN)


def _rules(change: Comparison) -> Iterator[str]:
    for rule in change.rules:
        before, after = rule_texts(rule)
        where = where_used(rule)
        yield say("policy.rule_line", id=rule.id, before=before, after=after, where=where)
