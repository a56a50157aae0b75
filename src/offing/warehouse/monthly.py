"""The months that are loaded: how the running year goes, in US dollars."""

from datetime import date

import polars as pl

from offing.warehouse.catalog import newest_first
from offing.warehouse.checksums import code_range
from offing.warehouse.exchange_rates import fx_history
from offing.warehouse.store import Warehouse

TABLE = "monthly_reports"


def monthly_sets(warehouse: Warehouse) -> tuple[str, ...]:
    """The data sets with months, newest load first."""
    return tuple(newest_first(part for _, part in warehouse.stored_parts(TABLE)))


def months_below(
    warehouse: Warehouse, code: str, until: date, dataset: str | None = None
) -> tuple[pl.DataFrame, tuple[str, ...], int]:
    """Months of a code and of those below it that were over on a day.

    Where several sets have a reporter's imports or exports, that with the newest month is taken for
    all of them: growth needs one source. Yuan become dollars by the month's mean rate of the ECB.
    An empty code stands for all products.

    Returns:
        Rows of year, month, direction, reporter, partner, product and value_usd; the sets they come
        from; and how many rows are left out, as their currency has no exchange rate in the month.
    """
    names = (dataset,) if dataset else monthly_sets(warehouse)
    parts = []
    for number, name in enumerate(names):
        if not warehouse.stored_parts(TABLE, name):
            continue
        source = warehouse.source_sql(TABLE, name, below=code)
        months = warehouse.query(
            "SELECT year, month, CAST(direction AS STRING) AS direction, reporter, partner, "
            f"product, value, currency FROM {source} WHERE product >= ? AND product < ? "
            "AND (year < ? OR (year = ? AND month < ?)) "
            "ORDER BY product, reporter, partner, direction, year, month",
            [*code_range(code), until.year, until.year, until.month],
        )
        parts.append(months.with_columns(place=pl.lit(number)))
    if not parts:
        return _empty(), (), 0
    every = pl.concat(parts)
    at = pl.col("year").cast(pl.Int32) * 12 + pl.col("month")
    best = (
        every.group_by("reporter", "direction", "place")
        .agg(newest=at.max())
        .sort(["newest", "place"], descending=[True, False])
        .unique(["reporter", "direction"], keep="first", maintain_order=True)
    )
    chosen = every.join(best, on=["reporter", "direction", "place"], how="semi")
    rows = _rows_in_dollars(warehouse, chosen, until)
    used = tuple(names[number] for number in sorted(chosen["place"].unique()))
    return rows, used, chosen.height - rows.height


def _empty() -> pl.DataFrame:
    texts = dict.fromkeys(("direction", "reporter", "partner", "product"), pl.String())
    return pl.DataFrame(
        schema={"year": pl.Int32(), "month": pl.Int32(), **texts, "value_usd": pl.Float64()}
    )


def _rows_in_dollars(warehouse: Warehouse, rows: pl.DataFrame, until: date) -> pl.DataFrame:
    other = sorted(set(rows["currency"].unique()) - {"USD"})
    dollars = pl.col("value")
    if other:
        rates = _mean_rates(warehouse, [*other, "USD"], until)
        usd = rates.filter(pl.col("currency") == "USD").select("year", "month", usd="rate")
        rates = rates.join(usd, on=["year", "month"]).with_columns(
            factor=pl.col("usd") / pl.col("rate")
        )
        rows = rows.join(
            rates.select("year", "month", "currency", "factor"),
            on=["year", "month", "currency"],
            how="left",
            maintain_order="left",
        )
        factor = pl.when(pl.col("currency") == "USD").then(1.0).otherwise(pl.col("factor"))
        dollars = pl.col("value") * factor
    return (
        rows.with_columns(
            pl.col("year", "month").cast(pl.Int32), dollars.cast(pl.Float64).alias("value_usd")
        )
        .select(_empty().columns)
        .drop_nulls("value_usd")
    )


def _mean_rates(warehouse: Warehouse, currencies: list[str], until: date) -> pl.DataFrame:
    """Units for one euro, mean of each month's days."""
    schema = {"currency": pl.String(), "on": pl.Date(), "rate": pl.Float64()}
    days = [
        (code, day, rate)
        for code, by_day in (
            fx_history(warehouse, currencies, until) if warehouse.has("fx_rates") else {}
        ).items()
        for day, rate in by_day.items()
    ]
    return (
        pl.DataFrame(days, schema=schema, orient="row")
        .with_columns(
            year=pl.col("on").dt.year().cast(pl.Int16), month=pl.col("on").dt.month().cast(pl.Int8)
        )
        .group_by("currency", "year", "month", maintain_order=True)
        .agg(pl.col("rate").mean())
    )
