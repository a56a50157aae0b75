"""Panel gravity by Poisson pseudo maximum likelihood, compiled.

Cells lie as ``(years, exporters, importers)``, so that each year is a matrix and each exporter's
years and importers stay close together. Exporter-year and importer-year effects are found by
conjugate gradients; the pair effects inside them go in closed form, and each year's own two-way
system, factored, is the preconditioner. The system is singular: its right-hand sides lie in its
range, and a floor stops the iteration where only rounding is left.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offing.market.gravity.compiled import compile_kernel
from offing.market.gravity.kernel import _exp

Floats = NDArray[np.float64]

RIDGE = 1e-10
"""On the preconditioner's diagonal: years that fall into parts, or have idle exporters."""


class Weights(NamedTuple):
    """The weights of a projection on the effects, and what follows from them.

    Attributes:
        mu: ``(years, n, m)``.
        by_pair: ``(n, m)``, inverse totals of mu over the years, and over both directions where
            ``both_ways``; zeros without pair effects.
        both_ways: one effect for a pair in both directions; then n = m in the same order.
        factor: of :func:`factors`.
        rows: sums of mu, ``(years, n)``; ``cols`` likewise, ``(years, m)``.
    """

    mu: Floats
    by_pair: Floats
    both_ways: bool
    factor: Floats
    rows: Floats
    cols: Floats


class Totals(NamedTuple):
    """Observed sums that the effects meet, and whether there are pair effects, for both ways."""

    rows: Floats
    cols: Floats
    pairs: Floats
    paired: bool
    both_ways: bool


