"""Which of a tariff's lines a product most likely is: an order to show them in, never a choice.

A line's words are compared with those of the model and of the heading; words behind *excl.* count
against it. What the lines say is the tariff's text, and the importer's customs decides.
"""

import re
from collections.abc import Iterable, Sequence
from math import fsum
from typing import Protocol, TypeVar

from offing.terms.messages import language
from offing.terms.products import english_word, english_words, product_called, spelled_product


class DescribedLine(Protocol):
    """A line of a tariff with its words."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def description(self) -> str | None: ...  # noqa: D102
    @property
    def text(self) -> str | None: ...  # noqa: D102


L = TypeVar("L", bound=DescribedLine)

SHOWN = 8
"""Lines that an error shows."""
WIDTH, PART = 150, 50
"""Letters of a line's text that are shown, and of each level of it where it is longer."""

SAME = {
    "tv": "television", "televisions": "television", "led": "lcd", "qled": "lcd", "crystal": "lcd",
    "panel": "lcd",
    "laser": "projection", "projector": "projection", "fridge": "refrigerator", "tire": "tyre",
    "cell": "accumulator", "battery": "accumulator", "pv": "photovoltaic", "solar": "photovoltaic",
    "car": "vehicle", "trouser": "trousers", "jeans": "denim",
}  # fmt: skip
"""Words of trade → those of tariffs."""

VAGUE = {
    "set", "smart", "of", "for", "with", "and", "or", "part", "machine", "electric", "new", "other",
    "men", "women", "kind", "not", "in", "the", "a", "an", "inch", "capable", "heading", "article",
    "own",
}  # fmt: skip
"""Words that many goods share."""

_OTHERWISE = re.compile(
    r"\(?\b(excl\b|excluding|except|other than|not |incomplete or unfinished)", re.IGNORECASE
)


def rank_lines(lines: Sequence[L], code: str, names: Iterable[str]) -> list[L]:
    """The lines, those that fit a product best first; in the order of codes where none does better.

    ``names`` are what the product is called, in any language.
    """
    weights = _weights(code, list(names))
    return sorted(lines, key=lambda line: (-_fit(line, weights), line.code))


def _weights(code: str, names: Sequence[str]) -> dict[str, float]:
    """Word → how much it says: a model's own name most, then the usual words of the heading."""
    usual: dict[str, float] = {}
    for rank, word in enumerate(english_words(code)):
        for token in _tokens(word):
            usual.setdefault(token, 0.4 / (rank + 1))
    own = {
        token: 1.0
        for name in names
        for text in (name, english_word(name))
        for token in _tokens(text)
    }
    return own if own.keys() & usual.keys() else usual | own


def _tokens(text: str) -> list[str]:
    """The words that tell goods apart, in the words of tariffs."""
    words = (spelled_product(word) for word in re.findall(r"[A-Za-z]{2,}", text))
    return [SAME.get(word, word) for word in words if word not in VAGUE]


def _fit(line: DescribedLine, weights: dict[str, float]) -> float:
    """What a line is called first says most of it; what it excludes counts against it."""
    text = _OTHERWISE.sub("\0", line.description or "", count=1)
    named, otherwise = (_tokens(part) for part in text.partition("\0")[::2])
    yes = fsum(w / (1 + named.index(t) / 8) for t, w in weights.items() if t in named)
    no = fsum(w / (4 if t in named else 1) for t, w in weights.items() if t in otherwise)
    own = {token for word in english_words(line.code[:6], exact=True) for token in _tokens(word)}
    return yes - no + fsum(weights.get(token, 0.0) for token in own) / (len(own) or 1)


def words_of(line: DescribedLine) -> str:
    """The text of a line, whole words of it; with our name of the subheading where it helps."""
    own = product_called(line.code[:6]).partition(" ")[2]
    text = " ".join((line.description or "").split())
    foreign = language() == "zh" and not re.search(r"[\u4e00-\u9fff]", text)
    if len(text) > WIDTH:
        text = ": ".join(_cut(part, PART) for part in text.split(": "))
    text = _cut(text, WIDTH)
    if not text or foreign:
        return f"{own}  {text}".strip()
    return text


def _cut(text: str, width: int) -> str:
    """Whole words of a text, with a sign where there are more."""
    return text if len(text) <= width else text[:width].rpartition(" ")[0].rstrip(",;(") + " …"


def list_lines(lines: Sequence[DescribedLine]) -> str:
    """The first lines with duty and text, and how many there are beside."""
    rows = [f"{line.code}: {line.text} ({words_of(line)})" for line in lines[:SHOWN]]
    more = [f"… (+{len(lines) - SHOWN})"] if len(lines) > SHOWN else []
    return "; ".join(rows + more)
