"""What a reform does to a product's sales, by hand: spread over tiers, and wider intervals."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from offing.forecast.results import Outlook
from offing.policy.effects import MarketTrade, world_sales_changes
from offing.study import demand_response as effects
from offing.study.analysis import ProductAnalysis
from offing.study.demand_response import AssumedResponse, _imports, scale_demand
from offing.study.markets import Standing
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from study.stand_ins import flows, like


@dataclass(frozen=True)
class Said:
    """As much of a product's demand as a reform moves."""

    outlook: dict[str, Outlook]
    factors: dict[str, float]
    elsewhere: dict[tuple[str, str], object] = field(default_factory=dict)
    kept_usd: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """As much of a studied product as a reform's effects look at."""

    imports: SimpleNamespace
    demand: Said


def test_what_has_no_tier_is_spread_as_the_market_is() -> None:
    """Of 400 with a tier 100 are low, 300 high; 80 of B have none: 20 of them are low."""
    rows = pl.DataFrame(
        [("A", 200.0, 100.0, 0.0, 100.0), ("B", 280.0, 0.0, 0.0, 200.0)],
        schema=["exporter", "value_usd", "low", "medium", "high"],
        orient="row",
    )
    placed = cast(Standing, SimpleNamespace(place=object()))
    found = _imports(rows, ["A", "B", "C"], placed)
    assert {tier: values.tolist() for tier, values in found.items()} == {
        "low": [100.0, 20.0, 0.0],
        "medium": [0.0, 0.0, 0.0],
        "high": [100.0, 260.0, 0.0],
    }
    nowhere = cast(Standing, SimpleNamespace(place=None))
    [(_, whole)] = _imports(rows, ["A", "B", "C"], nowhere).items()
    assert whole.tolist() == [200.0, 280.0, 0.0]


def test_an_outlook_grows_and_is_less_sure() -> None:
    """Twice as much, or 1.2 to 2.8 times: both doubts are lengths of logs at right angles."""
    before = Outlook(90.0, 2024, 2, 100.0, 50.0, 200.0, "x", (), 10.0)
    demand = Said({"DEU": before, "FRA": before}, {"DEU": 1.5})
    studied = cast(ProductAnalysis, Part(SimpleNamespace(facts=SimpleNamespace(key="tv")), demand))
    after = scale_demand(studied, {("tv", "DEU"): np.array([1.0, 2.0, 3.0])}).demand
    assert after.outlook["FRA"] == before
    germany = after.outlook["DEU"]
    assert (germany.base_usd, germany.expected_usd) == (90.0, 200.0)
    assert germany.low80 == pytest.approx(200 * np.exp(-np.hypot(np.log(2), np.log(2 / 1.2))))
    assert germany.high80 == pytest.approx(200 * np.exp(np.hypot(np.log(2), np.log(2.8 / 2))))
    assert np.asarray(after.factors["DEU"]).tolist() == [1.5, 3.0, 4.5]
    certain = scale_demand(studied, {("tv", "DEU"): np.array([2.0])}).demand.outlook["DEU"]
    assert certain.low80 == pytest.approx(100)
    assert certain.high80 == pytest.approx(400)


def product(key: str = "tv", code: str = "8528", **more: Any) -> Any:
    facts = like(key=key, code=code, unit="item")
    markets = {"USA": like(tier="all", place=None), "DEU": like(tier="all", place=None)}
    parts: dict[str, Any] = {"standings": markets, **more}
    return like(imports=like(facts=facts, year=2024, flows=TRADE), **parts)


TRADE = flows(
    (2024, "CHN", "USA", 60.0), (2024, "MEX", "USA", 30.0), (2024, "VNM", "USA", 10.0),
    (2024, "CHN", "DEU", 50.0), (2024, "USA", "USA", 99.0), (2023, "CHN", "USA", 1e6),
)  # fmt: skip
MEXICO = like(key="mex", country="MEX")


