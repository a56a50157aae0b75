"""The dated rulebook: rates and charges of every importer, looked up by day.

A rule holds on ``[since, until)``. A day without a rule is an error that names the days which
have one, and so is a day with two: a lapsed rate never lives on, and nothing is picked silently.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from offing.rules.duty import AdValorem, Duty, share_of
from offing.rules.rule_use import RuleUse, Status
from offing.terms.countries import country_name
from offing.terms.errors import MissingDataError, RuleError, Where
from offing.terms.interval import Interval, holding, overlaps
from offing.terms.messages import enumerated
from offing.terms.money import Rounding, rounded

Mode = Literal["sea", "air", "rail", "road"]
KeyedBy = Literal["entry_date", "export_date"]
Stage = Literal["value", "duty", "tax"]

INPUTS = ("goods", "freight", "insurance", "destination", "fees")
"""What a shipment brings to the border, in the importer's currency: the goods free on board,
the main freight, its insurance, transport to the first destination inland, and fees that the
user names (such as Siscomex in Brazil)."""

DUTIES = "duties"
"""In a base: the sum of all charges of the stage ``duty`` so far."""


@dataclass(frozen=True)
class Rate:
    """A value while it holds.

    Attributes:
        id: the series, such as ``eur.vat.deu``; its entries must not overlap.
        duty: the value: a share, or an expression such as a minimum and a maximum fee.
        when: the days on which it holds.
        keyed_by: which day counts, the entry's or the export's.
        legal: the act and article.
        source: the page or document it was read in.
        status: ``checked`` where the source was read, else ``illustrative``; ``user`` in reforms.
        where: the file.
    """

    id: str
    duty: Duty
    when: Interval
    keyed_by: KeyedBy
    legal: str
    source: str
    status: Status
    where: Where

    @property
    def share(self) -> Decimal:
        """The value as a share.

        Raises:
            RuleError: ``landed.not_a_share`` where it is more than that.
        """
        share = share_of(self.duty)
        if share is None:
            raise RuleError("landed.not_a_share", where=self.where, id=self.id, value=self.duty)
        return share

    def use(self) -> RuleUse:
        """The trace of the rate."""
        cited = " · ".join(part for part in (self.legal, self.source) if part)
        return RuleUse(
            self.id,
            str(self.duty) if not isinstance(self.duty, AdValorem) else format(self.duty.rate, "f"),
            self.when.since,
            self.when.until,
            cited,
            self.status,
        )


@dataclass(frozen=True)
class RoundingRule:
    """How an amount is rounded: ``half_up_2``, ``down_0`` …; ``None`` parts keep it exact."""

    how: Rounding | None
    places: int = 2

    def apply(self, amount: Decimal) -> Decimal:
        """The rounded amount."""
        return amount if self.how is None else rounded(amount, self.places, self.how)

    def __str__(self) -> str:
        return "exact" if self.how is None else f"{self.how}_{self.places}"


EXACT = RoundingRule(None)


@dataclass(frozen=True)
class Charge:
    """One node of an importer's charge graph, while it exists.

    Attributes:
        name: unique on a day; bases refer to it, and its label is ``landed.line_<name>``.
        stage: ``value`` for a customs value or tax base that is not paid, ``duty`` or ``tax``.
        base: names of inputs and earlier charges that are summed, or ``duties``.
        rate: the rate series, with ``{destination}`` and ``{origin}`` filled in; ``None`` with no
            ``tariff`` for a plain sum.
        tariff: the duty regime whose line for the product is the rate (``mfn``). With ``rate``
            too, that one is for products which the tariff has no line for.
        net_of: earlier charges that are taken off: the rate is what they come to together with
            this one, and where they are above it nothing is added.
        gross_up: the charge is inside its own base: ``base × r / (1 - r)``.
        recoverable: a registered importer gets it back.
        modes: only for these ways of transport; empty for all.
        origins: only for goods of these origins; empty for all.
        not_origins: not for goods of these origins.
        lists: only for products on one of these lists (regimes of the duty lines).
        not_on: not for products on these lists.
        rounding: of the amount.
        when: the days on which it exists; within them its rate must be known.
    """

    name: str
    stage: Stage
    base: tuple[str, ...]
    rate: str | None
    tariff: str | None
    net_of: tuple[str, ...]
    gross_up: bool
    recoverable: bool
    modes: tuple[str, ...]
    origins: tuple[str, ...]
    not_origins: tuple[str, ...]
    lists: tuple[str, ...]
    not_on: tuple[str, ...]
    rounding: RoundingRule
    when: Interval
    legal: str
    source: str
    status: Status
    where: Where

    @classmethod
    def plain(cls, name: str, stage: Stage, base: tuple[str, ...]) -> "Charge":
        """A charge of a user's own, at the rate of its name, for all goods, on any day."""
        none: tuple[str, ...] = ()
        return cls(
            name, stage, base, name, None, none, False, False, none, none, none, none, none,
            EXACT, Interval(), "", name, "user", Where(name),
        )  # fmt: skip

    def use(self, importer: str) -> RuleUse:
        """The trace of the charge itself: its base and where that is written."""
        cited = " · ".join(part for part in (self.legal, self.source) if part)
        return RuleUse(
            f"{importer.lower()}.{self.name}",
            " + ".join(self.base),
            self.when.since,
            self.when.until,
            cited,
            self.status,
        )


