"""The history of exchange rates that the warehouse has, in CNY for one unit."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from offing.settlement.simulation import PATHS, Floats, RateHistory, common_days, simulate
from offing.terms.errors import InputError, MissingDataError
from offing.terms.exchange import FRESH, OLDEST
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
