"""The workwear example: every command of its README runs, with the sums done by hand."""

import json
import re
import shlex
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from offing.cli.app import run

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "workwear"


@pytest.fixture(autouse=True)
def starter_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has loaded nothing, at the top of the project."""
    monkeypatch.chdir(ROOT)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def commands() -> list[str]:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    first = text.partition("## The whole study")[0]
    return re.findall(r"^    offing (.+)$", first, re.MULTILINE)


def test_the_whole_study_runs_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The two commands of the README, in a copy, with the trade that comes with the example."""
    copytree(EXAMPLE, tmp_path / "examples" / "workwear")
    monkeypatch.chdir(tmp_path)
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    whole = text.partition("## The whole study")[2]
    for command in re.findall(r"^    offing (.+)$", whole, re.MULTILINE):
        assert run([*shlex.split(command), "--lang", "en"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The data set us-garments (2013–2024, 504 flows)" in said
    assert "no imports of the product in 2024 into Germany" in said
    assert "Visit the United States" in said
    result = json.loads(Path("out/workwear/result.json").read_text(encoding="utf-8"))
    assert {row["market"] for row in result["plan"]["rows"]} == {"USA"}
    assert result["settlement"]["cost_rate"] > 0


def test_the_months_of_2026_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """July: credit 85,000 + 1,050,000 - 540,000 = 595,000, under the ceiling of
    (2,380,000 + 612,000 × 6.79) × 13 % = 849,612.40.

    August: bonded cloth 430,000 × 6.75 × 62 % = 1,799,550 takes 233,941.50 off the ceiling of
    7,052,500 × 13 %: 682,883.50, still above the 585,000 of credit. September: the ceiling of
    6,050,100 × 13 % = 786,513 is under 930,000, so 143,487 is carried into October.
    """
    months = said(
        capsys, "refund", "--months", str(EXAMPLE / "months.toml"), "--on", "2026-11-24"
    )["months"]  # fmt: skip
    figures = [(m["period"], m["refund"], m["exempt_credit"], m["carry_forward"]) for m in months]
    assert figures == [
        ("2026-07", "595000.00", "254612.40", "0.00"),
        ("2026-08", "585000.00", "97883.50", "0.00"),
        ("2026-09", "786513.00", "0.00", "143487.00"),
        ("2026-10", "653487.00", "600818.00", "0.00"),
    ]
