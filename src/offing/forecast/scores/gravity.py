"""Expected trade by gravity: what each pair would trade, given size, distance and language.

Estimated on the flows of the base year, each product on its own, by Poisson pseudo maximum
likelihood with exporter and importer effects (``offing.market.gravity``; Santos Silva and Tenreyro
2006, Anderson and van Wincoop 2003).
"""

import polars as pl

from offing.forecast.scores import scored
from offing.market.gravity.by_year import expected_by_product, room_to_grow
from offing.market.history import History

ANY_HORIZON = True
NEEDS = ("numba",)


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The trade that gravity expects, USD."""
    past = history.until(base_year)
    parts = []
    for cube, could_be in expected_by_product(past, base_year):
        gap = room_to_grow(cube, could_be)
        parts.append(scored(cube, {"score": could_be, "growth": gap}))
    return pl.concat(parts)
