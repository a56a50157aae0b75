"""Names of products, the nomenclature, and products by what people call them, Chinese or English.

Names and words are ours, for reading and for finding a heading; the legal text is that of the
Harmonized System. A word that names one heading is read; one that names several is asked about; a
word that is not known is never guessed at, its nearest are shown.

Codes are found by words with BM25 (Robertson and Zaragoza 2009) over what is said of each code.
What a code is called in the nomenclature, in national tariffs and in our own list counts; what a
text excludes does not. A name is widened by the words that an English dictionary of goods has for
it and for what it is a kind of (WordNet 3.1, Princeton University), at less weight.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from offing.terms.files import shipped_rows, shipped_table, shipped_toml
from offing.terms.messages import language, nearest
from offing.terms.text import normal

if TYPE_CHECKING:  # who reads a study's file must not wait for Polars
    import polars as pl


@cache
def nomenclature() -> dict[str, str]:
    """Code of two, four or six digits → what it is.

    Source: datasets/harmonized-system (public domain), after the United Nations' list.

    >>> nomenclature()["851713"]
    'Telephone sets; smartphones for cellular or other wireless networks'
    """
    return dict(_rows().select("code", "name").iter_rows())


def words_abroad() -> dict[str, str]:
    """Code of six digits → the words of the United States' lines below it (USITC, 2025)."""
    rows = _rows().select("code", "us").iter_rows()
    return {code: words for code, words in rows if words}


@cache
def _rows() -> "pl.DataFrame":
    return shipped_table("offing.terms", "data/hs_nomenclature.parquet")


K1, B = 1.2, 0.5
"""How soon a repeated word says no more, and how much a long text counts against it."""
COVERAGE, PARTS = 0.3, 0.8
"""How much it counts that all words are met; factor of a code for parts that nobody asked for."""
NAME, HEADING, OWN, LINE, ABROAD = 2.0, 0.4, 1.5, 1.0, 0.4
"""Weights of a word: in a code's name, its heading's, our own words, a national line that is
loaded, the lines of the United States that come along."""

_WORDS = shipped_toml("offing.terms", "data/search_words.toml")
STOP = frozenset(_WORDS["stop"].split())
"""Words that tell nothing apart."""
_EXCLUDED = re.compile(r"\(excl\..*|\bexcl\.[^;]*|excluding [^;]*|other than [^;]*", re.IGNORECASE)
_PARTS = re.compile(r"\bparts?\b", re.IGNORECASE)


def search_words(text: str) -> list[str]:
    """The words of a text that can tell things apart, singular, in one spelling.

    >>> search_words("Tyres, of a kind used on men's bicycles")
    ['tire', 'men', 'bicycle']
    """
    words = re.findall(r"[a-z][a-z0-9]+|\d+[a-z]*|[一-鿿]+", text.casefold().replace("'s", ""))
    return [_spelt(part) for word in words if word not in STOP for part in _pairs_of_signs(word)]


def _pairs_of_signs(word: str) -> list[str]:
    """A word; of Chinese, which has no blanks, each two signs that follow each other."""
    return [word[at : at + 2] for at in range(len(word) - 1)] if word[0] >= "一" else [word]


@cache
def _spelt(word: str) -> str:
    for british, american in _WORDS["american"].items():
        word = word.replace(british, american)
    return _singular(word)


def _singular(word: str) -> str:
    for ending, cut, instead in (
        ("ies", 3, "y"), ("ches", 2, ""), ("shes", 2, ""), ("xes", 2, ""), ("sses", 2, ""),
        ("ss", 0, ""), ("us", 0, ""), ("s", 1, ""),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) > 3:
            return word[: len(word) - cut] + instead
    return word


def drop_exclusions(text: str) -> str:
    """A text without what it says that it is not."""
    return _EXCLUDED.sub("", text)


