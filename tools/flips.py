"""Flip bits in stored parts and in the catalogue: ``python -m tools.flips [SEED] [COUNT]``.

Size and time are restored. An answer after a flip must be the one before it, or an error that names
the file. So many flips are made in parts, and as many in the catalogue.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from offing.terms.errors import StorageError
from offing.warehouse import Warehouse
from offing.warehouse.catalog import FILE
from offing.warehouse.loading import load
from tools.kills import year_of


def flips(
    files: Sequence[Path], folder: Path, seed: int, count: int, product: str = "852001"
) -> tuple[int, int]:
    """How many flips in some files of a warehouse were named, and how many gave a wrong answer."""
    chance = random.Random(seed)
    right = answers(folder, product)
    named = wrong = 0
    for _ in range(count):
        file = chance.choice(files)
        whole, state = file.read_bytes(), file.stat()
        at = chance.randrange(len(whole))
        changed = bytearray(whole)
        changed[at] ^= 1 << chance.randrange(8)
        file.write_bytes(changed)
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
        try:
            wrong += answers(folder, product) != right
        except StorageError as error:
            named += str(file) in str(error)
            wrong += str(file) not in str(error)
        except Exception:
            wrong += 1
        file.write_bytes(whole)
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    return named, wrong


def answers(folder: Path, product: str) -> tuple[Any, ...]:
    """What a warehouse answers: flows, its sets and years, and the provenance of its loads."""
    warehouse = Warehouse.open(folder)
    rows = warehouse.flows(product).rows()
    return rows, warehouse.trade_sets(), warehouse.years("flows"), warehouse.catalog.loads


def main() -> int:
    """Flip."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder) / "warehouse"
        load("baci", [year_of(Path(folder) / "files", 7)], house)
        parts = [house / part.file for part in Warehouse.open(house).catalog.parts]
        wrong = 0
        for where, files in (("parts", parts), ("the catalogue", [house / FILE])):
            start = time.monotonic()
            named, bad = flips(files, house, seed, count)
            seconds = time.monotonic() - start
            print(
                f"seed {seed}: {count} flips in {where}, {named} named, {bad} wrong answers, "
                f"{seconds:.0f} s"
            )
            wrong += bad
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
