"""The firm's own record by model and market, on a ledger small enough to add up by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from cautions import keyed
from offing.study.file import Study, read_study
from offing.study.sales import OwnSales, invoiced_in
from offing.study.sales_history import (
    SalesHistory,
    _worth,
    lines_by_model,
    sales_histories,
    sigma_from_ledger,
    unclaimed_sales,
    year_before,
)
from offing.study.schema import ModelFacts, Names, SettlementFacts
from offing.study.treasury import accepted_currencies
from offing.study.unknown import unread_markets
from offing.terms.caution import Caution
from offing.terms.tables import TABLES
from plain_study import STUDY

ON = date(2024, 12, 31)
DAYS = pl.date_range(date(2023, 1, 1), ON, eager=True)
FX = pl.concat(
    pl.DataFrame({"on": DAYS}).with_columns(currency=pl.lit(code), per_eur=pl.lit(rate))
    for code, rate in (("USD", 1.0), ("CNY", 8.0))
)


def model(key: str, ledger: tuple[str, ...] = (), code: str = "8528") -> ModelFacts:
    return ModelFacts(
        key=key, name=Names(en=key, zh=key), code=code, ledger=list(ledger), cost_cny=Decimal(500),
        input_vat_cny=Decimal(50), price_usd=Decimal(100), kg=Decimal(10), m3=Decimal("0.1"),
    )  # fmt: skip


def ledger(*lines: tuple[str, str, str, float, float, str, str | None]) -> pl.DataFrame:
    """Day, market, model, quantity, amount, currency, price term; in the ``Sales`` columns."""
    rows = [
        {
            "on": date.fromisoformat(day), "invoice": None, "buyer": "x", "market": market,
            "product": "852872", "model": name, "brand": None, "quantity": quantity,
            "unit": "item", "amount": amount, "currency": currency, "incoterm": term,
            "row": number,
        }
        for number, (day, market, name, quantity, amount, currency, term) in enumerate(lines, 1)
    ]  # fmt: skip
    return TABLES["sales"].schema.cast(pl.DataFrame(rows))


def priced(sales: pl.DataFrame, key: str, models: list[ModelFacts]) -> pl.DataFrame:
    """The lines of a model with ``usd``: one euro is one dollar, eight yuan are one; on the day of
    the study a euro is 0.9 dollars.
    """
    keyed = lines_by_model(sales, models).filter(pl.col("key") == key)
    rate = pl.when(pl.col("currency") == "CNY").then(8.0).otherwise(1.0)
    now = pl.when(pl.col("currency") == "EUR").then(0.9).otherwise(1.0)
    return keyed.with_columns(pl.col("quantity", "amount").cast(pl.Float64)).with_columns(
        usd=pl.col("amount") / rate, usd_now=pl.col("amount") / rate * now
    )


SALES = ledger(
    ("2022-05-04", "DEU", "HC-65M", 10, 7_000, "EUR", "CIF"),
    ("2024-01-10", "DEU", " hc-65m ", 20, 12_000, "EUR", "CIF"),
    ("2024-03-05", "DEU", "HC-65M", 5, 24_000, "CNY", "FOB"),
    ("2024-03-20", "DEU", "HC-65M", -1, -600, "EUR", "CIF"),
    ("2024-06-02", "FRA", "HC-65M", 3, 1_800, "EUR", "FOB"),
    ("2024-07-01", "DEU", "HC-75M", 4, 4_000, "USD", None),
    ("2024-08-01", "VNM", "OE-32", 50, 5_000, "USD", "FOB"),
)
MODELS = [model("65", ("HC-65M",)), model("75", ("HC-75M",))]


def germany(to_fob: dict[tuple[str, str], float]) -> SalesHistory:
    return sales_histories(priced(SALES, "65", MODELS), MODELS[0], ON, to_fob)["DEU"]


def test_the_last_twelve_months_by_hand() -> None:
    record = germany({})
    assert record.units == 20 + 5 - 1
    assert record.invoiced_usd == record.sales_usd == 12_000 + 3_000 - 600
    assert record.price_usd == pytest.approx(14_400 / 24)
    assert record.currency == "EUR"
    assert record.since == date(2022, 5, 4)


def test_prices_are_brought_to_fob_by_the_term_of_each_line() -> None:
    record = germany({("DEU", "CIF"): 0.9})
    # 11,400 were invoiced CIF, in euros, and 3,000 FOB, in yuan.
    assert record.sales_usd == pytest.approx(0.9 * 11_400 + 3_000)
    assert record.price_usd == pytest.approx(record.sales_usd / 24)
    assert record.to_fob == pytest.approx(record.sales_usd / 14_400)
    assert record.price_now_usd == pytest.approx((0.9 * 0.9 * 11_400 + 3_000) / 24)


def test_a_record_of_less_than_a_dollar_and_a_piece_is_one() -> None:
    """The unit in which is counted changes no price, share or currency."""
    lines, unit = priced(SALES, "65", MODELS), 2.0**-20
    less = lines.with_columns(pl.col("quantity", "usd", "usd_now", "amount") * unit)
    to_fob = {("DEU", "CIF"): 0.9}
    large, small = (sales_histories(of, MODELS[0], ON, to_fob) for of in (lines, less))
    for market, record in large.items():
        other = small[market]
        for name in ("sales_usd", "invoiced_usd", "units", "sales_now_usd"):
            assert getattr(other, name) == pytest.approx(getattr(record, name) * unit, rel=1e-12)
        for name in ("price_usd", "price_now_usd", "to_fob", "currency", "since"):
            assert getattr(other, name) == getattr(record, name)
        assert [m.currency for m in other.monthly] == [m.currency for m in record.monthly]


def test_every_month_with_a_line_is_kept() -> None:
    monthly = germany({}).monthly
    assert [(m.first, m.usd, m.units, m.currency) for m in monthly] == [
        (date(2022, 5, 1), 7_000.0, 10.0, "EUR"),
        (date(2024, 1, 1), 12_000.0, 20.0, "EUR"),
        (date(2024, 3, 1), 2_400.0, 4.0, "CNY"),
    ]


def test_nothing_after_the_study_s_day_is_seen() -> None:
    made = sales_histories(priced(SALES, "65", MODELS), MODELS[0], date(2023, 1, 31), {})["DEU"]
    assert (made.units, made.sales_usd, len(made.monthly)) == (10, 7_000, 1)


def test_a_year_of_returns_alone_is_no_sale() -> None:
    back = ledger(("2024-02-01", "DEU", "HC-65M", -2, -1_000, "USD", "FOB"))
    made = sales_histories(priced(back, "65", MODELS), MODELS[0], ON, {})["DEU"]
    assert (made.price_usd, made.sales_usd, made.units) == (None, 0.0, -2)


def test_a_credit_without_a_quantity_lowers_the_price_of_the_year_and_of_no_month() -> None:
    rebate = ledger(
        ("2024-01-10", "DEU", "HC-65M", 20, 12_000, "USD", "FOB"),
        ("2024-12-20", "DEU", "HC-65M", 0, -1_200, "USD", "FOB"),
    )
    made = sales_histories(priced(rebate, "65", MODELS), MODELS[0], ON, {})["DEU"]
    assert (made.units, made.sales_usd, made.price_usd) == (20, 10_800, 540)
    assert [(m.usd, m.units, m.net_usd) for m in made.monthly] == [
        (12_000, 20, 12_000), (0, 0, -1_200),
    ]  # fmt: skip


def test_sales_of_today_are_at_the_rates_of_the_study_s_day() -> None:
    """A euro is 0.9 dollars then: the plan's euro is no other one than today's."""
    made = sales_histories(priced(SALES, "65", MODELS), MODELS[0], ON, {})
    assert made["DEU"].sales_now_usd == pytest.approx(0.9 * 11_400 + 3_000)
    assert made["FRA"].sales_now_usd == pytest.approx(0.9 * 1_800)


def test_lines_of_no_model_are_said_with_their_sum() -> None:
    ((key, said),) = keyed(unclaimed_sales(SALES, FX, MODELS, ON, 400))
    assert key == "study.warn_no_model"
    assert said == {"usd": 5000, "names": "OE-32"}


def test_a_model_without_keys_takes_what_no_other_claims() -> None:
    models = [model("65", ("HC-65M",)), model("rest")]
    keys = lines_by_model(SALES, models)["key"].to_list()
    assert keys == ["65"] * 5 + ["rest"] * 2
    assert unclaimed_sales(SALES, FX, models, ON, 400) == []


def test_two_models_without_keys_take_nothing() -> None:
    """Nobody can tell whose sales of the code they are."""
    models = [model("a"), model("b")]
    assert lines_by_model(SALES, models)["key"].to_list() == [None] * 7
    ((key, said),) = keyed(unclaimed_sales(SALES, FX, models, ON, 400))
    assert (key, said["usd"]) == ("study.warn_no_model", 12_000 + 3_000 - 600 + 1_800 + 9_000)


def test_the_longest_code_wins() -> None:
    models = [model("wide", code="85"), model("narrow", code="852872")]
    assert set(lines_by_model(SALES, models)["key"]) == {"narrow"}


def test_buyers_take_what_they_pay_today_unless_the_study_says_otherwise() -> None:
    records = sales_histories(priced(SALES, "65", MODELS), MODELS[0], ON, {})
    by_key = OwnSales(records, {}, {}, by_key=True)
    today = invoiced_in([by_key])
    assert today == {"DEU": ["EUR"], "FRA": ["EUR"]}
    assert invoiced_in([OwnSales(records, {}, {})]) == {}
    facts = SettlementFacts(accepts=["USD"], market_accepts={"FRA": ["CNY"]})
    assert accepted_currencies(facts, "DEU", today["DEU"]) == ["EUR", "USD"]
    assert accepted_currencies(facts, "FRA", today["FRA"]) == ["CNY"]
    assert accepted_currencies(facts, "VNM", []) == ["USD"]


def test_a_name_that_two_models_share_tells_nothing() -> None:
    shared = Names(en="HC-65M", zh="电视")
    two = [model(key).model_copy(update={"name": shared}) for key in ("a", "b")]
    assert set(lines_by_model(SALES, two)["key"].to_list()) == {None}


def test_dollars_for_one_unit_of_the_invoices_money() -> None:
    june = date(2026, 6, 1)
    rates = {("USD", june): 0.2, ("GBP", june): -0.1}
    assert _worth(rates, "USD", june) == 0
    assert _worth(rates, "EUR", june) == 0.2
    assert _worth(rates, "GBP", june) == pytest.approx(0.3)
    assert _worth(rates, "JPY", june) is None
    assert _worth({}, "EUR", june) is None


def test_a_short_ledger_tells_no_elasticity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two markets over two years, in euro and in dollars, are enough; one month less is not."""
    monkeypatch.setattr("offing.study.sales_history.own_sigma", lambda _: "asked")
    days = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(24)]
    rates = {("USD", day): 0.1 for day in days}
    monkeypatch.setattr("offing.study.sales_history._dollars", lambda *_: rates)

    def told(count: int, second: str = "EUR", units: float = 2.0) -> Any:
        def month(day: date, currency: str, units: float) -> Any:
            return SimpleNamespace(first=day, units=units, usd=10.0, currency=currency)

        one = [month(day, "USD", 2.0) for day in days]
        two = [month(day, second, units) for day in days[:count]]
        return sigma_from_ledger(
            {"DEU": SimpleNamespace(monthly=one), "USA": SimpleNamespace(monthly=two)},  # type: ignore[dict-item]
            None,  # type: ignore[arg-type]
        )

    assert told(24) == "asked"
    assert told(23).rows == 47
    assert told(24, "USD").rows == 48
    assert told(24, "JPY").rows == told(24, units=0.0).rows == 24


