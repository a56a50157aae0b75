"""The law of a day as a question: in force, the difference of two days, worked cases, ages."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from cautions import keyed
from offing.api.rules import RulesAnswer, law
from offing.cli.app import run
from offing.report.views.rules import view
from offing.rules.regime_file import REGIMES


def _ids(answer: RulesAnswer, kind: str | None = None) -> set[str]:
    return {held.use.id for held in answer.rules if kind in (None, held.kind)}


def _told(answer: RulesAnswer) -> str:
    return "\n".join(str(block) for block in view(answer))


def test_each_rule_has_its_days_status_source_and_age() -> None:
    answer = law("DEU", on=date(2020, 9, 1))
    (vat,) = [held for held in answer.rules if held.use.id == "eur.vat.deu"]
    assert vat.use.value == "0.16"
    assert (vat.use.since, vat.use.until) == (date(2020, 7, 1), date(2021, 1, 1))
    assert vat.use.still_valid_on is not None
    row = next(row for row in answer.data()["rules"] if row["rule"] is vat.use)
    assert (row["age_days"], row["past_horizon"]) == (0, False), "looked at after the day asked"
    later = law("DEU", on=vat.use.still_valid_on + timedelta(days=91)).data()["rules"]
    vat_now = next(row for row in later if row["rule"].id == "eur.vat.deu")
    assert vat_now["past_horizon"] is True, "90 days in the European Union"
    text = _told(answer)
    assert "eur.vat.deu = 16%" in text
    assert "official text" in text
    assert "looked at on" in text
    assert "not looked at since it was written" in text


def test_a_code_leaves_only_the_rules_for_it() -> None:
    whole = law("USA", on=date(2025, 3, 1))
    one = law("USA", on=date(2025, 3, 1), code="8528.72.64")
    assert _ids(one, "charge") < _ids(whole, "charge")
    assert "usa.us301_4a" in _ids(one)
    assert {"usa.mfn.85287264"} == _ids(one, "duty")


def test_a_code_without_a_duty_and_a_measure_on_it_are_said() -> None:
    on = date(2026, 3, 1)
    known = dict(keyed(law("DEU", on=on, code="85163100").cautions))
    assert "rules.no_duty_of" not in known
    unknown = dict(keyed(law("DEU", on=on, code="8516399999").cautions))
    assert unknown["rules.no_duty_of"]["code"] == "8516399999"
    acid = dict(keyed(law("DEU", on=on, code="29181400").cautions))
    assert acid["landed.warn_remedy"]["document"] == "Implementing Regulation (EU) 2021/607"
    assert "citric acid" in _told(law("DEU", on=on, code="29181400"))


def test_china_has_its_refund() -> None:
    answer = law("CHN", on=date(2026, 1, 1), code="85076000")
    assert [held.use.value for held in answer.rules if held.kind == "refund"] == ["0.09"]
    assert "no refund: cancelled" in _told(law("CHN", on=date(2026, 5, 1), code="85414300"))
    unknown = law("CHN", on=date(2026, 1, 1), code="01012100")
    assert [key for key, _ in keyed(unknown.cautions)] == ["refund.no_known_rate"]
    assert not _ids(unknown, "refund")
    assert _ids(unknown, "claim")


def test_changes_since_a_day() -> None:
    answer = law("USA", since=date(2024, 1, 1), on=date(2026, 11, 25), code="85287264")
    found = {(c.change.what, c.change.name) for c in answer.changes or ()}
    assert ("began", "us301_forced_labour") in found
    assert ("changed", "mpf") in found
    assert not answer.rules
    assert law("DEU", since=date(2025, 1, 1), on=date(2025, 1, 2)).changes == ()


def test_sealing_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hkg.toml").write_bytes((REGIMES / "hkg.toml").read_bytes())
    assert run(["rules", "--seal", str(tmp_path), "--lang", "en"]) == 0
    assert "manifest of" in " ".join(capsys.readouterr().out.split())
    assert (tmp_path / "manifest.toml").is_file()
    assert law("HKG", rules=tmp_path).rules
