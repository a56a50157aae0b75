"""As much of a study as one function looks at, made up, and one that is read in milliseconds."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import polars as pl

from offing.policy.shock_file import Shock, read_shock
from offing.study.file import Study, read_study
from plain_study import STUDY


def like(**parts: Any) -> Any:
    """Something with these attributes and no others."""
    return SimpleNamespace(**parts)


@cache
def plain() -> Study:
    """The study of one television set, 1,500 yuan a piece at a refund of 13 %."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "study.toml"
        file.write_text(STUDY, encoding="utf-8")
        return read_study(file)


def shock(folder: Path, tables: str, key: str = "made-up") -> Shock:
    """A shock with these tables."""
    file = folder / f"{key}.toml"
    file.write_text(f'[shock]\nname = "{key}"\nsource = "a guess"\n{tables}', encoding="utf-8")
    return read_shock(file)


def flows(*rows: tuple[int, str, str, float]) -> pl.DataFrame:
    """Trade: year, exporter, importer, USD."""
    return pl.DataFrame(rows, schema=["year", "exporter", "importer", "value_usd"], orient="row")
