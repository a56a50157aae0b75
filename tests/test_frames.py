"""Any data frame goes in where a table is wanted, and the same kind comes out."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from ladder_flows import drawn
from offing.terms.frames import Kind, into_polars, kind_of, like
from offing.warehouse import Warehouse
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
    made = Warehouse.from_frames(flows=MAKERS[kind](baci)).table("flows")
    assert_frame_equal(made, Warehouse.from_frames(flows=house).table("flows"))


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


def test_own_flows_stand_before_all_of_a_warehouse(tmp_path: Path) -> None:
    """The starter's flows are not mixed in; its distances are still there."""
    made = Warehouse.from_frames(flows=FLOWS)
    assert made.trade_sets() == ["frame"]
    assert made.table("distances").height > 0
    again = Warehouse.from_frames(made, flows=FLOWS.filter(pl.col("year") == 2023))
    assert again.years("flows") == [2023]
    other = Warehouse.from_frames(made, distances=made.table("distances").head(5))
    assert other.table("distances").height == 5
    assert other.table("flows").height == FLOWS.height


def test_a_folder_of_parquet_files_is_a_table(tmp_path: Path) -> None:
    """Years in folders of Hive, in the types that each was written in."""
    for (year,), rows in FLOWS.partition_by("year", as_dict=True).items():
        (tmp_path / f"year={year}").mkdir()
        kind = pl.Decimal(20, 2) if year == 2023 else pl.Float64
        written = rows.drop("year").cast({"value_usd": kind})
        written.write_parquet(tmp_path / f"year={year}" / "part.parquet")
    ours = offing.ladder("852872", "France", flows=FLOWS).data()
    assert offing.ladder("852872", "France", flows=tmp_path).data() == ours


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


def of_starter() -> pl.DataFrame:
    flows = Warehouse(starter_folder()).flows("8528")
    return flows.select("year", "product", "importer", "exporter", "value_usd")


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


SHIPMENT: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "cost": "1800", "quantity": "500",
    "freight": "2000USD", "on": "2026-10-01",
}  # fmt: skip
DEAL: dict[str, Any] = {"amount": "100000", "currency": "USD", "on": "2026-10-01"}
LADDER: dict[str, Any] = {"product": "8528", "market": "France", "price": "300", "unit": "item"}

ASKED: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "quote": (offing.quote, SHIPMENT),
    "settle": (offing.settle, DEAL),
    "ladder": (offing.ladder, LADDER),
}

ALIKE = [
    ("quote", "product", 852872, "852872"),
    ("quote", "product", "852872.0", "852872"),
    ("quote", "cost", np.int64(1800), 1800),
    ("quote", "destination", 276, "276"),
    ("quote", "on", np.datetime64("2026-10-01"), date(2026, 10, 1)),
    ("quote", "on", "２０２６年10月1日", date(2026, 10, 1)),
    ("quote", "on", np.datetime64("2026-10-01", "ns"), date(2026, 10, 1)),
    ("quote", "duty", 0.14, "0.14"),
    ("quote", "rate", "CNY=7.12", ["CNY=7.12"]),
    ("settle", "interest", "USD=4.1%", {"USD": "4.1%"}),
    ("ladder", "price", Decimal(300), 300),
]


@pytest.mark.parametrize(("name", "field", "given", "same"), ALIKE)
def test_one_value_however_python_has_it(name: str, field: str, given: Any, same: Any) -> None:
    ask, usual = ASKED[name]
    assert ask(**{**usual, field: given}).data() == ask(**{**usual, field: same}).data()
