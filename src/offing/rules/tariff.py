"""Find a product's duty in an importer's tariff, as loaded into the warehouse.

A code is looked for at the importer's own length. Where the code given is shorter and the lines
below it have different duties, nothing is picked: the lines are shown, and the user names one.

Which of a tariff's lines a product most likely is: an order to show them in, never a choice.

A line's words are compared with those of the model and of the heading; words behind *excl.* count
against it. What the lines say is the tariff's text, and the importer's customs decides.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import fsum
from typing import TYPE_CHECKING, Protocol, TypeVar

from offing.rules.duty import Duty
from offing.rules.duty_text import parse_duty
from offing.rules.rule_use import RuleUse, Status, Unit, list_name
from offing.rules.rulebook import Regime
from offing.terms.errors import InputError, MissingDataError, RuleError
from offing.terms.hs import code_by_word, digits_of
from offing.terms.interval import Interval, overlaps
from offing.terms.messages import language
from offing.terms.products import (
    english_word,
    english_words,
    materials_inside,
    product_called,
    spelled_product,
)

if TYPE_CHECKING:
    from offing.warehouse import Warehouse


LENGTHS = (*range(4, 11), 12)
"""Digits of a tariff code; 12 are Türkiye's."""


@dataclass(frozen=True)
class Tariff:
    """The duty of a product under one regime of an importer's tariff, with its trace."""

    duty: Duty
    use: RuleUse


@dataclass(frozen=True)
class NationalLine:
    """A line of a tariff.

    ``text`` is its duty as written, ``None`` for a line of a product list; ``partner`` the origin
    that it is for, ``None`` for all; ``status`` and ``still_valid_on`` those of a line of the
    rulebook, else ``None``; ``excluded`` a code that is not on the list, though one above it is.
    """

    importer: str
    code: str
    regime: str
    text: str | None
    description: str | None
    when: Interval
    source: str
    partner: str | None = None
    status: Status | None = None
    still_valid_on: date | None = None
    excluded: bool = False

    def duty(self) -> Duty:
        """The parsed duty.

        Raises:
            MissingDataError: ``landed.line_without_duty`` where the tariff gives none.
            InputError: its text is not understood.
        """
        if self.text is None:
            raise MissingDataError("landed.line_without_duty", code=self.code, regime=self.regime)
        return parse_duty(self.text)

    def tariff(self) -> Tariff:
        """Duty and trace."""
        duty = self.duty()
        return Tariff(duty, self._use(f"{self.regime}.{self.code}", str(duty), "duty"))

    def listed_use(self) -> RuleUse:
        """The trace of a line of a product list."""
        return self._use(f"list.{self.regime}", self.code, "text")

    def _use(self, name: str, value: str, unit: Unit) -> RuleUse:
        return RuleUse(
            f"{self.importer.lower()}.{name}", value, self.when.since, self.when.until, self.source,
            self.status or status_of(self.source), unit,
            still_valid_on=self.still_valid_on, loaded=self.status is None,
        )  # fmt: skip


SECOND_HAND = ("@wits", "@wto", "@eu_in_uk", "@us301", "@us232", "@us122")
"""Remarks of loaded lines that another than the importer's own customs published or compiled."""


def status_of(source: str) -> Status:
    """How well a loaded line is known: by who published it, whether or not it has a first day.

    What our readers take from an importer's customs begins with a remark of theirs.

    >>> status_of("@usitc"), status_of("@eu_in_uk|year=2020"), status_of("World Bank, WITS")
    ('official', 'secondary', 'secondary')
    """
    theirs = source.startswith("@") and not source.startswith(SECOND_HAND)
    return "official" if theirs else "secondary"


def national(code: str) -> str:
    """A tariff code as digits: ``8528.72.64`` → ``85287264``.

    Raises:
        InputError: ``landed.bad_code`` where it is not 4 to 10 digits or 12,
            ``hs.lost_zero`` for 5 or 7:
            no level has so many, and coffee (090121) would be looked up as instruments (9012.1).
            For words as :func:`~offing.terms.hs.product_code`.

    >>> national("8528.72.64")
    '85287264'
    """
    digits = digits_of(code_by_word(code) or code)
    if not (digits.isascii() and digits.isdigit() and len(digits) in LENGTHS):
        raise InputError("landed.bad_code", code=code)
    if len(digits) in (5, 7):
        raise InputError("hs.lost_zero", code=digits, padded=f"0{digits}")
    return digits


