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
from offing.terms.tables import TABLES
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of, quoted_currencies
from offing.warehouse.store import starter_folder

TEXT = """date,currency,per_cny
2026-09-29,VND,3868.30730981
2026-09-29,usd,0.14908054
2026-09-29,VND,1
2026-13-01,VND,3868
2026-09-29,AED,-0.5
2026-09-29,KWD,0.0460229321234567
2099-09-29,AED,0.5082
2026-09-29,DHS,0.5082
"""
TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def starter() -> Warehouse:
    return Warehouse(starter_folder(), is_starter=True)


def test_what_cannot_be_a_rate_is_quarantined(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(TEXT)
    staging = Staging(tmp_path)
    fx_thin.read([tmp_path / "rates.csv"], staging)
    rows = pl.concat([pl.read_parquet(part.file) for part in staging.parts])
    TABLES["fx_thin"].schema.validate(rows)
    assert sorted(rows["currency"]) == ["USD", "VND"]
    assert staging.reasons == {
        "reference.bad_date": 2, "reference.bad_rate": 2, "reference.twice": 1,
        "reference.unknown_currency": 1,
    }  # fmt: skip


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
