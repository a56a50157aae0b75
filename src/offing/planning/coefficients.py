"""Coefficients of constraints, few of them other than zero, held column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from offing.planning.facts import Places
from offing.planning.offers import Array


@dataclass(frozen=True)
class Coefficients:
    """A sparse matrix: by column, within it by row; SciPy's takes a tenth of a second to load.

    Attributes:
        rows: the row of each coefficient.
        columns: its column.
        values: it.
        shape: how many rows and columns there are.
    """

    rows: Places
    columns: Places
    values: Array
    shape: tuple[int, int]

    @classmethod
    def of(
        cls, rows: Places, columns: Places, values: Array, shape: tuple[int, int]
    ) -> "Coefficients":
        """From coefficients in any order, no place twice."""
        order = np.lexsort((rows, columns))
        return cls(rows[order], columns[order], values[order], shape)

    @cached_property
    def _starts(self) -> Places:
        """Where each column begins, and where the last ends."""
        return np.searchsorted(self.columns, np.arange(self.shape[1] + 1))

    def of_columns(self, asked: Places) -> tuple[Places, Places, Array]:
        """The coefficients of some columns: place in ``asked``, row, value."""
        begins = self._starts[asked]
        counts = self._starts[asked + 1] - begins
        place = np.repeat(np.arange(len(asked)), counts)
        at = np.arange(len(place)) + np.repeat(begins - (np.cumsum(counts) - counts), counts)
        return place, self.rows[at], self.values[at]

    def priced(self, prices: Array) -> Array:
        """Each column at prices of the rows: ``prices @ matrix``."""
        used = np.bincount(self.columns, prices[self.rows] * self.values, self.shape[1])
        return used.astype(np.float64, copy=False)

    def only(self, kept: Sequence[int]) -> "Coefficients":
        """Some rows, in this order."""
        place = np.full(self.shape[0], -1)
        place[kept] = np.arange(len(kept))
        here = place[self.rows] >= 0
        shape = len(kept), self.shape[1]
        return self.of(place[self.rows[here]], self.columns[here], self.values[here], shape)

    def above(self, below: "Coefficients") -> "Coefficients":
        """These rows, then those of another matrix with as many columns."""
        return self.of(
            np.concatenate([self.rows, below.rows + self.shape[0]]),
            np.concatenate([self.columns, below.columns]),
            np.concatenate([self.values, below.values]),
            (self.shape[0] + below.shape[0], self.shape[1]),
        )
