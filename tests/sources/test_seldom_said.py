"""What few tables say: a claim's 21 digits, units by the thousand, signs of a money, many rows."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from offing.sources import archive, papers, tariff_rcep, text_file
from offing.sources.headings import ColumnHeading, FileColumn, heading_of, said_by, unit_said
from offing.sources.layout import in_our_units, layout_of
from offing.sources.sheet_file import _heading_line
from offing.sources.user_table import TableRow
from offing.terms.errors import InputError, StorageError
from offing.terms.messages import speaking


@pytest.mark.parametrize(
    ("number", "item", "found"),
    [
        ("420120260000000001001", "", ("420120260000000001", "1")),
        ("420120260000000001012", "", ("420120260000000001", "12")),
        ("420120260000000001012", "3", ("420120260000000001", "3")),
        ("420120260000000001", "03", ("420120260000000001", "3")),
        ("420120260000000001", "", ("420120260000000001", "")),
        ("420120260000000001", "0", ("420120260000000001", "0")),
        ("42012026000000000101", "2", ("42012026000000000101", "2")),
    ],
)
def test_a_claim_has_the_item_behind_the_number(
    number: str, item: str, found: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row: Any = {"number": number, "item": item}
    monkeypatch.setattr(papers, "_text", lambda row, name: row[name])
    assert papers._number_and_item(row) == found


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError) as said:
        archive._head(tmp_path)
    assert said.value.key == "sources.unreadable"
    file = tmp_path / "x.csv"
    file.write_bytes(b"12345678")
    assert archive._head(file) == b"1234"

    def refused(*_: Any) -> str:
        raise PermissionError(13, "not yours")

    monkeypatch.setattr(text_file, "_encoding", refused)
    with pytest.raises(StorageError) as said:
        text_file.text_file(file)
    assert (said.value.key, said.value.values["reason"]) == ("sources.unreadable", "not yours")


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        ({1: ["sales of 2026", ""], 2: ["a", "b"], 3: ["1", "2"]}, 2),
        ({1: ["a", "b"], 2: ["1", "2"]}, 1),
        ({1: ["", ""], 2: ["one column", ""], 3: ["1", ""]}, 2),
        ({4: ["", "x"], 5: ["", ""]}, 4),
    ],
)
def test_the_first_line_with_more_than_one_cell(lines: dict[int, list[str]], first: int) -> None:
    assert _heading_line(lines, None) == first


def test_a_sign_of_a_heading_must_fit_the_rows_own_money() -> None:
    row: Any = SimpleNamespace(_money="EUR", at=lambda name: None)
    with pytest.raises(InputError) as said:
        TableRow._must_bear(row, "$", "price")
    assert (said.value.values["text"], said.value.values["usual"]) == ("$", "EUR")
    for money in ("USD", "HKD", None):
        TableRow._must_bear(SimpleNamespace(_money=money, at=row.at), "$", "price")  # type: ignore[arg-type]


def test_what_a_column_is_called() -> None:
    layout = replace(layout_of("trade_table"), names={"net_kg": ["weight", "净重"], "x": ["y"]})
    with speaking("zh"):
        assert (layout.label("net_kg"), layout.label("x")) == ("净重", "x")
    with speaking("en"):
        assert (layout.label("net_kg"), layout.label("x")) == ("net kg (净重)", "x")


SCALES = {
    1_000: ("thousand", "thousands", "'000", "000", "k", "tsd", "千"),
    1_000_000: ("million", "millions", "mio", "mln", "mn", "mm", "000000", "百万"),
    10_000: ("万", "10k", "10,000", "ten thousand"),
    100_000: ("十万",), 10_000_000: ("千万",), 100_000_000: ("亿",),
}  # fmt: skip


@pytest.mark.parametrize(("scale", "words"), SCALES.items())
def test_every_word_of_a_scale(scale: int, words: tuple[str, ...]) -> None:
    for word in words:
        heading = heading_of(f"Sales ({word} USD)", frozenset({"sales"}))
        assert heading is not None
        assert (int(heading.scale), heading.currency) == (scale, "USD"), word


@pytest.mark.parametrize(
    ("text", "scale"),
    [("value (USD thousand)", 1000), ("value (USD 10k)", 10_000), ("value USD (million)", 10**6)],
)
def test_a_name_that_ends_in_its_currency_keeps_it_before_a_scale(text: str, scale: int) -> None:
    heading = heading_of(text, frozenset({"value", "valueusd"}))
    assert heading is not None
    assert (int(heading.scale), heading.currency) == (scale, "USD")


UNITS = {
    ("item", "1"): ("pcs", "台", "each"), ("kg", "1"): ("kgs", "千克", "kilos"),
    ("kg", "1000"): ("吨", "t", "tonnes"), ("kg", "0.001"): ("克", "g"),
    ("kg", "0.5"): ("斤", "jin"),
    ("kg", "0.45359237"): ("lb", "pounds"), ("item", "12"): ("打", "dozen"), ("pair", "1"): ("双",),
    ("item", "1000"): ("千个", "1000 pcs"), ("kg", "10000000"): ("万吨",),
    ("item", "10000"): ("万台",),
}  # fmt: skip


@pytest.mark.parametrize(("unit", "words"), UNITS.items())
def test_every_word_of_a_unit(unit: tuple[str, str], words: tuple[str, ...]) -> None:
    for word in words:
        assert unit_said(word) == (unit[0], Decimal(unit[1])), word


def test_a_number_before_a_unit_is_the_units_own() -> None:
    """千元/千个 is the price of one, in thousands of yuan for a thousand pieces."""
    price = heading_of("单价(千元/千个)", frozenset({"单价"}))
    assert price is not None
    assert (price.currency, price.unit) == ("CNY", "item")
    assert (price.scale, price.per_unit) == (Decimal(1000), Decimal(1000))
    assert said_by("USD/千个") == {
        "scale": 1, "currency": "USD", "unit": "item", "per_unit": 1000
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [3, 4, 1000])
def test_utf_16_without_a_mark_by_the_side_of_its_zeros(
    encoding: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces of an odd size begin on the other side of a pair; one letter in ten may be Chinese."""
    data = ("a,b,c\n1,2,3\n" * 9 + "电视机\n").encode(encoding)
    file = tmp_path / "x.csv"
    file.write_bytes(data)
    monkeypatch.setattr(
        text_file, "_blocks", lambda _: (data[n : n + size] for n in range(0, len(data), size))
    )
    assert text_file._unmarked_utf_16(file, "x.csv") == encoding


