"""Tiers that add up: a market's outlook is one figure, however it is split by price.

The whole of a flow is foretold better than its tiers, since a flow moves from one tier to another
with its unit value. So tiers share out the whole (top-down reconciliation; Athanasopoulos, Ahmed
and Hyndman, 2009, International Journal of Forecasting 25:146-166).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from offing.forecast.outlook.features import Cells
from offing.forecast.outlook.model import Forecast
from offing.market.history import Array, Codes


def adding_up(
    tiers: Sequence[tuple[Cells, Forecast]], whole: Cells, of_whole: Forecast
) -> list[tuple[Cells, Forecast]]:
    """Scale the outlooks of a product's tiers, pair by pair, to that of the whole.

    A tier's quantiles stay as they were fitted, for its own jumps are in them, but none goes beyond
    that of the whole. The explanation gets the part ``level``.
    """
    places = [_places(one, whole) for one, _ in tiers]
    total = np.zeros(len(whole.base))
    for place, (_, made) in zip(places, tiers, strict=True):
        total[place] += made.expected
    factor = np.divide(of_whole.expected, total, out=np.ones(len(total)), where=total > 0)
    return [
        (one, _scaled(made, one.base, factor[place], of_whole.quantiles[place]))
        for place, (one, made) in zip(places, tiers, strict=True)
    ]


def _places(one: Cells, whole: Cells) -> Codes:
    """Where each pair of a tier stands among the pairs of the whole."""
    size = 1 + int(whole.cube.importers[-1])

    def key(cells: Cells) -> Codes:
        return np.asarray(
            cells.cube.exporters[cells.row] * size + cells.cube.importers[cells.column]
        )

    return np.searchsorted(key(whole), key(one))


def _scaled(made: Forecast, base: Array, factor: Array, most: Array) -> Forecast:
    expected = made.expected * factor
    level = {"level": made.expected * (factor - 1)} if made.because else {}
    return replace(
        made,
        expected=expected,
        gain=np.maximum(made.gain * factor, expected - base),
        quantiles=np.minimum(made.quantiles, most),
        because=made.because | level,
    )
