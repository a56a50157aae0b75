"""Dated, closed-open intervals: a thing holds on ``since`` and no more on ``until``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar


@dataclass(frozen=True, order=True)
class Interval:
    """``[since, until)``; ``None`` leaves a side open.

    >>> Interval(date(2024, 1, 1), date(2025, 1, 1)).holds(date(2025, 1, 1))
    False
    """

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since >= self.until:
            raise ValueError(f"an interval must end after it starts: {self.since} to {self.until}")

    def holds(self, on: date) -> bool:
        """Whether the interval holds on the day."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)

    def meets(self, other: "Interval") -> bool:
        """Whether the two share a day."""
        return (self.since is None or other.until is None or self.since < other.until) and (
            other.since is None or self.until is None or other.since < self.until
        )

    def outside(self, hole: "Interval") -> "list[Interval]":
        """What is left of it outside another one.

        >>> [str(part) for part in Interval().outside(Interval(date(2026, 4, 1), None))]
        ['[…, 2026-04-01)']
        """
        if not self.meets(hole):
            return [self]
        rest: list[Interval] = []
        if hole.since is not None and (self.since is None or self.since < hole.since):
            rest.append(Interval(self.since, hole.since))
        if hole.until is not None and (self.until is None or hole.until < self.until):
            rest.append(Interval(hole.until, self.until))
        return rest

    def __str__(self) -> str:
        return f"[{self.since or '…'}, {self.until or '…'})"


class HasInterval(Protocol):
    """Anything with a time in which it holds."""

    @property
    def when(self) -> Interval: ...  # noqa: D102


D = TypeVar("D", bound=HasInterval)


def holding(things: Iterable[D], on: date) -> list[D]:
    """Those that hold on the day."""
    return [thing for thing in things if thing.when.holds(on)]


def overlaps(things: Sequence[D]) -> list[tuple[D, D]]:
    """Every pair that holds on a common day."""
    return [(a, b) for i, a in enumerate(things) for b in things[i + 1 :] if a.when.meets(b.when)]


def whole_years(since: date, until: date) -> int:
    """How many whole years there are from a day through another, both counted.

    >>> end = date(2024, 12, 31)
    >>> whole_years(date(2024, 1, 1), end), whole_years(date(2024, 1, 2), end)
    (1, 0)
    """
    end = until + timedelta(days=1)
    return end.year - since.year - ((end.month, end.day) < (since.month, since.day))


def years_of_months(first: date, later: date) -> int:
    """How many years of twelve months lie between two months.

    >>> years_of_months(date(2024, 1, 1), date(2024, 12, 31))
    0
    >>> years_of_months(date(2023, 12, 1), date(2024, 12, 31))
    1
    """
    return (12 * (later.year - first.year) + later.month - first.month) // 12
