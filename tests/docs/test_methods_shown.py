"""Every method of worked cases stands on its guide, in both languages."""

from pathlib import Path

import pytest

from offing.cases.checking import IMPORTER
from offing.cases.words import methods

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "how-to"


@pytest.mark.parametrize("ending", [".md", ".zh.md"])
def test_methods_are_shown(ending: str) -> None:
    page = (GUIDES / f"check-worked-cases{ending}").read_text(encoding="utf-8")
    assert [name for name in methods() if name != IMPORTER and f"`{name}`" not in page] == []
