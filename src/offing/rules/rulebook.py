"""The dated rulebook: rates and charges of every importer, looked up by day.

A rule holds on ``[since, until)``. A day without a rule is an error that names the days which
have one, and so is a day with two: a lapsed rate never lives on, and nothing is picked silently.
"""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from offing.rules.duty import AdValorem, Duty, share_of
from offing.rules.rule_use import DatedRule, RuleUse, check_single, days_of, the_one
from offing.terms.countries import country_code, country_name
from offing.terms.errors import MissingDataError, RuleError, Where
from offing.terms.interval import Interval, holding
from offing.terms.messages import join_list
from offing.terms.money import Rounding, exact, round_amount

Mode = Literal["sea", "air", "rail", "road"]
KeyedBy = Literal["entry_date", "export_date"]
Stage = Literal["value", "duty", "tax"]

INPUTS = ("goods", "freight", "insurance", "destination", "fees")
"""What a shipment brings to the border, in the importer's currency: the goods free on board,
the main freight, its insurance, transport to the first destination inland, and fees that the
user names (such as Siscomex in Brazil)."""

DUTIES = "duties"
"""In a base: the sum of all charges of the stage ``duty`` so far."""


@dataclass(frozen=True, kw_only=True)
class Rate(DatedRule):
    """A rate of an importer while it holds.

    Attributes:
        duty: the value: a share, or an expression such as a minimum and a maximum fee.
        keyed_by: which day counts, the entry's or the export's.
    """

    duty: Duty
    keyed_by: KeyedBy = "entry_date"

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
        if isinstance(self.duty, AdValorem):
            return self.traced(format(self.duty.rate, "f"), "share")
        return self.traced(self.duty, "duty")


@dataclass(frozen=True)
class RoundingRule:
    """How an amount is rounded: ``half_up_2``, ``down_0`` …; ``None`` parts keep it exact."""

    how: Rounding | None
    places: int = 2

    def apply(self, amount: Decimal) -> Decimal:
        """The rounded amount."""
        return amount if self.how is None else round_amount(amount, self.places, self.how)

    def __str__(self) -> str:
        return "exact" if self.how is None else f"{self.how}_{self.places}"


EXACT = RoundingRule(None)


@dataclass(frozen=True, kw_only=True)
class Charge(DatedRule):
    """One node of an importer's charge graph, while it exists.

    Attributes:
        name: unique on a day; bases refer to it, and its label is ``landed.line_<name>``.
        stage: ``value`` for a customs value or tax base that is not paid, ``duty`` or ``tax``.
        base: names of inputs and earlier charges that are summed, or ``duties``.
        rate: the rate series, with ``{destination}`` and ``{origin}`` filled in; ``None`` with no
            ``tariff`` for a plain sum.
        tariff: the duty regime whose line for the product is the rate (``mfn``). With ``rate``
            too, that one is for products which the tariff has no line for.
        only_listed: with ``tariff``: only for products that have a line of it.
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
    """

    name: str
    stage: Stage
    base: tuple[str, ...]
    rate: str | None = None
    tariff: str | None = None
    only_listed: bool = False
    net_of: tuple[str, ...] = ()
    gross_up: bool = False
    recoverable: bool = False
    modes: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    not_origins: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    not_on: tuple[str, ...] = ()
    rounding: RoundingRule = EXACT

    @classmethod
    def plain(cls, name: str, stage: Stage, base: tuple[str, ...]) -> "Charge":
        """A charge of a user's own, at the rate of its name, for all goods, on any day."""
        return cls(
            id=name, when=Interval(), source=name, status="user", where=Where(name),
            name=name, stage=stage, base=base, rate=name,
        )  # fmt: skip

    def use(self) -> RuleUse:
        """The trace of the charge itself: its base and where that is written."""
        return self.traced(" + ".join(self.base), "sum")


@dataclass(frozen=True, kw_only=True)
class Listed(DatedRule):
    """Codes that a regime file puts on a product list, beside those of the duty lines, or off it.

    The codes have 4 to 10 digits or 12.

    Attributes:
        name: of the list.
        codes: on it.
        without: not on it, though a shorter code above them is.
    """

    name: str
    codes: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CautionRule(DatedRule):
    """What the code alone does not tell about a duty: a quote says it.

    Attributes:
        message: key of the sentence.
        charges: said where one of these is in the quote.
        lists: or where the product is on one of these lists; with neither, always.
        origins: only for goods of these origins; empty for all.
        not_on: but never for a product on one of these lists.
    """

    message: str
    charges: tuple[str, ...]
    lists: tuple[str, ...]
    origins: tuple[str, ...]
    not_on: tuple[str, ...] = ()

    def about(self, origin: str, charges: Set[str], lists: Set[str]) -> bool:
        """Whether it is about such a quote."""
        if (self.origins and origin not in self.origins) or not lists.isdisjoint(self.not_on):
            return False
        named = bool(self.charges or self.lists)
        return not named or not charges.isdisjoint(self.charges) or not lists.isdisjoint(self.lists)


@dataclass(frozen=True, kw_only=True)
class TariffLine(DatedRule):
    """A duty that a regime file itself states, where no data set has the importer's tariff.

    Attributes:
        codes: tariff codes of 4 to 10 digits or 12.
        regime: the duty regime, such as ``mfn`` or ``rcep``.
        duty: as text.
        origins: for goods of these origins only; empty for all.
    """

    codes: tuple[str, ...]
    regime: str
    duty: str
    origins: tuple[str, ...]


