"""The rows that loads left out are read back as they were kept."""

from pathlib import Path

import pytest

import offing
from offing.terms.errors import StorageError
from offing.warehouse import Warehouse
from offing.warehouse.loading import left_out

FLOWS = (
    "t,i,j,k,v,q\n2022,156,276,852872,-5,20\n2022,156,999999,852872,7,1\n2022,156,276,852872,9,1\n"
)


def test_rows_come_with_file_row_reason_and_text(tmp_path: Path) -> None:
    (tmp_path / "flows.csv").write_text(FLOWS, encoding="utf-8")
    house = tmp_path / "house"
    offing.load("baci", tmp_path / "flows.csv", edition="2017", warehouse=house)
    warehouse = Warehouse.open(house)
    (load,) = warehouse.catalog.loads
    rows = left_out(warehouse, load, 10)
    assert [(row.file, row.row) for row in rows] == [("flows.csv", 2), ("flows.csv", 3)]
    assert {row.reason for row in rows} == set(load.quarantined)
    assert rows[1].text == "2022,156,999999,852872,7,1"
    assert left_out(warehouse, load, 1) == rows[:1]
    answer = offing.loaded(quarantine=True, warehouse=house)
    assert dict(answer.left_out) == {load.id: rows}
    assert not offing.loaded(warehouse=house).left_out
    assert load.quarantine is not None
    (house / load.quarantine).write_text("nothing,of,this\n1,2,3\n", encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        left_out(warehouse, load, 10)
    assert caught.value.key == "warehouse.unreadable_quarantine"
    (house / load.quarantine).unlink()
    assert left_out(warehouse, load, 10) == ()
