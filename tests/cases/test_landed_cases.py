"""Worked landed-cost cases: the given file, further keys, and cases with figures by hand."""

from decimal import Decimal

import pytest

from offing.cases.checking import answers_of
from offing.cases.given import Case, Value
from offing.cli.app import run
from offing.terms.errors import InputError, Where
from shared_data import shared

D = Decimal


def answers(model: str, **inputs: object) -> dict[str, Value]:
    case = Case("A", model, inputs, {}, "exact", Where())  # type: ignore[arg-type]
    return answers_of(case)[0]


def test_given_cases_hold() -> None:
    assert run(["check", str(shared("..", "cases", "landed_cost_cases.yaml"))]) == 0


def test_new_zealand_as_its_customs_service_shows() -> None:
    """fyi.org.nz, NZ Customs, example 2: 1,000 and 100 carriage, 5 % duty, 15 % GST."""
    found = answers("NZ", customs_value=D(1000), transport_insurance=D(100), duty_rate=D("0.05"),
                    gst_rate=D("0.15"))  # fmt: skip
    assert (found["duty"], found["vat_base"], found["vat"]) == (50, 1150, D("172.5"))


def test_state_tax_of_brazil_with_everything_in_it() -> None:
    found = answers("BR", cif=D(1000), ii_rate=D("0.14"), ipi_rate=D("0.1"), pis_rate=D("0.021"),
                    cofins_rate=D("0.0965"), icms_rate=D("0.18"))  # fmt: skip
    # 1000 + 140 + 114 + 21 + 96.5 = 1371.5; × 0.18 / 0.82
    assert found["ipi"] == 114
    assert round(D(str(found["icms"])), 4) == D("301.0610")


@pytest.mark.parametrize(
    ("more", "duty"),
    [
        ({"combine": "max"}, "53"),
        ({"combine": "min"}, "20"),
        ({}, "73"),
        ({"duty_min": D(80)}, "80"),
        ({"duty_max": D(60)}, "60"),
    ],
)
def test_mixed_and_bounded_duties(more: dict[str, object], duty: str) -> None:
    parts = [
        {"kind": "ad_valorem", "rate": D("0.053")},
        {"kind": "specific", "amount": D("0.2"), "quantity": D(100), "unit": "kg"},
    ]
    found = answers("duty_expression", customs_value=D(1000), components=parts, **more)
    assert found["duty"] == D(duty)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        ("AU", {}),
        ("US", {"entered_value": D(1), "mode": "balloon"}),
        ("US", {"entered_value": D(1), "additional_rates": D(1)}),
        ("rvc", {"fob": D(0), "materials": []}),
        ("export_margin", {"fob": D(1)}),
        ("duty_expression", {"components": [{"kind": "guess"}]}),
    ],
)
def test_careless_cases_are_told(model: str, inputs: dict[str, object]) -> None:
    with pytest.raises(InputError):
        answers(model, **inputs)


def test_limits_and_sums_of_any_charge() -> None:
    """What one country's fee has, each charge has: a least, a greatest, a sum in its place."""
    least = answers("AU", customs_value=D(1000), gst_rate=D("0.1"), gst_min=D(150))
    greatest = answers("DE", customs_value=D(1000), vat_rate=D("0.2"), vat_max=D(90))
    in_place = answers("US", entered_value=D(1000), mpf=D(40), mode="air")
    assert (least["vat"], greatest["gst"], in_place["mpf"]) == (150, 90, 40)
    assert answers("IN", cif=D(1000), bcd=D(77))["duty"] == 77


def test_a_union_of_many_rates_asks_for_the_rate_or_the_member() -> None:
    with pytest.raises(InputError, match="vat_rate"):
        answers("CIF_VAT", goods_value=D(1000))
    assert answers("EU", goods_value=D(1000), country="DEU")["vat"] == 190
