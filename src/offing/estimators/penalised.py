"""Regressions that are penalised a little, so that thin data stay tame.

Columns are scaled to one standard deviation first, so one penalty is fair to all; a column that
does not vary gets the coefficient 0.

*Events in groups that lean on each other*: a logistic regression with shrunk group effects::

    logit P(event) = a + u_g + b x          u_g ~ N(0, t²)

``a`` and ``b`` have Jeffreys's prior, the root of the determinant of their information, which takes
away the first-order bias that few events bring (Firth, 1993, Biometrika 80:27-38); ``t``
half-normal of scale 1, which is wide here (Gelman, 2006, Bayesian Analysis 1:515-534). The
posterior is drawn by importance from its Laplace approximation at each ``t``, with the tails of a t
of 5 degrees of freedom (Gelman and others, Bayesian Data Analysis, 3rd ed. 2013, 10.4).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from offing.estimators import Codes, Floats, Mask, Matrix, stretches
from offing.estimators.newton import (
    LEAST_DEVIATION,
    ROWS_AT_ONCE,
    NewtonPoint,
    Objective,
    Search,
    newton,
    solve_normal_equations,
    standardise,
    weighted_square,
)


@dataclass(frozen=True)
class Apart:
    """Rows × columns; columns stand kind by kind, and are zero in the rows of other kinds.

    Attributes:
        rows: of each kind, the places of its rows, rising.
        blocks: of each kind, its rows × its columns.
    """

    rows: tuple[Codes, ...]
    blocks: tuple[Floats, ...]

    @classmethod
    def of(cls, x: Matrix, kinds: Sequence[tuple[Mask, slice]]) -> "Apart":
        """Of a matrix that is zero elsewhere; rows of no kind are left out.

        Args:
            x: rows × columns.
            kinds: which rows are of each, and its columns; all columns in their order.
        """
        position = np.cumsum(np.any([rows for rows, _ in kinds], axis=0)) - 1
        blocks = tuple(x[rows, columns].astype(np.float64) for rows, columns in kinds)
        return cls(tuple(position[rows] for rows, _ in kinds), blocks)

    def __len__(self) -> int:
        return sum(map(len, self.rows))

    @cached_property
    def columns(self) -> tuple[slice, ...]:
        """The columns of each kind."""
        ends = np.cumsum([block.shape[1] for block in self.blocks])
        return tuple(
            slice(end - block.shape[1], end) for end, block in zip(ends, self.blocks, strict=True)
        )

    def __matmul__(self, b: Floats) -> Floats:
        product = np.empty(len(self))
        for rows, block, columns in zip(self.rows, self.blocks, self.columns, strict=True):
            product[rows] = block @ b[columns]
        return product

    @property
    def T(self) -> "_Turned":  # noqa: N802 - as a matrix calls it
        """Columns × rows."""
        return _Turned(self)

    def scale(self) -> Floats:
        """Bring the columns to one standard deviation; what it was, infinite where there is none.

        They are not centred: that would fill the zeros.
        """
        deviations = []
        for block in self.blocks:
            mean = block.sum(axis=0) / len(self)
            elsewhere = (len(self) - len(block)) * mean**2
            squares = np.zeros(len(mean))
            for start in range(0, len(block), ROWS_AT_ONCE):  # what is in the cache is quick
                off = block[start : start + ROWS_AT_ONCE] - mean
                squares += np.einsum("ij,ij->j", off, off)
            deviations.append(np.sqrt((squares + elsewhere) / len(self)))
            deviations[-1][deviations[-1] <= LEAST_DEVIATION] = np.inf
            np.divide(block, deviations[-1], out=block)
        return np.concatenate(deviations)

    def square(self, weight: Floats) -> Floats:
        """``X' diag(weight) X``."""
        gram = np.zeros((self.columns[-1].stop,) * 2)
        for rows, block, columns in zip(self.rows, self.blocks, self.columns, strict=True):
            gram[columns, columns] = weighted_square(block, weight[rows])
        return gram

    def sums(self, weight: Floats, ends: Codes) -> Floats:
        """Weighted sums of the rows between two ends each, groups × columns."""
        from scipy.sparse import csr_array  # takes a tenth of a second, which kept fits need not

        by_block = []
        for rows, block in zip(self.rows, self.blocks, strict=True):
            parts = weight[rows], np.arange(len(rows)), np.searchsorted(rows, ends)
            by_block.append(csr_array(parts, shape=(len(ends) - 1, len(rows))) @ block)
        return np.hstack(by_block)


