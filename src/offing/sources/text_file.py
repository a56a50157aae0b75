"""Open any delimited text file: find its encoding, delimiter and header, and count its lines.

What spreadsheets and statistical offices do to text is met here once: byte order marks, UTF-16,
GB18030 and Western code pages, commas, semicolons, tabs and bars, Excel's ``sep=;`` line, line
ends inside quotes, stray carriage returns, blank lines. A source then asks for its columns with
:func:`offing.sources.rows.read_rows`; only a source that must be fast reads on its own.
"""

import codecs
import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from offing.terms.errors import InputError, StorageError, Where

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1 << 20
"""Characters in a line. More is no table: a file without line ends would fill the memory."""
LONGEST_RECORD = 200
"""Lines in a record. More is a quote that is opened and never closed."""

_BLOCK = 1 << 22
_MAGIC = {
    b"PK\x03\x04": "zip, xlsx",
    b"\x1f\x8b": "gzip",
    b"PAR1": "Parquet",
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "xls",
    b"SQLite format 3": "SQLite",
}


@dataclass(frozen=True)
class TextFile:
    """A delimited text file that can be read.

    Attributes:
        path: where it is.
        shown: how errors and the quarantine name it (an unpacked file goes by its archive's name).
        encoding: a Python codec; a byte order mark is never part of the text.
        newline: what ends a line.
        delimiter: between fields.
        header: the names of the columns, stripped.
        header_row: the line on which they are, counted from 1.
    """

    path: Path
    shown: str
    encoding: str
    newline: str
    delimiter: str
    header: tuple[str, ...]
    header_row: int

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every row after the header that is not blank: its first line and its fields, stripped.

        Raises:
            InputError: ``sources.open_quote`` or ``sources.long_line``.
        """
        for row, fields in _records(
            self.path, self.shown, self.encoding, self.newline, self.delimiter
        ):
            if row > self.header_row:
                yield row, fields

    def texts(self, rows: Collection[int]) -> dict[int, str]:
        """The rows as they were read, by their line: what the quarantine shows."""
        wanted = set(rows)
        found: dict[int, str] = {}
        if wanted:
            for row, fields in self.records():
                if row in wanted:
                    found[row] = self.delimiter.join(fields)
                    if len(found) == len(wanted):
                        break
        return found


def text_file(path: Path, shown: str | None = None) -> TextFile:
    """Look at a file and say how it is to be read.

    Args:
        path: the file.
        shown: its name in messages; the path where ``None``.

    Raises:
        InputError: ``sources.empty``, ``sources.not_text``, ``sources.unknown_encoding``,
            ``sources.no_header``, ``sources.column_twice``.
        StorageError: ``sources.unreadable``.
    """
    name = shown or str(path)
    try:
        encoding = _encoding(path, name)
        newline = _newline(path, encoding)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(
            "sources.unreadable", where=Where(name), reason=error.strerror or str(error)
        ) from error
    return _with_header(path, name, encoding, newline)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            # Plain ASCII between whole characters needs no decoding, and big files are just that.
            if encoding == "utf-8-sig" and block.isascii() and not decoder.getstate()[0]:
                continue
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(path: Path) -> bool:
    """Whether high bytes come mostly in pairs, as in GB18030, and not alone, as in Latin text."""
    paired = alone = 0
    for block in _blocks(path):
        for run in re.findall(rb"[\x80-\xff]+", block):
            if len(run) > 1:
                paired += 1
            else:
                alone += 1
    return paired > alone


def _encoding(path: Path, name: str) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise InputError("sources.empty", where=Where(name))
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            raise InputError("sources.not_text", where=Where(name), kind=kind)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif any(b"\0" in block for block in _blocks(path)):
        raise InputError("sources.not_text", where=Where(name), kind="binary")
    else:
        candidates = ["utf-8-sig"]
    if _decodes(path, candidates[0]):
        return candidates[0]
    if candidates[0] != "utf-16":
        chinese = _looks_chinese(path)
        for encoding in ("gb18030", "cp1252") if chinese else ("cp1252", "gb18030"):
            if _decodes(path, encoding):
                return encoding
    raise InputError("sources.unknown_encoding", where=Where(name))


def _newline(path: Path, encoding: str) -> str:
    """A line feed, or a carriage return where the file knows no other line end."""
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(1 << 16)
    return "\r" if "\r" in sample and "\n" not in sample else "\n"


def _lines(path: Path, shown: str, encoding: str, newline: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline=newline) as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(newline):
                raise InputError("sources.long_line", where=Where(shown, number))
            # A carriage return that does not end the line is dirt, wherever it stands.
            yield line.rstrip("\r\n").replace("\r", " ") + "\n"


def _records(
    path: Path, shown: str, encoding: str, newline: str, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines(path, shown, encoding, newline), delimiter=delimiter)
    start = 1
    try:
        for fields in reader:
            row, start = start, reader.line_num + 1
            if reader.line_num - row >= LONGEST_RECORD:
                raise InputError("sources.open_quote", where=Where(shown, row))
            fields = [field.strip() for field in fields]
            if any(fields):
                yield row, fields
    except csv.Error as error:
        raise InputError("sources.open_quote", where=Where(shown, start)) from error


def _with_header(path: Path, name: str, encoding: str, newline: str) -> TextFile:
    best: tuple[int, list[str], str] | None = None
    for delimiter in DELIMITERS:
        for row, fields in _records(path, name, encoding, newline, delimiter):
            if re.fullmatch(r"sep=.?", ",".join(fields).strip().lower()):
                continue  # Excel's note to itself
            if best is None or len(fields) > len(best[1]):
                best = (row, fields, delimiter)
            break
    if best is None:
        raise InputError("sources.no_header", where=Where(name))
    row, fields, delimiter = best
    names = [field for field in fields if field]
    twice = sorted({field for field in names if names.count(field) > 1})
    if twice:
        raise InputError("sources.column_twice", where=Where(name, row), column=twice[0])
    return TextFile(path, name, encoding, newline, delimiter, tuple(fields), row)