LOOKED_AT = ("AUT", "DEU")


def study(folder: Path, tables: str, of_model: str = "") -> Study:
    file = folder / "study.toml"
    file.write_text(STUDY.replace("m3 = 0.15\n", f"m3 = 0.15\n{of_model}") + tables, "utf-8")
    return read_study(file)


def said(study: Study) -> list[tuple[str, str, str]]:
    found = unread_markets(study, LOOKED_AT, ["LX-55U"])
    return [(k.partition("warn_")[2], v["table"], ", ".join(v["markets"])) for k, v in keyed(found)]


NAMED = '[markets]\nconsider = ["AUT", "DEU"]\n'


def test_markets_do_not_mix() -> None:
    made = sales_histories(priced(SALES, "65", MODELS), MODELS[0], ON, {})
    assert sorted(made) == ["DEU", "FRA"]
    assert made["FRA"].sales_usd == 1_800


def test_a_charge_without_a_quantity_is_said() -> None:
    mould = ledger(
        ("2024-01-10", "DEU", "HC-65M", 20, 12_000, "USD", "FOB"),
        ("2024-02-20", "DEU", "HC-65M", 0, 7_000, "USD", None),
        ("2024-03-20", "DEU", "HC-65M", 0, -100, "USD", None),
    )
    said = unclaimed_sales(mould, FX, MODELS, ON, 400)
    assert said == [Caution("study.warn_charges", {"usd": 7000, "names": "HC-65M"})]


