"""Codes found by words: what each is, what it costs, what only it has."""

from collections.abc import Iterator

from offing.api.codes import CodesAnswer
from offing.report.blocks import Block, Text, cautions, number, table_of, text
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, percent

SHOWN = 3
"""Different duties of a code that are shown."""


def view(answer: CodesAnswer) -> Iterator[Block]:
    """The codes in order; duties where a market was named."""
    market = country_name(answer.market) if answer.market else ""
    duty = (
        number("codes.duty", market=market),
        lambda one: "; ".join((*one.duty[:SHOWN], *["…"][: len(one.duty) - SHOWN])) or NOTHING,
    )
    heading = "codes.of_number" if answer.words.isdecimal() else "codes.heading"
    yield Text((say(heading, words=answer.words),), "lead")
    yield table_of(
        "codes",
        say("codes.table"),
        answer.candidates,
        (text("codes.code"), lambda one: one.code),
        (text("codes.name"), lambda one: one.name),
        *([duty] if answer.market else []),
        (
            number("codes.refund"),
            lambda one: NOTHING if one.refund is None else percent(one.refund),
        ),
        (text("codes.own"), lambda one: one.own or NOTHING),
    )
    yield from cautions(answer.cautions)
