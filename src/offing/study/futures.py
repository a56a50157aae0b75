"""What may come, as the plan draws it: the origin's sales by market, and exchange rates."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from offing.forecast.outlook.draws import Draws, draw
from offing.forecast.outlook.forecast import Outlooks, of_origin, outlooks_ahead
from offing.forecast.ranking import FittedProduct
from offing.planning.scenarios import (
    SCENARIOS,
    MarketDraws,
    Rates,
    simulated_rates,
)
from offing.settlement.history import read_history
from offing.study.analysis import ProductAnalysis
from offing.study.inputs import StudyInputs
from offing.terms.caution import Caution
from offing.terms.errors import InputError, RuleError
from offing.warehouse.exchange_rates import quoted

Floats = NDArray[np.float64]

LARGEST_GROWTH = 20.0
"""Of a flow between the plan's day and a year of the horizon: a flow of almost nothing has no
growth rate."""


def draws_from(
    fitted: FittedProduct, product: str, origin: str, *, day: int, years: int, seed: int
) -> MarketDraws:
    """What the origin may sell in every market, with the year of the plan's day as its base.

    The horizon counts from that day: where the data end before it, the years between are forecast,
    too, and every interval is the wider.

    Args:
        fitted: the product with its outlook at the base year of the data, and what months of later
            years say; a plan of an earlier day is made from what was known then.
        product: HS code.
        origin: the exporter.
        day: the year of the plan's day.
        years: of the horizon.
        seed: of the draws.

    Raises:
        MissingDataError: see :func:`~offing.forecast.outlook.distribution.draw`.
    """
    whole, cast = fitted.whole, fitted.nowcast
    base = min(whole.base_year, day)
    ahead = [year - base for year in range(day, day + years + 1) if year > base]
    forecasts = outlooks_ahead(whole.history, base, ahead)
    if cast is not None and base == cast.base_year:
        forecasts = tuple(cast.applied(outlook) for outlook in forecasts)
    if whole.model is None:
        return _certain(forecasts, product, origin, day)
    drawn = draw(forecasts, product, origin, n=SCENARIOS, seed=seed)
    base_sales = drawn.base_usd if day <= base else None
    return _from_the_day(drawn, base_sales)


def draws_by_code(
    world: StudyInputs, products: Iterable[ProductAnalysis], *, day: int, years: int
) -> dict[str, MarketDraws]:
    """HS code → what the origin may sell, see :func:`draws_from`."""
    fitted = {p.imports.facts.code: p.demand.fitted for p in reversed([*products])}
    origin, seed = world.study.firm.origin, world.study.seed
    return {
        code: draws_from(of_code, code, origin, day=day, years=years, seed=seed)
        for code, of_code in fitted.items()
    }


def _certain(forecasts: Sequence[Outlooks], product: str, origin: str, day: int) -> MarketDraws:
    """One year of data tells no distribution: every scenario has the mean, and the caution says so.

    What the firm itself does not know, its shares, rates and costs, is drawn all the same.
    """
    by_year = [
        {market: flow for (market, _), flow in of_origin(forecast, product, origin).items()}
        for forecast in forecasts
    ]
    markets = tuple(by_year[0])
    base = np.array([by_year[0][market].base_usd for market in markets])
    expected = np.array([[year[market].expected_usd for market in markets] for year in by_year])
    years = tuple(forecast.base_year + forecast.horizon for forecast in forecasts)
    sales = np.broadcast_to(expected, (SCENARIOS, *expected.shape)).copy()
    draws = Draws(product, origin, markets, years, base, expected, sales)
    return _from_the_day(draws, base if day <= forecasts[0].base_year else None)


def _from_the_day(draws: Draws, base_sales: Floats | None) -> MarketDraws:
    """Draws whose base is the year of the plan's day.

    Where nothing is sold then, the mean of the first year stands in for the base: the size of an
    entry is a share of it.

    Args:
        draws: of the year of the day, where it is not known, and of the years of the horizon.
        base_sales: sales in the year of the day, M; ``None`` where they are drawn.
    """
    if base_sales is not None:
        base, later, years = base_sales.copy(), draws.sales_usd, draws.years
        today = np.broadcast_to(base_sales, later[:, 0, :].shape)
        first = draws.expected_usd[0]
    else:
        base, later, years = draws.expected_usd[0].copy(), draws.sales_usd[:, 1:], draws.years[1:]
        today, first = draws.sales_usd[:, 0, :], draws.expected_usd[1]
    empty = ~(base > 0)
    base[empty] = first[empty]
    base[~(base > 0)] = 1.0
    # A flow grows from its own draw of today; where that is nothing, there is nothing to grow.
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(today[:, None, :] > 0, later / today[:, None, :], 0.0)
    growth = np.where(empty, later / base, np.minimum(growth, LARGEST_GROWTH))
    return MarketDraws(draws.markets, years, base, growth * base, product=draws.product)


def rates_ahead(world: StudyInputs, currencies: Sequence[str], years: int) -> Rates:
    """Simulated rates of the currencies of the plan's invoices, the dollar first.

    One without daily rates follows the dollar, with the study's own volatility against it; where
    it gives none, without a movement of its own: see :func:`only_level`.

    Raises:
        InputError: ``study.no_rate_of_invoices`` for a currency without any rate of the day.
    """
    study = world.study
    named = list(dict.fromkeys(["USD", *(code for code in currencies if code != "CNY")]))
    volatility = study.settlement.volatility if study.settlement else {}
    quoted_codes = quoted(world.warehouse, study.on, study.rates_age)
    daily = [code for code in named if code in quoted_codes]
    walked = [code for code in named if code not in quoted_codes]
    history = read_history(world.warehouse, daily, study.on, study.rates_age)
    rates = simulated_rates(history, years, paths=SCENARIOS, seed=study.seed)
    for code in walked:
        today = float(_level(world, code))
        rates = _walking(rates, code, today, float(volatility.get(code, 0)), study.seed)
    # A reform's exchange rates move the level; what the scenarios do about it stays.
    moved = np.array([_moved(world, code) for code in rates.currencies])
    return replace(rates, today=rates.today * moved, draws=rates.draws * moved)


def _level(world: StudyInputs, code: str) -> Decimal:
    """CNY for one unit of a currency without daily rates."""
    try:
        return world.rates.convert(Decimal(1), code, "CNY")
    except RuleError as error:
        on = world.study.on
        raise InputError("study.no_rate_of_invoices", currency=code, on=on) from error


def only_level(world: StudyInputs, rates: Rates) -> Iterator[Caution]:
    """Currencies of the plan whose level alone is known: no scenario moves them."""
    study = world.study
    quoted_codes = quoted(world.warehouse, study.on, study.rates_age)
    volatility = study.settlement.volatility if study.settlement else {}
    for code in rates.currencies:
        if code not in quoted_codes and code not in volatility:
            yield Caution("study.warn_only_level", {"currency": code})


def _walking(rates: Rates, code: str, today: float, volatility: float, seed: int) -> Rates:
    """Rates with a currency that follows the dollar and walks about it; its mean is today's."""
    dollar = rates.currencies.index("USD")
    count, years, _ = rates.draws.shape
    steps = np.sqrt(np.array([0.5, *[1.0] * (years - 1)])) * volatility
    rng = np.random.default_rng([seed, *code.encode()])
    about = np.exp(np.cumsum(rng.standard_normal((count, years)) * steps, axis=1))
    drawn = rates.draws[:, :, dollar] * about
    drawn = drawn * (today / drawn.mean(axis=0))
    return Rates(
        (*rates.currencies, code),
        np.append(rates.today, today),
        np.concatenate([rates.draws, drawn[:, :, None]], axis=2),
    )


def _moved(world: StudyInputs, currency: str) -> float:
    """CNY for one unit under the rules of the world over that of the day."""
    if currency == "CNY" or world.fx is world.rates:
        return 1.0
    unit = Decimal(1)
    now, day = (fx.convert(unit, currency, "CNY") for fx in (world.fx, world.rates))
    return float(now / day)