class WordIndex:
    """What is said of each code of six digits, or other thing, and which of them a name is of."""

    def __init__(self, texts: Iterable[tuple[str, str, float]]) -> None:
        """An index of code, text and weight of the text's words."""
        said: dict[str, Counter[str]] = defaultdict(Counter)
        for code, text, weight in texts:
            for word in search_words(drop_exclusions(text)):
                said[code][word] += weight  # type: ignore[assignment]
        sizes = {code: sum(words.values()) for code, words in said.items()}
        usual = sum(sizes.values()) / max(len(sizes), 1)
        self._codes: dict[str, dict[str, float]] = defaultdict(dict)
        for code, words in said.items():
            room = K1 * (1 - B + B * sizes[code] / usual)
            for word, count in words.items():
                self._codes[word][code] = count * (K1 + 1) / (count + room)
        self._worth = {
            word: math.log(1 + (len(sizes) - len(codes) + 0.5) / (len(codes) + 0.5))
            for word, codes in self._codes.items()
        }

    @property
    def words(self) -> Collection[str]:
        """Every word that is said of any code."""
        return self._codes.keys()

    def unknown_words(self, name: str) -> list[str]:
        """The words of a name that are said of no code, nor made of two that are."""
        unsaid = (word for word in search_words(name) if word not in self._codes)
        return [w for w in unsaid if w not in _dictionary() and not self._split_compound(w)]

    def ranked(self, name: str, least: float = 0) -> list[str]:
        """The codes that a name may be of, the likeliest first.

        ``least`` is the share of the best one's score that a code needs.
        """
        asked = self._query_words(name)
        worth = {word: weight * self._worth[word] for word, weight in asked.items()}
        whole = sum(worth.values()) or 1.0
        scores, met = Counter[str](), Counter[str]()
        for word, value in worth.items():
            for code, share in self._codes[word].items():
                scores[code] += value * share  # type: ignore[assignment]
                met[code] += value  # type: ignore[assignment]
        names = nomenclature()
        for code in scores:
            scores[code] *= (met[code] / whole) ** COVERAGE
            if "part" not in asked and _PARTS.search(names.get(code, "")[:60]):
                scores[code] *= PARTS  # type: ignore[assignment]
        bar = least * max(scores.values(), default=0)
        return sorted((c for c in scores if scores[c] >= bar), key=lambda c: (-scores[c], c))

    def share(self, name: str, code: str) -> float:
        """The share of a name's words, sizes left out, that are said of a code."""
        words = [word for word in search_words(name) if not word.isdigit()]
        return sum(code in self._codes.get(word, ()) for word in words) / max(len(words), 1)

    def _query_words(self, name: str) -> Mapping[str, float]:
        """The words to look for with their weights: the name's own, joined or parted, and wider."""
        own = search_words(name)
        asked = dict.fromkeys(own, 1.0)
        asked |= {one + two: 1.2 for one, two in pairwise(own)}
        for word in own:
            if word not in self._codes:
                asked |= dict(zip(self._split_compound(word), (0.6, 0.9), strict=False))
        for word, weight in _wider(name):
            asked[word] = max(asked.get(word, 0.0), weight)
        known = {word: weight for word, weight in asked.items() if word in self._codes}
        return known if any(not word.isdigit() for word in known) else {}  # a size is no goods

    def _split_compound(self, word: str) -> tuple[str, ...]:
        """The two known words that a compound is of: dartboard, dart and board."""
        parts = [(word[:at], _spelt(word[at:])) for at in range(3, len(word) - 2)]
        known = [pair for pair in parts if all(part in self._codes for part in pair)]
        return max(known, key=lambda pair: min(map(len, pair)), default=())


@cache
def _dictionary() -> dict[str, tuple[tuple[str, float], ...]]:
    """A name of goods → further words for it, each with its weight."""
    rows = shipped_table("offing.terms", "data/goods_words.parquet")
    return {
        name: tuple((word, part / 100) for word, part in zip(words.split(), weights, strict=True))
        for name, words, weights in rows.select("name", "words", "weights").iter_rows()
    }


def _wider(name: str) -> tuple[tuple[str, float], ...]:
    """Further words for the goods that a name ends with, the longest that the dictionary has."""
    head = re.split(r"\b(?:of|for|with|in|made|to|from|on|without|by)\b|,|\(", name.casefold())[0]
    words = search_words(head or name)[-3:]
    ends = (" ".join(words[at:]) for at in range(len(words)))
    return next((_dictionary()[end] for end in ends if end in _dictionary()), ())


@cache
def texts_of_nomenclature() -> tuple[tuple[str, str, float], ...]:
    """Code, text and weight of what the nomenclature and our own words say of each code."""
    names = nomenclature()
    codes = [code for code in names if len(code) == 6]
    own = [
        (code, row["words"].replace("|", " "), OWN)
        for row in shipped_rows("offing.terms", "data/product_words.csv")
        for code in codes
        if code.startswith(row["code"])
    ]
    return (
        *((code, names[code], NAME) for code in codes),
        *((code, names[code[:4]], HEADING) for code in codes),
        *((code, words, ABROAD) for code, words in words_abroad().items()),
        *own,
    )


@cache
def usual_index() -> WordIndex:
    """The index of what comes along, without the national lines of a warehouse."""
    return WordIndex(texts_of_nomenclature())


@cache
def names_of_products() -> dict[str, tuple[str, str]]:
    """Every code that has a name of its own → the name in English and in Chinese."""
    rows = shipped_rows("offing.terms", "data/products.csv")
    return {row["code"]: (row["name_en"], row["name_zh"]) for row in rows}


def product_name(code: str) -> str:
    """The name of a code, or of the nearest code above it, in the language of the context.

    >>> product_name("852842"), product_name("99")
    ('Televisions and monitors', '')
    """
    for digits in range(len(code), 1, -1):
        names = names_of_products().get(code[:digits])
        if names:
            return names[1] if language() == "zh" else names[0]
    return ""


def product_label(code: str) -> str:
    """The code with its name: ``8528 Televisions and monitors``.

    >>> product_label("8528")
    '8528 Televisions and monitors'
    """
    return f"{code} {product_name(code)}".rstrip()


SHOWN = 6
"""Headings that are shown where a word is not known."""


