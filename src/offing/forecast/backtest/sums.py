"""Do intervals hold for an exporter's markets together? A plan earns a sum, not a market."""

from collections.abc import Callable, Sequence

import numpy as np

from offing.forecast.backtest.trial import Trial
from offing.market.history import Array, History, Mask

AT_MOST = 200
"""Sums looked at over the base years of a horizon, drawn at random: joint draws take their time."""

Interval = Callable[[str, str, Sequence[str]], tuple[float, float] | None]
"""Product, origin and markets → ends of the 80 % interval of the sum, USD."""


def sums_held(
    history: History, trial: Trial, groups: Mask, years: int, seed: int, interval: Interval
) -> dict[str, Array]:
    """Sums inside their interval, and sums looked at, by group.

    A sum is over the markets of a group whose outcome is known; ``years`` base years share
    ``AT_MOST``.
    """
    sells = np.flatnonzero(groups & (trial.sums(trial.base) > 0))
    rng = np.random.default_rng([seed, trial.base_year])
    count = min(len(sells), max(1, AT_MOST // years))
    codes = sorted(history.rows)
    inside, looked = np.zeros(trial.groups), np.zeros(trial.groups)
    chosen = rng.choice(sells, size=count, replace=False)
    for group in sorted(chosen, key=lambda g: trial.product[g]):  # a product's one by one
        cells = np.flatnonzero(trial.group == group)
        markets = [history.countries[at] for at in trial.importer[cells]]
        origin = history.countries[trial.exporter[group]]
        ends = interval(codes[trial.product[group]], origin, markets)
        if ends is None:
            continue
        came = float(trial.later[cells].sum())
        inside[group], looked[group] = ends[0] <= came <= ends[1], 1.0
    return {"sums inside": inside, "sums": looked}
