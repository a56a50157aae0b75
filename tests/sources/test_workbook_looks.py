"""What a person sees of a workbook beside its values: formats, merged cells, hidden rows."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from offing.sources.gacc import read as read_gacc
from offing.sources.ledger import Lines, read_ledger
from offing.sources.market_panel import read_panel
from offing.sources.number_formats import shown_by_style, shown_number, words_of
from offing.sources.numbers import read_amount
from offing.sources.staging import Staging
from offing.terms.errors import InputError

HEAD = ["date", "buyer", "market", "hs_code", "model", "quantity", "amount", "currency"]
ROWS: list[list[Any]] = [
    [date(2024, 3, 1 + n), "Muster GmbH", "Germany", "85287240", "TV-55", 10, 4000.5 + n, "EUR"]
    for n in range(4)
]
Touch = Callable[[Any], None]


def book(folder: Path, touch: Touch, *, without: Sequence[str] = ()) -> Path:
    """A ledger of four lines whose sheet is touched up by hand."""
    made = Workbook()
    sheet = made.active
    kept = [at for at, name in enumerate(HEAD) if name not in without]
    for row in [HEAD, *ROWS]:
        sheet.append([row[at] for at in kept])
    touch(sheet)
    made.save(folder / "ledger.xlsx")
    return folder / "ledger.xlsx"


def formatted(code: str, *letters: str) -> Touch:
    """The cells of some columns in a number format."""

    def touch(sheet: Any) -> None:
        for letter in letters:
            for row in range(2, 6):
                sheet[f"{letter}{row}"].number_format = code

    return touch


def keys(lines: Lines) -> dict[str, Any]:
    return {note.key: note.values.get("count") for note in lines.notes}


@pytest.mark.parametrize(
    ("code", "currency"),
    [("[$€-407] #,##0.00", "EUR"), ('"US$"#,##0', "USD"), ("#,##0.00 [$EUR]", "EUR")],
)  # fmt: skip
def test_the_currency_of_a_format_is_read(tmp_path: Path, code: str, currency: str) -> None:
    lines = read_ledger(book(tmp_path, formatted(code, "G"), without=["currency"]))
    assert set(lines.sales["currency"]) == {currency}
    assert lines.sales["amount"].sum() == Decimal("16008")
    assert not lines.quarantined


def test_a_format_that_contradicts_the_currency_is_put_aside(tmp_path: Path) -> None:
    def one(sheet: Any) -> None:
        sheet["G3"].number_format = "[$$-409]#,##0.00"

    lines = read_ledger(book(tmp_path, one))
    assert lines.quarantined == (("reference.two_currencies", 1, 3),)


def test_a_bare_sign_of_a_format_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_ledger(book(tmp_path, formatted('"¥"#,##0.00', "G"), without=["currency"]))
    assert caught.value.key == "reference.bare_sign"


@pytest.mark.parametrize(
    "code", ['"€"#,##0.00', "#,##0.00", "0.00_ ", "General", "#,##0.0,", '0.0,"k"']
)
def test_a_format_that_agrees_says_nothing(tmp_path: Path, code: str) -> None:
    lines = read_ledger(book(tmp_path, formatted(code, "G")))
    assert lines.sales["amount"].sum() == Decimal("16008")
    assert not lines.quarantined
    assert "reference.units_turned" not in keys(lines)


def test_words_of_a_format_count(tmp_path: Path) -> None:
    """4000.5 that is shown as "4000.5 k" is four million, and 10 as "10 dozen" are 120."""

    def touch(sheet: Any) -> None:
        formatted('#,##0.0" k"', "G")(sheet)
        formatted('0" dozen"', "F")(sheet)

    lines = read_ledger(book(tmp_path, touch))
    assert lines.sales["amount"].sum() == Decimal("16008000")
    assert set(lines.sales["quantity"]) == {Decimal(120)}


def test_a_unit_of_money_of_a_format_counts(tmp_path: Path) -> None:
    """4000.5 that is shown as "4000.5 万美元" is 40 million dollars."""
    lines = read_ledger(book(tmp_path, formatted('#,##0.00" 万美元"', "G"), without=["currency"]))
    assert set(lines.sales["currency"]) == {"USD"}
    assert lines.sales["amount"].sum() == Decimal("160080000")


def test_a_word_of_a_format_that_nobody_knows_is_never_passed_over(tmp_path: Path) -> None:
    """4000.5 that is shown as "4000.5 T€" is no 4,000.50: what T stands for is asked."""
    with pytest.raises(InputError) as caught:
        read_ledger(book(tmp_path, formatted('#,##0.00" T€"', "G")))
    assert caught.value.key == "reference.no_good_lines"


def test_a_code_filled_up_by_its_format_has_its_zero(tmp_path: Path) -> None:
    def touch(sheet: Any) -> None:
        for row in range(2, 6):
            sheet[f"D{row}"].value = 2071400
        formatted("00000000", "D")(sheet)

    lines = read_ledger(book(tmp_path, touch))
    assert set(lines.sales["product"]) == {"02071400"}


def test_words_merged_downwards_stand_in_each_row(tmp_path: Path) -> None:
    lines = read_ledger(book(tmp_path, lambda sheet: sheet.merge_cells("C2:C5")))
    assert set(lines.sales["market"]) == {"DEU"}
    assert lines.sales.height == 4


def test_an_amount_that_is_merged_stays_where_it_is(tmp_path: Path) -> None:
    lines = read_ledger(book(tmp_path, lambda sheet: sheet.merge_cells("G2:G3")))
    assert lines.quarantined == (("reference.bad_amount", 1, 3),)


@pytest.mark.parametrize(
    ("rows", "said"), [(ROWS, 1), ([["code", "country"], ["DEU", "Germany"]], None)]
)
def test_a_sheet_that_goes_on_without_headings_is_said(
    tmp_path: Path, rows: list[list[Any]], said: int | None
) -> None:
    def touch(sheet: Any) -> None:
        other = sheet.parent.create_sheet("more")
        for row in rows:
            other.append(row)

    assert keys(read_ledger(book(tmp_path, touch))).get("sources.caution_more_rows") == said


def test_a_panel_has_the_currency_of_its_cells(tmp_path: Path) -> None:
    made = Workbook()
    made.active.append(["market", "product", "period", "units", "value"])
    made.active.append(["Germany", "852872", 2024, 100, 50000])
    made.active["E2"].number_format = "#,##0 [$€-407]"
    made.save(tmp_path / "panel.xlsx")
    (line,) = read_panel(tmp_path / "panel.xlsx").rows
    assert (line.currency, line.value) == ("EUR", 50000)


def test_official_workbooks_are_looked_at_too(tmp_path: Path) -> None:
    """A currency of a format is not read into their figures, for the heading says it."""
    made = Workbook()
    made.active.append(["数据年月", "商品编码", "贸易伙伴名称", "第一数量", "第一计量单位", "美元"])
    for month in (1, 2):
        made.active.append([f"2024{month:02d}", "85287240", "德国", 100, "台", 20000])
    made.active["F2"].number_format = '"$"#,##0'
    made.active.row_dimensions[3].hidden = True
    made.save(tmp_path / "gacc.xlsx")
    staging = Staging(tmp_path)
    read_gacc([tmp_path / "gacc.xlsx"], staging, flow="export")
    assert {note.key for note in staging.notes} == {"sources.caution_hidden_rows"}
    assert not staging.reasons


@pytest.mark.parametrize(
    "code",
    ["[$-409]d-mmm-yy", "0.00%", "# ?/?", '0.0,"k"', "[Red]-#,##0", "@", "0000\\.00", ";;;"],
)
def test_formats_that_say_nothing_of_money_or_units(code: str) -> None:
    assert shown_number("12.5", words_of(code)) == "12.5"


def test_counting_words_of_other_languages() -> None:
    read = {text: read_amount(text) for text in ("1.5 k", "2 mio", "3 tsd", "12 kg", "5 m")}
    values = {text: None if one is None else one.value for text, one in read.items()}
    assert values == {"1.5 k": 1500, "2 mio": 2_000_000, "3 tsd": 3000, "12 kg": None, "5 m": None}


def test_a_style_is_found_among_those_of_the_cells() -> None:
    kept = [("numFmt", {"numFmtId": "164", "formatCode": '0" kg"'}), ("xf", {"numFmtId": "164"}),
            ("cellXfs", {}), ("xf", {}), ("xf", {"numFmtId": "164"}), ("cellStyles", {}),
            ("xf", {"numFmtId": "164"})]  # fmt: skip
    assert shown_by_style(kept) == {"1": ("", "kg", 0)}
