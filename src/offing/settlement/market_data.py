"""Everything that a comparison of currencies needs of a day: rates, spreads, simulated paths.

The history of exchange rates that the warehouse has, in CNY for one unit.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial

import numpy as np

from offing.settlement.deal import Market, Ndf
from offing.settlement.defaults import AssumedRate, Defaults, stated_rate
from offing.settlement.simulation import (
    PATHS,
    Floats,
    RateHistory,
    Simulated,
    common_days,
    simulate,
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
    horizon: int,
    walks: Mapping[str, tuple[Decimal, Decimal]],
    *,
    paths: int = PATHS,
    seed: int,
    before_end: int = 0,
) -> dict[str, Floats]:
    """Paths of every currency at the horizon, drawn together.

    Args:
        history: must hold USD where ``walks`` has anything.
        horizon: trading days.
        walks: currency without history → its units for one dollar and its yearly volatility
            against the dollar, both the user's. It follows the simulated dollar, and moves against
            it by a normal draw of that volatility (none for a peg).
        paths: number of paths.
        seed: of the generator.
        before_end: the rates so many days before the horizon instead, on the same paths.
    """
    table = simulate(history, horizon, paths=paths, seed=seed, before_end=before_end)
    rates = {code: table[:, at] for at, code in enumerate(history.currencies)}
    last = min(before_end, horizon)
    rng = np.random.default_rng([seed, 1])
    for code, (per_usd, volatility) in sorted(walks.items()):
        daily = float(volatility) / np.sqrt(252)
        walk = daily * np.sqrt(horizon) * rng.standard_normal(paths)
        # A Brownian bridge: where the same walk was some days before its end.
        aside = daily * np.sqrt((horizon - last) * last / horizon) * rng.standard_normal(paths)
        walk = walk * (horizon - last) / horizon + aside
        rates[code] = rates["USD"] / float(per_usd) * np.exp(walk - daily**2 * (horizon - last) / 2)
    return rates


def fixing_moves(
    history: RateHistory | None,
    horizon: int,
    days_before: Mapping[str, int],
    walks: Mapping[str, tuple[Decimal, Decimal]],
    *,
    paths: int = PATHS,
    seed: int,
) -> dict[str, Floats]:
    """By what share each currency moves between the fixing of an NDF and the payment.

    ``days_before`` is currency → working days between the two. The seed is that of the paths to
    maturity: these are their ends. ``walks``: see :func:`simulate_all`.
    """
    if history is None or not days_before:
        return {}
    end = simulate_all(history, horizon, walks, paths=paths, seed=seed)
    moves: dict[str, Floats] = {}
    for days in sorted(set(days_before.values())):
        fixed = simulate_all(history, horizon, walks, paths=paths, seed=seed, before_end=days)
        for code in (code for code, mine in days_before.items() if mine == days):
            moves[code] = end[code] / fixed[code] - 1.0
    return moves


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
    """The market of a day, the paths from it, and how they were drawn."""

    market: Market
    paths: Mapping[str, Floats]
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


@dataclass(frozen=True)
class Compared:
    """What is to be compared on a day.

    Attributes:
        on: the day.
        codes: currencies to compare, all with a history or the user's rate and volatility.
        days: calendar days to the last payment.
        seed: of the simulation.
        also: currencies of which only today's rate is needed.
        oldest: how many days old the newest rate may be.
    """

    on: date
    codes: Sequence[str]
    days: int
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
    horizon = trading_days(scope.days)
    interest = _stated_or_assumed(
        "interest", [*codes, "CNY"], own.interest, partial(defaults.interest, on=on)
    )
    ndf_markets = {code: defaults.ndf(code) for code in codes if code not in own.delivered}
    days = {code: ndf.fixing_days_before for code, ndf in ndf_markets.items() if ndf is not None}
    fixing = fixing_moves(history, horizon, days, walks, seed=scope.seed)
    ndf = {code: _ndf(code, defaults, on, own, fixing[code]) for code in days}
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
    if history is None:
        return MarketData(market, {}, Simulated(0, horizon, scope.seed, on, on))
    paths = simulate_all(history, horizon, walks, seed=scope.seed)
    how = Simulated(PATHS, horizon, scope.seed, history.days[0], on)
    return MarketData(market, _from_spot(paths, history, walks, spot), how)


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


def _ndf(code: str, defaults: Defaults, on: date, own: Own, fixing: Floats) -> Ndf:
    """What the non-deliverable forward that hedges a currency costs."""
    spread, basis = defaults.ndf_cost(code, on)
    if code in own.ndf_basis:
        basis = stated_rate(f"ndf.{code.lower()}.basis", own.ndf_basis[code])
    return Ndf(spread, basis, fixing)


def _from_spot(
    drawn: dict[str, Floats],
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
