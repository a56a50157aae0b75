"""Compare invoice currencies and hedge ratios for a deal.

What arrives, for a hedge ratio ``h`` and an amount ``A`` in the invoice currency::

    A · (h · F + (1 − h) · S_T) · (1 − spread/2) − fees − finance − premium − credit loss

``F`` is the forward by covered parity. Without a view on the rate ``S_T`` is expected to be
today's; the simulation says how far it may fall. A payable is a negative amount.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from offing.costing.refund.amounts import exactly
from offing.costing.settlement.charges import expected_credit_loss, finance_cost
from offing.costing.settlement.defaults import Assumed, Framework, fees_of, frameworks
from offing.costing.settlement.forwards import covered_parity_forward
from offing.costing.settlement.simulation import Floats, lower_limit
from offing.terms.errors import InputError
from offing.terms.money import rounded

ZERO, ONE = Decimal(0), Decimal(1)
RATIOS = tuple(Decimal(step) / 10 for step in range(11))


@dataclass(frozen=True)
class Deal:
    """An export deal as agreed.

    Attributes:
        amount: in ``currency``; negative for a payable.
        currency: in which the price was agreed.
        days: until payment.
        terms: of payment, see :data:`offing.costing.settlement.charges.RISK_ORDER`.
        cost_cny: what the goods cost the firm; ``None`` where not given.
        name: what the user calls it.
    """

    amount: Decimal
    currency: str
    days: int
    terms: str = "open_account"
    cost_cny: Decimal | None = None
    name: str = ""


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


@dataclass(frozen=True)
class Market:
    """The rates of a day.

    Attributes:
        on: the day.
        spot: currency → CNY for one unit, middle rate.
        interest: currency → yearly rate; a currency without one has no forward here.
        spreads: currency → the bank's spread.
        finance: what waiting costs; ``None`` counts nothing.
        cny_discount: what the buyer asks for paying in CNY, share of the price.
        fees: whether the default bank tariff is charged.
    """

    on: date
    spot: Mapping[str, Decimal]
    interest: Mapping[str, Assumed]
    spreads: Mapping[str, Assumed]
    finance: Assumed | None = None
    cny_discount: Decimal = ZERO
    fees: bool = True


@dataclass(frozen=True)
class Option:
    """One invoice currency at one hedge ratio, in CNY.

    Attributes:
        currency: of the invoice.
        hedge_ratio: share sold forward.
        amount: in the invoice currency.
        spot: CNY for one unit.
        forward: by covered parity, middle rate; ``None`` where no interest is known.
        at_mid: the amount at the middle spot rate.
        spread_cost: lost to the bank's spread.
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
    hedge_ratio: Decimal
    amount: Decimal
    spot: Decimal
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


@dataclass(frozen=True)
class Choice:
    """An invoice currency with the hedge ratio that suits it.

    ``frontier`` has every ratio that could be chosen; ``frameworks`` are facts, not prices.
    ``within`` says whether the limit is kept.
    """

    option: Option
    within: bool
    frontier: tuple[Option, ...]
    frameworks: tuple[Framework, ...] = field(default=())


def forward_mid(currency: str, days: int, market: Market) -> Decimal | None:
    """The forward by covered parity, CNY for one unit; ``None`` without interest rates."""
    if currency not in market.interest or "CNY" not in market.interest:
        return None
    return covered_parity_forward(
        market.spot[currency],
        market.interest["CNY"].rate,
        market.interest[currency].rate,
        Decimal(days),
    )


