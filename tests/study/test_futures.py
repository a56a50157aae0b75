"""What may come, by hand: growth from the plan's day, factors, ranges, announced duties."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from offing.forecast.outlook.draws import Draws
from offing.planning.scenarios import SCENARIOS, AnnouncedDuty, MarketDraws, Range, RateDraws
from offing.study import choices as worlds
from offing.study import plan as futures
from offing.terms.caution import Caution
from study.stand_ins import like

MARKETS = ("USA", "DEU", "FRA", "ITA")


def draws() -> Draws:
    """The day's year and one later: the US grows by half in one world and by 30 times in the other;
    Germany has nothing on the day in one world, France nothing in any, Italy never anything.
    """
    sales = np.array(
        [
            [[100.0, 50.0, 0.0, 0.0], [150.0, 60.0, 8.0, 0.0]],
            [[10.0, 0.0, 0.0, 0.0], [300.0, 60.0, 4.0, 0.0]],
        ]
    )
    return Draws("8528", "CHN", MARKETS, (2024, 2025), sales.mean(axis=0)[0] * 0 + 7.0,
                 sales.mean(axis=0), sales)  # fmt: skip


def test_growth_from_a_drawn_day() -> None:
    found = futures._from_the_day(draws(), None)
    assert (found.markets, found.years, found.product) == (MARKETS, (2025,), "8528")
    # where nothing is sold the first year's mean stands in, and where nothing ever is, a dollar
    assert found.base_usd.tolist() == [55.0, 25.0, 6.0, 1.0]
    growth = found.sales_usd[:, 0] / found.base_usd
    assert growth[0] == pytest.approx([1.5, 1.2, 8 / 6, 0.0])
    assert growth[1] == pytest.approx([20.0, 0.0, 4 / 6, 0.0])  # no flow grows more than twentyfold


def test_growth_from_a_known_day() -> None:
    """Of the whole horizon, from what was sold: 50, 25, nothing."""
    known = np.array([50.0, 25.0, 0.0, 0.0])
    found = futures._from_the_day(draws(), known)
    assert found.years == (2024, 2025)
    assert found.base_usd.tolist() == [50.0, 25.0, 1.0, 1.0]
    growth = found.sales_usd / found.base_usd
    assert growth[0, 0] == pytest.approx([2.0, 2.0, 0.0, 0.0])
    assert growth[0, 1] == pytest.approx([3.0, 2.4, 8.0, 0.0])
    assert growth[1, 1, :2] == pytest.approx([6.0, 2.4])
    assert known.tolist() == [50.0, 25.0, 0.0, 0.0]  # is not written over


def outlooks(base: int, horizon: int, **expected: float) -> Any:
    return like(base_year=base, horizon=horizon, said=expected)


@pytest.mark.parametrize("day", [2024, 2025])
def test_one_year_of_data_tells_the_mean_alone(monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    """100 on the base year; expected 120 and 180: from the day's 100, or from the 120 of it."""

    def outlooks_of_origin(each: Any, product: str, origin: str) -> Any:
        assert (product, origin) == ("8528", "CHN")
        return {(m, product): like(base_usd=100.0, expected_usd=e) for m, e in each.said.items()}

    monkeypatch.setattr(futures, "outlooks_of_origin", outlooks_of_origin)
    made = [outlooks(2024, 1, USA=120.0), outlooks(2024, 2, USA=180.0)]
    found = futures._certain(made, "8528", "CHN", day)
    growth = found.sales_usd[0, :, 0] / found.base_usd[0]
    if day == 2024:
        assert (found.years, found.base_usd.tolist()) == ((2025, 2026), [100.0])
        assert growth == pytest.approx([1.2, 1.8])
    else:
        assert (found.years, found.base_usd.tolist()) == ((2026,), [120.0])
        assert growth == pytest.approx([1.5])
    assert len(found.sales_usd) == SCENARIOS
    assert np.ptp(found.sales_usd, axis=0) == pytest.approx(0)


def test_factors_of_a_counterfactual() -> None:
    """One figure for all, or few draws again and again; what is not named stays."""
    base = MarketDraws(("USA", "DEU"), (2025,), np.ones(2), np.full((5, 1, 2), 10.0))
    assert worlds.scale_draws(base, {}) is base
    found = worlds.scale_draws(base, {"DEU": np.array([0.5, 2.0])}).sales_usd
    assert found[:, 0, 1].tolist() == [5, 20, 5, 20, 5]
    assert found[:, 0, 0].tolist() == [10] * 5
    assert worlds.scale_draws(base, {"USA": 0.1}).sales_usd[:, 0, 0].tolist() == [1] * 5
    assert base.sales_usd.tolist() == np.full((5, 1, 2), 10.0).tolist()


@pytest.mark.parametrize(
    ("low", "high", "middle"),
    [("0.9", "1.1", 1.0), ("0.8", "1.1", 1.1), ("1", "1", 1.0), ("0.9", "1.4", 0.9),
     ("0.9", "1.15", 0.95)],
)  # fmt: skip
def test_a_range_has_a_mean_as_near_to_one_as_it_can(low: str, high: str, middle: float) -> None:
    span: Any = like(low=Decimal(low), high=Decimal(high))
    found = worlds._range(span)
    assert found == Range(float(low), found.middle, float(high))
    assert found.middle == pytest.approx(middle)


