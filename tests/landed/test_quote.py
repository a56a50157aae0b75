"""A quote from the works to landed: sums by hand, rates by day, careless requests, back again."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offing
from cautions import keyed
from offing.cli.app import run
from offing.landed.explain import charges, steps
from offing.landed.quote import cost, landed_of, prepare, quote, reverse
from offing.landed.shipment import Shipment, carriage_of, cif_of, money_of
from offing.policy.overlay import today, under
from offing.rules.reform import read_reform
from offing.rules.regime_file import shipped
from offing.rules.tariff import national
from offing.terms.errors import InputError, MissingDataError, OffingError, RuleError
from offing.terms.exchange import given_rates
from offing.terms.money import Money
from offing.terms.sale_terms import DUTY_PAID, INCOTERMS, Incoterm
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of
from tariff_house import tariff_house

D = Decimal
BOOK = shipped()
HOUSE = tariff_house()
MONDAY = date(2026, 11, 2)

SETS = Shipment(
    product="852872", destination="DEU", on=MONDAY, quantity=D(100), currency="EUR",
    cost=Money(D(80), "EUR"), inland=Money(D(300), "EUR"), export_clearance=Money(D(200), "EUR"),
    freight=Money(D(1500), "EUR"), insurance_rate=D("0.003"), unit_kg=D(10),
)  # fmt: skip


def amounts(request: Shipment) -> dict[str, Decimal]:
    return {line.name: line.amount for line in quote(request, BOOK, HOUSE).lines}


def test_a_waterfall_by_hand() -> None:
    """8,000 + 500 = 8,500 FOB; CIF 10,000 / (1 - 1.1 × 0.003); 14 % duty; 19 % tax on both."""
    found = amounts(SETS)
    assert found == {
        "cost": D("8000.00"), "exw": D("8000.00"), "inland": D("300.00"),
        "export_clearance": D("200.00"), "fob": D("8500.00"), "freight": D("1500.00"),
        "insurance": D("33.11"), "cif": D("10033.11"), "duty": D("1404.64"), "vat": D("2173.17"),
        "landed": D("13610.92"),
    }  # fmt: skip


def test_the_bases_differ_by_importer() -> None:
    """The same goods: duty on the border value in the UK, free on board in the US."""
    british = quote(replace(SETS, destination="GBR", currency="GBP"), BOOK, HOUSE)
    american = quote(
        replace(SETS, destination="USA", currency="USD", national_code="8528.72.64"), BOOK, HOUSE
    )
    bases = {
        made.destination: next(line.base for line in made.lines if line.name == "duty")
        for made in (british, american)
    }
    assert bases == {"GBR": D("8026.49"), "USA": D("10625.00")}  # 10033.11 × 0.8, 8500 × 1.25


def test_conversion_at_the_last_working_day() -> None:
    sunday = date(2026, 11, 1)
    made = quote(replace(SETS, on=sunday, currency="CNY"), BOOK, HOUSE)
    assert made.fx == (("EUR", D("0.125"), date(2026, 10, 30)),)
    table = fx_of(HOUSE, sunday)
    assert table.rate("CNY", "USD") == (D("6.4"), date(2026, 10, 30))
    assert table.convert(D(100), "GBP", "EUR") == D(125)


def test_a_rate_that_ended_is_not_carried_on() -> None:
    with pytest.raises(RuleError, match="2022-03-01"):
        fx_of(HOUSE, date(2022, 4, 1)).rate("RUB", "EUR")
    with pytest.raises(RuleError, match="2026-11-20"):
        fx_of(HOUSE, date(2027, 2, 1)).rate("CNY", "EUR")
    later = replace(SETS, on=date(2027, 2, 1), currency="CNY", rates_on=MONDAY)
    assert quote(later, BOOK, HOUSE).fx[0][2] == MONDAY


@pytest.mark.parametrize("term", [term for term in INCOTERMS if term not in DUTY_PAID])
def test_a_price_on_any_term_is_brought_to_fob(term: Incoterm) -> None:
    """The price that the term makes of one FOB value leads back to that value."""
    request = replace(SETS, destination_costs=Money(D(400), "EUR"))
    way = carriage_of(request, fx_of(HOUSE, MONDAY))
    fob = D(9000)
    cif = cif_of(fob + 1500, D("0.003"), D("0.10"))
    prices = {"EXW": fob - 500, "CFR": fob + 1500, "CPT": fob + 1500, "CIF": cif, "CIP": cif,
              "DAP": cif + 400, "DPU": cif + 400}  # fmt: skip
    assert abs(way.fob_of(prices.get(term, fob), term, "USD") - fob) < D("1e-20")


def test_a_free_port_and_a_general_rate() -> None:
    """Hong Kong charges nothing; Singapore's general rate gives way to the user's duty."""
    port = replace(SETS, destination="HKG", rates=given_rates(["HKD=7.8"]))
    made = quote(port, BOOK, HOUSE)
    assert made.landed == D("10033.11")
    lion = replace(SETS, destination="SGP", rates=given_rates(["SGD=1.3"]))
    assert amounts(lion)["duty"] == 0
    assert amounts(replace(lion, duties={"mfn": "10%"}))["duty"] == D("1003.31")
    with pytest.raises(MissingDataError, match="rcep"):
        quote(replace(lion, preference="rcep"), BOOK, HOUSE)


def test_duty_by_weight_needs_the_weight() -> None:
    butter = replace(SETS, product="040510", unit_kg=None)
    with pytest.raises(InputError, match="by the kg"):
        quote(butter, BOOK, HOUSE)
    assert amounts(replace(butter, unit_kg=D(10)))["duty"] == D("1896.00")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"quantity": D(0)}, "landed.no_quantity"),
        ({"cost": None}, "landed.no_cost_no_price"),
        ({"cost": Money(D("1e15"), "EUR")}, "errors.out_of_range"),
        ({"unit_kg": D(0)}, "errors.out_of_range"),
        ({"destination": "USA"}, "landed.several_lines"),
        ({"destination": "USA", "national_code": "85287299"}, "landed.code_not_in_tariff"),
        ({"destination": "NPL"}, "landed.no_regime"),
        ({"duties": {"mfn": "14"}}, "landed.share_or_percent"),
        ({"cost": Money(D(9), "XPF")}, "landed.no_fx"),
        ({"duties": {"ipi": "5%"}}, "landed.unused_duty"),
    ],
)
def test_careless_requests_are_told(change: dict[str, object], key: str) -> None:
    with pytest.raises(OffingError) as error:
        quote(replace(SETS, **change), BOOK, HOUSE)  # type: ignore[arg-type]
    assert error.value.key == key
    assert str(error.value)


def test_a_price_below_its_carriage_says_both_in_their_money() -> None:
    small = replace(SETS, price=Money(D(5), "EUR"), price_term="CIF")
    with pytest.raises(InputError) as error:
        quote(replace(small, freight=Money(D(50000), "EUR")), BOOK, HOUSE)
    told = error.value.as_json()
    assert told["error"] == "landed.price_below_carriage"
    assert "EUR 50," in str(told["found"])
    assert None not in told.values()


def test_without_a_tariff_the_user_is_asked_for_the_duty(tmp_path: object) -> None:
    empty = Warehouse(tariff_house().folder / "nothing", is_starter=True)
    with pytest.raises(MissingDataError, match='duty="35%"'):
        quote(SETS, BOOK, empty)


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("1,800.50", Money(D("1800.50"), "CNY")), ("１８００", Money(D(1800), "CNY")),
        ("1.2万元", Money(D(12000), "CNY")), ("3000 usd", Money(D(3000), "USD")),
        ("EUR 12.5", Money(D("12.5"), "EUR")), ("1.2m SAR", Money(D(1_200_000), "SAR")),
        ("SAR 1.2M", Money(D(1_200_000), "SAR")), ("250k", Money(D(250_000), "CNY")),
        ("1.5 million USD", Money(D(1_500_000), "USD")), ("€3bn", Money(D(3_000_000_000), "EUR")),
        ("12 MXN", Money(D(12), "MXN")),
    ],
)  # fmt: skip
def test_amounts_as_people_type_them(text: str, money: Money) -> None:
    assert money_of(text, "CNY") == money


@given(st.text(max_size=20))
def test_no_text_breaks_amounts_codes_and_rates(text: str) -> None:
    for read in (lambda t: money_of(t, "CNY"), national, lambda t: given_rates([t])):
        with suppress(OffingError):
            read(text)


shelf_prices = st.decimals(min_value=100, max_value=D("1e7"), places=2)
destinations = st.sampled_from(["DEU", "GBR", "USA", "JPN"])


@settings(max_examples=60, deadline=None)
@given(exw=shelf_prices, destination=destinations, duty=st.sampled_from(["0", "14%", "5% + 1%"]))
def test_back_from_landed_is_where_it_came_from(exw: Decimal, destination: str, duty: str) -> None:
    request = replace(SETS, destination=destination, duties={"mfn": duty}, currency="USD",
                      national_code="85287264")  # fmt: skip
    ready = prepare(request, BOOK, HOUSE)
    way = carriage_of(request, ready.fx)
    fob = exw * request.quantity + way.inland + way.export_clearance
    landed = landed_of(request, way, fob, ready) / request.quantity
    answer = reverse(request, Money(landed, "USD"), BOOK, HOUSE)
    assert abs(answer.exw - exw) <= D("0.0001")
    assert answer.landed == round(landed, 4)


def test_the_share_of_importer_and_shops_is_taken_first() -> None:
    answer = reverse(SETS, Money(D(400), "EUR"), BOOK, HOUSE, trade_share=D("0.5"))
    assert answer.landed == 200
    assert abs(answer.quote.landed / 100 - 200) <= D("0.01")
    with pytest.raises(InputError, match="trade_share < 1"):
        reverse(SETS, Money(D(400), "EUR"), BOOK, HOUSE, trade_share=D(1))
    with pytest.raises(RuleError, match="does not cover"):
        reverse(SETS, Money(D(10), "EUR"), BOOK, HOUSE)


def test_a_rate_of_the_monthly_collection_is_not_called_the_ecbs() -> None:
    """2,500 TZS a dollar × 1.25 USD/EUR ÷ 8 CNY/EUR = 390.625 TZS for one yuan."""
    request = replace(SETS, currency="CNY")
    ready = prepare(request, BOOK, HOUSE)
    thin = replace(ready.fx, thin={"TZS": (D(2500), date(2026, 9, 29))})
    given = replace(request, freight=Money(D(100), "TZS"))
    found = {step.name: step for step in steps(given, replace(ready, fx=thin))}["TZS/CNY"]
    assert (found.key, found.amount) == ("landed.step_rate_thin", D("390.625"))
    assert found.sum == "8 CNY/EUR; 1.25 USD/EUR; 2500 TZS/USD"


@pytest.fixture
def asked() -> list[str]:
    return [
        "quote", "8528.72", "Germany", "--on", "2026-11-02", "--currency", "EUR",
        "--cost", "80", "--quantity", "100", "--freight", "1500", "--insurance-rate", "0.003",
        "--inland", "300", "--clearance", "200", "--warehouse", str(HOUSE.folder),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, {"landed.warn_no_freight"}),
        ({"freight": Money(D(0), "EUR")}, set()),
        ({"price_term": "CIF"}, {"landed.warn_not_in_price"}),
        ({"price_term": "CFR", "freight": Money(D(5), "EUR")}, set()),
        ({"price_term": "EXW", "freight": Money(D(5), "EUR")}, {"landed.warn_no_inland"}),
        ({"price_term": "DAP", "freight": Money(D(5), "EUR")}, {"landed.warn_not_in_price"}),
        (
            {"destination": "USA", "currency": "USD", "product": "85287264"},
            {"landed.warn_small_consignment"},
        ),
    ],
)
def test_a_cost_that_the_term_needs_and_nobody_gave_is_said(
    changes: dict[str, object], keys: set[str]
) -> None:
    request = Shipment(
        "85287240", "DEU", date(2024, 6, 3), D(10), "EUR", price=Money(D(100), "EUR"),
        duties={"mfn": "14%"},
    )  # fmt: skip
    made = quote(replace(request, **changes), shipped(), tariff_house())  # type: ignore[arg-type]
    assert {key for key, _ in keyed(made.warnings)} == keys


def test_a_duty_of_one_s_own_is_another_one_from_four_times_the_tariff_s() -> None:
    """14 % on television sets: 3.5 % and 56 % may be slips, 3.6 % and 55 % are dealt with."""
    request = Shipment(
        "85287240", "DEU", date(2024, 6, 3), D(10), "EUR", price=Money(D(100), "EUR"),
        freight=Money(D(0), "EUR"),
    )  # fmt: skip
    for own, odd in (("3.5%", True), ("3.6%", False), ("55%", False), ("56%", True)):
        made = quote(replace(request, duties={"mfn": own}), shipped(), tariff_house())
        assert ("landed.warn_own_duty" in dict(keyed(made.warnings))) is odd, own


def test_the_longest_heading_of_a_reform_counts_and_quantities_are_of_the_shipment(
    tmp_path: Path,
) -> None:
    file = tmp_path / "reform.toml"
    rates = {"8528": "20%", "852872": "10%", "85287240": "5%"}
    rows = (f'[[rate]]\nid = "eur.mfn.{code}"\nvalue = "{rate}"\nsince = 2024-01-01\n'
            for code, rate in rates.items())  # fmt: skip
    file.write_text('[reform]\nname = "headings"\n' + "".join(rows), encoding="utf-8")
    book = under(today(), read_reform(file)).rulebook
    request = Shipment(
        "85287240", "DEU", date(2024, 6, 3), D(10), "EUR", price=Money(D(100), "EUR"),
        freight=Money(D(0), "EUR"), unit_kg=D(4), unit_m3=D("0.05"), quantities={"t": D(1)},
    )  # fmt: skip
    assert request.measured() == {"item": 10, "kg": 40, "m3": D("0.5"), "t": 1}
    for code, duty in (("85287240", 50), ("85287230", 100), ("85287100", 200)):
        (line,) = [x for x in quote(replace(request, product=code), book, tariff_house()).lines
                   if x.name == "duty"]  # fmt: skip
        assert line.amount == duty, code


def test_a_line_of_the_rulebook_counts_for_its_own_code_and_yields_to_a_tariff() -> None:
    """Japan's 6203.42.200: 9.1 %, and 6.3 % under RCEP in year 5."""
    day = date(2026, 3, 31)
    request = Shipment(
        "620342200", "JPN", day, D(10), "JPY", price=Money(D(100000), "JPY"),
        freight=Money(D(0), "JPY"),
    )  # fmt: skip
    house = tariff_house()

    def duty(request: Shipment) -> Decimal:
        (line,) = [x for x in quote(request, shipped(), house).lines if x.name == "duty"]
        return line.amount

    assert duty(request) == D(91000)
    assert duty(replace(request, preference="rcep")) == D(63000)
    said = dict(keyed(quote(replace(request, preference="rcep"), shipped(), house).warnings))
    assert said["landed.preference_saves"]["saving"] == "28,000.00"
    assert duty(replace(request, preference="rcep", on=date(2026, 4, 1))) == D(57000)
    for careless in (
        replace(request, preference="rcep", origin="VNM"),
        replace(request, preference="rcep", on=date(2025, 3, 31)),
    ):
        with pytest.raises(MissingDataError):
            duty(careless)


