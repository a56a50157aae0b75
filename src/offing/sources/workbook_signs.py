"""What a workbook has besides its values: sheets that are hidden, cells that have no value.

A formula that no spreadsheet has computed has no value, and a cell in error has none either: both
are read as empty, which is not what a person sees. Here they get a text that no reader takes for a
figure. What a number format shows around a number stands beside it, and what is merged downwards
stands in each row. Hidden rows and columns and cells that are struck out do count, and are said; so
are comments.
"""

import html
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from offing.sources.number_formats import PLAIN, Look, looks

_CELL = re.compile(rb'<c\b([^>]*?)\br="([A-Z]+)(\d+)"([^>/]*)>(.*?)</c>', re.DOTALL)
_FORMULA = re.compile(rb"<f\b[^>]*?(?:/>|>(.*?)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*$", re.DOTALL)
_SUSPECT = re.compile(rb'(?:</f>|<f\b[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>|\bt="e"')
_HIDDEN = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_MERGED = re.compile(rb'<mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):[A-Z]+(\d+)"')
_COMMENT = re.compile(rb'<comment\b[^>]*?\bref="[A-Z]+(\d+)"[^>]*>(.*?)</comment>', re.DOTALL)
_COLUMNS = re.compile(rb'<col\b(?=[^>]*\bhidden="(?:1|true)")([^>]*)>')
_END = re.compile(rb'\b(min|max)="(\d+)"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Signs:
    """Of one sheet; rows are counted from 1, columns from 0, the first that is used.

    Attributes:
        hidden_rows: those that a person does not see.
        hidden_columns: likewise.
        valueless: row and column → what stands for a value.
        looks: row and column → what a cell looks like, where it is not plain.
        merged: column, first and last row of cells that are merged downwards.
        comments: row → what comments on its cells say.
    """

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: frozenset[int] = frozenset()
    valueless: Mapping[tuple[int, int], str] = field(default_factory=dict)
    looks: Mapping[tuple[int, int], Look] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int], ...] = ()
    comments: Mapping[int, str] = field(default_factory=dict)

    def struck(self) -> dict[int, set[int]]:
        """Row → its columns whose cells are struck out."""
        found: dict[int, set[int]] = {}
        for (row, column), look in self.looks.items():
            if look.struck:
                found.setdefault(row, set()).add(column)
        return found

    def unseen_rows(self) -> tuple[int, ...]:
        """Rows that are hidden, and rows with figures whose format shows nothing of them."""
        unseen = {row for (row, _), look in self.looks.items() if look.unseen}
        return tuple(sorted(unseen | set(self.hidden_rows)))


def hidden_sheets(path: Path) -> frozenset[str]:
    """The names of the sheets that a person does not see; none where the format does not tell."""
    return frozenset(name for name, (hidden, _) in _sheets(path).items() if hidden)


def signs_of(path: Path, sheet: str) -> Signs:
    """What the values alone do not tell; nothing of a format other than XLSX."""
    _, member = _sheets(path).get(sheet, (False, ""))
    if not member:
        return Signs()
    with zipfile.ZipFile(path) as archive:
        data = archive.read(member)
        names = set(archive.namelist())
        styles = archive.read("xl/styles.xml") if "xl/styles.xml" in names else b""
        comments = _comments(archive, member)
    rows = tuple(int(row) for row in _HIDDEN.findall(data))
    hidden = _hidden_columns(data)
    merged = [(_place(c), int(a), int(b)) for c, a, b in _MERGED.findall(data) if a != b]
    known = looks(styles)
    if not hidden and not merged and not known and not _SUSPECT.search(data):
        return Signs(rows, comments=comments)
    first, valueless, seen = _cells(data, known)
    return Signs(
        rows,
        frozenset(at - first for at in hidden if at >= first),
        valueless,
        seen,
        tuple((at - first, start, end) for at, start, end in merged if at >= first),
        comments,
    )


def _hidden_columns(data: bytes) -> list[int]:
    """The columns that a person does not see, from 1."""
    ends = [{name: int(at) for name, at in _END.findall(tag)} for tag in _COLUMNS.findall(data)]
    return [at for span in ends for at in range(span.get(b"min", 1), span.get(b"max", 0) + 1)]


def _sheets(path: Path) -> dict[str, tuple[bool, str]]:
    """Name of each sheet → whether it is hidden, and its part of the archive."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        try:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
            links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        except (ElementTree.ParseError, LookupError, ValueError):
            return {}
    targets = {link.get("Id"): link.get("Target", "").removeprefix("/xl/") for link in links}
    sheets = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            member = f"xl/{targets.get(element.get(_RELATION), '')}"
            hidden = element.get("state", "visible") != "visible"
            sheets[element.get("name", "")] = (hidden, member if member in names else "")
    return sheets


def _place(letters: bytes) -> int:
    """The column of its letters, from 1."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column


Places = dict[tuple[int, int], str]


def _cells(
    data: bytes, known: Mapping[int, Look]
) -> tuple[int, Places, dict[tuple[int, int], Look]]:
    """The first used column, from 1; cells in error and formulas without a value; odd looks."""
    first, cells, seen = None, {}, {}
    for before, letters, row, after, inside in _CELL.findall(data):
        column = _place(letters)
        formula = _FORMULA.search(inside)
        if b't="e"' in before + after:
            cells[int(row), column] = "#ERROR"
        elif formula:
            cells[int(row), column] = f"={(formula[1] or b'').decode('utf-8', 'replace')}"
        if inside.strip():
            first = column if first is None else min(first, column)
            style = _STYLE.search(before + after)
            if style and (look := known.get(int(style[1]), PLAIN)) != PLAIN:
                seen[int(row), column] = look
    first = first or 1
    return (
        first,
        {(row, column - first): text for (row, column), text in cells.items()},
        {(row, column - first): look for (row, column), look in seen.items()},
    )


def _comments(archive: zipfile.ZipFile, member: str) -> dict[int, str]:
    """Row → the words of the comments on its cells."""
    sheet = PurePosixPath(member)
    links, names = f"{sheet.parent}/_rels/{sheet.name}.rels", set(archive.namelist())
    if links not in names:
        return {}
    found: dict[int, str] = {}
    for target in re.findall(rb'Target="([^"]*comments?\d*\.xml)"', archive.read(links)):
        part = f"xl/{target.decode().removeprefix('/xl/').removeprefix('../')}"
        if part not in names or "threaded" in part:
            continue
        for row, inside in _COMMENT.findall(archive.read(part)):
            words = b" ".join(re.findall(rb"<t\b[^>]*>([^<]*)</t>", inside))
            text = html.unescape(words.decode("utf-8", "replace"))
            found[int(row)] = f"{found.get(int(row), '')} {text}".strip()
    return found
