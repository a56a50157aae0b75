"""What a careful accountant checks before a claim: four papers and the rates beside each other.

Declarations (报关单), export invoices, receipts of money (收汇), suppliers' invoices (进项发票) and
the refund rates. Each finding has its rows and the money that it touches. None is a judgement.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from offing.refunds.checks import declarations, purchases, sales
from offing.refunds.checks.claim import ClaimPapers, PaperFinding

CLAIM_CHECKS = [check for of in (declarations, purchases, sales) for check in of.CHECKS.checks]


def cross_check(claim: ClaimPapers) -> tuple[PaperFinding, ...]:
    """Everything that does not fit, the largest amount first."""
    found = [
        replace(
            one,
            kind=check.key.rpartition("find_")[2],
            cny=claim.worth(abs(one.money[0]), one.money[1], "CNY"),
        )
        for check in CLAIM_CHECKS
        for one in check.find(claim)
    ]
    return tuple(sorted(found, key=_rank))


def _rank(one: PaperFinding) -> tuple[Decimal, str, int, str]:
    amount = abs(one.money[0] if one.cny is None else one.cny)
    return -amount, str(one.where.file), one.where.row or 0, one.kind


KindTotal = tuple[PaperFinding, int, Decimal]
"""The first finding of a kind, how many there are, and the CNY that they touch."""


def totals_by_kind(findings: Iterable[PaperFinding]) -> tuple[KindTotal, ...]:
    """The findings summed by kind, the largest first; a sum leaves out what has no rate."""
    kinds: dict[str, list[PaperFinding]] = {}
    for one in findings:
        kinds.setdefault(one.kind, []).append(one)
    totals = [
        (some[0], len(some), sum((one.cny or Decimal(0) for one in some), Decimal(0)))
        for some in kinds.values()
    ]
    return tuple(sorted(totals, key=lambda total: (-total[2], total[0].kind)))
