"""Planted programmes: do intervals hold the effect, and is the smallest effect named found?

``python -m tools.planted_programmes --count 2000`` prints, for lotteries and staggered joining, in
how many of 100 programmes the 95 % interval holds the planted effect; in how many the smallest
effect that one programme names is found by another such programme, into which it is planted; and
the same for the mean of the effects named.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offing.policy.evidence.programme import ProgrammeEvidence, ProgrammeFirm, programme_effect
from offing.terms.errors import MissingDataError

TRUTH = 0.2
NEAR, SPREAD = (24, 25, 26), (24, 28, 32, 36)
"""Months in which firms join, without a lottery."""


def world(
    seed: int, count: int, *, joins: Sequence[int] = (), effect: float = TRUTH, ahead: float = 0.0
) -> dict[str, ProgrammeFirm]:
    """Firms of very different size, months that wander, some without exports; three classes.

    With ``joins`` there is no lottery and half of the firms join in one of these months; ``ahead``
    is by how much those who will join grow faster a year before.
    """
    rng = np.random.default_rng(seed)
    firms, lottery = {}, not joins
    months = months_of(joins)
    for number in range(count):
        level, wander, own = math.exp(11 + rng.standard_normal()), 0.0, {}
        won = bool(rng.random() < 0.5)
        start = 12 if lottery else (int(rng.choice(joins)) if won else None)
        for month in range(months):
            wander = 0.7 * wander + 0.35 * rng.standard_normal()
            if rng.random() < 0.15:
                continue
            treated = won and start is not None and month >= start
            early = ahead if won and not lottery and month >= 12 else 0.0
            own[month] = level * math.exp(wander) * (1 + effect * treated) * (1 + early)
        group = str(number % 3) if lottery else ""
        firms[f"F{number}"] = ProgrammeFirm(own, start, won if lottery else None, group)
    return firms


def months_of(joins: Sequence[int]) -> int:
    """Months of a programme's table."""
    return joins[-1] + 10 if joins else 24


def kinds() -> tuple[tuple[Sequence[int], int], ...]:
    """Months of joining, none where lots were drawn; and firms."""
    return ((), 90), ((), 240), (NEAR, 150), (SPREAD, 150)


@dataclass(frozen=True)
class Shares:
    """Of planted programmes.

    Attributes:
        held: 95 % intervals that hold the effect.
        found: programmes that find the smallest effect that another named.
        found_at_mean: that find the mean of the effects named.
        placebo: that call a placebo proved; ``None`` with a lottery.
    """

    held: float
    found: float
    found_at_mean: float
    placebo: float | None


def trial(joins: Sequence[int], firms: int, count: int) -> Shares:
    """So many programmes of a kind, and as many anew for each effect that is to be found."""

    def told(seed: int, effect: float) -> ProgrammeEvidence | None:
        """What is said of a programme; ``None`` where nothing is."""
        planted = world(seed, firms, joins=joins, effect=effect)
        try:
            return programme_effect(planted)
        except MissingDataError:
            return None

    def asked(first: int, effects: Sequence[float]) -> list[bool]:
        answers = (told(first + at, effect) for at, effect in enumerate(effects))
        return [one is not None and one.effect.low > 0 for one in answers]

    made = [one for seed in range(count) if (one := told(seed, TRUTH)) is not None]
    named = [one.effect.smallest for one in made]
    quiet = [one.placebo for one in made if one.placebo is not None]
    return Shares(
        float(np.mean([one.effect.low <= TRUTH <= one.effect.high for one in made])),
        float(np.mean(asked(10**6, named))),
        float(np.mean(asked(2 * 10**6, [float(np.mean(named))] * count))),
        float(np.mean([one.is_proved for one in quiet])) if quiet else None,
    )


def main() -> None:
    """Print the shares of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    count = parser.parse_args().count
    for joins, firms in (*kinds(), ((), 40)):
        print(f"joining in {joins}" if joins else "lottery", firms, trial(joins, firms, count))


if __name__ == "__main__":
    main()
