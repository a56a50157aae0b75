"""What a place at a fair brings: local estimates as they are given, luck of own editions alone."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from offing.planning.fairs import effects
from offing.terms.firm_records import Edition, Fair

D = Decimal


PLAIN = Fair("Lima", ("PER",), ("8528",), None, 10, D(1000), D(0), None, None, "")


def in_yuan(value: Decimal, currency: str) -> float:
    return float(value) * (7.0 if currency == "USD" else 1.0)


def test_a_local_estimate_without_ends_is_sure_and_has_no_luck_of_an_edition() -> None:
    fairs = [
        replace(PLAIN, effect=(D(50), None, None, "CNY"), source="a survey"),
        *(
            replace(PLAIN, name=name, edition=Edition(firms, None, None, D(recorded), "CNY"))
            for name, firms, recorded in
            (("Rome", 10, 900), ("Rome", 12, 700), ("Oslo", 8, 300), ("Oslo", 9, 500))
        ),
    ]  # fmt: skip
    made = effects(fairs, in_yuan)
    sums = made.sums(["Lima", "Rome", "Unknown"], [4, 4, 4])
    assert set(sums[:, 0]) == {200.0}
    assert np.std(sums[:, 1]) > np.std(4 * made.draws["Rome"])
    assert set(sums[:, 2]) == {0.0}
