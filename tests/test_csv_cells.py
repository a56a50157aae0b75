"""Cells that a spreadsheet would run, by every way in which offing writes CSV."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from offing.terms.frames import csv_text, inert, write_csv

ARMED = (
    '=HYPERLINK("http://evil.example","x")', "=1+1", "@SUM(A1)", "+1+1", "-2+3+cmd|' /C calc'!A0",
    "-A1", "--5", "+cmd", " =1+1", "\n=1+1", "\r\n@x", "\t=1+1", "\tx", "\rx", "-1\n+1", "-1-1",
    "\u00a0=1", "\ufeff=1", "＝1+1", "＠SUM", "＋1+1", "－A1", "-5 USD", "'=1'"[1:],
)  # fmt: skip
HARMLESS = (
    "", "a", "1=1", "x@y.example", "-5", "+5", "-1,234.5", "-1.234,5", "-0.5%", "+7.2 %", "-1e-5",
    "-.5", " -5", "-", "+", "−5", "–", "'quoted", "852872", "海信", "a\n=1",
)  # fmt: skip


@pytest.mark.parametrize("text", ARMED)
def test_what_begins_as_a_formula_gets_an_apostrophe(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_and_words_stay(text: str) -> None:
    assert inert(text) == text


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_frame_is_written_as_its_rows_would_be(tmp_path: Path) -> None:
    """The same in Rust's patterns as in Python's, headings and every kind of text among them."""
    texts = [*ARMED, *HARMLESS]
    frame = pl.DataFrame(
        {"=head": texts, "n": [-1.5] * len(texts), "kind": pl.Series(texts, dtype=pl.Categorical)}
    )
    write_csv(frame, file := tmp_path / "x.csv")
    head, *rows = cells(file.read_bytes().decode())
    assert head == ["'=head", "n", "kind"]
    assert rows == [[inert(text), "-1.5", inert(text)] for text in texts]
    assert cells(csv_text([[text] for text in texts if text])) == [[inert(t)] for t in texts if t]


def test_the_mark_for_excel_and_empty_cells(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    write_csv(pl.DataFrame({"a": ["x", None], "b": [None, -2]}), file, for_excel=True)
    assert file.read_bytes() == b"\xef\xbb\xbfa,b\nx,\n,-2\n"
