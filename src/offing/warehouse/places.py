"""Where the warehouse of a user lies, and whether it is still as it was."""

import os
from pathlib import Path

from offing.terms.files import data_folder
from offing.warehouse.catalog import FILE


def default_folder() -> Path:
    """``OFFING_WAREHOUSE``, or ``offing/warehouse`` in the user's data folder."""
    if named := os.environ.get("OFFING_WAREHOUSE"):
        return Path(named).expanduser()
    return data_folder() / "warehouse"


def data_state(folder: Path | None = None) -> tuple[str, int, int, int]:
    """What is another one after every load: the place and stamp of the catalogue of a warehouse."""
    file = (default_folder() if folder is None else folder) / FILE
    try:
        seen = file.stat()
    except OSError:
        return str(file), 0, 0, 0
    return str(file), seen.st_mtime_ns, seen.st_size, seen.st_ino
