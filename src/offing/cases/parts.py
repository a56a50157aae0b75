"""Amounts that a case gives in parts: exports of one's own and through an agent are exports."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from offing.cases.phrases import likeness
from offing.cases.reading import Case
from offing.cases.readings import LIKE, Reading
from offing.cases.words import Method, Named


def part_readings(case: Case, method: Method) -> Iterator[Reading]:
    """Readings of names that are no words as parts of one amount.

    Several that share the end or the beginning of their names, where that is a word which is not
    given (``direct_export_fob``, ``agency_export_fob``); or a single one beside an amount that it
    is like. They count where the figures hold, as every reading does.
    """
    numbers = [name for name, value in case.inputs.items() if isinstance(value, Decimal)]
    named = {name: method.accepts.find_for(name, case.inputs[name]) for name in numbers}
    unknown = [name for name, of in named.items() if of is None]
    words = {name: of for name, of in named.items() if of}
    taken = {of.word.name for of in words.values()}
    for shared in _shared(unknown):
        word = method.reads.find(shared)
        if word and word.word.kind in ("money", "share") and word.word.name not in taken:
            yield _together(case, [name for name in unknown if _is_part(name, shared)], shared)
    for name in _alike(unknown[0], words) if len(unknown) == 1 else ():
        yield _together(case, [name, unknown[0]], name)


def _alike(name: str, words: Mapping[str, Named]) -> Iterator[str]:
    """The amounts that are given under a name which another one is like."""
    for own, of in words.items():
        like = max(likeness(name, other) for other in (own, of.canonical))
        if of.word.kind == "money" and like >= LIKE:
            yield own


def _shared(names: list[str]) -> list[str]:
    """What several names end or begin with, the longest first."""
    ends = [
        "_".join(part)
        for words in (name.split("_") for name in names)
        for at in range(1, len(words))
        for part in (words[at:], words[:at])
    ]
    several = {end for end in ends if sum(_is_part(name, end) for name in names) > 1}
    return sorted(several, key=lambda end: (-end.count("_"), end))


def _is_part(name: str, shared: str) -> bool:
    return name.startswith(f"{shared}_") or name.endswith(f"_{shared}")


def _together(case: Case, names: list[str], word: str) -> Reading:
    """The case with the amounts of several names under one, and what was so read."""
    amounts = [value for name in names if isinstance(value := case.inputs[name], Decimal)]
    rest = {name: value for name, value in case.inputs.items() if name not in names}
    inputs = {**rest, word: sum(amounts, Decimal(0))}
    return Reading(replace(case, inputs=inputs), {name: word for name in names if name != word})
