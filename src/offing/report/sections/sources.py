"""Which data the study used, of which years, loaded when."""

from offing.report import words
from offing.report.blocks import Cell, Folded, Section, Table, Text, columns
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, count, day, fixed

UNBROKEN_DASH = "\u2060–\u2060"
"""Keeps the years before and after it on one line."""


def section(result: StudyResult) -> Section | None:
    """The data sets with their dates and licences."""
    if not result.sources:
        return None
    folded = Folded(
        say("report.sources_show", count=len(result.sources)),
        (sources_table(result),),
        printed=True,
    )
    blocks = (Text((say("report.sources_lead"),)), folded)
    return Section.of("sources", blocks)


def sources_table(result: StudyResult, digits: int = 12) -> Table:
    """Each data set; of its fingerprint the first digits."""
    texts = ("publisher", "covers", "loaded", "licence", "fingerprint")
    return Table(
        "sources-table",
        say("report.sources_table"),
        columns("report.{}", "dataset", *texts[:3], "rows", "set_aside", *texts[3:], text=texts),
        tuple(
            (
                Cell(words.named(source.title)),
                Cell(words.named(source.publisher)),
                Cell(words.covers(source.covers).replace("–", UNBROKEN_DASH) or NOTHING),
                Cell(day(source.loaded)),
                Cell(fixed(source.rows, 0), value=source.rows),
                Cell(count(source.quarantined), value=source.quarantined),
                Cell(words.named(source.licence)),
                Cell(source.sha256[:digits]),
            )
            for source in result.sources
        ),
    )
