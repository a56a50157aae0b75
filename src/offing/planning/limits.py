"""What a plan must respect, in the firm's words: hours, budgets, caps, duties to keep, a target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

import numpy as np

from offing.planning.offers import Offers
from offing.terms.errors import InputError

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
    """How the worst scenarios count: λ in the value, and the least average of them."""

    aversion: float = 0.0
    least_worst_cny: float | None = None

    @property
    def counts(self) -> bool:
        """Whether the expected shortfall matters at all."""
        return self.aversion > 0 or self.least_worst_cny is not None


@dataclass(frozen=True)
class Limits:
    """What a plan must respect; what is not named has no limit.

    All hold in the mean of the scenarios and in each year of the horizon, but for the entry budget
    (once) and ``least_worst_cny`` (over the tail).

    Attributes:
        line_hours: hours of each (plant, line) by year.
        entry_budget_cny: all entry costs together.
        working_capital_cny: what may stand with buyers: sales × receivable days / 365.
        cny_per_usd: the rate at which receivables count.
        market_share: the largest share of planned sales in a market, by market.
        currency_share: by invoice currency.
        must_keep: (model, market) that is not left: in whatever way, it is served as much as
            today's way would serve it; in full where nothing is sold yet.
        least_worst_cny: the average profit of the worst twentieth of the scenarios, over the
            horizon and discounted, is not below this: the loss that could be borne.
        target: what is to be reached.
    """

    line_hours: Mapping[Key, tuple[float, ...]] = field(default_factory=dict)
    entry_budget_cny: float | None = None
    working_capital_cny: float | None = None
    cny_per_usd: float = 1.0
    market_share: Mapping[str, float] = field(default_factory=dict)
    currency_share: Mapping[str, float] = field(default_factory=dict)
    must_keep: frozenset[Key] = frozenset()
    least_worst_cny: float | None = None
    target: Target | None = None

    def risk(self, aversion: float = 0.0) -> Risk:
        """How the worst scenarios count under these limits."""
        return Risk(aversion, self.least_worst_cny)


def check(limits: Limits, offers: Offers) -> None:
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
        "currency_share": list(limits.currency_share.values()),
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
