"""Several deals together: what offsets, in which currency to invoice, and how much to hedge."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import fsum

import numpy as np

from offing.settlement.deal import (
    ONE,
    ZERO,
    Credit,
    Market,
    Option,
    instrument_of,
    open_moves,
    option,
)
from offing.settlement.hedging import TENTHS, CurrencyExposure, Mix, cheapest, mix_of, most
from offing.settlement.simulation import Floats, lower_limit
from offing.terms.errors import OffingError, Where
from offing.terms.firm_records import Deal
from offing.terms.money import exactly, round_amount, round_money

ROUNDS = 3
"""How often each deal's currency is looked at again; two are enough for every book tried."""


@dataclass(frozen=True)
class BookLine:
    """A deal inside a book.

    Attributes:
        deal: as agreed.
        natural: share offset by the book's other side in its invoice currency; it needs no hedge.
        option: the invoice currency, with the rest hedged as the book needs.
    """

    deal: Deal
    natural: Decimal
    option: Option


@dataclass(frozen=True)
class Netting:
    """One currency of a book, in that currency.

    Attributes:
        currency: of the invoices.
        receivable: what comes in.
        payable: what goes out, above zero.
        offset: the smaller of the two: it hedges itself.
        hedged: of the rest, sold (or bought) forward.
        open: what is left, negative for a payable.
        hedge_ratio: share of what does not offset itself that is hedged; ``None`` where nothing is
            known to hedge with.
        days_apart: the longest wait between a payment in and one out that offset each other.
    """

    currency: str
    receivable: Decimal
    payable: Decimal
    offset: Decimal
    hedged: Decimal
    open: Decimal
    hedge_ratio: Decimal | None
    days_apart: int


@dataclass(frozen=True)
class Book:
    """Several deals together, in CNY.

    Attributes:
        lines: each deal.
        expected: of all.
        low: at the 95 % limit of the sum, with what offsets offset.
        low_added: the deals' own limits added up: what the book would risk if all fell at once.
        cost: lost on the way from the middle rates.
        within: whether the limit is kept.
        exposures: currency → net amount not hedged, in the currency.
        nettings: each currency but CNY: what offsets, what is hedged, what is open.
        frontier: (expected, limit) from no hedge to a full one, a tenth of one currency at a
            time, the best step first.
    """

    lines: tuple[BookLine, ...]
    expected: Decimal
    low: Decimal
    low_added: Decimal
    cost: Decimal
    within: bool
    exposures: tuple[tuple[str, Decimal], ...]
    nettings: tuple[Netting, ...]
    frontier: tuple[tuple[float, float], ...]


def natural_shares(deals: Sequence[Deal]) -> tuple[Decimal, ...]:
    """The share of each deal that the other side of the book offsets, in its currency.

    Receivables and payables of one currency offset each other though their days differ: what is
    early can be held or borrowed for the days between.

    >>> natural_shares([Deal(Decimal(250), "EUR", 90), Deal(Decimal(-100), "EUR", 60)])
    (Decimal('0.4'), Decimal('1'))
    """
    sides: dict[tuple[str, bool], Decimal] = defaultdict(Decimal)
    for deal in deals:
        side = (deal.currency, deal.amount >= 0)
        sides[side] += abs(deal.amount)
    shares = []
    for deal in deals:
        mine = sides[deal.currency, deal.amount >= 0]
        other = sides.get((deal.currency, deal.amount < 0), ZERO)
        shares.append(min(ONE, other / mine) if mine else ZERO)
    return tuple(shares)


def _switch_invoice(deal: Deal, currency: str, market: Market) -> Deal:
    """The deal with its price at today's rate in another currency."""
    if currency == deal.currency:
        return deal
    with exactly():
        amount = deal.amount * market.spot[deal.currency] / market.spot[currency]
        if currency == "CNY":
            amount *= 1 - market.cny_discount
        return replace(deal, amount=round_money(amount, currency), currency=currency)