@cache
def _words() -> dict[str, tuple[str, ...]]:
    """Code → its words, English first."""
    rows = shipped_rows("offing.terms", "data/product_words.csv")
    return {row["code"]: tuple(row["words"].split("|")) for row in rows}


def spelled_product(text: str) -> str:
    """A name in small letters, singular, with single blanks.

    >>> spelled_product("Lithium-Ion  Batteries"), spelled_product("T 恤衫")
    ('lithium ion battery', 't恤衫')
    """
    plain = re.sub(r"[\s_/-]+", " ", normal(text).casefold()).strip()
    plain = re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", plain)
    return _singular(plain)


@cache
def _codes() -> dict[str, tuple[str, ...]]:
    """Name → the codes that go by it."""
    by_name: dict[str, dict[str, None]] = defaultdict(dict)
    for code, words in _words().items():
        for word in words:
            by_name[spelled_product(word)][code] = None
    for code, names in names_of_products().items():
        for name in names:
            by_name[spelled_product(name)][code] = None
    return {name: tuple(codes) for name, codes in by_name.items()}


def codes_named(text: str) -> tuple[str, ...]:
    """The codes that go by exactly this name; of a heading and codes within it, the heading.

    >>> codes_named("电视机"), codes_named("Microwave ovens"), codes_named("电池")
    (('8528',), ('851650',), ('8506', '8507'))
    """
    return _widest(_codes().get(spelled_product(text), ()))


def _widest(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(c for c in codes if not any(c != o and c.startswith(o) for o in codes))


def codes_like(text: str) -> tuple[str, ...]:
    """The codes whose names are nearest to a text, the best first; none where nothing is near.

    >>> codes_like("55 寸液晶电视机")[0], codes_like("televison")[0], codes_like("zzzz")
    ('8528', '8528', ())
    """
    spelled = spelled_product(text)
    codes = [code for name in _names_like(spelled) for code in _codes()[name]]
    codes += usual_index().ranked(text) if text.isascii() else []
    near = [] if codes else [nearest(spelled, _codes(), 0.75)]
    codes += [code for name in near if name is not None for code in _codes()[name]]
    return _widest(tuple(dict.fromkeys(codes)))[:SHOWN]


def _names_like(text: str) -> Iterator[str]:
    """Names inside the text, the longest first; in Chinese names that have it inside too."""
    if len(text) < 2:
        return
    names = sorted(_codes(), key=lambda name: (-len(name), name))
    yield from (name for name in names if len(name) > 1 and _inside(name, text))
    if not text.isascii():
        yield from (name for name in reversed(names) if _inside(text, name))


def _inside(name: str, whole: str) -> bool:
    """Whether a name stands in another one: as words where it has letters of ours."""
    return name in whole if not name.isascii() else f" {name} " in f" {whole} "


def product_called(code: str) -> str:
    """A code with the name that people know it by: ``851650 微波炉``.

    One of six digits without any has that of the nomenclature, in English.
    """
    words = [word for word in _words().get(code, ()) if word.isascii() == (language() == "en")]
    own = product_name(code) if code in names_of_products() or not words else words[0]
    if not words and code not in names_of_products() and language() == "en":
        own = nomenclature().get(code, own)
    return f"{code} {own}".rstrip()


def english_words(code: str, *, exact: bool = False) -> list[str]:
    """The English words of a code; where it has none, unless ``exact``, those of its heading."""
    for digits in (6,) if exact else (6, 4):
        if words := [word for word in _words().get(code[:digits], ()) if word.isascii()]:
            return words
    return []


def english_word(text: str) -> str:
    """An English word for the product that a Chinese text names; empty where it names none.

    >>> english_word("55 寸电视"), english_word("家用投影仪"), english_word("office projector")
    ('television', 'data projector', '')
    """
    codes = codes_inside(text)
    return next(iter(english_words(codes[0])), "") if codes else ""


def materials_inside(text: str) -> tuple[str, ...]:
    """The English words of the materials that a Chinese text names.

    >>> materials_inside("男式棉制工装夹克"), materials_inside("棉麻衬衫")
    (('cotton',), ('cotton', 'flax'))
    """
    words = _WORDS["materials"]
    return tuple(dict.fromkeys(word for name, word in words.items() if name in text))


def codes_inside(text: str) -> tuple[str, ...]:
    """The codes of the longest Chinese name of goods in a text, the most digits first.

    >>> codes_inside("智能电饭煲 5L")
    ('851660',)
    """
    spelled = spelled_product(text)
    inside = [name for name in _codes() if not name.isascii() and _inside(name, spelled)]
    codes = _codes()[max(inside, key=len)] if inside else ()
    return tuple(sorted(codes, key=len, reverse=True))


def product_hints() -> dict[str, str]:
    """Every code with a name or words → what may be typed to find it."""
    codes = sorted({*names_of_products(), *_words()})
    return {code: _hint(code) for code in codes}


def _hint(code: str) -> str:
    name = product_called(code).partition(" ")[2]
    words = [word for word in _words().get(code, ()) if word != name]
    return f"{name} ({', '.join(words)})" if words else name
