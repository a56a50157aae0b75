"""The papers of a claim, and a finding about them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from offing.refunds.checks.matching import (
    ItemPurchases,
    match_purchases,
    match_receipts,
    match_sales,
)
from offing.refunds.rules import DatedRate
from offing.terms.caution import CheckList
from offing.terms.errors import Where
from offing.terms.firm_records import Declared, Invoiced, Received, Sold
from offing.terms.messages import say
from offing.terms.text import strip_accents

Paper = Declared | Invoiced | Sold | Received
Worth = Callable[[Decimal, str, str], Decimal | None]
"""An amount of one currency in another; ``None`` where no rate is known."""
RateOf = Callable[[Declared], DatedRate]
"""The refund rate of an item on its export day; an error of the house where none is known."""
_ENDINGS = frozenset(("co", "company", "ltd", "limited", "inc", "llc", "gmbh", "corp"))


def _same_currency(amount: Decimal, currency: str, to: str) -> Decimal | None:
    return amount if currency == to else None


@dataclass(frozen=True)
class ClaimPapers:
    """The papers of a claim; of those that are not asked for there is ``None``.

    Attributes:
        declared: declarations (报关单), at FOB.
        on: the day on which they are checked.
        sold: export invoices.
        received: receipts of money (收汇).
        bought: suppliers' invoices (进项发票).
        worth: rates of exchange.
        rate_of: refund rates.
        library: whether the rates are the official library's, which has every code.
    """

    declared: Sequence[Declared]
    on: date
    sold: Sequence[Sold] | None = None
    received: Sequence[Received] | None = None
    bought: Sequence[Invoiced] | None = None
    worth: Worth = _same_currency
    rate_of: RateOf | None = None
    library: bool = False

    @cached_property
    def purchases(self) -> tuple[ItemPurchases, ...]:
        """Every item with the suppliers' invoices of its goods."""
        return () if self.bought is None else tuple(match_purchases(self.declared, self.bought))

    @cached_property
    def sales(self) -> tuple[list[tuple[list[Declared], list[Sold]]], list[Sold]]:
        """Items with their export invoices, and the invoices of none."""
        return ([], []) if self.sold is None else match_sales(self.declared, self.sold)

    @cached_property
    def receipts(self) -> tuple[list[tuple[list[Declared], list[Received]]], list[Received]]:
        """Declarations with their money, and the money for none."""
        if self.received is None:
            return [], []
        return match_receipts(self.declared, self.received, self.sold or ())


@dataclass(frozen=True)
class PaperFinding:
    """Something that does not fit. It is no judgement.

    Attributes:
        where: file and row.
        values: what the message names.
        money: the amount that it touches, and its currency.
        also: the rows of the other papers.
        kind: ``refund.find_<kind>`` says it, ``refund.find_<kind>_next`` what to do, and
            ``refund.kind_<kind>`` is its name.
        cny: the same amount in yuan; ``None`` where no rate is known.
    """

    where: Where
    values: dict[str, str]
    money: tuple[Decimal, str]
    also: tuple[Where, ...]
    kind: str = ""
    cny: Decimal | None = None

    def __str__(self) -> str:
        return say(f"refund.find_{self.kind}", **self.values)

    @property
    def next_step(self) -> str:
        """What to do about it."""
        return say(f"refund.find_{self.kind}_next")

    @property
    def name(self) -> str:
        """The name of its kind."""
        return say(f"refund.kind_{self.kind}")

    @property
    def rows(self) -> tuple[Where, ...]:
        """All rows concerned, its own first."""
        return (self.where, *self.also)


ClaimChecks = CheckList[ClaimPapers, PaperFinding]
Findings = Iterator[PaperFinding]


def finding(
    row: Paper, /, *also: Where, money: Decimal | None = None, money_in: str = "", **values: object
) -> PaperFinding:
    """A finding about a row; it touches all of its money where not said otherwise."""
    match row:
        case Declared():
            named = {"number": row.number, "item": row.item or "\N{EM DASH}", "name": row.name}
            whole, currency = row.fob, row.currency
        case Invoiced():
            named, whole, currency = {"invoice": row.key, "name": row.name}, row.net, "CNY"
        case Sold():
            named = {"invoice": row.number, "amount": figure(row.total), "currency": row.currency}
            whole, currency = row.total, row.currency
        case _:
            named = {"number": row.number or row.invoice}
            whole, currency = row.amount, row.currency
    touched = (whole if money is None else money, currency or money_in or "CNY")
    more = {key: str(value) for key, value in values.items()}
    return PaperFinding(row.where, named | more, touched, also)


def same_firm(name: str) -> str:
    """A firm's name without marks, accents, case and the words that every firm has.

    >>> same_firm("Nord Möbel GmbH.") == same_firm("NORD MOBEL, GMBH")
    True
    """
    words = re.split(r"[\W_]+", strip_accents(name).casefold())
    return "".join(word for word in words if word not in _ENDINGS)


def figure(value: Decimal) -> str:
    """An amount of money in a sentence."""
    return f"{value:,.2f}"
