"""The year of a day that is written without one.

A title's period says it, 2026年1月—2026年10月: a month is of the year in which it lies there.
Without one the days around tell it, in a list that is in order of time as a whole: there a new
year begins where December is followed by January, and nothing lies beyond today. A list in another
order, such as by buyer, tells nothing by its order: which period it is of must be said.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise

from offing.sources.ledger_cells import FIRST, MONTHS
from offing.terms.text import normal

Short = tuple[int, int]
"""Month and day."""
Days = Sequence[date | Short | None]
"""As they stand in a list; ``None`` where there is none."""
HALF_YEAR, YEAR = 183, 366
AUTUMN, SPRING = 243, 122
"""Days of the year after which it ends, and before which it has begun."""
SLACK = 31
"""Days by which a line may stand too late in a list that is in order of time ..."""
SLIPS = 0.02
"""... and the part of its lines that may stand anywhere."""


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

    def fits(self, days: "Days") -> bool:
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
_NAME = rf"\b({'|'.join(MONTHS)})[a-z]*\.?"
_WORDS: Sequence[tuple[str, str | Callable[[re.Match[str]], str]]] = (
    (
        rf"{_NAME}{_TO}{_NAME},?\s*(20\d\d)",
        lambda m: f"{m[3]}年{MONTHS[m[1].lower()]}月至{m[3]}年{MONTHS[m[2].lower()]}月",
    ),
    (rf"{_NAME},?\s*(20\d\d)", lambda m: f"{m[2]}年{MONTHS[m[1].lower()]}月"),
    (r"\bQ([1-4])\s*[-/]?\s*(20\d\d)", r"\2年第\1季度"),
    (r"(20\d\d)\s*[-/]?\s*Q([1-4])\b", r"\1年第\2季度"),
    (r"(20\d\d)\s?年?度?\s?上半年", r"\1年1月至\1年6月"),
    (r"(20\d\d)\s?年?度?\s?下半年", r"\1年7月至\1年12月"),
    (
        r"(20\d\d)\s?年?度?\s?第?([一二三四1-4])季度",
        lambda m: "{0}年{1}月至{0}年{2}月".format(
            m[1], (q := "一二三四1234".index(m[2]) % 4) * 3 + 1, q * 3 + 3
        ),
    ),
    (
        rf"(20\d\d)\s?年\s?第?(\d{{1,2}})\s?(?:月|期)?(?:\d{{1,2}}日)?{_TO}第?(\d{{1,2}})\s?[月期]",
        lambda m: f"{m[1]}年{m[2]}月至{int(m[1]) + (int(m[3]) < int(m[2]))}年{m[3]}月",
    ),
)
"""Months, quarters and halves in words, as years and months."""
_POINT = re.compile(
    r"(?<!\d)(20\d\d)(?:\s?[年./-]\s?第?(1[0-2]|0?[1-9])(?!\d)([月./-]\s?\d{1,2}(?!\d))?[月期]?份?"
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
    plain = _MADE.sub(" ", normal(text))
    for written, meant in _WORDS:
        plain = re.sub(written, meant, plain, flags=re.IGNORECASE)
    points, found = list(_POINT.finditer(plain)), []
    while points:
        point, *points = points
        before = plain[: point.start()]
        if points and re.fullmatch(_TO, plain[point.end() : points[0].start()], re.IGNORECASE):
            found.append(_period(point, points.pop(0)))
        elif _UNTIL.search(before) and _month(point):
            found.append(_year_until(_period(point, point).last))
        elif not (point[3] or point[5] or _DATED.search(plain)):
            found.append(_period(point, point))
    return [one for one in found if one.first < one.last]


def _year_until(last: date) -> Period:
    year, month = last.year - (last.month < 12), last.month % 12 + 1
    return Period(date(year, month, 1), last)


def _month(point: re.Match[str]) -> int:
    return int(point[2] or point[4] or 0)


def _period(one: re.Match[str], other: re.Match[str]) -> Period:
    """From a year or month to another."""
    year, month = int(other[1]), _month(other) or 12
    last = date(year, month, monthrange(year, month)[1])
    return Period(date(int(one[1]), _month(one) or 1, 1), last, years=not _month(one))


def fitting_period(texts: Iterable[str], days: Days) -> Period | None:
    """The shortest period that is said and has at least half of the days; of years, all of them.

    Days that have their year must lie in it: else it is no period of this list.
    """
    fits = [one for text in texts for one in read_periods(text) if one.fits(days)]
    if not fits:
        return None
    best = min(fits, key=lambda one: (one.years, one.last - one.first))
    alike = [one for one in fits if one.years and one.last - one.first <= best.last - best.first]
    firsts, lasts = [one.first for one in alike], [one.last for one in alike]
    return Period(min(firsts), max(lasts), years=True) if best.years else best


def days_with_years(
    days: Days,
    names: Mapping[str, Sequence[str | None]],
    period: Period | None,
    today: date,
) -> list[date | None]:
    """The days of a list, in its order, those without a year with the one they must be of.

    Args:
        days: as they stand; ``None`` where there is none.
        names: what else each line names, such as its buyer, by which the list may be sorted.
        period: that the list is of.
        today: the last day that may be.
    """
    period = period or Period(FIRST, today)
    period = replace(period, last=min(period.last, today))
    short = {at: day for at, day in enumerate(days) if isinstance(day, tuple)}
    named = {at: period.days_of(*day) for at, day in short.items()}
    walk = _sure_walk(days, names, period, named)
    told = {at: one[0] if len(one) == 1 else walk[at] for at, one in named.items() if one}
    inside = {at: day for at, day in told.items() if day and period.first <= day <= period.last}
    return [day if isinstance(day, date) else inside.get(at) for at, day in enumerate(days)]


def _sure_walk(
    days: Days,
    names: Mapping[str, Sequence[str | None]],
    period: Period,
    named: Mapping[int, list[date]],
) -> list[date | None]:
    """The days as their order tells them; ``None`` where it does not."""
    fixed = [day for day in days if isinstance(day, date)]
    none: list[date | None] = [None] * len(days)
    starts = fixed[:1] or next(filter(None, named.values()), [])
    walks = [_walk(days, start) for start in starts]
    if fixed and len({day.year for day in (*fixed, *walks[0]) if day}) == 1:
        return walks[0]
    turns = _turns(days)
    if turns is None or _is_sorted_by(names, days, turns):
        return none
    holds = [walk for walk in walks if _lies_in(walk, period.first, period.last)]
    return holds[0] if len(holds) == 1 else none


def _lies_in(walk: Days, first: date, last: date) -> bool:
    """Whether nearly all days lie between two others."""
    outside = sum(isinstance(day, date) and not first <= day <= last for day in walk)
    return outside <= SLIPS * len(walk)


def _short(day: date | Short | None) -> Short:
    assert isinstance(day, tuple)
    return day


def _turns(days: Days) -> set[int] | None:
    """Where a year turns in a list in order of time; ``None`` where the list is in no such order.

    The order may be downwards; a line may stand somewhat late, and a few anywhere.
    """
    there = [at for at, day in enumerate(days) if day]
    for sign in (1, -1):
        slips, turns = 0, set[int]()
        for one, other in pairwise(there[::sign]):
            before, after = _ordinal(days[one]), _ordinal(days[other])
            late = (after - before + HALF_YEAR) % YEAR - HALF_YEAR < -SLACK
            if after - before < -SLACK:
                turns.add(max(one, other))
                late |= not (before > AUTUMN and after < SPRING)
            slips += late
        if slips <= SLIPS * len(there):
            return turns
    return None


def _ordinal(day: date | Short | None) -> float:
    month, of_month = (day.month, day.day) if isinstance(day, date) else _short(day)
    return (month - 1) * 30.5 + of_month


def _is_sorted_by(
    names: Mapping[str, Sequence[str | None]],
    days: Days,
    turns: Collection[int],
) -> bool:
    """Whether some names stand in blocks, each in one, and each turn of a year begins a block."""
    for column in names.values():
        rows = [(name, at) for at, (name, day) in enumerate(zip(column, days, strict=True)) if day]
        first = {name: at for name, at in reversed(rows) if name}
        blocks = [name for name, _ in groupby(rows, key=lambda row: row[0])]
        if len(blocks) == len(first) > 1 and turns and {*turns} <= {*first.values()}:
            return True
    return False


def _walk(days: Days, near: date) -> list[date | None]:
    """Each day as the one of its name that is nearest to the day before it."""
    walked: list[date | None] = []
    for day in days:
        on = day if isinstance(day, date) else _nearest(day, near) if day else None
        walked.append(on)
        near = on or near
    return walked


def _nearest(pair: Short, near: date) -> date | None:
    """The day of a year that lies within half a year of another day."""
    years = (near.year - 1, near.year, near.year + 1)
    days = [day for year in years if (day := real_day(year, *pair)) is not None]
    at = min(days, key=lambda day: abs((day - near).days), default=None)
    return at if at is not None and abs((at - near).days) <= HALF_YEAR else None
