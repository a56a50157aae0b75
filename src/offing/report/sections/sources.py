"""Which data the study used, of which years, loaded when."""

from offing.report import words
from offing.report.blocks import Cell, Column, Section, Table, Text
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, count, day

UNBROKEN_DASH = "\u2060–\u2060"
"""Keeps the years before and after it on one line."""


def section(result: StudyResult) -> Section | None:
    """The data sets with their dates and licences."""
    if not result.sources:
        return None
    table = Table(
        "sources-table",
        say("report.sources_table"),
        (
            Column(say("report.dataset"), number=False),
            Column(say("report.publisher"), number=False),
            Column(say("report.covers"), number=False),
            Column(say("report.loaded"), number=False),
            Column(say("report.rows")),
            Column(say("report.set_aside")),
            Column(say("report.licence"), number=False),
            Column(say("report.fingerprint"), number=False),
        ),
        tuple(
            (
                Cell(words.named(source.title)),
                Cell(words.named(source.publisher)),
                Cell(words.covers(source.covers).replace("–", UNBROKEN_DASH) or NOTHING),
                Cell(day(source.loaded)),
                Cell(f"{source.rows:,}"),
                Cell(count(source.quarantined)),
                Cell(words.named(source.licence)),
                Cell(source.sha256[:12]),
            )
            for source in result.sources
        ),
    )
    return Section(
        "sources",
        say("report.sources_heading"),
        say("report.sources_short"),
        (Text((say("report.sources_lead"),)), table),
    )
