"""What was given for the fields of a request, as their types have it.

A field takes what Python, a spreadsheet or a data frame has of it: a number of NumPy, a code that
is an integer, a day that is a timestamp. What it cannot be is refused here, for all questions.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, time
from decimal import Decimal
from math import isnan
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from offing.terms.errors import InputError
from offing.terms.messages import enumerated
from offing.terms.nearest import meant
from offing.terms.text import normal

R = TypeVar("R")
T = TypeVar("T", bound=str)

_LISTS = (Sequence, Mapping, Iterable, list, tuple)
_READ = {str, int, float, bool, date, Decimal, Path, NoneType}
"""Types that are looked at here; a field that takes another one looks for itself."""


def as_declared(request: R) -> R:
    """The request with every field as its type has it.

    Raises:
        InputError: ``cli.bad_day`` for what is no day, ``landed.bad_choice`` for what is none of
            the choices, ``cli.bad_given`` for another value that the field cannot be,
            ``settle.bad_seed``.
    """
    hints = get_type_hints(type(request), include_extras=True)
    for field in fields(request):  # type: ignore[arg-type]
        value = getattr(request, field.name)
        if value is field.default:
            continue
        hint = hints[field.name]
        value = _choice(field.name, value, hint)
        read = _each(field.name, _read(field.name, value, _parts(hint)), hint)
        object.__setattr__(request, field.name, read)
    if getattr(request, "seed", 0) < 0:
        raise InputError("settle.bad_seed", seed=request.seed)  # type: ignore[attr-defined]
    return request


def one_of(text: str, options: Sequence[T], option: str) -> T:
    """The choice that is meant, in any case.

    Raises:
        InputError: ``landed.bad_choice`` with the nearest one.
    """
    for choice in options:
        if text.strip().casefold() == choice.casefold():
            return choice
    near, every = meant(text.strip(), options), enumerated(options)
    raise InputError("landed.bad_choice", text=text, option=option, known=every, near=near)


def _choice(name: str, value: Any, hint: Any) -> Any:
    """One of the texts that a field can be, where it can be nothing else."""
    options = _choices(hint)
    free = {str, Path, date} & _parts(hint)
    return one_of(value, options, name) if options and not free and type(value) is str else value


def _choices(hint: Any) -> tuple[str, ...]:
    if get_origin(hint) is Literal:
        return get_args(hint)
    if get_origin(hint) in (Annotated, Union, UnionType):
        return tuple(choice for inner in get_args(hint) for choice in _choices(inner))
    return ()


def _parts(hint: Any) -> set[Any]:
    """The types that a field takes: of ``Sequence[str] | None`` the sequence and nothing."""
    if get_origin(hint) is Annotated:
        return _parts(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return {kind for inner in get_args(hint) for kind in _parts(inner)}
    return {get_origin(hint) or hint}


def _each(name: str, value: Any, hint: Any) -> Any:
    """The parts of a list, where it is one of texts, paths and numbers."""
    inner = _inner(hint)
    if isinstance(value, str | Mapping) or not isinstance(value, list | tuple) or inner - _READ:
        return value
    return [_part(name, _scalar(item), inner) for item in value] if inner else value


def _inner(hint: Any) -> set[Any]:
    """What the lists among a field's types are made of."""
    if get_origin(hint) in (Annotated, Union, UnionType):
        return {kind for inner in get_args(hint) for kind in _inner(inner)}
    if get_origin(hint) in (Sequence, Iterable, list, tuple):
        return {kind for inner in get_args(hint) for kind in _parts(inner)}
    return set()


def _part(name: str, value: Any, inner: set[Any]) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | Path):
        raise _bad(name, value, inner)
    if isinstance(value, str | Path) or inner & {int, float, Decimal}:
        return value
    return _as_text(name, value, inner)


def _read(name: str, value: Any, parts: set[Any]) -> Any:
    value = _scalar(value)
    if date in parts and not (isinstance(value, str) and str in parts):
        return _day(name, value)
    lists = parts & set(_LISTS)
    if parts - _READ - lists or type(value) in parts:
        return _not_nan(name, value) if float in parts else value
    if value is None:
        raise _bad(name, value, parts)
    if isinstance(value, bool) or parts <= {bool, NoneType}:
        return _flag(name, value, parts)
    if parts & {int, float} and str not in parts:
        return _number(name, value, parts)
    return _words(name, value, parts, bool(lists))


