"""How old a rule is, and for how long a look at its document is trusted.

Age is the day of the answer less the last day on which somebody looked at the document: never the
machine's clock, and never the day since which the rule holds, for an old rate that still holds is
not old. How long a look is trusted goes by the country and the kind, in ``ages.toml``.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache

from offing.rules.rule_use import RuleUse
from offing.terms.caution import Caution, Value
from offing.terms.files import shipped_toml


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