def test_announced_duties_strike_goods_of_the_firms_own_country() -> None:
    plants = [like(key="home", country="CHN"), like(key="two", country="CHN"),
              like(key="mex", country="MEX")]  # fmt: skip
    one = like(market="USA", year=2026, rate=Decimal("0.1"), probability=Decimal("0.3"))
    study: Any = like(plant=plants, firm=like(origin="CHN"), announced=[one])
    assert worlds._announced_duties(study) == [
        AnnouncedDuty("USA", 2026, 0.1, 0.3, ("home", "two"))
    ]


def fx(**cny: str) -> Any:
    return like(convert=lambda one, code, to: one * Decimal(cny[code]), given={})


def test_a_reform_moves_the_level_of_a_rate() -> None:
    day, now = fx(USD="7", EUR="8"), fx(USD="7.7", EUR="8")
    assert futures._rate_change(now, day, "USD") == pytest.approx(1.1)
    assert futures._rate_change(now, day, "EUR") == 1.0
    assert futures._rate_change(now, day, "CNY") == 1.0
    assert futures._rate_change(day, day, "ZZZ") == 1.0  # nothing is looked up


def test_a_currency_without_daily_rates_walks_about_the_dollar() -> None:
    """Half a year of it, then whole ones: variances 0.5, 1.5 and 2.5 times 0.04; the mean stays."""
    dollar = np.full((20_000, 3, 1), 7.0)
    rates = RateDraws(("USD",), np.array([7.0]), dollar)
    found = futures._walking(rates, "VND", 0.0003, 0.2, seed=5)
    assert found.currencies == ("USD", "VND")
    assert found.today.tolist() == [7.0, 0.0003]
    walked = found.draws[:, :, 1]
    assert walked.mean(axis=0) == pytest.approx([0.0003] * 3)
    spread = np.log(walked).std(axis=0)
    assert spread == pytest.approx(0.2 * np.sqrt([0.5, 1.5, 2.5]), rel=0.03)
    other = futures._walking(rates, "LAK", 0.0003, 0.2, seed=5).draws[:, :, 1]
    assert abs(np.corrcoef(walked[:, 0], other[:, 0])[0, 1]) < 0.03
    # with the dollar, where that moves
    moving = RateDraws(
        ("USD",), np.array([7.0]), dollar * np.linspace(0.5, 1.5, 20_000)[:, None, None]
    )
    assert np.corrcoef(
        futures._walking(moving, "VND", 1.0, 0.01, seed=5).draws[:, 0, 1], moving.draws[:, 0, 0]
    )[0, 1] == pytest.approx(1, abs=0.01)


def test_which_rates_are_simulated_and_which_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dollar first, yuan never; one without daily rates walks as far as the study says."""
    asked: dict[str, Any] = {}

    def history(_: Any, daily: list[str], *__: Any) -> str:
        asked["daily"] = daily
        return "history"

    def simulated(of: str, years: int, *, paths: int, seed: int) -> RateDraws:
        asked.update(of=of, years=years, paths=paths, seed=seed)
        today = np.arange(7.0, 7.0 + len(asked["daily"]))
        return RateDraws(tuple(asked["daily"]), today, np.full((4, years, len(today)), 7.0))

    monkeypatch.setattr(futures, "quoted_currencies", lambda *_: {"USD", "EUR", "JPY"})
    monkeypatch.setattr(futures, "read_history", history)
    monkeypatch.setattr(futures, "simulated_rates", simulated)
    given = {"VND": Decimal("0.1"), "JPY": Decimal("0.2")}
    study = like(settlement=like(volatility=given), on=None, rates_age=7, seed=5)
    day, now = (fx(USD=usd, EUR="8", JPY="9", VND="0.0003", AED="2") for usd in ("7", "7.7"))
    world: Any = like(study=study, warehouse=None, rates=day, fx=now)
    found = futures.rates_ahead(world, ["EUR", "CNY", "VND", "JPY", "AED", "USD"], 2)
    assert asked["daily"] == ["USD", "EUR", "JPY"]
    assert (asked["years"], asked["paths"], asked["seed"]) == (2, SCENARIOS, 5)
    assert found.currencies == ("USD", "EUR", "JPY", "VND", "AED")
    assert found.today == pytest.approx([7.7, 8, 9, 0.0003, 2])
    assert found.draws[:, :, 0] == pytest.approx(7.7)
    assert found.draws[:, :, 1] == pytest.approx(7.0)
    assert found.draws[:, :, 3].mean(axis=0) == pytest.approx([0.0003, 0.0003])
    assert found.draws[:, :, 3].std(axis=0).min() > 0
    # of the dirham a level is known and no volatility: it follows the dollar, which stands still
    assert found.draws[:, :, 4] == pytest.approx(2)
    assert list(futures.only_level(world, found)) == [
        Caution("study.warn_only_level", {"currency": "AED"})
    ]
    bare: Any = like(study=like(settlement=None, on=None, rates_age=7, seed=5), warehouse=None,
                     rates=day, fx=day)  # fmt: skip
    assert futures.rates_ahead(bare, [], 1).currencies == ("USD",)