def test_origins_and_days_for_which_the_additional_duties_are_not_complete() -> None:
    base = Shipment("85287264", "USA", date(2026, 8, 3), D(10), "USD", price=Money(D(100), "USD"))

    def said(**changes: object) -> bool:
        made = quote(replace(base, **changes), shipped(), tariff_house())  # type: ignore[arg-type]
        return "landed.warn_origin" in dict(keyed(made.warnings))

    assert not said()
    assert not said(origin="VNM")
    assert not said(origin="VNM", on=date(2025, 9, 1))
    assert said(origin="VNM", on=date(2024, 9, 1))
    assert said(origin="CAN")
    with pytest.raises(MissingDataError, match="do not get the most-favoured-nation duty"):
        said(origin="RUS")
    assert said(origin="RUS", duties={"mfn": "35%"})


def test_rates_by_the_user_need_none_of_the_bank() -> None:
    """Units for one dollar on both sides: the euro's rate of the day is not on the way."""
    table = fx_of(tariff_house(), date(2030, 1, 1), {"AED": D("3.6725"), "CNY": D("7.345")})
    assert table.rate("CNY", "AED") == (D(2), date(2030, 1, 1))
    assert round(table.rate("USD", "AED")[0], 8) == D("0.27229408")
    for pair, asked in ((("VND", "USD"), "VND"), (("USD", "EUR"), "EUR"), (("CNY", "EUR"), "EUR")):
        with pytest.raises(RuleError, match=f"rate of {asked}"):
            table.rate(*pair)


