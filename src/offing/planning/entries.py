"""What becomes of an entry: how large the first year is, how it grows, how long it lasts.

All three are learnt from entries, the failed ones included, never from the shares of those that
stayed. Survival counts once: sizes are those *while it is there*, and the exit is drawn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.terms.errors import MissingDataError

Floats = NDArray[np.float64]

ILLUSTRATIVE_RAMP = (1.0, 1.5, 2.0)
"""Illustrative, of no data: the second year is half as large again, the third double."""
RAMP_PRIOR = 5.0
"""The illustrative ramp counts as much as so many entries seen at that age."""
PRIOR_SPREAD = 1.0
"""Standard deviation of an entry's log size where the ledger tells none: an assumption of ours."""
MEDIAN_YEARS = 3.0
"""The middle of the two to four years of Besedeš and Prusa (2006), Canadian Journal of Economics
39(1), NBER w9936: median duration of exporting a product to the United States."""
SHAPE = 0.5
"""Of the Weibull curve through that median. They report that the risk falls with age; how fast is
an assumption of ours: a third fail in the first year, six in ten within five."""


@dataclass(frozen=True)
class Survival:
    """The share of entries that outlast so many years.

    Attributes:
        after: share alive after 1, 2, … years; never rises.
        name: of the data or the paper.
    """

    after: tuple[float, ...]
    name: str

    def there(self, uniform: Floats, years: int) -> NDArray[np.bool_]:
        """Whether an entry is still in the market in its 1st, 2nd, … year: shape of draws × years.

        It is there in the first year; in the second if it outlasts one, and so on. Beyond its last
        point the curve stays level.
        """
        curve = np.array((1.0, *self.after))
        alive = curve[np.minimum(np.arange(years), len(curve) - 1)]
        return np.asarray(uniform[..., None] < alive)


def published_survival(years: int, median: float = MEDIAN_YEARS) -> Survival:
    """The published curve of US imports, see :data:`MEDIAN_YEARS`: ``S(t) = 2^(−(t / median)^½)``.

    >>> [round(share, 2) for share in published_survival(3).after]
    [0.67, 0.57, 0.5]
    """
    after = tuple(float(2.0 ** -((t / median) ** SHAPE)) for t in range(1, years + 1))
    return Survival(after, "Besedeš and Prusa 2006")


@dataclass(frozen=True)
class Entry:
    """The size of an entry while it is there.

    Attributes:
        share: of the origin's exports to the segment, mean over entries in the first year.
        spread: standard deviation of its logarithm between entries.
        ramp: mean size in the 1st, 2nd, … year of those still there, over the first year's mean.
        source: ``entries`` of the ledger, or the ``user``'s entry share.
        seen: entries behind it.
    """

    share: float
    spread: float
    ramp: tuple[float, ...] = ILLUSTRATIVE_RAMP
    source: str = "user"
    seen: int = 0

    def size(self, year: int) -> float:
        """Mean share in its year 0, 1, …; level after the last of the ramp."""
        return self.share * self.ramp[min(year, len(self.ramp) - 1)]


def of_entry_share(share: float) -> Entry:
    """Where there is no ledger of entries: what the person says, to be shown as an assumption."""
    return Entry(share, PRIOR_SPREAD)


def learnt(
    shares: Floats, *, correction: float = 0.0, spread: float | None = None, most: float = np.inf
) -> Entry:
    """Size and ramp from the firm's own entries.

    Args:
        shares: entries × years since the entry: the share of the origin's exports; 0 once it had
            left, not a number where that year is not over yet.
        correction: to the log share, for the firm having chosen where its draw was good: log of
            the mean share of :func:`offing.planning.reach.unselected` less that of the markets it
            is in.
        spread: standard deviation of log shares over all markets, of the same; chosen entries are
            more alike. ``None`` takes that of the entries, drawn to :data:`PRIOR_SPREAD`.
        most: the share that the firm has, pooled, where it sells in a market with the same
            segment: a first year is not larger.

    Raises:
        MissingDataError: ``plan.no_entries``.
    """
    first = shares[:, 0]
    seen = first[first > 0]
    if not len(seen):
        raise MissingDataError("plan.no_entries")
    count = len(seen)
    if spread is None:
        squares = float(((np.log(seen) - np.log(seen).mean()) ** 2).sum())
        spread = float(np.sqrt((squares + PRIOR_SPREAD**2) / count))
    mean = float(seen.mean())
    ramp = [1.0]
    for year in range(1, shares.shape[1]):
        there = shares[:, year][shares[:, year] > 0]
        prior = ILLUSTRATIVE_RAMP[min(year, len(ILLUSTRATIVE_RAMP) - 1)]
        own = float(there.sum()) / mean
        ramp.append((own + RAMP_PRIOR * prior) / (len(there) + RAMP_PRIOR))
    share = min(mean * float(np.exp(correction)), most)
    return Entry(share, spread, tuple(ramp), "entries", count)
