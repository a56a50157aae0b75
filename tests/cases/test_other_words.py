"""The words of other people: what is understood, and what was once wrong without a word."""

from decimal import Decimal

import pytest

from offing.cases.answering import answers_of
from offing.cases.checking import check_case
from offing.cases.given import Value
from offing.cases.reading import Case
from offing.terms.errors import Where

D = Decimal


def case(name: str, given: dict[str, object], **expected: object) -> Case:
    return Case("A", name, given, expected, "exact", Where())  # type: ignore[arg-type]


def answers(name: str, **given: object) -> dict[str, Value]:
    return answers_of(case(name, given))[0]


MONTH = {"levy_rate": "13%", "rebate_rate": "10%", "input_tax": D(0)}


def test_a_share_of_a_foreign_price_is_converted_once() -> None:
    given = {"export_cif_fc": D(1000), "freight": "5%", "insurance": D(10), "fx": D(7), **MONTH}
    assert answers("ecr", **given)["export_fob_cny"] == 7000 - 350 - 70


@pytest.mark.parametrize(
    ("given", "fob"),
    [
        ({"terms": "CIF", "export_amount_usd": D(1000), "freight_usd": D(50), "fx": D(7)}, 6650),
        ({"terms": "CIF", "amount_fc": D(1000), "freight": D(50), "cny_per_usd": D(7)}, 6650),
        ({"terms": "EXW", "amount_usd": D(1000), "inland_cny": D(70), "fx": D(7)}, 7070),
        ({"terms": "FOB", "amount_usd": D(1000), "freight_usd": D(50), "fx": D(7)}, 7000),
        ({"离岸价_usd": D(1000), "汇率": D(7)}, 7000),
        ({"出口离岸价": D(7000)}, 7000),
    ],
)
def test_a_month_takes_a_price_on_any_term(given: dict[str, object], fob: int) -> None:
    assert answers("ecr", **given, **MONTH)["export_fob_cny"] == fob


def test_a_quote_the_other_way_round_has_its_sides_the_other_way_round() -> None:
    """Who needs yen gives yuan at the bank's bid for yuan: the fewer yen for each."""
    sides = {"forward_bid_jpy_per_cny": D(20), "forward_ask_jpy_per_cny": D(25)}
    assert answers("forward_payable", payable_jpy=D(1000), **sides)["home_at_maturity"] == 50
    assert answers("forward_receivable", receivable_jpy=D(1000), **sides)["home_at_maturity"] == 40
    straight = {"forward_bid_cny_per_jpy": D("0.04"), "forward_ask_cny_per_jpy": D("0.05")}
    assert answers("forward_payable", payable_jpy=D(1000), **straight)["home_at_maturity"] == 50


def test_a_duty_may_rest_on_a_part_of_the_goods() -> None:
    """A metal duty on the metal in the goods, another on the rest."""
    layers = {"metal": {"rate": "50%", "value": D(300)}, "rest": {"rate": "10%", "value": D(700)}}
    found = answers("US", entered_value=D(1000), additional_rates=layers, mode="air")
    assert (found["metal"], found["rest"], found["additional_duty"]) == (150, 70, 220)


def test_a_duty_of_a_free_name_counts_once() -> None:
    """Under a name of the vocabulary too, and beside that word."""
    free = {"anti_dumping": "20%"}
    found = answers("DE", cif=D(1000), vat_rate=D(0), additional_rates=free)
    assert (found["anti_dumping"], found["additional_duty"], found["duty_total"]) == (200, 200, 200)
    both = answers("DE", cif=D(1000), vat_rate=D(0), additional_rates=free, anti_dumping="10%")
    assert (both["additional_duty"], both["total_taxes"]) == (300, 300)


def test_a_name_inside_a_free_duty_is_one_of_the_vocabulary() -> None:
    layers = {"metal": {"rate": "50%", "valeu": D(300)}}
    given: dict[str, object] = {"entered_value": D(1000), "additional_rates": layers}
    error = check_case(case("US", given, duty=D(0))).error
    assert error is not None
    assert error.key == "check.unknown_word"
    assert "value" in str(error)


def test_a_tax_inside_its_base_has_a_base_with_the_tax_in_it() -> None:
    """LC 87/1996, art. 13, par. 1, I: the amount of the tax itself is in its base."""
    free = dict.fromkeys(("ii_rate", "ipi_rate", "pis_rate", "cofins_rate", "afrmm_rate"), D(0))
    found = answers("BR", cif=D(82), icms_rate=D("0.18"), **free)
    assert (found["icms_base"], found["icms"]) == (100, 18)


