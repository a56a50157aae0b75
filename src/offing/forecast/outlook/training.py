"""What the outlook is fitted on: earlier base years and what came after, up to the base year.

A pair of years (s, s + h) with s + h ≤ base year shows what the features of year s were worth h
years on. All such pairs are stacked. Large data are sampled: whole exporters of a product (so that
a group stays whole), and within them all flows that exist but only some of the many empty pairs.
"""

from dataclasses import dataclass

import numpy as np

from offing.forecast.outlook.features import Matrix, cells, years_before
from offing.forecast.outlook.long_run import level_errors
from offing.market.history import Array, Codes, Cube, History, Mask

ORIGINS = 5
"""Earlier base years used, the latest first."""
LEAST_ORIGINS = 3
"""Base years that a horizon needs: learning from a shorter one is better than from one year."""
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
    known = set(history.years)
    return [y for y in reversed(history.years) if y + horizon in known and y + horizon <= last][
        :ORIGINS
    ]


def longest_horizon(history: History, wanted: int) -> int | None:
    """The horizon up to ``wanted`` that can best be learnt from; ``None`` if there is none.

    The longest with ``LEAST_ORIGINS`` base years; where there is none, that with the most.
    """
    count = {h: len(origins(history, h)) for h in range(wanted, 0, -1)}
    enough = [h for h, years in count.items() if years >= LEAST_ORIGINS]
    best = enough[0] if enough else max(count, key=lambda h: count[h], default=1)
    return best if count.get(best) else None


def outcome(history: History, cube: Cube, horizon: int) -> tuple[Array, Mask, Mask]:
    """What came ``horizon`` years after the cube's base year, exporter × importer.

    Args:
        history: for who reported.
        cube: must hold the later year and the one before it, where they exist.
        horizon: years on.

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


def training_set(
    history: History, horizon: int, *, seed: int = 1, size: int = CELLS
) -> TrainingSet:
    """Everything the history shows about a horizon.

    Args:
        history: ends at the base year.
        horizon: one for which :func:`origins` is not empty.
        seed: of the sampling.
        size: cells to keep, about.
    """
    bases = origins(history, horizon)
    goods, exporters = _sampled(history, size / len(bases), seed)
    parts: list[list[np.ndarray]] = []
    groups = buyers = 0
    for number, base in enumerate(bases):
        asked = ("origin", base, horizon, seed)
        whole = goods is None and exporters == 1
        part = history.fits.get(asked) if whole else None
        if part is None:
            part = _origin(history, base, horizon, goods, exporters, seed)
            if whole:
                # Later base years learn from the same ones again, but for the earliest.
                for old in [key for key in history.fits if key[0] == "origin"]:
                    if old[1] < bases[-1] and old[2] == horizon:
                        history.fits.pop(old, None)
                history.fits[asked] = part
        if part is None:
            continue
        columns = list(part)
        columns[_GROUP] = columns[_GROUP] + groups
        columns[_BUYER] = columns[_BUYER] + buyers
        columns.insert(_BUYER + 1, np.full(len(columns[0]), number))
        groups, buyers = columns[_GROUP][-1] + 1, columns[_BUYER].max() + 1
        parts.append(columns)
    stacked = [np.concatenate(column) for column in zip(*parts, strict=True)]
    stacked.append(level_errors(history, horizon))
    return TrainingSet(horizon, tuple(bases), *stacked)


def _sampled(history: History, size: float, seed: int) -> tuple[list[str] | None, float]:
    """The products that are kept, all where ``None``, and the share of their exporters."""
    flows = sum(history.rows.values()) / len(history.years)
    keep = min(1.0, size / (1 + EMPTY_FOR_EACH) / max(flows, 1.0))
    # Taking some exporters of many products beats taking all exporters of a few products.
    exporters = max(keep, 0.2) if keep < 1 else 1.0
    if keep >= exporters:
        return None, exporters
    goods = list(history.rows)
    count = max(1, round(keep / exporters * len(goods)))
    return sorted(np.random.default_rng(seed).choice(goods, count, False).tolist()), exporters


def _origin(
    history: History,
    base: int,
    horizon: int,
    goods: list[str] | None,
    exporters: float,
    seed: int,
) -> list[np.ndarray] | None:
    """What one base year shows: the columns of a training set from ``base`` on, but ``origin``."""
    rng = np.random.default_rng([seed, base])
    past = years_before(history, base)
    years = [*past, base + horizon, base + horizon - 1]
    parts: list[tuple[np.ndarray, ...]] = []
    groups = buyers = 0
    for cube in history.cubes(base, years, goods):
        one = cells(history, cube)
        at = one.row, one.column
        came, lives, told = outcome(history, cube, horizon)
        later, known = came[at], told[at]
        picked = rng.random(len(cube.exporters)) < exporters
        empty_share = min(1.0, EMPTY_FOR_EACH * (~one.new).sum() / max(one.new.sum(), 1))
        sampled = ~one.new | (rng.random(len(one.base)) < empty_share)
        take = known & picked[one.row] & sampled
        if not take.any():
            continue
        inside, group = np.unique(one.row[take], return_inverse=True)
        parts.append(
            (
                one.base[take],
                one.proportional[take],
                one.design[take],
                later[take],
                lives[at][take],
                one.returns[take],
                one.seen[take],
                group + groups,
                one.column[take] + buyers,
                np.full(len(group), sum(year in cube.values for year in past)),
                np.where(one.new[take], 1 / empty_share, 1.0),
                one.exporters[inside],
                one.exports[inside],
            )
        )
        groups, buyers = groups + len(inside), buyers + len(cube.importers)
    return [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else None
