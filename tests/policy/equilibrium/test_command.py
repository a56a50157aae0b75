"""``offing equilibrium``: the command, what it tells, and what must be asked for."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
from offing.cli.app import run
from offing.policy.equilibrium.counterfactual import MODELS, Model, ModelSetting, TradeShock, solve
from offing.policy.equilibrium.one_sector import World
from offing.terms.caution import Caution
from offing.terms.errors import InputError, RuleError
from shared_data import shared
from two_countries import TRADE

Shock = Callable[[str], Path]


def test_python_and_the_command_say_the_same(
    shock_file: Shock, trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shock = shock_file("exporter,importer,tariff\n*,USA,0.25\n")
    assert run(["equilibrium", str(trade), str(shock), "--model", "with-revenue", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["equilibrium"]["countries"]
    rows = offing.equilibrium(trade, shock, model="with-revenue").rows
    assert [row["welfare"] for row in told] == rows["welfare"].to_list()
    # unanswered, a large country gains and the other loses; without revenue both lose
    assert rows["welfare"][1] > 0 > rows["welfare"][0]
    beside = offing.equilibrium(trade, shock, model="with-revenue").beside
    assert all(value < 0 for value in beside["one-sector"])
    assert "<table" in str(offing.equilibrium(trade, shock)._repr_html_())


def test_groups_are_averaged_by_todays_expenditure(
    shock_file: Shock, trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shock = shock_file("exporter,importer,tariff\nCHN,USA,0.25\n")
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


CODES = ("CHN", "DEU", "FRA", "MEX", "USA")


def _world(seed: int = 1) -> pl.DataFrame:
    """Five countries near balance, their trade within them too."""
    rng = np.random.default_rng(seed)
    size = np.array([3.0, 1.5, 1.2, 0.6, 4.0])
    values = np.outer(size, size) * rng.lognormal(0, 0.3, (5, 5))
    values = (values + values.T) / 2 + np.diag(12 * size**2)
    pairs = {"exporter": np.repeat(CODES, 5), "importer": np.tile(CODES, 5)}
    return pl.DataFrame({**pairs, "trade": values.ravel()})


def _shock(*rows: tuple[str, str, object]) -> pl.DataFrame:
    return pl.DataFrame(
        [(exporter, importer, str(rate)) for exporter, importer, rate in rows],
        ["exporter", "importer", "tariff"],
        orient="row",
    )


GROUPS = pl.DataFrame({"group": ["EU", "EU"], "country": ["DEU", "法国"]})


def _asked(*rows: tuple[str, str, object], **options: Any) -> Any:
    return offing.equilibrium(_world(), _shock(*rows), **({"model": "with-revenue"} | options))


def test_a_list_of_tariffs_may_name_a_group_and_leave_countries_out() -> None:
    by_name = _asked(("*", "USA", "10%"), ("EU", "USA", "20%"), ("MEX", "USA", "0%"), groups=GROUPS)
    by_hand = _asked(
        ("CHN", "USA", 0.1), ("DEU", "USA", 0.2), ("FRA", "USA", 0.2), ("MEX", "USA", 0)
    )
    assert by_name.rows["welfare"].to_list() == pytest.approx(by_hand.rows["welfare"].to_list())
    assert by_name.about.changed == ("tariff", 3, 0.1, 0.2)
    with pytest.raises(InputError, match="'EU'"):
        _asked(("EU", "USA", 0.2))


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
    assert answer.about.coefficient is not None
    assert answer.about.coefficient.value == pytest.approx(0.224249, abs=5e-6)
    assert answer.about.coefficient.se == pytest.approx(0.0722, abs=0.002)
    malta = answer.table.filter(country="MLT").row(0, named=True)
    assert malta["welfare"] == pytest.approx(0.015349, abs=1e-6)
    assert malta["welfare_low"] < malta["welfare"] < malta["welfare_high"]


def test_the_row_of_fewer_pairs_wins_and_home_is_left_alone(trade: Path) -> None:
    rows: dict[str, Any] = {"exporter": ["*", "CHN"], "importer": ["*", "USA"], "cost": [1.5, 1.0]}
    turned = pl.DataFrame({name: cells[::-1] for name, cells in rows.items()})
    answer = offing.equilibrium(trade, pl.DataFrame(rows))
    assert offing.equilibrium(trade, turned).trade.equals(answer.trade)
    after = answer.trade.with_columns(
        share=pl.col("after") / pl.col("after").sum().over("importer")
    )
    share = {(e, i): s for e, i, s in after.select("exporter", "importer", "share").iter_rows()}
    assert share["USA", "CHN"] < 0.2
    assert np.isclose(float(answer.trade["after"].sum()), 200)


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


def test_materials_are_told_from_none(shock_file: Shock, trade: Path, tmp_path: Path) -> None:
    """With materials every dollar of value added crosses the border more than once."""
    shock = shock_file("exporter,importer,tariff\n*,*,0.25\n")
    ask: dict[str, Any] = {"model": "many-sectors", "theta": 4.0}
    plain = offing.equilibrium(trade, shock, **ask)
    deep = offing.equilibrium(trade, shock, value_added=0.5, **ask)
    assert (deep.rows["welfare"] < plain.rows["welfare"]).all()
    assert plain.residual < 1e-9


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", MODELS)
def test_no_country_loses_more_than_it_has(model: Model) -> None:
    """Incomes are positive or refused, in made-up worlds of subsidies and surpluses."""
    random, refused = np.random.default_rng(7), 0
    for _ in range(60):
        trade = np.exp(random.normal(2, 1.5, (3, 3))) + np.diag(np.exp(random.normal(3, 1, 3)))
        rates = random.uniform(-0.9, 3, (3, 3)) * (1 - np.eye(3))
        shock = replace(TradeShock.nothing(3), tariffs=rates)
        try:
            made = solve(model, World(CODES[:3], trade), shock, ModelSetting(4, value_added=0.5))
        except (InputError, RuleError) as error:
            refused += error.key == "equilibrium.not_carried"
        else:
            assert min(made.welfare.min(), made.income.min()) > 0
    assert refused


def test_a_subsidy_above_income_is_refused_in_words() -> None:
    """90 % of what the United States import would cost more than all that they earn."""
    pairs = {"exporter": ["USA", "USA", "CHN", "CHN"], "importer": ["USA", "CHN", "USA", "CHN"]}
    world = pl.DataFrame({**pairs, "trade": [900, 20, 60, 700]})
    with pytest.raises(InputError, match=r"(?s)left to USA.*Expected: .*sign") as refused:
        offing.equilibrium(world, _shock(("CHN", "USA", -0.9)), model="with-revenue")
    assert refused.value.key == "equilibrium.not_carried"
