"""How high the outlook of a whole product stands: hardly fitted, so drawn to the long run.

Where growth goes can be fitted from thousands of flows. How much of it there is in a year is common
to them all, and a few earlier years, half of them booms and slumps, say little about it.
"""

from dataclasses import replace

import numpy as np

from offing.estimators import TINY
from offing.forecast.outlook.features import Cells
from offing.forecast.outlook.long_run import LONG_RUN, LONG_RUN_YEARS
from offing.forecast.outlook.model import Forecast


def drawn(expected: float, base: float, horizon: int, years: int, more: float = 0.0) -> float:
    """The factor that draws the growth of a product's total to the long run.

    Args:
        expected: the fitted outlook of all flows of the product, USD.
        base: the flows today, USD.
        horizon: years ahead.
        years: earlier years with an outcome that the outlook was fitted on.
        more: log growth beyond the long run's, see ``model.Model.more``.

    >>> round(drawn(expected=150.0, base=100.0, horizon=1, years=5) * 150, 1)
    112.0
    """
    if not (expected > 0 and base > 0):
        return 1.0
    fitted = np.log(expected / base)
    trust = years / (years + LONG_RUN_YEARS)
    return float(np.exp((1 - trust) * (LONG_RUN * horizon + more - fitted)))


OWN = 0.5
"""The weight of what a flow's own odds make of its mean; the rest says where growth goes."""
FURTHEST = 3.0
"""A flow's mean is moved by this factor at most, so that its distribution keeps its sense."""


def levelled(cells: Cells, forecast: Forecast, horizon: int, years: int, more: float) -> Forecast:
    """The outlook of a product, its distributions moved to one mean that is drawn to the long run.

    The mean of a flow is half what its own odds say (it may stop, fall back or catch up), and half
    its sales today and its share of the exporter's growth. How fast one exporter grows is hardly
    fitted, so in the second half all exporters of the product grow alike, each where its gains are
    expected; where the product shrinks, all flows do in proportion.

    All flows are moved by the factor of the product. What is left of the way to a flow's mean is
    gone by its upper tail where the mean is to fall, and by a factor where it is to rise.
    """
    base, own = float(cells.base.sum()), forecast.sales.mean
    factor = drawn(float(own.sum()), base, horizon, years, more)
    total = float(own.sum()) * factor
    growth = total / base - 1
    gains = np.bincount(cells.row, forecast.gain, len(cells.exports))[cells.row]
    pace = max(growth, 0.0) * cells.exports[cells.row] / np.maximum(gains, TINY)
    added, decline = forecast.gain * pace, cells.base * min(growth, 0.0)
    target = OWN * own * factor + (1 - OWN) * (cells.base + added + decline)
    ratio = np.divide(target, own * factor, out=np.ones(len(own)), where=own * factor > 1e-9)
    moved = np.clip(ratio, 1 / FURTHEST, FURTHEST)
    mean = own * moved * (total / max(float((own * moved).sum()), 1e-9))
    sales = forecast.sales.scaled(factor).with_mean(mean, cells.base > 0)
    parts = {}
    if forecast.because:
        shared = forecast.because.items()
        parts = {name: effect * pace * (1 - OWN) for name, effect in shared if name != "own"}
        parts["level"] = (1 - OWN) * decline
        parts["own"] = sales.mean - cells.base - np.sum(list(parts.values()), axis=0)
    gain = added if growth > 0 else forecast.gain * factor
    return replace(forecast, sales=sales, gain=gain, because=parts)
