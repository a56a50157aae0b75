"""The plan's own record: made in an earlier year, what did it promise, and what came of it?

The same decision is made as of earlier years, with that year's trade and the outlook that it gave,
and with the firm's prices, costs, limits and shares of today, since nothing older is known of it.
What came is of three kinds. *Observed*: what the firm's flows of today would have done, by what its
country's did. *Imputed*: what an entry, another plant or another price would have brought, by the
same trade and today's costs. Whether the buyers would have come is unknowable.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from offing.planning.offering import Outlet, Selling
from offing.planning.scenarios import MarketDraws, Rates
from offing.study.analysis import ProductAnalysis
from offing.study.backtest import Earlier, Replay
from offing.study.choices import ProductOptions
from offing.study.futures import draws_from, rates_ahead
from offing.study.inputs import StudyInputs
from offing.study.plan import Stage
from offing.terms.errors import InputError, MissingDataError

Known = Mapping[str, Mapping[int, Mapping[str, Earlier]]]
"""HS code → base year → market → sales."""


def replays(
    world: StudyInputs,
    products: Sequence[ProductAnalysis],
    records: Known,
    stage: Stage,
    horizon: int,
) -> tuple[Replay, ...]:
    """What each earlier year's decision is made from, the earliest first.

    Args:
        world: the study and what it rests on.
        products: its models.
        records: sales as of earlier years.
        stage: of today's plan.
        horizon: years from a plan to its outcome.
    """
    years = set.intersection(*(set(by_year) for by_year in records.values())) if records else set()
    past, rates = [], _rates(world, stage, horizon)
    for year in sorted(years):
        then = {code: by_year[year] for code, by_year in records.items()}
        # The trade of a year may not carry a plan: too few markets, too short a history.
        with suppress(InputError, MissingDataError):
            past.append(_as_of(world, products, then, replace(stage, rates=rates), (year, horizon)))
    # A year in which the country sold nothing where the firm may sell had no decision to make.
    return tuple(
        replay for replay in past if any(shelf.outlets for shelf in replay.shelves.values())
    )


def _rates(world: StudyInputs, stage: Stage, horizon: int) -> Rates:
    """Today's rates so many years ahead: a record reaches further than the plan where the plan
    begins years after the data end.
    """
    years = stage.rates.draws.shape[1]
    if horizon <= years:
        return replace(stage.rates, draws=stage.rates.draws[:, :horizon])
    return rates_ahead(world, stage.rates.currencies, horizon)


def _as_of(
    world: StudyInputs,
    products: Sequence[ProductAnalysis],
    then: Mapping[str, Mapping[str, Earlier]],
    stage: Stage,
    when: tuple[int, int],
) -> Replay:
    year, horizon = when
    draws: dict[str, MarketDraws] = {}
    for studied in products:
        code = studied.imports.facts.code
        if code not in draws:
            draws[code] = draws_from(
                studied.demand.fitted,
                code,
                world.study.firm.origin,
                day=year,
                years=horizon,
                seed=world.study.seed,
            )
    shelves = {
        model: replace(shelf, outlets=_then(shelf, then[shelf.code], draws[shelf.code]))
        for model, shelf in stage.shelves.items()
    }
    markets = world.study.markets.model_copy(update={"horizon": horizon})
    return Replay(
        world.study.model_copy(update={"markets": markets}), shelves, draws, stage.rates, then, year
    )


def _then(
    shelf: ProductOptions, then: Mapping[str, Earlier], draws: MarketDraws
) -> tuple[Outlet, ...]:
    """The firm's outlets with the sales that its share of today would have been."""
    outlets = []
    for outlet in shelf.outlets:
        was = then.get(outlet.market)
        if was is None or outlet.market not in draws.markets:
            continue
        base = float(draws.base_usd[draws.markets.index(outlet.market)])
        if isinstance(outlet.state, Selling):
            if not (was.base > 0 and (now := shelf.exports.get(outlet.market, 0.0)) > 0):
                continue
            state = replace(outlet.state, units=outlet.state.units * was.base / now)
            outlets.append(replace(outlet, state=state))
        else:
            segment = base * shelf.tier_share.get(outlet.market, 1.0)
            outlets.append(replace(outlet, state=replace(outlet.state, segment_usd=segment)))
    return tuple(outlets)
