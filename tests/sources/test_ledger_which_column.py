"""Which of several columns is meant, where headings alone do not say: their cells do."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from offing.sources.ledger import LedgerRead, look_at

GOODS = (("FS-24", "73239300", 12.5), ("FS-28", "73239300", 15.0), ("AL-20", "76151080", 8.4))
LANDS = ("DE", "US", "JP", "AE")


def read(folder: Path, columns: Mapping[str, str], step: int = 10) -> LedgerRead:
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
    look = read(tmp_path, headings(" ".join((columns, *units, "总价=amount 币制=money"))))
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
