"""What to be careful about: every warning of the study once."""

from offing.report.blocks import Section, Text
from offing.report.decision import Decision
from offing.report.doubts import Doubts
from offing.study.result import StudyResult
from offing.terms.plugins import plugin_cautions


def section(result: StudyResult) -> Section | None:
    """The study has gathered those of its quotes, rankings and backtests."""
    cautions = (*result.warnings, *plugin_cautions())
    doubts = Doubts.of(result.plan, Decision.of_result(result), cautions)
    lines = (*doubts.turning, *doubts.others)
    return None if not lines else Section.of("notes", (Text(lines, "list"),))
