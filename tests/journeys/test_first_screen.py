"""What a person reads first fits one screen of 80 columns, and the rest is a word away."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from offing.cli.app import run as offing
from three_markets import three_markets

REFORM = """
[reform]
name = "no duty on sets in the EU"
[[rate]]
id = "eur.mfn.85287240"
value = "0%"
[[rate]]
id = "chn.refund.general"
value = "9%"
"""
SCREEN = 40
EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_study")]


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def told(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> list[str]:
    assert offing(list(words)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    return lines


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_what_if_is_one_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.chdir(tmp_path)  # a path cannot be broken: a long one would take a line for itself
    study = three_markets(tmp_path / "tv")
    reform = tmp_path / "reform.toml"
    reform.write_text(REFORM, encoding="utf-8")
    words = ["whatif", str(study), str(reform), "--out", "out", "--lang", lang]
    short = told(capsys, words)
    assert len(short) <= SCREEN
    assert any("--explain" in line for line in short)
    whole = told(capsys, [*words, "--explain"])
    assert len(whole) > len(short)
    assert any("SMART" in line and "GSIM" in line for line in whole)
