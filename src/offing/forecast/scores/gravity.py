"""Expected trade by gravity: what each pair would trade, given size, distance and language.

Estimated on the flows of the base year, each product on its own, by Poisson pseudo maximum
likelihood with exporter and importer effects (``offing.market.gravity``; Santos Silva and Tenreyro
2006, Anderson and van Wincoop 2003).
"""

import polars as pl

from offing.forecast.scores import scored_by_gravity
from offing.market.history import History

ANY_HORIZON = True
NEEDS = ("numba",)


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The trade that gravity expects, USD."""
    return scored_by_gravity(history, base_year, lambda _, could_be: could_be)
