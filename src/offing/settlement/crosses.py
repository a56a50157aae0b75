"""Rates through a third currency, and what comes back of a way round: on the worse side each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations


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
