"""The history of exchange rates that the warehouse has, in CNY for one unit."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from offing.costing.settlement.simulation import Floats, History, common_days, simulate
from offing.terms.errors import InputError, MissingDataError
from offing.warehouse import Warehouse


def last_day(warehouse: Warehouse) -> date:
    """The newest day with a CNY rate.

    Raises:
        MissingDataError: ``settle.no_rates`` where the warehouse has no rates of CNY.
    """
    if warehouse.has("fx_rates"):
        row = warehouse.duck.execute(
            f"SELECT max(\"on\") FROM {warehouse.source_sql('fx_rates')} WHERE currency = 'CNY'"
        ).fetchone()
        if row and isinstance(row[0], date):
            return row[0]
    raise MissingDataError("settle.no_rates", folder=warehouse.folder)


def quoted(warehouse: Warehouse, on: date, stale_days: int = 7) -> frozenset[str]:
    """The currencies that the ECB quotes on the day (or at most a week before), with the euro."""
    rows = warehouse.duck.execute(
        f'SELECT currency, max("on") FROM {warehouse.source_sql("fx_rates")} '
        'WHERE "on" <= ? GROUP BY currency',
        [on],
    ).fetchall()
    return frozenset({"EUR"} | {code for code, day in rows if (on - day).days <= stale_days})


def read_history(warehouse: Warehouse, currencies: Sequence[str], on: date) -> History:
    """The history of currencies up to a day.

    Raises:
        InputError: ``settle.no_history`` for one that the ECB does not quote on the day.
    """
    known = quoted(warehouse, on)
    for code in currencies:
        if code not in known:
            raise InputError("settle.no_history", currency=code, on=on)
    rows = warehouse.duck.execute(
        f'SELECT currency, "on", per_eur::DOUBLE FROM {warehouse.source_sql("fx_rates")} '
        'WHERE "on" <= ? AND list_contains(?, currency) ORDER BY currency, "on"',
        [on, ["CNY", *currencies]],
    ).fetchall()
    rates: dict[str, dict[date, float]] = {}
    for code, day, per_eur in rows:
        rates.setdefault(code, {})[day] = per_eur
    return common_days(rates, list(currencies))


def simulate_all(
    history: History,
    horizon: int,
    given: Mapping[str, tuple[Decimal, Decimal]],
    *,
    paths: int = 10_000,
    seed: int = 1,
) -> dict[str, Floats]:
    """Paths of every currency at the horizon, drawn together.

    Args:
        history: must hold USD where ``given`` has anything.
        horizon: trading days.
        given: currency without history → its units for one dollar and its yearly volatility
            against the dollar, both the user's. It follows the simulated dollar, and moves against
            it by a normal draw of that volatility (none for a peg).
        paths: number of paths.
        seed: of the generator.
    """
    table = simulate(history, horizon, paths=paths, seed=seed)
    made = {code: table[:, at] for at, code in enumerate(history.currencies)}
    rng = np.random.default_rng([seed, 1])
    for code, (per_usd, volatility) in sorted(given.items()):
        sigma = float(volatility) * np.sqrt(horizon / 252)
        shock = np.exp(sigma * rng.standard_normal(paths) - sigma**2 / 2)
        made[code] = made["USD"] / float(per_usd) * shock
    return made
