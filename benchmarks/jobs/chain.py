"""Questions on 197,000 flows of the electric-vehicle chain: whole processes, first and again.

Seconds are processor time (user and system, all threads), which says less about who else uses the
machine than the clock does. *The first time* nothing is kept of the data; *again* it is.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import Row
from benchmarks.backtest_wide import SHARED, SOURCE

BATTERY = Path(__file__).resolve().parents[2] / "examples" / "battery-maker"
MARKETS_S, STUDY_S = 3.0, 15.0


def _seconds(arguments: list[str], home: Path) -> float:
    """Processor seconds of one command, start and imports included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "offing", *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OFFING_WAREHOUSE": str(home / "data"), "OFFING_CACHE": str(home)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run() -> list[Row]:
    """Markets for two exporters, then the battery maker's study twice."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _seconds(["load", "comtrade", str(SHARED / SOURCE)], home)
        markets, study = ["markets", "850760", "--origin"], ["run", str(BATTERY), "--out"]
        for name, arguments, bar in (
            ("markets of lithium cells from China, first", [*markets, "CHN"], MARKETS_S),
            ("the same from South Korea, then", [*markets, "KOR"], MARKETS_S),
            ("battery maker's study, then", [*study, str(home / "first")], STUDY_S),
            ("battery maker's study, again", [*study, str(home / "again")], STUDY_S),
        ):
            rows.append(Row(f"{name}, CPU", _seconds(arguments, home), bar=bar))
    return rows
