"""What settlement assumes where the user gives nothing: figures and facts, each with its source.

``defaults.toml`` holds interest, spreads, fees, non-deliverable forwards and frameworks. Every
figure has a name, such as ``settlement.spread.usd``, so that a reform can lay another over it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from offing.rules.dated import SETTLEMENT, DatedRule
from offing.rules.reform import FrameworkKind
from offing.rules.rule_use import RuleUse, Status, Unit
from offing.settlement.charges import Fee
from offing.terms.interval import Interval, holding
from offing.terms.payment import payment_term
from offing.terms.shipped import shipped_toml


@dataclass(frozen=True, kw_only=True)
class DatedFigure(DatedRule):
    """A figure while it holds; its unit says what ``value`` is."""

    value: Decimal
    unit: Unit = "share"

    def use(self) -> RuleUse:
        """The trace of the figure."""
        return self.traced(f"{self.value:f}", self.unit)


OLD_DAYS, LONGEST_DAYS = 60, 180
"""An interest rate that was last seen in force so many days before is said to be old; beyond the
second, no forward is made of it."""


@dataclass(frozen=True)
class AssumedRate:
    """A rate with its trace.

    Attributes:
        rate: the rate.
        use: its trace.
        known_on: of interest, the last day on which a document had it in force.
        age_days: days from then to the day of the answer; none for the user's own.
    """

    rate: Decimal
    use: RuleUse
    known_on: date | None = None
    age_days: int = 0

    @property
    def is_stale(self) -> bool:
        """Whether it is too old for a forward."""
        return self.age_days > LONGEST_DAYS


def stated_rate(name: str, value: Decimal) -> AssumedRate:
    """A rate of the user's."""
    use = RuleUse(f"{SETTLEMENT}{name}", f"{value:f}", None, None, "—", "user", "share")
    return AssumedRate(value, use)


@dataclass(frozen=True, kw_only=True)
class Framework(DatedRule):
    """A swap line or local-currency framework: a dated fact, never a price."""

    currency: str
    counterparty: str
    kind: FrameworkKind

    def use(self) -> RuleUse:
        """The trace of the fact."""
        return self.traced(self.counterparty, "text")


def framework_id(currency: str, kind: FrameworkKind) -> str:
    """The name of a framework for a reform, such as ``settlement.framework.eur.swap_line``."""
    return f"{SETTLEMENT}framework.{currency.lower()}.{kind}"


@dataclass(frozen=True)
class NdfMarket:
    """How non-deliverable forwards of a currency are fixed, and who can use them.

    Attributes:
        currency: that is not delivered; the contract settles in dollars.
        fixing: the rate that it is settled at.
        fixing_days_before: working days between the fixing and the payment.
        source: of the two.
        access: message key of what a firm in China can do.
        access_source: where that is written.
        status: of the facts.
    """

    currency: str
    fixing: str
    fixing_days_before: int
    source: str
    access: str
    access_source: str
    status: Status

    def uses(self) -> tuple[RuleUse, RuleUse]:
        """The trace of the facts: how it is fixed, and who can use it."""
        name = f"{SETTLEMENT}ndf.{self.currency.lower()}"
        fixing = f"{self.fixing}, T-{self.fixing_days_before}"
        return (
            RuleUse(f"{name}.fixing", fixing, None, None, self.source, self.status, "text"),
            RuleUse(f"{name}.access", "—", None, None, self.access_source, self.status, "text"),
        )


