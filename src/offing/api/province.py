"""Where a province's exports stand, what moved them, and where more may be sold (省级出口)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Cautions,
    DatasetName,
    FirmLedgerRequest,
    TableIn,
    opened,
    question,
)
from offing.api.markets import checked_horizon, day_asked
from offing.forecast.outlook.ahead import years_ahead
from offing.forecast.ranking import ForecastTask, fit_product, latest_full_year
from offing.ladders.own_sales import by_level, in_usd
from offing.ladders.standing import Standing, beside_the_country, standing
from offing.sources.staging import Note
from offing.terms.countries import country_code
from offing.terms.errors import InputError, MissingDataError
from offing.terms.exchange import OLDEST, levels_said
from offing.terms.messages import enumerated, say
from offing.terms.progress import stretch, tell
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import day_rates
from offing.warehouse.trade import reported_years

DIGITS = (2, 4, 6)
AHEAD = {
    "product": pl.String, "market": pl.String, "year": pl.Int64, "today_usd": pl.Float64,
    "expected_usd": pl.Float64, "low80": pl.Float64, "high80": pl.Float64, "gain_usd": pl.Float64,
    "share": pl.Float64, "room_usd": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class ProvinceRequest(FirmLedgerRequest):
    """Where do a province's exports stand, what moved them, and where may more be sold?

    Attributes:
        exports: its exports by product, market and month or year, as the query page of China's
            customs gives them (数据年月, 贸易伙伴名称, 第一数量, 美元), or with other headings.
        origin: the country that it is a part of.
        digits: of the product codes told: 2, 4 or 6.
        ahead: how many products are looked ahead at, those with the largest exports.
        horizon: years ahead of the day, 1 to 10.
    """

    exports: Annotated[TableIn, Asked("province.help_exports", kind=Path)]
    origin: Annotated[str, Asked("province.help_origin")] = "CHN"
    product: Annotated[str | None, Asked("province.help_product")] = None
    digits: Annotated[int, Asked("province.help_digits")] = 4
    ahead: Annotated[int, Asked("province.help_ahead")] = 3
    horizon: Annotated[int, Asked("market.help_horizon")] = 2
    on: Annotated[date | None, Asked("market.help_outlook_on")] = None
    dataset: DatasetName = None


@dataclass(frozen=True)
class ProvinceAnswer(Answer):
    """A province's exports, in USD.

    Attributes:
        origin: the country, alpha-3.
        standing: by product and market, with what of the change is price and what quantity.
        share_year: the year in which it is held against the country's exports; ``None`` where no
            year is whole in both.
        beside: ``product``, ``market``, ``sold``, ``country``, ``share``, ``price_beside`` of that
            year; see :func:`offing.ladders.standing.beside_the_country`.
        outlook: of the largest products, by market: today's sales and those expected of the
            country, both times the province's share; ends of the 80 % interval; ``room_usd``, what
            the province's mean share of the product would bring where it has less.
        unknown: products of which the data set has no exports of the country in that year.
        quarantined: (reason as a message key, lines, first row) of rows that cannot be used.
        notes: what the file should be asked.
        skipped: rows that are no exports and no error: reason → rows.
    """

    origin: str
    standing: Standing
    share_year: int | None
    beside: pl.DataFrame
    outlook: pl.DataFrame
    unknown: tuple[str, ...]
    quarantined: tuple[tuple[str, int, int], ...]
    notes: tuple[Note, ...]
    skipped: Mapping[str, int]
    cautions: Cautions

    @property
    def table(self) -> Any:
        """One row a product, market and unit."""
        return self.as_given(self.standing.cells)

    def data(self) -> dict[str, Any]:
        """The tables, and what of the file is not in them."""
        made = self.standing
        return {
            "origin": self.origin,
            "year": made.year,
            "months": made.months,
            "concentration": made.concentration,
            "cells": made.cells.to_dicts(),
            "share_year": self.share_year,
            "beside": self.beside.to_dicts(),
            "outlook": self.outlook.to_dicts(),
            "without_trade": self.unknown,
            "put_aside": [
                {"reason": key, "says": say(key), "lines": count, "first_row": row}
                for key, count, row in self.quarantined
            ],
            "left_out": dict(self.skipped),
            "notes": list(map(str, self.notes)),
        }


@question(ProvinceRequest)
def province(request: ProvinceRequest) -> ProvinceAnswer:
    """A province's exports by product and market, beside its country's, and some years ahead.

    The outlook is the country's, times the province's share of its exports to each market: it says
    what a province sells that keeps its shares.

    Raises:
        InputError: ``province.bad_digits``, ``province.bad_ahead``, ``market.bad_horizon``, or a
            column that the file lacks.
        MissingDataError: ``province.no_exports``, ``book.no_rate``.

    >>> rows = {"数据年月": ["202312", "202412"], "贸易伙伴名称": "德国", "商品编码": "852872",
    ...         "第一数量": [10, 12], "美元": [6000, 9000]}
    >>> made = province(pl.DataFrame(rows), ahead=0).standing
    >>> made.total("now"), round(made.total("price")), round(made.total("quantity"))
    (9000.0, 1651, 1349)
    """
    if request.digits not in DIGITS:
        raise InputError("province.bad_digits", digits=request.digits)
    if request.ahead < 0:
        raise InputError("province.bad_ahead", count=request.ahead)
    checked_horizon(request.horizon)
    origin, warehouse = country_code(request.origin), opened(request.warehouse)
    read = request.lines(request.exports)
    rates, asked = day_rates(warehouse), _asked(read.sales, request.product)
    lines = in_usd(asked, rates, {}, OLDEST)
    made = standing(lines, digits=request.digits, covers=read.covers)
    trade = _Trade(warehouse, request.dataset)
    year = max((y for y in made.full if y in trade.years), default=None)
    beside = _beside(lines, year, trade, origin, request.digits)
    products = made.by("product")["product"].to_list()
    wanted = [code for code in products if code in set(beside["product"])][: request.ahead]
    outlook = pl.concat([
        pl.DataFrame(schema=AHEAD), *_ahead(request, trade, origin, beside, wanted)
    ])  # fmt: skip
    return ProvinceAnswer(
        origin,
        made,
        year,
        beside,
        outlook,
        tuple(code for code in products if year and code not in set(beside["product"])),
        read.quarantined,
        read.notes,
        read.skipped,
        (*_cautions(made, year, beside, trade), *levels_said(by_level(asked, rates, {}))),
    )


def _asked(sales: pl.DataFrame, product: str | None) -> pl.DataFrame:
    lines = sales.drop_nulls("product")
    some = lines.filter(pl.col("product").str.starts_with(product)) if product else lines
    if some.is_empty():
        raise MissingDataError("province.no_exports", product=product or "—")
    return some


class _Trade:
    """The country's trade, product by product, as it is asked for."""

    def __init__(self, warehouse: Warehouse, dataset: str | None) -> None:
        """Of the data set that is named, else of the one with the most trade in each product."""
        self.warehouse, self.dataset = warehouse, dataset
        self.flows: Callable[[str], pl.DataFrame | None] = cache(self._flows)
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