@pytest.mark.parametrize(
    ("importer", "given", "tax", "amount"),
    [
        # 0.16 × (1000 + 100 + 110): VAT Act 2013; the two levies are no part of it
        ("KE", {"cif": D(1000), "duty_rate": "10%", "excise_rate": "10%"}, "vat", "193.6"),
        ("TW", {"cif": D(1000), "duty_rate": "10%", "anti_dumping": "20%"}, "vat", "65"),
        # 0.15 × 1000; 15 % of the value on top: s. 65(8)(a) of the Act of 1964
        ("ZA", {"fob": D(1000), "ad_valorem_excise": "10%"}, "ad_valorem_excise", "115"),
        ("TR", {"cif": D(1000), "port_charges": D(100), "kdv": "20%"}, "kdv", "220"),
        ("PK", {"customs_value": D(1000), "duty_rate": "10%"}, "customs_value", "1000"),
        ("PK", {"cif": D(1000), "duty_rate": "10%"}, "customs_value", "1010"),
        ("KR", {"cif": D(1000), "individual_consumption_tax": "5%", "education_tax": "30%"},
         "vat", "106.5"),
        ("PE", {"cif": D(1000), "isc": "10%", "igv": "18%"}, "igv", "198"),
        ("AE", {"cif": D(1000), "excise_rate": "50%", "excise_base": D(2000)}, "excise", "1000"),
        ("PH", {"cif": D(1000), "broker_fee": D(100), "vat_rate": "12%"}, "vat", "132"),
    ],
)  # fmt: skip
def test_every_tax_has_its_own_base(
    importer: str, given: dict[str, object], tax: str, amount: str
) -> None:
    assert answers(importer, **given)[tax] == D(amount)


def test_anti_dumping_is_in_the_base_of_a_tax_on_all_charges() -> None:
    """LC 87/1996, art. 13, V, e: every other tax and customs expense."""
    free = dict.fromkeys(("ipi_rate", "pis_rate", "cofins_rate", "afrmm_rate"), D(0))
    given = {"cif": D(70), "ii_rate": D(0), "anti_dumping": D(12), "icms_rate": D("0.18")}
    assert answers("BR", **given, **free)["icms"] == 18


