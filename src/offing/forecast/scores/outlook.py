"""The outlook: where an exporter's growth is expected. See ``offing.forecast.outlook.model``."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from offing.forecast.outlook.distribution import LEVELS, interval
from offing.forecast.outlook.draws import draw
from offing.forecast.outlook.forecast import outlooks
from offing.forecast.outlook.model import Forecast
from offing.market.history import Array, History

DRAWS = 400
"""Of a sum over markets: enough for its 10 and 90 % quantiles."""


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The sales above today's, with all that the outlook says beside it."""
    fitted = outlooks(history, base_year, horizon)
    parts = []
    for cells, forecast in fitted.forecasts():
        count = len(cells.base)
        parts.append(
            pl.DataFrame(
                {
                    "product": pl.Series([cells.cube.product]).new_from_index(0, count),
                    "tier": pl.Series([cells.cube.tier]).new_from_index(0, count),
                    "exporter": cells.cube.exporters[cells.row],
                    "importer": cells.cube.importers[cells.column],
                    "score": forecast.gain,
                    "expected": forecast.expected,
                    "growth": forecast.growth,
                    # One year gives no probabilities: then new flows go by what they would sell.
                    "entry": forecast.entry * forecast.lasting if fitted.model else forecast.gain,
                    **_how_sure(forecast),
                }
            )
        )
    return pl.concat(parts)


def _how_sure(forecast: Forecast) -> dict[str, Array]:
    """Intervals and quantiles of flows that exist; of the many others none is scored."""
    names = ("low80", "high80", *(f"q{at}" for at in range(len(LEVELS))))
    told = np.full((len(names), len(forecast.base)), np.nan)
    if forecast.known:
        old = np.flatnonzero(~forecast.new)
        sales = forecast.sales.at(old)
        told[:, old] = (*interval(sales, 0.8), *map(sales.quantile, LEVELS))
    return dict(zip(names, told, strict=True))


def sum_interval(
    history: History,
    base_year: int,
    horizon: int,
    product: str,
    origin: str,
    markets: Sequence[str],
) -> tuple[float, float] | None:
    """The 80 % interval of an exporter's sales in whole markets together, USD, from joint draws."""
    fitted = outlooks(history, base_year, horizon)
    if fitted.model is None:
        return None
    # All products that are asked for here would be remembered for good: one is, the last.
    if product not in fitted._told:
        fitted._told.clear()
    drawn = draw([fitted], product, origin, markets, n=DRAWS, seed=base_year)
    low, high = np.quantile(drawn.sales_usd[:, 0].sum(axis=1), [0.1, 0.9])
    return float(low), float(high)
