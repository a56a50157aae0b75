"""The papers of a claim, which of them belong together, and a finding about them.

An item takes its goods from the suppliers' invoices of the same goods and unit, the oldest first;
from those that name its declaration, where an invoice names one.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain

from offing.refunds.rules import DatedRate
from offing.terms.caution import CheckList
from offing.terms.errors import Where
from offing.terms.firm_records import Declared, Invoiced, Received, Sold
from offing.terms.messages import say
from offing.terms.money import exactly
from offing.terms.text import normal, strip_accents, units

_UNITS = {
    "kg": "千克", "kgs": "千克", "公斤": "千克", "035": "千克", "001": "台", "006": "套",
    "007": "个", "008": "只", "011": "件", "pc": "个", "pcs": "个", "piece": "个", "pieces": "个",
    "set": "套", "sets": "套",
}  # fmt: skip
"""计量单位代码表 and other names of the units that are met most."""
_TIMES = {"百": 100, "千": 1000, "万": 10_000}
"""What stands before the unit of pieces that are counted by the hundred and more."""


def same_unit(unit: str) -> tuple[str, Decimal]:
    """A unit under one name, and how many of it the unit has: of a tonne 1,000 kilograms.

    >>> same_unit("KGS"), same_unit("吨"), same_unit("千个")
    (('千克', Decimal('1')), ('千克', Decimal('1000')), ('个', Decimal('1000')))
    """
    plain = normal(unit).strip().casefold()
    name = _UNITS.get(plain, plain)
    kind, times = units().get(name, ("", Decimal(1)))
    if kind == "kg":
        return "千克", times
    if name[:1] in _TIMES and len(name) > 1:
        return _UNITS.get(name[1:], name[1:]), Decimal(_TIMES[name[0]])
    return name, Decimal(1)


def quantity_in_unit(row: Declared | Invoiced) -> Decimal:
    """The quantity of a row in the unit under which its own goes."""
    with exactly():
        return row.quantity * same_unit(row.unit)[1]


@dataclass
class InvoiceMatch:
    """What an item takes, or may still take, from a line of an invoice, in the unit of both."""

    line: Invoiced
    quantity: Decimal

    @property
    def unit(self) -> str:
        """The unit under which the line's goes."""
        return same_unit(self.line.unit)[0]


@dataclass(frozen=True)
class ItemPurchases:
    """The suppliers' invoices of an item.

    Attributes:
        item: of a declaration.
        by_unit: units in which its goods were bought, with a line of each.
        matches: what it takes.
        short: the quantity that no invoice covers, in the unit under which the item's goes.
    """

    item: Declared
    by_unit: Mapping[str, Invoiced]
    matches: tuple[InvoiceMatch, ...]
    short: Decimal


def _lots(invoiced: Sequence[Invoiced]) -> Iterator[InvoiceMatch]:
    """The lines, the oldest first; red lines take off what was bought last before them."""
    lots: dict[tuple[str, str], list[InvoiceMatch]] = defaultdict(list)
    for line in sorted(invoiced, key=lambda line: line.on):
        lot = InvoiceMatch(line, quantity_in_unit(line))
        same = lots[line.name, lot.unit]
        if "作废" in line.status:
            continue
        if line.quantity >= 0:
            same.append(lot)
            continue
        back = -lot.quantity
        for other in reversed(same):
            off = min(back, other.quantity)
            other.quantity, back = other.quantity - off, back - off
    yield from chain.from_iterable(lots.values())


def match_purchases(
    declared: Sequence[Declared], invoiced: Sequence[Invoiced]
) -> Iterator[ItemPurchases]:
    """The suppliers' invoices of every item, in the order of the exports."""
    lots: dict[tuple[str, str], dict[str, deque[InvoiceMatch]]] = {}
    for lot in _lots(invoiced):
        of_goods = lots.setdefault((lot.line.name, lot.line.declaration), {})
        of_goods.setdefault(lot.unit, deque()).append(lot)
    first = {goods: {unit: some[-1].line for unit, some in units.items()}
             for goods, units in lots.items()}  # fmt: skip
    for item in sorted(declared, key=lambda item: item.export_date):
        matches: list[InvoiceMatch] = []
        short, unit = quantity_in_unit(item), same_unit(item.unit)[0]
        own = ((item.name, item.number), (item.name, ""))
        for goods in own:
            queue = lots.get(goods, {}).get(unit, deque())
            while queue and short > 0:
                lot = queue[0]
                quantity = min(short, lot.quantity)
                if quantity > 0:
                    matches.append(InvoiceMatch(lot.line, quantity))
                lot.quantity, short = lot.quantity - quantity, short - quantity
                if lot.quantity <= 0:
                    queue.popleft()
        by_unit = {unit: line for goods in own for unit, line in first.get(goods, {}).items()}
        yield ItemPurchases(item, by_unit, tuple(matches), short)


Pairs = list[tuple[list[Declared], list[Sold]]]


def match_sales(declared: Sequence[Declared], sold: Sequence[Sold]) -> tuple[Pairs, list[Sold]]:
    """Items with the lines of their export invoices, and the lines that belong to none.

    What leads to a line is its declaration, else its number, else the goods.
    """
    by: dict[tuple[str, str], list[Sold]] = defaultdict(list)
    for line in sold:
        if line.declaration:
            by["declaration", line.declaration].append(line)
        else:
            by["number", line.number].append(line)
            by["name", line.name].append(line)
    of_key: dict[tuple[str, str], tuple[list[Declared], list[Sold]]] = {}
    for row in declared:
        other = ("number", row.invoice) if row.invoice else ("name", row.name)
        lines = [*by.get(("declaration", row.number), []), *by.get(other, [])]
        # An item alone where the invoices name items or goods of its declaration, else all of it.
        part = row.name if any(line.name for line in lines) else ""
        part = row.item if any(line.item for line in lines) else part
        of_key.setdefault((row.number, part), ([], lines))[0].append(row)
    pairs: Pairs = []
    matched: set[int] = set()
    for (_, part), (rows, lines) in of_key.items():
        own = [
            line
            for line in lines
            if id(line) not in matched
            and (part in ("", line.item) or (not line.item and part == line.name))
        ]
        matched.update(map(id, own))
        pairs.append((rows, own))
    return pairs, [line for line in sold if id(line) not in matched]


def match_receipts(
    declared: Sequence[Declared], received: Sequence[Received], sold: Sequence[Sold]
) -> tuple[list[tuple[list[Declared], list[Received]]], list[Received]]:
    """Declarations with the money that came in for them, and the receipts of none."""
    owed: dict[str, tuple[list[Declared], list[Received]]] = {}
    for row in declared:
        owed.setdefault(row.number, ([], []))[0].append(row)
    of_invoice = {line.number: line.declaration for line in sold if line.declaration}
    of_invoice |= {row.invoice: row.number for row in declared if row.invoice}
    stray: list[Received] = []
    for receipt in received:
        number = receipt.number or of_invoice.get(receipt.invoice, "")
        (owed[number][1] if number in owed else stray).append(receipt)
    return list(owed.values()), stray


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

    >>> same_firm("Nord Möbel GmbH."), same_firm("NORD MOBEL, GMBH")
    ('nordmobel', 'nordmobel')
    """
    words = re.split(r"[\W_]+", strip_accents(name).casefold())
    return "".join(word for word in words if word not in _ENDINGS)


def figure(value: Decimal) -> str:
    """An amount of money in a sentence."""
    return f"{value:,.2f}"
