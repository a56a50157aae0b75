"""Tables of one's own, loaded: market panels, quotations, trade; read, refused, put aside."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tools.make_workwear import TARGET, derived

from cautions import keyed
from offing.ladders.build import PANEL
from offing.sources.headings import heading_of
from offing.sources.layout import layout_of
from offing.sources.market_panel import read_panel
from offing.sources.quotations import read_quotations
from offing.study.inputs import read_inputs
from offing.study.markets import imports_of, panel_notes, price_at, standings_of
from offing.terms.errors import InputError
from offing.terms.messages import using_language
from offing.warehouse import Warehouse, load
from shared_data import shared

HEAD = "国家,商品编码,期间,尺寸,价格段下限,价格段上限,销量,零售额,币种,品牌\n"
LINES = """德国,852872,2023 Q4,55 inch,500,700,1000,600000,EUR,Alpha
德国,852872,2024 Q4,55 inch,500,700,1200,720000,EUR,Alpha
德国,852872,2024 Q4,65 inch,700,1200,900,810000,EUR,Alpha
德国,852872,2024 Q4,65 inch,700,1200,700,735000,EUR,Beta
德国,852872,2024 Q4,75 inch,1200,2500,300,480000,EUR,Beta
德国,852872,2024 Q4,43 inch,200,500,1500,450000,EUR,Gamma
"""
SETS = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker"


def panel(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "panel.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_panel_is_read_with_its_bands_and_brands(tmp_path: Path) -> None:
    read = read_panel(panel(tmp_path, HEAD + LINES))
    assert not read.quarantined
    first = read.rows[0]
    assert (first["market"], first["product"], first["year"], first["period"]) == (
        "DEU",
        "852872",
        2023,
        "2023 Q4",
    )
    assert (first["low"], first["high"], first["units"], first["value"]) == (
        500,
        700,
        1000,
        600_000,
    )
    assert (first["currency"], first["level"], first["brand"]) == ("EUR", "retail", "Alpha")
    assert read.rows[4]["segment"] == "75 inch"
    unnamed = read_panel(panel(tmp_path, HEAD + LINES.replace("75 inch", "")))
    assert unnamed.rows[4]["segment"] is None


def test_a_study_stands_on_the_panel_and_says_the_gap_to_customs(tmp_path: Path) -> None:
    house = tmp_path / "house"
    load("market-panel", [panel(tmp_path, HEAD + LINES)], house)
    text = (SETS / "study.toml").read_text("utf-8")
    text = text.replace('consider = "all"', 'consider = ["DEU", "FRA"]')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (tmp_path / "ledger.csv").write_bytes((SETS / "ledger.csv").read_bytes())
    world = read_inputs(tmp_path, Warehouse(house))
    imports = imports_of(world, world.study.model[0])
    standings = standings_of(world, imports)
    germany, france = (standings[market] for market in ("DEU", "FRA"))
    assert germany.ladder is not None
    assert france.ladder is not None
    assert (germany.ladder.dataset, germany.ladder.basis) == (PANEL, "retail")
    assert france.ladder.dataset != PANEL
    shelf = price_at(germany.cost, "retail", 0.0)
    assert germany.cost.quote is not None
    # Without a margin the shelf price is what is landed with value-added tax.
    assert shelf == pytest.approx(float(germany.cost.quote.landed / germany.cost.quote.quantity))
    half = price_at(germany.cost, "retail", 0.5)
    assert half == pytest.approx(2 * shelf)  # type: ignore[operator]
    assert germany.place is not None
    assert germany.place.price == pytest.approx(shelf)
    ((key, said),) = keyed(panel_notes(imports, standings))
    assert (key, said["market"]) == ("study.note_panel", "DEU")
    assert said["gap"].endswith("%")


QUOTED_HEAD = "报价日期,客户,国家,型号,数量,单价,目标价,结果,丢单给\n"
QUOTED_LINES = """2024-03-05,甲公司,德国,HC-65M,500台,"USD 1,560.00",-,中标,
3月9日,乙公司,波兰,HC-65M,200台,US$ 520.50,505,丢单(价格),Rival
2024/4/2,乙公司,波兰,HC-65M,,US$ 518,505,跟进中,
2024/4/9,丙公司,,HC-65M,300 pcs,515美元,0,,
"""


def quoted(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "quotations.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_chinese_table_is_read_with_what_it_does_not_tell(tmp_path: Path) -> None:
    read = read_quotations(
        quoted(tmp_path, "2024 年报价单\n" + QUOTED_HEAD + QUOTED_LINES, "gb18030")
    )
    assert not read.quarantined
    won, lost, _, untold = read.rows
    assert (won["on"], won["market"], won["price"], won["currency"]) == (
        date(2024, 3, 5), "DEU", Decimal("1560.00"), "USD",
    )  # fmt: skip
    assert [row["outcome"] for row in read.rows] == ["won", "lost", "open", None]
    assert [row["target"] for row in read.rows] == [None, Decimal(505), Decimal(505), None]
    assert [row["quantity"] for row in read.rows] == [500, 200, None, 300]
    assert (lost["on"], lost["lost_to"], untold["market"]) == (None, "Rival", None)
    assert ("quotations.note_dates", {"count": 1, "rows": "4", "text": "3月9日"}) in keyed(
        read.notes
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("中标", "也许", "quotations.bad_outcome"),
        ("USD 1,560.00", "1560", "quotations.no_currency"),
        ("德国,HC-65M", "德国,", "quotations.no_goods"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    read = read_quotations(quoted(tmp_path, QUOTED_HEAD + QUOTED_LINES.replace(old, new, 1)))
    assert [error.key for error in read.quarantined] == [reason]
    assert len(read.rows) == 3


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("失单", "lost"), ("未下单", "lost"), ("not won", "lost"), ("签单", "won"),
        ("赢单 Won", "won"), ("Lost/丢单", "lost"), ("lost: price too high", "lost"),
        ("丢单，客户转向越南", "lost"), ("won/lost", None), ("黄了", None),
    ],
)  # fmt: skip
def test_words_of_an_outcome_in_either_language_or_both(
    word: str, outcome: str | None, tmp_path: Path
) -> None:
    """What two words say otherwise, or none that is known, is rejected with the words known."""
    line = '2024-03-05,甲,德国,M,5,US$ 5,,"{}",\n'
    read = read_quotations(quoted(tmp_path, QUOTED_HEAD + line.format("open") + line.format(word)))
    if outcome is not None:
        assert [row["outcome"] for row in read.rows] == ["open", outcome]
        return
    [refused] = read.quarantined
    assert refused.key == "quotations.bad_outcome"
    with using_language("zh"):
        assert "中标" in refused.found


def test_headings_in_two_languages_name_one_column(tmp_path: Path) -> None:
    head = "报价日期 Date,Customer 客户,国家/Country,型号 Model,数量 Qty (台),"
    head += "Unit Price 单价(美元),结果 Result\n"
    row = read_quotations(quoted(tmp_path, head + "2024-03-05,甲,德国,M,5,50,中标\n")).rows[0]
    assert (row["on"], row["buyer"], row["market"]) == (date(2024, 3, 5), "甲", "DEU")
    assert (row["quantity"], row["price"]) == (Decimal(5), Decimal(50))
    assert (row["currency"], row["outcome"]) == ("USD", "won")
    layout = layout_of("quotations")
    assert heading_of("数量 Model", *layout.kinds) is None, "two columns in one heading"
    assert heading_of("单价(美元) Price (EUR)", *layout.kinds) is None, "two currencies"


def test_a_day_and_a_currency_are_told_for_the_file(tmp_path: Path) -> None:
    text = "date,sku,price,result\n03/05/2024,X,12.5,won\n"
    file = quoted(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_quotations(file)
    assert caught.value.key == "sources.no_usable_row"
    first = read_quotations(file, currency="EUR", dates="month-first").rows[0]
    assert (first["on"], first["currency"]) == (date(2024, 3, 5), "EUR")
    assert read_quotations(file, currency="EUR").rows[0]["on"] is None
    other = quoted(tmp_path, text + "25/05/2024,X,12.5,lost\n")
    assert read_quotations(other, currency="EUR").rows[0]["on"] == date(2024, 5, 3)
    named = read_quotations(
        quoted(tmp_path, "Angebot,sku,currency\n12.5,X,EUR\n"), columns={"price": "Angebot"}
    )
    assert named.rows[0]["price"] == Decimal("12.5")


TRADE_HEAD = "出口国,进口国,商品编码,年份,金额（万美元）,净重(吨),件数\n"
TRADE_LINES = """中国,德国,6211,2023,1250.5,310,640000
越南,德国,6211,2023,800,200,
CHN,276,621133,2024,90,,
"""


def table(folder: Path, text: str, name: str = "trade.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_it_is_loaded_by_year_and_a_flow_counts_once(tmp_path: Path) -> None:
    files = [
        table(tmp_path, TRADE_HEAD + TRADE_LINES),
        table(tmp_path, TRADE_HEAD + TRADE_LINES.splitlines()[0] + "\n", "again.csv"),
    ]
    folder = tmp_path / "warehouse"
    national = (
        TRADE_HEAD.replace("商品编码", "商品")
        + "越南,德国,85287210,2023,1,,\n中国,法国,8528,2024,1,,\n"
    )
    files.append(table(tmp_path, national, "national.csv"))
    report = load("trade-table", files, folder, dataset="mine")
    assert report.load.quarantined == {"sources.twice": 1, "sources.long_product": 1}
    flows = Warehouse(folder).flows("6211")
    assert flows.select("year", "exporter", "value_usd", "kg").rows() == [
        (2023, "CHN", 12_505_000.0, 310_000.0),
        (2023, "VNM", 8_000_000.0, 200_000.0),
    ]
    assert Warehouse(folder).years("flows", "mine") == [2023, 2024]


@pytest.mark.parametrize(
    ("title", "head", "value", "kilograms"),
    [
        ("单位：万美元、吨", "金额,净重", 12_000_000, 2_500_000),
        ("单位：千美元、千吨", "金额,净重", 1_200_000, 2_500_000_000),
        ("单位：万美元、万台", "金额,净重", 12_000_000, 2_500),
        ("单位：万美元、吨", "金额,净重(kg)", 12_000_000, 2_500),
    ],
)
def test_a_weight_is_in_the_unit_above_the_table(
    title: str, head: str, value: float, kilograms: float, tmp_path: Path
) -> None:
    text = f"{title},,,,,\n出口国,进口国,商品编码,年份,{head}\n中国,德国,854231,2024,1200,2500\n"
    load("trade-table", [table(tmp_path, text)], tmp_path / "warehouse", dataset="mine")
    flows = Warehouse(tmp_path / "warehouse").flows("8542", dataset="mine")
    assert flows.select("value_usd", "kg").rows() == [(value, kilograms)]


def test_the_examples_trade_is_what_its_script_derives() -> None:
    """Of 2024 the Census's own value; of 2020 that moved as the origin's garments did in all."""
    made = derived(shared("us_apparel_otexa").parent)
    assert TARGET.read_text(encoding="utf-8") == made.write_csv()
    rows = {(r[0], r[2], r[3]): r[4] for r in made.rows()}
    # the Census extract: 886,570,431 dollars of 6203 from China; OTEXA: all garments from China
    assert rows["CHN", "6203", 2024] == pytest.approx(886_570_000)
    ratio = rows["CHN", "6203", 2020] / rows["CHN", "6203", 2024]
    assert rows["CHN", "6211", 2020] / rows["CHN", "6211", 2024] == pytest.approx(ratio, rel=1e-4)
