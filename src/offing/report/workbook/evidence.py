"""Where the figures come from: data sets and rules."""

from typing import Any

from offing.report import words
from offing.report.workbook.sheet import Styles, begin, headings
from offing.rules.citing import cited, valued
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import NOTHING

HEAD = 3


def fill_sources(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One row for each data set."""
    widths = (44, 34, 26, 14, 12, 12, 26, 68)
    begin(sheet, styles, say("report.sources_heading"), say("report.sources_lead"), widths)
    headings(
        sheet,
        styles,
        HEAD,
        [
            say("report.dataset"),
            say("report.publisher"),
            say("report.covers"),
            say("report.loaded"),
            say("report.rows"),
            say("report.set_aside"),
            say("report.licence"),
            "SHA-256",
        ],
    )
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD)
    for row, source in enumerate(result.sources, start=HEAD + 1):
        texts = (
            words.named(source.title),
            words.named(source.publisher),
            words.covers(source.covers),
        )
        for column, text in enumerate((*texts, source.loaded.isoformat())):
            sheet.write_string(row, column, text, styles["wrap"])
        sheet.write_number(row, 4, source.rows, styles["units"])
        sheet.write_number(row, 5, source.quarantined, styles["units"])
        sheet.write_string(row, 6, words.named(source.licence), styles["wrap"])
        sheet.write_string(row, 7, source.sha256, styles["text"])


def fill_rules(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One row for each rule."""
    widths = (34, 40, 36, 18, 80)
    begin(sheet, styles, say("report.rules_heading"), say("report.rules_table"), widths)
    headings(
        sheet,
        styles,
        HEAD,
        [
            say("report.rule"),
            say("report.rule_value"),
            say("report.holds"),
            say("report.status"),
            say("report.source"),
        ],
    )
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD)
    for row, rule in enumerate(result.rules, start=HEAD + 1):
        texts = (
            rule.id,
            valued(rule),
            words.holds(rule) or NOTHING,
            words.status(rule.status),
            cited(rule.source),
        )
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, styles["wrap"])
    if result.rules:
        sheet.autofilter(HEAD, 0, HEAD + len(result.rules), 4)
