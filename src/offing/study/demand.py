"""Fourth stage: what the origin may sell in each market, and how such forecasts did before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.forecast.axes import FirmFit, MarketFacts
from offing.forecast.outlook.forecast import years_ahead
from offing.forecast.ranking import (
    FittedProduct,
    ForecastTask,
    add_total,
    backtest_product,
    fit_product,
    rank_segments,
)
from offing.forecast.results import Backtest, Outlook, Ranking
from offing.study.choices import NO_PLANTS, ForeignPlants
from offing.study.competitor_tariffs import rival_duties
from offing.study.costs import duty_rates
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standings
from offing.terms.background import stretch, tell
from offing.terms.messages import say

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
    """

    ranking: Ranking
    backtest: Backtest


def demand_of(
    world: StudyInputs, imports: Imports, standings: Standings, fitted: FittedProduct | None
) -> Demand:
    """Fit the outlook and rank the segments; another model's fit of the code serves, too.

    The horizon counts from the study's day: the gap between the data and the day is looked ahead
    too.

    Raises:
        MissingDataError: see :func:`~offing.forecast.ranking.rank_segments`.
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
    ranking = rank_segments(
        world.warehouse,
        fitted,
        origin,
        markets=list(by_market),
        given=facts,
        without_tiers=imports.thin,
    )
    outlook = fitted.outlook_by_market(origin)
    return Demand(fitted, ranking, {m: outlook[m] for m in by_market if m in outlook})


def record_of(world: StudyInputs, demand: Demand, of_code: Record | None = None) -> Record:
    """Score the forecasts of earlier years against what came; ``of_code`` is of the same code."""
    ranking, fitted = demand.ranking, demand.fitted
    tell(say("study.doing_markets"), 0.7)
    if of_code is None:
        with stretch(0.7, 0.85):
            backtest = backtest_product(world.warehouse, fitted.task, history=fitted.whole.history)
        tell(say("study.doing_markets"), 0.85)
    else:
        backtest = of_code.backtest
    shown = add_total(world.warehouse, ranking, backtest, tiers=world.study.markets.tiers)
    return Record(shown, backtest)
