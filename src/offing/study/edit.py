"""Change single values of a study file; comments, order and all that was not touched stay.

The text as changed is read again and must say exactly what was meant, or nothing is changed.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from offing.study.file import NEWEST, Steps, Study, read_study, schema_of
from offing.terms.errors import InputError, Where
from offing.terms.limits import parse_toml
from offing.terms.messages import LANGUAGES, say, speaking


@dataclass(frozen=True)
class Change:
    """One value of a study file.

    Attributes:
        place: tables, numbers of repeated tables from 0, and the key; the number after the last
            one adds a table.
        value: what it shall be: text, number, list or table; ``None`` takes it away.
    """

    place: Steps
    value: Any


def apply_changes(text: str, changes: Sequence[Change]) -> str:
    """A study file with some values changed.

    Args:
        text: of the file, which is TOML.
        changes: in their order; those of a table that is taken away stand last.

    Raises:
        InputError: ``study.cannot_edit`` where the file is written in a way that cannot be
            changed so.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    plain = parse_toml(text, parse_float=Decimal)
    try:
        document = tomlkit.parse(text)
        for change in changes:
            _set_value(document, change, _item if len(change.place) > 1 else _file_value)
            _set_value(plain, change, deepcopy)
        written = _tidy(tomlkit.dumps(document), text, changes)
        if parse_toml(written, parse_float=Decimal) == plain:
            return written
    except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, IndexError, TypeError) as error:
        raise InputError("study.cannot_edit") from error
    raise InputError("study.cannot_edit")


def _set_value(data: Any, change: Change, as_item: Any) -> None:
    """Change plain data and a document in the same way."""
    *tables, key = change.place
    table = data
    for step, after in zip(tables, change.place[1:], strict=True):
        missing = step not in table if isinstance(step, str) else step == len(table)
        if missing and change.value is None:
            return
        if missing and isinstance(step, str):
            table[step] = as_item([{}] if isinstance(after, int) else {})
        elif missing:
            table.append(as_item({}))
        table = table[step]
    if change.value is not None:
        table[key] = as_item(change.value)
    elif isinstance(key, int) or key in table:
        del table[key]


def _file_value(value: Any) -> Any:
    """A value of the file itself; one on a line of its own would fall to the table above it."""
    import tomlkit

    if not isinstance(value, dict):
        return _item(value)
    table = tomlkit.table()
    table.update({key: _item(item) for key, item in value.items()})
    return table


def _item(value: Any) -> Any:
    """A value as it is written: figures with the digits they have, small tables on one line."""
    import tomlkit

    match value:
        case Decimal():
            return tomlkit.value(f"{value:f}")
        case list() if value and all(isinstance(item, dict) for item in value):
            tables = tomlkit.aot()
            for item in value:
                tables.append(tomlkit.item(item))
            return tables
        case list():
            array = tomlkit.array()
            array.extend(_item(item) for item in value)
            return array
        case dict() if not value:
            return tomlkit.table()
        case dict():
            line = tomlkit.inline_table()
            line.update({key: _item(item) for key, item in value.items()})
            return line
        case _:
            return tomlkit.item(value)


def _tidy(written: str, text: str, changes: Sequence[Change]) -> str:
    """Blank lines between tables; no figure of the firm's own is still marked illustrative."""
    marks = []
    for lang in LANGUAGES:
        with speaking(lang):
            marks.append(re.escape(say("study.begun_illustrative")))
    changed = {str(change.place[-1]) for change in changes}
    old = set(text.splitlines())
    lines: list[str] = []
    for line in written.split("\n"):
        if line.startswith("[") and lines and lines[-1].strip() and lines[-1] not in old:
            lines.append("")
        if line not in old and line.partition("=")[0].strip() in changed:
            line = re.sub(rf"\s*#\s*(?:{'|'.join(marks)})\s*$", "", line)
        lines.append(line)
    return "\n".join(lines)


_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*(\]\]?)(.*)", re.DOTALL)
_CAPACITY = re.compile(r"\s*capacity\s*=\s*(.*)", re.DOTALL)
_SCHEMA = re.compile(r"\s*schema\s*=")
_PRODUCT = "product"


def upgrade_text(text: str, path: Path) -> str:
    """The study in schema 2; a text of schema 2 as it is.

    Args:
        text: of the file.
        path: for messages.

    Raises:
        InputError: ``study.cannot_upgrade`` where the text as rewritten would not say the same;
            and as :func:`~offing.study.file.read_study`.
    """
    old = read_study(path)
    if schema_of(parse_toml(text), path) == NEWEST:
        return text
    lines = text.splitlines(keepends=True)
    written = "".join(line.rstrip("\n") + "\n" for line in _rewrite_lines(lines, old))
    try:
        now = Study.model_validate(parse_toml(written, parse_float=Decimal))
        same = now.model_copy(update={"version": 1}) == old
    except (tomllib.TOMLDecodeError, ValidationError, InputError):
        same = False
    if not same:
        raise InputError("study.cannot_upgrade", where=Where(path), path=path)
    return written


def _rewrite_lines(lines: Sequence[str], old: Study) -> Iterator[str]:
    """The lines of schema 2: the schema above the first key, models, then the plant of all."""
    first = next((n for n, line in enumerate(lines) if _says_something(line)), len(lines))
    yield from lines[:first]
    yield f"schema = {NEWEST}"
    body = [line for line in lines[first:] if not _SCHEMA.match(line)]
    ours = [n for n, line in enumerate(body) if _table(line).split(".")[0] == _PRODUCT]
    end = _end_of(body, max(ours, default=-1))
    table, capacities = "", list[str]()
    for line in body[:end]:
        table = _table(line) or table
        if _table(line) == _PRODUCT:
            capacities.append("")
            key = old.model[min(len(capacities), len(old.model)) - 1].key
            yield from (line.replace(_PRODUCT, "model", 1), f'key = "{key}"', f'line = "{key}"')
        elif _table(line).startswith(f"{_PRODUCT}."):
            yield line.replace(_PRODUCT, "model", 1)
        elif table == _PRODUCT and (capacity := _CAPACITY.fullmatch(line)):
            capacities[-1] = capacity[1].rstrip()
        else:
            yield line
    yield from _plant(old, capacities)
    yield from body[end:]


def _plant(old: Study, capacities: Sequence[str]) -> Iterator[str]:
    """One plant with a line for each model, whose hours are what its capacity was."""
    plant = old.plant[0]
    yield from ("[[plant]]", f'key = "{plant.key}"', f'country = "{plant.country}"', "")
    for line, capacity in zip(plant.line, capacities, strict=False):
        yield from ("[[plant.line]]", f'key = "{line.key}"', f"hours = {capacity}")
        if line.name is not None:
            en, zh = (json.dumps(name, ensure_ascii=False) for name in (line.name.en, line.name.zh))
            yield f"name = {{ en = {en}, zh = {zh} }}"
        yield ""


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _table(line: str) -> str:
    """The name of the table that a line opens, as it is written without blanks; else empty."""
    header = _HEADER.fullmatch(line)
    if not header or _says_something(header[4]):
        return ""
    return re.sub(r"\s", "", header[2])


def _end_of(body: Sequence[str], last: int) -> int:
    """Where the tables of the last product end: before the comments of the table after them."""
    after = next((n for n in range(last + 1, len(body)) if _table(body[n])), len(body))
    while after > last + 1 and body[after - 1].lstrip().startswith("#"):
        after -= 1
    return after
