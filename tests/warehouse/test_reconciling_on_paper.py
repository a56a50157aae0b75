"""Reconciling on paper: weights, scales, margins and errors small enough to reckon."""

from math import exp, fsum, log
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from offing.forecast import ranking
from offing.forecast.ranking import near_product, product_trade
from offing.terms.frames import exact_sum
from offing.warehouse import Warehouse, load
from offing.warehouse.engine import added_up, sums_sql
from offing.warehouse.reconciling import mirror
from offing.warehouse.reconciling.estimate import _errors, deal, reconcile
from offing.warehouse.reconciling.margin import (
    HIGHEST,
    Margin,
    Reliability,
    ReportEffect,
    _codes,
    _geography,
    predict,
    spread,
    t_weights,
)
from offing.warehouse.reconciling.mirror import ReportPieces, side_by_side
from offing.warehouse.store import starter_folder
from offing.warehouse.trade import export_sums, flows_below, flows_by_year, product_codes
from report_world import world

NO_DISTANCES = pl.DataFrame(
    schema={
        "origin": pl.String, "destination": pl.String, "km": pl.Float64, "contiguous": pl.Boolean
    }
)  # fmt: skip


def test_how_much_a_row_counts() -> None:
    """Four over three at home, one at a standard deviation, a quarter of three at √13 of them."""
    found = t_weights(np.array([0.0, 2.0, -2.0, 4 * 13**0.5]), np.full(4, 4.0))
    assert found[:3] == pytest.approx([4 / 3, 1, 1])
    assert found[3] == pytest.approx(4 / (3 + 52))


def test_scales_of_groups_by_hand() -> None:
    """Means of 1 and 3 about 2, each averaged with ten rows of the mean: 11/12 and 13/12."""
    squares = np.array([1.0, 1.0, 3.0, 3.0])
    factors = [np.ones(2)]
    made = spread(squares, [ReportEffect(np.array([0, 0, 1, 1]), 2)], factors)
    assert factors[0] == pytest.approx([11 / 12, 13 / 12])
    assert made == pytest.approx([2 * 11 / 12] * 2 + [2 * 13 / 12] * 2)
    assert spread(squares, [], []) == pytest.approx([2.0] * 4)
    assert spread(np.zeros(2), [], []) == pytest.approx([1e-12] * 2)


def test_effects_of_groups() -> None:
    plain = ReportEffect(np.array([0, 1, 1]), 2)
    along = ReportEffect(np.array([0, 1, 1]), 2, np.array([1.0, 2.0, 3.0]))
    sizes = np.array([10.0, 20.0])
    assert plain.at(sizes).tolist() == [10, 20, 20]
    assert along.at(sizes).tolist() == [10, 40, 60]
    chosen = along.rows(np.array([True, False, True]))
    assert chosen.at(sizes).tolist() == [10, 60]
    assert plain.rows(np.array([False, True, True])).along is None
    columns = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    told = predict(columns, np.array([1.0, 2.0]), [plain, along], [sizes, sizes])
    assert told.tolist() == [21, 63, 85]


def rows(*given: tuple[str, int, float | None, bool | None]) -> pl.DataFrame:
    names = {"product": pl.String, "year": pl.Int32, "km": pl.Float64, "contiguous": pl.Boolean}
    return pl.DataFrame(list(given), schema=names, orient="row")


def test_places_on_the_map() -> None:
    """ln of the distance over 5,000 km from −3 to 1.5, its square, and whether they touch."""
    found = _geography(
        rows(("8528", 2020, 5000 * exp(1), True), ("8528", 2020, 1.0, False),
             ("8528", 2020, 5e9, None), ("8528", 2020, None, None))
    )  # fmt: skip
    assert found == pytest.approx(
        np.array([[1, 1, 1, 1], [1, -3, 9, 0], [1, 1.5, 2.25, 0], [1, 0, 0, 0]])
    )


