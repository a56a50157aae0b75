"""Headings: which columns they name, and what they say besides: 离岸价(万元), Price (EUR/dozen).

A name is known by its spelling (:func:`normalise_heading`); what is left of the
heading must be scales, currencies, units and words that change nothing. What is in brackets and is
none of these is kept as ``unread``, for a caution.

Firms write the unit of a whole table once, above or below it: 单位：万元. A heading that says its
own wins; what is said around the table is otherwise that of every amount of money.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from math import prod
from typing import Any

from offing.sources.numbers import KEPT, MULTIPLES
from offing.terms.errors import InputError, Where
from offing.terms.files import shipped_toml
from offing.terms.messages import headings_said, join_list, nearest
from offing.terms.money import CURRENCY_NAMES, CURRENCY_SIGNS, currency_codes
from offing.terms.text import normal, simplify, unit_of, units

Spellings = Mapping[str, Sequence[str]]
"""Our name of a column → the headings it goes by, the best first; see :func:`normalise_heading`."""

Required = str | Sequence[str]

_SIGNS = re.compile(r"[\W_]+")


@cache
def heading_data(name: str) -> dict[str, Any]:
    """Headings that are kept as data, by the file's name in ``sources/data``."""
    return shipped_toml("offing.sources", f"data/{name}.toml")


def normalise_heading(heading: str) -> str:
    """A heading without case, spaces and signs, so that one spelling stands for many.

    >>> [normalise_heading(one) for one in ("Netweight (kg)", "net_weight_kg", "貿易額（美元）")]
    ['netweightkg', 'netweightkg', '贸易额美元']
    """
    plain = heading if heading.isascii() else simplify(normal(heading))
    return _SIGNS.sub("", plain).casefold()


@dataclass(frozen=True)
class OfficialLayout:
    """The columns of a table of official data.

    Attributes:
        names: our name → the headings, spelled, the best first.
        needed: columns that must be there; of several together one.
    """

    names: Spellings
    needed: Sequence[Required]

    def matched(self, header: Sequence[str], where: Where | None = None) -> dict[str, str]:
        """Our name → the heading in the file, for every column that is there.

        Raises:
            InputError: ``sources.missing_column``, naming the nearest heading, or
                ``sources.missing_column_baci`` where the headings are that data set's.

        >>> layout = OfficialLayout({"value": ["tradevalueus"]}, ["value"])
        >>> layout.matched(["Year", "Trade Value (US$)"])
        {'value': 'Trade Value (US$)'}
        """
        there = {normalise_heading(heading): heading for heading in reversed(header) if heading}
        for either in self._without(there):
            options = [option for name in either for option in self.names[name]]
            raise _missing(either[0], options, there, where)
        return {
            name: there[present[0]]
            for name, options in self.names.items()
            if (present := [option for option in options if option in there])
        }

    def fits(self, header: Sequence[str], part: float = 1.0) -> bool:
        """Whether a table has a part of the needed columns."""
        missing = self._without(set(map(normalise_heading, header)))
        return len(missing) <= (1 - part) * len(self.needed)

    def fits_half(self, header: Sequence[str]) -> bool:
        """Whether a table has at least half of the needed columns: then it belongs."""
        return self.fits(header, 0.5)

    def _without(self, there: Collection[str]) -> list[Sequence[str]]:
        """The needed columns of which none is there."""
        groups = [(one,) if isinstance(one, str) else one for one in self.needed]
        return [g for g in groups if not any(o in there for name in g for o in self.names[name])]


def official(name: str, **more: Sequence[str]) -> OfficialLayout:
    """A layout of ``official_tables.toml``, with further columns and their headings."""
    table = heading_data("official_tables")[name]
    return OfficialLayout({**table["names"], **more}, table["needed"])


NO_AMOUNT = re.compile(
    r"[同环]比|增[长速幅]|比重|占比|比去年|比上年|growth|\byoy\b|[(（\[]\s*[%％]|[%％]\s*$",
    re.IGNORECASE,
)
"""What a heading says whose figures are per cents of amounts."""


