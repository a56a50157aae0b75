"""Feed broken files to every reader: ``python -m tools.fuzz [SEED] [INPUTS] [READER]`` (make fuzz).

A good file of each reader is cut, doubled, scrambled and salted, some 20,000 times, in this
process. Allowed are rows or an error of the house that says something. Anything else, and whatever
takes longer than ten seconds, is a crash; its input is kept in ``build/fuzz``, its number printed.
"""

import io
import random
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

from offing.rules.reform import read_reform
from offing.rules.regime_file import REGIMES, read_regime
from offing.sources import (
    baci,
    comexstat,
    comtrade,
    comtrade_monthly,
    distances,
    ecb,
    fx_thin,
    gacc,
    groups,
    indicators,
    tariff_national,
    tariff_rcep,
    tariff_uk_eu,
    tariff_us,
    us_monthly,
)
from offing.sources.about import Source
from offing.sources.comexstat import read_by_state
from offing.sources.deals import read_deals
from offing.sources.fairs import read_fair_firms, read_fairs
from offing.sources.ledger import read_ledger
from offing.sources.market_panel import read_panel
from offing.sources.month_lines import read_months
from offing.sources.own_table import read_table
from offing.sources.papers import read_declarations, read_invoices, read_receipts, read_sales
from offing.sources.rate_library import read_library
from offing.sources.staging import Staging
from offing.sources.trade_table import read_trade
from offing.study.file import read_study
from offing.terms.errors import OffingError
from offing.warehouse.catalog import read_catalog
from offing.warehouse.store import starter_folder

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "fuzz"
SECONDS = 10
SALT = [
    *" ,;\t\n\r\"'-+.%()[]{}=#/\\:0123456789eENA",
    "\0",
    "￥",
    "，",
    "万元",
    "合计",
    "\ufeff",
    "é",
]
PAPERS = {
    "declarations": "海关编号,项号,出口日期,商品名称,成交数量,成交单位,总价,币制,成交方式,运费\n"
    "420120260000000001,1,2026-03-02,电视,100,台,50000.50,USD,CIF,502/800/3\n",
    "invoices": "数电发票号码,开票日期,货物或应税劳务名称,单位,数量,金额,税率,税额\n"
    "26420000000000000001,2026-02-20,*家电*电视,台,100,200000.00,13%,26000.00\n",
    "sales": "出口发票号,发票日期,报关单号,商品名称,数量,总价,币制\n"
    "INV-1,2026-03-01,420120260000000001,电视,100,50000.50,USD\n",
    "receipts": "报关单号,收汇日期,收汇金额,币种\n420120260000000001,2026-06-01,62000.50,USD\n",
    "deals": "名称,金额,币种,天数\n甲,1250000.50,EUR,90\n",
    "months": "所属期,出口日期,离岸价,进项税额,征税率,退税率\n"
    "2026-01,2026-01-05,1234567.50,98,13%,13%\n",
    "ledger": "出口日期,客户,运抵国,商品编码,数量,单位,金额,币种\n"
    "2024-03-05,甲,DEU,852872,1200,台,1234567.50,EUR\n",
    "panel": "国家,商品编码,期间,尺寸,价格段下限,价格段上限,销量,零售额,币种,品牌\n"
    "德国,852872,2023 Q4,55 inch,500,700,1000,600000,EUR,Alpha\n",
    "trade": "出口国,进口国,商品编码,年份,金额（万美元）,净重(吨),件数\n"
    "中国,德国,6211,2023,1250.5,310,64\n",
    "table": "region,trade,gdp\nA,1.5,2\nB,3.25,4\n",
    "fairs": "展会,市场,商品编码,举办日期,名额,参展补贴（元）,上届参展企业数,意向成交额（万美元）,"
    "出口实绩（万美元）,本地估计,来源\n柏林展,德国/波兰,8528/8518,2027-09-03,40,30000,36,5200.5,412,,\n",
    "fair-firms": "企业,商品编码,规模,申请展会\n甲厂,8528,中型,柏林展\n",
    "states": "CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;SG_UF_NCM;CO_VIA;CO_URF;QT_ESTAT;KG_LIQUIDO;"
    "VL_FOB\n"
    "2024;1;09011110;10;249;SC;1;817800;5;10;100\n",
}
SOURCES: dict[str, tuple[Source, str, str]] = {
    "baci": (baci, ".csv", "t,i,j,k,v,q\n2020,156,276,852872,1000.5,12.25\n"),
    "comtrade": (
        comtrade, ".csv",
        ("year,reporter_iso,partner_iso,flow,cmd,value_usd,netwgt_kg,qty,qty_unit\n"
        "2020,DEU,CHN,M,852872,1000,95,10,u\n"),
    ),
    "ecb": (ecb, ".csv", "Date,USD,JPY,CNY,\n2024-01-02,1.0956,155.93,7.8264,\n"),
    "comtrade-monthly": (
        comtrade_monthly, ".csv",
        ("freqCode,refYear,refMonth,period,reporterCode,reporterISO,flowCode,partnerCode,partnerISO,"
        "classificationCode,cmdCode,netWgt,primaryValue\n"
        "M,2024,01,202401,276,DEU,M,156,CHN,H6,850760,12,1000.5\n"),
    ),
    "us-monthly": (
        us_monthly, ".csv",
        ("CTY_CODE,CTY_NAME,I_COMMODITY,GEN_VAL_MO,YEAR,MONTH\n"
        '5700,CHINA,8507600020,"1,000",2024,01\n5800,"KOREA, SOUTH",8507600020,5,2024,02\n'),
    ),
    "gacc": (
        gacc, ".csv",
        ("进出口,数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位,美元,\n"
        "进口,202401,85076000,锂离子蓄电池,502,美国,12,千克,1000.5,\n"),
    ),
    "comexstat": (
        comexstat, "EXP_2024.csv",
        ("CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;SG_UF_NCM;CO_VIA;CO_URF;KG_LIQUIDO;VL_FOB\n"
        "2024;1;09011110;21;249;SP;1;817800;10;100\n"),
    ),
    "fx-thin": (fx_thin, ".csv", "date,currency,per_cny\n2026-09-29,VND,3868.30730981\n"),
    "distances": (
        distances, ".csv",
        "iso_o,iso_d,contig,comlang_off,colony,dist,distw\nDEU,FRA,1,0,0,700,800\n",
    ),
    "indicators": (
        indicators, ".csv",
        ('"Country Name","Country Code","Indicator Name","Indicator Code","2022","2023",\n'
        '"Germany","DEU","GDP (current US$)","NY.GDP.MKTP.CD","4.0e12","4.5e12",\n'),
    ),
    "groups": (groups, ".csv", "group,country,since,until\nrcep,CHN,2022-01-01,\n"),
    "uk-eu": (
        tariff_uk_eu, ".csv",
        ("commodity,description,cet_duty_rate,ukgt_duty_rate,change\n"
        "85287240,Colour,14.0%,14.0%,No change\n22042106,Wine,32.00 € / hl,26.00 £ / hl,Change\n"),
    ),
    "us": (
        tariff_us, ".csv",
        ("hts8,mfn_text_rate,mfn_rate_type_code,mfn_ad_val_rate,mfn_specific_rate\n"
        "85287264,3.9%,7,0.039,0.0\n"),
    ),
    "us-lists": (tariff_us, ".csv", "hts8,list,ch99_code\n01012100,4A,9903.88.15\n"),
    "rcep": (
        tariff_rcep, "australia.csv",
        ("HS Code,Product Description,Base Rate,Year 1,Year 2,Year 3 and Subsequent Years\n"
        "0101,HORSES,,,,\n0101.21.00,--Breeding,0.05,4%,0.03,0\n"),
    ),
    "japan": (
        tariff_national, "jpn_2026-07.csv",
        ("code,description_ja,unit_1,unit_2,基本,暫定,WTO協定,特恵\n"
        "640319010,靴,PR,,60%又は4800円/足のうちいずれか高い税率,,30%,\n"),
    ),
    "eurasia": (
        tariff_national, "eaeu_2026-06-18.csv",
        'code,duty_text\n0102291000,5%\n6403190000,"10%, но не менее 1.5 EUR за 1 пар"\n',
    ),
    "australia": (
        tariff_national, "aus_2026-04.csv",
        "code,statistical_code,unit,description,duty_text\n85287200,21,No,Colour,5%\n",
    ),
    "indonesia": (
        tariff_national, "idn_btki2022.csv",
        "code,description_en,import_duty_pct,ppn_pct,ppnbm_pct\n01012900,Other,5,11*),-\n",
    ),
}  # fmt: skip


