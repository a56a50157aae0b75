"""Read the dated refund rules: rates by group and by code, claim rules, firm classes, surtaxes.

``regimes/chn_refund.toml`` has the groups; ``regimes/chn_refund_codes.csv`` what could be read of
the official lists by code, with the page or act of each row. The whole truth is the official rate
library (出口退税率文库).
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from offing.rules.reform import ValueCase
from offing.rules.rule_use import REFUND, DatedRule, RuleUse, days_of_row, record_of_row
from offing.terms.errors import Where
from offing.terms.files import shipped_rows, shipped_toml

LEVY = Decimal("0.13")
"""征税率 of the goods on the lists by code."""
Treatment = Literal["refunded", "taxed", "exempt"]
"""What becomes of an export: refunded, taxed like a sale at home, or neither."""


@dataclass(frozen=True, kw_only=True)
class DatedRate(DatedRule):
    """The levy and refund rate of a group or a code, while they hold.

    Attributes:
        levy_rate: 征税率.
        refund_rate: 退税率.
        cancelled: the State Council ended the refund: the export is taxed as a sale at home, which
            a mere zero rate does not bring about.
        exempt: 免税: neither taxed nor refunded; the input tax becomes cost.
        consumption_back: the act that cancelled the VAT refund left that of consumption tax
            (消费税) as it was: Announcement 2026 No. 2, art. 3.
        codes: first digits of the customs codes that it is for.
        recalled: those of ``codes`` that were not read in the list: for them it is from memory.
        aliases: other names of the group.
    """

    levy_rate: Decimal
    refund_rate: Decimal
    cancelled: bool = False
    exempt: bool = False
    consumption_back: bool = False
    codes: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The group or code."""
        return self.id.removeprefix(REFUND)

    @property
    def treatment(self) -> Treatment:
        """What becomes of an export; one at 0 % is refunded nothing."""
        if self.cancelled:
            return "taxed"
        return "exempt" if self.exempt else "refunded"

    def use(self) -> RuleUse:
        """The trace of the refund rate, with the levy rate that it belongs to."""
        return self.traced(f"{self.refund_rate:f}", "share", levy_rate=f"{self.levy_rate:f}")


@dataclass(frozen=True, kw_only=True)
class Unrefunded(DatedRule):
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
class ClaimRule(DatedRule):
    """When exports of a period must be claimed; ``limit_months`` is ``None`` without an end."""

    ordinary_month: int
    ordinary_day: int
    limit_months: int | None = None

    def use(self) -> RuleUse:
        """The trace of the rule."""
        day = f"{self.ordinary_month:02d}-{self.ordinary_day:02d}"
        return self.traced(day, "claim_day", limit_months=self.limit_months or "")


@dataclass(frozen=True, kw_only=True)
class FirmClass(DatedRule):
    """An exporter's class and what it means in days."""

    number: int
    working_days: int

    def use(self) -> RuleUse:
        """The trace of the working days."""
        return self.traced(self.working_days, "working_days")


@dataclass(frozen=True, kw_only=True)
class Surtax(DatedRule):
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
    return shipped_toml("offing.rules.regimes", "chn_refund.toml")


def _group_rates() -> list[DatedRate]:
    listed: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in _data()["rate"]:
        for key in ("codes", "recalled", "aliases"):
            earlier = listed[row["group"]].get(key, ())
            listed[row["group"]][key] = (*earlier, *row.get(key, ()))
    return [
        record_of_row(
            DatedRate,
            row,
            id=f"{REFUND}{row['group']}",
            codes=names["codes"] + names["recalled"],
            recalled=names["recalled"],
            aliases=names["aliases"],
        )
        for row in _data()["rate"]
        for names in [listed[row["group"]]]
    ]


@cache
def _code_rates() -> tuple[tuple[DatedRate, ...], tuple[Unrefunded, ...]]:
    rates: list[DatedRate] = []
    others: list[Unrefunded] = []
    for row in shipped_rows("offing.rules.regimes", "chn_refund_codes.csv"):
        id_, outcome = f"{REFUND}{row['code']}", row["outcome"]
        source = " · ".join(name for name in (row["document"], row["source"]) if name)
        entry: dict[str, Any] = days_of_row(row) | {"source": source}
        if outcome in ("part", "zero", "exempt"):
            others.append(record_of_row(Unrefunded, entry, id=id_))
            continue
        cancelled = outcome == "cancelled"
        share = Decimal(0) if cancelled else Decimal(outcome.removesuffix("%")).scaleb(-2)
        untouched = any(row["document"].startswith(act) for act in _data()["consumption_back"])
        entry |= {"levy_rate": LEVY, "refund_rate": share, "cancelled": cancelled}
        entry |= {"consumption_back": cancelled and untouched}
        rates.append(record_of_row(DatedRate, entry, id=id_, codes=(row["code"],)))
    return tuple(rates), tuple(others)


@cache
def dated_rates() -> tuple[DatedRate, ...]:
    """Every rate of the rulebook. A group's codes and other names may stand on any of its rows."""
    return (*_group_rates(), *_code_rates()[0])


def goods_without_refund() -> tuple[Unrefunded, ...]:
    """Headings and goods that the lists name without saying a rate."""
    return _code_rates()[1]


def cases() -> tuple[ValueCase, ...]:
    """Worked examples of the rates: what the act says of a day."""
    where = Where("chn_refund.toml")
    return tuple(ValueCase(**row, where=where) for row in _data()["case"])


@cache
def claim_rules() -> tuple[ClaimRule, ...]:
    """The claim rules by export date."""
    return tuple(record_of_row(ClaimRule, row) for row in _data()["claim"])


@cache
def firm_classes() -> dict[int, FirmClass]:
    """The four classes by number."""
    return {
        row["number"]: record_of_row(FirmClass, row, id=f"chn.firm_class.{row['number']}")
        for row in _data()["firm_class"]
    }


@cache
def surtax_rates() -> dict[str, Surtax]:
    """The surtaxes by place: ``city``, ``town`` or ``elsewhere``."""
    row = _data()["surtax"]
    return {
        place: record_of_row(Surtax, {**row, "urban": urban}, id=f"chn.surtax.{place}")
        for place, urban in row["urban"].items()
    }
