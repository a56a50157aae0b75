"""Rule files past their review are listed by the trade that they touch."""

from datetime import date, timedelta

import pytest
from tools.overdue import exports, files, main, shares

from offing.rules.regime_file import shipped

TRADE = {"USA": 300.0, "DEU": 100.0, "FRA": 100.0, "JPN": 250.0, "BTN": 250.0}


def test_files_stand_by_the_trade_of_their_members() -> None:
    known = files(shipped(), TRADE)
    assert [file.file for file in known[:4]] == [
        "chn_refund.toml",
        "usa.toml",
        "jpn.toml",
        "eur.toml",
    ]
    assert [file.usd for file in known[:4]] == [1000.0, 300.0, 250.0, 200.0]
    assert len(known) == len(shipped().regimes) + 1


def test_trade_without_rules_counts_in_the_whole() -> None:
    known = files(shipped(), TRADE)
    last = max(file.due for file in known if file.due)
    assert shares(known, last - timedelta(days=400)) == (0.75, 0.75)
    assert shares(known, last + timedelta(days=1)) == (0.75, 0.0)


def test_what_is_due_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    due = max(file.due for file in files(shipped(), {}) if file.due)
    assert main([str(due + timedelta(days=1))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(shipped().regimes) + 2
    assert main([str(date(2026, 11, 24))]) == 0


def test_the_starter_world_has_the_trade() -> None:
    trade = exports()
    assert trade["USA"] > trade["GBR"] > 0
