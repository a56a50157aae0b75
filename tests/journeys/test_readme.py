"""Every command that the README shows runs on a fresh machine, exactly as it stands there."""

import re
import shlex
from pathlib import Path

import pytest

from offing.cli.app import run

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ELSEWHERE = ("run", "plan", "whatif", "backtest")
"""Whole runs of the example: other journeys make them."""
BLOCK = README.split("## What it does")[1].split("```sh")[1].split("```")[0]
SHOWN = re.findall(r"^offing ([^#\n]+)", BLOCK, flags=re.MULTILINE)


def test_there_are_commands() -> None:
    assert len(SHOWN) >= 15
    assert {*ELSEWHERE} <= {line.split()[0] for line in SHOWN}


@pytest.mark.parametrize("line", [line.strip() for line in SHOWN])
def test_it_runs(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(line)
    if words[0] in ELSEWHERE:
        pytest.skip("another journey runs the example")
    words = [str(ROOT / word) if word.startswith("examples/") else word for word in words]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert run(words) == 0, capsys.readouterr().err
    assert capsys.readouterr().out.strip()
