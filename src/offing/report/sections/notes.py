"""What to be careful about: every warning of the study once."""

from offing.report import words
from offing.report.blocks import Section, Text
from offing.study.result import StudyResult


def section(result: StudyResult) -> Section | None:
    """The study has gathered those of its quotes, rankings and backtests."""
    lines = tuple(dict.fromkeys(words.warning(key, values) for key, values in result.warnings))
    if not lines:
        return None
    return Section.of("notes", (Text(lines, "list"),))
