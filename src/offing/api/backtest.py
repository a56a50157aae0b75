"""Which way of ranking markets finds later growth? Scored on years it had not seen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any

import numpy as np
import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Country,
    Product,
    TradeRequest,
    open_warehouse,
    parts,
    question,
)
from offing.forecast.backtest.run import Design, backtests
from offing.forecast.nowcast.scoring import NowcastRecord, pseudo_vintages
from offing.forecast.nowcast.signals import MonthlySales
from offing.forecast.ranking import whole_trade
from offing.forecast.results import Backtest
from offing.market.history import History
from offing.terms.background import tell
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, must_be_within
from offing.terms.hs import finest
from offing.terms.messages import join_list, say
from offing.warehouse import Warehouse
from offing.warehouse.trade import monthly_sets, months_below

TERCILES = ("low", "middle", "high")
MONTHS = 12
Numbers = int | Sequence[int] | str
"""Whole numbers above zero: one, several, or ``1,2,3``."""


@dataclass(frozen=True)
class BacktestRequest(TradeRequest):
    """Which way of ranking would have found the growth that came?

    Attributes:
        origin_country: measure for this exporter only; the rankings still learn from all.
        months: score the nowcast of the running year instead, as if so many of its months were
            known: one or several from 1 to 11. ``dataset`` may then be a set of months, whose
            whole years are the yearly data.
    """

    horizon: Annotated[Numbers, Asked("backtest.help_horizon", kind=str)] = "1"
    origins: Annotated[Numbers | None, Asked("backtest.help_origins", kind=str | None)] = None
    top: Annotated[Numbers, Asked("backtest.help_top", kind=str)] = "5,10,20"
    origin_country: Annotated[Country | None, Asked("backtest.help_origin_country")] = None
    product: Annotated[Product | None, Asked("backtest.help_product")] = None
    tiers: Annotated[bool, Asked("market.help_tiers")] = False
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1
    months: Annotated[Numbers | None, Asked("backtest.help_months", kind=str | None)] = None


@dataclass(frozen=True)
class BacktestAnswer(Answer):
    """The record of the ways of ranking.

    Attributes:
        backtests: one for each horizon; none where months were asked for.
        tops: sizes of the lists of first markets.
        nowcast: how the running year would have been told from its months, where asked for.
    """

    backtests: tuple[Backtest, ...]
    tops: tuple[int, ...]
    nowcast: NowcastRecord | None = None

    @property
    def table(self) -> Any:
        """One row a score: way of ranking, measure, weighting, part, value with 95 % interval.

        Where months were asked for, one row for each way of telling the year and count of months.
        """
        if self.nowcast is not None:
            return self.as_given(pl.DataFrame([asdict(score) for score in self.nowcast.scores]))
        rows = [
            {"horizon": record.horizon} | asdict(score)
            for record in self.backtests
            for score in record.scores
        ]
        return self.as_given(pl.DataFrame(rows, infer_schema_length=None))


@question(BacktestRequest)
def backtest(request: BacktestRequest) -> BacktestAnswer:
    """Every way of ranking, scored on years it had not seen.

    Raises:
        InputError: ``backtest.bad_numbers``, ``errors.out_of_range``.
        MissingDataError: ``backtest.one_year``, ``market.no_outcome``, ``market.no_groups``,
            ``backtest.no_months``, ``backtest.few_months``.
    """
    if request.months is not None:
        return _nowcast_record(request, _numbers(request.months, "--months", "3,6,9"))
    horizons = _numbers(request.horizon, "--horizon", "1,2,3")
    tops = tuple(_numbers(request.top, "--top", "5,10,20"))
    first = request.origins
    origins = None if first is None else _numbers(first, "--origins", "2020,2021")
    warehouse, name, cautions = request.trade(request.product or "")
    history, _ = whole_trade(warehouse, dataset=name, product=request.product, tiers=request.tiers)
    if len(history.years) < 2:
        raise MissingDataError("backtest.one_year", years=join_list(history.years))
    exporter, goods, income = request.origin_country, request.product, _income(warehouse)
    design = Design(
        origins=origins, tops=tops, exporter=exporter, product=goods, income=income,
        seed=request.seed,
    )  # fmt: skip

    running = partial(tell, say("backtest.running"))
    scored = backtests(history, horizons, dataset=name, design=design, progress=running)
    return BacktestAnswer(scored, tops, cautions=cautions)


def _nowcast_record(request: BacktestRequest, months: list[int]) -> BacktestAnswer:
    """The nowcast's record on pseudo-vintages.

    The yearly data are those named, or loaded, if their years can be scored; else the months
    themselves added up.
    """
    must_be_within("--months", max(months), ge=1, lt=MONTHS)
    warehouse = open_warehouse(request.warehouse, flows=request.flows)
    sets = monthly_sets(warehouse)
    if not sets:
        raise MissingDataError("backtest.no_months")
    only = request.dataset if request.dataset in sets else None
    rows, used, unrated = months_below(warehouse, request.product or "", date.max, only)
    sales = MonthlySales.of(rows, finest(rows["product"].unique()), used)
    notes: tuple[Caution, ...] = (Caution("backtest.note_pseudo_vintage"),)
    if unrated:
        notes += (Caution("market.note_months_without_rate", {"count": unrated}),)
    tell(say("backtest.running"), 0.1)
    if only is None and (request.dataset or warehouse.catalog.parts_of("flows")):
        history, name = whole_trade(warehouse, dataset=request.dataset, product=request.product)
        record = pseudo_vintages(history, sales, months, dataset=name, seed=request.seed)
        if record is not None:
            return BacktestAnswer((), (), record, cautions=notes)
    whole, record, sets = sales.whole_years(), None, used
    if whole["year"].n_unique() > 2:
        history = History.of(whole, distances=warehouse.table("distances"))
        name = join_list(sets)
        record = pseudo_vintages(history, sales, months, dataset=name, seed=request.seed)
    if record is None:
        raise MissingDataError("backtest.few_months", years=join_list(sales.years))
    notes += (Caution("backtest.note_added_up", {"sets": sets}),)
    return BacktestAnswer((), (), record, cautions=notes)


def _numbers(entered: Numbers, option: str, example: str) -> list[int]:
    """Whole numbers above zero, each once.

    Raises:
        InputError: ``backtest.bad_numbers``.
    """
    try:
        numbers = [int(text) for text in parts(entered)]
    except ValueError:
        numbers = []
    if not numbers or min(numbers) < 1:
        raise InputError("backtest.bad_numbers", text=entered, option=option, example=example)
    return list(dict.fromkeys(numbers))


def _income(warehouse: Warehouse) -> dict[str, str]:
    """Countries in thirds by GDP per head in the newest year that is known."""
    wide = (
        warehouse.table("indicators")
        .filter(pl.col("name").is_in(["gdp_usd", "population"]))
        .pivot("name", index=["country", "year"], values="value")
    )
    if not {"gdp_usd", "population"} <= set(wide.columns):
        return {}
    latest = (
        wide.drop_nulls()
        .filter(pl.col("population") > 0)
        .sort("year")
        .group_by("country", maintain_order=True)
        .agg((pl.col("gdp_usd") / pl.col("population")).last().alias("income"))
        .sort("income", "country")
    )
    third = np.minimum(np.arange(latest.height) * 3 // max(latest.height, 1), 2)
    return {country: TERCILES[at] for country, at in zip(latest["country"], third, strict=True)}
