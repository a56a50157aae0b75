"""``offing indicators``, as a person runs it, against the functions and identities behind it."""

import json

import polars as pl
import pytest

from offing.api.indicators import indicators as ask
from offing.cli.app import run as offing
from offing.market.indicators.of_year import NAMES, hhi
from offing.terms.messages import has_message
from offing.warehouse import Warehouse

MADE = ask(NAMES, year=2023, product="8528").computed


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
    assert has_message(f"indicators.name_{name}")
    arguments = ["indicators", name.upper(), "--product", "8528", "--year", "2023", "--json"]
    assert offing(arguments) == 0
    made = json.loads(capsys.readouterr().out)["indicators"]
    (table,) = [value for value in made.values() if isinstance(value, list)]
    assert name in table[0]
