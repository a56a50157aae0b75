"""Files of cases: the line that each refusal names, and what words, codes and numbers say."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offing.cases import reading
from offing.cases.reading import DEEPEST, case_files, read_cases
from offing.cases.values import day_written, written
from offing.cli.app import run
from offing.terms.errors import InputError

ONE = "- id: A\n  method: bank_fee\n  inputs: {amount: 1}\n  expected: {fee: 1}\n"


@pytest.mark.parametrize(
    ("text", "key", "row"),
    [
        (f"cases:\n{ONE}{ONE}", "check.id_twice", 6),
        ("cases:\n- id: A\n  id: B\n", "check.key_twice", 3),
        ("cases:\n- &a {id: A}\n", "check.alias", 2),
        ("cases:\n\n- !x {id: A}\n", "check.tag", 3),
        ("cases:\n- ? [a]\n  : 1\n", "check.bad_key", 2),
        ("cases: []\n--- \ncases: []\n", "check.two_documents", 2),
        ("cases:\n- id: [\n", "check.not_yaml", 3),
        ("cases:\n\n- method: x\n", "check.no_id", 3),
        ("cases:\n- id: [1]\n", "check.no_id", 2),
        ("cases:\n- id: A\n", "check.no_method", 2),
        ("cases:\n- id: A\n  model: x\n", "check.no_inputs", 2),
        ("cases:\n- id: A\n  model: x\n  inputs: {}\n", "check.nothing_expected", 2),
        (f"cases:\n{ONE.replace('{fee: 1}', '{}')}", "check.nothing_expected", 2),
        (f"cases:\n{ONE.replace('{fee: 1}', '5')}", "check.nothing_expected", 2),
        ("cases: 5\n", "check.no_cases", None),
        ("cases: []\n", "check.no_cases", None),
        ("- 5\n", "check.not_a_case", None),
    ],
)  # fmt: skip
def test_the_line_of_what_is_wrong(tmp_path: Path, text: str, key: str, row: int | None) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_cases(file)
    assert refused.value.key == key
    assert refused.value.where is not None
    assert refused.value.where.row == row
    assert str(refused.value)


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
    assert reading.LARGEST_FILE == 20_000_000
    file = tmp_path / "cases.yaml"
    file.write_text(ONE, encoding="utf-8")
    monkeypatch.setattr(reading, "LARGEST_FILE", len(ONE))
    assert len(read_cases(file)) == 1
    file.write_text("#" * 3_500_000, encoding="utf-8")
    monkeypatch.setattr(reading, "LARGEST_FILE", 2_999_999)
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
    found = written(text)
    if number is None:
        assert found is None
        return
    assert found is not None
    assert found.number == Decimal(number)
    assert (found.currency, found.unit, found.share) == (currency, unit, share)


def test_days_as_they_are_written() -> None:
    day = date(2026, 5, 20)
    for text in ("2026-05-20", "2026/5/20", "2026年5月20日"):
        assert day_written(text) == day, text
    for text in ("2026-13-01", "2026-02-30", "05/06/2026", "soon", "May"):
        assert day_written(text) is None, text


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_cases_are_nested_forty_deep_at_most(tmp_path: Path, opening: str, closing: str) -> None:
    """The file itself, its cases and what they hold count."""
    file = tmp_path / "cases.yaml"
    for depth, deep in ((DEEPEST, False), (DEEPEST + 1, True)):
        inner = depth - 3
        value = opening * inner + "1" + closing * inner
        file.write_text(f"cases:\n  - given: {value}\n", encoding="utf-8")
        try:
            read_cases(file)
            key = None
        except InputError as error:
            key = error.key
        assert (key == "check.too_deep") == deep, (depth, key)


CASE = """
cases:
- id: ONE
  method: fob_conversion
  inputs: {terms: C&I, amount: 10000, insurance: 0.3, insurance_mark: 1}
  expected: {fob: %s}
"""


def folder(path: Path, *answers: str) -> Path:
    for number, answer in enumerate(answers):
        (path / f"{number}.yaml").write_text(CASE % answer, "utf-8")
    (path / "study.toml").write_text("schema = 2\n[firm]\n", "utf-8")
    (path / "notes.txt").write_text("none", "utf-8")
    return path


def test_every_file_of_a_folder_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(folder(tmp_path, "9970", "9970"))]) == 0
    assert capsys.readouterr().out.count("1 of 1") == 2
    assert run(["check", str(folder(tmp_path, "9970", "9970", "9971"))]) == 1


def test_a_folder_without_cases_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        case_files(folder(tmp_path))
    assert caught.value.key == "check.no_cases_in_folder"
    assert ".yaml" in str(caught.value)
