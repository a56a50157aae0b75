"""Where a user's own files of offing are: what they keep, and what can be made again."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """``offing`` in the user's data folder."""
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        base = Path(environ.get("XDG_DATA_HOME", "") or home / ".local" / "share")
    return base / "offing"


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """``OFFING_CACHE``, or ``offing`` among what the user's programs may make again.

    ``None`` where ``OFFING_CACHE`` is set to nothing.
    """
    named = environ.get("OFFING_CACHE")
    if named is not None:
        return Path(named).expanduser() if named else None
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "offing"
    if sys.platform == "win32":
        return data_folder(environ) / "cache"
    return Path(environ.get("XDG_CACHE_HOME", "") or home / ".cache") / "offing"
