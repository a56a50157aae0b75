"""Dataclasses, Decimals and dates as plain data for JSON."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any


def values_of(record: Any, *names: str) -> Any:
    """Some attributes of a record by name, tables and records as rows and mappings.

    A name may be a path, ``fit.rows``, which goes by its last part, and may have a key of its own,
    ``years=fit.years``. Nothing has nothing.

    >>> values_of(1 + 2j, "real", "part=imag")
    {'real': 1.0, 'part': 2.0}
    """
    if record is None:
        return None
    values = {}
    for name in names:
        key, _, path = name.rpartition("=")
        value = record
        for part in path.split("."):
            value = None if value is None else getattr(value, part)
        values[key or path.rpartition(".")[2]] = as_data(value)
    return values


def as_data(value: Any) -> Any:
    """A record, a table, a caution or an error as mappings and lists; its numbers stay as they are.

    >>> as_data(((1.5,), "x"))
    [[1.5], 'x']
    """
    for name in ("data", "as_json", "to_dicts"):
        if callable(told := getattr(value, name, None)):
            return told()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_data(item) for key, item in value.items()}
    return [as_data(item) for item in value] if isinstance(value, list | tuple) else value


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


def map_texts(value: Any, write: Callable[[str], str]) -> Any:
    """Plain data with every text written anew.

    >>> map_texts({"a": ["x", 1]}, str.upper)
    {'a': ['X', 1]}
    """
    if isinstance(value, str):
        return write(value)
    if isinstance(value, dict):
        return {key: map_texts(item, write) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map_texts(item, write) for item in value)
    return value
