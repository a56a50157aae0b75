"""The steps behind a panel estimate: taking effects out, Newton's method, separated rows."""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offing.estimators.least_squares import independent as choose
from offing.market.gravity.estimates import Floats

PairEffects = Literal["directed", "symmetric", "none"]

SETTLED = 1e-5
"""How little the index of a flow moves in a step once only separated rows still do."""
LOOK_FROM = 6
"""The first step in which separated rows are looked for."""


def by_pair(cells: Floats, pairs: PairEffects) -> Floats:
    """Sums over the years, and over both directions of a symmetric pair, ``(n, m)``."""
    total = cells.sum(axis=0)
    return np.asarray(total + total.T if pairs == "symmetric" else total)


def drop_empty(y: Floats, inside: Floats, pairs: PairEffects) -> Floats:
    """Leave out cells of exporter-years, importer-years and pairs that trade nothing at all."""
    left = inside * (y.sum(axis=2, keepdims=True) > 0) * (y.sum(axis=1, keepdims=True) > 0)
    return left if pairs == "none" else np.asarray(left * (by_pair(y, pairs) > 0))


class Projector:
    """Takes the effects out of arrays, at given weights; remembers its last answers."""

    def __init__(
        self, columns: int, shape: tuple[int, ...], pairs: PairEffects, pool: ThreadPoolExecutor
    ) -> None:
        years, n, m = shape
        self.pool = pool
        self.factor = np.empty((years, n, n))
        self.alpha, self.gamma = np.zeros((columns, years, n)), np.zeros((columns, years, m))
        self.pairs = pairs

    def weigh(self, mu: Floats) -> None:
        """Take new weights."""
        from offing.market.gravity import panel_kernel

        self.mu, self.rows, self.cols = mu, mu.sum(axis=2), mu.sum(axis=1)
        total = by_pair(mu, self.pairs)
        self.by_pair = np.zeros_like(total)
        if self.pairs != "none":
            np.divide(1.0, total, out=self.by_pair, where=total > 0)

        def factor(years: slice) -> None:
            panel_kernel.factors(mu[years], self.rows[years], self.cols[years], self.factor[years])

        list(self.pool.map(factor, _portions(len(mu))))

    def project(self, column: int, q: Floats, weight: Floats, tolerance: float) -> int:
        """Find the effects of ``weight q / mu`` from the column's last answer; iterations."""
        from offing.market.gravity import panel_kernel

        return panel_kernel.project(
            q, weight, self.mu, self.by_pair, self.pairs == "symmetric", self.factor,
            self.rows, self.cols, self.alpha[column], self.gamma[column], tolerance, 500,
        )  # fmt: skip

    def residual(self, column: int, x: Floats, out: Floats) -> None:
        """``x`` less the effects found for the column, into ``out``."""
        from offing.market.gravity import panel_kernel

        panel_kernel.residual(
            x, self.mu, self.by_pair, self.pairs == "symmetric",
            self.alpha[column], self.gamma[column], out,
        )  # fmt: skip


