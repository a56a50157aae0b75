"""``offing indicators``, as a person runs it, against the functions and identities behind it."""

import json

import numpy as np
import polars as pl
import pytest

from offing.api.indicators import indicators as ask
from offing.cli.app import run as offing
from offing.market.indicators.concentration import hhi, theil
from offing.market.indicators.of_year import NAMES, near_product
from offing.market.indicators.relatedness import density, proximity
from offing.terms.messages import known
from offing.warehouse import Warehouse

MADE = ask(NAMES, year=2023, product="8528").computed


def matrix(name: str) -> np.ndarray:
    return MADE.pairs.sort("country", "product")[name].to_numpy().reshape(MADE.countries.height, -1)


def test_the_table_is_what_the_functions_say() -> None:
    value, m = matrix("value_usd"), matrix("advantage")
    share = value / value.sum()
    balassa = share / share.sum(axis=1, keepdims=True) / share.sum(axis=0)
    np.testing.assert_allclose(matrix("rca"), balassa)
    np.testing.assert_array_equal(m, balassa >= 1)
    np.testing.assert_allclose(matrix("density"), density(m))
    for row, line in zip(MADE.countries.iter_rows(named=True), value, strict=True):
        assert row["hhi"] == pytest.approx(hhi(line))
        assert row["theil"] == pytest.approx(theil(line))
        assert row["theil_extensive"] + row["theil_intensive"] == pytest.approx(row["theil"])
        assert (
            row["diversity"] == m[MADE.countries["country"].to_list().index(row["country"])].sum()
        )
    assert MADE.countries["eci"].mean() == pytest.approx(0, abs=1e-12)


def test_proximity_is_a_column_of_the_product_space() -> None:
    codes = MADE.products["product"].to_list()
    whole = proximity(matrix("advantage"))[codes.index("8528")]
    found = dict(near_product(MADE, "8528").select("product", "proximity").iter_rows())
    assert found == pytest.approx({c: v for c, v in zip(codes, whole, strict=True) if c != "8528"})


def test_markets_and_suppliers_by_hand() -> None:
    flows = Warehouse.open().flows("8528", dataset=MADE.dataset, years=[2023])
    sums = (
        flows.filter(pl.col("exporter") != pl.col("importer"))
        .group_by("exporter")
        .agg(pl.col("value_usd").sum())
    )
    row = MADE.products.row(by_predicate=pl.col("product") == "8528", named=True)
    assert row["hhi_exporters"] == pytest.approx(hhi(sums["value_usd"].to_numpy()))
    assert row["value_usd"] == pytest.approx(sums["value_usd"].sum())


@pytest.mark.parametrize("name", NAMES)
def test_every_indicator_can_be_asked_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert known(f"indicators.name_{name}")
    arguments = ["indicators", name.upper(), "--product", "8528", "--year", "2023", "--json"]
    assert offing(arguments) == 0
    made = json.loads(capsys.readouterr().out)["indicators"]
    (table,) = [value for value in made.values() if isinstance(value, list)]
    assert name in table[0]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["EIC"], "eci"),
        (["proximity"], "--product"),
        (["eci", "--product", "0101"], "0101"),
        (["eci", "--country", "KIR"], "KIR"),
        (["eci", "--digits", "3"], "2, 4 or 6"),
    ],
)
def test_careless_use_is_explained(
    arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offing(["indicators", *arguments]) == 2
    shown = capsys.readouterr()
    assert part in " ".join(shown.err.split())
    assert shown.out == ""