def hedge_book(
    deals: Sequence[Deal],
    market: Market,
    credit: Credit,
    simulated: Mapping[int, Mapping[str, Floats]],
    *,
    risk: Decimal,
    hedge: Decimal | None = None,
) -> Book:
    """Net a book, then hedge of what is left as much as its joint limit asks for.

    Each currency has its own hedge ratio: the mix is the one that keeps the limit at the least
    cost, see :mod:`offing.settlement.hedging`. Where a deal's buyer accepts other currencies, the
    invoice is in the one with which the whole book keeps its limit and brings most. Deals are
    looked at one by one, and again. ``simulated`` is days to a payment → currency → its rate then,
    on joint paths: each deal falls by its own day. ``risk`` is how far the joint 95 % limit may lie
    below what is expected, as a share of the receivables; ``hedge`` a ratio set by the user.
    """
    allowed = risk * _receivables(deals, market)
    search = _Search(deals, market, credit, simulated, allowed, hedge)
    agreed = tuple(deal.currency for deal in deals)
    chosen = search.currencies(agreed)
    if chosen == agreed:
        return search.book(agreed)
    # the search goes by unpolished mixes and unrounded sums: no invoice moves for less to the cent
    books = (search.book(agreed), search.book(chosen))
    return max(books, key=lambda book: (book.within, book.expected))


def book_as_hedged(
    deals: Sequence[Deal],
    market: Market,
    credit: Credit,
    simulated: Mapping[int, Mapping[str, Floats]],
    *,
    risk: Decimal,
    ratios: Mapping[str, Decimal],
) -> Book:
    """A book in the currencies agreed, hedged as somebody else has decided.

    ``ratios`` is currency → share hedged of what does not offset itself; nothing where not named.
    ``simulated`` and ``risk``: see :func:`hedge_book`.
    """
    search = _Search(deals, market, credit, simulated, risk * _receivables(deals, market), None)
    codes = {deal.currency for deal in deals}
    hedged = _Hedged(True, 0.0, {code: ratios.get(code, ZERO) for code in codes})
    return search.told(tuple(deal.currency for deal in deals), hedged)


def _receivables(deals: Sequence[Deal], market: Market) -> Decimal:
    """What comes in, CNY."""
    with exactly():
        return sum((max(deal.amount, ZERO) * market.spot[deal.currency] for deal in deals), ZERO)


@dataclass(frozen=True)
class _Hedged:
    """What a book comes to with some invoice currencies: the better one sorts higher."""

    within: bool
    expected: float
    ratios: Mapping[str, Decimal]
    path: tuple[Mix, ...] = ()

    @property
    def rank(self) -> tuple[bool, float]:
        return self.within, self.expected


NOTHING_BETTER = _Hedged(False, -np.inf, {})


@dataclass(frozen=True)
class _Priced:
    """A deal in one currency: what it brings in CNY, and a full offset or hedge adds.

    ``deal`` is in the currency, and ``able`` the part of its amount that can be hedged.
    """

    deal: Deal
    bare: float
    offset: float
    hedge: float
    able: Decimal


