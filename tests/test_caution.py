"""A caution's typed values, and cells of CSV that a spreadsheet would run."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter

from offing.report.words import caution_text
from offing.terms.caution import (
    Caution,
    CountryCode,
    Dollars,
    Likelihood,
    ListName,
    Phrase,
    Reference,
    Value,
    Yuan,
    countries,
    ranks,
)
from offing.terms.frames import csv_text, inert, write_csv
from offing.terms.messages import using_language

SAID: list[tuple[Value, str, str]] = [
    (CountryCode("USA"), "the United States", "美国"),
    (countries(["USA", "DEU"]), "the United States and Germany", "美国和德国"),
    (ListName("us301_4a"), "Section 301, list 4A", "301 条款清单 4A"),
    ((ListName("electric_cars"), ListName("other_cars")), "electric cars and other cars", ""),
    (("baci", "own"), "baci, own", "baci、own"),
    ((Phrase("report.market"), Phrase("report.total")), "Market, Total", "市场、合计"),
    ({"en": "chairs", "zh": "椅子"}, "chairs", "椅子"),
    (Reference("Act · @recalled"), "Act · from memory, the source was not read again", ""),
    (Likelihood(0.9), "90%", "90%"),
    (Dollars(7_136_400), "USD 7.14 m", "714 万美元"),
    (Yuan(600_000), "CNY 600,000", "60 万元"),
    (date(2026, 3, 1), "2026-03-01", "2026-03-01"),
    (12, "12", "12"),
    ("as it is", "as it is", "as it is"),
]


def said(value: Value, lang: Any, cny_per_usd: float | None = None) -> str:
    with using_language(lang):
        told = caution_text(Caution("study.warn_unread", {"names": value}), cny_per_usd)
        around = caution_text(Caution("study.warn_unread", {"names": "@"})).split("@")
    return told.removeprefix(around[0].rstrip()).removesuffix(around[1]).replace("\u00a0", " ")


@pytest.mark.parametrize(("value", "english", "chinese"), SAID)
def test_a_value_is_said_by_its_type(value: Value, english: str, chinese: str) -> None:
    assert english in said(value, "en")
    assert chinese in said(value, "zh")


@pytest.mark.parametrize(("value", "english", "_chinese"), SAID)
def test_json_keeps_a_value_and_how_it_is_said(value: Value, english: str, _chinese: str) -> None:
    kept = TypeAdapter(tuple[Caution, ...])
    caution = Caution("study.warn_unread", {"names": value}, countries(["DEU"]))
    (back,) = kept.validate_json(kept.dump_json((caution,)))
    assert back.subject == caution.subject
    assert type(back["names"]) is type(value) or isinstance(value, date)
    assert english in said(back["names"], "en")
    assert Caution.from_data(json.loads(json.dumps(caution.data()))) == back


def test_a_result_of_an_earlier_version_is_read() -> None:
    (old,) = TypeAdapter(tuple[Caution, ...]).validate_json(
        '[["study.warn_unread", {"names": "a"}]]'
    )
    assert old == Caution("study.warn_unread", {"names": "a"})
    assert old.data()["kinds"] == {}


def test_what_weighs_most_comes_first() -> None:
    order = ranks()
    assert order["study.warn_missing"] < order["landed.warn_remedy"] < order["study.warn_at_cap"]


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
