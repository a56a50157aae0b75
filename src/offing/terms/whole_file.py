"""A file or a folder that is there whole, or not at all."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from offing.terms.errors import disk_said


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write through a file beside it, so that a broken run leaves no half; its folder is made.

    What ``write`` refuses leaves the old file as it was.

    Raises:
        StorageError: ``cli.disk``.
    """
    ready = path.with_name(f".{path.name}.new")
    try:
        with disk_said("cli.disk", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write(ready)
            ready.replace(path)
    finally:
        with suppress(OSError):  # its folder may be none
            ready.unlink()


def write_text(
    path: Path, text: str, check: Callable[[Path], object] | None = None, newline: str | None = None
) -> None:
    """Write a text as UTF-8, as :func:`write_file` does, once ``check`` does not refuse it."""

    def write(ready: Path) -> None:
        ready.write_text(text, encoding="utf-8", newline=newline)
        if check is not None:
            check(ready)

    write_file(path, write)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to write into; it takes the place of ``folder`` when the block ends well.

    Raises:
        StorageError: ``cli.disk``.
    """
    old = folder.with_name(f".{folder.name}.old")
    with disk_said("cli.disk", folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        if old.exists() and not folder.exists():
            old.rename(folder)  # a kill came between the two renames below
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            yield fresh
            fresh.chmod(0o755)
            shutil.rmtree(old, ignore_errors=True)
            if folder.exists():
                folder.rename(old)
            fresh.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
