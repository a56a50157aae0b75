"""Duties of all origins in one market, by hand."""

from typing import cast

import numpy as np
import pytest

from offing.policy.overlay import Rules
from offing.study import competitor_tariffs as duties
from offing.study.competitor_tariffs import Duties


class Known(Duties):
    """Duties that are told."""

    def __init__(self, told: dict[str, float | None]) -> None:
        self.told = told
        self.asked: list[str] = []
        self._laws = cast(Rules, None)

    def of(self, market: str, origin: str) -> float | None:
        """As told; nothing else may be asked."""
        self.asked.append(origin)
        return self.told[origin]


@pytest.fixture(autouse=True)
def union(monkeypatch: pytest.MonkeyPatch) -> None:
    """The market lies in a union with FRA, and three origins are quoted."""
    monkeypatch.setattr(duties, "territory", lambda _laws, _market: {"DEU", "FRA"})
    monkeypatch.setattr(duties, "QUOTED", 3)


def test_what_is_not_known_is_as_usual() -> None:
    """0.3 is the middle of 0.2 and 0.4; trade within the union is free; MEX is the fourth."""
    known = Known({"CHN": 0.1, "VNM": 0.2, "RUS": None, "USA": 0.4})
    row = known.row("DEU", ["CHN", "FRA", "VNM", "RUS", "USA", "MEX"])
    assert row is not None
    assert row == pytest.approx(np.array([0.1, 0.0, 0.2, 0.3, 0.4, 0.3]))
    assert known.asked == ["CHN", "VNM", "RUS", "USA"]


def test_where_no_other_is_known_all_pay_alike() -> None:
    row = Known({"CHN": 0.1, "RUS": None}).row("DEU", ["CHN", "RUS"])
    assert row is not None
    assert row == pytest.approx(np.array([0.1, 0.1]))


def test_without_the_first_ones_duty_there_is_none() -> None:
    assert Known({"CHN": None}).row("DEU", ["CHN", "VNM"]) is None
