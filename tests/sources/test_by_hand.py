"""Small readers and tables, by hand: deals, elasticities, tables of one's own, shares, progress."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.sources.deals import read_deals
from offing.sources.elasticities import own_substitution
from offing.sources.own_table import numbers, own_table, read_table
from offing.sources.papers import read_charge
from offing.sources.text_file import text_file
from offing.sources.user_table import user_table
from offing.terms.errors import InputError, StorageError, Where

DEAL = '[[deal]]\namount = 100000\ncurrency = "USD"\ndays = 90\n'


def deals(tmp_path: Path, text: str) -> Any:
    file = tmp_path / "deals.toml"
    file.write_text(text, encoding="utf-8")
    return read_deals(file)


def test_deals_of_a_file_with_places(tmp_path: Path) -> None:
    """The third is the first again; the second cannot be used, and its head says where it is."""
    bad = DEAL.replace("90", '"soon"')
    found = deals(tmp_path, f"# ours\n{DEAL}\n{bad}\n{DEAL}")
    assert [(one.amount, one.currency, one.days) for one in found.rows] == [(100000, "USD", 90)] * 2
    [wrong] = found.quarantined
    assert (wrong.where.row, wrong.where.column) == (7, "deal 2")


def test_an_elasticity_of_ones_own() -> None:
    """A standard error of the value itself is a variance of log 2; 1.2816 of it each way."""
    one = own_substitution("8528", 4.0, 4.0)
    assert one.log_sd == pytest.approx(np.sqrt(np.log(2)))
    low, high = one.interval
    assert (low * high, high / low) == pytest.approx((16, np.exp(2 * 1.2815516 * one.log_sd)))
    drawn = np.sort(one.draws(1000, 3))
    assert np.median(drawn) == pytest.approx(4, rel=0.01)
    # one from each part: no draw lies beyond the ends of its own
    assert (drawn[:100] <= low * 1.001).all()
    assert (drawn[-100:] >= high * 0.999).all()
    assert own_substitution("8528", 4.0, se=0.0).interval == (4.0, 4.0)
    for value, se in ((0.0, 0.0), (-1.0, 0.0), (4.0, -0.1), (np.inf, 0.0)):
        with pytest.raises(InputError) as caught:
            own_substitution("8528", value, se)
        assert caught.value.key == "policy.bad_elasticity"


# --- tables of one's own


def table(tmp_path: Path, text: str) -> Any:
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    return own_table(file)[0], file


def column(tmp_path: Path, *cells: str) -> list[float | None]:
    frame, file = table(tmp_path, "a;b\n" + "".join(f"{cell};x\n" for cell in cells))
    return frame.select(numbers(frame, file, "a"))["a"].to_list()  # type: ignore[no-any-return]


# --- shares and amounts of a row


def shares(tmp_path: Path, heading: str, *cells: str) -> list[Decimal | str | None]:
    file = tmp_path / "months.csv"
    rows = "".join(f"2024-0{month};100;{cell}\n" for month, cell in enumerate(cells, 1))
    file.write_text(f"所属期;离岸价人民币;{heading}\n{rows}", encoding="utf-8")
    found: list[Decimal | str | None] = []
    for row in user_table(file, "months").rows:
        try:
            found.append(row.share("refund_rate"))
        except InputError as error:
            found.append(error.key)
    return found


def test_a_rate_under_a_heading_of_per_cent(tmp_path: Path) -> None:
    """Thirteen is 13 %; what is below one is refused, for it may be a share of one hundred."""
    found = shares(tmp_path, "退税率(%)", "13", "13%", "", "0.13", "9")
    assert found == [Decimal("0.13"), Decimal("0.13"), None, "refund.bad_rate", Decimal("0.09")]
    assert shares(tmp_path, "退税率", "13%", "0.13") == [Decimal("0.13")] * 2


@pytest.mark.parametrize(
    ("cell", "value", "mark", "currency"),
    [("502/24/2", "24", "2", "USD"), ("0.3%", "0.3", "1", ""), ("24", "24", "3", ""),
     ("502|24|3", "24", "3", "USD")],
)  # fmt: skip
def test_charges_of_a_declaration(cell: str, value: str, mark: str, currency: str) -> None:
    found = read_charge(cell, "", "", Where(Path("f")))
    assert found is not None
    assert (found.value, found.mark) == (Decimal(value), mark)
    assert found.currency == currency
    assert read_charge("0", "", "", Where(Path("f"))) is None
    assert read_charge("", "", "", Where(Path("f"))) is None


# --- progress


def test_a_folder_is_a_table_and_not_what_lies_below_it(tmp_path: Path) -> None:
    """Files beside one another and in folders of a column's value are the table; another is not."""
    with pytest.raises(StorageError) as empty:
        read_table(tmp_path)
    assert empty.value.key == "sources.a_folder", "it is there, and has no table"
    for name in ("year=2023", "year=2024"):
        (tmp_path / name).mkdir()
        pl.DataFrame({"value": [1]}).write_parquet(tmp_path / name / "part.parquet")
    assert read_table(tmp_path).select("year", "value").rows() == [(2023, 1), (2024, 1)]
    (tmp_path / "old").mkdir()
    pl.DataFrame({"value": [1]}).write_parquet(tmp_path / "old" / "part.parquet")
    with pytest.raises(InputError, match=r"old.part\.parquet") as error:
        read_table(tmp_path)
    assert error.value.key == "sources.other_folder"


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
