"""Errors that help: what was found, where, what was expected, what to do next.

The words are in the message catalogue, under the error's key: ``<key>.found`` is needed,
``<key>.expected`` and ``<key>.next`` are used where they exist. So one error reads in both
languages, and a program can tell errors apart by their key.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from offing.terms.messages import (
    ParameterNames,
    has_message,
    join_list,
    name_options,
    named_by,
    parameters,
    say,
    suggest,
)


@dataclass(frozen=True)
class Where:
    """A place in the user's input.

    ``row`` counts from 1 and is the line in a text file; ``key`` is a key of a TOML file with its
    table.
    """

    file: str | Path | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        parts = []
        if self.file is not None:
            parts.append(str(self.file))
        if self.row is not None:
            parts.append(say("errors.row", row=self.row))
        if self.column is not None:
            parts.append(say("errors.column", column=self.column))
        if self.key is not None:
            parts.append(self.key)
        return say("errors.joint").join(parts)


def refused_by_disk(error: Exception) -> str:
    """What the system says of a file that it cannot give or keep; else what the error says."""
    return getattr(error, "strerror", None) or str(error)


def _bearable(value: object) -> object:
    """A value as a message can bear it: endless words are cut, and no number is "inf"."""
    if isinstance(value, float) and not isfinite(value):
        return "—" if value != value else "∞" if value > 0 else "−∞"
    if isinstance(value, str):
        return _ENDLESS.sub(lambda word: f"{word[0][:SHOWN]}…", value)
    return value


LONGEST_WORD, SHOWN = 200, 60
"""Signs of one word in a message, and how many are shown of one that is longer."""
_ENDLESS = re.compile(rf"[^\s,;，、；。]{{{LONGEST_WORD + 1},}}")


class OffingError(Exception):
    """Something the user can put right. The command line prints it and exits with 2.

    Args:
        key: the message, as ``room.name``; see the module's text.
        where: the file, row and column, where there is one.
        values: what the message names.
    """

    exit_code = 2
    read = ""
    """Of a row that is put aside: how it was read."""

    def __init__(self, key: str, /, *, where: Where | None = None, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.where = where
        self.values = values
        self.parameters = parameters()

    def __reduce__(self) -> Any:
        """It comes out of another process with what it was raised from."""
        return type(self), (self.key,), {**vars(self), "__cause__": self.__cause__}

    def _message(self, key: str) -> str:
        """A message in the words in which the question was asked."""
        with named_by(self._naming):
            text = say(key, **{name: _bearable(value) for name, value in self.values.items()})
        return text.replace("?.", "?").replace("？。", "？")  # a question ends it

    @property
    def _naming(self) -> ParameterNames | None:
        return None if self.parameters is None else ParameterNames(self.parameters)

    def _part(self, suffix: str) -> str | None:
        """A part of the message; where it has none, that of the error it was raised from."""
        name = f"{self.key}_{suffix}"
        if has_message(name):
            return self._message(name)
        behind = self.__cause__
        if isinstance(behind, OffingError) and behind is not self:
            return behind._part(suffix)
        return None

    @property
    def found(self) -> str:
        """What was found."""
        return self._message(self.key)

    @property
    def expected(self) -> str | None:
        """What was expected, where the message says so."""
        return self._part("expected")

    @property
    def next_step(self) -> str | None:
        """What the user can do next, where the message says so."""
        return self._part("next")

    def __str__(self) -> str:
        lines = [self.found]
        if self.where is not None and str(self.where):
            with named_by(self._naming):
                lines.append(say("errors.where", where=self.where))
        if self.expected:
            lines.append(say("errors.expected", expected=self.expected))
        if self.next_step:
            lines.append(say("errors.next", next=self.next_step))
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The same as data, for ``--json``."""
        where = None
        if self.where is not None:
            where = {k: str(v) if k == "file" and v else v for k, v in asdict(self.where).items()}
            with named_by(self._naming):
                where["column"] = name_options(self.where.column or "") or None
        return {
            "error": self.key,
            "found": self.found,
            "where": where,
            "expected": self.expected,
            "next": self.next_step,
        }


class InputError(OffingError, ValueError):
    """A file, a value or an option that cannot be used as it is."""


def unknown_name(name: object, known: Iterable[str], where: Where | None = None) -> InputError:
    """The error of a name that is none of those there are, with them and the nearest."""
    names, text = [*known], str(name)[:SHOWN]
    near = suggest(text, names)
    return InputError(
        "errors.unknown_name", where=where, text=text, all=join_list(names), near=near
    )


def must_be_within(
    name: str,
    value: Any,
    *,
    ge: Any = None,
    gt: Any = None,
    le: Any = None,
    lt: Any = None,
    where: Where | None = None,
) -> None:
    """Refuse a number outside its ends; what is no number lies outside of any.

    Raises:
        InputError: ``errors.out_of_range``.
    """
    inside = (
        (ge is None or value >= ge)
        and (gt is None or value > gt)
        and (le is None or value <= le)
        and (lt is None or value < lt)
    )
    if not inside:
        low = f"{ge} ≤ " if ge is not None else f"{gt} < " if gt is not None else ""
        high = f" ≤ {le}" if le is not None else f" < {lt}" if lt is not None else ""
        ends = f"{low}{name}{high.replace('inf', '∞')}"
        raise InputError("errors.out_of_range", where=where, name=name, value=value, ends=ends)


class MissingDataError(OffingError, LookupError):
    """The warehouse or the rulebook has nothing for what was asked."""


class RuleError(OffingError, LookupError):
    """No rule holds on the day, or more than one does."""


class StorageError(OffingError, OSError):
    """The disk or the network did not do what was needed."""

    def __init__(self, key: str, /, *, where: Where | None = None, **values: object) -> None:
        OffingError.__init__(self, key, where=where, **values)


@contextmanager
def disk_said(key: str, place: Path | str) -> Iterator[None]:
    """Around work with a file: what the disk refuses is said with this key.

    Raises:
        StorageError: the key, with the place and the system's reason.
    """
    try:
        yield
    except OffingError:
        raise
    except OSError as error:
        raise StorageError(key, where=Where(place), reason=refused_by_disk(error)) from error
