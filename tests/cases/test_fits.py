"""Cases whose method says nothing: what they give and ask for says which is meant."""

from decimal import Decimal

import pytest

from offing.cases.checking import Checked, check_case
from offing.cases.reading import Case
from offing.terms.errors import Where

D = Decimal


def checked(name: str, given: dict[str, object], **expected: object) -> Checked:
    return check_case(Case("A", name, given, expected, "half_up_2", Where()))  # type: ignore[arg-type]


CASCADE: dict[str, object] = {
    "assessable_value": D(100000), "bcd_rate": D("0.10"), "sws_rate": D("0.10"),
    "igst_rate": D("0.18"),
}  # fmt: skip
INDIA = {"bcd": D(10000), "sws": D(1000), "igst": D(19980)}
PLAIN: dict[str, object] = {
    "customs_value": D(1000), "duty_rate": D("0.10"), "vat_rate": D("0.20"),
}  # fmt: skip


def test_an_importer_is_known_by_the_charges_that_are_its_own() -> None:
    found = checked("exercise_17", CASCADE, **INDIA)
    assert (found.ok, found.read) == (True, {"exercise_17": "IND"})


@pytest.mark.parametrize("off", ["1.03", "0.98"])
@pytest.mark.parametrize("name", INDIA)
def test_no_importer_is_found_for_a_wrong_figure(name: str, off: str) -> None:
    assert not checked("exercise_17", CASCADE, **{**INDIA, name: INDIA[name] * D(off)}).ok


def test_what_one_method_alone_reads_fails_by_its_figures() -> None:
    given: dict[str, object] = {
        "inventory_days": D(48), "receivable_days": D(67), "payable_days": D(39),
    }  # fmt: skip
    found = checked("exercise_17", given, operating_cycle=D(118))
    assert (found.error, found.misses) == (None, ("operating_cycle",))
    assert (found.got, found.read) == ({"operating_cycle": 115}, {"exercise_17": "cash_cycle"})


def test_where_several_fit_and_differ_it_is_asked_which() -> None:
    error = checked("exercise_17", PLAIN, vat=D("999.99")).error
    assert error is not None
    assert error.key == "check.open_method"


def test_nought_says_no_method_but_a_country_in_the_name_does() -> None:
    small: dict[str, object] = {"entered_value": D(700), "duty_rate": "5%", "de_minimis": D(800)}
    assert checked("us_section_321", small, total_taxes=D(0)).ok
    assert not checked("us_section_321", small, total_taxes=D(1)).ok
    error = checked("section_321", small, total_taxes=D(0)).error
    assert error is not None
    assert error.key == "check.unknown_method"


def test_a_charge_that_is_not_in_the_case_makes_no_nameless_case_hold() -> None:
    """Brazil's fee on an entry, say: 7 per cent of tax and 30.00 of a fee are not 100."""
    for total in (D("134.64"), D("147.14")):  # a US processing and harbour fee on 100 of duty
        assert not checked("exercise_17", {**PLAIN, "vat_rate": D(0)}, total_taxes=total).ok


def test_of_several_methods_each_input_is_a_word_of_one() -> None:
    given: dict[str, object] = {"purchase_gross": D(904000), "vat_rate": D("0.13"),
                                "rebate_rate": D("0.09"), "fob_usd": D(135000),
                                "usd_cny": D("7.06")}  # fmt: skip
    asked = {"refund": D(72000), "tax_borne": D(32000), "gross_profit": D(121100)}
    assert checked("refund_and_profit", given, **asked).ok
    assert not checked("refund_and_profit", {**given, "banana": D(5)}, **asked).ok
    assert not checked("refund_and_profit", given, **{**asked, "tax_borne": D(32960)}).ok
