"""A study's own duties: where the rulebook has none, every market can be costed."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import offing
from cautions import keyed
from offing.study.analysis import analyse_products
from offing.study.costs import NO_QUOTE
from offing.study.file import read_study
from offing.study.inputs import read_inputs
from offing.study.markets import Standings, imports_of, standings_of
from offing.terms.errors import InputError, MissingDataError
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

SETS = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker"
HOUSE = Warehouse(starter_folder())


def costed(tmp_path: Path, duty: str) -> Standings:
    text = (SETS / "study.toml").read_text("utf-8")
    text = text.replace('consider = "all"', 'consider = ["DEU", "MEX", "VNM", "THA"]')
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    (tmp_path / "ledger.csv").write_bytes((SETS / "ledger.csv").read_bytes())
    file.write_text(file.read_text("utf-8") + f"\n[duty]\n{duty}\n", encoding="utf-8")
    world = read_inputs(file, HOUSE)
    return standings_of(world, imports_of(world, world.study.model[0]))


def test_a_market_of_the_table_is_costed_to_landed(tmp_path: Path) -> None:
    before = costed(tmp_path, "")["MEX"].cost
    assert before.quote is None
    assert before.missing == "study.no_tariff_line"
    after = costed(tmp_path, "MEX = 0.15\nVNM = 0.1")
    mexico = after["MEX"].cost
    assert mexico.quote is not None
    assert mexico.missing is None
    assert mexico.duty_rate is not None
    assert float(mexico.duty_rate) == pytest.approx(0.15, abs=1e-4)
    paid = {line.name: line for line in mexico.quote.lines}
    assert paid["duty"].rule is not None
    assert (paid["duty"].rule.id, paid["duty"].rule.status) == ("user.mfn.mex", "user")
    assert after["VNM"].cost.quote is not None
    assert after["THA"].cost.quote is None


def test_the_rulebook_s_own_duty_stands(tmp_path: Path) -> None:
    usual, given = (costed(tmp_path, f"DEU = {rate}") for rate in ("0", "0.9"))
    quote = given["DEU"].cost.quote
    assert quote is not None
    assert all(not rule.id.startswith("user.mfn") for rule in quote.rules)
    assert usual["DEU"].cost.duty_rate == given["DEU"].cost.duty_rate
    assert usual["DEU"].cost.duty_rate == pytest.approx(Decimal("0.14"), abs=Decimal("1e-4"))


def test_a_tax_by_product_is_asked_for_as_a_tax_and_leaves_a_study_running() -> None:
    """Nobody claimed a preference: Brazil has a tax on industrial products beside its duty."""
    with pytest.raises(MissingDataError) as caught:
        offing.quote("621040", "BRA", price="33 USD", cost="150 CNY", duty="10%")
    assert caught.value.key == "landed.no_line_of_tax"
    assert 'duty="ipi=15%"' in str(caught.value)
    assert "preference" not in str(caught.value)
    assert NO_QUOTE[caught.value.key] == "study.no_tax_line"


def test_a_market_that_must_be_kept_is_in_the_data(tmp_path: Path) -> None:
    text = (SETS.parent / "kitchen" / "study.toml").read_text("utf-8")
    file = tmp_path / "study.toml"
    kept = text.replace('consider = "all"', 'consider = "all"\nmust_keep = ["ARE"]')
    file.write_text(kept, encoding="utf-8")
    world = read_inputs(file, HOUSE)
    with pytest.raises(MissingDataError) as caught:
        imports_of(world, world.study.model[0])
    assert caught.value.key == "study.must_keep_no_trade"


def test_a_cost_above_every_price_is_refused(tmp_path: Path) -> None:
    text = (SETS.parent / "kitchen" / "study.toml").read_text("utf-8")
    file = tmp_path / "study.toml"
    # USD 46 is some CNY 336: a cost typed in another unit.
    file.write_text(text.replace("cost_cny = 215.00", "cost_cny = 2150.00"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_inputs(file, HOUSE)
    assert caught.value.key == "study.cost_above_price"
    assert "8516-1" in str(caught.value)
    assert "[[model]] 1" in str(caught.value)


def test_the_tariff_that_has_the_market_is_named() -> None:
    with pytest.raises(MissingDataError) as caught:
        offing.quote("990000", "USA", price="500 USD", cost="3000 CNY")
    assert "tariff-us" in str(caught.value)


def test_no_tier_is_named_on_a_ladder_of_little(tmp_path: Path) -> None:
    """FINDINGS A 10: 8516 in Hong Kong has one supplier with a unit value, 0.1 % of imports."""
    kitchen = SETS.parent / "kitchen" / "study.toml"
    text = kitchen.read_text("utf-8").replace('consider = "all"', 'consider = ["HKG", "KOR"]')
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    assert len(read_study(file).model) == 2
    world = read_inputs(file, HOUSE)
    first, second = analyse_products(world)
    assert set(first.imports.thin) >= {"HKG"}
    for studied in (first, second):
        standing = studied.standings["HKG"]
        assert (standing.ladder, standing.place, standing.tier) == (None, None, "all")
        tiers = {s.tier for s in studied.demand.ranking.segments if s.market == "HKG"}
        assert tiers == {"all"}
    assert first.demand.fitted is second.demand.fitted
    assert [key for key, _ in keyed(first.imports.warnings)] == ["study.warn_thin_all"]
    ladder: Any = "a ladder"
    elsewhere = replace(first.imports, ladders={"HKG": None, "KOR": ladder})
    [(key, said)] = keyed(elsewhere.warnings)
    assert (key, said["code"], said["markets"]) == ("study.warn_thin", "8516", ("HKG",))
