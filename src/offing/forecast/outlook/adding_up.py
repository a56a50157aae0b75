"""Tiers that add up: a market's outlook is one figure, however it is split by price.

The whole of a flow is foretold better than its tiers, since a flow moves from one tier to another
with its unit value. So tiers share out the whole (top-down reconciliation; Athanasopoulos, Ahmed
and Hyndman, 2009, International Journal of Forecasting 25:146-166).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from offing.forecast.outlook.distribution import Distribution
from offing.forecast.outlook.features import Cells
from offing.forecast.outlook.level import FURTHEST
from offing.forecast.outlook.model import Forecast
from offing.market.history import Array, Codes


def adding_up(
    tiers: Sequence[tuple[Cells, Forecast]], whole: Cells, of_whole: Forecast
) -> list[tuple[Cells, Forecast]]:
    """Scale the outlooks of a product's tiers, pair by pair, to that of the whole.

    A tier keeps the shape that was fitted, for its own jumps are in it, below the largest sales of
    the whole. Where its own odds are far from its part, it is that part of the whole instead. The
    explanation gets the part ``level``.
    """
    places = [_places(cells, whole) for cells, _ in tiers]
    total = np.zeros(len(whole.base))
    for index, (_, forecast) in zip(places, tiers, strict=True):
        total[index] += forecast.expected
    factor = np.divide(of_whole.expected, total, out=np.ones(len(total)), where=total > 0)
    return [
        (cells, _scaled(forecast, cells.base, factor[index], of_whole.sales.at(index)))
        for index, (cells, forecast) in zip(places, tiers, strict=True)
    ]


def _places(cells: Cells, whole: Cells) -> Codes:
    """Where each pair of a tier stands among the pairs of the whole."""
    size = 1 + int(whole.cube.importers[-1])

    def key(cells: Cells) -> Codes:
        return np.asarray(
            cells.cube.exporters[cells.row] * size + cells.cube.importers[cells.column]
        )

    return np.searchsorted(key(whole), key(cells))


def _scaled(forecast: Forecast, base: Array, factor: Array, whole: Distribution) -> Forecast:
    expected = forecast.expected * factor
    level = {"level": forecast.expected * (factor - 1)} if forecast.because else {}
    shape = forecast.sales.below(whole.scale * np.exp(whole.logs[:, -1]))
    mean = shape.mean
    moved = np.divide(expected, mean, out=np.zeros(len(mean)), where=mean > 1e-9)
    own = shape.scaled(moved)
    mean = whole.mean
    of_whole = whole.scaled(np.divide(expected, mean, out=np.ones(len(mean)), where=mean > 1e-9))
    near = (moved <= FURTHEST) & (moved >= 1 / FURTHEST)
    return replace(
        forecast,
        sales=own.where(near, of_whole),
        gain=np.maximum(forecast.gain * factor, expected - base),
        because=forecast.because | level,
    )
