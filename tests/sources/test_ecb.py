"""Rates of exchange: the ECB's, a day a month, and parities as others publish them."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import offing
from cautions import keyed
from offing.settlement.market_data import Own, currencies_without_rates
from offing.sources import ecb, fx_thin
from offing.sources.staging import Staging
from offing.terms.exchange import DayRate, shift_rates
from offing.warehouse import Warehouse, load
from offing.warehouse.exchange_rates import central_parity, fx_of, quoted_currencies
from offing.warehouse.store import starter_folder


@pytest.fixture(scope="module")
def history() -> pl.DataFrame:
    return ecb.packaged_rates()


def read(path: Path, folder: Path) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    ecb.read([path], staging)
    rows = pl.concat([pl.read_parquet(part.file) for part in staging.parts])
    return rows, staging


@pytest.mark.parametrize(
    ("day", "currency", "rate"),
    [
        # https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/
        (date(1999, 1, 4), "USD", "1.1789"),
        (date(2024, 12, 31), "USD", "1.0389"),
        (date(2024, 12, 31), "CNY", "7.5833"),
        (date(2022, 3, 1), "RUB", "117.201"),
    ],
)
def test_published_rates(history: pl.DataFrame, day: date, currency: str, rate: str) -> None:
    found = history.filter(pl.col("on") == day, pl.col("currency") == currency)
    assert found["per_eur"].to_list() == [Decimal(rate)]


def test_suspended_and_joined_currencies_end(history: pl.DataFrame) -> None:
    last = dict(history.group_by("currency").agg(pl.col("on").max()).iter_rows())
    assert last["RUB"] == date(2022, 3, 1)  # ECB press release of 2 March 2022
    assert last["HRK"] == date(2022, 12, 30)  # the kuna joined the euro on 2023-01-01
    assert "VND" not in last


def test_bad_cells_are_put_aside_with_their_reason(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(
        "Date,USD,CNY\n2024-01-02,-1,7.8\n31/12/2023,1.1,7.8\n2024-01-03,1.09,abc\n"
        "2024-01-02,1.1,7\n"
    )
    rows, staging = read(tmp_path / "rates.csv", tmp_path)
    assert rows.select("currency", "per_eur").rows() == [
        ("CNY", Decimal("7.8")),
        ("USD", Decimal("1.1")),
        ("USD", Decimal("1.09")),
    ]
    assert staging.reasons == {
        "reference.bad_rate": 2,
        "reference.bad_date": 2,
        "reference.twice": 1,  # a bad rate of the same day is not in the way of a good one
    }
    assert staging.quarantine()["row"].to_list() == [2, 3, 3, 4, 5]


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


SAFE = """日期,美元,欧元,日元,港元,英镑,林吉特,韩元,迪拉姆
2024-12-31,718.84,752.57,4.6233,92.604,907.65,61.118,20162.0,51.096
2024-12-30,718.97,753.24,4.5816,92.630,,61.26,20080.0,51.08
"""


def rates(folder: Path, text: str, name: str = "rates.csv") -> dict[tuple[str, str], Decimal]:
    (folder / name).write_text(text, encoding="utf-8")
    load("fx-thin", [folder / name], folder / "w")
    rows = Warehouse(folder / "w").query("SELECT * FROM read_parquet(?)", [parts(folder)]).rows()
    return {(str(day), code): per_cny for day, code, per_cny in rows}


def parts(folder: Path) -> list[str]:
    house = Warehouse(folder / "w")
    return [str(house.folder / part.file) for part in house.catalog.parts_of("fx_thin")]


def parity(folder: Path, currency: str, day: date) -> DayRate | None:
    return central_parity(Warehouse(folder / "w"), currency, day)


def test_the_central_parity_keeps_its_digits_whichever_way_it_is_quoted(tmp_path: Path) -> None:
    """SAFE's 718.84 and 4.6233 yuan for 100; 61.118 ringgit and 20,162 won for 100 yuan."""
    rates(tmp_path, SAFE)
    day = date(2024, 12, 31)
    wanted = {"USD": "7.1884", "JPY": "0.046233", "MYR": "1.6362", "KRW": "0.004960"}
    for code, cny in wanted.items():
        assert parity(tmp_path, code, day) == DayRate(Decimal(cny), day), code
    assert parity(tmp_path, "THB", day) is None


def test_a_day_without_a_parity_has_that_of_the_last_working_day_and_the_next(
    tmp_path: Path,
) -> None:
    """New Year's Day 2025 was a Wednesday; the market opened on Thursday."""
    text = "日期,美元\n2024-12-30,718.97\n2024-12-31,718.84\n2025-01-02,718.79\n2025-01-03,718.78\n"
    rates(tmp_path, text)
    new_year, opened = date(2025, 1, 1), date(2025, 1, 2)
    last, after = (Decimal("7.1884"), date(2024, 12, 31)), (Decimal("7.1879"), opened)
    assert parity(tmp_path, "USD", new_year) == DayRate(*last, after)
    assert parity(tmp_path, "USD", opened) == DayRate(*after)
    assert parity(tmp_path, "USD", date(2025, 1, 4)) == DayRate(Decimal("7.1878"), date(2025, 1, 3))
    assert parity(tmp_path, "USD", date(2025, 1, 14)) is None, "eleven days are no holiday"
    assert parity(tmp_path, "USD", date(2024, 12, 29)) is None


MONTHS = (
    "所属期,编码,离岸价,币种,征税率,退税率,进项税额\n2025-01,85287212,100000,USD,13%,13%,50000\n"
)


def test_a_refund_takes_the_parity_of_the_first_day_and_names_the_next(tmp_path: Path) -> None:
    """100,000 dollars at 7.1884 of 31 December; the first working day of January had 7.1879."""
    (tmp_path / "m.csv").write_text(MONTHS, encoding="utf-8")
    text = "日期,美元\n2024-12-31,718.84\n2025-01-02,718.79\n"

    def asked(**more: Any) -> tuple[Decimal, dict[str, dict[str, str]]]:
        made = offing.refund(months=tmp_path / "m.csv", on="2025-03-01", **more).months
        assert made is not None
        return made.file.months[0].exports[0].fob_cny, dict(keyed(made.cautions))

    fob, said = asked()
    assert "refund.note_fx_first_day" in said
    assert abs(fob - 718_840) < 20_000
    rates(tmp_path, text)
    fob, said = asked(warehouse=tmp_path / "w")
    assert fob == Decimal(718_840)
    told = "2025-01 USD 7.1884 (2024-12-31; 2025-01-02: 7.1879)"
    assert said["refund.note_fx_parity"] == {"rates": told}
    assert "refund.note_fx_first_day" not in said
    fob, said = asked(warehouse=tmp_path / "w", rate={"CNY": "7.2"})
    assert fob == Decimal(720_000)
    assert "refund.note_fx_parity" not in said
