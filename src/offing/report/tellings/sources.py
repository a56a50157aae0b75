"""What is loaded and what could be, told."""

from collections.abc import Iterable, Iterator, Sequence

from offing.api.sources import SourcesAnswer
from offing.report.blocks import Block, Caution, Cell, Column, Table, Text, cautions
from offing.report.tellings.load import spans
from offing.sources.about import About
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed


def tell(answer: SourcesAnswer) -> Iterator[Block]:
    """The holdings, the files they were read from, and the other sources."""
    if answer.starter:
        yield Caution(say("load.starter"))
    yield Text((say("load.warehouse", folder=answer.folder),))
    if answer.holdings:
        yield _held(answer)
        yield _files(answer)
        yield _terms("terms", answer.used)
    yield _terms("can_load", answer.not_loaded)
    yield from cautions(answer.cautions)


def _table(
    name: str, columns: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]]
) -> Table:
    return Table(
        name,
        say(f"load.{name}_title"),
        tuple(Column(say(f"load.column_{one}"), number=one in numbers) for one in columns),
        tuple(tuple(map(Cell, row)) for row in rows),
    )


def _held(answer: SourcesAnswer) -> Table:
    columns = ("dataset", "table", "rows", "years", "edition", "age", "quarantined")
    rows = [
        (
            one.dataset,
            one.table,
            fixed(one.rows, 0),
            spans(one.years) or NOTHING,
            one.edition or NOTHING,
            fixed(one.days_old, 0),
            fixed(one.quarantined, 0),
        )
        for one in answer.holdings
    ]
    return _table("sources", columns, ("rows", "age", "quarantined"), rows)


def _files(answer: SourcesAnswer) -> Table:
    rows = [
        (load.dataset, item.name, fixed(item.rows, 0), f"{load.at:%Y-%m-%d}", item.sha256[:12])
        for load in answer.loads
        for item in load.inputs
    ]
    return _table("files", ("dataset", "file", "rows", "loaded", "hash"), ("rows",), rows)


def _terms(name: str, abouts: Iterable[About]) -> Table:
    rows = [(one.name, say(one.title), say(one.publisher), say(one.licence)) for one in abouts]
    return _table(name, ("source", "what", "publisher", "licence"), (), rows)
