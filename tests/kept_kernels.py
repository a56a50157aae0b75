"""Compiled kernels are kept outside the clone, under the digest of what they are compiled from.

They take a minute of a processor to compile. A fresh clone of the same code takes them from there;
other code, another Python or another numba compiles its own.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

MOST = 5
"""States of the code whose kernels are kept: 11 MB each."""
KERNELS = Path(__file__).resolve().parents[1] / "src/offing/market/gravity"


def place(sources: Path = KERNELS) -> Path:
    """The folder that keeps what these sources are compiled to."""
    code = [file.read_bytes() for file in sorted(sources.glob("*.py"))]
    told = [sys.version.encode(), version("numba").encode(), *code]
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (
        Path(home) / "offing-tests" / f"kernels-{hashlib.sha256(bytes(1).join(told)).hexdigest()}"
    )


def compiled(folder: Path) -> list[Path]:
    """Files of numba in a folder: an index and the kernels it names."""
    return sorted(file for file in folder.glob("*.nb[ic]"))


def take(kept: Path, sources: Path = KERNELS) -> None:
    """Put what is kept where numba looks, if this clone has compiled nothing yet."""
    cache = sources / "__pycache__"
    if not compiled(cache):
        cache.mkdir(exist_ok=True)
        for file in compiled(kept):
            shutil.copy(file, cache)


def keep(kept: Path, sources: Path = KERNELS) -> None:
    """Keep what this clone has compiled, where it is more than what is kept."""
    made = compiled(sources / "__pycache__")
    if len(made) <= len(compiled(kept)):
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=kept.parent))
    for file in made:
        shutil.copy(file, fresh)
    for old in [kept, *sorted(kept.parent.glob("kernels-*"), key=os.path.getmtime)[: 1 - MOST]]:
        shutil.rmtree(old, ignore_errors=True)
    try:
        fresh.rename(kept)
    except OSError:  # another run has kept its own meanwhile
        shutil.rmtree(fresh)
