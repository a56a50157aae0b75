"""``offing equilibrium``: the same numbers as the published ones, and input that cannot be used."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import offing
from offing.cli.app import run
from shared_data import shared

TRADE = "exporter,importer,trade\nCHN,CHN,80\nCHN,USA,20\nUSA,CHN,20\nUSA,USA,80\n"


@pytest.fixture
def trade(tmp_path: Path) -> Path:
    path = tmp_path / "trade.csv"
    path.write_text(TRADE, encoding="utf-8")
    return path


def _shock(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "shock.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.shared_data
def test_from_a_coefficient_to_the_published_welfare(capsys: pytest.CaptureFixture[str]) -> None:
    """The EU enlargement of ``ge_gravity``: Malta 1.015349, Poland 1.006804, Germany 1.000725."""
    rows = pl.read_parquet(shared("gravity_panels") / "ge_gravity_stata_results.parquet")
    rows = rows.filter(pl.col("w_eu").is_not_null())
    shock = rows.filter(pl.col("new_eu_pair") == 1).select(
        "exporter", "importer", effect="eu_effect", se=pl.lit(0.0722)
    )
    answer = offing.equilibrium(rows.select("exporter", "importer", "trade"), shock, draws=60)
    welfare = dict(answer.table.select("country", "welfare").iter_rows())
    assert [round(1 + welfare[c], 6) for c in ("MLT", "POL", "DEU")] == [
        1.015349,
        1.006804,
        1.000725,
    ]
    malta = answer.table.filter(country="MLT").row(0, named=True)
    assert malta["welfare_low"] < malta["welfare"] < malta["welfare_high"]


def test_python_and_the_command_say_the_same(
    trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shock = _shock(tmp_path, "exporter,importer,tariff\n*,USA,0.25\n")
    assert run(["equilibrium", str(trade), str(shock), "--model", "with-revenue", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["equilibrium"]["countries"]
    rows = offing.equilibrium(trade, shock, model="with-revenue").rows
    assert [row["welfare"] for row in told] == rows["welfare"].to_list()
    # unanswered, a large country gains and the other loses; without revenue both lose
    assert rows["welfare"][1] > 0 > rows["welfare"][0]
    assert (rows["welfare_other"] < 0).all()
    assert "<table" in str(offing.equilibrium(trade, shock)._repr_html_())


def test_in_both_languages(trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.25\n")
    assert run(["equilibrium", str(trade), str(shock)]) == 0
    assert "! In this model a tariff is a cost" in capsys.readouterr().out
    assert run(["equilibrium", str(trade), str(shock), "--lang", "zh"]) == 0
    assert "实际收入" in capsys.readouterr().out


def test_later_rows_win_and_home_is_left_alone(trade: Path) -> None:
    shock = pl.DataFrame({"exporter": ["*", "CHN"], "importer": ["*", "USA"], "cost": [1.5, 1.0]})
    answer = offing.equilibrium(trade, shock)
    after = answer.trade.with_columns(
        share=pl.col("after") / pl.col("after").sum().over("importer")
    )
    share = {(e, i): s for e, i, s in after.select("exporter", "importer", "share").iter_rows()}
    assert share["USA", "CHN"] < 0.2
    assert np.isclose(answer.trade["after"].sum(), 200)


@pytest.mark.parametrize(
    ("shock", "options", "words"),
    [
        ("exporter,importer,tariff\nCHN,USB,0.1\n", [], "'USB'"),
        ("exporter,importer,rate\nCHN,USA,0.1\n", [], "tariff"),
        ("exporter,importer,tariff\nCHN,CHN,0.1\n", [], "no flow"),
        ("exporter,importer,tariff\nCHN,USA,ten\n", [], "ten"),
        ("exporter,importer,tariff\nCHN,USA,-2\n", [], "tariffs"),
        ("exporter,importer,cost\nCHN,USA,0\n", [], "cost"),
        ("exporter,importer,cost\nCHN,USA,0.9\n", ["--model", "with-revenue"], "takes tariffs"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--theta", "-4"], "elasticity"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--draws", "5"], "nothing to draw"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--draws", "-5"], "-5"),
        ("", [], "shock.csv"),
    ],
)
def test_a_shock_that_cannot_be_used(
    trade: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    shock: str,
    options: list[str],
    words: str,
) -> None:
    assert run(["equilibrium", str(trade), str(_shock(tmp_path, shock)), *options]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Next" in said or "Expected" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("CHN,CHN,80\n", ""), "no trade within CHN"),
        (("USA,CHN,20\n", "USA,CHN,20\nUSA,CHN,20\n"), "twice"),
        (("USA,CHN,20", "USA,CHN,-20"), "-20"),
        (("USA,CHN,20", "USA,CHN,"), "missing"),
    ],
)
def test_a_trade_table_that_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], words: str
) -> None:
    path = tmp_path / "trade.csv"
    path.write_text(TRADE.replace(*change), encoding="utf-8")
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.1\n")
    assert run(["equilibrium", str(path), str(shock)]) == 2
    assert words in capsys.readouterr().err
