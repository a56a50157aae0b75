"""The words that a case may use: data beside the rules that it tests (``<room>/cases.toml``).

A word has a kind, a meaning in both languages, and the forms in which it may stand. Forms are
endings with one meaning everywhere: ``export_fob_fc`` is the word ``export_fob`` in foreign
currency, ``purchase_gross_unit_cny`` the word ``purchase`` with tax, for one unit, in CNY.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import product
from typing import Any

from offing.terms.nearest import nearest
from offing.terms.shipped import shipped_toml

ROOMS = ("refunds", "landed", "settlement")
"""Rooms whose rules have worked cases."""

ENDINGS = (
    ("net", "gross"),
    ("unit", "total"),
    ("cny", "fc", "home", "local", "usd"),
    ("bid", "ask"),
    ("period", "annual"),
)
"""Forms in the order in which they stand at the end of a name; one of each group at most."""

PAIRS = ("local_per_usd", "usd_per_local")
"""How a rate that must name its currencies stands."""

_QUOTED = re.compile(r"(\w+?)_(fc|home|local|[a-z]{3})_per_(fc|home|local|[a-z]{3})")


@dataclass(frozen=True)
class Word:
    """A word of the vocabulary.

    Attributes:
        name: without any ending.
        kind: ``money``, ``share``, ``number``, ``quote`` (an exchange rate), ``pair`` (one that
            must name its two currencies), ``date``, ``text``, ``flag``, ``list``, ``tables``,
            ``free`` (a table of free names), ``bound``, or ``label`` for what has no part in a sum.
        meaning: by language.
        forms: endings that it may have; ``rate`` is a share of what it belongs to.
        fx: words of the exchange rate of its ``fc`` form, the first that is given; none for an
            amount that is asked for in foreign currency.
        contains: what is in a price besides the goods.
        also: further names, where a paper's term has no settled English.
    """

    name: str
    kind: str = "money"
    meaning: Mapping[str, str] = field(default_factory=dict)
    forms: tuple[str, ...] = ()
    fx: tuple[str, ...] = ("fx",)
    contains: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def names(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Every name under which it may stand, with the forms of that name."""
        groups = [("", *(form for form in group if form in self.forms)) for group in ENDINGS]
        for name, *endings in product((self.name, *self.also), *groups):
            forms = [form for form in endings if form]
            yield "_".join((name, *forms)), frozenset(forms)
        if "rate" in self.forms:
            yield f"{self.name}_rate", frozenset({"rate"})


@dataclass(frozen=True)
class Named:
    """A name of a case, understood: the word, its forms, and the two currencies of a quote."""

    word: Word
    forms: frozenset[str] = frozenset()
    quoted: tuple[str, str] | None = None


@dataclass(frozen=True)
class Vocabulary:
    """Words, by name."""

    words: Mapping[str, Word]

    @cached_property
    def _names(self) -> dict[str, Named]:
        names: dict[str, Named] = {}
        for word in self.words.values():
            for name, forms in word.names() if word.kind != "pair" else ():
                if name in names:
                    raise ValueError(
                        f"{name} is a form of {word.name} and of {names[name].word.name}"
                    )
                names[name] = Named(word, forms)
        return names

    def find(self, name: str) -> Named | None:
        """What a name means, ``None`` where it is not in the vocabulary."""
        if name in self._names:
            return self._names[name]
        match = _QUOTED.fullmatch(name)
        word = self.words.get(match[1]) if match else None
        if match is None or word is None or word.kind not in ("quote", "pair"):
            return None
        return Named(word, frozenset(), (match[2], match[3]))

    def nearest(self, name: str, cutoff: float = 0.01) -> str | None:
        """The name that is most like another, or whose meaning is (``退税率``, ``refund_rate``)."""
        if name in self.words:  # a rate without its two currencies
            return f"{name}_{PAIRS[0]}"
        options = {name: name for name in self._names}
        for word in self.words.values():
            if word.kind == "pair":
                options |= {f"{word.name}_{pair}": f"{word.name}_{pair}" for pair in PAIRS}
            for meaning in word.meaning.values():
                options.setdefault(meaning.lower().replace(" ", "_"), word.name)
        near = nearest(name, options, cutoff=cutoff)
        return options[near] if near else None

    def with_words(self, more: Iterable[Word]) -> "Vocabulary":
        """These and further words; a word that is here already keeps its forms too."""
        words = dict(self.words)
        for word in more:
            old = words.get(word.name)
            both = (*old.forms, *word.forms) if old else word.forms
            words[word.name] = replace(old or word, forms=tuple(dict.fromkeys(both)))
        return Vocabulary(words)


@dataclass(frozen=True)
class Method:
    """A method or model that a case may name.

    Attributes:
        name: as in the case.
        meaning: by language.
        reads: its inputs.
        accepts: those, and every other word of the room: an exercise may hold a distractor.
        gives: its answers.
        regimes: importers whose rules it borrows, by the part that they play.
    """

    name: str
    meaning: Mapping[str, str]
    reads: Vocabulary
    accepts: Vocabulary
    gives: Vocabulary
    regimes: Mapping[str, str]


def _word(name: str, keys: Mapping[str, Any]) -> Word:
    return Word(
        name,
        keys.get("kind", "money"),
        {"en": keys["en"], "zh": keys["zh"]},
        tuple(keys.get("forms", ())),
        tuple(keys.get("fx", ("fx",))),
        tuple(keys.get("contains", ())),
        tuple(keys.get("also", ())),
    )


def _vocabulary(groups: Mapping[str, Any], chosen: Iterable[str]) -> Vocabulary:
    words = (_word(name, keys) for group in chosen for name, keys in groups[group].items())
    return Vocabulary({}).with_words(words)


@cache
def methods() -> dict[str, Method]:
    """Every method and model by name; ``importer`` stands for each country's."""
    known = {}
    for room in ROOMS:
        data = shipped_toml(f"offing.{room}", "cases.toml")
        for name, keys in data["methods"].items():
            known[name] = Method(
                name,
                {"en": keys["en"], "zh": keys["zh"]},
                _vocabulary(data["words"], [*keys["reads"], "labels"]),
                _vocabulary(data["words"], data["words"]),
                _vocabulary(data["answers"], keys["gives"]),
                keys.get("regimes", {}),
            )
    return known
