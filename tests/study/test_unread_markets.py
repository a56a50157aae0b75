"""A market that is mistyped in a table by market is said; a list kept for more markets is not."""

from pathlib import Path

import pytest

import offing
from cautions import keyed
from offing.cli.app import run
from offing.study.excluded import tables_by_market, unread_markets
from offing.study.file import Study, read_study
from plain_study import STUDY

NAMED = '[markets]\nconsider = ["AUT", "DEU"]\n'
LOOKED_AT = ("AUT", "DEU")


def study(folder: Path, tables: str, of_model: str = "") -> Study:
    file = folder / "study.toml"
    file.write_text(STUDY.replace("m3 = 0.15\n", f"m3 = 0.15\n{of_model}") + tables, "utf-8")
    return read_study(file)


def said(study: Study) -> list[tuple[str, str, str]]:
    found = unread_markets(study, LOOKED_AT, ["LX-55U"])
    return [
        (k.partition("warn_")[2], v["table"], v.get("code") or ", ".join(v["markets"]))
        for k, v in keyed(found)
    ]


@pytest.mark.parametrize(
    ("tables", "of_model", "table"),
    [
        ("[duty]\nAUS = 0.05\nDEU = 0.1\n", "", "[duty]"),
        ('[[channel]]\nmarkets = ["AUS"]\nmargin = 0.3\n', "", "[[channel]] markets"),
        ("[entering.market.AUS]\nlisting_cny = 9000\n", "", "[entering.market]"),
        ("[keeping.market.Australia]\nlisting_cny = 9000\n", "", "[keeping.market]"),
        ("[[announced]]\nmarket = 'AUS'\nyear = 2025\nrate = 0.1\nprobability = 0.5\n", "",
         "[[announced]]"),
        ('[settlement]\n[settlement.market_accepts]\nAUS = ["EUR"]\n', "",
         "[settlement.market_accepts]"),
        ("", "market_prices_usd = { AUS = 300 }\n", "[[model]] LX-55U market_prices_usd"),
    ],
)  # fmt: skip
def test_austria_written_as_australia(
    tmp_path: Path, tables: str, of_model: str, table: str
) -> None:
    made = study(tmp_path, NAMED + tables, of_model)
    assert said(made) == [("market_mistyped", table, "AUS")]
    right = study(tmp_path, (NAMED + tables).replace("AUS", "AUT").replace("Australia", "Austria"),
                  of_model.replace("AUS", "AUT"))  # fmt: skip
    assert said(right) == []


def test_a_list_kept_for_more_markets_gives_no_caution(tmp_path: Path) -> None:
    assert said(study(tmp_path, NAMED + "[duty]\nAUT = 0.1\nAUS = 0.1\nBRA = 0.2\n")) == []
    assert said(study(tmp_path, NAMED + "[duty]\nBRA = 0.1\nCHL = 0.2\n")) == [
        ("market_unread", "[duty]", "BRA, CHL")
    ]
    left_out = '[markets]\nleave_out = ["BRA"]\n'
    assert said(study(tmp_path, left_out + "[duty]\nBRA = 0.1\n")) == []
    assert said(study(tmp_path, "[duty]\nBRA = 0.1\nDEU = 0.1\n")) == [
        ("market_unread", "[duty]", "BRA")
    ]


def test_every_table_by_market_is_looked_at(tmp_path: Path) -> None:
    """A key of the file whose keys or values are markets is among them."""
    made = study(tmp_path, '[settlement]\naccepts = ["USD"]\n')
    assert len(list(tables_by_market(made, ["LX-55U"]))) == 8
    assert len(list(tables_by_market(made, []))) == 7


def test_a_plan_says_it_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study(tmp_path, NAMED + "[duty]\nAUS = 0.05\nDEU = 0.1\n")
    assert run(["plan", str(tmp_path)]) == 0
    told = " ".join(capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").split())
    answer = offing.plan(tmp_path)
    assert dict(keyed(answer.cautions))["study.warn_market_mistyped"]["other"] == "AUT"
    assert "[duty] has AUS (Australia)" in told
    assert "it looks at AUT (Austria)" in told