class Told:
    """Duties as told: the reform's are 25 % on China's goods in the US; Mexico's pay 5 %."""

    def __init__(self, _: Any, __: Any, side: str) -> None:
        self.rate = 0.25 if side == "after" else 0.0

    def importer(self, market: str) -> str:
        return market

    def row(self, market: str, origins: list[str]) -> Any:
        if market == "CAN":
            return None
        rates = {"CHN": self.rate, "MEX": 0.05} if market == "USA" else {}
        return np.array([rates.get(origin, 0.0) for origin in origins])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A firm in China with a plant in Mexico; a reform touches the US and Germany at most."""
    monkeypatch.setattr(effects, "Duties", Told)
    touched = ("USA", "DEU", "CAN")
    monkeypatch.setattr(effects, "may_touch", lambda _, importer, __: importer in touched)
    monkeypatch.setattr(effects, "foreign_plants", lambda *_: [MEXICO])
    whole = TRADE.with_columns(low=pl.lit(0.0), medium=pl.lit(0.0), high=pl.lit(0.0))
    monkeypatch.setattr(effects, "_flows_by_tier", lambda *_: whole.filter(pl.col("year") == 2024))
    study = like(firm=like(origin="CHN"), markets=like(tiers="x"))
    return like(study=study, laws="before")


def test_only_markets_whose_duties_change_are_looked_at(world: Any) -> None:
    """The firm's own country first, its plant's, then rivals by size; the market's own is none."""
    markets = {m: like(tier="all", place=None) for m in ("USA", "DEU", "CAN", "FRA")}
    one = product(standings=markets)
    [trade] = effects._affected_markets(world, one, "after", like())  # type: ignore[arg-type]
    assert (trade.market, trade.origins, trade.plants) == ("USA", ("CHN", "MEX", "VNM"), 1)
    assert trade.imports["all"].tolist() == [60, 30, 10]
    assert (trade.before.tolist(), trade.after.tolist()) == ([0, 0.05, 0], [0.25, 0.05, 0])
    one.standings = {"FRA": like()}
    assert effects._affected_markets(world, one, "after", like()) == []  # type: ignore[arg-type]


def test_a_duty_by_hand_moves_both_countries_of_the_firm(world: Any) -> None:
    """σ = 3: P̂² = 1 / (θ × 1.25⁻² + 1 − θ); China's goods 1.25⁻³ of that, Mexico's all of it.

    What Mexico wins is told, and its plant is planned to keep what it has.
    """
    sigma = like(
        draws=lambda count, _: np.full(count, 3.0), interval=(2.0, 4.0), median=3.0, source="s",
        code="8528", codes=5, spread_code="85",
    )  # fmt: skip
    before = like(products=[product(), product("tv2")], world=world)
    assumed = AssumedResponse(substitution=sigma, draws=2)
    worked = effects.effects_on_segments(before, "after", like(), assumed)  # type: ignore[arg-type]
    share = 60 / (60 + 30 * 1.05 + 10)  # of what buyers pay
    index = 1 / (share * 1.25**-2 + 1 - share)
    assert set(worked.draws) == {("tv", "USA"), ("tv2", "USA")}
    assert worked.draws["tv", "USA"] == pytest.approx([index * 1.25**-3] * 2)
    assert index > 1
    assert worked.elsewhere["tv", "USA", "MEX"].tolist() == [1.0, 1.0]
    rows = {(r.product, r.market, r.origin): r for r in worked.effects.markets}
    assert rows["tv", "USA", "MEX"].change is not None
    assert rows["tv", "USA", "MEX"].change.mean == pytest.approx(index - 1)
    assert rows["tv", "USA", ""].duty == (0.0, 0.25)
    assert rows["tv", "USA", ""].world is not None
    # Two models of one code at the same duties are one segment, and one elasticity.
    assert [(row.product, row.market) for row in worked.effects.segments] == [("8528", "USA")]
    assert [use.median for use in worked.effects.elasticities] == [3.0]
    assert (worked.effects.draws, worked.effects.demand, worked.effects.supply) == (2, -1.0, 1.5)


def test_the_world_market_clears_over_all_countries_of_the_data() -> None:
    """GSIM on the same matrix: rows CHN, MEX, VNM, columns DEU, USA; BRA sells nothing."""
    more = pl.concat([TRADE, flows((2024, "BRA", "DEU", 0.0))])
    trade = MarketTrade(
        "USA", ("CHN", "VNM", "PER"), {}, np.array([0.1, 0.1, 0.1]), np.array([0.35, 0.1, 0.5]),
        "all",
    plants=0)  # fmt: skip
    one = product()
    one.imports.flows = more
    sigma = np.array([3.0, 5.0])
    found = effects._world(one, [trade], sigma, AssumedResponse(demand=-1.2, supply=2.0))
    matrix = np.array([[50.0, 60.0], [0.0, 30.0], [0.0, 10.0]])
    before = np.array([[0.0, 0.1], [0.0, 0.0], [0.0, 0.1]])
    after = np.array([[0.0, 0.35], [0.0, 0.0], [0.0, 0.1]])
    whole = world_sales_changes(matrix, before, after, sigma, -1.2, 2.0)
    assert list(found) == [("tv", "USA")]
    assert found["tv", "USA"] == pytest.approx(whole[:, 1])
    assert effects._world(one, [], sigma, AssumedResponse()) == {}


