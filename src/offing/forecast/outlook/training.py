"""What the outlook is fitted on: earlier base years and what came after, up to the base year.

A pair of years (s, s + h) with s + h ≤ base year shows what the features of year s were worth h
years on. All such pairs are stacked. Large data are sampled: whole exporters of a product (so that
a group stays whole), and within them all flows that exist but only some of the many empty pairs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from offing.forecast.outlook.features import Matrix, cells, years_before
from offing.market.history import Array, Codes, Cube, History, Mask

LONG_RUN = 0.04
"""Log growth a year of world trade in current dollars. A choice: exports of goods
were USD 18.8 trillion in 2013 (WTO, press release of April 2014) and about 24 in 2023 (WTO, World
Trade Statistics 2023), 2.4 % a year, after more than 7 % a year from 1996 to 2013."""

LONG_RUN_YEARS = 20.0
"""What the long run counts for, in years. A choice, not an estimate: by the credibility formula of
Bühlmann (1967, ASTIN Bulletin 4:199-207) it is the variance of a product's yearly growth over that
of its lasting growth between products. Six or seven years of data tell neither; on the two sets
tried, the less was trusted of what was fitted, the nearer the level."""


def beyond(errors: Array, horizon: int, fitted: int = 0) -> float:
    """How far growth of these data lies from the long run's, as far as their years can tell.

    Args:
        errors: see :func:`level_errors`.
        horizon: years that each spans.
        fitted: years that a fit was trained on already.

    >>> round(beyond(np.full(16, 0.15), 5), 3)
    0.075
    """
    years = len(errors) + horizon - 1 - fitted
    if not len(errors) or years <= 0:
        return 0.0
    return float(np.mean(errors)) * years / (years + LONG_RUN_YEARS)


def level_errors(history: History, horizon: int) -> Array:
    """Log growth of all trade less the long run's, over every pair of years the history has.

    Only pairs of countries of which both years are known are added up.
    """
    errors = []
    for year in history.years:
        if year + horizon not in history.years:
            continue
        both = history.known(year) & history.known(year + horizon)
        before, after = (
            float(history.pairs(end).value[both].sum()) for end in (year, year + horizon)
        )
        if before > 0 and after > 0:
            errors.append(float(np.log(after / before)) - LONG_RUN * horizon)
    return np.array(errors)


T = TypeVar("T")

ORIGINS = 5
"""Earlier base years used, the latest first."""
LEAST_ORIGINS = 3
"""Base years that a horizon needs: training on a shorter one is better than from one year."""
_ONE_MAKES = Lock()
"""Horizons that are trained on at once share base years: one of them makes what both need."""
_GROUP, _BUYER = 7, 8
"""Places of these columns in what one base year shows."""
CELLS = 400_000
"""About as many cells are kept: more hardly changes the coefficients and takes longer."""
EMPTY_FOR_EACH = 2.0
"""Empty pairs kept for each flow."""


@dataclass(frozen=True)
class TrainingSet:
    """Stacked cells of earlier base years with what came after.

    Attributes:
        horizon: years between the two.
        origins: the earlier base years.
        base: USD then.
        proportional: see ``features.Cells``.
        design: cells × features.
        later: USD ``horizon`` years on.
        survived: whether a flow is there then and, for two years and more, the year before too.
        returns: see ``features.Cells``.
        seen: years with a flow, of those looked at.
        group: exporter × product × origin, rising.
        buyer: importer × product × origin.
        origin: place in ``origins``.
        looked: earlier years looked at in which the product is in the data.
        stands_for: how many cells a sampled one stands for.
        exporters: groups × exporter features.
        exports: of each group.
        levels: how far growth of all trade was from the long run, over every such pair of years;
            see ``long_run.level_errors``.
    """

    horizon: int
    origins: tuple[int, ...]
    base: Array
    proportional: Array
    design: Matrix
    later: Array
    survived: Mask
    returns: Mask
    seen: Codes
    group: Codes
    buyer: Codes
    origin: Codes
    looked: Codes
    stands_for: Array
    exporters: Matrix
    exports: Array
    levels: Array


def origins(history: History, horizon: int) -> list[int]:
    """The base years whose outcome is known, the latest first."""
    last = history.years[-1]
    years = set(history.years)
    return [y for y in reversed(history.years) if y + horizon in years and y + horizon <= last][
        :ORIGINS
    ]


def longest_horizon(history: History, most: int) -> int | None:
    """The horizon up to ``most`` that can best be trained on; ``None`` if there is none.

    The longest with ``LEAST_ORIGINS`` base years; where there is none, that with the most.
    """
    count = {h: len(origins(history, h)) for h in range(most, 0, -1)}
    enough = [h for h, years in count.items() if years >= LEAST_ORIGINS]
    best = enough[0] if enough else max(count, key=lambda h: count[h], default=1)
    return best if count.get(best) else None


def outcome(history: History, cube: Cube, horizon: int) -> tuple[Array, Mask, Mask]:
    """What came ``horizon`` years after the cube's base year, exporter × importer.

    The cube must hold the later year and the one before it, where they exist.

    Returns:
        USD; whether the flow is there then and, for a horizon of two years and more, the year
        before too, where that is known; whether the outcome is known: either side reported then
        and in the base year, and the product was traded at all.
    """
    year = cube.base_year + horizon
    later = cube.values.get(year)
    if later is None:
        nothing = np.zeros(cube.base.shape)
        return nothing, nothing > 0, nothing > 0
    at = np.ix_(cube.exporters, cube.importers)
    told = history.known(cube.base_year)[at] & history.known(year)[at]
    lives = later > 0
    before = cube.values.get(year - 1)
    if horizon > 1 and before is not None:
        lives &= (before > 0) | ~history.known(year - 1)[at]
    return later, lives, told


def training_set(history: History, horizon: int, *, seed: int, size: int = CELLS) -> TrainingSet:
    """Everything the history shows about a horizon.

    The history ends at the base year; :func:`origins` of the horizon is not empty. About ``size``
    cells are kept.
    """
    bases = origins(history, horizon)
    sample = _sample_cells(history, size / len(bases), seed)
    parts: list[list[np.ndarray]] = []
    groups = buyers = 0
    for number, base in enumerate(bases):
        for part, some in _origin(history, base, horizon, sample):
            part[_GROUP] += groups
            part[_BUYER] += buyers
            part.insert(_BUYER + 1, np.full(len(part[0]), number))
            groups, buyers = groups + len(part[-1]), buyers + some
            parts.append(part)
    stacked = []
    while parts[0]:  # column by column, each forgotten in its parts: the design is large
        stacked.append(np.concatenate([part.pop(0) for part in parts]))
    stacked.append(level_errors(history, horizon))
    return TrainingSet(horizon, tuple(bases), *stacked)


@dataclass(frozen=True)
class _Subset:
    """What is taken: these products, all where ``None``; this share of their exporters."""

    goods: list[str] | None
    exporters: float
    seed: int

    @property
    def whole(self) -> bool:
        """Whether it is the same for every horizon."""
        return self.goods is None and self.exporters == 1


def _sample_cells(history: History, size: float, seed: int) -> _Subset:
    """About so many cells of a base year."""
    flows = sum(history.rows.values()) / len(history.years)
    keep = min(1.0, size / (1 + EMPTY_FOR_EACH) / max(flows, 1.0))
    # Taking some exporters of many products beats taking all exporters of a few products.
    exporters = max(keep, 0.2) if keep < 1 else 1.0
    if keep >= exporters:
        return _Subset(None, exporters, seed)
    goods = list(history.rows)
    count = max(1, round(keep / exporters * len(goods)))
    chosen = np.random.default_rng(seed).choice(goods, count, False)
    return _Subset(sorted(chosen.tolist()), exporters, seed)


_Taken = dict[str, Any]
"""The cells of a product that are taken of a base year, whatever the horizon: ``row`` and
``column`` are places in its cube, ``buyers`` the number of its importers, ``looked`` that of
earlier years with the product; the rest as in a training set."""
_OF_CELLS = ("base", "proportional", "design", "returns", "seen", "column")
_OF_EXPORTERS = ("exporters", "exports")


def _take_products(history: History, base: int, sample: _Subset) -> list[_Taken]:
    """Of every product of a base year."""
    rng = np.random.default_rng([sample.seed, base])
    past = years_before(history, base)
    taken = []
    for cube in history.cubes(base, past, sample.goods):
        new = cube.base[cube.candidates] == 0
        picked = rng.random(len(cube.exporters)) < sample.exporters
        empty_share = min(1.0, EMPTY_FOR_EACH * (~new).sum() / max(new.sum(), 1))
        sampled = ~new | (rng.random(len(new)) < empty_share)
        chosen = cells(history, cube, picked[np.nonzero(cube.candidates)[0]] & sampled)
        taken.append(
            {name: getattr(chosen, name) for name in ("row", *_OF_CELLS, *_OF_EXPORTERS)}
            | {"stands_for": np.where(chosen.new, 1 / empty_share, 1.0)}
            | {"looked": sum(year in cube.values for year in past), "buyers": len(cube.importers)}
        )
    return taken


_Came = tuple[Mask, Array, Mask]
"""Of the cells taken of a product: whether the outcome is known, sales, whether they lasted."""


def _came(
    history: History, base: int, horizon: int, sample: _Subset, taken: list[_Taken]
) -> list[_Came]:
    """What came of the cells taken, by product."""
    came = []
    cubes = history.cubes(base, [base + horizon, base + horizon - 1], sample.goods)
    for drawn, cube in zip(taken, cubes, strict=True):
        later, lives, told = outcome(history, cube, horizon)
        at = drawn["row"], drawn["column"]
        came.append((told[at], later[at], lives[at]))
    return came


def _remember(history: History, key: tuple[Any, ...], make: Callable[[], T]) -> T:
    """What later base years and other horizons ask for again; the rest is forgotten."""
    with _ONE_MAKES:
        if key in history.fits:
            cached: T = history.fits[key]
            return cached
        fresh = history.fits[key] = make()
        first = history.years[-1] - 2 * ORIGINS
        for old in [key for key in history.fits if key[0] in ("taken", "came")]:
            if old[1] < first:  # this one too, where years are missing: it is not asked for again
                del history.fits[old]
        return fresh


def _origin(
    history: History, base: int, horizon: int, sample: _Subset
) -> Iterator[tuple[list[np.ndarray], int]]:
    """What one base year shows, product by product.

    Returns:
        The columns of a training set from ``base`` on, but ``origin``, with groups and buyers
        numbered from 0; and how many buyers there are.
    """
    if sample.whole:
        taken = _remember(
            history, ("taken", base, sample.seed), lambda: _take_products(history, base, sample)
        )
        came = _remember(
            history,
            ("came", base, horizon, sample.seed),
            lambda: _came(history, base, horizon, sample, taken),
        )
    else:
        taken = _take_products(history, base, sample)
        came = _came(history, base, horizon, sample, taken)
    for drawn, (known, later, lives) in zip(taken, came, strict=True):
        if not known.any():
            continue
        inside, group = np.unique(drawn["row"][known], return_inverse=True)
        sold, proportional, design, returns, seen, buyer = (drawn[x][known] for x in _OF_CELLS)
        looked, weight = np.full(len(group), drawn["looked"]), drawn["stands_for"][known]
        columns = [sold, proportional, design, later[known], lives[known], returns, seen]
        of_exporters = (drawn[name][inside] for name in _OF_EXPORTERS)
        yield [*columns, group, buyer, looked, weight, *of_exporters], drawn["buyers"]
