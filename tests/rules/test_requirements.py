"""Requirements are dated facts; what nobody thought through is "not checked", never "nothing"."""

import json
from datetime import date

import pytest

from offing.cli.app import run
from offing.rules.regime_file import shipped
from offing.rules.requirements import EVERYWHERE, every_requirement, requirements_of

ON = date(2026, 11, 26)
ROWS = every_requirement()
STATES = (
    "legislation.gov.uk", "phmsa.dot.gov", "eur-lex.europa.eu", "ecfr.gov", "govinfo.gov",
    "laws.e-gov.go.jp", "www.law.go.kr",
)  # fmt: skip


def test_the_status_of_a_row_is_honest() -> None:
    """Official and secondary rows name where the text was read and some words of it."""
    for row in ROWS:
        read = row.status in ("official", "secondary")
        assert bool(row.source) == bool(row.says) == bool(row.still_valid_on) == read, row.id
        assert row.status in ("official", "secondary", "recalled")
        assert len(row.says.split()) <= 25
        if row.status == "official":
            assert row.source.startswith(STATES), row.id


def test_unknown_is_not_checked_and_never_none() -> None:
    coffee = requirements_of("090121", "EUR", ON)
    assert (coffee.known, coffee.checked, coffee.lead_weeks, coffee.ready_on) == (
        (),
        False,
        None,
        None,
    )
    chile = requirements_of("8528", "CHL", ON)
    assert not chile.checked
    batteries = requirements_of("850760", "CHL", ON)  # what every carrier asks is known
    assert [row.id for row in batteries.known] == ["all.un383.battery"]
    assert batteries.lead_weeks is None
    assert all(
        row.market in ("EUR", EVERYWHERE) for row in requirements_of("850710", "EUR", ON).known
    )
    assert not any("un383" in row.id for row in requirements_of("850710", "EUR", ON).known)


def test_every_row_can_be_told() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS) >= 40
    known = set(shipped().regimes)
    for row in ROWS:
        assert row.market == EVERYWHERE or row.market in known, row.id
        assert set(row.scheme) == set(row.needs) == {"en", "zh"}
        assert 0 < row.weeks[0] <= row.weeks[1]
        assert 0 < row.usd[0] <= row.usd[1]
        assert row.document


def test_a_gate_has_a_lead_time() -> None:
    tvs = requirements_of("85287240", "EUR", ON)
    assert tvs.checked
    assert {row.id.split(".")[1] for row in tvs.gates} >= {"energy_label", "radio", "emc"}
    assert tvs.lead_weeks == max(row.weeks[1] for row in tvs.gates) == 12
    assert tvs.ready_on == date(2027, 2, 18)  # 84 days later
    safety = [row for row in requirements_of("8528", "USA", ON).known if not row.gate]
    assert safety
    assert requirements_of("8528", "USA", ON).lead_weeks == 8


def test_they_are_dated() -> None:
    before, after = (requirements_of("850760", "EUR", day) for day in (date(2024, 8, 17), ON))
    assert not any(row.id.startswith("eur.battery") for row in before.known)
    assert any(row.id.startswith("eur.battery") for row in after.known)
    assert not any("passport" in row.id for row in after.known)
    later = requirements_of("850760", "EUR", date(2027, 2, 18))
    assert any("passport" in row.id for row in later.known)


@pytest.mark.parametrize(
    ("market", "lang", "words"),
    [
        ("DEU", "en", ["Energy label", "can sell from about"]),
        ("DEU", "zh", ["能效标签", "起可销售"]),
        ("CHL", "en", ["were not checked"]),
        ("CHL", "zh", ["准入要求"]),
    ],
)
def test_a_quote_says_it(
    market: str, lang: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["quote", "852872", market, "--on", "2024-12-31", "--cost", "3150CNY"]
    asked += ["--price", "560USD", "--quantity", "300", "--duty", "14%"]
    assert run([*asked, "--lang", lang]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert all(word in told for word in words)
    assert run([*asked, "--json"]) == 0
    required = json.loads(capsys.readouterr().out)["requirements"]
    assert required["checked"] == (market == "DEU")
    assert bool(required["ready_on"]) == (market == "DEU")


def test_offing_rules_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["rules", "GBR", "--on", "2026-11-26", "--code", "8528724000", "--json"]
    run(asked)
    required = json.loads(capsys.readouterr().out)["rules"]["requirements"]
    assert any(row["id"] == "gbr.psti.tv" for row in required["known"])
