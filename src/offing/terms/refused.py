"""Why pydantic refused a value of a file, in the reader's words."""

import re
from decimal import Decimal
from typing import Any

from offing.terms.messages import enumerated, say

BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
WORDS = ("date", "bool", "list", "dict", "string", "int", "decimal", "float")


def _choices(expected: str) -> str:
    """Pydantic's ``'EXW', 'FCA' or 'FOB'`` as plain words."""
    return enumerated(re.findall(r"'([^']*)'", expected)) or expected


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