class Lines:
    """The lines of one importer's tariff, looked up by code.

    ``whole`` reads the whole tariff once, for many codes; else each code is asked for, once.
    """

    def __init__(self, warehouse: "Warehouse", importer: str, *, whole: bool = False) -> None:
        self._warehouse = warehouse
        self._importer = importer
        self._near: dict[str, list[NationalLine]] = {}
        self._by_code: dict[str, list[NationalLine]] | None = None
        if whole:
            self._by_code = defaultdict(list)
            for line in self._read():
                for length in range(2, len(line.code) + 1):
                    self._by_code[line.code[:length]].append(line)

    def _read(self, code: str | None = None) -> list[NationalLine]:
        from offing.warehouse.tariffs import duty_lines

        rows = duty_lines(self._warehouse, self._importer, code).select(
            "code", "regime", "expression", "description", "since", "until", "source", "partner"
        )
        return [
            NationalLine(self._importer, number, regime, text, words, Interval(since, until), *rest)
            for number, regime, text, words, since, until, *rest in rows.iter_rows()
        ]

    def of(self, code: str, origin: str, on: date | None) -> list[NationalLine]:
        """Every line above and below a code, of all regimes, that holds for an origin on a day.

        Of every day where ``on`` is ``None``.
        """
        if self._by_code is None:
            if code not in self._near:
                self._near[code] = self._read(code)
            near = self._near[code]
        else:
            above = [
                line
                for length in range(2, len(code))
                for line in self._by_code.get(code[:length], ())
                if line.code == code[:length]
            ]
            near = above + self._by_code.get(code, [])
            near.sort(key=lambda line: (line.regime, line.code, line.when.since or date.min))
        return [
            line
            for line in near
            if line.partner in (None, origin) and (on is None or line.when.holds(on))
        ]


class Tariffs:
    """The tariffs that are loaded, each line read once; ``whole`` as for :class:`Lines`."""

    def __init__(self, warehouse: "Warehouse", *, whole: bool = False) -> None:
        self._warehouse = warehouse
        self._whole = whole
        self._lines: dict[str, Lines] = {}

    def of(self, importer: str) -> Lines:
        """The tariff of an importer."""
        if importer not in self._lines:
            self._lines[importer] = Lines(self._warehouse, importer, whole=self._whole)
        return self._lines[importer]


def listed_lines(regime: Regime, code: str, on: date) -> list[NationalLine]:
    """The lines above and below a code that the rulebook itself puts on a product list, or off."""
    return [
        NationalLine(
            regime.importer, item, listed.name, None, None, listed.when, listed.cited,
            status=listed.status, still_valid_on=listed.still_valid_on, excluded=excluded,
        )
        for listed, item, excluded in regime.listed_by_heading.get(code[:4], ())
        if listed.when.holds(on) and (item.startswith(code) or code.startswith(item))
    ]  # fmt: skip


def lists_without(lines: Iterable[NationalLine], code: str) -> set[str]:
    """The product lists that a code is not on, whatever holds of the codes above it."""
    return {line.regime for line in lines if line.excluded and code.startswith(line.code)}


def written_lines(regime: Regime, code: str, origin: str, on: date) -> list[NationalLine]:
    """The lines at or above a code whose duty the rulebook itself states.

    It has a few lines and no whole tariff: a shorter code would take one of them for all.
    """
    return _read_lines(regime, origin, on, code.startswith)


def lines_below(regime: Regime, name: str, code: str, origin: str, on: date) -> list[NationalLine]:
    """The lines of a duty regime that the rulebook itself states below a code, not at or above."""

    def below(item: str) -> bool:
        return item != code and item.startswith(code)

    return [line for line in _read_lines(regime, origin, on, below) if line.regime == name]


def _read_lines(
    regime: Regime, origin: str, on: date, about: Callable[[str], bool]
) -> list[NationalLine]:
    return [
        NationalLine(
            regime.importer, code, line.regime, line.duty, None, line.when, line.cited,
            status=line.status, still_valid_on=line.still_valid_on,
        )
        for line in regime.lines
        if line.when.holds(on) and (not line.origins or origin in line.origins)
        for code in line.codes
        if about(code)
    ]  # fmt: skip


