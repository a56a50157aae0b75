"""The parts of the page, one file each: ``section(result)`` says it in words and pictures."""

from collections.abc import Callable, Iterator
from functools import partial

from offing.report.blocks import Section
from offing.report.sections import (
    axes,
    book,
    costs,
    glossary,
    ladders,
    markets,
    notes,
    outlook,
    plan,
    proof,
    risk,
    rules,
    settlement,
    sources,
)
from offing.report.views import stress, whatif
from offing.study.result import StudyResult
from offing.terms.plugins import guarded, plugins

SECTIONS: tuple[Callable[[StudyResult], Section | None], ...] = (
    plan.section,
    risk.section,
    whatif.section,
    stress.section,
    markets.section,
    ladders.section,
    costs.section,
    settlement.section,
    axes.section,
    outlook.section,
    book.section,
    proof.section,
    sources.section,
    rules.section,
)
"""In the order of the page; those of other packages follow, then notes and the glossary. A section
with nothing to say is ``None``."""


def sections(result: StudyResult) -> Iterator[Section]:
    """The sections that have something to say."""
    told = [section(result) for section in SECTIONS]
    for name, section in plugins("offing.sections").items():
        told.append(guarded("offing.sections", name, partial(section, result)))
    yield from filter(None, [*told, notes.section(result), glossary.section(result)])
