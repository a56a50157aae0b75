"""Names outside the vocabulary, read where the case's own figures prove what they mean.

An unknown name is read as one of the method's own words, the likest first, and that reading counts
only where the case holds with it. So a name never changes a sum on a guess; one that is misspelt,
or that proves nothing, is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from offing.cases.given import Value
from offing.cases.phrases import letters, likeness, said
from offing.cases.reading import Case
from offing.cases.values import number_said
from offing.cases.words import OPPOSITES, Method, Vocabulary, Word

TRIALS = 240
"""Readings of one case that are tried at most."""

ORDERS = 4096
"""Readings of all its names together that are thought of at most."""

OPTIONS, METHODS = 16, 6
"""Words that one name is tried as, and methods that an unknown one is, at most."""

PROOF = 4
"""Digits from which on a figure says itself which answer of a known case it is."""

CLEAR = 3
"""Digits from which on a figure proves a reading whose name has nothing in common with it."""

LIKE, SAME = 0.1, 0.5
"""How like a name must be to a word, and to that of an answer of nought."""

NEAR = 0.9
"""From here on a name is another misspelt, and nothing else."""

NUMBERS = ("money", "share", "number", "quote", "pair")
_Spare = tuple[str, ...] | None
"""Inputs without a part; ``None`` where none is known to have one."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Reading:
    """A case in the vocabulary's words, and what was read as what."""

    case: Case
    words: Mapping[str, str] = field(default_factory=dict)


def figures(value: Value) -> int:
    """The digits of the clearest figure of what a case expects; nought proves nothing."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return max(map(figures, inner), default=0)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return CLEAR
    number = number_said(value)
    return len(number.number.normalize().as_tuple().digits) if number and number.number else 0


def _tables(values: Mapping[str, Value], words: Vocabulary) -> Iterator[Mapping[str, Value]]:
    """A table and those in it; what stands under free names is no table of words."""
    yield values
    for name, value in values.items():
        named = words.find_for(name, value)
        if not (named and named.word.kind == "free"):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    yield from _tables(one, words)


def renamed(values: Mapping[str, Value], names: Mapping[str, str | None]) -> dict[str, Value]:
    """A table and those in it under other names; without those that have none."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        called = names.get(name, name)
        if called is None:
            continue
        if isinstance(value, dict):
            value = renamed(value, names)
        elif isinstance(value, list):
            value = [renamed(one, names) if isinstance(one, dict) else one for one in value]
        found[called] = value
    return found


def _fits(word: Word, value: Value) -> bool:
    """Whether a value is of a word's kind."""
    number = number_said(value)
    if number:
        return word.kind in NUMBERS and (word.kind != "share" or abs(number.number) < CLEAR)
    if isinstance(value, list | dict):
        of_tables = isinstance(value, list) and all(isinstance(one, dict) for one in value)
        return word.kind == (
            "free" if isinstance(value, dict) else "tables" if of_tables else "list"
        )
    return word.kind == ("flag" if isinstance(value, bool) else "text")


def _as_word(name: str, word: Word) -> Iterator[str]:
    """The names under which a word may stand in for another name, with that one's currencies.

    A name that says one of two opposites, such as with tax, is never read without it.
    """
    heard = said(name)
    opposites = heard.things & {form for pair in OPPOSITES for form in pair if form in word.forms}
    for called, forms in word.names():
        if opposites - forms or forms & {"bid", "ask"} - heard.things:
            continue
        if heard.quoted and word.kind in ("quote", "pair"):
            yield f"{called}_{heard.quoted[0]}_per_{heard.quoted[1]}"
        elif heard.currencies and word.kind == "money" and not forms:
            yield f"{called}_{heard.currencies[-1]}"  # usd_invoice_in_cny is CNY
        else:
            yield called


def _options(
    name: str, value: Value, words: Vocabulary, taken: set[str], least: float
) -> list[str]:
    """The names that one name is tried as, the likest first; from a likeness on."""
    ranked: list[tuple[float, int, int, str]] = []
    for place, word in enumerate(words.words.values()):
        called = [one for one in _as_word(name, word) if one not in taken]
        if called and word.kind != "label" and (value is None or _fits(word, value)):
            names = (*called, *(also.partition(":")[0] for also in word.also))
            like = max(likeness(name, one) for one in (*names, *word.meaning.values()))
            called.sort(key=lambda one: (-likeness(name, one), -letters(name, one)))
            kept = called[:1] if value is not None else called
            ranked += [(-like, place, at, one) for at, one in enumerate(kept)]
    best = -min(ranked, default=(0.0,))[0]
    least = max(least, (best >= SAME) * best / 2)
    found = [called for like, *_, called in sorted(ranked) if -like >= least]
    return found[:OPTIONS] if least else found


def _open(case: Case, method: Method, unused: _Spare) -> dict[str, tuple[Value, bool]]:
    """The inputs whose meaning is open, and whether they are read at all as they stand.

    No word at all, another method's word without a part; or an own one without a part, or that was
    read by what it says.
    """
    found: dict[str, tuple[Value, bool]] = {}
    for table in _tables(case.inputs, method.accepts):
        for name, value in table.items():
            named = method.accepts.find_for(name, value)
            other = named is None or named.word.name not in method.accepts.own
            spare = unused is None or name in unused
            if named is None or (other and spare):
                found.setdefault(name, (value, False))
            elif (unused and spare) or not method.accepts.is_plain(name):
                found.setdefault(name, (value, True))
    return found


