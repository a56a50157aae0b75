"""Which rules the costs used, from when to when they hold, and how well each is known."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import get_args

from offing.report import words
from offing.report.blocks import Cell, Folded, Section, Table, Text, table_of, text
from offing.report.views.rules import calendar
from offing.rules.citing import cited, valued
from offing.rules.rule_use import RuleUse, Status
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import NOTHING


def section(result: StudyResult) -> Section | None:
    """The rules with their status; illustrative ones are counted first."""
    if not result.rules:
        return None
    tally = Counter(rule.status for rule in result.rules)
    lead = say("report.rules_lead", **{status: tally[status] for status in get_args(Status)})
    if tally["user"]:
        lead = words.joined((lead, say("report.rules_own", user=tally["user"])))
    table = rules_table(result.rules, result.on)
    folded = Folded(say("report.rules_show", count=len(result.rules)), (table,), printed=True)
    return Section.of("rules", (Text((lead,)), *calendar(result.calendar), folded))


def rules_table(rules: Iterable[RuleUse], on: date) -> Table:
    """Each rule with its value, its days, what it is worth and when its document was looked at."""
    return table_of(
        "rules-table",
        say("report.rules_table"),
        rules,
        (say("report.rule"), lambda rule: rule.id),
        (text("report.rule_value"), valued),
        (text("report.holds"), lambda rule: words.holds(rule) or NOTHING),
        (text("report.status"), lambda r: Cell(words.status(r.status), mark=r.status)),
        (text("report.source"), lambda rule: cited(rule.source)),
        (text("rules.column_looked_at"), lambda rule: words.last_look(rule, on) or NOTHING),
    )
