"""Rows without a move whose sales change: which of them are told, and with what."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from offing.planning.plan import Plan, PlanRow
from offing.report.views.plan import by_themselves
from offing.terms.messages import speaking
from study.stand_ins import like

KEPT = PlanRow("tv", "USA", "low", 100e3, 100e3, 1.0, 1.0, 1.0, 0.1, None, None, "keep")
DECISION: Any = like(figures=like(cny_per_usd=7.0), products={"tv": "Set"})


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


def told(*rows: PlanRow) -> str:
    plan = Plan(rows, 1e6, 1e6, 1.0, (), 1.0, 1.0)
    return " ".join(by_themselves(plan, DECISION))


def row(now: float, planned: float, *, market: str = "USA", move: str = "keep") -> PlanRow:
    return replace(
        KEPT, market=market, sales_now_usd=now, sales_usd=planned, usual_share=2.4, move=move
    )


def test_a_row_that_sells_much_more_says_from_what_to_what_and_why() -> None:
    said = told(row(100e3, 240e3))
    assert "United States, Set: CNY 700,000 to CNY 1.68" in said.replace("\u00a0", " ")
    assert "2.4 times" in said


@pytest.mark.parametrize(
    ("now", "planned", "is_told"),
    [
        (100e3, 149e3, False),  # less than half more
        (100e3, 151e3, True),
        (151e3, 100e3, True),  # as much less
        (149e3, 100e3, False),
        (5e3, 14.9e3, False),  # less than a hundredth of what is planned
        (5e3, 15.1e3, True),
    ],
)
def test_changes_are_told_from_half_more_or_a_third_less_on(
    now: float, planned: float, *, is_told: bool
) -> None:
    assert bool(told(row(now, planned))) == is_told


@pytest.mark.parametrize("move", ["grow", "asked", "other_plant", "leave"])
def test_a_move_explains_itself(move: str) -> None:
    assert not told(row(100e3, 400e3, move=move))


def test_where_nothing_tells_a_share_nothing_is_said_of_it() -> None:
    assert not told(replace(row(100e3, 400e3), usual_share=None))


def test_the_three_largest_changes_come_first() -> None:
    rows = [
        row(100e3, 100e3 * (2 + at), market=m) for at, m in enumerate(["FRA", "ITA", "DEU", "JPN"])
    ]
    said = told(*rows)
    assert said.index("Japan") < said.index("Germany") < said.index("Italy")
    assert "France" not in said
