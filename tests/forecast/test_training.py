"""What several base years and horizons learn from is made once, and is the same each time."""

from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from market_world import distances, flows
from offing.forecast.outlook import model, training
from offing.forecast.outlook.fitting import FittedParts, fit_parts
from offing.forecast.outlook.forecast import outlooks_ahead
from offing.forecast.outlook.training import TrainingSet, training_set
from offing.market.history import History

FLOWS = flows(favourite=0.4).sample(fraction=0.25, seed=1)  # most pairs are empty


def fresh() -> History:
    return History.of(FLOWS, distances=distances())


def same(one: TrainingSet, other: TrainingSet) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(TrainingSet)
    )


def test_what_is_remembered_is_what_would_be_made() -> None:
    used = fresh()
    asked = [(used.years[-1], 1), (used.years[-1], 2), (used.years[-2], 1), (used.years[-1], 1)]
    for year, horizon in asked:
        known = training_set(used.until(year), horizon, seed=1)
        assert same(known, training_set(fresh().until(year), horizon, seed=1))
    assert not same(training_set(used, 1, seed=1), training_set(used, 1, seed=2))


def test_samples_are_drawn_for_each_horizon() -> None:
    used = fresh()
    small = [training_set(used, horizon, size=200, seed=1) for horizon in (1, 2, 1)]
    assert same(small[0], small[2])
    assert not [key for key in used.fits if key[0] in ("taken", "came")]


def test_horizons_that_learn_from_the_same_one_share_its_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []

    def counted(data: TrainingSet) -> FittedParts:
        made.append(data.horizon)
        return fit_parts(data)

    monkeypatch.setattr(model, "fit_parts", counted)
    history, horizons = fresh(), [1, 2, 3, 8, 9]
    models = [one.model for one in outlooks_ahead(history, history.years[-1], horizons)]
    trained = [one.trained for one in models if one]
    assert [one.horizon for one in models if one] == horizons
    assert trained[-1] == trained[-2] < 8
    assert sorted(made) == sorted(set(trained))


@pytest.mark.parametrize(
    ("part", "exporters", "goods"),
    [(2.0, 1.0, None), (1.0, 1.0, None), (0.5, 0.5, None), (0.2, 0.2, None), (0.1, 0.2, 5),
     (0.02, 0.2, 1), (0.001, 0.2, 1)],
)  # fmt: skip
def test_how_much_is_taken_of_a_base_year(part: float, exporters: float, goods: int | None) -> None:
    """Of 10 products with 50 flows a year each: a part of the exporters, down to a fifth; below
    that of the products, one at least."""
    history: Any = SimpleNamespace(rows={f"p{n}": 100 for n in range(10)}, years=(2019, 2020))
    found = training._sample_cells(history, part * 500 * (1 + training.EMPTY_FOR_EACH), 1)
    assert found.exporters == pytest.approx(exporters)
    assert (found.goods if goods is None else len(found.goods or ())) == goods
    assert found.whole is (part >= 1)
    if found.goods is not None:
        assert found.goods == sorted(set(found.goods) & set(history.rows))
