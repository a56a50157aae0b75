"""Names and values as people write them: what is understood, and what stays asked for."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from offing.cases.answering import answers_of, method_of
from offing.cases.checking import check_case
from offing.cases.given import Value
from offing.cases.reading import Case
from offing.cases.words import Vocabulary, Word
from offing.rules.duty_text import duty_of_user
from offing.terms.errors import InputError, Where

D = Decimal


def case(name: str, given: dict[str, object], **expected: object) -> Case:
    return Case("A", name, given, expected, "exact", Where())  # type: ignore[arg-type]


def answers(name: str, **given: object) -> dict[str, Value]:
    return answers_of(case(name, given))[0]


def refused(name: str, given: Mapping[str, object], **expected: object) -> str:
    error = check_case(case(name, {**given}, **(expected or {"total_taxes": D(1)}))).error
    assert error is not None
    return error.key


MONTH = {"levy_rate": "13%", "rebate_rate": "10%"}


@pytest.mark.parametrize(
    "name",
    [
        "credit_brought_forward_from_last_month",
        "上期结转的留抵税额",
        "Opening VAT credit",
        "期初留抵",
    ],
)
def test_a_name_is_read_by_what_its_words_say(name: str) -> None:
    found = answers("ecr", **MONTH, fob=D(0), input_tax=D(5), **{name: "1.2万元"})
    assert found["closing_credit"] == 12005


def test_what_two_words_say_is_asked_for() -> None:
    words = Vocabulary({name: Word(name) for name in ("import_price", "value_of_imports")})
    for name, meant in (("price of the import", "import_price"), ("进口总值", "value_of_imports")):
        named = words.find(name)
        assert named is not None
        assert named.word.name == meant
    assert words.find("imports") is None


def test_words_of_another_method_are_not_guessed_at() -> None:
    """Israel's purchase tax is no purchase; elsewhere nobody has a purchase tax."""
    assert answers("IL", cif=D(100), duty_rate="12%", purchase_tax="10%")["purchase_tax"] == D(
        "11.2"
    )
    assert refused("DE", {"cif": D(100), "purchase_tax": "10%"}) == "check.unknown_word"


@pytest.mark.parametrize(
    ("written", "value"),
    [("USD 40,000", 40000), ("4万美元", 40000), ("US$ 0.04 million", 40000), ("40k USD", 40000)],
)
def test_an_amount_may_name_its_currency(written: str, value: int) -> None:
    assert answers("VN", cif=written, vnd_per_usd=D(2))["customs_value"] == 2 * value


def test_name_and_value_of_two_currencies_are_refused() -> None:
    given = {"fob_usd": "EUR 100", "vnd_per_usd": D(26000)}
    assert refused("VN", given) == "check.bad_input"


def test_a_number_has_its_own_unit() -> None:
    given = {"cif_usd": D(1000), "exchange_rate": D(80), "anti_dumping_usd_per_kg": D(2)}
    for weight in ({"weight_kg": D(500)}, {"weight_kg": "0.5 t"}, {"weight_t": "500 kg"}):
        assert answers("IN", **given, **weight)["anti_dumping"] == 80000
    assert refused("IN", {**given, "weight_kg": "500 pairs"}) == "check.bad_input"
    bill = {"amount": D(100), "rate": "4%", "days": "3 kg"}
    assert refused("finance_cost", bill, finance_cost=D(1)) == "check.bad_input"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("10%, but not less than 0.5 EUR/kg", "10% MIN 0.5 EUR/kg"),
        ("15% or 2 EUR per pair, whichever is the lower", "15% MAX 2 EUR/pair"),
        ("12%但不低于每公斤0.6欧元", "12% MIN 0.6 EUR/kg"),
        ("30%或每双4300日元，取高", "30% MIN 4300 JPY/pair"),
        ("90c/pair + 37.5%", "0.9 USD/pair + 37.5%"),
        ("每公斤3加元", "3 CAD/kg"),
        ("8 per cent plus USD 1.5 per 100 kg", "8% + 1.5 USD/100 kg"),
    ],
)
def test_a_duty_is_read_as_people_write_it(text: str, means: str) -> None:
    assert str(duty_of_user(text)) == means


