"""From sums over groups to measures, each with its interval."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from offing.forecast.backtest.columns import KINDS
from offing.forecast.backtest.entries import EDGES, bin_name
from offing.forecast.backtest.measures import partial_rank_correlation, rank_correlation
from offing.forecast.backtest.resampling import Sums
from offing.forecast.results import Score, Weighting
from offing.market.history import Array

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
            yield from self._of_ranking(name)
            yield from self._of_forecast(name)
            for kind in KINDS:
                yield from self._of_entries(name, kind)

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

    def _of_ranking(self, name: str) -> Iterator[Score]:
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

    def _of_forecast(self, name: str) -> Iterator[Score]:
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

    def _of_entries(self, name: str, kind: str) -> Iterator[Score]:
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
