"""How good a ranking was: each measure as sums over groups, so that any resampling is a weighting.

A group is an exporter's candidates for one product (and tier) in one base year.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offing.estimators import SMALL, stretches
from offing.forecast.backtest.trial import Sums, Trial, midranks, within
from offing.forecast.outlook.distribution import LEVELS, crps
from offing.forecast.results import Score, Weighting
from offing.market.history import FLOOR_USD, Array, Codes, Mask

FIRST_TODAY = 10
"""Markets an exporter knows already: growth outside them is what a search is for."""


def top_sums(
    trial: Trial, score: Array, tops: tuple[int, ...], *values: Array
) -> Iterator[dict[int, Array]]:
    """Sums of each of ``values`` on each group's first k by one way of ranking, by k.

    The larger its score, the earlier a cell; ``-inf`` is never taken.
    """
    first, (widest, slots) = trial.first, trial.slots
    rows = np.full((len(first), widest), -np.inf)
    rows.ravel()[slots] = score
    rows.partition(sorted({widest - min(k, widest) for k in tops}), axis=1)
    taken = {}
    for k in tops:
        limit = rows[trial.group, widest - min(k, widest)]
        above, tie = score > limit, (score == limit) & (score > -np.inf)
        room = k - np.add.reduceat(above, first, dtype=float)
        share = room / np.maximum(np.add.reduceat(tie, first, dtype=float), 1)
        taken[k] = np.where(tie, np.minimum(share, 1.0)[trial.group], above)
    for usd in values:
        yield {k: np.add.reduceat(usd * share, first) for k, share in taken.items()}


def outside_today(trial: Trial) -> Mask:
    """Cells that are not among an exporter's ten largest markets of the base year."""
    order = np.lexsort((-trial.base, trial.group))
    outside = np.empty(len(order), dtype=bool)
    outside[order] = within(*stretches(trial.group)) >= FIRST_TODAY
    return np.asarray(outside | (~trial.old))


def growth_moments(trial: Trial, growth: Array) -> Array:
    """Cross products of within-exporter ranks, by group.

    Columns of the ranks: the ranking's word on growth, the growth that came (log ratio), the flow's
    size and its share of the market. Only flows that exist in the base year have a growth rate.

    Returns:
        groups × 4 × 4.
    """
    old = trial.old
    group = trial.group[old]
    predicted = midranks(growth[old], trial.exporter[group])
    moments = np.zeros((trial.groups, 4, 4))
    moments[:, 1:, 1:] = trial.rank_moments
    for i, rank in enumerate((predicted, *trial.ranks)):
        products = np.bincount(group, predicted * rank, trial.groups)
        moments[:, 0, i] = moments[:, i, 0] = products
    return moments


def rank_correlation(moments: Array) -> Array:
    """Spearman's correlation of said and actual growth, from summed moments, draws × 4 × 4."""
    scale = np.sqrt(moments[:, 0, 0] * moments[:, 1, 1])
    gone = np.full(len(scale), np.nan)
    return np.asarray(np.divide(moments[:, 0, 1], scale, out=gone, where=scale > 0))


def partial_rank_correlation(moments: Array) -> Array:
    """The same beyond what small size and small share say."""
    gone = np.linalg.pinv(moments[:, 2:, 2:], rcond=SMALL, hermitian=True) @ moments[:, 2:, :2]
    rest = moments[:, :2, :2] - moments[:, :2, 2:] @ gone
    predicted, came = rest[:, 0, 0], rest[:, 1, 1]
    told = (predicted > 1e-9 * np.maximum(moments[:, 0, 0], SMALL)) & (came > 0)
    scale = np.sqrt(np.where(told, predicted * came, 1.0))
    return np.where(told, rest[:, 0, 1] / scale, np.nan)


def hits(trial: Trial, low: Array, high: Array) -> tuple[Array, Array]:
    """Flows inside the 80 % interval, and flows, by group; flows that exist in the base year."""
    old = trial.old
    inside = (trial.later >= low) & (trial.later <= high)
    return trial.sums(inside, old), trial.sums(old)


def log_scores(trial: Trial, quantiles: Array, of: Mask) -> Array:
    """Sum of the continuous ranked probability score on log sales, by group.

    ``quantiles`` is cells × ``LEVELS``, USD; ``of`` marks the cells that count.
    """
    came = np.log(trial.later[of] + FLOOR_USD)
    off = came[:, None] - np.log(np.maximum(quantiles[of], 0) + FLOOR_USD)
    return np.bincount(trial.group[of], crps(off), trial.groups).astype(float)


if TYPE_CHECKING:
    from scipy.sparse import csr_array

EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Where the classes of a probability begin."""
AT_ONCE = 64
"""Draws whose sums are in memory together."""
FIRST, EVERY = 5_000, 20
"""Resampling looks at every cell of the first places, and of later ones at each that came and at
every twentieth of the rest, for twenty."""


def bin_name(at: int) -> str:
    """A class of probabilities, such as ``2-5`` in percent."""
    ends = [*EDGES, 1.0]
    return f"{100 * ends[at]:g}-{100 * ends[at + 1]:g}"


def bins(probability: Array) -> Codes:
    """The class of each probability."""
    return np.searchsorted(EDGES, probability, side="right") - 1


@dataclass(frozen=True)
class Entries:
    """Empty pairs of one base year, best first by one way of ranking.

    Attributes:
        group: of each.
        stands_for: how many pairs each stands for.
        lasting: places of those at which a lasting flow came, rising.
        ends: last place of each tie that holds one of them: precision is read there.
        reached: how many of ``lasting`` lie up to each end.
    """

    group: Codes
    stands_for: Array
    lasting: Codes
    ends: Codes
    reached: Codes

    @classmethod
    def of(
        cls, group: Codes, came: Mask, score: Array, stands_for: Array | None = None
    ) -> "Entries":
        """In the order of what was said."""
        order = np.argsort(-score, kind="stable")
        sorted_score = score[order]
        last = np.r_[np.diff(sorted_score) != 0, True] if len(score) else np.zeros(0, bool)
        lasting, tie_ends = np.flatnonzero(came[order]), np.flatnonzero(last)
        ends = np.unique(tie_ends[np.searchsorted(tie_ends, lasting)])
        reached = np.searchsorted(lasting, ends, side="right")
        weight = np.ones(len(score)) if stands_for is None else stands_for[order]
        return cls(group[order], weight, lasting, ends, reached)

    def thin(self) -> "Entries":
        """Fewer cells that stand for all, for resampling."""
        rank = np.arange(len(self.group))
        first = rank < FIRST
        drawn = first | (rank % EVERY == 0)
        drawn[self.lasting] = True
        if drawn.all():
            return self
        came = np.zeros(len(rank), dtype=bool)
        came[self.lasting] = True
        # The end of a tie is where precision is read: its place must be there still.
        tie = np.searchsorted(self.ends, rank)
        alone = ~first & ~came
        weight = np.where(alone, float(EVERY), 1.0)
        return Entries.of(self.group[drawn], came[drawn], -tie[drawn].astype(float), weight[drawn])

    def whole(self) -> tuple[Array, Array]:
        """:meth:`gained` where each group is drawn once, of cells that stand for themselves."""
        steps = np.diff(self.reached, prepend=0).astype(float)
        return _area(steps[:, None], (self.ends[:, None] + 1).astype(float))

    def gained(self, weights: Array) -> tuple[Array, Array]:
        """Area under precision and recall times what came, and what came, by draw.

        Their ratio is the average precision. ``weights`` is draws × groups.
        """
        if not len(self.lasting):
            return np.zeros(len(weights)), np.zeros(len(weights))
        steps, looked = self._end_matrices(weights.shape[1])
        parts = [
            _area(steps @ some.T, np.cumsum(looked @ some.T, axis=0))
            for some in np.split(weights, range(AT_ONCE, len(weights), AT_ONCE))
        ]
        return np.concatenate([area for area, _ in parts]), np.concatenate([n for _, n in parts])

    def _end_matrices(self, groups: int) -> "tuple[csr_array, csr_array]":
        """Ends × groups: the flows that came since the end before, and the pairs looked at."""
        from scipy.sparse import csr_array

        shape = len(self.ends), groups
        flow = np.searchsorted(self.reached, np.arange(len(self.lasting)), side="right")
        rank = np.arange(self.ends[-1] + 1)
        pair = np.searchsorted(self.ends, rank)
        came = csr_array((np.ones(len(flow)), (flow, self.group[self.lasting])), shape=shape)
        looked = csr_array((self.stands_for[rank], (pair, self.group[rank])), shape=shape)
        return came, looked


def _area(steps: Array, looked: Array) -> tuple[Array, Array]:
    """The area and what came, by draw.

    Args:
        steps: ends × draws, the flows that came since the end before.
        looked: pairs looked at up to each end.
    """
    came = np.cumsum(steps, axis=0)
    area = np.einsum("ed,ed->d", steps, came / np.maximum(looked, SMALL))
    return area, steps.sum(axis=0)


Columns = dict[str, Array]
QUANTILES = tuple(f"q{at}" for at in range(len(LEVELS)))
EXTRAS = ("growth", "expected", "entry", "low80", "high80", *QUANTILES)
"""Further columns of a way of ranking that are read."""
KINDS = ("new", "returning")
"""Pairs without a flow in the base year."""


def outcome_columns(trial: Trial, outside: Mask) -> Columns:
    """What came, whatever was said."""
    total, beyond = trial.sums(trial.gain), trial.sums(trial.gain, outside)
    return {
        "total": total,
        "grows": (total > 0).astype(float),
        "outside total": beyond,
        "outside grows": (beyond > 0).astype(float),
        "later": trial.sums(trial.later),
    }


def ranking_columns(
    trial: Trial, predicted: Mapping[str, Array], tops: tuple[int, ...], outside: Mask
) -> Columns:
    """The growth its first markets took, and how its ranks of growth go with what came."""
    score = predicted["score"]
    columns: Columns = {}
    change, gained = top_sums(trial, score, tops, trial.later - trial.base, trial.gain)
    (beyond,) = top_sums(trial, np.where(outside, score, -np.inf), tops, trial.gain)
    for where, usd, whole in (
        ("", gained, trial.sums(trial.gain)),
        ("outside ", beyond, trial.sums(trial.gain, outside)),
    ):
        for k in tops:
            # A share of a tie, added up again, may be a rounding above the growth there was.
            captured = np.minimum(usd[k], whole)
            columns[f"{where}top {k}"] = captured
            columns[f"{where}share {k}"] = np.divide(
                captured, whole, out=np.zeros_like(captured), where=whole > 0
            )
    columns |= {f"net {k}": change[k] for k in tops}
    columns["moments"] = growth_moments(trial, predicted.get("growth", score))
    return columns


def forecast_columns(
    trial: Trial, predicted: Mapping[str, Array], reference: Array | None
) -> Columns:
    """How well its figures and intervals held, as far as it gave any.

    ``reference`` has the quantiles of today's exports by their past changes, to be scored beside.
    """
    columns: Columns = {}
    # One year of data gives no intervals: nothing is held, and nothing is missed.
    if "low80" in predicted and np.isfinite(predicted["low80"]).any():
        columns["inside"], columns["count"] = hits(trial, predicted["low80"], predicted["high80"])
    if "expected" in predicted:
        columns["expected"] = trial.sums(predicted["expected"])
    if "q0" in predicted and reference is not None:
        quantiles = np.stack([predicted[name] for name in QUANTILES], axis=1)
        columns |= quantile_columns(trial, quantiles)
    return columns


def quantile_columns(trial: Trial, quantiles: Array) -> Columns:
    """Continuous ranked probability scores of flows that exist, and their number."""
    old = trial.old
    return {"log": log_scores(trial, quantiles, old), "scored": trial.sums(old)}


def probability_columns(trial: Trial, predicted: Mapping[str, Array]) -> Columns:
    """How well its probabilities of entries held, if it gave any."""
    columns: Columns = {}
    entry = predicted.get("entry")
    if entry is None or float(entry.max(initial=0.0)) > 1.0:
        return columns
    for kind in KINDS:
        mine = trial.new if kind == "new" else trial.returning
        classes = bins(entry)
        for at in range(len(EDGES)):
            where = mine & (classes == at)
            name = f"{kind} {bin_name(at)}"
            columns[f"pairs {name}"] = trial.sums(where)
            columns[f"said {name}"] = trial.sums(entry, where)
            columns[f"came {name}"] = trial.sums(trial.survived, where)
        for what in ("said", "came"):
            parts = [columns[f"{what} {kind} {bin_name(at)}"] for at in range(len(EDGES))]
            columns[f"{what} {kind}"] = np.sum(parts, axis=0)
    return columns


BARS = {
    "lead_mean": "three_year_mean",
    "lead": "persistence",
    "lead_size": "size",
    "lead_blind": "whole_mean",
}
"""Measure → the way of ranking whose share is taken off."""
LEAST_ENTRIES = 20
"""Lasting new flows that their measures need."""
REFERENCE = "persistence"
"""Its distribution is that of its own past errors."""


@dataclass(frozen=True)
class Measures:
    """The measures of one part of the data.

    Attributes:
        sums: columns; those of a way of ranking are ``<way> <what>``.
        rivals: ways of ranking.
        tops: sizes of the lists.
        part: its name.
    """

    sums: Sums
    rivals: Sequence[str]
    tops: Sequence[int]
    part: str

    def scores(self) -> Iterator[Score]:
        """All that can be known."""
        for name in self.rivals:
            yield from self._ranking_scores(name)
            yield from self._forecast_scores(name)
            for kind in KINDS:
                yield from self._entry_scores(name, kind)

    def _ratio(self, above: str | Array, below: str) -> Array:
        over = self.sums[above] if isinstance(above, str) else above
        under = self.sums[below]
        gone = np.full(under.shape, np.nan)
        return np.asarray(np.divide(over, under, out=gone, where=under > 0)[:, 0])

    def _score(
        self,
        rival: str,
        measure: str,
        weighting: Weighting,
        values: Array,
        part: str = "",
        of: str = "",
    ) -> Iterator[Score]:
        """The value with its interval and, in column ``of``, of how many; nothing if unknown."""
        value = float(values[0])
        if not np.isfinite(value):
            return
        finite = values[1:][np.isfinite(values[1:])]
        low, high = np.quantile(finite, [0.025, 0.975]) if len(finite) else (value, value)
        count = round(float(self.sums[of][0, 0])) if of else None
        part = part or self.part
        yield Score(rival, measure, weighting, value, float(low), float(high), part, count)

    def _ranking_scores(self, name: str) -> Iterator[Score]:
        sums = self.sums
        for k in self.tops:
            for where, label in (("", ""), ("outside ", "outside10_")):
                usd, share = sums[f"{name} {where}top {k}"], sums[f"{name} {where}share {k}"]
                against = [("captured", 0.0 * usd, 0.0 * share)]
                for lead, other in BARS.items():
                    if other in self.rivals and name != other:
                        theirs = [sums[f"{other} {where}{what} {k}"] for what in ("top", "share")]
                        against.append((lead, theirs[0], theirs[1]))
                for measure, their_usd, their_share in against:
                    called = f"{measure}_{label}top{k}"
                    dollar = self._ratio(usd - their_usd, f"{where}total")
                    equal = self._ratio(share - their_share, f"{where}grows")
                    grew = f"{where}grows"
                    yield from self._score(name, called, "dollar", dollar, of=grew)
                    yield from self._score(name, called, "equal", equal, of=grew)
            net = self._ratio(f"{name} net {k}", "total")
            yield from self._score(name, f"net_top{k}", "dollar", net, of="grows")
        moments = sums[f"{name} moments"].reshape(-1, 4, 4)
        yield from self._score(name, "growth_rank", "equal", rank_correlation(moments))
        partial = partial_rank_correlation(moments)
        yield from self._score(name, "growth_rank_partial", "equal", partial)

    def _forecast_scores(self, name: str) -> Iterator[Score]:
        ratios: list[tuple[str, Weighting, str, str]] = [
            ("coverage80", "equal", f"{name} inside", f"{name} count"),
            ("coverage80_sums", "equal", f"{name} sums inside", f"{name} sums"),
            ("expected_ratio", "dollar", f"{name} expected", "later"),
            ("crps", "equal", f"{name} log", f"{name} scored"),
        ]
        for measure, weighting, above, below in ratios:
            if above in self.sums:
                of = below if weighting == "equal" else ""
                yield from self._score(name, measure, weighting, self._ratio(above, below), of=of)
        reference = f"{REFERENCE} log"
        if f"{name} log" in self.sums and name != REFERENCE and reference in self.sums:
            skill = 1 - self._ratio(f"{name} log", reference)
            yield from self._score(name, "crps_skill", "equal", skill)

    def _entry_scores(self, name: str, kind: str) -> Iterator[Score]:
        came = self.sums.get(f"{name} {kind} positives")
        if came is not None and came[0, 0] >= LEAST_ENTRIES:
            precision = self._ratio(f"{name} {kind} gained", f"{name} {kind} positives")
            of = f"{name} {kind} positives"
            yield from self._score(name, f"entry_precision_{kind}", "equal", precision, of=of)
            if name != "density" and f"density {kind} gained" in self.sums:
                density = self._ratio(f"density {kind} gained", f"density {kind} positives")
                over = precision / np.where(density > 0, density, np.nan)
                yield from self._score(name, f"entry_over_density_{kind}", "equal", over)
        if f"{name} said {kind}" not in self.sums:
            return
        if self.sums[f"{name} came {kind}"][0, 0] < LEAST_ENTRIES:
            return
        ratio = self._ratio(f"{name} said {kind}", f"{name} came {kind}")
        of = f"{name} came {kind}"
        yield from self._score(name, f"entry_sum_{kind}", "equal", ratio, of=of)
        if self.part != "all":
            return
        for at in range(len(EDGES)):
            which = f"{kind} {bin_name(at)}"
            for what in ("said", "came"):
                values = self._ratio(f"{name} {what} {which}", f"{name} pairs {which}")
                part = f"probability:{bin_name(at)}"
                of = f"{name} pairs {which}"
                yield from self._score(name, f"entry_{what}_{kind}", "equal", values, part, of)
