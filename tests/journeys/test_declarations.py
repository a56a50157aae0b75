"""A first study from what the single window exports of declarations, without one answer on it.

Five lists in the manners of brokers and of the query page: several goods a declaration, codes of
ten digits with points, C&F with its freight, yuan beside dollars, a line of totals, cells merged
downwards, a title above, declared elements (规格型号), deleted declarations.
"""

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import offing
from web_server import Browser, serving

GOODS = (
    ("8516500000", "微波炉", "微波加热|海川牌|MW20A", 36.5),
    ("8516.60.90.00", "电烤箱", "电热|海川牌|OV-30", 48.2),
    ("8509409000", "食品加工机", "搅拌|海川牌|BL-7", 21.9),
)
BUYERS = (
    ("美国", "USA", "Home Store Inc."),
    ("德国", "DEU", "Nord GmbH"),
    ("墨西哥", "MEX", "Almacenes Norte S.A."),
    ("阿联酋", "ARE", "Gulf Trading LLC"),
    ("日本", "JPN", "山田商事株式会社"),
)
YUAN = 7.1
Row = dict[str, Any]
COLUMNS = {
    "query.csv": """海关编号=number 申报日期=day 境外收货人=buyer 最终目的国（地区）=country
        项号=item 商品编号=code 商品名称=name 规格型号=elements 成交数量=quantity 成交单位=unit
        单价=price 总价=total 币制=dollars 成交方式=fob 监管方式=general""",
    "broker.xlsx": """报关单号=number 申报日期=day 境外收货人=buyer 运抵国(地区)=country
        商品编号=code 商品名称=name 申报数量=quantity 申报单位=unit 申报单价=price 申报总价=total
        币制=usd 成交方式=fob""",
    "freight.xlsx": """报关单号=number 申报日期=day 贸易国别(地区)=country 收货人=buyer
        最终目的国(地区)=country 商品编码=code 品名=name 数量=quantity 单位=unit 总价=paid
        币制=money 成交方式=c_and_f 运费=freight 毛重(千克)=kg 净重(千克)=kg""",
    "fob.xlsx": """统一编号=number 海关编号=number 出口日期=digits 境内发货人=ours
        境外收货人名称=buyer 指运港=port 最终目的国=country 税号=bare 商品名称=name
        第一法定数量=quantity 第一法定单位=unit 第二法定数量=kg 第二法定单位=kilograms
        成交数量=quantity 成交单位=unit FOB总价（美元）=total 人民币离岸价=yuan""",
    "deleted.csv": """报关单编号=number 报关单状态=state 申报日期=slashes 运抵国=alpha
        境外收发货人=buyer 商品编号=code 商品名称=name 成交数量=quantity 计量单位=unit
        成交单价=price 成交总价=total 币制=usd 成交方式=cif 运费标记=mark 运费=lump
        运费币制=of_lump""",
}
"""Headings of each list, and what stands under them."""


def declared() -> Iterator[Row]:
    """Two or three declarations a month, each of one to three goods."""
    same = {
        "unit": "台", "dollars": "美元", "fob": "FOB", "general": "一般贸易", "usd": "USD",
        "ours": "某电器公司", "port": "LOS", "kilograms": "千克", "state": "结关",
    }  # fmt: skip
    months = itertools.product(range(1, 13), enumerate(BUYERS))
    for month, (place, (country, alpha, buyer)) in months:
        day = f"2024-{month:02}-{5 + place:02}"
        yuan, far, cif = alpha == "ARE", alpha in ("USA", "MEX"), alpha == "DEU"
        once = same | {
            "number": f"5304202401{month:02}{place:02}1234", "day": day, "country": country,
            "alpha": alpha, "buyer": buyer, "digits": day.replace("-", ""),
            "slashes": day.replace("-", "/"),
            "money": "人民币" if yuan else "美元", "c_and_f": "C&F" if far else "FOB",
            "freight": "USD/1200/3" if far else None, "cif": "CIF" if cif else "FOB",
            "mark": 3 if cif else None, "lump": 800 if cif else None,
            "of_lump": "USD" if cif else None,
        }  # fmt: skip
        goods = GOODS[: 1 + (month + place) % 3] if (month + place) % 2 == 0 else ()
        for item, (code, name, elements, price) in enumerate(goods, 1):
            quantity = 600 + 50 * month + 10 * item
            total = round(quantity * price, 2)
            yield once | {
                "item": item, "code": code, "bare": int(code.replace(".", "")), "name": name,
                "price": price, "quantity": quantity,
                "elements": f"{1 + place % 3}|{place % 2}|{elements}",
                "total": total, "kg": quantity * 10,
                "yuan": round(total * YUAN, 2),
                "paid": round(total * (YUAN if yuan else 1), 2),
            }  # fmt: skip


ROWS = list(declared())


def made(name: str) -> bytes:
    """One of the five lists."""
    pairs = [pair.split("=") for pair in COLUMNS[name].split()]
    gone = [ROWS[0] | {"number": "530420240199999999", "state": "删单"}]
    rows = [*(gone if name == "deleted.csv" else ()), *ROWS]
    table: list[list[Any]] = [[heading for heading, _ in pairs]]
    table += [[row[key] for _, key in pairs] for row in rows]
    total = {"query.csv": ("total", 2), "freight.xlsx": ("quantity", 1)}.get(name)
    if total is not None:
        sums = {total[0]: sum(row[total[0]] for row in ROWS)}
        table.append(["合计", *(sums.get(key) for _, key in pairs[1:])])
    if name == "deleted.csv":
        table.insert(0, ["单一窗口 出口报关单统计"])
    if name.endswith(".xlsx"):
        return workbook_of(table, [row["number"] for row in rows] if name == "broker.xlsx" else [])
    file = io.StringIO()
    csv.writer(file).writerows(table)
    return file.getvalue().encode("gb18030" if name == "query.csv" else "utf-8-sig")


def workbook_of(table: list[list[Any]], merged: list[str]) -> bytes:
    """A workbook; with numbers of declarations, what each has once is merged, under two titles."""
    book = openpyxl.Workbook()
    sheet = book.active
    for title in ("出口货物报关单明细", "申报日期 2024-01-01 至 2024-12-31") if merged else ():
        sheet.append([title])
    for row in table:
        sheet.append(row)
    at = 4
    for _, group in itertools.groupby(merged):
        last = at + len(list(group)) - 1
        for column in "ABCD" if last > at else "":
            sheet.merge_cells(f"{column}{at}:{column}{last}")
        at = last + 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("name", COLUMNS)
def test_a_list_of_declarations_begins_a_study(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(made(name))
    begun = offing.begin(file, tmp_path / "study")
    assert begun.put_aside == 0
    shown = {one.model.name: one for one in begun.found.shown}
    assert len(shown) == len(GOODS)
    for code, called, elements, price in GOODS:
        one = shown[elements if name == "query.csv" else called]
        assert one.codes == (code.replace(".", ""),)
        assert one.term == "FOB"
        assert float(one.model.price_usd or 0) == pytest.approx(price, rel=0.02), "yuan by the day"
        assert one.units == sum(r["quantity"] for r in ROWS if r["code"] == code)
    assert not any("misspelt" in caution.key for caution in begun.cautions)


def test_a_browser_asks_nothing_on_the_reading(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        browser: Browser = served.browser()
        for name in COLUMNS:
            shown = browser.post("/begin/drop", {"file": (name, made(name))}, lang="zh").text
            assert 'id="fill"' in shown, f"{name}: what only the firm knows is asked next"
            assert "missing-field" not in shown, name
            assert "电烤箱" in shown or "OV-30" in shown, name
