"""Download an official file: resumed where it broke off, checked, and put in place in one step.

Addresses are http or https, also after being sent on; a name is one of a file, never a way out of
the folder; what comes too slowly, too long or too large is left. A body of which nothing says how
long it is has to prove itself: by a checksum, or as an archive that is whole.

What has come so far lies beside the target as ``NAME.part``, with the server's mark of its
version in ``NAME.part.mark``: a file that changed meanwhile is begun anew and never mixed.

A pack (数据包): of a publisher's zip of world trade, the headings of one firm's goods alone.

BACI is some hundred megabytes to a gigabyte; a study needs its own headings of it. A pack has the
publisher's layout, release and file names, so that ``offing load baci PACK`` reads it as any other,
and it can be carried on a stick. What it was cut from stands in it, with its checksum.
"""

import http.client
import re
import socket
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import polars as pl

from offing import __version__
from offing.sources.archive import files_given
from offing.sources.headings import official
from offing.sources.rows import open_table
from offing.sources.staging import Progress, Staging, sha256_of, silent
from offing.terms.errors import InputError, StorageError, Where, disk_said
from offing.terms.messages import join_list

README = "ABOUT-THIS-PACK.md"
"""No table: a load passes it over."""
EPOCH = (2000, 1, 1, 0, 0, 0)
"""Of every member, so that the same cut has the same bytes."""


def name_of(archive: str, headings: Collection[str]) -> str:
    """The name of a pack.

    >>> name_of("BACI_HS17_V202601.zip", ["8528", "8507"])
    'BACI_HS17_V202601-8507-8528.zip'
    """
    named = sorted(headings)
    told = "-".join(named) if len(named) <= 6 else f"{named[0]}-and-{len(named) - 1}-more"
    return f"{archive.removesuffix('.zip')}-{told}.zip"


def cut(
    archive: Path,
    headings: Collection[str],
    folder: Path,
    *,
    source: str = "",
    progress: Progress = silent,
) -> Path:
    """Write the pack of some headings beside a folder's other files, whole or not at all.

    Args:
        archive: the publisher's zip, or a folder of its files.
        headings: of four digits.
        folder: where the pack is put.
        source: the address that the archive came from.
        progress: told each file and how far the work is.

    Raises:
        InputError: ``sources.none_of_headings`` where no row is of them, or as a load of BACI.
        StorageError: the disk refuses.
    """
    target = folder / name_of(archive.name, headings)
    with (
        disk_said("sources.disk", target),
        tempfile.TemporaryDirectory(dir=folder, prefix=".pack-") as place,
    ):
        made = Path(place) / target.name
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as pack:
            rows = _members(archive, headings, Path(place), pack, progress)
            if not rows:
                found = join_list(sorted(headings))
                raise InputError("sources.none_of_headings", where=Where(archive), headings=found)
            _write_member(pack, README, _about(archive, headings, source, rows))
        made.replace(target)
    return target


def _members(
    archive: Path, headings: Collection[str], place: Path, pack: zipfile.ZipFile, progress: Progress
) -> int:
    """Every table of the archive, its rows of trade cut; how many rows are left."""
    count = 0
    for file in files_given([archive], place):
        if not file.name.lower().endswith(".csv"):
            continue
        if file.name.lower().startswith(("country_codes", "product_codes")):
            _write_member(pack, file.name, file.path.read_bytes())
            continue
        # what a row has wrong is said when the pack is loaded
        opened, layout, pieces = open_table(file, Staging(place)), official("baci"), []
        opened.find(layout)
        for piece in opened.pieces():
            heading = pl.col("k").str.zfill(6).str.slice(0, 4)
            pieces.append(piece.filter(heading.is_in([*headings])).select(*layout.names))
            start, end = file.span
            progress(file.name, start + (end - start) * opened.share)
        kept = pl.concat(pieces)
        count += kept.height
        _write_member(pack, file.name, kept.write_csv().encode())
    return count


def _write_member(pack: zipfile.ZipFile, name: str, content: bytes) -> None:
    pack.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)


