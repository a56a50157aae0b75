"""Where nothing is sold today: which pairs begin, which return, and were they foretold?

A pair without a sale in four years (new) and one that paused (returning) are different things, so
each is scored among its like.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offing.estimators import SMALL
from offing.market.history import Array, Codes, Mask

if TYPE_CHECKING:
    from scipy.sparse import csr_array

EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Where the classes of a probability begin."""
AT_ONCE = 64
"""Draws whose sums are in memory together."""
FIRST, EVERY = 5_000, 20
"""Resampling looks at every cell of the first places, and of later ones at each that came and at
every twentieth of the rest, for twenty."""


def bin_name(at: int) -> str:
    """A class of probabilities, such as ``2-5`` in percent."""
    ends = [*EDGES, 1.0]
    return f"{100 * ends[at]:g}-{100 * ends[at + 1]:g}"


def bins(probability: Array) -> Codes:
    """The class of each probability."""
    return np.searchsorted(EDGES, probability, side="right") - 1


@dataclass(frozen=True)
class Entries:
    """Empty pairs of one base year, best first by one way of ranking.

    Attributes:
        group: of each.
        stands_for: how many pairs each stands for.
        lasting: places of those at which a lasting flow came, rising.
        ends: last place of each tie that holds one of them: precision is read there.
        reached: how many of ``lasting`` lie up to each end.
    """

    group: Codes
    stands_for: Array
    lasting: Codes
    ends: Codes
    reached: Codes

    @classmethod
    def of(
        cls, group: Codes, came: Mask, score: Array, stands_for: Array | None = None
    ) -> "Entries":
        """In the order of what was said."""
        order = np.argsort(-score, kind="stable")
        sorted_score = score[order]
        last = np.r_[np.diff(sorted_score) != 0, True] if len(score) else np.zeros(0, bool)
        lasting, tie_ends = np.flatnonzero(came[order]), np.flatnonzero(last)
        ends = np.unique(tie_ends[np.searchsorted(tie_ends, lasting)])
        reached = np.searchsorted(lasting, ends, side="right")
        weight = np.ones(len(score)) if stands_for is None else stands_for[order]
        return cls(group[order], weight, lasting, ends, reached)

    def thinned(self) -> "Entries":
        """Fewer cells that stand for all, for resampling."""
        rank = np.arange(len(self.group))
        first = rank < FIRST
        drawn = first | (rank % EVERY == 0)
        drawn[self.lasting] = True
        if drawn.all():
            return self
        came = np.zeros(len(rank), dtype=bool)
        came[self.lasting] = True
        # The end of a tie is where precision is read: its place must be there still.
        tie = np.searchsorted(self.ends, rank)
        alone = ~first & ~came
        weight = np.where(alone, float(EVERY), 1.0)
        return Entries.of(self.group[drawn], came[drawn], -tie[drawn].astype(float), weight[drawn])

    def whole(self) -> tuple[Array, Array]:
        """:meth:`gained` where each group is drawn once, of cells that stand for themselves."""
        steps = np.diff(self.reached, prepend=0).astype(float)
        return _area(steps[:, None], (self.ends[:, None] + 1).astype(float))

    def gained(self, weights: Array) -> tuple[Array, Array]:
        """Area under precision and recall times what came, and what came, by draw.

        Their ratio is the average precision. ``weights`` is draws × groups.
        """
        if not len(self.lasting):
            return np.zeros(len(weights)), np.zeros(len(weights))
        steps, looked = self._by_end(weights.shape[1])
        parts = [
            _area(steps @ some.T, np.cumsum(looked @ some.T, axis=0))
            for some in np.split(weights, range(AT_ONCE, len(weights), AT_ONCE))
        ]
        return np.concatenate([area for area, _ in parts]), np.concatenate([n for _, n in parts])

    def _by_end(self, groups: int) -> "tuple[csr_array, csr_array]":
        """Ends × groups: the flows that came since the end before, and the pairs looked at."""
        from scipy.sparse import csr_array

        shape = len(self.ends), groups
        flow = np.searchsorted(self.reached, np.arange(len(self.lasting)), side="right")
        rank = np.arange(self.ends[-1] + 1)
        pair = np.searchsorted(self.ends, rank)
        came = csr_array((np.ones(len(flow)), (flow, self.group[self.lasting])), shape=shape)
        looked = csr_array((self.stands_for[rank], (pair, self.group[rank])), shape=shape)
        return came, looked


def _area(steps: Array, looked: Array) -> tuple[Array, Array]:
    """The area and what came, by draw.

    Args:
        steps: ends × draws, the flows that came since the end before.
        looked: pairs looked at up to each end.
    """
    came = np.cumsum(steps, axis=0)
    area = np.einsum("ed,ed->d", steps, came / np.maximum(looked, SMALL))
    return area, steps.sum(axis=0)
