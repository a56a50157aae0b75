"""Flip bits in stored parts, size and time restored: ``python -m tools.flips [SEED] [COUNT]``.

An answer after a flip must be the one before it, or an error that names the part.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from offing.terms.errors import StorageError
from offing.warehouse import Warehouse
from offing.warehouse.loading import load
from tools.kills import year_of


def flips(folder: Path, seed: int, count: int) -> tuple[int, int]:
    """How many flips were named, and how many gave a wrong answer."""
    chance = random.Random(seed)
    right = Warehouse.open(folder).flows("852001")
    files = [folder / part.file for part in Warehouse.open(folder).catalog.parts]
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
            wrong += not Warehouse.open(folder).flows("852001").equals(right)
        except StorageError as error:
            named += str(file) in str(error)
            wrong += str(file) not in str(error)
        file.write_bytes(whole)
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    return named, wrong


def main() -> int:
    """Flip."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder) / "warehouse"
        load("baci", [year_of(Path(folder) / "files", 7)], house)
        start = time.monotonic()
        named, wrong = flips(house, seed, count)
        seconds = time.monotonic() - start
    print(f"seed {seed}: {count} flips, {named} named, {wrong} wrong answers, {seconds:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
