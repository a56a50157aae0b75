"""Least squares with two nested sets of shrunken effects, taken out exactly.

Rows lie in inner groups, and inner groups in outer ones. Their effects are integrated out of the
normal equations (a Schur complement at each level), so that rows of one group count as the partly
repeated witness they are, at the cost of a few sparse products.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from offing.warehouse.reconciling.effects import Codes, Floats


@dataclass(frozen=True)
class Solved:
    """One weighted solution.

    Attributes:
        theta: coefficients of the design.
        covariance: of ``theta``.
        fitted: the expected y of each row, with its groups' effects.
        unsure: the variance of each row's inner effect.
        inner: mean square of the inner effects, their own uncertainty included.
        outer: the same of the outer effects.
    """

    theta: Floats
    covariance: Floats
    fitted: Floats
    unsure: Floats
    inner: float
    outer: float


def sums(groups: Codes, count: int) -> csr_matrix:
    """A matrix that adds rows up by group."""
    return csr_matrix(
        (np.ones(groups.size), (groups, np.arange(groups.size))), (count, groups.size)
    )


@dataclass(frozen=True)
class Nested:
    """A design with its groups: ``inner`` of each row, ``outer`` of each inner group."""

    design: csr_matrix
    y: Floats
    inner: Codes
    outer: Codes
    by_inner: csr_matrix
    by_outer: csr_matrix

    def solve(
        self, weights: Floats, mean: Floats, precision: Floats, tau_inner: float, tau_outer: float
    ) -> Solved:
        """Solve for given weights (inverse error variances), prior and variances of the effects."""
        weighted = self.design.multiply(weights[:, None]).tocsr()
        inner = self.by_inner @ weighted
        inner_y, inner_w = self.by_inner @ (weights * self.y), self.by_inner @ weights
        keep = 1 / (inner_w + 1 / tau_inner)
        factor = 1 - inner_w * keep
        outer = self.by_outer @ inner.multiply(factor[:, None]).tocsr()
        outer_y = self.by_outer @ (factor * inner_y)
        hold = 1 / (self.by_outer @ (factor * inner_w) + 1 / tau_outer)
        gram = (
            self.design.T @ weighted
            - inner.T @ inner.multiply(keep[:, None]).tocsr()
            - outer.T @ outer.multiply(hold[:, None]).tocsr()
        ).toarray()
        gram[np.diag_indices_from(gram)] += precision
        right = weighted.T @ self.y - inner.T @ (keep * inner_y) - outer.T @ (hold * outer_y)
        covariance = np.linalg.inv(gram)
        theta = covariance @ (right + precision * mean)
        outer_size = hold * (outer_y - outer @ theta)
        inner_size = keep * (inner_y - inner @ theta - inner_w * outer_size[self.outer])
        return Solved(
            theta=theta,
            covariance=covariance,
            fitted=self.design @ theta + (outer_size[self.outer] + inner_size)[self.inner],
            unsure=keep[self.inner],
            inner=float(np.mean(inner_size**2 + keep)),
            outer=float(np.mean(outer_size**2 + hold)),
        )