def test_a_segment_is_told_once_unless_its_duties_differ() -> None:
    row: Any = like(product="8528", market="USA", tier="low")
    known: Any = [((0.10, 0.35), row)]
    assert effects._is_repeated(row, (0.104, 0.354), known)
    assert not effects._is_repeated(row, (0.10, 0.356), known)
    assert not effects._is_repeated(row, (0.106, 0.35), known)
    assert not effects._is_repeated(
        like(product="8528", market="USA", tier="high"), (0.1, 0.35), known
    )
    assert not effects._is_repeated(row, (0.1, 0.35), [])


def test_a_figure_under_a_factor() -> None:
    assert effects.scale_figure(None, 2.0) is None
    assert effects.scale_figure(3.0, 2.0) == 6.0


def test_plants_abroad_are_counted_over_the_home_country(monkeypatch: pytest.MonkeyPatch) -> None:
    """Home sells half, Mexico a fifth more: 2.4 times as much beside it; Germany is not touched."""
    monkeypatch.setattr(effects, "foreign_plants", lambda *_: [MEXICO])
    usual = {("mex", "USD"): 90.0, ("home", "USD"): 100.0}
    outlet = like(market="USA", usual=lambda dollar: usual if dollar == 7.0 else {})
    choices = like(shelves={"tv": like(outlets=[outlet])}, dollar=7.0)
    before = like(world=None, choices=choices)
    draws = {("tv", "USA"): np.array([0.5, 0.0]), ("tv", "DEU"): np.array([0.8]),
             ("other", "FRA"): np.array([0.1])}  # fmt: skip
    found = effects.over_home(before, product(), draws, {("tv", "USA", "MEX"): np.array([1.2])})
    assert set(found[0]) == {("USA", "mex"), ("DEU", "mex")}
    assert found[0]["USA", "mex"] == pytest.approx([2.4, 1.2e6])
    assert found[0]["DEU", "mex"] == pytest.approx([1.25])
    assert found[1] == {"USA": {("mex", "USD"): 90.0}}
    monkeypatch.setattr(effects, "foreign_plants", lambda *_: [])
    nothing = effects.over_home(before, product(), draws, {})
    assert (nothing[0], nothing[1]) == ({}, {})


def test_a_world_equilibrium_stands_for_every_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "foreign_plants", lambda *_: [MEXICO])
    moved_by = effects.WorldDraws(
        {"USA": np.array([0.5, 0.7]), "FRA": np.array([2.0, 2.0])},
        like(model="one-sector", theta=5.0),
        {("USA", "MEX"): np.array([1.1, 1.3]), ("FRA", "MEX"): np.ones(2),
         ("USA", "VNM"): np.ones(2)},
        (Caution("policy.said"),),
        {"gravity": {"USA": np.array([0.8, 0.9])}},
    )  # fmt: skip
    worked = effects.general_effects(like(products=[product()], world=None), moved_by)
    assert {place: list(v) for place, v in worked.draws.items()} == {("tv", "USA"): [0.5, 0.7]}
    assert list(worked.elsewhere) == [("tv", "USA", "MEX")]
    rows: Any = worked.effects.markets
    home, plant = rows
    assert home.change.mean == pytest.approx(-0.4)
    assert home.beside == (("gravity", pytest.approx(-0.15)),)
    assert (plant.origin, plant.change.mean, plant.beside) == ("MEX", pytest.approx(0.2), ())
    assert worked.effects.cautions == (Caution("policy.said"),)
    assert worked.unknown == {("tv", "DEU"): "policy.not_in_world"}
    assert (worked.effects.draws, worked.effects.theta) == (2, 5.0)


@pytest.mark.parametrize(("demand", "supply"), [(0.0, 1.5), (1.0, 1.5), (-1.0, 0.0), (-1, np.inf)])
def test_a_wrong_sign_is_refused(demand: float, supply: float) -> None:
    with pytest.raises(InputError) as caught:
        AssumedResponse(demand=demand, supply=supply).check()
    assert caught.value.key == "equilibrium.bad_elasticities"
