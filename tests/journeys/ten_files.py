"""Ten files as firms have them, and the world's trade in their goods; all of it is made up here.

Five lists of declarations (报关单) as the single window, the electronic port and brokers export
them, five ledgers. What is sold of each product is planted, so that a test can say what was lost.
"""

import csv
import io
import itertools
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import openpyxl

Row = dict[str, Any]
Sheet = list[list[Any]]
GOODS = """
pumps 8413709990 离心泵 Centrifugal_pump CDL-32 186.5 41 台
pumps 8413810090 隔膜泵 Diaphragm_pump QBY-25 92 14 台
pumps 8481804090 闸阀 Gate_valve Z41H-16 38.4 22 个
shirts 6205200099 全棉男衬衫 Men's_cotton_shirts SH-11 7.9 0.3 件
shirts 6203429062 棉制男长裤 Men's_cotton_trousers TR-20 9.6 0.55 条
chairs 9403609990 实木餐桌 Wooden_dining_table T-Oak 148 38 件
chairs 9401619000 木框架软垫椅 Upholstered_wooden_chair C-Linen 46 9.5 件
plates 6912001000 陶餐具 Stoneware_tableware_set ST-16 14.2 7.5 套
plates 6911101900 骨瓷餐具 Bone_china_tableware BC-20 31 8 套
bikes 8712003000 山地自行车 Mountain_bicycle MTB-26 118 16 辆
bikes 8714910000 自行车车架 Bicycle_frame FR-7 21 2.6 个
lamps 9405210090 LED台灯 LED_desk_lamp DL-8 11.5 1.4 只
lamps 9405420090 LED投光灯 LED_floodlight FL-100 24 3.1 只
lamps 8539520000 LED灯泡 LED_bulb A60-9W 0.92 0.08 只
lamps 9405110090 LED吸顶灯 LED_ceiling_lamp CL-24 15.5 2.2 只
pans 7323930000 不锈钢炒锅 Stainless_steel_wok WK-32 12.8 1.9 个
pans 7615109010 铝制煎锅 Aluminium_frying_pan FP-28 8.4 1.1 个
pans 7323930000 不锈钢汤锅 Stainless_steel_stockpot SP-24 17.5 2.6 个
pans 8211910000 餐刀套装 Table_knife_set KN-6 6.3 0.8 个
toys 9503006000 积木玩具 Building_block_toys BB-500 9.8 1.2 套
toys 9503002100 毛绒玩具 Stuffed_toy_animals PL-30 4.6 0.4 个
tools 8467210000 电钻 Electric_drill ED-13 33 2.3 台
tools 8467299000 角磨机 Angle_grinder AG-125 27 2.4 台
tools 8202310000 圆锯片 Circular_saw_blade SB-190 3.4 0.5 片
bags 4202920000 双肩背包 Backpack BP-20 8.7 0.7 个
bags 4202121000 旅行箱 Suitcase SC-24 22.5 3.4 个
bags 4202220000 女式手提包 Handbag HB-3 10.4 0.6 个
bags 6601990000 折叠伞 Folding_umbrella UM-8 2.6 0.35 把
"""
BUYERS = """
USA US 502 美国 United_States Home_Store_Inc.
DEU DE 304 德国 Germany Nord_GmbH
MEX MX 429 墨西哥 Mexico Almacenes_Norte_S.A._de_C.V.
ARE AE 138 阿联酋 United_Arab_Emirates Gulf_Trading_LLC
JPN JP 116 日本 Japan 山田商事株式会社
GBR GB 303 英国 United_Kingdom Brook_&_Sons_Ltd
EGY EG 215 埃及 Egypt Nile_Import_Co.
CHL CL 412 智利 Chile Andes_SpA
"""
COLUMNS = {
    "query": """预录入编号=entry 海关编号=number 境内发货人=ours 出境关别=port 出口日期=left
        申报日期=day 境外收货人=buyer 运输方式=sea 监管方式=mode 合同协议号=contract
        贸易国（地区）=zh 运抵国（地区）=zh 指运港=none 成交方式=fob 运费=none 保费=none
        件数=twelve 毛重(千克)=kg 净重(千克)=kg 项号=item 商品编号=long 商品名称=good
        规格型号=elements 成交数量=quantity 成交单位=unit 单价=price 总价=usd 币制=dollars
        法定第一数量=quantity 法定第一单位=unit 原产国（地区）=china 最终目的国（地区）=zh""",
    "coded": """统一编号=entry 海关编号=number 申报日期=digits 境外收货人=buyer 监管方式=mode_no
        运抵国=customs_no 成交方式=three 项号=item 商品编号=code_no 商品名称=good 成交数量=quantity
        成交单位=unit_no 单价=price 总价=usd 币制=usd_no 第一数量=quantity 第一单位=unit_no""",
    "broker": """Declaration_No.=number Export_Date=named_day Consignee=buyer
        Destination_Country=en Item_No.=item HS_Code=code Description_of_Goods=good_en Qty=quantity
        Unit=pcs Unit_Price=price Total_Price=usd Currency=usd_code Terms=term
        Freight_(USD)=freight""",
    "plates": """报关单号=number 出口日期=day 境外收货人=buyer 最终目的国=both 成交方式=fob
        币制=usd_code 项号=item 商品编码=code 品名=good 数量=quantity 单位=unit 总价=usd""",
    "statistics": """报关单编号=tabbed 结关日期=written 收发货人=ours 收货人名称=buyer
        运抵国(地区)=code_first 商品编码=dotted 商品名称=good 申报数量=grouped 申报单位=unit
        美元值=usd_text 人民币值=yuan_text 净重(千克)=kg""",
    "lamps": """日期=day 业务员=clerk 客户=buyer 国家=zh 型号=model 品名=good 数量(只)=quantity
        单价(USD)=price 金额(USD)=usd 备注=none""",
    "pans": """日=of_month 客户=buyer 国家=zh 海关编码=code 产品型号=model 数量=quantity 单位=unit
        单价$=price 金额$=usd""",
    "toys": """出货日期=short 客户名称=buyer 目的国=zh HS编码=eight 货号=model 数量=quantity
        单位=pcs 货值(美元)=usd 贸易术语=fob_ningbo""",
    "sap": """Bill.Doc.=contract Bill.Date=german_day Sold-to_pt=twelve Name_1=buyer Ctry=alpha2
        Material=model Description=good_en Comm._Code=code Billed_Qty=german_quantity SU=pc
        Net_Value=german_usd Curr.=usd_code IncoT=fob Cost=german_cost""",
    "kingdee": """单据日期=slashes 单据编号=contract 购货单位=buyer 国家=zh 存货编码=stock
        存货名称=good 规格型号=model 计量单位=unit 实发数量=quantity 币别=dollars 原币单价=price
        原币金额=usd 本位币金额=yuan""",
}
"""Headings of each file, with _ for a blank, and what stands under them."""
FIRST, YUAN = date(2025, 12, 4), 7.1
GERMAN = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Good:
    """What a firm sells: code (ten digits), names, dollars and kilograms of a unit."""

    code: str
    zh: str
    en: str
    model: str
    usd: float
    kg: float
    unit: str

    @property
    def figures(self) -> dict[str, str]:
        """What only the firm knows of a unit, by the study's key; it costs five yuan a dollar."""
        cost = self.usd * 5
        return {
            "cost_cny": f"{cost:.2f}", "input_vat_cny": f"{cost * 0.1:.2f}", "kg": f"{self.kg}",
            "m3": f"{self.kg / 220:.4f}", "refund_rate": "13%",
        }  # fmt: skip


