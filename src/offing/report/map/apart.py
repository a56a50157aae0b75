"""Circles that do not cover each other: each near its place, moved only as far as it must."""

from collections.abc import Sequence
from functools import lru_cache
from math import hypot

Circle = tuple[float, float, float]
"""Centre and radius."""

GAP = 1.5
ROUNDS = 400
HOME = 0.02
"""How strongly a circle is drawn back to its place in a round."""


@lru_cache(64)
def apart(circles: tuple[Circle, ...], width: float, height: float) -> tuple[Circle, ...]:
    """Move circles until none covers another, inside a panel, by small steps.

    The same markets are drawn again for each page and language.

    >>> apart(((10, 10, 5), (12, 10, 5)), 100, 100)[1][0] > 17
    True
    """
    at = [[x, y] for x, y, _ in circles]
    sizes = [radius for *_, radius in circles]
    for turn in range(ROUNDS):
        calm = 1 - turn / ROUNDS  # the last rounds only push apart
        for spot, (x, y, _) in zip(at, circles, strict=True):
            spot[0] += (x - spot[0]) * HOME * calm
            spot[1] += (y - spot[1]) * HOME * calm
        _push(at, sizes)
        for spot, radius in zip(at, sizes, strict=True):
            spot[0] = min(max(spot[0], radius + 1), width - radius - 1)
            spot[1] = min(max(spot[1], radius + 1), height - radius - 1)
    return tuple((x, y, radius) for (x, y), radius in zip(at, sizes, strict=True))


def _push(at: list[list[float]], sizes: Sequence[float]) -> None:
    for number, spot in enumerate(at):
        for other in range(number + 1, len(at)):
            there = at[other]
            dx, dy = there[0] - spot[0], there[1] - spot[1]
            distance = hypot(dx, dy)
            short = sizes[number] + sizes[other] + GAP - distance
            if short <= 0:
                continue
            if distance < 1e-6:  # on one spot: aside, each its own way
                dx, dy, distance = 1.0, 0.1 * (other - number), hypot(1.0, 0.1 * (other - number))
            # A large circle stays, a small one gives way.
            weight = sizes[other] ** 2 / (sizes[number] ** 2 + sizes[other] ** 2)
            step = short / distance
            spot[0] -= dx * step * weight
            spot[1] -= dy * step * weight
            there[0] += dx * step * (1 - weight)
            there[1] += dy * step * (1 - weight)
