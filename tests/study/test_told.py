"""What a study's file is told of a wrong key, and its settlement in figures, by hand."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from offing.study import settlement
from offing.study.analysis import ProductAnalysis, unlanded_cautions
from offing.study.file import Steps, _as_key, _line_of, place_text
from offing.study.run import unused_duties
from offing.terms.caution import Caution
from offing.terms.exchange import FxTable
from offing.terms.messages import using_language

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
    with using_language("en"):
        said = [place_text(steps) for steps in (
            ("model", 0, "code"), ("firm", "name"), ("title",), ("limits", "keep", 1))]  # fmt: skip
    assert said == ["[[model]] 1, code", "[firm], name", "title", "[limits], keep, 2"]
    assert [_as_key(text) for text in ("HC 65M", " --", "a" * 50, "电视 65")] == [
        "HC-65M", "A-1", "a" * 40, "电视-65"
    ]  # fmt: skip


TEXT = """\
title = "x" # the first key
[firm]
name = "y"

[[model]]
key = "a"
code = "8528"

[model.duty]
rate = 1

[[model]]
key = "b"
code = "8529"

[limits]
code = 5
"""


def booked(amount: int, name: str, at_mid: int) -> Any:
    option = SimpleNamespace(at_mid=D(at_mid), currency="USD", hedge_ratio=D("0.5"), cost=D(8),
                             instrument="forward")  # fmt: skip
    deal = SimpleNamespace(amount=D(amount), name=name, days=90)
    return SimpleNamespace(option=option, deal=deal, natural=D("0.25"))


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 1), (("firm", "name"), 3), (("firm",), 2), (("model", 0, "code"), 7),
        (("model", 1, "code"), 14), (("model", 1, "key"), 13), (("limits", "code"), 17),
        (("model", 0, "nothing"), None), ((), None),
    ],
)  # fmt: skip
def test_the_line_of_a_key(place: Steps, line: int | None) -> None:
    assert _line_of(TEXT, place) == line


def test_a_line_of_the_book() -> None:
    """800 yuan at any time are 100 dollars, 400 a year."""
    line = settlement._line(booked(100, "DEU", 800), D(8))
    assert (line.market, line.name, line.sales_usd, line.cost_rate) == ("DEU", "", 400, 0.01)
    assert (line.natural, line.hedge_ratio, line.instrument) == (0.25, 0.5, "forward")
    owed = settlement._line(booked(-100, "glass", -800), D(8))
    assert (owed.market, owed.name, owed.sales_usd, owed.cost_rate) == ("", "glass", -400, 0.01)
    assert settlement._line(booked(0, "x", 0), D(8)).cost_rate == 0


def test_points_of_a_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        settlement, "points_of", lambda _, __, day: None if day > 100 else day / 1e4
    )
    use = SimpleNamespace(since=date(2026, 5, 1), source="a page")
    interest = SimpleNamespace(rate=D("0.04"), use=use, known_on=date(2026, 5, 1), age_days=31)
    bank: Any = SimpleNamespace(
        at=SimpleNamespace(market=SimpleNamespace(interest={"USD": interest})), on=DAY,
        tenors=lambda: [30, 90, 180],
    )  # fmt: skip
    found = settlement._points(bank, "USD")
    assert found is not None
    assert (found.currency, found.interest, found.points) == ("USD", 0.04, ((30, 3e-3), (90, 9e-3)))
    assert (found.known_on, found.age, found.source) == (date(2026, 5, 1), 31, "a page")
    assert settlement._points(bank, "EUR") is None
    assert settlement._all_points(bank, ["EUR", "USD"]) == (found,)
    interest.known_on, interest.age_days = None, 0  # the user's own
    undated = settlement._points(bank, "USD")
    assert undated is not None
    assert (undated.known_on, undated.age) == (None, None)


def told(given: list[str], *charged: dict[str, list[str]]) -> list[object]:
    """What is said of duties given in a study; by model the rules that each quote rests on."""
    quotes = [{
        market: SimpleNamespace(
            cost=SimpleNamespace(
                quote=SimpleNamespace(rules=[SimpleNamespace(id=one) for one in rules])
            )
        )
        for market, rules in of_model.items()
    } for of_model in charged]  # fmt: skip
    without = SimpleNamespace(cost=SimpleNamespace(quote=None))
    study: Any = SimpleNamespace(duty=dict.fromkeys(given))
    products: list[Any] = [SimpleNamespace(standings={**one, "BRA": without}) for one in quotes]
    return list(unused_duties(study, products))


def test_a_duty_of_the_study_that_no_quote_took_is_said() -> None:
    """DEU has a rule of its own, FRA takes the study's; USA gave none and BRA has no quote."""
    charged = {
        "DEU": ["eur.mfn.1", "eur.vat"],
        "FRA": ["user.mfn.fra", "eur.vat"],
        "USA": ["usa.mfn"],
    }
    said = Caution("study.warn_duty_unused", {"markets": ("DEU",)})
    assert told(["DEU", "FRA", "BRA"], charged) == [said]
    assert told(["FRA", "BRA"], charged) == []
    assert told(["DEU"], charged, {"DEU": ["user.mfn.deu"]}) == [], "another model takes it"


def lacking(key: str, **reasons: str | None) -> ProductAnalysis:
    """A model with the reason why it has no landed cost, by market; none where it has one."""
    by_market = {
        market: SimpleNamespace(
            cost=SimpleNamespace(quote=None if why else object(), missing=why and f"study.{why}")
        )
        for market, why in reasons.items()
    }
    facts = SimpleNamespace(code="852872", national_codes={"USA": "85287299"})
    imports = SimpleNamespace(facts=facts)
    return cast(ProductAnalysis, SimpleNamespace(key=key, standings=by_market, imports=imports))


def test_a_national_code_that_the_tariff_lacks_is_named() -> None:
    of = {"models": ("TV",), "markets": ("USA",)}
    assert list(unlanded_cautions([lacking("TV", DEU=None, USA="code_not_in_tariff")])) == [
        Caution("study.warn_code_not_in_tariff", {"code": "85287299", **of})
    ]


def test_markets_without_a_landed_cost_are_told_by_their_reason_and_model() -> None:
    """Germany costs the jacket; the trousers have several lines there. Japan has no duty at all."""
    jacket = lacking("JK", DEU=None, JPN="no_tariff_line", RUS="no_rate", CAN="no_regime")
    trousers = lacking("TR", DEU="several_tariff_lines", JPN="no_rule", RUS="no_rate", CAN=None)
    assert list(unlanded_cautions([jacket, trousers])) == [
        Caution("study.warn_no_quote", {"markets": ("JPN",)}),
        Caution("study.warn_no_quote_of", {"markets": ("CAN",), "models": ("JK",)}),
        Caution("study.warn_no_rate", {"markets": ("RUS",)}),
        Caution("study.warn_which_line_of", {"markets": ("DEU",), "models": ("TR",)}),
    ]
    assert list(unlanded_cautions([trousers])) == [
        Caution("study.warn_no_quote", {"markets": ("JPN",)}),
        Caution("study.warn_no_rate", {"markets": ("RUS",)}),
        Caution("study.warn_which_line", {"markets": ("DEU",)}),
    ]
