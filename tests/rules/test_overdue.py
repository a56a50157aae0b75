"""Rule files with rules past their look are listed by the trade that they touch."""

from dataclasses import replace
from datetime import timedelta

from tools.overdue import exports, files, shares

from offing.rules.regime_file import shipped
from offing.rules.register import written_on

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
    day = written_on()
    known = [
        replace(file, uses=tuple(replace(use, still_valid_on=day) for use in file.uses))
        for file in files(shipped(), TRADE)
    ]
    assert shares(known, day) == (0.75, 0.75)
    assert shares(known, day + timedelta(days=31)) == (0.75, 0.45), "the United States first"
    assert shares(known, day + timedelta(days=366)) == (0.75, 0.0)


def test_the_starter_world_has_the_trade() -> None:
    trade = exports()
    assert trade["USA"] > trade["GBR"] > 0
