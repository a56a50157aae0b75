"""Sums over groups, as they are and as they would be had other years, exporters and products come.

A boom or a slump moves all flows of a year at once, an exporter's and a product's flows are not
independent either. So base years are drawn with replacement, and within them exporters and
products; a group counts as often as its year times its exporter times its product were drawn (the
pigeonhole bootstrap of Owen, 2007, Annals of Applied Statistics 1:386-411, with three factors).
Sums are kept and groups are not, so a base year can be forgotten as soon as it is added up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offing.forecast.backtest.trial import Trial
from offing.market.history import Array, Mask

Weights = NDArray[np.float32]
Sums = dict[str, Array]
"""Column → its sum, as it is in the first place and as drawn in the others."""


@dataclass(frozen=True)
class Draws:
    """How often each base year, exporter and product is drawn: draws × years and so on."""

    years: dict[int, Weights]
    exporters: Weights
    products: Weights

    @classmethod
    def of(
        cls, years: Sequence[int], exporters: int, products: int, draws: int, seed: int
    ) -> "Draws":
        """A lone year, exporter or product is taken as it is: there is no other to draw."""
        rng = np.random.default_rng(seed)

        def drawn(count: int) -> Weights:
            weights = rng.multinomial(count, np.full(count, 1 / count), size=draws)
            return np.asarray(weights, dtype=np.float32)

        by_exporter, by_product, by_year = drawn(exporters), drawn(products), drawn(len(years))
        return cls({year: by_year[:, at] for at, year in enumerate(years)}, by_exporter, by_product)

    def weights(self, trial: Trial) -> Weights:
        """How often each group of a base year is drawn, draws × groups."""
        by_group = self.exporters[:, trial.exporter] * self.products[:, trial.product]
        return np.asarray(by_group * self.years[trial.base_year][:, None])


@dataclass
class Totals:
    """Sums by part of the data; ``all`` is the whole."""

    parts: dict[str, Sums] = field(default_factory=dict)

    def add(
        self, columns: dict[str, Array], weights: Weights, parts: Sequence[tuple[str, Mask]]
    ) -> None:
        """Take in the groups of a base year.

        ``columns`` are groups or groups × anything, ``weights`` draws × groups.
        """
        names = list(columns)
        width = [int(np.prod(columns[name].shape[1:], dtype=int)) for name in names]
        table = np.column_stack(
            [columns[name].reshape(-1, w) for name, w in zip(names, width, strict=True)]
        )
        # Draws need no more than seven digits; the unit keeps large sums inside them.
        unit = np.maximum(np.abs(table).max(axis=0, initial=0.0), 1e-30)
        small = np.asarray(table / unit, dtype=np.float32)
        for part, rows in parts:
            drawn = (weights[:, rows] @ small[rows]).astype(float) * unit
            sums = np.vstack([table[rows].sum(axis=0), drawn])
            self._put(part, names, np.split(sums, np.cumsum(width)[:-1], axis=1))

    def _put(self, part: str, names: Sequence[str], sums: Sequence[Array]) -> None:
        totals = self.parts.setdefault(part, {})
        for name, added in zip(names, sums, strict=True):
            totals[name] = totals[name] + added if name in totals else added

    def put(self, part: str, name: str, sums: Array) -> None:
        """Add a column that is summed already, 1 + draws long."""
        self._put(part, [name], [sums[:, None]])

    def named(self) -> Iterator[tuple[str, Sums]]:
        """Parts in which there was any growth, the whole first."""
        for part in sorted(self.parts, key=lambda name: (name != "all", name)):
            if self.parts[part]["total"][0, 0] > 0:
                yield part, self.parts[part]
