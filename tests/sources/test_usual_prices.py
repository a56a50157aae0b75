"""Units and currencies that are wrong through a whole file, and right files of dear goods."""

import math
from pathlib import Path

import polars as pl
import pytest
from tools import usual_prices as tool

from offing.report.words import caution_text
from offing.sources.ledger import read_ledger
from offing.terms.messages import say
from offing.terms.usual_figures import shipped
from shared_data import shared

DAYS = ["2024-02-05", "2024-03-11", "2024-04-08", "2024-05-13"]
QUANTITIES = [40, 25, 60, 33]
"""Yuan for a dollar, rounded; ECB."""


def notes(
    folder: Path,
    goods: dict[str, tuple[str, str, float]],
    *,
    amount: float = 1.0,
    quantity: float = 1.0,
    heading: str = "金额(美元)",
) -> list[str]:
    """What a ledger of the goods is asked about its prices; figures are times what they are."""
    rows = [
        (day, "德国", code, n * quantity, unit, round(n * price * (1 + n / 500) * amount, 4))
        for code, unit, price in goods.values()
        for day, n in zip(DAYS, QUANTITIES, strict=True)
    ]
    names = ["日期", "国家", "商品编码", "数量", "单位", heading]
    file = folder / "ledger.csv"
    pl.DataFrame(rows, schema=names, orient="row").write_csv(file)
    said = read_ledger(file).notes
    return [caution_text(note) for note in said if note.key == "reference.level_far"]


def test_the_edges_are_the_quantiles_and_how_much_wider() -> None:
    pp = shipped().find("39021000", "kg")
    assert pp is not None
    assert (pp.code, pp.low, pp.middle, pp.high) == ("390210", 0.199, 1.16, 33.7)
    assert not pp.far(33.7 * 5)
    assert pp.far(33.7 * 5.01)
    assert not pp.far(0.199 / 5)
    assert pp.far(0.199 / 5.01)


def test_the_shipped_table_is_what_the_tool_makes() -> None:
    flows = tool.observed(shared("baci_zaf_afg_hs6").parent)
    assert tool.FILE.read_text(encoding="utf-8") == tool.HEAD + tool.as_csv(tool.spans(flows))
    assert tool.FILE.stat().st_size < 300_000


def test_rows_held_back_from_the_derivation() -> None:
    """Right ones are seldom asked about, thousands and ten thousands nearly always."""
    flows = tool.observed(shared("baci_zaf_afg_hs6").parent)
    mine = pl.col("importer").map_elements(tool.held_back, return_dtype=pl.Boolean)
    table = tool.table_of(tool.spans(flows.filter(~mine)))
    codes = flows.filter(mine).group_by("unit", "code", "importer").agg(
        pl.col("price").median(), pl.len()
    ).filter(pl.col("len") >= 3)  # fmt: skip
    for unit, least in (("kg", 7000), ("item", 150)):
        some = codes.filter(pl.col("unit") == unit)
        far, known = tool._judged(some, table)
        assert known >= least
        assert far <= 0.005 * known
        for times in (1 / 1000, 1 / 10_000, *([1000.0] if unit == "kg" else [])):
            seen, _ = tool._judged(some, table, times)
            assert seen >= 0.8 * known
    assert all(math.isfinite(usual.low) for usual in shipped().rows.values())


def middle_goods(times: float, count: int = 8) -> dict[str, tuple[str, str, float]]:
    """Goods of several headings at so many times what they cost in the middle."""
    codes = ("851830", "850131", "841381", "846729", "940161", "852580", "848340", "871200")
    return {
        code: (f"{code}00", "台", usual.middle * times)
        for code in codes[:count]
        if (usual := shipped().find(code, "item"))
    }


@pytest.mark.parametrize(
    ("times", "count", "said"),
    [
        (8.0, 8, False),  # a dear brand in all it sells
        (12.0, 8, True),
        (1 / 12, 8, True),
        (12.0, 7, False),
    ],
)
def test_a_file_of_several_headings_that_is_shifted(
    tmp_path: Path, times: float, count: int, said: bool
) -> None:
    notes(tmp_path, middle_goods(times, count))
    found = [n for n in read_ledger(tmp_path / "ledger.csv").notes if "level_" in n.key]
    assert [note.key for note in found] == (["reference.level_shifted"] if said else [])
    if said and times > 1:
        assert found[0].values["codes"] == "8"
        assert say("sources.reading_dozens") in str(found[0])
