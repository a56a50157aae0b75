"""Days on which law changes, and the law of a day."""

import re
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dated_law import law_file
from offing.api.rules import RulesAnswer, law
from offing.policy import in_force
from offing.policy.in_force import ActiveRule, Matter, difference
from offing.rules.regime_file import REGIMES
from offing.rules.remedies import measures_of
from offing.rules.rule_use import RuleUse
from offing.rules.tariff import NationalLine
from offing.terms.interval import Interval

ON = date(2026, 11, 30)
TV_MAKER = Path(__file__).resolve().parents[2] / "examples" / "tv-maker" / "study.toml"


def said(answer: RulesAnswer) -> list[tuple[str, str, str]]:
    assert answer.changes is not None
    return [
        (str(one.on), one.change.what, (one.change.after or one.change.before).id)  # type: ignore[union-attr]
        for one in answer.changes
    ]


def test_what_is_still_to_come_by_hand(tmp_path: Path) -> None:
    answer = law("ISL", on=ON, calendar=True, rules=law_file(tmp_path))
    assert said(answer) == [
        ("2027-03-01", "ended", "isl.list.freed"),
        ("2027-06-01", "changed", "isl.vat"),
        ("2028-01-01", "ended", "isl.safeguard"),
    ]
    assert law("ISL", on=date(2028, 1, 1), calendar=True, rules=law_file(tmp_path)).changes == ()


def test_the_end_of_an_exclusion_begins_the_charge(tmp_path: Path) -> None:
    """640299 is freed from the safeguard until March 2027; 851660 never was."""
    rules = law_file(tmp_path)
    freed = said(law("ISL", on=ON, calendar=True, code="640299", rules=rules))
    assert ("2027-03-01", "began", "isl.safeguard") in freed
    assert ("2027-03-01", "ended", "isl.list.freed") in freed
    other = said(law("ISL", on=ON, calendar=True, code="851660", rules=rules))
    assert [day for day, *_ in other] == ["2027-06-01", "2028-01-01"]


@pytest.mark.parametrize(
    ("since", "on", "days"),
    [
        (date(2027, 5, 31), date(2027, 6, 1), ["2027-06-01"]),
        (date(2027, 6, 1), date(2027, 12, 31), []),
        (date(2027, 1, 1), date(2028, 1, 1), ["2027-03-01", "2027-06-01", "2028-01-01"]),
    ],
)
def test_what_changed_between_two_days(
    tmp_path: Path, since: date, on: date, days: list[str]
) -> None:
    answer = law("ISL", since=since, on=on, rules=law_file(tmp_path))
    assert [day for day, *_ in said(answer)] == days


def test_changes_of_the_united_states_that_the_shared_rules_have() -> None:
    """By the texts: fentanyl duty 10 % on 2025-02-04, 20 % on 03-04, 10 % on 11-10, none after."""
    answer = law("USA", since=date(2025, 1, 31), on=date(2026, 3, 1), code="85287264")
    fentanyl = [(day, what) for day, what, id_ in said(answer) if id_ == "usa.ieepa.fentanyl.china"]
    assert fentanyl == [
        ("2025-02-04", "began"),
        ("2025-03-04", "changed"),
        ("2025-11-10", "changed"),
        ("2026-02-24", "ended"),
    ]


def test_the_end_of_a_measure_of_trade_defence_is_in_it() -> None:
    """Every measure of the table that ends later is there, by hand from the table."""
    ends = {
        str(m.when.until) for m in measures_of("EUR") or () if m.when.until and m.when.until > ON
    }
    assert ends
    answer = law("DEU", on=ON, calendar=True)
    assert answer.changes is not None
    found = {str(one.on) for one in answer.changes if one.change.kind == "defence"}
    assert ends <= found


def test_of_a_study_each_change_names_its_markets() -> None:
    answer = law(study=TV_MAKER, since=date(2024, 8, 1), on=date(2024, 10, 2))
    assert answer.changes is not None
    by_id = {(one.change.after or one.change.before).id: one for one in answer.changes}  # type: ignore[union-attr]
    assert by_id["eur.vat.fin"].countries == ("FIN",)
    assert by_id["usa.mpf"].countries == ("USA",)
    only = law("FIN", study=TV_MAKER, since=date(2024, 8, 1), on=date(2024, 10, 2))
    assert {one.countries for one in only.changes or ()} == {("FIN",)}


@pytest.mark.parametrize("file", sorted(REGIMES.glob("*.toml")), ids=lambda file: file.stem)
def test_every_day_to_come_that_an_entry_names_is_the_first_or_last_of_one(file: Path) -> None:
    tables = [rows for rows in tomllib.loads(file.read_text(encoding="utf-8")).values()
              if isinstance(rows, list)]  # fmt: skip
    entries = [row for rows in tables for row in rows if isinstance(row, dict)]
    days = {str(row.get(name)) for row in entries for name in ("since", "until")}
    texts = " ".join(str(row.get(name, "")) for row in entries for name in ("legal", "says"))
    named = {day for day in re.findall(r"20\d\d-\d\d-\d\d", texts) if day > str(ON)}
    assert named <= days


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


def test_a_code_and_a_country_count_beside_a_study() -> None:
    """The battery refund fell on 1 December 2024; the study is of television sets."""
    asked: dict[str, Any] = {"since": date(2024, 11, 1), "on": date(2024, 12, 2)}
    bare = law("CHN", code="85076000", **asked)
    beside = law("CHN", code="85076000", study=TV_MAKER, **asked)
    assert bare.changes
    assert beside.changes == bare.changes
    # a country without days is its law in force, with a study as without
    held, alone = (law("USA", on=DAY, code="85287264", study=s).rules for s in (TV_MAKER, None))
    assert held
    assert [one.use.id for one in held] == [one.use.id for one in alone]
    assert law(study=TV_MAKER, on=DAY).changes is not None
    abroad = law("NZL", study=TV_MAKER, code="85287264", **asked)  # no market of the study
    assert abroad.changes == law("NZL", code="85287264", **asked).changes
