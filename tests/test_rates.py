"""Rates of exchange, amounts and counts as people write them, each by hand."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import offing
from offing.report.views.markets import view
from offing.rules.rule_use import RuleUse, value_text
from offing.terms import numbers
from offing.terms.errors import InputError
from offing.terms.exchange import FxTable, check_given, given_rates, old_rates, shift_rates
from offing.terms.interval import Interval
from offing.terms.messages import Language, using_language
from offing.terms.money import Money, amount, exactly, rate
from offing.terms.usual_figures import is_odd, usual_bounds

ON = date(2026, 1, 5)
D = Decimal


def table(**given: str) -> FxTable:
    """A euro is 1.25 dollars, 10 yuan and 200 yen; a dirham is known by the month."""
    per_eur = {"USD": (D("1.25"), ON), "CNY": (D(10), ON), "JPY": (D(200), date(2026, 1, 2))}
    return FxTable(
        ON, per_eur, given={code: D(text) for code, text in given.items()},
        thin={"AED": (D(4), date(2025, 12, 1))},
    )  # fmt: skip


def test_rates_over_the_euro() -> None:
    rates = table()
    assert rates.rate("CNY", "USD") == (D(8), ON)
    assert rates.rate("EUR", "USD") == (D("0.8"), ON)
    assert rates.rate("JPY", "CNY") == (D(20), date(2026, 1, 2))  # the older of two days
    assert rates.convert(D(3), "USD", "CNY") == 24
    assert rates.convert(D(3), "USD", "USD") == 3


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"CNY": "8"}, None),
        ({"CNY": "12"}, None),  # half as much again, and no more
        ({"CNY": "12.01"}, "landed.rate_far_off"),
        ({"CNY": "5.34"}, None),
        ({"CNY": "5.33"}, "landed.rate_far_off"),
        ({"CNY": "0.125"}, "landed.rate_upside_down"),
        ({"CNY": "0.08"}, "landed.rate_far_off"),
        ({"JPY": "1.6"}, "landed.rate_far_off"),  # of a hundred yen
        ({"AED": "12"}, None),  # three times what is known by the month
        ({"AED": "12.01"}, "landed.rate_far_off"),
        ({"EUR": "1.25"}, "landed.rate_upside_down"),  # dollars for a euro
        ({"EUR": "0.8"}, None),
        ({"EUR": "1.19"}, "landed.rate_upside_down"),  # of another week: its inverse is 5 % off
        ({"EUR": "1.17"}, None),  # a tenth and more off, which is said
        ({"VND": "5"}, None),  # of what nothing is known
    ],
)
def test_a_rate_that_is_far_from_the_days(given: dict[str, str], key: str | None) -> None:
    if key is None:
        check_given(table(**given))
        return
    with pytest.raises(InputError) as caught:
        check_given(table(**given))
    assert caught.value.key == key


def test_rates_under_a_change() -> None:
    """A dollar of a tenth less: 7.2 yuan; a given rate is for a dollar, too."""
    now = shift_rates(table(VND="25000"), {"USD": D("-0.1")})
    assert now.rate("CNY", "USD")[0] == pytest.approx(D("7.2"))
    assert now.given["VND"] == 22500
    assert now.thin["AED"][0] == D("3.6")
    dear = shift_rates(table(VND="25000"), {"VND": D("0.25"), "AED": D(1)})
    assert dear.given["VND"] == 20000
    assert dear.thin["AED"][0] == 2
    euro = shift_rates(table(), {"EUR": D("0.2")})
    assert euro.rate("USD", "EUR")[0] == D("1.5")
    same = table()
    assert shift_rates(same, {}) is same
    old = old_rates(["JPY", "USD"], date(2026, 1, 2), ON)
    assert (old.key, old["days"], old["day"]) == ("landed.warn_rate_old", "3", "2026-01-02")


def test_rates_as_they_are_typed() -> None:
    assert given_rates(["aed = 3.67", "VND=26300", "AED=3.67"]) == {
        "AED": D("3.67"), "VND": D(26300),
    }  # fmt: skip
    assert given_rates(["USD=1"]) == {"USD": D(1)}
    for texts, key in (
        (["AED"], "landed.bad_rate"), (["AED=0"], "landed.bad_rate"),
        (["AED=-1"], "landed.bad_rate"), (["AED=x"], "landed.bad_rate"),
        (["AED=3", "AED=4"], "landed.rate_twice"), (["USD=2"], "landed.rate_of_the_dollar"),
    ):  # fmt: skip
        with pytest.raises(InputError) as caught:
            given_rates(texts)
        assert caught.value.key == key


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234.50", "1234.50"), ("35.2万元", "352000.0"),
     ("(12.00)", "-12.00"), ("−4", "-4"), ("1e3", "1000"),],
)  # fmt: skip
def test_amounts_as_they_are_typed(text: str, value: str) -> None:
    assert amount(text) == D(value)


@pytest.mark.parametrize("text", ["", "x", "1,23", "1.2.3", "1e1234", "--1", "1,2345"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(InputError):
        amount(text)


def test_shares_and_sums_of_money() -> None:
    assert rate("13%", name="x") == rate(D("0.13"), name="x") == D("0.13")
    assert rate("0", name="x") == 0
    for text in ("1", "100%", "-0.1", "13"):
        with pytest.raises(InputError) as caught:
            rate(text, name="x")
        assert caught.value.key == "refund.bad_rate"
    assert Money(D(1), "USD") + Money(D("2.5"), "USD") == Money(D("3.5"), "USD")
    with pytest.raises(InputError) as caught:
        Money(D(1), "USD") + Money(D(1), "EUR")
    assert caught.value.key == "money.two_currencies"
    assert str(Money(D(1234), "USD")) == "USD 1,234"
    with exactly():
        assert len((D(1) / D(3)).as_tuple().digits) == 60


def test_time_without_a_hole() -> None:
    """Half-open: the day that ends one begins the other."""
    a, b, c, d = (date(2026, month, 1) for month in (1, 3, 6, 9))
    whole = Interval(a, d)
    assert whole.outside(Interval(b, c)) == [Interval(a, b), Interval(c, d)]
    assert whole.outside(Interval(None, c)) == [Interval(c, d)]
    assert whole.outside(Interval(a, d)) == []
    assert whole.outside(Interval(d, None)) == [whole]
    assert Interval(None, None).outside(Interval(b, c)) == [Interval(None, b), Interval(c, None)]
    assert str(Interval(None, a)) == "[…, 2026-01-01)"


RIGHT: dict[str, tuple[str, ...]] = {
    "interest": ("0.041", "0.12", "0.35", "0.005"),
    "spread": ("0.0002", "0.003", "0.02"),
    "ndf_basis": ("0.01", "-0.03", "0.001"),
    "cny_discount": ("0.002", "0.01", "0.03"),
    "credit_premium": ("0.0005", "0.004", "0.02"),
    "default_probability": ("0.0002", "0.01", "0.1"),
    "volatility": ("0.03", "0.08", "0.3"),
    "cargo_premium": ("0.0003", "0.003", "0.01"),
    "risk": ("0.005", "0.02", "0.1"),
    "hedge": ("0.25", "0.8", "1"),
    "cover": ("0.5", "0.9", "1"),
    "loss": ("0.45", "0.6", "1"),
    "discount": ("0.03", "0.08", "0.2"),
    "owed": ("0.01", "0.035", "0.12"),
    "commission": ("0.005", "0.03", "0.2"),
    "margin": ("0.1", "0.28", "0.6"),
    "duty": ("0.012", "0.14", "0.5"),
    "content": ("0.3", "0.62", "1"),
    "market_share": ("0.05", "0.35", "1"),
    "chance": ("0.05", "0.3", "0.9"),
}
"""As contracts, banks, insurers and tariffs write them."""
SMALL: tuple[str, ...] = ("ndf_basis", "default_probability")
"""Of which a hundredth is a rate as well."""


@pytest.mark.parametrize("kind", usual_bounds())
def test_a_rate_as_it_is_written_is_not_odd_and_one_of_other_places_is(kind: str) -> None:
    for text in RIGHT[kind]:
        assert not is_odd(kind, Decimal(text), currency="INR")
    assert is_odd(kind, Decimal(0)) == (kind in ("volatility", "loss"))
    middle = Decimal(RIGHT[kind][1])
    if kind not in SMALL:
        assert is_odd(kind, middle / 100, currency="INR")
    if usual_bounds()[kind][1] < 1:
        assert is_odd(kind, middle * 100)


@pytest.mark.parametrize(
    ("rate", "of_day", "odd"),
    [
        ("0.00041", "0.0388", True), ("0.0388", "0.0388", False), ("0.0050", "0.0388", False),
        ("0.00016", "0.0388", True), ("0.0097", "0.0388", False), ("0.00005", "0", False),
        ("0.000050", "0.0050", True), ("0.0010", "0.0050", False), ("0.095", "0.0020", True),
        ("-0.0005", "0.0200", False),
    ],
)  # fmt: skip
def test_what_the_day_has_tells_a_hundredth(rate: str, of_day: str, odd: bool) -> None:
    assert is_odd("interest", Decimal(rate), currency="USD", of_day=Decimal(of_day)) is odd


SCALES = {"": 1.0, "m": 1e6, "bn": 1e9, "万": 1e4, "亿": 1e8}


def plain(text: str) -> str:
    return text.replace(numbers.FIXED_SPACE, " ")


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0, "USD 0", "0 美元"), (512.4, "USD 512", "512 美元"),
        (12_437, "USD 12,400", "1.24 万美元"), (999_499, "USD 999,000", "99.9 万美元"),
        (999_600, "USD 1 m", "100 万美元"), (1_243_000, "USD 1.24 m", "124 万美元"),
        (124_300_000, "USD 124 m", "1.24 亿美元"), (2_500_000_000, "USD 2.5 bn", "25 亿美元"),
        (-1_243_000, "USD −1.24 m", "−124 万美元"),
    ],
)  # fmt: skip
def test_money(value: float, en: str, zh: str) -> None:
    with using_language("en"):
        assert plain(numbers.money(value)) == en
    with using_language("zh"):
        assert plain(numbers.money(value)) == zh


@given(value=st.floats(1.0, 1e13), lang=st.sampled_from(["en", "zh"]))
def test_money_is_right_to_three_digits(value: float, lang: Language) -> None:
    with using_language(lang):
        text = plain(numbers.money(value))
    found = re.fullmatch(r"(?:USD )?([\d,.]+) ?(m|bn|万|亿)?(?:美元)?", text)
    assert found is not None
    read = float(found[1].replace(",", "")) * SCALES[found[2] or ""]
    assert read == pytest.approx(value, rel=0.0051)


def test_a_range_has_one_unit() -> None:
    with using_language("en"):
        assert plain(numbers.money_range(940_000, 1_640_000)) == "USD 0.94–1.64 m"
        assert plain(numbers.money_range(-200_000, 1_640_000)) == "USD −0.2 to 1.64 m"
        assert numbers.percent_range(0.52, 0.75) == "52–75%"
        assert plain(numbers.money_range(-0.0673, 0.0595)) == "USD 0"
        assert plain(numbers.money_range(-0.0673, 2)) == "USD 0–2"
    with using_language("zh"):
        assert plain(numbers.money_range(940_000, 1_640_000)) == "94–164 万美元"
        written = numbers.moneys([12_400, 340_000], "CNY")
        assert plain(written.between(-0.0673, 0.0595)) == "0 万元"
        assert plain(written.between(-0.0673, 120_000)) == "0–12 万元"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "10%"), (0.0999, "10%"), (0.0949, "9.5%"), (0.05, "5%"), (-0.00001, ">−0.1%")],
)
def test_percent(value: float, text: str) -> None:
    assert numbers.percent(value) == text


def test_change_and_growth_have_their_sign() -> None:
    assert numbers.change(0.59) == "+59%"
    assert numbers.change(-0.031) == "−3.1%"
    with using_language("en"):
        assert numbers.yearly(0.0953) == "+10% a year"
    with using_language("zh"):
        assert numbers.yearly(0.0953) == "年均 +10%"


def test_a_column_has_one_unit_and_one_count_of_decimals() -> None:
    with using_language("en"):
        column = numbers.money_column([9_400_000, 470_000, 300, None])
        assert plain(column.unit) == "USD m"
        cells = [column.cell(v) for v in (9_400_000, 470_000, 300, 0, None, -200_000)]
    assert cells == ["9.40", "0.47", "<0.01", "0.00", "–", "−0.20"]


def test_amounts_beside_each_other_have_one_unit_in_chinese() -> None:
    with using_language("zh"):
        far = numbers.moneys([595_000_000, 2_780_000, None, 0], "CNY")
        assert plain(far(595_000_000)) == "59,500 万元"
        assert plain(far(2_780_000)) == "278 万元"
        near = numbers.moneys([595_000_000, 72_900_000], "CNY")
        assert [plain(near(v)) for v in (595_000_000, 72_900_000)] == ["5.95 亿元", "0.729 亿元"]
        assert plain(near.between(-72_900_000, 595_000_000)) == "−0.729 至 5.95 亿元"
        assert plain(numbers.moneys([], "CNY")(12_400)) == "1.24 万元"
    with using_language("en"):
        assert plain(numbers.moneys([595e6, 2_780_000], "CNY")(2_780_000)) == "CNY 2.78 m"


def test_days() -> None:
    with using_language("en"):
        assert plain(numbers.day(date(2025, 3, 31))) == "31 March 2025"
    with using_language("zh"):
        assert numbers.day(date(2025, 3, 31)) == "2025年3月31日"


def test_rates_of_rules_read_as_per_cent() -> None:
    shares = ("0.19", "0.003464", "0", "0.20", "1.5")
    read = [value_text(RuleUse("x", text, None, None, "", "user", "share")) for text in shares]
    assert read == ["19%", "0.3464%", "0%", "20%", "150%"]
    assert value_text(RuleUse("x", "14% + 2 EUR/kg", None, None, "", "user")) == "14% + 2 EUR/kg"


def test_ends_that_are_not_known_are_one_dash() -> None:
    """Of the first year of the shipped trade nothing is known of errors: no 80 % interval."""
    assert numbers.span_text("3.3", "10.6") == "3.3 – 10.6"
    assert numbers.span_text("–", "–") == numbers.span_text("3.3", "–") == "–"
    shown = str(view(offing.markets("8528", origin="CHN", as_of=2019)))
    assert "text='–'" in shown
    assert "– –" not in shown
