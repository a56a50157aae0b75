"""Duty expressions: official texts, amounts worked by hand, round trips, and a fuzzer."""

import csv
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.rules.duty import (
    MONTHS,
    AdValorem,
    Bounded,
    Dutiable,
    Duty,
    Element,
    MinimumPrice,
    Season,
    Seasonal,
    Specific,
    Sum,
    convert_duty,
    share_of,
)
from offing.rules.duty_text import (
    LONGEST,
    as_tariffs_write,
    duty_of_user,
    measure,
    parse_duty,
    quantity_units,
)
from offing.terms.errors import InputError, OffingError, RuleError
from shared_data import shared

D = Decimal
JUNE = date(2026, 6, 15)


def goods(
    value: str, currency: str = "EUR", on: date = JUNE, quantities: dict[str, str] | None = None
) -> Dutiable:
    return Dutiable(D(value), currency, on, {k: D(v) for k, v in (quantities or {}).items()})


@pytest.mark.parametrize(
    ("text", "value", "quantities", "amount"),
    [
        ("14.0%", "1000", {}, "140"),
        ("Free", "1000", {}, "0"),
        ("41.20 EUR / 100 kg", "0", {"kg": "250"}, "103"),
        ("32.00 EUR / hl", "0", {"l": "50"}, "16"),
        ("114.00 EUR / tonne", "0", {"kg": "500"}, "57"),
        ("1,024.00 EUR / tonne", "0", {"kg": "250"}, "256"),
        ("52.00 EUR / 1,000 items", "0", {"item": "500"}, "26"),
        ("10.20% + 93.10 EUR / 100 kg", "1000", {"kg": "100"}, "195.1"),
        ("6.4 + 24.6 EUR/100 kg", "1000", {"kg": "100"}, "88.6"),
        # at least and at most (Regulation (EEC) No 2658/87, CN 9102 11 00)
        ("4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item", "100", {"item": "100"}, "30"),
        ("4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item", "1000", {"item": "100"}, "45"),
        ("4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item", "9000", {"item": "100"}, "80"),
        ("6.20% + 27.10 EUR / 100 kg MAX 17.90%", "100", {"kg": "100"}, "17.9"),
        ("6.50% MAX 5.00 EUR / 100 m", "1000", {"m": "200"}, "10"),
        ("MIP 0.56 EUR/item", "50", {"item": "100"}, "6"),
        ("MIP 0.56 EUR/item", "60", {"item": "100"}, "0"),
    ],
)
def test_amounts_of_european_texts(
    text: str, value: str, quantities: dict[str, str], amount: str
) -> None:
    assert parse_duty(text).of(goods(value, quantities=quantities)) == D(amount)


@pytest.mark.parametrize(
    ("text", "value", "quantities", "amount"),
    [
        # HTS 8211.93.00: the worked example of bmsi.com, 1,896 USD on 24,000 USD and 20,000 knives
        ("3¢ each + 5.4%", "24000", {"item": "20000"}, "1896"),
        ("46.3 cents/kg + 14.9%", "100", {"kg": "10"}, "19.53"),
        ("$1.035/kg +13.6%", "100", {"kg": "10"}, "23.95"),
        ("2.8 cents/doz.", "0", {"item": "24"}, "0.056"),
        ("76 cents/pr. + 32%", "100", {"pair": "10"}, "39.6"),
        ("$2.16 each", "0", {"item": "3"}, "6.48"),
    ],
)
def test_amounts_of_american_texts(
    text: str, value: str, quantities: dict[str, str], amount: str
) -> None:
    assert parse_duty(text).of(goods(value, "USD", quantities=quantities)) == D(amount)


def test_season_decides_by_day_and_over_new_year() -> None:
    cherries = parse_duty("14.00% (01 JUL - 31 JAN), 0.00% (01 FEB - 30 JUN)")
    for on, rate in ((date(2026, 1, 31), "14"), (date(2026, 2, 1), "0"), (date(2026, 7, 1), "14")):
        assert cherries.of(goods("100", "GBP", on)) == D(rate)
    rest = parse_duty("9.60% MIN 1.1 €/100 kg/net (01 JAN-14 APR), 13.60% MIN 1.6€/100kg/net")
    assert rest.of(goods("100", on=date(2026, 5, 1), quantities={"kg": "10"})) == D("13.6")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="by the kg"):
        parse_duty("41.20 EUR / 100 kg").of(goods("1"))
    with pytest.raises(InputError, match="'EA'"):
        parse_duty("9.00% +  EA MAX 18.70%  + ADSZ").of(goods("1"))
    with pytest.raises(InputError, match="not in GBP"):
        parse_duty("41.20 EUR / 100 kg").of(goods("1", "GBP", quantities={"kg": "1"}))


