"""A world as odd people ask for it: lists and groups of countries, answers of some, slips."""

from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
from cautions import keyed
from offing.terms.errors import InputError

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


def _keys(answer: Any) -> set[str]:
    return {key for key, _ in keyed(answer.cautions)}


def test_a_list_of_tariffs_may_name_a_group_and_leave_countries_out() -> None:
    by_name = _asked(("*", "USA", "10%"), ("EU", "USA", "20%"), ("MEX", "USA", "0%"), groups=GROUPS)
    by_hand = _asked(
        ("CHN", "USA", 0.1), ("DEU", "USA", 0.2), ("FRA", "USA", 0.2), ("MEX", "USA", 0)
    )
    assert by_name.rows["welfare"].to_list() == pytest.approx(by_hand.rows["welfare"].to_list())
    assert by_name.about.changed == ("tariff", 3, 0.1, 0.2)
    with pytest.raises(InputError, match="'EU'"):
        _asked(("EU", "USA", 0.2))


def test_a_pair_that_a_shock_names_twice_is_asked_about() -> None:
    """Which of two rates is meant nobody knows; the same rate again is no question."""
    with pytest.raises(InputError, match=r"中国 → USA twice: 0.1 in row \d, 0.34 here") as twice:
        _asked(("CHN", "USA", "10%"), ("中国", "USA", "34%"))
    assert twice.value.key == "equilibrium.said_twice"
    assert _asked(("CHN", "USA", "10%"), ("CHN", "USA", 0.1)).about.changed == (
        "tariff",
        1,
        0.1,
        0.1,
    )


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (("USA", "USA", 0.3), "equilibrium.own_goods"),
        (("美国", "USA", "30%"), "equilibrium.own_goods"),
        (("*", "USA", 1.5), "equilibrium.huge_tariff"),
    ],
)
def test_a_tariff_that_nobody_levies_is_refused(row: tuple[str, str, object], key: str) -> None:
    with pytest.raises(InputError) as refused:
        _asked(("CHN", "USA", 0.1), row)
    assert refused.value.key == key


def test_pairs_that_the_table_has_not_are_counted_and_noughts_are_not() -> None:
    shock, key = _shock(("CHN", "USA", 0.2)), "equilibrium.empty_pairs"
    pair = (pl.col("exporter") == "MEX") & (pl.col("importer") == "DEU")
    nought = pl.when(pair).then(0.0).otherwise("trade")
    assert key not in _keys(offing.equilibrium(_world().with_columns(trade=nought), shock))
    without = offing.equilibrium(_world().filter(~pair), shock)
    assert dict(keyed(without.cautions))[key] == {"count": 1}


@pytest.mark.parametrize(("times", "odd"), [(1000, True), (30, False)])
def test_one_country_that_sells_nearly_all_at_home_is_named(times: int, odd: bool) -> None:
    own = (pl.col("exporter") == "USA") & (pl.col("importer") == "USA")
    trade = pl.when(own).then(pl.col("trade") * times).otherwise("trade")
    answer = offing.equilibrium(_world().with_columns(trade=trade), _shock(("CHN", "USA", 0.2)))
    assert ("equilibrium.odd_at_home" in _keys(answer)) is odd


@pytest.mark.parametrize(("theta", "odd"), [(0.04, True), (2, False), (12.5, False), (400, True)])
def test_an_elasticity_that_nobody_estimates_is_asked_about(theta: float, odd: bool) -> None:
    answer = _asked(("CHN", "USA", 0.3), model="one-sector", theta=theta)
    assert ("equilibrium.odd_theta" in _keys(answer)) is odd


def test_trade_at_home_in_another_unit_or_logarithms_are_asked_about() -> None:
    shock, key = _shock(("CHN", "USA", 0.2)), "equilibrium.little_at_home"
    world, home = _world(), pl.col("exporter") == pl.col("importer")
    assert key not in _keys(offing.equilibrium(world, shock))
    millions = pl.when(home).then(pl.col("trade") / 1000).otherwise("trade")
    for trade in (millions, (pl.col("trade") * 1e6).log()):
        odd = offing.equilibrium(world.with_columns(trade.alias("trade")), shock)
        assert dict(keyed(odd.cautions))[key] == {"count": 5, "all": "5"}