@dataclass(frozen=True)
class Listed:
    """Codes that a regime file puts on a product list, beside those of the duty lines.

    Attributes:
        name: of the list.
        codes: tariff codes of 4 to 10 digits.
        when: the days on which they are on it.
        source: the act, and the page read.
    """

    name: str
    codes: tuple[str, ...]
    when: Interval
    source: str


@dataclass(frozen=True)
class Caution:
    """What the code alone does not tell about a duty: a quote says it.

    Attributes:
        message: key of the sentence.
        charges: said where one of these is in the quote.
        lists: or where the product is on one of these lists; with neither, always.
        origins: only for goods of these origins; empty for all.
        when: the days on which it is to be said.
        source: the act, and the page read.
        status: of what it says.
    """

    message: str
    charges: tuple[str, ...]
    lists: tuple[str, ...]
    origins: tuple[str, ...]
    when: Interval
    source: str
    status: Status

    def about(self, origin: str, charges: Set[str], lists: Set[str]) -> bool:
        """Whether it is about such a quote."""
        if self.origins and origin not in self.origins:
            return False
        named = bool(self.charges or self.lists)
        return not named or not charges.isdisjoint(self.charges) or not lists.isdisjoint(self.lists)


@dataclass(frozen=True)
class TariffLine:
    """A duty that a regime file itself states, where no data set has the importer's tariff.

    Attributes:
        code: tariff code of 4 to 10 digits.
        regime: the duty regime, such as ``mfn`` or ``rcep``.
        duty: as text.
        origins: for goods of these origins only; empty for all.
        when: the days on which it holds.
        source: the act, and the page read.
        status: of the value.
    """

    code: str
    regime: str
    duty: str
    origins: tuple[str, ...]
    when: Interval
    source: str
    status: Status


@dataclass(frozen=True)
class Case:
    """A worked example of a regime: the tests compute it."""

    name: str
    on: date
    destination: str
    origin: str
    mode: Mode
    duty: str | None
    lists: tuple[str, ...]
    inputs: Mapping[str, Decimal]
    quantities: Mapping[str, Decimal]
    expected: Mapping[str, Decimal]
    source: str


@dataclass(frozen=True)
class CaseWords:
    """What worked cases call the parts of a regime (``[cases]``), besides the charges' own names.

    Attributes:
        models: further names of the importer, such as ``EU``.
        names: word → the charges that it is the sum of: ``vat`` for ``gst``.
        inputs: word → the input of the charge graph that it adds to.
        more: a tax that a case may name besides → the charge whose base it shares.
        origins: a flag → the origin of the goods that it says.
        insured: the inputs that a bare rate of insurance is a share of.
    """

    models: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    insured: tuple[str, ...] = ("goods", "freight")