def _given(case: Case, method: Method) -> set[str]:
    """The words that the case gives, as the vocabulary writes them."""
    tables = _tables(case.inputs, method.accepts)
    named = (method.accepts.find_for(n, v) for table in tables for n, v in table.items())
    return {one.canonical for one in named if one}


_Names = dict[str, str]


def is_misspelt(case: Case, method: Method) -> bool:
    """Whether an input is a word in other letters: that is asked back, never read."""
    find = method.accepts.find_for
    tables = _tables(case.inputs, method.accepts)
    return any(
        find(name, value) is None and _is_like_one(name, method)
        for table in tables
        for name, value in table.items()
    )


def _is_like_one(name: str, method: Method) -> bool:
    """Whether a name is a word with other letters, and as many parts."""
    near = method.reads.nearest(name, NEAR) or method.accepts.nearest(name, NEAR)
    if method.accepts.respelt(name):
        return True
    return near is not None and near.count("_") == name.count("_")


def _choices(case: Case, method: Method, unused: _Spare) -> Iterator[_Names]:
    """What the open names are read as, likely readings first.

    Of the names that were read by what they say one at a time is read otherwise.
    """
    taken = _given(case, method)
    unknown: dict[str, list[str]] = {}
    heard: list[_Names] = [{}]
    for name, (value, read) in _open(case, method, unused).items():
        options = _options(name, value, method.reads, taken, LIKE)
        if read:
            heard += [{name: word} for word in options]
        else:
            unknown[name] = options
    most = int(ORDERS ** (1 / max(len(unknown), 1)))  # of each, so that all together are not many
    places = product(*(range(min(most, len(options))) for options in unknown.values()))
    orders = sorted(places, key=sum)
    for other in heard:
        for order in orders:
            at = zip(order, unknown.items(), strict=True)
            yield other | {name: options[place] for place, (name, options) in at}


def input_readings(case: Case, method: Method, unused: _Spare = ()) -> Iterator[Reading]:
    """The readings of a case's inputs under the words of a method, likely ones first."""
    for names in _choices(case, method, unused):
        if len({*names.values()}) == len(names):
            inputs = renamed(case.inputs, names)
            yield Reading(replace(case, name=method.name, inputs=inputs), names)


def answer_names(
    case: Case, gives: Vocabulary, misses: tuple[str, ...] = ()
) -> dict[str, list[str | None]]:
    """What each answer that no word says is tried as; one that is nought must say so itself.

    So is one that was read by what it says, and missed. Beside answers that are known a figure of
    many digits says what it is of where the name is like none (``usd_route``).
    """
    tables = [*_tables(case.expected, gives)]
    values = {name: value for table in tables for name, value in table.items()}
    own = {name: named.canonical for name in values if (named := gives.find(name))}
    heard = {name for name in misses if name not in gives.words and not gives.is_plain(name)}
    method, taken = {*case.name.split("_")}, {*own.values()}
    alone = not own.keys() - heard
    options: dict[str, list[str | None]] = {}
    for name in (name for name in values if name not in own or name in heard):
        least = _least(figures(values[name]), alone=alone)
        found = [own.get(name), *_options(name, None, gives, taken, least)]
        found += _options(_without(method, name), None, gives, taken, least)
        options[name] = [*filter(None, dict.fromkeys(found))]
    return options


def _least(digits: int, *, alone: bool) -> float:
    """How like an answer a name must be, by the digits of its figure."""
    if not digits:
        return SAME
    return LIKE if alone or digits < PROOF else 0.0


def _without(method: set[str], name: str) -> str:
    """A name without the words of its method, where others are left: the rate of a window."""
    return "_".join(part for part in name.split("_") if part not in method) or name


def read_so(
    reading: Reading, unknown: Mapping[str, list[str | None]], holds: Callable[[Case], bool]
) -> Reading | None:
    """The reading whose answers hold under the words that they are tried as, one after another."""
    names: dict[str, str | None] = dict.fromkeys(unknown)

    def asked(called: Mapping[str, str | None]) -> Case:
        """The case with its answers, and their roundings, under other names."""
        case = reading.case
        rounding = case.rounding
        if isinstance(rounding, dict):
            rounding = {called.get(name) or name: form for name, form in rounding.items()}
        return replace(case, expected=renamed(case.expected, called), rounding=rounding)

    def tried(name: str, word: str | None) -> Case:
        return asked({**names, name: word})

    if len(unknown) < len(reading.case.expected) and not holds(asked(names)):
        return None
    for name, options in unknown.items():
        names[name] = next((word for word in options if holds(tried(name, word))), None)
        if names[name] is None:
            return None
    words = {**reading.words, **{name: word for name, word in names.items() if word}}
    return replace(reading, words=words, case=asked(names))


def methods_like(case: Case, known: Mapping[str, Method]) -> list[Method]:
    """The methods that an unknown one may be, by its name and by what it gives and asks for."""

    def score(method: Method) -> float:
        given = [method.reads.find(name) is not None for name in case.inputs]
        asked = [method.gives.find(name) is not None for name in case.expected]
        name = max(likeness(case.name, one) for one in (method.name, *method.also))
        return sum(given) / max(len(given), 1) + sum(asked) / max(len(asked), 1) + name

    return sorted(known.values(), key=score, reverse=True)[:METHODS]
