"""Everything that a comparison of currencies needs of a day: rates, spreads, simulated paths.

The history of exchange rates that the warehouse has, in CNY for one unit.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise

import numpy as np

from offing.settlement.deal import Market, Ndf
from offing.settlement.defaults import AssumedRate, Defaults, stated_rate
from offing.settlement.simulation import (
    PATHS,
    Floats,
    RateHistory,
    Simulated,
    common_days,
    simulate_at,
    trading_days,
)
from offing.terms.errors import InputError, MissingDataError
from offing.terms.exchange import FRESH, OLDEST, FxTable
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import (
    fx_history,
    last_of_others,
    last_rate_day,
    quoted_currencies,
)


def last_day(warehouse: Warehouse) -> date:
    """The newest day with a CNY rate: the ECB's, or of another table that is weeks newer.

    Raises:
        MissingDataError: ``settle.no_rates`` where the warehouse has no rates of CNY.
    """
    if (day := last_rate_day(warehouse, "CNY")) is None:
        raise MissingDataError("settle.no_rates", folder=warehouse.folder)
    other = last_of_others(warehouse, date.today())  # noqa: DTZ011 - the user's own day
    return other if other and other - day > FRESH else day


def read_history(
    warehouse: Warehouse, currencies: Sequence[str], on: date, oldest: int = OLDEST
) -> RateHistory:
    """The history of currencies up to a day; its last rate may be ``oldest`` days before it.

    Raises:
        InputError: ``settle.no_history`` for one that the ECB does not quote on the day.
    """
    quoted_codes = quoted_currencies(warehouse, on, oldest)
    for code in currencies:
        if code not in quoted_codes:
            raise InputError("settle.no_history", currency=code, on=on)

    def read() -> RateHistory:
        return common_days(fx_history(warehouse, ["CNY", *currencies], on), list(currencies))

    return warehouse.made_once(("history", tuple(currencies), on), read)


def simulate_all(
    history: RateHistory,
    ends: Collection[int],
    walks: Mapping[str, tuple[Decimal, Decimal]],
    *,
    paths: int = PATHS,
    seed: int,
) -> dict[int, dict[str, Floats]]:
    """Every currency after each of so many trading days, all on the same paths, drawn together.

    Args:
        history: must hold USD where ``walks`` has anything.
        ends: trading days.
        walks: currency without history → its units for one dollar and its yearly volatility
            against the dollar, both the user's. It follows the simulated dollar, and moves against
            it by a normal draw of that volatility (none for a peg).
        paths: number of paths.
        seed: of the generator.
    """
    days = sorted(set(ends))
    before_end = [days[-1] - day for day in days]
    tables = simulate_at(history, days[-1], before_end, paths=paths, seed=seed)
    rates = {
        day: {code: table[:, at] for at, code in enumerate(history.currencies)}
        for day, table in zip(days, tables, strict=True)
    }
    rng = np.random.default_rng([seed, 1])
    for code, (per_usd, volatility) in sorted(walks.items()):
        daily, walk = float(volatility) / np.sqrt(252), np.zeros(paths)
        for before, day in pairwise([0, *days]):
            walk = walk + daily * np.sqrt(day - before) * rng.standard_normal(paths)
            rates[day][code] = (
                rates[day]["USD"] / float(per_usd) * np.exp(walk - daily**2 * day / 2)
            )
    return rates


def fixing_moves(
    rates: Mapping[int, Mapping[str, Floats]], code: str, ends: Mapping[int, int], before: int
) -> dict[int, Floats]:
    """By what share a currency moves between the fixing of an NDF and each payment.

    ``rates`` are those of :func:`simulate_all`, ``ends`` days to a payment → trading days;
    ``before`` trading days lie between the two.
    """
    return {
        days: rates[end][code] / rates[max(end - before, 0)][code] - 1.0
        for days, end in ends.items()
    }


ZERO = Decimal(0)


@dataclass(frozen=True)
class Own:
    """What the user gives in place of a default or of the ECB's history.

    Attributes:
        interest: currency → yearly rate.
        spreads: currency → the bank's bid-ask spread.
        ndf_basis: currency → what its NDF lies off covered parity, a year.
        per_usd: currency → units for one dollar.
        volatility: currency without history → yearly volatility against the dollar.
        delivered: currencies that the user's bank delivers forward.
        cny_discount: what buyers ask for paying in CNY.
    """

    interest: Mapping[str, Decimal] = field(default_factory=dict)
    spreads: Mapping[str, Decimal] = field(default_factory=dict)
    ndf_basis: Mapping[str, Decimal] = field(default_factory=dict)
    per_usd: Mapping[str, Decimal] = field(default_factory=dict)
    volatility: Mapping[str, Decimal] = field(default_factory=dict)
    delivered: frozenset[str] = frozenset()
    cny_discount: Decimal = ZERO


@dataclass(frozen=True)
class MarketData:
    """The market of a day, the paths from it by the days to a payment, and how they were drawn."""

    market: Market
    paths: Mapping[int, Mapping[str, Floats]]
    simulated: Simulated


def currencies_without_rates(
    codes: Sequence[str], listed: frozenset[str], own: Own, levels: Collection[str] = ()
) -> list[str]:
    """The currencies without a history and without a rate and a volatility by the user.

    ``levels`` are currencies whose rate is known from a monthly collection: a volatility will do.
    """
    rated = {*own.per_usd, *levels}
    return [
        code
        for code in codes
        if code != "CNY" and code not in listed and not (code in rated and code in own.volatility)
    ]


def must_have_rates(codes: Sequence[str], listed: frozenset[str], own: Own, fx: FxTable) -> None:
    """Refuse the first of the currencies of which no rate or no movement is known.

    Raises:
        InputError: ``settle.ask_rate``, ``settle.ask_volatility``.
    """
    for code in currencies_without_rates(codes, listed, own, fx.thin):
        known = code in {*fx.thin, *own.per_usd}
        raise InputError("settle.ask_volatility" if known else "settle.ask_rate", currency=code)


@dataclass(frozen=True)
class Compared:
    """What is to be compared on a day.

    Attributes:
        on: the day.
        codes: currencies to compare, all with a history or the user's rate and volatility.
        days: calendar days to each payment.
        seed: of the simulation.
        also: currencies of which only today's rate is needed.
        oldest: how many days old the newest rate may be.
    """

    on: date
    codes: Sequence[str]
    days: Collection[int]
    seed: int
    also: Sequence[str] = ()
    oldest: int = OLDEST


def market_data(
    warehouse: Warehouse, scope: Compared, defaults: Defaults, fx: FxTable, own: Own | None
) -> MarketData:
    """The market and the paths for some currencies.

    Raises:
        InputError, MissingDataError, RuleError: a currency has no rate or too short a history.
    """
    own, on, codes = own or Own(), scope.on, scope.codes
    spot = {code: fx.rate("CNY", code)[0] for code in dict.fromkeys([*codes, *scope.also])}
    history, walks = _history_and_walks(warehouse, scope, own, fx)
    ends = {day: trading_days(day) for day in scope.days}
    interest = _stated_or_assumed(
        "interest", [*codes, "CNY"], own.interest, partial(defaults.interest, on=on)
    )
    before = _fixing_days(codes, defaults, own)
    stops = {max(end - days, 0) for end in ends.values() for days in (0, *before.values())}
    rates = {} if history is None else simulate_all(history, stops, walks, seed=scope.seed)
    ndf = {
        code: _ndf(code, defaults, on, own, fixing_moves(rates, code, ends, days))
        for code, days in before.items()
    }
    market = Market(
        on=on,
        spot=spot,
        interest={code: rate for code, rate in interest.items() if not rate.is_stale},
        stale={code: rate for code, rate in interest.items() if rate.is_stale},
        undelivered=frozenset(codes) - {"CNY", *defaults.deliverable, *own.delivered, *ndf},
        spreads=_stated_or_assumed(
            "spread", [*codes, "USD"], own.spreads, partial(defaults.spread, on=on)
        ),
        finance=defaults.finance(on),
        cny_discount=own.cny_discount,
        defaults=defaults,
        ndf=ndf,
    )
    drawn, first = (0, on) if history is None else (PATHS, history.days[0])
    how = Simulated(drawn, max(ends.values()), scope.seed, first, on)
    return MarketData(market, _paths_by_day(rates, ends, history, walks, spot), how)


def _history_and_walks(
    warehouse: Warehouse, scope: Compared, own: Own, fx: FxTable
) -> tuple[RateHistory | None, dict[str, tuple[Decimal, Decimal]]]:
    """From what paths are drawn: the history, and the rates that the user walks."""
    with_rates = quoted_currencies(warehouse, scope.on, scope.oldest)
    quoted_codes = [code for code in scope.codes if code in with_rates and code != "CNY"]
    unknown = [code for code in scope.codes if code not in with_rates and code != "CNY"]
    if unknown and "USD" not in quoted_codes:
        quoted_codes.append("USD")
    rates = {code: rate for code, (rate, _) in fx.thin.items()} | dict(own.per_usd)
    must_have_rates(unknown, with_rates, own, fx)
    walks = {code: (rates[code], own.volatility[code]) for code in unknown}
    if not quoted_codes:
        return None, walks
    return read_history(warehouse, quoted_codes, scope.on, scope.oldest), walks


def _stated_or_assumed(
    name: str,
    codes: Sequence[str],
    stated: Mapping[str, Decimal],
    assumed: Callable[[str], AssumedRate | None],
) -> dict[str, AssumedRate]:
    """The rate of each currency: the user's own, else the default where there is one."""
    rates = {
        code: stated_rate(f"{name}.{code.lower()}", stated[code])
        if code in stated
        else assumed(code)
        for code in dict.fromkeys(codes)
    }
    return {code: rate for code, rate in rates.items() if rate is not None}


