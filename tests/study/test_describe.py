"""The how-to page of the study file: its snippets are one valid study, and it shows every key."""

import re
from pathlib import Path

import pytest

from offing.study import schema
from offing.study.file import read_study
from study.test_models import HEAD

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "describe-your-firm.md").read_text("utf-8")
ELSEWHERE = {"name", "dataset", "year", "horizon", "tiers", "largest_growth", "caution", "made_up"}
"""Keys whose meaning other pages say, or that the page says in its text."""


def test_the_snippets_are_a_study(tmp_path: Path) -> None:
    snippets = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "study.toml"
    file.write_text(HEAD + "\n".join(snippets), encoding="utf-8")
    study = read_study(file)
    assert study.model[0].elasticity is not None
    assert study.plant[1].duty_preferred("USA") is not None
    assert study.channel_in("DEU").commission > study.channel_in("POL").commission


@pytest.mark.parametrize(
    "section",
    ["ModelFacts", "Plant", "Line", "Makes", "Preference", "Channel", "MarketSums", "Announced",
     "Markets", "Limits", "Ranges", "Asking", "Rates"],
)  # fmt: skip
def test_every_key_is_shown(section: str) -> None:
    keys = set(getattr(schema, section).model_fields) - ELSEWHERE
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", PAGE)] == []
