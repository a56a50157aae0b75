"""Ladders of a market panel by hand, and ledgers in yuan under dollars."""

from datetime import date

import polars as pl
import pytest

from ladder_flows import row, table
from offing.ladders.build import panel_in_usd, panel_ladders
from offing.ladders.place import yuan_level
from offing.warehouse.store import Warehouse, starter_folder

FX = pl.DataFrame(
    [(date(year, month, 1), currency, rate)
     for year in (2022, 2023) for month, shift in ((1, -0.1), (7, 0.1))
     for currency, rate in (("USD", 1.2 + shift), ("GBP", 0.8), ("USX", 9.0))],
    schema=["on", "currency", "per_eur"], orient="row",
)  # fmt: skip
COLUMNS = ["year", "market", "product", "segment", "low", "high", "units", "value", "currency",
           "level", "brand"]  # fmt: skip


def panel(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row").with_columns(
        pl.col("year").cast(pl.Int16), pl.col("low", "high", "units", "value").cast(pl.Float64)
    )


def line(
    market: str = "DEU", product: str = "852872", segment: str | None = "55", *, year: int = 2023,
    low: float | None = 300, units: float = 10.0, value: float = 1000.0, currency: str = "EUR",
    level: str = "retail", brand: str | None = "A",
) -> tuple[object, ...]:  # fmt: skip
    high = None if low is None else low + 100
    return (year, market, product, segment, low, high, units, value, currency, level, brand)


def test_values_are_in_dollars_at_the_mean_rate_of_their_year() -> None:
    """1,000 EUR at 1.2 are 1,200 USD, 800 GBP at 0.8 a euro too; without a rate none."""
    lines = panel(line(), line(value=800.0, currency="GBP"), line(currency="CHF"))
    assert panel_in_usd(lines, FX)["usd"].to_list() == pytest.approx([1200.0, 1200.0])


def test_a_ladder_stands_on_the_level_with_most_value_and_the_lines_of_its_code() -> None:
    lines = panel(
        line(units=10, value=5000.0), line(units=5, value=5000.0, product="8528"),
        line(units=2, value=3000.0, segment="65", product="85287240", low=None, brand=None),
        line(units=9, value=100.0, level="landed"),
        line(units=7, value=9e6, product="8527"), line(units=7, value=9e6, year=2024),
        line(units=7, value=9e6, market="FRA"),
    )  # fmt: skip
    made = panel_ladders(
        lines, FX, product="852872", markets=("DEU", "POL"), year=2023, method="threshold-1997"
    )
    assert set(made) == {"DEU"}
    built = made["DEU"]
    assert (built.basis, built.unit, built.year) == ("retail", "item", 2023)
    told = [(one.exporter, one.quantity, one.unit_value) for one in built.suppliers]
    names = {"65": (2.0, 1800.0), "A 55 300–400": (15.0, 800.0)}
    assert sorted(name for name, *_ in told) == sorted(names)
    for name, *figures in told:
        assert figures == pytest.approx(names[name])


YUAN = 7.1
SETS = {"USA": 700.0, "CAN": 643.0, "MEX": 761.0, "KOR": 744.0, "POL": 594.0, "DEU": 624.0}
"""What a maker of dear sets asks: two to three times the dearest supplier's average."""
CHEAP = {"USA": 150.0, "CAN": 140.0, "DEU": 130.0}
STARTER = Warehouse(starter_folder(), is_starter=True)


def lines(
    prices: dict[str, float], code: str = "852872", times: float = 1, currency: str = "USD"
) -> pl.DataFrame:
    rows = [(code, market, "item", 100.0, 100 * price * times, currency)
            for market, price in prices.items()]  # fmt: skip
    names = ["product", "market", "unit", "quantity", "amount", "currency"]
    return pl.DataFrame(rows, schema=names, orient="row")


def starter(code: str) -> pl.DataFrame | None:
    return STARTER.flows("8528") if code.startswith("8528") else None


@pytest.mark.parametrize("times", [6.8, 7.1, 7.3])
def test_dear_sets_in_yuan_are_told(times: float) -> None:
    level = yuan_level(lines(SETS, times=times), starter, YUAN)
    assert level is not None
    assert level.price == pytest.approx(SETS[level.market] * times)
    assert level.price > 4 * level.dearest


@pytest.mark.parametrize(
    "ledger",
    [
        lines(SETS),
        lines(SETS, times=1.5),
        lines(CHEAP),
        lines(SETS, times=YUAN, currency="CNY"),  # which is what they are
        lines(SETS, times=100),  # cents or a slip, but no yuan
        lines({"USA": 700.0}, times=YUAN),  # one market alone tells too little
        lines(SETS, code="610910", times=YUAN),  # of which nothing is loaded
        pl.concat([lines(SETS, times=YUAN), lines(SETS, times=YUAN, currency="CNY")]),
        lines({}),
    ],
)
def test_what_may_be_honest_is_not(ledger: pl.DataFrame) -> None:
    ledger = ledger.cast({"product": pl.String, "market": pl.String, "currency": pl.String})
    assert yuan_level(ledger, starter, YUAN) is None


def flows(code: str) -> pl.DataFrame:
    """China at 2 dollars a piece, others up to 12, in two years."""
    suppliers = {"CHN": (2.0, 900e3), "VNM": (3.0, 400e3), "DEU": (12.0, 300e3)}
    return table(
        [
            row(year=year, product=code, importer="USA", exporter=exporter, value_usd=usd,
                items=usd / price, kg=usd / price)
            for year in (2022, 2023)
            for exporter, (price, usd) in suppliers.items()
        ]
    )  # fmt: skip


def test_several_codes_at_the_rate_of_exchange_are_told() -> None:
    """Shirts, trousers and coats all at seven times China's price; each alone may be dear."""
    codes = ("610910", "620342", "620293")
    parts = [
        lines({"USA": 2.0}, code, times) for code, times in zip(codes, (6.2, 7.3, 8.0), strict=True)
    ]
    assert yuan_level(pl.concat(parts), flows, YUAN) is not None
    assert yuan_level(pl.concat(parts[:2]), flows, YUAN) is None
    dear = [*parts[:2], lines({"USA": 2.0}, codes[2], 2.5)]
    assert yuan_level(pl.concat(dear), flows, YUAN) is None
