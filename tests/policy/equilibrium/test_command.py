"""``offing equilibrium``: the same numbers as the published ones, and input that cannot be used."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
from offing.cli.app import run
from offing.report.blocks import Table
from offing.report.tellings.equilibrium import tell
from offing.terms.errors import InputError
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
    beside = offing.equilibrium(trade, shock, model="with-revenue").beside
    assert all(value < 0 for value in beside["one-sector"])
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
    assert np.isclose(float(answer.trade["after"].sum()), 200)


@pytest.mark.parametrize(
    ("shock", "options", "words"),
    [
        ("exporter,importer,tariff\nCHN,USB,0.1\n", [], "'USB'"),
        ("exporter,importer,rate\nCHN,USA,0.1\n", [], "tariff"),
        ("exporter,importer,tariff\nCHN,CHN,0.1\n", [], "no flow"),
        ("exporter,importer,tariff\nCHN,USA,ten\n", [], "ten"),
        ("exporter,importer,tariff\nCHN,USA,-2\n", [], "A tariff of -200%"),
        ("exporter,importer,tariff\nCHN,USA,-100%\n", [], "row 2, column tariff"),
        ("exporter,importer,tariff\nUSA,CHN,0.1\nCHN,USA,3\n", [], "row 3, column tariff"),
        ("exporter,importer,cost\nCHN,USA,25%\n", [], "no number"),
        ("exporter,importer,effect\nCHN,USA,25\n", [], "effect of 25"),
        ("exporter,importer,effect,se\nCHN,USA,0.2,-0.1\n", ["--draws", "5"], "error of -0.1"),
        ("exporter,importer,tariff,cost\nCHN,USA,0.2,0.9\n", [], "tariff, cost"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--theta-se", "3", "--draws", "9"], "2.13"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--theta-se", "nan"], "theta_se = nan"),
        (
            "exporter,importer,cost\nCHN,USA,0.9\n",
            ["--home", "USA", "--retaliation", "reciprocal"],
            "tariffs alone",
        ),
        ("exporter,importer,tariff\nCHN,DEU,0.1\n", [], "'DEU'"),
        ("exporter,importer,tariff\nCHN,USA,34\n", [], "34 times the value"),
        ("exporter,importer,cost\nCHN,USA,0\n", [], "cost"),
        ("exporter,importer,cost\nCHN,USA,0.9\n", ["--model", "with-revenue"], "takes tariffs"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--theta", "-4"], "elasticity"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--draws", "5"], "nothing to draw"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--draws", "-5"], "-5"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--scale", "-0.1"], "--scale is -0.1"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--labour-supply", "nan"], "nan"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--pass-through", "-1"], "nought or more"),
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
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert "Next" in said or "Expected" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("CHN,CHN,80\n", ""), "no trade within CHN"),
        (("USA,CHN,20\n", "USA,CHN,20\nUSA,CHN,20\n"), "twice"),
        (("USA,CHN,20", "USA,CHN,-20"), "-20"),
        (("USA,CHN,20", "USA,CHN,"), "missing"),
        (("USA,CHN,20", "JPN,CHN,20"), "rows and"),
        (("CHN,CHN,80", "CHN,CHN,-80"), "-80"),
        (("CHN,CHN,80", "CHN,CHN,0"), "--gdp"),
        ((TRADE.partition("\n")[2], ""), "no row"),
        (("USA,CHN,20", "中国,美国,20"), "CHN → USA is there twice"),
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


def _liberation() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Trade without domestic flows, GDP in its unit, the announced tariffs."""
    folder = shared("liberation_day_2025")
    codes = pl.read_csv(folder / "country_labels.csv")["iso3"].to_list()
    values = np.nan_to_num(np.genfromtxt(folder / "trade_cepii.csv", delimiter=",", skip_header=1))
    n = len(codes)
    trade = pl.DataFrame(
        {"exporter": np.repeat(codes, n), "importer": np.tile(codes, n), "trade": values.ravel()}
    ).filter(pl.col("exporter") != pl.col("importer"))
    gdp = pl.read_csv(folder / "gdp.csv").select(
        pl.Series("country", codes), gdp=pl.col("gdp") / 1000
    )
    rates = pl.read_csv(folder / "tariffs.csv")["applied_tariff"].clip(lower_bound=0.10)
    shock = pl.DataFrame({"exporter": codes, "importer": "USA", "tariff": rates})
    return trade, gdp, shock