def option(
    deal: Deal,
    currency: str,
    hedge_ratio: Decimal,
    market: Market,
    credit: Credit,
    simulated: Floats,
) -> Option:
    """One invoice currency at one hedge ratio.

    Args:
        deal: as agreed.
        currency: of the invoice.
        hedge_ratio: share sold forward, 0 to 1.
        market: rates of the day.
        credit: of the buyer.
        simulated: CNY for one unit at maturity, one figure for each path; unused for CNY.

    Raises:
        InputError: ``settle.bad_hedge``, ``settle.no_forward`` or ``settle.fees_above_amount``.
    """
    if not 0 <= hedge_ratio <= 1:
        raise InputError("settle.bad_hedge", hedge=f"{hedge_ratio * 100:f}".rstrip("0").rstrip("."))
    forward = None if currency == "CNY" else forward_mid(currency, deal.days, market)
    if hedge_ratio and forward is None:
        raise InputError("settle.no_forward", currency=currency)
    with exactly():
        spot = market.spot[currency]
        at_mid = rounded(deal.amount * market.spot[deal.currency])
        discount = rounded(at_mid * market.cny_discount) if currency == "CNY" else ZERO
        amount = (at_mid - discount) / spot
        half = market.spreads[currency].rate / 2
        hedged = abs(amount) * hedge_ratio * forward if forward is not None else ZERO
        spread_cost = rounded((abs(amount) * (1 - hedge_ratio) * spot + hedged) * half)
        carry = ZERO if forward is None else rounded(amount * hedge_ratio * (forward - spot))
        fees = ZERO
        if market.fees:
            charged = (fee.of(abs(at_mid), deal.days) for _, fee in fees_of(deal.terms))
            fees = sum((rounded(fee) for fee in charged), ZERO)
        finance = (
            rounded(finance_cost(at_mid, market.finance.rate, Decimal(deal.days)))
            if market.finance
            else ZERO
        )
        insurance = rounded(max(at_mid, ZERO) * credit.premium_rate)
        loss = ZERO
        if deal.terms != "prepaid":
            loss = expected_credit_loss(
                max(at_mid, ZERO),
                credit.default_probability,
                credit.loss_given_default,
                credit.cover,
            )
        expected = (
            at_mid - discount - spread_cost + carry - fees - finance - insurance - rounded(loss)
        )
        if at_mid > 0 and expected <= 0:
            raise InputError("settle.fees_above_amount", fees=fees, amount=at_mid)
        fall = ZERO
        if currency != "CNY":
            sign = 1 if amount >= 0 else -1
            worst = Decimal(repr(lower_limit(sign * simulated)))
            fall = abs(amount) * (1 - hedge_ratio) * max(sign * spot - worst, ZERO)
        return Option(
            currency=currency,
            hedge_ratio=hedge_ratio,
            amount=rounded(amount),
            spot=rounded(spot, 8),
            forward=None if forward is None else rounded(forward, 8),
            at_mid=at_mid,
            spread_cost=spread_cost,
            carry=carry,
            discount=discount,
            fees=fees,
            finance=finance,
            insurance=insurance,
            credit_loss=rounded(loss),
            expected=expected,
            low=expected - rounded(fall),
            days_to_cash=deal.days,
        )


def choose(
    deal: Deal,
    currencies: Sequence[str],
    market: Market,
    credit: Credit,
    simulated: Mapping[str, Floats],
    *,
    risk: Decimal,
    hedge: Decimal | None = None,
) -> tuple[Choice, ...]:
    """Each currency with its hedge ratio, the best first.

    Of the ratios that keep the risk limit, the one that brings most is taken; where none does, the
    one with the least risk. Best is: within the limit, then what is expected.

    Args:
        deal: as agreed.
        currencies: to compare.
        market: rates of the day.
        credit: of the buyer.
        simulated: currency → paths; see :func:`option`.
        risk: how far the 95 % limit may lie below what is expected, share of the amount.
        hedge: a ratio set by the user.
    """
    choices = []
    for currency in dict.fromkeys(currencies):
        can_hedge = currency != "CNY" and forward_mid(currency, deal.days, market) is not None
        if currency == "CNY":
            ratios: tuple[Decimal, ...] = (ZERO,)
        elif hedge is not None:
            ratios = (hedge,)
        else:
            ratios = RATIOS if can_hedge else (ZERO,)
        paths = simulated.get(currency, np.empty(0))
        frontier = tuple(option(deal, currency, ratio, market, credit, paths) for ratio in ratios)
        within = [each for each in frontier if each.at_risk <= risk]
        best = (
            max(within, key=lambda each: each.expected)
            if within
            else min(frontier, key=lambda each: each.at_risk)
        )
        choices.append(Choice(best, bool(within), frontier, frameworks(currency, market.on)))
    return tuple(sorted(choices, key=lambda each: (not each.within, -each.option.expected)))


