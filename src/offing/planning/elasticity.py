"""The price elasticity of the firm's own demand, σ: where it comes from and what it may decide.

A trade elasticity is that of a country's goods. A firm's is another: only the firm's own ledger, or
a person, may move a price. In the ledger σ is estimated from the firm's price relative to its
rivals', moved by its own cost or by an invoice currency that moves against theirs. USD/CNY moves
all Chinese sellers alike: it shows the elasticity of the origin, not of the firm, and is no
instrument.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offing.estimators import Codes
from offing.estimators.clustered import NotIdentifiedError, instrument_slope
from offing.terms.errors import InputError
from offing.terms.sale_terms import PriceLevel

Floats = NDArray[np.float64]

HALF = 0.5
"""How far rivals follow a price where they "match half"."""


@dataclass(frozen=True)
class Chain:
    """What stands between the cost of a unit and the price at which it is bought.

    Duty is in proportion to CIF. Specific duties and minimum prices have no place here: with them
    the best price has no closed form.

    Attributes:
        cost_usd: of a unit, with the price of its line hour.
        proportional: costs as a share of FOB: what is not refunded, commission, cover, settlement.
        freight_usd: freight and insurance of a unit, paid by the buyer.
        duty: on CIF.
        retail: trade margin and sales tax on top of the landed price; 0.8 makes 100 to 180.
    """

    cost_usd: float
    proportional: float = 0.0
    freight_usd: float = 0.0
    duty: float = 0.0
    retail: float = 0.0

    def at(self, level: PriceLevel, fob: float) -> float:
        """The price at a level, of goods that cost ``fob`` at FOB."""
        freight, factor = self._to(level)
        return (fob + freight) * factor

    def fob(self, level: PriceLevel, price: float) -> float:
        """The FOB price behind a price at a level."""
        freight, factor = self._to(level)
        return price / factor - freight

    def _to(self, level: PriceLevel) -> tuple[float, float]:
        freight = 0.0 if level == "fob" else self.freight_usd
        factor = 1.0 if level in ("fob", "cif") else 1.0 + self.duty
        return freight, factor * (1.0 + self.retail if level == "retail" else 1.0)


def quantity_response(sigma: Floats | float, match: Floats | float) -> Floats:
    """The elasticity that is left when rivals follow.

    Rivals move their price by ``(P / P₀)^match``, and units are multiplied by
    ``(P / P₀)^(−σ) (P_r / P_r0)^(σ − 1)``, 1 the elasticity of the whole market. Together:
    ``σ − match (σ − 1)``. At an entry the price to leave is the reference, and rivals close the
    same part of the gap.

    Args:
        sigma: the firm's elasticity while rivals hold.
        match: 0 rivals hold, 0.5 they match half, 1 all.

    >>> float(quantity_response(5.0, 0.5))
    3.0
    """
    own = np.asarray(sigma, dtype=float)
    return np.asarray(own - match * (own - 1.0))


def elasticity_behind(response: float, match: float) -> float:
    """The elasticity that leaves this response where rivals follow, see :func:`quantity_response`.

    >>> elasticity_behind(3.0, 0.5)
    5.0
    """
    return (response - match) / (1.0 - match)


def best_price(chain: Chain, sigma: float, level: PriceLevel = "landed") -> float:
    """The price that earns most, at the level at which σ holds.

    For the landed price ``P* = σ/(σ−1) × (1+t) × [(c+μ)/(1−g) + f]``; the level CIF has no duty in
    it, FOB no freight either, retail the trade's margin and tax on top.

    >>> round(best_price(Chain(cost_usd=80, freight_usd=10, duty=0.1), sigma=3), 2)
    148.5
    """
    return sigma / (sigma - 1) * chain.at(level, chain.cost_usd / (1 - chain.proportional))


def implied_sigma(chain: Chain, fob: float, level: PriceLevel = "landed") -> float:
    """The elasticity for which a price is the best one: what today's price takes for granted.

    Infinite where the price covers no more than the cost: no elasticity makes it the best.

    >>> implied_sigma(Chain(cost_usd=80, freight_usd=10, duty=0.1), fob=125)
    3.0
    """
    bare = chain.at(level, chain.cost_usd / (1 - chain.proportional))
    ratio = chain.at(level, fob) / bare
    return round(ratio / (ratio - 1), 12) if ratio > 1 else float("inf")


def outside(price: Floats, low: float, high: float) -> Floats:
    """How far prices lie beyond those at which the firm has sold, in logarithms; 0 within."""
    return np.asarray(
        np.maximum(np.log(low / price), 0.0) + np.maximum(np.log(price / high), 0.0), dtype=float
    )


NORMAL_95 = 1.959964
LITERATURE_FACTOR = 3.0
"""Assumption of ours: in 19 of 20 cases a firm's σ − 1 lies within a third and three times that of
its HS code in the literature. It draws curves and decides nothing."""
USER_SHARE = 0.2
"""Assumption of ours: a σ that a person gives without a range is right within a fifth (one standard
error of σ − 1)."""
RIGHT = 0.5
"""Assumption of ours: before its ledger is asked, a firm's price is the best one in half of cases.
An estimate far from what the price implies is often an estimate that erred: of those just outside
the interval a third are (winner's curse)."""
WRONG = 0.1
"""Assumption of ours: a price that is not the best one is off by a tenth (one standard deviation of
its logarithm). A markup of σ / (σ − 1) moves by 1/σ of what log(σ − 1) does: about the σ that a
price implies, the other lies ``WRONG × σ`` away. Near the cost a small error of the price hides a
large one of σ, and the ledger is heard more."""
OUTSIDE = 0.5
"""Assumption of ours: beyond the prices at which a firm has sold, its elasticity may be half as
large or half as large again (one standard error)."""


@dataclass(frozen=True)
class Sigma:
    """An elasticity with its 95 % interval.

    ``source`` is ``ledger``, ``user`` or ``literature``; ``level`` that of the price to which it
    belongs, see :data:`offing.terms.sale_terms.PriceLevel`.
    """

    value: float
    low: float
    high: float
    source: str
    level: PriceLevel = "landed"

    def __post_init__(self) -> None:
        """At σ ≤ 1 no price is best."""
        if not self.value > 1:
            raise InputError("plan.sigma_too_small", sigma=f"{self.value:.2f}")

    def drawn(self, normal: Floats) -> Floats:
        """Draws of σ from standard normal ones; σ − 1 is log-normal, so that σ stays above 1.

        Its mean is ``value`` and its standard deviation that of the interval.
        """
        if not self.high > self.low:
            return np.full(normal.shape, self.value)
        spread = self.log_spread
        drawn = (self.value - 1.0) * np.exp(spread * normal - spread**2 / 2)
        return np.asarray(1.0 + drawn, dtype=float)

    @property
    def log_spread(self) -> float:
        """Standard deviation of the logarithm of σ − 1."""
        deviation = (self.high - self.low) / (2 * NORMAL_95)
        return float(np.sqrt(np.log1p((deviation / (self.value - 1.0)) ** 2)))

    def draw_implied_elasticity(self, implied: float, normal: Floats, uniform: Floats) -> Floats:
        """Draws of σ that give today's price its due, where σ comes from the ledger.

        With the probability that remains after the ledger is heard, :data:`RIGHT` before it, the
        price is the best one and σ is what it implies; else σ is the ledger's, drawn a little to
        what the price implies (:data:`WRONG`).

        Args:
            implied: σ for which today's price is the best one.
            normal: n, standard normal.
            uniform: n: whether the price is right.
        """
        if self.source != "ledger" or not np.isfinite(implied) or not self.log_spread:
            return self.drawn(normal)
        noise, prior = self.log_spread**2, (WRONG * implied) ** 2
        whole = noise + prior
        away = np.log((self.value - 1.0) / (implied - 1.0))
        odds = RIGHT / (1 - RIGHT) * np.sqrt(whole / noise)
        odds *= np.exp(-(away**2) / 2 * (1 / noise - 1 / whole))
        weight = prior / whole
        spread = np.sqrt(weight * noise)
        drawn = (implied - 1.0) * np.exp(weight * away + spread * normal - spread**2 / 2)
        return np.where(uniform < odds / (1 + odds), implied, 1.0 + drawn)

    def verdict(self, implied: float) -> str:
        """Whether a price may move away from the one for which ``implied`` is the elasticity.

        ``moves``; ``literature``: it never moves a price; ``no_evidence``: the interval holds what
        today's price implies; ``no_best_price``: the interval reaches down to 1, where no price is
        best.
        """
        if self.source == "literature":
            return "literature"
        if self.low <= implied <= self.high:
            return "no_evidence"
        return "moves" if self.low > 1 else "no_best_price"


def literature_elasticity(value: float) -> Sigma:
    """The elasticity of an HS code, wide: it draws the curve."""
    rest = value - 1
    return Sigma(value, 1 + rest / LITERATURE_FACTOR, 1 + rest * LITERATURE_FACTOR, "literature")


def stated_elasticity(value: float) -> Sigma:
    """What a person says, see :data:`USER_SHARE`.

    Raises:
        InputError: ``plan.sigma_too_small``.
    """
    width = NORMAL_95 * USER_SHARE * (value - 1)
    return Sigma(value, value - width, value + width, "user")


@dataclass(frozen=True)
class Panel:
    """A firm's sales by model, market and month, for :func:`own_sigma`.

    Attributes:
        log_units: of each row.
        log_price: of the firm's price over its rivals' (the reference price of its tier), at
            ``level``; the firm's price alone where effects of market × month take the rivals' out.
        instruments: ``(n, k)``: the firm's own cost, or what its invoice currency did against its
            rivals', in logarithms.
        effects: labels: market and model with month; or market × month and model.
        clusters: labels of the rows that may depend on one another: what an instrument is common
            to, such as month and market.
        level: of the price.
        pull: from how little to how much of a move of the instrument units move by themselves.
    """

    log_units: Floats
    log_price: Floats
    instruments: Floats
    effects: Sequence[Codes]
    clusters: Sequence[Codes]
    level: PriceLevel = "fob"
    pull: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Learnt:
    """What a ledger says about σ.

    Attributes:
        sigma: ``None`` where it is not identified.
        reason: ``identified``; ``weak`` where the Anderson-Rubin interval has no end, so that no
            elasticity can be estimated; ``rejected`` where no elasticity fits all instruments;
            ``not_above_one``; ``nothing_varies``.
        strength: F of the instruments in the first stage.
        rows: of the ledger.
    """

    sigma: Sigma | None
    reason: str
    strength: float
    rows: int


def own_sigma(panel: Panel) -> Learnt:
    """σ from a firm's own ledger: two-stage least squares, Anderson-Rubin interval.

    Where the instrument may move units by itself, as an importer's currency does, the interval is
    that of both ends together (Conley, Hansen and Rossi 2012, Review of Economics and Statistics
    94(1)), and σ lies in the middle of what they tell.
    """
    told: list[Sigma] = []
    for pull in dict.fromkeys(panel.pull):
        itself = panel.log_units - pull * panel.instruments[:, 0]
        learnt = _sigma_of(replace(panel, log_units=itself))
        if learnt.sigma is None:
            return learnt
        told.append(learnt.sigma)
    value = sum(sigma.value for sigma in told) / len(told)
    low, high = min(sigma.low for sigma in told), max(sigma.high for sigma in told)
    return replace(learnt, sigma=Sigma(value, low, high, "ledger", panel.level))


def _sigma_of(panel: Panel) -> Learnt:
    rows = len(panel.log_units)
    try:
        fit = instrument_slope(
            panel.log_units, panel.log_price, panel.instruments, panel.effects, panel.clusters
        )
    except NotIdentifiedError:
        return Learnt(None, "nothing_varies", 0.0, rows)
    if not fit.is_identified:
        return Learnt(None, "weak" if fit.low < fit.high else "rejected", fit.strength, rows)
    value, low, high = -fit.value, -fit.high, -fit.low
    if not value > 1:
        return Learnt(None, "not_above_one", fit.strength, rows)
    # With several instruments the two estimators may part: the point then keeps to the interval.
    sigma = Sigma(min(max(value, low), high), low, high, "ledger", panel.level)
    return Learnt(sigma, "identified", fit.strength, rows)
