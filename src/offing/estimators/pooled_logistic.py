"""Events in groups that lean on each other: a logistic regression with shrunk group effects.

::

    logit P(event) = a + u_g + b x          u_g ~ N(0, t²)

``a`` and ``b`` have Jeffreys's prior, the root of the determinant of their information, which takes
away the first-order bias that few events bring (Firth, 1993, Biometrika 80:27-38); ``t``
half-normal of scale 1, which is wide here (Gelman, 2006, Bayesian Analysis 1:515-534).

The posterior is drawn by importance from its Laplace approximation at each ``t``, with the tails of
a t of 5 degrees of freedom (Gelman and others, Bayesian Data Analysis, 3rd ed. 2013, 10.4).
"""

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
    fits = [
        _Fit.of(whole if spread else columns, event, spread)
        for spread in (SPREADS if groups > 1 else SPREADS[:1])
    ]
    evidence = np.array([fit.evidence for fit in fits])
    weight = np.exp(evidence - evidence.max())
    counts = rng.multinomial(PROPOSED * draws, weight / weight.sum())
    proposed = [fit.proposed(count, rng) for fit, count in zip(fits, counts, strict=True)]
    log = np.concatenate([logs for _, logs in proposed])
    rows = np.concatenate(
        [np.pad(b, ((0, 0), (0, whole.shape[1] - b.shape[1]))) for b, _ in proposed]
    )
    odds = np.exp(log - log.max())
    taken = rows[rng.choice(len(log), size=draws, p=odds / odds.sum())]
    slope = taken[:, 1] / scale
    return PooledLogistic(slope, taken[:, :1] + taken[:, 2:] - (slope * x.mean())[:, None])


_SEARCH = Search(lambda gained, _: gained <= 1e-12, steps=50)


@dataclass(frozen=True)
class _Fit:
    """The posterior at one ``t``: where it is highest, and its curvature there."""

    design: Floats
    event: Floats
    ridge: Floats
    mode: Floats
    root: Floats
    least: float
    evidence: float

    @classmethod
    def of(cls, design: Floats, event: Floats, spread: float) -> "_Fit":
        groups = design.shape[1] - 2
        ridge = np.r_[0.0, 0.0, np.full(groups, 1 / (spread or 1.0) ** 2)]

        def objective(eta: Floats) -> NewtonPoint:
            full = np.clip(eta, -LARGEST, LARGEST)
            p = chance(full)
            value = float((np.logaddexp(0.0, full) - event * full).sum())
            return NewtonPoint(value, p - event, p * (1 - p))

        found = newton(design, objective, np.zeros(len(ridge)), _SEARCH, penalty=ridge)
        root = np.linalg.cholesky(found.at.hessian(design) + np.diag(ridge))
        least = found.at.value + 0.5 * float(ridge @ found.coefficients**2)
        evidence = -least - float(np.log(np.diag(root)).sum()) - spread**2 / 2
        evidence -= groups * np.log(spread or 1.0)
        return cls(design, event, ridge, found.coefficients, root, least, evidence)

    def proposed(self, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draws of a t about the mode, and the log of the posterior over its density."""
        from scipy.special import gammaln

        k, half = len(self.mode), FREEDOM / 2
        z = rng.standard_normal((k, count)) / np.sqrt(rng.chisquare(FREEDOM, count) / FREEDOM)
        b = self.mode + np.linalg.solve(self.root.T, z).T
        eta = b @ self.design.T
        value = (np.logaddexp(0.0, eta) - self.event * eta).sum(axis=1) + 0.5 * b**2 @ self.ridge
        p = chance(eta)
        some, first, second = (p * (1 - p) @ self.design[:, 1] ** power for power in range(3))
        jeffreys = 0.5 * np.log(some * second - first**2)
        tails = (half + k / 2) * np.log1p((z**2).sum(axis=0) / FREEDOM)
        # of a t and of the normal that the evidence is of, the constants differ with k alone
        constant = gammaln(half + k / 2) - gammaln(half) - k / 2 * np.log(half)
        return b, self.least - value + jeffreys + tails - constant
