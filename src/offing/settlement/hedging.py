"""How much of each currency of a book to hedge: the cheapest mix that keeps the joint limit.

What is expected and what each path brings are both linear in the hedge ratios. The search climbs
from no hedge, and down from a full one, in steps of a tenth, each where it takes most off the risk
for what it costs; then it changes one or two currencies at once while the limit holds and more is
expected. The tests compare it with every mix there is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import fsum

import numpy as np

from offing.settlement.simulation import Floats, lower_limit

TENTHS = 10
REACH = 3
"""Tenths by which a currency's hedge is changed at once when a mix is polished."""


@dataclass(frozen=True)
class CurrencyExposure:
    """What one currency of a book brings with no hedge and with a full one, CNY.

    Attributes:
        expected: without a hedge.
        gain: what a full hedge adds to it; negative where it costs.
        open_moves: what each path brings more or less without a hedge.
        hedged_moves: likewise with a full one: the fixing of an NDF, else nothing.
        can: whether it can be hedged.
    """

    expected: float
    gain: float
    open_moves: Floats
    hedged_moves: Floats
    can: bool

    @cached_property
    def tenth(self) -> Floats:
        """What a tenth more of hedge changes on each path."""
        return np.asarray((self.hedged_moves - self.open_moves) / TENTHS)


@dataclass(frozen=True)
class Mix:
    """A hedge of so many tenths of each currency, and what it comes to."""

    tenths: tuple[int, ...]
    expected: float
    fall: float

    @property
    def low(self) -> float:
        """What arrives at the 95 % limit."""
        return self.expected - self.fall


def expected_of(exposures: Sequence[CurrencyExposure], tenths: tuple[int, ...]) -> float:
    """What a mix is expected to bring."""
    return fsum(e.expected + n / TENTHS * e.gain for e, n in zip(exposures, tenths, strict=True))


def mix_of(exposures: Sequence[CurrencyExposure], tenths: tuple[int, ...]) -> Mix:
    """What a mix comes to."""
    return Mix(tenths, expected_of(exposures, tenths), _fall(_moves(exposures, tenths)))


def _moves(exposures: Sequence[CurrencyExposure], tenths: tuple[int, ...]) -> Floats:
    moves = sum((exposure.open_moves for exposure in exposures), np.zeros(1))
    for exposure, count in zip(exposures, tenths, strict=True):
        if count:
            moves = moves + count * exposure.tenth
    return moves


def _fall(moves: Floats) -> float:
    return max(-lower_limit(moves), 0.0)


def _step(tenths: tuple[int, ...], at: int, by: int) -> tuple[int, ...] | None:
    count = tenths[at] + by
    return (*tenths[:at], count, *tenths[at + 1 :]) if 0 <= count <= TENTHS else None


def most(exposures: Sequence[CurrencyExposure], tenths: tuple[int, ...]) -> float:
    """What can be expected at the most, whatever the risk, if no hedge of a mix is taken back."""
    more = fsum(
        (1 - n / TENTHS) * max(e.gain, 0.0) for e, n in zip(exposures, tenths, strict=True) if e.can
    )
    return expected_of(exposures, tenths) + more


def climb(
    exposures: Sequence[CurrencyExposure], above: float = -np.inf, enough: float = -1.0
) -> tuple[Mix, ...]:
    """From no hedge to a full one, a tenth of one currency at a time, the best step first.

    It ends where nothing further on can be expected to bring more than ``above``, or than a mix on
    the way that falls by no more than ``enough``.
    """
    path = [mix_of(exposures, (0,) * len(exposures))]
    while most(exposures, path[-1].tenths) > above and (steps := _around(exposures, path[-1], 1)):
        mix = path[-1]
        if mix.fall <= enough:
            above = max(above, mix.expected)

        def worth(step: Mix, mix: Mix = mix) -> float:
            """How much the limit rises for one yuan; a step that costs nothing comes first."""
            lifted, cost = mix.fall - step.fall, mix.expected - step.expected
            if cost <= 0:
                return np.inf if lifted >= 0 else lifted / 1e-9
            return lifted / cost

        path.append(max(steps, key=lambda step: (worth(step), step.expected)))
    return tuple(path)


def descend(exposures: Sequence[CurrencyExposure], allowed: float) -> Mix | None:
    """From a full hedge down, while the limit holds: what gives most back for the risk it adds.

    ``None`` where a full hedge does not keep the limit.
    """
    mix = mix_of(exposures, tuple(TENTHS if exposure.can else 0 for exposure in exposures))
    if mix.fall > allowed:
        return None
    while True:
        steps = [
            step
            for step in _around(exposures, mix, -1)
            if step.fall <= allowed and step.expected > mix.expected
        ]
        if not steps:
            return mix

        def worth(step: Mix, mix: Mix = mix) -> float:
            return (step.expected - mix.expected) / max(step.fall - mix.fall, 1e-9)

        mix = max(steps, key=worth)


def _around(exposures: Sequence[CurrencyExposure], mix: Mix, by: int) -> list[Mix]:
    """The mixes one step away: each moves what its own currency moves."""
    moves = _moves(exposures, mix.tenths)
    return [
        Mix(more, expected_of(exposures, more), _fall(moves + by * exposure.tenth))
        for at, exposure in enumerate(exposures)
        if exposure.can and (more := _step(mix.tenths, at, by)) is not None
    ]


def improve(exposures: Sequence[CurrencyExposure], mix: Mix, allowed: float) -> Mix:
    """Change one currency, or two at once, by up to three tenths while more is expected."""
    while True:
        best = mix
        for tenths in _near(exposures, mix.tenths):
            if expected_of(exposures, tenths) <= best.expected + 1e-6:
                continue
            tried = mix_of(exposures, tenths)
            if tried.fall <= allowed:
                best = tried
        if best is mix:
            return mix
        mix = best


def _near(
    exposures: Sequence[CurrencyExposure], tenths: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    """The mixes in which one currency, then two at once, are hedged by up to three tenths else."""
    able = [at for at, exposure in enumerate(exposures) if exposure.can]
    sizes = [by for by in range(-REACH, REACH + 1) if by]
    for at, by in product(able, sizes):
        if (stepped := _step(tenths, at, by)) is not None:
            yield stepped
    for (a, b), x, y in product(combinations(able, 2), sizes, sizes):
        stepped = _step(tenths, a, x)
        two = None if stepped is None else _step(stepped, b, y)
        if two is not None:
            yield two


def cheapest(
    exposures: Sequence[CurrencyExposure],
    allowed: float,
    *,
    polish: bool = True,
    above: float = -np.inf,
) -> tuple[Mix, tuple[Mix, ...]]:
    """The mix that keeps the limit and brings most, and the climb to a full hedge.

    Where no mix keeps the limit, the one with the highest limit.

    Args:
        exposures: of each currency.
        allowed: how far the limit may lie below what is expected, CNY.
        polish: look around the mix for a better one, which takes longer.
        above: mixes that are expected to bring no more need not be found.
    """
    path = climb(exposures, above, -1.0 if polish else allowed)
    starts = [mix for mix in path if mix.fall <= allowed]
    starts = [max(starts, key=lambda mix: mix.expected)] if starts else []
    bound = most(exposures, (0,) * len(exposures))
    if not (starts and starts[0].expected >= bound) and (down := descend(exposures, allowed)):
        starts.append(down)
    if not starts:
        return max(path, key=lambda mix: mix.low), path
    if polish:
        starts = [improve(exposures, mix, allowed) for mix in starts]
    return max(starts, key=lambda mix: mix.expected), path