@dataclass(frozen=True)
class _Turned:
    design: Apart

    def __matmul__(self, values: Floats) -> Floats:
        kinds = zip(self.design.rows, self.design.blocks, strict=True)
        return np.concatenate([block.T @ values[rows] for rows, block in kinds])


PENALTY = 0.01
"""Ridge penalty for each observation, on standardised columns."""
TOLERANCE = 1e-6
"""A step that gains a smaller share of the objective is the last."""
REWEIGHTED = 5
"""Rounds of least squares that a regression of the median takes."""
LARGEST = 30.0
"""Largest linear predictor in absolute value: exp() of it is still a number."""


@dataclass(frozen=True)
class Linear:
    """``intercept + x @ slopes``."""

    intercept: float
    slopes: Floats

    def __call__(self, x: Matrix) -> Floats:
        """The linear predictor of each row."""
        return np.asarray(x @ self.slopes + self.intercept, dtype=float)


def chance(predictor: Floats) -> Floats:
    """``1 / (1 + exp(-predictor))``."""
    return np.asarray(1 / (1 + np.exp(-np.clip(predictor, -LARGEST, LARGEST))))


_SEARCH = Search(lambda gained, _: gained <= TOLERANCE)


def _fit_with_intercept(
    x: Matrix, weight: Floats, objective: Objective, start: float, penalty: float
) -> Linear:
    k = x.shape[1]
    design = np.ones((len(x), k + 1))
    _, mean, deviation = standardise(x, weight, into=design[:, 1:])
    ridge = np.r_[0.0, np.full(k, penalty * weight.sum())]
    first = np.r_[start, np.zeros(k)]
    b, _, _ = newton(design, objective, first, _SEARCH, penalty=ridge)
    slopes = b[1:] / deviation
    return Linear(float(b[0] - mean @ slopes), slopes)


def poisson(
    x: Matrix, y: Floats, offset: Floats, weight: Floats, penalty: float = PENALTY
) -> Linear:
    """Poisson pseudo-maximum likelihood: ``E[y] = exp(offset + a + x b)``; y ≥ 0, any unit.

    Santos Silva and Tenreyro (2006): consistent for the mean of a value that is often zero.
    """
    unit = float(weight @ y) / float(weight.sum())
    if unit <= 0:
        return Linear(-LARGEST, np.zeros(x.shape[1]))
    target = y / unit
    start = float(np.log(weight.sum() / (weight @ np.exp(offset - np.log(unit)))))
    shift = offset - np.log(unit)

    def objective(eta: Floats) -> NewtonPoint:
        full = np.clip(eta + shift, -LARGEST, LARGEST)
        mean = np.exp(full)
        value = float(weight @ (mean - target * full))
        return NewtonPoint(value, weight * (mean - target), weight * mean)

    return _fit_with_intercept(x, weight, objective, start, penalty)


def logistic(x: Matrix, share: Floats, weight: Floats, penalty: float = PENALTY) -> Linear:
    """``E[share] = 1 / (1 + exp(-(a + x b)))`` for shares or events between 0 and 1.

    For shares this is the quasi-likelihood of Papke and Wooldridge (1996).
    """
    mean = float(weight @ share / weight.sum())
    if not 0.0 < mean < 1.0:
        return Linear(LARGEST if mean >= 1 else -LARGEST, np.zeros(x.shape[1]))

    def objective(eta: Floats) -> NewtonPoint:
        full = np.clip(eta, -LARGEST, LARGEST)
        p = chance(full)
        value = float(weight @ (np.logaddexp(0.0, full) - share * full))
        return NewtonPoint(value, weight * (p - share), weight * p * (1 - p))

    return _fit_with_intercept(x, weight, objective, float(np.log(mean / (1 - mean))), penalty)