def near_lines(
    tariff: Lines, regime: Regime, code: str, origin: str, on: date
) -> list[NationalLine]:
    """The lines near a code, of the loaded tariff, of the rulebook, and of its lists.

    Of each duty regime loaded lines win over the rulebook's own.
    """
    loaded = tariff.of(code, origin, on)
    have = {line.regime for line in loaded}
    own = [line for line in written_lines(regime, code, origin, on) if line.regime not in have]
    return loaded + own + listed_lines(regime, code, on)


def nearest_lines(lines: list[NationalLine], code: str, regime: str) -> list[NationalLine]:
    """The lines of a regime that decide a code: the longest one above or at it, else all below.

    Raises:
        RuleError: ``landed.two_lines`` where a code has two lines on the day.
    """
    mine = [line for line in lines if line.regime == regime]
    above = [line for line in mine if code.startswith(line.code)]
    longest = max((len(line.code) for line in above), default=0)
    nearest = [line for line in above if len(line.code) == longest] if above else mine
    for first, other in overlaps(nearest):
        if first.code == other.code and first.text != other.text:
            raise RuleError("landed.two_lines", code=first.code, regime=regime)
    return nearest


def several_lines(
    lines: Sequence[NationalLine], code: str, names: Iterable[str] = ()
) -> InputError:
    """That a code has lines with different duties: those that fit the product best come first."""
    ranked = rank_lines(lines, code, names)
    return InputError(
        "landed.several_lines",
        code=code,
        count=len(ranked),
        lines=list_lines(ranked),
        example=ranked[0].code,
        tariff_lines=tuple(ranked),
    )


def the_line(lines: list[NationalLine], code: str, regime: str) -> NationalLine:
    """The line that decides a code; one for all where their duties are the same.

    Raises:
        MissingDataError: ``landed.no_line`` where there is none.
        InputError: ``landed.several_lines`` where they differ: the lines are shown.
    """
    nearest = nearest_lines(lines, code, regime)
    if not nearest:
        raise MissingDataError("landed.no_line", code=code, regime=regime)
    if len({str(line.duty()) for line in nearest if line.text}) > 1:
        raise several_lines(nearest, code)
    return nearest[0] if len(nearest) == 1 else replace(nearest[0], code=code)


def lists_of(
    lines: list[NationalLine],
    code: str,
    names: frozenset[str],
    cautioned: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """The product lists (of those named) that a code is on.

    Args:
        lines: near the code.
        code: of the importer's tariff.
        names: of lists by which something is charged.
        cautioned: of lists that decide a caution alone: a part of the code is enough.

    Raises:
        InputError: ``landed.partly_on_list`` where only part of the lines below the code are.
    """
    tariff = {line.code for line in nearest_lines(lines, code, "mfn")}
    on: set[str] = set()
    for name in sorted((names | cautioned) - lists_without(lines, code)):
        listed = {line.code for line in lines if (line.regime, line.excluded) == (name, False)}
        if not listed:
            continue
        above = tuple(listed)
        outside = {c for c in tariff if not c.startswith(above)}
        whole = code.startswith(above) or (tariff and not outside)
        if name in names and not whole:
            raise InputError(
                "landed.partly_on_list",
                code=code,
                list=list_name(name),
                example=min(listed),
                outside=min(outside, default="—"),
            )
        on.add(name)
    return frozenset(on)


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

_OTHER = re.compile(r"(^|[:/])[\s\d.]*(other|その他.*|其他.*)$", re.IGNORECASE)
"""The last level of a line is all that was not named before it."""
_OTHERWISE = re.compile(
    r"\(?\b(excl\b|excluding|except|other than|not |incomplete or unfinished)", re.IGNORECASE
)


def rank_lines(lines: Sequence[L], code: str, names: Iterable[str]) -> list[L]:
    """The lines, those that fit a product best first. Where none does better one of other goods
    (其他) goes before what a name does not say, such as fur; then in the order of codes.

    ``names`` are what the product is called, in any language.
    """
    weights = _weights(code, list(names))
    residual = [line.code for line in lines if _OTHER.search(line.description or "")]
    return sorted(lines, key=lambda one: (-_fit(one, weights), one.code not in residual, one.code))


def _weights(code: str, names: Sequence[str]) -> dict[str, float]:
    """Word → how much it says: a model's own name most, then the usual words of the heading."""
    usual: dict[str, float] = {}
    for rank, word in enumerate(english_words(code)):
        for token in _tokens(word):
            usual.setdefault(token, 0.4 / (rank + 1))
    own = {
        token: 1.0
        for name in names
        for text in (name, english_word(name), *materials_inside(name))
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
