"""Read ``regimes/chn_refund.toml``: dated refund rates, claim rules and firm classes."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from offing.rules.rule_use import RuleUse, Status
from offing.terms.interval import Interval


@dataclass(frozen=True)
class DatedRate:
    """The levy and refund rate of a group of goods, while they hold.

    ``cancelled`` marks goods whose refund the State Council ended: their export is taxed as a
    sale at home, which a mere zero rate does not bring about.
    """

    group: str
    levy_rate: Decimal
    refund_rate: Decimal
    when: Interval
    status: Status
    source: str
    cancelled: bool = False
    codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def rule(self) -> RuleUse:
        """The trace of this rate."""
        return RuleUse(
            id=f"chn.refund.{self.group}",
            value=f"{self.levy_rate} / {self.refund_rate}",
            since=self.when.since,
            until=self.when.until,
            source=self.source,
            status=self.status,
        )


@dataclass(frozen=True)
class ClaimRule:
    """When exports of a period must be claimed; ``limit_months`` is ``None`` without an end."""

    id: str
    when: Interval
    ordinary_month: int
    ordinary_day: int
    limit_months: int | None
    status: Status
    source: str

    @property
    def rule(self) -> RuleUse:
        """The trace of this rule."""
        limit = "no end" if self.limit_months is None else f"{self.limit_months} months"
        return RuleUse(
            id=self.id,
            value=f"by {self.ordinary_month:02d}-{self.ordinary_day:02d} of the next year; {limit}",
            since=self.when.since,
            until=self.when.until,
            source=self.source,
            status=self.status,
        )


@dataclass(frozen=True)
class FirmClass:
    """An exporter's class and what it means in days."""

    number: int
    working_days: int
    receipt_before_claim: bool
    status: Status
    source: str


@cache
def _data() -> dict[str, Any]:
    file = resources.files("offing.rules.regimes").joinpath("chn_refund.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def reviewed() -> date:
    """The day on which somebody last went through the file."""
    day: date = _data()["reviewed"]
    return day


def _when(entry: dict[str, Any]) -> Interval:
    since: date | None = entry.get("since")
    until: date | None = entry.get("until")
    return Interval(since, until)


@cache
def dated_rates() -> tuple[DatedRate, ...]:
    """Every rate of the rulebook. A group's codes and other names may stand on any of its rows."""
    rows = _data()["rate"]
    codes: dict[str, list[str]] = {}
    aliases: dict[str, list[str]] = {}
    for row in rows:
        codes.setdefault(row["group"], []).extend(row.get("codes", ()))
        aliases.setdefault(row["group"], []).extend(row.get("aliases", ()))
    return tuple(
        DatedRate(
            group=row["group"],
            levy_rate=Decimal(row["levy_rate"]),
            refund_rate=Decimal(row["refund_rate"]),
            when=_when(row),
            status=row["status"],
            source=row["source"],
            cancelled=row.get("cancelled", False),
            codes=tuple(codes[row["group"]]),
            aliases=tuple(aliases[row["group"]]),
        )
        for row in rows
    )


@cache
def claim_rules() -> tuple[ClaimRule, ...]:
    """The claim rules by export date."""
    return tuple(
        ClaimRule(
            id=row["id"],
            when=_when(row),
            ordinary_month=row["ordinary_month"],
            ordinary_day=row["ordinary_day"],
            limit_months=row.get("limit_months"),
            status=row["status"],
            source=row["source"],
        )
        for row in _data()["claim"]
    )


@cache
def firm_classes() -> dict[int, FirmClass]:
    """The four classes by number."""
    return {row["number"]: FirmClass(**row) for row in _data()["firm_class"]}
