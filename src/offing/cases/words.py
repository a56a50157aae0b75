"""The words that a case may use: data beside the rules that it tests (``<room>/cases.toml``).

A word has a kind, a meaning in both languages, and the forms in which it may stand. Forms are
endings with one meaning everywhere: ``export_fob_fc`` is the word ``export_fob`` in foreign
currency, ``purchase_gross_unit_cny`` the word ``purchase`` with tax, for one unit, in CNY.
A word may also stand under its meaning (退税率, ``refund_rate``). Besides, a quote names its two
currencies (``spot_cny_per_usd``), an amount ends with its own (``freight_usd``) or with the unit
that it is for one of (``freight_per_kg``), and interest begins or ends with its currency
(``usd_rate``). Nothing else is understood: a name that is not in the vocabulary is refused.

Values as people write them: ``USD 40,000``, 30万美元, ``1800 kg``, ``35bp``, 2026年5月20日.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, cached_property
from itertools import product
from typing import Any

from offing.terms.errors import InputError
from offing.terms.files import shipped_toml
from offing.terms.messages import nearest
from offing.terms.money import CURRENCY_NAMES, amount, currency_codes, split_multiple

_SHARES = (("%", -2), ("percent", -2), ("per cent", -2), ("‰", -3), ("per mille", -3),
           ("basis points", -4), ("bps", -4), ("bp", -4), ("个基点", -4))  # fmt: skip
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_FRACTION = re.compile(r"(\d{1,2})\s*/\s*(\d{1,2})")
_WORDED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%Y%m%d")

MEASURES: dict[str, tuple[tuple[str, Decimal], ...]] = {
    unit: tuple((word, Decimal(times)) for word, times in words.items())
    for unit, words in shipped_toml("offing.cases", "units.toml")["measures"].items()
}
"""Words that say how many of a unit there are, and what to multiply them by."""

SIZES = {("kg", "t"): Decimal(1000), ("t", "kg"): Decimal("0.001"), ("day", "month"): Decimal(30)}
"""How many of the first unit the second is; months are of 30 days, as settlement counts them."""


@dataclass(frozen=True)
class Written:
    """A number as it is written: what stands beside it."""

    number: Decimal
    currency: str = ""
    unit: str = ""
    share: bool = False


@cache
def meanings(of: str) -> dict[str, str]:
    """What people call the ``units``, ``sides``, ``places`` or ``ways`` of a case → ours."""
    said = shipped_toml("offing.cases", "units.toml")[of]
    return {name: ours for ours, names in said.items() for name in names}


@cache
def units_of() -> dict[str, str]:
    """The units of the words that count something of their own."""
    return dict(shipped_toml("offing.cases", "units.toml")["units_of"])


@cache
def _money() -> tuple[tuple[str, str], ...]:
    """Names of currencies, the longest first; bare signs of several currencies are none."""
    names = {name.lower(): code for name, code in CURRENCY_NAMES.items() if name != "元"}
    names |= {code.lower(): code for code in currency_codes()}
    return tuple(sorted(names.items(), key=lambda item: -len(item[0])))


def _split_currency(text: str) -> tuple[str, str]:
    """The text without a currency before or after it, and that currency."""
    for name, code in _money():
        for rest in (text.removeprefix(name), text.removesuffix(name)):
            if rest != text and not (
                name[-1].isalpha() and rest[:1].isascii() and rest[:1].isalpha()
            ):
                return rest.strip(), code.lower()
    return text, ""


def _number(text: str, *, money: bool = False) -> Decimal:
    """A number with its k, million or bn; m is a million of money only."""
    plain, power = split_multiple(text) if money or not text.endswith("m") else (text, 0)
    return amount(plain).scaleb(power)


def parse_number(value: str) -> Written | None:
    """The number of a text; ``None`` where it is not one clear number.

    >>> parse_number("USD 40,000"), parse_number("30万美元")
    (Written(number=Decimal('40000'), currency='usd', unit='', share=False), \
Written(number=Decimal('300000'), currency='usd', unit='', share=False))
    >>> parse_number("35bp").number, parse_number("1800 kg").unit, parse_number("10% or more")
    (Decimal('0.0035'), 'kg', None)
    """
    text = unicodedata.normalize("NFKC", value).strip().lower()
    part = _FRACTION.fullmatch(text)
    if part and 0 < int(part[1]) < int(part[2]):  # 22/78
        return Written(Decimal(part[1]) / Decimal(part[2]), share=True)
    try:
        for sign, places in _SHARES:
            if text.endswith(sign):
                return Written(amount(text.removesuffix(sign)).scaleb(places), share=True)
        bare, currency = _split_currency(text)
        if currency:
            return Written(_number(bare, money=True), currency)
        for name, unit in meanings("units").items():
            if text.endswith(name) and not text.removesuffix(name)[-1:].isalpha():
                return Written(_number(text.removesuffix(name).strip()), unit=unit)
        return Written(_number(text))
    except InputError:
        return None


def number_said(value: object) -> Written | None:
    """What a value says; ``None`` where it is not one clear number."""
    if isinstance(value, Decimal):
        return Written(value)
    return parse_number(value) if isinstance(value, str) else None


def bare_number(value: object) -> Decimal | None:
    """The number of a value that has no unit beside it."""
    said = number_said(value)
    return said.number if said and not said.unit else None


def is_share(value: object) -> bool:
    """Whether a value is written as per cent."""
    return isinstance(value, str) and (said := parse_number(value)) is not None and said.share


def day_written(value: str) -> date | None:
    """The day of a text; ``None`` where it is none, or where day and month could change places.

    >>> day_written("2026年5月20日") == day_written("20 May 2026") == day_written("2026/5/20")
    True
    """
    text = unicodedata.normalize("NFKC", value).strip().replace(",", " ")
    try:
        if match := _DATE.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    for form in _WORDED if len(text) >= len("20260520") else ():
        try:
            return datetime.strptime(" ".join(text.split()), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


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
    within: tuple[Decimal, ...] = ()
    of: tuple[str, ...] = ()

    def can_be(self, value: Decimal) -> bool:
        """Whether a value is one that the word can have."""
        return all(
            (value >= end) if at == 0 else (value <= end) for at, end in enumerate(self.within)
        )

    def names(self, called: tuple[str, ...]) -> Iterator[tuple[str, frozenset[str]]]:
        """Every name under which it may stand, with its forms, where it is so called."""
        for full in called:
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


@dataclass(frozen=True)
class Vocabulary:
    """Words, by name; ``own`` are those of the method itself, which come before the room's."""

    words: Mapping[str, Word]
    own: frozenset[str] = frozenset()

    @cached_property
    def _names(self) -> dict[str, Named]:
        """The words by their names: those of the method first, and names before further names."""
        names: dict[str, Named] = {}
        words = [word for word in self.words.values() if word.kind != "pair"]
        for ours, further in product((True, False), (False, True)):
            for word in words:
                called = word.also if further else (word.name,)
                for name, forms in word.names(called) if (word.name in self.own) == ours else ():
                    names.setdefault(name, Named(word, forms))
        return names

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
        return self._find(name)

    @cached_property
    def _find(self) -> Callable[[str], Named | None]:
        return cache(self._read)

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
        named = self.find(base) if per and unit in meanings("units") else None
        if named is None or named.word.kind != "money" or named.forms & {"rate", "unit"}:
            return None
        if named.word.name.endswith(f"_per_{unit}"):  # rate_per_kg is for one as it stands
            return named
        return replace(named, per=meanings("units").get(unit, ""))

    def _amount_name(self, name: str) -> Named | None:
        """An amount of money that ends with its currency."""
        match = _IN_CURRENCY.fullmatch(name)
        if match is None or match[2].upper() not in currency_codes():
            return None
        named = self._resolve_name(match[1])
        if named is None or named.word.kind != "money" or "rate" in named.forms:
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
            words[word.name] = replace(old, forms=forms, also=also)
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
    own: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in keys.items()}
    meaning = {lang: own.pop(lang) for lang in ("en", "zh")}
    if isinstance(own.get("of"), str):
        own["of"] = (own["of"],)
    own["within"] = tuple(Decimal(str(end)) for end in own.get("within", ()))
    return Word(name, meaning=meaning, **own)


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