def test_every_line_of_the_waterfall_is_explained() -> None:
    """Every line but the subtotals has a sum, a charge's trace or a figure given, once."""
    request = replace(
        SETS, currency="USD", price=Money(D(110), "EUR"), price_term="CIF", refund_cny=D(80),
        not_deductible_cny=D(16), fees=Money(D(5), "EUR"), destination_costs=Money(D(400), "EUR"),
    )  # fmt: skip
    ready = prepare(request, BOOK, HOUSE)
    made = cost(request, ready)
    found = {step.name: step for step in steps(request, ready)}
    charged = {step.name for step in charges(request, ready)}
    for line in made.lines:
        if not line.subtotal:
            assert (line.name in found) != (line.name in charged), line.name
            if line.name in found:
                assert found[line.name].amount == line.amount, line.name
    # By hand: (100 × 110 × 1.25 USD) × (1 - 1.1 × 0.003) = 13,704.63, less freight 1,875.
    assert found["fob"].amount == D("11829.63")
    assert found["fob"].sum == ("100 × 110 EUR ÷ 0.8 EUR/USD (CIF) × (1 − 1.1 × 0.003) − 1,875.00")
    assert found["refund"].amount == D("1250.00")
    assert found["cost"].sum == "100 × 80 EUR ÷ 0.8 EUR/USD"
    assert found["CNY/USD"].sum == "8 CNY/EUR; 1.25 USD/EUR"
    assert (found["CNY/USD"].amount, found["CNY/USD"].day) == (D("6.4"), MONDAY)
    assert found["EUR/USD"].amount == D("0.8")


