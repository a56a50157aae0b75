"""Files that visitors send: measured while they are taken in, under names that are made here."""

import hashlib
import multiprocessing
import os
import re
import shutil
import unicodedata
import zipfile
import zlib
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile

from offing.terms.errors import InputError, OffingError, Where
from offing.terms.limits import parse_toml
from offing.terms.messages import join_list
from offing.web.guard import RefusedError, too_large
from offing.web.settings import VisitorLimits

TEXTS = (".csv", ".tsv", ".txt")
ZIPPED = (".xlsx", ".xlsm")
WORKBOOKS = (*ZIPPED, ".xls")
STEP = 1 << 20
TOO_FAR = ("sources.huge_sheet", "reference.huge_workbook")
"""What the look at a workbook refuses for its extent."""
STUDY_BYTES = 1_000_000
ENDLESS = 1 << 62
LONGEST_NAME = 255
"""Bytes of a file's name that every system takes."""


def taken_in(
    upload: UploadFile, folder: Path, limits: VisitorLimits, *, signed: bool = True
) -> Path:
    """A table that was sent, as a file in a folder: ``<name>-<sign of its content><ending>``.

    Of the name that it had letters, digits and a few signs are kept, for people to know it again;
    of endings only those that we know. Without ``signed`` a file of the same name is replaced.

    Raises:
        InputError: ``web.no_table_file``, ``web.empty_file``, ``web.too_many_rows``.
        RefusedError: ``web.too_large``, ``web.unpacks_too_large``.
    """
    ending = Path(upload.filename or "").suffix.lower()
    if ending not in (*TEXTS, *WORKBOOKS):
        endings = join_list((*TEXTS, *WORKBOOKS))
        raise InputError("web.no_table_file", ending=ending[:12] or "—", known=endings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh, stem = folder / f".taken.part{ending}", safe_stem(upload.filename or "")
    try:
        sign = _copy_upload(upload, fresh, limits)
        if ending in ZIPPED:
            _must_unpack_small(fresh, limits)
        elif ending in TEXTS:
            _must_have_few_rows(fresh, limits)
        target = folder / f"{f'{stem}-{sign[:12]}' if signed else stem}{ending}"
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return target


def must_be_readable(upload: UploadFile, limits: VisitorLimits) -> None:
    """Read a workbook that was sent in a process of its own, before anything here reads it.

    Raises:
        RefusedError: ``web.heavy_workbook``, where that takes too long or too much memory, or ends
            the process.
        InputError: one of :data:`TOO_FAR`, so that nothing of it is kept.
    """
    ending = Path(upload.filename or "").suffix.lower()
    if ending not in WORKBOOKS:
        return
    with TemporaryDirectory(prefix="offing-") as folder:
        file = Path(folder) / f"sent{ending}"
        with file.open("wb") as copy:
            shutil.copyfileobj(upload.file, copy, STEP)
        upload.file.seek(0)
        seconds, mb = limits.workbook_seconds, limits.workbook_mb
        try:
            readable = is_readable(file, seconds, mb)
        except InputError as error:
            if error.key in TOO_FAR:  # else the page says what is wrong with it
                error.where = Where(Path(upload.filename or ""))
                raise
            return
        if not readable:
            raise RefusedError("web.heavy_workbook", 413, seconds=f"{seconds:g}", mb=f"{mb:,}")


def safe_stem(name: str) -> str:
    """A file's name without its ending, as one that every system takes.

    >>> safe_stem("2024年 出口明细(终稿).xlsx"), safe_stem("../../con.csv"), safe_stem("..%2f.csv")
    ('2024年 出口明细(终稿)', 'con_', '2f')
    """
    bare = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1]).rpartition(".")
    stem = re.sub(r"[^\w ()（）+.-]+", "-", bare[0] or bare[2])[:60].strip(" .-") or "table"
    return f"{stem}_" if stem.partition(".")[0].strip().lower() in DEVICES else stem


