"""What becomes of an entry: how large the first year is, how it grows, how long it lasts.

Growth and survival are learnt from entries, the failed ones included, never from the shares of
those that stayed. Survival counts once: sizes are those *while it is there*, and the exit is drawn.

How large an entry is depends on the market: it is a part of the share that the firm would come to
have there. That share is the line of :func:`offing.planning.reach.selection_line`, which knows the
market's size; the part is what the firm's earlier first years were of the shares there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.planning.reach import ShrunkShare, Unselected

Floats = NDArray[np.float64]

ILLUSTRATIVE_RAMP = (1.0, 1.5, 2.0)
"""Illustrative, of no data: the second year is half as large again, the third double."""
RAMP_PRIOR = 5.0
"""The illustrative ramp counts as much as so many entries seen at that age."""
PRIOR_SPREAD = 1.0
"""Standard deviation of an entry's log size where the ledger tells none: an assumption of ours."""
PRIOR_PART_SPREAD = 0.5
"""Standard deviation of the log of a first year over the grown share, before entries are seen: an
assumption of ours. It counts as one entry, and so does :data:`ILLUSTRATIVE_RAMP`."""
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
        source: ``entries`` of the ledger, the ``shares`` where it sells, or the ``user``'s entry
            share.
    """

    share: float
    spread: float
    ramp: tuple[float, ...] = ILLUSTRATIVE_RAMP
    source: str = "user"

    def size(self, year: int) -> float:
        """Mean share in its year 0, 1, …; level after the last of the ramp."""
        return self.share * self.ramp[min(year, len(self.ramp) - 1)]

    def at(self, exports: float) -> "Entry":
        """The same in a market of any size."""
        return self


def of_entry_share(share: float) -> Entry:
    """Where there is no ledger of entries: what the person says, to be shown as an assumption."""
    return Entry(share, PRIOR_SPREAD)


@dataclass(frozen=True)
class FirstYears:
    """What earlier entries sold in their first year, beside the shares there once grown.

    Attributes:
        part: log of the first year over the grown share, mean over entries.
        spread: standard deviation of that logarithm between entries.
        ramp: as of :class:`Entry`.
        seen: entries behind it.
    """

    part: float = float(np.log(ILLUSTRATIVE_RAMP[0] / ILLUSTRATIVE_RAMP[-1]))
    spread: float = PRIOR_PART_SPREAD
    ramp: tuple[float, ...] = ILLUSTRATIVE_RAMP
    seen: int = 0


def ramp_of(shares: Floats) -> tuple[float, ...]:
    """How entries grow while they are there, drawn to :data:`ILLUSTRATIVE_RAMP`.

    Args:
        shares: entries × years since the entry: the share of the origin's exports; 0 once it had
            left, not a number where that year is not over yet.
    """
    seen, width = shares[:, 0][shares[:, 0] > 0], shares.shape[1]
    ramp = [1.0]
    for year in range(1, max(width, len(ILLUSTRATIVE_RAMP))):
        prior = ILLUSTRATIVE_RAMP[min(year, len(ILLUSTRATIVE_RAMP) - 1)]
        there = shares[:, year][shares[:, year] > 0] if year < width else shares[:0, 0]
        own = float(there.sum() / seen.mean()) if len(there) else 0.0
        ramp.append((own + RAMP_PRIOR * prior) / (len(there) + RAMP_PRIOR))
    return tuple(ramp)


def first_years(shares: Floats, grown: Floats) -> FirstYears:
    """Part and ramp from the firm's own entries; without any, what is supposed.

    Args:
        shares: as of :func:`ramp_of`.
        grown: log of the share in each entry's market once it has grown: what the firm has there
            or, where it has left, what it has in markets of that size.
    """
    sold = shares[:, 0] > 0
    if not sold.any():
        return FirstYears()
    prior, count = FirstYears(), int(sold.sum())
    parts = np.log(shares[sold, 0]) - grown[sold]
    part = float(parts.sum() + prior.part) / (count + 1)
    squares = float(((parts - part) ** 2).sum()) + (prior.part - part) ** 2
    spread = float(np.sqrt((squares + prior.spread**2) / (count + 1)))
    return FirstYears(part, spread, ramp_of(shares[sold]), count)


@dataclass(frozen=True)
class EntryLine:
    """The size of an entry by the market's size.

    Attributes:
        line: of the shares that would be met in all markets.
        first: what a first year is of a share.
        pooled: the shares where it sells: a first year is not larger than those at that size.
        most: the largest share of a first year, beside that: a person's, where no entry is seen.
    """

    line: Unselected
    first: FirstYears
    pooled: ShrunkShare
    most: float = np.inf

    @property
    def source(self) -> str:
        """``entries`` where there are any, else the ``shares`` where it sells."""
        return "entries" if self.first.seen else "shares"

    def at(self, exports: float) -> Entry:
        """In a market to which the origin exports so much.

        The mean is that of shares as they spread. How first years differ, and how uncertain line
        and part are, widens the draws and does not raise the mean: entries are chosen where it is
        told too high.
        """
        size, first = float(np.log(max(exports, 1.0))), self.first
        share = float(np.exp(self.line.at(size) + self.line.spread**2 / 2 + first.part))
        usual = float(np.exp(self.pooled.usual(size)))
        source = "user" if self.most < min(share, usual) else self.source
        part = first.spread**2 * (1 + 1 / (first.seen + 1))
        spread = float(np.sqrt(self.line.spread**2 + self.line.error(size) ** 2 + part))
        return Entry(min(share, usual, self.most), spread, first.ramp, source)
