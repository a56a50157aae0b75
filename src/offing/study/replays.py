"""What the decisions of earlier years are made from: the study with ledger and trade cut there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import polars as pl

from offing.forecast.backtest.run import record_years
from offing.planning.offers import Key
from offing.study.analysis import ProductAnalysis
from offing.study.backtest import Replay
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standings, imports_of, standings_of
from offing.study.plan import build_choice_set, draws_by_code
from offing.study.sales import sales_of
from offing.study.schema import Line, ModelFacts
from offing.study.unknown import replace_hours, reserved_hours
from offing.terms.errors import OffingError
from offing.terms.frames import exact_sum
from offing.warehouse.exchange_rates import fx_of


def replays(
    world: StudyInputs, products: Sequence[ProductAnalysis]
) -> tuple[tuple[Replay, ...], tuple[int, ...]]:
    """What each earlier year's decision is made from, by the stages of today's plan.

    Shares, prices, units, elasticity, survival and outlook are fitted on what was there at the
    year's end. Of that day are the rates and, where they are known, duties and refunds; costs of a
    unit and of markets, limits and prices of entries have no date and are today's.

    Args:
        world: the study and what it rests on.
        products: its models.

    Returns:
        The decisions yet to be made, the earliest first; and years with a known outcome before
        which the ledger has no twelve months.
    """
    days = world.sales.filter(pl.col("on") <= world.study.on)["on"]
    began, ends = days.min(), days.max()
    fits = {studied.demand.fitted.task: studied.demand.fitted for studied in products}
    windows = [
        next(record_years(fitted.whole.history, task.horizon), (task.horizon, []))
        for task, fitted in fits.items()
    ]
    if not (isinstance(began, date) and isinstance(ends, date)):
        return (), ()
    years = set.intersection(*(set(years) for _, years in windows))
    horizon = min(horizon for horizon, _ in windows)
    early = {year for year in years if (began.year, began.month) > (year, 1)}
    rates = _mean_rates(world.history)
    earlier: list[tuple[StudyInputs, dict[int, float]]] = []
    for year in sorted(years - early):
        came = {y: rates[y] for y in range(year + 1, year + horizon + 1) if y in rates}
        with suppress(OffingError):
            if len(came) == horizon:
                earlier.append((inputs_as_of(world, year, horizon), came))
    made = []
    with ThreadPoolExecutor(1) as pool:  # models are trained while costs are looked up

        def draw(then: StudyInputs) -> Future[object]:
            day, years = then.study.on.year, then.study.markets.horizon
            drawing = partial(draws_by_code, then, products, day=day, years=years)
            return pool.submit(copy_context().run, drawing)

        drawn = [draw(then) for then in (*(then for then, _ in earlier), world) if earlier]
        for (then, came), ready in zip(earlier, drawn, strict=False):
            # The trade or the rules of a year may not carry a plan.
            with suppress(OffingError):
                replay = _replay(world, then, products, came, ready)
                # Where the country sold nothing where the firm may sell, there was nothing to
                # decide.
                if any(shelf.outlets for shelf in replay.choices.shelves.values()):
                    covered = (ends.year, ends.month) >= (replay.base_year + horizon, 12)
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
    used = reserved_hours(then, {})

    def had(line: Line) -> Decimal:
        return max(line.hours, Decimal(repr(used.get(line.key, 0.0))))

    return replace(then, study=replace_hours(then.study, had))


def _drop_prices(model: ModelFacts, markets: Collection[str]) -> ModelFacts:
    kept = {m: usd for m, usd in model.market_prices_usd.items() if m not in markets}
    return model.model_copy(update={"market_prices_usd": kept})


def _replay(
    world: StudyInputs,
    then: StudyInputs,
    products: Sequence[ProductAnalysis],
    came: Mapping[int, float],
    drawn: Future[object],
) -> Replay:
    """The decision of one year; ``came`` has CNY for one USD by year of the horizon."""
    bare = then.price_free
    trade: dict[tuple[str, str], Imports] = {}
    articles, undated = [], set[str]()
    for studied in products:
        facts = next(m for m in then.study.model if m.key == studied.key)
        goods = facts.code, facts.unit
        if goods not in trade:
            trade[goods] = imports_of(then, facts)
        imports = replace(trade[goods], facts=facts)
        standings = bare.keep(("standings", facts), partial(standings_of, bare, imports))
        todays = {m: studied.standings[m] for m in _unquoted_markets(standings, studied.standings)}
        standings = {**standings, **todays}
        undated |= set(todays)
        make = partial(sales_of, bare, facts, standings)
        sales = bare.keep(("sales", facts), make, todays)
        articles.append(replace(studied, imports=imports, standings=standings, sales=sales))
    drawn.result()
    choices, sold = build_choice_set(then, articles), _later_sales(products, came)
    exported = {key: usd for studied in products for key, usd in _exports(studied, world, came)}
    rates, year = tuple(came.values()), then.study.on.year
    return Replay(choices, year, sold, exported, rates, tuple(sorted(undated)))


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
