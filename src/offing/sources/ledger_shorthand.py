"""What a line of a ledger leaves out since another place says it: completed, counted and said.

The head of a paper stands once above its items; a day is written without its year, or as the day of
a month that the sheet or a column names; a customs list has the customs' own numbers. What no place
says for certain stays as it is, and its line is rejected with its reason.

Columns whose heading nobody knows, told by their cells: days, countries, codes, currencies.

A column is taken where nearly all of its cells can be read so, and no other free column's can. It
is always said; of two such columns neither is taken, and the person is asked.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import gcd
from typing import Any

from offing.sources import ledger_cells as cells
from offing.sources.headings import heading_data, is_unit, normalise_heading
from offing.sources.ledger_line import TEXTS
from offing.terms.caution import Caution
from offing.terms.messages import join_list
from offing.terms.text import normal


def counts_items(cells_: Sequence[str], papers: Sequence[str]) -> bool:
    """Whether cells name nothing: none is filled, or they number a paper's items, 10, 20, 30.

    >>> counts_items(["1", "2", "1", "3"], []), counts_items(["55", "65"], [])
    (True, False)
    >>> counts_items(["000010", "000030", "000010"], ["A", "A", "B"])
    True
    """
    filled = [(re.sub(r"\.0$", "", cell), at) for at, cell in enumerate(cells_) if cell]
    if not filled:
        return True
    if not all(text.isdecimal() for text, _ in filled):
        return False
    numbers = [int(text) for text, _ in filled]
    step = gcd(*numbers)
    if step not in STEPS:
        return False
    if {*numbers} == {*range(step, max(numbers) + 1, step)}:
        return True
    first: dict[str, int] = {}
    pairs = [(papers[at], int(text)) for text, at in filled if papers]
    for paper, number in pairs:
        first.setdefault(paper, number)
    begun = sum(number == step for number in first.values())
    return len({*pairs}) == len(pairs) and begun * 2 >= len(first) > 1


def names_no_unit(filled: Iterable[str]) -> bool:
    """Whether none of a column's cells is a unit, or the customs' number of one."""
    return not any(is_unit(cell) or re.fullmatch(r"\d{1,3}", cell) for cell in {*filled} - {""})


STEPS = (1, 10, 100, 1000)
"""By which items of a paper are numbered."""


Short = tuple[int, int]
"""Month and day."""
Days = Sequence[date | Short | None]
"""As they stand in a list; ``None`` where there is none."""
SLACK, HALF_YEAR = 31, 183
"""Days before and behind the line above it, between which a day is of that line's year."""


@dataclass(frozen=True)
class Period:
    """From the first day of a month to the last of another; ``years`` where only years are said."""

    first: date
    last: date
    years: bool = False

    def days_of(self, month: int, day: int) -> list[date]:
        """The days of this name that lie in it."""
        years = range(self.first.year, self.last.year + 1)
        days = (real_day(year, month, day) for year in years)
        return [one for one in days if one is not None and self.first <= one <= self.last]

    def fits(self, days: Days) -> bool:
        """Whether all days with a year lie in it, and at least half of the others."""
        short = [bool(self.days_of(*day)) for day in days if isinstance(day, tuple)]
        fixed = (day for day in days if isinstance(day, date))
        inside = all(self.first <= day <= self.last for day in fixed)
        return inside and sum(short) * 2 >= len(short)


