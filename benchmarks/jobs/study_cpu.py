"""What a study takes of a processor, beside a fixed piece of work of the same kinds.

Seconds of a processor, both processes of the study among them, so that a busy machine decides
little; and over a peer that never changes, so that a slow machine decides nothing. The peer reads
TOML in pure Python, compiles it, and sums and sorts with NumPy.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import Row

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tv-maker"
TIMES = 4

PEER = """
import ast, tomllib
import numpy as np

table = '[table{}]\\nname = "a name {}"\\nrate = {}.25\\ndays = [1, 2, 3]\\n'
text = "".join(table.format(n, n, n) for n in range(600))
for _ in range(40):
    tables = tomllib.loads(text)
    lines = (f"{name} = {values!r}" for name, values in tables.items())
    compile(ast.parse("\\n".join(lines)), "x", "exec")
random = np.random.default_rng(1)
values, weights = np.asfortranarray(random.random((2000, 130))), random.random(130)
for _ in range(2500):
    np.sort(values @ weights)
"""


def _seconds(arguments: list[str], environment: dict[str, str]) -> float:
    """Of a processor: of a program and of those that it starts."""
    before = os.times()
    subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment
    )
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def run() -> list[Row]:
    """The example study, cold and with what earlier runs kept, and the peer in between."""
    # Where bytecode may not be kept, every process compiles all modules anew.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    usual |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    cold, again, peer = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(TIMES):
            cache = str(Path(folder) / f"kept-{number}")
            ours = usual | {"OFFING_WAREHOUSE": str(Path(folder) / "none"), "OFFING_CACHE": cache}
            line = ["-m", "offing", "run", str(EXAMPLE), "--out", str(Path(folder) / "out")]
            cold.append(_seconds(line, ours))
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
            peer.append(_seconds(["-c", PEER], usual))
            again.append(_seconds(line, ours))
    work = "TOML, compiling, NumPy"
    return [
        Row("tv-maker study, processor, first", min(cold), work, min(peer), peak, bar_ratio=FIRST),
        Row("tv-maker study, processor, again", min(again), work, min(peer), bar_ratio=AGAIN),
    ]


FIRST, AGAIN = 5.6, 4.1
"""Of the peer's seconds. On 28 November 2026 it was 5.1 and 3.7; before that day 6.4 and 4.6."""
