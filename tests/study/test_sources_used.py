"""Each data set behind a study, once, with what its files hold."""

import json

import polars as pl

from offing.study.manifest import sources_used
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder


def test_data_sets_of_the_starter_world() -> None:
    house = Warehouse(starter_folder(), is_starter=True)
    tables = ("flows", "distances", "indicators")
    used = sources_used(house, tables, "starter-hs85")
    assert [one.title for one in used] == [
        "sources.title_comtrade",
        "reference.distances",
        "reference.indicators",
    ]
    loads = json.loads((starter_folder() / "catalog.json").read_text("utf-8"))["loads"]
    for one, table in zip(used, tables, strict=True):
        files = sorted((starter_folder() / table).glob("*.parquet"))
        assert one.rows == sum(pl.read_parquet(file).height for file in files)
        mine = [load for load in loads if load["dataset"] == one.dataset]
        assert one.sha256 == mine[-1]["inputs"][0]["sha256"]
        assert one.loaded.isoformat() == mine[-1]["at"][:10]
    assert used[0].covers == "2019–2024"
    assert used[1].covers == ""
