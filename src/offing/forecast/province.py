"""A region's exports some years ahead: its country's outlook times its shares (省级展望).

The outlook says what a region sells that keeps its shares. Its intervals are the country's, widened
by what the region's own earlier years show (``widening``), where there are enough of them.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import polars as pl

from offing.forecast.outlook.forecast import Outlooks, outlooks, outlooks_of_origin
from offing.forecast.province_record import Past, SharesRecord, Widening, record
from offing.forecast.ranking import latest_full_year, near_product, product_trade
from offing.market.history import History
from offing.terms.background import stretch, tell
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import say
from offing.warehouse import Warehouse
from offing.warehouse.trade import reported_years

AHEAD = {
    "product": pl.String, "market": pl.String, "year": pl.Int64, "today_usd": pl.Float64,
    "expected_usd": pl.Float64, "low80": pl.Float64, "high80": pl.Float64, "gain_usd": pl.Float64,
    "share": pl.Float64, "room_usd": pl.Float64,
}  # fmt: skip
RECORD_TAKES = 0.6
"""About this part of the time goes into the replay of earlier years."""


class CountryTrade:
    """A country's trade, product by product, as it is asked for."""

    def __init__(self, warehouse: Warehouse, dataset: str | None) -> None:
        """Of the data set that is named, else of the one with the most trade in each product."""
        self.warehouse, self.dataset = warehouse, dataset
        self.flows: Callable[[str], pl.DataFrame | None] = cache(self._flows)
        self._histories: dict[tuple[str, str, int], History] = {}
        reported = reported_years(warehouse, warehouse.trade_set("", dataset))
        last = latest_full_year(reported)
        self.years = [year for year in sorted(set(reported["year"])) if year <= last]

    def _flows(self, code: str) -> pl.DataFrame | None:
        try:
            rows = self.warehouse.flows(code, dataset=self.dataset)
        except (InputError, MissingDataError) as error:
            if error.key in ("warehouse.no_such_product", "warehouse.not_in_dataset"):
                return None
            raise
        return None if rows.is_empty() else rows

    def set_of(self, code: str) -> str:
        """The data set that a product is looked up in."""
        return self.warehouse.trade_set(code, self.dataset)

    def fit(self, product: str, base_year: int, horizon: int) -> Outlooks:
        """The outlook of whole markets as of a year, fitted on nothing later.

        Raises:
            MissingDataError: ``market.no_year`` or ``market.no_flows``.
        """
        return outlooks(self._history(product, base_year), base_year, horizon)

    def _history(self, product: str, base_year: int) -> History:
        """What the product is fitted on; one for all products that are fitted on the same.

        A product that the set has only below its code is added up, and has one of its own.
        """
        dataset, flows = self.set_of(product), self.flows(product)
        near, _ = near_product(self.warehouse, dataset, product, base_year)
        itself = flows is not None and product in set(
            flows.filter(pl.col("year") <= base_year)["product"]
        )
        key = (dataset, near if itself else f"{product} and below", base_year)
        if key not in self._histories:
            _, self._histories[key] = product_trade(
                self.warehouse, product, dataset=dataset, year=base_year
            )
        return self._histories[key]


YearsAhead = Callable[[int], int]
"""Base year → years ahead of it."""


def ahead_at_shares(
    trade: CountryTrade, origin: str, years: YearsAhead, beside: pl.DataFrame, past: Past
) -> tuple[pl.DataFrame, SharesRecord | None]:
    """Each product's markets some years on, in the columns of ``AHEAD``, and the record of it.

    Args:
        trade: of the country.
        origin: the country, alpha-3.
        years: how far ahead.
        beside: see :func:`offing.ladders.standing.region_shares`.
        past: the region's whole years, which the record is made of, and the products looked at.

    Returns:
        The outlook, and ``None`` where there are no products.
    """
    if not past.products:
        return pl.DataFrame(schema=AHEAD), None
    bases = [latest_full_year(rows) for p in past.products if (rows := trade.flows(p)) is not None]
    with stretch(0.0, RECORD_TAKES):
        tell(say("province.replaying"), 0.0)
        replay = record(past, origin, trade.fit, trade.years[1:], years(max(bases)))
    with stretch(RECORD_TAKES, 1.0):
        wider = replay.widening
        rows = expected_at_shares(trade, origin, past.products, years, beside, wider=wider)
    return rows, replay


def expected_at_shares(
    trade: CountryTrade,
    origin: str,
    products: Sequence[str],
    years: YearsAhead,
    beside: pl.DataFrame,
    *,
    wider: Widening | None = None,
) -> pl.DataFrame:
    """The same without a record; intervals that are not widened are the country's alone."""
    parts = [pl.DataFrame(schema=AHEAD)]
    for number, code in enumerate(products):
        tell(say("market.training"), number / len(products))
        flows = trade.flows(code)
        assert flows is not None, "a product beside the country's has flows"
        base = latest_full_year(flows)
        ahead = years(base)
        told = outlooks_of_origin(trade.fit(code, base, ahead), code, origin)
        looks = {market: look for (market, _), look in told.items()}
        mine = beside.filter(pl.col("product") == code)
        mean = float(mine["sold"].sum()) / float(mine["country"].sum())
        rows = [
            (code, market, base + ahead, share * look.base_usd, share * look.expected_usd,
             look.low80 and share * look.low80, look.high80 and share * look.high80,
             share * (look.expected_usd - look.base_usd), share,
             max(mean - share, 0.0) * look.expected_usd)
            for market, share in mine.select("market", "share").rows()
            if share is not None and (look := looks.get(market)) is not None
        ]  # fmt: skip
        frame = pl.DataFrame(rows, schema=AHEAD, orient="row")
        parts.append(frame if wider is None else _widen_intervals(frame, wider))
    return pl.concat(parts)


def _widen_intervals(rows: pl.DataFrame, wider: Widening) -> pl.DataFrame:
    """Ends of pairs that are sold in; the others have a share of nothing."""
    sold = (pl.col("today_usd") > 0) & pl.col("low80").is_not_null()
    base, share, low, high = (
        rows[name].fill_null(1.0).to_numpy() for name in ("today_usd", "share", "low80", "high80")
    )
    low, high = wider.ends(base, np.maximum(share, 1e-12), low, high)
    return rows.with_columns(
        low80=pl.when(sold).then(pl.Series(low)).otherwise("low80"),
        high80=pl.when(sold).then(pl.Series(high)).otherwise("high80"),
    )


def whole_years(lines: pl.DataFrame, years: Sequence[int], products: Sequence[str]) -> Past:
    """A region's past from lines: ``on``, ``product`` and more digits, ``market``, ``usd``."""
    digits = max(map(len, products), default=0)
    sold = (
        lines.group_by(
            pl.col("product").str.slice(0, digits),
            "market",
            year=pl.col("on").dt.year().cast(pl.Int64),
        )
        .agg(pl.col("usd").sum())
        .filter(pl.col("year").is_in(list(years)))
    )
    return Past(sold, tuple(years), tuple(products))
