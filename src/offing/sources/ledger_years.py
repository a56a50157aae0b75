"""The year of a day that is written without one.

A title's period says it, 2026年1月—2026年10月: a month is of the year in which it lies there.
Without one the days around tell it, in a list that is in order of time as a whole: there a new
year begins where December is followed by January, and nothing lies beyond today. A list in another
order, such as by buyer, tells nothing by its order: which period it is of must be said.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from offing.sources.ledger_cells import FIRST, MONTHS
from offing.terms.text import normal

Short = tuple[int, int]
"""Month and day."""
Days = Sequence[date | Short | None]
"""As they stand in a list; ``None`` where there is none."""
HALF_YEAR = 183
WINTER = 122
"""Days between two lines at most, of which the later one is of the next year."""
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
_NAME = rf"\b({'|'.join(MONTHS)})[a-z]*\.?"
_NAMED = re.compile(rf"(?:{_NAME}{_TO})?{_NAME},?\s*(20\d\d)", re.IGNORECASE)
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
    plain = _NAMED.sub(_months_in_figures, _MADE.sub(" ", normal(text)))
    plain = _WITHIN.sub(
        lambda m: f"{m[1]}年{m[2]}月至{int(m[1]) + (int(m[3]) < int(m[2]))}年{m[3]}月", plain
    )
    points, found = list(_POINT.finditer(plain)), []
    while points:
        point, *points = points
        before = plain[: point.start()]
        if points and re.fullmatch(_TO, plain[point.end() : points[0].start()], re.IGNORECASE):
            found.append(_period(point, points.pop(0)))
        elif _UNTIL.search(before) and _month(point):
            last = _period(point, point).last
            year, month = last.year - (last.month < 12), last.month % 12 + 1
            found.append(Period(date(year, month, 1), last))
        elif not (point[3] or point[5] or _DATED.search(plain)):
            found.append(_period(point, point))
    return [one for one in found if one.first < one.last]


def _months_in_figures(named: re.Match[str]) -> str:
    months = (f"{named[3]}年{MONTHS[name.lower()]}月" for name in named.groups()[:2] if name)
    return "至".join(months)


def _month(point: re.Match[str]) -> int:
    return int(point[2] or point[4] or 0)


def _period(one: re.Match[str], other: re.Match[str]) -> Period:
    """From a year or month to another."""
    year, month = int(other[1]), _month(other) or 12
    last = date(year, month, monthrange(year, month)[1])
    return Period(date(int(one[1]), _month(one) or 1, 1), last, years=not _month(one))


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


def days_with_years(
    days: Days, names: Mapping[str, Sequence[str | None]], period: Period | None, today: date
) -> list[date | None]:
    """The days of a list, in its order, those without a year with the one they must be of.

    Args:
        days: as they stand; ``None`` where there is none.
        names: what else each line names, such as its buyer, by which the list may be sorted.
        period: that the list is of.
        today: the last day that may be.
    """
    period = Period(period.first if period else FIRST, min(period.last if period else today, today))
    within = [period.days_of(*day) if isinstance(day, tuple) else [] for day in days]
    walk = _sure_walk(days, names, period, next(filter(None, within), []))
    dated: list[date | None] = []
    for day, inside, on in zip(days, within, walk, strict=True):
        if isinstance(day, date):
            dated.append(day)
        else:
            dated.append(inside[0] if len(inside) == 1 else on if on in inside else None)
    return dated


def _sure_walk(
    days: Days, names: Mapping[str, Sequence[str | None]], period: Period, starts: list[date]
) -> Sequence[date | None]:
    """The days as their order tells them; ``None`` where it does not.

    The list begins at its first day with a year; without any, at one of ``starts``.
    """
    fixed = [day for day in days if isinstance(day, date)]
    walks = [_walk(days, start) for start in fixed[:1] or starts]
    if fixed and len({day.year for day in (*fixed, *walks[0]) if day}) == 1:
        return walks[0]
    sure = [walk for walk in walks if _is_in_order(walk, names, period)]
    return sure[0] if len(sure) == 1 else [None] * len(days)


def _walk(days: Days, near: date) -> list[date | None]:
    """Each day as the one of its name that is nearest to the day before it."""
    walked: list[date | None] = []
    for day in days:
        around = Period(near - timedelta(HALF_YEAR), near + timedelta(HALF_YEAR))
        same = [day] if isinstance(day, date) else around.days_of(*day) if day else []
        on = min(same, key=lambda one: abs(one - near), default=None)
        walked.append(on)
        near = on or near
    return walked


def _is_in_order(
    walk: Sequence[date | None], names: Mapping[str, Sequence[str | None]], period: Period
) -> bool:
    """Whether nearly all lines are in order of time, upwards or downwards, and in the period.

    Not where a name stands in blocks, and each new year begins one: that is the list's order.
    """
    there = [(at, on) for at, on in enumerate(walk) if on]
    most = SLIPS * len(there)
    if sum(not period.first <= on <= period.last for _, on in there) > most:
        return False
    for order in (there, there[::-1]):
        steps = [(max(one, other), before, after)
                 for (one, before), (other, after) in pairwise(order)]  # fmt: skip
        turns = [step for step in steps if step[1].year < step[2].year]
        late = sum((after - before).days < -SLACK for _, before, after in steps)
        late += sum((after - before).days > WINTER for _, before, after in turns)
        if late <= most:
            begin = {at for at, *_ in turns}
            return not any(_are_blocks(column, there, begin) for column in names.values())
    return False


def _are_blocks(
    column: Sequence[str | None], there: Sequence[tuple[int, date]], turns: set[int]
) -> bool:
    """Whether each name stands in one block, and each turn of a year begins a block."""
    rows = [(column[at], at) for at, _ in there]
    first = {name: at for name, at in reversed(rows) if name}
    blocks = sum(1 for _ in groupby(name for name, _ in rows))
    return blocks == len(first) > 1 and bool(turns) and turns <= {*first.values()}
