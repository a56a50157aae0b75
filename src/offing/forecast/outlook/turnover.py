"""How many pairs are open later, where only a shorter time could be trained on.

From one step to the next a pair passes between eight states: never sold, lapsed lately, lapsed
before; begun, returned, and in its second, third, fourth or later year. The rates of earlier base
years tell how often an empty pair is open some steps on, and was open the step before too::

    never → begun → second → third → fourth and later          each with its own rate
    begun, returned, second, … → lapsed lately → lapsed before  where it ends
    lapsed → returned → second → …

A pair that begins may have ended by the horizon, and one that does not begin next year may begin
later: the first alone says too many, the second alone too few. (A Markov chain with duration in the
state; for how exits fall with age see Besedeš and Prusa, 2006, Canadian Journal of Economics
39:266-295.)
"""

from dataclasses import dataclass

import numpy as np

from offing.forecast.outlook.features import COLUMNS
from offing.forecast.outlook.training import TrainingSet
from offing.market.history import Array, Mask

LEAST = 30.0
"""Pairs that a state's rate needs; one with fewer leans on the rate of its likes."""
_BEGUN = COLUMNS.index("just_begun")
_LATELY = COLUMNS.index("new_sold_before_latest")
_NEVER, _LATE, _LONG, _FIRST, _BACK, _SECOND, _THIRD, _OLD = range(8)


@dataclass(frozen=True)
class Turnover:
    """Rates of one step.

    Attributes:
        opens: probability of sales a step on, of a pair in each of the eight states.
        lately: of pairs that may return, the share that sold the year before.
        ages: whether any base year tells the age of its flows. Where none does, pairs that pause
            look new, and what begins in a step is all that is known.
    """

    opens: Array
    lately: float
    ages: bool

    @classmethod
    def of(cls, data: TrainingSet) -> "Turnover":
        """Of a training set, whose horizon is the step."""
        old, came = data.base > 0, data.later > 0
        told = data.looked > 0
        begun = data.design[:, _BEGUN] > 0
        lately = data.design[:, _LATELY] > 0
        empty = ~old & data.returns

        def rate(which: Mask, pool: float) -> float:
            weight = float(data.stands_for[which].sum())
            seen = float(data.stands_for[which & came].sum())
            return (seen + LEAST * pool) / (weight + LEAST)

        never = rate(~old & ~data.returns, 0.0)
        back = rate(empty, never)
        lasting = rate(old, 1.0)
        first = old & begun & (data.seen == 1)
        ages = bool(first.any())
        if not ages:
            # No base year tells ages: flows as small as the smaller half of those that begin.
            small = np.median(data.later[~old & came]) if (~old & came).any() else 0.0
            first, told = old & (data.base <= small), told | True
        young = rate(first, lasting)
        opens = (
            never,
            rate(empty & lately, back),
            rate(empty & ~lately, back),
            young,
            rate(old & begun & (data.seen > 1), young),
            *(rate(old & ~begun & told & (data.seen == age), lasting) for age in (2, 3)),
            rate(old & ~begun & told & (data.seen > 3), lasting),
        )
        waiting = float(data.stands_for[empty].sum())
        share = float(data.stands_for[empty & lately].sum()) / waiting if waiting else 1.0
        return cls(np.array(opens), share, ages)

    def open_after(self, steps: int, returning: bool) -> tuple[float, float]:
        """Probability of sales after some steps, and of sales then and the step before."""
        state = np.zeros(8)
        state[[_NEVER, _LATE, _LONG]] = (
            (0, self.lately, 1 - self.lately) if returning else (1, 0, 0)
        )
        for _ in range(steps):
            before = float(state[_FIRST:] @ self.opens[_FIRST:])
            state = self._step(state)
        return float(state[_FIRST:].sum()), before

    def _step(self, state: Array) -> Array:
        opens, ends = state * self.opens, state * (1 - self.opens)
        return np.array(
            [
                ends[_NEVER],
                ends[_FIRST:].sum(),
                ends[_LATE] + ends[_LONG],
                opens[_NEVER],
                opens[_LATE] + opens[_LONG],
                opens[_FIRST] + opens[_BACK],
                opens[_SECOND],
                opens[_THIRD] + opens[_OLD],
            ]
        )

    def stretched(self, chance: Array, steps: float, returning: bool) -> Array:
        """Probabilities of one step made those of several; between whole steps on a line."""
        low = int(steps)
        if not self.ages:
            return chance
        ends = [self.open_after(count, returning)[0] for count in (1, low, low + 1)]
        there = ends[1] + (steps - low) * (ends[2] - ends[1])
        if not 0 < ends[0] < 1 or there >= 1:
            return chance
        return np.asarray(1 - (1 - chance) ** (np.log1p(-there) / np.log1p(-ends[0])))

    def lasting(self, chance: Array, steps: int, returning: bool) -> Array:
        """Of pairs open after some steps, two or more, the share open the step before too."""
        there, both = self.open_after(steps - 1, returning)[0], self.open_after(steps, returning)[1]
        stay = both / there if there > 0 else 1.0
        before, then = (self.stretched(chance, count, returning) for count in (steps - 1, steps))
        return np.divide(stay * before, then, out=np.ones(len(then)), where=then > 0)