def _missing(
    column: str, options: Sequence[str], there: Mapping[str, str], where: Where | None
) -> InputError:
    if there.keys() >= {"t", "i", "j", "k", "v"}:
        return InputError("sources.missing_column_baci", where=where)
    near = next((n for o in options if (n := nearest(o, there, cutoff=0.6))), None)
    return InputError(
        "sources.missing_column_near" if near else "sources.missing_column",
        where=where,
        column=column,
        near=there[near] if near else "",
        spellings=join_list(options),
        header=headings_said([*there.values()][::-1]),
    )


ONE = Decimal(1)


@dataclass(frozen=True)
class ColumnHeading:
    """A heading taken apart.

    Attributes:
        text: as it stands in the file.
        name: the known spelling in it.
        scale: by which the figures under it are multiplied.
        currency: of them, where it says one.
        unit: ``item``, ``kg`` or ``pair``, where it says one.
        per_unit: how many of our units its unit has: a dozen 12, a tonne 1,000.
        percent: whether it says per cent.
        unread: what stands in its brackets and is not understood.
        sign: a bare ``$`` or ``¥``, which stands for several currencies.
    """

    text: str
    name: str
    scale: Decimal = ONE
    currency: str | None = None
    unit: str | None = None
    per_unit: Decimal = ONE
    percent: bool = False
    unread: str = ""
    sign: str | None = None


@cache
def _words() -> dict[str, dict[str, Any] | None]:
    """Word → what it says of the figures: nothing, or ``None`` where it only joins."""
    said = heading_data("heading_words")
    codes = {code.lower(): code for code in currency_codes()}
    codes |= {normalise_heading(name): code for name, code in CURRENCY_NAMES.items()}
    scales = MULTIPLES | {word: int(times) for times, ws in said["scales"].items() for word in ws}
    named = {normalise_heading(name): unit for name, unit in units().items()}
    return {
        **{word: {} for word in said["harmless"]},
        **dict.fromkeys(said["joints"]),
        **{
            f"{front}{code.lower()}": {"currency": code, "scale": Decimal(times)}
            for front, times in said["before_a_currency"].items()
            for code in ("EUR", "USD", "GBP", "CHF", "CNY")
        },
        **{word: {"currency": code} for word, code in codes.items()},
        **{word: {"scale": Decimal(times)} for word, times in scales.items()},
        **{word: {"unit": unit, "per_unit": of_ours} for word, (unit, of_ours) in named.items()},
        "percent": {"percent": True},
    }


def _spell_signs(text: str) -> str:
    """A text with words for its signs of money and of per cent."""
    for sign, word in heading_data("heading_words")["signs"].items():
        text = text.replace(sign, f" {word} ")
    return text


def _parts(text: str) -> list[dict[str, Any] | None] | None:
    """The words of a spelled text, longest first; ``None`` where something is left over."""
    if not text:
        return []
    for length in range(min(len(text), 16), 0, -1):
        if (word := text[:length]) in _words() and (rest := _parts(text[length:])) is not None:
            return [_words()[word], *rest]
    return None


def _qualified_heading(text: str, name: str, words: str) -> ColumnHeading | None:
    """A heading with what its words say, where they say something or change nothing."""
    parts = _parts(words) if len(words) <= 24 else None
    if parts is None or (parts and parts.count(None) == len(parts)):
        return None
    meanings = [sense for sense in _counted_in(parts) if sense]
    scale = prod((sense.get("scale", ONE) for sense in meanings), start=ONE)
    said = {key: value for sense in reversed(meanings) for key, value in sense.items()}
    return ColumnHeading(text, name, **said | {"scale": scale})


