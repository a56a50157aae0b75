"""Read a file of cases. Text stays text: ``NO`` is no truth value, ``010121`` no octal number.

YAML is built from its event stream, so that nothing is guessed and nothing can be smuggled in:
aliases, tags, duplicate keys and deep nesting are refused. Plain numbers become Decimal.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from offing.cases.given import Value
from offing.terms.errors import InputError, Where
from offing.terms.limits import parse_toml

LARGEST_FILE = 20_000_000
DEEPEST = 40

_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_PLAIN: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Case:
    """One worked case.

    ``rounding`` is one for all answers, or one for each.
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
    """Turns YAML events into tables, lists and scalars, and remembers where tables stand."""

    def __init__(self, path: Path, text: str) -> None:
        import yaml  # only a file of cases needs it

        self.path = path
        self.rows: dict[int, int] = {}
        self.events = yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))

    def _refuse(self, key: str, event: Any, /, **values: object) -> NoReturn:
        where = Where(self.path, event.start_mark.line + 1)
        raise InputError(f"check.{key}", where=where, **values)

    def _next(self) -> tuple[Any, str]:
        """The next event and its kind, such as ``Scalar`` or ``MappingEnd``."""
        event = next(self.events)
        kind = type(event).__name__.removesuffix("Event")
        if kind == "Alias" or getattr(event, "anchor", None):
            self._refuse("alias", event)
        if getattr(event, "tag", None) not in (None, "!"):
            self._refuse("tag", event, tag=event.tag)
        return event, kind

    def document(self) -> Value:
        """The one document of the file."""
        built: Value = None
        seen = False
        while (event := self._next())[1] != "StreamEnd":
            if event[1] == "DocumentStart":
                if seen:
                    self._refuse("two_documents", event[0])
                built, seen = self._value(*self._next(), 0), True
        return built

    def _value(self, event: Any, kind: str, depth: int) -> Value:
        if depth > DEEPEST:
            self._refuse("too_deep", event, deepest=DEEPEST)
        if kind == "Scalar":
            return scalar(event.value, plain=event.implicit[0])
        if kind == "SequenceStart":
            items: list[Value] = []
            while (item := self._next())[1] != "SequenceEnd":
                items.append(self._value(*item, depth + 1))
            return items
        table: dict[str, Value] = {}
        while (item := self._next())[1] != "MappingEnd":
            key, key_kind = item
            if key_kind != "Scalar":
                self._refuse("bad_key", key)
            if key.value in table:
                self._refuse("key_twice", key, key=key.value)
            table[key.value] = self._value(*self._next(), depth + 1)
        self.rows[id(table)] = event.start_mark.line + 1
        return table


def _from_toml(value: Any) -> Value:
    if isinstance(value, dict):
        return {key: _from_toml(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_toml(item) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _document(path: Path, text: str) -> tuple[Value, dict[int, int]]:
    """The content of a file, and the rows of its tables by their ``id``."""
    if path.suffix.lower() == ".toml":
        try:
            return _from_toml(parse_toml(text, parse_float=Decimal)), {}
        except tomllib.TOMLDecodeError as error:
            raise InputError("check.not_toml", where=Where(path), reason=str(error)) from error
    from yaml import YAMLError

    builder = _Builder(path, text)
    try:
        return builder.document(), builder.rows
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Where(path, mark.line + 1 if mark else None)
        reason = str(getattr(error, "problem", None) or error)
        raise InputError("check.not_yaml", where=where, reason=reason) from error


def _case(entry: Value, number: int, where: Where) -> Case:
    if not isinstance(entry, dict):
        raise InputError("check.not_a_case", where=where, number=number)
    identity, name = entry.get("id"), entry.get("method") or entry.get("model")
    inputs, expected = entry.get("inputs"), entry.get("expected")
    if identity is None or isinstance(identity, list | dict):
        raise InputError("check.no_id", where=where, number=number)
    if name is None:
        raise InputError("check.no_method", where=where, case=identity)
    if not isinstance(inputs, dict):
        raise InputError("check.no_inputs", where=where, case=identity)
    if not isinstance(expected, dict) or not expected:
        raise InputError("check.nothing_expected", where=where, case=identity)
    rounding = entry.get("rounding") or "exact"
    return Case(str(identity), str(name), inputs, expected, rounding, where)


def case_files(path: Path) -> list[Path]:
    """The files of cases that a path names: itself, or those in the folder that it is.

    A TOML file of a folder is one where its cases name a method: others are studies and rules.

    Raises:
        InputError: ``check.no_cases_in_folder``.
    """
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
    files = [file for file in found if file.suffix.lower() != ".toml" or _has_cases(file)]
    if not files:
        raise InputError("check.no_cases_in_folder", where=Where(path), path=path)
    return files


ENDINGS = (".yaml", ".yml", ".toml")


def _has_cases(file: Path) -> bool:
    try:
        top = parse_toml(file.read_text(encoding="utf-8-sig"))
        entries = top.get("cases", top.get("case", []))
        return any("method" in entry or "model" in entry for entry in entries)
    except (OSError, ValueError, TypeError):
        return True  # what is wrong with it is said where it is read


def read_cases(path: Path) -> list[Case]:
    """The cases of a YAML or TOML file (by its ending; YAML where it has another).

    Raises:
        InputError: the file is missing, too large, not UTF-8, not YAML or TOML, holds no cases,
            an alias or a tag, or one id twice.
    """
    where = Where(path)
    if not path.is_file():
        raise InputError("check.no_file", where=where, path=path)
    if (size := path.stat().st_size) > LARGEST_FILE:
        sizes = {"size": size // 1_000_000, "largest": LARGEST_FILE // 1_000_000}
        raise InputError("check.too_large", where=where, **sizes)
    try:
        document, rows = _document(path, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError("check.not_utf8", where=where) from error
    top = document if isinstance(document, dict) else {"cases": document}
    entries = top.get("cases", top.get("case"))
    if not isinstance(entries, list) or not entries:
        raise InputError("check.no_cases", where=where)
    cases: dict[str, Case] = {}
    for number, entry in enumerate(entries, start=1):
        case = _case(entry, number, Where(path, rows.get(id(entry))))
        if (first := cases.setdefault(case.id, case)) is not case:
            row = first.where.row
            raise InputError("check.id_twice", where=case.where, case=case.id, first=row)
    return list(cases.values())
