"""What was given for a field of a request, as the field's type has it: pydantic reads, we refuse.

A field takes what Python, a form, a line or JSON has of it: a number that is a text, an array of
NumPy, a day that is a timestamp. What it cannot be is refused here, for all questions.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin

from offing.terms.errors import InputError, must_be_within
from offing.terms.messages import join_list, suggest
from offing.terms.text import normal

if TYPE_CHECKING:  # a command's help needs none
    from pydantic import TypeAdapter

T = TypeVar("T", bound=str)

LISTS = (Sequence, Mapping, list, tuple)


def one_of(text: str, options: Sequence[T], option: str) -> T:
    """The choice that is meant, in any case.

    Raises:
        InputError: ``landed.bad_choice`` with the nearest one.
    """
    for choice in options:
        if text.strip().casefold() == choice.casefold():
            return choice
    near, every = suggest(text.strip(), options), join_list(options)
    raise InputError("landed.bad_choice", text=text, option=option, known=every, near=near)


def kinds_of(hint: Any) -> set[Any]:
    """All types inside a type; a list is among them as what it is.

    >>> sorted(kind.__name__ for kind in kinds_of(list[str] | None))
    ['NoneType', 'list', 'str']
    """
    origin = get_origin(hint)
    if origin in (Literal, Annotated):
        return {Literal} if origin is Literal else kinds_of(hint.__origin__)
    own = {origin} if origin in LISTS else set()
    return own.union(*map(kinds_of, get_args(hint))) if origin else {hint}


def choices_of(hint: Any) -> tuple[str, ...]:
    """The texts that a field can be, where it has a list of them."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(text for member in get_args(hint) for text in choices_of(member))


def readers_of(hint: Any) -> tuple[Callable[[Any], Any], ...]:
    """What reads a value further: ``Annotated[str, country_code]`` the name of a country."""
    own = filter(callable, getattr(hint, "__metadata__", ()))
    return (*own, *(read for member in get_args(hint) for read in readers_of(member)))


def read_value(option: str, value: Any, hint: Any) -> Any:
    """A value as a field of a type has it: a code or a rate that is a number is its text.

    Raises:
        InputError: ``cli.bad_day`` for what is no day, ``landed.bad_choice`` for what is none of
            the choices, ``cli.bad_given`` for another value that the field cannot be, and what a
            reader of the field refuses.
    """
    kinds, value = kinds_of(hint), _plain_value(value)
    if date in kinds and value is not None and not (isinstance(value, str) and str in kinds):
        return _day(option, value)
    if isinstance(value, str) and Literal in kinds and str not in kinds:
        return one_of(value, choices_of(hint), option)
    if isinstance(value, float) and Decimal in kinds and not kinds & {float, *LISTS}:
        return value  # it is no exact number: who wants one says so
    try:
        if isinstance(value, bool) and not kinds & {bool, Any}:
            raise ValueError
        value = _validate(value, hint)
    except ValueError:
        raise _refusal(option, value, kinds) from None
    return (
        None if value is None else reduce(lambda given, read: read(given), readers_of(hint), value)
    )


def _plain_value(value: Any) -> Any:
    """A number, day or array of NumPy as Python has it."""
    if type(value).__module__ != "numpy":
        return value
    return (value.astype("datetime64[us]") if value.dtype.kind == "M" else value).tolist()


def _validate(value: Any, hint: Any) -> Any:
    if isinstance(value, str) and str in (kinds := kinds_of(hint)) and not kinds & {*LISTS}:
        return value  # a text for a text: a quick command never loads pydantic
    return _adapter(hint).validate_python(value)


@cache
def _adapter(hint: Any) -> "TypeAdapter[Any]":
    from pydantic import ConfigDict, TypeAdapter

    own = ConfigDict(coerce_numbers_to_str=True, allow_inf_nan=False)
    return TypeAdapter(hint, config=own)


def _day(option: str, value: Any) -> date:
    try:
        if isinstance(value, str):
            return day_in_words(value)
        if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
            return value.date()
        if type(value) is date:
            return value
    except ValueError as error:
        raise InputError("cli.bad_day", name=option, value=value) from error
    raise InputError("cli.bad_day", name=option, value=value)


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

_WANTED = (
    (Path, '"months.csv", Path("months.csv")'),
    (Decimal, '"12.50", 12, Decimal("12.50")'),
    (float, "1, 2.5"),
    (int, "30, 2024"),
    (bool, "True, False"),
)
LONGEST_VALUE = 60
"""Characters of a wrong value that an error repeats."""


def _refusal(option: str, value: Any, kinds: set[Any]) -> InputError:
    """The error of a value that a field cannot be, with what it takes as one would write it."""
    others = '["EUR", "CNY"]' if kinds & {*LISTS} else '"852872", "Germany"'
    expected = next((text for kind, text in _WANTED if kind in kinds), others)
    frame = getattr(value, "columns", None) is not None
    shown = type(value).__name__ if frame else repr(value)[:LONGEST_VALUE]
    return InputError("cli.bad_given", name=option, value=shown, wanted=expected)


LONGEST = 10


def horizon_of(years: int) -> int:
    """Years ahead that an outlook can look.

    Raises:
        InputError: ``errors.out_of_range``.
    """
    must_be_within("--horizon", years, ge=1, le=LONGEST)
    return years


def top_of(rows: int) -> int:
    """How many rows of a list are told.

    Raises:
        InputError: ``errors.out_of_range``.
    """
    must_be_within("--top", rows, ge=1)
    return rows


Horizon = Annotated[int, horizon_of]
Top = Annotated[int, top_of]
