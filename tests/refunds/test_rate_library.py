"""The official rate library's format, written here byte by byte from the dBase description."""

import struct
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.refunds.months_file import months_of
from offing.refunds.rate_library import library_rate
from offing.sources.month_lines import read_months
from offing.sources.rate_library import read_library
from offing.terms.errors import InputError, OffingError, RuleError

FIELDS = [("CODE", 10), ("NAME", 20), ("UNIT", 6), ("ZSSL_SET", 8), ("TSL", 6),
          ("ST_DATE", 8), ("END_DATE", 8), ("TSFLAG", 1)]  # fmt: skip
ROWS = [
    ("8507600090", "锂离子蓄电池", "个", "13", "9", "20241201", "20260331", ""),
    ("8507600090", "锂离子蓄电池", "个", "13", "6.00", "20260401", "20261231", ""),
    ("6203424090", "棉制男式长裤", "条", "13", "13", "20190401", "", ""),
    ("6203424010", "棉制男童长裤", "条", "13", "13", "20190401", "", ""),
    ("0101210010", "改良种用马", "头", "9,13", "9", "20190401", "99991231", ""),
    ("7606112000", "铝合金板", "千克", "13", "13", "20190401", "", ""),
    ("7606112000", "铝合金板", "千克", "13", "0", "20241201", "", ""),
]


def table(rows: Sequence[tuple[str, ...]], deleted: tuple[int, ...] = ()) -> bytes:
    """A FoxPro table: header, field descriptors, records of fixed width."""
    width = 1 + sum(size for _, size in FIELDS)
    header = 32 + 32 * len(FIELDS) + 1
    out = bytearray(struct.pack("<B3BIHH20x", 0x30, 26, 6, 9, len(rows), header, width))
    for name, size in FIELDS:
        out += name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
    out += b"\r"
    for number, row in enumerate(rows):
        out += b"*" if number in deleted else b" "
        for (_, size), cell in zip(FIELDS, row, strict=True):
            out += cell.encode("gb18030").ljust(size)
    return bytes(out)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(ROWS))
    return path


def test_rate_by_code_and_day(library: Path) -> None:
    read = read_library(library)
    assert library_rate(read, "8507600090", date(2026, 3, 31)).refund_rate == Decimal("0.09")
    assert library_rate(read, "8507600090", date(2026, 4, 1)).refund_rate == Decimal("0.06")
    assert library_rate(read, "620342", date(2026, 4, 1)).refund_rate == Decimal("0.13")
    assert library_rate(read, "0101210010", date(2026, 4, 1), Decimal("0.09")).levy_rate == Decimal(
        "0.09"
    )
    assert "sha256:" in read.source


@pytest.mark.parametrize(
    ("code", "day", "key"),
    [
        ("8507600090", date(2027, 1, 1), "refund.not_in_library"),
        ("9999999999", date(2026, 1, 1), "refund.not_in_library"),
        ("", date(2026, 1, 1), "refund.not_in_library"),
        ("0101210010", date(2026, 1, 1), "refund.several_levies"),
        ("7606112000", date(2025, 1, 1), "refund.two_rates"),
    ],
)
def test_it_asks_and_does_not_guess(library: Path, code: str, day: date, key: str) -> None:
    with pytest.raises(RuleError) as caught:
        library_rate(read_library(library), code, day)
    assert caught.value.key == key


def test_months_take_their_rates_from_it(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "month,export_date,fob_cny,code,levy_rate\n"
        "2026-03,2026-03-02,1000,8507600090,\n2026-03,2026-03-02,1000,0101210010,9%\n"
        "2026-03,2026-03-02,1000,0101210010,\n",
        encoding="utf-8",
    )
    read = months_of(read_months(path), library=read_library(library))
    rates = {(line.levy_rate, line.refund_rate) for line in read.months[0].exports}
    assert rates == {(Decimal("0.13"), Decimal("0.09")), (Decimal("0.09"), Decimal("0.09"))}
    assert [error.key for error in read.quarantined] == ["refund.several_levies"]
    assert all("sha256" in rule.source for rule in read.rules)


def test_deleted_records_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(ROWS, deleted=(5,)))
    assert library_rate(read_library(path), "7606112000", date(2025, 1, 1)).refund_rate == 0


def test_a_cut_file_is_refused(library: Path) -> None:
    library.write_bytes(library.read_bytes()[:-5])
    with pytest.raises(InputError) as caught:
        read_library(library)
    assert caught.value.key == "refund.cut_dbf"


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_lead_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.dbf"
    whole = table(ROWS)
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])
    try:
        read_library(path)
    except OffingError:
        return


def test_a_rate_of_nought_and_a_rate_that_differs_are_pointed_out(tmp_path: Path) -> None:
    rows = [*ROWS, ("6403999000", "鞋", "双", "13", "0.00", "20190401", "", "")]
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(rows))
    months = tmp_path / "months.csv"
    head = "period,export_date,fob_cny,levy_rate,refund_rate,code,input_tax\n"
    months.write_text(
        f"{head}2026-05,2026-05-05,100,,,6403999000,5\n2026-05,2026-05-05,9,13%,9%,8507600090,\n",
        encoding="utf-8",
    )
    library = read_library(path)
    assert str(library_rate(library, "6403999000", date(2026, 5, 5)).refund_rate) == "0"
    notes = dict(months_of(read_months(months), library=library).notes)
    assert notes["refund.note_nought"]["row"] == "2"
    assert notes["refund.note_given_other"]["row"] == "3"
    assert notes["refund.note_given_other"]["known"] == "6 %"
