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
    pieces: list[dict[str, np.ndarray]] = []
    known_all = []
    products: dict[str, int] = {}
    groups = 0
    for cube in history.cubes(base_year, [base_year + horizon, base_year + horizon - 1]):
        later, survived, known = outcome(history, cube, horizon)
        row, column = np.nonzero(cube.candidates)
        keep = known[row, column]
        known_all.append(keep)
        row, column = at = row[keep], column[keep]
        pieces.append(
            {
                "product": np.full(len(row), products.setdefault(cube.product, len(products))),
                "tier": np.full(len(row), cube.tier, dtype=object),
                "exporter": cube.exporters[row],
                "group": row + groups,
                "base": cube.base[at],
                "market": cube.base.sum(0)[column],
                "later": later[at],
                "survived": survived[at],
            }
        )
        groups += len(cube.exporters)
    columns = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    columns["group"] = np.unique(columns["group"], return_inverse=True)[1]
    kept = np.concatenate(known_all)
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
    return Trial(base_year, tuple(products), scores=scores, **columns)
