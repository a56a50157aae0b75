"""Any data frame goes in where a table is wanted, and the same kind comes out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from cautions import keyed
from ladder_flows import drawn
from offing.cli.app import run
from offing.terms.errors import InputError
from offing.terms.frames import Kind, into_polars, kind_of, like
from offing.warehouse import Warehouse
from offing.warehouse.frames import flow_doubts
from offing.warehouse.store import starter_folder

FLOWS = drawn(8)
LEDGER = pl.DataFrame(
    {
        "Date": ["2023-01-05", "2023-11-05", "2024-01-05", "2024-11-28"],
        "Market": ["DE", "Germany", "法国", "DEU"],
        "HS": "852872",
        "Qty": [1, 2, 3, 4],
        "Amount USD": [600.0, 900.5, 2700.0, 800.0],
    }
).with_columns(pl.col("Date").str.to_date())


def to_pandas(rows: pl.DataFrame) -> Any:
    pytest.importorskip("pyarrow")
    pytest.importorskip("pandas")
    return rows.to_pandas()


def to_pyarrow(rows: pl.DataFrame) -> Any:
    pytest.importorskip("pyarrow")
    return rows.to_arrow()


def to_duckdb(rows: pl.DataFrame) -> Any:
    return like("duckdb", rows)


MAKERS: dict[Kind, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda rows: rows,
    "pandas": to_pandas,
    "pyarrow": to_pyarrow,
    "duckdb": to_duckdb,
}
every_kind = pytest.mark.parametrize("kind", MAKERS)


@every_kind
def test_there_and_back(kind: Kind) -> None:
    frame = MAKERS[kind](FLOWS)
    assert kind_of(frame) == kind
    again = into_polars(frame)
    assert again.columns == FLOWS.columns
    assert again["value_usd"].to_list() == FLOWS["value_usd"].to_list()
    assert again["items"].null_count() == FLOWS["items"].null_count()
    assert kind_of(like(kind, FLOWS)) == kind


@every_kind
def test_ladder_of_own_flows(kind: Kind) -> None:
    plain = offing.ladder("8528", "France", price=300, flows=FLOWS, warehouse=starter_folder())
    frame = MAKERS[kind](FLOWS)
    answer = offing.ladder("8528", "France", price=300, flows=frame, warehouse=starter_folder())
    assert answer.data() == plain.data()
    for table in (answer.table, answer.suppliers):
        assert kind_of(table) == kind
    assert into_polars(answer.table)["tier"].to_list() == ["low", "medium", "high"]


@every_kind
@pytest.mark.parametrize("numbers", [False, True])
def test_a_frame_as_cepii_gives_baci(kind: Kind, numbers: bool) -> None:
    """Thousand USD and tonnes; products as numbers have lost their first zero (horses: 010121)."""
    house = pl.DataFrame(
        {
            "year": [2022, 2022, 2022],
            "exporter": ["CHN", "USA", "DEU"],
            "importer": ["DEU", "CHN", "USA"],
            "product": ["010121", "852872", "010121"],
            "value_usd": [1_500.0, 2_000_000.0, 800.0],
            "kg": [500.0, 60_000.0, None],
        }
    )
    baci = pl.DataFrame(
        {
            "t": [2022, 2022, 2022],
            "i": [156, 842, 276] if numbers else ["CHN", "USA", "DEU"],
            "j": [276, 156, 842] if numbers else ["DEU", "CHN", "USA"],
            "k": [10121, 852872, 10121] if numbers else ["010121", "852872", "010121"],
            "v": [1.5, 2000.0, 0.8],
            "q": [0.5, 60.0, None],
        }
    )
    made = Warehouse.of_frames(flows=MAKERS[kind](baci)).table("flows")
    assert_frame_equal(made, Warehouse.of_frames(flows=house).table("flows"))


@every_kind
def test_markets_of_a_warehouse_of_frames(kind: Kind) -> None:
    given = {"flows": MAKERS[kind](FLOWS)}
    answer = offing.markets("852872", "China", horizon=1, warehouse=given)
    assert kind_of(answer.table) == kind
    assert answer.ranking.dataset == "frame"
    assert into_polars(answer.table)["market"].to_list()[0] in FLOWS["importer"]


@every_kind
def test_book_of_a_ledger_frame(kind: Kind, tmp_path: Path) -> None:
    LEDGER.write_csv(tmp_path / "ledger.csv")
    read = offing.book(tmp_path / "ledger.csv", bands=[500], warehouse=starter_folder())
    answer = offing.book(MAKERS[kind](LEDGER), bands=[500], warehouse=starter_folder())
    assert answer.data() == read.data()
    assert answer.book.lines == 4
    assert kind_of(answer.table) == kind
    assert kind_of(read.table) == "polars"


def test_a_path_is_a_table_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = offing.ladder("8528", "France", flows=FLOWS)
    for name in ("flows.parquet", "flows.csv"):
        path = tmp_path / name
        FLOWS.write_parquet(path) if name.endswith("parquet") else FLOWS.write_csv(path)
        assert offing.ladder("8528", "France", flows=path).data() == plain.data()
    assert run(["ladder", "8528", "France", "--flows", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ladder"]["dataset"] == "frame"


def test_own_flows_stand_before_all_of_a_warehouse(tmp_path: Path) -> None:
    """The starter's flows are not mixed in; its distances are still there."""
    made = Warehouse.of_frames(flows=FLOWS)
    assert made.trade_sets() == ["frame"]
    assert made.table("distances").height > 0
    again = Warehouse.of_frames(made, flows=FLOWS.filter(pl.col("year") == 2023))
    assert again.years("flows") == [2023]
    other = Warehouse.of_frames(made, distances=made.table("distances").head(5))
    assert other.table("distances").height == 5
    assert other.table("flows").height == FLOWS.height


