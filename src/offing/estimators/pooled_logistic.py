"""Events in groups that lean on each other: a logistic regression with shrunk group effects.

::

    logit P(event) = a + u_g + b x          u_g ~ N(0, t²)

``a`` and ``b`` have Jeffreys's prior, the root of the determinant of their information, which takes
away the first-order bias that few events bring (Firth, 1993, Biometrika 80:27-38); ``t``
half-normal of scale 1, which is wide here (Gelman, 2006, Bayesian Analysis 1:515-534).

The posterior is drawn by importance from its Laplace approximation at each ``t``, with the tails of
a t of 5 degrees of freedom (Gelman and others, Bayesian Data Analysis, 3rd ed. 2013, 10.4).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from offing.estimators import Codes, Floats
from offing.estimators.newton import NewtonPoint, Search, newton
from offing.estimators.penalised import LARGEST, chance

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
_SEARCH = Search(lambda gained, _: gained <= 1e-12, steps=50)


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

    found = newton(design, objective, np.zeros(k), _SEARCH, penalty=ridge)
    mode, least = found.coefficients, found.at.value + 0.5 * float(ridge @ found.coefficients**2)
    root = np.linalg.cholesky(found.at.hessian(design) + np.diag(ridge))
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
