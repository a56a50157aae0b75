"""How far ahead, odds, quantiles and draws, as they are asked for."""

from datetime import date
from typing import Any

import numpy as np
import pytest

import offing
from offing.forecast.outlook.forecast import target_year, years_ahead
from offing.terms.errors import InputError
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

HERE = Warehouse(starter_folder(), is_starter=True)


@pytest.mark.parametrize(
    ("on", "horizon", "year"),
    [
        # Twelve months to 2027-11-26: 36 days of 2026, 329 of 2027.
        (date(2026, 11, 26), 1, 2027),
        (date(2026, 11, 26), 2, 2028),
        # Twelve months to 2027-02-01: eleven of them in 2026.
        (date(2026, 2, 1), 1, 2026),
        (date(2026, 6, 30), 1, 2026),
        (date(2026, 7, 2), 1, 2027),
        (date(2024, 12, 31), 2, 2026),
    ],
)
def test_the_year_has_most_of_the_months(on: date, horizon: int, year: int) -> None:
    assert target_year(on, horizon) == year


def test_the_gap_is_looked_ahead_too() -> None:
    assert years_ahead(2024, date(2026, 11, 26), 2) == 4
    assert years_ahead(2024, date(2024, 12, 31), 2) == 2
    assert years_ahead(2026, date(2026, 2, 1), 1) == 1


def test_a_later_day_widens_the_interval() -> None:
    def width(on: date) -> float:
        answer = offing.outlook("8528", "CHN", market="DEU", as_of=2022, on=on, warehouse=HERE)
        row = answer.table.row(0, named=True)
        return float(np.log(row["high80"] / row["low80"]))

    near, far = width(date(2022, 12, 31)), width(date(2025, 12, 31))
    assert far > near * 1.1


def test_quantiles_draws_and_odds_agree() -> None:
    answer = offing.outlook(
        "8528",
        "CHN",
        market=["DEU", "Vietnam"],
        quantile="0.1,0.9",
        draws=4000,
        on=date(2025, 12, 31),
        warehouse=HERE,
    )
    assert answer.year == 2027
    assert answer.draws is not None
    assert answer.draws.years == (2026, 2027)
    assert answer.drawn.height == 4000 * 2 * 2
    last = answer.draws.sales_usd[:, -1]
    for place, row in enumerate(answer.table.iter_rows(named=True)):
        assert answer.draws.markets[place] == row["importer"]
        sales = last[:, place]
        # Three and a half standard errors of shares of 4,000 draws.
        assert (sales <= row["q10"]).mean() == pytest.approx(0.1, abs=0.017)
        assert (sales <= row["q90"]).mean() == pytest.approx(0.9, abs=0.017)
        assert (sales < row["base_usd"]).mean() == pytest.approx(row["fall_probability"], abs=0.028)
        error = sales.std() / np.sqrt(4000)
        assert abs(sales.mean() - row["expected_usd"]) < 3.5 * error


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"quantile": 1.0}, "market.bad_quantile"),
        ({"quantile": "a tenth"}, "market.bad_quantile"),
        ({"draws": -1}, "market.bad_draws"),
        ({"draws": 10, "origin": None}, "market.bad_draws"),
    ],
)
def test_careless_questions(asked: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        offing.outlook("8528", **{"origin": "CHN", "warehouse": HERE, **asked})
    assert caught.value.key == key


def test_a_day_before_the_base_year_is_refused_and_one_after_is_not() -> None:
    with pytest.raises(InputError) as refused:
        years_ahead(2024, date(2023, 12, 31), 1)
    assert refused.value.key == "market.day_before_base"
    assert years_ahead(2024, date(2024, 1, 1), 1) == 1
    assert years_ahead(2024, date(2025, 7, 1), 1) == 2