def test_a_margin_of_a_row_by_hand() -> None:
    margin = Margin(
        np.array([0.05, 0.02, 0.01, -0.03]), {"8528": 0.1}, {2020: 0.04}, np.eye(4), {},
        pl.DataFrame(),
    )  # fmt: skip
    at_e = 5000 * exp(1)
    found = margin.of(
        rows(("852872", 2020, at_e, True), ("8501", 2021, at_e, False), ("8528", 2020, 5e9, False),
             ("8501", 2021, 5000.0, True))
    )  # fmt: skip
    highest = 0.05 + 0.03 + 0.0225 + 0.1 + 0.04
    assert found == pytest.approx([0.19, 0.08, highest, 0.02])
    dear = Margin(np.array([0.5, 0, 0, 0]), {}, {}, np.eye(4), {}, pl.DataFrame())
    cheap = Margin(np.array([-0.5, 0, 0, 0]), {}, {}, np.eye(4), {}, pl.DataFrame())
    one = rows(("8501", 2021, 5000.0, True))
    assert (dear.of(one)[0], cheap.of(one)[0]) == (HIGHEST, 0) == (0.30, 0)


def test_codes_are_places_among_the_names_in_order() -> None:
    codes, names = _codes(pl.Series(["b", "a", "b"]))
    assert (codes.tolist(), names) == ([1, 0, 1], ["a", "b"])


def report(who: str, partner: str, direction: str, usd: float, **more: object) -> dict[str, object]:
    return {
        "year": 2020, "product": "8528", "reporter": who, "partner": partner, "edition": "2017",
        "direction": direction, "value_usd": usd, "kg": None, "items": None,
    } | more  # fmt: skip


def test_reports_side_by_side() -> None:
    reports = pl.DataFrame(
        [
            report("DEU", "CHN", "import", 110.0, kg=5.0, items=0.0),
            report("CHN", "DEU", "export", 100.0, kg=-1.0, items=7.0),
            report("CHN", "DEU", "export", 90.0, edition="2012"),
            report("USA", "CHN", "import", 50.0),
            report("USA", "USA", "import", 5.0),
            report("FRA", "CHN", "import", 0.0),
        ],
        schema_overrides={"kg": pl.Float64, "items": pl.Float64},
    )
    distances = pl.DataFrame(
        [("CHN", "DEU", 8000.0, False), ("CHN", "DEU", 7000.0, True), ("CHN", "USA", 0.0, False)],
        schema=NO_DISTANCES.schema, orient="row",
    )  # fmt: skip
    found, left_out = side_by_side(reports, distances)
    assert left_out == {"zero_value": 1, "own_trade": 1, "duplicate": 1}
    names = ["importer", "m", "x", "m_kg", "x_kg", "m_items", "x_items", "km", "contiguous",
             "importer_files", "exporter_files"]  # fmt: skip
    assert found.select(names).rows() == [
        ("DEU", 110, 100, 5, None, None, 7, 7000, True, True, True),
        ("USA", 50, None, None, None, None, None, None, False, True, True),
    ]


def test_the_weight_of_the_importer() -> None:
    """Errors of 1 and 2: the other's square over the sum of both."""
    table = pl.DataFrame(
        {"country": ["DEU", "CHN"], "direction": ["import", "export"], "discrepancy": [1.0, 2.0]}
    )
    flows = pl.DataFrame({"importer": ["DEU", "FRA"], "exporter": ["CHN", "USA"]})
    assert Reliability(table, 3.0).importer_share(flows) == pytest.approx([4 / 5, 1 / 2])


