"""Ledgers in yuan under dollars, and honest ones that are dear, by what customs counted."""

import polars as pl
import pytest

from ladder_flows import row, table
from offing.ladders.place import yuan_level
from offing.warehouse.store import Warehouse, starter_folder

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
def test_dear_sets_yuan_level_are_told(times: float) -> None:
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
