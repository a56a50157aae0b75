"""What a clerk, a trade office and an economist hand in by mistake is said, with what to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

import offing
from offing.sources.ledger import read_ledger
from offing.terms.errors import InputError


def book(file: Path, rows: Sequence[Sequence[Any]], *merged: str) -> Path:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    for cells in merged:
        made.active.merge_cells(cells)
    made.save(file)
    return file


HEADINGS = ["单据日期", "国别", "商品编码", "规格型号", "数量", "币种", "金额"]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_headings_over_two_rows_are_read_as_one(tmp_path: Path, suffix: str) -> None:
    """The group tells which of two amounts is read: that in the invoice's own money."""
    table: list[list[Any]] = [
        [*HEADINGS[:4], "数量", None, "币种", "本币", None, "原币", None],
        [*[None] * 4, "数值", "单位", None, *["单价", "金额"] * 2],
        ["2024-03-05", "德国", "85287222", "LX", 10, "台", "USD", 2130, 21300, 300, 3000],
    ]
    file = tmp_path / f"l{suffix}"
    if suffix == ".xlsx":
        book(file, table, "A1:A2", "E1:F1", "H1:I1", "J1:K1")
    else:
        lines = (",".join("" if cell is None else str(cell) for cell in row) for row in table)
        file.write_text("\n".join(lines), "utf-8")
    (sold,) = read_ledger(file).sales.iter_rows(named=True)
    assert (sold["quantity"], sold["unit"], sold["amount"]) == (10, "item", 3000)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"count": 1, "data": [{"refYear": 2020, "primaryValue": 5}]}', "sources.is_json"),
        ('[ {"refYear": 2020}]', "sources.is_json"),
        ("t,i,j,k,v,q\n2020,156,276,852872,5000.1,100.2\n", "sources.missing_column_baci"),
    ],
)
def test_another_kind_of_file_is_named(tmp_path: Path, text: str, key: str) -> None:
    file = tmp_path / "comtrade.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        offing.load("comtrade", file, warehouse=tmp_path / "w")
    assert caught.value.key == key


def test_what_is_no_study_is_told_for_what_it_is(tmp_path: Path) -> None:
    ledger, reform = tmp_path / "ledger.csv", tmp_path / "reform.toml"
    ledger.write_text("Date,Market\n", "utf-8")
    reform.write_text('[reform]\nname = "x"\n[[rate]]\nid = "eur.mfn.1"\nvalue = "0%"\n', "utf-8")
    for file, key, said in (
        (ledger, "study.is_table", "offing begin"),
        (reform, "study.is_reform", "offing whatif STUDY REFORM"),
    ):
        with pytest.raises(InputError) as caught:
            offing.plan(file)
        assert caught.value.key == key
        assert said in str(caught.value)
