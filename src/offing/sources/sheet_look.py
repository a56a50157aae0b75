"""One streaming look at a workbook, before anything of it is read.

A reader of sheets makes room for every cell between the first and the last, so one stray cell in a
file of 2 kB can ask for more memory than there is. Here every part of an XLSX file streams by once:
how far its sheets reach, what is merged or hidden, and which formulas nobody has computed. What
reaches too far is refused. XLS, XLSB and ODS do not stream: a process of its own tries them first,
with little memory and time.
"""

import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

from offing.terms.errors import InputError, Where

ROWS, COLUMNS = 1 << 20, 1 << 14
"""Of a sheet at most: the format has no more."""
CELLS, SPARSE = 16_000_000, 2_000_000
"""From the first to the last that is filled, each some 40 bytes while they are read; and where less
than one in a hundred is filled: some stand far from the table."""
UNCOMPUTED, LISTED, SHEETS = 100_000, 200_000, 1000
"""Formulas without a value, other things of one part, and sheets: more is no table of a firm."""
UNPACKED, RATIO, ALWAYS = 1_000_000_000, 100, 50_000_000
"""Bytes to which a workbook may unpack, how many for a packed one, and how many in any case."""
_STEP = 1 << 18
_KEPT = {"sheet", "Relationship", "numFmt"}
_COUNTING = re.compile(r'"(?=[^"]*")[^"]*([千万亿]|\b(k|mio|mln|tsd)\b)[^"]*"', re.IGNORECASE)
"""A counting word that a number format shows beside each number, and no cell has."""
_BROKEN = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, RuntimeError, LookupError)


