"""One gravity equation as the textbooks write it: any covariates, a few effects, Poisson or OLS.

For a table of one or a few years with up to some thousands of effects in all. Many products go to
``batch``, long panels with pair effects to ``panel``. Poisson pseudo maximum likelihood: Santos
Silva and Tenreyro (2006), "The log of gravity", Review of Economics and Statistics 88(4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np
import polars as pl

from offing.estimators import Codes
from offing.estimators.least_squares import (
    cluster_sums,
    independent,
    solve_normal_equations,
    weighted_square,
)
from offing.estimators.newton import NewtonPoint, Search, newton
from offing.market.gravity.estimates import Floats
from offing.market.gravity.separation import separated_rows
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import join_list

Estimator = Literal["poisson", "log_ols"]
MOST_EFFECTS = 4000
"""Effects in all: the normal equations are solved as one dense matrix."""


@dataclass(frozen=True)
class PlainGravity:
    """Estimates of one equation.

    Attributes:
        names: K covariates, ``constant`` the last where there are no effects.
        beta: ``(K,)``; not a number where a covariate was left out.
        covariance: ``(K, K)``, robust to heteroskedasticity, or by cluster where one was named.
        rows: observations used.
        separated: zeros left out because no finite estimate fits them.
        collinear: covariates left out because the effects or the others give them.
        r2: squared correlation of the outcome (its logarithm for ``log_ols``) with its fit.
    """

    names: tuple[str, ...]
    beta: Floats
    covariance: Floats
    rows: int
    separated: int
    collinear: tuple[str, ...]
    r2: float

    @property
    def errors(self) -> Floats:
        """Standard errors ``(K,)``."""
        return np.sqrt(np.diag(self.covariance))

    def table(self) -> pl.DataFrame:
        """``covariate``, ``estimate``, ``error``; null where left out."""
        return pl.DataFrame(
            {"covariate": self.names, "estimate": self.beta, "error": self.errors}
        ).with_columns(pl.col(pl.Float64).fill_nan(None))


def fit_plain(
    rows: pl.DataFrame,
    covariates: Sequence[str],
    *,
    outcome: str = "value_usd",
    effects: Sequence[Sequence[str]] = (),
    estimator: Estimator = "poisson",
    cluster: Sequence[str] = (),
    most_steps: int = 100,
) -> PlainGravity:
    """Estimate one equation.

    Args:
        rows: the sample: one row for each observation, zeros listed. Rows that lack a covariate are
            left out.
        covariates: columns, used as they are: take logarithms beforehand.
        outcome: trade, none below 0.
        effects: columns whose combinations have an effect of their own each, such as
            ``[("exporter", "year"), ("importer", "year")]``. With none there is a constant.
        estimator: ``poisson`` keeps the zeros; ``log_ols`` is least squares on the logarithm of
            what is above 0.
        cluster: columns whose combinations are the clusters; none for errors robust to
            heteroskedasticity alone.
        most_steps: of iterated least squares.

    Raises:
        InputError: ``gravity.no_such_column``, ``gravity.bad_outcome``,
            ``gravity.too_many_effects``, ``gravity.nothing_left``, ``gravity.no_convergence``.
        MissingDataError: ``gravity.no_rows``.
    """
    if not covariates:
        raise InputError("gravity.no_covariates")
    _outcome(rows, outcome, (*covariates, *cluster, *chain(*effects)))
    sample = _Sample.of(rows, covariates, outcome, effects, estimator)
    rows, x, value, codes = sample.rows, sample.x, sample.value, sample.codes
    y = np.log(value) if estimator == "log_ols" else value / value.mean()
    names = (*covariates, *([] if effects else ["constant"]))
    if not effects:
        x = np.column_stack([x, np.ones(len(y))])
    size = np.sqrt((x**2).mean(axis=0))
    size = np.where(size > 0, size, 1.0)
    chosen = _independent(x / size, codes)
    if not chosen or (not effects and chosen == [len(names) - 1]):
        raise InputError("gravity.nothing_left", names=join_list(covariates))
    design = _Design(x[:, chosen] / size[chosen], codes)
    theta, fitted, weight = _estimate(design, y, estimator, most_steps)
    beta, covariance = np.full(len(names), np.nan), np.full((len(names), len(names)), np.nan)
    beta[chosen] = theta[: len(chosen)] / size[chosen]
    if estimator == "poisson" and not effects:
        beta[-1] += np.log(value.mean())
    clusters = _codes(rows, cluster) if cluster else None
    sandwich = _sandwich(design, weight, y - fitted, clusters)
    covariance[np.ix_(chosen, chosen)] = sandwich / np.outer(size[chosen], size[chosen])
    collinear = tuple(name for at, name in enumerate(names) if at not in chosen)
    r2 = float(np.corrcoef(y, fitted)[0, 1] ** 2)
    return PlainGravity(names, beta, covariance, len(y), sample.separated, collinear, r2)


@dataclass(frozen=True)
class _Sample:
    """The rows that are used, and how many zeros were separated."""

    rows: pl.DataFrame
    x: Floats
    value: Floats
    codes: list[Codes]
    separated: int

    @classmethod
    def of(
        cls,
        rows: pl.DataFrame,
        covariates: Sequence[str],
        outcome: str,
        effects: Sequence[Sequence[str]],
        estimator: Estimator,
    ) -> "_Sample":
        """See :func:`fit_plain`."""
        value = _outcome(rows, outcome, ())
        x = rows.select(pl.col(covariates).cast(pl.Float64)).to_numpy()
        keep = np.isfinite(x).all(axis=1) & ((value > 0) | (estimator == "poisson"))
        if not (value[keep] > 0).any():
            raise MissingDataError("gravity.no_rows")
        rows, x, value = rows.filter(keep), x[keep], value[keep]
        codes = [_codes(rows, keys) for keys in effects]
        if sum(int(code.max()) + 1 for code in codes) > MOST_EFFECTS:
            raise InputError("gravity.too_many_effects", most=MOST_EFFECTS)
        if estimator == "log_ols":
            return cls(rows, x, value, codes, 0)
        stay = ~separated_rows(value, x - x.mean(axis=0), codes)
        rows = rows.filter(stay)
        codes = [_codes(rows, keys) for keys in effects]
        return cls(rows, x[stay], value[stay], codes, int((~stay).sum()))


def _estimate(
    design: "_Design", y: Floats, estimator: Estimator, most_steps: int
) -> tuple[Floats, Floats, Floats]:
    """Coefficients, fitted values, and the weights of the normal equations."""
    if estimator == "poisson":
        theta, mean = _poisson(design, y, most_steps)
        return theta, mean, mean
    theta = design.solve(np.ones(len(y)), y)
    return theta, design.times(theta), np.ones(len(y))


def _outcome(rows: pl.DataFrame, outcome: str, columns: Sequence[str]) -> Floats:
    """The outcome of a table that has the columns, checked; see :func:`fit_plain`."""
    for column in (outcome, *columns):
        if column not in rows.columns:
            raise InputError("gravity.no_such_column", text=column, all=join_list(rows.columns))
    value = rows[outcome].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    bad = ~(np.isfinite(value) & (value >= 0))
    if bad.any():
        at = int(np.argmax(bad))
        raise InputError(
            "gravity.bad_outcome", count=int(bad.sum()), column=outcome, row=at, value=value[at]
        )
    return value


def _codes(rows: pl.DataFrame, keys: Sequence[str]) -> Codes:
    ranks = rows.select(pl.struct(keys).rank("dense").cast(pl.Int64) - 1)
    return ranks.to_series().to_numpy()


class _Design:
    """Covariates and those dummies of the effects that the others do not give."""

    def __init__(self, x: Floats, codes: Sequence[Codes]) -> None:
        from scipy import sparse

        n = len(x)
        self.covariates = x.shape[1]
        self.all: Any = sparse.csr_array(x)
        if codes:
            ones = np.ones(n)
            dummies: Any = sparse.hstack(
                [sparse.csr_array((ones, (np.arange(n), c)), shape=(n, c.max() + 1)) for c in codes]
            )
            chosen = _independent_columns((dummies.T @ dummies).toarray())
            self.all = sparse.csr_array(sparse.hstack([self.all, dummies.tocsc()[:, chosen]]))

    def normal(self, weight: Floats) -> Floats:
        """``A'WA``."""
        return weighted_square(self.all, weight)

    def solve(self, weight: Floats, target: Floats) -> Floats:
        """Weighted least squares."""
        return solve_normal_equations(self.normal(weight), self.all.T @ (weight * target))

    def times(self, theta: Floats) -> Floats:
        """Fitted values."""
        return np.asarray(self.all @ theta)