@pytest.mark.parametrize("text", ["10% or 0.5 EUR/kg", "10% 每公斤", "between 5% and 8%"])
def test_a_duty_of_no_one_meaning_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        duty_of_user(text)


def test_a_duty_in_another_currency_needs_its_rate() -> None:
    given = {"cif_rub": D(1000), "duty": "10%, at least 1 EUR/kg", "weight_kg": D(2)}
    assert answers("RU", **given, rub_per_eur=D(90))["duty"] == 180
    assert refused("RU", given) == "check.missing_input"


def test_a_pair_of_currencies_is_read_as_the_market_writes_it() -> None:
    """EUR/USD is dollars for a euro; CNY/USD is what its level says; GBP/EUR could be either."""
    given: dict[str, object] = {"receivable_usd": D(100), "forward_usd_cny": D(7)}
    assert answers("forward_receivable", **given)["home_at_maturity"] == 700
    for name, rate in (
        ("forward_cny_usd", "7"),
        ("人民币兑美元远期汇率", "7"),
        ("cny_usd_forward", "0.125"),
    ):
        given = {"receivable_usd": D(100), name: D(rate)}
        expected = 700 if rate == "7" else 800
        assert answers("forward_receivable", **given)["home_at_maturity"] == expected, name
    against = {"receivable_usd": D(100), "forward_usd_cny": D("0.14")}
    assert refused("forward_receivable", against, home_at_maturity=D(1)) == "check.turned_over"
    near_one = {"cif_eur": D(100), "gbp_eur": D("1.17"), "duty_rate": "5%"}
    assert refused("UK", near_one, duty=D(1)) == "check.unknown_word"


def test_a_bare_rate_of_a_non_deliverable_forward_is_local_money_for_a_dollar() -> None:
    given = {"contract_rate": D(1400), "fixing_rate": D(1750)}
    assert answers("ndf_sell_local", notional_krw=D(7000), **given)["settlement_usd"] == 1
    small = {"notional_krw": D(7000), "contract_rate": D("0.0007"), "fixing_rate": D("0.0006")}
    assert refused("ndf_sell_local", small, settlement_usd=D(1)) == "check.unknown_word"
    unnamed = {"notional": D(7000), **given}
    assert refused("ndf_sell_local", unnamed, settlement_usd=D(1)) == "check.unknown_word"


def test_an_answer_in_another_currency_is_at_the_case_s_rate() -> None:
    given: dict[str, object] = {"price": D(100), "duty_rate": "10%", "usd_per_gbp": D("1.25")}
    checked = check_case(case("UK", given, duty_usd=D("12.5"), duty_gbp=D(10)))
    assert checked.ok, checked


def test_a_case_in_one_foreign_currency_needs_no_rate_where_no_sum_of_the_law_has_a_part() -> None:
    given = {"cif_usd": D(1000), "ad_valorem": "6%", "igv": "16%", "ipm": "2%"}
    assert answers("PE", **given)["duty"] == 60
    assert refused("US", {"fob_eur": D(1000), "duty_rate": "5%"}) == "check.missing_input"


def test_a_limit_of_small_consignments_is_of_the_goods_alone_in_the_union() -> None:
    """Regulation (EC) No 1186/2009, art. 23(2): intrinsic value."""
    given = {"goods_value": D(140), "freight": D(20), "duty_rate": "5%", "vat_rate": "19%"}
    assert answers("DE", **given, duty_free_up_to=D(150))["duty"] == 0
    assert answers("DE", **given, duty_free_up_to=D(130))["duty"] == 8
    kept: dict[str, object] = {"cif": D(160), "freight": D(20), "duty_free_up_to": D(150)}
    assert refused("TH", kept) == "check.which_low_value"


def test_tax_to_pay_of_a_deemed_sale_has_the_sales_at_home_in_it() -> None:
    given = {"export_fob_cny": D(113), "rate": "13%", "domestic_sales": D(100), "input_tax": D(20)}
    assert answers("taxable_export", **given)["vat_payable"] == 13 + 13 - 20


