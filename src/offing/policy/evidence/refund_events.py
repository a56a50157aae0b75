"""Dated changes of the export refund, and how each stands to a panel of exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from offing.refunds.rates import dated_rate
from offing.refunds.rules import DatedRate
from offing.terms.errors import OffingError

ANTICIPATION = 3
"""Months before a change that count as anticipation: announcements of 2018-2026 came one to twelve
weeks ahead, and shipments are brought forward or held back in them."""


@dataclass(frozen=True)
class Change:
    """The refund of a code that changes.

    Attributes:
        code: HS code of 4 to 10 digits.
        on: the first day of the new rate, by the export date.
        points: of refund less levy, new less old, in percentage points: what exporters keep. A
            cut of both together, as in 2019, is no change; a cancelled refund counts as nought.
        status: of the rule.
    """

    code: str
    on: date
    points: float
    status: str


@dataclass(frozen=True)
class Clock:
    """How a panel counts time: months since year 0, or years.

    The window is on each side.
    """

    monthly: bool
    window: int

    def period(self, day: date) -> int:
        """The period in which a day lies."""
        return 12 * day.year + day.month - 1 if self.monthly else day.year

    def first_full(self, on: date) -> int:
        """The first period that lies wholly under the new rate."""
        start = date(on.year, on.month, 1) if self.monthly else date(on.year, 1, 1)
        return self.period(on) + (on > start)

    def anticipated(self, on: date) -> range:
        """The periods that are shown and dropped: from the anticipation to the first full one."""
        months = 12 * on.year + on.month - 1 - ANTICIPATION
        first = months if self.monthly else months // 12
        return range(first, self.first_full(on))

    def name(self, period: int) -> str:
        """``2024-12`` or ``2024``."""
        return f"{period // 12}-{period % 12 + 1:02d}" if self.monthly else str(period)


def changes_of(rates: Sequence[DatedRate]) -> tuple[Change, ...]:
    """Every change of the refund of a code, from the dated rates; a rule without codes is left out.

    The rate before a code's first row is that of its group or the general one on the day before.
    """
    changes: dict[tuple[str, date], Change] = {}
    for rate in rates:
        since = rate.when.since
        if since is None:
            continue
        for code in rate.codes:
            try:
                before = dated_rate(since - timedelta(days=1), code=code, rates=rates)
            except OffingError:
                continue
            points = 100 * float(_kept(rate) - _kept(before))
            if points:
                changes[code, since] = Change(code, since, points, rate.status)
    return tuple(sorted(changes.values(), key=lambda change: (change.on, change.code)))


def _kept(rate: DatedRate) -> Decimal:
    """What of the levy is not refunded, negative."""
    return rate.refund_rate - rate.levy_rate


def touches(product: str, code: str) -> bool:
    """Whether a change of a code touches a product: its own, a finer or a coarser code."""
    return product.startswith(code) or code.startswith(product)


def doses(products: Sequence[str], changes: Sequence[Change]) -> pl.DataFrame:
    """``product``, ``on``, ``points`` and ``whole``: whether the change is of all of the product.

    Of several codes under one product the mean of the changes stands.
    """
    rows = [
        (product, change.on, change.points, product.startswith(change.code))
        for change in changes
        for product in products
        if touches(product, change.code)
    ]
    schema = {
        "product": pl.String, "on": pl.Date, "points": pl.Float64, "whole": pl.Boolean,
    }  # fmt: skip
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by("product", "on")
        .agg(pl.col("points").mean(), pl.col("whole").any())
        .sort("on", "product")
    )
