"""Ledgers whose headings nobody knows, in other encodings: a person can still say what is what."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from offing.sources.ledger import look_at

CODES = {"hb-300": "850940"}
GERMAN = "\r\n".join(
    [
        "SAP VA05 Auftragsliste\t\t\t\t\t", "Stand\t31.12.2024\t\t\t\t", "",
        "Buchungsdatum\tLand\tMaterial\tMenge\tNettowert\tWähr.",
        "19.01.2024\tUS\tHB-300\t950\t58.140,00\tUSD",
        "20.01.2024\tDE\tHB-300\t1.306\t73.005,40\tEUR", "*\t\t\t2.256\t131.145,40\t",
        "15.06.2024\tDE\tHB-300\t100-\t5.730,00-\tEUR"
    ],
)  # fmt: skip
SAID = {
    "on": "Buchungsdatum", "market": "Land", "quantity": "Menge", "amount": "Nettowert",
    "currency": "Währ.",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8"])
def test_unknown_headings_under_titles_can_be_named(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "va05.txt"
    file.write_bytes(GERMAN.encode(encoding))
    look = look_at(file, codes=CODES)
    assert look.trouble is not None
    assert look.headings == ("Buchungsdatum", "Land", "Material", "Menge", "Nettowert", "Währ.")
    told = look_at(file, columns=SAID, codes=CODES)
    assert told.trouble is None
    assert told.sales["amount"].to_list() == [Decimal(58_140), Decimal("73005.4"), Decimal(-5730)]
    assert told.sales["quantity"].to_list() == [950, 1306, -100]
    assert told.skipped == {"reference.total_line": 1}, "SAP marks its sums with *"


def test_a_cover_is_passed_over_and_two_languages_are_one_country(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "浙江某某电器有限公司"
    lines = book.create_sheet("24年出运明细")
    lines.append(["2024年度出运明细表"])
    lines.append([])
    lines.append(["序号", "出运日", "抵运国", "规格型号", "出运量(PCS)", "成交总额（万美元）"])
    for number, country in enumerate(("美国(USA)", "墨西哥 MEXICO", "德国（304）", "美国 DEU"), 1):
        lines.append([number, date(2024, 3, 5), country, "HB-300", 5430, 33.9375])
    lines.append(["", "3月小计", "", "", 21720, 135.75])
    book.save(tmp_path / "l.xlsx")
    look = look_at(tmp_path / "l.xlsx", codes=CODES)
    assert look.trouble is None
    assert look.sales["market"].to_list() == ["USA", "MEX", "DEU"]
    assert look.sales["amount"].to_list() == [339_375] * 3
    assert [bad.row for bad in look.rejected] == [7], "two countries are not guessed between"
    (on,) = [column for column in look.columns if column.name == "on"]
    assert on.example == "2024-03-05", "a day is shown without its midnight"
