"""Which rules the costs used, from when to when they hold, and how well each is known."""

from collections import Counter
from collections.abc import Sequence

from offing.report import words
from offing.report.blocks import Cell, Section, Table, Text, columns
from offing.rules.citing import cited
from offing.rules.rule_use import RuleUse
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, day


def section(result: StudyResult) -> Section | None:
    """The rules with their status; illustrative ones are counted first."""
    if not result.rules:
        return None
    tally = Counter(rule.status for rule in result.rules)
    lead = say(
        "report.rules_lead",
        checked=tally["checked"],
        illustrative=tally["illustrative"],
        user=tally["user"],
    )
    return Section.of("rules", (Text((lead,)), rules_table(result.rules)))


def rules_table(rules: Sequence[RuleUse]) -> Table:
    """Each rule with its value, its days and what it is worth."""
    return Table(
        "rules-table",
        say("report.rules_table"),
        columns("report", "rule* rule_value* holds* status* source*"),
        tuple(
            (
                Cell(rule.id),
                Cell(words.rule_value(rule.value)),
                Cell(holds(rule)),
                Cell(words.status(rule.status), mark=rule.status),
                Cell(cited(rule.source)),
            )
            for rule in rules
        ),
    )


def holds(rule: RuleUse) -> str:
    """From when to when: the day of the end is the first on which it holds no more."""
    if rule.since and rule.until:
        return say("report.holds_between", since=day(rule.since), until=day(rule.until))
    if rule.since:
        return say("report.holds_since", since=day(rule.since))
    if rule.until:
        return say("report.holds_until", until=day(rule.until))
    return NOTHING