def test_elements_and_the_applicable_subheading() -> None:
    biscuits = parse_duty("9.00% +  EA MAX 18.70%  + ADSZ")
    given_ = Dutiable(D(100), "EUR", JUNE, {}, {"EA": D(12), "ADSZ": D(1)})
    assert biscuits.of(given_) == D("19.7")  # 9 + 12 = 21 is above 18.7 + 1
    extra = parse_duty("The duty provided in the applicable subheading + 25%")
    assert extra.of(Dutiable(D(100), "USD", JUNE, {}, {"subheading": D("3.9")})) == D("28.9")


@pytest.mark.parametrize("text", ["See additional U.S. note 2", "", "x" * 500])
def test_not_understood_is_said(text: str) -> None:
    with pytest.raises(InputError, match="not understood"):
        parse_duty(text)


LEAST_UNDERSTOOD = D("0.99")


@pytest.mark.parametrize(
    ("folder", "file", "code", "column", "not_understood"),
    [
        ("uk_eu_tariff_2021", "ukgt_cet.csv", "commodity", "cet_duty_rate", set[str]()),
        ("uk_eu_tariff_2021", "ukgt_cet.csv", "commodity", "ukgt_duty_rate", set[str]()),
        (
            "us_tariffs",
            "us_mfn_hts8.csv",
            "hts8",
            "mfn_text_rate",
            {"58109210", "58109290", "58109910", "58109990"},  # "See additional U.S. note …"
        ),
    ],
)
def test_every_official_line_parses_or_is_listed(
    folder: str, file: str, code: str, column: str, not_understood: set[str]
) -> None:
    with shared(folder, file).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    missed = set()
    for text in {row[column] for row in rows}:
        try:
            duty = parse_duty(text)
        except InputError:
            missed |= {row[code] for row in rows if row[column] == text}
            continue
        assert parse_duty(str(duty)) == duty
    assert missed == not_understood
    assert 1 - D(len(missed)) / len(rows) >= LEAST_UNDERSTOOD


def test_american_ad_valorem_texts_agree_with_the_published_numbers() -> None:
    """The USITC gives the ad valorem part as a number beside its text."""
    with shared("us_tariffs", "us_mfn_hts8.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["mfn_rate_type_code"] in ("0", "7") and "note" not in row["mfn_text_rate"]:
                assert share_of(parse_duty(row["mfn_text_rate"])) == D(row["mfn_ad_val_rate"])


positive = st.decimals(min_value=D("0.001"), max_value=99999, places=3)
specifics = st.builds(
    Specific, positive, st.sampled_from(["EUR", "GBP", "USD"]),
    st.sampled_from([D(1), D(12), D(100), D(1000)]), st.sampled_from(sorted(quantity_units())),
)  # fmt: skip
terms: st.SearchStrategy[Duty] = st.one_of(
    st.builds(AdValorem, st.decimals(min_value=0, max_value=9, places=5)),
    specifics,
    st.sampled_from(["EA", "ADSZ", "ADFM", "entry price", "subheading"]).map(Element),
    st.builds(MinimumPrice, specifics),
)
sums: st.SearchStrategy[Duty] = st.one_of(
    terms, st.lists(terms, min_size=2, max_size=3).map(lambda parts: Sum(tuple(parts)))
)
bounded: st.SearchStrategy[Duty] = st.one_of(
    sums,
    st.builds(Bounded, sums, sums, st.none()),
    st.builds(Bounded, sums, st.none(), sums),
    st.builds(Bounded, sums, sums, sums),
)
days = st.tuples(st.integers(1, 12), st.integers(1, 28))
seasons = st.builds(
    Season, st.lists(st.tuples(days, days), min_size=1, max_size=2).map(tuple), bounded
)
duties = st.one_of(bounded, st.lists(seasons, min_size=1, max_size=3).map(tuple).map(Seasonal))


@given(duties)
def test_text_reads_back_as_the_same_duty(duty: Duty) -> None:
    if len(str(duty)) <= 400:
        assert parse_duty(str(duty)) == duty


pieces = st.sampled_from(
    ["14", "%", "0.5", "EUR", "$", "cents", "¢", "/", "kg", "100", "+", "MIN", "MAX", "(", ")", ",",
     "01 JAN", "-", *MONTHS[:3], "Free", "EA", "MIP", "each", " ", "\n", "９", "E9", "inf", "nan"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=12).map("".join)))
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(OffingError):
        amount = duty_of_user(text).of(
            goods("100", "EUR", quantities={"kg": "1", "item": "1", "l": "1"})
        )
        assert amount >= 0


