"""Plans in worlds whose truth is known: 51 small ones here, a thousand by ``make planted``."""

from collections.abc import Sequence

import numpy as np
import pytest
from tools.planted_worlds import KINDS, Judged, coverage, judged, planted, report


@pytest.fixture(scope="module")
def results() -> Sequence[Judged]:
    return [judged([planted(kind, seed)], 250) for kind in KINDS for seed in range(7000, 7017)]


@pytest.mark.slow
def test_the_plan_finds_what_is_there(results: Sequence[Judged]) -> None:
    """Seven tenths of what one gains who knows the parameters; moves in eight of ten worlds."""
    found = report(results)
    assert int(str(found["with_room"])) >= 20
    assert float(str(found["of_oracle"])) >= 0.7
    assert float(str(found["moves_with_room"])) >= 0.8


@pytest.mark.slow
def test_the_plan_stays_where_nothing_is_to_be_gained(results: Sequence[Judged]) -> None:
    """Where the oracle gains less than 3 %, a plan may move for a little: it must not lose by it.

    Nineteen such worlds: the bar of 90 % that stay is for many more.
    """
    found = report(results)
    assert float(str(found["stays_without"])) >= 0.75
    assert float(str(found["no_worse_without"])) >= 0.95


@pytest.mark.slow
def test_promises_are_kept(results: Sequence[Judged]) -> None:
    """In worlds of the plan's own kind; where records are thin or demand is unlike the model, plans
    promise too much, as the record of three hundred worlds says.
    """
    found = report([one for one in results if one.kind == "like"])
    assert 0.85 <= float(str(found["realised_over_promised"])) <= 1.15
    every = report(results)
    assert float(str(every["realised_over_promised"])) >= 0.7
    assert 0.03 <= float(str(every["below_the_worst_twentieth"])) <= 0.08


@pytest.mark.slow
def test_a_planted_ledger_yields_a_move_of_price(results: Sequence[Judged]) -> None:
    kinds = {kind for one in results for kind in one.moves}
    assert {"dearer", "cheaper", "enter"} <= kinds


def test_several_models_share_the_line() -> None:
    made = judged([planted("like", 5, model="A"), planted("like", 6, model="B")], 100)
    assert made.today > 0
    assert len(made.stated) == len(made.came)


def test_the_report_by_hand() -> None:
    """Two worlds with room (20 and 10 of the oracle's 30 and 10), one without in which it stays."""
    few = np.array([0.55, 0.95])
    came = np.array([0.5, 1.0])
    worlds = [
        Judged("like", 100, 30, 20, 25, ("enter",), 0.05, few, came),
        Judged("like", 100, 10, 10, 5, ("leave",), 0.06, few, came),
        Judged("like", 100, 1, 0, 0, (), 0.04, few, came),
    ]
    found = report(worlds)
    assert found["of_oracle"] == 0.75
    assert found["moves_with_room"] == 1.0
    assert found["stays_without"] == 1.0
    assert found["no_worse_without"] == 1.0
    assert found["realised_over_promised"] == 1.0
    assert found["below_the_worst_twentieth"] == 0.05
    assert found["calibration"] == {
        "50": {"offers": 3, "stated": 0.55, "came": 0.5},
        "90": {"offers": 3, "stated": 0.95, "came": 1.0},
    }


def test_coverage_counts_the_ledgers_that_identify() -> None:
    found = coverage(12, 5)
    assert found["identified"] <= found["ledgers"] == 12
    assert 0.8 <= found["holds"] <= 1


def test_a_world_is_its_seed() -> None:
    one, two = planted("like", 3), planted("like", 3)
    assert (one.size == two.size).all()
    assert one.sigma == two.sigma
    assert one.sigma != planted("like", 4).sigma