@dataclass(frozen=True)
class Standard:
    """A matrix in standardised columns, on which one regression after the other is run.

    Attributes:
        z: rows × columns, of mean 0 and deviation 1 where each row counts alike.
        mean: of the columns before.
        deviation: likewise.
    """

    z: Floats
    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, x: "Matrix | Standard") -> "Standard":
        """Of a matrix, or what was made of one before."""
        return x if isinstance(x, Standard) else cls(*standardise(x, np.ones(len(x))))

    def line(self, y: Floats, weight: Floats, penalty: float) -> tuple[Floats, Linear]:
        """Weighted ridge regression: what it says of each row, and the line itself.

        The penalty is on columns standardised by the weights: a change of scale and place of ``z``,
        made in the cross products.
        """
        whole = float(weight.sum())
        centre, at = float(weight @ y / whole), weight @ self.z / whole
        square = weighted_square(self.z, weight) - whole * np.outer(at, at)
        scale = np.sqrt(np.maximum(np.diag(square), 0.0) / whole)
        scale = np.where(scale > LEAST_DEVIATION / self.deviation, scale, np.inf)
        ridge = np.diag(np.full(len(scale), penalty * whole + 1e-9))
        right = self.z.T @ (weight * (y - centre)) / scale
        b = solve_normal_equations(square / np.outer(scale, scale) + ridge, right) / scale
        start, slopes = centre - float(at @ b), b / self.deviation
        return self.z @ b + start, Linear(start - float(self.mean @ slopes), slopes)


def least_squares(
    x: Matrix | Standard, y: Floats, weight: Floats, penalty: float = PENALTY
) -> Linear:
    """Weighted ridge regression."""
    return Standard.of(x).line(y, weight, penalty)[1]


def prediction_error(x: Matrix | Standard, penalty: float = PENALTY) -> float:
    """How much larger the error of new rows is than that of the rows a ridge regression saw.

    The root of ``(n + p) / (n - p)``, Akaike's final prediction error (1969, Annals of the
    Institute of Statistical Mathematics 21:243-247), with p the trace of the smoother and the
    intercept.
    """
    z = Standard.of(x).z
    rows = len(z)
    curvature = np.linalg.eigvalsh(z.T @ z / rows).clip(min=0.0)
    used = 1 + float(np.sum(curvature / (curvature + penalty)))
    return float(np.sqrt((rows + used) / max(rows - used, 1.0)))


def least_deviations(
    x: Matrix | Standard, y: Floats, weight: Floats, penalty: float = PENALTY
) -> Linear:
    """Weighted ridge regression of the median: few wild rows do not bend it.

    Least squares, each row's weight over the size of its last error (Schlossmacher, 1973, Journal
    of the American Statistical Association 68:857-859); errors below a tenth of the median one
    count as that.
    """
    design = Standard.of(x)
    fitted, line = design.line(y, weight, penalty)
    for _ in range(REWEIGHTED):
        off = np.abs(y - fitted)
        trusted = weight / np.maximum(off, 0.1 * np.median(off) + 1e-6)
        fitted, line = design.line(y, trusted * (weight.sum() / trusted.sum()), penalty)
    return line


def shares(
    x: Matrix | Apart,
    y: Floats,
    offset: Floats,
    group: Codes,
    sampled: Floats,
    weight: Floats,
    penalty: float = PENALTY,
) -> Floats:
    """How a group's total is shared out: ``share = exp(offset + x b) / Σ_group exp(offset + x b)``.

    The multinomial pseudo-likelihood, which is Poisson PML with an effect for each group: what
    moves a whole group at once (a boom, a price) cannot mislead it.

    Args:
        x: rows × columns; it is scaled in place where its kinds of rows stand apart.
        y: amounts, at least 0, in any unit.
        offset: of each row.
        group: 0, 1, … in rising order; every group needs some y above zero.
        sampled: how many rows of its kind a row stands for.
        weight: of each group's amounts, by row.
        penalty: for each row.

    Returns:
        The slopes.
    """
    first, size = stretches(group)
    amounts = y * weight * sampled
    amounts *= len(y) / amounts.sum()
    totals = np.add.reduceat(amounts, first)
    ends = np.r_[first, len(y)]
    # Not centred: what a whole group has in common changes no share.
    z = x if isinstance(x, Apart) else Apart.of(x, [(y >= 0, slice(None))])
    deviation = z.scale()

    def objective(eta: Floats) -> NewtonPoint:
        full = offset + eta
        top = np.maximum.reduceat(full, first)
        weighted = sampled * np.exp(full - np.repeat(top, size))
        whole = np.add.reduceat(weighted, first)
        mean = np.repeat(totals / whole, size) * weighted
        value = float(totals @ (np.log(whole) + top) - amounts @ full)

        def curvature(z: Apart) -> Floats:
            return z.square(mean) - weighted_square(z.sums(mean, ends), 1 / totals)

        return NewtonPoint(value, mean - amounts, curvature)

    k = len(deviation)
    penalties = np.full(k, penalty * len(y))
    return newton(z, objective, np.zeros(k), _SEARCH, penalty=penalties)[0] / deviation


