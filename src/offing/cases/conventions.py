"""Conventions that a case leaves unsaid, held to what its own figures prove.

A year of 360 or of 365 days, charges rounded one by one or all at the end, the quantile of 95 %
with three decimals or with all: textbooks and offices differ. The usual one is taken first; where
the case does not hold with it, the others are tried, and the one with which *all* its figures hold
is told.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

WAYS = 24
"""Runs of one case by other conventions at most."""


class Outcome(Protocol):
    """What a run of a case leaves."""

    @property
    def ok(self) -> bool:
        """Whether the case holds."""
        ...

    @property
    def open_ways(self) -> Mapping[str, tuple[str, ...]]:
        """The conventions that it leaves open, with what each may be."""
        ...


Run = TypeVar("Run", bound=Outcome)


def by_its_figures(
    plain: Run, run: Callable[[Mapping[str, str]], Run], most: int = WAYS
) -> tuple[Run, Mapping[str, str]]:
    """The first run that holds, fewest other conventions first, and those; else the plain one."""
    queue, seen = deque([(dict[str, str](), plain)]), {frozenset[tuple[str, str]]()}
    while queue:
        ways, last = queue.popleft()
        for name, options in last.open_ways.items():
            for option in options[1:] if name not in ways else ():
                tried = ways | {name: option}
                key = frozenset(tried.items())
                if key in seen or len(seen) > most:
                    continue
                seen.add(key)
                outcome = run(tried)
                if outcome.ok:
                    return outcome, tried
                queue.append((tried, outcome))
    return plain, {}
