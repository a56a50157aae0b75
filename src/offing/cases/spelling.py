"""How the names of a case are spelt: one form for all, and what another one was meant to be."""

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from offing.cases.phrases import letters, likeness
from offing.cases.values import unit_called
from offing.terms.currencies import codes

MONEYS = ("fc", "home")
"""Endings of an amount that say whether it is home money."""

LIKE = 0.75
"""From here on two names are like each other by their letters alone."""

SPELT = 0.8
"""From here on a part of a name is another part in other letters."""

ALIKE = 0.6
"""From here on a name without a word in common may be worth asking about."""

_ASIDE = re.compile(r"[（(,，;；:：].*")


def as_name(text: str) -> str:
    """A meaning, or a name as somebody writes it, as a name: small letters and underscores.

    >>> as_name("refund rate"), as_name("exports, FOB"), as_name("免税料件（含保税）")
    ('refund_rate', 'exports', '免税料件')
    """
    return re.sub(r"[\s-]+", "_", _ASIDE.sub("", text.strip()).strip().lower())


def money_first(base: str, unit: str) -> tuple[str, str, frozenset[str]]:
    """An amount for a unit whose money stands last: ``duty_min_per_kg_eur``, ``…_per_kg_fc``."""
    measure, _, code = unit.rpartition("_")
    if unit_called(measure) and code in MONEYS:
        return base, measure, frozenset({code})
    if unit_called(measure) and code.upper() in codes():
        return f"{base}_{code}", measure, frozenset()
    return base, unit, frozenset()


def by_letters(name: str, options: Iterable[str]) -> str | None:
    """The option that shares a part with a name, else most of its letters."""
    like = {option: likeness(name, option) for option in sorted(options)}
    most = max(like.values(), default=0.0)
    alike = (option for option in like if like[option] == most)
    near = max(alike, key=lambda option: letters(name, option), default="")
    return near if likeness(name, near) or letters(name, near) >= ALIKE else None


def with_other_part(name: str, parts: Collection[str]) -> Iterator[str]:
    """The name with one part that is none of these as one that it is like."""
    own = name.split("_")
    for at, part in enumerate(own):
        if part in parts or part.upper() in codes():
            continue
        for like in get_close_matches(part, parts, n=8, cutoff=SPELT):
            if len(like) > 2:
                yield "_".join((*own[:at], like, *own[at + 1 :]))
