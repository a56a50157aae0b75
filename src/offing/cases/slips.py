"""The one input of a case whose unit has slipped: 万元 for yuan, per cent for a share, grams."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from offing.cases.given import Value
from offing.cases.reading import Case

FACTORS = tuple(Decimal(10) ** power for power in (2, -2, 3, -3, 4, -4, 1, -1))
"""A per cent, a thousand, ten thousand (万), and a point in the wrong place."""


def slip_of(case: Case, holds: Callable[[Case], bool]) -> dict[str, Value]:
    """The input with the value at which every figure of a case holds, if there is only one such.

    Args:
        case: that does not hold.
        holds: whether another one does.
    """
    found: dict[str, Value] = {}
    for name, value in case.inputs.items():
        if not isinstance(value, Decimal) or not value:
            continue
        for factor in FACTORS:
            other = (value * factor).normalize()
            if holds(replace(case, inputs={**case.inputs, name: other})):
                if found:
                    return {}
                found[name] = other
    return found