def test_what_may_not_be_claimed_yet_has_no_part_in_the_ceiling() -> None:
    found = answers("ecr", **MONTH, fob=D(1000), claimed_exports=D(400), input_tax=D(200))
    assert (found["nondeductible"], found["ecr"], found["refund"]) == (30, 40, 40)


def test_from_the_shelf_back_to_the_price_on_board() -> None:
    """120 / 1.2 = 100; half for the shop; 10 % of cost for the importer; duty of 25 % on CIF."""
    given = {"shelf_price": D(120), "vat": "20%", "retail_margin": "50%", "importer_markup": "0%"}
    found = answers("GB", **given, duty="25%", freight=D(4))
    assert (found["cif"], found["fob"]) == (40, 36)
    assert refused("GB", {**given, "freight": D(60)}) == "check.cannot_compute"


def test_a_member_outside_the_euro_reckons_in_its_own_money() -> None:
    given: dict[str, object] = {"cif_usd": D(100), "sek_per_usd": D(10), "vat_rate": "25%"}
    assert answers("SE", **given, duty_rate="10%")["duty"] == 100
    asked = case("SE", {**given, "duty_rate": "10%"}, duty_usd=D(10))
    assert check_case(asked).ok
    assert refused("SE", {**given, "duty_rate": "10%"}, duty_eur=D(9)) == "check.bad_input"
    by_weight = {**given, "duty": "2 EUR/100 kg", "weight_kg": D(50)}
    assert answers("SE", **by_weight, sek_per_eur=D(11))["duty"] == 11


def test_each_line_may_have_a_currency_and_a_rate_of_its_own() -> None:
    lines = [{"exports": "USD 100", "fx": D(7)}, {"exports": "EUR 100", "fx": D(8)}]
    assert answers("ecr", **MONTH, input_tax=D(0), lines=lines)["export_fob_cny"] == 1500
    one = [{"exports": "USD 100"}, {"exports": "EUR 100"}]
    given = {**MONTH, "input_tax": D(0), "lines": one, "fx": D(7)}
    assert refused("ecr", given, refund=D(0)) == "check.two_currencies"


def test_a_preference_holds_where_the_origin_is_proven() -> None:
    given = {"cif": D(100), "mfn_duty": "10%", "fta_rate": "2%", "vat_rate": "7%"}
    assert answers("TH", **given, proof_of_origin=True)["duty"] == 2
    assert answers("TH", **given, form_e="no")["duty"] == 10
    assert refused("TH", given) == "check.missing_input"
    assert refused("TH", {**given, "form_e": "perhaps"}) == "check.bad_input"


def test_a_sum_that_is_next_to_nothing_is_a_share_or_is_asked_for() -> None:
    """A duty of 0.12 on 1,000 is 12 %; of 12 it could be 12 % or a sum."""
    found = answers("VN", cif=D(1000), import_duty=D("0.12"), vat=D("0.08"))
    assert (found["duty"], found["vat"]) == (120, D("89.6"))
    assert answers("VN", cif=D(5), import_duty=D("0.12"), vat=D(0))["duty"] == D("0.12")
    assert refused("VN", {"cif": D(1000), "import_duty": D(12)}) == "check.small_sum"
    assert answers("VN", cif=D(1000), import_duty=D(120), vat=D(0))["duty"] == 120
    option = {"receivable_usd": D(1000), "strike": D(7), "spot_at_maturity": D(6)}
    asked: dict[str, object] = {**option, "premium": D("0.05")}
    assert refused("option_receivable", asked, home_at_maturity=D(1)) == "check.small_sum"
    month = {**MONTH, "fob": D(0), "input_tax": D(0), "domestic_sales": D(50)}
    rate: dict[str, object] = {**month, "domestic_output_tax": D("0.13")}
    assert refused("ecr", rate, refund=D(0)) == "check.missing_input"


def test_an_export_duty_is_no_import_duty() -> None:
    assert refused("VN", {"cif": D(1000), "export_duty": "5%"}) == "check.unknown_word"


def test_what_is_left_at_the_month_s_end_is_not_what_was_brought_into_it() -> None:
    words = method_of("ecr").accepts
    assert words.find("本月末留抵税额") is None
    named = words.find("上月末留抵税额")
    assert named is not None
    assert named.word.name == "opening_credit"
