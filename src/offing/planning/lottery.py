"""Places drawn by lot within classes (分类抽签): everybody can draw them again from the seed.

Applicants stand class by class, within a class in the order of their tickets: the SHA-256 of seed,
draw and name. From a start that the seed names too, every n-th of them wins (systematic sampling:
Madow 1949, Annals of Mathematical Statistics 20(3)). So each firm has the same chance, places over
applicants; a class gets its share of places, rounded up or down; within a class any firms are as
likely as any others.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from offing.terms.firm_records import FairFirm

DIGITS = 4
"""Of the products that are a class: headings."""


@dataclass(frozen=True)
class DrawnFirm:
    """A firm in the draw of a fair: its class (size, heading, 1 if it was never sent)."""

    fair: str
    lots: str
    firm: str
    won: bool


def fair_draw(
    fair: str, firms: Sequence[FairFirm], places: int, seed: str | None
) -> Iterator[DrawnFirm]:
    """Winners and losers of a fair; none without a seed, or where all that apply may go, or none.

    Args:
        fair: its name.
        firms: that may be sent.
        places: supported.
        seed: of all fairs.
    """
    if seed is None or not 0 < places < len(firms):
        return
    classes: defaultdict[str, list[str]] = defaultdict(list)
    for firm in firms:
        first = "" if firm.first is None else f"/{firm.first:d}"
        classes[f"{firm.size}/{firm.products[0][:DIGITS]}{first}"].append(firm.name)
    won = drawn(classes, places, f"{seed}\n{fair}")
    for lots, names in sorted(classes.items()):
        yield from (DrawnFirm(fair, lots, name, name in won) for name in sorted(names))


def drawn(classes: Mapping[str, Sequence[str]], places: int, seed: str) -> frozenset[str]:
    """Who wins.

    Args:
        classes: applicants by class, each firm once.
        places: fewer than applicants, else all win.
        seed: published before the draw; the same one draws the same.

    >>> drawn({"large": ["A", "B"], "small": ["C", "D"]}, 2, "1") == drawn(
    ...     {"small": ["D", "C"], "large": ["B", "A"]}, 2, "1")
    True
    """
    order = [
        firm
        for _, firms in sorted(classes.items())
        for firm in sorted(firms, key=lambda firm: _ticket(seed, firm))
    ]
    return frozenset(order[at] for at in winners(len(order), places, _ticket(seed, "")))


def winners(applicants: int, places: int, start: int) -> Iterator[int]:
    """Places in the order that win, from a start; its rest of a division by applicants counts.

    >>> [list(winners(4, 2, start)) for start in range(4)]
    [[1, 3], [1, 3], [0, 2], [0, 2]]
    """
    count, start = min(places, applicants), start % max(applicants, 1)
    for at in range(applicants):
        if (at * count + count + start) // applicants > (at * count + start) // applicants:
            yield at


def _ticket(seed: str, firm: str) -> int:
    return int(hashlib.sha256(f"{seed}\n{firm}".encode()).hexdigest(), 16)
