"""A last row that is the sum of all rows above it, though no word calls it so."""

from collections.abc import Sequence
from decimal import Decimal

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
