"""What a study's file is told of a wrong key, and its settlement in figures, by hand."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from offing.study import settlement
from offing.study.file import _as_key, place_text
from offing.terms.exchange import FxTable
from offing.terms.messages import speaking

D = Decimal
DAY = date(2026, 6, 1)
FACTS: Any = SimpleNamespace(days=90, terms="open_account")
FX = FxTable(DAY, {"USD": (D("1.25"), DAY), "CNY": (D(10), DAY)})


def planned(*rows: tuple[str, str, float], money: tuple[Any, ...] = ()) -> Any:
    made = [SimpleNamespace(market=m, currency=c, sales_usd=usd) for m, c, usd in rows]
    return SimpleNamespace(plan=SimpleNamespace(rows=made), decided=SimpleNamespace(money=money))


def test_what_a_plan_sells_by_market_and_currency() -> None:
    switch = SimpleNamespace(
        kind="invoice", market="DEU", currency_before="USD", currency="EUR", share=0.25
    )
    hedge = SimpleNamespace(kind="hedge", market="FRA", currency_before="USD", currency="CNY",
                            share=0.5)  # fmt: skip
    made = planned(
        ("DEU", "USD", 8_000.0), ("DEU", "USD", 4_000.0), ("FRA", "USD", 1_000.0),
        ("ITA", "USD", 999.0), money=(switch, hedge),
    )  # fmt: skip
    assert settlement._planned_receipts(made) == {
        ("DEU", "USD"): 9_000, ("DEU", "EUR"): 3_000, ("FRA", "USD"): 1_000
    }  # fmt: skip


def test_what_is_owed_at_any_time() -> None:
    """A quarter of a year's 36,000 dollars, in euro of 1.25; the firm's own for 30 days."""
    deal = settlement._receivable(("DEU", "EUR"), 36_000.0, FACTS, FX)
    assert (deal.amount, deal.currency, deal.days, deal.name) == (D(7200), "EUR", 90, "DEU")
    at_once: Any = SimpleNamespace(days=0, terms="prepaid")
    assert settlement._receivable(("DEU", "USD"), 36_000.0, at_once, FX).amount == 100
    payable: Any = SimpleNamespace(currency="JPY", days=30, amount_a_year=D(12_000), name="glass")
    owed = settlement._payable(payable)
    assert (owed.amount, owed.terms, owed.name) == (D(-1000), "prepaid", "glass")
    payable.days = 0
    assert settlement._payable(payable).amount == round(D(-12_000) / 360, 2)


def test_a_place_as_the_file_has_it() -> None:
    with speaking("en"):
        said = [place_text(steps) for steps in (
            ("model", 0, "code"), ("firm", "name"), ("title",), ("limits", "keep", 1))]  # fmt: skip
    assert said == ["[[model]] 1, code", "[firm], name", "title", "[limits], keep, 2"]
    assert [_as_key(text) for text in ("HC 65M", " --", "a" * 50, "电视 65")] == [
        "HC-65M", "A-1", "a" * 40, "电视-65"
    ]  # fmt: skip
