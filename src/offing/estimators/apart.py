"""A design whose rows are of several kinds, each with columns of its own: zeros are not kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from offing.estimators import Codes, Floats, Mask, Matrix
from offing.estimators.least_squares import LEAST_DEVIATION, ROWS_AT_ONCE, weighted_square


@dataclass(frozen=True)
class Apart:
    """Rows × columns; columns stand kind by kind, and are zero in the rows of other kinds.

    Attributes:
        rows: of each kind, the places of its rows, rising.
        blocks: of each kind, its rows × its columns.
    """

    rows: tuple[Codes, ...]
    blocks: tuple[Floats, ...]

    @classmethod
    def of(cls, x: Matrix, kinds: Sequence[tuple[Mask, slice]]) -> "Apart":
        """Of a matrix that is zero elsewhere; rows of no kind are left out.

        Args:
            x: rows × columns.
            kinds: which rows are of each, and its columns; all columns in their order.
        """
        position = np.cumsum(np.any([rows for rows, _ in kinds], axis=0)) - 1
        blocks = tuple(x[rows, columns].astype(np.float64) for rows, columns in kinds)
        return cls(tuple(position[rows] for rows, _ in kinds), blocks)

    def __len__(self) -> int:
        return sum(map(len, self.rows))

    @cached_property
    def columns(self) -> tuple[slice, ...]:
        """The columns of each kind."""
        ends = np.cumsum([block.shape[1] for block in self.blocks])
        return tuple(
            slice(end - block.shape[1], end) for end, block in zip(ends, self.blocks, strict=True)
        )

    def __matmul__(self, b: Floats) -> Floats:
        product = np.empty(len(self))
        for rows, block, columns in zip(self.rows, self.blocks, self.columns, strict=True):
            product[rows] = block @ b[columns]
        return product

    @property
    def T(self) -> "_Turned":  # noqa: N802 - as a matrix calls it
        """Columns × rows."""
        return _Turned(self)

    def scale(self) -> Floats:
        """Bring the columns to one standard deviation; what it was, infinite where there is none.

        They are not centred: that would fill the zeros.
        """
        deviations = []
        for block in self.blocks:
            mean = block.sum(axis=0) / len(self)
            elsewhere = (len(self) - len(block)) * mean**2
            squares = np.zeros(len(mean))
            for start in range(0, len(block), ROWS_AT_ONCE):  # what is in the cache is quick
                off = block[start : start + ROWS_AT_ONCE] - mean
                squares += np.einsum("ij,ij->j", off, off)
            deviations.append(np.sqrt((squares + elsewhere) / len(self)))
            deviations[-1][deviations[-1] <= LEAST_DEVIATION] = np.inf
            np.divide(block, deviations[-1], out=block)
        return np.concatenate(deviations)

    def square(self, weight: Floats) -> Floats:
        """``X' diag(weight) X``."""
        gram = np.zeros((self.columns[-1].stop,) * 2)
        for rows, block, columns in zip(self.rows, self.blocks, self.columns, strict=True):
            gram[columns, columns] = weighted_square(block, weight[rows])
        return gram

    def sums(self, weight: Floats, ends: Codes) -> Floats:
        """Weighted sums of the rows between two ends each, groups × columns."""
        from scipy.sparse import csr_array  # takes a tenth of a second, which kept fits need not

        by_block = []
        for rows, block in zip(self.rows, self.blocks, strict=True):
            parts = weight[rows], np.arange(len(rows)), np.searchsorted(rows, ends)
            by_block.append(csr_array(parts, shape=(len(ends) - 1, len(rows))) @ block)
        return np.hstack(by_block)


@dataclass(frozen=True)
class _Turned:
    design: Apart

    def __matmul__(self, values: Floats) -> Floats:
        kinds = zip(self.design.rows, self.design.blocks, strict=True)
        return np.concatenate([block.T @ values[rows] for rows, block in kinds])