@dataclass
class SheetLook:
    """Of one sheet; rows are counted from 1, columns from 0, the first that is filled.

    Attributes:
        hidden: whether a person does not see the sheet.
        top: the first row that is filled.
        hidden_rows: rows that a person does not see.
        hidden_columns: the first and the last of columns that a person does not see.
        merged: column, first and last row of cells that are merged downwards.
        valueless: row and column → a formula that has no value, or ``#ERROR``.
        formats: number formats of the workbook that show a counting word, such as 0.0" 万元".
    """

    hidden: bool = False
    top: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    valueless: dict[tuple[int, int], str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()

    def hides(self, column: int) -> bool:
        """Whether a person does not see a column."""
        return any(first <= column <= last for first, last in self.hidden_columns)


def look_at_book(path: Path) -> Mapping[str, SheetLook]:
    """What there is to see of each sheet of a workbook; nothing where it is not XLSX.

    Raises:
        InputError: ``reference.not_a_workbook``, ``reference.huge_workbook`` or
            ``sources.huge_sheet``.
    """
    try:
        state = path.stat()
        return _look_at(path, state.st_mtime_ns, state.st_size)
    except InputError:
        raise
    except (*_BROKEN, ValueError, OSError) as error:
        raise InputError("reference.not_a_workbook", where=Where(path)) from error


@lru_cache(maxsize=8)
def _look_at(path: Path, _changed: int, size: int) -> Mapping[str, SheetLook]:
    if path.suffix not in (".xlsx", ".xlsm"):
        _try_aside(path, SHEETS)
    if not zipfile.is_zipfile(path):
        return {}
    parts: dict[str, _Part] = {}
    room = min(UNPACKED, max(ALWAYS, size * RATIO))
    with zipfile.ZipFile(path) as archive:
        items = {item.filename.replace("\\", "/").lower(): item for item in archive.infolist()}
        if len(items) < len(archive.infolist()):
            raise ValueError("two parts of one name")
        for name, item in items.items():
            parts[name] = _Part(Where(path))
            room = parts[name].stream(archive, item, room)
    return _looks_by_sheet(parts, Where(path))


def _looks_by_sheet(parts: Mapping[str, "_Part"], where: Where) -> dict[str, SheetLook]:
    """The look at each sheet by its name."""
    kept = [one for part in parts.values() for one in part.kept]
    named = [attributes for tag, attributes in kept if tag == "sheet"]
    codes = (attributes.get("formatCode", "") for tag, attributes in kept if tag == "numFmt")
    formats = tuple(dict.fromkeys(filter(_COUNTING.search, codes)))
    links = parts.get("xl/_rels/workbook.xml.rels")
    targets = {one.get("Id"): one.get("Target", "") for _, one in links.kept} if links else {}
    if len(named) > SHEETS:
        raise InputError("reference.huge_workbook", where=where)
    looks = {}
    for sheet in named:
        link = next((value for key, value in sheet.items() if key.endswith(":id")), "")
        target = targets.get(link, "").lstrip("/").removeprefix("xl/").lower()
        look = parts[f"xl/{target}"].look if f"xl/{target}" in parts else SheetLook()
        look.hidden, look.formats = sheet.get("state", "visible") != "visible", formats
        looks[sheet.get("name", "")] = look
    return looks


class _Part:
    """What streams by of one part of a workbook."""

    def __init__(self, where: Where) -> None:
        self.where, self.look = where, SheetLook()
        self.row = self.column = self.filled = 0
        self.rows, self.columns = set[int](), set[int]()  # that have a filled cell
        self.cell: dict[str, str] | None = None
        self.texts: dict[str, str] = {}
        self.into = ""
        self.kept: list[tuple[str, Mapping[str, str]]] = []

    def stream(self, archive: zipfile.ZipFile, item: zipfile.ZipInfo, room: int) -> int:
        """Read the part to its end; gives how many bytes may still be unpacked."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.buffer_text = self._text, True
        parser.StartDoctypeDeclHandler = _refuse
        item.file_size = UNPACKED + 1  # what is announced need not be true
        with archive.open(item) as inside:
            piece = inside.read(_STEP)
            is_xml = piece.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0")[:1] == b"<"
            is_xml = is_xml and not item.filename.endswith(".vml")
            before = b""
            while piece:
                room -= len(piece)
                if room < 0:
                    raise InputError("reference.huge_workbook", where=self.where)
                if is_xml:
                    parser.Parse(piece)
                elif b"sheetData" in before + piece:
                    raise ValueError("a sheet in what is no XML")
                before, piece = piece[-8:], inside.read(_STEP)
        if is_xml:
            parser.Parse(b"", True)
        self._settle()
        return room

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if self.cell is not None:
            self.into = name
            self.texts[name] = ""
        elif name == "c":
            self.cell, self.texts, self.into = attributes, {}, ""
            self.column += 1
            if "r" in attributes:
                self.column, self.row = _place(attributes["r"])
        elif name == "row":
            self.row, self.column = _whole(attributes.get("r"), self.row + 1), 0
            if attributes.get("hidden") in _TRUE:
                self.look.hidden_rows.append(self.row)
        else:
            self._keep(name, attributes)

    def _keep(self, name: str, attributes: dict[str, str]) -> None:
        """What stands around the cells: columns, merged ranges, names of sheets, formats."""
        if name == "col" and attributes.get("hidden") in _TRUE:
            last = min(_whole(attributes.get("max"), 0), COLUMNS)
            self.look.hidden_columns.append((_whole(attributes.get("min"), 1), last))
        elif name == "mergeCell":
            (column, first), (_, last) = map(_place, attributes.get("ref", "").split(":", 1))
            if first != last:
                self.look.merged.append((column, first, min(last, ROWS)))
        elif name in _KEPT:
            self.kept.append((name, attributes))
        elif name == "sst" and max(_whole(attributes.get(of), 0) for of in _COUNTS) > CELLS:
            raise ValueError("more texts than a workbook has cells: the reader makes room for them")
        if len(self.kept) + len(self.look.merged) + len(self.look.hidden_columns) > LISTED:
            raise ValueError("more than any workbook has")

    def _text(self, text: str) -> None:
        if self.cell is not None and self.into in ("f", "v"):
            self.texts[self.into] += text[:200]

    def _end(self, tag: str) -> None:
        if self.cell is None or tag.rpartition(":")[2] != "c":
            return
        cell, texts, self.cell = self.cell, self.texts, None
        if cell.get("t") == "e" or ("f" in texts and not texts.get("v", "").strip()):
            text = "#ERROR" if cell.get("t") == "e" else f"={texts['f']}"
            self.look.valueless[self.row, self.column] = text
            if len(self.look.valueless) > UNCOMPUTED:
                raise ValueError("hardly a formula has been computed")
        if "v" in texts or "is" in texts:
            self.filled += 1
            self.rows.add(self.row)
            self.columns.add(self.column)

    def _settle(self) -> None:
        """Refuse a part that reaches too far; count its columns from the first that is filled."""
        look, top, left = self.look, min(self.rows, default=1), min(self.columns, default=1)
        bottom, right = max(self.rows, default=0), max(self.columns, default=0)
        cells = bottom * (right - left + 1)  # the reader fills up the rows above
        most = min(CELLS, max(SPARSE, 100 * self.filled))
        if self.filled and (cells > most or bottom > ROWS or right > COLUMNS):
            said = {"cells": f"{cells:,}", "filled": f"{self.filled:,}", "most": f"{most:,}"}
            at = Where(self.where.file, bottom, _letters(right))
            raise InputError("sources.huge_sheet", where=at, **said)
        if sum(min(last, bottom) - first for _, first, last in look.merged) > CELLS:
            raise ValueError("cells that are merged more than once")
        look.top = top
        look.hidden_columns = [(first - left, last - left) for first, last in look.hidden_columns]
        look.merged = [(at - left, first, last) for at, first, last in look.merged if at >= left]
        look.valueless = {(row, at - left): text for (row, at), text in look.valueless.items()}


_TRUE, _COUNTS = ("1", "true"), ("count", "uniqueCount")


def _refuse(*_: object) -> None:
    raise ValueError("a document type, with entities of its own: no spreadsheet writes one")


def _whole(text: str | None, default: int) -> int:
    """A number of an attribute; none of a spreadsheet has more than ten digits."""
    return int((text or "")[:12] or default)


def _place(address: str) -> tuple[int, int]:
    """Column and row of an address, both from 1.

    >>> _place("B7"), _place("XFD1048576")
    ((2, 7), (16384, 1048576))
    """
    letters = address.rstrip("0123456789")
    row = int(address[len(letters) :][:12])
    if not row:
        raise ValueError(address[:20])
    return _column(letters.upper()), row


@lru_cache(maxsize=COLUMNS)
def _column(letters: str) -> int:
    column = 0
    for letter in letters[:6]:
        column = column * 26 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter) + 1
    return column


def _letters(column: int) -> str:
    before, last = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(65 + last)


SECONDS, TRIED = 20, 1_000_000
"""Of the clock, and cells of a sheet: 15 columns of an XLS have no more."""
_TRY = """import sys, fastexcel
try:
    from resource import RLIMIT_AS, RLIMIT_CPU, setrlimit
    setrlimit(RLIMIT_AS, (800 << 20,) * 2), setrlimit(RLIMIT_CPU, (4, 4))
except (ImportError, OSError, ValueError): pass
book = fastexcel.read_excel(sys.argv[1])
assert len(book.sheet_names) <= int(sys.argv[3])
for name in book.sheet_names:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=1)
    assert sheet.total_height * sheet.width <= int(sys.argv[2])"""
"""A gigabyte is too much, and four seconds of computing; where the system has no limits, the time
of the clock alone."""


def _try_aside(path: Path, sheets: int) -> None:
    """Let a process of its own read a workbook that does not stream; it may die of it.

    Raises:
        InputError: ``reference.huge_workbook`` where it dies, takes too long or has more
            ``sheets``, or one with more than :data:`TRIED`; ``reference.not_a_workbook``.
    """
    try:
        command = [sys.executable, "-c", _TRY, str(path), str(TRIED), str(sheets)]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise InputError("reference.huge_workbook", where=Where(path)) from None
    if done.returncode:
        huge = done.returncode < 0 or any(
            word in done.stderr for word in (b"AssertionError", b"limit exceeded")
        )
        key = "reference.huge_workbook" if huge else "reference.not_a_workbook"
        raise InputError(key, where=Where(path))
