"""The value of information (信息价值): what a plan would gain if something were known first.

Each draw of the plan's scenarios has a figure that could be asked (an elasticity, a buyer's price,
a cost) and what every candidate plan would earn. A regression of the earnings on the figure gives
what one would expect on hearing it, and the best candidate then: Strong, Oakley, Brennan, Medical
Decision Making 34, 2014 (perfect information about part of the parameters, EVPPI); Heath,
Manolopoulou and Baio, Medical Decision Making 38, 2018 (a test that tells it with an error, EVSI).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KNOTS = 4
"""Inner knots of the natural cubic spline, at quantiles of the figure."""


@dataclass(frozen=True)
class InformationValue:
    """What it is worth to hear a figure before deciding.

    Attributes:
        value: mean gain over deciding without it, in the money of the earnings. It is not cut at
            zero: one of nothing scatters about it.
        error: Monte Carlo standard error of ``value``.
        turns: share of the draws in which another candidate would be chosen.
    """

    value: float
    error: float
    turns: float


def information_value(
    earned: Floats, figure: Floats, error: float = 0.0, *, now: int | None = None
) -> InformationValue:
    """The value of hearing a figure, or of a test that tells it with an error.

    Args:
        earned: what each candidate earns in each draw, shape (draws, candidates).
        figure: in each draw, shape (draws,).
        error: standard error of the test, in the figure's unit; 0 where it is told as it is.
        now: the candidate that is chosen without hearing it; the one of the highest mean where
            ``None``. A plan with a threshold may choose another.
    """
    expected = expected_given(earned, figure)
    centre = expected.mean(0)
    spread = float(figure.var())
    told = spread / (spread + error**2) if spread else 0.0
    heard = centre + np.sqrt(told) * (expected - centre)
    chosen = int(np.argmax(centre)) if now is None else now
    best = np.argmax(heard, axis=1)
    gain = heard[np.arange(len(heard)), best] - heard[:, chosen]
    return InformationValue(
        float(gain.mean()),
        float(gain.std(ddof=1) / np.sqrt(len(gain))),
        float((best != chosen).mean()),
    )


def expected_given(earned: Floats, figure: Floats) -> Floats:
    """What each candidate would be expected to earn on hearing the figure of each draw.

    Least squares on a natural cubic spline; a figure of fewer values than knots is a class each.
    """
    values = np.unique(figure)
    if len(values) <= KNOTS + 2:
        basis = (figure[:, None] == values[None, :]).astype(np.float64)
    else:
        basis = natural_spline(figure)
    basis /= np.linalg.norm(basis, axis=0)
    # normal equations: six columns of one length, and hundreds of candidates
    return np.asarray(basis @ np.linalg.solve(basis.T @ basis, basis.T @ earned))


def natural_spline(figure: Floats) -> Floats:
    """A natural cubic spline's basis (Hastie, Tibshirani and Friedman 2009, section 5.2.1)."""
    scaled = (figure - figure.mean()) / figure.std()
    knots = np.quantile(scaled, np.linspace(0.01, 0.99, KNOTS + 2))
    cubes = np.maximum(scaled[:, None] - knots[None, :], 0.0) ** 3
    last = (cubes - cubes[:, -1:]) / (knots[-1] - knots + np.eye(len(knots))[-1])
    bent = last[:, :-2] - last[:, -2:-1]
    return np.column_stack([np.ones_like(scaled), scaled, bent])
