"""What a clerk, a trade office and an economist hand in by mistake is said, with what to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

import offing
from offing.cli.app import run
from offing.sources.ledger import read_ledger
from offing.terms.errors import InputError, MissingDataError


@pytest.fixture(autouse=True)
def starter_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has loaded nothing."""
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "no-warehouse"))


def book(file: Path, rows: Sequence[Sequence[Any]], *merged: str) -> Path:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    for cells in merged:
        made.active.merge_cells(cells)
    made.save(file)
    return file


HEADINGS = ["单据日期", "国别", "商品编码", "规格型号", "数量", "币种", "金额"]


def test_a_country_merged_over_rows_is_that_of_each(tmp_path: Path) -> None:
    row = ["2024-03-05", "德国", "85287222", "LX", 10, "USD", 3000]
    file = book(tmp_path / "l.xlsx", [HEADINGS, row, row, row], "B2:B3")
    lines = read_ledger(file)
    assert not lines.quarantined
    assert lines.sales["market"].to_list() == ["DEU"] * 3


def test_headings_over_two_rows_are_said_and_none_is_offered(tmp_path: Path) -> None:
    """Whoever took 原币 for the amount would have had its first column, the price."""
    file = book(
        tmp_path / "l.xlsx",
        [[*HEADINGS[:6], "原币", None, "本币", None], [*[None] * 6, *["单价", "金额"] * 2],
         ["2024-03-05", "德国", "85287222", "LX", 10, "USD", 300, 3000, 2130, 21300]],
        "G1:H1", "I1:J1",
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        read_ledger(file)
    assert caught.value.key == "reference.two_heading_rows"
    assert "原币" in caught.value.found


def customs(file: Path, flow: str = "出口", months: Sequence[str] = ("202312", "202412")) -> Path:
    head = "进出口类型,数据年月,贸易伙伴名称,商品编码,第一数量,第一计量单位,美元\n"
    rows = "".join(f"{flow},{month},德国,85287222,10,台,3000\n" for month in months)
    file.write_bytes((head + rows).encode("gb18030"))
    return file


def test_a_file_of_imports_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError) as caught:
        offing.province(customs(tmp_path / "p.csv", "进口"), ahead=0)
    assert caught.value.key == "province.only_imports"
    assert "出口" in str(caught.value)


def test_a_product_of_a_province_may_be_a_word(tmp_path: Path) -> None:
    file = customs(tmp_path / "p.csv")
    assert offing.province(file, ahead=0, product="电视机").standing.total("now") == 3000
    with pytest.raises(InputError, match="椅子凳子"):
        offing.province(file, ahead=0, product="椅子凳子")


def test_a_year_without_a_change_is_a_whole_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["province", str(customs(tmp_path / "p.csv")), "--ahead", "0"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "That is 0% on the year before. The largest market" in out


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


def test_a_ledgers_name_that_is_mistyped_is_answered_with_the_file_beside_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "ledger.csv").write_text("Date,Market\n", "utf-8")
    with pytest.raises(InputError, match=r"did you mean ledger\.csv"):
        read_ledger(tmp_path / "leger.csv")
    with pytest.raises(InputError) as caught:
        read_ledger(tmp_path / "nowhere" / "leger.csv")
    assert "did you mean" not in str(caught.value)


def test_a_file_without_its_source_is_told_how_it_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text("Date,Market\n", "utf-8")
    with pytest.raises(InputError) as caught:
        offing.load(str(file), warehouse=tmp_path / "w")
    assert caught.value.key == "sources.file_alone"
    assert "offing load ledger" in str(caught.value)