REFUSED = {
    "two-currencies": (
        "AU",
        {"price_usd": D(100), "freight_eur": D(10), "fx": D("0.65")},
        "check.two_currencies",
    ),
    "twice": (
        "UK",
        {"price": D(100), "duty_rate": "5%", "import_duty_rate": "6%"},
        "check.word_twice",
    ),
    "two-prices": ("AU", {"price_usd": D(9), "price_eur": D(8), "fx": D(1)}, "check.word_twice"),
    "two-rates": (
        "AU",
        {"price_fc": D(9), "usd_per_aud": D("0.6"), "eur_per_aud": D("0.5")},
        "check.word_twice",
    ),
    "share-of-nothing": ("RU", {"cif": D(100), "customs_fee": "0.5%"}, "check.bad_input"),
    "idle-rate": ("UK", {"price": D(100), "usd_per_gbp": D("1.25")}, "check.idle_rate"),
    "rate-between-others": (
        "UK",
        {"price_usd": D(100), "eur_per_gbp": D("1.15")},
        "check.bad_input",
    ),
    "national-rate-for-both": (
        "JP",
        {"cif": D(10000), "consumption_tax_rate": "7.8%"},
        "check.rate_of_a_part",
    ),
    "home-money-as-foreign": (
        "money_market_payable",
        {"payable_eur": D(1000), "cny_deposit_rate": "3%", "cny_borrow_rate": "2%",
         "days": D(90), "spot": D(8)},
        "check.bad_input",
    ),
    "a-duty-of-2500-per-cent": (
        "US",
        {"entered_value": D(900), "mfn_rate": D(0), "additional_rates": {"ad": D(25)}},
        "check.bad_share",
    ),
    "a-least-duty-in-euro-at-the-dollar's-rate": (
        "RU",
        {"cif_usd": D(900), "fx": D(80), "weight_kg": D(9), "duty": "5%, at least 2 EUR/kg"},
        "check.two_currencies",
    ),
    "a-component-in-euro-without-its-rate": (
        "RU",
        {"cif": D(900), "components": [
            {"kind": "specific", "amount": D(2), "quantity": D(9), "unit": "kg", "currency": "EUR"}
        ]},
        "check.missing_input",
    ),
    "interest-of-either-money": (
        "cip_simple",
        {"spot_usd_per_cny": D("0.14"), "r_price": "4%", "r_base": "2%", "days": D(90)},
        "check.either_interest",
    ),
    "a-fee-for-days-of-no-period": (
        "lc_cost",
        {"amount": D(9000), "fees": [{"rate": "0.1%", "days": D(90)}]},
        "check.missing_input",
    ),
    "a-term-that-is-no-price": (
        "DE",
        {"terms": "DAP", "amount": D(9000), "duty_rate": "5%", "vat_rate": "19%"},
        "check.bad_input",
    ),
    "two-prices-of-a-term": (
        "DE",
        {"terms": "CIF", "amount": D(9000), "cif": D(8000), "duty_rate": "5%"},
        "check.bad_input",
    ),
    "interest-of-no-side": (
        "cip_simple",
        {"spot": D("1.08"), "usd_rate": "4%", "eur_rate": "2%", "days": D(90)},
        "check.missing_input",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_clear_is_refused(name: str) -> None:
    method, given, key = REFUSED[name]
    for asked in ("home_at_maturity", "total_taxes", "forward", "total_cost"):
        error = check_case(case(method, given, **{asked: D(1)})).error  # type: ignore[arg-type]
        if error is None or error.key != "check.unknown_answer":
            break
    assert error is not None
    assert error.key == key


def test_the_same_said_twice_is_no_fault() -> None:
    found = answers("UK", price=D(100), duty_rate="5%", import_duty_rate=D("0.05"))
    assert found["duty"] == 5


def test_each_currency_finds_its_own_rate() -> None:
    rates = {"usd_per_aud": D("0.5"), "eur_per_aud": D("0.4")}
    assert answers("AU", price_usd=D(100), **rates)["customs_value"] == 200


def test_an_answer_has_no_currency_of_its_own() -> None:
    """The duty of a British case is in pounds, whatever the name says."""
    error = check_case(case("UK", {"price": D(100), "duty_rate": "10%"}, duty_usd=D(10))).error
    assert error is not None
    assert error.key == "check.unknown_answer"


def test_answers_stand_under_the_names_that_ask_for_them() -> None:
    given: dict[str, object] = {"不含税金额": D(100), "发票税率": "13%", "退税率": "9%"}
    checked = check_case(case("er", given, 应退税额=D(9), tax_to_cost=D(4)))
    assert checked.error is None
    assert checked.got == {"应退税额": 9, "tax_to_cost": 4}


def test_interest_is_found_by_its_currency() -> None:
    given = {"days": D(360), "spot_usd_per_eur": D("1.1"), "usd_rate": "10%", "r_eur": "0%"}
    assert (
        answers("cip_simple", **given)["forward"]
        == answers(
            "cip_simple", spot_usd_per_eur=D("1.1"), days=D(360), r_price="10%", r_base="0%"
        )["forward"]
    )
    assert answers("cip_simple", spot=D(7), cny_rate="4%", usd_rate="0%", days=D(90))[
        "forward"
    ] == D("7.07")


def test_what_the_rules_charge_beside_the_case_is_told() -> None:
    """A case that misses a standing charge is told of it, and only where an answer rests on it."""
    given: dict[str, object] = {"cif": D(1000), "duty_rate": "10%", "vat_rate": "20%"}
    missed = check_case(case("MA", given, vat=D(220)))
    assert (missed.ok, missed.charged) == (False, ("import_levy 2.50",))
    assert check_case(case("MA", given, duty=D(100))).charged == ()
    named = check_case(case("MA", {**given, "tpi_rate": "0.25%"}, vat=D("220.5")))
    assert (named.ok, named.charged) == (True, ())
    assert check_case(case("ZA", {"customs_value": D(100)}, vat=D("16.5"))).charged == ()


def test_fees_that_stand_flat_are_lines_beside_those_in_a_list() -> None:
    given: dict[str, object] = {"amount": D(1000), "fees": [{"rate": "1%"}], "swift_fee": D(5)}
    assert answers("lc_cost", **given)["total_cost"] == 15
    assert given["fees"] == [{"rate": "1%"}]


def test_a_method_is_known_by_what_its_name_says() -> None:
    given: dict[str, object] = {"amount": D(1130), "rate": "13%", "terms": "FOB"}
    for name in ("taxable_export", "export_taxable", "deemed_domestic_sale", "视同内销"):
        assert answers(name, **given)["output_tax"] == 130, name


def test_an_answer_by_a_part_of_its_name_is_read_as_its_figure_proves_and_told() -> None:
    month: dict[str, object] = {"vat_payable": D(100), "exempt_credit": D(0), "location": "city"}
    assert check_case(case("surtax", month, urban=D(7))).read == {"urban": "urban_tax"}
    quote: dict[str, object] = {"bid": D(7), "ask": D("7.2"), "amount": D(100)}
    assert check_case(case("spread_cost", quote, cost=D(10))).read == {"cost": "spread_cost"}
    assert check_case(case("spread_cost", quote, cost=D(20))).read == {"cost": "round_trip_cost"}
    error = check_case(case("spread_cost", quote, cost=D(15))).error
    assert error is not None
    assert error.key == "check.unknown_answer"