def _about(archive: Path, headings: Collection[str], source: str, rows: int) -> bytes:
    """What the pack was cut from; in English, as the publisher's own papers are."""
    return (
        f"# Headings {', '.join(sorted(headings))} of {archive.name}\n\n"
        "BACI, CEPII (Gaulier and Zignago 2010), Etalab Open Licence 2.0: name CEPII as the source."
        f"\nCut by offing: all countries and years, {rows:,} rows, figures unchanged.\n\n"
        f"* from: {source or archive.name}\n* sha256 of the whole: {sha256_of(archive)}\n"
        "* load it: `offing load baci` with this file\n"
    ).encode()


TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""
ATTEMPTS = 3
"""Connections that may break in one download before the user is told."""
LARGEST = 20 << 30
"""Bytes of a file above which it is left: the largest that a source has are a tenth of it."""
_STEP = 1 << 18
_SCHEMES = ("http", "https")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def name_in(url: str) -> str:
    """The file name at the end of an address.

    Raises:
        InputError: ``sources.bad_address``.

    >>> name_in("https://example.org/data/BACI_HS17_V202601.zip?x=1")
    'BACI_HS17_V202601.zip'
    """
    name = re.sub(r"[^\w.-]", "_", unquote(urlsplit(plain_address(url)).path).rsplit("/", 1)[-1])
    if not name.strip("._"):
        raise InputError("sources.bad_address", url=url)
    return name