KEYS = {"extra": "forbid", "str_strip_whitespace": True}
"""A table of a rule file has no key but its own."""
CODE = r"^(\d{4,10}|\d{12})$"
Code = Annotated[str, Field(pattern=CODE)]
Number = Annotated[Decimal, BeforeValidator(exact)]
Origin = Annotated[str, AfterValidator(lambda text: country_code(text))]
Text = Annotated[str, Field(min_length=1)]
Several = Annotated[
    tuple[str, ...], BeforeValidator(lambda raw: [raw] if isinstance(raw, str) else raw)
]


@dataclass(frozen=True, kw_only=True)
class RegimeCase:
    """A worked example of a regime (``[[case]]``): the tests compute it.

    With ``code`` the goods have the lines, and are on the lists, that the file has for that code.
    """

    __pydantic_config__ = KEYS

    name: Text
    on: date
    destination: Origin
    origin: Origin = "CHN"
    mode: Mode = "sea"
    duty: str | None = None
    code: Code | None = None
    lists: tuple[str, ...] = ()
    inputs: Mapping[str, Number]
    quantities: Mapping[str, Number] = field(default_factory=dict)
    expected: Mapping[str, Number]
    source: Text


@dataclass(frozen=True)
class CaseWords:
    """What worked cases call the parts of a regime (``[cases]``), besides the charges' own names.

    Attributes:
        models: further names of the importer, such as ``EU``.
        names: word → the charges that it is the sum of: ``vat`` for ``gst``.
        inputs: word → the input of the charge graph that it adds to.
        more: a tax that a case may name besides → its base.
        duties: a duty that a case may name besides → its base; it is in the base of the taxes.
        excises: the same for an excise; ``0.15 customs_value`` is fifteen per cent of that part.
        also: a further name → the one of ``more``, ``duties`` or ``excises`` that it is.
        origins: a flag → the origin of the goods that it says.
        insured: the inputs that a bare rate of insurance is a share of.
        low_value: what a limit of small consignments is of, the goods alone or the customs value.
        low_value_frees: what such a limit frees from, where a case does not say it.
        low_value_limit: the limit of the law, held to a case's figures where it does not say one.
        low_value_until: the day from which there is no such limit any more.
    """

    __pydantic_config__ = KEYS

    models: tuple[Text, ...] = ()
    names: Mapping[str, Several] = field(default_factory=dict)
    inputs: Mapping[str, Literal["goods", "freight", "insurance", "destination", "fees"]] = field(
        default_factory=dict
    )
    more: Mapping[str, Several] = field(default_factory=dict)
    duties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excises: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    insured: tuple[str, ...] = ("goods", "freight")
    low_value: Literal["goods", "customs_value", ""] = ""
    low_value_frees: tuple[Literal["duty", "tax"], ...] = ("duty", "tax")
    low_value_limit: Number | None = None
    low_value_until: date | None = None


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
        lines: duties that no data set has.
        cautions: what the code alone does not tell.
        words: what worked cases call its parts.
    """

    importer: str
    destinations: tuple[str, ...]
    currency: str
    charges: tuple[Charge, ...]
    cases: tuple[RegimeCase, ...]
    only_origins: tuple[str, ...]
    where: Where
    listed: tuple[Listed, ...] = ()
    lines: tuple[TariffLine, ...] = ()
    more_origins: tuple[str, ...] = ()
    more_origins_since: date | None = None
    without_mfn: tuple[str, ...] = ()
    cautions: tuple[CautionRule, ...] = ()
    words: CaseWords = field(default_factory=CaseWords)

    def complete_for(self, origin: str, on: date) -> bool:
        """Whether the additional duties on goods of an origin are all in the file on a day."""
        late = self.more_origins_since is not None and on >= self.more_origins_since
        return (
            not self.only_origins
            or origin in self.only_origins
            or (late and origin in self.more_origins)
        )

    @cached_property
    def listed_by_heading(self) -> Mapping[str, list[tuple[Listed, str, bool]]]:
        """Heading → the lists with a code of it, the code, and whether it is off the list."""
        near: dict[str, list[tuple[Listed, str, bool]]] = defaultdict(list)
        for listed in self.listed:
            for code in listed.codes:
                near[code[:4]].append((listed, code, False))
            for code in listed.without:
                near[code[:4]].append((listed, code, True))
        return dict(near)

    def charges_on(self, on: date) -> tuple[Charge, ...]:
        """The charges that exist on the day.

        Raises:
            RuleError: ``landed.no_rule`` where there is none at all, ``landed.two_rules`` where
                two of one name hold.
        """
        in_force = holding(self.charges, on)
        if not in_force:
            raise RuleError(
                "landed.no_rule",
                where=self.where,
                id=country_name(self.importer),
                day=on,
                days=days_of(self.charges),
            )
        check_single(in_force)
        return tuple(in_force)


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
        return the_one(self._series.get(id, ()), id, on)

    def regime(self, destination: str) -> Regime:
        """The regime of a destination.

        Raises:
            MissingDataError: ``landed.no_regime`` where no file covers it.
        """
        if destination in self._regime_by_destination:
            return self._regime_by_destination[destination]
        raise MissingDataError(
            "landed.no_regime",
            destination=destination,
            name=country_name(destination),
            known=join_list(self.destinations()),
        )

    @cached_property
    def _regime_by_destination(self) -> Mapping[str, Regime]:
        first_last = reversed([*self.regimes.values()])  # of two the first counts
        return {code: regime for regime in first_last for code in regime.destinations}

    def destinations(self) -> list[str]:
        """Every destination that has a regime."""
        return sorted(self._regime_by_destination)

    def check(self) -> None:
        """Refuse a rulebook in which two rules hold on one day.

        Raises:
            RuleError: ``landed.two_rules``.
        """
        check_single(self.rates)
        for regime in self.regimes.values():
            check_single(regime.charges)