@given(st.text(max_size=30))
def test_no_text_breaks_the_units(text: str) -> None:
    found = measure(text)
    assert found is None or found[1] in quantity_units()


@pytest.mark.parametrize(
    ("text", "same"),
    [("１０％", "10%"), ("０．１４", "14%"), ("３．２ ＥＵＲ／１００ ｋｇ", "3.2 EUR/100 kg")],
)
def test_full_width_figures_are_read(text: str, same: str) -> None:
    assert str(duty_of_user(text)) == same


@pytest.mark.parametrize(
    ("text", "share"),
    [("22/88", "0.25"), ("1/4", "0.25"), ("1", "1"), ("0.5", "0.5"), ("0", "0"), ("150%", "1.5")],
)
def test_a_share_as_a_person_types_it(text: str, share: str) -> None:
    assert share_of(duty_of_user(text)) == D(share)


@pytest.mark.parametrize("text", ["1.01", "1.5", "2", "14"])
def test_a_number_above_one_may_be_either(text: str) -> None:
    with pytest.raises(InputError, match="share or a percentage"):
        duty_of_user(text)


def test_a_text_may_be_four_hundred_letters_long() -> None:
    longest = "10.5%" + " + 1%" * 79
    assert len(longest) == LONGEST == 400
    assert share_of(parse_duty(longest)) == D("0.895")
    with pytest.raises(InputError, match="not understood"):
        parse_duty(longest + "0")
    with pytest.raises(InputError, match="not understood"):
        parse_duty("5%\x07")


@pytest.mark.parametrize(
    "text",
    [
        "10% (01 FOO-31 MAY)", "10% (01 MAY-31 FOO)", "10% (00 JAN-31 MAY)", "10% (01 JAN-32 MAY)",
        "nonsense (01 JAN-31 MAY)", "10% (01 JAN-31 MAY, soon)", "0.30 EUR/parsec", "MIP 5%",
        "10% MIN 1% MIN 2%", "10% MIN nothing",
    ],
)  # fmt: skip
def test_a_part_that_is_no_day_no_unit_and_no_bound_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not understood"):
        parse_duty(text)


def test_a_season_has_its_first_and_its_last_day() -> None:
    duty = parse_duty("10% (01 JAN-31 MAY), 4% (1-30 JUN), 2%")
    assert isinstance(duty, Seasonal)
    days = {(1, 1): 10, (5, 31): 10, (6, 1): 4, (6, 30): 4, (7, 1): 2, (12, 31): 2}
    for (month, day), rate in days.items():
        found = duty.on(date(2026, month, day))
        assert share_of(found) == D(rate) / 100, (month, day)
    assert str(duty) == "10% (01 JAN-31 MAY), 4% (01 JUN-30 JUN), 2%"


def test_a_season_over_new_year() -> None:
    winter = Season((((11, 15), (2, 10)),), AdValorem(D("0.1")))
    for day in (date(2026, 11, 15), date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 10)):
        assert winter.holds(day)
    for day in (date(2026, 11, 14), date(2027, 2, 11)):
        assert not winter.holds(day)


def test_two_seasons_of_one_day_are_refused_and_so_is_a_day_without_one() -> None:
    may = Season((((5, 1), (5, 31)),), AdValorem(D("0.1")))
    with pytest.raises(RuleError, match="two rates"):
        Seasonal((may, may)).on(date(2026, 5, 1))
    with pytest.raises(RuleError, match="2026-06-01"):
        Seasonal((may,)).on(date(2026, 6, 1))


