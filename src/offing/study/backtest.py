"""The plan's own record: made in an earlier year, what did it promise, and what came of it?

The decision is made from the ledger and the trade cut at that year's end. What came is told apart:
*observed* is what the firm in fact sold; *imputed* what another price, plant or market would have
brought, by the firm's own sales of the time or its country's; *unknown* what nobody reported.

A second process does it, and loads nothing heavy.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.planning.inaction import PlanSolution
from offing.planning.linear import InfeasibleError
from offing.planning.offers import Key
from offing.planning.outcome import Decision
from offing.planning.track_record import EarlierMove, EarlierPlan
from offing.study.analysis import ProductAnalysis
from offing.study.choices import ChoiceSet
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standings, imports_of, standings_of
from offing.study.plan import build_choice_set
from offing.study.sales import sales_of
from offing.study.schema import ModelFacts
from offing.study.solve import build_programme, solve_plan
from offing.study.unknown import reserved_hours
from offing.terms.errors import InputError, MissingDataError, OffingError
from offing.terms.sums import exact_sum
from offing.warehouse.exchange_rates import fx_of

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
        return EarlierPlan(
            self.replay.base_year,
            self.replay.choices.study.markets.horizon,
            tuple(self._move(move.kind, (move.model, move.market)) for move in self.solved.moves),
            promised,
            came,
            self.replay.sold is not None,
            unknown,
            self.replay.todays_cost,
        )

    def _move(self, kind: str, key: Key) -> EarlierMove:
        decisions = self.solved.solution.decision, self.solved.stay.decision
        with_it, without = [
            [self._profit_of(one, key, came) for came in (None, self._came(key))]
            for one in decisions
        ]
        known = self._came(key) is not None
        return EarlierMove(
            kind,
            *key,
            with_it[0] - without[0],
            with_it[1] - without[1] if known else None,
            kind == "leave" and self.replay.sold is not None,
        )

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
        index = self._chosen_place(decision, key)
        if index is None:
            return 0.0
        programme, rates = self.solved.programme, self.replay.choices.rates
        facts, offer = programme.facts, programme.offers.rows[index]
        units, profit, usd = decision.share[:, index], facts.profit_cny[:, index], facts.sales_usd
        alive = facts.alive[:, index]
        if came is not None:
            expected = rates.draws[:, :, rates.currencies.index("USD")].mean(axis=0)
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


def replays(
    world: StudyInputs, products: Sequence[ProductAnalysis]
) -> tuple[tuple[Replay, ...], tuple[int, ...]]:
    """What each earlier year's decision is made from, by the stages of today's plan.

    Shares, prices, units, elasticity, survival and outlook are fitted on what was there at the
    year's end. Of that day are the rates and, where they are known, duties and refunds; costs of a
    unit and of markets, limits and prices of entries have no date and are today's.

    Args:
        world: the study and what it rests on.
        products: its models, with their records.

    Returns:
        The decisions yet to be made, the earliest first; and years with a known outcome before
        which the ledger has no twelve months.
    """
    days = world.sales.filter(pl.col("on") <= world.study.on)["on"]
    began, ends = days.min(), days.max()
    records = [studied.record for studied in products if studied.record is not None]
    if not (isinstance(began, date) and isinstance(ends, date) and records):
        return (), ()
    years = set.intersection(*(set(record.backtest.origins) for record in records))
    horizon = min(record.backtest.horizon for record in records)
    early = {year for year in years if (began.year, began.month) > (year, 1)}
    made, rates = [], _mean_rates(world.history)
    for year in sorted(years - early):
        came = {y: rates[y] for y in range(year + 1, year + horizon + 1) if y in rates}
        # The trade or the rules of a year may not carry a plan.
        with suppress(OffingError):
            if len(came) < horizon:
                continue
            replay = _replay(world, products, year, came)
            # Where the country sold nothing where the firm may sell, there was nothing to decide.
            if any(shelf.outlets for shelf in replay.choices.shelves.values()):
                covered = (ends.year, ends.month) >= (year + horizon, 12)
                made.append(replay if covered else replace(replay, sold=None))
    return tuple(made), tuple(sorted(early))


def inputs_as_of(world: StudyInputs, year: int, horizon: int) -> StudyInputs:
    """The study as of the last day of a year: later lines of the ledger and rates are cut.

    A line has today's hours, and no fewer than the sales of the twelve months took.

    Raises:
        RuleError: there are no rates of the day.
    """
    study, on = world.study, date(year, 12, 31)
    updates: dict[str, object] = {
        "on": on,
        "markets": study.markets.model_copy(update={"year": year, "horizon": horizon}),
        # What may be done about currencies is no part of the record.
        "settlement": None,
    }
    ledger = world.ledger
    if study.ledger is not None and ledger is not None:
        ledger = replace(ledger, sales=ledger.sales.filter(pl.col("on") <= on))
        # A price that is asked today was not asked then where the firm had its own.
        sold_in = set(ledger.sales["market"].unique())
        updates["ledger"] = study.ledger.model_copy(update={"keep_prices": True})
        updates["model"] = [_drop_prices(model, sold_in) for model in study.model]
    then = replace(
        world,
        study=Study.model_construct(**{**dict(study), **updates}),
        rates=fx_of(world.warehouse, on, oldest=study.rates_age),
        history=world.history.filter(pl.col("on") <= on),
        ledger=ledger,
    )
    # The firm had the hours that it used.
    used = reserved_hours(then, ())
    plants = [
        plant.model_copy(
            update={
                "line": [
                    line.model_copy(
                        update={"hours": max(line.hours, Decimal(repr(used.get(line.key, 0.0))))}
                    )
                    for line in plant.line
                ]
            }
        )
        for plant in study.plant
    ]
    return replace(then, study=Study.model_construct(**{**dict(then.study), "plant": plants}))


def _drop_prices(model: ModelFacts, markets: Collection[str]) -> ModelFacts:
    kept = {m: usd for m, usd in model.market_prices_usd.items() if m not in markets}
    return model.model_copy(update={"market_prices_usd": kept})


def _replay(
    world: StudyInputs, products: Sequence[ProductAnalysis], year: int, came: Mapping[int, float]
) -> Replay:
    """The decision of one year; ``came`` has CNY for one USD by year of the horizon."""
    then = inputs_as_of(world, year, len(came))
    trade: dict[tuple[str, str], Imports] = {}
    articles, undated = [], set[str]()
    for studied in products:
        facts = next(m for m in then.study.model if m.key == studied.key)
        goods = facts.code, facts.unit
        if goods not in trade:
            trade[goods] = imports_of(then, facts)
        imports = replace(trade[goods], facts=facts)
        standings = standings_of(then, imports)
        todays = {m: studied.standings[m] for m in _unquoted_markets(standings, studied.standings)}
        standings = {**standings, **todays}
        undated |= set(todays)
        sales = sales_of(then, facts, standings)
        articles.append(replace(studied, imports=imports, standings=standings, sales=sales))
    choices = build_choice_set(then, articles)
    return Replay(
        choices,
        year,
        _later_sales(products, came),
        {key: usd for studied in products for key, usd in _exports(studied, world, came)},
        tuple(came.values()),
        tuple(sorted(undated)),
    )


def _unquoted_markets(then: Standings, today: Standings) -> Iterator[str]:
    """Markets whose landed cost is not known of the day, and is of today."""
    for market, standing in then.items():
        if standing.cost.quote is None and market in today and today[market].cost.quote is not None:
            yield market


def _later_sales(
    products: Sequence[ProductAnalysis], ahead: Iterable[int]
) -> Mapping[Key, tuple[tuple[float, float], ...]]:
    """What the ledger has of later years, in units and at FOB."""
    found = {}
    for studied in products:
        for market, record in studied.sales.records.items():
            by_year = dict.fromkeys(ahead, (0.0, 0.0))
            for month in record.monthly:
                if (year := month.first.year) in by_year:
                    units, usd = by_year[year]
                    by_year[year] = units + month.units, usd + month.net_usd * record.to_fob
            found[studied.key, market] = tuple(by_year.values())
    return found


def _exports(
    studied: ProductAnalysis, world: StudyInputs, ahead: Iterable[int]
) -> Iterator[tuple[Key, tuple[float | None, ...]]]:
    """The origin's exports of the code in later years; ``None`` where a market did not report."""
    history, flows = studied.demand.fitted.whole.history, studied.imports.flows
    mine = flows.filter(pl.col("exporter") == world.study.firm.origin)
    sums = mine.group_by("year", "importer").agg(exact_sum())
    came = {(year, market): usd for year, market, usd in sums.iter_rows()}
    reported = [history.pairs(year).present for year in ahead]
    for market, place in history.index.items():
        yield (
            (studied.imports.facts.code, market),
            tuple(
                came.get((year, market), 0.0) if there[place] else None
                for year, there in zip(ahead, reported, strict=True)
            ),
        )


def _mean_rates(history: pl.DataFrame) -> Mapping[int, float]:
    """Year → CNY for one USD, the mean of its days."""
    means = (
        history.filter(pl.col("currency").is_in(["CNY", "USD"]))
        .group_by(pl.col("on").dt.year(), "currency")
        .agg(pl.col("per_eur").cast(pl.Float64).mean())
    )
    per_eur = {(year, code): rate for year, code, rate in means.iter_rows()}
    years = sorted(year for year, code in per_eur if code == "CNY" and (year, "USD") in per_eur)
    return {year: per_eur[year, "CNY"] / per_eur[year, "USD"] for year in years}
