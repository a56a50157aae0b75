"""The generator of firms planted in files, its yardsticks, and one firm from files to plan."""

import json
from pathlib import Path

import numpy as np
import pytest
from tools.planted_firms import __main__ as trial
from tools.planted_firms import files, knowledge
from tools.planted_firms.world import (
    HORIZON,
    MARKETS,
    PRIOR,
    RAMP,
    Belief,
    Firm,
    Futures,
    futures,
    plant,
    profit,
)

from offing.terms.messages import say

DRAWS = 200
RECORD = Path(__file__).resolve().parents[2] / "docs/record/planted-firms.json"


@pytest.fixture(scope="module")
def planted() -> tuple[Firm, Futures, Futures]:
    rates, cny = files.real_rates()
    firm = plant(3, rates, float(cny[-1]))
    return firm, futures(firm, cny, DRAWS, 1), futures(firm, cny, DRAWS, 2)


def test_a_markets_profit_is_the_sum_by_hand(planted: tuple[Firm, Futures, Futures]) -> None:
    """Of an entry whose world stands still: ramp, share, costs and discounting written out."""
    firm = planted[0]
    at = int(np.flatnonzero(~firm.sold)[0])
    still = Futures(
        size=np.full((1, len(MARKETS), HORIZON), 1000.0),
        rival=np.full((1, len(MARKETS), HORIZON), 330.0),
        wander=np.zeros((1, len(MARKETS), HORIZON)),
        cost=np.ones((1, HORIZON)),
        cny=np.full((1, HORIZON), 7.0),
        leaves=np.array([[[1.0, 0.1, 1.0]] * len(MARKETS)]),
    )
    duty = firm.duty[at]
    price = 330.0 / (1 + duty) - 3.0  # landed at the rivals' price
    found = profit(firm, still, at, Belief(5.0, 0.3, 0.0, 0.2), price)
    left = price * 7.0 - firm.cost - 3.0 * 7.0
    years = [1000 * RAMP[y] * 0.5 * left - firm.keep_cny for y in (0, 1)]  # it ends in the second
    by_hand = years[0] / 1.08**0.5 + years[1] / 1.08**1.5 - firm.enter_cny
    assert found == pytest.approx([by_hand])
    begun = years[0] / 1.08**0.5 - firm.enter_cny * 320 / 600
    sold = 1000 * RAMP[0] * 0.5
    stopped = profit(firm, still, at, Belief(5.0, 0.3, 0.0, 0.2), price, sold + 1)
    assert stopped == pytest.approx([begun])
    goes = profit(firm, still, at, Belief(5.0, 0.3, 0.0, 0.2), price, sold - 1)
    rest = years[1] / 1.08**1.5 - firm.enter_cny * 280 / 600 / 1.08
    assert goes == pytest.approx([begun + rest])


def test_no_planner_is_better_than_the_oracle_on_what_it_saw(
    planted: tuple[Firm, Futures, Futures],
) -> None:
    firm, seen, _ = planted
    best = knowledge.earned(firm, seen, knowledge.oracle(firm, seen)).mean()
    on_its_grid: tuple[knowledge.Decision, ...] = (
        knowledge.equal_knowledge(firm, seen),
        knowledge.naive(firm)["leave the smallest"],
        {},
    )
    for decision in on_its_grid:
        assert knowledge.earned(firm, seen, decision).mean() <= best * (1 + 1e-12)


def test_the_posterior_holds_the_elasticity_as_often_as_it_says() -> None:
    rates, cny = files.real_rates()
    inside = []
    for seed in range(60):
        firm = plant(1000 + seed, rates, float(cny[-1]))
        weights, _ = knowledge.posterior(firm, PRIOR)
        below = weights[firm.sigma > knowledge.SIGMAS].sum()
        inside.append(0.025 <= below <= 0.975)
    assert np.mean(inside) >= 0.85


@pytest.mark.slow
def test_a_world_is_planned_from_its_files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFING_CACHE", "")
    found = trial.trial(10_001)
    assert found["gain"]["oracle"] >= found["gain"]["equal"]
    assert set(found["moves"]) <= set(MARKETS)
    said = trial.summary([found])
    assert said["of_oracle"]["oracle"]["share"] == 1.0
    assert said["worlds"] == 1


def test_the_report_tells_what_the_record_found() -> None:
    found = json.loads(RECORD.read_text("utf-8"))
    kept, enter = found["realised_over_promised"]["all"]["sums"], found["chances"]["enter"]
    stated, came = (f" {100 * enter[name]:.0f} " for name in ("stated", "came"))
    told = say("report.rests_firm")
    assert all(figure in told for figure in (f" {found['worlds']} ", f" {kept:.2f} ", stated, came))
