"""Codes found by words: BM25 (Robertson and Zaragoza 2009) over what is said of each code.

What a code is called in the nomenclature, in national tariffs and in our own list counts; what a
text excludes does not. A name is widened by the words that an English dictionary of goods has for
it and for what it is a kind of (WordNet 3.1, Princeton University), at less weight.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import pairwise

from offing.terms.nomenclature import nomenclature, words_abroad
from offing.terms.shipped import shipped_rows, shipped_table

K1, B = 1.2, 0.5
"""How soon a repeated word says no more, and how much a long text counts against it."""
COVERAGE, PARTS = 0.3, 0.8
"""How much it counts that all words are met; factor of a code for parts that nobody asked for."""
NAME, HEADING, OWN, LINE, ABROAD = 2.0, 0.4, 1.5, 1.0, 0.4
"""Weights of a word: in a code's name, its heading's, our own words, a national line that is
loaded, the lines of the United States that come along."""

STOP = frozenset(
    """
    a an and article articles as at by excl excluding for from in incl including into kind
    kinds made n.e.c nec not of on or other similar than the to used whether with
    """.split()  # noqa: SIM905 - a list of forty words
)
"""Words that tell nothing apart."""
AMERICAN = {
    "aluminium": "aluminum", "colour": "color", "fibre": "fiber", "flavour": "flavor",
    "grey": "gray", "jewell": "jewel", "litre": "liter", "metre": "meter", "mould": "mold",
    "plough": "plow", "pyjama": "pajama", "sulph": "sulf", "tyre": "tire", "vapour": "vapor",
    "yoghurt": "yogurt", "isation": "ization", "ised": "ized", "ising": "izing",
}  # fmt: skip
"""How British words are spelt in America."""
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
    for british, american in AMERICAN.items():
        word = word.replace(british, american)
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

    def ranked(self, name: str) -> list[tuple[str, float]]:
        """The codes that a name may be of with their scores, the likeliest first."""
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
        return sorted(scores.items(), key=lambda found: (-found[1], found[0]))

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
