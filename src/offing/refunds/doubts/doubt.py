"""A doubt about papers: what does not fit, in which rows, and the money that it touches."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from offing.refunds.rules import DatedRate
from offing.terms.amounts import exactly
from offing.terms.errors import Where
from offing.terms.firm_records import Declared, Invoiced, Received, Sold
from offing.terms.messages import say
from offing.terms.text import normal, unaccented
from offing.terms.units import WEIGHTS

Worth = Callable[[Decimal, str, str], Decimal | None]
"""An amount of one currency in another; ``None`` where no rate is known."""
RateOf = Callable[[Declared], DatedRate]
"""The refund rate of an item on its export day; an error of the house where none is known."""


@dataclass(frozen=True)
class Doubt:
    """Something that does not fit. It is no judgement.

    Attributes:
        kind: ``refund.find_<kind>`` says it, ``refund.find_<kind>_next`` what to do, and
            ``refund.kind_<kind>`` is its name.
        where: file and row.
        values: what the message names.
        money: the amount that it touches, and its currency.
        also: the rows of the other papers.
        cny: the same amount in yuan; ``None`` where no rate is known.
    """

    kind: str
    where: Where
    values: dict[str, str]
    money: tuple[Decimal, str]
    also: tuple[Where, ...]
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


def _of_paper(row: Declared | Invoiced | Sold | Received) -> tuple[dict[str, str], Decimal, str]:
    """What messages name of an item, and the money that it is about."""
    match row:
        case Declared():
            named = {"number": row.number, "item": row.item or "\N{EM DASH}", "name": row.name}
            return named, row.fob, row.currency
        case Invoiced():
            return {"invoice": row.key, "name": row.name}, row.net, "CNY"
        case Sold():
            named = {"invoice": row.number, "amount": figure(row.total), "currency": row.currency}
            return named, row.total, row.currency
    return {"number": row.number or row.invoice}, row.amount, row.currency


def of_item(
    kind: str,
    row: Declared | Invoiced | Sold | Received,
    /,
    *also: Where,
    money: Decimal | None = None,
    money_in: str = "",
    **values: object,
) -> Doubt:
    """A doubt about an item of a paper; it touches all of its money where not said otherwise."""
    named, whole, currency = _of_paper(row)
    touched = (whole if money is None else money, currency or money_in or "CNY")
    more = {key: str(value) for key, value in values.items()}
    return Doubt(kind, row.where, named | more, touched, also)


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
    if name in WEIGHTS:
        return "千克", WEIGHTS[name]
    if name[:1] in _TIMES and len(name) > 1:
        return _UNITS.get(name[1:], name[1:]), Decimal(_TIMES[name[0]])
    return name, Decimal(1)


def counted(row: Declared | Invoiced) -> Decimal:
    """The quantity of a row in the unit under which its own goes."""
    with exactly():
        return row.quantity * same_unit(row.unit)[1]


_ENDINGS = frozenset(("co", "company", "ltd", "limited", "inc", "llc", "gmbh", "corp"))


def same_firm(name: str) -> str:
    """A firm's name without marks, accents, case and the words that every firm has.

    >>> same_firm("Nord Möbel GmbH.") == same_firm("NORD MOBEL, GMBH")
    True
    """
    words = re.split(r"[\W_]+", unaccented(name).casefold())
    return "".join(word for word in words if word not in _ENDINGS)


def figure(value: Decimal) -> str:
    """An amount of money in a sentence."""
    return f"{value:,.2f}"
