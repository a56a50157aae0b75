"""One base year of a backtest: the candidates, what was known of them, and what came later."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from offing.estimators import stretches
from offing.forecast.outlook.training import outcome
from offing.market.history import FLOOR_USD, Array, Codes, Cube, History, Mask

PAST = 3
"""Earlier years in which a sale makes an empty pair one that may return."""


def within(first: Codes, size: Codes) -> Codes:
    """The place of each cell in its group, where groups stand together."""
    return np.arange(int(size.sum())) - np.repeat(first, size)


def midranks(values: Array, block: Codes) -> Array:
    """Midranks inside each block, centred and scaled to the size of the block."""
    order = np.lexsort((values, block))
    sorted_block, sorted_values = block[order], values[order]
    first, size = stretches(sorted_block)
    new = np.r_[True, np.diff(sorted_values) != 0]
    new[first] = True
    tie = np.cumsum(new) - 1
    rank = (np.bincount(tie, within(first, size)) / np.bincount(tie))[tie]
    length = np.repeat(size, size)
    ranks = np.empty(len(values))
    ranks[order] = np.where(length > 1, (rank - (length - 1) / 2) / np.maximum(length - 1, 1), 0.0)
    return ranks


@dataclass(frozen=True)
class Trial:
    """Candidates of one base year whose outcome at one horizon is known.

    Cells stand group by group: exporter × product × tier, whose candidates are ranked against each
    other.

    Attributes:
        base_year: the year the rankings were made in.
        exporter: of each group, place in ``History.countries``.
        product: of each group, place in the history's products.
        tier: of each group.
        group: of each cell, from 0 and rising.
        importer: of each cell, place in ``History.countries``.
        base: USD in the base year.
        market: the market's imports of the product then.
        later: USD at the horizon.
        survived: whether a flow is there then (and the year before, for two years and more).
        seen: years with a sale, of the base year and the three before.
        kept: places of the cells among all candidates of the base year.
        candidates: how many of these there are.
    """

    base_year: int
    exporter: Codes
    product: Codes
    tier: np.ndarray
    group: Codes
    importer: Codes
    base: Array
    market: Array
    later: Array
    survived: Mask
    seen: Codes
    kept: Codes
    candidates: int

    @property
    def groups(self) -> int:
        """How many there are."""
        return len(self.exporter)

    @cached_property
    def first(self) -> Codes:
        """The first cell of each group."""
        return stretches(self.group)[0]

    @cached_property
    def slots(self) -> tuple[int, Codes]:
        """Cells of the largest group, and the place of each cell where all groups have as many."""
        first, size = stretches(self.group)
        widest = int(size.max())
        return widest, self.group * widest + within(first, size)

    @cached_property
    def gain(self) -> Array:
        """The growth that came; never below zero."""
        return np.maximum(self.later - self.base, 0.0)

    @cached_property
    def ranks(self) -> tuple[Array, Array, Array]:
        """Of flows that exist, within exporters: growth that came, size, share of the market."""
        old, base = self.old, self.base[self.old]
        exporter = self.exporter[self.group[old]]
        came = np.log((self.later[old] + FLOOR_USD) / (base + FLOOR_USD))
        growth, size, share = (
            midranks(values, exporter) for values in (came, base, base / self.market[old])
        )
        return growth, size, share

    @cached_property
    def rank_moments(self) -> Array:
        """Sums of the products of these ranks, groups × 3 × 3: the same for all that is said."""
        group = self.group[self.old]
        moments = np.zeros((self.groups, 3, 3))
        for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)):
            products = np.bincount(group, self.ranks[i] * self.ranks[j], self.groups)
            moments[:, i, j] = moments[:, j, i] = products
        return moments

    @cached_property
    def old(self) -> Mask:
        """Sales in the base year."""
        return np.asarray(self.base > 0)

    @property
    def new(self) -> Mask:
        """No sales in the base year, nor in the three before."""
        return np.asarray(self.seen == 0)

    @property
    def returning(self) -> Mask:
        """No sales in the base year, but in one of the three before."""
        return np.asarray(~self.old & ~self.new)

    def sums(self, values: Array | Mask, where: Mask | None = None) -> Array:
        """Of each group."""
        group = self.group if where is None else self.group[where]
        inside = values if where is None else values[where]
        return np.bincount(group, inside, self.groups).astype(float)


@dataclass(frozen=True)
class Candidates:
    """Every candidate of a base year in the order of the rankings, before outcomes are looked at.

    Attributes:
        base_year: the year the rankings are made in.
        exporter: of each group.
        product: of each group.
        tier: of each group.
        group: of each cell.
        cells: by name: ``importer``, ``base``, ``market``, ``seen``; by horizon ``later``,
            ``survived``, ``known`` (its outcome) and ``silent`` (neither side reported).
    """

    base_year: int
    exporter: Codes
    product: Codes
    tier: np.ndarray
    group: Codes
    cells: dict[str, np.ndarray]

    @classmethod
    def of(cls, history: History, base_year: int, horizons: Sequence[int]) -> "Candidates":
        """Of a history that goes on after the base year.

        Args:
            history: all flows.
            base_year: a year of it.
            horizons: those whose outcome is wanted.
        """
        before = [y for y in history.years if base_year - PAST <= y < base_year]
        after = [base_year + h - back for h in horizons for back in (0, 1)]
        goods = {code: number for number, code in enumerate(sorted(history.rows))}
        cells: dict[str, list[np.ndarray]] = {}
        exporter, product, tier, group = [], [], [], []
        groups = 0
        for cube in history.cubes(base_year, [*before, *after]):
            row, column = np.nonzero(cube.candidates)
            for name, values in _of_cube(history, cube, before, horizons).items():
                full = np.broadcast_to(values, cube.base.shape)
                cells.setdefault(name, []).append(full[row, column])
            have, at = np.unique(row, return_inverse=True)
            group.append((at + groups).astype(np.int32))
            groups += len(have)
            exporter.append(cube.exporters[have])
            product.append(np.full(len(have), goods[cube.product]))
            tier.append(np.full(len(have), cube.tier))
        return cls(
            base_year,
            np.concatenate(exporter),
            np.concatenate(product),
            np.concatenate(tier),
            np.concatenate(group),
            {name: np.concatenate(parts) for name, parts in cells.items()},
        )

    def trial(self, horizon: int) -> Trial:
        """The candidates whose outcome is known."""
        kept = np.flatnonzero(self.cells[f"known {horizon}"])
        have, group = np.unique(self.group[kept], return_inverse=True)
        return Trial(
            self.base_year,
            self.exporter[have],
            self.product[have],
            self.tier[have],
            group,
            self.cells["importer"][kept],
            self.cells["base"][kept],
            self.cells["market"][kept],
            self.cells[f"later {horizon}"][kept],
            self.cells[f"survived {horizon}"][kept],
            self.cells["seen"][kept],
            kept,
            len(self.group),
        )

    def silence(self, horizon: int) -> Array:
        """Pairs that neither side reported on, all pairs, and the base year's sales of both."""
        silent, base = self.cells[f"silent {horizon}"], self.cells["base"]
        return np.array([silent.sum(), len(silent), base[silent].sum(), base.sum()])


def _of_cube(
    history: History, cube: Cube, before: Sequence[int], horizons: Sequence[int]
) -> dict[str, np.ndarray]:
    """What is known of a product's pairs, exporter × importer."""
    sold = [cube.values[year] > 0 for year in (cube.base_year, *before) if year in cube.values]
    columns: dict[str, np.ndarray] = {
        "importer": cube.importers[None, :],
        "base": cube.base,
        "market": cube.base.sum(axis=0, keepdims=True),
        "seen": np.sum(sold, axis=0).astype(np.int8),
    }
    for horizon in horizons:
        later, lives, told = outcome(history, cube, horizon)
        columns[f"later {horizon}"], columns[f"survived {horizon}"] = later, lives
        # A product without any flow in a year is not in the data of that year.
        columns[f"known {horizon}"] = told
        columns[f"silent {horizon}"] = ~told & (cube.base_year + horizon in cube.values)
    return columns
