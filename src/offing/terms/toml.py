"""TOML that people write: what no table of a person is, is no TOML either.

The parser of Python ends with other errors where tables are nested some thousand deep or a number
has thousands of digits; every reader of a file would have to know of each.
"""

import tomllib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

DEEPEST = 60
"""Tables in tables; a study has four."""
DIGITS = 40
LONGEST_KEY, LONGEST_TEXT = 200, 20_000


def parse_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The data of a TOML text.

    Raises:
        TOMLDecodeError: it is none, or deeper or longer than what people write.
    """
    try:
        data = tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError:
        raise
    except (RecursionError, ValueError) as error:
        raise tomllib.TOMLDecodeError(str(error)) from None
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return data
    raise tomllib.TOMLDecodeError(f"tables in tables, more than {DEEPEST} deep")


def _inside(value: Any) -> list[Any]:
    """What is in a table or a list; a text, a key or a number must not be endless."""
    if isinstance(value, dict):
        for key in value:
            if len(key) > LONGEST_KEY:
                raise tomllib.TOMLDecodeError(f"a key of {len(key):,} characters")
        return list(value.values())
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise tomllib.TOMLDecodeError(f"a text of {len(value):,} characters")
    whole = isinstance(value, int) and abs(value) >= 10**DIGITS
    if whole or (isinstance(value, Decimal) and len(value.as_tuple().digits) > DIGITS):
        raise tomllib.TOMLDecodeError(f"a number of more than {DIGITS} digits")
    return value if isinstance(value, list) else []
