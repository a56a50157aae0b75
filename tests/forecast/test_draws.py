"""Joint draws: their margins are the outlook's, their sums have the spread that errors share."""

import numpy as np
import polars as pl
import pytest

from market_world import COUNTRIES, distances, flows
from offing.forecast.backtest.run import Design, backtest
from offing.forecast.outlook.draws import draw
from offing.forecast.outlook.fitting import common_parts, scores_with_stops
from offing.forecast.outlook.forecast import Outlooks, outlooks, outlooks_of_origin
from offing.market.history import History
from shared_data import shared

HISTORY = History.of(flows(years=8), distances=distances())
LAST, ORIGIN, PRODUCT = HISTORY.years[-1], COUNTRIES[2], "8510"


@pytest.fixture(scope="module")
def ahead() -> list[Outlooks]:
    return [outlooks(HISTORY, LAST, years) for years in (2, 3, 4)]


def test_margins_are_the_outlook(ahead: list[Outlooks]) -> None:
    made = draw(ahead, PRODUCT, ORIGIN)
    assert made.years == (LAST + 2, LAST + 3, LAST + 4)
    for number, one in enumerate(ahead):
        said = outlooks_of_origin(one, PRODUCT, ORIGIN)
        sales = made.sales_usd[:, number]
        error = sales.std(axis=0) / np.sqrt(len(sales))
        for place, market in enumerate(made.markets):
            look = said[market, "all"]
            assert made.base_usd[place] == look.base_usd
            assert made.expected_usd[number, place] == pytest.approx(look.expected_usd)
            assert abs(sales[:, place].mean() - look.expected_usd) < 3.5 * error[place] + 1e-6
            if look.low80 and look.high80:
                inside = (sales[:, place] >= look.low80) & (sales[:, place] <= look.high80)
                # 2,000 draws: three and a half standard errors of a share of 0.8.
                assert inside.mean() == pytest.approx(0.8, abs=0.032)


@pytest.mark.usefixtures("nothing_kept")
def test_the_same_seed_gives_the_same_bytes_whatever_is_asked_beside(ahead: list[Outlooks]) -> None:
    whole, again = (draw(ahead, PRODUCT, ORIGIN, n=500, seed=4) for _ in range(2))
    assert whole.sales_usd.tobytes() == again.sales_usd.tobytes()
    few = draw(ahead, PRODUCT, ORIGIN, whole.markets[3:5], n=500, seed=4)
    np.testing.assert_array_equal(few.sales_usd, whole.sales_usd[:, :, 3:5])
    other = draw(ahead, PRODUCT, ORIGIN, n=500, seed=5)
    assert (other.sales_usd != whole.sales_usd).any()


def test_markets_and_years_move_together(ahead: list[Outlooks]) -> None:
    made = draw(ahead, PRODUCT, ORIGIN, n=4000)
    large = np.argsort(-made.base_usd)[:4]
    ranks = made.sales_usd[:, :, large].argsort(axis=0).argsort(axis=0).astype(float)
    common = ahead[0].model.parts.going.common  # type: ignore[union-attr]
    between = np.corrcoef(ranks[:, 0].T)
    pairs = between[np.triu_indices(4, 1)].mean()
    # Rank correlations of a multivariate t are a little below those of its scores.
    assert pairs == pytest.approx(common.year + common.exporter, abs=0.06)
    over_years = np.corrcoef(ranks[:, 0, 0], ranks[:, 2, 0])[0, 1]
    assert over_years == pytest.approx(np.sqrt(2 / 4), abs=0.06)


def test_stops_tell_of_what_flows_share() -> None:
    """Exporters that leave all their markets at once: only stops show it."""
    rng = np.random.default_rng(4)
    sellers, markets, years = 200, 10, 5
    seller = np.arange(sellers * markets * years) // markets
    latent = np.sqrt(0.5) * (
        rng.normal(size=sellers * years)[seller] + rng.normal(size=len(seller))
    )
    ends = np.full(len(seller), 0.3)
    on = latent > -0.524
    # Of those that go on nothing is seen but noise.
    score = scores_with_stops(ends, on, rng.normal(size=int(on.sum())))
    assert score[on].min() >= -0.53
    assert score[~on].max() == pytest.approx(-1.159, abs=0.01)
    origin = np.arange(len(seller)) // (sellers * markets)
    buyer = rng.integers(0, 50, len(seller)) + 50 * origin
    found = common_parts(score, np.full(len(seller), 1e6), origin, seller, buyer)
    assert found.exporter > 0.15
    assert found.importer < 0.05


def test_a_past_boom_makes_the_years_part_larger() -> None:
    """The base years that the fit learns from are calm in both worlds; the years before are not."""
    table = flows(years=12, places=12, products=3, noise=0.2, churn=0.0, seed=2)
    parts = []
    for boom in (0.0, 0.25):
        rises = np.cumsum([boom if year < 5 else 0.0 for year in range(12)])
        growth = dict(zip(range(2015, 2027), rises.tolist(), strict=True))
        risen = pl.col("year").replace_strict(growth, return_dtype=pl.Float64).exp()
        history = History.of(table.with_columns(pl.col("value_usd") * risen))
        made = outlooks(history, 2026, 2)
        assert made.model is not None
        assert min(made.model.origins) >= 2020
        parts.append(made.model.parts.going.common.year)
    assert parts[1] > 2 * parts[0]


def test_sums_of_real_exporters_hold_through_a_boom() -> None:
    """Manufacturing of 69 countries, two years ahead of 1999 to 2004; 68 % without the level."""
    rows = pl.read_parquet(shared("gravity_panels", "agtpa_applications.parquet"))
    table = rows.filter(pl.col("exporter") != pl.col("importer")).select(
        "year", "importer", "exporter", product=pl.lit("84"), value_usd=pl.col("trade") * 1e6
    )
    origins = range(1999, 2005)
    design = Design(rivals=["outlook"], origins=origins, parts=False, draws=20)
    record = backtest(History.of(table), horizon=2, dataset="agtpa", design=design)
    (held,) = [
        s.value for s in record.scores if (s.rival, s.measure) == ("outlook", "coverage80_sums")
    ]
    assert 0.72 <= held <= 0.88
