"""Fourth stage: what the origin may sell in each market, and how such forecasts did before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.forecast.axes import FirmFit, MarketFacts
from offing.forecast.outlook.forecast import of_origin, outlooks, years_ahead
from offing.forecast.ranking import (
    FittedProduct,
    ForecastTask,
    backtest_product,
    fit_product,
    ranked,
    with_total,
)
from offing.forecast.results import Backtest, Outlook, Ranking
from offing.study.backtest import Earlier
from offing.study.choices import NO_PLANTS, ForeignPlants
from offing.study.competitor_tariffs import rival_duties
from offing.study.costs import duty_rates
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standings
from offing.terms.errors import MissingDataError
from offing.terms.messages import say
from offing.terms.progress import stretch, tell
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


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """What the world's trade says of a product.

    Attributes:
        fitted: the product's trade with the outlook fitted to it.
        ranking: by segment, with access and fit under the rules of the run that made it.
        outlook: by market, for all prices: what the plan rests on.
        factors: market → what a counterfactual multiplies later sales by, one figure or a draw a
            scenario; none in the world as it is.
        elsewhere: the same for goods of other countries' plants.
    """

    fitted: FittedProduct
    ranking: Ranking
    outlook: Mapping[str, Outlook]
    factors: Mapping[str, Floats | float] = field(default_factory=dict)
    elsewhere: ForeignPlants = NO_PLANTS


@dataclass(frozen=True)
class Record:
    """How such forecasts did.

    Attributes:
        ranking: with the blue-ocean total where the backtest allows it.
        backtest: of ways of ranking.
        earlier: year → market → the outlook as of that year, and what came.
    """

    ranking: Ranking
    backtest: Backtest
    earlier: Mapping[int, Mapping[str, Earlier]]


def demand_of(
    world: StudyInputs, imports: Imports, standings: Standings, fitted: FittedProduct | None
) -> Demand:
    """Fit the outlook and rank the segments; another model's fit of the code serves, too.

    The horizon counts from the study's day: the gap between the data and the day is looked ahead
    too.

    Raises:
        MissingDataError: see :func:`~offing.forecast.ranking.ranked`.
    """
    tell(say("study.doing_markets"), 0.5)
    study, code, origin = world.study, imports.facts.code, world.study.firm.origin
    by_market = standings
    duty = duty_rates({market: standing.cost for market, standing in by_market.items()})
    in_year = imports.flows.filter(pl.col("year") == imports.year)
    task = ForecastTask(
        code,
        imports.dataset,
        imports.year,
        years_ahead(imports.year, study.on, study.markets.horizon),
        method=study.markets.tiers,
        seed=study.seed,
        months_to=study.on,
    )
    if fitted is None or fitted.task != task:
        fitted = fit_product(world.warehouse, task)
    facts = MarketFacts(
        duty_rate=duty,
        rival_duty=rival_duties(duty, in_year, origin, world.laws.rulebook),
        fit={
            (market, standing.tier): FirmFit(
                percentile=standing.place.percentile if standing.place else None,
                margin_rate=float(standing.cost.margin_rate),
            )
            for market, standing in by_market.items()
        },
    )
    ranking = ranked(
        world.warehouse,
        fitted,
        origin,
        markets=list(by_market),
        given=facts,
        without_tiers=imports.thin,
    )
    outlook = fitted.by_market(origin)
    return Demand(fitted, ranking, {m: outlook[m] for m in by_market if m in outlook})


def record_of(world: StudyInputs, demand: Demand, of_code: Record | None = None) -> Record:
    """Score the forecasts of earlier years against what came; ``of_code`` is of the same code."""
    study, ranking = world.study, demand.ranking
    tell(say("study.doing_markets"), 0.7)
    earlier: Mapping[int, Mapping[str, Earlier]]
    if of_code is None:
        fitted = demand.fitted
        with stretch(0.7, 0.85):
            backtest = backtest_product(world.warehouse, fitted.task, history=fitted.whole.history)
        tell(say("study.doing_markets"), 0.85)
        years, horizon = backtest.origins, backtest.horizon
        earlier = earlier_years(fitted, ranking.origin, horizon=horizon, base_years=years)
    else:
        backtest, earlier = of_code.backtest, of_code.earlier
    shown = with_total(world.warehouse, ranking, backtest, tiers=study.markets.tiers)
    return Record(shown, backtest, earlier)
