"""``offing.equilibrium``: the numbers that were published, from the tables that were published."""

from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
from cautions import keyed
from shared_data import shared


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
    keys = [key for key, _ in keyed(alone.cautions)]
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
    assert answer.about.coefficient is not None
    assert answer.about.coefficient.value == pytest.approx(0.224249, abs=5e-6)
    assert answer.about.coefficient.se == pytest.approx(0.0722, abs=0.002)
    malta = answer.table.filter(country="MLT").row(0, named=True)
    assert malta["welfare"] == pytest.approx(0.015349, abs=1e-6)
    assert malta["welfare_low"] < malta["welfare"] < malta["welfare_high"]


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
