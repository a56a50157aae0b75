"""What a plan chooses from, and within: offers in every scenario, limits, currencies, rows.

An offer is the firm's own article (model) in a market at one price, from one plant, in one invoice
currency. The economics of an offer (how many are sold at that price, what is left of each) come
before this module; which offers are taken comes after it. Constraints of the programme are made
from :class:`Facts`: offers with their means over the scenarios.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DOUBLED = 1 << 26
"""Bytes that a copy of the profits may take, laid out for sums over offers."""

REMEMBERED = 64
"""Sums over offers that are kept, a number a scenario each."""


@dataclass(frozen=True)
class Offer:
    """One way to serve one market with one model.

    Attributes:
        model: the firm's name of its article; several may share an HS code.
        market: alpha-3.
        plant: where it is made.
        line: the production line at that plant whose hours it takes.
        brand: ``own`` or ``oem``.
        currency: of the invoice.
        price_usd: FOB price of a unit.
        today: whether it is what the firm does today; at most one a model and market.
        sold: whether the firm sells the model in the market today, in whatever way.
        hours: line hours of a unit.
        lot: least units a year; 0 where there is none.
        keep_cny: what keeping the model in the market costs a year, whatever is sold.
        entry_cny: paid once where it is not sold today; 0 otherwise.
        receivable_days: until the buyer pays.
        curve: the source of the elasticity where that changes its units, else ``None``.
        asked: whether a person asked for this price.
    """

    model: str
    market: str
    plant: str
    line: str
    brand: str
    currency: str
    price_usd: float
    today: bool
    sold: bool
    hours: float = 1.0
    lot: float = 0.0
    keep_cny: float = 0.0
    entry_cny: float = 0.0
    receivable_days: float = 0.0
    curve: str | None = None
    asked: bool = False


@dataclass(frozen=True)
class Offers:
    """Offers with what each sells and earns in every scenario.

    Attributes:
        rows: the offers, n of them, in the order of model, market, price.
        years: of the horizon, y of them.
        units: scenarios × y × n, the units a year that the market would take: an offer may be taken
            in part where a line is full.
        profit_cny: scenarios × y × n, contribution of the whole of these units after all costs but
            ``keep_cny`` and ``entry_cny``, in the firm's currency.
        sales_usd: scenarios × y × n, FOB sales of the whole of these units.
        discount: y, what a yuan of each year is worth at the plan's day.
    """

    rows: tuple[Offer, ...]
    years: tuple[int, ...]
    units: Array
    profit_cny: Array
    sales_usd: Array
    discount: Array

    @cached_property
    def keep_cny(self) -> Array:
        """What keeping each costs a year, n."""
        return np.array([row.keep_cny for row in self.rows])

    @cached_property
    def entry_cny(self) -> Array:
        """What entering costs once, n."""
        return np.array([row.entry_cny for row in self.rows])

    @cached_property
    def dies(self) -> NDArray[np.bool_]:
        """Whether there are scenarios in which the market takes none in a year, n."""
        return np.asarray((self.units <= 0).any(axis=(0, 1)))

    def earned_alone(self, chosen: NDArray[np.intp]) -> Array:
        """Scenarios × offers, discounted profit of each of some taken whole."""
        earned = np.einsum("syn,y->sn", self.profit_cny[:, :, chosen], self.discount)
        keep = self.keep_cny[chosen]
        if keep.any():
            alive = np.einsum("syn,y->sn", self.units[:, :, chosen] > 0, self.discount)
            earned = earned - keep * alive
        return np.asarray(earned - self.entry_cny[chosen])

    def earned(self, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        """Profit of some offers in the year of a place, weighted and added up; scenarios."""
        return self._once("earned", year, chosen, weight)

    def alive(self, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        """The weights of those whose market takes any in the year, added up; scenarios."""
        return self._once("alive", year, chosen, weight)

    def _once(self, of: str, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        """A sum, only to look at: of choices that are asked again and again each is made once."""
        key = of, year, chosen.tobytes(), weight.tobytes()
        if (known := self._sums.get(key)) is None:
            if len(self._sums) >= REMEMBERED:
                self._sums.pop(next(iter(self._sums)))
            known = self._sums[key] = self._weighted_sum(of, year, chosen, weight)
            known.setflags(write=False)
        return known

    @cached_property
    def _sums(self) -> dict[tuple[str, int, bytes, bytes], Array]:
        return {}

    def _weighted_sum(self, of: str, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        """Where there are few, by year n × scenarios: each offer taken is a row of memory."""
        if 8 * self.profit_cny.size > DOUBLED:
            values = self.units if of == "alive" else self.profit_cny
            some = values[:, year, chosen]
            return np.asarray((some > 0 if of == "alive" else some.astype(np.float64)) @ weight)
        if of not in self._laid_out:
            whole = self.units > 0 if of == "alive" else self.profit_cny
            years = range(whole.shape[1])
            self._laid_out[of] = [np.ascontiguousarray(whole[:, y].T, np.float64) for y in years]
        return np.asarray(weight @ self._laid_out[of][year][chosen])

    @cached_property
    def _laid_out(self) -> dict[str, list[Array]]:
        return {}


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


RiskCut = tuple[Mapping[str, float], Mapping[str, float]]
"""Weights of some bad paths: what is lost on USD 1 of a currency, open and sold ahead."""


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
        level: what is sold over what the offers have, by the record of such plans.
    """

    of: Literal["sales", "profit"]
    amount: float
    year: int
    level: float = 1.0


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
        beside: markets in which the firm sells what is no part of the plan, and goes on doing so.
    """

    line_hours: Mapping[Key, tuple[float, ...]] = field(default_factory=dict)
    entry_budget_cny: float | None = None
    working_capital_cny: float | None = None
    cny_per_usd: float = 1.0
    market_share: Mapping[str, float] = field(default_factory=dict)
    must_keep: frozenset[Key] = frozenset()
    target: Target | None = None
    beside: frozenset[str] = frozenset()


Places = NDArray[np.intp]
INFINITE = float("inf")


@dataclass(frozen=True)
class Row:
    """A linear constraint, ``low ≤ Σ share x + Σ choice y + Σ further e ≤ high``.

    Attributes:
        limit: its kind, as in the messages ``planning.limit_<kind>``.
        subject: the line, market, currency … that it is about.
        year: of the horizon, where it is about one.
        offers: the places of the offers it touches, k of them.
        share: years × k coefficients of the shares; ``None`` for zeros.
        choice: k coefficients of the choices; ``None`` for zeros.
        further: coefficients of further variables by name.
        low: lower bound.
        high: upper bound.
    """

    limit: str
    subject: str
    year: int | None
    offers: Places
    share: Array | None = None
    choice: Array | None = None
    further: Mapping[str, float] = field(default_factory=dict)
    low: float = field(default=-INFINITE, kw_only=True)
    high: float = field(default=INFINITE, kw_only=True)

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
        by_year: the payoff's parts, scenarios × years, where it is not all of the first year.
    """

    name: str
    unit: float = 1.0
    payoff: Array | float = 0.0
    binary: bool = False
    most: float = INFINITE
    by_year: Array | None = None

    @cached_property
    def mean(self) -> float:
        """The mean of the payoff, CNY."""
        return float(np.mean(self.payoff))

    def year_mean(self, place: int, discount: Array) -> float:
        """The mean of the payoff's part of a year, not discounted; of none by year nothing."""
        return (
            0.0 if self.by_year is None else float(self.by_year[:, place].mean() / discount[place])
        )


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

    def yearly(self, values: Array) -> Iterator[tuple[int, Array]]:
        """Each year with its coefficients, of years × k."""
        return zip(self.offers.years, map(self.year, self.offers.years, values), strict=True)

    def where(self, **attributes: str) -> Places:
        """The places of offers with these attributes, such as ``market="DEU"``."""
        fits = [self._labels[name] == value for name, value in attributes.items()]
        return np.flatnonzero(np.logical_and.reduce(fits))

    @cached_property
    def _labels(self) -> dict[str, NDArray[np.str_]]:
        names = ("plant", "line", "market", "currency")
        return {name: np.array([getattr(o, name) for o in self.offers.rows]) for name in names}
