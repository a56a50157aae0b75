"""One product's gravity model by Poisson pseudo maximum likelihood, compiled.

``mu_ij = a_i b_j exp(x_ij' beta)`` with exporter effects ``a`` and importer effects ``b``. Only the
sums ``Y_i``, ``E_j`` and ``s = X'y`` of the flows enter until the covariance, so zeros cost nothing
but the pass over ``mu``. Joint Newton steps on (log a, log b, beta), the larger side of the effects
eliminated in closed form and the smaller through a Cholesky factor of its Schur complement; once
the step is small the factors are frozen (chord steps) and only the residuals are renewed.

The compiled functions hold no Python objects and release the interpreter lock, so that products run
in parallel threads. Matrices arrive with the smaller side in rows.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONVERGED, SLOW, SINGULAR = 0, 1, 2
CHORD_BELOW = 0.05


@njit(cache=True, nogil=True, error_model="numpy")
def _exponentials(x: Floats, inside: NDArray[np.bool_], beta: Floats, out: Floats) -> None:
    """``out = exp(x'beta)`` inside the sample, 0 outside."""
    k, n, m = x.shape
    for i in range(n):
        for j in range(m):
            out[i, j] = beta[0] * x[0, i, j]
        for c in range(1, k):
            weight = beta[c]
            for j in range(m):
                out[i, j] += weight * x[c, i, j]
        for j in range(m):
            out[i, j] = np.exp(out[i, j]) if inside[i, j] else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _scale(d: Floats, a: Floats, b: Floats, mu: Floats) -> None:
    n, m = d.shape
    for i in range(n):
        for j in range(m):
            mu[i, j] = a[i] * d[i, j] * b[j]


@njit(cache=True, nogil=True, error_model="numpy")
def _sweep(d: Floats, row_sum: Floats, col_sum: Floats, a: Floats, b: Floats) -> None:
    """One Sinkhorn sweep: columns, then rows, meet their observed sums."""
    n, m = d.shape
    total = np.zeros(m)
    for i in range(n):
        for j in range(m):
            total[j] += a[i] * d[i, j]
    for j in range(m):
        b[j] = col_sum[j] / total[j]
    for i in range(n):
        t = 0.0
        for j in range(m):
            t += d[i, j] * b[j]
        a[i] = row_sum[i] / t


@njit(cache=True, nogil=True, error_model="numpy")
def _first_moments(mu: Floats, x: Floats, rows: Floats, cols: Floats) -> Floats:
    """Row sums, column sums and ``X'mu`` in one pass."""
    k, n, m = x.shape
    xm = np.zeros(k)
    cols[:] = 0.0
    for i in range(n):
        t = 0.0
        for j in range(m):
            t += mu[i, j]
            cols[j] += mu[i, j]
        rows[i] = t
        for c in range(k):
            t = 0.0
            for j in range(m):
                t += mu[i, j] * x[c, i, j]
            xm[c] += t
    return xm


@njit(cache=True, nogil=True, error_model="numpy")
def _second_moments(mu: Floats, x: Floats, xr: Floats, xc: Floats, g: Floats) -> None:
    """Weighted sums of covariates by row and column, and their weighted cross products."""
    k, n, m = x.shape
    xr[:] = 0.0
    xc[:] = 0.0
    g[:] = 0.0
    weighted = np.empty(m)
    for i in range(n):
        for c in range(k):
            t = 0.0
            for j in range(m):
                v = mu[i, j] * x[c, i, j]
                weighted[j] = v
                xc[j, c] += v
                t += v
            xr[i, c] = t
            for e in range(c + 1):
                t = 0.0
                for j in range(m):
                    t += weighted[j] * x[e, i, j]
                g[c, e] += t
    for c in range(k):
        for e in range(c):
            g[e, c] = g[c, e]


@njit(cache=True, nogil=True, error_model="numpy")
def _cholesky_solve(factor: Floats, rhs: Floats) -> None:
    """Solve ``L L' z = rhs`` in place, for every column of ``rhs``."""
    n, k = rhs.shape
    for i in range(n):
        for p in range(i):
            weight = factor[i, p]
            for c in range(k):
                rhs[i, c] -= weight * rhs[p, c]
        for c in range(k):
            rhs[i, c] /= factor[i, i]
    for i in range(n - 1, -1, -1):
        for c in range(k):
            rhs[i, c] /= factor[i, i]
        for p in range(i):
            weight = factor[i, p]
            for c in range(k):
                rhs[p, c] -= weight * rhs[i, c]


@njit(cache=True, nogil=True, error_model="numpy")
def _schur_factor(mu: Floats, rows: Floats, cols: Floats) -> Floats:
    """Cholesky factor of ``diag(R) - M C^-1 M'`` without its last row, which the others imply."""
    n, m = mu.shape
    half = np.empty((n, m))
    for j in range(m):
        root = 1.0 / np.sqrt(cols[j])
        for i in range(n):
            half[i, j] = mu[i, j] * root
    s = -np.dot(half[: n - 1], half[: n - 1].T)
    for i in range(n - 1):
        s[i, i] += rows[i]
    return np.linalg.cholesky(s)


@njit(cache=True, nogil=True, error_model="numpy")
def _projections(
    mu: Floats, factor: Floats, cols: Floats, xr: Floats, xc: Floats, a_x: Floats, g_x: Floats
) -> None:
    """Regress each covariate on the effects, weighted by mu: row part ``a_x``, column ``g_x``."""
    n, m = mu.shape
    k = xr.shape[1]
    scaled = np.empty((m, k))
    for j in range(m):
        for c in range(k):
            scaled[j, c] = xc[j, c] / cols[j]
    rhs = xr[: n - 1] - np.dot(mu[: n - 1], scaled)
    _cholesky_solve(factor, rhs)
    a_x[: n - 1] = rhs
    a_x[n - 1] = 0.0
    back = np.dot(mu.T, a_x)
    for j in range(m):
        for c in range(k):
            g_x[j, c] = (xc[j, c] - back[j, c]) / cols[j]


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def curvature(x: Floats, weights: Floats) -> Floats:
    """Cross products of the covariates after weighted row and column effects, ``(k, k)``."""
    k, n, m = x.shape
    rows, cols = np.empty(n), np.empty(m)
    _first_moments(weights, x, rows, cols)
    xr, xc, g = np.empty((n, k)), np.empty((m, k)), np.empty((k, k))
    _second_moments(weights, x, xr, xc, g)
    a_x, g_x = np.zeros((n, k)), np.zeros((m, k))
    _projections(weights, _schur_factor(weights, rows, cols), cols, xr, xc, a_x, g_x)
    inner: Floats = g - np.dot(xr.T, a_x) - np.dot(xc.T, g_x)
    return inner


@njit(cache=True, nogil=True, error_model="numpy")
def fit(
    x: Floats,
    inside: NDArray[np.bool_],
    row_sum: Floats,
    col_sum: Floats,
    s: Floats,
    start: Floats,
    tolerance: float,
    most: int,
) -> tuple[int, int, Floats, Floats, Floats, Floats, Floats, Floats, Floats]:
    """Fit one product.

    Args:
        x: covariates, ``(k, n, m)`` with n ≤ m.
        inside: pairs in the sample, ``(n, m)``.
        row_sum: observed sums by row, all above 0, ``(n,)``.
        col_sum: by column, ``(m,)``.
        s: ``X'y``, ``(k,)``.
        start: first guess of beta, ``(k,)``.
        tolerance: on the largest change of beta and of the linear predictor's fit.
        most: steps allowed.

    Returns:
        state, steps, beta, a, b, mu ``(n, m)``, the bread's inverse H ``(k, k)``, and the
        covariates' projections on the row effects ``(n, k)`` and column effects ``(m, k)``.
    """
    k, n, m = x.shape
    beta = start.copy()
    d = np.empty((n, m))
    mu = np.empty((n, m))
    a, b = np.ones(n), np.ones(m)
    rows, cols = np.empty(n), np.empty(m)
    xr, xc, g = np.empty((n, k)), np.empty((m, k)), np.empty((k, k))
    a_x, g_x = np.zeros((n, k)), np.zeros((m, k))
    h = np.eye(k)
    factor = np.empty((0, 0))
    _exponentials(x, inside, beta, d)
    for _ in range(3):
        _sweep(d, row_sum, col_sum, a, b)
    state, step_size, before = SLOW, 1e300, 1e300
    taken = 0
    rhs = np.empty((n - 1, 1))
    ratio = np.empty((m, 1))
    full = np.zeros((n, 1))
    old_a, old_b, old_beta = a.copy(), b.copy(), beta.copy()
    fit_now = _likelihood(a, b, beta, row_sum, col_sum, s)
    while taken < most:
        taken += 1
        _scale(d, a, b, mu)
        xm = _first_moments(mu, x, rows, cols)
        # A frozen factor serves while its steps are small and shrink fast.
        if step_size > CHORD_BELOW or step_size > 0.3 * before:
            _second_moments(mu, x, xr, xc, g)
            factor = _schur_factor(mu, rows, cols)
            _projections(mu, factor, cols, xr, xc, a_x, g_x)
            h = g - np.dot(xr.T, a_x) - np.dot(xc.T, g_x)
        ry, re = row_sum - rows, col_sum - cols
        for j in range(m):
            ratio[j, 0] = re[j] / cols[j]
        rhs[:] = ry[: n - 1].reshape((n - 1, 1)) - np.dot(mu[: n - 1], ratio)
        _cholesky_solve(factor, rhs)
        full[: n - 1] = rhs
        score = s - xm - np.dot(a_x.T, ry) - np.dot(g_x.T, re)
        change = np.linalg.solve(h, score)
        if not np.all(np.isfinite(change)):
            state = SINGULAR
            break
        before = step_size
        step_size = np.max(np.abs(change))
        row_move = full[:, 0] - np.dot(a_x, change)
        col_move = (re - np.dot(mu.T, full)[:, 0]) / cols - np.dot(g_x, change)
        old_a[:], old_b[:], old_beta[:] = a, b, beta
        share = 1.0 if step_size <= 2.0 else 2.0 / step_size
        for _ in range(12):
            beta[:] = old_beta + share * change
            for i in range(n):
                a[i] = old_a[i] * np.exp(min(max(share * row_move[i], -3.0), 3.0))
            for j in range(m):
                b[j] = old_b[j] * np.exp(min(max(share * col_move[j], -3.0), 3.0))
            _exponentials(x, inside, beta, d)
            _sweep(d, row_sum, col_sum, a, b)
            reached = _likelihood(a, b, beta, row_sum, col_sum, s)
            if reached >= fit_now - 1e-9 * abs(fit_now):
                break
            share *= 0.5
        fit_now = reached
        if step_size < tolerance:
            state = CONVERGED
            break
    if state != SINGULAR:
        _scale(d, a, b, mu)
        _first_moments(mu, x, rows, cols)
        _second_moments(mu, x, xr, xc, g)
        factor = _schur_factor(mu, rows, cols)
        _projections(mu, factor, cols, xr, xc, a_x, g_x)
        h = g - np.dot(xr.T, a_x) - np.dot(xc.T, g_x)
    return state, taken, beta, a, b, mu, h, a_x, g_x


@njit(cache=True, nogil=True, error_model="numpy")
def meats(
    x: Floats,
    inside: NDArray[np.bool_],
    residual: Floats,
    a_x: Floats,
    g_x: Floats,
) -> tuple[Floats, Floats, Floats]:
    """The middle of the sandwich: heteroskedastic, by row cluster and by column cluster.

    Args:
        x: covariates ``(k, n, m)``.
        inside: pairs in the sample.
        residual: ``y - mu``, ``(n, m)``.
        a_x: projections on the row effects.
        g_x: projections on the column effects.

    Returns:
        Three ``(k, k)`` matrices.
    """
    k, n, m = x.shape
    single = np.zeros((k, k))
    by_row = np.zeros((n, k))
    by_col = np.zeros((m, k))
    scores = np.empty((k, m))
    for i in range(n):
        for c in range(k):
            t = 0.0
            for j in range(m):
                v = residual[i, j] * (x[c, i, j] - a_x[i, c] - g_x[j, c]) if inside[i, j] else 0.0
                scores[c, j] = v
                by_col[j, c] += v
                t += v
            by_row[i, c] = t
            for e in range(c + 1):
                t = 0.0
                for j in range(m):
                    t += scores[c, j] * scores[e, j]
                single[c, e] += t
    for c in range(k):
        for e in range(c):
            single[e, c] = single[c, e]
    return single, np.dot(by_row.T, by_row), np.dot(by_col.T, by_col)


@njit(cache=True, nogil=True, error_model="numpy")
def _strongly_connected(
    inside: NDArray[np.bool_],
    row_part: NDArray[np.int64],
    col_part: NDArray[np.int64],
    parts: int,
) -> bool:
    """Whether every part of the positive flows reaches every other through pairs of the sample."""
    n, m = inside.shape
    reach = np.zeros((parts, parts), np.bool_)
    for i in range(n):
        for j in range(m):
            if inside[i, j]:
                reach[row_part[i], col_part[j]] = True
    for via in range(parts):
        for a in range(parts):
            if reach[a, via]:
                for b in range(parts):
                    if reach[via, b]:
                        reach[a, b] = True
    return bool(np.all(reach))


@njit(cache=True, nogil=True, error_model="numpy")
def cannot_separate(
    x: Floats, inside: NDArray[np.bool_], i_of: NDArray[np.int64], j_of: NDArray[np.int64]
) -> bool:
    """Whether the positive flows rule separation out. ``False`` leaves the question open.

    Separation needs a combination of covariates and effects that is zero on every positive flow,
    nowhere negative and not zero somewhere (Correia, Guimarães and Zylkin 2021). Along a spanning
    forest of the positive flows the effects follow from the covariates; each further flow closes a
    cycle that the combination must respect. Where the cycles span all covariates, none of them has
    a part in it. What is left is one constant for each tree, and pairs of the sample that lead from
    every tree to every other, and back, make the constants equal.
    """
    k, n, m = x.shape
    flows = len(i_of)
    row_part, col_part = np.full(n, -1), np.full(m, -1)
    row_at, col_at = np.zeros((n, k)), np.zeros((m, k))
    in_forest = np.zeros(flows, np.bool_)
    parts = 0
    for seed in range(n):
        if row_part[seed] >= 0:
            continue
        row_part[seed] = parts
        moved = True
        while moved:
            moved = False
            for f in range(flows):
                i, j = i_of[f], j_of[f]
                if row_part[i] == parts and col_part[j] < 0:
                    for c in range(k):
                        col_at[j, c] = x[c, i, j] - row_at[i, c]
                    col_part[j] = parts
                elif col_part[j] == parts and row_part[i] < 0:
                    for c in range(k):
                        row_at[i, c] = x[c, i, j] - col_at[j, c]
                    row_part[i] = parts
                else:
                    continue
                in_forest[f] = True
                moved = True
        parts += 1
    gram = np.zeros((k, k))
    cycle = np.empty(k)
    for f in range(flows):
        if in_forest[f]:
            continue
        i, j = i_of[f], j_of[f]
        for c in range(k):
            cycle[c] = x[c, i, j] - row_at[i, c] - col_at[j, c]
        for c in range(k):
            for e in range(k):
                gram[c, e] += cycle[c] * cycle[e]
    for c in range(k):
        if not gram[c, c] > 1e-12:
            return False
    scaled = np.empty((k, k))
    for c in range(k):
        for e in range(k):
            scaled[c, e] = gram[c, e] / np.sqrt(gram[c, c] * gram[e, e])
    if not np.linalg.eigvalsh(scaled)[0] > 1e-10:
        return False
    return parts == 1 or _strongly_connected(inside, row_part, col_part, parts)


@njit(cache=True, nogil=True, error_model="numpy")
def gather(
    everything: Floats,
    valid: NDArray[np.bool_],
    rows: NDArray[np.int64],
    cols: NDArray[np.int64],
) -> tuple[Floats, NDArray[np.bool_]]:
    """The covariates and the sample of one product's exporters and importers."""
    k = everything.shape[0]
    n, m = len(rows), len(cols)
    x = np.empty((k, n, m))
    inside = np.empty((n, m), np.bool_)
    for i in range(n):
        for j in range(m):
            inside[i, j] = valid[rows[i], cols[j]]
        for c in range(k):
            for j in range(m):
                x[c, i, j] = everything[c, rows[i], cols[j]]
    return x, inside


NEEDS_CARE = 3
"""What the fast path leaves to the careful one: separation or collinearity may be there."""


@njit(cache=True, nogil=True, error_model="numpy")
def fit_range(
    first: int,
    last: int,
    offsets: NDArray[np.int64],
    exporters: NDArray[np.int64],
    importers: NDArray[np.int64],
    values: Floats,
    everything: Floats,
    everything_turned: Floats,
    valid: NDArray[np.bool_],
    start: Floats,
    tolerance: float,
    most: int,
    state: NDArray[np.int64],
    steps: NDArray[np.int64],
    pairs: NDArray[np.int64],
    sides: NDArray[np.int64],
    beta: Floats,
    covariances: Floats,
    effects: Floats,
) -> None:
    """Fit products ``first`` to ``last``; see :func:`offing.market.gravity.batch.fit_products`.

    ``covariances`` is ``(products, 4, k, k)``: the raw sandwiches, heteroskedastic, by exporter, by
    importer and by both, without small-sample factors. ``effects`` is ``(products, 2, countries)``.
    """
    countries = everything.shape[1]
    k = everything.shape[0]
    for p in range(first, last):
        lo, hi = offsets[p], offsets[p + 1]
        out_sum, in_sum = np.zeros(countries), np.zeros(countries)
        for f in range(lo, hi):
            out_sum[exporters[f]] += values[f]
            in_sum[importers[f]] += values[f]
        from_ = np.nonzero(out_sum)[0]
        to = np.nonzero(in_sum)[0]
        sides[p, 0], sides[p, 1] = len(from_), len(to)
        if len(from_) < 2 or len(to) < 2:
            state[p] = NEEDS_CARE
            continue
        turned = len(from_) > len(to)
        rows, cols = (to, from_) if turned else (from_, to)
        x, inside = gather(
            everything_turned if turned else everything,
            valid.T.copy() if turned else valid,
            rows,
            cols,
        )
        n, m = len(rows), len(cols)
        place_row, place_col = np.zeros(countries, np.int64), np.zeros(countries, np.int64)
        for i in range(n):
            place_row[rows[i]] = i
        for j in range(m):
            place_col[cols[j]] = j
        i_of, j_of = np.empty(hi - lo, np.int64), np.empty(hi - lo, np.int64)
        s = np.zeros(k)
        for f in range(lo, hi):
            i = place_row[importers[f] if turned else exporters[f]]
            j = place_col[exporters[f] if turned else importers[f]]
            i_of[f - lo], j_of[f - lo] = i, j
            for c in range(k):
                s[c] += values[f] * x[c, i, j]
        if not cannot_separate(x, inside, i_of, j_of):
            state[p] = NEEDS_CARE
            continue
        row_sum = (in_sum if turned else out_sum)[rows]
        col_sum = (out_sum if turned else in_sum)[cols]
        result, taken, b, a_eff, b_eff, mu, h, a_x, g_x = fit(
            x, inside, row_sum, col_sum, s, start, tolerance, most
        )
        if result != CONVERGED:
            state[p] = NEEDS_CARE
            continue
        for i in range(n):
            for j in range(m):
                mu[i, j] = -mu[i, j]
        for f in range(hi - lo):
            mu[i_of[f], j_of[f]] += values[lo + f]
        single, by_row, by_col = meats(x, inside, mu, a_x, g_x)
        bread = np.linalg.inv(h)
        covariances[p, 0] = np.dot(np.dot(bread, single), bread)
        covariances[p, 1] = np.dot(np.dot(bread, by_col if turned else by_row), bread)
        covariances[p, 2] = np.dot(np.dot(bread, by_row if turned else by_col), bread)
        covariances[p, 3] = covariances[p, 1] + covariances[p, 2] - covariances[p, 0]
        state[p], steps[p], beta[p] = CONVERGED, taken, b
        pairs[p] = np.sum(inside)
        for i in range(n):
            effects[p, 1 if turned else 0, rows[i]] = a_eff[i]
        for j in range(m):
            effects[p, 0 if turned else 1, cols[j]] = b_eff[j]