def _counted_in(parts: Iterable[dict[str, Any] | None]) -> list[dict[str, Any] | None]:
    """The words with a number before a unit as that unit's: USD a thousand pieces (千个)."""
    counted: list[dict[str, Any] | None] = []
    for sense in parts:
        if sense and "unit" in sense and counted and (before := counted[-1]) and "scale" in before:
            counted[-1] = sense | {"per_unit": sense["per_unit"] * before["scale"]}
        else:
            counted.append(sense)
    return counted


@dataclass(frozen=True)
class FileColumn:
    """A column of ours as the file has it."""

    at: int
    heading: ColumnHeading
    comma: bool = False


def cubic_metres_of(heading: ColumnHeading) -> ColumnHeading:
    """The heading of volumes with its unit in its scale; one that is not known stays unread.

    >>> cubic_metres_of(ColumnHeading("体积(升)", "体积", unread="升")).scale
    Decimal('0.001')
    """
    said = normalise_heading(heading.unread.split("/")[0])
    for times, words in heading_data("heading_words")["volumes"].items():
        if said in words or (not said and heading.name.endswith(tuple(words))):
            return replace(heading, scale=heading.scale * Decimal(times), unread="")
    return heading


def said_by(text: str) -> dict[str, Any] | None:
    """What a text says that is nothing but scales, currencies and units; ``None`` of another one.

    >>> said_by("人民币千元")["scale"], said_by("青岛")
    (Decimal('1000'), None)
    """
    plain = _spell_signs(normal(text))
    heading = _qualified_heading(text, "", normalise_heading(plain))
    if heading is None or not normalise_heading(plain):
        return None
    meanings = {"scale": heading.scale, "currency": heading.currency, "unit": heading.unit}
    meanings |= {"per_unit": heading.per_unit}
    return {name: value for name, value in meanings.items() if value is not None}


@lru_cache(maxsize=KEPT)
def is_unit(text: str) -> bool:
    """Whether a text is a unit that we know.

    >>> is_unit("台"), is_unit("pcs"), is_unit("乙")
    (True, True, False)
    """
    return "unit" in (said_by(text) or {}) or unit_of(normal(text).lower()) is not None


@lru_cache(maxsize=KEPT)
def unit_said(text: str) -> tuple[str, Decimal]:
    """The unit of a cell, and how many of ours it has; another name as it stands in small letters.

    >>> unit_said("打"), unit_said("吨"), unit_said("箱")
    (('item', Decimal('12')), ('kg', Decimal('1000')), ('箱', Decimal('1')))
    """
    meanings = said_by(text) or {}
    if "unit" in meanings:
        return meanings["unit"], meanings["scale"] * meanings["per_unit"]
    name = normal(text).lower()
    return unit_of(name) or name, ONE


@lru_cache(maxsize=KEPT)
def heading_of(
    text: str,
    figures: frozenset[str],
    others: frozenset[str] = frozenset(),
    columns: frozenset[tuple[str, str]] = frozenset(),
) -> ColumnHeading | None:
    """Take a heading apart; ``None`` where it has no known name.

    Args:
        text: the heading.
        figures: the names that columns of figures go by, as
            :func:`offing.sources.headings.normalise_heading` gives them.
        others: the names of other columns; what stands in brackets behind them does not count.
        columns: name → the column that goes by it; then a heading may have it in two languages.

    >>> heading_of("离岸价（万美元）", frozenset({"离岸价"})).scale
    Decimal('10000')
    >>> heading_of("Sales (USD '000)", frozenset({"sales"})).currency
    'USD'
    >>> heading_of("Sales ($)", frozenset({"sales"})).sign
    '$'
    """
    heading = _taken_apart(text, figures, others)
    if heading is None and columns:
        heading = _bilingual_heading(text, figures, others, dict(columns))
    if heading and (two := next(filter(says_two_moneys, _BRACKETED.findall(normal(text))), "")):
        return ColumnHeading(text, heading.name, unread=two)
    if heading is None or heading.currency or heading.name in others:
        return heading
    bare = re.sub(
        "|".join(map(re.escape, heading_data("heading_words")["signs"])), " ", normal(text)
    )
    return replace(heading, sign=next((sign for sign in CURRENCY_SIGNS if sign in bare), None))


