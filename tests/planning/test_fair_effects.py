"""What a place at a fair brings: local estimates as they are given, luck of own editions alone."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from offing.planning.fairs import DRAWS, effects, last_editions
from offing.terms.firm_records import Edition, Fair

D = Decimal
PLAIN = Fair("Lima", ("PER",), ("8528",), None, 10, D(1000), D(0), None, None, "")


def in_yuan(value: Decimal, currency: str) -> float:
    return float(value) * (7.0 if currency == "USD" else 1.0)


def test_draws_of_a_local_estimate_have_its_ends_and_its_middle() -> None:
    """Ends of 80 % that lie apart unevenly: each half is of its own side."""
    given = (D(100), D(70), D(200), "USD")
    made = effects([replace(PLAIN, effect=given, source="a survey")], in_yuan)
    assert made.of["Lima"].value == 700.0
    assert (made.of["Lima"].low, made.of["Lima"].high) == (490.0, 1400.0)
    drawn = np.quantile(made.draws["Lima"], [0.1, 0.5, 0.9])
    assert drawn == pytest.approx([490.0, 700.0, 1400.0], rel=0.12)
    assert len(made.draws["Lima"]) == DRAWS


def test_of_a_fair_the_edition_on_its_own_row_is_told_a_firm() -> None:
    own = Edition(10, D(500), None, D(40), "USD")
    rows = [
        replace(PLAIN, places=None, edition=Edition(4, D(9), D(9), D(9), "CNY")),
        replace(PLAIN, edition=own),
        replace(PLAIN, name="Rome", places=None, edition=Edition(2, None, D(6), None, "CNY")),
        replace(PLAIN, name="Oslo"),
    ]
    assert last_editions(rows, in_yuan) == {
        "Lima": {"firms": 10, "intent": 350.0, "contract": None, "recorded": 28.0},
        "Rome": {"firms": 2, "intent": None, "contract": 3.0, "recorded": None},
    }
