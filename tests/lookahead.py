"""Catch a ranking that looks at the future: scramble the future and see whether it notices."""

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from offing.forecast.scores import ScoringMethod
from offing.market.history import History


def scrambled(history: History, base_year: int, *, seed: int = 1) -> History:
    """The same up to the base year; after it every value is drawn anew and some flows vanish."""
    rows = history.flows.collect()
    rng = np.random.default_rng(seed)
    later = pl.col("year") > base_year
    noise = pl.Series(np.exp(rng.normal(0, 3, rows.height)))
    vanish = pl.Series(rng.random(rows.height) < 0.3)
    return History.of(
        rows.with_columns(
            pl.when(later).then(pl.col("value_usd") * noise).otherwise(pl.col("value_usd"))
        ).filter(~(later & vanish)),
        distances=history.distances,
    )


def looks_ahead(way: ScoringMethod, history: History, base_year: int, horizon: int) -> bool:
    """Whether the scores of a base year change when the years after it do.

    Args:
        way: a ranking; it is given the whole history, so that it could look.
        history: with years after the base year.
        base_year: the year the ranking is made in.
        horizon: years ahead.
    """
    other = scrambled(history, base_year)
    keys = ["product", "tier", "exporter", "importer"]

    def said(one: History) -> pl.DataFrame:
        names = list(one.countries)
        frame = way.score(one, base_year, horizon)
        return frame.with_columns(
            pl.col("exporter", "importer").map_elements(names.__getitem__, return_dtype=pl.String)
        ).sort(keys)

    try:
        assert_frame_equal(said(history), said(other), rel_tol=1e-6, abs_tol=1e-9)
    except AssertionError:
        return True
    return False
