"""The markets and segments of a product for an exporting country, in order, with their record."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import polars as pl

from offing.api.asking import Answer, Asked, Country, Product, TradeRequest, question
from offing.api.given import Horizon, Top
from offing.forecast.outlook.forecast import years_ahead
from offing.forecast.ranking import (
    MONTHS_USED,
    ForecastTask,
    add_total,
    fit_with_record,
    latest_full_year,
    months_note,
    rank_segments,
    reorder_ranking,
    year_cautions,
)
from offing.forecast.results import Backtest, Ranking, Verdict, verdict
from offing.forecast.scores import names, rankings
from offing.ladders.tiers import USUAL_METHOD
from offing.terms.caution import Caution
from offing.terms.errors import InputError, unknown_name
from offing.terms.plain import values_of
from offing.warehouse import Warehouse


@dataclass(frozen=True)
class MarketsRequest(TradeRequest):
    """In which markets may a country's sales of a product grow?

    Attributes:
        origin: the exporter.
        horizon: years ahead of the day, 1 to 10.
        by: the way of ranking, a name of ``offing.forecast.scores``.
    """

    product: Annotated[Product, Asked("market.help_product")]
    origin: Annotated[Country, Asked("market.help_origin")]
    as_of: Annotated[int | None, Asked("market.help_as_of")] = None
    horizon: Annotated[Horizon, Asked("market.help_horizon")] = 2
    on: Annotated[date | None, Asked("market.help_outlook_on")] = None
    tiers: Annotated[bool, Asked("market.help_tiers")] = False
    by: Annotated[str, Asked("market.help_by")] = "outlook"
    top: Annotated[Top, Asked("market.help_top")] = 15
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1


@dataclass(frozen=True)
class MarketsAnswer(Answer):
    """Segments in order, and how such an order did before.

    Attributes:
        ranking: the segments, the best first; sales in USD.
        by: the way of ranking.
        backtest: the record of the ways of ranking, on years they had not seen.
        total: whether the blue-ocean total may be shown, and why.
        tiers: whether segments are price tiers, or whole markets.
        top: rows to tell.
    """

    ranking: Ranking
    by: str
    backtest: Backtest
    total: Verdict
    tiers: bool
    top: int

    @property
    def table(self) -> Any:
        """One row a segment: sales now and expected in USD, 80 % interval, axes 0 to 1."""
        rows = [
            {
                "place": rank,
                "market": s.market,
                "tier": s.tier,
                **values_of(s.outlook, "base_usd", "expected_usd", "low80", "high80", "gain_usd"),
                "score": s.score,
                **{axis.name: axis.score for axis in s.axes},
                **values_of(s, "total", "coverage"),
            }
            for rank, s in enumerate(self.ranking.segments, start=1)
        ]
        return self.as_given(pl.DataFrame(rows, infer_schema_length=None))


@question(MarketsRequest)
def markets(request: MarketsRequest) -> MarketsAnswer:
    """The markets of a product for an exporter, in the order of the growth to expect.

    Raises:
        InputError: ``errors.out_of_range``, ``errors.unknown_name``,
            ``market.yardstick``.
        MissingDataError: ``market.no_exports``, ``market.no_year``, ``market.no_flows``.

    >>> answer = markets("8528", "China", as_of=2022, horizon=1)
    >>> answer.ranking.segments[0].market
    'USA'
    """
    code, exporter = request.product, request.origin
    by, ways = request.by, rankings()
    if by not in ways:
        raise InputError("market.yardstick", text=by) if by in names() else unknown_name(by, ways)
    warehouse, chosen, cautions = request.trade(code, request.as_of)
    task = task_of(request, warehouse, code, chosen)
    tiers = task.method
    fitted, record = fit_with_record(warehouse, task, by=request.by)
    ranking = rank_segments(warehouse, fitted, exporter)
    if request.by != "outlook":
        ranking = reorder_ranking(warehouse, ranking, request.by, tiers=tiers)
    ranking = add_total(warehouse, ranking, record, tiers=tiers)
    keys = [key for key in (*ranking.notes, *record.notes) if key != MONTHS_USED]
    notes = [*map(Caution, dict.fromkeys(keys)), *months_note(fitted)]
    notes += year_cautions(warehouse, chosen, code, task.year, request.as_of)
    return MarketsAnswer(
        ranking,
        request.by,
        record,
        total=verdict(record),
        tiers=request.tiers,
        top=request.top,
        cautions=(*notes, *cautions),
    )


def task_of(request: Any, warehouse: Warehouse, product: str, dataset: str) -> ForecastTask:
    """The forecast that a question of a product asks for, here or for its outlook."""
    year = request.as_of or latest_full_year(warehouse.flows(product, dataset=dataset))
    day = day_asked(request.as_of, request.on)
    ahead = years_ahead(year, day, request.horizon)
    tiers = USUAL_METHOD if request.tiers else None
    return ForecastTask(product, dataset, year, ahead, tiers, request.seed, day)


def day_asked(as_of: int | None, on: date | None) -> date:
    """The day that a horizon counts from: as named, else the end of a named base year, or today.

    Args:
        as_of: the base year where the user named it.
        on: the day where the user named it.
    """
    end = None if as_of is None else date(as_of, 12, 31)
    return on or end or date.today()  # noqa: DTZ011 - the user's own day
