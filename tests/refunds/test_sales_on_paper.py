"""Export invoices beside declarations, by hand: months, days, codes, quantities and amounts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from offing.refunds.doubts import declarations, inputs, sales
from offing.refunds.doubts.doubt import of_item
from offing.refunds.doubts.places import differ
from offing.terms.errors import RuleError, Where
from offing.terms.firm_records import Declared, Received, Sold
from offing.terms.messages import speaking

D = Decimal
DAY = date(2026, 3, 20)
HERE, THERE = Where("declared.csv", 2), Where("sold.csv", 3)


def declared(**more: Any) -> Declared:
    given: dict[str, Any] = {
        "number": "1", "item": "1", "export_date": DAY, "mode": "0110", "code": "85287240",
        "name": "TV", "quantity": D(10), "unit": "台", "total": D(1000), "fob": D(900),
        "currency": "USD", "term": "CIF", "gross_kg": None, "charges": {}, "where": HERE,
        "buyer": "Acme Ltd",
    }  # fmt: skip
    return Declared(**(given | more))


def sold(**more: Any) -> Sold:
    given: dict[str, Any] = {
        "number": "I1", "on": DAY, "name": "TV", "code": "85287240", "quantity": D(10),
        "unit": "台", "total": D(1000), "currency": "USD", "buyer": "Acme Ltd",
        "declaration": "1", "item": "1", "where": THERE,
    }  # fmt: skip
    return Sold(**(given | more))


def said(row: Declared, *lines: Sold) -> list[str]:
    def worth(value: Decimal, currency: str, to: str) -> Decimal | None:
        assert to == "CNY"
        return value * 7 if currency == "USD" else None

    found = sales._compared([row], list(lines), worth)
    return [doubt.kind for doubt in found if str(doubt)]


@pytest.mark.parametrize(
    ("row", "line", "doubt"),
    [
        ({}, {}, ""),
        ({}, {"total": D(900)}, ""),  # the FOB price
        ({}, {"total": D("950")}, "sale_amount"),
        ({}, {"total": D(1001)}, ""),
        ({}, {"total": D("1001.01")}, "sale_amount"),
        ({}, {"total": D("898.99")}, "sale_amount"),
        ({}, {"currency": "EUR"}, "sale_currency"),
        ({}, {"currency": ""}, ""),
        ({}, {"currency": "CNY", "total": D(7000)}, ""),
        ({}, {"currency": "CNY", "total": D(6300)}, ""),
        ({}, {"currency": "CNY", "total": D(7140)}, ""),  # two in a hundred off
        ({}, {"currency": "CNY", "total": D(7141)}, "sale_amount"),
        ({}, {"currency": "CNY", "total": D(6174)}, ""),
        ({}, {"currency": "CNY", "total": D(6173)}, "sale_amount"),
        ({"currency": "JPY"}, {"currency": "CNY", "total": D(5000)}, ""),  # at no known rate
        ({}, {"on": date(2026, 3, 31)}, ""),
        ({}, {"on": date(2026, 4, 1)}, "booked_month"),
        ({"booked": "2026-04"}, {"on": date(2026, 4, 1)}, ""),
        ({}, {"on": None}, ""),
        ({}, {"buyer": "Other GmbH"}, "buyer"),
        ({}, {"buyer": ""}, ""),
        ({}, {"code": "85299000"}, "sale_code"),
        ({}, {"code": "85281000"}, ""),  # of the same heading
        ({}, {"code": ""}, ""),
        ({}, {"quantity": D(9)}, "sale_quantity"),
        ({}, {"unit": "千克"}, "sale_quantity"),
        ({}, {"unit": ""}, ""),
        ({}, {"quantity": None}, ""),
    ],
)
def test_one_item_beside_its_invoice(row: dict[str, Any], line: dict[str, Any], doubt: str) -> None:
    assert said(declared(**row), sold(**line)) == ([doubt] if doubt else [])


def test_an_invoice_long_before_its_export() -> None:
    edge = date(2025, 9, 18)  # half of 365 days, in whole days
    assert said(declared(), sold(on=edge)) == []
    assert said(declared(), sold(on=date.fromordinal(edge.toordinal() - 1))) == ["sale_old"]


def test_lines_of_one_item_are_added_up() -> None:
    halves = [sold(quantity=D(4), total=D(400)), sold(quantity=D(6), total=D(600))]
    assert said(declared(), *halves) == []
    assert said(declared(), halves[0]) == ["sale_amount", "sale_quantity"]


@pytest.mark.parametrize(
    ("number", "doubt", "said"),
    [
        ("420120260000000001", "", ""),
        ("420120250000000001", "", ""),  # exported in the year after
        ("420120240000000001", "number_year", "20240"),
        ("420120270000000001", "number_year", "20270"),
        ("420120261000000001", "number_year", "20261"),  # an import
        ("42012026000000001", "number", None),
        ("420120260000000000", "number_cut", None),
        ("420120260000001000", "number_cut", None),
        ("420120260000000100", "", ""),
    ],
)
def test_what_a_number_of_a_declaration_says(number: str, doubt: str, said: str | None) -> None:
    found = list(declarations._of_number(declared(number=number)))
    assert [one.kind for one in found] == ([doubt] if doubt else [])
    assert [one.values.get("said") for one in found] == ([said] if doubt else [])


@pytest.mark.parametrize(
    ("unit", "bought", "said"),
    [
        ("千克", ["台"], ("千克", "台")), ("", ["台"], ("—", "台")), ("台", [""], ("台", "—")),
        ("台", ["箱", "千克"], ("台", "千克, 箱")),
    ],
)  # fmt: skip
def test_units_that_do_not_fit_are_said(
    unit: str, bought: list[str], said: tuple[str, str]
) -> None:
    row = declared(unit=unit)
    lines: list[Any] = [
        SimpleNamespace(
            name="TV", declaration="", unit=one, quantity=D(10), status="", on=DAY, where=THERE
        )
        for one in bought
    ]
    worth: Any = lambda *_: None  # noqa: E731
    with speaking("en"):
        [doubt] = inputs.of_bought([row], lines, worth, worth)
    assert (doubt.kind, doubt.values["unit"], doubt.values["other"]) == ("unit", *said)


def test_a_doubt_names_its_paper_and_touches_all_of_its_money() -> None:
    """A dash for no item; a receipt by its declaration, else by its invoice; yuan if nothing."""
    item = of_item("x", declared(), THERE, day=DAY)
    assert item.values == {"number": "1", "item": "1", "name": "TV", "day": "2026-03-20"}
    assert (item.money, item.also) == ((D(900), "USD"), (THERE,))
    assert of_item("x", declared(item="")).values["item"] == "\N{EM DASH}"
    whole = of_item("x", declared(currency=""), money=D(5), money_in="EUR")
    assert whole.money == (D(5), "EUR")
    assert of_item("x", declared(currency="")).money == (D(900), "CNY")
    assert of_item("x", declared(), money=D(0), money_in="EUR").money == (D(0), "USD")
    receipt = Received("", DAY, D(7), "USD", HERE, invoice="I9")
    assert of_item("x", receipt).values == {"number": "I9"}
    assert of_item("x", replace(receipt, number="1")).values == {"number": "1"}
    sale = of_item("x", sold(total=D("1234.5")))
    assert sale.values == {"invoice": "I1", "amount": "1,234.50", "currency": "USD"}


@pytest.mark.parametrize(
    ("supplier", "source", "apart"),
    [
        ("青岛甲厂", "青岛其他", False), ("广州甲厂", "青岛其他", True),
        ("山东甲厂", "青岛其他", False),  # its province
        ("青岛甲厂", "山东其他", False), ("济南甲厂", "青岛其他", True),
        ("山东甲厂", "广东其他", True),
        ("(青岛)甲厂", "37029青岛其他", False), ("宏远电器厂", "青岛其他", False),
        ("广州甲厂", "37029", False), ("广州甲厂", "青岛、广州", False),
        ("甲厂广州分公司", "青岛其他", False),  # a name that begins with no place
    ],
)  # fmt: skip
def test_places_that_do_not_lie_in_one_another(supplier: str, source: str, apart: bool) -> None:
    assert differ(supplier, source) is apart


@pytest.mark.parametrize(
    ("net", "rate", "cost"),
    [
        (D(8000), ("0.13", "0.13"), None), (D(8000), None, None),
        (D(80000), ("0.13", "0.13"), "80.0000"), (D(80000), ("0.13", "0.09"), "83.2000"),
        (D(80000), None, "80.0000"), (D(80), ("0.13", "0.13"), "0.0800"),
        (D(5000), ("0.13", "0.13"), None), (D(4999), ("0.13", "0.13"), "4.9990"),
        (D(8001), ("0.13", "0.13"), "8.0010"),
    ],
)  # fmt: skip
def test_yuan_that_a_dollar_costs(
    net: Decimal, rate: tuple[str, str] | None, cost: str | None
) -> None:
    """20 pieces bought, of which 10 are in the item of 1,000 dollars: half of the invoice's net,
    and what of the levy is not refunded."""
    line: Any = SimpleNamespace(
        net=2 * net, quantity=D(20), unit="台", rate=D("0.13"), on=DAY, where=THERE, key="I1"
    )
    taken: Any = SimpleNamespace(line=line, quantity=D(10))

    def rate_of(row: Declared) -> Any:
        if rate is None:
            raise RuleError("refund.no_known_rate")
        return SimpleNamespace(levy_rate=D(rate[0]), refund_rate=D(rate[1]))

    dollars: Any = lambda amount, of, to: amount  # noqa: E731
    found = list(inputs._of_cost(declared(fob=D(1000)), [taken], dollars, rate_of))
    assert [one.values["cost"] for one in found] == ([cost] if cost else [])
    nothing: Any = lambda *_: None  # noqa: E731
    assert list(inputs._of_cost(declared(), [taken], nothing, rate_of)) == []
