"""The headings of what firms really export, and tables whose rows stand for months or years."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.sources.layout import layout_of
from offing.sources.ledger import LedgerRead, look_at
from offing.sources.papers import read_sales
from offing.sources.user_table import look_at_table, user_table
from offing.terms.errors import InputError, Where

CODES = {"hc-65m": "8528"}


def read(folder: Path, text: str, **options: Any) -> tuple[Any, LedgerRead]:
    path = folder / "l.csv"
    path.write_text(text, encoding="utf-8")
    found = look_at(path, codes=CODES, **options)
    if found.trouble is not None:
        raise found.trouble
    return found.sales, found


@pytest.mark.parametrize(
    ("headings", "cells"),
    [("年份,月份", "2024,2月"), ("月份", "2024-02"), ("期间", "202402"), ("Month", "Feb 2024"),
     ("Year,Month", "2024,2"), ("日期", "2024年2月")],
)  # fmt: skip
def test_months_count_on_their_last_day(tmp_path: Path, headings: str, cells: str) -> None:
    text = f"{headings},国家,型号,数量,金额(欧元)\n{cells},德国,HC-65M,1,9\n"
    rows, staging = read(tmp_path, text)
    assert rows["on"].to_list() == [date(2024, 2, 29)]
    assert "reference.whole_months" in [note.key for note in staging.notes]


def test_a_heading_named_by_hand_is_read(tmp_path: Path) -> None:
    file = tmp_path / "发票.csv"
    file.write_text("三月发票\n单子,钱\nA1,1200\n", encoding="utf-8")
    look = look_at_table(file, "sales", {})
    assert (look.headings, look.needed) == (("单子", "钱"), ("number", "total"))
    named = {"number": "单子", "total": "钱"}
    assert look_at_table(file, "sales", named).found == named
    assert [(row.number, row.total) for row in read_sales(file, named).rows] == [
        ("A1", Decimal(1200))
    ]
    with pytest.raises(InputError, match="number"):
        read_sales(file, named | {"number": "单号"})
    with pytest.raises(InputError) as refused:
        read_sales(file, {"nummer": "单子"})
    assert refused.value.key == "errors.unknown_name"


QUERY = (
    "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,贸易方式编码,贸易方式名称,注册地编码,注册地名称,"
    "第一数量,第一计量单位,第二数量,第二计量单位,美元\n"
    '202401,85287222,特大屏幕彩色电视机,304,德国,10,一般贸易,37,山东省,"12,300",台,"210,000",千克,"6,330,000"\n'
    '202402,85287222,特大屏幕彩色电视机,502,美国,10,一般贸易,37,山东省,"9,300",台,"160,000",千克,"4,830,000"\n'
)
"""As the query page of China's customs gives it; the figures are made up."""


def test_a_query_of_customs_is_a_ledger_as_it_is(tmp_path: Path) -> None:
    rows, staging = read(tmp_path, QUERY)
    assert rows.select("on", "market", "quantity", "unit", "amount", "currency").rows() == [
        (date(2024, 1, 31), "DEU", Decimal(12300), "item", Decimal(6330000), "USD"),
        (date(2024, 2, 29), "USA", Decimal(9300), "item", Decimal(4830000), "USD"),
    ]
    assert [note.key for note in staging.notes] == ["reference.whole_months"]
    in_yuan, _ = read(tmp_path, QUERY.replace("美元", "人民币"))
    assert in_yuan["currency"].to_list() == ["CNY", "CNY"]


@pytest.mark.parametrize(
    ("across", "refused"),
    [
        ("2023年,2024年", True),
        ("2024年1月,2024年2月", True), ("20230105,20240105", False),
    ],
)  # fmt: skip
def test_years_side_by_side_are_said_to_be(tmp_path: Path, across: str, refused: bool) -> None:
    text = f"商品编码,贸易伙伴,数量,{across}\n85287200,德国,1,100,120\n"
    with pytest.raises(InputError) as said:
        read(tmp_path, text)
    assert (said.value.key == "sources.years_across") == refused
    with pytest.raises(InputError) as said:
        layout_of("months").must_have(text.splitlines()[0].split(","), Where(tmp_path))
    assert (said.value.key == "sources.years_across") == refused


@pytest.mark.parametrize(
    ("line", "heading", "amount"),
    [
        ("单位：万元", "金额(人民币)", "30000"),
        ("单位：人民币万元", "金额RMB", "30000"),
        ("单位：千元", "金额(元)", "3"),
        ("单位：万元", "金额(千元)", "3000"),
        ("Sales (in thousands)", "金额(美元)", "3000"),
        ("Sales (in thousand yuan)", "金额(美元)", "sources.two_units"),
        ("单位：万美元", "金额(美元)", "30000"),
        ("单位：元", "金额(美元)", "3"),
        ("单位：万元", "金额(美元)", "sources.two_units"),
        ("单位：万元", "金额($)", "sources.two_units"),
        ("单位：元/千美元", "金额", "sources.two_stated"),
        ("单位：千元/万元", "金额", "sources.two_stated"),
        ("单位：美元", "金额(元/千美元)", "reference.no_currency"),
    ],
)
def test_a_heading_with_a_currency_takes_the_scale_of_the_line_above(
    tmp_path: Path, line: str, heading: str, amount: str
) -> None:
    text = f"{line},,,,\n日期,国家,型号,数量,{heading}\n2024-03-01,德国,HC-65M,1,3\n"
    if "." not in amount:
        rows, _ = read(tmp_path, text)
        assert rows["amount"].to_list() == [Decimal(amount)]
        return
    with pytest.raises(InputError, match=r"which is of CNY|two units|does not say") as refused:
        read(tmp_path, text)
    assert refused.value.key == amount


