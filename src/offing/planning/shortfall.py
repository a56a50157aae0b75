"""Expected shortfall (预期损失) of a plan over scenarios, and its cuts.

For losses L of S equally likely scenarios

    ES_α = max { Σ w_s L_s : Σ w_s = 1, 0 ≤ w_s ≤ 1/(S(1-α)) }

(Rockafellar and Uryasev 2000, Journal of Risk 2:21-41, the dual of their linear programme). The
weights that attain it at one plan give an inequality that holds for every plan, since profit is
linear in it: a cut. Künzi-Bay and Mayer (2006, Computational Management Science 3:3-27) show that
few of them are needed. Here the quantile is not a variable of the programme, as it is there: the
best quantile of a plan is known, and each cut is then tight at its plan.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from offing.planning.offers import Array

LEVEL = 0.95
"""The worst twentieth."""


@dataclass(frozen=True)
class Tail:
    """The worst scenarios of a plan: their places and weights, which sum to 1."""

    places: np.typing.NDArray[np.intp]
    weights: Array


def tail(profit: Array, level: float = LEVEL) -> Tail:
    """The weights that attain the expected shortfall of ``-profit``; ties go to the earlier.

    Where S(1-α) is no whole number the last scenario counts in part.

    Args:
        profit: scenarios, in any money.
        level: α, 0 to 1.
    """
    count = len(profit) * (1 - level)
    whole = max(ceil(count - 1e-9), 1)
    # Among those that are not above the last one of the tail, which are few; ties in their order.
    few = np.flatnonzero(profit <= np.partition(profit, whole - 1)[whole - 1])
    places = few[np.argsort(profit[few], kind="stable")[:whole]]
    weights = np.full(whole, 1 / max(count, 1.0))
    weights[-1] = 1 - weights[:-1].sum()
    return Tail(places.astype(np.intp), weights)


def expected_shortfall(profit: Array, level: float = LEVEL) -> float:
    """ES_α(-profit): minus the average profit of the worst scenarios.

    >>> round(expected_shortfall(np.arange(100.0)), 9)
    -2.0
    """
    worst = tail(profit, level)
    return -float(profit[worst.places] @ worst.weights)
