"""What is typed at most, and what a path may be: looked at once, before anything reads it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from offing.terms.errors import LONGEST_WORD, SHOWN, InputError, Where, refused_by_disk

LONGEST_TEXT = 20_000
"""Characters in all; between two commas, semicolons or line ends :data:`LONGEST_WORD`."""
LONGEST_CELL, CUT = 2000, 32_768
"""Characters in a cell that is read, and of what none is looked at: spreadsheets hold no more."""
_APART = re.compile(r"[,，、;；\n]")


def must_be_short(name: str, value: Any) -> None:
    """Refuse what is far longer than anybody types: patterns and look-ups are made for words.

    A path is left to the system, but for a sign that none can have.

    Raises:
        InputError: ``cli.long_value``, ``cli.bad_path``.
    """
    for part in _texts(value):
        text = str(part)
        if "\0" in text:
            reason = "NUL"
            raise InputError("cli.bad_path", where=Where(shorten(text)), reason=reason)
        words = [text] if len(text) > LONGEST_TEXT else _APART.split(text)
        longest = max(map(len, words), default=0)
        if longest > LONGEST_WORD and not isinstance(part, Path):
            count, most, shown = f"{longest:,}", LONGEST_WORD, shorten(text)
            raise InputError("cli.long_value", name=name, count=count, text=shown, most=most)


def must_have_short_cells(rows: Mapping[int, Iterable[str]], file: str | Path) -> None:
    """Refuse rows, by their number, with a cell that is longer than any of a table.

    Raises:
        InputError: ``sources.long_cell``.
    """
    cells = ((row, cell) for row, cells in rows.items() for cell in cells)
    for row, cell in cells:
        if len(cell) > LONGEST_CELL:
            said = {"text": shorten(cell), "most": LONGEST_CELL}
            raise InputError("sources.long_cell", where=Where(file, row), **said)


def _texts(value: Any) -> Iterator[str | Path]:
    if isinstance(value, str | Path):
        yield value
    elif isinstance(value, Mapping):
        yield from (part for pair in value.items() for one in pair for part in _texts(one))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (part for one in value for part in _texts(one))


def shorten(text: object) -> str:
    """The beginning of a text for a message, without signs that steer a terminal."""
    plain = "".join(sign if sign.isprintable() else "�" for sign in str(text)[: SHOWN + 1])
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"


def path_refusal(error: OSError) -> InputError | None:
    """What to say of a path that the system refuses; nothing of an error without a path."""
    if error.filename is None:
        return None
    place = Where(shorten(error.filename))
    return InputError("cli.bad_path", where=place, reason=refused_by_disk(error))