def test_amounts_of_two_columns_are_both_in_the_unit_above(tmp_path: Path) -> None:
    head = "Sales (in thousands),,,,,\n日期,国家,型号,数量,金额(美元),金额(人民币)\n"
    text = f"{head}2024-03-01,德国,HC-65M,1,3,\n2024-03-02,德国,HC-65M,1,,21\n"
    rows, _ = read(tmp_path, text)
    assert rows.select("amount", "currency").rows() == [(3000, "USD"), (21000, "CNY")]


def test_a_unit_price_with_a_currency_is_of_one(tmp_path: Path) -> None:
    head = "海关编号,出口日期,商品名称,成交数量,单价(人民币),总价(人民币)"
    file = tmp_path / "d.csv"
    file.write_text(f"单位：万元,,,,,\n{head}\n1,2024-03-01,锅,100,250,2.5\n", "utf-8")
    columns = user_table(file, "declarations").columns
    assert [int(columns[name].heading.scale) for name in ("price", "total")] == [1, 10000]


GOODS = (("FS-24", "73239300", 12.5), ("FS-28", "73239300", 15.0), ("AL-20", "76151080", 8.4))
LANDS = ("DE", "US", "JP", "AE")


def which(folder: Path, columns: Mapping[str, str], step: int = 10) -> LedgerRead:
    """Twenty papers of one to three items each, under the given headings."""
    lines = [",".join(columns)]
    for paper in range(20):
        for item in range(1 + paper % 3):
            model, code, price = GOODS[(item + paper) % 3]
            cells = {
                "paper": f"9000{paper:04}", "item": str((item + 1) * step),
                "day": f"{5 + paper:02}.{paper % 10 + 1:02}.2026", "buyer": "Nord GmbH",
                "land": LANDS[paper % 4], "model": model, "code": code, "quantity": "100",
                "unit": "ST", "amount": f"{100 * price:.2f}", "money": "USD", "text": "Topf",
                "kg": "KG", "broker": "青岛外运报关有限公司", "short": "大地报关",
            }  # fmt: skip
            lines.append(",".join(cells[name] for name in columns.values()))
    file = folder / "list.csv"
    file.write_text("\n".join(lines), "utf-8")
    return look_at(file)


def headings(text: str) -> dict[str, str]:
    return dict(pair.replace("_", " ").split("=") for pair in text.split())


@pytest.mark.parametrize(
    ("units", "found"),
    [
        (("申报单位=broker", "申报计量单位=unit"), "申报计量单位"),
        (("申报单位=short", "成交单位=unit"), "成交单位"),
        (("申报单位=broker",), None),
        (("申报单位=unit", "第一计量单位=kg"), "申报单位"),
    ],
)
def test_who_declares_is_no_unit(tmp_path: Path, units: Sequence[str], found: str | None) -> None:
    columns = (
        "海关编号=paper 申报日期=day 运抵国=land 商品编号=code 规格型号=model 申报数量=quantity"
    )
    look = which(tmp_path, headings(" ".join((columns, *units, "总价=amount 币制=money"))))
    taken = {column.name: column.heading and column.heading.text for column in look.columns}
    assert taken["unit"] == found
    assert {*look.sales["unit"]} == {"item"}
    said = {note.key for note in look.notes}
    assert ("reference.no_unit_column" in said) == (found is None)


@pytest.mark.parametrize(
    ("headings_", "cells", "taken"),
    [
        ("日期,国家,海关编码,数量(台),金额,\n,,,,人民币,备注", "30,", "金额人民币"),
        ("日期,国家,海关编码,数量(台),金额,\n,,,,人民币,备注", "30,样品", "金额人民币"),
        ("日期,国家,海关编码,数量(台),总价(元),原币金额", "30,", "总价(元)"),
        ("日期,国家,海关编码,数量(台),金额(美元),人民币金额", "30,210", "金额(美元)"),
        ("日期,国家,海关编码,数量(台),人民币金额,备注", "30,", "人民币金额"),
        ("日期,国家,海关编码,数量(台),人民币金额(元),备注", "30,", "人民币金额(元)"),
    ],
)
def test_the_amount_is_a_column_with_amounts(
    tmp_path: Path, headings_: str, cells: str, taken: str
) -> None:
    file = tmp_path / "l.csv"
    file.write_text(f"{headings_}\n2026-03-01,德国,85044090,3,{cells}\n", "utf-8")
    look = look_at(file)
    assert [c.heading and c.heading.text for c in look.columns if c.name == "amount"] == [taken]
    assert look.sales["amount"].to_list() == [30]


def test_a_table_of_sums_is_told_all_that_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, "年月,国家（地区）,出口额（万美元）\n2024-06,美国,39.35\n")
    said = str(refused.value)
    assert "“HS code, Quantity”" in said
    assert "offing province" in said
