"""Rows of sums: a last one that no word calls so, and those that do not add up to their table."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from offing.terms.text import normal

LEAST = 3
"""Rows above it; two figures are often the parts of a third."""


def is_sum_of_others(columns: Sequence[Sequence[Decimal | None]]) -> bool:
    """Whether the last figure of each column that has one is the sum of those above it.

    At least one column has three figures above, and a sum that is not nought.

    >>> is_sum_of_others([[Decimal(5), Decimal(7), Decimal(9), Decimal(21)], [None] * 4])
    True
    >>> is_sum_of_others([[Decimal(5), Decimal(7), Decimal(9), Decimal(9)]])
    False
    """
    is_sum = False
    for figures in columns:
        last = figures[-1] if figures else None
        if last is None:
            continue
        above = [value for value in figures[:-1] if value]
        if sum(above) != last:
            return False
        is_sum = is_sum or (len(above) >= LEAST and last != 0)
    return is_sum


_ADDED = re.compile(r"[合总小共]\s*计|总\s*数|total|\bsum", re.IGNORECASE)
_OF_MORE = re.compile(r"累\s*计|余额|结转|forward|balance|平均|average", re.IGNORECASE)
"""Sums that may have in them what the table has not: the months before, another page."""
ASKED = 50
"""Rows of sums that are looked at: in a table with more, groups are summed by a program."""


def adds_up(cells: Iterable[str | None]) -> bool:
    """Whether a row of sums says that it is of rows of its table.

    >>> adds_up(["合计", "500"]), adds_up(["1-3月累计", "500"]), adds_up(["期初余额", "500"])
    (True, False, False)
    """
    said = normal(" ".join(filter(None, cells)))
    return bool(_ADDED.search(said)) and not _OF_MORE.search(said)


def apart(
    figures: Mapping[int, Decimal], sums: Mapping[int, Decimal], words: Mapping[int, Sequence[str]]
) -> Iterator[tuple[int, Decimal, Decimal]]:
    """Sums of a column that no rows of it add up to: the row, what it says, and what all rows make.

    A sum may be that of the rows just above it or just below, of all, or of those that have one
    word in common, or half of all where each paper has its own sum; a rounding in each row is none.

    Args:
        figures: row → the figure of a row that counts.
        sums: row → that of a row of sums.
        words: row → the cells of rows that count.

    >>> rows, words = {2: Decimal(5), 3: Decimal(7)}, {2: ["a"], 3: ["b"]}
    >>> list(apart(rows, {4: Decimal(12)}, words))
    []
    >>> [row for row, *_ in apart(rows, {4: Decimal(21)}, words)]
    [4]
    """
    rows = sorted(figures)
    upto = [Decimal(0), *accumulate(figures[row] for row in rows)]
    coarsest = max(map(_unit, figures.values()), default=Decimal(1))
    asked = [(row, said) for row, said in sorted(sums.items())[:ASKED] if said and len(rows) > 1]
    for row, said in asked:
        near = max(coarsest, _unit(said)) * (len(rows) + 1) / 2
        above = bisect_left(rows, row)
        runs = [upto[above] - before for before in upto[:above]]
        runs += [after - upto[above] for after in upto[above + 1 :]]
        if not (
            _has(said, near, (upto[-1], upto[-1] / 2, *runs))
            or _has(said, near, _of_one_word(figures, words))
        ):
            yield row, said, upto[-1]


def _has(said: Decimal, near: Decimal, sums: Iterable[Decimal]) -> bool:
    return any(abs(one - said) <= near for one in sums)


def _unit(value: Decimal) -> Decimal:
    """The last digit that a figure is written with: 0.01 of 12.30, one of 1200."""
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0)


def _of_one_word(
    figures: Mapping[int, Decimal], words: Mapping[int, Sequence[str]]
) -> set[Decimal]:
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for row, figure in figures.items():
        for at, cell in enumerate(words[row]):
            sums[at, cell] += figure
    return set(sums.values())
