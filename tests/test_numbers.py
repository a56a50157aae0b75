"""Numbers as a person writes them. The expected texts are written by hand."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import offing
from offing.report.views.markets import view
from offing.rules.rule_use import RuleUse, value_text
from offing.terms import numbers
from offing.terms.messages import Language, using_language

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