@dataclass(frozen=True)
class Defaults:
    """All figures and facts; look-ups are by name and day.

    Attributes:
        figures: by name, each while it holds.
        terms: payment term → names of the fees that the bank charges.
        frameworks: swap lines and local-currency frameworks.
        ndf_markets: of currencies that are not delivered abroad.
        deliverable: currencies of which a document says that forwards are delivered.
    """

    figures: tuple[DatedFigure, ...]
    terms: tuple[tuple[str, tuple[str, ...]], ...]
    frameworks: tuple[Framework, ...]
    ndf_markets: tuple[NdfMarket, ...]
    deliverable: frozenset[str] = frozenset()

    def figure(self, name: str, on: date) -> DatedFigure | None:
        """The figure ``settlement.<name>`` of the day; ``None`` where there is none."""
        id_ = f"{SETTLEMENT}{name}"
        return next(iter(holding((f for f in self.figures if f.id == id_), on)), None)

    def _assumed_figure(self, names: Iterable[str], on: date) -> AssumedRate | None:
        for name in names:
            if (figure := self.figure(name, on)) is not None:
                known = figure.still_valid_on
                age = 0 if known is None else max((on - known).days, 0)
                return AssumedRate(figure.value, figure.use(), known, age)
        return None

    def interest(self, currency: str, on: date) -> AssumedRate | None:
        """The yearly interest rate of a currency; ``None`` where there is none."""
        return self._assumed_figure([f"interest.{currency.lower()}"], on)

    def finance(self, on: date) -> AssumedRate | None:
        """What waiting costs; ``None`` where the default does not hold."""
        return self._assumed_figure(["finance"], on)

    def spread(self, currency: str, on: date) -> AssumedRate:
        """The bank's bid-ask spread; nothing for CNY."""
        if currency == "CNY":
            return stated_rate("spread.cny", Decimal(0))
        assumed = self._assumed_figure([f"spread.{currency.lower()}", "spread.other"], on)
        assert assumed is not None, "defaults.toml has a spread for all others"
        return assumed

    def fees_of(self, terms: str, on: date) -> tuple[tuple[str, Fee], ...]:
        """The bank fees of a payment term, by name.

        Raises:
            InputError: ``settle.unknown_terms``.
        """
        names = dict(self.terms)[payment_term(terms)]
        return tuple((name, self._fee(name, on)) for name in names)

    def _fee(self, name: str, on: date) -> Fee:
        def value(which: str) -> Decimal | None:
            figure = self.figure(f"fees.{name}.{which}", on)
            return None if figure is None else figure.value

        days = value("period_days")
        return Fee(
            rate=value("rate") or Decimal(0),
            minimum=value("minimum") or Decimal(0),
            maximum=value("maximum"),
            period_days=None if days is None else int(days),
        )

    def fee_uses(self, terms: str, on: date) -> tuple[RuleUse, ...]:
        """The trace of every figure behind the fees of a payment term."""
        figures = (
            self.figure(f"fees.{name}.{part}", on)
            for name in dict(self.terms)[terms]
            for part in FEE_PARTS
        )
        return tuple(figure.use() for figure in figures if figure is not None)

    def standing(self, currency: str, on: date) -> tuple[Framework, ...]:
        """The frameworks that stand for a currency on the day."""
        return tuple(holding((f for f in self.frameworks if f.currency == currency), on))

    def ndf(self, currency: str) -> NdfMarket | None:
        """The market of non-deliverable forwards; ``None`` where forwards are delivered."""
        return next((market for market in self.ndf_markets if market.currency == currency), None)

    def ndf_cost(self, currency: str, on: date) -> tuple[AssumedRate, AssumedRate]:
        """The NDF's bid-ask spread, and by how much a year its rate lies off covered parity."""
        name = f"ndf.{currency.lower()}"
        spread = self._assumed_figure([f"{name}.spread", "ndf.other.spread"], on)
        basis = self._assumed_figure([f"{name}.basis", "ndf.other.basis"], on)
        assert spread is not None, "defaults.toml has one for all others"
        assert basis is not None, "defaults.toml has one for all others"
        return spread, basis


FEE_PARTS: dict[str, Unit] = {
    "rate": "share",
    "minimum": "CNY",
    "maximum": "CNY",
    "period_days": "days",
}
"""Parts of a bank's fee, and what each is."""


def unit_of(id_: str) -> Unit:
    """What the value of a figure is, by the last part of its name."""
    return FEE_PARTS.get(id_.rpartition(".")[2], "share")


def _figures(data: dict[str, Any]) -> Iterator[DatedFigure]:
    def figure(name: str, value: object, entry: dict[str, Any]) -> DatedFigure:
        return DatedFigure(
            id=f"{SETTLEMENT}{name}",
            value=Decimal(str(value)),
            unit=unit_of(name),
            when=Interval(entry.get("since"), entry.get("until")),
            source=entry["source"],
            status=entry.get("status", "illustrative"),
            says=entry.get("says", ""),
            still_valid_on=entry.get("still_valid_on"),
        )

    for kind, entry in [(k, entry) for k in ("interest", "finance") for entry in data[k]]:
        if "until" in entry:  # the rate that followed says how long it held
            entry = {"still_valid_on": entry["until"] - timedelta(days=1)} | entry
        name = f"interest.{entry['currency'].lower()}" if kind == "interest" else kind
        yield figure(name, entry["rate"], entry)
    spread = data["spread"]
    for code in spread["majors"]:
        yield figure(f"spread.{code.lower()}", spread["major"], spread)
    yield figure("spread.other", spread["other"], spread)
    for name, line in data["fees"]["line"].items():
        for cost in FEE_PARTS:
            if cost in line:
                yield figure(f"fees.{name}.{cost}", line[cost], data["fees"])
    for cost in ("spread", "basis"):
        yield figure(f"ndf.other.{cost}", data["ndf_cost"][cost], data["ndf_cost"])


def _ndf_markets(data: dict[str, Any]) -> Iterator[NdfMarket]:
    for entry in data["ndf"]:
        yield NdfMarket(
            entry["currency"],
            entry["fixing"],
            entry["fixing_days_before"],
            entry["source"],
            f"settle.access_{entry['access']}",
            entry["access_source"],
            entry["status"],
        )
    others = data["ndf_others"]
    for code in others["currencies"]:
        days, source = others["fixing_days_before"], others["source"]
        yield NdfMarket(code, "—", days, source, "settle.access_other", source, "illustrative")


@cache
def shipped() -> Defaults:
    """The figures and facts that come with the package."""
    data = shipped_toml("offing.settlement", "defaults.toml")
    return Defaults(
        tuple(_figures(data)),
        tuple((term, tuple(names)) for term, names in data["fees"]["terms"].items()),
        tuple(
            Framework(
                id=framework_id(entry["currency"], entry["kind"]),
                currency=entry["currency"],
                counterparty=entry["with"],
                kind=entry["kind"],
                when=Interval(entry["since"], entry.get("until")),
                source=entry["source"],
                status=entry["status"],
            )
            for entry in data["framework"]
        ),
        tuple(_ndf_markets(data)),
        frozenset(code for listed in data["deliverable"] for code in listed["currencies"]),
    )
