"""What constraints of the programme are made from: offers with their means, rows, variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offing.planning.currencies import Treasury
from offing.planning.limits import Key, Limits
from offing.planning.offers import Array, Offers

Places = NDArray[np.intp]
INFINITE = float("inf")


@dataclass(frozen=True)
class Row:
    """A linear constraint, ``low ≤ Σ share x + Σ choice y + Σ further e ≤ high``.

    Attributes:
        limit: its kind, as in the messages ``planning.limit_<kind>``.
        subject: the line, market, currency … that it is about.
        year: of the horizon, where it is about one.
        low: lower bound.
        high: upper bound.
        offers: the places of the offers it touches, k of them.
        share: years × k coefficients of the shares; ``None`` for zeros.
        choice: k coefficients of the choices; ``None`` for zeros.
        further: coefficients of further variables by name.
    """

    limit: str
    subject: str
    year: int | None
    low: float
    high: float
    offers: Places
    share: Array | None = None
    choice: Array | None = None
    further: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> tuple[str, str]:
        """What a person calls the limit: its rows of all years together."""
        return self.limit, self.subject


@dataclass(frozen=True)
class Variable:
    """A further variable, from 0 up.

    Attributes:
        name: its label.
        unit: a typical size; the solver sees the variable in this unit.
        payoff: what one of it pays in each scenario, or in all alike; CNY.
        binary: 0 or 1.
        most: upper bound.
    """

    name: str
    unit: float = 1.0
    payoff: Array | float = 0.0
    binary: bool = False
    most: float = INFINITE

    @cached_property
    def mean(self) -> float:
        """The mean of the payoff, CNY."""
        return float(np.mean(self.payoff))


@dataclass(frozen=True)
class Facts:
    """What constraints are made from: offers and their means over scenarios.

    Attributes:
        offers: n of them.
        limits: to be respected.
        treasury: what may be done about currencies.
        units: years × n, mean.
        sales_usd: years × n, mean.
        profit_cny: years × n, mean, not discounted.
        alive: years × n, share of scenarios in which the market still takes any.
        group: n, the place of each offer's (model, market) in ``keys``.
        keys: the models and markets.
    """

    offers: Offers
    limits: Limits
    treasury: Treasury
    units: Array
    sales_usd: Array
    profit_cny: Array
    alive: Array
    group: Places
    keys: tuple[Key, ...]

    def year(self, year: int, values: Array) -> Array:
        """Coefficients of one year: zero in the others."""
        share = np.zeros((len(self.offers.years), values.shape[-1]))
        share[self.offers.years.index(year)] = values
        return share

    def where(self, **attributes: str) -> Places:
        """The places of offers with these attributes, such as ``market="DEU"``."""
        fits = [self._labels[name] == value for name, value in attributes.items()]
        return np.flatnonzero(np.logical_and.reduce(fits))

    @cached_property
    def _labels(self) -> dict[str, NDArray[np.str_]]:
        names = ("plant", "line", "market", "currency")
        return {name: np.array([getattr(o, name) for o in self.offers.rows]) for name in names}
