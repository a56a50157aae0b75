"""The outlook where there is but one year, so that nothing can be fitted of growth.

All sales of an exporter are taken to grow as world trade does in the long run. Where that growth
falls is the mean of two shares that need no estimate: today's sales, and gravity with the
textbook's elasticities. How far it may be off is not known, so there are no intervals.
"""

import numpy as np

from offing.forecast.outlook.features import Cells
from offing.forecast.outlook.intervals import LEVELS
from offing.forecast.outlook.level import LONG_RUN
from offing.forecast.outlook.model import Forecast
from offing.forecast.outlook.sharing import by_gravity, by_today


def one_year(one: Cells, horizon: int, *, explain: bool = False) -> Forecast:
    """The outlook of a product's cells from their base year alone."""
    total = one.exports[one.row] * np.expm1(LONG_RUN * horizon)
    today, gravity = by_today(one), by_gravity(one)
    gain = total * (today + gravity) / 2
    parts = {"in_proportion": total * today, "gravity": total * (gravity - today) / 2}
    return Forecast(
        expected=one.base + gain,
        gain=gain,
        entry=np.where(one.new, np.nan, 0.0),
        growth=np.where(one.new, 0.0, np.log1p(gain / np.where(one.new, 1.0, one.base))),
        quantiles=np.full((len(one.base), len(LEVELS)), np.nan),
        new=one.new,
        because=parts if explain else {},
    )
