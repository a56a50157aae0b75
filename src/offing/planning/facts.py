"""What constraints of the programme are made from: offers with their means, rows, variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offing.planning.offers import Array, Offers
from offing.terms.errors import InputError


@dataclass(frozen=True)
class Forward:
    """A sale of a currency ahead (远期结汇), for receipts of the first year.

    Attributes:
        days: until it is delivered; 0 where there is but one.
        payoff_cny: scenarios, what USD 1 of notional pays, its cost taken off.
    """

    days: int
    payoff_cny: Array


@dataclass(frozen=True)
class Currency:
    """A currency of invoices.

    Attributes:
        code: alpha-3.
        forwards: ways to sell it ahead; none where no forward is quoted or its risk is not known.
        spread_cny: the bank's spread on a USD that is exchanged in the first year: it falls on
            receipts less outlays, of every year.
        out_usd: outlays of a year in this currency, which receipts pay without exchange.
        held_usd: of the first year's receipts, what is sold ahead already; negative where more is
            bought.
        constant_cny: scenarios, what no decision changes: what held hedges pay, and what the moves
            of the rate take off the outlays.
    """

    code: str
    forwards: tuple[Forward, ...] = ()
    spread_cny: float = 0.0
    out_usd: float = 0.0
    held_usd: float = 0.0
    constant_cny: Array | float = 0.0

    @property
    def used_usd(self) -> float:
        """Receipts that are no risk: outlays take them, or they are sold already."""
        return max(self.out_usd + self.held_usd, 0.0)


@dataclass(frozen=True)
class Switch:
    """Receipts of a market that could be invoiced in another currency.

    Attributes:
        market: alpha-3.
        before: the currency of its invoices.
        after: the other one.
        payoff_cny: scenarios, what USD 1 of the first year's receipts brings more, over the
            horizon, beside what the exchange costs.
        later: by year, what is received for one of the first year's; 1 first.
    """

    market: str
    before: str
    after: str
    payoff_cny: Array
    later: tuple[float, ...]

    @property
    def name(self) -> str:
        """Of its variable."""
        return f"invoice_{self.market}_{self.before}_{self.after}"


@dataclass(frozen=True)
class RiskCut:
    """Weights of some bad paths: what is lost on USD 1 of a currency, open and sold ahead."""

    open: Mapping[str, float]
    hedged: Mapping[str, float]


@dataclass(frozen=True)
class ExchangeRisk:
    """How far the rates may take receivables down until they are paid (汇率风险限额).

    Attributes:
        share: of the receivables, that the 95 % limit may lie below what is expected.
        stock: receivables at any time, a share of the first year's receipts.
        moves: currency → paths, by what share its rate moves until the payment, drawn together.
        fixing: currency of non-deliverable forwards → paths, what is open though it is hedged.
        owed_usd: currency → what the firm itself owes at any time.
        scale: of the bound, see :func:`offing.planning.exchange.limit_receivables`.
        cuts: inequalities that hold the limit.
    """

    share: float
    stock: float
    moves: Mapping[str, Array]
    fixing: Mapping[str, Array] = field(default_factory=dict)
    owed_usd: Mapping[str, float] = field(default_factory=dict)
    scale: float = 1.0
    cuts: tuple[RiskCut, ...] = ()


@dataclass(frozen=True)
class Treasury:
    """What a plan may do about currencies; nothing where it is empty."""

    currencies: tuple[Currency, ...] = ()
    switches: tuple[Switch, ...] = ()
    risk: ExchangeRisk | None = None

    def unlearnt(self) -> "Treasury":
        """The same without what one plan's sales taught of the receivables' limit.

        Those inequalities leave room for that plan's hedges. Where other sales are sought before
        their hedges are, sales would be given up for them.
        """
        risk = None if self.risk is None else replace(self.risk, cuts=(), scale=1.0)
        return replace(self, risk=risk)


Key = tuple[str, str]
"""A model and a market."""


@dataclass(frozen=True)
class Target:
    """What the firm wants to reach in the mean of the scenarios.

    Attributes:
        of: ``sales`` in USD of one year, or ``profit`` in CNY of one year, not discounted.
        amount: at least so much.
        year: of the horizon.
    """

    of: Literal["sales", "profit"]
    amount: float
    year: int


@dataclass(frozen=True)
class Risk:
    """How the worst scenarios count: λ in the value, and the least average of them.

    ``least_worst_cny``: the average profit of the worst twentieth of the scenarios, over the
    horizon and discounted, is not below this: the loss that could be borne.
    """

    aversion: float = 0.0
    least_worst_cny: float | None = None

    @property
    def counts(self) -> bool:
        """Whether the expected shortfall matters at all."""
        return self.aversion > 0 or self.least_worst_cny is not None


@dataclass(frozen=True)
class PlanLimits:
    """What a plan must respect; what is not named has no limit.

    All hold in the mean of the scenarios and in each year of the horizon, the entry budget once.

    Attributes:
        line_hours: hours of each (plant, line) by year.
        entry_budget_cny: all entry costs together.
        working_capital_cny: what may stand with buyers: sales × receivable days / 365.
        cny_per_usd: the rate at which receivables count.
        market_share: the largest share of planned sales in a market, by market.
        must_keep: (model, market) that is not left: in whatever way, it is served as much as
            today's way would serve it; in full where nothing is sold yet.
        target: what is to be reached.
    """

    line_hours: Mapping[Key, tuple[float, ...]] = field(default_factory=dict)
    entry_budget_cny: float | None = None
    working_capital_cny: float | None = None
    cny_per_usd: float = 1.0
    market_share: Mapping[str, float] = field(default_factory=dict)
    must_keep: frozenset[Key] = frozenset()
    target: Target | None = None


def check(limits: PlanLimits, offers: Offers) -> None:
    """Refuse limits that are not numbers of the kind asked for.

    Raises:
        InputError: ``planning.bad_limit``, ``planning.hours_by_year``, ``planning.no_such_year`` or
            ``planning.nothing_to_keep``.
    """
    years = len(offers.years)
    for (plant, line), hours in limits.line_hours.items():
        if len(hours) != years:
            raise InputError(
                "planning.hours_by_year", plant=plant, line=line, count=len(hours), years=years
            )
    amounts: dict[str, list[float | None]] = {
        "line_hours": [hour for hours in limits.line_hours.values() for hour in hours],
        "entry_budget_cny": [limits.entry_budget_cny],
        "working_capital_cny": [limits.working_capital_cny],
        "market_share": list(limits.market_share.values()),
    }
    for name, values in amounts.items():
        for value in values:
            if value is not None and not (value >= 0 and isfinite(value)):
                raise InputError("planning.bad_limit", name=name, value=f"{value:g}")
    if limits.target is not None and limits.target.year not in offers.years:
        raise InputError(
            "planning.no_such_year",
            year=limits.target.year,
            first=offers.years[0],
            last=offers.years[-1],
        )
    here = {(offer.model, offer.market) for offer in offers.rows}
    for model, market in sorted(limits.must_keep - here):
        raise InputError("planning.nothing_to_keep", model=model, market=market)


def check_arrays(offers: Offers) -> None:
    """Refuse scenarios that do not fit the rows or are not numbers.

    Raises:
        InputError: ``planning.bad_scenarios``.
    """
    shape = (offers.units.shape[0], len(offers.years), len(offers.rows))
    for name in ("units", "profit_cny", "sales_usd"):
        values = getattr(offers, name)
        if values.shape != shape or values.shape[0] == 0:
            raise InputError("planning.bad_scenarios", name=name, shape=values.shape, fits=shape)
        if not np.isfinite(values.sum(dtype=np.float64)):
            raise InputError("planning.bad_scenarios", name=name, shape="∞", fits=shape)


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
    limits: PlanLimits
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
