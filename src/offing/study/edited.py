"""Change single values of a study file; comments, order and all that was not touched stay.

The text as changed is read again and must say exactly what was meant, or nothing is changed.
"""

import re
import tomllib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from offing.study.file_errors import Steps
from offing.terms.errors import InputError
from offing.terms.messages import LANGUAGES, say, speaking
from offing.terms.toml import parse_toml


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


def edited(text: str, changes: Sequence[Change]) -> str:
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
            _put(document, change, _item if len(change.place) > 1 else _of_the_file)
            _put(plain, change, deepcopy)
        written = _tidied(tomlkit.dumps(document), text, changes)
        if parse_toml(written, parse_float=Decimal) == plain:
            return written
    except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, IndexError, TypeError) as error:
        raise InputError("study.cannot_edit") from error
    raise InputError("study.cannot_edit")


def _put(data: Any, change: Change, as_item: Any) -> None:
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


def _of_the_file(value: Any) -> Any:
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
        case dict() if not value:
            return tomlkit.table()
        case dict():
            line = tomlkit.inline_table()
            line.update({key: _item(item) for key, item in value.items()})
            return line
        case _:
            return tomlkit.item(value)


def _tidied(written: str, text: str, changes: Sequence[Change]) -> str:
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
