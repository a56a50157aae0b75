"""The firm's own record by model and market, and its book, small enough to add up by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import offing
from cautions import keyed
from example_plan import studied, world
from offing.sources.ledger import read_ledger
from offing.study import sales as book
from offing.study.file import Study, read_study
from offing.study.inputs import StudyInputs
from offing.study.sales import OwnSales, invoiced_in, ledger_warnings, sales_of, within, years_of
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
from offing.terms.errors import MissingDataError
from offing.terms.tables import TABLES
from offing.warehouse import Warehouse
from plain_study import STUDY
from study.stand_ins import like, plain
from web_server import EXAMPLES

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


def test_sales_have_four_places() -> None:
    one = OwnSales({}, {"USA": 5.0, "DEU": 1.0}, {"FRA": 2.0}, 0.5)
    assert one.usd == 8.5
    assert not one.by_key


def test_lines_within_a_tier() -> None:
    """A bound belongs to the tier above it; a market without bounds is all one tier."""
    lines = pl.DataFrame(
        [("USA", p) for p in (9.9, 10.0, 19.9, 20.0)] + [("DEU", 1.0), ("FRA", 5.0), ("FRA", 3.0)],
        schema=["market", "price"],
        orient="row",
    )
    bounds = {"USA": (10.0, 20.0), "FRA": (None, 4.0)}
    kept = within(lines, bounds)
    assert kept.rows() == [("USA", 10.0), ("USA", 19.9), ("DEU", 1.0), ("FRA", 3.0)]


def test_price_terms_are_brought_to_fob(monkeypatch: pytest.MonkeyPatch) -> None:
    """CIF at 200 a piece holds 0.9 of FOB; what is not known, or no term, is said by market."""
    asked: list[tuple[str, str, float]] = []

    def share(_: Any, __: Any, market: str, term: str, price: float) -> float | None:
        asked.append((market, term, price))
        return None if market == "BRA" else 0.9

    monkeypatch.setattr(book, "_fob_share", share)
    rows = [
        ("USA", "CIF", 100.0, 1.0), ("USA", "CIF", 300.0, 1.0), ("USA", "FOB", 50.0, 1.0),
        ("USA", None, 50.0, 1.0), ("BRA", "DDP", 80.0, 2.0), ("ITA", "XYZ", 10.0, 1.0),
        ("ESP", "CIF", -10.0, 1.0), ("PRT", "CIF", 10.0, -1.0), ("AUT", "CIF", 0.0, 5.0),
    ]  # fmt: skip
    recent = pl.DataFrame(rows, schema=["market", "incoterm", "usd", "quantity"], orient="row")
    shares, unknown = book._to_fob(like(), like(), recent)
    assert shares == {("USA", "CIF"): 0.9}
    assert unknown == ("BRA", "ITA")
    assert asked == [("BRA", "DDP", 40.0), ("USA", "CIF", 200.0)]


def record(currency: str, usd: float) -> Any:
    return like(currency=currency, invoiced_usd=usd)


def test_currencies_of_invoices_the_largest_first() -> None:
    sold: Any = [
        OwnSales({"DEU": record("EUR", 30.0), "GBR": record("GBP", 5.0)}, {}, {}, by_key=True),
        OwnSales({"DEU": record("USD", 40.0), "FRA": record("EUR", 0.0)}, {}, {}, by_key=True),
        OwnSales({"DEU": record("EUR", 20.0), "ITA": record("", 9.0)}, {}, {}, by_key=True),
        OwnSales({"DEU": record("JPY", 99.0)}, {}, {}),  # nobody knows that these are its own
    ]
    assert invoiced_in(sold) == {"DEU": ["EUR", "USD"], "GBR": ["GBP"]}


def test_what_today_leaves_out_is_said_of_all_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "unclaimed_sales", lambda *_: [Caution("said")])
    monkeypatch.setattr(book, "unnamed_by_code", lambda *_: [Caution("alone")])
    world: Any = like(study=plain(), sales=None, day_rates=None)
    sold = [
        OwnSales({}, {}, {"FRA": 10.0, "BEL": 5.0}, 3.0, ("USA",)),
        OwnSales({}, {}, {"FRA": 1.4}, 0.6, ("USA", "DEU")),
    ]
    assert ledger_warnings(world, iter(sold)) == [
        Caution("study.warn_other_markets", {"markets": ("BEL", "FRA"), "usd": 16}),
        Caution("study.warn_other_tiers", {"usd": 4}),
        Caution("study.warn_at_invoice", {"markets": ("DEU", "USA")}),
        Caution("said"),
        Caution("alone"),
    ]
    assert ledger_warnings(world, [OwnSales({}, {}, {})]) == [Caution("said"), Caution("alone")]


def test_rates_of_the_day_where_there_are_any() -> None:
    def convert(one: Decimal, code: str, to: str) -> Decimal:
        assert (int(one), to) == (1, "USD")
        if code == "XXX":
            raise MissingDataError("fx.no_rate")
        return Decimal("1.25")

    world: Any = like(rates=like(convert=convert))
    assert book._dollars_now(world, ["EUR", "XXX"]) == {"EUR": 1.25}


def test_the_fob_part_of_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shipment of 300 at 200 each whose FOB is 54,000: nine tenths."""
    asked: list[Any] = []

    def fob(request: Any, costing: Any) -> Decimal:
        asked.append(request)
        if request.price_term == "DDP":
            raise MissingDataError("fx.no_rate")
        return Decimal(54_000)

    monkeypatch.setattr(book, "shipment_fob", fob)
    monkeypatch.setattr(book, "importer_of", lambda *_: "USA")
    from offing.study.costs import request_for

    study = plain()
    facts = study.model[0]
    made = request_for(study, facts, "USA", "USA", 10_000.0)
    monkeypatch.setattr(book, "request_for", lambda *_: made)
    world: Any = like(laws=like(rulebook=None), km={}, study=study, costing=None)
    assert book._fob_share(world, facts, "USA", "CIF", 200.00004) == pytest.approx(0.9)
    assert (asked[0].price.amount, asked[0].price.currency) == (Decimal("200.0"), "USD")
    assert asked[0].quantity == 300
    assert book._fob_share(world, facts, "USA", "DDP", 200.0) is None


