"""A table of trade of one's own: read, refused, loaded (``offing load trade-table``)."""

from pathlib import Path

import pytest
from tools.make_workwear import TARGET, derived

from offing.warehouse import Warehouse, load
from shared_data import shared

HEAD = "出口国,进口国,商品编码,年份,金额（万美元）,净重(吨),件数\n"
LINES = """中国,德国,6211,2023,1250.5,310,640000
越南,德国,6211,2023,800,200,
CHN,276,621133,2024,90,,
"""


def table(folder: Path, text: str, name: str = "trade.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_it_is_loaded_by_year_and_a_flow_counts_once(tmp_path: Path) -> None:
    files = [
        table(tmp_path, HEAD + LINES),
        table(tmp_path, HEAD + LINES.splitlines()[0] + "\n", "again.csv"),
    ]
    folder = tmp_path / "warehouse"
    report = load("trade-table", files, folder, dataset="mine")
    assert report.load.quarantined == {"sources.twice": 1}
    flows = Warehouse(folder).flows("6211")
    assert flows.select("year", "exporter", "value_usd", "kg").rows() == [
        (2023, "CHN", 12_505_000.0, 310_000.0),
        (2023, "VNM", 8_000_000.0, 200_000.0),
    ]
    assert Warehouse(folder).years("flows", "mine") == [2023, 2024]


def test_the_examples_trade_is_what_its_script_derives() -> None:
    """Of 2024 the Census's own value; of 2020 that moved as the origin's garments did in all."""
    made = derived(shared("us_apparel_otexa").parent)
    assert TARGET.read_text(encoding="utf-8") == made.write_csv()
    rows = {(r[0], r[2], r[3]): r[4] for r in made.rows()}
    # the Census extract: 886,570,431 dollars of 6203 from China; OTEXA: all garments from China
    assert rows["CHN", "6203", 2024] == pytest.approx(886_570_000)
    ratio = rows["CHN", "6203", 2020] / rows["CHN", "6203", 2024]
    assert rows["CHN", "6211", 2020] / rows["CHN", "6211", 2024] == pytest.approx(ratio, rel=1e-4)