def goods_of(firm: str) -> tuple[Good, ...]:
    """What one of the firms sells."""
    named = (line.split(" ") for line in GOODS.split("\n") if line.startswith(f"{firm} "))
    return tuple(
        Good(code, zh, en.replace("_", " "), model, float(usd), float(kg), unit)
        for _, code, zh, en, model, usd, kg, unit in named
    )


def sold(firm: str) -> Iterator[Row]:
    """A year of sales: two of three buyers each month, of one product or all."""
    same = {
        "ours": "某制造有限公司", "port": "北仑海关", "sea": "水路运输", "mode": "一般贸易",
        "fob": "FOB", "dollars": "美元", "china": "中国", "twelve": 12, "none": None, "pcs": "PCS",
        "pc": "PC", "usd_code": "USD", "mode_no": "0110", "three": "3", "usd_no": 502,
        "unit_no": "011", "fob_ningbo": "FOB Ningbo", "clerk": "王芳",
    }  # fmt: skip
    buyers = [line.split(" ") for line in BUYERS.strip().split("\n")]
    year = 0
    for month, (place, buyer) in itertools.product(range(12), enumerate(buyers)):
        if (month + place) % 3 == 0:
            continue
        alpha, alpha2, customs_no, zh, en, name = buyer
        day = FIRST + timedelta(days=30 * month + 2 * place)
        number = f"4201202512{month:02}{place:02}7654{month % 10}{place}"
        once = same | {
            "number": number, "entry": f"E{number[1:]}", "contract": f"00{number[-8:]}", "zh": zh,
            "en": en.replace("_", " "), "alpha2": alpha2, "customs_no": int(customs_no),
            "buyer": name.replace("_", " "), "both": f"{zh}({alpha})", "tabbed": f"\t{number}",
            "code_first": f"{alpha}-{zh}", "day": day, "left": day + timedelta(2),
            "digits": f"{day:%Y%m%d}", "named_day": f"{day:%d-%b-%Y}", "of_month": day.day,
            "written": f"{day:%Y年%m月%d日}", "german_day": f"{day:%d.%m.%Y}",
            "slashes": f"{day:%Y/%m/%d}", "term": "CIF" if alpha == "DEU" else "FOB",
            "freight": 640 if alpha == "DEU" else None,
        }  # fmt: skip
        for item, good in enumerate(goods_of(firm)[(month + place) % 2 :], 1):
            quantity = 400 + 35 * month + 20 * place + 15 * item
            price = round(good.usd * (1 + 0.01 * ((month + place) % 5)), 2)
            usd, code = round(quantity * price, 2), good.code
            shorts = f"{day.month}月{day.day}日", f"{day.month}.{day.day}"
            yield once | {
                "short": f"{day.year}.{shorts[1]}" if day.year != year else shorts[item % 2],
                "item": item, "code": code, "code_no": int(code), "long": f"{code}999",
                "eight": code[:8], "dotted": f"{code[:4]}.{code[4:6]}.{code[6:]}", "usd": usd,
                "good": good.zh, "good_en": good.en, "model": good.model, "unit": good.unit,
                "elements": f"4|3|{good.zh}|海川牌|{good.model}|", "stock": f"01.{good.model}",
                "quantity": quantity, "grouped": f"{quantity:,}", "price": price,
                "kg": round(quantity * good.kg, 1), "usd_text": f"{usd:,.2f}",
                "yuan": round(usd * YUAN, 2), "yuan_text": f"{usd * YUAN:,.2f}",
                "german_quantity": f"{quantity:,}".translate(GERMAN),
                "german_usd": f"{usd:,.2f}".translate(GERMAN),
                "german_cost": f"{quantity * good.usd * 5 / YUAN:,.2f}".translate(GERMAN),
            }  # fmt: skip
            year = day.year


