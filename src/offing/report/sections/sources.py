"""Which data the study used, of which years, loaded when."""

from offing.report import words
from offing.report.blocks import Cell, Folded, Section, Table, Text, number, table_of, text
from offing.study.result import SourceUse, StudyResult
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

    def covers(source: SourceUse) -> str:
        return words.covers(source.covers).replace("–", UNBROKEN_DASH) or NOTHING

    return table_of(
        "sources-table",
        say("report.sources_table"),
        result.sources,
        (text("report.dataset"), lambda source: words.named(source.title)),
        (text("report.publisher"), lambda source: words.named(source.publisher)),
        (text("report.covers"), covers),
        (text("report.loaded"), lambda source: day(source.loaded)),
        (number("report.rows"), lambda s: Cell(fixed(s.rows, 0), value=s.rows)),
        (number("report.set_aside"), lambda s: Cell(count(s.quarantined), value=s.quarantined)),
        (text("report.licence"), lambda source: words.named(source.licence)),
        (text("report.fingerprint"), lambda source: source.sha256[:digits]),
    )
