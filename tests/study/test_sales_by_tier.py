"""Sales of a ledger that names no models: those at prices of our tier are the model's."""

from dataclasses import replace

import polars as pl
import pytest

from example_plan import studied, world
from offing.study.inputs import StudyInputs
from offing.study.sales import OwnSales, sales_of


@pytest.fixture(scope="module")
def nameless() -> StudyInputs:
    """The example with the models' names struck from its ledger, and one model of its code."""
    ledger = world().ledger
    assert ledger is not None
    bare = ledger.sales.with_columns(model=pl.lit(None, pl.String))
    facts = studied()[0].imports.facts.model_copy(update={"ledger": []})
    study = world().study.model_copy(update={"model": [facts]})
    return replace(world(), study=study, ledger=replace(ledger, sales=bare))


def test_every_dollar_has_one_place(nameless: StudyInputs) -> None:
    """Of the code's sales of a year: in our tier, in another one, or where nobody looked."""
    one = studied()[0]
    found: OwnSales = sales_of(nameless, nameless.study.model[0], one.standings)
    on = nameless.study.on
    lines = nameless.sales.filter(
        (pl.col("on") > on.replace(year=on.year - 1))
        & (pl.col("on") <= on)
        & pl.col("product").str.starts_with(one.imports.facts.code[:4])
        & (pl.col("quantity") != 0)
    )
    sums = dict(lines.group_by("currency").agg(pl.col("amount").sum()).iter_rows())
    about = sum(float(nameless.rates.convert(sums[code], code, "USD")) for code in sums)
    assert not found.by_key
    assert found.usd == pytest.approx(about)
    assert {found.now[market] for market in found.now.keys() - found.records.keys()} == {0.0}
    assert found.other_tiers_usd == pytest.approx(0, abs=0.01), "every line is in our tier here"
    assert found.usd == pytest.approx(
        sum(found.now.values()) + sum(found.other_markets.values()) + found.other_tiers_usd
    )
    for market, (low, high) in ((m, s.tier_fob) for m, s in one.standings.items()):
        if record := found.records.get(market):
            assert record.price_usd is not None
            assert (low or 0) <= record.price_usd < (high or float("inf"))
