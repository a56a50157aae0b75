"""Rates of a day a month (fx-thin): read as they are, and never mixed with the ECB's."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from offing.settlement.market_data import Own, currencies_without_rates
from offing.sources import fx_thin
from offing.sources.staging import Staging
from offing.terms.exchange import shift_rates
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of, quoted_currencies
from offing.warehouse.store import starter_folder

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def starter() -> Warehouse:
    return Warehouse(starter_folder(), is_starter=True)


def test_a_rate_far_from_that_of_its_days_is_quarantined(tmp_path: Path) -> None:
    """6.708 yuan for a dollar where dollars for a yuan are asked for; yen for a hundredth."""
    text = "date,currency,per_cny\n2026-09-29,USD,6.708\n2026-09-29,JPY,0.2344\n"
    (tmp_path / "rates.csv").write_text(f"{text}2026-09-29,EUR,0.13\n2026-09-29,VND,3868\n")
    staging = Staging(tmp_path)
    fx_thin.read([tmp_path / "rates.csv"], staging)
    rows = pl.concat([pl.read_parquet(part.file) for part in staging.parts])
    assert sorted(rows["currency"]) == ["EUR", "VND"]
    assert staging.reasons == {"reference.rate_far": 2}


NOT_QUOTED = "VND AED SAR RUB KZT EGP NGN KES PKR CLP COP ARS QAR KWD UAH"


@pytest.mark.parametrize("code", NOT_QUOTED.split(" "))
def test_currencies_that_the_ecb_does_not_quote_have_a_level(starter: Warehouse, code: str) -> None:
    table = fx_of(starter, TODAY)
    assert table.rate(code, "USD")[1] == date(2026, 9, 29)
    (old, thin) = table.cautions({"CNY", code})
    assert (old.key, thin.key) == ("landed.warn_rate_old", "landed.warn_rate_thin")
    assert code not in quoted_currencies(starter, TODAY)
    assert currencies_without_rates(
        [code], quoted_currencies(starter, TODAY), Own(), table.thin
    ) == [code]


def test_the_level_is_against_the_dollar_of_its_day(starter: Warehouse) -> None:
    """0.54749829 dirhams, 0.14908054 dollars a yuan: the peg, whatever the euro did."""
    table = fx_of(starter, TODAY)
    dirham = Decimal("0.54749829") / Decimal("0.14908054")
    assert table.rate("AED", "USD")[0] == pytest.approx(dirham)
    assert dirham == pytest.approx(Decimal("3.6725"), rel=Decimal("1e-4"))
    dearer = shift_rates(table, {"AED": Decimal("0.1"), "USD": Decimal("-0.5")})
    assert dearer.rate("AED", "USD")[0] == pytest.approx(dirham * Decimal("0.5") / Decimal("1.1"))
    assert "AED" not in fx_of(starter, date(2024, 3, 1)).thin
