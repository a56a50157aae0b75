"""The words that a case may use: data beside the rules that it tests (``<room>/cases.toml``).

A word has a kind, a meaning in both languages, and the forms in which it may stand. Forms are
endings with one meaning everywhere: ``export_fob_fc`` is the word ``export_fob`` in foreign
currency, ``purchase_gross_unit_cny`` the word ``purchase`` with tax, for one unit, in CNY.
A word may also stand under its meaning (退税率, ``refund_rate``), and an amount may end with its
currency (``freight_usd``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property
from itertools import product
from typing import Any

from offing.cases.phrases import Said, by_level, priced, said, without_faint
from offing.cases.spelling import LIKE, MONEYS, as_name, by_letters, money_first, with_other_part
from offing.cases.values import bare_number, unit_called
from offing.terms.currencies import codes
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

OPPOSITES = (("net", "gross"), ("bid", "ask"))
"""Those of them of which one is never the other."""

PAIRS = ("local_per_usd", "usd_per_local")
"""How a rate that must name its currencies stands."""

_MANY = re.compile(r"(\w+)_per_(10+)_?([a-z]+)(?:_(?:gross|net))?(?:_weight)?")
_COUNTED = re.compile(r"(?:(10+)_)?([a-z]{3})")
_IN_CURRENCY = re.compile(r"(\w+)_([a-z]{3})")
LENT = ("borrow_rate", "deposit_rate")
"""Interest whose name may have its money in it: ``eur_deposit_rate``, ``borrow_rate_home``."""

SIDES = {"home": "home", "domestic": "home", "local": "home", "fc": "fc", "foreign": "fc"}
"""What a name may call home money and foreign money that it does not name."""

_INTEREST = re.compile(
    r"(?:([a-z]{3})_(?:rate|interest|interest_rate)|(?:r|i|rate|interest|interest_rate)_([a-z]{3}))"
    r"(?:_(bid|ask))?"
)
_IN_UNITS = re.compile(r"(\w+)_(pips?|bps?|percent|pct)")
"""An answer in other units than its own: ``spread_pips``."""


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
    of (``freight_per_kg``), ``scale`` the number that a quote is for (``cny_per_100_jpy``). What
    is priced in what is ``implied`` where only the order of two currencies says it.
    """

    word: Word
    forms: frozenset[str] = frozenset()
    quoted: tuple[str, str] | None = None
    currency: str = ""
    per: str = ""
    scale: int = 1
    implied: bool = False

    @property
    def canonical(self) -> str:
        """The name in the vocabulary's own words, as answers have it."""
        endings = (form for group in (*ENDINGS, ("rate",)) for form in group if form in self.forms)
        return "_".join((self.word.name, *endings))


_Layer = dict[frozenset[str], Named | None]


def _rivals(one: Word, other: Word) -> bool:
    """Whether one name cannot stand for both; a list of tables is known by its value."""
    if one is other or (one.stands_for and one.stands_for == other.stands_for):
        return False
    return (one.kind == "tables") == (other.kind == "tables")


def _all_names(word: Word) -> Iterator[tuple[str, Named]]:
    for name, forms in (*word.names(), *word.names(word.also)):
        yield name, Named(word, forms)


def _all_meanings(word: Word) -> Iterator[tuple[str, Named]]:
    for meaning in word.meaning.values():
        yield from ((text, Named(word)) for text in (meaning, as_name(meaning)))


