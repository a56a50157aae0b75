"""Numbers over three firms and more (统计保密): cells of fewer are never seen.

Answers are counted in **batches**: new ones wait until they are of three firms, and are then
counted at once and for good. Within what is counted, entries are added up in **groups** of three
firms or more that stay together: a cell of a market and a heading; what is left of a market; what
is left of all markets; the rest waits for later batches.

**The rule.** Every number that is shown is made of totals of whole groups: how many firms, what
sum. So any sum, difference or comparison of runs rests on three firms at least or is nothing; and
all that is shown is the same if two firms of a batch exchange their answers, so that nothing tells
which of three firms and more it is of. A sum is shown with three digits: in more of them, values
that were handed in with two could be read off.

Three firms are a rule of statistical offices (threshold rule: Hundepool and others, *Statistical
Disclosure Control*, 2012, ch. 4) and no promise of anonymity: one firm may be most of a sum.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, fsum, log10

LEAST = 3
"""Firms of a batch, and of a group."""
DIGITS = 3
"""Of a sum that is shown."""
Place = tuple[str, str]
"""A market, alpha-3, and a heading; empty where it is merged."""
MERGED: tuple[tuple[bool, bool], ...] = ((True, True), (True, False), (False, False))
"""What places keep of market and heading, one after the other."""


@dataclass(frozen=True)
class FirmEntry:
    """What one firm has in one cell.

    Attributes:
        firm: its name.
        market: alpha-3.
        heading: of four digits.
        value: that is added up.
        kind: of the entry, where several are told apart.
    """

    firm: str
    market: str
    heading: str
    value: float
    kind: str = ""


@dataclass(frozen=True)
class Group:
    """Entries that are counted together, where their sum is shown, and in which batch they came."""

    place: Place
    entries: tuple[FirmEntry, ...]
    batch: int = 0

    @property
    def firms(self) -> int:
        """How many firms it is of."""
        return _count_firms(self.entries)

    @property
    def value(self) -> float:
        """The sum of its entries, in whatever order they came."""
        return fsum(entry.value for entry in self.entries)

    @property
    def is_merged(self) -> bool:
        """Whether a firm may have several entries at its place."""
        return any((entry.market, entry.heading) != self.place for entry in self.entries)


@dataclass(frozen=True)
class PublishedSum:
    """A sum that may be seen.

    Attributes:
        market: alpha-3; empty of all other markets together.
        heading: of four digits; empty of a market's other headings together.
        firms: whose entries are in it, at least.
        value: their sum, rounded down to three digits.
    """

    market: str
    heading: str
    firms: int
    value: float


def _count_firms(entries: Iterable[FirmEntry]) -> int:
    return len({entry.firm for entry in entries})


def group_entries(batches: Iterable[Iterable[FirmEntry]]) -> tuple[Group, ...]:
    """The groups of all batches; those of the first ones are the same whatever comes later.

    Args:
        batches: entries, those first that were counted first.
    """
    groups: list[Group] = []
    left: list[FirmEntry] = []
    for number, batch in enumerate(batches):
        left += batch
        for market, heading in MERGED:
            places: dict[Place, list[FirmEntry]] = defaultdict(list)
            for entry in left:
                places[entry.market * market, entry.heading * heading].append(entry)
            large = {place for place, of in places.items() if _count_firms(of) >= LEAST}
            groups += [Group(place, tuple(places[place]), number) for place in sorted(large)]
            left = [entry for place, of in places.items() if place not in large for entry in of]
    return tuple(groups)


def publish_sums(groups: Iterable[Group]) -> tuple[PublishedSum, ...]:
    """The sums of all places, the largest first; what waits is in none.

    Where groups of a merged place may have firms in common, those of the largest are told: all of
    them counted would tell how many they have in common.
    """
    places: dict[Place, list[Group]] = defaultdict(list)
    for group in groups:
        places[group.place].append(group)
    sums = []
    for place, of in places.items():
        add = max if any(group.is_merged for group in of) else sum
        firms, whole = add([group.firms for group in of]), fsum(group.value for group in of)
        sums.append(PublishedSum(*place, firms, round_down(whole)))
    return tuple(sorted(sums, key=lambda one: (-one.value, one.market, one.heading)))


def round_down(value: float) -> float:
    """To the digits that are shown, so that it is no less than that.

    >>> round_down(809_540_000)
    809000000.0
    """
    unit = 10.0 ** max(floor(log10(value)) + 1 - DIGITS, 0) if value else 1.0
    return floor(value / unit) * unit


def least_firms(sums: Iterable[PublishedSum]) -> int:
    """How many firms are in some sums at least: those of the sum with the most."""
    return max((one.firms for one in sums), default=0)


def is_rest_hidden(whole: int, groups: Iterable[Group]) -> bool:
    """Whether one or two firms are left of all, whose total is known: the rest would be seen."""
    return 0 < whole - sum(group.firms for group in groups) < LEAST


def count_kinds(groups: Sequence[Group]) -> Counter[str]:
    """Entries by kind, of all groups of a batch at once: where a kind is of one or two firms they
    wait for a later batch's.
    """
    counted: Counter[str] = Counter()
    kinds: dict[str, list[FirmEntry]] = defaultdict(list)
    for _, of in groupby(groups, key=lambda group: group.batch):
        for group in of:
            for entry in group.entries:
                kinds[entry.kind].append(entry)
        if all(_count_firms(entries) >= LEAST for entries in kinds.values()):
            counted.update({kind: len(entries) for kind, entries in kinds.items()})
            kinds.clear()
    return counted
