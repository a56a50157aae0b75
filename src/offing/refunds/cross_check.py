"""What a careful accountant checks before a claim: four papers and the rates beside each other.

Declarations (报关单), export invoices, receipts of money (收汇), suppliers' invoices (进项发票) and
the refund rates. Each doubt has its rows and the money that it touches. None is a judgement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from offing.refunds.doubts.amounts import of_amounts
from offing.refunds.doubts.declarations import of_declarations
from offing.refunds.doubts.doubt import Doubt, RateOf, Worth
from offing.refunds.doubts.inputs import of_bought, of_buyers, of_invoices
from offing.refunds.doubts.rates import of_rates
from offing.refunds.doubts.receipts import of_receipts
from offing.refunds.doubts.sales import of_sales
from offing.refunds.rules import DatedRate
from offing.terms.errors import RuleError
from offing.terms.firm_records import Declared, Invoiced, Received, Sold


@dataclass(frozen=True)
class Papers:
    """The papers of a claim; ``None`` stands for a paper that is not asked for.

    Declarations are at FOB.
    """

    declared: Sequence[Declared]
    sold: Sequence[Sold] | None = None
    received: Sequence[Received] | None = None
    bought: Sequence[Invoiced] | None = None


@dataclass(frozen=True)
class KindTotal:
    """The doubts of one kind: how many, and the CNY that they touch."""

    kind: str
    count: int
    cny: Decimal
    first: Doubt


def _same_currency(amount: Decimal, currency: str, to: str) -> Decimal | None:
    return amount if currency == to else None


def _no_rate(row: Declared) -> DatedRate:
    raise RuleError("refund.not_in_library", code=row.code, on=row.export_date, source="")


def cross_check(
    papers: Papers,
    *,
    on: date,
    worth: Worth = _same_currency,
    rate_of: RateOf | None = None,
    library: bool = False,
) -> tuple[Doubt, ...]:
    """Everything that does not fit, the largest amount first.

    Without ``rate_of`` rates are not asked for; ``library``: see
    :func:`offing.refunds.doubts.rates.of_rates`.
    """
    doubts = list(_doubts(papers, on, worth, rate_of, library))
    valued = [
        replace(doubt, cny=worth(abs(doubt.money[0]), doubt.money[1], "CNY")) for doubt in doubts
    ]
    return tuple(
        sorted(
            valued,
            key=lambda doubt: (
                -abs(doubt.money[0] if doubt.cny is None else doubt.cny),
                str(doubt.where.file),
                doubt.where.row or 0,
                doubt.kind,
            ),
        )
    )


def _doubts(
    papers: Papers, on: date, worth: Worth, rate_of: RateOf | None, library: bool
) -> Iterable[Doubt]:
    declared = papers.declared
    yield from of_declarations(declared, on)
    yield from of_amounts(declared, worth)
    if rate_of is not None:
        yield from of_rates(declared, rate_of, library=library)
    if papers.sold is not None:
        yield from of_sales(declared, papers.sold, worth)
    if papers.bought is not None:
        yield from of_invoices(papers.bought)
        yield from of_buyers(papers.bought, declared)
        yield from of_bought(declared, papers.bought, worth, rate_of or _no_rate)
    if papers.received is not None:
        yield from of_receipts(declared, papers.received, papers.sold or (), on, worth)


def by_kind(doubts: Iterable[Doubt]) -> tuple[KindTotal, ...]:
    """The doubts summed by kind, the largest amount first; a sum leaves out what has no rate."""
    kinds: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        kinds.setdefault(doubt.kind, []).append(doubt)
    totals = [
        KindTotal(
            kind, len(some), sum((x.cny for x in some if x.cny is not None), Decimal(0)), some[0]
        )
        for kind, some in kinds.items()
    ]
    return tuple(sorted(totals, key=lambda total: (-total.cny, total.kind)))
