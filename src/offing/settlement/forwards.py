"""Forwards, the money-market hedge and non-deliverable forwards, exact; options by a model.

Quotes: ``home`` is the exporter's currency, ``fc`` the currency of the invoice. A rate named
``home_per_fc`` is units of home money for one of foreign money.

Value dates of the exchange market: spot, and a tenor from there, modified following.

A spot date that is its month's last working day leads to the last working day of the month.

Rates through a third currency, and what comes back of a way round: on the worse side each.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from math import erf, exp, log, sqrt
from typing import Literal

import numpy as np

from offing.refunds.calendar import months_later
from offing.terms.errors import must_be_within
from offing.terms.money import exactly

SPOT_DAYS = 2
"""Working days from a deal to its spot value date."""


def value_dates(
    traded: date,
    months: int,
    days: int,
    closed: frozenset[date] = frozenset(),
    settle_days: int = SPOT_DAYS,
) -> tuple[date, date]:
    """The spot date, and the value date so many months and days on.

    Args:
        traded: day of the deal.
        months: of the tenor.
        days: of the tenor, besides.
        closed: holidays; Saturdays and Sundays are none.
        settle_days: working days to the spot date.

    >>> [str(day) for day in value_dates(date(2026, 1, 28), 1, 0)]
    ['2026-01-30', '2026-02-27']
    """
    spot = _working_day(traded, closed, settle_days, "backward") if settle_days else traded
    nominal = months_later(spot, months) + timedelta(days=days)
    if months and _working_day(spot, closed, 1, "backward").month != spot.month:
        nominal = nominal.replace(day=monthrange(nominal.year, nominal.month)[1])
    return spot, _working_day(nominal, closed)


def _working_day(
    day: date,
    closed: frozenset[date],
    later: int = 0,
    roll: Literal["modifiedfollowing", "backward"] = "modifiedfollowing",
) -> date:
    """The working day so many after a day; by itself the next, or before a new month the last."""
    holidays = np.array(sorted(closed), "datetime64[D]")
    found = np.busday_offset(np.datetime64(day), later, roll, holidays=holidays)
    return date.fromisoformat(str(found))


Compounding = Literal["simple", "annual", "continuous"]


def _above_zero(**values: Decimal) -> None:
    for name, value in values.items():
        must_be_within(name, value, gt=0)


ACT_365 = frozenset(
    ("AUD", "CAD", "GBP", "HKD", "ILS", "INR", "JPY", "KRW", "MYR", "NZD", "PLN", "RUB", "SGD",
     "THB", "TWD", "ZAR")
)  # fmt: skip
"""Currencies whose money market counts a year of 365 days, Actual/365 (Fixed); the others, CNY
(SHIBOR) too, count 360. Market convention, from memory: no text was read."""


def day_count(currency: str) -> Decimal:
    """计息年天数: the days of a year in the money market of a currency.

    >>> day_count("GBP"), day_count("CNY")
    (Decimal('365'), Decimal('360'))
    """
    return Decimal(365 if currency in ACT_365 else 360)


def covered_parity_forward(
    spot: Decimal,
    r_price: Decimal,
    r_base: Decimal,
    days: Decimal,
    *,
    day_count_price: Decimal = Decimal(360),
    day_count_base: Decimal = Decimal(360),
    compounding: Compounding = "simple",
) -> Decimal:
    """The forward that covered interest parity gives.

    ``F = S · (1 + r_price · τ) / (1 + r_base · τ)`` with simple interest, the money-market
    convention up to a year (Shapiro, *Multinational Financial Management*, ch. 4).

    Args:
        spot: units of the price currency for one of the base currency.
        r_price: yearly interest rate of the price currency, as a share.
        r_base: yearly interest rate of the base currency.
        days: to maturity.
        day_count_price: days of a year in the price currency's market, 360 or 365.
        day_count_base: likewise for the base currency.
        compounding: ``simple``, ``annual`` or ``continuous``.

    Raises:
        InputError: ``errors.out_of_range``.

    >>> round(covered_parity_forward(Decimal("6.69"), Decimal("0.0225"), Decimal("0.0071"),
    ...     Decimal(180)), 4)
    Decimal('6.7413')
    """
    _above_zero(spot=spot, day_count=min(day_count_price, day_count_base))
    with exactly():
        price_years, base_years = days / day_count_price, days / day_count_base
        if compounding == "annual":
            return spot * (1 + r_price) ** price_years / (1 + r_base) ** base_years
        if compounding == "continuous":
            return spot * (r_price * price_years - r_base * base_years).exp()
        return spot * (1 + r_price * price_years) / (1 + r_base * base_years)


def money_market_hedge(
    amount_fc: Decimal,
    fc_rate_period: Decimal,
    spot_home_per_fc: Decimal,
    home_rate_period: Decimal,
) -> tuple[Decimal, Decimal, Decimal]:
    """Hedge an amount in foreign money through the money market.

    A receivable: borrow ``A / (1 + r_fc)``, sell it spot, deposit the proceeds at home. A payable
    is the mirror: deposit that amount abroad, with money borrowed at home.

    Args:
        amount_fc: receivable or payable at maturity.
        fc_rate_period: interest of the foreign money for the period, not a year.
        spot_home_per_fc: spot.
        home_rate_period: interest of home money for the period.

    Returns:
        foreign money borrowed (of a payable: deposited) today, the home money that it is today, and
        home money at maturity.
    """
    _above_zero(spot=spot_home_per_fc)
    with exactly():
        today_fc = amount_fc / (1 + fc_rate_period)
        now = today_fc * spot_home_per_fc
        return today_fc, now, now * (1 + home_rate_period)


def ndf_settlement(
    notional_local: Decimal, ndf_usd_per_local: Decimal, fixing_usd_per_local: Decimal
) -> tuple[Decimal, Decimal]:
    """The notional of a non-deliverable forward in dollars: at the agreed rate, at the fixing.

    The first less the second is paid to the seller of the local currency, an exporter with a
    receivable in it; where it is negative the seller pays.

    >>> ndf_settlement(Decimal(3000000), Decimal("0.769"), Decimal("0.8"))
    (Decimal('2307000.000'), Decimal('2400000.0'))
    """
    _above_zero(ndf=ndf_usd_per_local, fixing=fixing_usd_per_local)
    with exactly():
        return notional_local * ndf_usd_per_local, notional_local * fixing_usd_per_local


def _normal(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


def option_prices(
    spot: float, strike: float, r_home: float, r_foreign: float, sigma: float, years: float
) -> dict[str, Decimal]:
    """The call and the put, in home money for one of foreign money.

    Garman and Kohlhagen, Journal of International Money and Finance 2 (1983), eq. 9 and 10:
    ``call = S·e^(-r_f·t)·N(d1) − K·e^(-r·t)·N(d2)``; interest is continuous, and a year's.

    Returns:
        ``call``, ``put``, ``d1``, ``d2``.

    >>> {name: round(value, 4) for name, value in option_prices(7, 7, 0, 0, 0.1, 1).items()}
    {'call': Decimal('0.2791'), 'put': Decimal('0.2791'), 'd1': Decimal('0.0500'), \
'd2': Decimal('-0.0500')}
    """
    width = sigma * sqrt(years)
    d1 = (log(spot / strike) + (r_home - r_foreign + sigma**2 / 2) * years) / width
    d2 = d1 - width
    foreign, home = spot * exp(-r_foreign * years), strike * exp(-r_home * years)
    call = foreign * _normal(d1) - home * _normal(d2)
    values = {"call": call, "put": call - foreign + home, "d1": d1, "d2": d2}
    return {name: Decimal(str(value)) for name, value in values.items()}


@dataclass(frozen=True)
class PairQuote:
    """The price of one currency (``below``) in another (``above``), as a bank quotes it."""

    above: str
    below: str
    bid: Decimal
    ask: Decimal

    def sold(self, currency: str) -> tuple[str, Decimal]:
        """What one of a currency brings: the other one, at the worse side."""
        if currency == self.below:
            return self.above, self.bid
        return self.below, 1 / self.ask


def brought(quotes: Sequence[PairQuote], currency: str, into: str) -> Decimal | None:
    """What one of a currency brings in another, straight or through a third; ``None`` if nothing.

    >>> usd, eur = (Decimal(7), Decimal("7.1")), (Decimal("1.08"), Decimal("1.09"))
    >>> brought([PairQuote("usd", "eur", *eur), PairQuote("cny", "usd", *usd)], "eur", "cny")
    Decimal('7.56')
    """
    for first in quotes:
        if currency not in (first.above, first.below):
            continue
        between, amount = first.sold(currency)
        if between == into:
            return amount
        for second in quotes:
            if {second.above, second.below} == {between, into}:
                return amount * second.sold(between)[1]
    return None


def round_trips(quotes: Sequence[PairQuote], start: str) -> list[Decimal]:
    """What one of a currency brings back after all quotes, each once, either way round."""
    back = []
    for order in permutations(quotes):
        held, amount = start, Decimal(1)
        for quote in order:
            if held not in (quote.above, quote.below):
                break
            held, rate = quote.sold(held)
            amount *= rate
        else:
            back += [amount] if held == start else []
    return back