def table_of(layout: str, rows: list[Row], *, once: int = 0, total: str = "") -> Sheet:
    """A table with its headings.

    Args:
        layout: of :data:`COLUMNS`.
        rows: of a firm.
        once: so many columns stand only in the first row of a paper.
        total: a word below, with the sums of quantity and amount.
    """
    pairs = [pair.split("=") for pair in COLUMNS[layout].split()]
    table: Sheet = [[heading.replace("_", " ") for heading, _ in pairs]]
    for row in rows:
        bare = once if row["item"] > 1 else 0
        table.append([None if at < bare else row[key] for at, (_, key) in enumerate(pairs)])
    if total:
        sums = {key: sum(row[key] for row in rows) for key in ("quantity", "usd")}
        table.append([total, *(sums.get(key) for _, key in pairs[1:])])
    return table


def text(rows: Sheet, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """A file of text."""
    csv.writer(file := io.StringIO(), delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


def workbook(sheets: dict[str, Sheet], merged: dict[str, list[str]] | None = None) -> bytes:
    """A workbook of sheets, some cells of which are merged."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cells in (merged or {}).get(name, ()):
            sheet.merge_cells(cells)
    book.save(file := io.BytesIO())
    return file.getvalue()


def record(kind: int, body: bytes) -> bytes:
    """A record of BIFF8."""
    return struct.pack("<HH", kind, len(body)) + body


def old_workbook(rows: Sheet, name: str) -> bytes:
    """A sheet as programs before 2007 write it (.xls): records of BIFF8 in a compound file."""

    def cell(at: int, column: int, value: Any) -> bytes:
        place = struct.pack("<HHH", at, column, 0)
        if isinstance(value, int | float):
            return record(0x203, place + struct.pack("<d", value))
        words = str(value)
        return record(0x204, place + struct.pack("<HB", len(words), 1) + words.encode("utf-16-le"))

    book, sheet = (
        record(0x809, struct.pack("<HHHHII", 0x600, kind, 0xDBB, 1996, 0, 6)) for kind in (5, 0x10)
    )
    end, named = record(0x0A, b""), name.encode("utf-16-le")
    filled = [(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row) if v is not None]
    at = len(book) + 4 + 8 + len(named) + len(end)
    bound = record(0x85, struct.pack("<IBBBB", at, 0, 0, len(name), 1) + named)
    stream = book + bound + end + sheet + b"".join(cell(*one) for one in filled) + end
    return compound(stream.ljust(4096, b"\0").ljust(-(-len(stream) // 512) * 512, b"\0"))


def compound(stream: bytes) -> bytes:
    """A compound file with one stream, ``Workbook``."""
    sectors = len(stream) // 512
    fats = -(-(sectors + 1) // 127)
    chain = [*range(1, sectors), -2, -2, *[-3] * fats]
    chain += [-1] * (fats * 128 - len(chain))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIiIiI", 0, fats, sectors, 0, 4096, -2, 0, -2, 0)
    places = [*range(sectors + 1, sectors + 1 + fats)]
    head += struct.pack("<109i", *places, *[-1] * (109 - fats))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        named = (name + "\0").encode("utf-16-le")
        body = named.ljust(64, b"\0") + struct.pack("<HBBiii", len(named), kind, 1, -1, -1, child)
        return body + bytes(36) + struct.pack("<iQ", start, size)

    root = entry("Root Entry", 5, 1, -2, 0) + entry("Workbook", 2, -1, 0, len(stream))
    none = (bytes(68) + struct.pack("<iii", -1, -1, -1)).ljust(128, b"\0")
    return head + stream + root + none * 2 + struct.pack(f"<{len(chain)}i", *chain)


def coded(rows: list[Row]) -> bytes:
    """All in the customs' own numbers: countries, currency, terms, units, kind of trade."""
    titles: Sheet = [["出口报关单数据"], ["打印时间：2026-11-20"]]
    return workbook({"报关单": titles + table_of("coded", rows)})


def broker(rows: list[Row]) -> bytes:
    """English, a subtotal below each declaration, freight beside prices on CIF."""
    table: Sheet = [["EXPORT DECLARATIONS"], ["Shipper: Foshan Oak Furniture Co., Ltd."], []]
    for at, (_, group) in enumerate(itertools.groupby(rows, lambda row: row["number"])):
        table += table_of("broker", list(group), total="Subtotal")[1 if at else 0 :]
    return workbook({"Declarations 2026": table, "Notes": [["Figures as declared"]]})


def sheet_a_month(rows: list[Row]) -> bytes:
    """A sheet a month, its days 1 to 31, buyer and country merged downwards, a sum below."""
    sheets: dict[str, Sheet] = {}
    merged: dict[str, list[str]] = {}
    by_month = itertools.groupby(rows, lambda row: f"{row['day'].year}年{row['day'].month}月")
    for name, group in by_month:
        lines, at, cells = list(group), 3, []
        for _, of in itertools.groupby(lines, lambda row: row["number"]):
            last = at + len(list(of)) - 1
            cells += [f"{column}{at}:{column}{last}" for column in "ABC" if last > at]
            at = last + 1
        sheets[name] = [[f"{name}出货明细"], *table_of("pans", lines, once=3, total="合计")]
        merged[name] = cells
    return workbook(sheets, merged)


def of_sap(rows: list[Row]) -> bytes:
    """A list of billing documents: tabs, German days and figures, a star before the sum."""
    titles: Sheet = [["Billing list 20.11.2026"], []]
    total = ["*", *[""] * 9, "999.999,00", "USD", "", ""]
    return text([*titles, *table_of("sap", rows), total], "utf-16", "\t")


def of_kingdee(rows: list[Row]) -> bytes:
    """金蝶: its list of invoices as .xls, without HS codes, with a sum below."""
    titles: Sheet = [["销售发票明细表"], ["组织：义乌皮具有限公司"]]
    return old_workbook(titles + table_of("kingdee", rows, total="总计"), "明细表")


def statistics(rows: list[Row]) -> bytes:
    """Declarations that left, in the statistics' dollars and yuan, with a total."""
    return text(table_of("statistics", rows, total="合计"))


def once_a_paper(rows: list[Row]) -> bytes:
    """What a declaration has once stands in its first row, and nothing below it."""
    return old_workbook(table_of("plates", rows, once=6), "单")


def without_codes(rows: list[Row]) -> bytes:
    """A ledger of models, without HS codes."""
    return workbook({"台账": [["2026年外销台账"], *table_of("lamps", rows)]})


@dataclass(frozen=True)
class FirmFile:
    """One of the ten.

    Attributes:
        name: as it is sent.
        firm: whose goods, of :data:`GOODS`.
        make: the file of its rows.
        declares: whether it is a list of declarations.
        lang: in which its clerk reads the pages.
    """

    name: str
    firm: str
    make: Callable[[list[Row]], bytes]
    declares: bool = False
    lang: str = "zh"

    @property
    def goods(self) -> tuple[Good, ...]:
        """What it sells."""
        return goods_of(self.firm)

    @property
    def rows(self) -> list[Row]:
        """What it sold."""
        return list(sold(self.firm))

    @property
    def content(self) -> bytes:
        """The file."""
        return self.make(self.rows)

    @property
    def planted_usd(self) -> float:
        """All that it sells."""
        return float(sum(row["usd"] for row in self.rows))


TEN = (
    FirmFile("单一窗口查询.csv", "pumps", lambda r: text(table_of("query", r), "gb18030"), True),
    FirmFile("电子口岸数据.xlsx", "shirts", coded, True),
    FirmFile("Broker list 2026.xlsx", "chairs", broker, True, "en"),
    FirmFile("报关单.xls", "plates", once_a_paper, True),
    FirmFile("结关统计.csv", "bikes", statistics, True),
    FirmFile("外销台账.xlsx", "lamps", without_codes),
    FirmFile("出货明细.xlsx", "pans", sheet_a_month),
    FirmFile("sales.csv", "toys", lambda r: text(table_of("toys", r), "gb18030")),
    FirmFile("billing.txt", "tools", of_sap, lang="en"),
    FirmFile("销售发票明细表.xls", "bags", of_kingdee),
)  # fmt: skip

SUPPLIERS = {156: 1.0, 276: 0.35, 704: 0.3, 699: 0.22, 792: 0.15, 380: 0.2}
IMPORTERS = """842 USA 9;276 DEU 5;484 MEX 3;784 ARE 2;392 JPN 4;826 GBR 3;818 EGY 1;152 CHL 1
251 FRA 4;124 CAN 2;36 AUS 2;76 BRA 2;699 IND 2;410 KOR 3;528 NLD 3;724 ESP 2"""


def planted_world(edition: str = "17") -> bytes:
    """World trade in all their goods, in the layout of the publisher's zip; planted, and so marked.

    Eight years, six suppliers, the costlier the more expensive, sixteen importers.
    """
    places = [part.split(" ") for part in IMPORTERS.replace("\n", ";").split(";")]
    goods = {good.code[:6]: good for file in TEN for good in file.goods}
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for year in range(2017, 2025):
            lines = ["t,i,j,k,v,q"]
            trade = itertools.product(
                enumerate(SUPPLIERS.items()), places, enumerate(goods.items())
            )
            for (rank, (supplier, share)), (importer, _, size), (at, (code, good)) in trade:
                if str(supplier) != importer:
                    swing = 0.06 * ((year * 7 + int(importer) + at) % 5 - 2)
                    value = 4000 * int(size) * share * 1.04 ** (year - 2017) * (1 + swing)
                    tonnes = value / good.usd * good.kg / (1 + 0.25 * rank)
                    lines.append(f"{year},{supplier},{importer},{code},{value:.3f},{tonnes:.3f}")
            packed.writestr(f"BACI_HS{edition}_Y{year}_V202601.csv", "\n".join(lines))
        others = ("156 CHN", "704 VNM", "792 TUR", "380 ITA")
        codes = {place[0]: place[1] for place in (*places, *(one.split(" ") for one in others))}
        named = [f"{number},{alpha},,{alpha}" for number, alpha in codes.items()]
        head = "country_code,country_name,country_iso2,country_iso3"
        packed.writestr("country_codes_V202601.csv", "\n".join([head, *named]))
        packed.writestr("Readme.txt", "PLANTED for tests of offing; no statistics.\n")
    return whole.getvalue()
