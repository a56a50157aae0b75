"""Try a workbook in a process of its own, before this one reads it.

XLS, XLSB and ODS cannot be looked at as they stream. A reader of them may ask for more memory than
there is, and that ends its process.
"""

import subprocess
import sys
from pathlib import Path

from offing.terms.errors import InputError, Where

SECONDS, CELLS = 20, 1_000_000
"""Of the clock, and cells of a sheet: 15 columns of an XLS have no more."""
_TRY = """import sys, fastexcel
try:
    from resource import RLIMIT_AS, RLIMIT_CPU, setrlimit
    setrlimit(RLIMIT_AS, (800 << 20,) * 2), setrlimit(RLIMIT_CPU, (4, 4))
except (ImportError, OSError, ValueError): pass
book = fastexcel.read_excel(sys.argv[1])
assert len(book.sheet_names) <= int(sys.argv[3])
for name in book.sheet_names:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=1)
    assert sheet.total_height * sheet.width <= int(sys.argv[2])"""
"""A gigabyte is too much, and four seconds of computing; where the system has no limits, the time
of the clock alone."""


def try_aside(path: Path, sheets: int) -> None:
    """Let a process of its own read a workbook that does not stream; it may die of it.

    Raises:
        InputError: ``reference.huge_workbook`` where it dies, takes too long or has more
            ``sheets``, or one with more than :data:`CELLS`; ``reference.not_a_workbook``.
    """
    try:
        command = [sys.executable, "-c", _TRY, str(path), str(CELLS), str(sheets)]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise InputError("reference.huge_workbook", where=Where(path)) from None
    if done.returncode:
        huge = done.returncode < 0 or any(
            word in done.stderr for word in (b"AssertionError", b"limit exceeded")
        )
        key = "reference.huge_workbook" if huge else "reference.not_a_workbook"
        raise InputError(key, where=Where(path))
