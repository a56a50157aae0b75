"""The register of the rulebook: how well the rules of each importer are known, and when read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from offing.rules.rule_use import Status
from offing.rules.rulebook import Rulebook

STATUSES = tuple(status for status in get_args(Status) if status != "user")


@dataclass(frozen=True)
class Registered:
    """What is known of one importer.

    Attributes:
        importer: alpha-3, or ``EUR`` for a customs union.
        destinations: alpha-3 of the countries in it.
        currency: of its duties and taxes.
        counts: status → charges and rates that have it.
        cases: worked examples that the rules are checked by.
        since: first day of its earliest charge.
        reviewed: the day that the file was last read against its sources.
        overdue: whether ``on`` is beyond what that reading can speak for.
    """

    importer: str
    destinations: tuple[str, ...]
    currency: str
    counts: Mapping[str, int]
    cases: int
    since: date | None
    reviewed: date | None
    overdue: bool


def register(book: Rulebook, on: date) -> tuple[Registered, ...]:
    """Every importer of a rulebook, by its code."""
    rows = []
    for regime in sorted(book.regimes.values(), key=lambda regime: regime.importer):
        rules = [*regime.charges, *(rate for rate in book.rates if rate.where == regime.where)]
        tally = Counter(rule.status for rule in rules)
        days = [charge.when.since for charge in regime.charges if charge.when.since]
        rows.append(
            Registered(
                regime.importer,
                regime.destinations,
                regime.currency,
                {status: tally[status] for status in STATUSES},
                len(regime.cases),
                min(days, default=None),
                regime.reviewed,
                regime.past_review(on),
            )
        )
    return tuple(rows)
