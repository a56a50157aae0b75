"""A ledger's sales in a study, by hand: tiers, price terms, currencies, what is said of them."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import offing
from example_plan import studied, world
from offing.sources.ledger import read_ledger
from offing.study import sales as book
from offing.study.file import read_study
from offing.study.inputs import StudyInputs
from offing.study.sales import OwnSales, invoiced_in, ledger_warnings, sales_of, within, years_of
from offing.study.sales_history import lines_by_model
from offing.terms.caution import Caution
from offing.terms.errors import MissingDataError
from offing.warehouse import Warehouse
from study.stand_ins import like, plain
from web_server import EXAMPLES


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