def bad(**columns: Any) -> pl.DataFrame:
    return FLOWS.head(3).with_columns(**columns)


@pytest.mark.parametrize(
    ("frame", "key"),
    [
        (FLOWS.drop("exporter"), "frames.no_column"),
        (bad(product=pl.lit(10121)), "frames.codes_as_numbers"),  # horses: 010121
        (bad(product=pl.lit(8528.5)), "frames.codes_as_numbers"),
        (bad(product=pl.lit(-852872)), "frames.codes_as_numbers"),
        (bad(year=pl.lit(2020.5)), "frames.bad_values"),
        (bad(value_usd=pl.lit(-1.0)), "frames.bad_values"),
        (bad(value_usd=pl.lit("many")), "frames.bad_values"),
        (bad(importer=pl.lit("Atlantis")), "countries.unknown"),
        (pl.concat([FLOWS.head(2), FLOWS.head(1)]), "frames.rows_twice"),
        ("8528", "warehouse.no_file"),
        (3, "frames.not_a_frame"),
    ],
)
def test_unfit_tables_are_refused_in_words(frame: Any, key: str) -> None:
    with pytest.raises(offing.OffingError) as refused:
        offing.ladder("8528", "France", flows=frame)
    assert refused.value.key == key


@pytest.mark.parametrize("kind", [pl.Int64, pl.Float64, pl.UInt32])
def test_codes_that_lost_no_zero_may_be_numbers(kind: Any) -> None:
    """As ``pandas.read_csv`` has them: an even count of digits is whole."""
    numbers = FLOWS.with_columns(pl.col("product").cast(kind))
    assert_frame_equal(
        Warehouse.of_frames(flows=numbers).table("flows"),
        Warehouse.of_frames(flows=FLOWS).table("flows"),
    )


def test_a_relation_of_a_query_is_a_table() -> None:
    connection = duckdb.connect()
    rows = connection.sql("SELECT 2024 AS year, '8528' AS product, 'DEU' AS importer, "
                          "unnest(['CHN', 'POL', 'HUN']) AS exporter, 1000.0 AS value_usd, "
                          "unnest([1.0, 2.0, 4.0]) AS items")  # fmt: skip
    answer = offing.ladder("8528", "DEU", unit="item", flows=rows)
    values = into_polars(answer.suppliers)["unit_value"]
    assert sorted(values) == [250.0, 500.0, 1000.0]


