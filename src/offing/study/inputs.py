"""What a plan rests on, as inputs that can be moved: the same offers at another cost, rate, duty.

Each input acts as it does where the offers are made (:mod:`offing.planning.offering`), without
drawing anything anew: costs and receipts are linear in it, the curve of a price is a power. The
plan is kept here and its mean is asked for, so that the means of the scenarios stand for them. What
a duty or a freight does to all rivals alike moves no sales here; it moves what goods from another
plant may be invoiced at, for the buyer pays the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from math import fsum

import numpy as np

from offing.planning.currencies import Treasury
from offing.planning.inaction import PlanSolution
from offing.planning.moves import Move
from offing.planning.offering import Delivery, Outlet
from offing.planning.offers import Array, Offer, Offers
from offing.planning.programme import Programme, build, facts_of, line_hours
from offing.planning.robust import Input, rescale_offers
from offing.planning.scenarios import Rates
from offing.study.offers import ChoiceSet
from offing.study.treasury import at_another_rate

LEAST_SHARE = 0.05
"""A currency of less than a twentieth of all sales is no input of its own."""

ARRAYS = ("units", "profit_cny", "sales_usd")
Offered = Callable[[float], Offers]
"""The offers where an input is multiplied by a factor."""


@dataclass(frozen=True)
class InputSensitivity:
    """An input by its name, what it is about, and its value where that says something."""

    name: str
    subject: str
    value: float | None
    input: Input


@dataclass(frozen=True)
class _Basis:
    """Offers with what their profit is made of; ``alive`` is years × n, see :class:`Facts`."""

    made: ChoiceSet
    rates: Rates
    alive: Array

    @cached_property
    def offers(self) -> Offers:
        """One world: the means; the yearly costs of a market end where it is left."""
        whole = self.made.offers
        means = {
            name: getattr(whole, name).mean(axis=0, keepdims=True, dtype=np.float64)
            for name in ARRAYS
        }
        lasting = whole.discount @ self.alive / whole.discount.sum()
        rows = tuple(
            replace(row, keep_cny=row.keep_cny * there)
            for row, there in zip(whole.rows, lasting, strict=True)
        )
        return replace(whole, rows=rows, **means)

    @cached_property
    def outlets(self) -> dict[tuple[str, str], Outlet]:
        return {(o.model, o.market): o for s in self.made.shelves.values() for o in s.outlets}

    def outlet(self, row: Offer) -> Outlet:
        return self.outlets[row.model, row.market]

    @cached_property
    def ways(self) -> tuple[Delivery, ...]:
        """How each offer is delivered."""

        def key(source: Offer | Delivery) -> tuple[str, str, str, str]:
            return source.plant, source.line, source.currency, source.brand

        return tuple(
            next(way for way in self.outlet(row).deliveries if key(way) == key(row))
            for row in self.offers.rows
        )

    @cached_property
    def inputs(self) -> Array:
        """What the goods cost ex works."""
        cost = np.array([way.cost_cny for way in self.ways])
        return np.asarray(self._mean(self.made.inputs) * cost)

    @cached_property
    def carried(self) -> Array:
        """What the firm pays to carry them."""
        cost = np.array([way.carried_cny for way in self.ways])
        return np.asarray(self._mean(self.made.freight) * cost)

    def _mean(self, factor: Array) -> Array:
        """Units times a factor of each scenario and year: 1 × years × n."""
        units = self.made.offers.units
        sums = np.einsum("syo,sy->yo", units, factor.astype(units.dtype), dtype=np.float64)
        return np.asarray(sums[None] / len(units))

    @cached_property
    def receipts(self) -> Array:
        """What is left of sales after what is in proportion to them."""
        return np.asarray(self.offers.profit_cny + self.inputs + self.carried)

    @cached_property
    def matches(self) -> Array:
        """1 where an offer's FOB price follows from what the buyer pays today for other goods."""
        return np.array(
            [
                way is not self.outlet(row).deliveries[0] and mark.curve is None and not mark.asked
                for row, way, mark in zip(self.offers.rows, self.ways, self.made.marks, strict=True)
            ],
            dtype=float,
        )

    def demand(self, factor: float) -> Offers:
        return rescale_offers(self.offers, units=factor, profit_cny=factor, sales_usd=factor)

    def cost(self, factor: float) -> Offers:
        return replace(self.offers, profit_cny=self.offers.profit_cny - (factor - 1) * self.inputs)

    def rate(self, factor: float, currency: str) -> Offers:
        """The currency dearer in yuan; all others as they are."""
        paid = np.array([row.currency == currency for row in self.offers.rows])
        profit = self.offers.profit_cny + (factor - 1) * self.receipts * paid
        # Sales are counted in dollars: a dearer dollar makes the others' fewer.
        times = np.where(paid, 1.0, 1 / factor) if currency == "USD" else np.where(paid, factor, 1)
        return replace(self.offers, profit_cny=profit, sales_usd=self.offers.sales_usd * times)

    def way(self, factor: float, duty: float, freight: float) -> Offers:
        """Duty and freight: each to the power of its own exponent, 0 or 1."""
        dollar = float(self.rates.today[self.rates.currencies.index("USD")])
        times = np.ones(len(self.ways))
        for offer in np.flatnonzero(self.matches):
            row, outlet = self.offers.rows[offer], self.outlet(self.offers.rows[offer])
            level = outlet.sigma.level
            today, offered = (
                replace(
                    way,
                    duty=way.duty and way.duty * factor**duty,
                    freight_usd=way.freight_usd * factor**freight,
                ).chain(dollar)
                for way in (outlet.deliveries[0], self.ways[offer])
            )
            times[offer] = offered.fob(level, today.at(level, outlet.price_usd)) / row.price_usd
        profit = self.receipts * times - self.inputs - self.carried * factor**freight
        return replace(self.offers, profit_cny=profit, sales_usd=self.offers.sales_usd * times)

    def elasticity(self, factor: float, model: str) -> Offers:
        """What a price does to units, to the power of the factor."""
        whole, marks = self.made.offers, self.made.marks
        plain = {
            (row.model, row.market): index
            for index, row in reversed(list(enumerate(whole.rows)))
            if marks[index].curve is None
        }
        arrays = [getattr(self.offers, name).copy() for name in ARRAYS]
        for index, row in enumerate(whole.rows):
            base = plain.get((row.model, row.market))
            if row.model != model or marks[index].curve is None or base is None:
                continue
            units = whole.units[:, :, [index, base]].astype(np.float64)
            curve = np.divide(
                units[..., 0], units[..., 1], out=np.ones(units.shape[:2]),
                where=(units > 0).all(axis=2),
            )  # fmt: skip
            times = curve ** (factor - 1)
            for values, name in zip(arrays, ARRAYS, strict=True):
                values[0, :, index] = (getattr(whole, name)[:, :, index] * times).mean(axis=0)
        return replace(self.offers, **dict(zip(ARRAYS, arrays, strict=True)))

    def entries(self, factor: float) -> Offers:
        """The size of what is not sold yet."""
        times = np.array([1.0 if row.sold else factor for row in self.offers.rows])
        offers = self.offers
        return replace(
            offers,
            units=offers.units * times,
            profit_cny=offers.profit_cny * times,
            sales_usd=offers.sales_usd * times,
        )

    def paid(self, factor: float, name: str) -> Offers:
        """What entering costs, or keeping."""
        rows = (replace(row, **{name: getattr(row, name) * factor}) for row in self.offers.rows)
        return replace(self.offers, rows=tuple(rows))


