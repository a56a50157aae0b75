"""What quotations tell of price: counts, refusals, the price that earns most."""

import numpy as np
import polars as pl
import pytest

from offing.estimators.penalised import PooledLogistic
from offing.planning.win_chances import (
    Chance,
    MarketWins,
    WinCurve,
    add_chances,
    fit_wins,
    relative_prices,
    wins_by_market,
)


def quoted(prices: list[float], outcomes: list[str | None], market: str = "DEU") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "goods": "X", "market": market, "currency": "USD", "unit": None, "incoterm": "FOB",
            "price": prices, "target": None, "outcome": outcomes,
        },
        schema_overrides={"unit": pl.String, "target": pl.Float64, "outcome": pl.String},
    )  # fmt: skip


def test_the_interval_of_a_share_is_the_published_one() -> None:
    """Jeffreys, Brown, Cai and DasGupta (2001), n = 10, x = 3: 0.0927 to 0.6058 by their recipe."""
    some = Chance.counted(3, 10)
    assert some is not None
    assert (some.low, some.high) == pytest.approx((0.0927, 0.6058), abs=1e-3)
    assert Chance.counted(0, 0) is None


@pytest.mark.parametrize(
    ("prices", "outcomes", "reason"),
    [
        ([9.0, 11.0] * 12, ["won", "lost"] + [None] * 22, "few"),
        ([10.0] * 24, ["won", "lost"] * 12, "one_price"),
        ([9.0, 11.0] * 12, ["won", "lost"] * 12, "parted"),
        ([11.0, 9.0] * 12, ["won", "lost"] * 12, "parted"),
    ],
)
def test_what_cannot_tell_a_slope_is_refused(
    prices: list[float], outcomes: list[str | None], reason: str
) -> None:
    assert fit_wins(relative_prices(quoted(prices, outcomes), to_target=False)) == reason


def test_prices_are_looked_at_within_their_kind() -> None:
    """A dear market wins all the same: the level of its prices is no slope."""
    dear = quoted([100.0, 110.0], ["won", "lost"], "USA")
    both = relative_prices(
        pl.concat([quoted([10.0, 11.0], ["won", "lost"]), dear]), to_target=False
    )
    assert both["ratio"].to_list() == pytest.approx([10 / 10.5, 11 / 10.5] * 2)


def curve(slope: float, level: float) -> WinCurve:
    sure = Chance(slope, slope, slope)
    drawn = PooledLogistic(np.full(4, slope), np.full((4, 1), level))
    places = {"at_low": 0.9, "at_usual": 1.0, "at_high": 1.1}
    return WinCurve(sure, sure, places, drawn, ("DEU",))


@pytest.mark.parametrize(
    ("cost", "level", "beyond"), [(85.0, 0.2, ""), (40.0, -3.0, "below"), (118.0, 0.2, "above")]
)
def test_the_best_price_solves_its_first_order_condition(
    cost: float, level: float, beyond: str
) -> None:
    """Of p (P - c) with logit p = a + b ln P: P - c = P / (-b (1 - p))."""
    wins = MarketWins("DEU", 9, 9, 0, 0, None, 100.0, "USD", None, 80.0, 120.0)
    best = add_chances(wins, curve(-12.0, level), cost).best
    assert best is not None
    assert best.beyond == beyond
    if not beyond:
        assert best.price - cost == pytest.approx(best.price / (12 * (1 - best.chance)), rel=0.02)


def test_a_market_at_one_price_has_no_best_one() -> None:
    wins = MarketWins("DEU", 9, 9, 0, 0, None, 100.0, "USD", None, 100.0, 100.0)
    assert add_chances(wins, curve(-12.0, 0.2), 85.0).best is None


def test_a_planted_slope_is_found_and_its_elasticity_by_hand() -> None:
    """Orders won with logit p = −12 ln of the price over the usual one, in two markets."""
    rng = np.random.default_rng(5)
    markets = []
    for name, usual in (("DEU", 10.0), ("USA", 90.0)):
        prices = usual * np.exp(rng.normal(0, 0.1, 300))
        chance = 1 / (1 + np.exp(12 * np.log(prices / np.median(prices))))
        won = np.where(rng.random(300) < chance, "won", "lost").tolist()
        markets.append(quoted(prices.tolist(), won, name))
    rows = relative_prices(pl.concat(markets), to_target=False)
    found = fit_wins(rows)
    assert isinstance(found, WinCurve)
    assert found.slope.low < -12 < found.slope.high
    assert found.falls
    assert found.markets == ("DEU", "USA")
    x = np.log(rows["ratio"].to_numpy())
    low, high = np.quantile(x, [0.1, 0.9])
    assert found.places == pytest.approx(
        {"at_low": np.exp(low), "at_usual": 1.0, "at_high": np.exp(high)}
    )
    expected = 12 * (1 - 0.5)  # about the usual price every second order is won
    assert found.elasticity.low < expected < found.elasticity.high
    assert found.elasticity.middle == pytest.approx(expected, rel=0.15)
    wins = {one.market: one for one in wins_by_market(rows)}
    assert {name: one.undecided for name, one in wins.items()} == {"DEU": 0, "USA": 0}


def test_open_and_untold_quotations_are_in_no_share() -> None:
    rows = quoted([10.0] * 5, ["won", "lost", "open", None, None])
    (wins,) = wins_by_market(rows)
    assert (wins.won, wins.lost, wins.open, wins.unknown) == (1, 1, 1, 2)
    assert wins.share is not None
    assert wins.share.middle == 0.5