def test_a_ledger_frame_that_pandas_makes_is_read_as_its_file(tmp_path: Path) -> None:
    """Periods, a column of several types, an integer beyond 64 bits: as in the CSV of the frame."""
    frames = pytest.importorskip("pandas")
    plain = to_pandas(LEDGER)
    months = frames.PeriodIndex(["2023-01", "2023-11", "2024-01", "2024-11"], freq="M")
    made = [
        plain.assign(Date=months),
        plain.assign(HS=[852872, "852872", 852872.0, None]),
        plain.assign(**{"Amount USD": [10**25, 900, 2700, 800]}),
    ]
    for at, frame in enumerate(made):
        file = tmp_path / f"{at}.csv"
        frame.to_csv(file, index=False)
        assert offing.book(frame).data() == offing.book(file).data()


@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
def test_a_column_that_is_there_twice_is_refused(kind: Kind) -> None:
    if kind == "pandas":
        frame = to_pandas(LEDGER).rename(columns={"HS": "Qty"})
    else:
        frame = to_pyarrow(LEDGER)
        frame = frame.append_column("Qty", frame["Qty"])
    with pytest.raises(InputError) as refused:
        offing.book(frame)
    assert refused.value.key == "sources.column_twice"


def test_a_table_without_rows_does_not_give_way_to_what_is_loaded() -> None:
    with pytest.raises(InputError) as refused:
        offing.ladder("8528", "France", flows=FLOWS.head(0), warehouse=starter_folder())
    assert refused.value.key == "frames.no_rows"


def test_an_error_of_a_frame_names_no_file_that_nobody_made() -> None:
    mixed = LEDGER.with_columns(pl.Series("Amount USD", ["1.200", "900", "2700", "800"]))
    with pytest.raises(InputError) as refused:
        offing.book(mixed)
    assert str(refused.value.where) == "DataFrame, row 2, column Amount USD"


def of_starter() -> pl.DataFrame:
    flows = Warehouse(starter_folder()).flows("8528")
    return flows.select("year", "product", "importer", "exporter", "value_usd")


def test_what_is_odd_in_flows_of_ones_own_is_said() -> None:
    """Millions or thousands for dollars without a weight, sides changed."""
    flows, loaded = of_starter(), Warehouse(starter_folder()).flows("8528")

    def said(own: pl.DataFrame) -> dict[str, dict[str, str]]:
        return dict(keyed(flow_doubts(Warehouse.of_frames(flows=own).flows("8528"), loaded)))

    rng = np.random.default_rng(1)
    noisy = pl.Series(np.exp(rng.normal(0, 0.3, flows.height)))
    value = pl.col("value_usd")
    assert said(flows) == {}
    assert said(flows.with_columns(value * 1.3 * noisy)) == {}
    assert said(flows.filter(pl.col("exporter") == "CHN")) == {}
    for times, shown in ((1e-6, "0.000001"), (1e-3, "0.001"), (1e3, "1,000")):
        found = said(flows.with_columns(value * times))
        assert found == {"frames.far_off": {"times": shown, "count": flows.height}}
    assert said(flows.head(5).with_columns(value / 1e6)) == {}
    turned = flows.rename({"importer": "exporter", "exporter": "importer"})
    assert list(said(turned.with_columns(value * noisy))) == ["frames.turned"]
    keys = [one.key for one in offing.survival("8528", flows=turned).cautions]
    assert next(key for key in keys if "frames" in key) == "frames.turned"


def test_distances_in_miles_are_refused() -> None:
    distances = Warehouse(starter_folder()).table("distances")
    miles = distances.with_columns(pl.col("km") / 1.609344)
    with pytest.raises(InputError) as refused:
        Warehouse.of_frames(distances=miles)
    assert refused.value.key == "reference.no_kilometres"
    Warehouse.of_frames(distances=distances)


def test_a_named_index_of_pandas_is_columns() -> None:
    pandas = pytest.importorskip("pandas")
    flows = to_pandas(of_starter())
    keys = ["year", "product", "importer", "exporter"]
    grouped = flows.groupby(keys, observed=True).sum()
    assert_frame_equal(into_polars(grouped).select(flows.columns), into_polars(flows),
                       check_row_order=False)  # fmt: skip
    shuffled = flows.sample(frac=0.5, random_state=1)  # an index without a name is none
    assert into_polars(shuffled).columns == list(flows.columns)
    named = pandas.DataFrame({"year": [2024]}, index=pandas.Index([2023], name="year"))
    assert into_polars(named).to_dicts() == [{"year": 2024}]