def test_figures_are_in_the_unit_of_their_heading_but_a_quantity_in_that_of_its_row() -> None:
    layout: Any = SimpleNamespace(measured=frozenset({"quantity", "kg"}))
    tonnes = FileColumn(1, ColumnHeading("t", "t", per_unit=Decimal(1000), scale=Decimal(10)))
    columns = dict.fromkeys(("quantity", "kg", "price"), tonnes)

    def scales(columns: dict[str, FileColumn]) -> dict[str, tuple[int, int]]:
        found = in_our_units(columns, layout)
        return {name: (int(c.heading.scale), int(c.heading.per_unit)) for name, c in found.items()}

    whole, bare = (10_000, 1), (10, 1)
    assert scales(columns) == {"quantity": whole, "kg": whole, "price": (10, 1000)}
    unit = {"unit": FileColumn(2, ColumnHeading("unit", "unit"))}
    assert scales(columns | unit) == {
        "quantity": bare, "kg": whole, "price": (10, 1000), "unit": (1, 1)
    }  # fmt: skip


def test_rates_of_the_agreement_as_they_are_printed() -> None:
    """To the ten thousandth of a per cent; Japan's year begins in April but the first."""
    cells = {"0.12345678": "12.3457", "0.05": "5", "0.065": "6.5", "free": "free", "0": "0"}
    frame = pl.DataFrame({"x": list(cells)})
    printed = frame.select(tariff_rcep._text("x")).to_series().to_list()
    assert [text.removesuffix("%") for text in printed] == list(cells.values())
    days = {
        (year, who): tariff_rcep._first_day(year, who) for year in (1, 2) for who in ("JPN", "CHN")
    }
    assert {key: (day.year, day.month) for key, day in days.items()} == {
        (1, "JPN"): (2022, 1), (1, "CHN"): (2022, 1), (2, "JPN"): (2023, 4), (2, "CHN"): (2023, 1)
    }  # fmt: skip
