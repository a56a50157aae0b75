"""Lines of a market panel that are asked about, on both sides of each threshold."""

from dataclasses import replace

import pytest

from cautions import keyed
from offing.sources.market_panel import _odd
from offing.sources.trade_checks import (
    GROUP,
    NO_NUMBER,
    NOT_KNOWN,
    codes_of,
    last_year,
    last_years,
    place_of,
    places,
    places_of_numbers,
)
from offing.terms.firm_records import PanelLine

USUAL = PanelLine(
    year=2024, period="2024", market="DEU", product="852872", segment="55", low=None, high=None,
    units=10.0, value=5_000.0, currency="EUR", level="retail", brand="A", row=2,
)  # fmt: skip


def said(*changes: dict[str, object]) -> dict[str, str]:
    """Message → rows; each line is of a brand of its own unless it says one."""
    lines = [
        replace(USUAL, **{"row": row, "brand": str(row)} | change)  # type: ignore[arg-type]
        for row, change in enumerate(changes, 2)
    ]
    return {key.removeprefix("reference."): values["rows"] for key, values in keyed(_odd(lines))}


@pytest.mark.parametrize(
    ("price", "asked"),
    [(500.0, False), (10_000.0, False), (10_001.0, True), (25.0, False), (24.9, True)],
)
def test_a_price_twenty_times_that_of_its_kind(price: float, asked: bool) -> None:
    others: list[dict[str, object]] = [{}, {}, {}]
    assert ("panel_price_far" in said(*others, {"value": 10 * price})) == asked
    assert "panel_price_far" not in said({}, {"value": 10 * price})  # two have no middle
    assert "panel_price_far" not in said(*others, {"value": 10 * price, "segment": "65"})


def test_places_of_countries() -> None:
    assert places()[place_of("DEU")] == "DEU"
    assert list(places()) == sorted(places())
    assert place_of("EUR") == GROUP == -2
    table = places_of_numbers()
    assert table[276] == table[280] == place_of("DEU")
    assert table[NO_NUMBER] == table[999] == NOT_KNOWN == -1
    assert last_year("DEU") == 9999
    assert last_year("SUN") == 1991
    years = last_years()
    assert (years[place_of("SUN")], years[GROUP], years[NOT_KNOWN]) == (1991, 9999, 9999)
    assert codes_of(["DEU", None, "Mars", "EU", "DEU"]) == {"DEU": "DEU", "Mars": None, "EU": "EUR"}
