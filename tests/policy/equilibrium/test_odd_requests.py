"""A world as odd people ask for it: lists and groups of countries, answers of some, slips."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
from offing.policy.equilibrium.counterfactual import MODELS, Model, ModelSetting, TradeShock, solve
from offing.policy.equilibrium.one_sector import World
from offing.terms.errors import InputError, RuleError

CODES = ("CHN", "DEU", "FRA", "MEX", "USA")


def _world(seed: int = 1) -> pl.DataFrame:
    """Five countries near balance, their trade within them too."""
    rng = np.random.default_rng(seed)
    size = np.array([3.0, 1.5, 1.2, 0.6, 4.0])
    values = np.outer(size, size) * rng.lognormal(0, 0.3, (5, 5))
    values = (values + values.T) / 2 + np.diag(12 * size**2)
    pairs = {"exporter": np.repeat(CODES, 5), "importer": np.tile(CODES, 5)}
    return pl.DataFrame({**pairs, "trade": values.ravel()})


def _shock(*rows: tuple[str, str, object]) -> pl.DataFrame:
    return pl.DataFrame(
        [(exporter, importer, str(rate)) for exporter, importer, rate in rows],
        ["exporter", "importer", "tariff"],
        orient="row",
    )


GROUPS = pl.DataFrame({"group": ["EU", "EU"], "country": ["DEU", "法国"]})


def _asked(*rows: tuple[str, str, object], **options: Any) -> Any:
    return offing.equilibrium(_world(), _shock(*rows), **({"model": "with-revenue"} | options))


def test_a_list_of_tariffs_may_name_a_group_and_leave_countries_out() -> None:
    by_name = _asked(("*", "USA", "10%"), ("EU", "USA", "20%"), ("MEX", "USA", "0%"), groups=GROUPS)
    by_hand = _asked(
        ("CHN", "USA", 0.1), ("DEU", "USA", 0.2), ("FRA", "USA", 0.2), ("MEX", "USA", 0)
    )
    assert by_name.rows["welfare"].to_list() == pytest.approx(by_hand.rows["welfare"].to_list())
    assert by_name.about.changed == ("tariff", 3, 0.1, 0.2)
    with pytest.raises(InputError, match="'EU'"):
        _asked(("EU", "USA", 0.2))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", MODELS)
def test_no_country_loses_more_than_it_has(model: Model) -> None:
    """Incomes are positive or refused, in made-up worlds of subsidies and surpluses."""
    random, refused = np.random.default_rng(7), 0
    for _ in range(60):
        trade = np.exp(random.normal(2, 1.5, (3, 3))) + np.diag(np.exp(random.normal(3, 1, 3)))
        rates = random.uniform(-0.9, 3, (3, 3)) * (1 - np.eye(3))
        shock = replace(TradeShock.nothing(3), tariffs=rates)
        try:
            made = solve(model, World(CODES[:3], trade), shock, ModelSetting(4, value_added=0.5))
        except (InputError, RuleError) as error:
            refused += error.key == "equilibrium.not_carried"
        else:
            assert min(made.welfare.min(), made.income.min()) > 0
    assert refused


def test_a_subsidy_above_income_is_refused_in_words() -> None:
    """90 % of what the United States import would cost more than all that they earn."""
    pairs = {"exporter": ["USA", "USA", "CHN", "CHN"], "importer": ["USA", "CHN", "USA", "CHN"]}
    world = pl.DataFrame({**pairs, "trade": [900, 20, 60, 700]})
    with pytest.raises(InputError, match=r"(?s)left to USA.*Expected: .*sign") as refused:
        offing.equilibrium(world, _shock(("CHN", "USA", -0.9)), model="with-revenue")
    assert refused.value.key == "equilibrium.not_carried"
