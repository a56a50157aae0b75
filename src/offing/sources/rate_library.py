"""Read the official refund-rate library (出口退税率文库), where the user has it.

The tax bureaus publish it as FoxPro tables; ``CMCODE.DBF`` has one row for each code and period:
``CODE``, ``ZSSL_SET`` (levy rates in per cent, more than one where it depends),
``TSL`` (refund rate in per cent), ``TSFLAG`` (1: taxed as a sale at home, 2: exempt), ``ST_DATE``
and ``END_DATE`` (the last day), text in GB18030. It is another publisher's official data, no part
of offing.
"""

import hashlib
import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import LibraryRow, LibraryRows
from offing.terms.interval import Interval
from offing.terms.messages import join_list

NEEDED = ("CODE", "ZSSL_SET", "TSL", "ST_DATE", "END_DATE")
FLAGS = {"": "", "0": "", "1": "taxed", "2": "exempt"}


Fields = list[tuple[str, int]]


def _layout(data: bytes, path: Path) -> tuple[int, int, int, Fields]:
    """Records, bytes of the header, bytes of a record, and each field's name and width."""
    try:
        count, header, width = struct.unpack_from("<IHH", data, 4)
        fields: Fields = []
        at = 32
        while data[at] != 0x0D:
            name = data[at : at + 11].split(b"\0")[0].decode("ascii").upper()
            fields.append((name, data[at + 16]))
            at += 32
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise InputError("refund.not_dbf", where=Where(path)) from error
    return count, header, width, fields


def _records(data: bytes, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The records of a dBase or FoxPro table, deleted ones left out, all fields as text."""
    count, header, width, fields = _layout(data, path)
    names = [name for name, _ in fields]
    missing = [name for name in NEEDED if name not in names]
    if missing or width < 1 + sum(size for _, size in fields):
        raise InputError("refund.not_library", where=Where(path), missing=join_list(missing) or "—")
    for number in range(count):
        start = header + number * width
        record = data[start : start + width]
        if len(record) < width:
            raise InputError("refund.cut_dbf", where=Where(path, number + 1), count=count)
        if record[:1] == b"*":
            continue
        cells, offset = {}, 1
        for name, size in fields:
            cell = record[offset : offset + size]
            cells[name] = cell.decode("gb18030", "replace").strip(" \0\r\n\t")
            offset += size
        yield number + 1, cells


_LEAST = Decimal("0.01")
"""No levy and no refund is below one per cent: 0.13 is a share where 13 belongs."""


def _percent(text: str, where: Where) -> Decimal:
    try:
        share = Decimal(text).scaleb(-2).normalize()
    except InvalidOperation:
        share = Decimal(-1)
    if not (share.is_finite() and (share == 0 or _LEAST <= share < 1)):
        raise InputError("refund.bad_rate", where=where, name=where.column, text=text)
    return share


def _day(text: str, where: Where) -> date | None:
    if not text.strip("0"):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("refund.bad_date", where=where, text=text) from error


def _row(cells: dict[str, str], path: Path, number: int) -> LibraryRow:
    levies = tuple(
        _percent(part, Where(path, number, "ZSSL_SET"))
        for part in cells["ZSSL_SET"].replace("，", ",").replace("%", "").split(",")
        if part.strip()
    )
    if not levies:
        raise InputError(
            "refund.bad_rate", where=Where(path, number), name="ZSSL_SET", text=cells["ZSSL_SET"]
        )
    flag = cells.get("TSFLAG", "")
    if flag not in FLAGS:
        raise InputError("refund.bad_flag", where=Where(path, number, "TSFLAG"), text=flag)
    last = _day(cells["END_DATE"], Where(path, number, "END_DATE"))
    at_rate = Where(path, number, "TSL")
    return LibraryRow(
        code=cells["CODE"],
        levy_rates=levies,
        refund_rate=_percent(cells["TSL"] or ("0" if FLAGS[flag] else ""), at_rate),
        when=Interval(
            _day(cells["ST_DATE"], Where(path, number, "ST_DATE")),
            None if last is None or last == date.max else last + timedelta(days=1),
        ),
        flag=FLAGS[flag],
    )


def read_library(path: Path) -> LibraryRows:
    """The library in a ``CMCODE.DBF``, or in a folder that has one.

    Raises:
        InputError: ``sources.no_file``, ``refund.not_dbf``, ``refund.not_library``,
            ``refund.cut_dbf``, or a row that cannot be read (a rate library with one bad row is
            not trusted).
    """
    if path.is_dir():
        beside = (file for file in path.iterdir() if file.name.lower() == "cmcode.dbf")
        path = next(beside, path / "CMCODE.DBF")
    if not path.is_file():
        raise InputError("sources.no_file", where=Where(path), path=path)
    data = path.read_bytes()
    rows: dict[str, list[LibraryRow]] = {}
    for number, cells in _records(data, path):
        try:
            row = _row(cells, path, number)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            since, until = cells["ST_DATE"], cells["END_DATE"]
            where = Where(path, number, "END_DATE")
            raise InputError("refund.ends_first", where=where, since=since, until=until) from error
        rows.setdefault(row.code, []).append(row)
    digest = hashlib.sha256(data).hexdigest()[:16]
    return LibraryRows(
        {code: tuple(mine) for code, mine in rows.items()}, f"{path.name} sha256:{digest}"
    )


MEMORY = "rate-library.json"


def remember(path: Path, library: LibraryRows, folder: Path) -> None:
    """Keep where the library is, for the next question; a folder that cannot be written is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"path": str(path.resolve()), "source": library.source}
        (folder / MEMORY).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    except OSError:
        return


def forget(folder: Path) -> None:
    """Remember no library any more."""
    (folder / MEMORY).unlink(missing_ok=True)


def last_library(folder: Path) -> tuple[LibraryRows | None, tuple[Caution, ...]]:
    """The library that was used last, and what to say of it; ``None`` where there is none."""
    try:
        kept = json.loads((folder / MEMORY).read_text(encoding="utf-8"))
        path, source = Path(kept["path"]), str(kept["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, ()
    try:
        library = read_library(path)
    except (InputError, OSError):
        return None, (Caution("refund.note_library_gone", {"path": str(path)}),)
    key = "refund.note_library" if library.source == source else "refund.note_library_changed"
    return replace(library, remembered=True), (Caution(key, {"path": str(path)}),)
