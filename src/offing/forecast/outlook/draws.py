"""Joint draws of later sales: over markets, products and years, with what their errors share.

Each flow has the distribution that its point and intervals are read from; only *which* quantile
comes is drawn together. The score that picks it is a sum of parts (``common``) that grow year by
year as random walks do, over a common scale, so that all flows may be far off in the same draw
(a multivariate t). The same seed gives the same bytes: parts are drawn by name, so the draws of a
market do not depend on which others are asked for, and two products share the world's years.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np

from offing.forecast.outlook.distribution import Distribution
from offing.forecast.outlook.forecast import Outlooks, product_of
from offing.market.history import Array
from offing.terms.errors import MissingDataError

DEGREES = 6.0
"""Of freedom of the t. A choice: yearly growth of a country's trade has tails about as long."""
_GRID = np.sinh(np.linspace(-6.0, 6.0, 4001))
"""Scores at which the t distribution is computed; between them it is linear."""


@dataclass(frozen=True)
class Draws:
    """Joint draws of an exporter's sales of a product.

    Attributes:
        product: HS code.
        origin: the exporter.
        markets: importers; those the exporter could not sell to in the base year (nobody did, or it
            is its own) have no sales.
        years: calendar years, rising.
        base_usd: sales in the base year, ``(M,)``.
        expected_usd: means of the distributions drawn from, ``(Y, M)``.
        sales_usd: ``(n, Y, M)``.
    """

    product: str
    origin: str
    markets: tuple[str, ...]
    years: tuple[int, ...]
    base_usd: Array
    expected_usd: Array
    sales_usd: Array


def draw(
    outlooks: Sequence[Outlooks],
    product: str,
    origin: str,
    markets: Sequence[str] | None = None,
    *,
    n: int = 2000,
    seed: int = 1,
) -> Draws:
    """Draw an exporter's sales of a product in some markets.

    Args:
        outlooks: of one base year, one for each year wanted, the nearest first.
        product: HS code.
        origin: the exporter, alpha-3.
        markets: importers; all candidates where ``None``.
        n: draws.
        seed: of everything that is drawn.

    Raises:
        MissingDataError: ``market.no_exports`` where the origin exports none of it that year,
            ``market.no_draws`` where one year of data tells no distribution.
    """
    first = outlooks[0]
    if any(fitted.model is None for fitted in outlooks):
        raise MissingDataError("market.no_draws", year=first.base_year)
    odds = [_odds(fitted.whole or fitted, product, origin) for fitted in outlooks]
    names = tuple(odds[0] if markets is None else markets)
    at = [index for index, name in enumerate(names) if name in odds[0]]
    scores = _scores(outlooks, (product, origin), [names[index] for index in at], n, seed)
    shape = len(outlooks), len(names)
    base, expected, sales = np.zeros(shape[1]), np.zeros(shape), np.zeros((n, *shape))
    for number, by_market in enumerate(odds):
        mine = [by_market[names[index]] for index in at]
        base[at] = [today for today, _ in mine]
        joint = Distribution.concatenate([later for _, later in mine])
        expected[number, at] = joint.mean
        sales[:, number, at] = joint.sales(scores[:, number])
    years = tuple(fitted.base_year + fitted.horizon for fitted in outlooks)
    return Draws(product, origin, names, years, base, expected, sales)


def _odds(fitted: Outlooks, product: str, origin: str) -> dict[str, tuple[float, Distribution]]:
    """Market → sales today and their distribution later."""
    cells, forecast = product_of(fitted, product, origin)
    mine = np.flatnonzero(cells.cube.exporters[cells.row] == fitted.history.index[origin])
    codes = fitted.history.countries
    return {
        codes[cells.cube.importers[cells.column[at]]]: (
            float(cells.base[at]),
            forecast.sales.at(slice(at, at + 1)),
        )
        for at in mine
    }


def _scores(
    outlooks: Sequence[Outlooks], flow: tuple[str, str], markets: Sequence[str], n: int, seed: int
) -> Array:
    """Levels of probability, ``(n, Y, M)``: uniform each, and joint as errors are."""
    ahead = np.array([fitted.horizon for fitted in outlooks], dtype=float)
    carried = np.r_[0.0, ahead[:-1] / ahead[1:]]

    def path(*name: str) -> Array:
        """A random walk seen at the years wanted, each with variance 1."""
        walk = _stream(seed, *name).standard_normal((n, len(ahead)))
        for year in range(1, len(ahead)):
            walk[:, year] *= np.sqrt(1 - carried[year])
            walk[:, year] += np.sqrt(carried[year]) * walk[:, year - 1]
        return np.asarray(walk)

    parts = [fitted.model.parts.going.common for fitted in outlooks if fitted.model]
    root = {
        name: np.sqrt([getattr(part, name) for part in parts])
        for name in ("year", "exporter", "importer", "flow")
    }
    common = root["year"] * path("year") + root["exporter"] * path("exporter", *flow)
    scores = np.empty((n, len(ahead), len(markets)))
    for column, market in enumerate(markets):
        bought = root["importer"] * path("importer", market, flow[0])
        scores[:, :, column] = common + bought + root["flow"] * path("flow", market, *flow)
    scores *= np.sqrt(DEGREES / _stream(seed, "scale").chisquare(DEGREES, n))[:, None, None]
    return np.asarray(np.interp(scores, _GRID, _chances()))


@cache
def _chances() -> Array:
    """Student's distribution at ``_GRID``."""
    from scipy.special import stdtr

    return np.asarray(stdtr(DEGREES, _GRID))


def _stream(seed: int, *name: str) -> np.random.Generator:
    """Random numbers that belong to a name."""
    return np.random.default_rng([seed, crc32("|".join(name).encode())])
