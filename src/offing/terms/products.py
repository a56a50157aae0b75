"""Names of products, and products by what people call them, in Chinese and English.

Names and words are ours, for reading and for finding a heading; the legal text is that of the
Harmonized System. A word that names one heading is read; one that names several is asked about; a
word that is not known is never guessed at, its nearest are shown.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from offing.terms.code_search import usual_index
from offing.terms.messages import language
from offing.terms.nearest import nearest
from offing.terms.nomenclature import nomenclature
from offing.terms.shipped import shipped_rows
from offing.terms.text import normal


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
    for ending, instead in (
        ("ies", "y"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("sses", "ss"),
    ):
        if plain.endswith(ending):
            return plain.removesuffix(ending) + instead
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


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
    codes += [code for code, _ in usual_index().ranked(text)] if text.isascii() else []
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
    spelled = spelled_product(text)
    inside = [name for name in _codes() if not name.isascii() and _inside(name, spelled)]
    if not inside:
        return ""
    codes = _codes()[max(inside, key=len)]
    return next(iter(english_words(max(codes, key=len))), "")


def product_hints() -> dict[str, str]:
    """Every code with a name or words → what may be typed to find it."""
    codes = sorted({*names_of_products(), *_words()})
    return {code: _hint(code) for code in codes}


def _hint(code: str) -> str:
    name = product_called(code).partition(" ")[2]
    words = [word for word in _words().get(code, ()) if word != name]
    return f"{name} ({', '.join(words)})" if words else name
