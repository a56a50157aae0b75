"""A world as odd people ask for it: lists and groups of countries, answers of some, slips."""

from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
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


def test_a_slip_of_the_point_in_an_elasticity_is_doubted() -> None:
    said = [one.key for one in _asked(("USA", "CHN", "0.1"), theta=40).cautions]
    assert "policy.warn_outside" in said
    assert "policy.warn_outside" not in [
        one.key for one in _asked(("USA", "CHN", "0.1"), theta=4).cautions
    ]
