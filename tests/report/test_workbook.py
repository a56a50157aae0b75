"""The workbook: its formulas give what the study says, and it opens as it should."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from offing.report import write_workbook
from offing.terms.errors import StorageError
from offing.terms.messages import LANGUAGES, Language
from report_example import example, without_plan


def formulas(path: Path) -> dict[tuple[str, str], tuple[str, Any]]:
    """(sheet, cell) → (formula, the value it was written with)."""
    written = openpyxl.load_workbook(path)
    values = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): (cell.value, values[sheet.title][cell.coordinate].value)
        for sheet in written
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_study_same_bytes(tmp_path: Path, lang: Language) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    write_workbook(example(), one, lang)
    write_workbook(example(), two, lang)
    assert one.read_bytes() == two.read_bytes()


def test_sheets_and_their_language(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    write_workbook(example(), path, "zh")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["方案", "成本", "细分市场", "数据来源", "规则"]
    assert book["方案"]["B5"].value == "德国"
    assert all(sheet.freeze_panes for sheet in book)


def test_totals_are_formulas_with_the_plan_s_values(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    result = example()
    write_workbook(result, path, "en")
    found = formulas(path)
    last = 4 + len(result.plan.rows)
    formula, value = found["Plan", f"G{last + 1}"]
    assert formula == f"=SUM($G$5:$G${last})"
    assert value == pytest.approx(result.plan.sales_usd)
    assert found["Plan", f"I{last + 1}"][1] == pytest.approx(result.plan.margin_usd)
    assert found["Plan", "G5"] == ("=E5*F5", pytest.approx(result.plan.rows[0].sales_usd))


def test_a_spreadsheet_computes_the_same(tmp_path: Path) -> None:
    """LibreOffice recomputes every formula from the inputs alone; cached values are dropped."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("needs LibreOffice Calc to recompute the workbook")
    path, bare = tmp_path / "plan.xlsx", tmp_path / "bare.xlsx"
    write_workbook(example(), path, "en")
    openpyxl.load_workbook(path).save(bare)
    out = tmp_path / "out"
    subprocess.run(
        [
            office,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(out),
            str(bare),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    computed = openpyxl.load_workbook(out / "bare.xlsx", data_only=True)
    found = formulas(path)
    assert len(found) > 100
    for (sheet, cell), (formula, value) in found.items():
        # Costs are rounded to the cent of a shipment, so a unit may differ by a tenth of a cent.
        assert computed[sheet][cell].value == pytest.approx(value, rel=1e-4, abs=1e-3), formula


def test_margin_follows_the_price(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    write_workbook(example(), path, "en")
    sheet = openpyxl.load_workbook(path)["Costs"]
    names = {str(row[0].value): row for row in sheet.iter_rows(min_row=4, max_row=24)}
    assert str(names["Margin"][3].value).startswith("=$D$5-(")
    duty = names["Customs duty"]
    assert duty[1].value == pytest.approx(0.14, abs=1e-6)
    assert str(duty[2].value).startswith("=D")  # of the CIF sum above it
    assert duty[3].value == f"=B{duty[0].row}*C{duty[0].row}"


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    whole = example()
    nasty = tuple(replace(p, name_en="=1+1", name_zh="=1+1") for p in whole.products)
    write_workbook(replace(whole, products=nasty), path, "en")
    cell = openpyxl.load_workbook(path)["Plan"]["A5"]
    assert (cell.value, cell.data_type) == ("=1+1 (8528)", "s")


def test_a_study_without_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    write_workbook(without_plan(), path, "en")
    assert "empty" in openpyxl.load_workbook(path)["Plan"]["A5"].value


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        write_workbook(example(), tmp_path / "none" / "plan.xlsx", "en")
    assert caught.value.key == "report.cannot_write"
    assert caught.value.next_step
