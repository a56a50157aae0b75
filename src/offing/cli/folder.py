"""Write a folder of results in one step: the old one, or the whole new one."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offing.terms.errors import InputError, StorageError, Where


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to write into; it takes the place of ``folder`` when the block ends well.

    Raises:
        InputError: ``cli.not_a_folder`` or ``cli.foreign_folder``: only folders that an earlier
            run wrote are replaced.
        StorageError: ``cli.disk``.
    """
    if folder.exists():
        if not folder.is_dir():
            raise InputError("cli.not_a_folder", where=Where(folder), folder=folder)
        if any(folder.iterdir()) and not (folder / "manifest.json").exists():
            raise InputError("cli.foreign_folder", where=Where(folder), folder=folder)
    aside = folder.with_name(f".{folder.name}.old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if aside.exists() and not folder.exists():
            aside.rename(folder)  # a kill came between the two renames below
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise StorageError("cli.disk", where=Where(folder), reason=error.strerror) from error
    try:
        yield fresh
        fresh.chmod(0o755)
        shutil.rmtree(aside, ignore_errors=True)
        if folder.exists():
            folder.rename(aside)
        fresh.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError("cli.disk", where=Where(folder), reason=error.strerror) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
