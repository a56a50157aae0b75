"""Landed cost: run an importer's charge graph over what arrives at its border.

Two steps. :func:`assessment` resolves the rules of a day once (charges, rates, duty lines) and
:meth:`Assessment.of` computes one shipment with them, so that thousands of shipments share one
look-up. Nothing here knows any country.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from offing.rules.duty import AdValorem, Dutiable, Duty, convert_duty
from offing.rules.rule_use import EXCEPTIONS_NOT_READ, RuleUse
from offing.rules.rulebook import DUTIES, INPUTS, Charge, Mode, Rulebook
from offing.rules.tariff import Tariff
from offing.terms.errors import InputError, RuleError
from offing.terms.exchange import FxTable

ZERO = Decimal(0)


@dataclass(frozen=True)
class Context:
    """What decides which rules apply.

    ``on`` is the day of entry; ``exported`` that of export, for rates keyed by it, or ``None`` for
    the day of entry. ``tariffs`` is duty regime → the product's duty.
    """

    destination: str
    on: date
    origin: str = "CHN"
    mode: Mode = "sea"
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    exported: date | None = None


@dataclass(frozen=True)
class TaxStep:
    """A charge with its rate found: ready to compute."""

    charge: Charge
    duty: Duty | None
    use: RuleUse

    @property
    def doubtful(self) -> bool:
        """Whether it is paid and its exceptions were not read: the goods may be free of it."""
        return self.charge.stage != "value" and self.use.status == EXCEPTIONS_NOT_READ


@dataclass(frozen=True)
class Assessed:
    """The amount of one charge."""

    step: TaxStep
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Bill:
    """All charges on one shipment, in the currency of the regime."""

    currency: str
    charges: tuple[Assessed, ...]

    def amount(self, name: str) -> Decimal:
        """The amount of a charge; zero where it does not apply."""
        return sum((item.amount for item in self.charges if item.step.charge.name == name), ZERO)

    def base(self, name: str) -> Decimal:
        """What a charge was taken of."""
        return sum((item.base for item in self.charges if item.step.charge.name == name), ZERO)

    def whole_base(self, name: str) -> Decimal:
        """What a charge is a share of: a charge inside its own base (por dentro) is part of it."""
        inside = (
            item.step.charge.gross_up for item in self.charges if item.step.charge.name == name
        )
        return self.base(name) + (self.amount(name) if any(inside) else ZERO)

    def total(self, stage: str) -> Decimal:
        """The sum of a stage, ``duty`` or ``tax``."""
        return sum((item.amount for item in self.charges if item.step.charge.stage == stage), ZERO)

    @property
    def paid(self) -> Decimal:
        """Duties and taxes together."""
        return self.total("duty") + self.total("tax")

    @property
    def recoverable(self) -> Decimal:
        """What a registered importer gets back."""
        return sum((i.amount for i in self.charges if i.step.charge.recoverable), ZERO)


@dataclass(frozen=True)
class Assessment:
    """The rules of one importer for one product, origin, day and mode, resolved."""

    currency: str
    on: date
    steps: tuple[TaxStep, ...]

    def of(
        self,
        inputs: Mapping[str, Decimal],
        quantities: Mapping[str, Decimal] | None = None,
        elements: Mapping[str, Decimal] | None = None,
        *,
        rounding: bool = True,
    ) -> Bill:
        """The charges on a shipment.

        Args:
            inputs: amounts of :data:`~offing.rules.rulebook.INPUTS` in the regime's currency;
                what is left out is zero.
            quantities: unit → quantity; the entry itself is one ``entry``.
            elements: amounts for the elements of a duty text.
            rounding: ``False`` keeps every amount exact, for solving backwards.

        Raises:
            InputError: a quantity or an element that a duty needs is not given.
        """
        amounts: dict[str, Decimal] = dict.fromkeys(INPUTS, ZERO)
        amounts.update(inputs)
        amounts[DUTIES] = ZERO
        measured = {"entry": Decimal(1), **(quantities or {})}
        items: list[Assessed] = []
        for step in self.steps:
            charge = step.charge
            base = ZERO
            for name in charge.base:
                base += amounts.get(name, ZERO)
            duty = step.duty
            if duty is None:
                amount = base
            elif charge.gross_up:
                share = _share(step)
                amount = base * share / (1 - share)
            elif type(duty) is AdValorem:
                amount = duty.rate * base
            else:
                amount = duty.of(Dutiable(base, self.currency, self.on, measured, elements or {}))
            for name in charge.net_of:
                amount -= amounts.get(name, ZERO)
            if charge.net_of:
                amount = max(ZERO, amount)
            if rounding:
                amount = charge.rounding.apply(amount)
            amounts[charge.name] = amount
            if charge.stage == "duty":
                amounts[DUTIES] += amount
            items.append(Assessed(step, base, amount))
        return Bill(self.currency, tuple(items))


def convert_assessment(assessment: Assessment, fx: FxTable) -> Assessment:
    """The rules with amounts of duty texts in the importer's currency, at the day's rate.

    Raises:
        RuleError: ``landed.no_fx`` and the like where there is no rate.
    """

    def rate(currency: str) -> Decimal:
        return fx.rate(assessment.currency, currency)[0]

    steps = tuple(
        step
        if step.duty is None
        else replace(step, duty=convert_duty(step.duty, assessment.currency, rate))
        for step in assessment.steps
    )
    return replace(assessment, steps=steps)


def _share(step: TaxStep) -> Decimal:
    if not isinstance(step.duty, AdValorem) or step.duty.rate >= 1:
        raise RuleError(
            "landed.not_a_share", where=step.charge.where, id=step.use.id, value=step.duty
        )
    return step.duty.rate


def applies_to(charge: Charge, origin: str) -> bool:
    """Whether a charge is for goods of an origin."""
    return (not charge.origins or origin in charge.origins) and origin not in charge.not_origins


def _applies(charge: Charge, context: Context) -> bool:
    return (
        (not charge.modes or context.mode in charge.modes)
        and applies_to(charge, context.origin)
        and (not charge.lists or not context.lists.isdisjoint(charge.lists))
        and context.lists.isdisjoint(charge.not_on)
        and (not charge.only_listed or charge.tariff in context.tariffs)
    )


def assessment(book: Rulebook, context: Context) -> Assessment:
    """Resolve the rules of the day.

    Raises:
        MissingDataError: ``landed.no_regime``; ``landed.no_duty`` where a charge needs a line of
            the tariff that ``context.tariffs`` does not have.
        RuleError: a rate has no entry on the day, or two.
    """
    regime = book.regime(context.destination)
    steps: list[TaxStep] = []
    for charge in regime.charges_on(context.on):
        if not _applies(charge, context):
            continue
        tariff = context.tariffs.get(charge.tariff or charge.name)
        if tariff is not None:
            steps.append(TaxStep(charge, tariff.duty, tariff.use))
        elif charge.tariff is not None and charge.rate is None:
            raise InputError(
                "landed.no_duty", destination=context.destination, regime=charge.tariff
            )
        elif charge.rate is not None:
            id_ = charge.rate.format(
                destination=context.destination.lower(), origin=context.origin.lower()
            )
            days = {"entry_date": context.on, "export_date": context.exported or context.on}
            keyed = {rate.keyed_by for rate in book.series(id_)}
            rate = book.rate(id_, days[keyed.pop()] if len(keyed) == 1 else context.on)
            steps.append(TaxStep(charge, rate.duty, rate.use()))
        else:
            steps.append(TaxStep(charge, None, charge.use()))
    return Assessment(regime.currency, context.on, tuple(map(_as_well_known, steps)))


def _as_well_known(step: TaxStep) -> TaxStep:
    """A rate is no better known than the charge whose exceptions were not read."""
    if step.charge.status == EXCEPTIONS_NOT_READ and step.use.status == "official":
        return replace(step, use=replace(step.use, status=EXCEPTIONS_NOT_READ))
    return step