DEVICES = {
    "con", "prn", "aux", "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}  # fmt: skip
"""Names that Windows keeps for itself."""


def _copy_upload(upload: UploadFile, target: Path, limits: VisitorLimits) -> str:
    """Copy what was sent; its hash."""
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as file:
        while piece := upload.file.read(STEP):
            size += len(piece)
            if size > limits.upload_bytes:
                raise too_large(limits)
            digest.update(piece)
            file.write(piece)
    if not size:
        raise InputError("web.empty_file")
    return digest.hexdigest()


def _must_unpack_small(path: Path, limits: VisitorLimits) -> None:
    """Unpack and count, to nowhere: what an archive announces need not be true."""
    most = limits.unpacked_bytes
    try:
        with zipfile.ZipFile(path) as archive:
            room = most
            for member in archive.infolist():
                member.file_size = ENDLESS  # else the reader stops at what is announced
                with archive.open(member) as inside:
                    while piece := inside.read(min(STEP, room + 1)):
                        room -= len(piece)
                        if room < 0:
                            raise RefusedError(
                                "web.unpacks_too_large", 413, limit=most // 1_000_000
                            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError("web.broken_file") from error


def _must_have_few_rows(path: Path, limits: VisitorLimits) -> None:
    rows = 0
    with path.open("rb") as file:
        while piece := file.read(STEP):
            rows += max(piece.count(b"\n"), piece.count(b"\r"))
    if rows > limits.upload_rows:
        raise RefusedError("web.too_many_rows", 413, limit=f"{limits.upload_rows:,}")


def study_text(upload: UploadFile) -> str:
    """The text of a study file that was sent; the files that it names must lie beside it.

    Raises:
        InputError: ``web.no_study_file``, ``errors.not_toml``, ``web.path_in_study``.
        RefusedError: ``web.too_large``.
    """
    content = upload.file.read(STUDY_BYTES + 1)
    if len(content) > STUDY_BYTES:
        raise RefusedError("web.study_too_large", 413)
    try:
        text = content.decode("utf-8-sig")
        data = parse_toml(text)
    except UnicodeDecodeError as error:
        raise InputError("web.no_study_file") from error
    except (ValueError, RecursionError) as error:
        raise InputError("errors.not_toml", reason=str(error)) from error
    ledger, rules = data.get("ledger"), data.get("rules")
    named = [ledger.get("file")] if isinstance(ledger, dict) else []
    named += rules if isinstance(rules, list) else []
    for name in named:
        if isinstance(name, str) and (
            name in ("", ".", "..")
            or set(name) & set("/\\:\0")
            or len(name.encode(errors="replace")) > LONGEST_NAME
        ):
            raise InputError("web.path_in_study", name=name[:80])
    return text


WALL = 3
"""Times the seconds of processor time that a busy machine may take."""


def is_readable(file: Path, seconds: float, mb: int) -> bool:
    """Whether every sheet of a workbook can be read in so much processor time and memory.

    The look at a workbook comes first; of what it refuses no sheet is read. What is wrong with a
    sheet that ends no process says the page that uses it.

    Raises:
        InputError: of the look; ``reference.huge_workbook`` and ``sources.huge_sheet`` are two.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_read, args=(file, seconds, mb, theirs), daemon=True)
    process.start()
    theirs.close()
    refusal = None
    with suppress(EOFError):  # it ended without a word
        refusal = ours.recv() if ours.poll(WALL * seconds) else None
    ours.close()
    if refusal is not None:
        process.kill()
        process.join()
        key, where, values = refusal
        raise InputError(key, where=where, **values)
    process.join(WALL * seconds)
    process.kill()  # where it has not ended
    process.join()
    return process.exitcode == 0


def _read(file: Path, seconds: float, mb: int, answer: Connection) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the reader's last words are long
    with suppress(ImportError):  # Windows has no such limits
        import resource as limits

        for kind, most in (
            (limits.RLIMIT_DATA, mb * 1_000_000),
            (limits.RLIMIT_CPU, max(1, int(seconds))),
            (limits.RLIMIT_CORE, 0),
        ):
            limits.setrlimit(kind, (most, limits.getrlimit(kind)[1]))
    import fastexcel

    from offing.sources.sheet_file import workbook_lines
    from offing.sources.sheet_look import look_at_book

    try:
        look_at_book(file)
    except InputError as error:
        answer.send((error.key, error.where, error.values))
        return
    answer.close()
    try:
        sheets = fastexcel.read_excel(file).sheet_names
    except fastexcel.FastExcelError:
        return
    for sheet in sheets:
        with suppress(OffingError):
            workbook_lines(file, sheet)
