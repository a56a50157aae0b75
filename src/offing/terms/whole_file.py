"""A file that is there whole, or not at all."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from offing.terms.errors import StorageError, Where, refused_by_disk


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write through a file beside it, so that a broken run leaves no half; its folder is made.

    What ``write`` refuses leaves the old file as it was.

    Raises:
        StorageError: ``cli.disk``.
    """
    ready = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(ready)
        ready.replace(path)
    except OSError as error:
        raise StorageError("cli.disk", where=Where(path), reason=refused_by_disk(error)) from error
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
