"""Rewrite a study file of schema 1 in schema 2, line by line, so that comments and order stay.

The lines are edited as text; what was written is then read again and must say the same as before.
A file that writes its tables in another way than a person does is refused and left as it is.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from offing.study.file import NEWEST, Study, read_study, schema_of
from offing.terms.errors import InputError, Where
from offing.terms.toml import parse_toml

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
    written = "".join(line.rstrip("\n") + "\n" for line in _rewritten(lines, old))
    try:
        now = Study.model_validate(parse_toml(written, parse_float=Decimal))
        same = now.model_copy(update={"version": 1}) == old
    except (tomllib.TOMLDecodeError, ValidationError, InputError):
        same = False
    if not same:
        raise InputError("study.cannot_upgrade", where=Where(path), path=path)
    return written


def _rewritten(lines: Sequence[str], old: Study) -> Iterator[str]:
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
