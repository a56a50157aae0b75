"""The rows that loads left out, as they were kept: file, row, reason, text."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from offing.terms.errors import StorageError, Where
from offing.warehouse.catalog import Load
from offing.warehouse.store import Warehouse

COLUMNS = {"file": pl.String, "row": pl.Int64, "reason": pl.String, "text": pl.String}


@dataclass(frozen=True)
class LeftOut:
    """A row that a load did not take.

    ``reason`` is a message key; ``file`` is without its folder.
    """

    file: str
    row: int | None
    reason: str
    text: str


def left_out(warehouse: Warehouse, load: Load, most: int) -> tuple[LeftOut, ...]:
    """The first rows that a load left out, in the order of their file; none where it took all.

    Raises:
        StorageError: ``warehouse.unreadable_quarantine``.
    """
    if load.quarantine is None:
        return ()
    file = warehouse.folder / load.quarantine
    if not file.exists():  # the starter world comes without
        return ()
    try:
        rows = pl.read_csv(file, n_rows=most, schema_overrides=COLUMNS).select(*COLUMNS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StorageError("warehouse.unreadable_quarantine", where=Where(file)) from error
    return tuple(
        LeftOut(Path(name).name, row, reason, text or "")
        for name, row, reason, text in rows.iter_rows()
    )