def _scalar(value: Any) -> Any:
    """A number, text or day of NumPy as Python has it."""
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        day = type(value).__name__ == "datetime64"  # of nanoseconds .item() is a whole number
        return value.astype("datetime64[us]").item() if day else value.item()
    return value


def _day(name: str, value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        if isinstance(value, str):
            return day_in_words(value)
        if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
            return date(value.year, value.month, value.day)
    except (ValueError, TypeError) as error:
        raise InputError("cli.bad_day", name=name, value=value) from error
    raise InputError("cli.bad_day", name=name, value=value)


def day_in_words(text: str) -> date:
    """A day with its year first: ``2024-12-31``, ``2024/12/31``, ``2024年12月31日``, ``20241231``.

    Raises:
        ValueError: it is none.
    """
    plain = normal(text)
    if not _DAY.fullmatch(plain):
        raise ValueError(text)
    year, month, day = map(int, re.findall(r"^[0-9]{4}|[0-9]{1,2}", plain))
    return date(year, month, day)


_DAY = re.compile(r"[0-9]{4}(?:([-/.])[0-9]{1,2}\1[0-9]{1,2}|年[0-9]{1,2}月[0-9]{1,2}日?|[0-9]{4})")


def _flag(name: str, value: Any, parts: set[Any]) -> Any:
    if isinstance(value, bool) and parts & {bool, Decimal}:
        return value  # an exact number says itself that it is none
    raise _bad(name, value, parts)


def _not_nan(name: str, value: Any) -> Any:
    if isinstance(value, float) and isnan(value):
        raise _bad(name, value, {float})
    return value


def _number(name: str, value: Any, parts: set[Any]) -> Any:
    """A whole number, or one of a field that takes others too, also where it is a text."""
    if isinstance(value, str | int | float | Decimal):
        try:
            number = float(value)
            if float in parts:
                return _not_nan(name, value if isinstance(value, int) else number)
            whole = int(value)
        except (ValueError, OverflowError):
            raise _bad(name, value, parts) from None
        if whole == number:
            return whole
    raise _bad(name, value, parts)


def _words(name: str, value: Any, parts: set[Any], several: bool) -> Any:
    """A text, or one of several; a code or a rate that is a number stands as its text."""
    if isinstance(value, int | float | Decimal):
        value = _as_text(name, value, parts)
    if isinstance(value, str) and parts <= {Path, NoneType}:
        return Path(value)
    if isinstance(value, str):
        return [value] if several and str not in parts else value
    if isinstance(value, float) or (isinstance(value, Path) and Path in parts):
        return value
    if several and isinstance(value, Iterable) and not isinstance(value, bytes):
        return value
    raise _bad(name, value, parts)


def _as_text(name: str, value: int | float | Decimal, parts: set[Any]) -> str | float:
    """A number as its text; a binary one stays where an exact one is wanted: that refuses it."""
    if Path in parts:
        raise _bad(name, value, parts)
    return value if isinstance(value, float) and Decimal in parts else str(value)


_WANTED = (
    (Path, '"months.csv", Path("months.csv")'),
    (Decimal, '"12.50", 12, Decimal("12.50")'),
    (float, "1, 2.5"),
    (int, "1, 30"),
    (bool, "True, False"),
    (date, "date(2026, 11, 26)"),
)
LONGEST_VALUE = 60
"""Characters of a wrong value that an error repeats."""


def _bad(name: str, value: Any, parts: set[Any]) -> InputError:
    """The error of a value that a field cannot be, with what it takes as one would write it."""
    others = '["EUR", "CNY"]' if parts & set(_LISTS) else '"852872", "Germany"'
    expected = next((text for kind, text in _WANTED if kind in parts), others)
    frame = getattr(value, "columns", None) is not None
    shown = type(value).__name__ if frame else repr(value)[:LONGEST_VALUE]
    return InputError("cli.bad_given", name=name, value=shown, wanted=expected)