def _usa(answer: object, column: str = "welfare") -> str:
    rows = answer.rows  # type: ignore[attr-defined]
    return f"{100 * rows.filter(country='USA')[column][0]:.2f}"


@pytest.mark.shared_data
def test_the_printed_tables_from_a_question() -> None:
    """Ignatenko and others (2025): Table 1 (1.13 and 1.79), Table 2 (−0.36, −0.75, −0.32)."""
    trade, gdp, shock = _liberation()

    def asked(**more: Any) -> Any:
        model = more.pop("model", "with-revenue")
        given = None if more.get("tariffs") == "optimal" else shock
        return offing.equilibrium(trade, given, gdp=gdp, home="USA", model=model, **more)

    alone = asked()
    assert _usa(alone) == "1.13"
    assert _usa(asked(tariffs="optimal")) == "1.79"
    assert _usa(asked(retaliation="reciprocal")) == "-0.36"
    assert _usa(asked(retaliation="optimal")) == "-0.75"
    assert _usa(asked(tariffs="optimal", retaliation="optimal")) == "-0.32"
    keys = [key for key, _ in alone.cautions]
    assert "equilibrium.domestic_estimated" in keys
    every = asked(model="all")
    assert _usa(every) == "1.13"
    assert set(every.beside) == {"one-sector", "many-sectors"}
    assert "loss-bar" in str(every._repr_html_())


@pytest.mark.shared_data
def test_a_regional_trade_war_from_a_table_of_tariffs() -> None:
    """Table 8: 10 % on all, the announced rate on China, and the same answered: welfare −0.09."""
    trade, gdp, shock = _liberation()
    on_all = pl.when(exporter="CHN").then("tariff").otherwise(0.10)
    war = shock.with_columns(tariff=on_all)
    answer = offing.equilibrium(
        trade, war, gdp=gdp, home="USA", model="with-revenue", retaliation="reciprocal"
    )
    assert _usa(answer) == "-0.09"


@pytest.mark.shared_data
def test_from_an_own_panel_to_the_published_welfare() -> None:
    """A12: the coefficient .224 (.072) and Malta's welfare, from the panel alone."""
    panel = pl.read_csv(shared("gravity_panels") / "ge_gravity_wiod_fta.csv")
    solved = pl.read_parquet(shared("gravity_panels") / "ge_gravity_stata_results.parquet")
    base = solved.filter(pl.col("w_eu").is_not_null())
    trade = base.select("exporter", "importer", "trade")
    shock = base.filter(pl.col("new_eu_pair") == 1).select(
        "exporter", "importer", eu_enlargement=pl.lit(1)
    )
    answer = offing.equilibrium(
        trade, shock, panel=panel, controls="other_fta", draws=40, model="one-sector"
    )
    assert answer.coefficient is not None
    assert answer.coefficient.value == pytest.approx(0.224249, abs=5e-6)
    assert answer.coefficient.se == pytest.approx(0.0722, abs=0.002)
    malta = answer.table.filter(country="MLT").row(0, named=True)
    assert malta["welfare"] == pytest.approx(0.015349, abs=1e-6)
    assert malta["welfare_low"] < malta["welfare"] < malta["welfare_high"]


def test_materials_are_told_from_none(trade: Path, tmp_path: Path) -> None:
    """With materials every dollar of value added crosses the border more than once."""
    shock = _shock(tmp_path, "exporter,importer,tariff\n*,*,0.25\n")
    ask: dict[str, Any] = {"model": "many-sectors", "theta": 4.0}
    plain = offing.equilibrium(trade, shock, **ask)
    deep = offing.equilibrium(trade, shock, value_added=0.5, **ask)
    assert (deep.rows["welfare"] < plain.rows["welfare"]).all()
    assert plain.residual < 1e-9


