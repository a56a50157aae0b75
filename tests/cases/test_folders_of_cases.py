"""``offing check FOLDER`` runs the files of cases in it."""

from pathlib import Path

import pytest

from offing.cases.given import case_files
from offing.cli.app import run
from offing.terms.errors import InputError

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


def test_cases_in_toml_are_among_them_rules_are_not(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[[case]]\nid = "A"\nmethod = "ecr"\n', "utf-8")
    (tmp_path / "rules.toml").write_text('[[case]]\nid = "A"\ncode = "8528"\n', "utf-8")
    (tmp_path / "broken.toml").write_text("[[case\n", "utf-8")
    assert [file.name for file in case_files(tmp_path)] == ["broken.toml", "own.toml"]


def test_a_folder_without_cases_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        case_files(folder(tmp_path))
    assert caught.value.key == "check.no_cases_in_folder"
    assert ".yaml" in str(caught.value)
