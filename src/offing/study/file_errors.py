"""What to say of a study's value that is refused: which key, in which line, and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, say
from offing.terms.nearest import meant
from offing.terms.toml import reason_of

Steps = tuple[int | str, ...]
"""Where a value stands: names of tables and keys, and numbers of repeated tables from 0."""


REPEATED = ("product", "model", "plant", "channel", "announced")
"""Tables of the file that stand there more than once."""


class MisfitError(ValueError):
    """A value that does not go with another one: says which key to look at."""

    def __init__(self, place: Steps, key: str, value: object, **further: object) -> None:
        super().__init__(say(key, value=value, **further))
        self.place = place
        self.value = value


def _fields(model: type[BaseModel], path: Steps) -> list[str]:
    """The keys that the table at ``path`` may have."""
    current: Any = model
    for step in path:
        if isinstance(step, int):
            continue
        field = getattr(current, "model_fields", {}).get(step)
        if field is None:
            return []
        current = next(
            (
                kind
                for kind in (field.annotation, *getattr(field.annotation, "__args__", ()))
                if isinstance(kind, type) and issubclass(kind, BaseModel)
            ),
            None,
        )
        if current is None:
            for argument in getattr(field.annotation, "__args__", ()):
                if hasattr(argument, "model_fields"):
                    current = argument
    fields = getattr(current, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _line_of(text: str, place: Steps) -> int | None:
    """The line of a key: in its own table, and of several tables of a name in the right one."""
    *tables, key = [step for step in place if isinstance(step, str)] or [""]
    if not key:  # said of the file as a whole
        return None
    which = next((step for step in place if isinstance(step, int)), 0)
    first = None
    for number, bare, table_name, seen in _lines(text, next(iter(tables), "")):
        if bare.startswith("[") and table_name.split(".")[-1] == key:
            return number
        if bare.partition("=")[0].strip() == key:
            if table_name == ".".join(tables) and seen in (-1, which):
                return number
            first = first or number
    return first


def _lines(text: str, table: str) -> Iterator[tuple[int, str, str, int]]:
    """Lines without remarks: number, text, the table they are in, how many ``[[table]]`` before."""
    table_name, seen = "", -1
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#")[0].strip()
        if bare.startswith("["):
            table_name = bare.strip("[] ")
            seen += (bare[:2], table_name) == ("[[", table)
        yield number, bare, table_name, seen


def place_text(steps: Steps) -> str:
    """``("product", 0, "code")`` → ``[[product]] 1, code``, as the file has it."""
    words: list[str] = []
    rest = list(steps)
    while rest:
        step = rest.pop(0)
        if rest and isinstance(rest[0], int):
            number = int(rest.pop(0)) + 1
            words.append(f"[[{step}]] {number}" if step in REPEATED else f"{step}, {number}")
        else:
            words.append(f"[{step}]" if rest and not words else str(step))
    return say("errors.joint").join(words)


_PYDANTIC = re.compile(r"\[key\]$|(literal|list|dict|function-\w+)\[")
"""Pydantic's own words in a place: for a bad key, and for the kinds that a value may have."""


def _says_less(item: Mapping[str, Any]) -> int:
    """A misspelt key is also a missing one, and a list that may be a word fails as a word too."""
    if item["type"] == "extra_forbidden":
        return 0
    return 2 if item["type"] == "literal_error" and not isinstance(item["input"], str) else 1


def _unknown(
    where: Where, path: Path, place: Steps, forms: tuple[type[BaseModel], type[BaseModel] | None]
) -> InputError:
    """Of a key that its form of a study has not, and of one that only the newest form has."""
    key, options = str(place[-1]), _fields(forms[0], place[:-1])
    if forms[1] is not None and key in _fields(forms[1], place[:-1]):
        return InputError("study.key_of_newest", where=where, key=key, path=path)
    near, every = meant(key, options), enumerated(options)
    return InputError("study.unknown_key", where=where, key=key, near=near, options=every)


def refusal(
    error: ValidationError,
    path: Path,
    text: str,
    model: type[BaseModel],
    newest: type[BaseModel] | None = None,
) -> InputError:
    """Our error for what pydantic refused first in the study file ``path`` with this text.

    ``newest`` is the form of a study that the file is not in yet.
    """
    errors = error.errors(include_url=False)
    first = min(errors, key=_says_less)
    cause = first.get("ctx", {}).get("error")
    place, value = tuple(first["loc"]), first["input"]
    if isinstance(cause, MisfitError):
        place, value = cause.place, cause.value
    place = tuple(step for step in place if not _PYDANTIC.match(str(step)))
    key = str(next((step for step in reversed(place) if isinstance(step, str)), ""))
    where = Where(path, _line_of(text, place), key=place_text(place))
    if first["type"] == "extra_forbidden":
        return _unknown(where, path, place, (model, newest))
    if first["type"] == "missing":
        return _missing(where, key, [item for item in errors if item["type"] == "missing"])
    if isinstance(cause, InputError):
        return bad_value(where, key, value, cause)
    pattern = first["type"] == "string_pattern_mismatch"
    ours = cause and not first["type"].startswith("date")  # the parser of days speaks of its input
    reason = str(cause) if ours else reason_of(first["type"], first.get("ctx", {}))
    return InputError(
        "study.bad_value",
        where=where,
        key=key,
        value=value,
        reason=reason,
        expected=say("study.key_like", near=_as_key(str(value))) if pattern else "",
        step=say("study.bad_key_step" if pattern else "study.bad_value_step"),
    )


def _missing(where: Where, key: str, errors: Sequence[Mapping[str, Any]]) -> InputError:
    """All keys that are missing, by their table: ``[firm], name, city; [[model]] 1, kg``."""
    if len(errors) == 1:
        return InputError("study.missing_key", where=where, key=key)
    tables: dict[Steps, list[str]] = {}
    for *table, key in (item["loc"] for item in errors):
        tables.setdefault(tuple(table), []).append(str(key))
    joint = say("errors.joint")
    keys = say("landed.joint").join(
        place_text((*table, joint.join(keys))) for table, keys in tables.items()
    )
    return InputError("study.missing_keys", where=Where(where.file), keys=keys)


def _as_key(text: str) -> str:
    """The nearest key that can be: ``HC 65M`` → ``HC-65M``."""
    return re.sub(r"[^\w.+-]+", "-", text.strip()).strip("-")[:40] or "A-1"


def bad_value(where: Where, key: str, value: object, cause: InputError) -> InputError:
    """Our error for a value that a room refused."""
    return InputError(
        "study.bad_value",
        where=where,
        key=key,
        value=value,
        reason=cause.found,
        expected=cause.expected or "",
        step=cause.next_step or say("study.bad_value_step"),
    )
