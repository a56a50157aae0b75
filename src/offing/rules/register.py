"""The register of the rulebook: how well each importer's rules are known, how many looked at."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from offing.rules.ages import keeper
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
        looked_at: charges and rates whose document was looked at on a day.
        last_look: the latest of these days.
        keeper: the role that looks after them.
    """

    importer: str
    destinations: tuple[str, ...]
    currency: str
    counts: Mapping[str, int]
    cases: int
    since: date | None
    looked_at: int
    last_look: date | None
    keeper: str


def register(book: Rulebook) -> tuple[Registered, ...]:
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
                sum(rule.looked_at for rule in rules),
                max((r.still_valid_on for r in rules if r.still_valid_on), default=None),
                keeper(f"{regime.importer.lower()}."),
            )
        )
    return tuple(rows)