@dataclass(frozen=True)
class _Search:
    """The search for invoice currencies and hedges of a book; ``allowed`` is in CNY."""

    deals: Sequence[Deal]
    market: Market
    credit: Credit
    simulated: Mapping[int, Mapping[str, Floats]]
    allowed: Decimal
    hedge: Decimal | None
    known: dict[tuple[int, str], _Priced] = field(default_factory=dict)

    def deals_in(self, currencies: Sequence[str]) -> list[Deal]:
        """The deals in these currencies."""
        return [
            _switch_invoice(deal, code, self.market)
            for deal, code in zip(self.deals, currencies, strict=True)
        ]

    def priced(self, number: int, code: str) -> _Priced:
        """A deal in a currency, priced once: what follows is linear in what is offset or hedged."""
        if (number, code) in self.known:
            return self.known[number, code]
        deal, market = self.deals[number], self.market
        mine, none = _switch_invoice(deal, code, market), np.zeros(1)
        can = code != "CNY" and instrument_of(code, deal.days, market) is not None
        try:
            bare, netted, full = (
                option(deal, code, sold, market, self.credit, none, natural).expected
                for sold, natural in ((ZERO, ZERO), (ZERO, ONE), (ONE if can else ZERO, ZERO))
            )
        except OffingError as error:
            error.where = error.where or Where(column=f"deal {deal.name}".strip())
            raise
        offset, hedge = float(netted - bare), float(full - bare)
        able = mine.amount if can else ZERO
        self.known[number, code] = _Priced(mine, float(bare), offset, hedge, able)
        return self.known[number, code]

    def hedged(
        self, currencies: Sequence[str], *, polish: bool = False, above: float = -np.inf
    ) -> _Hedged:
        """The book in these currencies with the hedge that suits it, or the user's.

        Where it cannot be expected to bring more than ``above``, it is not looked at further.
        """
        deals: dict[str, list[_Priced]] = defaultdict(list)
        for number, code in enumerate(currencies):
            deals[code].append(self.priced(number, code))
        codes = sorted(deals)
        exposures = [self.exposure(code, deals[code]) for code in codes]
        if most(exposures, (0,) * len(codes)) <= above:
            return NOTHING_BETTER
        if self.hedge is None:
            mix, path = cheapest(exposures, float(self.allowed), polish=polish, above=above)
            ratios = {c: Decimal(n) / TENTHS for c, n in zip(codes, mix.tenths, strict=True)}
            return _Hedged(mix.fall <= self.allowed, mix.expected, ratios, path)
        full = tuple(TENTHS if exposure.can else 0 for exposure in exposures)
        none, all_ = mix_of(exposures, (0,) * len(codes)), mix_of(exposures, full)
        expected = none.expected + float(self.hedge) * (all_.expected - none.expected)
        pairs = zip(codes, exposures, strict=True)
        return _Hedged(True, expected, {c: self.hedge if e.can else ZERO for c, e in pairs})

    def currencies(self, agreed: tuple[str, ...]) -> tuple[str, ...]:
        """The invoice currencies with which the book keeps its limit and brings most."""
        chosen, best = agreed, self.hedged(agreed)
        since = 0
        for number in list(range(len(self.deals))) * ROUNDS:
            if since == len(self.deals):
                break
            since += 1
            for code in self.deals[number].accepts:
                if code == chosen[number]:
                    continue
                other = (*chosen[:number], code, *chosen[number + 1 :])
                tried = self.hedged(other, above=best.expected if best.within else -np.inf)
                if tried.rank > best.rank:
                    chosen, best, since = other, tried, 0
        return chosen

    def exposure(self, code: str, deals: Sequence[_Priced]) -> CurrencyExposure:
        """One currency, unhedged and with all that does not offset itself hedged."""
        shares = natural_shares([priced.deal for priced in deals])
        pairs = list(zip(deals, shares, strict=True))
        expected = fsum(priced.bare + float(share) * priced.offset for priced, share in pairs)
        gain = fsum(float(1 - share) * priced.hedge for priced, share in pairs)
        uncovered, sold = defaultdict[int, Decimal](Decimal), defaultdict[int, Decimal](Decimal)
        for priced, share in pairs:
            uncovered[priced.deal.days] += (1 - share) * priced.deal.amount
            sold[priced.deal.days] += (1 - share) * priced.able
        if code == "CNY":
            return CurrencyExposure(expected, 0.0, np.zeros(1), np.zeros(1), can=False)
        rest = {days: amount - sold[days] for days, amount in uncovered.items()}
        hedged = self.moves(code, rest, ZERO) + self.moves(code, sold, ONE)
        can = any(sold.values())
        return CurrencyExposure(expected, gain, self.moves(code, uncovered, ZERO), hedged, can)

    def moves(self, code: str, amounts: Mapping[int, Decimal], hedge: Decimal) -> Floats:
        """What each path brings more or less of amounts by their days, open or hedged."""
        parts = (
            open_moves(amount, hedge, code, days, self.market, self.paths(code, days))
            for days, amount in amounts.items()
            if amount
        )
        return sum(parts, np.zeros(1))

    def paths(self, code: str, days: int) -> Floats:
        """The rate of a currency after so many days; nothing of the yuan."""
        return self.simulated[days].get(code, np.empty(0))

    def book(self, currencies: Sequence[str]) -> Book:
        """The book in these currencies, hedged as well as can be."""
        return self.told(currencies, self.hedged(currencies, polish=True))

    def told(self, currencies: Sequence[str], best: _Hedged) -> Book:
        """The book in these currencies with a hedge."""
        invoiced, market = self.deals_in(currencies), self.market
        lines: list[BookLine] = []
        sold: list[Decimal] = []
        moves = np.zeros(1)
        for deal, mine, share in zip(self.deals, invoiced, natural_shares(invoiced), strict=True):
            code = mine.currency
            can = instrument_of(code, deal.days, market) is not None
            sold.append((1 - share) * best.ratios[code] if can else ZERO)
            paths = self.paths(code, deal.days)
            chosen = option(deal, code, sold[-1], market, self.credit, paths, share)
            lines.append(BookLine(deal, share, chosen))
            if code != "CNY":
                # what offsets is held or borrowed until the other side's day
                rest, ratio = mine.amount * (1 - share), best.ratios[code] if can else ZERO
                moves = moves + open_moves(rest, ratio, code, deal.days, market, paths)
        expected = sum((line.option.expected for line in lines), ZERO)
        at_risk = -Decimal(repr(min(lower_limit(moves), 0.0)))
        nettings = tuple(_netting(invoiced, sold, _known_ratios(best.ratios, lines)))
        return Book(
            lines=tuple(lines),
            expected=expected,
            low=expected - round_amount(at_risk),
            low_added=sum((line.option.low for line in lines), ZERO),
            cost=sum((line.option.cost for line in lines), ZERO),
            within=at_risk <= self.allowed,
            exposures=tuple((netting.currency, netting.open) for netting in nettings),
            nettings=nettings,
            frontier=tuple((mix.expected, mix.low) for mix in best.path),
        )


