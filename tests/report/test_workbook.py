"""The workbook: its formulas give what the study says, and it opens as it should."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from offing.report import write_workbook
from offing.study.result import StudyResult
from offing.terms.messages import LANGUAGES, Language
from report_example import example, one_product, staying
from sheet_formulas import Sheets


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


def test_the_answer_s_columns_are_as_wide_as_its_sentences(tmp_path: Path) -> None:
    """It has no headings, and stood in columns of seven letters."""
    path = tmp_path / "plan.xlsx"
    write_workbook(example(), path, "en")
    book = openpyxl.load_workbook(path)
    first = book.worksheets[0].column_dimensions
    assert [round(first[name].width) for name in "ABC"] == [61, 35, 81]
    sides = {book["Plan"].cell(4, at).alignment.horizontal for at in (6, 7, 8)}
    assert sides == {"right"}, "a heading stands above its figures"


def cells(result: StudyResult, path: Path) -> Sheets:
    write_workbook(result, path, "en")
    return Sheets(path)


@pytest.mark.parametrize(
    "result", [example(), one_product(), staying()], ids=["two", "one", "stay"]
)
def test_formulas_give_what_the_study_says(result: StudyResult, tmp_path: Path) -> None:
    """Every formula from the inputs alone, against the value that the study has for it."""
    path = tmp_path / "plan.xlsx"
    sheets = cells(result, path)
    found = formulas(path)
    assert len(found) > 200
    assert {sheet for sheet, _ in found} == {"Decision", "Plan", "Markets", "Costs", "Segments"}
    for (sheet, cell), (formula, value) in found.items():
        # Costs are rounded to the cent of a shipment, so a unit may differ by a tenth of a cent.
        close = pytest.approx(value, rel=1e-4 if sheet == "Costs" else 1e-9, abs=1e-3)
        assert sheets.value(sheet, cell) == close, (sheet, cell, formula)


def test_sums_are_in_the_firms_currency(tmp_path: Path) -> None:
    result = example()
    sheets = cells(result, tmp_path / "plan.xlsx")
    total = 5 + len(result.plan.rows)  # rows of a sheet count from 1, the headings are the fourth
    # By hand: 18.2 thousand sets of USD 520 in Germany at CNY 7.25 are the first row.
    assert sheets.value("Plan", "N5") == pytest.approx(9.4e6 * 7.25)
    assert sheets.value("Plan", f"N{total}") == pytest.approx(result.plan.sales_usd * 7.25)
    assert sheets.value("Plan", f"P{total}") == pytest.approx(result.plan.margin_usd * 7.25)
    assert sheets.book["Rates"]["C5"].value == 7.25
    markets = len({row.market for row in result.plan.rows})
    whole = sheets.value("Plan", f"N{total}")
    assert sheets.value("Markets", f"C{5 + markets}") == pytest.approx(whole, rel=1e-12)


def test_a_rate_moves_what_is_invoiced_in_it_and_nothing_else(tmp_path: Path) -> None:
    result = example()
    sheets = cells(result, tmp_path / "plan.xlsx")
    codes = [sheets.book["Rates"][f"A{row}"].value for row in (5, 6, 7, 8)]
    assert codes == ["USD", "CNY", "EUR", "JPY"]
    rows = {
        sheets.value("Plan", f"B{row}"): row for row in range(5, 5 + 12)
    }  # the twelve with most sales
    germany, states = rows["Germany"], rows["United States"]
    before = {row: sheets.value("Plan", f"N{row}") for row in (germany, states)}
    margin, whole = sheets.value("Plan", f"P{germany}"), sheets.value("Markets", "C5")
    sheets.put("Rates", "C7", 7.83 * 1.1)
    assert sheets.value("Plan", f"N{germany}") == pytest.approx(before[germany] * 1.1)
    assert sheets.value("Plan", f"N{states}") == before[states]
    # Costs are in yuan: all that the euro brings more is margin.
    more = sheets.value("Plan", f"P{germany}") - margin
    assert more == pytest.approx(before[germany] * 0.1)
    name = sheets.value("Markets", "A5")
    assert (sheets.value("Markets", "C5") > whole) is (name == "Germany")


def test_a_spreadsheet_computes_the_same(tmp_path: Path) -> None:
    """LibreOffice recomputes every formula from the inputs alone; cached values are dropped."""
    office = shutil.which("localc") or shutil.which("soffice")
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


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    whole = example()
    nasty = tuple(replace(p, name_en="=1+1", name_zh="=1+1") for p in whole.products)
    write_workbook(replace(whole, products=nasty), path, "en")
    cell = openpyxl.load_workbook(path)["Plan"]["A5"]
    assert (cell.value, cell.data_type) == ("=1+1 (8528)", "s")
