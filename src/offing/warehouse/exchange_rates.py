"""The exchange rates of a day, from what is loaded."""

from collections.abc import Mapping
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
    rates: dict[str, tuple[Decimal, date]] = {}
    last: dict[str, date] = {}
    if warehouse.has("fx_rates"):
        rows = warehouse.duck.execute(
            'SELECT currency, arg_max(per_eur, "on"), max("on") FROM '
            f'{warehouse.source_sql("fx_rates")} WHERE "on" <= ? GROUP BY currency',
            [on],
        ).fetchall()
        for currency, per_eur, day in rows:
            last[currency] = day
            if on - day <= STALE:
                rates[currency] = (per_eur, day)
    table = FxTable(on, rates, last, dict(given or {}))
    check_given(table)
    return table
