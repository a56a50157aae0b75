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
from offing.study.choices import ChoiceSet, ProductOptions
from offing.study.futures import draws_by_code, rates_ahead
from offing.study.inputs import StudyInputs
from offing.terms.errors import InputError, MissingDataError


def replays(
    world: StudyInputs, products: Sequence[ProductAnalysis], choices: ChoiceSet
) -> tuple[Replay, ...]:
    """What each earlier year's decision is made from, the earliest first.

    Args:
        world: the study and what it rests on.
        products: its models, with their records.
        choices: of today's plan.
    """
    records = {p.imports.facts.code: p.record for p in products if p.record is not None}
    years = set.intersection(*(set(record.earlier) for record in records.values()))
    horizon = min(record.backtest.horizon for record in records.values())
    past, today = [], replace(choices, rates=_rates(world, choices.rates, horizon))
    for year in sorted(years):
        then = {code: record.earlier[year] for code, record in records.items()}
        # The trade of a year may not carry a plan: too few markets, too short a history.
        with suppress(InputError, MissingDataError):
            past.append(_as_of(world, products, then, today, (year, horizon)))
    # A year in which the country sold nothing where the firm may sell had no decision to make.
    return tuple(
        replay for replay in past if any(shelf.outlets for shelf in replay.choices.shelves.values())
    )


def _rates(world: StudyInputs, rates: Rates, horizon: int) -> Rates:
    """Today's rates so many years ahead: a record reaches further than the plan where the plan
    begins years after the data end.
    """
    if horizon <= rates.draws.shape[1]:
        return replace(rates, draws=rates.draws[:, :horizon])
    return rates_ahead(world, rates.currencies, horizon)


def _as_of(
    world: StudyInputs,
    products: Sequence[ProductAnalysis],
    then: Mapping[str, Mapping[str, Earlier]],
    today: ChoiceSet,
    when: tuple[int, int],
) -> Replay:
    year, horizon = when
    draws = draws_by_code(world, products, day=year, years=horizon)
    shelves = {
        model: replace(shelf, outlets=_then(shelf, then[shelf.code], draws[shelf.code]))
        for model, shelf in today.shelves.items()
    }
    markets = world.study.markets.model_copy(update={"horizon": horizon})
    study = world.study.model_copy(update={"markets": markets})
    return Replay(ChoiceSet(study, shelves, draws, today.rates), then, year)


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
