"""Download an official file: resumed where it broke off, checked, and put in place in one step.

What has come so far lies beside the target as ``NAME.part``, with the server's mark of its
version in ``NAME.part.mark``: a file that changed meanwhile is begun anew and never mixed.
"""

import hashlib
import http.client
import re
import socket
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from offing import __version__
from offing.sources.staging import Progress, silent
from offing.terms.errors import InputError, StorageError, Where

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""
ATTEMPTS = 3
"""Connections that may break in one download before the user is told."""
_STEP = 1 << 18


def name_in(url: str) -> str:
    """The file name at the end of an address.

    Raises:
        InputError: ``sources.bad_address``.

    >>> name_in("https://example.org/data/BACI_HS17_V202601.zip?x=1")
    'BACI_HS17_V202601.zip'
    """
    parts = urlsplit(url)
    name = re.sub(r"[^\w.-]", "_", unquote(parts.path).rsplit("/", 1)[-1])
    if parts.scheme not in ("http", "https") or not parts.netloc or not name.strip("._"):
        raise InputError("sources.bad_address", url=url)
    return name


def fetch(
    url: str,
    folder: Path,
    *,
    name: str | None = None,
    sha256: str | None = None,
    progress: Progress = silent,
    pause: float = 1.0,
) -> Path:
    """Download a file into a folder; a download that broke off before goes on where it was.

    Args:
        url: http or https.
        folder: made where it does not exist.
        name: of the file; the end of the address where ``None``.
        sha256: the checksum it must have.
        progress: told how far it is.
        pause: seconds before a broken connection is tried again.

    Returns:
        The file.

    Raises:
        InputError: ``sources.bad_address``, ``sources.not_there`` (the server has no such file),
            ``sources.wrong_checksum``.
        StorageError: ``sources.offline``, ``sources.cut_off``, ``sources.refused`` or
            ``sources.disk``.
    """
    known = name_in(url)
    target = folder / (name or known)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if sha256 and target.exists() and _sha256(target) == sha256.lower():
            return target
        part = target.with_name(f"{target.name}.part")
        for attempt in range(1, ATTEMPTS + 1):
            if _attempt(url, part, progress, target.name):
                break
            if attempt == ATTEMPTS:
                raise StorageError(
                    "sources.cut_off", where=Where(part), bytes=f"{part.stat().st_size:,}"
                )
            time.sleep(pause)
        if sha256 and (found := _sha256(part)) != sha256.lower():
            _forget(part)
            raise InputError("sources.wrong_checksum", url=url, found=found, expected=sha256)
        part.replace(target)
        _mark(part).unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(
            "sources.disk", where=Where(target), reason=error.strerror or str(error)
        ) from error
    return target


def _mark(part: Path) -> Path:
    return part.with_name(f"{part.name}.mark")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _mark(part).unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _attempt(url: str, part: Path, progress: Progress, name: str) -> bool:
    """One connection; ``False`` where it broke and another one may go on."""
    mark = _mark(part).read_text(encoding="utf-8") if _mark(part).exists() else ""
    have = part.stat().st_size if part.exists() and mark else 0
    headers = {"User-Agent": f"offing/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark}
    try:
        answer = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == 416:
            _forget(part)  # what we have is no beginning of what there is
            return False
        if error.code in (404, 410):
            raise InputError("sources.not_there", url=url, code=error.code) from error
        raise StorageError("sources.refused", url=url, code=error.code) from error
    except (URLError, TimeoutError, socket.gaierror, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise StorageError("sources.offline", url=url, reason=str(reason)) from error
    with answer:
        goes_on = answer.status == 206 and _starts_at(answer, have)
        if not goes_on:
            have = 0
            version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
            _forget(part)
            if version and not version.startswith("W/"):
                _mark(part).write_text(version, encoding="utf-8")
        length = answer.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else None
        return _receive(answer, part, have, total, progress, name)


def _starts_at(answer: Any, have: int) -> bool:
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return found is not None and int(found[1]) == have


def _receive(
    answer: Any, part: Path, have: int, total: int | None, progress: Progress, name: str
) -> bool:
    with part.open("ab" if have else "wb") as file:
        while True:
            try:
                block = answer.read(_STEP)
            except (http.client.HTTPException, OSError):
                return False
            if not block:
                break
            file.write(block)
            have += len(block)
            progress(name, have / total if total else 0.0)
    return total is None or have >= total
