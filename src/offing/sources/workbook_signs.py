"""What a workbook has besides its values: sheets that are hidden, cells that have no value.

A formula that no spreadsheet has computed has no value, and a cell in error has none either: both
are read as empty, which is not what a person sees. Here they get a text that no reader takes for a
figure. Hidden rows and columns do count, and are said.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

_CELL = re.compile(rb'<c\b([^>]*?)\br="([A-Z]+)(\d+)"([^>/]*)>(.*?)</c>', re.DOTALL)
_FORMULA = re.compile(rb"<f\b[^>]*?(?:/>|>(.*?)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*$", re.DOTALL)
_SUSPECT = re.compile(rb'(?:</f>|<f\b[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>|\bt="e"')
_HIDDEN = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
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
    """

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: frozenset[int] = frozenset()
    valueless: Mapping[tuple[int, int], str] = field(default_factory=dict)


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
    rows = tuple(int(row) for row in _HIDDEN.findall(data))
    ends = [{name: int(at) for name, at in _END.findall(tag)} for tag in _COLUMNS.findall(data)]
    hidden = [at for span in ends for at in range(span.get(b"min", 1), span.get(b"max", 0) + 1)]
    if not hidden and not _SUSPECT.search(data):
        return Signs(rows)
    first, valueless = _valueless(data)
    return Signs(rows, frozenset(at - first for at in hidden if at >= first), valueless)


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
        except ElementTree.ParseError:
            return {}
    targets = {link.get("Id"): link.get("Target", "").removeprefix("/xl/") for link in links}
    sheets = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            member = f"xl/{targets.get(element.get(_RELATION), '')}"
            hidden = element.get("state", "visible") != "visible"
            sheets[element.get("name", "")] = (hidden, member if member in names else "")
    return sheets


def _valueless(data: bytes) -> tuple[int, dict[tuple[int, int], str]]:
    """The first used column, from 1; the cells in error and the formulas without a value."""
    first, cells = None, {}
    for before, letters, row, after, inside in _CELL.findall(data):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        formula = _FORMULA.search(inside)
        if b't="e"' in before + after:
            cells[int(row), column] = "#ERROR"
        elif formula:
            cells[int(row), column] = f"={(formula[1] or b'').decode('utf-8', 'replace')}"
        if inside.strip():
            first = column if first is None else min(first, column)
    first = first or 1
    return first, {(row, column - first): text for (row, column), text in cells.items()}
