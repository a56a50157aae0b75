"""Worked landed-cost cases: the given file, further keys, and cases with figures by hand."""

from decimal import Decimal

import pytest

from offing.cases.checking import answers_of
from offing.cases.given import Value
from offing.cases.importers import importer
from offing.cases.reading import Case
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


def test_optional_inputs_may_be_left_out() -> None:
    found = answers("AU", customs_value=D(1000))
    assert (found["duty"], found["vat"], found["total_taxes"]) == (0, 100, 100)
    us = answers("US", entered_value=D(10000), mode="air")
    assert (us["base_duty"], us["additional_duty"], us["hmf"]) == (0, 0, 0)
    assert us["mpf"] == D("34.64")  # 0.3464 % is between the limits


def test_limits_of_the_processing_fee() -> None:
    low = answers("US", entered_value=D(100), mpf_min=D("32.71"), mpf_max=D("634.62"))
    high = answers("US", entered_value=D(10**6), mpf_min=D("32.71"), mpf_max=D("634.62"))
    assert (low["mpf"], high["mpf"]) == (D("32.71"), D("634.62"))


def test_layers_add_on_one_value() -> None:
    found = answers("US", entered_value=D(1000), mfn_rate=D("0.02"), mode="sea", mpf_min=D(0),
                    additional_rates={"s301": D("0.25"), "s232": D("0.5")})  # fmt: skip
    assert (found["additional_duty"], found["duty_total"], found["s232"]) == (750, 770, 500)


def test_prices_convert_either_way() -> None:
    divided = answers("AU", price_fc=D(91), fx_fc_per_aud=D("0.91"))
    times = answers("CA", price_fc=D(100), fx_cad_per_fc=D("1.15"))
    assert (divided["customs_value"], times["customs_value"]) == (100, 115)


def test_rates_of_the_regime_hold_by_date() -> None:
    """Indonesia's VAT went from 10 % to 11 % on 2022-04-01 (Law 7/2021, art. 7)."""
    before = answers("ID", cif=D(1000), entry_date="2022-03-31")
    after = answers("ID", cif=D(1000), entry_date="2022-04-01")
    assert (before["ppn"], after["ppn"]) == (100, 110)


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


def test_minimum_import_price() -> None:
    parts = [{"kind": "mip", "price": D("0.56"), "quantity": D(100), "unit": "item"}]
    assert answers("duty_expression", customs_value=D(50), components=parts)["duty"] == 6


def test_cumulation_lifts_the_regional_value() -> None:
    """lantai.cn, the solution's second part: 37.5 % alone, 64.29 % with all members' materials."""
    parts = [
        {"origin": "CN", "value": D("1.2")},
        {"origin": "TH", "value": D("1.5")},
        {"origin": "IN", "value": D("2.0")},
        {"origin": None, "value": D(0)},
    ]
    found = answers("rvc", fob=D("5.6"), materials=parts, cumulation=True,
                    other_originating_costs=D("0.9"))  # fmt: skip
    assert round(D(str(found["rvc_build_down"])), 4) == D("0.6429")
    assert found["qualifies"] is True


def test_the_package_with_freight_in_the_duty() -> None:
    """landed-cost-calculator 0.3.1, README, the same shipment with freight in the base: 110.82."""
    found = answers("lcc_package", unit_price=D(46), origin_logistics_per_unit=D("2.5"),
                    quantity=D(200), fx=D("0.1335"), freight_total=D(410), tariff_rate=D("0.065"),
                    vat_rate=D("0.19"), duty_includes_freight=True)  # fmt: skip
    assert round(D(str(found["duty"])), 2) == D("110.82")


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


@pytest.mark.parametrize(
    "name", ["AU", "CA", "NZ", "ZA", "US", "UK", "EU", "CIF_VAT", "IN", "ID", "BR", "DE", "DEU"]
)
def test_every_given_model_is_known(name: str) -> None:
    assert importer(name) is not None


def test_a_tax_that_spares_a_list_is_in_a_case() -> None:
    """India's integrated tax is not on solar cells, its surcharge not on shoes."""
    found = answers("IND", customs_value=D(100000), duty_rate=D("0.10"))
    assert (found["sws"], found["igst"]) == (1000, 19980)


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


def test_a_rate_of_insurance_is_of_what_the_importer_says() -> None:
    """India takes it of the FOB value (Customs Valuation Rules 2007, r. 10(2)), others of CFR."""
    given = {"fob": D(1000), "freight": D(100), "insurance_rate": D("0.01")}
    assert (answers("IN", **given)["insurance"], answers("DE", **given)["insurance"]) == (10, 11)
    cif = answers("DE", **given, insured_markup=D("0.1"))["cif"]
    assert round(D(str(cif)), 4) == D("1112.2346")  # 1100 / (1 - 1.1 × 0.01)
