"""Bars of the tornado and how far each input is looked at, with sums made up."""

from typing import Any

import pytest

from offing.planning.offers import Risk
from offing.planning.risk import FACTORS, TurnFigures
from offing.study import risk
from study.stand_ins import like


def test_bars_begin_at_the_gain_and_look_as_far_as_an_input_can_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A plan of 100 over 40; kept without its hedges it earns 50 of those 60 more.

    Of more demand the line has no hours: it is looked at downwards alone. Five moves are watched.
    """
    asked: dict[str, tuple[tuple[float, ...], tuple[int, ...]]] = {}
    gains = {"demand": (20.0, 50.2), "freight": (49.9, 50.1), "rate": (-30.0, 130.0)}

    def gains_at(_solved: Any, _risk: Any, name: Any, factors: Any = FACTORS) -> Any:
        assert factors in (FACTORS, (1.0,))
        return (50.0,) if factors == (1.0,) else gains[name]

    def turning_points(_solved: Any, _risk: Any, name: Any, factors: Any, watched: Any) -> Any:
        asked[name] = tuple(factors), tuple(watched)
        return (TurnFigures("m", "K2", -0.3),) if name == "rate" else ()

    inputs = [
        (name, subject, None, name)
        for name, subject in (("demand", ""), ("freight", ""), ("rate", "USD"))
    ]
    monkeypatch.setattr(risk, "gains_at", gains_at)
    monkeypatch.setattr(risk, "turning_points", turning_points)
    monkeypatch.setattr(risk, "inputs_of", lambda *_: iter(inputs))
    keys = [("m", f"K{n}") for n in range(8)]
    solved = like(
        programme=like(facts=like(keys=keys)),
        moves=[like(key=("m", market), model="m", market=market) for _, market in reversed(keys)],
        solution=like(value=100.0),
        stay=like(value=40.0),
    )
    bars = risk._bars(like(solved=solved, choices=None), Risk())
    assert asked["demand"] == ((0.5,), (7, 6, 5, 4, 3))
    assert asked["rate"] == asked["freight"] == ((0.5, 1.5), (7, 6, 5, 4, 3))
    # ends are told with the 10 that hedges bring; the narrow one is none, the widest goes first
    assert [(bar.name, bar.turns) for bar in bars] == [
        ("rate", (TurnFigures("m", "K2", -0.3),)),
        ("demand", ()),
    ]
    assert [(bar.low_cny, bar.high_cny) for bar in bars] == [
        pytest.approx((-20.0, 140.0)),
        pytest.approx((30.0, 60.2)),
    ]
