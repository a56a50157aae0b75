"""ITC's Export Potential Indicator from the flows and distances alone: its *static* variant.

It projects neither GDP nor population and knows no tariffs; see
``offing.market.indicators.export_potential`` for the formula and the other variants.
"""

import numpy as np
import polars as pl

from offing.forecast.scores import candidate_frame
from offing.market.history import FLOOR_USD, History
from offing.market.indicators.export_potential import export_potential

ANY_HORIZON = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The export potential in the base year."""
    return pl.concat(
        [
            candidate_frame(
                cube, {"score": v, "growth": np.log((v + FLOOR_USD) / (cube.base + FLOOR_USD))}
            )
            for cube, v in export_potential(history, base_year)
        ]
    )
