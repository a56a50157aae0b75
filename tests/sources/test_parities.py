"""Published tables of exchange rates: SAFE, pairs of chinamoney.com.cn, the IMF."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import offing
from cautions import keyed
from offing.terms.exchange import DayRate
from offing.warehouse import Warehouse, load
from offing.warehouse.exchange_rates import central_parity

SAFE = """日期,美元,欧元,日元,港元,英镑,林吉特,韩元,迪拉姆
2024-12-31,718.84,752.57,4.6233,92.604,907.65,61.118,20162.0,51.096
2024-12-30,718.97,753.24,4.5816,92.630,,61.26,20080.0,51.08
"""
IMF = """Representative Exchange Rates for Selected Currencies for December 2024

Currency\tDecember 02, 2024\tDecember 03, 2024
Chinese yuan\t7.2728\t7.2893
Euro(1)\t1.0490\t1.0508
Japanese yen\t149.79\t149.46
U.A.E. dirham\t3.6725\tNA
U.S. dollar\t1.0000\t1.0000
Martian credit\t5\t5

Currency\tDecember 16, 2024
Chinese yuan\t7.2800
Euro(1)\t1.0500

Notes:
(1) Exchange rates expressed in terms of U.S. dollars per currency unit
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