def _by_things(pairs: Iterable[tuple[frozenset[str], Named]]) -> _Layer:
    """The words by what they say; ``None`` for what two of them say."""
    found: _Layer = {}
    for things, named in pairs:
        first = found.setdefault(things, named) if things else named
        if first is not None and _rivals(first.word, named.word):
            found[things] = None
    return found


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
        """The words by what they mean, where that is said of one word only."""
        said: dict[str, set[str]] = {}
        for word in self.words.values():
            for meaning in word.meaning.values() if word.kind != "pair" else ():
                said.setdefault(as_name(meaning), set()).add(word.name)
        meant = {name: words & self.own or words for name, words in said.items()}
        one = {name: next(iter(words)) for name, words in meant.items() if len(words) == 1}
        return {name: Named(self.words[word]) for name, word in one.items()}

    @cached_property
    def _pairs(self) -> dict[str, Named]:
        """The rates that must name their currencies, by what stands before them."""
        pairs = (word for word in self.words.values() if word.kind == "pair")
        return {name: Named(word) for word in pairs for name in (word.name, *word.also)}

    def _called(self, name: str) -> Named | None:
        return self._names.get(name) or self._meanings.get(name)

    def find(self, name: str) -> Named | None:
        """What a name means, ``None`` where it is not in the vocabulary or could mean two words."""
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def _read(self, name: str) -> Named | None:
        """A name as it stands or by what it says."""
        written = name if name in self._names else as_name(name)
        ways = (self._called, self._in_currency, self._interest)
        named = next((named for way in ways if (named := way(written))), None)
        own_pair = self._pairs.get(written)
        if named and own_pair and self._of_others(named) and not self._of_others(own_pair):
            return own_pair
        if named is None or (written not in self._names and self._of_others(named)):
            many = self._for_many(written) or self._for_one(written)
            ended = self._ended(written) if named is None else None
            named = many or self._as_said(name) or ended or self._in_units(written) or named
        return named

    def _in_units(self, name: str) -> Named | None:
        """An answer in points, basis points or per cent."""
        match = _IN_UNITS.fullmatch(name) if not self.own else None
        named = self.find(match[1]) if match else None
        return named if named and named.word.kind in ("number", "quote", "share") else None

    def is_plain(self, name: str) -> bool:
        """Whether a name stands in the vocabulary, with its endings, and is not read otherwise."""
        written = name if name in self._names else as_name(name)
        rest = said(written).rest
        if self._called(rest) or rest in self._pairs or self._in_currency(written):
            return True
        base, per, _ = written.rpartition("_per_")
        ended = self._ended(written) or (self._for_one(written) if per else None)
        base = (
            base if per else "_".join(p for p in written.split("_") if p not in ("unit", *MONEYS))
        )
        return ended is not None and self._called(base) is not None

    def _of_others(self, named: Named) -> bool:
        """Whether a word is another method's."""
        return bool(self.own) and named.word.name not in self.own

    def find_for(self, name: str, value: object) -> Named | None:
        """What a name means with its value: ``exports`` is a list of groups, or an amount."""
        named = self.find(name)
        if named is None or named.implied:
            named = self._by_level(said(name), value, named)
        tables = isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
        plain = not isinstance(value, list | dict)
        if named is None or not (tables or plain) or tables == (named.word.kind == "tables"):
            return named
        return self._other_kind[tables].find(name) or named

    def _by_level(self, heard: Said, value: object, named: Named | None) -> Named | None:
        """A quote of two currencies whose direction only its value says; ``None`` against it."""
        if (number := bare_number(value)) is None:
            return named
        pair = by_level(heard.currencies, number / heard.scale)
        if pair is None or (named and named.quoted == pair):
            return named
        return None if named else self._heard(replace(heard, currencies=(), quoted=pair))

    @cached_property
    def _other_kind(self) -> dict[bool, "Vocabulary"]:
        """The words for lists of tables, and the others."""
        parted: dict[bool, dict[str, Word]] = {True: {}, False: {}}
        for name, word in self.words.items():
            parted[word.kind == "tables"][name] = word
        return {tables: Vocabulary(words, self.own) for tables, words in parted.items()}

    @cached_property
    def _found(self) -> dict[str, Named | None]:
        return {}

    @cached_property
    def _said(self) -> dict[str, tuple[_Layer, _Layer]]:
        """The words by what their names say, and their meanings: all of it, and without what is
        faint.

        What two words say is ``None``. Only the method's own words are understood so: another's
        would have no part.
        """
        words = [word for word in self.words.values() if not self.own or word.name in self.own]
        layers = {}
        for source, every in (("names", _all_names), ("meanings", _all_meanings)):
            said_of = [(said(name), named) for word in words for name, named in every(word)]
            plain = [(heard.things, named) for heard, named in said_of if not heard.currencies]
            rest = _by_things((without_faint(things), named) for things, named in plain)
            layers[source] = (_by_things(plain), rest)
        return layers

    def _as_said(self, name: str) -> Named | None:
        """A name by what its words say, whatever their order and language."""
        return self._heard(said(name))

    def _heard(self, heard: Said) -> Named | None:
        """The word that says the things that were heard, with their currencies."""
        none = frozenset[str]()
        if len(heard.currencies) == 1 and heard.things and heard.things <= {"interest", "rate"}:
            return self._interest(f"{heard.currencies[0]}_rate")
        money = frozenset({"home" if heard.currencies == ("cny",) else "fc"})
        pair = heard.quoted or len(heard.currencies) == 2
        ways = [heard.things | more for more in ((money, none) if heard.currencies else (none,))]
        if pair:
            ways = [heard.things - {"rate"} | {"fx"}, heard.things]
        for things in ways:
            named = self._by_layers(things)
            if isinstance(named, Named):
                return self._of_currencies(replace(named, scale=heard.scale), heard)
            if named:
                return None
        return None

    def _by_layers(self, things: frozenset[str]) -> Named | bool:
        """The word that says these things; true where two do, false where none does."""
        rest = without_faint(things)
        for source in ("names", "meanings"):
            whole, fainter = self._said[source]
            for layer, wanted in ((whole, things), (whole, rest), (fainter, rest)):
                if wanted and wanted in layer:
                    return layer[wanted] or True
        return False

    def _of_currencies(self, named: Named, heard: Said) -> Named | None:
        """A word with the currencies that its name has: of an amount, of interest, of a quote."""
        currencies, kind = heard.currencies, named.word.kind
        if kind in ("quote", "pair"):
            return self._quoting(named, heard)
        if heard.quoted and kind == "money":  # net_premium_home_per_fc: for one of foreign money
            each = self.words.get(f"{named.word.name}_per_fc")
            return Named(each, quoted=heard.quoted) if each else None
        if not currencies:
            return named
        dated = named.word.name in ("interest", *LENT, "day_count")
        if len(currencies) == 1 and (dated or (kind == "money" and "rate" not in named.forms)):
            return replace(named, currency=currencies[0])
        return None

    def _quoting(self, named: Named, heard: Said) -> Named | None:
        """A quote with its two currencies; an answer's are its own affair."""
        currencies = heard.currencies
        if heard.quoted:
            return replace(named, quoted=heard.quoted, scale=heard.scale)
        if not currencies or not self.own:
            return named
        pair = priced(currencies) if len(currencies) == 2 else ("home", currencies[0])
        if heard.scale > 1 and len(currencies) == 2:  # 100日元兑人民币: what there are 100 of
            pair = (currencies[1], currencies[0])
        return replace(named, quoted=pair, scale=heard.scale, implied=True) if pair else None

    def _interest(self, name: str) -> Named | None:
        """The interest of a currency: ``cny_rate``, ``r_usd``."""
        match = _INTEREST.fullmatch(name)
        currency = match and (match[1] or match[2])
        if currency and currency.upper() in codes() and "interest" in self.words:
            side = frozenset({match[3]} if match and match[3] else ())
            return Named(self.words["interest"], side, currency=currency)
        return self._lent(name.split("_")) if LENT[0] in self.words else None

    def _lent(self, parts: list[str]) -> Named | None:
        """Interest on what is lent or borrowed in a money that one part of its name says."""
        for at, part in enumerate(parts):
            if part in SIDES or (len(part) == 3 and part.upper() in codes()):
                rest = self._called("_".join(parts[:at] + parts[at + 1 :]))
                if rest and rest.word.name in LENT:
                    return replace(rest, currency=SIDES.get(part, part))
        return None

    def _for_many(self, name: str) -> Named | None:
        """An amount for so many units of a measure: ``duty_per_100kg``."""
        many = _MANY.fullmatch(name)
        one = self._for_one(f"{many[1]}_per_{many[3]}") if many else None
        return replace(one, scale=int(many[2])) if one and many else None

    def _for_one(self, name: str) -> Named | None:
        """An amount for one unit of a measure: ``anti_dumping_usd_per_kg``, ``freight_per_cbm``."""
        base, per, unit = name.rpartition("_per_")
        base, unit, ending = money_first(base, unit)
        of_fc, count = self._called(f"{base}_per_fc"), _COUNTED.fullmatch(unit)
        if of_fc and count and count[2].upper() in codes():
            return replace(of_fc, scale=int(count[1] or 1))
        each = self.words.get("premium_per_fc")
        if each and unit.upper() in codes() and said(base).things == {"premium"}:
            return Named(each)
        named = self.find(base) if per and unit_called(unit) else None
        if named is None or named.word.kind != "money" or named.forms & {"rate", "unit"}:
            return None
        if named.word.name.endswith(f"_per_{unit}"):  # rate_per_kg is for one as it stands
            return named
        return replace(named, per=unit_called(unit), forms=named.forms | ending)

    def _ended(self, name: str) -> Named | None:
        """A name with an ending that its word has not: for one unit, or an answer in some money.

        ``price_unit_usd`` is the price of one; ``discount_fc`` is the discount, which is foreign
        money; ``gain_usd`` is in dollars.
        """
        parts = name.split("_")
        if "unit" in parts and len(parts) > 1:
            parts.remove("unit")
            return self._of_one("_".join(parts))
        base, _, end = name.rpartition("_")
        named = self._amount(base) if base and not self.own else None
        if named is None or named.currency or named.per:
            return None
        if end in MONEYS:
            return replace(named, currency="" if end == named.word.money else end)
        return replace(named, currency=end) if len(end) == 3 and end.upper() in codes() else None

    def _of_one(self, name: str) -> Named | None:
        """An amount for one unit, where it is not for one or for all already."""
        named = self._amount(name)
        plain = named is not None and not (named.per or named.forms & {"unit", "total", "rate"})
        return replace(named, per="item") if named and plain else None

    def _amount(self, name: str) -> Named | None:
        """What a name means, where that is money."""
        named = self._called(name) or self.find(name)
        return named if named and named.word.kind == "money" else None

    def _in_currency(self, name: str) -> Named | None:
        """An amount of money that ends with its currency."""
        match = _IN_CURRENCY.fullmatch(name)
        called = self._called(match[1]) if match else None
        per = match is not None and match[1].endswith("_per")
        if match and not (self.own or per) and match[2].upper() in codes():
            called = self._of_that_money(match[1], match[2]) or called
        if match is None or called is None or called.word.kind != "money":
            return None
        if match[2].upper() not in codes() or "rate" in called.forms:
            return None
        return replace(called, currency=match[2])

    def _of_that_money(self, base: str, code: str) -> Named | None:
        """An answer that stands once for each money: the one of a currency (``settlement_inr``)."""
        ends = ("home",) if code == "cny" else ("usd",) if code == "usd" else ()
        names = (f"{base}_{end}" for end in (*ends, *(("fc", "local") if code != "cny" else ())))
        return next(filter(None, map(self._called, names)), None)

    def respelt(self, name: str) -> str | None:
        """The name with one part in other letters that makes it one of these: ``fo_usd``."""
        others = with_other_part(as_name(name), self._parts)
        return next((other for other in others if self.find(other)), None)

    @cached_property
    def _parts(self) -> frozenset[str]:
        """The parts that names are of, and the currencies."""
        parts = {part for name in (*self._names, *self._pairs) for part in name.split("_")}
        return frozenset(parts | {code.lower() for code in codes()} | {"per", "pips"})

    def nearest(self, name: str, cutoff: float = 0.01) -> str | None:
        """The name that is most like another, or whose meaning is (``退税率``, ``refund_rate``)."""
        if (name, cutoff) not in self._near:
            self._near[name, cutoff] = self._look_for(name, cutoff)
        return self._near[name, cutoff]

    @cached_property
    def _near(self) -> dict[tuple[str, float], str | None]:
        return {}

    def _look_for(self, name: str, cutoff: float) -> str | None:
        if name in self.words:  # a rate without its two currencies
            return f"{name}_{PAIRS[0]}"
        near = nearest(as_name(name), self._options, cutoff=max(cutoff, LIKE))
        if near is None and cutoff < LIKE:
            near = by_letters(name, self._options)
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

    def with_free(self, names: tuple[str, ...]) -> "Vocabulary":
        """These and a case's own names; made once, for a case is run in many readings."""
        if not names:
            return self
        if names not in self._with_free:
            self._with_free[names] = self.with_words(map(Word, names))
        return self._with_free[names]

    @cached_property
    def _with_free(self) -> dict[tuple[str, ...], "Vocabulary"]:
        return {}

    def with_words(self, more: Iterable[Word]) -> "Vocabulary":
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
    return Vocabulary({}).with_words(words)


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
