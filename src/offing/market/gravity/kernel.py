"""One product's gravity model by Poisson pseudo maximum likelihood, compiled.

``mu_ij = a_i b_j exp(x_ij' beta)`` with exporter effects ``a`` and importer effects ``b``. Only the
sums ``Y_i``, ``E_j`` and ``s = X'y`` of the flows enter until the covariance, so zeros cost nothing
but the pass over ``mu``. Joint Newton steps on (log a, log b, beta), the larger side of the effects
eliminated in closed form and the smaller through a Cholesky factor of its Schur complement; once
the step is small the factors are frozen (chord steps) and only the residuals are renewed.

The compiled functions hold no Python objects and release the interpreter lock, so that products run
in parallel threads. Matrices arrive with the smaller side in rows. Loops run along rows, in the
order in which numbers lie, so that the compiler can use vector lanes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offing.market.gravity.compiled import compile_kernel, compiled_as_written, written_into
from offing.market.gravity.forest import cannot_separate

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Codes = NDArray[np.uint8] | NDArray[np.int16]
Layers = tuple[Floats, Floats]

CONVERGED, SLOW, SINGULAR = 0, 1, 2
NEEDS_CARE = 3
"""What the fast path leaves to the careful one: separation or collinearity may be there."""
CHORD_BELOW = 0.02
"""Steps below it may use the factors of an earlier step."""
CHORD_SHRINKS = 0.2
"""Frozen factors serve as long as each step is this much smaller than the one before."""
FACTORS_FIT_BELOW = 1e-9
"""How far the estimates may have moved since the factors that the covariance is made of."""
EARLY_STEPS, EARLY_SWEEPS = 2, 2
"""Far from the estimate a few sweeps of projection do for a direction, without a factor."""
REFINED_BELOW, MOST_REFINEMENTS = 1e-9, 5
"""Projections are refined until they move by less, each time by a share of the time before."""

# exp(r) for |r| <= ln(2)/2 as a Taylor series; the remainder is below 2e-16.
_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_ROUNDS = 6755399441055744.0  # adding it leaves the nearest whole number in the low bits


@compiled_as_written
def _exp(v: float) -> float:
    """``exp(v)`` in plain arithmetic, which vector lanes can do, unlike a library call."""
    v = min(max(v, -700.0), 700.0)
    shifted = v * _LOG2E + _ROUNDS
    whole = shifted - _ROUNDS
    r = (v - whole * _LN2_HIGH) - whole * _LN2_LOW
    p = 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power = (np.float64(shifted).view(np.int64) + 1023) << 52
    return float(p * np.int64(power).view(np.float64))


@compile_kernel
def _resistance_free(
    x: Floats, inside: Floats, beta: Floats, a: Floats, d: Floats, total: Floats
) -> None:
    """``d = exp(x'beta)`` inside the sample, 0 outside, and its column sums weighted by ``a``."""
    k, n, m = x.shape
    total[:] = 0.0
    eta = np.empty(m)
    for i in range(n):
        weight = beta[0]
        for j in range(m):
            eta[j] = weight * x[0, i, j]
        for c in range(1, k):
            weight = beta[c]
            for j in range(m):
                eta[j] += weight * x[c, i, j]
        own = a[i]
        for j in range(m):
            v = _exp(eta[j]) * inside[i, j]
            d[i, j] = v
            total[j] += own * v


@compile_kernel
def _sweep(d: Floats, row_sum: Floats, col_sum: Floats, a: Floats, b: Floats) -> None:
    """One Sinkhorn sweep: columns, then rows, meet their observed sums."""
    n, m = d.shape
    total = np.zeros(m)
    for i in range(n):
        own = a[i]
        for j in range(m):
            total[j] += own * d[i, j]
    for j in range(m):
        b[j] = col_sum[j] / total[j]
    for i in range(n):
        t = 0.0
        for j in range(m):
            t += d[i, j] * b[j]
        a[i] = row_sum[i] / t


@compile_kernel
def _update_expected(
    d: Floats, x: Floats, row_sum: Floats, a: Floats, b: Floats, mu: Floats, cols: Floats
) -> Floats:
    """Rows meet their observed sums; then mu, its column sums, and ``X'mu``, in one pass."""
    k, n, m = x.shape
    xm = np.zeros(k)
    cols[:] = 0.0
    for i in range(n):
        t = 0.0
        for j in range(m):
            v = d[i, j] * b[j]
            mu[i, j] = v
            t += v
        own = row_sum[i] / t
        a[i] = own
        for j in range(m):
            v = mu[i, j] * own
            mu[i, j] = v
            cols[j] += v
        for c in range(k):
            t = 0.0
            for j in range(m):
                t += mu[i, j] * x[c, i, j]
            xm[c] += t
    return xm


@compile_kernel
def _second_moments(mu: Floats, x: Floats, xr: Floats, xc: Floats, g: Floats) -> None:
    """Weighted sums of covariates by row ``(k, n)`` and column ``(k, m)``, and cross products."""
    k, n, m = x.shape
    xc[:] = 0.0
    g[:] = 0.0
    weighted = np.empty(m)
    for i in range(n):
        for c in range(k):
            t = 0.0
            for j in range(m):
                v = mu[i, j] * x[c, i, j]
                weighted[j] = v
                xc[c, j] += v
                t += v
            xr[c, i] = t
            for e in range(c + 1):
                t = 0.0
                for j in range(m):
                    t += weighted[j] * x[e, i, j]
                g[c, e] += t
    for c in range(k):
        for e in range(c):
            g[e, c] = g[c, e]


@compile_kernel
def _cholesky_solve(factor: Floats, rhs: Floats) -> None:
    """Solve ``L L' z = rhs`` in place, for every row of ``rhs``."""
    k, n = rhs.shape
    for i in range(n):
        inverse = 1.0 / factor[i, i]
        for c in range(k):
            t = 0.0
            for p in range(i):
                t += factor[i, p] * rhs[c, p]
            rhs[c, i] = (rhs[c, i] - t) * inverse
    for i in range(n - 1, -1, -1):
        inverse = 1.0 / factor[i, i]
        for c in range(k):
            weight = rhs[c, i] * inverse
            rhs[c, i] = weight
            for p in range(i):
                rhs[c, p] -= weight * factor[i, p]


@compile_kernel
def _schur_factor(mu: Floats, rows: Floats, cols: Floats) -> Floats:
    """Cholesky factor of ``diag(R) - M C^-1 M'`` without its last row, which the others imply."""
    n, m = mu.shape
    half = np.empty((n - 1, m))
    root = 1.0 / np.sqrt(cols)
    for i in range(n - 1):
        for j in range(m):
            half[i, j] = mu[i, j] * root[j]
    s = np.zeros((n - 1, n - 1))
    # Only what lies on and below the diagonal, in a few blocks of rows.
    block = max(16, (n + 3) // 4)
    for low in range(0, n - 1, block):
        high = min(low + block, n - 1)
        s[low:high, :high] = -np.dot(half[low:high], half[:high].T)
    for i in range(n - 1):
        s[i, i] += rows[i]
    return np.linalg.cholesky(s)


@compile_kernel
def _projections(
    mu: Floats, factor: Floats, cols: Floats, xr: Floats, xc: Floats, a_x: Floats, g_x: Floats
) -> None:
    """Regress the covariates on the effects, weighted by mu: ``a_x`` (k, n), ``g_x`` (k, m)."""
    n = mu.shape[0]
    rhs = np.ascontiguousarray((xr - np.dot(xc / cols, mu.T))[:, : n - 1])
    _cholesky_solve(factor, rhs)
    a_x[:, : n - 1] = rhs
    a_x[:, n - 1] = 0.0
    g_x[:] = (xc - np.dot(a_x, mu)) / cols


@compile_kernel
def _likelihood(
    a: Floats, b: Floats, beta: Floats, row_sum: Floats, col_sum: Floats, s: Floats
) -> float:
    """The Poisson log likelihood up to a constant, after a sweep: then the totals are equal."""
    t = 0.0
    for i in range(len(a)):
        t += row_sum[i] * np.log(a[i])
    for j in range(len(b)):
        t += col_sum[j] * np.log(b[j])
    for c in range(len(beta)):
        t += s[c] * beta[c]
    return t


@compile_kernel
def _normal(
    mu: Floats, x: Floats, rows: Floats, cols: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """The system at weights mu: Schur factor, projections of the covariates, their curvature."""
    k, n, m = x.shape
    xr, xc, g = np.empty((k, n)), np.empty((k, m)), np.empty((k, k))
    a_x, g_x = np.zeros((k, n)), np.zeros((k, m))
    _second_moments(mu, x, xr, xc, g)
    factor = _schur_factor(mu, rows, cols)
    _projections(mu, factor, cols, xr, xc, a_x, g_x)
    return factor, a_x, g_x, g - np.dot(xr, a_x.T) - np.dot(xc, g_x.T)


@compile_kernel
def _swept_projections(
    mu: Floats, x: Floats, rows: Floats, cols: Floats
) -> tuple[Floats, Floats, Floats]:
    """Projections after a few sweeps over rows and columns, and the curvature that they leave.

    It is the weighted sum of squares of what they leave, so never below the least one: a step may
    come out too short, not too long.
    """
    k, n, m = x.shape
    xr, xc, g = np.empty((k, n)), np.empty((k, m)), np.empty((k, k))
    _second_moments(mu, x, xr, xc, g)
    a_x, g_x, residual = np.empty((k, n)), xc / cols, xc.copy()
    for sweep in range(EARLY_SWEEPS):
        if sweep > 0:
            g_x[:] = residual / cols
        residual[:] = xc
        for i in range(n):
            for c in range(k):
                t = 0.0
                for j in range(m):
                    t += mu[i, j] * g_x[c, j]
                t = (xr[c, i] - t) / rows[i]
                a_x[c, i] = t
                for j in range(m):
                    residual[c, j] -= mu[i, j] * t
    residual -= g_x * cols
    return a_x, g_x, g - np.dot(a_x, xr.T) - np.dot(g_x, xc.T) - np.dot(residual, g_x.T)


@compile_kernel
def _refine_projections(
    mu: Floats, x: Floats, factor: Floats, rows: Floats, cols: Floats, a_x: Floats, g_x: Floats
) -> tuple[bool, Floats]:
    """Renew projections at weights mu by the factor of nearby weights; whether they settled."""
    k, n, m = x.shape
    xr, xc, g = np.empty((k, n)), np.empty((k, m)), np.empty((k, k))
    _second_moments(mu, x, xr, xc, g)
    settled = False
    for _ in range(MOST_REFINEMENTS):
        g_x[:] = (xc - np.dot(a_x, mu)) / cols
        move = np.ascontiguousarray((xr - np.dot(g_x, mu.T) - a_x * rows)[:, : n - 1])
        _cholesky_solve(factor, move)
        a_x[:, : n - 1] += move
        settled = np.max(np.abs(move)) < REFINED_BELOW
        if settled:
            break
    g_x[:] = (xc - np.dot(a_x, mu)) / cols
    return settled, g - np.dot(xr, a_x.T) - np.dot(xc, g_x.T)


@compile_kernel
def curvature(x: Floats, weights: Floats) -> Floats:
    """Cross products of the covariates after weighted row and column effects, ``(k, k)``."""
    return np.asarray(_normal(weights, x, weights.sum(axis=1), weights.sum(axis=0))[3])


class Sample(NamedTuple):
    """One product's sample.

    Attributes:
        x: covariates, ``(k, n, m)`` with n ≤ m.
        inside: 1 for pairs in the sample, 0 for others, ``(n, m)``.
        row_sum: observed sums by row, all above 0, ``(n,)``.
        col_sum: by column, ``(m,)``.
        s: ``X'y``, ``(k,)``.
    """

    x: Floats
    inside: Floats
    row_sum: Floats
    col_sum: Floats
    s: Floats


class KernelSolution(NamedTuple):
    """A fit: state and steps; beta, the effects a and b and mu ``(n, m)``; the bread's inverse h
    ``(k, k)``, and the covariates' projections on row ``(k, n)`` and column effects ``(k, m)``.
    """

    state: int
    steps: int
    beta: Floats
    a: Floats
    b: Floats
    mu: Floats
    h: Floats
    a_x: Floats
    g_x: Floats


@compile_kernel
def fit(sample: Sample, start: Floats, tolerance: float, most: int) -> KernelSolution:
    """Fit one product.

    ``start`` is a first guess of beta, ``(k,)``; ``tolerance`` is on its largest change.
    """
    x, inside, row_sum, col_sum, s = sample
    k, n, m = x.shape
    beta = start.copy()
    d, mu = np.empty((n, m)), np.empty((n, m))
    a, b = np.ones(n), np.ones(m)
    cols, total = np.empty(m), np.empty(m)
    a_x, g_x, h, factor = np.zeros((k, n)), np.zeros((k, m)), np.eye(k), np.empty((0, 0))
    rhs, row_move = np.empty((1, n - 1)), np.zeros(n)
    _resistance_free(x, inside, beta, a, d, total)
    for _ in range(3):
        _sweep(d, row_sum, col_sum, a, b)
    xm = _update_expected(d, x, row_sum, a, b, mu, cols)
    state, step, before, moved = SLOW, 1e300, 1e300, 1e300
    iterations = 0
    old_a, old_beta = a.copy(), beta.copy()
    reached = fit_now = _likelihood(a, b, beta, row_sum, col_sum, s)
    while iterations < most:
        iterations += 1
        early = iterations <= EARLY_STEPS
        off = col_sum - cols
        if early:
            a_x, g_x, h = _swept_projections(mu, x, row_sum, cols)
        else:
            # A frozen factor serves while its steps are small and shrink fast.
            if len(factor) == 0 or step > CHORD_BELOW or step > CHORD_SHRINKS * before:
                factor, a_x, g_x, h = _normal(mu, x, row_sum, cols)
                moved = 0.0
            # Rows meet their sums already, so that only the columns are off.
            rhs[0] = -np.dot(mu[: n - 1], off / cols)
            _cholesky_solve(factor, rhs)
            row_move[: n - 1] = rhs[0]
        change = np.linalg.solve(h, s - xm - np.dot(g_x, off))
        if not np.all(np.isfinite(change)):
            return KernelSolution(SINGULAR, iterations, beta, a, b, mu, h, a_x, g_x)
        before, step = step, np.max(np.abs(change))
        moved += step
        along_rows = row_move - np.dot(change, a_x)
        old_a[:], old_beta[:] = a, beta
        share = 1.0 if step <= 2.0 else 2.0 / step
        for _ in range(12):
            beta[:] = old_beta + share * change
            a[:] = old_a * np.exp(np.minimum(np.maximum(share * along_rows, -3.0), 3.0))
            _resistance_free(x, inside, beta, a, d, total)
            b[:] = col_sum / total
            if early:
                for _ in range(EARLY_SWEEPS):
                    _sweep(d, row_sum, col_sum, a, b)
            xm = _update_expected(d, x, row_sum, a, b, mu, cols)
            reached = _likelihood(a, b, beta, row_sum, col_sum, s)
            if reached >= fit_now - 1e-9 * abs(fit_now):
                break
            share *= 0.5
        fit_now = reached
        # What the next step would be, from how fast the steps shrink.
        if step < tolerance or (step < 1e-3 and step * step < 0.1 * tolerance * before):
            state = CONVERGED
            break
    if moved > FACTORS_FIT_BELOW:
        settled = False
        if len(factor):
            settled, h = _refine_projections(mu, x, factor, row_sum, cols, a_x, g_x)
        if not settled:
            factor, a_x, g_x, h = _normal(mu, x, row_sum, cols)
    return KernelSolution(state, iterations, beta, a, b, mu, h, a_x, g_x)


@compile_kernel
def meats(
    x: Floats, inside: Floats, residual: Floats, a_x: Floats, g_x: Floats
) -> tuple[Floats, Floats, Floats]:
    """The middle of the sandwich: heteroskedastic, by row cluster and by column cluster.

    Args:
        x: covariates ``(k, n, m)``.
        inside: 1 for pairs in the sample, 0 for others.
        residual: ``y - mu``, ``(n, m)``.
        a_x: projections on the row effects, ``(k, n)``.
        g_x: projections on the column effects, ``(k, m)``.

    Returns:
        Three ``(k, k)`` matrices.
    """
    k, n, m = x.shape
    single = np.zeros((k, k))
    by_row = np.zeros((k, n))
    by_col = np.zeros((k, m))
    scores = np.empty((k, m))
    for i in range(n):
        for c in range(k):
            t = 0.0
            own = a_x[c, i]
            for j in range(m):
                v = residual[i, j] * inside[i, j] * (x[c, i, j] - own - g_x[c, j])
                scores[c, j] = v
                by_col[c, j] += v
                t += v
            by_row[c, i] = t
            for e in range(c + 1):
                t = 0.0
                for j in range(m):
                    t += scores[c, j] * scores[e, j]
                single[c, e] += t
    for c in range(k):
        for e in range(c):
            single[e, c] = single[c, e]
    return single, np.dot(by_row, by_row.T), np.dot(by_col, by_col.T)


@compile_kernel
def gather(everything: Floats, rows: Places, cols: Places) -> Floats:
    """One product's rows and columns of every layer, ``(layers, n, m)``."""
    layers = everything.shape[0]
    out = np.empty((layers, len(rows), len(cols)))
    for c in range(layers):
        for i in range(len(rows)):
            row = rows[i]
            for j in range(len(cols)):
                out[c, i, j] = everything[c, row, cols[j]]
    return out


class Trade(NamedTuple):
    """Positive flows of all products one after the other; ``offsets`` has each product's first."""

    offsets: Places
    exporters: Codes
    importers: Codes
    values: Floats


class Fits(NamedTuple):
    """What :func:`fit_range` writes, a row for each product.

    ``covariances`` is ``(products, 4, k, k)``: the raw sandwiches, heteroskedastic, by exporter, by
    importer and by both, without small-sample factors. ``effects`` is ``(products, 2, countries)``.
    """

    state: Places
    steps: Places
    pairs: Places
    sides: Places
    beta: Floats
    covariances: Floats
    effects: Floats


@compile_kernel
def fit_range(
    products: tuple[int, int],
    trade: Trade,
    layers: Layers,
    start: Floats,
    tolerance: float,
    most: int,
    out: Fits,
) -> None:
    """Fit some products; see :func:`offing.market.gravity.batch.fit_products`.

    ``layers`` are the covariates ``(k + 1, countries, countries)``, and the same turned; the last
    is 1 for pairs that may be in a sample and 0 for others.
    """
    for p in range(products[0], products[1]):
        _fit_one(p, trade, layers, start, tolerance, most, out)


@written_into
def _fit_one(
    p: int, trade: Trade, layers: Layers, start: Floats, tolerance: float, most: int, out: Fits
) -> None:
    lo, hi = trade.offsets[p], trade.offsets[p + 1]
    exporter, importer = trade.exporters[lo:hi], trade.importers[lo:hi]
    value = trade.values[lo:hi]
    countries = layers[0].shape[1]
    k = layers[0].shape[0] - 1
    out_sum, in_sum = _sums_by(exporter, value, countries), _sums_by(importer, value, countries)
    from_, to = np.nonzero(out_sum)[0], np.nonzero(in_sum)[0]
    out.sides[p, 0], out.sides[p, 1] = len(from_), len(to)
    out.state[p] = NEEDS_CARE
    if len(from_) < 2 or len(to) < 2:
        return
    own = 1 if len(from_) > len(to) else 0
    rows, cols, row_of, col_of = from_, to, exporter, importer
    row_sum, col_sum = out_sum, in_sum
    if own:  # the smaller side lies in rows
        rows, cols, row_of, col_of = to, from_, importer, exporter
        row_sum, col_sum = in_sum, out_sum
    chosen = gather(layers[own], rows, cols)
    x, inside = chosen[:k], chosen[k]
    i_of, j_of = np.searchsorted(rows, row_of), np.searchsorted(cols, col_of)
    if not cannot_separate(x, inside, i_of, j_of):
        return
    s = np.zeros(k)
    for f in range(len(value)):
        for c in range(k):
            s[c] += value[f] * x[c, i_of[f], j_of[f]]
    done = fit(Sample(x, inside, row_sum[rows], col_sum[cols], s), start, tolerance, most)
    if done.state != CONVERGED:
        return
    residual = -done.mu
    for f in range(len(value)):
        residual[i_of[f], j_of[f]] += value[f]
    single, by_row, by_col = meats(x, inside, residual, done.a_x, done.g_x)
    bread = np.linalg.inv(done.h)
    out.covariances[p, 0] = np.dot(np.dot(bread, single), bread)
    out.covariances[p, 1 + own] = np.dot(np.dot(bread, by_row), bread)
    out.covariances[p, 2 - own] = np.dot(np.dot(bread, by_col), bread)
    out.covariances[p, 3] = out.covariances[p, 1] + out.covariances[p, 2] - out.covariances[p, 0]
    out.state[p], out.steps[p], out.beta[p] = CONVERGED, done.steps, done.beta
    out.pairs[p] = int(np.sum(inside))
    for i in range(len(rows)):
        out.effects[p, own, rows[i]] = done.a[i]
    for j in range(len(cols)):
        out.effects[p, 1 - own, cols[j]] = done.b[j]


@compile_kernel
def _sums_by(codes: Codes, values: Floats, count: int) -> Floats:
    sums = np.zeros(count)
    for f in range(len(codes)):
        sums[codes[f]] += values[f]
    return sums