def declared(**quantities: int) -> Dutiable:
    return Dutiable(D(1000), "EUR", date(2026, 6, 1), {u: D(n) for u, n in quantities.items()})


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Free", 0),
        ("14%", 140),
        ("93.10 EUR/100 kg", "186.2"),  # 200 kg
        ("4% + 10 EUR/100 kg", 60),
        ("4% MIN 1 EUR/kg", 200),
        ("40% MIN 1 EUR/kg", 400),
        ("40% MAX 1 EUR/kg", 200),
        ("4% MAX 1 EUR/kg", 40),
        ("1% MIN 5% MAX 3%", 30),  # the upper one wins where they cross
        ("MIP 6 EUR/kg", 200),  # 1,200 less the value of 1,000
        ("MIP 5 EUR/kg", 0),
        ("MIP 4 EUR/kg", 0),
    ],
)
def test_amounts_on_a_thousand_euros_of_two_hundred_kilograms(text: str, amount: object) -> None:
    assert parse_duty(text).of(declared(kg=200)) == D(str(amount))


EUROS = Specific(D(2), "EUR", D(1), "kg")
DOLLARS = Specific(D(3), "USD", D(1), "kg")


@pytest.mark.parametrize(
    ("duty", "means"),
    [
        (EUROS, "200 RUB/kg"),
        (Specific(D(7), "RUB", D(1), "kg"), "7 RUB/kg"),
        (AdValorem(D("0.1")), "10%"),
        (Sum((AdValorem(D("0.1")), EUROS, DOLLARS)), "10% + 200 RUB/kg + 240 RUB/kg"),
        (Bounded(AdValorem(D("0.1")), EUROS), "10% MIN 200 RUB/kg"),
        (Bounded(EUROS, None, DOLLARS), "200 RUB/kg MAX 240 RUB/kg"),
        (MinimumPrice(EUROS), "MIP 200 RUB/kg"),
        (Seasonal((Season((((1, 1), (1, 31)),), EUROS),)), "200 RUB/kg (01 JAN-31 JAN)"),
    ],
)
def test_amounts_in_the_importers_currency(duty: Duty, means: str) -> None:
    rates = {"EUR": D(100), "USD": D(80)}
    assert str(convert_duty(duty, "RUB", rates.__getitem__)) == means


def test_the_share_of_a_duty() -> None:
    assert share_of(Sum((AdValorem(D("0.03")), AdValorem(D("0.02"))))) == D("0.05")
    assert share_of(Sum(())) == 0
    assert share_of(Sum((AdValorem(D("0.03")), EUROS))) is None
    assert share_of(EUROS) is None


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("kg", (1, "kg")), ("1 kg", (1, "kg")), ("100 kg", (100, "kg")),
        ("1,000 kg", (1000, "kg")), ("2 doz", (24, "item")), ("12", (12, "item")),
        ("0.5 hl", (50, "l")), ("0 kg", None), ("2 parsec", None), ("parsec", None),
    ],
)  # fmt: skip
def test_how_many_of_which_unit(text: str, means: tuple[int, str] | None) -> None:
    found = measure(text)
    assert found == (means and (D(means[0]), means[1]))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("10% or 0.5 EUR/kg, whichever is higher", "10% MIN 0.5 EUR/kg"),
        ("10% or 0.5 EUR/kg, whichever is the greater", "10% MIN 0.5 EUR/kg"),
        ("10% or 0.5 EUR/kg, whichever is lower", "10% MAX 0.5 EUR/kg"),
        ("10% or 0.5 EUR/kg, whichever is less", "10% MAX 0.5 EUR/kg"),
        ("10%或每公斤0.5欧元，取较高者", "10% MIN 0.5 EUR/kg"),
        ("10%或每公斤0.5欧元，取低", "10% MAX 0.5 EUR/kg"), ("每100公斤5欧元", "5 EUR/100 kg"),
        ("5欧元/100公斤", "5 EUR/100 kg"), ("5欧元/双", "5 EUR/pair"),
        ("3 percent plus 2 usd per kg", "3% + 2 USD/kg"), ("€2/kg", "2 EUR/kg"),
        ("10% min 2 eur/kg", "10% MIN 2 EUR/kg"), ("usd 2/kg", "2 USD/kg"),
        ("MIP 2 EUR/kg", "MIP 2 EUR/kg"),
    ],
)  # fmt: skip
def test_duties_as_people_write_them(text: str, means: str) -> None:
    assert as_tariffs_write(text) == means


def test_free_is_written_as_a_word_and_one_per_cent_is_not() -> None:
    assert str(AdValorem(D(0))) == "Free"
    assert str(AdValorem(D(1))) == "100%"
    assert str(AdValorem(D("0.01"))) == "1%"
    assert str(Specific(D(5), "EUR", D(1), "kg")) == "5 EUR/kg"
    assert str(Specific(D("5.50"), "EUR", D(100), "kg")) == "5.5 EUR/100 kg"