@dataclass(frozen=True)
class Regime:
    """One importer: its currency, its members, its charges in their order.

    Attributes:
        importer: as in the duty lines; ``EUR`` for the European Union.
        destinations: the members, alpha-3.
        currency: of assessment.
        charges: in the order in which they are computed.
        cases: worked examples.
        only_origins: where not empty, the additional duties are complete for these origins only.
        more_origins: from ``more_origins_since`` on they are for these too.
        without_mfn: origins whose goods do not get the most-favoured-nation duty.
        listed: codes on product lists that no data set has.
        reviewed: the day on which somebody last went through the file.
        lines: duties that no data set has.
        cautions: what the code alone does not tell.
        words: what worked cases call its parts.
    """

    importer: str
    destinations: tuple[str, ...]
    currency: str
    charges: tuple[Charge, ...]
    cases: tuple[Case, ...]
    only_origins: tuple[str, ...]
    where: Where
    listed: tuple[Listed, ...] = ()
    reviewed: date | None = None
    lines: tuple[TariffLine, ...] = ()
    more_origins: tuple[str, ...] = ()
    more_origins_since: date | None = None
    without_mfn: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()
    words: CaseWords = field(default_factory=CaseWords)

    def complete_for(self, origin: str, on: date) -> bool:
        """Whether the additional duties on goods of an origin are all in the file on a day."""
        late = self.more_origins_since is not None and on >= self.more_origins_since
        return (
            not self.only_origins
            or origin in self.only_origins
            or (late and origin in self.more_origins)
        )

    def charges_on(self, on: date) -> tuple[Charge, ...]:
        """The charges that exist on the day.

        Raises:
            RuleError: ``landed.no_rule`` where there is none at all, ``landed.two_rules`` where
                two of one name hold.
        """
        found = holding(self.charges, on)
        if not found:
            raise RuleError(
                "landed.no_rule",
                where=self.where,
                id=f"{self.importer.lower()}.*",
                day=on,
                days=days_of(self.charges),
            )
        names = [charge.name for charge in found]
        for charge in found:
            if names.count(charge.name) > 1:
                raise RuleError("landed.two_rules", where=self.where, id=charge.name, day=on)
        return tuple(found)


def days_of(rules: Iterable[Any]) -> str:
    """The days that some rules cover, for an error: joined where they follow one another."""
    spans: list[list[date | None]] = []
    for rule in sorted(rules, key=lambda r: r.when.since or date.min):
        since, until = rule.when.since, rule.when.until
        if spans and (spans[-1][1] is None or (since or date.min) <= spans[-1][1]):
            last = spans[-1][1]
            spans[-1][1] = None if last is None or until is None else max(last, until)
        else:
            spans.append([since, until])
    return ", ".join(f"[{since or '…'}, {until or '…'})" for since, until in spans) or "—"


@dataclass(frozen=True)
class Rulebook:
    """All regimes and rates, ready to look up."""

    regimes: Mapping[str, Regime]
    rates: tuple[Rate, ...]
    reforms: tuple[str, ...] = field(default=())

    @cached_property
    def _series(self) -> dict[str, list[Rate]]:
        series: dict[str, list[Rate]] = defaultdict(list)
        for rate in self.rates:
            series[rate.id].append(rate)
        return dict(series)

    def series(self, id: str) -> tuple[Rate, ...]:  # noqa: A002 - the rulebook's own word
        """All entries of a rate, in no order."""
        return tuple(self._series.get(id, ()))

    def rate(self, id: str, on: date) -> Rate:  # noqa: A002
        """The entry that holds on the day.

        Raises:
            RuleError: ``landed.no_rule`` with the days that have one, ``landed.two_rules``.
        """
        entries = self._series.get(id, [])
        found = holding(entries, on)
        if len(found) == 1:
            return found[0]
        if found:
            raise RuleError("landed.two_rules", where=found[0].where, id=id, day=on)
        raise RuleError(
            "landed.no_rule",
            where=entries[0].where if entries else None,
            id=id,
            day=on,
            days=days_of(entries),
        )

    def regime(self, destination: str) -> Regime:
        """The regime of a destination.

        Raises:
            MissingDataError: ``landed.no_regime`` where no file covers it.
        """
        for regime in self.regimes.values():
            if destination in regime.destinations:
                return regime
        raise MissingDataError(
            "landed.no_regime",
            destination=destination,
            name=country_name(destination),
            known=enumerated(self.destinations()),
        )

    def destinations(self) -> list[str]:
        """Every destination that has a regime."""
        return sorted(code for r in self.regimes.values() for code in r.destinations)

    def check(self) -> None:
        """Refuse a rulebook in which two rules hold on one day.

        Raises:
            RuleError: ``landed.two_rules``.
        """
        groups: list[tuple[str, Sequence[Rate | Charge]]] = list(self._series.items())
        for regime in self.regimes.values():
            named: dict[str, list[Rate | Charge]] = defaultdict(list)
            for charge in regime.charges:
                named[charge.name].append(charge)
            groups.extend(
                (f"{regime.importer.lower()}.{name}", same) for name, same in named.items()
            )
        for id_, rules in groups:
            for one, other in overlaps(rules):
                day = max(one.when.since or date.min, other.when.since or date.min)
                raise RuleError("landed.two_rules", where=one.where, id=id_, day=day)