def real_day(year: int, month: int, day: int) -> date | None:
    """A day; ``None`` where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


_TO = r"\s*(?:日\s*)?(?:起\s*)?(?:[-~—–―:至到]|\bto\b|\bthrough\b)+\s*"
_NAME = rf"\b({'|'.join(cells.MONTHS)})[a-z]*\.?"
_MONTHS_NAMED = re.compile(rf"(?:{_NAME}{_TO})?{_NAME},?\s*(20\d\d)", re.IGNORECASE)
"""Oct 2026, Jan - Oct 2026."""
_WITHIN = re.compile(
    rf"(20\d\d)\s?年\s?第?(\d{{1,2}})\s?(?:月|期)?(?:\d{{1,2}}日)?{_TO}第?(\d{{1,2}})\s?[月期]"
)
"""2026年1月至10月: the later month is the next of its name."""
_POINT = re.compile(
    r"(?<!\d)(20\d\d)(?:\s?[年./-]\s?第?(1[0-2]|0?[1-9])(?!\d|\s?季)([月./-]\s?\d{1,2}(?!\d))?[月期]?份?"
    r"|(1[0-2]|0[1-9])([0-3]\d)?)?(?!\d)年?度?"
)
_MADE = re.compile(
    r"(?:打印|导出|制表|填表|制单|生成|print(?:ed)?|exported (?:on|at)|generated)"
    r"[^\d]{0,14}[\d年月日./: -]{1,30}",
    re.IGNORECASE,
)
_DATED = re.compile(r"时间|日期|\bdate", re.IGNORECASE)
_UNTIL = re.compile(r"(?:截至|截止|as of|until|up to)\D{0,4}$", re.IGNORECASE)


def read_periods(text: str) -> list[Period]:
    """The periods that a text says, but for when it was printed.

    >>> [(str(p.first), str(p.last)) for p in read_periods("销售明细 2025年11月—2026年10月")]
    [('2025-11-01', '2026-10-31')]
    >>> [(str(p.first), str(p.last)) for p in read_periods("期间：2026年第1期至第10期")]
    [('2026-01-01', '2026-10-31')]
    >>> read_periods("导出日期 2026-11-20"), read_periods("Nov 2025 - Oct 2026")[0].first.month
    ([], 11)
    """
    plain = _MONTHS_NAMED.sub(_months_in_figures, _MADE.sub(" ", normal(text)))
    plain = _WITHIN.sub(
        lambda m: f"{m[1]}年{m[2]}月至{int(m[1]) + (int(m[3]) < int(m[2]))}年{m[3]}月", plain
    )
    points, found = list(_POINT.finditer(plain)), []
    while points:
        point, *points = points
        before = plain[: point.start()]
        if points and re.fullmatch(_TO, plain[point.end() : points[0].start()], re.IGNORECASE):
            found.append(_period(point, points.pop(0)))
        elif _UNTIL.search(before) and _month_of(point):
            last = _period(point, point).last
            year, month = last.year - (last.month < 12), last.month % 12 + 1
            found.append(Period(date(year, month, 1), last))
        elif not (point[3] or point[5] or _DATED.search(plain)):
            found.append(_period(point, point))
    return [one for one in found if one.first < one.last]


def _months_in_figures(named: re.Match[str]) -> str:
    months = (f"{named[3]}年{cells.MONTHS[name.lower()]}月" for name in named.groups()[:2] if name)
    return "至".join(months)


def _month_of(point: re.Match[str]) -> int:
    return int(point[2] or point[4] or 0)


def _period(one: re.Match[str], other: re.Match[str]) -> Period:
    """From a year or month to another."""
    year, month = int(other[1]), _month_of(other) or 12
    last = date(year, month, monthrange(year, month)[1])
    return Period(date(int(one[1]), _month_of(one) or 1, 1), last, years=not _month_of(one))


def fitting_period(texts: Iterable[str], days: Days) -> Period | None:
    """The shortest period that is said and has at least half of the days, months before years.

    Of several alike all together. Days that have their year must lie in it: else it is no period
    of this list.
    """
    fits: dict[tuple[bool, int], list[Period]] = {}
    for one in (one for text in texts for one in read_periods(text) if one.fits(days)):
        fits.setdefault((one.years, (one.last - one.first).days // SLACK), []).append(one)
    shortest = fits[min(fits)] if fits else []
    firsts, lasts = [one.first for one in shortest], [one.last for one in shortest]
    return Period(min(firsts), max(lasts)) if shortest else None


def days_with_years(days: Days, period: Period | None, today: date) -> list[date | None]:
    """The days of a list, those without a year with the one that they are of.

    It is the one in which the day lies in the period. Where the period has several, or there is
    none, it is that of the line above; ``None`` where the day lies far from that line.

    Args:
        days: as they stand; ``None`` where there is none.
        period: that the list is of.
        today: the last day that may be.
    """
    period = Period(
        period.first if period else cells.FIRST, min(period.last if period else today, today)
    )
    dated: list[date | None] = []
    above: date | None = None
    for day in days:
        on = day if isinstance(day, date) else None
        if isinstance(day, tuple):
            inside = period.days_of(*day)
            if len(inside) > 1:
                inside = [one for one in inside if above and _is_near(one, above)]
            on = inside[0] if inside else None
        above = on or above
        dated.append(on)
    return dated


def _is_near(day: date, above: date) -> bool:
    return day.year == above.year and -SLACK <= (day - above).days <= HALF_YEAR


Row = dict[str, Any]

HEAD = ("on", "market")
"""A line that lacks both, below one that has them, is a further item of the same paper."""
OF_SALE = ("year", "month", "invoice", "buyer", "currency", "incoterm")
BLOCK = ("buyer", "market")
"""What lines sorted by buyer may have once for all of a buyer's."""
ONCE = (*HEAD, *OF_SALE, "status", "flow", "shipper")
"""What a paper has once."""
OF_PAPER = ("海关编号", "报关单号", "报关单编号", "统一编号", "预录入编号", "declarationno")
"""Headings that customs lists have, and firms' own ledgers seldom."""
_SHORT = re.compile(r"(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?[日号.]?")
_NAMED = re.compile(
    r"(\d{1,2})[-. ]([A-Za-z]{3})[a-z]{0,6}\.?|([A-Za-z]{3})[a-z]{0,6}[-. ]{1,2}(\d{1,2})"
)
"""3-Mar, March 3."""
_NUMBERED = re.compile(
    r"\s{0,3}[(（]\s{0,3}\d{1,4}\s{0,3}[)）]\s{0,3}$|^\s{0,3}\d{3}\s{0,3}[-:： ]\s{0,3}"
)
"""The customs' number beside a name: 美元(502), 502-美元."""
_LOST = re.compile(r"\d{1,2}\.[123]")
"""What a workbook makes of 3.1 and of 3.10 alike."""
_DAY = re.compile(r"(\d{1,2})(?:\.0|日|号)?")
_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s?月|^([A-Za-z]{3})[a-z]{0,6}\.?$")
LEAP = 2024


