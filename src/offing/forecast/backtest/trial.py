"""One base year of a backtest: every way of ranking beside what came later."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offing.forecast.outlook.training import outcome
from offing.forecast.scores import ranked, sees_later
from offing.market.history import Array, Codes, History, Mask

EXTRAS = ("growth", "expected", "entry", "low80", "high80", *(f"q{at}" for at in range(7)))


@dataclass(frozen=True)
class Trial:
    """Candidates of one base year whose outcome is known.

    Attributes:
        base_year: the year the rankings were made in.
        products: HS codes.
        product: place in ``products``, by candidate.
        tier: price tier, by candidate.
        exporter: place in ``History.countries``.
        group: exporter × product × tier: the candidates of a group are ranked against each other.
        base: USD in the base year.
        market: the market's imports of the product then.
        later: USD at the horizon.
        survived: whether a flow is there then (and the year before, for two years and more).
        scores: way of ranking → its score and further columns.
    """

    base_year: int
    products: tuple[str, ...]
    product: Codes
    tier: np.ndarray
    exporter: Codes
    group: Codes
    base: Array
    market: Array
    later: Array
    survived: Mask
    scores: dict[str, dict[str, Array]]

    @property
    def gain(self) -> Array:
        """The growth that came; never below zero."""
        return np.maximum(self.later - self.base, 0.0)


def trial(history: History, base_year: int, horizon: int, rivals: Sequence[str]) -> Trial:
    """Rank every candidate by every rival as of the base year.

    A rival gets the history up to the base year only, unless it is a yardstick that says so.
    """
    later_years = [base_year + horizon, base_year + horizon - 1]
    columns: list[list[np.ndarray]] = [[] for _ in range(8)]
    products: dict[str, int] = {}
    known_all = []
    groups = 0
    for cube in history.cubes(base_year, later_years):
        later, survived, known = outcome(history, cube, horizon)
        row, column = np.nonzero(cube.candidates)
        keep = known[row, column]
        known_all.append(keep)
        row, column = row[keep], column[keep]
        number = products.setdefault(cube.product, len(products))
        market = np.broadcast_to(cube.base.sum(0), cube.base.shape)
        for target, values in zip(
            columns,
            (
                np.full(len(row), number),
                np.full(len(row), cube.tier, dtype=object),
                cube.exporters[row],
                row + groups,
                cube.base[row, column],
                market[row, column],
                later[row, column],
                survived[row, column],
            ),
            strict=True,
        ):
            target.append(values)
        groups += len(cube.exporters)
    kept = np.concatenate(known_all)
    product, tier, exporter, group, base, market, later, survived = map(np.concatenate, columns)
    known_history = history.until(base_year)
    scores = {}
    for name in rivals:
        seen = history if sees_later(name) else known_history
        frame = ranked(name, seen, base_year, horizon, len(kept))
        if frame is None:
            continue
        scores[name] = {
            column: frame[column].to_numpy()[kept]
            for column in ("score", *EXTRAS)
            if column in frame.columns
        }
    _, group = np.unique(group, return_inverse=True)
    return Trial(
        base_year,
        tuple(products),
        product,
        tier,
        exporter,
        group,
        base,
        market,
        later,
        survived,
        scores,
    )
