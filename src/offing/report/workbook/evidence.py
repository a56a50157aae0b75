"""Where the figures come from: data sets and rules, in the tables of the page."""

from typing import Any

from offing.report.sections.rules import rules_table
from offing.report.sections.sources import sources_table
from offing.report.workbook.sheet import Styles, begin, fill_table
from offing.study.result import StudyResult
from offing.terms.messages import say

HEAD = 3
DIGITS = 64
"""Of a fingerprint: all, where there is room."""


def fill_sources(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One row for each data set."""
    widths = (44, 34, 26, 18, 12, 12, 26, 68)
    begin(sheet, styles, say("report.sources_heading"), say("report.sources_lead"), widths)
    fill_table(sheet, styles, HEAD, sources_table(result, DIGITS))


def fill_rules(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One row for each rule."""
    widths = (34, 40, 36, 18, 80, 44)
    begin(sheet, styles, say("report.rules_heading"), say("report.rules_table"), widths)
    fill_table(sheet, styles, HEAD, rules_table(result.rules, result.on))
