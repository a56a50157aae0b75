"""``offing equilibrium``: tables as people write them, and those that cannot be used."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import offing
from cautions import keyed
from offing.cli.app import run
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from two_countries import TRADE

Shock = Callable[[str], Path]


def test_later_rows_win_and_home_is_left_alone(trade: Path) -> None:
    shock = pl.DataFrame({"exporter": ["*", "CHN"], "importer": ["*", "USA"], "cost": [1.5, 1.0]})
    answer = offing.equilibrium(trade, shock)
    after = answer.trade.with_columns(
        share=pl.col("after") / pl.col("after").sum().over("importer")
    )
    share = {(e, i): s for e, i, s in after.select("exporter", "importer", "share").iter_rows()}
    assert share["USA", "CHN"] < 0.2
    assert np.isclose(float(answer.trade["after"].sum()), 200)


@pytest.mark.parametrize(
    ("shock", "options", "words"),
    [
        ("exporter,importer,tariff\nCHN,USB,0.1\n", [], "'USB'"),
        ("exporter,importer,tariff\nCHN,CHN,0.1\n", [], "goods of its own"),
        ("exporter,importer,cost\nCHN,CHN,0.9\n", [], "no flow"),
        ("exporter,importer,tariff\nCHN,USA,-2\n", [], "A tariff of -200%"),
        ("exporter,importer,tariff\nUSA,CHN,0.1\nCHN,USA,3\n", [], "row 3, column tariff"),
        ("exporter,importer,effect\nCHN,USA,25\n", [], "effect of 25"),
        ("exporter,importer,effect,se\nCHN,USA,0.2,-0.1\n", ["--draws", "5"], "error of -0.1"),
        ("exporter,importer,tariff,cost\nCHN,USA,0.2,0.9\n", [], "tariff, cost"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--theta-se", "3", "--draws", "9"], "2.13"),
        (
            "exporter,importer,cost\nCHN,USA,0.9\n",
            ["--home", "USA", "--retaliation", "reciprocal"],
            "tariffs alone",
        ),
        ("exporter,importer,tariff\nCHN,USA,34\n", [], "34 times the value"),
        ("exporter,importer,cost\nCHN,USA,0.9\n", ["--model", "with-revenue"], "takes tariffs"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--theta", "-4"], "elasticity"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--draws", "5"], "nothing to draw"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--scale", "-0.1"], "--scale is -0.1"),
        ("", [], "shock.csv"),
    ],
)
def test_a_shock_that_cannot_be_used(
    shock_file: Shock,
    trade: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    shock: str,
    options: list[str],
    words: str,
) -> None:
    assert run(["equilibrium", str(trade), str(shock_file(shock)), *options]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert "Next" in said or "Expected" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("CHN,CHN,80\n", ""), "no trade within CHN"),
        (("USA,CHN,20\n", "USA,CHN,20\nUSA,CHN,20\n"), "twice"),
        (("USA,CHN,20", "USA,CHN,-20"), "-20"),
        (("USA,CHN,20", "JPN,CHN,20"), "rows and"),
        (("CHN,CHN,80", "CHN,CHN,0"), "--gdp"),
        ((TRADE.partition("\n")[2], ""), "no row"),
        (("USA,CHN,20", "中国,美国,20"), "CHN → USA is there twice"),
    ],
)
def test_a_trade_table_that_cannot_be_used(
    shock_file: Shock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    words: str,
) -> None:
    path = tmp_path / "trade.csv"
    path.write_text(TRADE.replace(*change), encoding="utf-8")
    shock = shock_file("exporter,importer,tariff\nCHN,USA,0.1\n")
    assert run(["equilibrium", str(path), str(shock)]) == 2
    assert words in capsys.readouterr().err


def test_gdp_of_another_unit_is_refused(
    shock_file: Shock, trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gdp, shock = tmp_path / "gdp.csv", shock_file("exporter,importer,tariff\nCHN,USA,0.1\n")
    gdp.write_text("country,gdp\nCHN,100\nUSA,100\n", encoding="utf-8")
    assert run(["equilibrium", str(trade), str(shock), "--gdp", str(gdp)]) == 0
    assert "Estimated" in capsys.readouterr().out
    gdp.write_text("country,gdp\nCHN,0.1\nUSA,0.1\n", encoding="utf-8")
    assert run(["equilibrium", str(trade), str(shock), "--gdp", str(gdp)]) == 2
    assert "units" in capsys.readouterr().err


def test_headings_in_chinese_are_ours(shock_file: Shock, trade: Path, tmp_path: Path) -> None:
    plain = offing.equilibrium(trade, shock_file("exporter,importer,tariff\nCHN,USA,0.25\n"))
    trade.write_text(
        TRADE.replace("exporter,importer,trade", "出口国,进口国,贸易额"), encoding="utf-8"
    )
    answer = offing.equilibrium(trade, shock_file("出口国,进口国,税率\n中国,美国,25%\n"))
    assert answer.rows.equals(plain.rows)
    twice = shock_file("出口国,进口国,税率,关税\n中国,美国,25%,25%\n")
    with pytest.raises(InputError, match="tariff"):
        offing.equilibrium(trade, twice)


@pytest.mark.parametrize("rate", ["0.25", "25%", " 25 % ", "25％"])
@pytest.mark.parametrize("pair", ["CHN,USA", "中国,美国", "China,us", "chn,United States"])
def test_a_country_and_a_rate_in_any_way_are_the_same(
    shock_file: Shock, trade: Path, tmp_path: Path, rate: str, pair: str
) -> None:
    plain = offing.equilibrium(trade, shock_file("exporter,importer,tariff\nCHN,USA,0.25\n"))
    shock = shock_file(f"exporter,importer,tariff\n{pair},{rate}\n")
    answer = offing.equilibrium(trade, shock)
    assert answer.rows.equals(plain.rows)
    assert answer.about.changed == ("tariff", 1, 0.25, 0.25)


def test_a_table_with_several_labels_of_a_country_is_one_world(
    shock_file: Shock, tmp_path: Path
) -> None:
    """Labels stay as given, but where a country has two of them; a number is never a code."""
    shock = shock_file("exporter,importer,tariff\nCHN,USA,0.25\n")
    named = {
        TRADE.replace("USA,CHN", "美国,CHN"): ["CHN", "USA"],
        TRADE.replace("CHN", "中国"): ["USA", "中国"],
    }
    for text, labels in named.items():
        path = tmp_path / "mixed.csv"
        path.write_text(text, encoding="utf-8")
        answer = offing.equilibrium(path, shock)
        assert answer.rows["country"].to_list() == labels
        assert "China" in str(answer._repr_html_())
    path = tmp_path / "numbers.csv"
    path.write_text(TRADE.replace("CHN", "56").replace("USA", "58"), encoding="utf-8")
    with pytest.raises(InputError, match="'BEL'"):
        offing.equilibrium(path, pl.DataFrame({"exporter": "BEL", "importer": "*", "cost": [1.1]}))


def test_gdp_is_read_once_and_says_what_it_replaces(
    shock_file: Shock, trade: Path, tmp_path: Path
) -> None:
    shock = shock_file("exporter,importer,tariff\nCHN,USA,0.1\n")
    gdp = pl.DataFrame({"country": ["中国", "美国", "DEU"], "gdp": [100.0, 110.0, 5.0]})
    answer = offing.equilibrium(trade, shock, gdp=gdp)
    assert Caution("equilibrium.domestic_replaced", {"count": 2}) in answer.cautions
    with pytest.raises(InputError, match="twice"):
        offing.equilibrium(trade, shock, gdp=pl.concat([gdp, gdp.head(1)]))
    below = TRADE.replace("CHN,CHN,80", "CHN,CHN,-0.5")
    trade.write_text(below, encoding="utf-8")
    with pytest.raises(InputError, match=r"is -0\.5"):
        offing.equilibrium(trade, shock, gdp=gdp)


@pytest.mark.parametrize(
    ("column", "value", "gdp", "key"),
    [
        ("tariff", -0.34, None, "equilibrium.subsidy"),
        ("cost", 0.34, None, "equilibrium.cost_share"),
        ("tariff", 0.1, 3e12, "equilibrium.gdp_unit"),
        ("tariff", 0.1, 3000.0, None),
        ("cost", 1.34, None, None),
        ("cost", 0.8, None, None),
    ],
)
def test_a_sign_a_factor_and_a_unit_that_slipped_are_said(
    column: str, value: float, gdp: float | None, key: str | None
) -> None:
    names = ("CHN", "USA", "DEU")
    pairs = [(a, b, 2000.0 if a == b else 100.0) for a in names for b in names]
    trade = pl.DataFrame(
        [pair for pair in pairs if gdp is None or pair[0] != pair[1]],
        schema=["exporter", "importer", "trade"],
        orient="row",
    )
    shock = pl.DataFrame({"exporter": ["CHN"], "importer": ["USA"], column: [value]})
    table = None if gdp is None else pl.DataFrame({"country": names, "gdp": [gdp] * 3})
    said = {found for found, _ in keyed(offing.equilibrium(trade, shock, gdp=table).cautions)}
    slips = {"equilibrium.subsidy", "equilibrium.cost_share", "equilibrium.gdp_unit"}
    assert said & slips == ({key} if key else set())
