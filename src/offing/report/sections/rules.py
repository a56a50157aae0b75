"""Which rules the costs used, from when to when they hold, and how well each is known."""

from collections import Counter
from typing import get_args

from offing.report import words
from offing.report.blocks import Cell, Column, Section, Table, Text
from offing.rules.citing import cited, valued
from offing.rules.rule_use import Status
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import NOTHING


def section(result: StudyResult) -> Section | None:
    """The rules with their status, and how many there are of each."""
    if not result.rules:
        return None
    tally = Counter(rule.status for rule in result.rules)
    lead = say("report.rules_lead", **{status: tally[status] for status in get_args(Status)})
    reviewed = words.last_review(result.rules)
    sentences = (lead,) if reviewed is None else (lead, reviewed)
    table = Table(
        "rules-table",
        say("report.rules_table"),
        (
            Column(say("report.rule"), number=False),
            Column(say("report.rule_value"), number=False),
            Column(say("report.holds"), number=False),
            Column(say("report.status"), number=False),
            Column(say("report.source"), number=False),
        ),
        tuple(
            (
                Cell(rule.id),
                Cell(valued(rule)),
                Cell(words.holds(rule) or NOTHING),
                Cell(words.status(rule.status), mark=rule.status),
                Cell(cited(rule.source)),
            )
            for rule in result.rules
        ),
    )
    return Section(
        "rules", say("report.rules_heading"), say("report.rules_short"), (Text(sentences), table)
    )
