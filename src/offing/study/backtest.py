"""The plan's own record: made in an earlier year, what did it promise, and what came of it?

The decision is made from the ledger and the trade cut at that year's end. What came is of three
kinds: *observed* is what the firm in fact sold; *imputed* what another price, plant or market would
have brought, by the firm's own sales of the time or its country's; *unknown* what nobody reported.

A second process does it, and loads nothing heavy.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.planning.inaction import PlanSolution
from offing.planning.kept_markets import left_of
from offing.planning.linear import InfeasibleError
from offing.planning.offers import Key
from offing.planning.outcome import Decision
from offing.planning.track_record import EarlierMove, EarlierPlan
from offing.study.choices import ChoiceSet
from offing.study.solve import build_programme, solve_plan
from offing.terms.errors import InputError, MissingDataError

Floats = NDArray[np.float64]
SMALL, TINY = 1e-6, 1e-9


@dataclass(frozen=True)
class Replay:
    """The decision as of the end of an earlier year, yet to be made, and what came.

    Attributes:
        choices: of that day, with the horizon to the outcome.
        base_year: that year.
        sold: (model, market) → units and FOB sales, USD, by year of the horizon; nothing sold where
            one is not in it. ``None`` where the ledger does not have these years.
        trade: (HS code, market) → the country's exports by year, USD; ``None`` of a year that the
            market did not report.
        rates: CNY for one USD, the mean of each year.
        todays_cost: markets whose landed cost is today's.
    """

    choices: ChoiceSet
    base_year: int
    sold: Mapping[Key, tuple[tuple[float, float], ...]] | None
    trade: Mapping[Key, tuple[float | None, ...]]
    rates: tuple[float, ...]
    todays_cost: tuple[str, ...] = ()


def replay_plans(past: Sequence[Replay]) -> tuple[EarlierPlan, ...]:
    """Make each decision, and see what came of it; one that the limits of today forbid is none."""
    plans = []
    for case in past:
        with suppress(InputError, MissingDataError, InfeasibleError):
            programme, _ = build_programme(case.choices)
            solved, _ = solve_plan(programme, case.choices, supposed=True, weighed=False)
            plans.append(_Outcome(solved, case).plan())
    return tuple(plans)


@dataclass(frozen=True)
class _Came:
    """Of a model in a market by year, over what was expected.

    Attributes:
        demand: what the market would have taken.
        sold: what the firm in fact sold; ``None`` where the trade alone tells.
        price: of a unit, USD.
        unlimited: whether hours were expected to be enough without moves.
    """

    demand: Floats
    sold: Floats | None
    price: Floats
    unlimited: NDArray[np.bool_]

    def taken_up(self, share: Floats) -> Floats:
        """What is sold of the demand that came: more than expected only where no limit binds."""
        whole = self.unlimited & (share > 1 - SMALL)
        return np.where(whole, self.demand, np.minimum(share, self.demand))


@dataclass(frozen=True)
class _Outcome:
    """A decision of an earlier year beside what came."""

    solved: PlanSolution
    replay: Replay

    def plan(self) -> EarlierPlan:
        facts = self.solved.programme.facts
        promised = came = unknown = 0.0
        for key in facts.keys:
            if (today := self._chosen_place(self.solved.stay.decision, key)) is None:
                continue
            usd = float(self.solved.stay.decision.share[-1, today] * facts.sales_usd[-1, today])
            then = self._came(key)
            if then is None:
                unknown += usd
            else:
                stay = self.solved.stay.decision.share[:, today]
                units = then.taken_up(stay) if then.sold is None else then.sold
                whole = float(facts.sales_usd[-1, today] * units[-1] * then.price[-1])
                promised, came = promised + usd, came + whole
        replay, moves = self.replay, tuple(self._move(m.kind, m.key) for m in self.solved.moves)
        known = replay.sold is not None
        return EarlierPlan(
            base_year=replay.base_year,
            horizon=replay.choices.study.markets.horizon,
            moves=moves,
            promised_usd=promised,
            came_usd=came,
            observed=known,
            unknown_usd=unknown,
            todays_cost=replay.todays_cost,
        )

    def _move(self, kind: str, key: Key) -> EarlierMove:
        decisions = self.solved.solution.decision, self.solved.stay.decision
        with_it, without = [
            [self._profit_of(one, key, came) for came in (None, self._came(key))]
            for one in decisions
        ]
        known = self._came(key) is not None
        promised, came = (one - other for one, other in zip(with_it, without, strict=True))
        left = kind == "leave" and self.replay.sold is not None
        return EarlierMove(kind, *key, promised, came if known else None, left)

    def _chosen_place(self, decision: Decision, key: Key) -> int | None:
        """The place of the offer that a decision takes for a model in a market."""
        facts = self.solved.programme.facts
        chosen = np.flatnonzero((facts.group == facts.keys.index(key)) & (decision.choice > 0.5))
        return int(chosen[0]) if chosen.size else None

    def _came(self, key: Key) -> _Came | None:
        """By the firm's own sales where it sold and the ledger has them, else by its country's.

        What it sold is all that the market would have taken where hours were left; where they were
        not, the trade may say that it was more.
        """
        facts, replay = self.solved.programme.facts, self.replay
        today, trade = self._chosen_place(self.solved.stay.decision, key), self._trade_surprise(key)
        years = len(facts.units)
        full = np.ones(years)
        if today is not None:
            full = self.solved.stay.decision.share[:, today]
        if today is None or replay.sold is None:
            return None if trade is None else _Came(trade, None, np.ones(years), full > 1 - SMALL)
        units, usd = np.array(replay.sold.get(key, ((0.0, 0.0),) * years)).T
        expected = facts.units[:, today]
        price = facts.sales_usd[:, today] / np.maximum(expected, TINY)
        sold = _ratio(units, expected)
        more = sold if trade is None else np.where(sold < full, sold, np.maximum(sold, trade))
        dearer = np.where(units > 0, usd / np.maximum(units * price, TINY), 1.0)
        return _Came(more, sold, dearer, full > 1 - SMALL)

    def _trade_surprise(self, key: Key) -> Floats | None:
        """The country's exports over what was expected of them, by year."""
        code = self.replay.choices.shelves[key[0]].code
        exports, draws = self.replay.trade.get((code, key[1])), self.replay.choices.draws[code]
        if exports is None or None in exports:
            return None
        mean = draws.sales_usd[:, :, draws.markets.index(key[1])].mean(axis=0)
        return _ratio(np.array(exports, dtype=float), mean)

    def _profit_of(self, decision: Decision, key: Key, came: _Came | None) -> float:
        """What a decision earns with a model in a market, CNY discounted: as expected, or as came.

        The costs of a unit are those that were expected; what a unit is sold at is what came, at
        the exchange rate that came.
        """
        index, programme = self._chosen_place(decision, key), self.solved.programme
        if index is None and left_of(programme.rows, decision.choice).get(key[1], 0.0) > 0:
            # Others are sold there: the part of what the market costs stays.
            index = self._chosen_place(self.solved.stay.decision, key)
        if index is None:
            return 0.0
        rates = self.replay.choices.rates
        facts, offer = programme.facts, programme.offers.rows[index]
        units, profit, usd = decision.share[:, index], facts.profit_cny[:, index], facts.sales_usd
        alive = facts.alive[:, index]
        if came is not None:
            expected = rates.dollars.mean(axis=0)
            profit = profit + usd[:, index] * (came.price * np.array(self.replay.rates) - expected)
            units = came.taken_up(units)
            if came.sold is not None:
                stay = self.solved.stay.decision
                today = self._chosen_place(stay, key)
                units = units * _ratio(came.sold, came.taken_up(stay.share[:, today]))
                # A market in which nothing is sold any more costs nothing to keep.
                alive = (came.sold > 0).astype(float)
        yearly = units * profit - offer.keep_cny * alive
        return float(programme.offers.discount @ yearly) - offer.entry_cny


def _ratio(part: Floats, whole: Floats) -> Floats:
    """One over the other; nothing where the other is."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
