"""Compare invoice currencies and hedge ratios for a deal.

What arrives, for a hedge ratio ``h`` and an amount ``A`` in the invoice currency::

    A · (h · F + (1 − h) · S_T) · (1 − spread/2) − fees − finance − premium − credit loss

``F`` is the forward by covered parity. Without a view on the rate ``S_T`` is expected to be
today's; the simulation says how far it may fall. A payable is a negative amount.

A currency that is not delivered abroad (BRL, INR, IDR, KRW …) is hedged by a non-deliverable
forward in dollars and a forward of the dollars. Then

* ``F = S · (1 + r_cny · τ) / (1 + (r + basis) · τ)``: the basis is what the offshore market asks
  above covered parity; the dollar's own interest cancels;
* the hedged part pays three spreads: the NDF's, the dollar's and the currency's own at payment;
* the contract settles at a fixing some days before the buyer's money is changed. What the rate
  moves between the two stays with the firm, however much is hedged: the fixing risk, simulated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

import numpy as np

from offing.settlement.defaults import (
    LONGEST_DAYS,
    AssumedRate,
    Defaults,
    Framework,
    expected_credit_loss,
    finance_cost,
    shipped,
)
from offing.settlement.forwards import covered_parity_forward, day_count
from offing.settlement.simulation import Floats, lower_limit
from offing.terms.caution import Caution
from offing.terms.errors import InputError, must_be_within
from offing.terms.firm_records import Deal
from offing.terms.money import exactly, round_amount, round_money

ZERO, ONE = Decimal(0), Decimal(1)
RATIOS = tuple(Decimal(step) / 10 for step in range(11))
LONGEST_FORWARD = 360
"""Days: the interest rates here are of money markets, and simple interest is their convention up to
a year (see :func:`~offing.settlement.forwards.covered_parity_forward`)."""


@dataclass(frozen=True)
class Credit:
    """What the user says of the buyer's credit. All of it is an input; offing knows no buyer.

    Attributes:
        premium_rate: of credit insurance, share of the amount.
        cover: insured share of a loss.
        default_probability: that the buyer does not pay.
        loss_given_default: share lost then.
    """

    premium_rate: Decimal = ZERO
    cover: Decimal = ZERO
    default_probability: Decimal = ZERO
    loss_given_default: Decimal = ONE


Instrument = Literal["forward", "ndf"]


@dataclass(frozen=True)
class Ndf:
    """What a non-deliverable forward of a currency costs.

    Attributes:
        spread: the bank's bid-ask spread.
        basis: what its rate lies off covered parity, as yearly interest.
        fixing: days to the payment → moves of the rate between fixing and payment, one for each
            path, as shares.
    """

    spread: AssumedRate
    basis: AssumedRate
    fixing: Mapping[int, Floats]


@dataclass(frozen=True)
class Market:
    """The rates of a day.

    Attributes:
        on: the day.
        spot: currency → CNY for one unit, middle rate.
        interest: currency → yearly rate; a currency without one has no forward here.
        spreads: currency → the bank's bid-ask spread.
        finance: what waiting costs; ``None`` counts nothing.
        cny_discount: what the buyer asks for paying in CNY, share of the price.
        fees: whether the bank's tariff is charged.
        defaults: the tariff and the frameworks, with or without a reform.
        ndf: currencies that are hedged by a non-deliverable forward.
        stale: interest that was last seen too long ago for a forward.
        undelivered: currencies of which no document says how, or whether, forwards are settled.
    """

    on: date
    spot: Mapping[str, Decimal]
    interest: Mapping[str, AssumedRate]
    spreads: Mapping[str, AssumedRate]
    finance: AssumedRate | None = None
    cny_discount: Decimal = ZERO
    fees: bool = True
    defaults: Defaults = field(default_factory=shipped)
    ndf: Mapping[str, Ndf] = field(default_factory=dict)
    stale: Mapping[str, AssumedRate] = field(default_factory=dict)
    undelivered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Option:
    """One invoice currency at one hedge ratio, in CNY.

    Attributes:
        currency: of the invoice.
        hedge_ratio: share sold forward; ``None`` where nothing is known to hedge with.
        amount: in the invoice currency.
        spot: CNY for one unit.
        instrument: what hedges; ``None`` for CNY and where no interest is known.
        forward: of the instrument, middle rate; ``None`` where no interest is known.
        at_mid: the amount at the middle spot rate.
        spread_cost: lost to the bank's spreads.
        carry: gained (or lost, negative) by selling forward.
        discount: given to the buyer for paying in CNY.
        fees: of the bank.
        finance: cost of waiting.
        insurance: premium.
        credit_loss: expected.
        expected: what arrives, without a view on the rate.
        low: what arrives at the 95 % limit.
        days_to_cash: until the buyer pays.
    """

    currency: str
    hedge_ratio: Decimal | None
    amount: Decimal
    spot: Decimal
    instrument: Instrument | None
    forward: Decimal | None
    at_mid: Decimal
    spread_cost: Decimal
    carry: Decimal
    discount: Decimal
    fees: Decimal
    finance: Decimal
    insurance: Decimal
    credit_loss: Decimal
    expected: Decimal
    low: Decimal
    days_to_cash: int

    @property
    def at_risk(self) -> Decimal:
        """How far the limit lies below what is expected, share of the amount at mid."""
        return (self.expected - self.low) / abs(self.at_mid) if self.at_mid else ZERO

    @property
    def cost(self) -> Decimal:
        """What is lost on the way from the middle rate: spreads, carry, fees, waiting, credit."""
        return self.at_mid - self.expected


@dataclass(frozen=True)
class CurrencyChoice:
    """An invoice currency with the hedge ratio that suits it.

    ``frontier`` has every ratio that could be chosen; ``bare`` is without a hedge, also where that
    could not be; ``frameworks`` are facts, not prices. ``within`` says whether the limit is kept.
    """

    option: Option
    within: bool
    frontier: tuple[Option, ...]
    bare: Option
    frameworks: tuple[Framework, ...] = field(default=())


def forward_mid(currency: str, days: int, market: Market) -> Decimal | None:
    """The forward of the currency, CNY for one unit; ``None`` where :func:`why_no_forward` says.

    By covered parity; a non-deliverable one lies off it by its basis.
    """
    if why_no_forward(currency, days, market) is not None:
        return None
    basis = market.ndf[currency].basis.rate if currency in market.ndf else ZERO
    return covered_parity_forward(
        market.spot[currency],
        market.interest["CNY"].rate,
        market.interest[currency].rate + basis,
        Decimal(days),
        day_count_price=day_count("CNY"),
        day_count_base=day_count(currency),
    )


def why_no_forward(currency: str, days: int, market: Market) -> Caution | None:
    """Why a currency has no forward, a message key with its values; ``None`` where it has one."""
    named = {"currency": currency}
    if currency in market.undelivered:
        return Caution("settle.undelivered", named)
    for code in (currency, "CNY"):
        if (old := market.stale.get(code)) is not None:
            seen = {"rate": f"{old.rate * 100:.2f}%", "day": str(old.known_on)}
            ages = {"age": str(old.age_days), "longest": str(LONGEST_DAYS)}
            of = {"of": code, "id": code.lower()}
            return Caution("settle.stale_interest", named | of | seen | ages)
    if currency not in market.interest or "CNY" not in market.interest:
        return Caution("settle.no_forward", named)
    if days > LONGEST_FORWARD:
        longest = {"days": str(days), "longest": str(LONGEST_FORWARD)}
        return Caution("settle.forward_too_far", named | longest)
    return None


def instrument_of(currency: str, days: int, market: Market) -> Instrument | None:
    """What hedges a currency; ``None`` for CNY and where no interest is known."""
    if currency == "CNY" or forward_mid(currency, days, market) is None:
        return None
    return "ndf" if currency in market.ndf else "forward"


def open_moves(
    amount: Decimal,
    hedge_ratio: Decimal,
    currency: str,
    days: int,
    market: Market,
    simulated: Floats,
) -> Floats:
    """What each path brings more or less than today's rate, CNY: the open part, and the fixing.

    ``simulated`` is CNY for one unit after the days to the payment, one figure for each path; a
    payable's amount is negative.
    """
    spot = float(market.spot[currency])
    moves: Floats = float(amount * (1 - hedge_ratio)) * (simulated - spot)
    if hedge_ratio and currency in market.ndf:
        moves = moves + float(amount * hedge_ratio) * spot * market.ndf[currency].fixing[days]
    return moves


def _forward(currency: str, hedge_ratio: Decimal, days: int, market: Market) -> Decimal | None:
    """The forward rate that a hedge takes; ``None`` where there is none and none is asked for."""
    must_be_within("--hedge", hedge_ratio, ge=0, le=1)
    forward = None if currency == "CNY" else forward_mid(currency, days, market)
    if hedge_ratio and forward is None:
        why = why_no_forward(currency, days, market) or Caution("settle.no_forward")
        raise InputError(why.key, where=None, **why.values)
    return forward


def option(
    deal: Deal,
    currency: str,
    hedge_ratio: Decimal,
    market: Market,
    credit: Credit,
    simulated: Floats,
    natural: Decimal = ZERO,
) -> Option:
    """One invoice currency at one hedge ratio.

    ``simulated`` is CNY for one unit at maturity, one figure for each path; unused for CNY.
    ``natural`` is the share that a book's other side takes: it is not exchanged, so no spread is
    lost on it.

    Raises:
        InputError: ``errors.out_of_range``, ``settle.no_forward`` or ``settle.fees_above_amount``.
    """
    forward = _forward(currency, hedge_ratio, deal.days, market)
    with exactly():
        spot = market.spot[currency]
        at_mid = round_amount(deal.amount * market.spot[deal.currency])
        discount_rate = market.cny_discount if currency == "CNY" != deal.currency else ZERO
        discount = round_amount(at_mid * discount_rate)
        amount = round_money((at_mid - discount) / spot, currency)
        if currency == deal.currency:  # as it is, with the decimals of its coins
            amount = deal.amount + round_money(ZERO, currency)
        at_spot, ahead = half_spreads(currency, market)
        changed = abs(amount) * (1 - hedge_ratio - natural) * spot
        sold = abs(amount) * hedge_ratio * (forward or ZERO)
        spread_cost = round_amount(changed * at_spot + sold * ahead)
        carry = ZERO if forward is None else round_amount(amount * hedge_ratio * (forward - spot))
        costs = _costs(deal, at_mid, market, credit)
        expected = at_mid - discount - spread_cost + carry - sum(costs.values())
        if at_mid > 0 and expected <= 0:
            raise InputError("settle.fees_above_amount", fees=costs["fees"], amount=at_mid)
        moves = open_moves(amount, hedge_ratio, currency, deal.days, market, simulated)
        at_risk = max(-Decimal(repr(lower_limit(moves))), ZERO) if currency != "CNY" else ZERO
        hedgeable = currency == "CNY" or forward is not None
        return Option(
            currency=currency,
            hedge_ratio=hedge_ratio if hedgeable else None,
            amount=amount,
            spot=_round_rate(spot),
            instrument=instrument_of(currency, deal.days, market),
            forward=None if forward is None else _round_rate(forward),
            at_mid=at_mid,
            spread_cost=spread_cost,
            carry=carry,
            discount=discount,
            expected=expected,
            low=expected - round_amount(at_risk),
            days_to_cash=deal.days,
            **costs,
        )


def half_spreads(currency: str, market: Market) -> tuple[Decimal, Decimal]:
    """Half the spreads on what is changed at spot, and on what is sold forward."""
    half = market.spreads[currency].rate / 2
    if currency not in market.ndf:
        return half, half
    dollar = market.spreads.get("USD")  # an NDF's own spread comes beside the dollar's
    both = market.ndf[currency].spread.rate + (dollar.rate if dollar else ZERO)
    return half, half + both / 2


def _costs(deal: Deal, at_mid: Decimal, market: Market, credit: Credit) -> dict[str, Decimal]:
    """Fees of the bank, the wait, premium, expected loss, each rounded; a payable has no credit."""
    receivable = max(at_mid, ZERO)
    tariff = market.defaults.fees_of(deal.terms, market.on) if market.fees else ()
    finance = loss = ZERO
    if market.finance:
        finance = finance_cost(at_mid, market.finance.rate, Decimal(deal.days))
    if deal.terms != "prepaid":
        loss = expected_credit_loss(
            receivable, credit.default_probability, credit.loss_given_default, credit.cover
        )
    return {
        "fees": sum((round_amount(fee.of(abs(at_mid), deal.days)) for _, fee in tariff), ZERO),
        "finance": round_amount(finance),
        "insurance": round_amount(receivable * credit.premium_rate),
        "credit_loss": round_amount(loss),
    }


def _round_rate(rate: Decimal) -> Decimal:
    """A rate with nine digits that matter: enough for a rupiah and for a pound."""
    return Context(prec=9, rounding=ROUND_HALF_UP).plus(rate)


def choose(
    deal: Deal,
    currencies: Sequence[str],
    market: Market,
    credit: Credit,
    simulated: Mapping[str, Floats],
    *,
    risk: Decimal,
    hedge: Decimal | None = None,
) -> tuple[CurrencyChoice, ...]:
    """Each currency with its hedge ratio, the best first.

    Of the ratios that keep the risk limit, the one that brings most is taken; where none does, the
    one with the least risk. Best is: within the limit, then what is expected. ``simulated`` is
    currency → its rate on each path on the deal's day; ``risk`` how far the 95 % limit may lie
    below what is expected, share of the amount; ``hedge`` a ratio set by the user.
    """
    choices = []
    for currency in dict.fromkeys(currencies):
        can_hedge = instrument_of(currency, deal.days, market) is not None
        if currency == "CNY":
            ratios: tuple[Decimal, ...] = (ZERO,)
        elif hedge is not None:
            ratios = (hedge,)
        else:
            ratios = RATIOS if can_hedge else (ZERO,)
        paths = simulated.get(currency, np.empty(0))
        frontier = tuple(option(deal, currency, ratio, market, credit, paths) for ratio in ratios)
        within = [option for option in frontier if option.at_risk <= risk]
        best = (
            max(within, key=lambda option: option.expected)
            if within
            else min(frontier, key=lambda option: option.at_risk)
        )
        standing = market.defaults.standing(currency, market.on)
        bare = option(deal, currency, ZERO, market, credit, paths) if ratios[0] else frontier[0]
        choices.append(CurrencyChoice(best, bool(within), frontier, bare, standing))
    return tuple(sorted(choices, key=lambda choice: (not choice.within, -choice.option.expected)))
