"""What settlement assumes where the user gives nothing: figures and facts, each with its source.

``defaults.toml`` holds interest, spreads, fees, non-deliverable forwards and frameworks. Every
figure has a name, such as ``settlement.spread.usd``, so that a reform can lay another over it.

What settling costs beside the exchange rate: bank fees, the wait for money, and who may not pay.

Fixed minima dominate small letters of credit (a real one cost GBP 487 on GBP 1,890), so a fee is
``max(rate × amount, minimum)``, capped where the bank caps it.

Settlement's figures and facts under a what-if: the same reform file as for quotes and refunds.

::

    [reform]
    name = "the bank halves its spread, and fees have no minimum"
    [[rate]]
    id = "settlement.spread.usd"
    value = "0.2%"
    [[rate]]
    id = "settlement.fees.inward.minimum"
    value = "0"
    [[framework]]
    currency = "BRL"
    counterparty = "Central Bank of Brazil"
    kind = "swap_line"

Does settling in the buyer's or the seller's currency add trade? Cost only: the literature finds
none.

Larch, Wanner, Yotov and Zylkin (2019), Oxford Bulletin of Economics and Statistics 81(3), with more
than 200 countries over 65 years: effects of currency unions and of the euro on trade are small and
not significant. No loaded data say in which currency a flow was invoiced, so nothing is estimated
here; what can be said is what a currency costs to settle in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import Any

from offing.rules.reform import Close, FrameworkKind, RateSetting, Reform, unknown_rule
from offing.rules.rule_use import (
    SETTLEMENT,
    DatedRule,
    RuleUse,
    Status,
    Unit,
    overlaid,
    record_of_row,
    without,
)
from offing.terms.errors import InputError, Where, must_be_within
from offing.terms.files import shipped_toml
from offing.terms.interval import Interval, holding
from offing.terms.money import amount, currency_codes, exactly, rate
from offing.terms.sale_terms import payment_term


@dataclass(frozen=True)
class Fee:
    """One line of a bank's tariff.

    Attributes:
        rate: of the amount, for each period.
        minimum: for one transaction.
        maximum: ``None`` where the bank has none.
        period_days: the days that the rate covers (90 for "0.2 % per 3 months"); ``None`` for a
            fee that is charged once.
    """

    rate: Decimal
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None
    period_days: int | None = None

    def __post_init__(self) -> None:
        if self.maximum is not None and self.maximum < self.minimum:
            raise InputError("settle.fee_limits", least=self.minimum, most=self.maximum)

    def of(self, amount: Decimal, days: int) -> Decimal:
        """The fee on an amount that is outstanding for so many days.

        A begun period counts whole, the first always.

        >>> Fee(Decimal("0.00125"), Decimal(200)).of(Decimal(50000), 90)
        Decimal('200')
        """
        must_be_within("amount", amount, ge=0)
        with exactly():
            periods = Decimal(1)
            if self.period_days:
                begun = (Decimal(days) / self.period_days).to_integral_value(ROUND_CEILING)
                periods = max(begun, periods)
            fee = max(amount * self.rate * periods, self.minimum)
            return fee if self.maximum is None else min(fee, self.maximum)


def finance_cost(
    amount: Decimal, rate: Decimal, days: Decimal, day_count: Decimal = Decimal(360)
) -> Decimal:
    """``A · r · days / 360``: what waiting for the money costs.

    >>> finance_cost(Decimal(100000), Decimal("0.036"), Decimal(90))
    Decimal('900.000')
    """
    with exactly():
        return amount * rate * days / day_count


def expected_credit_loss(
    amount: Decimal,
    default_probability: Decimal,
    loss_given_default: Decimal,
    cover: Decimal = Decimal(0),
    premium: Decimal = Decimal(0),
) -> Decimal:
    """``PD · LGD · A · (1 − cover) + premium``.

    Args:
        amount: the receivable.
        default_probability: that the buyer does not pay, as a share.
        loss_given_default: share lost then.
        cover: insured share of the loss.
        premium: of the insurance, in money.

    >>> expected_credit_loss(Decimal(100000), Decimal("0.02"), Decimal("0.6"), Decimal("0.9"),
    ...     Decimal(800))
    Decimal('920.0000')
    """
    with exactly():
        return amount * default_probability * loss_given_default * (1 - cover) + premium


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
            InputError: ``errors.unknown_name``.
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
        own = {"status": "illustrative"} | entry
        id_, amount = f"{SETTLEMENT}{name}", Decimal(str(value))
        return record_of_row(DatedFigure, own, id=id_, value=amount, unit=unit_of(name))

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
        yield NdfMarket(**entry | {"access": f"settle.access_{entry['access']}"})
    others = data["ndf_others"]
    for code in others["currencies"]:
        days, source = others["fixing_days_before"], others["source"]
        yield NdfMarket(code, "—", days, source, "settle.access_other", source, "illustrative")


def _framework(entry: dict[str, Any]) -> Framework:
    """Named for a reform such as ``settlement.framework.eur.swap_line``."""
    name = f"{SETTLEMENT}framework.{entry['currency'].lower()}.{entry['kind']}"
    return record_of_row(Framework, entry, id=name)


@cache
def shipped() -> Defaults:
    """The figures and facts that come with the package."""
    data = shipped_toml("offing.settlement", "defaults.toml")
    return Defaults(
        tuple(_figures(data)),
        tuple((term, tuple(names)) for term, names in data["fees"]["terms"].items()),
        tuple(map(_framework, data["framework"])),
        tuple(_ndf_markets(data)),
        frozenset(code for listed in data["deliverable"] for code in listed["currencies"]),
    )


PER_CURRENCY = ("interest", "spread")
OF_NDF = ("spread", "basis")


def _is_known(defaults: Defaults, id_: str) -> bool:
    """Whether something looks the name up, though it may have no figure yet."""
    if any(figure.id == id_ for figure in defaults.figures):
        return True
    kind, *rest = id_.removeprefix(SETTLEMENT).split(".")
    if kind in PER_CURRENCY and len(rest) == 1:
        return rest[0].upper() in currency_codes()
    if kind == "ndf" and len(rest) == 2:
        markets = {market.currency for market in defaults.ndf_markets}
        return rest[0].upper() in markets and rest[1] in OF_NDF
    fees = {name for _, names in defaults.terms for name in names}
    return kind == "fees" and len(rest) == 2 and rest[0] in fees and rest[1] in FEE_PARTS


def _unknown_figure(defaults: Defaults, id_: str, where: Where | None) -> InputError:
    return unknown_rule(id_, (one.id for one in (*defaults.figures, *defaults.frameworks)), where)


def _value(setting: RateSetting) -> Decimal:
    name = setting.id.rpartition(".")[2]
    if unit_of(setting.id) != "share":
        value = amount(setting.value.upper().removesuffix("CNY").strip(), where=setting.where)
        least = 1 if name == "period_days" else 0
        must_be_within(setting.id, value, ge=least, where=setting.where)
        if least and value % 1:
            raise InputError("cli.bad_given", name=setting.id, value=value, wanted="90")
        return value
    text = setting.value.strip()
    negative = name == "basis" and text.startswith("-")
    share = rate(text.removeprefix("-") if negative else text, name=setting.id, where=setting.where)
    return -share if negative else share


def _close_figure(defaults: Defaults, close: Close) -> Defaults:
    hole = Interval(close.until, None)
    if close.id not in {dated.id for dated in (*defaults.figures, *defaults.frameworks)}:
        raise _unknown_figure(defaults, close.id, None)
    return replace(
        defaults,
        figures=without(defaults.figures, close.id, hole),
        frameworks=without(defaults.frameworks, close.id, hole),
    )


def reform_defaults(defaults: Defaults, reform: Reform) -> Defaults:
    """The figures and facts under a reform; those it does not name stay as they are.

    Raises:
        InputError: ``landed.unknown_rule`` with the nearest that exists, or a value that cannot
            be.
    """
    for close in reform.closes:
        if close.id.startswith(SETTLEMENT):
            defaults = _close_figure(defaults, close)
    for setting in reform.settings:
        if not setting.id.startswith(SETTLEMENT):
            continue
        if not _is_known(defaults, setting.id):
            raise _unknown_figure(defaults, setting.id, setting.where)
        new = DatedFigure(
            id=setting.id,
            value=_value(setting),
            unit=unit_of(setting.id),
            when=setting.when,
            source=reform.name,
            status="user",
            where=setting.where,
        )
        defaults = replace(defaults, figures=overlaid(defaults.figures, new))
    told = {"source": reform.name, "status": "user"}
    added = [_framework(vars(new) | told) for new in reform.frameworks]
    return replace(defaults, frameworks=(*defaults.frameworks, *added))


CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "KRW", "RUB", "VND", "BRL")


@dataclass(frozen=True)
class CurrencyCost:
    """What settling in a currency costs.

    ``spread`` is the bank's bid-ask spread, as a share of the rate; an exporter loses half of it.
    """

    currency: str
    spread: Decimal
    lost: Decimal
    rule: RuleUse


@dataclass(frozen=True)
class Settlement:
    """What is known of settling and trade.

    Costs are by currency, the cheapest first.
    """

    on: date
    costs: tuple[CurrencyCost, ...]


def settlement(defaults: Defaults, on: date) -> Settlement:
    """The cost of settling by currency."""
    rows = []
    for currency in CURRENCIES:
        quoted = defaults.spread(currency, on)
        rows.append(CurrencyCost(currency, quoted.rate, quoted.rate / 2, quoted.use))
    return Settlement(on, tuple(sorted(rows, key=lambda row: (row.spread, row.currency))))
