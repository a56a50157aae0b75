"""A score that fails."""

import polars as pl

from offing.market.history import History


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Never gives anything."""
    raise RuntimeError("the model of acme is not there")
