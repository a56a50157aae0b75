"""A study's own duties: where the rulebook has none, every market can be costed."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

import offing
from cautions import keyed
from offing.forecast.axes import MarketFacts, axes
from offing.policy.overlay import Rules
from offing.rules.regime_file import shipped
from offing.study import markets as duties
from offing.study.analysis import analyse_products
from offing.study.costs import NO_QUOTE
from offing.study.file import read_study
from offing.study.inputs import read_inputs
from offing.study.markets import Duties, Standings, imports_of, rival_duties, standings_of
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


FLOWS = pl.DataFrame(
    [
        # Germany: 60 of 100 of the rivals' sales come from the European Union.
        ("DEU", "POL", 60.0), ("DEU", "KOR", 40.0), ("DEU", "CHN", 500.0),
        # Spain: 40 of 100.
        ("ESP", "POL", 40.0), ("ESP", "KOR", 60.0),
        # The United Kingdom is no member; Japan has the product free for all.
        ("GBR", "POL", 90.0), ("JPN", "KOR", 10.0),
        # Only China sells to Austria.
        ("AUT", "CHN", 10.0),
    ],
    schema=["importer", "exporter", "value_usd"],
    orient="row",
)  # fmt: skip
OWN = {"DEU": 0.14, "ESP": 0.14, "GBR": 0.14, "JPN": 0.0, "AUT": 0.14}


def test_known_only_where_the_tariffs_tell() -> None:
    assert rival_duties(OWN, FLOWS, "CHN", shipped()) == {"DEU": 0.0, "JPN": 0.0}


def test_margin_is_a_measure_of_access_and_empty_where_not_covered() -> None:
    facts = MarketFacts(duty_rate=OWN, rival_duty=rival_duties(OWN, FLOWS, "CHN", shipped()))
    rows = FLOWS.with_columns(year=pl.lit(2024), product=pl.lit("8528"), tier=pl.lit("all"))
    candidates = [(market, "all") for market in ("DEU", "GBR", "JPN")]
    made = axes(rows, "CHN", 2024, candidates, facts)
    margin = {
        market: next(p for a in of for p in a.parts if p.name == "duty_margin")
        for (market, _), of in made.items()
    }
    assert margin["DEU"].value == pytest.approx(-0.14)
    assert margin["JPN"].value == 0
    assert margin["GBR"].value is None
    assert margin["GBR"].rank is None
    assert (margin["DEU"].rank, margin["JPN"].rank) == (0.0, 1.0)


class Known(Duties):
    """Duties that are told."""

    def __init__(self, told: dict[str, float | None]) -> None:
        self.told = told
        self.asked: list[str] = []
        self._laws = cast(Rules, SimpleNamespace(rulebook=None))

    def of(self, market: str, origin: str) -> float | None:
        """As told; nothing else may be asked."""
        self.asked.append(origin)
        return self.told[origin]


@pytest.fixture
def union(monkeypatch: pytest.MonkeyPatch) -> None:
    """The market lies in a union with FRA, and three origins are quoted."""
    monkeypatch.setattr(duties, "territory", lambda *_: {"DEU", "FRA"})
    monkeypatch.setattr(duties, "QUOTED", 3)


@pytest.mark.usefixtures("union")
def test_what_is_not_known_is_as_usual() -> None:
    """0.3 is the middle of 0.2 and 0.4; trade within the union is free; MEX is the fourth."""
    known = Known({"CHN": 0.1, "VNM": 0.2, "RUS": None, "USA": 0.4})
    row = known.row("DEU", ["CHN", "FRA", "VNM", "RUS", "USA", "MEX"])
    assert row is not None
    assert row == pytest.approx(np.array([0.1, 0.0, 0.2, 0.3, 0.4, 0.3]))
    assert known.asked == ["CHN", "VNM", "RUS", "USA"]


@pytest.mark.usefixtures("union")
def test_where_no_other_is_known_all_pay_alike() -> None:
    row = Known({"CHN": 0.1, "RUS": None}).row("DEU", ["CHN", "RUS"])
    assert row is not None
    assert row == pytest.approx(np.array([0.1, 0.1]))


@pytest.mark.usefixtures("union")
def test_without_the_first_ones_duty_there_is_none() -> None:
    assert Known({"CHN": None}).row("DEU", ["CHN", "VNM"]) is None
