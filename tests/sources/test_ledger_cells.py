"""The cells of a ledger: what is read, and what is never guessed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.sources import ledger_cells as cells
from offing.sources import ledger_line, numbers
from offing.terms.errors import InputError, Where


def amount_of(text: str, comma: bool = False) -> numbers.Amount | None:
    found = numbers.read_amount(text, comma)
    return cells.round_product(found) if found else None


def value_of(text: str, comma: bool = False) -> Decimal | None:
    found = amount_of(text, comma)
    return found.value if found else None


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024/3/5", "20240305", "2024年3月5日", "２０２４－０３－０５",
        "2024-03-05 00:00:00", "2024/3/5 下午 3:20", "2024年3月5日 星期二", "45356",
        "5-Mar-2024", "Mar 5, 2024", "二〇二四年三月五日",
    ],
)  # fmt: skip
def test_dates(text: str) -> None:
    assert cells.read_date(text) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["25.3.5", "24.12.31"], ["2025-3-5", "2024-12-31"]),
        (["05/03/25", "31/12/24"], ["05/03/2025", "31/12/2024"]),
        (["25.3.24"], []),
        (["25.3.5", "2024.12.31"], []),
        (["3.5"], []),
    ],
)
def test_a_year_of_two_digits_is_told_by_the_column(texts: list[str], found: list[str]) -> None:
    assert list(cells.add_centuries(texts).values()) == found


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-02-30", "03/05/2024", "5/3/24", "1899-01-01", "二〇二四年十三月五日"]
)
def test_no_date_is_guessed(text: str) -> None:
    assert cells.read_date(text) is None


def test_day_order_comes_from_the_ledger_itself() -> None:
    assert cells.order_of_days(["03/05/2024", "31/12/2023"]) == "day-first"
    assert cells.order_of_days(["03/05/2024", "12/31/2023"]) == "month-first"
    assert cells.order_of_days(["31/12/2023", "12/31/2023"]) is None
    assert cells.order_of_days(["03/05/2024"]) is None
    assert cells.read_date("03/05/2024", "day-first") == date(2024, 5, 3)
    assert cells.read_date("03/05/2024", "month-first") == date(2024, 3, 5)
    assert cells.read_date("31/12/2023", "month-first") == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,234.50", "1234.5", None),
        ("1.234,50", "1234.5", None),
        ("12,34,567", None, None),  # Indian grouping is not told from a slip
        ("(1,234.50)", "-1234.5", None),
        ("12.5万元", "125000", "CNY"),
        ("$1,234", "1234", None),  # a dollar of some country
        ("58800.00000000001", "58800", None),
        ("1.2.3", None, None),
        ("(-5)", None, None),
        ("10000000000000", None, None),
        ("EUR 10 USD", None, None),
    ],
)
def test_amounts(text: str, value: str | None, currency: str | None) -> None:
    found = amount_of(text)
    if value is None:
        assert found is None
    else:
        assert found is not None
        assert (found.value, found.currency) == (Decimal(value), currency)


def test_decimal_comma_is_the_ledgers_own() -> None:
    def comma(*texts: str) -> bool:
        column = numbers.evidence("x", enumerate(texts))
        return numbers.decimal_commas({"x": column}, Where("f"))["x"]

    assert comma("1.234,50", "1.234")
    assert not comma("1,234.50", "1,234")
    for unclear in (("1,5", "1.5"), ("1.200", "108.000"), ("850.000",)):
        with pytest.raises(InputError):
            comma(*unclear)
    assert value_of("1.234", comma=True) == value_of("1,234") == 1234
    assert value_of("1,234", comma=True) == value_of("1.234") == Decimal("1.234")


def test_names() -> None:
    currencies = {"usd": "USD", "美元": "USD", "人民币": "CNY", "港币": "HKD", "$": None}
    assert {text: numbers.read_currency(text) for text in currencies} == currencies
    brands = {"自主品牌": "own", "Own brand": "own", "贴牌": "oem", "Hisun": "Hisun"}
    assert {text: cells.read_brand(text) for text in brands} == brands
    terms = {"FOB 宁波": "FOB", "c&f": "CFR", "EXWORKS": None, "CIF/FOB": None, "FOB/SHA": "FOB"}
    assert {text: cells.read_incoterm(text) for text in terms} == terms


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_cell_is_read_or_not(text: str) -> None:
    amount = amount_of(text)
    assert amount is None or abs(amount.value) < Decimal("1e13")
    day = cells.read_date(text)
    assert day is None or cells.FIRST <= day < cells.LAST
    code = cells.read_code(text)
    assert code is None or (code.isascii() and code.isdigit() and len(code) in (2, 4, 6, 8, 10))
    cells.read_market(text)
    numbers.read_currency(text)
    cells.read_brand(text)
    cells.read_incoterm(text)


@given(st.decimals("-9999999999999", "9999999999999", places=4))
def test_written_amounts_come_back(value: Decimal) -> None:
    assert value_of(f"{value:f}") == value_of(f"{value:,.4f}") == value


@given(st.dates(cells.FIRST, cells.LAST - timedelta(days=1)))
def test_written_dates_come_back(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", serial):
        assert cells.read_date(text) == day


TODAY = date.today()  # noqa: DTZ011 - the user's own day


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{TODAY.year - 1}", date(TODAY.year - 1, 12, 31)),
        (f"{TODAY.year}", "reference.year_not_over"),
        (f"{TODAY.year + 1}", "reference.day_to_come"),
        (f"{TODAY:%Y-%m}", None),  # a month that runs: its last day, though that is to come
        ("2024-02", date(2024, 2, 29)),
        (f"{TODAY.year + 1}-01", "reference.day_to_come"),
        (f"{TODAY.isoformat()}", TODAY),
        (f"{(TODAY + timedelta(days=1)).isoformat()}", "reference.day_to_come"),
        ("03/04/2024", "reference.ambiguous_date"),
        ("3.4.2024", "reference.ambiguous_date"),
        ("soon", "reference.bad_date"),
        ("", "reference.bad_date"),
    ],
)
def test_a_day_by_what_is_said_of_it(text: str, found: date | str | None) -> None:
    if isinstance(found, str):
        with pytest.raises(InputError) as caught:
            ledger_line._day(text, None)
        assert caught.value.key == found
        return
    day = ledger_line._day(text, None)
    if found is None:
        assert (day.year, day.month) == (TODAY.year, TODAY.month)
        assert (day + timedelta(days=1)).month != TODAY.month
    else:
        assert day == found
