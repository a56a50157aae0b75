"""How much of an error flows share: those of a year, of an exporter of a product, of a buyer.

An error's normal score is taken as a sum of independent parts (a linear factor model)::

    score = year + exporter·product + importer·product + flow        variances add up to 1

The products of scores of two flows that have a part in common have its variance as their mean.
That is estimated over all such pairs, large flows weighing more, and leans on a prior as long as
few base years were seen.

The year's part is more than base years of a fit show: the fit has taken their mean out, and a
total is drawn to the long run whatever was fitted. How far totals went from the long run before
says how far they may be off again: the year's part is at least what gives large flows that error,
and what it is larger by than flows show is added to the error of every flow.
"""

from dataclasses import dataclass

import numpy as np

from offing.market.history import Array, Codes, Mask

LEAST_FLOW = 0.2
"""A flow keeps at least this part for itself."""
YEARS_OF_PRIOR = 3.0
"""What the prior counts for, in base years."""


@dataclass(frozen=True)
class Common:
    """Parts of the variance of a normal score; the rest is the flow's own.

    Attributes:
        year: of all flows of the world.
        exporter: of an exporter's sales of a product.
        importer: of a market's purchases of a product.
        years: base years that it was estimated on.
    """

    year: float
    exporter: float
    importer: float
    years: int = 0

    @property
    def flow(self) -> float:
        """The flow's own part."""
        return 1 - self.year - self.exporter - self.importer


PRIOR = Common(0.08, 0.12, 0.05)
"""Taken where nothing was seen: set by judgement beside the panels of ``docs/decisions/0011``, not
estimated."""


def common_parts(score: Array, base: Array, origin: Codes, seller: Codes, buyer: Codes) -> Common:
    """The parts of errors made on earlier base years.

    Args:
        score: normal scores of flows.
        base: USD then; weighs by its root.
        origin: base year.
        seller: exporter × product × base year.
        buyer: importer × product × base year.
    """
    weight = np.sqrt(base + 1e4)
    score = score / np.sqrt(np.average(score**2, weights=weight))
    by_year, by_seller, by_buyer = (
        _shared(score, weight, code) for code in (origin, seller, buyer)
    )
    years = len(np.unique(origin))
    # The fit takes the mean of the years seen out of their errors.
    by_year *= years / (years - 1) if years > 1 else 1.0
    trust = (years - 1) / (years - 1 + YEARS_OF_PRIOR)
    year = trust * max(by_year, 0.0) + (1 - trust) * PRIOR.year
    certain = years / (years + 1)
    exporter = certain * max(by_seller - by_year, 0.0) + (1 - certain) * PRIOR.exporter
    importer = certain * max(by_buyer - by_year, 0.0) + (1 - certain) * PRIOR.importer
    shrink = min(1.0, (1 - LEAST_FLOW) / max(year + exporter + importer, 1e-9))
    return Common(year * shrink, exporter * shrink, importer * shrink, years)


def with_stops(ends: Array, on: Mask, score: Array) -> Array:
    """Normal scores of all flows, those that stopped among them: many may be left at once.

    A stop says that the score lay below the quantile of its probability; it counts as the mean of
    what lies there. ``ends`` is the probability that each stops, ``score`` of those that went on.
    """
    from scipy.special import ndtr, ndtri

    scores = np.empty(len(ends))
    went = ends[on] + (1 - ends[on]) * ndtr(score)
    scores[on] = ndtri(np.clip(went, 1e-3, 1 - 1e-3))
    stopped = np.clip(ends[~on], 1e-6, 1 - 1e-6)
    scores[~on] = -np.exp(-(ndtri(stopped) ** 2) / 2) / np.sqrt(2 * np.pi) / stopped
    return scores


def with_the_level(
    parts: Common, levels: Array, spread: float, horizon: int
) -> tuple[Common, float]:
    """The same with a year's part that is large enough for errors of the level.

    What the level asks for beyond what flows show is in no residual, so it widens every flow's
    error too: the other parts keep their size and fall as shares. Pairs of years that overlap are
    not independent. ``levels``: see ``long_run.level_errors``.

    Returns:
        The parts, and the variance to be added to the log error of every flow.
    """
    if not len(levels) or spread <= 0:
        return parts, 0.0
    independent = 1 + (len(levels) - 1) / horizon
    seen = min(float(np.mean(levels**2)) / spread**2, 1.0)
    trust = independent / (independent + YEARS_OF_PRIOR)
    more = max(trust * seen + (1 - trust) * PRIOR.year - parts.year, 0.0)
    year, exporter, importer = (
        share / (1 + more) for share in (parts.year + more, parts.exporter, parts.importer)
    )
    shrink = min(1.0, (1 - LEAST_FLOW) / max(year + exporter + importer, 1e-9))
    shared = Common(year * shrink, exporter * shrink, importer * shrink, parts.years)
    return shared, more * spread**2


def _shared(score: Array, weight: Array, code: Codes) -> float:
    """Mean product of the scores of two flows of one group."""
    weighted = np.bincount(code, weight * score)
    whole = np.bincount(code, weight)
    products = weighted @ weighted - np.sum((weight * score) ** 2)
    pairs = whole @ whole - np.sum(weight**2)
    return float(products / pairs) if pairs > 1e-9 * (whole @ whole) else 0.0
