"""A ledger's sales in a study, by hand: tiers, price terms, currencies, what is said of them."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from offing.study import sales as book
from offing.study.sales import OwnSales, invoiced_in, ledger_asked, ledger_warnings, within
from offing.terms.caution import Caution
from offing.terms.errors import MissingDataError
from offing.terms.tables import TABLES
from study.stand_ins import like, plain


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
    monkeypatch.setattr(book, "by_code_alone", lambda *_: [Caution("alone")])
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


def test_lines_that_were_put_aside_are_counted() -> None:
    note = Caution("ledger.note", {"row": 3})
    ledger = like(quarantined=[("a", 2, ()), ("b", 3, ())], notes=[note])
    nothing = TABLES["sales"].schema.create_empty()
    world: Any = like(
        ledger=ledger, sales=nothing, day_rates=TABLES["fx_rates"].schema.create_empty(),
        study=plain(),
    )  # fmt: skip
    assert ledger_asked(world) == [
        Caution("study.warn_ledger_rows", {"count": 5}),
        note,
    ]
    assert ledger_asked(like(**{**vars(world), "ledger": like(quarantined=[], notes=[])})) == []
    assert ledger_asked(like(ledger=None)) == []


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


def test_a_model_without_lines_has_no_years(monkeypatch: pytest.MonkeyPatch) -> None:
    keyed = pl.DataFrame({"key": ["other"], "on": [date(2024, 1, 1)]})
    monkeypatch.setattr(book, "lines_by_model", lambda *_: keyed)
    world: Any = like(sales=keyed, study=plain())
    assert book.years_of(world, like(key="tv"), like()) == ()
