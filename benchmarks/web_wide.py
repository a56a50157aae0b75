"""The workbench on five years as large as BACI: eleven million flows a year, loaded as users do.

``python -m benchmarks.web_wide [ROWS A YEAR]`` makes the years, loads them with ``offing load
baci``, both once (kept in the cache), works out the plan of the example on them, and asks every
page: warm as a browser asks again, made anew, and the very first time.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import Row
from benchmarks.__main__ import table
from benchmarks.jobs import web
from benchmarks.real_shape import FIRST, LAST, ROWS, year_file
from benchmarks.world import cache_folder

P95_S = 0.15


def warehouse(rows: int = ROWS) -> Path:
    """A warehouse with all years, loaded with every check."""
    folder = cache_folder() / f"five-years-{rows}"
    if not (folder / "catalog.json").exists():
        files = [str(year_file(year, rows)) for year in range(FIRST, LAST + 1)]
        command = [sys.executable, "-m", "offing", "load", "baci", *files]
        subprocess.run([*command, "--warehouse", str(folder)], check=True)
    return folder


def run(rows: int = ROWS) -> list[Row]:
    """The plan, then every page of the navigation with its question."""
    wide = warehouse(rows)
    with tempfile.TemporaryDirectory() as home, web.serving(Path(home), wide) as (port, number):
        began = time.perf_counter()
        cookie, study, moves = web.prepared(port, wait=1800)
        told = [Row("example opened and its plan worked out", time.perf_counter() - began)]
        client = web.Client(port, cookie)
        pages = web.addresses(study)
        first = [Row(f"{name}, the first time", client.get(pages[name])[0]) for name in pages]
        told += [*first, *web.page_rows(client, pages, number, P95_S)]
        return [*told, web.switch_row(client, pages["plan"], moves, number)]


if __name__ == "__main__":
    sys.exit(table(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)))
