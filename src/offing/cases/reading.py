"""Read a file of cases. Text stays text: ``NO`` is no truth value, ``010121`` no octal number.

YAML is built from its event stream, so that nothing is guessed and nothing can be smuggled in:
aliases, tags, duplicate keys and deep nesting are refused. Plain numbers become Decimal.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from offing.cases.inputs import Value
from offing.terms.errors import InputError, Where

LARGEST_FILE = 20_000_000
DEEPEST = 40

_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_PLAIN: dict[str, Value] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


@dataclass(frozen=True)
class Case:
    """One worked case.

    Attributes:
        id: its name, once in the file.
        name: the method or model.
        inputs: as read.
        expected: the answers, by name.
        rounding: one for all answers, or one for each.
        where: its place in the file.
    """

    id: str
    name: str
    inputs: dict[str, Value]
    expected: dict[str, Value]
    rounding: Value
    where: Where


def scalar(text: str, *, plain: bool = True) -> Value:
    """What a scalar means: a number, true, false, nothing, or text.

    >>> scalar("NO"), scalar("010121"), scalar("-4.80"), scalar("2026-01-15")
    ('NO', '010121', Decimal('-4.80'), '2026-01-15')
    """
    if plain and text in _PLAIN:
        return _PLAIN[text]
    return Decimal(text) if plain and _NUMBER.fullmatch(text) else text


class _Builder:
    """Turns YAML events into tables, lists and scalars, and remembers where lists' items stand."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.rows: dict[int, int] = {}
        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        self.events: Iterator[Any] = yaml.parse(text, Loader=loader)

    def _next(self) -> Any:
        event = next(self.events)
        row = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InputError("check.alias", where=Where(self.path, row))
        if getattr(event, "tag", None) and event.tag != "!":
            raise InputError("check.tag", where=Where(self.path, row), tag=event.tag)
        return event

    def document(self) -> Value:
        """The one document of the file."""
        built: Value = None
        seen = False
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise InputError(
                        "check.two_documents", where=Where(self.path, event.start_mark.line + 1)
                    )
                built, seen = self._value(self._next(), 0), True
        return built

    def _value(self, event: Any, depth: int) -> Value:
        row = event.start_mark.line + 1
        if depth > DEEPEST:
            raise InputError("check.too_deep", where=Where(self.path, row), deepest=DEEPEST)
        if isinstance(event, yaml.ScalarEvent):
            return scalar(event.value, plain=event.implicit[0])
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._value(event, depth + 1))
            return items
        table: dict[str, Value] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise InputError("check.bad_key", where=Where(self.path, event.start_mark.line + 1))
            if event.value in table:
                raise InputError(
                    "check.key_twice",
                    where=Where(self.path, event.start_mark.line + 1),
                    key=event.value,
                )
            table[event.value] = self._value(self._next(), depth + 1)
        self.rows[id(table)] = row
        return table


def _from_toml(value: Any) -> Value:
    if isinstance(value, dict):
        return {key: _from_toml(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_toml(item) for item in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, date | time | datetime):
        return value.isoformat()
    return str(value)


def _document(path: Path, text: str) -> tuple[Value, dict[int, int]]:
    if path.suffix.lower() == ".toml":
        try:
            return _from_toml(tomllib.loads(text, parse_float=Decimal)), {}
        except tomllib.TOMLDecodeError as error:
            raise InputError("check.not_toml", where=Where(path), reason=str(error)) from error
    builder = _Builder(path, text)
    try:
        return builder.document(), builder.rows
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            "check.not_yaml",
            where=Where(path, mark.line + 1 if mark else None),
            reason=str(getattr(error, "problem", None) or error),
        ) from error


def _table(value: Value) -> dict[str, Value] | None:
    return value if isinstance(value, dict) else None


def _case(entry: Value, number: int, path: Path, rows: dict[int, int]) -> Case:
    row = rows.get(id(entry))
    where = Where(path, row)
    table = _table(entry)
    if table is None:
        raise InputError("check.not_a_case", where=where, number=number)
    identity = table.get("id")
    if identity is None or isinstance(identity, list | dict):
        raise InputError("check.no_id", where=where, number=number)
    name = table.get("method") or table.get("model")
    if name is None:
        raise InputError("check.no_method", where=where, case=identity)
    inputs, expected = _table(table.get("inputs")), _table(table.get("expected"))
    if inputs is None:
        raise InputError("check.no_inputs", where=where, case=identity)
    if not expected:
        raise InputError("check.nothing_expected", where=where, case=identity)
    rounding = table.get("rounding")
    return Case(
        str(identity),
        str(name),
        inputs,
        expected,
        "exact" if rounding is None else rounding,
        where,
    )


def read_cases(path: Path) -> list[Case]:
    """The cases of a YAML or TOML file (by its ending; YAML where it has another).

    Raises:
        InputError: the file is missing, too large, not UTF-8, not YAML or TOML, holds no cases,
            an alias or a tag, or one id twice.
    """
    if not path.is_file():
        raise InputError("check.no_file", where=Where(path), path=path)
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(
            "check.too_large",
            where=Where(path),
            size=path.stat().st_size // 1_000_000,
            largest=LARGEST_FILE // 1_000_000,
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("check.not_utf8", where=Where(path)) from error
    document, rows = _document(path, text)
    top = _table(document)
    entries = document if top is None else top.get("cases", top.get("case"))
    if not isinstance(entries, list) or not entries:
        raise InputError("check.no_cases", where=Where(path))
    cases: dict[str, Case] = {}
    for number, entry in enumerate(entries, start=1):
        case = _case(entry, number, path, rows)
        if case.id in cases:
            raise InputError(
                "check.id_twice", where=case.where, case=case.id, first=cases[case.id].where.row
            )
        cases[case.id] = case
    return list(cases.values())
