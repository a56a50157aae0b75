"""How much of several shocks the loaded data tell: the markets of one and those of the other."""

from types import SimpleNamespace
from typing import Any

import pytest

from offing.study import stress as shocked


def test_markets_told_by_the_data_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([2, 3])
    monkeypatch.setattr(shocked, "purchases", lambda *_: ({}, next(told)))
    before: Any = SimpleNamespace(products=(), world=None)
    assumed: Any = SimpleNamespace(moves=False, draws=4)
    still: Any = SimpleNamespace(file=SimpleNamespace(closed=(), imports=(), interest=()), size=1.0)
    nothing: Any = None
    worked, measured = shocked.shocked_segments(
        before, nothing, (), nothing, (still, still), assumed
    )
    assert measured == 5
    assert worked.draws == {}
