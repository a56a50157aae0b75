"""Dataclasses, Decimals and dates as plain data for JSON."""

from dataclasses import asdict, is_dataclass
from typing import Any


def plain(value: Any) -> Any:
    """A value as mappings, lists, numbers and texts; what JSON has no number for is null.

    >>> plain({"a": (1, float("nan"))})
    {'a': [1, None]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)
