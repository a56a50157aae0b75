"""Sums that the warehouse gives instead of rows, and which data set a product is looked at in."""

from math import fsum
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.forecast import ranking
from offing.forecast.ranking import near_product, product_trade
from offing.terms.frames import exact_sum
from offing.warehouse import Warehouse, load
from offing.warehouse.engine import added_up, sums_sql
from offing.warehouse.store import starter_folder
from offing.warehouse.trade import export_sums, flows_below, flows_by_year, product_codes

HOUSE = Warehouse(starter_folder(), is_starter=True)
SET = HOUSE.trade_sets()[0]
MONEY = st.lists(st.floats(0.001, 1e13), min_size=1, max_size=40)


def in_sql(values: list[float]) -> float:
    rows = pl.DataFrame({"value_usd": values})  # noqa: F841 - DuckDB finds it by its name
    return float(added_up(pl.DataFrame(duckdb.sql(f"SELECT {sums_sql()} FROM rows"))).item())


@given(MONEY, st.randoms())
def test_a_sum_in_sql_is_that_of_any_order_and_of_polars(
    values: list[float], chance: object
) -> None:
    mixed = list(values)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    found = {
        in_sql(values),
        in_sql(mixed),
        pl.DataFrame({"value_usd": values}).select(exact_sum()).item(),
    }
    assert len(found) == 1
    assert abs(found.pop() - fsum(values)) <= 1e-15 * fsum(values) + len(values) * 2.0**-41


def test_what_is_too_large_to_be_counted_in_parts_is_added_as_it_is() -> None:
    assert in_sql([0.1, 0.2, 0.3, 1e300]) == 1e300
    assert in_sql([1e300, 1e300]) == 2e300


@pytest.mark.parametrize("keys", [("exporter",), ("product", "importer"), ("exporter", "importer")])
def test_sums_of_a_year_are_those_of_its_flows(keys: tuple[str, ...]) -> None:
    year, codes = HOUSE.years("flows", SET)[-1], product_codes(HOUSE, SET)[::2]
    found = export_sums(HOUSE, SET, year, keys, codes=codes, digits=4, without=("CHN", "DEU"))
    rows = flows_below(HOUSE, SET, year=year).filter(
        pl.col("product").is_in(codes),
        ~pl.col("exporter").is_in(["CHN", "DEU"]),
        pl.col("exporter") != pl.col("importer"),
        pl.col("value_usd") > 0,
    )
    by = rows.with_columns(pl.col("product").str.head(4)).group_by(keys).agg(exact_sum()).sort(keys)
    assert found.height
    assert found.equals(by)


def test_a_code_too_large_by_itself_is_fitted_on_its_newest_years(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = flows_by_year(HOUSE, SET, "8528", 9999)
    years = sorted(counts)
    assert near_product(HOUSE, SET, "8528", None) == ("", years[0])
    alone = sum(counts.values())
    chapter = sum(flows_by_year(HOUSE, SET, "85", 9999).values())
    assert alone < chapter  # else the next line says nothing
    monkeypatch.setattr(ranking, "FITTED_FLOWS", chapter - 1)
    assert near_product(HOUSE, SET, "8528", None) == ("8528", years[0])
    monkeypatch.setattr(ranking, "LEAST_YEARS", 2)
    monkeypatch.setattr(ranking, "FITTED_FLOWS", sum(counts[y] for y in years[-4:]))
    assert near_product(HOUSE, SET, "8528", None) == ("8528", years[-4])
    monkeypatch.setattr(ranking, "FITTED_FLOWS", 1)
    assert near_product(HOUSE, SET, "8528", None) == ("8528", years[-2])
    assert product_trade(HOUSE, "8528", dataset=SET, year=None)[1].years == tuple(years[-2:])


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
