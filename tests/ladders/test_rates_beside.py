"""The rates that a ledger looks at bring it to the same dollars as all rates do."""

from datetime import date

import polars as pl
import pytest

from offing.ladders.own_sales import by_level, in_usd, rates_beside, with_rate
from offing.warehouse.exchange_rates import day_rates
from offing.warehouse.store import Warehouse, starter_folder

ALL = day_rates(Warehouse(starter_folder(), is_starter=True))
YEARS = {"years past": (2019, 2023), "one year": (2021, 2021), "later than the rates": (2026, 2035)}


def ledger(years: tuple[int, int], currencies: list[str]) -> pl.DataFrame:
    """A line a month and currency, on days that are also weekends."""
    months = [
        date(year, month, 13) for year in range(years[0], years[1] + 1) for month in range(1, 13)
    ]
    rows = [(on, code, 10.0, 7.0) for on in months for code in currencies]
    table = pl.DataFrame(rows, schema=["on", "currency", "quantity", "amount"], orient="row")
    return table.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


@pytest.mark.parametrize("years", YEARS.values(), ids=YEARS)
@pytest.mark.parametrize("currencies", [["EUR"], ["USD", "CNY"], ["JPY", "AED", "VND"], []])
@pytest.mark.parametrize("oldest", [5, 31, 2000])
def test_the_same_dollars(years: tuple[int, int], currencies: list[str], oldest: int) -> None:
    sales = ledger(years, currencies).cast({"on": pl.Date, "currency": pl.String})
    few = rates_beside(sales, ALL, oldest)
    assert few.height < ALL.height / 3
    rated = with_rate(sales, few, {}, oldest)
    assert rated.equals(with_rate(sales, ALL, {}, oldest))
    assert in_usd(rated, few, {}, oldest).equals(in_usd(rated, ALL, {}, oldest))
    assert by_level(sales, few, {}, oldest) == by_level(sales, ALL, {}, oldest)
    later = rated.filter(pl.col("on") > date(2021, 6, 1))
    assert in_usd(later, few, {}, oldest).equals(in_usd(later, ALL, {}, oldest))
