"""Codes found by words, with what tells those apart that differ in duty or refund."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import polars as pl

from offing.api.asking import Answer, Asked, Country, WarehouseIn, open_warehouse, question
from offing.api.given import Top
from offing.policy.overlay import Rules, today
from offing.refunds.rates import rate_of
from offing.rules.tariff import Tariffs, near_lines, nearest_lines
from offing.sources.ledger import read_ledger
from offing.sources.rate_library import last_library
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError
from offing.terms.firm_records import LibraryRows
from offing.terms.hs import YEARS, links, moved_goods, product_code
from offing.terms.messages import did_you_mean, join_list, nearest
from offing.terms.products import (
    LINE,
    WordIndex,
    codes_inside,
    english_word,
    nomenclature,
    texts_of_nomenclature,
)
from offing.terms.text import normal
from offing.warehouse import Warehouse
from offing.warehouse.tariffs import worded_codes

DECLARED = 10.0
"""Weight of a word by which the firm itself declared a code before."""
ALIKE = 0.75
"""How alike a word is that was probably meant."""
ORIGIN = "CHN"


@dataclass(frozen=True)
class CodesRequest:
    """Which codes of six digits may a product have?

    Attributes:
        words: what it is called, in English, or by a word in Chinese that we know; or a code of two
            to ten digits: what is below it now.
        market: whose duty of each is shown.
        ledger: the firm's earlier declarations: what it declared by such a name comes first.
    """

    words: Annotated[str, Asked("codes.help_words")]
    market: Annotated[Country | None, Asked("codes.help_market")] = None
    on: Annotated[date | None, Asked("rules.help_on")] = None
    top: Annotated[Top, Asked("market.help_top")] = 5
    ledger: Annotated[Path | None, Asked("codes.help_ledger")] = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class CodeCandidate:
    """A code that a product may have.

    Attributes:
        code: six digits.
        name: what it is, in the nomenclature's words.
        own: the parts of the name that no other candidate has.
        refund: China's export VAT refund rate on the day, by the rate library that was used last,
            else by the rulebook; ``None`` where it is not known, or the code has several.
        duty: of the market, as its lines read; empty where unknown or not asked.
    """

    code: str
    name: str
    own: str
    refund: Decimal | None
    duty: tuple[str, ...]


@dataclass(frozen=True)
class CodesAnswer(Answer):
    """Codes, the likeliest first, and whether it matters which.

    Attributes:
        words: that were looked up, or digits.
        market: whose duty is shown.
        candidates: an order, never a choice: customs decides.
    """

    words: str
    market: str | None
    candidates: tuple[CodeCandidate, ...]

    @property
    def table(self) -> Any:
        """A row a code, the likeliest first."""
        return self.as_given(pl.DataFrame([asdict(one) for one in self.candidates]))


@question(CodesRequest)
def codes(request: CodesRequest) -> CodesAnswer:
    """Codes of six digits by a product's name: from the nomenclature, tariffs and declarations.

    Raises:
        InputError: ``codes.nothing_asked``, ``codes.none_found``, ``errors.out_of_range``,
            ``hs.lost_zero``, ``hs.in_no_edition``, or a ledger that cannot be read.

    >>> answer = codes("stainless steel vacuum flask", market="USA")
    >>> answer.candidates[0].code
    '961700'
    """
    if not request.words.strip():
        raise InputError("codes.nothing_asked")
    warehouse, on = open_warehouse(request.warehouse), request.on or date.today()  # noqa: DTZ011
    digits = _NUMBER.sub("", normal(request.words))
    if digits.isdecimal():
        words, found, notes = _read_number(digits)
    else:
        words, found, notes = _search_name(request, warehouse)
    laws, tariffs, candidates = today(), Tariffs(warehouse), list[CodeCandidate]()
    library, said = last_library(warehouse.folder)
    for code in found:
        refund = _refund(library, words if words.startswith(code) else code, on)
        duty, own = _duty(laws, tariffs, code, request.market, on), _own_words(code, found)
        candidates.append(CodeCandidate(code, nomenclature()[code], own, refund, duty))
    cautions = [*said, *notes]
    if any(one.refund is None for one in candidates):
        cautions.append(Caution("codes.refund_unknown"))
    if len({(one.refund, one.duty) for one in candidates}) > 1:
        cautions.append(Caution("codes.differ"))
    return CodesAnswer(words, request.market, tuple(candidates), cautions=tuple(cautions))


_NUMBER = re.compile(r"^hs|[\s.]", re.IGNORECASE)
"""What stands in and before the digits of a code."""


def _read_number(digits: str) -> tuple[str, list[str], list[Caution]]:
    """A code, what is below it or has its goods now: six digits, of a chapter its headings.

    Raises:
        InputError: ``hs.lost_zero``, ``hs.in_no_edition``.
    """
    code, cautions = product_code(digits) if len(digits) <= 6 else digits, list[Caution]()
    inside = [code[:6]]
    if (moved := moved_goods(code, YEARS[-1])) is not None:
        now: Any = moved.values.get("codes")
        if now is None:
            raise moved
        inside = now
        said = ("code", "edition", "of", "listed")
        cautions.append(Caution(moved.key, {name: str(moved.values[name]) for name in said}))
    size = 4 if len(code) == 2 else 6
    names = nomenclature()
    return code, [one for one in names if len(one) == size and one.startswith((*inside,))], cautions


def _search_name(request: CodesRequest, house: Warehouse) -> tuple[str, list[str], list[Caution]]:
    """A name in English, the likeliest codes, and what was not understood of it.

    Raises:
        InputError: ``codes.none_found``, with the words that were probably meant.
    """
    words = request.words if request.words.isascii() else english_word(request.words)
    index = index_of(house) if request.ledger is None else _own_index(house, request.ledger)
    ranked = index.ranked(words)
    if words != request.words:  # the Chinese name's own code is surer than an English word of it
        own = next(iter(codes_inside(request.words)), "")
        mine = [code for code in ranked if own and code.startswith(own)]
        ranked = [*(mine or [own][: own in nomenclature()]), *ranked]
    found = [*dict.fromkeys(ranked)][: request.top]
    unknown = index.unknown_words(words)
    near = [(word, like) for word in unknown if (like := nearest(word, index.words, ALIKE))]
    if not found:
        meant = did_you_mean(join_list(like for _, like in near))
        raise InputError("codes.none_found", text=request.words, meant=meant)
    cautions = [Caution("codes.unknown_word", {"word": word, "near": like}) for word, like in near]
    if words != request.words:
        cautions.append(Caution("codes.translated", {"text": request.words, "words": words}))
    return request.words.strip(), found, cautions


def index_of(warehouse: Warehouse) -> WordIndex:
    """The index of the nomenclature, our own words and all national lines that are loaded."""
    return warehouse.made_once("codes by words", lambda: WordIndex(_texts(warehouse)))


def _texts(warehouse: Warehouse) -> Iterator[tuple[str, str, float]]:
    yield from texts_of_nomenclature()
    later = [links(before, YEARS[-1]) for before in YEARS[-2::-1]]
    for code, words in worded_codes(warehouse):
        now = [code] if code in nomenclature() else next((t[code] for t in later if code in t), ())
        for one in now:
            yield one, words, LINE / len(now)


def _own_index(warehouse: Warehouse, ledger: Path) -> WordIndex:
    """The same with the names that the firm declared codes by."""
    sales = read_ledger(ledger).sales.select("product", "model").drop_nulls().unique()
    declared = ((code[:6], name, DECLARED) for code, name in sales.sort("product", "model").rows())
    mine = [one for one in declared if one[0] in nomenclature()]
    return WordIndex((*_texts(warehouse), *mine))


def _own_words(code: str, others: Sequence[str]) -> str:
    """The parts of a code's name that no other of some codes has."""
    parts = {one: re.split(r"[;,] ?", nomenclature()[one]) for one in others}
    if len(others) == 1:
        return ""
    theirs = {part for one in others if one != code for part in parts[one]}
    return "; ".join(part for part in parts[code] if part not in theirs)


def _refund(library: LibraryRows | None, code: str, on: date) -> Decimal | None:
    try:
        return rate_of(library, code, on, book=None).refund_rate
    except OffingError:
        return None


def _duty(
    laws: Rules, tariffs: Tariffs, code: str, market: str | None, on: date
) -> tuple[str, ...]:
    """What the market's usual duty on a code reads, of each of its lines that differs."""
    if market is None:
        return ()
    try:
        regime = laws.rulebook.regime(market)
        lines = near_lines(tariffs.of(regime.importer), regime, code, ORIGIN, on)
        return tuple(sorted({line.text for line in nearest_lines(lines, code, "mfn") if line.text}))
    except OffingError:
        return ()