def _library() -> bytes:
    """A rate library of two rows."""
    import struct

    fields = [("CODE", 10), ("ZSSL_SET", 8), ("TSL", 6), ("ST_DATE", 8), ("END_DATE", 8)]
    width, header = 1 + sum(size for _, size in fields), 33 + 32 * len(fields)
    out = bytearray(struct.pack("<B3BIHH20x", 0x30, 26, 6, 9, 2, header, width))
    for name, size in fields:
        out += name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
    out += b"\r"
    for cells in (("8507600090", "13", "9", "20241201", "20260331"), ("8528", "9,13", "9", "", "")):
        out += b" " + b"".join(c.encode().ljust(n) for c, (_, n) in zip(cells, fields, strict=True))
    return bytes(out)


def _workbook() -> bytes:
    """The ledger as a workbook."""
    rows = [line.split(",") for line in PAPERS["ledger"].splitlines()]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        struck = book.add_format({"font_strikeout": True, "num_format": '0" 台"'})
        sheet.write_number(1, 4, 1200, struck)
        sheet.write_number(1, 6, 1234567.5, book.add_format({"num_format": "#,##0.00 [$€-407]"}))
        sheet.merge_range("C3:C4", "DEU")
        sheet.write_comment("G2", "作废")
    return buffer.getvalue()


SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"


def _part(name: str) -> bytes:
    """A part of the ledger's workbook."""
    with zipfile.ZipFile(io.BytesIO(_workbook())) as archive:
        return archive.read(name)


def _with_part(name: str) -> Callable[[Path], object]:
    """Reads the ledger's workbook with a broken part, which its checksum does not give away."""

    def read(path: Path) -> object:
        target = path.with_suffix(".xlsx")
        whole = zipfile.ZipFile(io.BytesIO(_workbook()))
        with whole, zipfile.ZipFile(target, "w") as archive:
            for other in whole.namelist():
                archive.writestr(other, path.read_bytes() if other == name else whole.read(other))
        return read_ledger(target)

    return read


def readers() -> dict[str, tuple[bytes, str, Callable[[Path], object]]]:
    """Name → a good file, its ending, and what reads it."""
    cases: dict[str, tuple[bytes, str, Callable[[Path], object]]] = {}
    of_papers: dict[str, Callable[[Path], object]] = {
        "declarations": read_declarations, "invoices": read_invoices, "sales": read_sales,
        "receipts": read_receipts, "deals": read_deals, "months": read_months,
        "ledger": read_ledger, "table": read_table, "trade": read_trade,
        "fairs": read_fairs, "fair-firms": read_fair_firms,
        "states": lambda path: read_by_state([path]),
    }  # fmt: skip
    for name, read in of_papers.items():
        cases[name] = (PAPERS[name].encode(), ".csv", read)
    cases["panel"] = (PAPERS["panel"].encode(), ".csv", read_panel)
    cases["workbook"] = (_workbook(), ".xlsx", read_ledger)
    for name, part in (("sheet", SHEET), ("styles", STYLES)):
        cases[name] = (_part(part), ".xml", _with_part(part))
    for name, (source, ending, text) in SOURCES.items():

        def staged(path: Path, source: Source = source) -> None:
            with tempfile.TemporaryDirectory() as folder:
                source.read([path], Staging(Path(folder)))

        cases[name] = (text.encode(), ending, staged)
    example = ROOT / "examples" / "tv-maker"
    cases["library"] = (_library(), ".dbf", read_library)
    cases["study"] = ((example / "study.toml").read_bytes(), ".toml", read_study)
    cases["reform"] = ((example / "reform.toml").read_bytes(), ".toml", read_reform)
    cases["regime"] = ((REGIMES / "gbr.toml").read_bytes(), ".toml", read_regime)
    catalog = (starter_folder() / "catalog.json").read_bytes()
    cases["catalog"] = (catalog, "catalog.json", lambda path: read_catalog(path.parent))
    return cases


def broken(good: bytes, chance: random.Random) -> bytes:
    """The good file with one to six things done to it."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        to = min(len(data), at + chance.randint(1, 40))
        salt = "".join(chance.choices(SALT, k=chance.randint(1, 6))).encode()
        match chance.randrange(6):
            case 0:
                del data[at:to]
            case 1:
                data[at:at] = salt
            case 2:
                data[at:to] = salt
            case 3:
                data[at:at] = data[at:to] * chance.randint(1, 4)
            case 4 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case _:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
    return bytes(data)


def too_long(_number: int, _frame: object) -> None:
    """End what takes too long; for the alarm signal."""
    raise TimeoutError("longer than ten seconds")


def fuzz(name: str, seed: int, inputs: int) -> list[str]:
    """Crashes of a reader, each with its seed."""
    good, ending, read = readers()[name]
    crashes = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (ending if not ending.startswith(".") else f"x{ending}")
        for number in range(inputs):
            data = broken(good, random.Random(f"{seed} {name} {number}"))
            path.write_bytes(data)
            signal.alarm(SECONDS)
            try:
                read(path)
            except OffingError as error:
                if not str(error):
                    crashes.append(f"{name} {number}: an error without words")
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                KEPT.mkdir(parents=True, exist_ok=True)
                (KEPT / f"{seed}-{name}-{number}{path.suffix}").write_bytes(data)
                crashes.append(f"{name} {number}: {type(error).__name__}: {str(error)[:120]}")
            finally:
                signal.alarm(0)
    return crashes


def main() -> int:
    """Feed all readers, or one."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    inputs = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    signal.signal(signal.SIGALRM, too_long)
    broken = []
    for name in sys.argv[3:] or readers():
        start = time.monotonic()
        crashes = fuzz(name, seed, inputs)
        seconds = time.monotonic() - start
        print(f"{name:14} seed {seed}  {inputs:,} inputs  {seconds:6.1f} s  {len(crashes)} crashes")
        broken += crashes
    print(*broken, sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
