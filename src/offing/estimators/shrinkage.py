"""Means of groups that are thinly observed, shrunk towards their common mean.

A value of a group is its mean plus noise that falls with the size of what was observed, and groups
lie about a common mean::

    value_e ~ N(mean_g, s² / size_e)          mean_g ~ N(centre, t²)

How much is luck, ``B = s² / (s² + n t²)`` with ``n`` the harmonic mean of the groups' sizes, is not
set but averaged over: uniform on 0 to 1 (Daniels, 1999, "A prior for the variance in hierarchical
models", Canadian Journal of Statistics 27:567-578; Christiansen and Morris, 1997, Journal of the
American Statistical Association 92:618-632), with a flat centre and ``1/s²`` for the scale. So
shrinkage is that of James and Stein where the data tell how much, and one half where they do not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.estimators import Codes, Floats

GRID = 99
"""Values of ``B``, in the middle of equal steps."""
LEAST = 3
"""Values that a spread can be estimated from."""


@dataclass(frozen=True)
class Shrunk:
    """Groups' means.

    Attributes:
        centre: the common mean.
        mean: of each group.
        own: weight of a group's own values in it, 0 to 1.
        draws: draws × groups, of the means.
        noise: ``s`` in each draw: the spread of a value of size 1 about its group's mean.
    """

    centre: float
    mean: Floats
    own: Floats
    draws: Floats
    noise: Floats


def shrunk(
    value: Floats, size: Floats, group: Codes, *, draws: int = 2000, seed: int = 1
) -> Shrunk | None:
    """Shrink group means towards their common one.

    Args:
        value: a mean over ``size`` units.
        size: above zero.
        group: of each value, 0 to the number of groups less one, each there.
        draws: how many joint draws are made.
        seed: of them.

    Returns:
        The means; ``None`` with fewer than ``LEAST`` values or fewer than two groups.

    >>> flat = shrunk(np.array([1.0, 1.0, 1.0]), np.ones(3), np.arange(3))
    >>> flat.mean.round(9).tolist()
    [1.0, 1.0, 1.0]
    """
    groups = int(group.max()) + 1 if len(group) else 0
    if len(value) < LEAST or groups < 2:
        return None
    total = np.bincount(group, size)
    own_mean = np.bincount(group, size * value) / total
    usual = groups / float((1 / total).sum())
    luck = (np.arange(GRID) + 0.5) / GRID
    fits = [_fit(value, size, group, b, (1 - b) / usual) for b in luck]
    logs, centres, of_centre, rest = map(np.array, zip(*fits, strict=True))
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    trust = np.array([total * (1 - b) / (total * (1 - b) + usual * b) for b in luck])
    means = trust * own_mean + (1 - trust) * centres[:, None]
    rng = np.random.default_rng(seed)
    at = rng.choice(GRID, size=draws, p=weight)
    scale = rest[at] / rng.chisquare(len(value) - 1, draws)
    wide = np.sqrt(scale * of_centre[at])
    centre = centres[at] + wide * rng.standard_normal(draws)
    inner = np.sqrt(scale[:, None] * luck[at][:, None] * trust[at] / total)
    middle = trust[at] * own_mean + (1 - trust[at]) * centre[:, None]
    return Shrunk(
        float(weight @ centres),
        weight @ means,
        weight @ trust,
        middle + inner * rng.standard_normal((draws, groups)),
        np.sqrt(scale * luck[at]),
    )


def _fit(
    value: Floats, size: Floats, group: Codes, noise: float, between: float
) -> tuple[float, ...]:
    """For one ``B``: log integrated likelihood, centre, its variance and the squares left."""
    same: NDArray[np.bool_] = group[:, None] == group[None, :]
    covariance = between * same + np.diag(noise / size)
    root = np.linalg.cholesky(covariance)
    ones, values = np.linalg.solve(root, np.column_stack([np.ones(len(value)), value])).T
    precision = float(ones @ ones)
    centre = float(ones @ values) / precision
    rest = max(float(((values - centre * ones) ** 2).sum()), 1e-300)
    log = -float(np.log(np.diag(root)).sum()) - 0.5 * np.log(precision)
    return log - 0.5 * (len(value) - 1) * np.log(rest), centre, 1 / precision, rest
