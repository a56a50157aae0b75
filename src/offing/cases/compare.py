"""Whether an answer holds, to the rounding that the case names.

``exact``, ``half_up_2`` (also ``half_even_``, ``down_``, ``up_``, ``floor_``,
``ceiling_``), ``tol_0.5``; or a table with one for each answer.
"""

import re
from decimal import Decimal
from typing import cast

from offing.cases.given import Value
from offing.terms.amounts import exactly
from offing.terms.errors import InputError, Where
from offing.terms.money import Rounding, round_amount

EXACT_PLACES = 12
"""A quotient that never ends is compared to 12 decimals; all else is compared whole."""

NOISE_PLACES = 20
"""What stands further behind the point is left over by a division and its inverse: no half."""

LARGEST = 30
"""Digits before the point above which a number is compared as it is."""

SIZES = {"pip": (10000, 100), "bp": (10000,), "percent": (100,), "pct": (100,)}
"""How many of a unit one is: pips also of a quote in yen."""

_NOTHING = {"none", "null", "never", "no limit", "n/a", "-"}
_FORM = re.compile(r"(half_up|half_even|down|up|floor|ceiling)_(\d{1,2})|tol_(\d+(?:\.\d+)?)|exact")


def _form(rounding: Value, name: str, where: Where) -> str:
    chosen = rounding
    if isinstance(rounding, dict):
        chosen = rounding.get(name, rounding.get("default", "exact"))
    if not isinstance(chosen, str) or not _FORM.fullmatch(chosen):
        raise InputError("check.bad_rounding", where=where, rounding=chosen)
    return chosen


def places_of(rounding: Value) -> int:
    """The decimals to which a case states most of its answers; cents where it does not say."""
    forms = [*rounding.values()] if isinstance(rounding, dict) else [rounding]
    found = [int(match[2]) for one in forms if (match := _FORM.fullmatch(str(one))) and match[2]]
    return max(found, key=found.count, default=2)


def round_as_stated(value: Value, rounding: str) -> Value:
    """The value as a case of that rounding would state it.

    >>> round_as_stated(Decimal("8.888888"), "half_up_2")
    Decimal('8.89')
    """
    match = _FORM.fullmatch(rounding)
    if not isinstance(value, Decimal) or match is None:
        return value
    places, how = (int(match[2]), match[1]) if match[1] else (EXACT_PLACES, "half_up")
    if value.adjusted() > LARGEST:
        return value
    with exactly():
        value = round_amount(value, max(places, NOISE_PLACES), "half_even")
        return round_amount(value, places, cast(Rounding, how)).normalize()


def convert_units(name: str, got: Decimal, expected: Value) -> Decimal:
    """A number in the units that the name of an answer ends with, where it is as large in them.

    >>> convert_units("spread_pips", Decimal("0.0382"), Decimal(382))
    Decimal('382.0000')
    """
    sizes = SIZES.get(name.rpartition("_")[2].removesuffix("s"), ())
    if not isinstance(expected, Decimal) or not expected or not got:
        return got
    return min((got * size for size in (1, *sizes)), key=lambda one: abs(abs(one / expected).ln()))


def _same(expected: Value, got: Value, form: str) -> bool:
    """Whether one is the other; a figure of more places than its rounding is held to its own."""
    if not isinstance(expected, Decimal) or not isinstance(got, Decimal):
        if got is None:
            return expected is None or str(expected).lower() in _NOTHING
        return type(expected) is type(got) and expected == got
    if form.startswith("tol_"):
        return abs(got - expected) <= Decimal(form.removeprefix("tol_"))
    if round_as_stated(expected, form) != expected:
        form = f"half_up_{-int(expected.as_tuple().exponent)}"
    return round_as_stated(got, form) == expected


def compare_answer(
    expected: Value, got: Value, rounding: Value, name: str, where: Where
) -> tuple[bool, Value]:
    """Whether ``got`` answers ``expected``, and the part that was asked for, as the case states it.

    Tables and lists are compared item by item.

    Raises:
        InputError: ``check.bad_rounding``.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        items = {k: compare_answer(v, got.get(k), rounding, k, where) for k, v in expected.items()}
        return all(ok for ok, _ in items.values()), {k: shown for k, (_, shown) in items.items()}
    if isinstance(expected, list) and isinstance(got, list):
        pairs = zip(expected, got, strict=False)
        rows = [compare_answer(one, two, rounding, name, where) for one, two in pairs]
        same = len(got) == len(expected) and all(ok for ok, _ in rows)
        return same, [shown for _, shown in rows]
    form = _form(rounding, name, where)
    return _same(expected, got, form), round_as_stated(got, form)
