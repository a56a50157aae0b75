"""One base year of a backtest: the candidates, what was known of them, and what came later.

Sums over its groups are kept as they are and as they would be had other years, exporters and
products come. A boom or a slump moves all flows of a year at once, an exporter's and a product's
flows are not independent either. So base years are drawn with replacement, and within them
exporters and products; a group counts as often as its year times its exporter times its product
were drawn (the pigeonhole bootstrap of Owen, 2007, Annals of Applied Statistics 1:386-411, with
three factors). Sums are kept and groups are not, so a base year can be forgotten as soon as it is
added up.

Persistence, a point, has no distribution to score. It gets one from its own past errors: the log
changes of flows of the same size and age, in base years whose outcome was known by then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offing.estimators import stretches
from offing.forecast.outlook.distribution import LEVELS
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
            for name, values in _pair_arrays(history, cube, before, horizons).items():
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


def _pair_arrays(
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


Weights = NDArray[np.float32]
Sums = dict[str, Array]
"""Column → its sum, as it is in the first place and as drawn in the others."""


@dataclass(frozen=True)
class BootstrapWeights:
    """How often each base year, exporter and product is drawn: draws × years and so on."""

    years: dict[int, Weights]
    exporters: Weights
    products: Weights

    @classmethod
    def of(
        cls, years: Sequence[int], exporters: int, products: int, draws: int, seed: int
    ) -> "BootstrapWeights":
        """A lone year, exporter or product is taken as it is: there is no other to draw."""
        rng = np.random.default_rng(seed)

        def drawn(count: int) -> Weights:
            weights = rng.multinomial(count, np.full(count, 1 / count), size=draws)
            return np.asarray(weights, dtype=np.float32)

        by_exporter, by_product, by_year = drawn(exporters), drawn(products), drawn(len(years))
        return cls({year: by_year[:, at] for at, year in enumerate(years)}, by_exporter, by_product)

    def weights(self, trial: Trial) -> Weights:
        """How often each group of a base year is drawn, draws × groups."""
        by_group = self.exporters[:, trial.exporter] * self.products[:, trial.product]
        return np.asarray(by_group * self.years[trial.base_year][:, None])


class BootstrapSums:
    """Sums by part of the data; ``all`` is the whole."""

    def __init__(self) -> None:
        self.parts: dict[str, Sums] = {}

    def add(
        self, columns: dict[str, Array], weights: Weights, parts: Sequence[tuple[str, Mask]]
    ) -> None:
        """Take in the groups of a base year.

        ``columns`` are groups or groups × anything, ``weights`` draws × groups.
        """
        names = list(columns)
        width = [int(np.prod(columns[name].shape[1:], dtype=int)) for name in names]
        table = np.column_stack(
            [columns[name].reshape(-1, w) for name, w in zip(names, width, strict=True)]
        )
        # Draws need no more than seven digits; the unit keeps large sums inside them.
        unit = np.maximum(np.abs(table).max(axis=0, initial=0.0), 1e-30)
        small = np.asarray(table / unit, dtype=np.float32)
        for part, rows in parts:
            drawn = (weights[:, rows] @ small[rows]).astype(float) * unit
            sums = np.vstack([table[rows].sum(axis=0), drawn])
            self._add_sums(part, names, np.split(sums, np.cumsum(width)[:-1], axis=1))

    def _add_sums(self, part: str, names: Sequence[str], sums: Sequence[Array]) -> None:
        totals = self.parts.setdefault(part, {})
        for name, added in zip(names, sums, strict=True):
            totals[name] = totals[name] + added if name in totals else added

    def put(self, part: str, name: str, sums: Array) -> None:
        """Add a column that is summed already, 1 + draws long."""
        self._add_sums(part, [name], [sums[:, None]])

    def named(self) -> Iterator[tuple[str, Sums]]:
        """Parts in which there was any growth, the whole first."""
        for part in sorted(self.parts, key=lambda name: (name != "all", name)):
            if self.parts[part]["total"][0, 0] > 0:
                yield part, self.parts[part]


SIZES = (1e4, 1e5, 1e6, 1e7, 1e8)
"""Class limits of a flow, USD."""
AGES = PAST + 1
"""Classes of the number of years with a sale, 1 to 4."""
LAST = 5
"""Earlier base years used, the latest first: as many as the outlook trains on."""
LEAST = 30
"""Changes that a class needs; one with fewer leans on the pool of its size, then on all."""


def _classes(trial: Trial) -> Codes:
    """Of each flow that exists."""
    old = trial.old
    size = np.searchsorted(SIZES, trial.base[old])
    return np.asarray(size * AGES + np.clip(trial.seen[old], 1, AGES) - 1, dtype=np.int64)


class PastChanges:
    """Log changes over one horizon by base year, class by class."""

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon
        self.by_year: dict[int, tuple[Codes, Array]] = {}

    def add(self, trial: Trial) -> None:
        """Take in a base year with its outcome."""
        old = trial.old
        change = np.log((trial.later[old] + FLOOR_USD) / (trial.base[old] + FLOOR_USD))
        self.by_year[trial.base_year] = _classes(trial), change

    def quantiles(self, trial: Trial) -> Array | None:
        """Cells × ``LEVELS``, USD, as they could be said in the trial's base year.

        ``None`` where no outcome was known by then. Cells without a flow get none that counts.
        """
        years = sorted(year for year in self.by_year if year + self.horizon <= trial.base_year)
        if not years:
            return None
        pieces = [self.by_year[year] for year in years[-LAST:]]
        table = _table(*(np.concatenate(column) for column in zip(*pieces, strict=True)))
        old = trial.old
        quantiles = np.zeros((len(old), len(LEVELS)))
        change = np.exp(table[_classes(trial)])
        quantiles[old] = np.maximum((trial.base[old, None] + FLOOR_USD) * change - FLOOR_USD, 0.0)
        return quantiles


def _table(kind: Codes, change: Array) -> Array:
    """Classes × ``LEVELS``: quantiles of log changes, thin classes leaning on larger ones."""
    everything = _quantiles(change)
    table = np.empty(((len(SIZES) + 1) * AGES, len(LEVELS)))
    for size in range(len(SIZES) + 1):
        of_size = kind // AGES == size
        pool = _leaning(change[of_size], everything)
        for age in range(AGES):
            table[size * AGES + age] = _leaning(change[of_size & (kind % AGES == age)], pool)
    return table


def _quantiles(change: Array) -> Array:
    return np.quantile(change, LEVELS) if len(change) else np.zeros(len(LEVELS))


def _leaning(change: Array, pool: Array) -> Array:
    trust = len(change) / (len(change) + LEAST)
    return trust * _quantiles(change) + (1 - trust) * pool


AT_MOST = 200
"""Sums looked at over the base years of a horizon, drawn at random: joint draws take their time."""

Interval = Callable[[str, str, Sequence[str]], tuple[float, float] | None]
"""Product, origin and markets → ends of the 80 % interval of the sum, USD."""


def sums_held(
    history: History, trial: Trial, groups: Mask, years: int, seed: int, interval: Interval
) -> dict[str, Array]:
    """Sums inside their interval, and sums looked at, by group.

    A sum is over the markets of a group whose outcome is known; ``years`` base years share
    ``AT_MOST``.
    """
    sells = np.flatnonzero(groups & (trial.sums(trial.base) > 0))
    rng = np.random.default_rng([seed, trial.base_year])
    count = min(len(sells), max(1, AT_MOST // years))
    codes = sorted(history.rows)
    inside, looked = np.zeros(trial.groups), np.zeros(trial.groups)
    chosen = rng.choice(sells, size=count, replace=False)
    for group in sorted(chosen, key=lambda g: trial.product[g]):  # a product's one by one
        cells = np.flatnonzero(trial.group == group)
        markets = [history.countries[at] for at in trial.importer[cells]]
        origin = history.countries[trial.exporter[group]]
        ends = interval(codes[trial.product[group]], origin, markets)
        if ends is None:
            continue
        came = float(trial.later[cells].sum())
        inside[group], looked[group] = ends[0] <= came <= ends[1], 1.0
    return {"sums inside": inside, "sums": looked}
