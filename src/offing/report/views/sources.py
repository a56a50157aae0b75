"""What is loaded and what could be, told."""

from collections.abc import Iterable, Iterator

from offing.api.sources import SourcesAnswer
from offing.report.blocks import (
    Block,
    Callout,
    Folded,
    Table,
    Text,
    cautions,
    number,
    table_of,
    text,
)
from offing.report.views.load import spans
from offing.report.words import shortened as words_cut
from offing.sources.about import About
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed

LONGEST = 120
"""Characters of a row that a load left out."""


def view(answer: SourcesAnswer) -> Iterator[Block]:
    """The holdings, the files they were read from, and the other sources."""
    if answer.starter:
        yield Callout(say("load.starter"))
    yield Text((say("load.warehouse", folder=answer.folder),))
    yield from _verified(answer)
    if answer.holdings:
        yield _held(answer)
        yield _files(answer)
        yield _terms("terms", answer.used)
    yield from _left_out(answer)
    yield _terms("can_load", answer.not_loaded)
    yield from cautions(answer.cautions)


def _verified(answer: SourcesAnswer) -> Iterator[Block]:
    """What was looked through, and each part that is not as it was written, with its remedy."""
    if not answer.seen:
        return
    summed = sum(bad.state == "whole" for bad in answer.seen)
    plain = sum(bad.state == "unsummed" for bad in answer.seen)
    yield Text((say("load.verified", whole=summed, parts=len(answer.seen)),), "lead")
    if plain:
        yield Text((say("load.unsummed", count=plain),))
    for bad in answer.broken:
        load = next((load for load in answer.loads if load.dataset == bad.part.dataset), None)
        remedy = load.source if load else bad.part.dataset
        yield Callout(say(f"load.part_{bad.state}", file=bad.root / bad.part.file, source=remedy))


def _held(answer: SourcesAnswer) -> Table:
    return table_of(
        "sources",
        say("load.sources_title"),
        answer.holdings,
        (text("load.column_dataset"), lambda row: row.dataset),
        (text("load.column_table"), lambda row: row.table),
        (number("load.column_rows"), lambda row: fixed(row.rows, 0)),
        (text("load.column_years"), lambda row: spans(row.years) or NOTHING),
        (text("load.column_edition"), lambda row: row.edition or NOTHING),
        (number("load.column_age"), lambda row: fixed(row.days_old, 0)),
        (number("load.column_quarantined"), lambda row: fixed(row.quarantined, 0)),
    )


def _files(answer: SourcesAnswer) -> Table:
    return table_of(
        "files",
        say("load.files_title"),
        [(load, file) for load in answer.loads for file in load.inputs],
        (text("load.column_dataset"), lambda of: of[0].dataset),
        (text("load.column_file"), lambda of: of[1].name),
        (number("load.column_rows"), lambda of: fixed(of[1].rows, 0)),
        (text("load.column_loaded"), lambda of: f"{of[0].at:%Y-%m-%d}"),
        (text("load.column_hash"), lambda of: of[1].sha256[:12]),
    )


def _left_out(answer: SourcesAnswer) -> Iterator[Block]:
    """The rows that each load did not take, with the reason."""
    for load in answer.loads:
        rows = answer.left_out.get(load.id, ())
        if not rows:
            continue
        total = sum(load.quarantined.values())
        words = {"dataset": load.dataset, "count": fixed(total, 0), "day": f"{load.at:%Y-%m-%d}"}
        table = table_of(
            f"left-out-{load.id}",
            say("load.left_out_title", **words),
            rows,
            (text("load.column_file"), lambda row: row.file),
            (number("load.column_row"), lambda row: NOTHING if row.row is None else str(row.row)),
            (text("load.column_why"), lambda row: say(row.reason)),
            (text("load.column_text"), lambda row: words_cut(row.text, LONGEST)),
        )
        more = total - len(rows)
        note = (Text((say("load.left_out_more", count=fixed(more, 0)),), "note"),) if more else ()
        yield Folded(say("load.left_out_fold", **words), (table, *note))


def _terms(name: str, abouts: Iterable[About]) -> Table:
    return table_of(
        name,
        say(f"load.{name}_title"),
        abouts,
        (text("load.column_source"), lambda about: about.name),
        (text("load.column_what"), lambda about: say(about.title)),
        (text("load.column_publisher"), lambda about: say(about.publisher)),
        (text("load.column_licence"), lambda about: say(about.licence)),
    )