def _independent_columns(normal: Floats) -> list[int]:
    """Columns that span the same as all of them: dummies of several effects overlap."""
    from scipy.linalg.lapack import dpstrf

    size = np.sqrt(np.diag(normal))
    _, order, rank, _ = dpstrf(normal / np.outer(size, size), tol=1e-9)
    return sorted((order[:rank] - 1).tolist())


def _independent(x: Floats, codes: Sequence[Codes]) -> list[int]:
    """Columns that the earlier ones and the effects do not give, in order."""
    if not codes:
        return independent(x.T @ x, (x**2).sum(axis=0))
    k = x.shape[1]
    normal = _Design(x, codes).normal(np.ones(len(x)))
    cross = normal[k:, :k]
    inner = normal[:k, :k] - cross.T @ solve_normal_equations(normal[k:, k:], cross)
    return independent(inner, (x**2).sum(axis=0))


def _poisson(design: _Design, y: Floats, most_steps: int) -> tuple[Floats, Floats]:
    """Newton's method from one step of weighted least squares; coefficients and fitted means."""
    mu = (y + y.mean()) / 2
    start = design.solve(mu, np.log(mu) + (y - mu) / mu)

    def objective(index: Floats) -> NewtonPoint:
        mean = np.exp(np.clip(index, -300, 300))
        return NewtonPoint(float((mean - y * index).sum()), mean - y, mean)

    def has_settled(gained: float, moved: float) -> bool:
        return moved < 1e-11 or (moved < 1e-7 and abs(gained) < 1e-13)

    minimum = newton(design.all, objective, start, Search(has_settled, most_steps, slack=1e-12))
    if not minimum.settled:
        raise InputError("gravity.no_convergence", steps=most_steps)
    return minimum.coefficients, minimum.at.slope + y


def _sandwich(design: _Design, weight: Floats, residual: Floats, cluster: Codes | None) -> Floats:
    """Of the covariates: ``n / (n - p)``, or ``g / (g - 1) · (n - 1) / (n - p)`` by cluster.

    p counts the covariates and every effect that can be told from the others.
    """
    (n, p), k = design.all.shape, design.covariates
    bread = solve_normal_equations(design.normal(weight), np.eye(p)[:, :k])
    # Each row's influence on the covariates' estimates.
    influence = (design.all @ bread) * residual[:, None]
    if cluster is None:
        return np.asarray(influence.T @ influence * n / (n - p))
    sums = cluster_sums(influence, cluster)
    g = len(sums)
    return np.asarray(sums.T @ sums * g / (g - 1) * (n - 1) / (n - p))
