"""The outlook where there is but one year, so that nothing can be fitted of growth.

All sales of an exporter are taken to grow as world trade does in the long run. Where that growth
falls is the mean of two shares that need no estimate: today's sales, and gravity with the
textbook's elasticities. How far it may be off is not known, so there are no intervals.
"""

import numpy as np

from offing.forecast.outlook.distribution import Distribution
from offing.forecast.outlook.features import Cells
from offing.forecast.outlook.long_run import LONG_RUN
from offing.forecast.outlook.model import Forecast
from offing.forecast.outlook.sharing import by_gravity, by_today


def one_year(cells: Cells, horizon: int, *, explain: bool = False) -> Forecast:
    """The outlook of a product's cells from their base year alone."""
    total = cells.exports[cells.row] * np.expm1(LONG_RUN * horizon)
    today, gravity = by_today(cells), by_gravity(cells)
    gain = total * (today + gravity) / 2
    parts = {"in_proportion": total * today, "gravity": total * (gravity - today) / 2}
    sales = Distribution.certain(cells.base + gain)
    return Forecast(sales, cells.base, gain, parts if explain else {}, known=False)
