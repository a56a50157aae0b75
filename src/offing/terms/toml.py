"""TOML that people write: what no table of a person is, is no TOML either.

The parser of Python ends with other errors where tables are nested some thousand deep or a number
has thousands of digits; every reader of a file would have to know of each.
"""

import re
import tomllib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from offing.terms.messages import join_list, say

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
