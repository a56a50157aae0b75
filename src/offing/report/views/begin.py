"""A study that was begun from a ledger, or brought to the newest schema, told."""

from collections.abc import Iterator

from offing.api.begin import BeginAnswer
from offing.api.upgrade import UpgradeAnswer
from offing.report.blocks import Block, Callout, Column, Table, Text, cautions, table_of, text
from offing.study.template import MOST
from offing.terms.messages import join_list, say
from offing.terms.numbers import count, fixed_decimals, money_column, percent

WHOLE = 0.9995
"""Share of the sales from which all of them are there."""
NAMED = 6
"""Names or codes left out that are named."""


def view(answer: BeginAnswer) -> tuple[Block, ...]:
    """Where it is, its models, what is missing, the next command."""
    return (
        Text((say("begin.written", file=answer.file),), "lead"),
        models_of(answer),
        *([Callout(say("begin.some_bad", count=answer.bad_count))] if answer.bad_count else []),
        *cautions(answer.cautions),
        Text((*left_out(answer), *_next(answer))),
    )


def models_of(answer: BeginAnswer) -> Table:
    """The models that the ledger shows."""
    shown = answer.found.shown
    usd = money_column([row.usd for row in shown])
    return table_of(
        "begin-models",
        say("begin.models"),
        shown,
        (text("ledger.name_model"), lambda row: row.model.name),
        (text("ledger.name_product"), lambda row: row.model.code),
        (Column(usd.unit, number=True), lambda row: usd.cell(row.usd)),
        (Column(say("ledger.name_quantity"), number=True), lambda row: count(row.units)),
        (
            Column(say("begin.column_price"), number=True),
            lambda row: fixed_decimals(row.model.price_usd, 2),
        ),
        (Column(say("ledger.unknown_markets"), number=True), lambda row: str(row.markets)),
    )


def left_out(answer: BeginAnswer) -> Iterator[str]:
    """How the ledger was parted into models, and what of it is in none."""
    ledger = answer.found
    if ledger.by_code:
        yield say("begin.by_code", most=MOST)
    if ledger.share is not None and ledger.share < WHOLE:
        yield say("begin.share", share=percent(ledger.share))
    if ledger.left_out:
        names = join_list(ledger.left_out[:NAMED])
        yield say("begin.left_out", count=len(ledger.left_out), names=names)


def _next(answer: BeginAnswer) -> Iterator[str]:
    if answer.to_fill:
        names = join_list(dict.fromkeys(answer.to_fill))
        yield say("begin.to_fill", count=len(answer.to_fill), names=names)
    yield say("begin.then", folder=answer.file.parent)


def view_upgrade(answer: UpgradeAnswer) -> tuple[Block, ...]:
    """Where it is, and where the file is as it was."""
    if not answer.changed:
        return (Text((say("study.upgrade_nothing", path=answer.file),)),)
    lines = [say("study.upgraded", path=answer.file)]
    if answer.backup is not None:
        lines.append(say("study.upgrade_backup", path=answer.backup))
    return (Text((*lines, say("study.upgrade_look"))),)
