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
        if value is not field.default:
            read = _read(field.name, _scalar(value), hints[field.name])
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


def _kinds(hint: Any) -> tuple[set[Any], set[Any], tuple[str, ...]]:
    """The types that a field takes, those inside its lists, and the texts that it can be."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kinds(inner[0])
    if origin is Literal:
        return {origin}, set(), inner
    if origin in (Union, UnionType):
        kinds, inside, options = zip(*map(_kinds, inner), strict=True)
        return set().union(*kinds), set().union(*inside), sum(options, ())
    listed = inner if origin in _LISTS and origin is not Mapping else ()
    return {origin or hint}, set().union(*(_kinds(item)[0] for item in listed)), ()


def _read(name: str, value: Any, hint: Any) -> Any:
    """A value as its field has it: a code or a rate that is a number stands as its text."""
    kinds, inside, options = _kinds(hint)
    lists = kinds & set(_LISTS)
    if options and type(value) is str and not kinds & {str, Path, date}:
        return one_of(value, options, name)
    if date in kinds and not (isinstance(value, str) and str in kinds):
        return _day(name, value)
    if isinstance(value, list | tuple) and inside and inside <= _READ:
        return [_part(name, _scalar(item), inside) for item in value]
    if kinds - _READ - lists or type(value) in kinds:
        return _not_nan(name, value) if float in kinds else value
    if isinstance(value, bool) and kinds & {bool, Decimal}:
        return value  # an exact number says itself that it is none
    if value is None or isinstance(value, bool | bytes) or kinds <= {bool, NoneType}:
        raise _bad(name, value, kinds)
    if kinds & {int, float} and str not in kinds:
        return _number(name, value, kinds)
    if isinstance(value, int | float | Decimal):
        value = _as_text(name, value, kinds)
    if isinstance(value, str) and kinds <= {Path, NoneType}:
        return Path(value)
    if isinstance(value, str) and lists and str not in kinds:
        return [value]
    many = Iterable if lists else str
    if isinstance(value, str | float | many) or (Path in kinds and isinstance(value, Path)):
        return value
    raise _bad(name, value, kinds)


def _part(name: str, value: Any, inside: set[Any]) -> Any:
    """One of a list."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | Path):
        raise _bad(name, value, inside)
    if isinstance(value, str | Path) or inside & {int, float, Decimal}:
        return value
    return _as_text(name, value, inside)


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
            return value.date()
    except ValueError as error:
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


def _not_nan(name: str, value: Any) -> Any:
    if isinstance(value, float) and isnan(value):
        raise _bad(name, value, {float})
    return value


def _number(name: str, value: Any, kinds: set[Any]) -> Any:
    """A whole number, or one of a field that takes others too, also where it is a text."""
    try:
        number = float(value)
        if float in kinds:
            return _not_nan(name, value if isinstance(value, int) else number)
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        raise _bad(name, value, kinds) from None
    if whole != number:
        raise _bad(name, value, kinds)
    return whole


def _as_text(name: str, value: int | float | Decimal, kinds: set[Any]) -> str | float:
    """A number as its text; a binary one stays where an exact one is wanted: that refuses it."""
    if Path in kinds:
        raise _bad(name, value, kinds)
    return value if isinstance(value, float) and Decimal in kinds else str(value)


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