def test_lines_in_another_unit_are_said() -> None:
    kilograms = SALES.with_columns(
        unit=pl.when(pl.col("model") == "HC-75M").then(pl.lit("kg")).otherwise("unit")
    )
    said = dict(keyed(unclaimed_sales(kilograms, FX, MODELS, ON, 400)))
    assert said["study.warn_other_unit"] == {"usd": 4000, "names": "HC-75M"}


@pytest.mark.parametrize(
    ("day", "before"),
    [(date(2024, 12, 31), date(2023, 12, 31)), (date(2024, 2, 29), date(2023, 2, 28))],
)
def test_a_year_before(day: date, before: date) -> None:
    assert year_before(day) == before


def test_a_key_or_a_name_of_one_model_alone_is_what_the_ledger_may_call_it() -> None:
    """Two models of one code without ``ledger``: the ledger's own words tell them apart."""
    two = [
        model("hc-65m"),
        model("75").model_copy(update={"name": Names(en="HC-75M", zh="七十五")}),
    ]
    keyed = lines_by_model(SALES, two)["key"].to_list()
    assert keyed == ["hc-65m"] * 5 + ["75", None]


def test_a_list_kept_for_more_markets_gives_no_caution(tmp_path: Path) -> None:
    assert said(study(tmp_path, NAMED + "[duty]\nAUT = 0.1\nAUS = 0.1\nBRA = 0.2\n")) == []
    assert said(study(tmp_path, NAMED + "[duty]\nBRA = 0.1\nCHL = 0.2\n")) == [
        ("market_unread", "[duty]", "BRA, CHL")
    ]
    left_out = '[markets]\nleave_out = ["BRA"]\n'
    assert said(study(tmp_path, left_out + "[duty]\nBRA = 0.1\n")) == []
    assert said(study(tmp_path, "[duty]\nBRA = 0.1\nDEU = 0.1\n")) == [
        ("market_unread", "[duty]", "BRA")
    ]
