"""The plan's own record: made in an earlier year, what did it promise, and what came of it?

The same decision is made as of earlier years, with that year's trade and the outlook that it gave,
and with the firm's prices, costs, limits and shares of today, since nothing older is known of it.
What came is of three kinds. *Observed*: what the firm's flows of today would have done, by what its
country's did. *Imputed*: what an entry, another plant or another price would have brought, by the
same trade and today's costs. Whether the buyers would have come is unknowable.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from offing.planning.facts import Facts
from offing.planning.inaction import Plan as Solved
from offing.planning.linear import InfeasibleError
from offing.planning.offering import Outlet, Selling
from offing.planning.outcome import Decision
from offing.planning.scenarios import MarketDraws, Rates
from offing.study.earlier import Earlier
from offing.study.file import Study
from offing.study.futures import draws_from, rates_ahead
from offing.study.offering import Shelf
from offing.study.plan import Stage, dollar_of, solved_of
from offing.study.result import EarlierPlan
from offing.study.studied import Studied
from offing.study.world import World
from offing.terms.errors import InputError, MissingDataError

Known = Mapping[str, Mapping[int, Mapping[str, Earlier]]]
"""HS code → base year → market → sales."""


@dataclass(frozen=True)
class Replay:
    """The decision as of an earlier year, yet to be made.

    Attributes:
        study: with the horizon to the outcome.
        shelves: by model, with that year's trade.
        draws: by HS code, as of that year.
        rates: of exchange, today's.
        then: HS code → market → sales as of that year.
        base_year: that year.
    """

    study: Study
    shelves: Mapping[str, Shelf]
    draws: Mapping[str, MarketDraws]
    rates: Rates
    then: Mapping[str, Mapping[str, Earlier]]
    base_year: int


def replays(
    world: World, products: Sequence[Studied], records: Known, stage: Stage, horizon: int
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


def _rates(world: World, stage: Stage, horizon: int) -> Rates:
    """Today's rates so many years ahead: a record reaches further than the plan where the plan
    begins years after the data end.
    """
    years = stage.rates.draws.shape[1]
    if horizon <= years:
        return replace(stage.rates, draws=stage.rates.draws[:, :horizon])
    return rates_ahead(world, stage.rates.currencies, horizon)


def replayed(past: Sequence[Replay]) -> tuple[EarlierPlan, ...]:
    """Make each decision, and see what came of it; one that the limits of today forbid is none."""
    plans = []
    for case in past:
        with suppress(InputError, MissingDataError, InfeasibleError):
            solved = solved_of(
                case.study, case.shelves, case.draws, case.rates, supposed=True, weighed=False
            )[1]
            plans.append(_record(solved, case))
    return tuple(plans)


def _as_of(
    world: World,
    products: Sequence[Studied],
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


def _then(shelf: Shelf, then: Mapping[str, Earlier], draws: MarketDraws) -> tuple[Outlet, ...]:
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


@dataclass
class _Sums:
    """USD of the last year, see :class:`~offing.study.result.EarlierPlan`."""

    promised: float = 0.0
    came: float = 0.0
    unchanged: float = 0.0
    earned: float = 0.0
    still: float = 0.0
    imputed: float = 0.0


def _record(solved: Solved, replay: Replay) -> EarlierPlan:
    """What was promised and what came, in the last year, at the costs of today.

    Observed is what today's way would have earned on the trade that came, where the plan keeps it.
    What another plant, price or market would have earned instead nobody saw: that is imputed.
    """
    facts, sums, dollar = solved.programme.facts, _Sums(), dollar_of(replay.rates)
    code_of = {model: shelf.code for model, shelf in replay.shelves.items()}
    for group, (model, market) in enumerate(facts.keys):
        was = replay.then[code_of[model]][market]
        # What came over what was expected of the flow; the firm's share of it is today's.
        ratio = was.later / was.expected if was.expected > 0 else 0.0
        today, chosen = (
            _taken(side.decision, facts, group) for side in (solved.stay, solved.solution)
        )
        share = 0.0 if chosen is None else float(solved.solution.decision.share[-1, chosen])
        if today is None:
            if chosen is not None:
                entry = solved.programme.offers.rows[chosen].entry_cny
                sums.imputed += (_margin(solved, chosen, share, ratio) - entry) / dollar
            continue
        still = float(solved.stay.decision.share[-1, today])
        expected = float(facts.sales_usd[-1, today])
        sums.promised += share * expected
        sums.came += share * expected * ratio
        sums.unchanged += still * (expected * was.base / was.expected if was.expected > 0 else 0.0)
        sums.still += _margin(solved, today, still, ratio) / dollar
        seen = _margin(solved, today, share, ratio)
        sums.earned += seen / dollar
        if chosen not in (None, today):
            sums.imputed += (_margin(solved, chosen, share, ratio) - seen) / dollar
    return EarlierPlan(
        base_year=replay.base_year,
        horizon=replay.study.markets.horizon,
        moves=len(solved.moves),
        promised_usd=sums.promised,
        came_usd=sums.came,
        unchanged_usd=sums.unchanged,
        earned_usd=sums.earned,
        still_usd=sums.still,
        imputed_usd=sums.imputed,
    )


def _taken(decision: Decision, facts: Facts, group: int) -> int | None:
    """The place of the offer that a decision takes for a model in a market."""
    chosen = np.flatnonzero((facts.group == group) & (decision.choice > 0.5))
    return int(chosen[0]) if chosen.size else None


def _margin(solved: Solved, index: int | None, share: float, ratio: float) -> float:
    """Margin of an offer in the last year on the trade that came, CNY, after keeping its market."""
    if index is None or not share:
        return 0.0
    facts, offer = solved.programme.facts, solved.programme.offers.rows[index]
    keep = offer.keep_cny * float(facts.alive[-1, index])
    return share * float(facts.profit_cny[-1, index]) * ratio - keep
