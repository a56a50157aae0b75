"""What is typed at most, what a path may be, and TOML that people write: looked at once, first.

What no table of a person is, is no TOML either. The parser of Python ends with other errors where
tables are nested some thousand deep or a number has thousands of digits; every reader of a file
would have to know of each.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from offing.terms.errors import LONGEST_WORD, SHOWN, InputError, Where, refused_by_disk
from offing.terms.messages import join_list, say

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


DEEPEST = 60
"""Tables in tables; a study has four."""
DIGITS = 40
LONGEST_KEY = 200


def parse_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The data of a TOML text.

    Raises:
        TOMLDecodeError: it is none, or deeper or longer than what people write.
    """
    try:
        data = tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError:
        raise
    except (RecursionError, ValueError):  # deeper, or a number longer, than Python's own limits
        raise _endless() from None
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return data
    raise _endless()


def _endless() -> tomllib.TOMLDecodeError:
    most = {"deep": DEEPEST, "digits": DIGITS, "key": LONGEST_KEY, "text": f"{LONGEST_TEXT:,}"}
    return tomllib.TOMLDecodeError(say("errors.reason_endless", **most))


def _inside(value: Any) -> list[Any]:
    """What is in a table or a list; a text, a key or a number must not be endless."""
    if isinstance(value, dict):
        for key in value:
            if len(key) > LONGEST_KEY:
                raise _endless()
        return list(value.values())
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise _endless()
    whole = isinstance(value, int) and abs(value) >= 10**DIGITS
    if whole or (isinstance(value, Decimal) and len(value.as_tuple().digits) > DIGITS):
        raise _endless()
    return value if isinstance(value, list) else []


BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
WORDS = ("date", "bool", "list", "dict", "string", "int", "decimal", "float")


def _choices(expected: str) -> str:
    """Pydantic's ``'EXW', 'FCA' or 'FOB'`` as plain words."""
    return join_list(re.findall(r"'([^']*)'", expected)) or expected


def reason_of(kind: str, context: dict[str, Any]) -> str:
    """A sentence for pydantic's ``type`` and ``ctx`` of an error.

    >>> reason_of("less_than_equal", {"le": 52})
    'it must be 52 or less'
    >>> reason_of("greater_than", {"gt": Decimal("-0.9")})
    'it must be above -0.9'
    >>> reason_of("greater_than", {"gt": "Decimal('-0.9')"})
    'it must be above -0.9'
    """
    if kind in BOUNDS:
        limit = next(iter(context.values()))
        text = f"{limit:g}" if isinstance(limit, float | Decimal) else str(limit)
        text = re.sub(
            r"^Decimal\('(.*)'\)$", r"\1", text
        )  # as pydantic names it behind a validator
        return say(f"errors.reason_{kind}", limit=text)
    if kind == "literal_error":
        return say("errors.reason_choice", all=_choices(context["expected"]))
    if kind in ("string_pattern_mismatch", "missing"):
        return say("errors.reason_missing" if kind == "missing" else "errors.reason_key")
    if kind == "string_too_short":
        return say("errors.reason_empty")
    for word in WORDS:
        if kind.startswith(word):
            number = word in ("int", "decimal", "float")
            return say(f"errors.reason_{'number' if number else word}")
    return say("errors.reason_number" if kind == "finite_number" else "errors.reason_other")
