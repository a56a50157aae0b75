"""A trade table of two countries, and a shock file of any text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from two_countries import TRADE


@pytest.fixture
def trade(tmp_path: Path) -> Path:
    path = tmp_path / "trade.csv"
    path.write_text(TRADE, encoding="utf-8")
    return path


@pytest.fixture
def shock_file(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "shock.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written
