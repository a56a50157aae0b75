"""Where a user's own files of offing are: what they keep, and what can be made again."""

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """``offing`` in the user's data folder."""
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", "") or home / ".local" / "share")
    return base / "offing"


def cache_folder() -> Path | None:
    """``OFFING_CACHE``, or ``offing`` among what the user's programs may make again.

    ``None`` where ``OFFING_CACHE`` is set to nothing.
    """
    named = os.environ.get("OFFING_CACHE")
    if named is not None:
        return Path(named).expanduser() if named else None
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "offing"
    if sys.platform == "win32":
        return data_folder() / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME", "") or home / ".cache") / "offing"
