"""Workbooks that reach too far, nest, repeat or lie are refused before anything makes room."""

from pathlib import Path

import openpyxl
import pytest
from tools.hostile_workbooks import TRICKS, Book, attack, cell, lines, opendocument

from offing.sources.ledger import read_ledger
from offing.sources.own_table import read_table
from offing.sources.sheet_look import look_at_book
from offing.terms.errors import InputError


def written(folder: Path, book: Book) -> Path:
    path = folder / book.name
    path.write_bytes(book.content())
    return path


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_ledger(path)
    return caught.value


def test_hostile_workbooks_end_in_rows_or_words() -> None:
    """Three of each trick; the record has the 2,000 of ``python -m tools.hostile_workbooks 7``."""
    faults, fates = attack(3, 3 * len(TRICKS))
    assert faults == []
    assert sum(fates.values()) == 3 * len(TRICKS)
    assert fates["read"] > 5
    assert fates["sources.huge_sheet"] > 2


def test_hidden_columns_without_end_are_a_range(tmp_path: Path) -> None:
    """A list of them took 9 GB."""
    book = Book(lines(), before='<cols><col min="1" max="4000000000" hidden="1"/></cols>')
    path = written(tmp_path, book)
    (look,) = look_at_book(path).values()
    assert look.hidden_columns == [(0, 16383)]
    notes = {note.key: note.values for note in read_ledger(path).notes}
    assert notes["sources.caution_hidden_columns"]["count"] == 6


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("", "<mergeCells>" + '<mergeCell ref="A2:A1048576"/>' * 40_000 + "</mergeCells>", ""),
        ("", "<mergeCells>" + '<mergeCell ref="A2:A9"/>' * 200_001 + "</mergeCells>", "not_a"),
        ("", '<mergeCells><mergeCell ref="A1"/></mergeCells>', "not_a"),
        ("<cols>" + '<col min="1" max="2"/>' * 9 + "</cols>", "", ""),
        ('<sst count="99999999999" uniqueCount="4294967295"/>', "", "not_a"),
        ("", "<x>" * 100_000 + "</x>" * 100_000, ""),
        ("", "<x>", "not_a"),
    ],
)  # fmt: skip
def test_parts_that_no_spreadsheet_writes(
    tmp_path: Path, before: str, after: str, key: str
) -> None:
    path = written(tmp_path, Book(lines(), before=before, after=after))
    if not key:
        assert read_ledger(path).sales.height == 2
    else:
        assert key in refused(path).key


def test_entities_are_refused(tmp_path: Path) -> None:
    for entity in ('"ha"', 'SYSTEM "file:///etc/hostname"'):
        book = Book(lines(), head=f"<!DOCTYPE x [<!ENTITY e {entity}>]>")
        assert refused(written(tmp_path, book)).key == "reference.not_a_workbook"


def test_what_unpacks_to_more_than_it_may_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    book = Book(lines(), parts=[("xl/media/image1.png", b"\0" * (60 << 20))])
    assert refused(written(tmp_path, book)).key == "reference.huge_workbook"


def test_a_sheet_elsewhere_is_looked_at_too(tmp_path: Path) -> None:
    """Which part a sheet is, the reader decides: all of them are looked at."""
    two = cell("A1", 5) + cell("XFD1048576", 5)
    far = f'<a><sheetData><row r="1">{two}</row></sheetData></a>'
    book = Book(lines(), target="/xl/far.bin", parts=[("xl/far.bin", far.encode())])
    assert refused(written(tmp_path, book)).key == "sources.huge_sheet"
    for start in ("x", "<br>"):  # what is no XML is no sheet
        book = Book(lines(), target="xl/far.vml", parts=[("xl/far.vml", (start + far).encode())])
        assert refused(written(tmp_path, book)).key == "reference.not_a_workbook"
    doubled = Book(lines(), parts=[("XL/worksheets/Sheet1.xml", far.encode())])
    assert refused(written(tmp_path, doubled)).key == "reference.not_a_workbook"


def test_formulas_that_nobody_has_computed_are_counted(tmp_path: Path) -> None:
    row = f"<row>{'<c><f/></c>' * 10_001}</row>"
    assert refused(written(tmp_path, Book([*lines(), row * 10]))).key == "reference.not_a_workbook"


def test_too_many_sheets_are_refused(tmp_path: Path) -> None:
    assert refused(written(tmp_path, Book(lines(), sheets=1001))).key == "reference.huge_workbook"


def test_an_opendocument_that_repeats_without_end_ends_aside(tmp_path: Path) -> None:
    """It does not stream: a process of its own tries it, with a gigabyte and twenty seconds."""
    huge = "reference.huge_workbook"
    for rows, columns, key in ((1_000_000, 16_384, huge), (1_000_000, 100, huge), (2, 3, "")):
        path = tmp_path / f"book{rows}-{columns}.ods"
        path.write_bytes(opendocument(str(rows), str(columns)))
        if key:
            assert refused(path).key == key
        else:
            assert look_at_book(path) == {}


def test_a_table_below_thirty_empty_rows_and_beside_two_empty_columns(tmp_path: Path) -> None:
    """25 empty rows ended in a traceback, and a table in column C was no workbook."""
    book = openpyxl.Workbook()
    table: list[list[object]] = [["region", "trade"], ["a", 1.125], ["b", 2.5]]
    for row, cells in enumerate(table, start=31):
        for column, value in enumerate(cells, start=3):
            book.active.cell(row, column, value)
    book.save(tmp_path / "table.xlsx")
    assert read_table(tmp_path / "table.xlsx").rows() == [(32, "a", "1.1250"), (33, "b", "2.5")]
    empty = openpyxl.Workbook()
    empty.create_sheet("other")
    empty.save(tmp_path / "empty.xlsx")
    assert refused(tmp_path / "empty.xlsx").key == "sources.empty"