def _portions(years: int) -> list[slice]:
    """Years in portions that threads share."""
    size = max(1, years // 8)
    return [slice(low, min(low + size, years)) for low in range(0, years, size)]


def residuals(projector: Projector, x: Floats, mu: Floats, tolerance: float) -> Floats:
    """Every covariate less its projection on the effects at weights mu."""
    left = np.empty_like(x)

    def one(column: int) -> None:
        projector.project(column, x[column], mu, tolerance)
        projector.residual(column, x[column], left[column])

    list(projector.pool.map(one, range(len(x))))
    return left


def independent(
    x: Floats, weights: Floats, pairs: PairEffects, pool: ThreadPoolExecutor
) -> list[int]:
    """Covariates that can be told from the effects and from one another at these weights."""
    projector = Projector(len(x), weights.shape, pairs, pool)
    projector.weigh(weights)
    left = residuals(projector, x, weights, 1e-7).reshape(len(x), -1)
    flat = weights.ravel()
    total = (x.reshape(len(x), -1) ** 2 * flat).sum(axis=1)
    return choose((left * flat) @ left.T, np.maximum(total, 1e-300))


def _vanishing(moved: Floats, y: Floats, inside: Floats) -> NDArray[np.bool_] | None:
    """Rows that a step showed to be separated; ``None`` where it showed none.

    On a separated zero Newton's method lowers the index by one in every step, without end, while
    it settles everywhere else: the move is then itself the certificate of Correia, Guimarães and
    Zylkin (2021), zero on every positive flow and nowhere of the wrong sign.
    """
    zero = (y == 0) & (inside > 0)
    gone = zero & (moved < -0.5)
    if not gone.any() or np.abs(moved[y > 0]).max() > SETTLED or moved[zero].max() > SETTLED:
        return None
    return np.asarray(gone)


Found = tuple[int, Floats, Floats, Projector]


def newton(
    y: Floats,
    x: Floats,
    inside: Floats,
    pairs: PairEffects,
    tolerance: float,
    most_steps: int,
    pool: ThreadPoolExecutor,
) -> Found | NDArray[np.bool_] | None:
    """Maximise the Poisson likelihood.

    Returns:
        Steps, beta ``(k,)``, mu and the projector at weights mu; or a mask of separated rows, which
        must go first; or ``None`` where the steps did not suffice.
    """
    from offing.market.gravity import panel_kernel

    k = len(x)
    row_sum, col_sum, pair_sum = y.sum(axis=2), y.sum(axis=1), by_pair(y, pairs)
    paired, both_ways = pairs != "none", pairs == "symmetric"
    a, b = np.ones_like(row_sum), np.ones_like(col_sum)
    e = pair_sum.copy() if paired else np.ones_like(pair_sum)
    s = np.einsum("ktij,tij->k", x, y)
    beta = np.zeros(k)
    mu = np.empty_like(y)
    zeros = bool(((y == 0) & (inside > 0)).any())
    ones = np.ones_like(y)
    projector = Projector(k + 1, y.shape, pairs, pool)
    left = np.empty_like(x)

    def renew(rounds: int) -> float:
        """Mu at the present estimates, with totals that meet; the log likelihood."""
        panel_kernel.expected(x, inside, beta, a, b, e, mu)
        for _ in range(rounds):
            panel_kernel.meet(mu, row_sum, col_sum, pair_sum, paired, both_ways, a, b, e)
        likelihood = s @ beta + sum(
            (total[total > 0] * np.log(effect[total > 0])).sum()
            for total, effect in (
                (row_sum, a),
                (col_sum, b),
                *(((pair_sum / 2 if both_ways else pair_sum, e),) if paired else ()),
            )
        )
        return float(likelihood)

    likelihood, size = renew(3), np.inf
    for step in range(1, most_steps + 1):
        projector.weigh(mu)
        late = step >= LOOK_FROM + 4
        precision = 1e-8 if late or size < 1e-4 else 1e-2 if size > 0.1 else 1e-4
        projector.alpha[k], projector.gamma[k] = 0.0, 0.0

        def work(column: int, precision: float = precision) -> None:
            own = column < k
            projector.project(column, x[column] if own else y - mu, mu if own else ones, precision)
            if own:
                projector.residual(column, x[column], left[column])

        list(pool.map(work, range(k + 1)))
        curve, score = panel_kernel.moments(left, mu, y)
        change = np.linalg.solve(curve, score)
        size = float(np.abs(change).max())
        if not np.isfinite(size):
            break
        move_a = projector.alpha[k] - np.tensordot(change, projector.alpha[:k], axes=1)
        move_b = projector.gamma[k] - np.tensordot(change, projector.gamma[:k], axes=1)
        before = a.copy(), b.copy(), e.copy(), beta.copy()
        old = mu.copy()
        share = min(1.0, 2.0 / size)
        for _ in range(12):
            beta = before[3] + share * change
            a = before[0] * np.exp(np.clip(share * move_a, -3, 3))
            b = before[1] * np.exp(np.clip(share * move_b, -3, 3))
            e = before[2].copy()
            reached = renew(1)
            if reached >= likelihood - 1e-9 * abs(likelihood):
                break
            share *= 0.5
        likelihood = reached
        if zeros and (step >= LOOK_FROM or size < tolerance):
            ratio = np.divide(mu, old, out=np.ones_like(mu), where=old > 0)
            gone = _vanishing(np.log(np.maximum(ratio, 1e-300)), y, inside)
            if gone is not None:
                return gone
        if size < tolerance:
            projector.weigh(mu)
            return step, beta, mu, projector
    return None
