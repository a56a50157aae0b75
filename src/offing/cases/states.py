"""Cases of a change: the same sum before it and after it, and the difference that it makes.

``rebate_rate_before: 0.13, rebate_rate_after: 0.09`` (or a plain rate and a new one, or an
``additional_input_tax``) is two cases; ``refund_before``, ``refund_after`` and ``refund_change``
are answers of the one, the other and both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from offing.cases.given import Value
from offing.cases.reading import Case

BEFORE, AFTER = "before|old|previous|former|原|调整前", "after|new|新|调整后"
_SIDES = tuple(
    (re.compile(rf"(?:(?:{marks})_?(\w+)|(\w+?)_?(?:{marks}))"), side)
    for side, marks in enumerate((BEFORE, AFTER))
)
"""Names of an amount before a change and after it."""

_MORE = re.compile(r"(?:additional|extra|further|新增)_?(\w+)")
"""A name of what an amount is more by after the change."""

_FALLS = r"decrease|fall|drop|reduction|loss|lost|fewer|less|减少"
_CHANGE = re.compile(
    r"(?:(?:change|difference|increase|decrease|rise|fall|drop|reduction)_(?:in|of)_(\w+)"
    r"|(?:delta|extra|additional|marginal|more|less|lost|fewer)_(\w+)"
    r"|(\w+?)_?(?:change|difference|delta|increase|rise|decrease|fall|drop|reduction|effect"
    r"|变动|增加|减少|loss))"
)
"""Names of the difference of an answer."""


@dataclass(frozen=True)
class Changed:
    """A case of a change as two cases, and the differences that it asks for.

    Attributes:
        before: with the answers that are of it.
        after: the same of the other.
        changes: name → the answer that it is the difference of, and 1 for later less earlier.
        own: the names under which the case has the answers of the two.
    """

    before: Case
    after: Case
    changes: Mapping[str, tuple[str, int]]
    own: Mapping[str, tuple[int, str]]


def _side(name: str) -> tuple[str, int] | None:
    """The name without its mark of time, and 0 for before, 1 for after."""
    for pattern, side in _SIDES:
        if match := pattern.fullmatch(name):
            return match[1] or match[2], side
    return None


def _two(inputs: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """The inputs before the change and after it."""
    marked = {name: found for name in inputs if (found := _side(name))}
    plain = {name: value for name, value in inputs.items() if name not in marked}
    later: dict[str, Value] = {}
    for name, value in [*plain.items()]:
        more = _MORE.fullmatch(name)
        base = plain.get(more[1]) if more else None
        if more and isinstance(value, Decimal) and isinstance(base, Decimal):
            later[more[1]] = base + value
            del plain[name]
    sides = dict(plain), plain | later
    for name, (stem, side) in marked.items():
        sides[side][stem] = inputs[name]
    return sides


def changed(case: Case) -> Changed | None:
    """The case as two, where its inputs are of two times; else ``None``."""
    sides = _two(case.inputs)
    if sides[0] == sides[1] or {*sides[0]} != {*sides[1]}:
        return None
    asked: tuple[dict[str, Value], dict[str, Value]] = ({}, {})
    changes, own = {}, {}
    for name, value in case.expected.items():
        match, found = _CHANGE.fullmatch(name), _side(name)
        if match and not found:
            stem = next(filter(None, match.groups()))
            changes[name] = (stem, -1 if re.search(_FALLS, name) else 1)
        else:  # an answer without a mark is of what holds now
            stem, side = found or (name, 1)
            own[name] = (side, stem)
            asked[side][stem] = value
    rounding = case.rounding
    if isinstance(rounding, dict):
        rounding = rounding | {stem: rounding[n] for n, (_, stem) in own.items() if n in rounding}
    first, second = (
        replace(case, inputs=inputs, expected=expected, rounding=rounding)
        for inputs, expected in zip(sides, asked, strict=True)
    )
    return Changed(first, second, changes, own)