@dataclass(frozen=True)
class BookLine:
    """A deal inside a book.

    Attributes:
        deal: as agreed, in its own currency.
        natural: share offset by the book's other side in that currency; it needs no hedge.
        option: with the rest hedged as the book needs.
    """

    deal: Deal
    natural: Decimal
    option: Option


@dataclass(frozen=True)
class Book:
    """Several deals together, in CNY.

    Attributes:
        lines: each deal.
        hedge_ratio: share of each net exposure that is sold (or bought) forward.
        expected: of all.
        low: at the 95 % limit of the sum, with what offsets offset.
        low_added: the deals' own limits added up: what the book would risk if all fell at once.
        within: whether the limit is kept.
        exposures: currency → net amount not hedged, in the currency.
    """

    lines: tuple[BookLine, ...]
    hedge_ratio: Decimal
    expected: Decimal
    low: Decimal
    low_added: Decimal
    within: bool
    exposures: tuple[tuple[str, Decimal], ...]


def natural_shares(deals: Sequence[Deal]) -> tuple[Decimal, ...]:
    """The share of each deal that the other side of the book offsets, in its currency.

    Receivables and payables of one currency offset each other though their days differ: what is
    early can be held or borrowed for the days between.

    >>> natural_shares([Deal(Decimal(250), "EUR", 90), Deal(Decimal(-100), "EUR", 60)])
    (Decimal('0.4'), Decimal('1'))
    """
    sides: dict[tuple[str, bool], Decimal] = {}
    for deal in deals:
        side = (deal.currency, deal.amount >= 0)
        sides[side] = sides.get(side, ZERO) + abs(deal.amount)
    shares = []
    for deal in deals:
        mine = sides[deal.currency, deal.amount >= 0]
        other = sides.get((deal.currency, deal.amount < 0), ZERO)
        shares.append(min(ONE, other / mine) if mine else ZERO)
    return tuple(shares)


def hedge_book(
    deals: Sequence[Deal],
    market: Market,
    credit: Credit,
    simulated: Mapping[str, Floats],
    *,
    risk: Decimal,
    hedge: Decimal | None = None,
) -> Book:
    """Net a book, then hedge of what is left as much as its joint limit asks for.

    Args:
        deals: receivables and payables, each in its own currency.
        market: rates of the day.
        credit: of the buyers.
        simulated: currency → paths, drawn together, at the book's longest horizon.
        risk: how far the joint 95 % limit may lie below what is expected, as a share of the
            receivables.
        hedge: a ratio set by the user.
    """
    natural = natural_shares(deals)
    receivables = sum((max(deal.amount, ZERO) * market.spot[deal.currency] for deal in deals), ZERO)
    books = [
        _book(deals, natural, ratio, market, credit, simulated, risk * receivables)
        for ratio in (RATIOS if hedge is None else (hedge,))
    ]
    within = [book for book in books if book.within]
    if within:
        return max(within, key=lambda book: book.expected)
    return max(books, key=lambda book: book.low)


def _book(
    deals: Sequence[Deal],
    natural: Sequence[Decimal],
    ratio: Decimal,
    market: Market,
    credit: Credit,
    simulated: Mapping[str, Floats],
    allowed: Decimal,
) -> Book:
    lines: list[BookLine] = []
    exposures: dict[str, Decimal] = {}
    moves: Floats | None = None
    for deal, share in zip(deals, natural, strict=True):
        code = deal.currency
        can = code != "CNY" and forward_mid(code, deal.days, market) is not None
        sold = (1 - share) * ratio if can else ZERO
        paths = simulated.get(code, np.empty(0))
        lines.append(BookLine(deal, share, option(deal, code, sold, market, credit, paths)))
        if code != "CNY":
            left = deal.amount * (1 - sold)
            exposures[code] = exposures.get(code, ZERO) + left
            change = float(left) * (paths - float(market.spot[code]))
            moves = change if moves is None else moves + change
    expected = sum((line.option.expected for line in lines), ZERO)
    fall = ZERO if moves is None else Decimal(repr(min(lower_limit(moves), 0.0)))
    return Book(
        lines=tuple(lines),
        hedge_ratio=ratio,
        expected=expected,
        low=expected + rounded(fall),
        low_added=sum((line.option.low for line in lines), ZERO),
        within=-fall <= allowed,
        exposures=tuple((code, rounded(left)) for code, left in sorted(exposures.items())),
    )
