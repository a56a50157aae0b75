"""How much a product's import values answer to their duty, where nobody gives an elasticity.

``data/elasticities.csv`` has the median and the spread of CEPII's ProTEE over the HS6 codes of each
heading and chapter; its head says how they were derived. A spread between codes is no standard
error: it is the only measure of doubt that the published file allows.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.terms.errors import InputError

Array = npt.NDArray[np.float64]

QUANTILE_90 = 1.2815515655446004
"""Of the standard normal: an 80 % interval reaches so many standard deviations to each side."""
SOURCE = "policy.elasticity_protee"
OWN = "policy.elasticity_own"


@dataclass(frozen=True)
class Substitution:
    """The elasticity of substitution between origins of a product, as a lognormal.

    Attributes:
        product: HS code asked for.
        code: heading or chapter that the figure is of; empty for the user's own.
        median: positive.
        log_sd: standard deviation of its logarithm; 0 for a figure without doubt.
        codes: HS6 codes behind it.
        spread_code: heading or chapter whose codes give ``log_sd``.
        source: message key.
    """

    product: str
    code: str
    median: float
    log_sd: float
    codes: int = 0
    spread_code: str = ""
    source: str = SOURCE

    @property
    def interval(self) -> tuple[float, float]:
        """The 80 % interval."""
        reach = float(np.exp(QUANTILE_90 * self.log_sd))
        return self.median / reach, self.median * reach

    def draws(self, count: int, seed: int) -> Array:
        """``count`` draws, the same for the same seed; even steps through the distribution.

        Stratified: the k-th draw is from the k-th part of the distribution, in a random order.
        """
        from scipy.special import ndtri

        random = np.random.default_rng(seed)
        steps = (random.permutation(count) + random.uniform(size=count)) / count
        return np.asarray(self.median * np.exp(self.log_sd * ndtri(steps)))


def own_substitution(product: str, value: float, se: float) -> Substitution:
    """The user's own elasticity with its standard error, as a lognormal of the same spread.

    Raises:
        InputError: ``policy.bad_elasticity`` where one of them cannot be.
    """
    if not (np.isfinite(value) and value > 0 and se >= 0):
        raise InputError("policy.bad_elasticity", value=value, se=se)
    return Substitution(product, "", value, float(np.sqrt(np.log1p((se / value) ** 2))), source=OWN)


@cache
def _shipped_table() -> dict[str, tuple[int, float, float | None]]:
    file = resources.files("offing.sources").joinpath("data/elasticities.csv")
    with file.open("rb") as opened:
        table = pl.read_csv(opened.read(), comment_prefix="#", schema_overrides={"code": pl.String})
    return {code: (n, median, sd) for code, n, median, sd in table.iter_rows()}


def substitution_of(product: str) -> Substitution:
    """The elasticity of a product's heading, else of its chapter.

    Where a heading has too few codes to show a spread, the spread is its chapter's.

    Raises:
        InputError: ``policy.no_elasticity``: chapter 77 and such have none.

    >>> one = substitution_of("852872")
    >>> one.code, one.median, one.codes
    ('8528', 4.53, 5)
    """
    by_code = _shipped_table()
    levels = [code for code in (product[:4], product[:2]) if code in by_code]
    spread = next((code for code in levels if by_code[code][2] is not None), None)
    if not levels or spread is None:
        raise InputError("policy.no_elasticity", product=product)
    codes, median, _ = by_code[levels[0]]
    log_sd = by_code[spread][2]
    assert log_sd is not None
    return Substitution(product, levels[0], median, log_sd, codes, spread)
