"""How far what surprised in one year is still there in a later one: fitted to yearly data alone.

Were surprises a random walk, all of them would last. Some of a year's are that year's alone (a
late ship, a large order), and how many differs between data; so slope and correlation of the later
on the earlier surprises come from earlier base years, leaning on a prior as long as few were seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offing.estimators import SMALL
from offing.forecast.nowcast.lessons import FURTHEST, LEAST
from offing.market.history import Array

_LEAST_WIDTH = 0.05


@dataclass(frozen=True)
class Both:
    """Surprises of the flows of one base year: log of what came over the outlook's median.

    Attributes:
        near: in the earlier year.
        near_width: log of the outlook's 90 % over its 10 % quantile then.
        late: in the later year.
        late_width: of that year.
    """

    near: Array
    near_width: Array
    late: Array
    late_width: Array


@dataclass(frozen=True)
class Lasting:
    """How surprises last.

    Attributes:
        slope: of the later on the earlier, in logs.
        correlation: of both, each over its spread.
    """

    slope: float
    correlation: float


WHOLLY = Lasting(1.0, 1.0)
"""In the same year."""


def lasting(seen: Sequence[Both], ahead: tuple[int, int]) -> Lasting:
    """What earlier base years show of two horizons.

    The prior of both is that of a random walk's correlation, √(near/late).
    """
    prior = float(np.sqrt(ahead[0] / ahead[1]))
    count = sum(len(both.near) for both in seen)
    if not count:
        return Lasting(prior, prior)
    near, near_width, late, late_width = (
        np.concatenate([getattr(both, name) for both in seen])
        for name in ("near", "near_width", "late", "late_width")
    )
    near_width, late_width = (np.maximum(w, _LEAST_WIDTH) for w in (near_width, late_width))
    x, y = (
        np.clip(value / width, -FURTHEST, FURTHEST)
        for value, width in ((near, near_width), (late, late_width))
    )
    product = max(float(x @ y), 0.0)
    correlation = product / max(float(np.sqrt((x @ x) * (y @ y))), SMALL)
    raw = x * near_width / late_width
    slope = max(float(raw @ y), 0.0) / max(float(raw @ raw), SMALL)
    trust = count / (count + LEAST)
    return Lasting(
        trust * min(slope, 1.0) + (1 - trust) * prior,
        trust * min(correlation, 1.0) + (1 - trust) * prior,
    )