@dataclass
class CompletedRows:
    """The rows of a table with what they leave out, and how many were completed in which way.

    Attributes:
        rows: as they stand, by our names of columns; completed in place.
        around: what stands beside the table that may say its year: titles, sheet, file.
        sheet: its name.
        order: which part of 3/5 is the day, where that is known.
        numbers: whether cells may be numbers of a workbook, which have lost their last nought.
        declared: whether it is a customs list.
        period: of the list, as the user says it.
        counts: how many rows were completed, by the message that says so.
        years: that days were completed with.
        yearless: rows whose day has no year that is known.
    """

    rows: list[Row]
    around: Iterable[str]
    sheet: str = ""
    order: cells.DayOrder | None = None
    numbers: bool = False
    declared: bool = False
    period: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    years: set[int] = field(default_factory=set)
    yearless: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Complete the rows."""
        self._heads()
        self._days()
        if self.declared:
            self._numbers()

    @property
    def notes(self) -> list[Caution]:
        """How many rows were completed, by way."""
        years = join_list(map(str, sorted(self.years)))
        said = ((key, count) for key, count in self.counts.items() if count)
        return [Caution(key, {"count": count, "years": years}) for key, count in said]

    def _heads(self) -> None:
        above: Row = {}
        known = {row["model"] for row in self.rows if _has_head(row)}
        if _stands_once_a_block(self.rows):
            self._fill_blocks()
        for row in self.rows:
            named = _has_head(row)
            of_above = bool(row["invoice"]) and row["invoice"] == above.get("invoice")
            if of_above or (above and not named and _is_item(row, known)):
                row |= {name: row[name] or above[name] for name in ONCE}
                self._count("reference.head_of_above", 0 if named else 1)
            above = row if named else above

    def _fill_blocks(self) -> None:
        """Buyer and country of the first line of a block, to the sum below it."""
        above: Row = {}
        for row in self.rows:
            if cells.is_total(row[name] for name in TEXTS):
                above = {}
            elif row["buyer"] or row["market"]:
                above = row
            elif above and row["on"]:
                row |= {name: above[name] for name in BLOCK}
                self._count("reference.buyer_of_above")

    def _count(self, key: str, rows: int = 1) -> None:
        self.counts[key] = self.counts.get(key, 0) + rows

    def _days(self) -> None:
        """Days with the year and month that the titles, or the rows around them, have."""
        texts = [_month_in_digits(normal(row["on"] or "")) for row in self.rows]
        order = cells.order_of_days(texts) or self.order
        days = [_day_or_short(text, order, row) for text, row in zip(texts, self.rows, strict=True)]
        self._month_of_sheet()
        period = self._said_period(days)
        self._year_of_months(period)
        dated = days_with_years(days, period, date.today())  # noqa: DTZ011 - the user's day
        for row, text, day, on in zip(self.rows, texts, days, dated, strict=True):
            if isinstance(day, tuple):
                self._year_of_around(row, on, lost=self.numbers and bool(_LOST.fullmatch(text)))
            elif on is None and (alone := _DAY.fullmatch(text)):
                on = _day_of_month(row, self.sheet, int(alone[1]))
                self._complete(row, on, "reference.day_of_month")
            elif _whole(text) is None:
                self._complete(row, on, "reference.year_of_around")

    def _year_of_around(self, row: Row, on: date | None, *, lost: bool) -> None:
        """The day by its period or the row above; one without either is asked for."""
        if on is None or lost:
            self.yearless.add(row["row"])
        else:
            self._complete(row, on, "reference.year_of_around")

    def _said_period(self, days: Days) -> Period | None:
        """That of the user, else the one around that fits the days and months."""
        if self.period:
            return fitting_period([self.period], [])
        months = [short for row in self.rows if (short := _month_alone(row))]
        return fitting_period(self.around, [*days, *months])

    def _year_of_months(self, period: Period | None) -> None:
        """A month without a year is of the only one in which it lies in the period."""
        for row in self.rows if period else ():
            days = period.days_of(*short) if period and (short := _month_alone(row)) else []
            if len(days) == 1:
                row["year"] = str(days[0].year)
        self.yearless = {row["row"] for row in self.rows if _month_alone(row)}

    def _complete(self, row: Row, on: date | None, key: str) -> None:
        if on is not None:
            row["on"] = on.isoformat()
            self._count(key)
            self.years.add(on.year)

    def _month_of_sheet(self) -> None:
        """A month that the sheet's name says without a year is that of its lines."""
        for row in self.rows if (month := named_month(self.sheet)) else ():
            row["month"] = row["month"] or month

    def _numbers(self) -> None:
        """The customs' own numbers of countries, currencies, units and terms in words."""
        known = heading_data("customs_numbers")
        ways: Mapping[str, tuple[Mapping[str, str], Callable[[str], str]]] = {
            "market": (known["gacc"], lambda text: f"海关 {text}"),
            "currency": (known["currencies"], lambda text: f"海关 {text}"),
            "unit": (known["units"], str),
            "incoterm": (known["terms"], str),
        }
        for name, (words, unknown) in ways.items():
            filled = [row for row in self.rows if row[name]]
            for row in filled:
                row[name] = _NUMBERED.sub("", row[name]) or row[name]
            if not filled or not all(re.fullmatch(r"\d{1,3}", row[name]) for row in filled):
                continue
            for row in filled:
                number = row[name].lstrip("0") if name == "incoterm" else row[name].zfill(3)
                row[name] = words.get(number, unknown(row[name]))
            key = "reference.customs_numbers"
            self.counts[key] = max(self.counts.get(key, 0), len(filled))