def test_a_delivered_price_and_the_users_own_rate_are_explained() -> None:
    request = replace(
        SETS, currency="USD", price=Money(D(200), "USD"), price_term="DDP",
        rates=given_rates(["CNY=7"]), not_deductible_cny=D(7),
    )  # fmt: skip
    ready = prepare(request, BOOK, HOUSE)
    found = {step.name: step for step in steps(request, ready)}
    assert found["fob"].key == "landed.step_from_landed"
    assert (found["CNY/USD"].key, found["CNY/USD"].sum) == ("landed.step_rate_own", "7 CNY/USD")
    lines = {line.name: line.amount for line in cost(request, ready).lines}
    assert found["fob"].amount == lines["fob"]
    assert found["margin"].amount == lines["margin"]


def test_the_margin_is_what_is_left_of_the_price() -> None:
    made = quote(replace(SETS, price=Money(D(90), "EUR")), BOOK, HOUSE)
    assert made.margin == D("500.00")
    assert made.margin_rate == D(500) / D(9000)
    assert sum(line.amount for line in made.lines if not line.subtotal) == made.landed


def test_american_layers_are_lines_of_their_own() -> None:
    request = replace(SETS, destination="USA", currency="USD", national_code="85287264")
    found = amounts(request)
    assert found["us301_4a"] == D("796.88")
    assert found["us301_forced_labour"] == D("1328.13")
    assert found["mpf"] == D("36.81")
    assert "us122" not in found
    warned = dict(keyed(quote(request, BOOK, HOUSE).warnings))
    assert "landed.warn_unused_list" not in warned, "4B never came into force: no news to a reader"
    assert "landed.warn_split" not in warned
    assert amounts(replace(request, on=date(2026, 3, 2)))["us122"] == D("1062.50")


