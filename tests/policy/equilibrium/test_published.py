"""``offing.equilibrium``: the numbers that were published, from the tables that were published."""

import polars as pl
import pytest

import offing
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
