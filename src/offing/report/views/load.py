"""What a load did, told."""

from collections.abc import Iterable, Iterator

from offing.api.load import LoadAnswer
from offing.report.blocks import Block, Callout, Text, cautions, number, table_of, text
from offing.sources.about import source
from offing.terms.messages import enumerated, say
from offing.terms.numbers import fixed


def view(answer: LoadAnswer) -> tuple[Block, ...]:
    """Rows read, loaded, left out and quarantined; where they are; what to know of them."""
    load = answer.report.load
    heading = say("load.title", title=say(source(load.source).ABOUT.title), dataset=load.dataset)
    return (
        Text((heading,), "lead"),
        table_of(
            "load",
            say("load.table"),
            _rows(answer),
            (text("load.rows"), lambda row: row[0]),
            (number("load.count"), lambda row: fixed(row[1], 0)),
        ),
        Text(tuple(_about(answer))),
        *_aside(answer),
        *cautions(load.notes),
        *cautions(answer.cautions),
    )


def _aside(answer: LoadAnswer) -> Iterator[Block]:
    if answer.quarantine:
        yield Callout(say("load.quarantine", path=answer.quarantine))


def _rows(answer: LoadAnswer) -> Iterator[tuple[str, int]]:
    load = answer.report.load
    yield say("load.rows_in"), load.rows_in
    yield say("load.good"), load.good
    for reasons, key in ((load.skipped, "load.skipped"), (load.quarantined, "load.quarantined")):
        for reason, rows in sorted(reasons.items(), key=lambda item: -item[1]):
            yield say(key, reason=say(reason)), rows
    if len(answer.report.tables) > 1:
        for name, rows in answer.report.tables.items():
            yield say("load.table_rows", table=name), rows


def _about(answer: LoadAnswer) -> Iterator[str]:
    report = answer.report
    if report.years:
        yield say("load.years", years=spans(report.years))
    if report.replaced:
        yield say("load.replaced", years=spans(report.replaced))
    if report.load.edition:
        yield say("load.edition", edition=report.load.edition)
    yield say("load.warehouse", folder=report.folder)


def spans(years: Iterable[int]) -> str:
    """Years as spans.

    >>> spans([2018, 2019, 2020, 2023])
    '2018–2020, 2023'
    """
    parts: list[list[int]] = []
    for year in sorted(years):
        if parts and year == parts[-1][1] + 1:
            parts[-1][1] = year
        else:
            parts.append([year, year])
    return enumerated(f"{a}–{b}" if a != b else f"{a}" for a, b in parts)
