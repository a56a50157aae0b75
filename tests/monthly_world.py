"""A made-up world of months whose seasons come back, for tests of the nowcast."""

from dataclasses import dataclass

import numpy as np
import polars as pl

COUNTRIES = [
    *("DEU", "FRA", "ITA", "ESP", "NLD", "POL", "CHN", "JPN", "KOR"),
    *("VNM", "THA", "IDN", "USA", "MEX", "CAN", "BRA", "IND", "TUR"),
]
FIRST = 2012


@dataclass(frozen=True)
class World:
    """Months as their importers report them, and the years they add up to.

    Attributes:
        months: in the columns of ``warehouse.monthly``; the last year has all months too.
        flows: year, product, importer, exporter, value_usd.
    """

    months: pl.DataFrame
    flows: pl.DataFrame

    def known(self, year: int, months: int) -> pl.DataFrame:
        """The months up to one of a year."""
        at = pl.col("year") * 12 + pl.col("month")
        return self.months.filter(at <= year * 12 + months)


def world(
    *, years: int = 9, places: int = 9, change: float = 0.3, month_noise: float = 0.0, seed: int = 5
) -> World:
    """Every pair trades ``8507`` all the time, with a season of its own.

    Args:
        change: standard deviation of a pair's yearly log change.
        month_noise: standard deviation of a month's log noise around the season; 0 where the
            season comes back exactly.
        seed: of everything.
    """
    rng = np.random.default_rng(seed)
    names = COUNTRIES[:places]
    level = rng.normal(15, 1, (places, places))
    season = rng.dirichlet(np.full(12, 8.0), (places, places))
    rows = []
    for year in range(FIRST, FIRST + years):
        noisy = season * np.exp(rng.normal(0, month_noise, season.shape))
        usd = np.exp(level)[:, :, None] * noisy
        rows += [
            (year, month + 1, "import", names[j], names[i], "8507", float(usd[i, j, month]))
            for i in range(places)
            for j in range(places)
            if i != j
            for month in range(12)
        ]
        level = level + rng.normal(0, change, level.shape)
    months = pl.DataFrame(
        rows,
        schema=["year", "month", "direction", "reporter", "partner", "product", "value_usd"],
        orient="row",
    ).cast({"year": pl.Int32, "month": pl.Int32})
    flows = (
        months.group_by("year", "product", "reporter", "partner", maintain_order=True)
        .agg(pl.col("value_usd").sum())
        .rename({"reporter": "importer", "partner": "exporter"})
    )
    return World(months, flows)
