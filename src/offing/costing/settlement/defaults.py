"""Read ``defaults.toml``: interest, spreads, fees and frameworks, each with its source and days."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

from offing.costing.settlement.charges import Fee, letter_of_credit_rank
from offing.costing.shape import RuleUse
from offing.terms.interval import Interval


@cache
def _data() -> dict[str, Any]:
    file = resources.files("offing.costing.settlement").joinpath("defaults.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


@dataclass(frozen=True)
class Assumed:
    """A rate with its trace."""

    rate: Decimal
    use: RuleUse


def given(name: str, value: Decimal) -> Assumed:
    """A rate of the user's."""
    return Assumed(value, RuleUse(f"settlement.{name}", str(value), None, None, "—", "user"))


def _assumed(name: str, entry: dict[str, Any]) -> Assumed:
    use = RuleUse(
        id=f"settlement.{name}",
        value=entry["rate"],
        since=entry.get("since"),
        until=entry.get("until"),
        source=entry["source"],
        status="illustrative",
    )
    return Assumed(Decimal(entry["rate"]), use)


def interest(currency: str, on: date) -> Assumed | None:
    """The default interest rate of a currency on the day; ``None`` where there is none."""
    for entry in _data()["interest"]:
        if entry["currency"] == currency and Interval(entry["since"], entry["until"]).holds(on):
            return _assumed(f"interest.{currency.lower()}", entry)
    return None


def finance_rate(on: date) -> Assumed | None:
    """What waiting costs on the day; ``None`` where the default does not hold."""
    entry = _data()["finance"]
    if Interval(entry["since"], entry["until"]).holds(on):
        return _assumed("finance", entry)
    return None


def spread(currency: str) -> Assumed:
    """The bank's assumed spread; nothing for CNY."""
    entry = _data()["spread"]
    if currency == "CNY":
        rate = "0"
    else:
        rate = entry["major"] if currency in entry["majors"] else entry["other"]
    return _assumed(f"spread.{currency.lower()}", {"rate": rate, "source": entry["source"]})


def fees_of(terms: str) -> tuple[tuple[str, Fee], ...]:
    """The bank fees of a payment term, by name.

    Raises:
        InputError: ``settle.unknown_terms``.
    """
    letter_of_credit_rank(terms)
    lines = _data()["fees"]["line"]
    return tuple((name, _fee(lines[name])) for name in _data()["fees"]["terms"][terms])


def fees_source() -> str:
    """Where the tariff comes from."""
    return str(_data()["fees"]["source"])


def _fee(entry: dict[str, Any]) -> Fee:
    return Fee(
        rate=Decimal(entry["rate"]),
        minimum=Decimal(entry["minimum"]),
        maximum=Decimal(entry["maximum"]) if "maximum" in entry else None,
        period_days=entry.get("period_days"),
    )


@dataclass(frozen=True)
class Framework:
    """A swap line or local-currency framework: a dated fact, never a price."""

    currency: str
    counterparty: str
    kind: Literal["swap_line", "local_currency"]
    since: date
    until: date | None
    status: str
    source: str


def frameworks(currency: str, on: date) -> tuple[Framework, ...]:
    """Those that stand for a currency on the day."""
    return tuple(
        Framework(
            entry["currency"],
            entry["with"],
            entry["kind"],
            entry["since"],
            entry.get("until"),
            entry["status"],
            entry["source"],
        )
        for entry in _data()["framework"]
        if entry["currency"] == currency and Interval(entry["since"], entry.get("until")).holds(on)
    )