def _fixing_days(codes: Sequence[str], defaults: Defaults, own: Own) -> dict[str, int]:
    """Currencies that a non-deliverable forward hedges → days from its fixing to the payment."""
    markets = {code: defaults.ndf(code) for code in codes if code not in own.delivered}
    return {code: ndf.fixing_days_before for code, ndf in markets.items() if ndf is not None}


def _ndf(code: str, defaults: Defaults, on: date, own: Own, fixing: Mapping[int, Floats]) -> Ndf:
    """What the non-deliverable forward that hedges a currency costs."""
    spread, basis = defaults.ndf_cost(code, on)
    if code in own.ndf_basis:
        basis = stated_rate(f"ndf.{code.lower()}.basis", own.ndf_basis[code])
    return Ndf(spread, basis, fixing)


def _from_spot(
    drawn: Mapping[str, Floats],
    history: RateHistory,
    walks: Mapping[str, tuple[Decimal, Decimal]],
    spot: Mapping[str, Decimal],
) -> dict[str, Floats]:
    """The paths from the rates that the user or a reform gives, in place of history's last."""
    last = dict(zip(history.currencies, history.cny_per_fc[-1].tolist(), strict=True))
    last |= {code: last["USD"] / float(per_usd) for code, (per_usd, _) in walks.items()}
    return {
        code: paths * (float(spot[code]) / last[code]) if code in spot else paths
        for code, paths in drawn.items()
    }


def _paths_by_day(
    rates: Mapping[int, Mapping[str, Floats]],
    ends: Mapping[int, int],
    history: RateHistory | None,
    walks: Mapping[str, tuple[Decimal, Decimal]],
    spot: Mapping[str, Decimal],
) -> dict[int, dict[str, Floats]]:
    """Days to a payment → the paths at their end, from today's rates; none without a history."""
    if history is None:
        return {days: {} for days in ends}
    moved = {end: _from_spot(rates[end], history, walks, spot) for end in set(ends.values())}
    return {days: moved[end] for days, end in ends.items()}