def _stands_once_a_block(rows: Sequence[Row]) -> bool:
    """Whether buyer and country stand in the first line of a block only.

    Then no two lines below each other have the same, and half of the lines have none.
    """
    heads = [(row["buyer"], row["market"]) for row in rows if row["on"]]
    filled = [any(head) for head in heads]
    again = any(head == after and any(head) for head, after in pairwise(heads))
    return bool(heads) and filled[0] and not again and sum(filled) * 2 <= len(filled)


def _has_head(row: Row) -> bool:
    return any(row[name] for name in HEAD)


def _is_item(row: Row, known: set[str]) -> bool:
    """Whether a row says goods and how many, and neither paper nor buyer.

    What is no code is goods where another row with its own head has it, or a price stands by: it
    may be a word for a sum.
    """
    called = row["model"] or row["product"]
    goods = cells.read_code(row["product"] or "") or ((called in known or row["price"]) and called)
    return bool(goods and row["quantity"]) and not (row["invoice"] or row["buyer"])


def named_month(sheet: str) -> str:
    """The number of the month that a sheet's name says without its year; else nothing.

    >>> named_month("3月"), named_month("March"), named_month("2026年3月"), named_month("十一月")
    ('3', '3', '', '11')
    """
    sheet = cells.days_in_figures(sheet)
    month = _MONTH.search(sheet) if cells.last_day(sheet) is None else None
    return str((month and (month[1] or cells.MONTHS.get(month[2].lower()))) or "")