@pytest.mark.parametrize(
    ("shock", "options", "words"),
    [
        (None, [], "no shock"),
        (None, ["--tariffs", "optimal"], "--home"),
        (None, ["--tariffs", "optimal", "--home", "USB"], "'USB'"),
        ("exporter,importer,cost\nCHN,USA,0.9\n", ["--retaliation", "reciprocal"], "--home"),
        ("exporter,importer,tariff\nCHN,USA,0.1\n", ["--value-added", "0"], "value added"),
        ("exporter,importer,tariff,year\nCHN,USA,0.1,2019\n", [], "2019"),
    ],
)
def test_what_is_asked_for_must_be_there(
    trade: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    shock: str | None,
    options: list[str],
    words: str,
) -> None:
    lines = trade.read_text(encoding="utf-8").splitlines()
    dated = [lines[0] + ",year", *(f"{line},2024" for line in lines[1:])]
    trade.write_text("\n".join(dated), encoding="utf-8")
    given = [] if shock is None else [str(_shock(tmp_path, shock))]
    assert run(["equilibrium", str(trade), *given, *options]) == 2
    assert words in capsys.readouterr().err


def test_gdp_of_another_unit_is_refused(
    trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gdp, shock = tmp_path / "gdp.csv", _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.1\n")
    gdp.write_text("country,gdp\nCHN,100\nUSA,100\n", encoding="utf-8")
    assert run(["equilibrium", str(trade), str(shock), "--gdp", str(gdp)]) == 0
    assert "Estimated" in capsys.readouterr().out
    gdp.write_text("country,gdp\nCHN,0.1\nUSA,0.1\n", encoding="utf-8")
    assert run(["equilibrium", str(trade), str(shock), "--gdp", str(gdp)]) == 2
    assert "units" in capsys.readouterr().err


def test_headings_in_chinese_are_ours(trade: Path, tmp_path: Path) -> None:
    plain = offing.equilibrium(trade, _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.25\n"))
    trade.write_text(
        TRADE.replace("exporter,importer,trade", "出口国,进口国,贸易额"), encoding="utf-8"
    )
    answer = offing.equilibrium(trade, _shock(tmp_path, "出口国,进口国,税率\n中国,美国,25%\n"))
    assert answer.rows.equals(plain.rows)
    twice = _shock(tmp_path, "出口国,进口国,税率,关税\n中国,美国,25%,25%\n")
    with pytest.raises(InputError, match="tariff"):
        offing.equilibrium(trade, twice)


def test_the_first_sentence_says_who_gains_and_who_loses(
    trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dearer cost harms both, a cheaper one helps both, a tariff with revenue parts them."""
    for shock, model, words, chinese in (
        ("cost\n*,*,1.2", "one-sector", "No country gains: ", "没有国家受益"),
        ("cost\n*,*,0.8", "one-sector", "No country loses: ", "没有国家受损"),
        (
            "tariff\n*,USA,0.25",
            "with-revenue",
            "United States gains most (+",
            "损失最大的是中国（−",
        ),
    ):
        path = _shock(tmp_path, f"exporter,importer,{shock}\n")
        assert run(["equilibrium", str(trade), str(path), "--model", model]) == 0
        assert capsys.readouterr().out.startswith(words)
        assert run(["equilibrium", str(trade), str(path), "--model", model, "--lang", "zh"]) == 0
        assert chinese in capsys.readouterr().out.replace("\n", "")


def test_a_deficit_that_nobody_can_carry_gives_no_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """B lives on A's money: cut off from B, A could not earn what it must hand over."""
    trade, shock = tmp_path / "trade.csv", _shock(tmp_path, "exporter,importer,cost\n*,*,1e6\n")
    trade.write_text("exporter,importer,trade\nA,A,50\nA,B,90\nB,A,1\nB,B,5\n", encoding="utf-8")
    assert run(["equilibrium", str(trade), str(shock), "--json"]) in (1, 2, 3)
    said = capsys.readouterr()
    assert "welfare" not in said.out
    assert "A would have to hand over more than it earns" in said.err


@pytest.mark.shared_data
def test_nafta_from_tables_published_and_exact_side_by_side() -> None:
    """Caliendo and Parro (2015): real wages 1.72, .32, .11; welfare 1.31, −.06, .08 as printed."""
    folder, n, j = shared("caliendo_parro_2015"), 31, 40
    names = [f"c{at:02d}" for at in range(n)]
    sectors = [f"s{at:02d}" for at in range(j)]

    def read(name: str) -> np.ndarray:
        return np.asarray(np.loadtxt(folder / f"{name}.txt"))

    def by_sector(name: str) -> np.ndarray:
        whole = np.zeros((j, n, n))
        whole[:20] = read(name).reshape(20, n, n)
        return whole

    trade, before = by_sector("xbilat1993") * 1_000, by_sector("tariffs1993") / 100
    after, own = by_sector("tariffs2005") / 100, np.arange(n)
    exports = trade.sum(axis=1)
    trade[:, own, own] = np.maximum(read("GO"), exports) - exports
    before[:, own, own] = 0
    keys = {
        "sector": np.repeat(sectors, n * n),
        "importer": np.tile(np.repeat(names, n), j),
        "exporter": np.tile(names, j * n),
    }
    flows = pl.DataFrame({**keys, "trade": trade.ravel(), "tariff": before.ravel()})
    nafta = [names[at] for at in (19, 4, 29)]
    shock = pl.DataFrame({**keys, "tariff": after.ravel()}).filter(
        pl.col("importer").is_in(nafta)
        & pl.col("exporter").is_in(nafta)
        & (pl.col("importer") != pl.col("exporter"))
    )
    costs = pl.DataFrame(
        {
            "sector": np.repeat(sectors, n),
            "country": np.tile(names, j),
            "value_added": read("B").ravel(),
            "theta": np.repeat(np.concatenate([read("T"), np.full(20, 8.22)]), n),
        }
    )
    inputs = pl.DataFrame(
        {
            "country": np.repeat(names, j * j),
            "input": np.tile(np.repeat(sectors, j), n),
            "output": np.tile(sectors, n * j),
            "share": read("IO").reshape(n, j, j).ravel(),
        }
    )
    answer = offing.equilibrium(
        flows, shock, sectors=costs, inputs=inputs, balanced=True, model="many-sectors"
    )
    rows = {row["country"]: row for row in answer.rows.to_dicts()}
    found = [
        [f"{100 * rows[name][part]:.4f}" for part in ("real_wages", "welfare")]
        + [f"{100 * rows[name]['first_order']:.2f}"]
        for name in nafta
    ]
    assert found == [
        ["1.7153", "0.0073", "1.31"],
        ["0.3228", "-0.1101", "-0.06"],
        ["0.1124", "0.0741", "0.08"],
    ]
    assert answer.residual < 1e-9
    told = str(answer._repr_html_())
    assert "First order" in told
    assert "One sector" in told


def test_a_world_of_sectors_that_does_not_fit(
    trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = trade.read_text(encoding="utf-8").splitlines()
    flows = "\n".join([f"sector,{lines[0]}", *(f"food,{line}" for line in lines[1:])])
    trade.write_text(flows, encoding="utf-8")
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.1\n")
    costs = tmp_path / "costs.csv"
    line = ["equilibrium", str(trade), str(shock), "--sectors", str(costs)]
    costs.write_text("sector,country,value_added,theta\nfood,*,0.5,4\n", encoding="utf-8")
    assert run([*line, "--lang", "zh"]) == 0
    assert "一阶近似" in capsys.readouterr().out
    for text, words in (
        ("sector,country,value_added,theta\nfood,*,1.5,4\n", "sectors"),
        ("sector,country,value_added,theta\nfod,*,0.5,4\n", "did you mean food?"),
        ("sector,country,value_added\nfood,*,0.5\n", "theta"),
    ):
        costs.write_text(text, encoding="utf-8")
        assert run(line) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("rate", ["0.25", "25%", " 25 % ", "25％"])
@pytest.mark.parametrize("pair", ["CHN,USA", "中国,美国", "China,us", "chn,United States"])
def test_a_country_and_a_rate_in_any_way_are_the_same(
    trade: Path, tmp_path: Path, rate: str, pair: str
) -> None:
    plain = offing.equilibrium(trade, _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.25\n"))
    shock = _shock(tmp_path, f"exporter,importer,tariff\n{pair},{rate}\n")
    answer = offing.equilibrium(trade, shock)
    assert answer.rows.equals(plain.rows)
    assert answer.changed == ("tariff", 1, 0.25, 0.25)


def test_a_table_with_several_labels_of_a_country_is_one_world(tmp_path: Path) -> None:
    """Labels stay as given, but where a country has two of them; a number is never a code."""
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.25\n")
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


def test_gdp_is_read_once_and_says_what_it_replaces(trade: Path, tmp_path: Path) -> None:
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.1\n")
    gdp = pl.DataFrame({"country": ["中国", "美国", "DEU"], "gdp": [100.0, 110.0, 5.0]})
    answer = offing.equilibrium(trade, shock, gdp=gdp)
    assert ("equilibrium.domestic_replaced", {"count": "2"}) in answer.cautions
    with pytest.raises(InputError, match="twice"):
        offing.equilibrium(trade, shock, gdp=pl.concat([gdp, gdp.head(1)]))
    below = TRADE.replace("CHN,CHN,80", "CHN,CHN,-0.5")
    trade.write_text(below, encoding="utf-8")
    with pytest.raises(InputError, match=r"is -0\.5"):
        offing.equilibrium(trade, shock, gdp=gdp)


def test_a_page_has_the_map_and_every_country(
    trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.25\n")
    line = ["equilibrium", str(trade), str(shock), "--model", "with-revenue", "--out"]
    for lang, words in (("en", "China"), ("zh", "中国")):
        page = tmp_path / f"{lang}.html"
        assert run([*line, str(page), "--lang", lang]) == 0
        text = page.read_text(encoding="utf-8")
        assert "<svg" in text
        assert words in text
    assert run([*line, str(tmp_path / "all.csv")]) == 0
    assert pl.read_csv(tmp_path / "all.csv").height == 2
    capsys.readouterr()
    assert run([*line, str(tmp_path / "all.doc")]) == 2
    assert ".csv, .parquet or .html" in capsys.readouterr().err


def test_groups_are_averaged_by_todays_expenditure(
    trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.25\n")
    groups = tmp_path / "groups.csv"
    groups.write_text("group,country\nPacific,CHN\nPacific,美国\nAsia,CHN\n", encoding="utf-8")
    answer = offing.equilibrium(trade, shock, groups=groups, model="with-revenue")
    rows = dict(answer.rows.select("country", "employment").iter_rows())
    found = {row["group"]: row["employment"] for row in answer.groups.to_dicts()}
    assert found["Pacific"] == pytest.approx((rows["CHN"] + rows["USA"]) / 2)
    assert found["Asia"] == rows["CHN"]
    line = ["equilibrium", str(trade), str(shock), "--groups", str(groups)]
    assert run(line) == 0
    assert "Pacific (average)" in capsys.readouterr().out
    for text, words in (
        ("Asia,CHX", "'CHX'"),
        ("Asia,CHN\nAsia,CHN", "Asia: CHN"),
        (",CHN", "group"),
    ):
        groups.write_text(f"group,country\n{text}\n", encoding="utf-8")
        assert run(line) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("model", ["one-sector", "many-sectors", "with-revenue"])
def test_every_answer_says_what_is_held_fixed(trade: Path, tmp_path: Path, model: str) -> None:
    shock = _shock(tmp_path, "exporter,importer,tariff\nCHN,USA,0.25\n")
    ask: dict[str, Any] = {"model": model, "theta_se": 0.5, "draws": 9}
    said = str(offing.equilibrium(trade, shock, **ask)._repr_html_())
    for words in ("Held fixed", "middle 90%", "tariffs, 25.0% (flows: 1)", " to ", "in units of"):
        assert words in said
    assert "an assumption" in str(offing.equilibrium(trade, shock)._repr_html_())


def test_a_wide_world_is_told_in_narrow_tables_with_who_was_asked_for(tmp_path: Path) -> None:
    """Eight at each end, and between them China and whoever levies the tariff."""
    codes = [
        *("ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHE", "CHL", "CHN", "DEU", "DNK", "ESP"),
        *("FIN", "FRA", "GBR", "IND", "ITA", "JPN", "KOR", "MEX", "NLD", "POL", "USA", "VNM"),
    ]
    n = len(codes)
    values = np.full((n, n), 1.0) + np.diag(np.linspace(200, 400, n))
    trade = pl.DataFrame(
        {"exporter": np.repeat(codes, n), "importer": np.tile(codes, n), "trade": values.ravel()}
    )
    shock = pl.DataFrame({"exporter": ["VNM"], "importer": ["FRA"], "tariff": [0.2]})
    answer = offing.equilibrium(trade, shock, model="with-revenue")
    tables = [block for block in tell(answer) if isinstance(block, Table)]
    assert [len(table.columns) for table in tables] == [3, 5, 5]
    for table in tables:
        *named, others = [line[0].text for line in table.rows]
        assert others == "All but France (average)"
        assert {"China", "France", "Vietnam"} <= set(named)
        assert 16 <= len(named) <= 18


@pytest.mark.parametrize(
    ("part", "change", "options", "words"),
    [
        ("shock", ("0.25", "25"), [], "row 2, column tariff"),
        ("shock", ("0.25", "-1"), [], "A tariff of -100%"),
        ("shock", ("CHN,USA", "CHX,USA"), [], "'CHX' is not in the trade table"),
        ("shock", ("tariff", "tariff,sector", "0.25", "0.25,fod"), [], "'fod' is no sector"),
        ("shock", ("tariff", "tariff,year", "0.25", "0.25,2001"), [], "the trade of 2020"),
        ("trade", ("20,0.1,", "20,10,"), [], "10 times the value"),
        ("trade", ("food,USA,USA,80,0,2020\n", ""), [], "no trade within USA"),
        ("trade", ("20,0.1,", "-20,0.1,"), [], "negative"),
        ("costs", (",4", ",0"), [], "costs.csv"),
        ("shock", (), ["--retaliation", "reciprocal", "--home", "USA"], "--retaliation would be"),
        ("shock", (), ["--model", "with-revenue"], "--model with-revenue would be"),
        ("shock", (), ["--krugman", "--scale", "0.1"], "--scale, --krugman would be"),
    ],
)
def test_slips_in_the_tables_of_sectors(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    part: str,
    change: tuple[str, ...],
    options: list[str],
    words: str,
) -> None:
    tables = {
        "trade": "sector,exporter,importer,trade,tariff,year\nfood,CHN,CHN,80,0,2020\n"
        "food,CHN,USA,20,0.1,2020\nfood,USA,CHN,20,0.1,2020\nfood,USA,USA,80,0,2020\n",
        "shock": "exporter,importer,tariff\nCHN,USA,0.25\n",
        "costs": "sector,country,value_added,theta\nfood,*,0.5,4\n",
    }
    for old, new in zip(change[::2], change[1::2], strict=True):
        tables[part] = tables[part].replace(old, new)
    paths = {name: tmp_path / f"{name}.csv" for name in tables}
    for name, text in tables.items():
        paths[name].write_text(text, encoding="utf-8")
    line = ["equilibrium", str(paths["trade"]), str(paths["shock"])]
    assert run([*line, "--sectors", str(paths["costs"]), *options]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


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
    said = {found for found, _ in offing.equilibrium(trade, shock, gdp=table).cautions}
    slips = {"equilibrium.subsidy", "equilibrium.cost_share", "equilibrium.gdp_unit"}
    assert said & slips == ({key} if key else set())
