"""Read the dated refund rules: rates by group and by code, claim rules, firm classes, surtaxes.

``regimes/chn_refund.toml`` has the groups; ``regimes/chn_refund_codes.csv`` what could be read of
the official lists by code, with the page or act of each row. The whole truth is the official rate
library (出口退税率文库).
"""

import csv
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

from offing.rules.dated import REFUND, Dated
from offing.rules.rule_use import RuleUse
from offing.terms.interval import Interval

LEVY = Decimal("0.13")
"""征税率 of the goods on the lists by code."""


@dataclass(frozen=True, kw_only=True)
class DatedRate(Dated):
    """The levy and refund rate of a group or a code, while they hold.

    Attributes:
        levy_rate: 征税率.
        refund_rate: 退税率.
        cancelled: the State Council ended the refund: the export is taxed as a sale at home, which
            a mere zero rate does not bring about.
        codes: first digits of the customs codes that it is for.
        recalled: those of ``codes`` that were not read in the list: for them it is illustrative.
        aliases: other names of the group.
    """

    levy_rate: Decimal
    refund_rate: Decimal
    cancelled: bool = False
    codes: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The group or code."""
        return self.id.removeprefix(REFUND)

    def use(self) -> RuleUse:
        """The trace of the refund rate, with the levy rate that it belongs to."""
        return self.traced(f"{self.refund_rate:f}", "share", levy_rate=f"{self.levy_rate:f}")


@dataclass(frozen=True, kw_only=True)
class Unrefunded(Dated):
    """A heading of which only a part is on a list, or goods without a refund: never a rate.

    Attributes:
        code: its first digits.
        outcome: ``part`` (the refund of some codes under it was cancelled), ``zero`` or ``exempt``.
        goods: in words.
    """

    code: str
    outcome: Literal["part", "zero", "exempt"]
    goods: str


@dataclass(frozen=True, kw_only=True)
class ClaimRule(Dated):
    """When exports of a period must be claimed; ``limit_months`` is ``None`` without an end."""

    ordinary_month: int
    ordinary_day: int
    limit_months: int | None = None

    def use(self) -> RuleUse:
        """The trace of the rule."""
        day = f"{self.ordinary_month:02d}-{self.ordinary_day:02d}"
        return self.traced(day, "claim_day", limit_months=self.limit_months or "")


@dataclass(frozen=True, kw_only=True)
class FirmClass(Dated):
    """An exporter's class and what it means in days."""

    number: int
    working_days: int
    receipt_before_claim: bool

    def use(self) -> RuleUse:
        """The trace of the working days."""
        return self.traced(self.working_days, "working_days")


@dataclass(frozen=True, kw_only=True)
class Surtax(Dated):
    """City construction tax and the two education surcharges of a place, shares of the tax.

    Attributes:
        urban: 城市维护建设税.
        education: 教育费附加.
        local_education: 地方教育附加.
    """

    urban: Decimal
    education: Decimal
    local_education: Decimal

    @property
    def total(self) -> Decimal:
        """All three."""
        return self.urban + self.education + self.local_education

    def use(self) -> RuleUse:
        """The trace of the sum, with its parts."""
        parts = {"urban": self.urban, "education": self.education}
        return self.traced(self.total, "share", **parts, local_education=self.local_education)


@cache
def _data() -> dict[str, Any]:
    file = resources.files("offing.rules.regimes").joinpath("chn_refund.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def reviewed() -> date:
    """The day on which somebody last went through the file."""
    day: date = _data()["reviewed"]
    return day


def _dated(id_: str, row: dict[str, Any]) -> dict[str, Any]:
    when = Interval(row.get("since"), row.get("until"))
    return {
        "id": id_,
        "when": when,
        "status": row["status"],
        "source": row["source"],
        "reviewed": reviewed(),
    }


def _of_groups() -> list[DatedRate]:
    rows = _data()["rate"]
    listed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        for key in ("codes", "recalled", "aliases"):
            listed[row["group"], key] += row.get(key, ())
    return [
        DatedRate(
            levy_rate=Decimal(row["levy_rate"]),
            refund_rate=Decimal(row["refund_rate"]),
            cancelled=row.get("cancelled", False),
            codes=(*listed[group, "codes"], *listed[group, "recalled"]),
            recalled=tuple(listed[group, "recalled"]),
            aliases=tuple(listed[group, "aliases"]),
            **_dated(f"{REFUND}{group}", row),
        )
        for row in rows
        for group in [row["group"]]
    ]


@cache
def _of_codes() -> tuple[tuple[DatedRate, ...], tuple[Unrefunded, ...]]:
    file = resources.files("offing.rules.regimes").joinpath("chn_refund_codes.csv")
    rates: list[DatedRate] = []
    others: list[Unrefunded] = []
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        days = {key: date.fromisoformat(row[key]) for key in ("since", "until") if row[key]}
        source = " · ".join(part for part in (row["document"], row["source"]) if part)
        dated = _dated(f"{REFUND}{row['code']}", {**row, "since": None, "until": None, **days})
        dated["source"] = source
        outcome, code = row["outcome"], row["code"]
        if outcome == "cancelled" or outcome.endswith("%"):
            ended = outcome == "cancelled"
            rate = Decimal(0) if ended else Decimal(outcome.removesuffix("%")).scaleb(-2)
            rates.append(
                DatedRate(levy_rate=LEVY, refund_rate=rate, cancelled=ended, codes=(code,), **dated)
            )
        else:
            others.append(Unrefunded(code=code, outcome=outcome, goods=row["goods"], **dated))  # type: ignore[arg-type]
    return tuple(rates), tuple(others)


@cache
def dated_rates() -> tuple[DatedRate, ...]:
    """Every rate of the rulebook. A group's codes and other names may stand on any of its rows."""
    return (*_of_groups(), *_of_codes()[0])


def unrefunded() -> tuple[Unrefunded, ...]:
    """Headings and goods that the lists name without saying a rate."""
    return _of_codes()[1]


@cache
def claim_rules() -> tuple[ClaimRule, ...]:
    """The claim rules by export date."""
    return tuple(
        ClaimRule(
            ordinary_month=row["ordinary_month"],
            ordinary_day=row["ordinary_day"],
            limit_months=row.get("limit_months"),
            **_dated(row["id"], row),
        )
        for row in _data()["claim"]
    )


@cache
def firm_classes() -> dict[int, FirmClass]:
    """The four classes by number."""
    return {
        row["number"]: FirmClass(
            number=row["number"],
            working_days=row["working_days"],
            receipt_before_claim=row["receipt_before_claim"],
            **_dated(f"chn.firm_class.{row['number']}", row),
        )
        for row in _data()["firm_class"]
    }


@cache
def surtax_rates() -> dict[str, Surtax]:
    """The surtaxes by place: ``city``, ``town`` or ``elsewhere``."""
    row = _data()["surtax"]
    return {
        place: Surtax(
            urban=Decimal(urban),
            education=Decimal(row["education"]),
            local_education=Decimal(row["local_education"]),
            **_dated(f"chn.surtax.{place}", row),
        )
        for place, urban in row["urban"].items()
    }