@pytest.mark.parametrize(
    ("code", "on", "rate"),
    [
        # 89 FR 76581: lithium-ion batteries from 7.5 % to 25 %, for vehicles in 2024, all in 2026.
        ("8507600020", date(2024, 6, 28), "0.075"),
        ("8507600010", date(2024, 6, 28), "0.075"),
        ("8507600010", date(2024, 9, 27), "0.25"),
        ("8507600020", date(2025, 12, 31), "0.075"),
        ("85076000", date(2026, 1, 2), "0.25"),
        # Rubber medical gloves from 7.5 % to 50 % in 2025 and 100 % in 2026.
        ("40151210", date(2024, 12, 31), "0.075"),
        ("40151210", date(2025, 1, 2), "0.50"),
        ("40151210", date(2026, 1, 2), "1"),
    ],
)
def test_goods_of_the_review_before_and_after(code: str, on: date, rate: str) -> None:
    request = replace(SETS, destination="USA", product=code, on=on, currency="USD")
    lines = quote(request, BOOK, HOUSE).lines
    layers = [line for line in lines if line.name.startswith("us301") and on.year < 2026]
    layers = layers or [
        line for line in lines if line.name in ("us301_review_2026", "us301_gloves")
    ]
    assert [layer.amount / D("10625.00") for layer in layers] == [
        pytest.approx(D(rate), abs=D("1e-6"))
    ]