def _means(treasury: Treasury) -> Treasury:
    """What contracts pay on average: one world."""

    def mean(values: Array | float) -> Array:
        return np.array([np.mean(values)])

    return Treasury(
        tuple(
            replace(
                money,
                forwards=tuple(replace(f, payoff_cny=mean(f.payoff_cny)) for f in money.forwards),
                constant_cny=mean(money.constant_cny),
            )
            for money in treasury.currencies
        ),
        tuple(replace(switch, payoff_cny=mean(switch.payoff_cny)) for switch in treasury.switches),
    )


def inputs_of(solved: PlanSolution, menu: ChoiceSet, rates: Rates) -> Iterator[InputSensitivity]:
    """The inputs that could turn the plan around: those that something in it hangs on.

    Args:
        solved: the plan.
        menu: what it was chosen from.
        rates: of exchange.
    """
    basis, moves = _Basis(menu, rates, solved.programme.facts.alive), solved.moves
    # What must be kept need not be served in full in a world that the firm did not choose.
    limits = replace(solved.programme.facts.limits, must_keep=frozenset())
    treasury = solved.programme.facts.treasury

    def moved(
        name: str, offered: Offered, subject: str = "", value: float | None = None
    ) -> InputSensitivity:
        @lru_cache(maxsize=2)
        def rebuilt(factor: float) -> Programme:
            at = factor if name == "rate" else 1.0
            money = at_another_rate(
                treasury, rates, menu.offers.discount, every=1, code=subject, factor=at
            )
            # A plan that goes on as it is gives way to nothing but the hours of a line.
            built = build(
                facts_of(offered(factor), limits, _means(money)), constraints=(line_hours,)
            )
            return replace(built, closed=solved.programme.closed, needed=solved.programme.needed)

        return InputSensitivity(name, subject, value, Input(name, 1.0, rebuilt))

    yield moved("demand", basis.demand)
    yield moved("cost", basis.cost)
    for currency in _currencies(solved):
        rate = float(rates.today[rates.currencies.index(currency)])
        yield moved("rate", partial(basis.rate, currency=currency), currency, rate)
    if basis.matches.any():
        yield moved("duty", partial(basis.way, duty=1, freight=0))
    if basis.matches.any() or any(way.carried_cny for way in basis.ways):
        yield moved("freight", partial(basis.way, duty=0, freight=1))
    for model in _repriced(moves):
        sigma = menu.shelves[model].sigma.value
        yield moved("elasticity", partial(basis.elasticity, model=model), model, sigma)
    if any(move.kind == "enter" for move in moves):
        yield moved("entries", basis.entries)
        yield moved("entering", partial(basis.paid, name="entry_cny"))
    if any(row.keep_cny for row in menu.offers.rows):
        yield moved("keeping", partial(basis.paid, name="keep_cny"))


def _repriced(moves: Sequence[Move]) -> list[str]:
    """Models of which a move changes a price."""
    return list(dict.fromkeys(m.model for m in moves if {"dearer", "cheaper"} & set(m.kinds)))


def _currencies(solved: PlanSolution) -> list[str]:
    """Foreign currencies of the plan's invoices that weigh anything in its sales, largest first."""
    facts, share = solved.programme.facts, solved.solution.decision.share
    sales = (facts.sales_usd * share).sum(axis=0)
    sums: dict[str, float] = defaultdict(float)
    for row, usd in zip(facts.offers.rows, sales, strict=True):
        sums[row.currency] += float(usd)
    whole = fsum(sums.values()) or 1.0
    parts = {code: usd / whole for code, usd in sums.items() if code != "CNY"}
    return sorted((c for c in parts if parts[c] >= LEAST_SHARE), key=lambda c: (-parts[c], c))