SPREADS = np.linspace(0.0, 2.5, 26)
"""Values of ``t``."""
FREEDOM = 5
PROPOSED = 4
"""Proposals for each draw that is kept."""


@dataclass(frozen=True)
class PooledLogistic:
    """Draws of the posterior: n of each.

    Attributes:
        slope: ``b``.
        level: ``a + u_g``, n × groups.
    """

    slope: Floats
    level: Floats

    def chances(self, x: Floats, group: Codes) -> Floats:
        """The probability of the event at some x of some groups, n × places."""
        return chance(self.level[:, group] + np.multiply.outer(self.slope, x))


def pooled_logistic(
    x: Floats, event: Floats, group: Codes, *, draws: int = 4000, seed: int = 1
) -> PooledLogistic:
    """Draw slope and group levels given what was seen.

    The caller sees to it that the events are not separated by ``x``: then the slope has no end.

    Args:
        x: of each row.
        event: 1 or 0.
        group: 0 to the number of groups less one, each there.
        draws: that are kept.
        seed: of them.
    """
    rng = np.random.default_rng(seed)
    groups, scale = int(group.max()) + 1, float(x.std()) or 1.0
    columns = np.column_stack([np.ones(len(x)), (x - x.mean()) / scale])
    whole = np.hstack([columns, np.eye(groups)[group]])
    spreads = SPREADS if groups > 1 else SPREADS[:1]
    fits = [_fit_mode(whole if spread else columns, event, spread) for spread in spreads]
    evidence = np.array([fit[0] for fit in fits])
    weight = np.exp(evidence - evidence.max())
    counts = rng.multinomial(PROPOSED * draws, weight / weight.sum())
    proposed = [propose(n, rng) for (_, propose), n in zip(fits, counts.tolist(), strict=True)]
    width = whole.shape[1]
    rows = np.concatenate([np.pad(b, ((0, 0), (0, width - b.shape[1]))) for b, _ in proposed])
    log = np.concatenate([logs for _, logs in proposed])
    odds = np.exp(log - log.max())
    taken = rows[rng.choice(len(log), size=draws, p=odds / odds.sum())]
    slope = taken[:, 1] / scale
    return PooledLogistic(slope, taken[:, :1] + taken[:, 2:] - (slope * x.mean())[:, None])


Proposal = Callable[[int, np.random.Generator], tuple[Floats, Floats]]
"""How many draws → the draws, rows of coefficients, and the log weight of each."""
_LOGISTIC_SEARCH = Search(lambda gained, _: gained <= 1e-12, steps=50)


def _fit_mode(design: Floats, event: Floats, spread: float) -> tuple[float, Proposal]:
    """At one ``t``: its log evidence, and what draws about the mode.

    The draws are of a t; beside them stands the log of the posterior over their density.
    """
    k, half = design.shape[1], FREEDOM / 2
    ridge = np.r_[0.0, 0.0, np.full(k - 2, 1 / (spread or 1.0) ** 2)]

    def objective(eta: Floats) -> NewtonPoint:
        full = np.clip(eta, -LARGEST, LARGEST)
        p = chance(full)
        value = float((np.logaddexp(0.0, full) - event * full).sum())
        return NewtonPoint(value, p - event, p * (1 - p))

    mode, at, _ = newton(design, objective, np.zeros(k), _LOGISTIC_SEARCH, penalty=ridge)
    least = at.value + 0.5 * float(ridge @ mode**2)
    root = np.linalg.cholesky(at.hessian(design) + np.diag(ridge))
    known = (k - 2) * np.log(spread or 1.0) + np.log(np.diag(root)).sum() + spread**2 / 2

    def propose(count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        from scipy.special import gammaln

        z = rng.standard_normal((k, count)) / np.sqrt(rng.chisquare(FREEDOM, count) / FREEDOM)
        b = mode + np.linalg.solve(root.T, z).T
        eta = b @ design.T
        value = (np.logaddexp(0.0, eta) - event * eta).sum(axis=1) + 0.5 * b**2 @ ridge
        p = chance(eta)
        some, first, second = (p * (1 - p) @ design[:, 1] ** power for power in range(3))
        jeffreys = 0.5 * np.log(some * second - first**2)
        tails = (half + k / 2) * np.log1p((z**2).sum(axis=0) / FREEDOM)
        # of a t and of the normal that the evidence is of, the constants differ with k alone
        constant = gammaln(half + k / 2) - gammaln(half) - k / 2 * np.log(half)
        return b, least - value + jeffreys + tails - constant

    return -least - float(known), propose
