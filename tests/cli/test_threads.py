"""The same bytes on one thread and on eight, and nothing that another Python adds up otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from three_markets import three_markets

pytestmark = pytest.mark.usefixtures("nothing_kept")

NAMES = (
    "DUCKDB_THREADS_OF_THIS_TEST",  # DuckDB itself reads no variable
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
PROGRAM = """
import builtins, os, sys
import duckdb, polars

add = builtins.sum

def checked_sum(values, /, start=0):
    # Python adds floats in another way since 3.12; math.fsum is the same in all.
    values = list(values)
    ours = "offing" in sys._getframe(1).f_globals.get("__name__", "").partition(".")[0]
    assert not ours or [type(value) for value in values].count(float) < 3, values[:3]
    return add(values, start)

builtins.sum = checked_sum

connect, threads = duckdb.connect, int(os.environ["DUCKDB_THREADS_OF_THIS_TEST"])
duckdb.connect = lambda *given: connect(*given, config={"threads": threads})
taken = duckdb.connect().sql("SELECT current_setting('threads')").fetchall()[0][0]
assert (taken, polars.thread_pool_size()) == (threads, threads)
from offing.cli.app import main

main()
"""


def offing(threads: str, *line: str, warehouse: Path) -> bytes:
    """What a command writes to standard output on some threads."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *line],
        env={
            **os.environ,
            "OFFING_CACHE": "",  # what one thread made is not read by eight
            **dict.fromkeys(NAMES, threads),
            "OFFING_WAREHOUSE": str(warehouse),
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": threads,  # nor does the order of a set matter
        },
        capture_output=True,
        check=True,
        timeout=600,
    )
    return done.stdout


@pytest.mark.slow
def test_an_outlook_is_the_same_on_one_thread_and_on_eight(tmp_path: Path) -> None:
    line = ("outlook", "8528", "--origin", "CHN", "--json")
    one, eight = (offing(threads, *line, warehouse=tmp_path) for threads in ("1", "8"))
    assert one == eight
    assert b'"rows"' in one


@pytest.mark.slow
def test_a_study_is_the_same_on_one_thread_and_on_eight(tmp_path: Path) -> None:
    """Every byte of its folder: result, report, workbook, manifest."""
    folders, study = [], three_markets(tmp_path / "study")
    for threads in ("1", "8"):
        folder = tmp_path / threads / "out"
        folder.parent.mkdir()
        offing(threads, "run", str(study), "--out", str(folder), warehouse=tmp_path / "none")
        folders.append(
            {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.*")}
        )
    one, eight = folders
    assert set(one) == set(eight) >= {"result.json", "report.html", "plan.xlsx", "manifest.json"}
    assert [name for name in one if one[name] != eight[name]] == []
