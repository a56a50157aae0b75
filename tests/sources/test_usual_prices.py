"""Units and currencies that are wrong through a whole file, and right files of dear goods."""

import math

import polars as pl
from tools import usual_prices as tool

from offing.terms.usual_figures import shipped
from shared_data import shared


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