def says_two_moneys(text: str) -> bool:
    """Whether a text counts in two moneys, and so in neither: 元/千美元; 人民币/万元 is one.

    >>> [says_two_moneys(text) for text in ("元/千美元", "千元/万元", "人民币/万元", "元/台")]
    [True, True, False, False]
    """
    moneys = []
    for part in re.split(r"[/、;或]", text):
        said = said_by(part) or {}
        if "currency" in said and "unit" not in said:
            moneys.append((said["currency"], said["scale"], "元" in part))
    currencies, scales, whole = zip(*moneys, strict=True) if moneys else ((), (), ())
    apart = len({*scales}) > 1 and (all(whole) or ONE not in scales)
    return len({*currencies}) > 1 or apart


def split_languages(text: str) -> tuple[str, str]:
    """What is Chinese in a text, and the rest.

    >>> split_languages("数量 Qty (台)")
    ('数量台', 'Qty ( )')
    """
    plain = normal(text)
    chinese = "".join(_CHINESE.findall(plain))
    return chinese, _CHINESE.sub(" ", plain).strip()


def _bilingual_heading(
    text: str, figures: frozenset[str], others: frozenset[str], columns: Mapping[str, str]
) -> ColumnHeading | None:
    """A heading that names one column twice: 数量 Qty, Unit Price 单价(美元)."""
    both = [_taken_apart(part, figures, others) for part in split_languages(text) if part]
    found = [heading for heading in both if heading is not None]
    if len(found) < 2 or len({columns[heading.name] for heading in found}) > 1:
        return None
    first, also = ({name: getattr(one, name) for name in _SAID_OF if getattr(one, name) !=
                    getattr(ColumnHeading, name)} for one in found)  # fmt: skip
    if any(first[name] != also[name] for name in first.keys() & also.keys()):
        return None
    return replace(found[0], text=text, **{**also, **first})


_SAID_OF = ("scale", "currency", "unit", "per_unit", "percent")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_BRACKETED = re.compile(r"[(\[【]([^(\[【)\]】]*+)[)\]】]")


def _taken_apart(
    text: str, figures: frozenset[str], others: frozenset[str] = frozenset()
) -> ColumnHeading | None:
    plain = bare = normal(text)
    outside = _BRACKETED.sub(" ", bare).strip()
    if (key := normalise_heading(plain)) in others or (key := normalise_heading(outside)) in others:
        return ColumnHeading(text, key)
    plain = _spell_signs(plain)
    key = normalise_heading(plain)
    for length in range(len(key), 0, -1):
        if key[:length] in figures and (
            heading := _qualified_heading(text, key[:length], key[length:])
        ):
            whole = _named_whole(heading, key[:length], figures)
            if length == len(key):
                return whole
            return replace(heading, currency=heading.currency or whole.currency)
    if outside == bare or (heading := _taken_apart(outside, figures)) is None:
        return None
    inside = " ".join(_BRACKETED.findall(plain))
    qualified = _qualified_heading(text, heading.name, normalise_heading(inside))
    return qualified or replace(heading, text=text, unread=inside)


def _named_whole(heading: ColumnHeading, key: str, figures: frozenset[str]) -> ColumnHeading:
    """A heading that is named as a whole, with its unit: 万美元 counts in 开票额(万美元) too.

    A person who names a column by its heading does not mean that its figures are in units of one.
    """
    for length in range(len(key) - 1, 0, -1):
        if key[:length] in figures and (
            qualified := _qualified_heading(heading.text, key, key[length:])
        ):
            return qualified
    for length in range(1, len(key)):  # 美元离岸价
        if key[length:] in figures and (
            qualified := _qualified_heading(heading.text, key, key[:length])
        ):
            return replace(heading, currency=qualified.currency)
    money = _words().get(key) or {}  # a column that is called 美元 and nothing else
    return replace(heading, currency=money.get("currency"))


