"""Which of several trade data sets a product is looked at in."""

from pathlib import Path

import pytest

from offing.warehouse import Warehouse, load


def baci(folder: Path, name: str, rows: list[tuple[int, str, float]]) -> Path:
    """Flows from China to Germany: year, product, thousand USD."""
    source = folder / name
    source.mkdir()
    text = "t,i,j,k,v,q\n" + "".join(f"{t},156,276,{k},{v},1\n" for t, k, v in rows)
    (source / "BACI_HS17.csv").write_text(text)
    return source


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    """A large set, then a tiny newer one, then one that is old and has other goods."""
    folder = tmp_path / "w"
    large = [(year, "852872", 5_000.0) for year in range(2018, 2024)]
    load("baci", [baci(tmp_path, "a", large)], folder, dataset="large")
    load("baci", [baci(tmp_path, "b", [(2024, "852872", 7.0)])], folder, dataset="tiny")
    old = [(2001, "852872", 90_000.0), (2001, "620342", 1.0)]
    load("baci", [baci(tmp_path, "c", old)], folder, dataset="old", edition="2017")
    return Warehouse(folder)


def test_the_set_with_the_most_trade_is_taken_not_the_newest(house: Warehouse) -> None:
    assert house.trade_sets() == ["old", "tiny", "large"]
    assert house.trade_set("852872") == "large"
    # 2020 to 2024: four years of 5 million USD, against 7,000 USD, against nothing of the time.
    seen = house.trade_seen("8528")
    assert seen == ({"old": 0.0, "tiny": 7e3, "large": 20e6}, 2024)


def test_only_a_set_that_has_the_product_counts(house: Warehouse) -> None:
    assert house.trade_set("6203") == "old"
    assert house.set_caution("6203", "old") is None


def test_a_finer_code_is_not_added_to_the_coarser(tmp_path: Path) -> None:
    source = tmp_path / "r.csv"
    source.write_text(
        "Year,Trade Flow,Reporter ISO,Partner ISO,Commodity Code,Trade Value (US$),Classification\n"
        "2020,Export,CHN,DEU,8528,1000,H5\n2020,Export,CHN,DEU,852872,600,H5\n"
    )
    load("comtrade", [source], tmp_path / "w")
    assert Warehouse(tmp_path / "w").trade_seen("8528")[0] == {"comtrade": pytest.approx(1000.0)}