def test_a_code_that_the_rulebook_lists_in_part_needs_its_ten_digits() -> None:
    request = replace(SETS, destination="USA", product="85076000", on=date(2024, 10, 1))
    with pytest.raises(InputError, match="8507600010"):
        quote(replace(request, currency="USD"), BOOK, HOUSE)


def test_a_currency_without_history_is_asked_for() -> None:
    day = date(2023, 11, 6)  # before the monthly collection begins
    arab = replace(SETS, destination="ARE", duties={"mfn": "5%"}, rates_on=day)
    with pytest.raises(RuleError) as error:
        quote(arab, BOOK, HOUSE)
    assert error.value.key == "landed.no_fx"
    assert 'rate="AED=' in str(error.value)
    made = quote(replace(arab, rates=given_rates(["AED=4"])), BOOK, HOUSE)
    assert made.fx == (("AED", D(5), day),)  # 4 for a dollar, 1.25 dollars for a euro
    assert amounts(replace(arab, rates=given_rates(["AED=4"])))["duty"] == D("501.66")


def test_a_delivered_price_pays_its_duty() -> None:
    landed = quote(SETS, BOOK, HOUSE).landed
    request = replace(SETS, price=Money(landed / 100, "EUR"), price_term="DDP")
    made = quote(request, BOOK, HOUSE)
    assert abs(next(line.amount for line in made.lines if line.name == "fob") - 8500) <= D("0.01")


def test_refund_is_cash_and_the_lost_tax_is_cost() -> None:
    request = replace(SETS, price=Money(D(90), "EUR"), refund_cny=D(80), not_deductible_cny=D(16))
    made = quote(request, BOOK, HOUSE)
    assert made.refund == D("1000.00")
    assert made.margin == D("300.00")  # 500 less 16 CNY × 100 / 8


def test_several_national_lines_are_shown_not_chosen() -> None:
    with pytest.raises(InputError) as error:
        quote(replace(SETS, destination="USA"), BOOK, HOUSE)
    assert "85287264: 3.9%" in str(error.value.expected)
    assert "85287272: 5%" in str(error.value.expected)
    assert error.value.next_step is not None
    assert "code=85287264" in error.value.next_step


