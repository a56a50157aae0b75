"""Names as people write them, read as what their words say (``phrases.toml``).

A name that is no word of the vocabulary as it stands is taken apart: 上期结转留抵税额 says
*opening* and *credit*, as ``opening_credit`` does. Order, plural and fillers do not count.
Currencies stand apart from what is said.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from offing.terms.currencies import NAMES, codes
from offing.terms.shipped import shipped_toml

LONGEST = 6
"""Words that a phrase has at most."""

BASES = ("EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "SGD", "HKD", "CNY")
"""Currencies in the order in which the market writes them: the first of two is the one priced."""

INSIDE = frozenset((*BASES, "JPY", "KRW", "THB", "RUB", "BRL", "MXN", "VND", "IDR", "MYR", "TWD"))
"""Codes that are no words of a language, and currencies inside a name too."""

_RUNS = re.compile(r"[a-z\u0400-\u04ff\uac00-\ud7af]+|\d+|[\u3400-\u9fff]+")
_TENOR = re.compile(r"(?<![a-z0-9])\d{1,2}[mwyd](?![a-z0-9])|\d{1,2}个月")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_PER = re.compile(
    r"(?<![a-z])(fc|home|local|[a-z]{3})[_ ]per[_ ](?:(10+)[_ ]?)?(fc|home|local|[a-z]{3})(?![a-z])"
)
UNNAMED = frozenset(("fc", "home", "local"))
"""Moneys of a quote that are not named."""
_HUNDREDS = re.compile(r"(?<!\d)(100|1000|10000)(?!\d)")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Said:
    """What a name says, and the currencies in it, in small letters and in order.

    ``quoted`` are those of a rate that says which is which: ``cny_per_usd``; ``scale`` how many
    the rate is for: 100日元; ``rest`` is the name without that pair.
    """

    things: frozenset[str]
    currencies: tuple[str, ...]
    quoted: tuple[str, str] | None = None
    scale: int = 1
    rest: str = ""


@cache
def _data() -> dict[str, Any]:
    return shipped_toml("offing.cases", "phrases.toml")


@cache
def _faint() -> frozenset[str]:
    return frozenset(_data()["faint"])


def without_faint(things: frozenset[str]) -> frozenset[str]:
    """What is left without the words that may be left out; those where nothing else is."""
    return things - _faint() or things


@cache
def _lexicon() -> dict[str, tuple[str, ...]]:
    """Phrases, English ones with single blanks, and what each says."""
    data = _data()
    lexicon: dict[str, tuple[str, ...]] = dict.fromkeys(data["silent"], ())
    for things, phrases in data["says"].items():
        for phrase in (things.replace("_", " "), *phrases):
            lexicon.setdefault(phrase, tuple(things.split()))
    return lexicon


@cache
def _currencies() -> dict[str, str]:
    """What a currency is called inside a Chinese name; 元 alone is a part of many words."""
    return {name: code.lower() for name, code in NAMES.items() if len(name) > 1}


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _code(word: str) -> str:
    called = _data()["currencies"]
    return NAMES.get(word.upper(), str(called.get(word, word))).lower()


_EACH = re.compile(r"每(?:一|1)?(?:美元|欧元|外币|单位外币)")


def _is_code(word: str) -> bool:
    if word in _data()["currencies"]:
        return True
    return len(word) == 3 and (word.upper() in codes() or word in ("rmb", "cnh"))


def _phrase_at(words: list[str], at: int) -> tuple[int, tuple[str, ...]] | None:
    """The longest phrase that begins at a word: how many words, and what they say."""
    lexicon = _lexicon()
    for size in range(min(LONGEST, len(words) - at), 0, -1):
        phrase = " ".join(words[at : at + size])
        if (known := lexicon.get(phrase, lexicon.get(_singular(phrase)))) is not None:
            return size, known
    return None


def _codes_at(words: list[str], at: int) -> tuple[str, ...]:
    """The currencies that a word is: at an end, or beside another; ``usdcny`` is two."""
    word, near = words[at], (*words[max(0, at - 1) : at], *words[at + 1 : at + 2])
    if len(word) == 6 and _is_code(word[:3]) and _is_code(word[3:]):
        return _code(word[:3]), _code(word[3:])
    placed = word.upper() in INSIDE or at in (0, len(words) - 1) or any(map(_is_code, near))
    return (_code(word),) if placed and _is_code(word) else ()


def _latin(words: list[str]) -> Iterator[tuple[str, str]]:
    """What Latin words say, longest phrases first."""
    at = 0
    while at < len(words):
        size, things = _phrase_at(words, at) or (1, None)
        if things is not None:
            yield from (("thing", thing) for thing in things)
        elif currencies := _codes_at(words, at):
            yield from (("currency", currency) for currency in currencies)
        else:
            yield "thing", _singular(words[at])
        at += size


def _chinese(run: str) -> Iterator[tuple[str, str]]:
    """What a Chinese name says, the longest known parts first."""
    lexicon, at, unknown = _lexicon(), 0, ""
    while at < len(run):
        for size in range(min(14, len(run) - at), 0, -1):
            part = run[at : at + size]
            if part in _currencies() or part in lexicon:
                if unknown:
                    yield "thing", unknown
                    unknown = ""
                if part in _currencies():
                    yield "currency", _currencies()[part]
                else:
                    yield from (("thing", thing) for thing in lexicon[part])
                at += size
                break
        else:
            unknown += run[at]
            at += 1
    if unknown:
        yield "thing", unknown


def _parts(name: str) -> Iterator[tuple[str, str]]:
    plain = _TENOR.sub(" ", unicodedata.normalize("NFKC", name).lower().replace("_", " "))
    plain = plain.replace("c&f", "cfr").replace("&", " and ")
    if not _CHINESE.search(plain):
        bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
        plain = unicodedata.normalize("NFC", bare)
    runs: list[str] = _RUNS.findall(plain)
    start = 0
    while start < len(runs):
        if _CHINESE.match(runs[start]):
            yield from _chinese(runs[start])
            start += 1
            continue
        end = start
        while end < len(runs) and not _CHINESE.match(runs[end]):
            end += 1
        yield from _latin(runs[start:end])
        start = end


@cache
def said(name: str) -> Said:
    """What a name says.

    >>> sorted(said("credit brought forward").things), said("应收美元").currencies
    (['credit', 'opening'], ('usd',))
    >>> said("receivables_eur").things == said("应收账款（欧元）").things
    True
    """
    name, rest, quoted, scale = name.lower(), name, None, 1
    match = _PER.search(name)
    if match and all(one in UNNAMED or _is_code(one) for one in (match[1], match[3])):
        quoted, scale = (_code(match[1]), _code(match[3])), int(match[2] or 1)
        name = f"{name[: match.start()]} {name[match.end() :]}"
        rest = name.strip("_ ") or "fx"
    each = {"each"} if _EACH.search(name) else set()
    parts = list(_parts(_EACH.sub(" ", name)))
    things = frozenset(text for kind, text in parts if kind == "thing") | each
    currencies = tuple(text for kind, text in parts if kind == "currency")
    if len(currencies) == 2 and (number := next(filter(_HUNDREDS.fullmatch, things), None)):
        things, scale = things - {number}, int(number)
    return Said(things, currencies, quoted, scale, rest)


def priced(currencies: Iterable[str], *, asked: bool = False) -> tuple[str, str] | None:
    """Of two currencies in a name, the one that the price is in and the one that is priced.

    The market writes the priced one first: ``usd_cny`` is CNY for one USD, 欧元兑美元 USD for one
    EUR. ``None`` where it is not written as the market does: such a name could mean either. An
    answer that is ``asked`` for so is the price of the first.

    >>> priced(("usd", "cny")), priced(("cny", "usd"))
    (('cny', 'usd'), None)
    """
    first, second = (currency.upper() for currency in currencies)
    if asked:
        return second.lower(), first.lower()
    if first not in BASES or (second in BASES and BASES.index(second) < BASES.index(first)):
        return None
    return second.lower(), first.lower()


NEAR, FAR = Decimal("2.5"), Decimal(10)
"""Within the first factor of a level a rate is near it, beyond the second it is far from it."""


def level_of(price: str, priced: str) -> Decimal | None:
    """About how many units of one currency another one costs; ``None`` where we know no level."""
    levels = _data()["levels"]
    if price not in levels or priced not in levels:
        return None
    return Decimal(str(levels[price])) / Decimal(str(levels[priced]))


def by_level(currencies: tuple[str, ...], rate: Decimal) -> tuple[str, str] | None:
    """Of two currencies the one of the price and the one priced, by what the rate can only mean.

    ``None`` where both readings could be, or neither.

    >>> by_level(("cny", "usd"), Decimal("7.1")), by_level(("gbp", "eur"), Decimal("1.17"))
    (('cny', 'usd'), None)
    """
    if len(currencies) != 2 or rate <= 0:
        return None
    first, second = currencies
    if (level := level_of(first, second)) is None:
        return None
    off = [max(rate / one, one / rate) for one in (level, 1 / level)]
    if off[0] <= NEAR and off[1] >= FAR:
        return first, second
    return (second, first) if off[1] <= NEAR and off[0] >= FAR else None


@cache
def _empty() -> frozenset[str]:
    """What a name has in common with too many others."""
    return frozenset(_data()["empty"])


@cache
def _alike(one: str, other: str) -> bool:
    """Whether two words are forms of one: ``statistics`` and ``statistical``."""
    return one == other or SequenceMatcher(None, one, other).ratio() >= 0.8


@cache
def likeness(name: str, option: str) -> float:
    """How much of what two names say they share, from 0 to 1."""
    heard, things = said(name).things, said(option).things
    if heard - _empty():
        heard, things = heard - _empty(), things - _empty()
    return max(_shared(heard, things), _shared(_pieces(name), _pieces(option)))


@cache
def letters(name: str, option: str) -> float:
    """How alike the letters of two names are."""
    return SequenceMatcher(None, name.lower(), option).ratio()


@cache
def _pieces(name: str) -> frozenset[str]:
    parts = frozenset(re.split(r"[\W_]+", name.lower())) - _empty()
    return frozenset(part for part in parts if part.upper() not in codes())


def _shared(ours: frozenset[str], theirs: frozenset[str]) -> float:
    shared = sum(any(_alike(one, other) for other in theirs) for one in ours)
    return shared / (len(ours) + len(theirs) - shared) if shared else 0.0
