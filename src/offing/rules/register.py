"""How well a rulebook's rules are known, how many were looked at, and how old each is.

A look at a rule's document is trusted for some days (``ages.toml``).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, get_args

from offing.rules.rule_use import RuleUse, Status
from offing.terms.caution import Caution, Value
from offing.terms.files import shipped_toml

if TYPE_CHECKING:
    from offing.rules.rulebook import Rulebook


@cache
def _table(name: str) -> Mapping[str, object]:
    table: dict[str, object] = shipped_toml("offing.rules", "ages.toml")[name]
    return dict(sorted(table.items(), key=lambda item: -len(item[0])))


def _of(name: str, id_: str) -> object:
    return next(value for begin, value in _table(name).items() if id_.startswith(begin))


@cache
def horizon_days(id_: str) -> int:
    """For how many days after a look the rule is trusted.

    >>> horizon_days("usa.mpf"), horizon_days("settlement.interest.usd"), horizon_days("jpn.vat")
    (30, 60, 365)
    """
    return int(str(_of("days", id_)))


def keeper(id_: str) -> str:
    """The role that looks after a rule.

    >>> keeper("usa.mpf")
    'customs, North America'
    """
    return str(_of("keepers", id_))


@cache
def version() -> str:
    """The version of the rules that come with offing: the day of their last change."""
    return str(shipped_toml("offing.rules", "changelog.toml")["version"])


@cache
def written_on() -> date:
    """The day of that version: what nobody looked at since was written by then."""
    return date.fromisoformat(version().replace(".", "-"))


def age_days(use: RuleUse, on: date) -> int | None:
    """Days from the last look at the document to the day of the answer, none below 0."""
    return None if use.still_valid_on is None else max(0, (on - use.still_valid_on).days)


def past_horizon(use: RuleUse, on: date) -> bool:
    """Whether a day is beyond what the last look can speak for.

    Where nobody looked since the rule was written, the day of the rules' version speaks for it.
    """
    if use.loaded or use.status == "user":
        return False
    return on > (use.still_valid_on or written_on()) + timedelta(days=horizon_days(use.id))


def ages(uses: Iterable[RuleUse], on: date) -> list[dict[str, object]]:
    """The ages of rules as data."""
    return [
        {
            "rule": use.id,
            "still_valid_on": use.still_valid_on,
            "age_days": age_days(use, on),
            "horizon_days": horizon_days(use.id),
            "past_horizon": past_horizon(use, on),
        }
        for use in uses
    ]


def age_cautions(uses: Iterable[RuleUse], on: date) -> tuple[Caution, ...]:
    """One caution for all rules that are past their horizon on a day; none where no one is."""
    old = [use for use in {use.id: use for use in uses}.values() if past_horizon(use, on)]
    if not old:
        return ()
    looked = min(use.still_valid_on or written_on() for use in old)
    named: dict[str, Value] = {"count": len(old), "day": str(on), "looked": str(looked)}
    return (Caution("rules.warn_aged", named | {"days": str((on - looked).days)}),)


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


def register(book: "Rulebook") -> tuple[Registered, ...]:
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
