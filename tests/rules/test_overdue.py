"""Rule files with rules past their look are listed by the trade that they touch."""

from tools.overdue import files

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
