"""``offing gravity --panel``, on published panels and on careless tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from offing.cli.app import run as offing

pytestmark = pytest.mark.slow

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")


def panel() -> pl.DataFrame:
    """Seven countries in four years: an agreement that comes into force, and zeros."""
    rng = np.random.default_rng(3)
    names = [f"C{i}" for i in range(7)]
    rows = pl.DataFrame(
        [(i, j, y) for i in names for j in names if i != j for y in range(2001, 2005)],
        schema=["exporter", "importer", "year"],
        orient="row",
    )
    since = rng.integers(2000, 2008, rows.height // 4).repeat(4)
    return rows.with_columns(
        trade=pl.Series(
            rng.gamma(0.7, 10.0, rows.height).round(3) * (rng.random(rows.height) > 0.2)
        ),
        rta=(pl.col("year") >= pl.Series(since)).cast(pl.Float64),
        tariff=pl.Series(rng.normal(size=rows.height).round(4)),
    )


def written(folder: Path, table: pl.DataFrame) -> str:
    file = folder / "panel.csv"
    table.write_csv(file)
    return str(file)


def made(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert offing(["gravity", "--panel", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["gravity_panel"]
    return found


def test_says_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = panel().with_columns(
        pl.when(pl.int_range(pl.len()) == 5).then(None).otherwise(pl.col("tariff")).alias("tariff"),
        pl.when((pl.col("exporter") == "C0") & (pl.col("importer") == "C1"))
        .then(0.0)
        .otherwise(pl.col("trade"))
        .alias("trade"),
        size=pl.col("exporter").str.slice(1).cast(pl.Int64) * pl.col("year"),
    )
    file, out = written(tmp_path, table), tmp_path / "out.csv"
    names = ["--covariates", "rta,tariff,size"]
    found = made(capsys, file, *names, "--out", str(out))
    assert found["collinear"] == ["size"]
    left = found["left_out"]
    assert isinstance(left, dict)
    assert left["missing"] == 1
    assert left["empty"] >= 3
    assert found["rows"] == table.height - sum(left.values())
    assert pl.read_csv(out)["se_pair"].null_count() == 1
    for lang, words in (("en", "never trades"), ("zh", "从无贸易")):
        assert offing(["gravity", "--panel", file, *names, "--lang", lang]) == 0
        shown = capsys.readouterr().out
        assert words in shown.replace("\n", " ")
        assert "size" in shown