def plain_address(url: str) -> str:
    """An address in the characters that may travel: others of the path as bytes, hosts by IDNA.

    Raises:
        InputError: ``sources.bad_address`` where it is none of http or https.

    >>> plain_address("https://例.example/数据/a b.zip")
    'https://xn--fsq.example/%E6%95%B0%E6%8D%AE/a%20b.zip'
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = "" if parts.port is None else f":{parts.port}"
    except (UnicodeError, ValueError) as error:
        raise InputError("sources.bad_address", url=url) from error
    if parts.scheme not in _SCHEMES or not host.strip("."):
        raise InputError("sources.bad_address", url=url)
    host = f"[{host}]" if ":" in host else host
    safe = "/:@!$&'()*+,;=~%?"
    path, query = quote(parts.path, safe=safe), quote(parts.query, safe=safe)
    return urlunsplit((parts.scheme, host + port, path, query, ""))


def safe_name(name: str) -> str:
    """The name of a file, as it is.

    Raises:
        InputError: ``sources.bad_name`` where it leads elsewhere, or no system could keep it.

    >>> safe_name("BACI_HS17.zip")
    'BACI_HS17.zip'
    """
    odd = re.search(r'[\x00-\x1f/\\:*?"<>|]', name) or _DEVICES.fullmatch(name)
    if odd or not name.strip(". ") or name != name.strip() or len(name.encode()) > 200:
        raise InputError("sources.bad_name", name=name)
    return name


class _SameWorld(HTTPRedirectHandler):
    """Follows to http and https only, and from https to nothing less."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str):  # type: ignore[no-untyped-def]
        """The next request.

        Raises:
            StorageError: ``sources.sent_elsewhere``.
        """
        scheme = urlsplit(newurl).scheme
        if scheme not in _SCHEMES or (urlsplit(req.full_url).scheme == "https" != scheme):
            fp.close()
            raise StorageError("sources.sent_elsewhere", url=req.full_url, other=newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


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

    ``name`` is the end of the address where ``None``, ``sha256`` the checksum that it must have,
    ``pause`` the seconds before a broken connection is tried again.

    Raises:
        InputError: ``sources.bad_address``, ``sources.bad_name``, ``sources.not_there`` (the
            server has no such file), ``sources.wrong_checksum``.
        StorageError: ``sources.offline``, ``sources.cut_off``, ``sources.refused``,
            ``sources.sent_elsewhere``, ``sources.too_large``, ``sources.too_long``,
            ``sources.no_length``, ``sources.broken_archive`` or ``sources.disk``.
    """
    default_name = name_in(url)
    url = plain_address(url)
    target = folder / safe_name(name or default_name)
    with disk_said("sources.disk", target):
        folder.mkdir(parents=True, exist_ok=True)
        if sha256 and target.exists() and sha256_of(target) == sha256.lower():
            return target
        part = target.with_name(f"{target.name}.part")
        for attempt in range(1, ATTEMPTS + 1):
            if _attempt(url, part, progress, target.name, proved=sha256 is not None):
                break
            if attempt == ATTEMPTS:
                raise StorageError(
                    "sources.cut_off", where=Where(part), bytes=f"{part.stat().st_size:,}"
                )
            time.sleep(pause)
        if sha256 and (digest := sha256_of(part)) != sha256.lower():
            _forget(part)
            raise InputError("sources.wrong_checksum", url=url, found=digest, expected=sha256)
        part.replace(target)
        _mark(part).unlink(missing_ok=True)
    return target


def _mark(part: Path) -> Path:
    return part.with_name(f"{part.name}.mark")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _mark(part).unlink(missing_ok=True)


def _must_be_whole(part: Path, name: str) -> None:
    """Refuse an archive that is none, or is damaged: a page of a server, half a file."""
    try:
        with zipfile.ZipFile(part) as archive:
            bad = archive.testzip()
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        bad = str(error) or type(error).__name__
    if bad is not None:
        _forget(part)
        raise StorageError("sources.broken_archive", name=name, reason=bad)


def _goes_on(answer: Any, have: int, mark: str) -> bool:
    """Whether the piece comes that was asked for, as far as the server says of the same version."""
    begins = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    versions = [answer.headers.get("ETag"), answer.headers.get("Last-Modified")]
    same = mark in versions or not any(versions)
    return answer.status == 206 and same and begins is not None and int(begins[1]) == have


def _open(url: str, headers: dict[str, str]) -> Any:
    """The server's answer; ``None`` where it has not the piece that was asked for.

    Raises:
        InputError: ``sources.not_there``.
        StorageError: ``sources.refused``, ``sources.offline``.
    """
    try:
        return build_opener(_SameWorld).open(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == 416:
            return None
        if error.code in (404, 410):
            raise InputError("sources.not_there", url=url, code=error.code) from error
        raise StorageError("sources.refused", url=url, code=error.code) from error
    except (URLError, TimeoutError, socket.gaierror, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise StorageError("sources.offline", url=url, reason=str(reason)) from error


def _attempt(url: str, part: Path, progress: Progress, name: str, *, proved: bool) -> bool:
    """One connection; ``False`` where it broke and another one may go on."""
    mark = _mark(part).read_text(encoding="utf-8") if _mark(part).exists() else ""
    have = part.stat().st_size if part.exists() and mark else 0
    headers = {"User-Agent": f"offing/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark}
    answer = _open(url, headers)
    if answer is None:
        _forget(part)  # what we have is no beginning of what there is
        return False
    with answer:
        goes_on = _goes_on(answer, have, mark)
        if answer.status == 206 and not goes_on:
            _forget(part)  # a piece of another version: begun anew
            return False
        if not goes_on:
            have = 0
            version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
            _forget(part)
            if version and not version.startswith("W/"):
                _mark(part).write_text(version, encoding="utf-8")
        length = answer.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else None
        if total is not None and total > LARGEST:
            raise StorageError("sources.too_large", url=url, most=f"{LARGEST:,}")
        unproved = total is None and not (answer.chunked or proved)
        if unproved and not name.lower().endswith((".zip", ".xlsx")):
            raise StorageError("sources.no_length", url=url)
        done = _receive(answer, part, have, total, partial(progress, name))
    if done and unproved:
        _must_be_whole(part, name)
    return done


def _receive(
    answer: Any, part: Path, have: int, total: int | None, progress: Callable[[float], None]
) -> bool:
    """Write what comes to the end of the part; ``False`` where the connection broke.

    Raises:
        StorageError: ``sources.too_large``.
    """
    with part.open("ab" if have else "wb") as file:
        while True:
            try:
                block = answer.read1(_STEP)  # what has come, be it little
            except (http.client.HTTPException, OSError):
                return False
            if not block:
                return total is None or have >= total
            file.write(block)
            have += len(block)
            if have > LARGEST:
                raise StorageError("sources.too_large", url=answer.url, most=f"{LARGEST:,}")
            progress(have / total if total else 0.0)
