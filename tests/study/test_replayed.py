"""What a second process and a page of help load: every module of it is waited for."""

import subprocess
import sys

import pytest

HEAVY = {"polars", "duckdb", "dataframely", "scipy"}


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("offing.study.backtest", HEAVY),  # makes the plans of earlier years aside
        ("offing.cli.show", HEAVY | {"numpy", "pydantic"}),  # every command
    ],
)
def test_what_is_waited_for_loads_nothing_heavy(module: str, without: set[str]) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert module in loaded
    assert not without & set(loaded)