def _known_ratios(
    ratios: Mapping[str, Decimal], lines: Sequence[BookLine]
) -> dict[str, Decimal | None]:
    """The ratios, without those of currencies of which nothing is known to hedge with."""
    able = {line.option.currency for line in lines if line.option.instrument is not None}
    return {code: ratio if ratio or code in able else None for code, ratio in ratios.items()}


def _netting(
    invoiced: Sequence[Deal], sold: Sequence[Decimal], ratios: Mapping[str, Decimal | None]
) -> list[Netting]:
    nettings = []
    for code in sorted({deal.currency for deal in invoiced} - {"CNY"}):
        mine = [(d, share) for d, share in zip(invoiced, sold, strict=True) if d.currency == code]
        inward = [deal for deal, _ in mine if deal.amount >= 0]
        outward = [deal for deal, _ in mine if deal.amount < 0]
        receivable = sum((deal.amount for deal in inward), ZERO)
        payable = -sum((deal.amount for deal in outward), ZERO)
        apart = (abs(a.days - b.days) for a in inward for b in outward)
        hedged = round_amount(sum((deal.amount * share for deal, share in mine), ZERO))
        nettings.append(
            Netting(
                code,
                receivable,
                payable,
                min(receivable, payable),
                hedged,
                receivable - payable - hedged,
                ratios[code],
                max(apart, default=0),
            )
        )
    return nettings
