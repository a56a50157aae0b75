"""What to be careful about: every warning of the study once."""

from offing.report import words
from offing.report.blocks import Section, Text
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.plugins import plugin_cautions


def section(result: StudyResult) -> Section | None:
    """The study has gathered those of its quotes, rankings and backtests."""
    cautions = (*result.warnings, *plugin_cautions())
    lines = tuple(dict.fromkeys(words.warning(key, values) for key, values in cautions))
    if not lines:
        return None
    return Section(
        "notes", say("report.notes_heading"), say("report.notes_short"), (Text(lines, "list"),)
    )
