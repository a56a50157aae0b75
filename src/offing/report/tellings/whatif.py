"""A what-if, told: what changes in which market, by which rule."""

from offing.api.whatif import WhatifAnswer
from offing.report.blocks import Block, Caution, Text
from offing.report.sections import effects
from offing.report.sections.what_if import demand, rule_texts, sentences, short_table, where_used
from offing.terms.messages import language, say
from offing.terms.numbers import day

SHOWN = 12
"""Markets of a product; the report has all."""


def tell(answer: WhatifAnswer) -> tuple[Block, ...]:
    """The markets that change with what changes in them, the totals, the rules."""
    result, change = answer.result, answer.result.what_if
    assert change is not None, "a what-if has a comparison"
    lang = language()
    title = say("policy.heading", name=change.title(lang))
    blocks: list[Block] = [Text((title, f"{result.title(lang)} · {day(result.on)}"), "lead")]
    for product in result.products:
        rows = [segment for segment in change.changed if segment.product == product.product]
        if rows:
            blocks.append(short_table(product, rows[:SHOWN]))
    blocks.append(Text(tuple(sentences(result, change))))
    if change.stress is not None:
        blocks += effects.stress_blocks(change.stress)
    if change.effects is not None:
        blocks += effects.blocks(result, change.effects, SHOWN)
    rules = []
    for rule in change.rules:
        before, after = rule_texts(rule)
        where = where_used(rule)
        rules.append(say("policy.rule_line", id=rule.id, before=before, after=after, where=where))
    return (
        *blocks,
        Text(tuple(rules), "list"),
        *(Caution(say("policy.unused", id=name)) for name in change.unused),
        Text((demand(change),), "list"),
    )