def is_declared(header: Iterable[str]) -> bool:
    """Whether headings are those of a list of declarations."""
    return not {*OF_PAPER}.isdisjoint(map(normalise_heading, header))


def _whole(text: str | None) -> date | None:
    """A day with its year, however its first two numbers are to be read."""
    return cells.any_date(text or "", "month-first") or cells.any_date(text or "", "day-first")


def _day_of_month(row: Row, sheet: str, day: int) -> date | None:
    """The day of the month that the row's own columns say, else of the sheet's name."""
    own = cells.last_day(cells.span_text(row["year"], row["month"]))
    if own is None or own[1] != "month":
        own = cells.last_day(sheet)
    return real_day(own[0].year, own[0].month, day) if own and own[1] == "month" else None


def _month_in_digits(text: str) -> str:
    """3-Mar as 3月3日; another text as it stands."""
    if (named := _NAMED.fullmatch(text)) is None:
        return text
    month = cells.MONTHS.get((named[2] or named[3]).lower())
    return text if month is None else f"{month}月{named[1] or named[4]}日"


def _day_or_short(text: str, order: cells.DayOrder | None, row: Row) -> date | Short | None:
    """A day; without its year, month and day, with the year of the row's own column if it has one.

    ``None`` where which is which is not known.
    """
    if (whole := _whole(text)) or (short := _SHORT.fullmatch(text)) is None:
        return whole
    first, second, named = int(short[1]), int(short[2]), "月" in text
    if order is None and not named:
        return None
    pair = (second, first) if order == "day-first" and not named else (first, second)
    year = cells.year_and_month(row["year"] or "")
    if year:
        return real_day(year[0], *pair)
    return pair if real_day(LEAP, *pair) else None


def _month_alone(row: Row) -> Short | None:
    """A month in its own column, of no year."""
    text = re.sub(r"\.0$|月份?$", "", normal(row["month"] or ""))
    if row["year"] or not text.isdecimal() or not 1 <= int(text) <= 12:
        return None
    return int(text), 1
