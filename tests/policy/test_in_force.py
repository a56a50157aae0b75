"""The law of a day, by hand: what is on a list, and what changed between two days."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from offing.policy import in_force
from offing.policy.in_force import ActiveRule, Matter, difference
from offing.rules.rule_use import RuleUse
from offing.rules.tariff import NationalLine
from offing.terms.interval import Interval

DAY = date(2026, 3, 1)


def rule(id_: str, value: str, since: date = DAY, **more: Any) -> RuleUse:
    return RuleUse(id_, value, since, None, "an act", "official", **more)


def test_what_began_ended_and_changed() -> None:
    before = [
        ActiveRule("rate", rule("a", "1")),
        ActiveRule("duty", rule("b", "2")),
        ActiveRule("list", rule("c", "3")),
    ]
    after = [
        ActiveRule("rate", rule("a", "1", date(2026, 2, 1))),  # written anew with the same value
        ActiveRule("duty", rule("b", "2.5")),
        ActiveRule("caution", rule("d", "4")),
    ]
    said = [(change.kind, change.what) for change in difference(before, after)]
    assert said == [("duty", "changed"), ("caution", "began"), ("list", "ended")]


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ({}, True), ({"text": "5%"}, False), ({"regime": "other"}, False),
        ({"code": "8529"}, False), ({"code": "8528"}, True),
    ],
)  # fmt: skip
def test_the_lists_that_a_code_is_on(line: dict[str, Any], held: bool) -> None:
    given: dict[str, Any] = {
        "importer": "USA", "text": None, "regime": "s301", "code": "852872", "description": None,
        "when": Interval(DAY, None), "source": "an act",
    }  # fmt: skip
    one = NationalLine(**(given | line))
    regime: Any = SimpleNamespace(importer="USA", listed=())
    matter = Matter("USA", DAY, "85287264", "CHN")
    found = list(in_force._list_rules(regime, [one], matter, frozenset({"s301"})))
    assert len(found) == held
    for each in found:
        assert (each.kind, each.use.id, each.use.value) == ("list", "usa.list.s301", one.code)
