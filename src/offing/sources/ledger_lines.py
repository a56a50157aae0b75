"""Read a firm's ledger from a file, without loading it into a warehouse."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from offing.sources import ledger as ledgers
from offing.sources.ledger_cells import DayOrder
from offing.sources.staging import Note, Staging
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, say


@dataclass(frozen=True)
class Lines:
    """The lines of a ledger, what was put aside of it, and what it should be asked.

    ``put_aside`` is (reason as a message key, lines, first row).
    """

    sales: pl.DataFrame
    put_aside: tuple[tuple[str, int, int], ...]
    notes: tuple[Note, ...]


def read_ledger(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    currency: str | None = None,
    dates: DayOrder | None = None,
) -> Lines:
    """The good lines of a CSV or XLSX ledger in the ``Sales`` columns.

    Raises:
        InputError: ``book.no_file``, a column that is missing, or no good line at all.
    """
    if not path.exists():
        raise InputError("book.no_file", where=Where(path), path=path)
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        staging = Staging(Path(folder))
        sales = ledgers.sales(
            [path], staging, columns=columns, sheet=sheet, currency=currency, dates=dates
        )
        aside = (
            staging.quarantine()
            .group_by("reason")
            .agg(pl.len().alias("lines"), pl.col("row").min())
            .sort("row", "reason")
        )
    if sales.is_empty() and aside.height:
        reasons = enumerated(say(key) for key in aside["reason"])
        raise InputError("warehouse.no_good_rows", where=Where(path), reasons=reasons)
    return Lines(sales, tuple(aside.select("reason", "lines", "row").rows()), tuple(staging.notes))
