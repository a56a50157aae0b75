"""Kill loads and runs at random: ``python -m tools.kills [SEED] [LOADS] [RUNS]`` (make kills).

After each kill the warehouse must be whole: every part as its checksums say, the rows of before or
of after, and the next load must work. A killed run must leave no file of the run before empty.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from offing.warehouse import Warehouse
from offing.warehouse.loading import load

ROOT = Path(__file__).resolve().parents[1]
STARTS = "import sys; from offing.cli.app import main; main()"


def _offing(*arguments: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-c", STARTS, *arguments], env=env, stdout=quiet, stderr=quiet
    )


def _killed(process: subprocess.Popen[bytes], after: float) -> bool:
    """Whether it was still at work."""
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def year_of(folder: Path, value: int) -> Path:
    """A BACI year of 40,000 rows with one value."""
    folder.mkdir(exist_ok=True)
    lines = ["t,i,j,k,v,q"]
    partners = (40, 56, 100, 203, 208, 233, 246, 250, 276, 300)
    for product in range(400):
        code = f"{852000 + product:06d}"
        for exporter in partners:
            lines += [f"2020,{exporter},{i},{code},{value},1.5" for i in partners if i != exporter]
    (folder / "BACI_HS17_Y2020_V202601.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _whole(folder: Path) -> int | None:
    """The one value that the warehouse has; ``None`` where it is broken or mixed."""
    warehouse = Warehouse.open(folder)
    if any(state not in ("whole", "unsummed") for _, _, state in warehouse.parts_seen()):
        return None
    values = warehouse.flows("852001")["value_usd"].unique().to_list()
    return round(values[0] / 1000) if len(values) == 1 else None


def loads(seed: int, count: int) -> tuple[int, int]:
    """How many of ``count`` killed loads left the warehouse whole, and how many hit work."""
    chance = random.Random(seed)
    good = hit = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        house = folder / "warehouse"
        load("baci", [year_of(folder / "old", 7)], house)
        start = time.monotonic()
        process = _offing(
            "load", "baci", str(year_of(folder / "new", 8)), "--warehouse", str(house)
        )
        process.wait()
        takes = time.monotonic() - start
        last = _whole(house)
        for _ in range(count):
            source = chance.choice(("old", "new"))
            process = _offing("load", "baci", str(folder / source), "--warehouse", str(house))
            hit += _killed(process, chance.uniform(0.4 * takes, 0.95 * takes))
            value = _whole(house)
            expected = {last, 7 if source == "old" else 8}
            good += value is not None and value in expected
            last = value
        process = _offing("load", "baci", str(folder / "new"), "--warehouse", str(house))
        if process.wait() != 0 or _whole(house) != 8:
            good = 0
    return good, hit


def runs(seed: int, count: int) -> tuple[int, int]:
    """How many of ``count`` killed runs left the results as they were or whole, and hit work."""
    chance = random.Random(seed)
    good = hit = 0
    study = ROOT / "examples" / "tv-maker" / "study.toml"
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        start = time.monotonic()
        _offing("run", str(study), "--out", str(out)).wait()
        takes = time.monotonic() - start
        before = {file.name: file.read_bytes() for file in out.rglob("*") if file.is_file()}
        for _ in range(count):
            process = _offing("run", str(study), "--out", str(out))
            hit += _killed(process, chance.uniform(0.3 * takes, 1.05 * takes))
            after = {file.name: file.read_bytes() for file in out.rglob("*") if file.is_file()}
            good += all(after.get(name) for name in before)
    return good, hit


def main() -> int:
    """Kill loads, then runs."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    counts = [int(word) for word in sys.argv[2:4]] or [300, 50]
    bad = 0
    for name, kill, count in zip(("loads", "runs"), (loads, runs), counts, strict=False):
        good, hit = kill(seed, count)
        print(f"{name}: seed {seed}, {good} of {count} whole, {hit} of them killed at work")
        bad += count - good
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
