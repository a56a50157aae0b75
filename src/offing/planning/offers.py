"""What a plan chooses from: one way to serve one market with one model, in every scenario.

An offer is the firm's own article (model) in a market at one price, from one plant, in one invoice
currency. The economics of an offer (how many are sold at that price, what is left of each) come
before this module; which offers are taken comes after it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offing.terms.errors import InputError

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

    def __post_init__(self) -> None:
        """Two ways of doing the same today would count today's sales twice."""
        today = [(offer.model, offer.market) for offer in self.rows if offer.today]
        twice = sorted({key for key in today if today.count(key) > 1})
        if twice:
            model, market = twice[0]
            raise InputError("plan.today_twice", model=model, market=market)

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

    def earned(self, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        """Profit of some offers in the year of a place, weighted and added up; scenarios."""
        return self._once(self._weighted_profit, year, chosen, weight)

    def alive(self, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        """The weights of those whose market takes any in the year, added up; scenarios."""
        return self._once(self._alive, year, chosen, weight)

    def _once(
        self,
        added: Callable[[int, NDArray[np.intp], Array], Array],
        year: int,
        chosen: NDArray[np.intp],
        weight: Array,
    ) -> Array:
        """A sum, only to look at: of choices that are asked again and again each is made once."""
        key = added.__name__, year, chosen.tobytes(), weight.tobytes()
        if (known := self._sums.get(key)) is None:
            if len(self._sums) >= REMEMBERED:
                self._sums.pop(next(iter(self._sums)))
            known = self._sums[key] = added(year, chosen, weight)
            known.setflags(write=False)
        return known

    @cached_property
    def _sums(self) -> dict[tuple[str, int, bytes, bytes], Array]:
        return {}

    def _weighted_profit(self, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        if not self._small:
            return np.asarray(self.profit_cny[:, year, chosen].astype(np.float64) @ weight)
        return np.asarray(weight @ self._profits[year][chosen])

    def _alive(self, year: int, chosen: NDArray[np.intp], weight: Array) -> Array:
        if not self._small:
            return np.asarray((self.units[:, year, chosen] > 0) @ weight)
        return np.asarray(weight @ self._lives[year][chosen])

    @property
    def _small(self) -> bool:
        return 8 * self.profit_cny.size <= DOUBLED

    @cached_property
    def _profits(self) -> list[Array]:
        return self._laid_out(self.profit_cny)

    @cached_property
    def _lives(self) -> list[Array]:
        return self._laid_out(self.units > 0)

    def _laid_out(self, values: Array | NDArray[np.bool_]) -> list[Array]:
        """By year, n × scenarios: few offers are taken of many, each a row of memory."""
        return [np.ascontiguousarray(values[:, y].T, np.float64) for y in range(values.shape[1])]
