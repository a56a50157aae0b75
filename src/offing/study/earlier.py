"""What the outlook said in earlier years of an origin's sales, beside what came."""

from collections.abc import Sequence

import polars as pl

from offing.forecast.outlook.forecast import of_origin, outlooks
from offing.forecast.ranking import FittedProduct
from offing.study.replayed import Earlier
from offing.terms.errors import MissingDataError
from offing.terms.sums import added


def earlier_years(
    fitted: FittedProduct, origin: str, *, horizon: int, base_years: Sequence[int]
) -> dict[int, dict[str, Earlier]]:
    """The outlook of whole markets as of earlier years, beside what came.

    The fits are those that the backtest scores.

    Args:
        fitted: the product's trade up to the study's year.
        origin: the exporter.
        horizon: years ahead.
        base_years: each with a known outcome.

    Returns:
        Year → market → sales. A market that did not report the outcome is left out.
    """
    history = fitted.whole.history
    sold = (
        fitted.trade.flows.filter(pl.col("exporter") == origin)
        .group_by("year", "importer")
        .agg(added())
    )
    came = {(year, market): usd for year, market, usd in sold.iter_rows()}
    by_year: dict[int, dict[str, Earlier]] = {}
    for year in base_years:
        then = outlooks(history, year, horizon)
        reported = history.pairs(year + horizon).present
        try:
            flows = of_origin(then, fitted.task.product, origin)
        except MissingDataError:
            continue
        by_year[year] = {
            market: Earlier(f.base_usd, f.expected_usd, came.get((year + horizon, market), 0.0))
            for (market, _), f in flows.items()
            if reported[history.index[market]]
        }
    return by_year
