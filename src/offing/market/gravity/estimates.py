"""What gravity estimates look like: numbers by product, and how each product fared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.terms.messages import join_list, say

Floats = NDArray[np.float64]
Covariance = Literal["hc", "exporter", "importer", "both"]
COVARIANCES: tuple[Covariance, ...] = get_args(Covariance)

State = Literal[
    "estimated",
    "estimated_after_drops",
    "no_flows",
    "one_exporter",
    "one_importer",
    "nothing_identified",
    "not_converged",
]


@dataclass(frozen=True)
class PairCovariates:
    """The covariates of every pair, as they came and standardised."""

    names: tuple[str, ...]
    countries: tuple[str, ...]
    raw: Floats
    x: Floats
    centre: Floats
    spread: Floats
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class ProductGravity:
    """What was estimated for one product, or why not.

    Attributes:
        state: ``estimated``; ``estimated_after_drops`` where separated pairs or collinear
            covariates were left out; else the reason why there is no estimate.
        pairs: country pairs in the sample.
        exporters: exporters in the sample.
        importers: importers in the sample.
        separated: pairs left out because no finite estimate fits them.
        collinear: covariates left out because the effects or the others give them.
        steps: Newton and chord steps taken.
        unmatched: positive flows left out because their pair lacks a covariate.
        left_out: places of the exporter and the importer of each separated pair.
    """

    state: State
    pairs: int
    exporters: int
    importers: int
    separated: int = 0
    collinear: tuple[str, ...] = ()
    steps: int = 0
    unmatched: int = 0
    left_out: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Gravity:
    """Estimates of every product.

    Attributes:
        products: P codes in order.
        names: K covariates.
        countries: codes in the order of ``effects``.
        beta: ``(P, K)``; not a number where not estimated.
        covariance: kind → ``(P, K, K)``, with small-sample factors.
        effects: ``(P, 2, countries)``: multiplicative exporter and importer effects, for covariates
            less their ``centre``.
        notes: by product, in order.
        centre: ``(K,)``, means of the covariates over all pairs.
        covariates: ``(K, countries, countries)``.
        valid: pairs that may enter a sample.
    """

    products: tuple[str, ...]
    names: tuple[str, ...]
    countries: tuple[str, ...]
    beta: Floats
    covariance: Mapping[Covariance, Floats]
    effects: Floats
    notes: tuple[ProductGravity, ...]
    centre: Floats
    covariates: Floats
    valid: NDArray[np.bool_]

    def replace_products(self, parts: Sequence["Gravity"]) -> "Gravity":
        """The products of some estimates on these covariates, in order, in the place of its own."""
        return replace(
            self,
            products=tuple(code for part in parts for code in part.products),
            beta=np.concatenate([part.beta for part in parts]),
            covariance={
                kind: np.concatenate([part.covariance[kind] for part in parts])
                for kind in COVARIANCES
            },
            effects=np.concatenate([part.effects for part in parts]),
            notes=tuple(note for part in parts for note in part.notes),
        )

    def standard_errors(self, kind: Covariance = "exporter") -> Floats:
        """Standard errors ``(P, K)``; not a number where a variance is below zero."""
        variance = np.einsum("pkk->pk", self.covariance[kind])
        return np.sqrt(np.where(variance >= 0, variance, np.nan))

    def table(self) -> pl.DataFrame:
        """One row for each product and covariate: estimate, standard errors, state."""
        p, k = len(self.products), len(self.names)
        return pl.DataFrame(
            {
                "product": np.repeat(np.array(self.products, dtype=object), k).tolist(),
                "covariate": list(self.names) * p,
                "estimate": self.beta.ravel(),
                **{f"se_{kind}": self.standard_errors(kind).ravel() for kind in COVARIANCES},
                "state": [note.state for note in self.notes for _ in range(k)],
                "pairs": [note.pairs for note in self.notes for _ in range(k)],
            }
        ).with_columns(pl.col(pl.Float64).fill_nan(None))

    def why(self, product: str) -> str:
        """In words, how the product fared."""
        note = self.notes[self.products.index(product)]
        collinear = join_list(note.collinear) or "-"
        return say(f"gravity.state_{note.state}", separated=note.separated, collinear=collinear)

    def expected(self, product: str) -> Floats:
        """Expected trade ``(countries, countries)``, exporters in rows; 0 outside the sample."""
        p = self.products.index(product)
        # In logarithms: with few flows, estimates may be so large that a factor has no float.
        with np.errstate(divide="ignore"):
            a, b = np.log(self.effects[p])
        beta = np.nan_to_num(self.beta[p])
        moved = np.tensordot(beta, self.covariates - self.centre[:, None, None], axes=1)
        index = np.where(self.valid, a[:, None] + b + moved, -np.inf)
        for i, j in self.notes[p].left_out:
            index[i, j] = -np.inf
        return np.exp(index)


def small_sample(pairs: int, k: int, exporters: int, importers: int) -> dict[Covariance, float]:
    """Factors on the raw sandwiches, as pyfixest and fixest apply them by default.

    Effects nested in a cluster do not count as parameters; the two-way covariance takes the
    smaller number of clusters.
    """
    n = pairs
    fewest = min(exporters, importers)
    return {
        "hc": n / (n - k - exporters - importers + 1),
        "exporter": exporters / (exporters - 1) * (n - 1) / (n - k - importers),
        "importer": importers / (importers - 1) * (n - 1) / (n - k - exporters),
        "both": fewest / (fewest - 1) * (n - 1) / (n - k - 1),
    }


def deviance_explained(y: Floats, mu: Floats) -> float:
    """The share of the Poisson deviance that is gone with ``mu`` instead of the mean."""
    from scipy.special import xlogy

    unexplained, whole = (
        float((xlogy(y, y) - xlogy(y, expected) - y + expected).sum())
        for expected in (mu, np.full_like(y, y.mean()))
    )
    return 1 - unexplained / whole if whole > 0 else float("nan")
