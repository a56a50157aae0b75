"""The main job as its user waits for it: whole processes, cold start to written report."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import Row

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tv-maker"
TIMES = 3


def _seconds(arguments: list[str]) -> float:
    """The fastest of a few runs of a Python process, start and imports included."""
    best = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        none = {"OFFING_WAREHOUSE": str(Path(folder) / "none"), "OFFING_CACHE": folder}
        nothing_loaded = os.environ | none
        for number in range(TIMES):
            out = ["--out", str(Path(folder) / str(number))] if "run" in arguments else []
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments, *out],
                check=True,
                stdout=subprocess.DEVNULL,
                env=nothing_loaded,
            )
            best = min(best, time.perf_counter() - began)
    return best


def run() -> list[Row]:
    """Time the example study and a bare import."""
    bare = _seconds(["-c", "pass"])
    return [
        Row(
            "tv-maker study, cold process to report",
            _seconds(["-m", "offing", "run", str(EXAMPLE)]),
            bar=6.0,
        ),
        Row("import offing", _seconds(["-c", "import offing"]) - bare, bar=0.2),
    ]
