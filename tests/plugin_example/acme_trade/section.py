"""A section of the page, of another package."""

from offing.report.blocks import Section, Text
from offing.study.result import StudyResult
from offing.terms.messages import say


def section(result: StudyResult) -> Section | None:
    """How many products the study has."""
    said = say("acme.products", count=len(result.products))
    return Section("acme", say("acme.title"), say("acme.title"), (Text((said,)),))


def broken(result: StudyResult) -> Section | None:
    """Fails."""
    raise LookupError("acme has nothing to say")
