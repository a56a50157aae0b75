"""The price elasticity of a model from the firm's ledger (自身需求价格弹性), if it tells one.

Monthly units against the price in dollars, with effects of market and month. What moves the price
without the buyers' doing is the invoice currency: an invoice in euro becomes cheaper in dollars
when the euro falls, those of rivals in dollars do not. USD/CNY moves all Chinese sellers alike and
is no instrument; a ledger that invoices in one currency identifies nothing.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from offing.planning.elasticity import Learnt, Panel, own_sigma
from offing.study.own_record import SalesHistory

FEWEST_ROWS = 48
"""Months × markets below which no elasticity is asked for: two markets over two years."""


def sigma_from_ledger(records: Mapping[str, SalesHistory], history: pl.DataFrame) -> Learnt:
    """What the ledger says of a model's elasticity, at the level of FOB prices.

    Args:
        records: market → the model's record.
        history: reference rates, ``FxRates``.
    """
    dollars = _dollars(history, records)
    rows = [
        (market, month.first, np.log(month.units), np.log(month.usd / month.units), moved)
        for market, record in sorted(records.items())
        for month in record.monthly
        if month.units > 0
        and month.usd > 0
        and (moved := _worth(dollars, month.currency, month.first)) is not None
    ]
    if len(rows) < FEWEST_ROWS or len({row[4] == 0.0 for row in rows}) < 2:
        return Learnt(None, "nothing_varies", 0.0, len(rows))
    markets, months, units, prices, instrument = (
        list(column) for column in zip(*rows, strict=True)
    )
    in_market = np.unique(np.array(markets), return_inverse=True)[1]
    in_month = np.unique(np.array(months, dtype="datetime64[D]"), return_inverse=True)[1]
    panel = Panel(
        np.array(units),
        np.array(prices),
        np.array(instrument)[:, None],
        (in_market, in_month),
        (in_market, in_month),
    )
    return own_sigma(panel)


def _dollars(
    history: pl.DataFrame, records: Mapping[str, SalesHistory]
) -> dict[tuple[str, date], float]:
    """(Currency, first of the month) → log of its mean rate in euro, where the records ask."""
    months = [month for record in records.values() for month in record.monthly]
    if not months:
        return {}
    used = pl.col("currency").is_in({"USD", *(month.currency for month in months)})
    since = min(month.first for month in months).replace(day=1)
    monthly = (
        history.filter(used & (pl.col("on") >= since))
        .group_by("currency", pl.col("on").dt.truncate("1mo").alias("first"))
        .agg(pl.col("per_eur").cast(pl.Float64).mean())
    )
    return {(code, first): float(np.log(rate)) for code, first, rate in monthly.iter_rows()}


def _worth(rates: Mapping[tuple[str, date], float], currency: str, first: date) -> float | None:
    """Log of dollars for one unit of the invoice's currency; ``None`` where a rate is missing."""
    if currency == "USD":
        return 0.0
    dollar = rates.get(("USD", first))
    own = 0.0 if currency == "EUR" else rates.get((currency, first))
    return None if dollar is None or own is None else dollar - own
