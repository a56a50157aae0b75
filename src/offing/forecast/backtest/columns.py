"""What a way of ranking said of a base year, as columns by group that can be summed."""

from collections.abc import Mapping

import numpy as np

from offing.forecast.backtest.entries import EDGES, bin_name, bins
from offing.forecast.backtest.measures import Places, growth_moments, hits, log_scores
from offing.forecast.backtest.trial import Trial
from offing.forecast.outlook.intervals import LEVELS
from offing.market.history import Array, Mask

Columns = dict[str, Array]
QUANTILES = tuple(f"q{at}" for at in range(len(LEVELS)))
EXTRAS = ("growth", "expected", "entry", "low80", "high80", *QUANTILES)
"""Further columns of a way of ranking that are read."""
KINDS = ("new", "returning")
"""Pairs without a flow in the base year."""


def of_outcome(trial: Trial, outside: Mask) -> Columns:
    """What came, whatever was said."""
    total, beyond = trial.sums(trial.gain), trial.sums(trial.gain, outside)
    return {
        "total": total,
        "grows": (total > 0).astype(float),
        "outside total": beyond,
        "outside grows": (beyond > 0).astype(float),
        "later": trial.sums(trial.later),
    }


def of_ranking(
    trial: Trial, predicted: Mapping[str, Array], tops: tuple[int, ...], outside: Mask
) -> Columns:
    """The growth its first markets took, and how its ranks of growth go with what came."""
    score = predicted["score"]
    columns: Columns = {}
    first = Places.of(trial, score, tops)
    change = first.taken(trial, trial.later - trial.base)
    beyond = Places.of(trial, np.where(outside, score, -np.inf), tops)
    for where, usd, whole in (
        ("", first.taken(trial, trial.gain), trial.sums(trial.gain)),
        ("outside ", beyond.taken(trial, trial.gain), trial.sums(trial.gain, outside)),
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


def of_forecast(trial: Trial, predicted: Mapping[str, Array], reference: Array | None) -> Columns:
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
        columns |= of_quantiles(trial, quantiles)
    return columns


def of_quantiles(trial: Trial, quantiles: Array) -> Columns:
    """Continuous ranked probability scores of flows that exist, and their number."""
    old = trial.old
    return {"log": log_scores(trial, quantiles, old), "scored": trial.sums(old)}


def of_probabilities(trial: Trial, predicted: Mapping[str, Array]) -> Columns:
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