_SAID = re.compile(
    r"单位\s*(?:\([^)]*\))?\s*[:=为是]*\s*([^:].*)"
    r"|\b(?:units?|currency|amounts?|figures|values)\s*(?::|=|\bare\b|\bin\b)+\s*(.+)"
    r"|\bin\s+(.+)|[(\[【]([^(\[【)\]】]*+)[)\]】]",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\W*(?:注|备注|说明|制表|填表|审核|复核|批准|经办|负责|日期|单位|数据来源|资料来源"
    r"|境内收?发货人|经营单位|发货单位|出口(?:企业|单位|商)|(?:shipper|exporter|consignor)\s*:"
    r"|notes?\b|source|remarks?\b|prepared|checked|approved|第\s*\d+\s*页|page\s*\d+)|[*※]",
    re.IGNORECASE,
)


def is_note(cells: Iterable[str | None]) -> bool:
    """Whether a row is a line of words below a table, such as 制表人：张三 or Note: without tax.

    >>> is_note(["制表人：张三", ""]), is_note(["2026-01", ""]), is_note(["Note: net", "5"])
    (True, False, False)
    >>> is_note(["第 1 页 共 3 页"]), is_note(["Page 2"])
    (True, True)
    >>> is_note(["审核：李四", "", "财务：王五"]), is_note(["审核：李四", "5"])
    (True, False)
    """
    filled = [normal(cell) for cell in cells if cell]
    if len(filled) == 1:
        return bool(_NOTE.match(filled[0]))
    return bool(filled) and all(map(SIGNED.match, filled))


SIGNED = re.compile(r"[^\d:：]{1,16}[:：]")
"""A cell of the signatures below a table: who made it, who checked it."""


def stated_unit(lines: Iterable[Iterable[str | None]]) -> ColumnHeading | None:
    """The first unit of money that lines around a table name; yuan of one are none.

    >>> stated_unit([["出口明细", "制表：李娜  单位：万元"]]).scale
    Decimal('10000')
    >>> stated_unit([["境外展会计划表（金额单位：万元）"]]).scale
    Decimal('10000')
    >>> stated_unit([["Sales of 2024 (USD '000)"]]).currency
    'USD'
    >>> stated_unit([["填表单位：青岛某公司", "单位：台"]])
    """
    for cell, said in _statements(lines):
        words = _stated_words(said)
        spans = (words[at:end] for at in range(len(words)) for end in range(len(words), at, -1))
        known = (meanings for span in spans if (meanings := said_by(" ".join(span))) is not None)
        meanings = next((one for one in known if "unit" not in one), {})
        if meanings.get("currency") or meanings.get("scale", ONE) != ONE:
            two = said if says_two_moneys(said) and meanings["scale"] != ONE else ""
            return ColumnHeading(cell, "", meanings["scale"], meanings.get("currency"), unread=two)
    return None


def stated_measures(lines: Iterable[Iterable[str | None]]) -> dict[str, ColumnHeading]:
    """The multiples of a unit of measure that lines around a table name, by the unit.

    >>> stated_measures([["单位：万美元、吨"]])["kg"].per_unit, stated_measures([["单位：台"]])
    (Decimal('1000'), {})
    """
    found: dict[str, ColumnHeading] = {}
    for cell, said in _statements(lines):
        for one in map(said_by, _stated_words(said)):
            if one and "unit" in one and one["scale"] * one["per_unit"] != ONE:
                found.setdefault(one["unit"], ColumnHeading(cell, "", **one))
    return found


def _statements(lines: Iterable[Iterable[str | None]]) -> Iterator[tuple[str, str]]:
    """What lines around a table say of its units, each with the cell that it stands in."""
    for cell in (cell for cells in lines for cell in cells if cell):
        for match in _SAID.finditer(normal(cell)):
            yield cell.strip(), next(filter(None, match.groups()), "")


def _stated_words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,，、;；:。.()（）/]+", text) if word][:5]