def test_flows_that_are_alike_share_a_fold() -> None:
    both = pl.DataFrame({"exporter": list("aabbccdd"), "year": [1, 2] * 4})
    found = deal(both, ("exporter",), 2, 1)
    assert (found[::2] == found[1::2]).all()
    assert sorted(found[::2].tolist()) == [0, 0, 1, 1]
    assert sorted(deal(both, ("exporter", "year"), 4, 1).tolist()) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_errors_by_hand() -> None:
    """The import is told half of what it is, the export right; the two reports differ by two."""
    told = pl.DataFrame(
        {
            "product": ["8528"], "importer": ["DEU"], "exporter": ["CHN"], "m": [200.0],
            "x": [100.0], "told_import": [log(100.0)], "told_export": [log(100.0)],
        }
    )  # fmt: skip
    found = {(by, name, hidden): rest for by, name, hidden, *rest in _errors(told).iter_rows()}
    two = log(2)
    assert found["all", "", "import"] == pytest.approx([1, two, two, two, two])
    assert found["all", "", "export"] == pytest.approx([1, 0, 0, two, two])
    assert found["all", "", "either"] == pytest.approx([2, two / 2, 0.9 * two, two, two])
    assert found["reporter", "DEU", "import"] == found["reporter", "DEU", "either"]
    assert found["reporter", "CHN", "export"][1] == pytest.approx(0)
    assert ("reporter", "CHN", "import") not in found
    assert found["product", "8528", "either"][0] == 2


TOLD, KM, _ = world(margin=0.08)


def test_some_products_at_a_time_give_the_same_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reconcile(TOLD, KM)
    monkeypatch.setattr(mirror, "REPORTS_AT_ONCE", TOLD.height // 3)
    assert len(list(ReportPieces(TOLD.lazy(), KM))) > 2
    taken: list[pl.DataFrame] = []
    pieces = reconcile(TOLD.lazy(), KM, taken.append)
    assert_frame_equal(pl.concat(taken), whole.flows, check_exact=True)
    # Sums of other lengths: their last digit hangs on the machine.
    assert_frame_equal(pieces.margins, whole.margins, rel_tol=1e-12, abs_tol=0)
    assert_frame_equal(pieces.reliability, whole.reliability, check_exact=True)
    assert pieces.counts == whole.counts
    assert pieces.values == pytest.approx(whole.values, rel=1e-12)
    assert pieces.notes == whole.notes


def pairs(reports: pl.DataFrame) -> pl.DataFrame:
    pieces = ReportPieces(reports.lazy(), KM)
    return mirror.fitted_pairs(pieces, sum(mirror.pairs_by_year(pieces).values()))


def test_what_is_drawn_hangs_on_the_flows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on their order or on pieces; all years of a flow are drawn, or none."""
    every = pairs(TOLD)
    monkeypatch.setattr(mirror, "FITTED_PAIRS", every.height // 3)
    drawn = pairs(TOLD)
    assert every.height // 12 < drawn.height < every.height // 2
    flow = ["product", "importer", "exporter"]
    assert_frame_equal(drawn, every.join(drawn, on=flow, how="semi"), check_row_order=False)
    monkeypatch.setattr(mirror, "REPORTS_AT_ONCE", TOLD.height // 4)
    shuffled = TOLD.sample(fraction=1, shuffle=True, seed=1)
    assert_frame_equal(pairs(shuffled), drawn, check_exact=True)
    assert reconcile(TOLD, KM).flows.height == every.height


def test_flows_are_drawn_evenly() -> None:
    """Of a grid of flows about one in eight, of each product and country (binomial, 5 sigma)."""
    codes = [f"{n:06d}" for n in range(10_000, 10_400)]
    sides = ["CHN", "DEU", "FRA", "USA", "BRA"]
    grid = pl.DataFrame({"product": codes}).join(pl.DataFrame({"importer": sides}), how="cross")
    grid = grid.join(pl.DataFrame({"exporter": sides}), how="cross")
    drawn = mirror._drawn(grid, 1 / 8)
    for side in ("importer", "exporter"):
        counts = drawn[side].value_counts()["count"].cast(pl.Int64).to_numpy()
        assert np.abs(counts - 250).max() < 5 * np.sqrt(2000 * 7 / 64)


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