@compile_kernel
def factors(mu: Floats, rows: Floats, cols: Floats, out: Floats) -> None:
    """Cholesky factor of each year's ``diag(R) - M C^-1 M'``, ``(years, n, n)``, into ``out``."""
    years, n, m = mu.shape
    half = np.empty((n, m))
    root = np.empty(m)
    block = max(16, (n + 3) // 4)
    for t in range(years):
        for j in range(m):
            root[j] = 1.0 / np.sqrt(cols[t, j]) if cols[t, j] > 0 else 0.0
        for i in range(n):
            for j in range(m):
                half[i, j] = mu[t, i, j] * root[j]
        s = np.zeros((n, n))
        for low in range(0, n, block):
            high = min(low + block, n)
            s[low:high, :high] = -np.dot(half[low:high], half[:high].T)
        for i in range(n):
            s[i, i] += rows[t, i] * (1.0 + RIDGE) if rows[t, i] > 0 else 1.0
        out[t] = np.linalg.cholesky(s)


@compile_kernel
def _precondition(w: Weights, r_a: Floats, r_g: Floats, z_a: Floats, z_g: Floats) -> None:
    """Solve each year's two-way system."""
    mu, cols = w.mu, w.cols
    years, n, m = mu.shape
    ratio = np.empty(m)
    for t in range(years):
        for j in range(m):
            ratio[j] = r_g[t, j] / cols[t, j] if cols[t, j] > 0 else 0.0
        z_a[t] = r_a[t] - np.dot(mu[t], ratio)
        f = w.factor[t]
        for i in range(n):
            total = 0.0
            for p in range(i):
                total += f[i, p] * z_a[t, p]
            z_a[t, i] = (z_a[t, i] - total) / f[i, i]
        for i in range(n - 1, -1, -1):
            weight = z_a[t, i] / f[i, i]
            z_a[t, i] = weight
            for p in range(i):
                z_a[t, p] -= weight * f[i, p]
        back = np.dot(z_a[t], mu[t])
        for j in range(m):
            z_g[t, j] = (r_g[t, j] - back[j]) / cols[t, j] if cols[t, j] > 0 else 0.0


@compile_kernel
def _both_ways(w: Weights, alpha: Floats, gamma: Floats) -> Floats:
    """Means over the years and both directions of ``alpha + gamma``, ``(n, n)``."""
    mu = w.mu
    years, n, m = mu.shape
    one_way = np.zeros((n, m))
    for i in range(n):
        for t in range(years):
            own = alpha[t, i]
            for j in range(m):
                one_way[i, j] += mu[t, i, j] * (own + gamma[t, j])
    return (one_way + one_way.T) * w.by_pair


@compile_kernel
def _sums(q: Floats, weight: Floats, w: Weights, out_a: Floats, out_g: Floats) -> None:
    """Sums over exporter-years and importer-years of ``weight q - mu h``.

    ``h`` is the pair's own mean, ``by_pair`` the inverse of its total ``mu``: zeros leave pairs out
    of the model.
    """
    mu = w.mu
    years, n, m = mu.shape
    out_g[:] = 0.0
    mean = np.zeros((n, m))
    for i in range(n):
        for t in range(years):
            for j in range(m):
                mean[i, j] += weight[t, i, j] * q[t, i, j]
    if w.both_ways:
        mean = mean + mean.T
    mean *= w.by_pair
    for i in range(n):
        h = mean[i]
        for t in range(years):
            total = 0.0
            for j in range(m):
                v = weight[t, i, j] * q[t, i, j] - mu[t, i, j] * h[j]
                total += v
                out_g[t, j] += v
            out_a[t, i] = total


@compile_kernel
def _apply_system(w: Weights, alpha: Floats, gamma: Floats, out_a: Floats, out_g: Floats) -> None:
    """The system times a vector: sums of ``mu (alpha + gamma - h)``, ``h`` the pair's mean."""
    mu, by_pair, both_ways = w.mu, w.by_pair, w.both_ways
    years, n, m = mu.shape
    out_g[:] = 0.0
    mean = _both_ways(w, alpha, gamma) if both_ways else np.zeros((1, 1))
    h = np.empty(m)
    for i in range(n):
        if both_ways:
            h[:] = mean[i]
        else:
            h[:] = 0.0
            for t in range(years):
                own = alpha[t, i]
                for j in range(m):
                    h[j] += mu[t, i, j] * (own + gamma[t, j])
            for j in range(m):
                h[j] *= by_pair[i, j]
        for t in range(years):
            own = alpha[t, i]
            total = 0.0
            for j in range(m):
                v = mu[t, i, j] * (own + gamma[t, j] - h[j])
                total += v
                out_g[t, j] += v
            out_a[t, i] = total


@compile_kernel
def project(
    q: Floats, weight: Floats, w: Weights, alpha: Floats, gamma: Floats, tolerance: float, most: int
) -> int:
    """Regress ``weight q / mu`` on the effects with weights ``mu``, from the guess that comes in.

    Args:
        q: ``(years, n, m)``.
        weight: ``(years, n, m)``; ``mu`` itself for a covariate, 1 for a residual.
        w: the weights of the regression.
        alpha: ``(years, n)``, written.
        gamma: ``(years, m)``, written.
        tolerance: on the residual relative to the right-hand side, in the preconditioner's norm.
        most: iterations allowed.

    Returns:
        Iterations; ``most`` where it did not get there.
    """
    years, n, m = w.mu.shape
    r_a, r_g = np.empty((years, n)), np.empty((years, m))
    z_a, z_g = np.empty((years, n)), np.empty((years, m))
    u_a, u_g = np.empty((years, n)), np.empty((years, m))
    _sums(q, weight, w, r_a, r_g)
    _precondition(w, r_a, r_g, z_a, z_g)
    whole = np.sum(r_a * z_a) + np.sum(r_g * z_g)
    _apply_system(w, alpha, gamma, u_a, u_g)
    r_a -= u_a
    r_g -= u_g
    _precondition(w, r_a, r_g, z_a, z_g)
    rho = np.sum(r_a * z_a) + np.sum(r_g * z_g)
    floor = max(tolerance * tolerance * whole, 1e-22 * np.sum(w.mu))
    p_a, p_g = z_a.copy(), z_g.copy()
    for done in range(most):
        if not rho > floor:
            return done
        _apply_system(w, p_a, p_g, u_a, u_g)
        bent = np.sum(p_a * u_a) + np.sum(p_g * u_g)
        if not bent > 0:
            return done
        share = rho / bent
        alpha += share * p_a
        gamma += share * p_g
        r_a -= share * u_a
        r_g -= share * u_g
        _precondition(w, r_a, r_g, z_a, z_g)
        after = np.sum(r_a * z_a) + np.sum(r_g * z_g)
        p_a[:] = z_a + after / rho * p_a
        p_g[:] = z_g + after / rho * p_g
        rho = after
    return most


@compile_kernel
def residual(x: Floats, w: Weights, alpha: Floats, gamma: Floats, out: Floats) -> None:
    """``out = x`` less its projection on the effects."""
    mu = w.mu
    years, n, m = mu.shape
    mean = np.zeros((n, m))
    for i in range(n):
        for t in range(years):
            own = alpha[t, i]
            for j in range(m):
                v = x[t, i, j] - own - gamma[t, j]
                out[t, i, j] = v
                mean[i, j] += mu[t, i, j] * v
    if w.both_ways:
        mean = mean + mean.T
    mean *= w.by_pair
    for t in range(years):
        for i in range(n):
            for j in range(m):
                out[t, i, j] -= mean[i, j]


@compile_kernel
def moments(within: Floats, mu: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Curvature ``(k, k)`` and score ``(k,)`` of covariates less their effects, in one pass.

    Args:
        within: ``(k, years, n, m)``.
        mu: weights, ``(years, n, m)``.
        y: observed, ``(years, n, m)``.
    """
    k, years, n, m = within.shape
    curve, score = np.zeros((k, k)), np.zeros(k)
    weighted = np.empty(m)
    for t in range(years):
        for i in range(n):
            for c in range(k):
                total = 0.0
                for j in range(m):
                    v = within[c, t, i, j]
                    total += v * (y[t, i, j] - mu[t, i, j])
                    weighted[j] = v * mu[t, i, j]
                score[c] += total
                for e in range(c + 1):
                    total = 0.0
                    for j in range(m):
                        total += weighted[j] * within[e, t, i, j]
                    curve[c, e] += total
    for c in range(k):
        for e in range(c):
            curve[e, c] = curve[c, e]
    return curve, score


@compile_kernel
def update_expected(
    x: Floats, inside: Floats, beta: Floats, a: Floats, b: Floats, e: Floats, mu: Floats
) -> None:
    """``mu = a b e exp(x'beta)`` inside the sample, 0 outside."""
    k, years, n, m = x.shape
    eta = np.empty(m)
    for t in range(years):
        for i in range(n):
            eta[:] = 0.0
            for c in range(k):
                weight = beta[c]
                for j in range(m):
                    eta[j] += weight * x[c, t, i, j]
            own = a[t, i]
            for j in range(m):
                mu[t, i, j] = own * b[t, j] * e[i, j] * _exp(eta[j]) * inside[t, i, j]


@compile_kernel
def meet(mu: Floats, totals: Totals, a: Floats, b: Floats, e: Floats) -> None:
    """Scale mu and the effects until exporter-years, importer-years and pairs meet their sums.

    One round: pairs, importer-years, exporter-years; the last to be met holds exactly.
    """
    if totals.paired:
        _meet_pairs(mu, totals, e)
    years, n, m = mu.shape
    total = np.empty(m)
    for t in range(years):
        total[:] = 0.0
        for i in range(n):
            for j in range(m):
                total[j] += mu[t, i, j]
        for j in range(m):
            total[j] = totals.cols[t, j] / total[j] if total[j] > 0 else 1.0
            b[t, j] *= total[j]
        for i in range(n):
            own = 0.0
            for j in range(m):
                mu[t, i, j] *= total[j]
                own += mu[t, i, j]
            own = totals.rows[t, i] / own if own > 0 else 1.0
            a[t, i] *= own
            for j in range(m):
                mu[t, i, j] *= own


@compile_kernel
def _meet_pairs(mu: Floats, totals: Totals, e: Floats) -> None:
    years, n, m = mu.shape
    ratio = np.zeros((n, m))
    for i in range(n):
        for t in range(years):
            for j in range(m):
                ratio[i, j] += mu[t, i, j]
    if totals.both_ways:
        ratio = ratio + ratio.T
    for i in range(n):
        for j in range(m):
            ratio[i, j] = totals.pairs[i, j] / ratio[i, j] if ratio[i, j] > 0 else 1.0
            e[i, j] *= ratio[i, j]
    for t in range(years):
        for i in range(n):
            for j in range(m):
                mu[t, i, j] *= ratio[i, j]
