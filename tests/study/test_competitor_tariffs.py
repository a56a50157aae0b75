"""What rivals pay: known inside a customs territory and where all is free, and nowhere else."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest

from offing.forecast.axes import MarketFacts, axes
from offing.policy.overlay import Rules
from offing.rules.regime_file import shipped
from offing.study import markets as duties
from offing.study.markets import Duties, rival_duties

FLOWS = pl.DataFrame(
    [
        # Germany: 60 of 100 of the rivals' sales come from the European Union.
        ("DEU", "POL", 60.0), ("DEU", "KOR", 40.0), ("DEU", "CHN", 500.0),
        # Spain: 40 of 100.
        ("ESP", "POL", 40.0), ("ESP", "KOR", 60.0),
        # The United Kingdom is no member; Japan has the product free for all.
        ("GBR", "POL", 90.0), ("JPN", "KOR", 10.0),
        # Only China sells to Austria.
        ("AUT", "CHN", 10.0),
    ],
    schema=["importer", "exporter", "value_usd"],
    orient="row",
)  # fmt: skip
OWN = {"DEU": 0.14, "ESP": 0.14, "GBR": 0.14, "JPN": 0.0, "AUT": 0.14}


def test_known_only_where_the_tariffs_tell() -> None:
    assert rival_duties(OWN, FLOWS, "CHN", shipped()) == {"DEU": 0.0, "JPN": 0.0}


def test_margin_is_a_measure_of_access_and_empty_where_not_covered() -> None:
    facts = MarketFacts(duty_rate=OWN, rival_duty=rival_duties(OWN, FLOWS, "CHN", shipped()))
    rows = FLOWS.with_columns(year=pl.lit(2024), product=pl.lit("8528"), tier=pl.lit("all"))
    candidates = [(market, "all") for market in ("DEU", "GBR", "JPN")]
    made = axes(rows, "CHN", 2024, candidates, facts)
    margin = {
        market: next(p for a in of for p in a.parts if p.name == "duty_margin")
        for (market, _), of in made.items()
    }
    assert margin["DEU"].value == pytest.approx(-0.14)
    assert margin["JPN"].value == 0
    assert margin["GBR"].value is None
    assert margin["GBR"].rank is None
    assert (margin["DEU"].rank, margin["JPN"].rank) == (0.0, 1.0)


class Known(Duties):
    """Duties that are told."""

    def __init__(self, told: dict[str, float | None]) -> None:
        self.told = told
        self.asked: list[str] = []
        self._laws = cast(Rules, SimpleNamespace(rulebook=None))

    def of(self, market: str, origin: str) -> float | None:
        """As told; nothing else may be asked."""
        self.asked.append(origin)
        return self.told[origin]


@pytest.fixture
def union(monkeypatch: pytest.MonkeyPatch) -> None:
    """The market lies in a union with FRA, and three origins are quoted."""
    monkeypatch.setattr(duties, "territory", lambda *_: {"DEU", "FRA"})
    monkeypatch.setattr(duties, "QUOTED", 3)


@pytest.mark.usefixtures("union")
def test_what_is_not_known_is_as_usual() -> None:
    """0.3 is the middle of 0.2 and 0.4; trade within the union is free; MEX is the fourth."""
    known = Known({"CHN": 0.1, "VNM": 0.2, "RUS": None, "USA": 0.4})
    row = known.row("DEU", ["CHN", "FRA", "VNM", "RUS", "USA", "MEX"])
    assert row is not None
    assert row == pytest.approx(np.array([0.1, 0.0, 0.2, 0.3, 0.4, 0.3]))
    assert known.asked == ["CHN", "VNM", "RUS", "USA"]


@pytest.mark.usefixtures("union")
def test_where_no_other_is_known_all_pay_alike() -> None:
    row = Known({"CHN": 0.1, "RUS": None}).row("DEU", ["CHN", "RUS"])
    assert row is not None
    assert row == pytest.approx(np.array([0.1, 0.1]))


@pytest.mark.usefixtures("union")
def test_without_the_first_ones_duty_there_is_none() -> None:
    assert Known({"CHN": None}).row("DEU", ["CHN", "VNM"]) is None
