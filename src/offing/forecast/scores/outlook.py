"""The outlook: where an exporter's growth is expected. See ``offing.forecast.outlook.model``."""

import polars as pl

from offing.forecast.outlook.forecast import outlooks
from offing.forecast.outlook.intervals import ENDS, LEVELS
from offing.market.history import History


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The sales above today's, with all that the outlook says beside it."""
    made = outlooks(history, base_year, horizon)
    parts = []
    for one, forecast in made.forecasts():
        count = len(one.base)
        parts.append(
            pl.DataFrame(
                {
                    "product": pl.Series([one.cube.product]).new_from_index(0, count),
                    "tier": pl.Series([one.cube.tier]).new_from_index(0, count),
                    "exporter": one.cube.exporters[one.row],
                    "importer": one.cube.importers[one.column],
                    "score": forecast.gain,
                    "expected": forecast.expected,
                    "growth": forecast.growth,
                    # One year gives no probabilities: then new flows go by what they would sell.
                    "entry": forecast.entry * forecast.lasting if made.model else forecast.gain,
                    "low80": forecast.intervals[:, ENDS.index("low80")],
                    "high80": forecast.intervals[:, ENDS.index("high80")],
                    **{f"q{at}": forecast.quantiles[:, at] for at in range(len(LEVELS))},
                }
            )
        )
    return pl.concat(parts)
