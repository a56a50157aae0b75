"""What a reform does to a product's sales, by hand: spread over tiers, and wider intervals."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest

from offing.forecast.results import Outlook
from offing.study.effects import Assumed, _imports, moved
from offing.study.markets import Standing
from offing.study.studied import Studied
from offing.terms.errors import InputError


@dataclass(frozen=True)
class Said:
    """As much of a product's demand as a reform moves."""

    outlook: dict[str, Outlook]
    factors: dict[str, float]
    elsewhere: dict[tuple[str, str], object] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """As much of a studied product as a reform's effects look at."""

    imports: SimpleNamespace
    demand: Said


@pytest.mark.parametrize("draws", [0, -3])
def test_no_draws_are_refused(draws: int) -> None:
    Assumed(draws=1).check()
    with pytest.raises(InputError) as caught:
        Assumed(draws=draws).check()
    assert caught.value.key == "equilibrium.bad_draws"


@pytest.mark.parametrize(("demand", "supply"), [(0.0, 1.5), (1.0, 1.5), (-1.0, 0.0), (-1, np.inf)])
def test_a_wrong_sign_is_refused(demand: float, supply: float) -> None:
    with pytest.raises(InputError) as caught:
        Assumed(demand=demand, supply=supply).check()
    assert caught.value.key == "equilibrium.bad_elasticities"


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
    studied = cast(Studied, Told(SimpleNamespace(facts=SimpleNamespace(key="tv")), demand))
    after = moved(studied, {("tv", "DEU"): np.array([1.0, 2.0, 3.0])}).demand
    assert after.outlook["FRA"] == before
    germany = after.outlook["DEU"]
    assert (germany.base_usd, germany.expected_usd) == (90.0, 200.0)
    assert germany.low80 == pytest.approx(200 * np.exp(-np.hypot(np.log(2), np.log(2 / 1.2))))
    assert germany.high80 == pytest.approx(200 * np.exp(np.hypot(np.log(2), np.log(2.8 / 2))))
    assert np.asarray(after.factors["DEU"]).tolist() == [1.5, 3.0, 4.5]
    certain = moved(studied, {("tv", "DEU"): np.array([2.0])}).demand.outlook["DEU"]
    assert certain.low80 == pytest.approx(100)
    assert certain.high80 == pytest.approx(400)