def _beside(
    lines: pl.DataFrame, year: int | None, trade: _Trade, origin: str, digits: int
) -> pl.DataFrame:
    of_year = lines.filter(pl.col("on").dt.year() == (year or 0)).with_columns(
        pl.col("product").str.slice(0, digits)
    )
    return beside_the_country(of_year, year or 0, trade.flows, origin)


def _ahead(
    request: ProvinceRequest, trade: _Trade, origin: str, beside: pl.DataFrame, codes: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """The country's outlook of each product times the province's share of each market."""
    day = day_asked(None, request.on)
    for number, code in enumerate(codes):
        tell(say("market.training"), number / len(codes))
        flows = trade.flows(code)
        assert flows is not None, "a product beside the country's has flows"
        dataset = trade.warehouse.trade_set(code, request.dataset)
        base = latest_full_year(flows)
        task = ForecastTask(code, dataset, base, years_ahead(base, day, request.horizon))
        with stretch(number / len(codes), (number + 1) / len(codes)):
            looks = fit_product(trade.warehouse, task).by_market(origin)
        mine = beside.filter(pl.col("product") == code)
        mean = float(mine["sold"].sum()) / float(mine["country"].sum())
        rows = [
            (code, market, base + task.horizon, share * look.base_usd, share * look.expected_usd,
             look.low80 and share * look.low80, look.high80 and share * look.high80,
             share * (look.expected_usd - look.base_usd), share,
             max(mean - share, 0.0) * look.expected_usd)
            for market, share in mine.select("market", "share").rows()
            if share is not None and (look := looks.get(market)) is not None
        ]  # fmt: skip
        yield pl.DataFrame(rows, schema=AHEAD, orient="row")


def _cautions(
    made: Standing, year: int | None, beside: pl.DataFrame, trade: _Trade
) -> Iterator[tuple[str, dict[str, str]]]:
    """What a careful reader would ask of the tables."""
    if made.months is None:
        yield "province.one_year", {"year": str(made.year)}
    if year is None:
        known = enumerated(map(str, trade.years))
        yield (
            "province.no_common_year",
            {"full": enumerated(map(str, made.full)) or "—", "known": known},
        )
    over = beside.filter(pl.col("share") > 1).sort("sold", descending=True)
    if over.height:
        first = over.row(0, named=True)
        named = {"product": first["product"], "market": first["market"]}
        times = f"{first['share']:.1f}"
        yield "province.more_than_all", {**named, "times": times, "count": str(over.height)}
