"""The words that a case may use: data beside the rules that it tests (``<room>/cases.toml``).

A word has a kind, a meaning in both languages, and the forms in which it may stand. Forms are
endings with one meaning everywhere: ``export_fob_fc`` is the word ``export_fob`` in foreign
currency, ``purchase_gross_unit_cny`` the word ``purchase`` with tax, for one unit, in CNY.
A word may also stand under its meaning (退税率, ``refund_rate``). Besides, a quote names its two
currencies (``spot_cny_per_usd``), an amount ends with its own (``freight_usd``) or with the unit
that it is for one of (``freight_per_kg``), and interest begins or ends with its currency
(``usd_rate``). Nothing else is understood: a name that is not in the vocabulary is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property
from itertools import product
from typing import Any

from offing.cases.values import unit_called
from offing.terms.files import shipped_toml
from offing.terms.messages import nearest
from offing.terms.money import currency_codes

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

MONEYS = ("fc", "home", "local")
"""Moneys of a quote, or endings of an amount, that name no currency."""

_QUOTE = re.compile(r"(?:(\w+?)_)?([a-z]+)_per_(?:(10+)_?)?([a-z]+?)(?:_(bid|ask))?")
_IN_CURRENCY = re.compile(r"(\w+)_([a-z]{3})")
_INTEREST = re.compile(
    r"(?:([a-z]{3})_(?:rate|interest|interest_rate)|(?:r|i|rate|interest|interest_rate)_([a-z]{3}))"
    r"(?:_(bid|ask))?"
)
_ASIDE = re.compile(r"[（(,，;；:：].*")


def as_name(text: str) -> str:
    """A meaning, or a name as somebody writes it, as a name: small letters and underscores.

    >>> as_name("refund rate"), as_name("exports, FOB"), as_name("免税料件（含保税）")
    ('refund_rate', 'exports', '免税料件')
    """
    return re.sub(r"[\s-]+", "_", _ASIDE.sub("", text.strip()).strip().lower())


def is_money(name: str) -> bool:
    """Whether a part of a name is a currency, or home or foreign money."""
    return name in MONEYS or (len(name) == 3 and name.upper() in currency_codes())


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
        also: further names in use, in either language; with a form that the name says:
            ``价税合计:gross``.
        money: of an answer: ``home`` or ``fc``, the money that it is in.
        stands_for: the charge whose name it is; two names of one charge are no rivals.
        within: the least and the greatest that it can be; one alone is the least.
        of: the formulas of an answer that follows from others, the usual one first.
    """

    name: str
    kind: str = "money"
    meaning: Mapping[str, str] = field(default_factory=dict)
    forms: tuple[str, ...] = ()
    fx: tuple[str, ...] = ("fx",)
    contains: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    money: str = "home"
    stands_for: str = ""
    within: tuple[Decimal, ...] = ()
    of: tuple[str, ...] = ()

    def can_be(self, value: Decimal) -> bool:
        """Whether a value is one that the word can have."""
        return all(
            (value >= end) if at == 0 else (value <= end) for at, end in enumerate(self.within)
        )

    def names(self, called: tuple[str, ...] = ()) -> Iterator[tuple[str, frozenset[str]]]:
        """Every name under which it may stand, with its forms; or the names of further ones."""
        for full in called or (self.name,):
            name, _, said = full.partition(":")
            groups = [("", *(form for form in group if form in self.forms)) for group in ENDINGS]
            for endings in product(*(group for group in groups if said not in group or not said)):
                forms = [form for form in endings if form]
                yield "_".join((name, *forms)), frozenset((*forms, said)) - {""}
            if "rate" in self.forms and not said:
                yield f"{name}_rate", frozenset({"rate"})


@dataclass(frozen=True)
class Named:
    """A name of a case, understood: the word, its forms, and the two currencies of a quote.

    ``currency`` is that of an amount whose name ends with one, ``per`` the unit that it is for one
    of (``freight_per_kg``), ``scale`` the number that a quote is for (``cny_per_100_jpy``).
    """

    word: Word
    forms: frozenset[str] = frozenset()
    quoted: tuple[str, str] | None = None
    currency: str = ""
    per: str = ""
    scale: int = 1

    @property
    def canonical(self) -> str:
        """The name in the vocabulary's own words, as answers have it."""
        endings = (form for group in (*ENDINGS, ("rate",)) for form in group if form in self.forms)
        return "_".join((self.word.name, *endings))