def test_a_model_without_lines_has_no_years() -> None:
    world: Any = like(keyed_sales=pl.DataFrame({"key": ["other"]}))
    assert book.years_of(world, like(key="tv"), like()) == ()


HEAD = "Date,Market,HS,Qty,Amount USD\n"
CHEAP = HEAD + "".join(
    f"2024-{month:02}-05,Germany,852872,100,{100 * price}\n"
    for month in range(1, 13)
    for price in (20, 60, 140)
)


def bands_shown(folder: Path, ledger: str) -> tuple[set[Any], set[Any]]:
    """The boundaries of the study's years, and of the book of the same study."""
    (folder / "ledger.csv").write_text(CHEAP, encoding="utf-8")
    text = (EXAMPLES / "tv-maker" / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[ledger]"), text.index("[markets]")
    file = folder / "study.toml"
    file.write_text(text[:start] + ledger + text[end:], encoding="utf-8")
    study, rates = read_study(file), Warehouse.open().table("fx_rates")
    assert study.ledger is not None
    sales = read_ledger(folder / "ledger.csv").sales
    facts = study.model[0].model_copy(update={"key": "every", "code": "8528", "ledger": []})
    study.model[:] = [facts]
    keyed = lines_by_model(sales, study.model)
    world: Any = SimpleNamespace(study=study, sales=sales, keyed_sales=keyed, day_rates=rates)
    years = years_of(world, facts, study.ledger)
    book = offing.book(folder / "ledger.csv", study=file).book
    mine = {band.low for year in years for band in year.bands} - {None, 0.0}
    return mine, {band.low for band in book.bands} - {None, 0.0}


@pytest.mark.parametrize("named", ["", "bands_usd = [50, 100]\n"])
def test_same_facts_same_bands(tmp_path: Path, named: str) -> None:
    mine, of_book = bands_shown(tmp_path, f'[ledger]\nfile = "ledger.csv"\n{named}\n')
    assert mine
    assert mine == of_book
    assert mine != {500.0, 5000.0}


@pytest.fixture(scope="module")
def nameless() -> StudyInputs:
    """The example with the models' names struck from its ledger, and one model of its code."""
    ledger = world().ledger
    assert ledger is not None
    bare = ledger.sales.with_columns(model=pl.lit(None, pl.String))
    facts = studied()[0].imports.facts.model_copy(update={"ledger": []})
    study = world().study.model_copy(update={"model": [facts]})
    return replace(world(), study=study, ledger=replace(ledger, sales=bare))


def test_every_dollar_has_one_place(nameless: StudyInputs) -> None:
    """Of the code's sales of a year: in our tier, in another one, or where nobody looked."""
    one = studied()[0]
    found: OwnSales = sales_of(nameless, nameless.study.model[0], one.standings)
    on = nameless.study.on
    lines = nameless.sales.filter(
        (pl.col("on") > on.replace(year=on.year - 1))
        & (pl.col("on") <= on)
        & pl.col("product").str.starts_with(one.imports.facts.code[:4])
        & (pl.col("quantity") != 0)
    )
    sums = dict(lines.group_by("currency").agg(pl.col("amount").sum()).iter_rows())
    about = sum(float(nameless.rates.convert(sums[code], code, "USD")) for code in sums)
    assert not found.by_key
    assert found.usd == pytest.approx(about)
    assert {found.now[market] for market in found.now.keys() - found.records.keys()} == {0.0}
    assert found.other_tiers_usd == pytest.approx(0, abs=0.01), "every line is in our tier here"
    assert found.usd == pytest.approx(
        sum(found.now.values()) + sum(found.other_markets.values()) + found.other_tiers_usd
    )
    for market, (low, high) in ((m, s.tier_fob) for m, s in one.standings.items()):
        if record := found.records.get(market):
            assert record.price_usd is not None
            assert (low or 0) <= record.price_usd < (high or float("inf"))
