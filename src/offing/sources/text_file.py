"""Open any delimited text file: find its encoding, delimiter and header, and count its lines.

What spreadsheets and statistical offices do to text is met here once: byte order marks, UTF-16,
GB18030, Big5 and Western code pages, commas, semicolons, tabs and bars, Excel's ``sep=;`` line,
line ends inside quotes, stray carriage returns, blank lines. A source then asks for its columns
with :mod:`offing.sources.rows`.
"""

import codecs
import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from offing.terms.errors import InputError, Where, disk_said
from offing.terms.limits import CUT, must_have_short_cells

if TYPE_CHECKING:
    import polars as pl

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1 << 20
"""Characters in a line. More is no table: a file without line ends would fill the memory."""
LONGEST_RECORD = 200
"""Lines in a record. More is a quote that is opened and never closed."""

Belongs = Callable[[Sequence[str]], bool]
"""Told the cells of a line: whether they are the headings of a table."""

BLOCK = 1 << 23
"""Bytes that are read at once."""
_CHUNK = 50_000
_BLANKS = b" \t\x0b\x0c"
_SEPARATORS = b"\x1c\x1d\x1e\x1f"
"""Blanks to Python, and not to Polars."""
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

    ``shown`` is how errors and the quarantine name it: an unpacked file goes by its archive's name.
    ``encoding`` is a Python codec; a byte order mark is never part of the text. ``row``
    counts from 1.
    """

    path: Path
    shown: str
    encoding: str
    newline: str
    delimiter: str
    header: tuple[str, ...]
    row: int

    def records(
        self, start: int = 0, first: int = 1, most: int | None = None
    ) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not blank: its first line and its fields, stripped.

        Args:
            start: the byte from which on they are read, which begins the line ``first``.
            first: that line.
            most: lines that are read.

        Raises:
            InputError: ``sources.open_quote`` or ``sources.long_line``.
        """
        lines = islice(self._lines(start, first), most)
        reader = csv.reader(lines, delimiter=self.delimiter)
        row = next_row = first
        try:
            for fields in reader:
                row, next_row = next_row, first + reader.line_num
                if next_row - row > LONGEST_RECORD:
                    raise InputError("sources.open_quote", where=Where(self.shown, row))
                fields = [field.strip()[:CUT] for field in fields]
                if any(fields):
                    yield row, fields
        except csv.Error as error:
            raise InputError("sources.open_quote", where=Where(self.shown, next_row)) from error

    def _lines(self, start: int, first: int) -> Iterator[str]:
        with self.path.open(encoding=self.encoding, newline=self.newline) as file:
            if start:
                file.seek(start)
            number = first - 1
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE and not line.endswith(self.newline):
                    raise InputError("sources.long_line", where=Where(self.shown, number))
                # A carriage return that does not end the line is dirt, wherever it stands.
                yield line.rstrip("\r\n").replace("\r", " ") + "\n"

    def frames(self, places: Mapping[str, int]) -> "Iterator[pl.DataFrame]":
        """The rows in pieces, as text: ``row``, our columns, and ``fields``, how many a row has.

        Values have no blanks around them; an empty one is null. Stretches without quotes, blank
        lines and rows of another width are read fast, the others exactly; both give the same.
        ``places`` is our name of a column → its place in the header.
        """
        import polars as pl

        start, line = 0, 1
        if self.newline == "\n" and self.encoding == "utf-8-sig":
            with self.path.open("rb") as file:
                for _ in range(self.row):
                    start += len(file.readline())
                    line += 1
                rest = b""
                while block := file.read(BLOCK):
                    cut = block.rfind(b"\n") + 1
                    piece, rest = rest + block[:cut], block[cut:]
                    frame = self._plain(piece, line, places) if cut else None
                    if frame is None:
                        break
                    yield frame
                    start += len(piece)
                    line += piece.count(b"\n")
                else:
                    if rest and (frame := self._plain(rest + b"\n", line, places)) is not None:
                        yield frame
                        return
        records = self.records(start, line)
        while chunk := list(islice(records, _CHUNK)):
            rows = [
                [row, *(fields[p] or None if p < len(fields) else None for p in places.values()),
                 self._width(fields)]
                for row, fields in chunk if row > self.row
            ]  # fmt: skip
            texts = dict.fromkeys(places, pl.String())
            schema = {"row": pl.Int64(), **texts, "fields": pl.Int32()}
            yield pl.DataFrame(rows, schema=schema, orient="row")

    def _width(self, fields: list[str]) -> int:
        """How many fields a row has; blank ones beyond the header do not count."""
        width = len(self.header)
        return width if len(fields) > width and not any(fields[width:]) else len(fields)

    def _plain(self, piece: bytes, line: int, places: Mapping[str, int]) -> "pl.DataFrame | None":
        """A stretch of whole lines, or ``None`` where it must be read exactly."""
        import polars as pl

        width, lines = len(self.header), piece.count(b"\n")
        # With the right number of delimiters in all, a line with fewer fields comes with one of
        # more, and that one the fast reader refuses.
        even = piece.count(self.delimiter.encode()) == (width - 1) * lines
        if width == 1 or not even or not _is_plain(piece):
            return None
        names = [f"{column}" for column in range(width)]
        try:
            frame = pl.read_csv(
                piece,
                has_header=False,
                schema=dict.fromkeys(names, pl.String),
                separator=self.delimiter,
                quote_char=None,
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height != lines:
            return None
        if not piece.isascii() or any(blank in piece for blank in _BLANKS):
            frame = frame.select(blank_is_null(pl.col(names)))
        rows = frame.select(
            pl.int_range(line, line + pl.len(), dtype=pl.Int64).alias("row"),
            *(pl.col(names[column]).alias(name) for name, column in places.items()),
            pl.lit(width, pl.Int32).alias("fields"),
        )
        if frame[:, 0].has_nulls():
            rows = rows.filter(~frame.select(pl.all_horizontal(pl.all().is_null())).to_series())
        return rows

    def texts(self, rows: Collection[int]) -> dict[int, str]:
        """The lines at which rows begin, as they are in the file: what the quarantine shows."""
        numbers = set(rows)
        texts: dict[int, str] = {}
        if numbers:
            last = max(numbers)
            with self.path.open(encoding=self.encoding, newline=self.newline) as file:
                for number, line in enumerate(islice(file, last), start=1):
                    if number in numbers:
                        texts[number] = line.strip()
        return texts


def _is_plain(piece: bytes) -> bool:
    """Whether a stretch has no quotes, odd separators or carriage returns within lines."""
    lone = b"\r" in piece and piece.count(b"\r") != piece.count(b"\r\n")
    return not (lone or b'"' in piece or any(sign in piece for sign in _SEPARATORS))


def blank_is_null(text: "pl.Expr") -> "pl.Expr":
    """Text without blanks around it; null where nothing is left."""
    import polars as pl

    stripped = text.str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def read_text(path: Path) -> str:
    """The whole text of a small file, in whatever encoding, without a byte order mark.

    An empty file has an empty text.

    Raises:
        InputError: ``sources.no_file``, and as :func:`text_file`.
    """
    must_be_file(path)
    return path.read_text(encoding=_encoding(path, str(path))) if path.stat().st_size else ""


def must_be_file(path: Path) -> None:
    """Refuse what is no file.

    Raises:
        InputError: ``sources.no_file`` or ``sources.a_folder``.
    """
    if not path.is_file():
        key = "sources.a_folder" if path.is_dir() else "sources.no_file"
        raise InputError(key, where=Where(path), path=path)


def newline_of(path: Path) -> str:
    """How the lines of a text end: the sign of Windows where there is one."""
    with path.open(encoding=_encoding(path, str(path)), newline="") as opened:
        return "\r\n" if "\r\n" in opened.read() else "\n"


def text_file(path: Path, shown: str | None = None, heading: Belongs | None = None) -> TextFile:
    """Look at a file and say how it is to be read.

    Args:
        path: the file.
        shown: its name in messages; the path where ``None``.
        heading: whether a line is that of the headings, for files that may have a title above it;
            the first line where ``None``, the likely one where none of the first lines is.

    Raises:
        InputError: ``sources.empty``, ``sources.is_json``, ``sources.not_text``,
            ``sources.unknown_encoding``, ``sources.no_header``, ``sources.column_twice``.
        StorageError: ``sources.unreadable``.
    """
    name = shown or str(path)
    with disk_said("sources.unreadable", name):
        if _is_json(path):
            raise InputError("sources.is_json", where=Where(name))
        encoding = _encoding(path, name)
        newline = _newline(path, encoding)
    return _open_with_header(path, name, encoding, newline, heading)


def _is_json(path: Path) -> bool:
    """Whether a file begins as an object or a list of objects does: what an interface answers."""
    with path.open("rb") as file:
        start = file.read(200).removeprefix(b"\xef\xbb\xbf").lstrip()
    return re.match(rb"\{\s*\"|\[\s*[\[{]", start) is not None


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
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
    elif _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    else:
        candidates = ["gb18030", "cp1252"]
        if not _looks_chinese(path):
            candidates.reverse()
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise InputError("sources.unknown_encoding", where=Where(name))


def _newline(path: Path, encoding: str) -> str:
    """A line feed, or a carriage return where the file knows no other line end."""
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(1 << 16)
    return "\r" if "\r" in sample and "\n" not in sample else "\n"


TITLES = 25
"""Lines among which the headings are looked for, blank ones not counted."""
TOP = 20_000
"""Lines among which they are with the blank ones."""


def likely_headings(lines: Iterable[tuple[int, Sequence[str]]]) -> int | None:
    """The line of unknown headings: the first that fills half as many cells as any of the first.

    A title, a date or a unit above a table fills one or two.
    """
    filled = {row: sum(map(bool, cells)) for row, cells in islice(lines, TITLES)}
    enough = max(filled.values(), default=0) / 2
    return next((row for row, count in filled.items() if count >= enough), None)


def _first(
    records: Iterator[tuple[int, list[str]]], heading: Belongs | None, *, described: bool = False
) -> tuple[int, list[str]] | None:
    """The line of the headings among the first ones.

    Where none is like what was ``described``, the likely one; else the first.
    """
    lines = [
        (row, fields)
        for row, fields in islice(records, TITLES)
        if not re.fullmatch(r"sep=.?", ",".join(fields).strip().lower())  # Excel's to itself
    ]
    if heading is None and described:
        likely = likely_headings(lines)
        return next((line for line in lines if line[0] == likely), None)
    return next((line for line in lines if heading is None or heading(line[1])), None)


def _open_with_header(
    path: Path, name: str, encoding: str, newline: str, heading: Belongs | None
) -> TextFile:
    best: tuple[int, list[str], str] | None = None
    for sought in (heading, None):
        if best is not None:
            break
        for delimiter in DELIMITERS:
            opened = TextFile(path, name, encoding, newline, delimiter, (), 0)
            header = _first(opened.records(most=TOP), sought, described=heading is not None)
            if header and (best is None or len(header[1]) > len(best[1])):
                best = (*header, delimiter)
    if best is None:
        raise InputError("sources.no_header", where=Where(name))
    row, fields, delimiter = best
    must_be_headings(fields, name, row)
    return TextFile(path, name, encoding, newline, delimiter, tuple(fields), row)


def must_be_headings(cells: Sequence[str], shown: str, row: int) -> None:
    """Refuse headings that are longer than any, and two of one name.

    Raises:
        InputError: ``sources.long_cell``, ``sources.column_twice``.
    """
    must_have_short_cells({row: cells}, shown)
    names = [cell for cell in cells if cell]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError("sources.column_twice", where=Where(shown, row), column=twice[0])
