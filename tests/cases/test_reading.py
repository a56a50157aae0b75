"""Files of cases: the line that each refusal names, and what words, codes and numbers say."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offing.cases import given
from offing.cases.given import read_cases
from offing.cases.words import day_written, parse_number
from offing.terms.errors import InputError

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
