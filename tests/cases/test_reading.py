"""Files of cases: what each line says or is refused for, and whether an answer holds."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offing.cases import given
from offing.cases.checking import EXACT_PLACES, LARGEST, compare_answer, round_as_stated
from offing.cases.given import Value, read_cases
from offing.cases.words import day_written, parse_number
from offing.refunds.calendar import months_later
from offing.settlement.forwards import PairQuote, _working_day
from offing.terms.errors import InputError, Where

ONE = "- id: A\n  method: bank_fee\n  inputs: {amount: 1}\n  expected: {fee: 1}\n"


def test_the_line_of_a_case_and_what_it_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(f"{ONE}\n# another\n{ONE.replace('A', 'B')}", encoding="utf-8")
    first, second = read_cases(file)
    assert (first.where.row, second.where.row) == (1, 7)
    assert first.rounding == "exact"
    file.write_text(f"{ONE}\n{ONE}", encoding="utf-8")
    with pytest.raises(InputError) as twice:
        read_cases(file)
    assert twice.value.values["first"] == 1


def test_a_file_of_twenty_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert given.LARGEST_FILE == 20_000_000
    file = tmp_path / "cases.yaml"
    file.write_text(ONE, encoding="utf-8")
    monkeypatch.setattr(given, "LARGEST_FILE", len(ONE))
    assert len(read_cases(file)) == 1
    file.write_text("#" * 3_500_000, encoding="utf-8")
    monkeypatch.setattr(given, "LARGEST_FILE", 2_999_999)
    with pytest.raises(InputError) as large:
        read_cases(file)
    assert large.value.values == {"size": 3, "largest": 2}


@pytest.mark.parametrize(
    ("text", "number", "currency", "unit", "share"),
    [
        ("8%", "0.08", "", "", True),
        ("35bp", "0.0035", "", "", True),
        ("USD 40,000", "40000", "usd", "", False),
        ("40,000元", "40000", "", "", False),  # a part of many words
        ("¥3", "3", "", "", False),
        ("$ 3m", None, "", "", False),
        ("USD 3m", "3000000", "usd", "", False),
        ("1800 kg", "1800", "", "kg", False),
        ("30万美元", "300000", "usd", "", False),
        ("1,5,0", None, "", "", False),
        ("lots", None, "", "", False),
    ],
)
def test_numbers_as_they_are_written(
    text: str, number: str | None, currency: str, unit: str, share: bool
) -> None:
    found = parse_number(text)
    if number is None:
        assert found is None
        return
    assert found is not None
    assert found.number == Decimal(number)
    assert (found.currency, found.unit, found.share) == (currency, unit, share)


def test_days_as_they_are_written() -> None:
    day = date(2026, 5, 20)
    for text in ("2026-05-20", "2026/5/20", "2026年5月20日", "20 May 2026", "May 20, 2026"):
        assert day_written(text) == day, text
    for text in ("2026-13-01", "2026-02-30", "05/06/2026", "soon", "May"):
        assert day_written(text) is None, text


D = Decimal


def holds(expected: Value, got: Value, rounding: Value = "exact") -> bool:
    return compare_answer(expected, got, rounding, "x", Where())[0]


@pytest.mark.parametrize(
    ("expected", "got", "rounding", "same"),
    [
        ("2.35", "2.345", "half_up_2", True),
        ("2.34", "2.345", "half_even_2", True),
        ("2.35", "2.341", "up_2", True),
        ("-2.34", "-2.349", "ceiling_2", True),
        ("2", "2.5", "tol_0.5", True),
        ("2", "2.51", "tol_0.5", False),
        ("1", "1.0000000000004", "exact", True),
        ("0.333333333333", "0.3333333333333333", "exact", True),
        ("2.346", "2.3454", "half_up_2", False),
    ],
)
def test_a_number_in_its_rounding(expected: str, got: str, rounding: str, same: bool) -> None:
    assert holds(D(expected), D(got), rounding) is same


def test_how_many_places_and_how_large() -> None:
    assert (EXACT_PLACES, LARGEST) == (12, 30)
    assert round_as_stated(D("1.0000000000005"), "exact") == D("1.000000000001")
    assert round_as_stated(D("1e30") + D("0.123"), "half_up_2") == D("1e30") + D("0.12")
    assert round_as_stated(D("1.5e31"), "half_up_2") == D("1.5e31")
    assert round_as_stated("x", "half_up_2") == "x"
    assert round_as_stated(D("2.345"), "nonsense") == D("2.345")


def test_a_rounding_for_each_answer() -> None:
    many: Value = {"x": "half_up_1", "default": "half_up_0"}
    assert compare_answer(D("2.3"), D("2.34"), many, "x", Where()) == (True, D("2.3"))
    assert compare_answer(D(2), D("2.34"), many, "y", Where()) == (True, D(2))
    assert not holds(D(2), D("2.34"), {"z": "half_up_1"})
    wrongs: tuple[Value, ...] = ("half_up", "tol_", "nearest_2", D(2), {"x": None})
    for wrong in wrongs:
        with pytest.raises(InputError):
            compare_answer(D(2), D(2), wrong, "x", Where())


def test_what_one_of_a_currency_brings() -> None:
    quote = PairQuote("USD", "EUR", D("1.10"), D("1.25"))
    assert quote.sold("EUR") == ("USD", D("1.10"))
    assert quote.sold("USD") == ("EUR", D("0.8"))


def test_months_on_and_working_days() -> None:
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 15), 12) == date(2027, 12, 15)
    assert months_later(date(2026, 12, 15), 0) == date(2026, 12, 15)
    friday, none = date(2026, 11, 27), frozenset[date]()
    assert _working_day(friday, none) == friday
    assert _working_day(date(2026, 11, 28), none) == friday.replace(day=30)
    assert _working_day(date(2026, 10, 31), none) == date(2026, 10, 30)  # before a new month begins
    assert _working_day(friday, frozenset({friday})) == date(2026, 11, 30)
    assert _working_day(date(2026, 11, 30), frozenset({date(2026, 11, 30)})) == friday
