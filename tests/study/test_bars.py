"""Bars of the tornado and how far each input is looked at, with sums made up."""

from collections.abc import Sequence
from typing import Any

import pytest

from offing.planning.risk import FACTORS, Bar, Turn
from offing.study import risk
from study.stand_ins import like


def test_bars_begin_at_the_gain_and_look_as_far_as_an_input_can_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A plan of 100 over 40; kept without its hedges it earns 50 of those 60 more.

    Of more demand the line has no hours: it is looked at downwards alone. Five moves are watched.
    """
    asked: list[tuple[str, tuple[float, ...], tuple[int, ...]]] = []
    gains = {"demand": (20.0, 50.2), "freight": (49.9, 50.1), "rate": (-30.0, 130.0)}

    def tornado(
        _solved: Any, _risk: Any, inputs: Sequence[Any], factors: Any, watched: Any
    ) -> tuple[Bar, ...]:
        name = inputs[0].name
        asked.append((name, tuple(factors), tuple(watched)))
        found = (50.0,) if factors == (1.0,) else gains[name]
        turns = (Turn("m", "K2", 0.5, 0.7),) if watched and name == "rate" else ()
        return (Bar(name, 1.0, found, turns),)

    inputs = [
        like(name=name, subject=subject, value=None, input=like(name=name))
        for name, subject in (("demand", ""), ("freight", ""), ("rate", "USD"))
    ]
    monkeypatch.setattr(risk, "tornado", tornado)
    monkeypatch.setattr(risk, "inputs_of", lambda *_: iter(inputs))
    keys = [("m", f"K{n}") for n in range(8)]
    solved = like(
        programme=like(facts=like(keys=keys)),
        moves=[like(model="m", market=market) for _, market in reversed(keys)],
        solution=like(value=100.0),
        stay=like(value=40.0),
    )
    bars = risk._bars(like(solved=solved, free=None), like(choices=None))
    far = {name: (factors, watched) for name, factors, watched in asked if watched}
    assert far["demand"] == ((0.5,), (7, 6, 5, 4, 3))
    assert far["rate"] == far["freight"] == ((0.5, 1.5), (7, 6, 5, 4, 3))
    assert [factors for _, factors, watched in asked if not watched][1:] == [FACTORS] * 3
    # ends are told with the 10 that hedges bring; the narrow one is none, the widest goes first
    assert [bar.name for bar in bars] == ["rate", "demand"]
    assert [(bar.low_cny, bar.high_cny) for bar in bars] == [
        pytest.approx((-20.0, 140.0)),
        pytest.approx((30.0, 60.2)),
    ]
    [turn] = bars[0].turns
    assert turn.market == "K2"
    assert turn.change == pytest.approx(-0.3)
