"""A workbook is read in a process of its own before the server reads it, which it cannot end.

Nothing heavy is imported here: the process begins with this module.
"""

import multiprocessing
import os
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from offing.terms.errors import InputError, OffingError

WALL = 3
"""Times the seconds of processor time that a busy machine may take."""


def is_readable(file: Path, seconds: float, mb: int) -> bool:
    """Whether every sheet of a workbook can be read in so much processor time and memory.

    The look at a workbook comes first; of what it refuses no sheet is read. What is wrong with a
    sheet that ends no process says the page that uses it.

    Raises:
        InputError: of the look; ``reference.huge_workbook`` and ``sources.huge_sheet`` are two.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_read, args=(file, seconds, mb, theirs), daemon=True)
    process.start()
    theirs.close()
    refusal = None
    with suppress(EOFError):  # it ended without a word
        refusal = ours.recv() if ours.poll(WALL * seconds) else None
    ours.close()
    if refusal is not None:
        process.kill()
        process.join()
        key, where, values = refusal
        raise InputError(key, where=where, **values)
    process.join(WALL * seconds)
    process.kill()  # where it has not ended
    process.join()
    return process.exitcode == 0


def _read(file: Path, seconds: float, mb: int, answer: Connection) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the reader's last words are long
    with suppress(ImportError):  # Windows has no such limits
        import resource as limits

        for kind, most in (
            (limits.RLIMIT_DATA, mb * 1_000_000),
            (limits.RLIMIT_CPU, max(1, int(seconds))),
            (limits.RLIMIT_CORE, 0),
        ):
            limits.setrlimit(kind, (most, limits.getrlimit(kind)[1]))
    import fastexcel

    from offing.sources.sheet_file import workbook_lines
    from offing.sources.sheet_look import look_at_book

    try:
        look_at_book(file)
    except InputError as error:
        answer.send((error.key, error.where, error.values))
        return
    answer.close()
    try:
        sheets = fastexcel.read_excel(file).sheet_names
    except fastexcel.FastExcelError:
        return
    for sheet in sheets:
        with suppress(OffingError):
            workbook_lines(file, sheet)
