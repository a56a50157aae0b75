"""DDP with import VAT unpaid: the seller's price pays the duty, the buyer the tax he gets back.

ICC Incoterms 2010 and 2020, DDP: VAT payable on import is for the seller's account, unless the
contract of sale says otherwise.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, get_args

import pytest

import offing
from cautions import keyed
from offing.landed.explain import steps
from offing.landed.quote import prepare, quote
from offing.landed.shipment import Shipment
from offing.refunds.fob import takes_off
from offing.rules.regime_file import shipped
from offing.sources.ledger_cells import read_incoterm
from offing.study import run as study_run
from offing.study.sales import gives_back
from offing.study.schema import ModelFacts
from offing.terms.caution import Caution
from offing.terms.money import Money
from offing.terms.sale_terms import CONTAINS, INCOTERMS, WITHOUT_VAT, Incoterm, place_without_vat
from tariff_house import tariff_house

D = Decimal
BOOK = shipped()
HOUSE = tariff_house()
SETS = Shipment(
    product="852872", destination="DEU", on=date(2026, 11, 2), quantity=D(100), currency="EUR",
    cost=Money(D(80), "EUR"), freight=Money(D(1500), "EUR"), price=Money(D(200), "EUR"),
    price_term="DDP",
)  # fmt: skip


def fob(term: Incoterm, **more: Any) -> Decimal:
    lines = quote(replace(SETS, price_term=term, **more), BOOK, HOUSE).lines
    return next(line.amount for line in lines if line.subtotal and line.stage == "FOB")


def keys(request: Shipment) -> list[str]:
    return [key for key, _ in keyed(quote(request, BOOK, HOUSE).notes) if "ddp" in key]


def test_the_price_by_hand() -> None:
    """20,000 = (FOB + 1,500) × 1.14 duty, × 1.19 where the tax is in the price."""
    assert abs(fob(WITHOUT_VAT) - (D(20000) / D("1.14") - 1500)) < D("0.01")
    assert abs(fob("DDP") - (D(20000) / D("1.14") / D("1.19") - 1500)) < D("0.01")
    found = quote(replace(SETS, price_term=WITHOUT_VAT), BOOK, HOUSE)
    assert abs(found.landed_before_recoverable - 20000) <= D("0.01")
    assert found.price == 20000


def test_which_of_them_was_taken_is_said() -> None:
    assert keys(SETS) == ["landed.note_ddp_with_vat"]
    assert keys(replace(SETS, price_term=WITHOUT_VAT)) == ["landed.note_ddp_without_vat"]
    assert keys(replace(SETS, price_term="CIF")) == []
    assert keys(replace(SETS, price=None)) == []
    usa = replace(SETS, destination="USA", duties={"mfn": "5%"}, national_code="8528720000")
    assert keys(usa) == [], "no tax is given back there: DDP is told apart from nothing"
    assert keys(replace(usa, price_term=WITHOUT_VAT)) == ["landed.note_ddp_no_vat"]
    assert fob(WITHOUT_VAT, **vars_of(usa)) == fob("DDP", **vars_of(usa))


def vars_of(request: Shipment) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("destination", "duties", "national_code")}


def test_the_steps_say_how() -> None:
    request = replace(SETS, price_term=WITHOUT_VAT)
    told = {step.name: step.key for step in steps(request, prepare(request, BOOK, HOUSE))}
    assert told["fob"] == "landed.step_from_landed_net"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("DDP excluding VAT", ""), ("DDP, VAT unpaid", ""), ("ddp Hamburg (VAT unpaid)", "Hamburg"),
        ("DDP excl. VAT Milano", "Milano"), ("DDP without import VAT", ""), ("DDP 不含税", ""),
        ("DDP 汉堡（增值税买方承担）", "汉堡"), ("DDP ex VAT", ""), ("DDP VAT excluded", ""),
        ("DDP", None), ("DDP incl. VAT", None), ("DDP VAT paid", None), ("DDP Exeter", None),
        ("DAP VAT unpaid", None), ("DDP without tax on packaging", None), ("FOB 不含税", None),
    ],
)  # fmt: skip
def test_as_contracts_and_ledgers_write_it(text: str, place: str | None) -> None:
    assert place_without_vat(text) == place
    read = "DDP" if text.upper().startswith("DDP") else text[:3]
    assert read_incoterm(text) == (read if place is None else WITHOUT_VAT)


def test_a_quote_a_study_and_a_declaration_take_it() -> None:
    asked: dict[str, Any] = {
        "price": "200 EUR", "on": date(2026, 11, 2), "cost": "80 EUR", "freight": "1500 EUR",
    }  # fmt: skip
    answers = [
        offing.quote("852872", "DEU", quantity=100, warehouse=HOUSE, term=term, **asked)
        for term in (WITHOUT_VAT, "DDP Hamburg, VAT unpaid", "DDP")
    ]
    assert [answer.quote.price_term for answer in answers] == [WITHOUT_VAT, WITHOUT_VAT, "DDP"]
    assert answers[0].quote.margin == answers[1].quote.margin
    assert WITHOUT_VAT in get_args(ModelFacts.model_fields["price_term"].annotation)
    assert takes_off("DDP, VAT unpaid") == takes_off("DDP")
    assert set(CONTAINS) == set(INCOTERMS)


def test_a_study_says_once_where_it_took_the_tax() -> None:
    """Of models on DDP and of sales on DDP, where a tax is given back; of no others."""
    world: Any = SimpleNamespace(
        laws=SimpleNamespace(rulebook=BOOK), study=SimpleNamespace(on=date(2026, 11, 2))
    )
    assert gives_back(world, "DEU")
    assert not gives_back(world, "USA")
    assert not gives_back(world, "NPL"), "no regime is known"

    def product(term: str, *sold: str) -> Any:
        cost = SimpleNamespace(cost=SimpleNamespace(quote=object()))
        return SimpleNamespace(
            imports=SimpleNamespace(facts=SimpleNamespace(price_term=term)),
            standings={"DEU": cost, "USA": cost},
            sales=SimpleNamespace(duty_paid=sold, now=Counter()),
            demand=SimpleNamespace(outlook={}),
        )

    def said(*products: Any) -> list[Any]:
        return list(study_run._taken_with_vat(world, products))

    assert said(product("DDP")) == [Caution("study.warn_ddp_with_vat", {"markets": ("DEU",)})]
    assert said(product(WITHOUT_VAT, "GBR"))[0]["markets"] == ("GBR",)
    assert said(product(WITHOUT_VAT), product("FOB")) == []
