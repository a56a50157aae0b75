"""Ways of ranking of a few lines each; their marks stand beside them as in a file of their own."""

from collections.abc import Callable
from itertools import groupby
from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl

from offing.estimators import TINY
from offing.forecast.scores import ScoringMethod, candidate_frame, scored_all
from offing.market.gravity.expected import expected_by_product, potential, room_to_grow
from offing.market.history import FLOOR_USD, Array, Cube, History
from offing.market.indicators.export_potential import export_potential

Score = Callable[[History, int, int], pl.DataFrame]
RANKINGS: dict[str, ScoringMethod] = {}
"""Name → the way of ranking, as the module of a longer one is."""
SEED = 1
"""Of the random order."""
SPAN = 3
"""Years of the mean, the base year among them."""
HARDLY = 1e-9
"""By so much of its own size gravity may lift a mean: it parts equal ones and no others."""


def _ranking(
    name: str = "", *, any_horizon: bool = True, **marks: object
) -> Callable[[Score], Score]:
    """Enter a function among the rankings, under its own name unless one is given."""

    def enter(score: Score) -> Score:
        way = SimpleNamespace(score=score, ANY_HORIZON=any_horizon, **marks)
        RANKINGS[name or score.__name__] = cast(ScoringMethod, way)
        return score

    return enter


@_ranking()
def size(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Market size: the larger the market's imports of the product, the better."""
    cubes = history.until(base_year).cubes(base_year, [])
    return scored_all(cubes, lambda cube: {"score": cube.base.sum(axis=0, keepdims=True)})


@_ranking(any_horizon=False, UNIT="index", YARDSTICK=True)
def random(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """A random order, the floor of every comparison. The same seed, the same order."""
    rng = np.random.default_rng([SEED, base_year, horizon])
    cubes = history.until(base_year).cubes(base_year, [])
    return scored_all(cubes, lambda cube: {"score": rng.random(cube.base.shape)})


@_ranking(any_horizon=False, SEES_LATER=True, YARDSTICK=True)
def oracle(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """A perfect ranking: the growth that came. A yardstick, since nobody can know it.

    Later sales less today's; 0 where there is no later year.
    """
    later = base_year + horizon
    return scored_all(
        history.cubes(base_year, [later]),
        lambda cube: {"score": np.asarray(cube.values.get(later, cube.base) - cube.base)},
    )


@_ranking()
def three_year_mean(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The mean of the last three years' sales: the bar that costs nothing.

    Nothing is fitted. A single year's luck is averaged out, and markets in which nothing was sold
    stand in the order of what gravity with the textbook's elasticities would sell there, so that
    no lottery among empty markets flatters a rival.
    """
    past = history.until(base_year)
    years = years_of_mean(past, base_year)
    return scored_all(
        past.cubes(base_year, years), lambda cube: {"score": mean_sales(past, cube, years)}
    )


@_ranking(YARDSTICK=True)
def whole_mean(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The three-year mean of the whole flow, whatever its price tiers: a ranking that is blind to
    them.

    Beside rankings by tier it says what the tiers are good for: a tier is foretold only where a
    ranking by tier beats it. Where flows are not split by tier it is ``three_year_mean``.
    """
    past = history.until(base_year)
    years = years_of_mean(past, base_year)
    whole = past.whole() if past.has_tiers else past
    wholes = whole.cubes(base_year, years)
    parts = []
    for _, tiers in groupby(past.cubes(base_year, []), lambda cube: cube.product):
        every = next(wholes)
        mean = mean_sales(whole, every, years)
        for cube in tiers:
            row = np.searchsorted(every.exporters, cube.exporters)
            column = np.searchsorted(every.importers, cube.importers)
            parts.append(candidate_frame(cube, {"score": mean[np.ix_(row, column)]}))
    return pl.concat(parts)


@_ranking("unrealized")
def unrealized_potential(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Unrealized potential: how far a flow lies below what gravity says it could be, in USD.

    The potential is structural gravity with the mean elasticities of the literature, balanced so
    that every exporter's and every market's total is what it is. Nothing is estimated, so it works
    on any data and without further packages; ``gravity_gap`` estimates.
    """
    past = history.until(base_year)
    cubes = ((cube, potential(cube, past.nearness)) for cube in past.cubes(base_year, []))
    return pl.concat(
        candidate_frame(cube, _gap(cube, could_be, np.maximum(could_be - cube.base, 0.0)))
        for cube, could_be in cubes
    )


@_ranking(NEEDS=("numba",))
def gravity(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Expected trade by gravity: what each pair would trade, given size, distance and language.

    Estimated on the flows of the base year, each product on its own, by Poisson pseudo maximum
    likelihood with exporter and importer effects (``offing.market.gravity``; Santos Silva and
    Tenreyro 2006, Anderson and van Wincoop 2003).
    """
    return _ranked_by_gravity(history, base_year, lambda _, could_be: could_be)


@_ranking(NEEDS=("numba",))
def gravity_gap(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Unrealized gravity potential: how far a flow lies below what gravity expects of it, in USD.

    As ``unrealized``, with the elasticities of each product estimated on the base year instead of
    the textbook's; see ``gravity``.
    """
    return _ranked_by_gravity(
        history, base_year, lambda cube, could_be: np.maximum(could_be - cube.base, 0.0)
    )


@_ranking()
def epi(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """ITC's Export Potential Indicator from the flows and distances alone: its *static* variant.

    It projects neither GDP nor population and knows no tariffs; see
    ``offing.market.indicators.export_potential`` for the formula and the other variants.
    """
    return pl.concat(
        candidate_frame(
            cube, {"score": v, "growth": np.log((v + FLOOR_USD) / (cube.base + FLOOR_USD))}
        )
        for cube, v in export_potential(history, base_year)
    )


def years_of_mean(history: History, base_year: int) -> list[int]:
    """The last three years of which there are data."""
    return [year for year in history.years if base_year - SPAN < year <= base_year]


def mean_sales(history: History, cube: Cube, years: list[int]) -> Array:
    """Exporter × importer, USD; the mean of the years in which either side reported."""
    total, count = np.zeros(cube.base.shape), np.zeros(cube.base.shape)
    at = np.ix_(cube.exporters, cube.importers)
    for year in years:
        told = history.known(year)[at]
        total += told * cube.values.get(year, 0.0)
        count += told
    mean = total / np.maximum(count, 1)
    expected = potential(cube, history.nearness)
    first = HARDLY * expected / max(float(expected.max()), TINY)
    smallest = float(mean[mean > 0].min(initial=1.0))
    return np.where(mean > 0, mean * (1 + first), smallest * first)


def _gap(cube: Cube, could_be: Array, score: Array) -> dict[str, Array]:
    return {"score": score, "growth": room_to_grow(cube, could_be)}


def _ranked_by_gravity(
    history: History, base_year: int, say: Callable[[Cube, Array], Array]
) -> pl.DataFrame:
    """Every cube with what is said of it and of the trade that gravity expects in it, USD."""
    return pl.concat(
        candidate_frame(cube, _gap(cube, could_be, say(cube, could_be)))
        for cube, could_be in expected_by_product(history.until(base_year), base_year)
    )
