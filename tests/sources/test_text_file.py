"""Text files as people have them."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.sources.text_file import text_file
from offing.terms.errors import InputError

PLACES = {"a": 0, "b": 1}


def write(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    return path


def rows(path: Path) -> list[tuple[int, str | None, str | None]]:
    opened = text_file(path)
    frames = [frame.select("row", "a", "b") for frame in opened.frames(PLACES)]
    return [] if not frames else list(pl.concat(frames).iter_rows())


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("a,b;c,d", ","),
        ("a;b,c;d", ";"),
        ("a|b,c;d|e", "|"),
        ("a,b;c", ","),
        ("a\tb;c\td\te", "\t"),
    ],
)
def test_the_delimiter_that_makes_the_most_columns_is_taken(
    tmp_path: Path, header: str, delimiter: str
) -> None:
    """Of two that make as many, the first of comma, semicolon, tab and bar."""
    opened = text_file(write(tmp_path, f"{header}\n{header}\n".encode()))
    assert opened.delimiter == delimiter
    assert list(opened.header) == header.split(delimiter)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "国家,b\n中国,2\n"),
        ("utf-8-sig", "国家,b\n中国,2\n"),
        ("utf-16", "国家,b\n中国,2\n"),
        ("gb18030", "国家,商品\n中国,电视机\n德国,洗衣机\n"),
        ("cp1252", "pays,b\nCôte d'Ivoire,2\nRéunion,3\n"),
    ],
)
def test_every_encoding_is_found(tmp_path: Path, encoding: str, text: str) -> None:
    path = write(tmp_path, text.encode(encoding))
    opened = text_file(path)
    assert ",".join(opened.header) == text.split("\n", 1)[0]
    first = text.split("\n")[1].split(",")
    assert rows(path)[0] == (2, *first)


cell = st.text(st.characters(codec="utf-8", exclude_characters='"\r\x00\n,'), max_size=4)
line = st.lists(cell, min_size=1, max_size=4).map(",".join)


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(line, max_size=12), end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_the_fast_way_gives_what_the_exact_way_gives(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, last: bool
) -> None:
    text = end.join(["a,b", *lines]) + (end if last else "")
    path = write(tmp_path_factory.mktemp("same"), text.encode())
    opened = text_file(path)
    width = len(opened.header)
    exact = [
        (row, *[(fields[place] or None) if place < len(fields) else None for place in (0, 1)])
        for row, fields in opened.records()
        if row > 1 and len(fields) >= width
    ]
    fast = [
        (row, a, b)
        for frame in opened.frames(PLACES)
        for row, a, b, fields in frame.select("row", "a", "b", "fields").iter_rows()
        if fields >= width
    ]
    assert fast == exact


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "sources.empty"),
        (b"PK\x03\x04rest", "sources.not_text"),
        (b"a,a\n1,2\n", "sources.column_twice"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, data: bytes, key: str) -> None:
    with pytest.raises(InputError) as error:
        text_file(write(tmp_path, data))
    assert error.value.key == key


def test_a_quote_that_is_never_closed_names_its_line(tmp_path: Path) -> None:
    data = b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 300
    with pytest.raises(InputError) as error:
        rows(write(tmp_path, data))
    assert error.value.key == "sources.open_quote"
    assert error.value.where is not None
    assert error.value.where.row == 3
