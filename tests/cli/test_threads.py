"""The same bytes on one thread and on eight."""

import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_an_outlook_is_the_same_on_one_thread_and_on_eight() -> None:
    told = []
    for threads in ("1", "8"):
        names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        done = subprocess.run(
            [sys.executable, "-c", "from offing.cli.app import main; main()", "outlook", "8528",
             "--origin", "CHN", "--json"],
            env={**os.environ, **dict.fromkeys(names, threads)},
            capture_output=True,
            check=True,
            timeout=300,
        )  # fmt: skip
        told.append(done.stdout)
    assert told[0] == told[1]