def test_the_trace_has_every_charge_with_its_law() -> None:
    ready = prepare(SETS, BOOK, HOUSE)
    found = charges(SETS, ready)
    assert [step.name for step in found] == ["customs_value", "duty", "vat"]
    vat = found[-1]
    assert vat.base == ("customs_value", "duties", "destination")
    assert vat.legal.startswith("Directive 2006/112/EC")
    assert vat.rounding == "half_up_2"
    assert cost(SETS, ready) == quote(SETS, BOOK, HOUSE)


@pytest.mark.parametrize(
    "more",
    [
        ["--quantity", "0"], ["--price", "90XXQ"], ["--price", "much"], ["--term", "FOBB"],
        ["--mode", "canoe"], ["--unit", "dozen"], ["--duty", "14"], ["--code", "85"],
        ["--rate", "VND"], ["--rate", "VND=-1"], ["--measure", "kgs=12"], ["--measure", "12"],
        ["--insurance-rate", "nan"], ["--markup", "x"], ["--on", "1990-01-01"],
        ["--reform", "/nowhere.toml"], ["--reverse", "0"],
    ],
)  # fmt: skip
def test_careless_options_exit_with_2(
    asked: list[str], more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rest = list(asked)
    for option in more[::2]:
        if option in rest:
            at = rest.index(option)
            del rest[at : at + 2]
    assert run([*rest, *more]) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(("destination", "name"), [("IND", "India"), ("DEU", "European Union")])
def test_a_day_without_a_rule_names_the_importer(destination: str, name: str) -> None:
    with pytest.raises(RuleError) as error:
        BOOK.regime(destination).charges_on(date(1950, 1, 1))
    assert error.value.values["id"] == name


@pytest.mark.parametrize(
    ("freight", "usd"),
    [
        ("85USD/cbm", 85 * 0.16 * 500),
        ("85 USD per m3", 85 * 0.16 * 500),
        ("85USD/立方米", 85 * 0.16 * 500),
        ("120USD/t", 120 * 0.02 * 500),
        ("1.2USD每公斤", 1.2 * 20 * 500),
        ("6USD/item", 6 * 500),
        ("72USD/打", 6 * 500),
        ("3200USD/40HQ", "landed.per_what"),
        ("85USD/yd", "landed.per_what"),
    ],
)
def test_freight_by_volume_weight_or_piece_is_that_of_the_shipment(
    freight: str, usd: float | str
) -> None:
    def freight_of(text: str, **more: Any) -> Decimal:
        asked = {"unit_m3": "0.16", "unit_kg": 20, **more}
        answer = offing.quote(
            "852872", "DEU", on=date(2024, 12, 31), price="400 USD", cost="1800 CNY",
            quantity=500, duty="14%", currency="USD", freight=text, **asked,
        )  # fmt: skip
        return next(line.amount for line in answer.quote.lines if line.name == "freight")

    if isinstance(usd, str):
        with pytest.raises(InputError) as refused:
            freight_of(freight)
        assert refused.value.key == usd
        return
    assert freight_of(freight) == pytest.approx(Decimal(str(usd)))
    if "cbm" in freight:
        with pytest.raises(InputError, match="unit_m3"):
            freight_of(freight, unit_m3=None)


@pytest.mark.parametrize(
    ("spelled", "term"),
    [("C&F", "CFR"), ("cnf", "CFR"), ("DDU", "DAP"), ("到岸价", "CIF"), ("工厂交货", "EXW"),
     ("FOB Qingdao", "FOB"), ("DDP Hamburg, VAT unpaid", "DDP excluding VAT")],
)  # fmt: skip
def test_a_term_is_known_by_what_people_write(spelled: str, term: str) -> None:
    asked: dict[str, Any] = {"on": date(2024, 12, 31), "price": "400 USD", "cost": "1800 CNY",
                             "quantity": 5, "duty": "14%", "freight": "100 USD"}  # fmt: skip
    one, other = (offing.quote("852872", "DEU", term=name, **asked) for name in (spelled, term))
    assert one.quote.landed == other.quote.landed