def _rivals(one: Word, other: Word) -> bool:
    """Whether one name cannot stand for both: two names of one charge are no rivals."""
    return one is not other and not (one.stands_for and one.stands_for == other.stands_for)


@dataclass(frozen=True)
class Vocabulary:
    """Words, by name; ``own`` are those of the method itself, which come before the room's."""

    words: Mapping[str, Word]
    own: frozenset[str] = frozenset()

    @cached_property
    def _names(self) -> dict[str, Named]:
        """The words by their names: those of the method first, and names before further names."""
        names: dict[str, Named] = {}
        for ours in (True, False):
            words = [w for w in self.words.values() if (w.name in self.own) == ours]
            words = [word for word in words if word.kind != "pair"]
            asked = ours or not self.own  # of other methods' words it is all one which is meant
            before = frozenset(names) if asked else None
            for word in words:
                self._add(names, word, word.names(), before)
            before = frozenset(names) if asked else None
            for word in words:
                self._add(names, word, word.names(word.also) if word.also else (), before)
        return names

    @staticmethod
    def _add(
        names: dict[str, Named],
        word: Word,
        more: Iterable[tuple[str, frozenset[str]]],
        before: frozenset[str] | None,
    ) -> None:
        for name, forms in more:
            first = names.setdefault(name, Named(word, forms))
            if before is not None and name not in before and _rivals(first.word, word):
                raise ValueError(f"{name} is a form of {word.name} and of {first.word.name}")

    @cached_property
    def _meanings(self) -> dict[str, Named]:
        """The words by what they mean, where that is the meaning of one word only."""
        words_of: dict[str, set[str]] = {}
        for word in self.words.values():
            for meaning in word.meaning.values() if word.kind != "pair" else ():
                words_of.setdefault(as_name(meaning), set()).add(word.name)
        meant = {name: words & self.own or words for name, words in words_of.items()}
        return {name: Named(self.words[min(words)])
                for name, words in meant.items() if len(words) == 1}  # fmt: skip

    @cached_property
    def _pairs(self) -> dict[str, Named]:
        """The rates that must name their currencies, by what stands before them."""
        pairs = (word for word in self.words.values() if word.kind == "pair")
        return {name: Named(word) for word in pairs for name in (word.name, *word.also)}

    def _resolve_name(self, name: str) -> Named | None:
        return self._names.get(name) or self._meanings.get(name)

    def find(self, name: str) -> Named | None:
        """What a name means, ``None`` where it is not in the vocabulary or could mean two words."""
        if name not in self._name_cache:
            self._name_cache[name] = self._read(name)
        return self._name_cache[name]

    @cached_property
    def _name_cache(self) -> dict[str, Named | None]:
        return {}

    def _read(self, name: str) -> Named | None:
        written = name if name in self._names else as_name(name)
        ways = (self._resolve_name, self._pairs.get, self._amount_name, self._interest,
                self._quote, self._for_one)  # fmt: skip
        readings = [named for way in ways if (named := way(written))]
        return next(filter(self._is_own, readings), readings[0] if readings else None)

    def _is_own(self, named: Named) -> bool:
        """Whether a word is the method's, and not another method's of the room."""
        return not self.own or named.word.name in self.own

    def _quote(self, name: str) -> Named | None:
        """A quote with its two currencies: ``spot_cny_per_usd``, ``fx_cny_per_100_jpy``."""
        match = _QUOTE.fullmatch(name)
        if not match or not (is_money(match[2]) and is_money(match[4])):
            return None
        base = "_".join(part for part in (match[1] or "fx", match[5]) if part)
        known = [word for word in (self._resolve_name(base), self._pairs.get(base))
                 if word and word.word.kind in ("quote", "pair")]  # fmt: skip
        named = next(filter(self._is_own, known), known[0] if known else None)
        if named is None:
            return None
        return replace(named, quoted=(match[2], match[4]), scale=int(match[3] or 1))

    def _interest(self, name: str) -> Named | None:
        """The interest of a currency: ``cny_rate``, ``r_usd``."""
        match = _INTEREST.fullmatch(name)
        currency = match and (match[1] or match[2])
        if currency and currency.upper() in currency_codes() and "interest" in self.words:
            side = frozenset({match[3]} if match and match[3] else ())
            return Named(self.words["interest"], side, currency=currency)
        return None

    def _for_one(self, name: str) -> Named | None:
        """An amount for one unit of a measure: ``anti_dumping_usd_per_kg``, ``freight_per_cbm``."""
        base, per, unit = name.rpartition("_per_")
        named = self.find(base) if per and unit_called(unit) else None
        if named is None or named.word.kind != "money" or named.forms & {"rate", "unit"}:
            return None
        if named.word.name.endswith(f"_per_{unit}"):  # rate_per_kg is for one as it stands
            return named
        return replace(named, per=unit_called(unit))

    def _amount_name(self, name: str) -> Named | None:
        """An amount of money that ends with its currency."""
        match = _IN_CURRENCY.fullmatch(name)
        named = (
            self._resolve_name(match[1]) if match and match[2].upper() in currency_codes() else None
        )
        if match is None or named is None or named.word.kind != "money" or "rate" in named.forms:
            return None
        return replace(named, currency=match[2])

    def nearest(self, name: str, cutoff: float = 0.6) -> str | None:
        """The name that is most like another, or whose meaning is (``退税率``, ``refund_rate``)."""
        near = nearest(as_name(name), self._options, cutoff=cutoff)
        return self._options[near] if near else None

    @cached_property
    def _options(self) -> dict[str, str]:
        """What a name may have been meant to be: every name, and every meaning with its word."""
        options = {name: name for name in self._names}
        for word in self.words.values():
            if word.kind == "pair":
                options |= {f"{word.name}_{pair}": f"{word.name}_{pair}" for pair in PAIRS}
            for meaning in word.meaning.values():
                options.setdefault(as_name(meaning), word.name)
        return options

    def add_words(self, more: Iterable[Word]) -> "Vocabulary":
        """These and further words; a word that is here already keeps its forms too."""
        words = dict(self.words)
        for word in more:
            old = words.get(word.name, word)
            forms = tuple(dict.fromkeys((*old.forms, *word.forms)))
            also = tuple(dict.fromkeys((*old.also, *word.also)))
            stands_for = word.stands_for or old.stands_for
            words[word.name] = replace(old, forms=forms, also=also, stands_for=stands_for)
        return Vocabulary(words, self.own)


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
        also: further names in use.
    """

    name: str
    meaning: Mapping[str, str]
    reads: Vocabulary
    accepts: Vocabulary
    gives: Vocabulary
    regimes: Mapping[str, str]
    also: tuple[str, ...]


def _word(name: str, keys: Mapping[str, Any]) -> Word:
    return Word(
        name,
        keys.get("kind", "money"),
        {"en": keys["en"], "zh": keys["zh"]},
        tuple(keys.get("forms", ())),
        tuple(keys.get("fx", ("fx",))),
        tuple(keys.get("contains", ())),
        tuple(keys.get("also", ())),
        keys.get("money", "home"),
        within=tuple(Decimal(str(end)) for end in keys.get("within", ())),
        of=(of,) if isinstance(of := keys.get("of", ()), str) else tuple(of),
    )


def _vocabulary(groups: Mapping[str, Any], chosen: Iterable[str]) -> Vocabulary:
    words = (_word(name, keys) for group in chosen for name, keys in groups[group].items())
    return Vocabulary({}).add_words(words)


@cache
def methods() -> dict[str, Method]:
    """Every method and model by name; ``importer`` stands for each country's."""
    known = {}
    for room in ROOMS:
        data = shipped_toml(f"offing.{room}", "cases.toml")
        for name, keys in data["methods"].items():
            reads = _vocabulary(data["words"], [*keys["reads"], "labels"])
            every = _vocabulary(data["words"], data["words"])
            known[name] = Method(
                name,
                {"en": keys["en"], "zh": keys["zh"]},
                reads,
                Vocabulary({**every.words, **reads.words}, frozenset(reads.words)),
                _vocabulary(data["answers"], keys["gives"]),
                keys.get("regimes", {}),
                (*keys.get("also", ()), keys["en"], keys["zh"]),
            )
    return known
