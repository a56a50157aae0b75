"""The parts of the page, one file each: ``section(result)`` says it in words and pictures."""

from collections.abc import Callable

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
    rules,
    settlement,
    sources,
    what_if,
)
from offing.study.result import StudyResult

SECTIONS: tuple[Callable[[StudyResult], Section | None], ...] = (
    plan.section,
    what_if.section,
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
    notes.section,
    glossary.section,
)
"""In the order of the page. A section with nothing to say is ``None``."""
