"""The ECB's exchange rates that are loaded: of a day, and over time."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from offing.terms.exchange import FxTable, check_given
from offing.warehouse.store import Warehouse

STALE = timedelta(days=7)
"""The longest run of days without an ECB rate is five (Easter, Christmas and a weekend)."""


def fx_of(warehouse: Warehouse, on: date, given: Mapping[str, Decimal] | None = None) -> FxTable:
    """The rates of a day from the warehouse.

    Args:
        warehouse: its ``fx_rates``; the starter world's where the user has none.
        on: the day.
        given: units for one US dollar by the user.

    Raises:
        InputError: a given rate is far from the ECB's: :func:`~offing.terms.exchange.check_given`.
    """
    last: dict[str, date] = {}
    rates: dict[str, tuple[Decimal, date]] = {}
    for currency, per_eur, day in _newest_rates(warehouse, on):
        last[currency] = day
        if on - day <= STALE:
            rates[currency] = (per_eur, day)
    table = FxTable(on, rates, last, dict(given or {}))
    check_given(table)
    return table


def _newest_rates(warehouse: Warehouse, on: date) -> list[tuple[str, Decimal, date]]:
    """The newest rate of each currency up to a day: currency, units for one euro, its day."""
    if not warehouse.has("fx_rates"):
        return []
    return warehouse.query(
        'SELECT currency, arg_max(per_eur, "on") AS per_eur, max("on") AS "on" FROM '
        f'{warehouse.source_sql("fx_rates")} WHERE "on" <= ? GROUP BY currency ORDER BY currency',
        [on],
    ).rows()


def last_rate_day(warehouse: Warehouse, currency: str) -> date | None:
    """The newest day with a rate of the currency; ``None`` where there is none."""
    newest = {code: day for code, _, day in _newest_rates(warehouse, date.max)}
    return newest.get(currency)


def quoted(warehouse: Warehouse, on: date) -> frozenset[str]:
    """The currencies that the ECB quotes on the day (or at most a week before), with the euro."""
    known = {code for code, _, day in _newest_rates(warehouse, on) if on - day <= STALE}
    return frozenset({"EUR"} | known)


def fx_history(
    warehouse: Warehouse, currencies: Sequence[str], until: date
) -> dict[str, dict[date, float]]:
    """Units for one euro of each currency on each day up to ``until``."""
    rows = warehouse.query(
        'SELECT currency, "on", per_eur::DOUBLE AS per_eur FROM '
        f'{warehouse.source_sql("fx_rates")} WHERE "on" <= ? AND list_contains(?, currency) '
        'ORDER BY currency, "on"',
        [until, list(currencies)],
    ).rows()
    rates: dict[str, dict[date, float]] = {}
    for code, day, per_eur in rows:
        rates.setdefault(code, {})[day] = per_eur
    return rates
