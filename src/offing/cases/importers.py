"""Worked cases of an importer: any country that has a regime file, in the words of that file.

A case gives its own rates. They are laid over the importer's regime as a reform, so that the case
runs through the same charges, bases and order as a quote. Amounts stay exact, for the case states
its own rounding; steps that are part of the tax (whole hundreds, rounded down) stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import cast, get_args

from offing.cases.duty import (
    TARIFF,
    VALUES,
    Measure,
    bad_choice,
    bounded,
    component,
    duty_given,
    quantities_given,
    share_or_sum,
)
from offing.cases.inputs import ONE, ZERO, Answers, Inputs, solves
from offing.cases.words import Method, Word, methods
from offing.landed.charges import Bill, Context, assessment
from offing.landed.shipment import cif_of
from offing.rules.duty import AdValorem, Bounded, Duty
from offing.rules.reform import NewCharge, Reform, with_overlay
from offing.rules.regime_file import shipped
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import EXACT, Charge, Mode, Rate, Regime, Rulebook, Stage
from offing.rules.tariff import Tariff
from offing.terms.countries import country_code
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.interval import Interval

GIVEN = Where("case")
CARRIAGE = ("freight", "insurance")
AFTER_THE_BORDER = ("brokerage", "clearance_fee", "handling", "delivery", "other_costs")
STEPS = ("down", "ceiling")
"""Roundings that are part of a tax."""


@dataclass(frozen=True)
class Importer:
    """An importer of cases: its regime, the country, and what its charges are called.

    Attributes:
        regime: of the importer.
        destination: alpha-3; ``None`` where the case must name the member.
        names: word → the charges that it is the sum of.
    """

    regime: Regime
    destination: str | None
    names: dict[str, tuple[str, ...]]


@cache
def importer(name: str) -> Importer | None:
    """The importer that a model names: a country, or a further name in a regime file."""
    regimes = shipped().regimes.values()
    regime = next((regime for regime in regimes if name in regime.words.models), None)
    destination = None
    if regime is None:
        try:
            destination = country_code(name)
            regime = shipped().regime(destination)
        except OffingError:
            return None
    taxes = {c.name: (c.name,) for c in regime.charges if not (c.origins or c.lists or c.not_on)}
    names = {**taxes, **dict.fromkeys(TARIFF, ("duty",)), **regime.words.names}
    return Importer(regime, destination, names)


def importer_method(name: str) -> Method | None:
    """The words of an importer's cases: the usual ones, and those of its regime file."""
    known = importer(name)
    if known is None:
        return None
    usual, words = methods()["importer"], known.regime.words
    taxes = (*known.names, *words.more)
    inputs = [Word(tax, forms=("rate",)) for tax in taxes]
    inputs += [Word(f"{tax}_{limit}") for tax in taxes for limit in ("min", "max")]
    inputs += [*(Word(word) for word in words.inputs), *(Word(w, "flag") for w in words.origins)]
    return replace(
        usual,
        name=name,
        reads=usual.reads.with_words(inputs),
        accepts=usual.accepts.with_words(inputs),
        gives=usual.gives.with_words(Word(t + end) for t in taxes for end in ("", "_base")),
    )


def border_amounts(inputs: Inputs, regime: Regime) -> dict[str, Decimal]:
    """What arrives at the border. A CIF or assessable value has the carriage in it already."""
    value = next((charge for charge in regime.charges if charge.name == "customs_value"), None)
    word = next((word for word in VALUES if inputs.has(word)), None)
    inside = inputs.vocabulary.words[word].contains if word else ()
    if word == "customs_value" and value and set(CARRIAGE) <= set(value.base):
        inside = CARRIAGE
    if word is None and inputs.has("unit_price"):
        goods = inputs.money("unit_price") * inputs.number("quantity")
    else:
        goods = inputs.money(word or VALUES[0])
    if word == "exw":
        goods += inputs.sum("inland", "export_clearance")
    freight = inputs.money("freight", ZERO, of=goods)
    freight += inputs.sum("transport_insurance", "freight_insurance")
    parts = {"goods": goods, "freight": freight, "insurance": ZERO}
    parts["insurance"] = _insurance(
        inputs, sum((parts[name] for name in regime.words.insured), ZERO)
    )
    parts["goods"] -= sum((parts[name] for name in inside), ZERO)
    parts["goods"] += inputs.number("landing_charge_rate", ZERO) * sum(parts.values())
    beyond = inputs.sum("vat_extra", "destination_charges", "port_charges")
    parts["destination"] = beyond + (ZERO if word == "exw" else inputs.money("inland", ZERO))
    parts["fees"] = inputs.money("fees", ZERO)
    for name, target in regime.words.inputs.items():
        parts[target] += inputs.money(name, ZERO)
    return parts


def _insurance(inputs: Inputs, insured: Decimal) -> Decimal:
    """A sum, or a share of what is insured; with a markup, of the CIF value that it leads to."""
    word = "premium_rate" if inputs.has("premium_rate") else "insurance"
    if inputs.has("insured_markup") and inputs.has(word):
        return cif_of(insured, inputs.number(word), inputs.number("insured_markup")) - insured
    return (
        inputs.number(word) * insured
        if word != "insurance"
        else inputs.money(word, ZERO, of=insured)
    )


def _rate(id_: str, duty: Duty) -> Rate:
    return Rate(id_, duty, Interval(), "entry_date", "", "case", "user", GIVEN)


@dataclass(frozen=True)
class _Entry:
    """One entry of a case: what it gives, under which rules, on which day."""

    inputs: Inputs
    regime: Regime
    names: dict[str, tuple[str, ...]]
    book: Rulebook
    destination: str
    on: date
    measure: Measure

    def duty_words(self) -> tuple[str, ...]:
        """The words of the tariff's duty."""
        return tuple(word for word, names in self.names.items() if names[0] == "duty")

    def rates(self) -> Iterator[tuple[Charge, Duty]]:
        """The case's own rates, sums and limits, by the charge that each is for."""
        charges = {charge.name: charge for charge in self.regime.charges_on(self.on)}
        for word, (name, *others) in self.names.items():
            limits = f"{word}_min", f"{word}_max"
            charge = charges.get(name)
            if charge is None or charge.tariff == "mfn" or not self.inputs.has(word, *limits):
                continue
            duty = share_or_sum(self.inputs, word, self.measure)
            if isinstance(duty, AdValorem) and others:  # those that rest on the first are in it
                shares = (self.book.rate(self.series(charges[o]), self.on).share for o in others)
                duty = AdValorem(round(duty.rate / (ONE + sum(shares)), 12))
            yield charge, bounded(duty or self.usual(charge), self.inputs, limits, self.measure)

    def series(self, charge: Charge) -> str:
        """The rate series of a charge."""
        origin = self.inputs.text("origin", "CHN").lower()
        return (charge.rate or "").format(destination=self.destination.lower(), origin=origin)

    def usual(self, charge: Charge) -> Duty:
        """What the rulebook has for a charge on the day, without its limits."""
        if charge.rate is None:
            return AdValorem(ZERO)
        duty = self.book.rate(self.series(charge), self.on).duty
        return duty.duty if isinstance(duty, Bounded) else duty

    def added(
        self,
        name: str,
        duty: Duty,
        stage: Stage = "duty",
        base: tuple[str, ...] = ("customs_value",),
    ) -> tuple[NewCharge, Rate]:
        """A further duty before the taxes, or a further tax after them."""
        id_ = f"case.{name}"
        plain = replace(self.regime.charges[0], tariff=None, net_of=(), gross_up=False, modes=())
        charge = replace(
            plain, name=id_, stage=stage, base=base, rate=id_, recoverable=False, origins=(),
            not_origins=(), lists=(), not_on=(), rounding=EXACT, when=Interval(), where=GIVEN,
        )  # fmt: skip
        taxes = [c.name for c in self.regime.charges if c.stage == "tax"]
        before = taxes[0] if stage == "duty" and taxes else None
        return NewCharge(self.regime.importer, charge, before), _rate(id_, duty)

    def more(self) -> Iterator[tuple[NewCharge, Rate]]:
        """Charges that the case names besides the regime's."""
        inputs, measure = self.inputs, self.measure
        for name, value in inputs.free("additional_rates").items():
            if isinstance(value, dict):
                yield self.added(name, component(inputs.table(value, apart=True), measure))
            else:
                table = inputs.table({name: value}, apart=True)
                yield self.added(name, AdValorem(table.read(name)))
        if excise := share_or_sum(inputs, "excise", measure):
            yield self.added("excise", excise, base=("customs_value", "duties"))
        for name, of in self.regime.words.more.items():
            if tax := share_or_sum(inputs, name, measure):
                base = next(charge.base for charge in self.regime.charges if charge.name == of)
                yield self.added(name, tax, "tax", base)
        if amount := share_or_sum(inputs, "processing_charge", measure):
            yield self.added("processing_charge", amount, "tax")


def _entry(inputs: Inputs, known: Importer) -> _Entry:
    """The entry of a case. Layers by origin or product list are left out: a case names its own."""
    regime, shipped_book = known.regime, shipped()
    kept = tuple(c for c in regime.charges if not (c.origins or c.lists or c.not_on))
    regime = replace(regime, charges=kept)
    book = replace(shipped_book, regimes={**shipped_book.regimes, regime.importer: regime})
    destination = known.destination
    if destination is None:
        by_member = [c.name for c in kept if c.rate and "{destination}" in c.rate]
        given = [word for word, names in known.names.items() if names[0] in by_member]
        if inputs.has("country"):
            destination = country_code(inputs.text("country"))
        elif not inputs.has(*given):
            raise inputs.missing(f"{by_member[0]}_rate")
    rules: list[Charge | Rate] = [
        *regime.charges,
        *(rate for rate in book.rates if rate.where == regime.where),
    ]
    newest = max(rule.when.since for rule in rules if rule.when.since)
    on = inputs.day("entry_date") or newest
    place = destination or regime.destinations[0]
    return _Entry(inputs, regime, known.names, book, place, on, Measure(regime.currency))


def _origin(inputs: Inputs, regime: Regime) -> str:
    for flag, origin in regime.words.origins.items():
        if inputs.flag(flag):
            return origin
    return country_code(inputs.text("origin", "CHN"))


def bill_of(inputs: Inputs, known: Importer, amounts: dict[str, Decimal]) -> Bill:
    """The importer's charges on what arrives, with the case's rates laid over them.

    Args:
        inputs: of the case, in the importer's words.
        known: the importer.
        amounts: of the inputs of its charge graph.

    Raises:
        InputError: an input that cannot be used.
    """
    mode = inputs.text("mode", "sea")
    if mode not in get_args(Mode):
        raise bad_choice(mode, "mode", get_args(Mode))
    entry = _entry(inputs, known)
    use = RuleUse("case", "", None, None, "", "user")
    tariffs: dict[str, Duty] = {
        charge.tariff: AdValorem(ZERO) for charge in entry.regime.charges if charge.tariff
    }
    tariffs["mfn"] = duty_given(inputs, entry.measure, entry.duty_words())
    rates = []
    for charge, duty in entry.rates():
        if charge.rate is not None:
            rates.append(_rate(entry.series(charge), duty))
        elif charge.tariff is not None:
            tariffs[charge.tariff] = duty
    more = list(entry.more())
    reform = Reform("case", (*rates, *(rate for _, rate in more)), (), tuple(c for c, _ in more))
    context = Context(
        entry.destination,
        entry.on,
        _origin(inputs, entry.regime),
        cast(Mode, mode),
        {name: Tariff(duty, use) for name, duty in tariffs.items()},
    )
    rules = assessment(with_overlay(entry.book, reform), context)
    steps = tuple(
        step if step.charge.rounding.how in STEPS
        else replace(step, charge=replace(step.charge, rounding=EXACT))
        for step in rules.steps
    )  # fmt: skip
    quantities = {**entry.measure.quantities, **quantities_given(inputs)}
    bill = replace(rules, steps=steps).of(amounts, quantities)
    free = _free_stages(bill.amount("customs_value"), inputs)
    steps = tuple(step for step in steps if step.charge.stage not in free)
    return replace(rules, steps=steps).of(amounts, quantities) if free else bill


def _free_stages(value: Decimal, inputs: Inputs) -> set[str]:
    """The stages that a value this small is free of: duties, taxes or both."""
    limits = {"de_minimis": {"duty", "tax"}, "duty_de_minimis": {"duty"}, "tax_de_minimis": {"tax"}}
    free: set[str] = set()
    for word, stages in limits.items():
        if inputs.has(word) and value <= inputs.money(word):
            free |= stages
    return free


def _regime_answers(inputs: Inputs, known: Importer, bill: Bill) -> Answers:
    """Each charge under the names that cases have for it, and the case's own duties."""
    names = {**known.names, **{name: (f"case.{name}",) for name in known.regime.words.more}}
    answers: Answers = {}
    for word, charges in names.items():
        answers[word] = sum((bill.amount(charge) for charge in charges), ZERO)
        answers[f"{word}_base"] = bill.base(charges[0])
    for name in inputs.free("additional_rates"):
        answers |= dict.fromkeys((name, f"{name}_duty"), bill.amount(f"case.{name}"))
    return answers


@solves("importer")
def landed(inputs: Inputs) -> Answers:
    """Duty and taxes at the border, and the landed cost."""
    known = importer(inputs.method)
    if known is None:
        raise InputError("check.missing_input", where=inputs.where, case=inputs.case, name="model")
    home = {"home", known.regime.currency.lower(), inputs.text("currency", "home").lower()}
    inputs = replace(inputs, home=frozenset(home))
    amounts = border_amounts(inputs, known.regime)
    bill = bill_of(inputs, known, amounts)
    answers = _regime_answers(inputs, known, bill)
    value, carriage = bill.amount("customs_value"), amounts["freight"] + amounts["insurance"]
    duties = bill.total("duty") - bill.amount("case.excise")
    extra = (bill.amount(f"case.{name}") for name in inputs.free("additional_rates"))
    total = sum(amounts.values(), ZERO) + bill.paid + inputs.sum(*AFTER_THE_BORDER)
    answers |= {
        "fob": amounts["goods"],
        "cif": amounts["goods"] + carriage,
        "freight": amounts["freight"],
        "insurance": amounts["insurance"],
        **dict.fromkeys(("transport_insurance", "freight_insurance"), carriage),
        **dict.fromkeys(("customs_value", "assessable_value", "entered_value"), value),
        "base_duty": bill.amount("duty"),
        "additional_duty": sum(extra, ZERO),
        "duty_total": duties,
        "excise": bill.amount("case.excise"),
        "processing_charge": bill.amount("case.processing_charge"),
        "total_taxes": bill.paid,
        "total_cost": total,
    }
    if value:
        answers |= {"effective_rate": bill.paid / value, "ave": duties / value}
    if inputs.has("quantity") and inputs.number("quantity"):
        answers["per_unit"] = total / inputs.number("quantity")
    return answers


def _borrowed(inputs: Inputs, part: str) -> tuple[Inputs, Importer]:
    """A case that borrows an importer's rules, in that importer's words."""
    name = methods()[inputs.method].regimes[part]
    known, method = importer(name), importer_method(name)
    if known is None or method is None:
        raise ValueError(name)
    known = replace(known, destination=known.destination or known.regime.destinations[0])
    return replace(inputs, vocabulary=method.accepts), known


@solves("basis_compare")
def basis_compare(inputs: Inputs) -> Answers:
    """The same goods under a CIF regime and under a free-on-board one."""
    bills = {}
    for part in ("cif", "fob"):
        theirs, known = _borrowed(inputs, part)
        bills[part] = bill_of(theirs, known, border_amounts(theirs, known.regime))
    duties = {part: bill.amount("duty") for part, bill in bills.items()}
    answers: Answers = {part: bill.amount("customs_value") for part, bill in bills.items()}
    answers |= {f"duty_{part}": duty for part, duty in duties.items()}
    return answers | {"duty_difference": duties["cif"] - duties["fob"]}


@solves("lcc_package")
def package(inputs: Inputs) -> Answers:
    """The layout of a published calculator: costs at one rate, carriage in the importer's money.

    Its duty leaves the freight out unless told otherwise.
    """
    fx, count = inputs.quote("fx"), inputs.number("quantity", ONE)
    unit = inputs.sum("unit_price", "origin_logistics_per_unit")
    goods, export = unit * count * fx, inputs.money("export_fees_total", ZERO) * fx
    amounts = {"goods": goods, "freight": inputs.money("freight", ZERO)}
    theirs, known = _borrowed(inputs, "cif" if inputs.flag("duty_includes_freight") else "fob")
    bill = bill_of(theirs, known, amounts)
    (vat,) = known.names["vat"]
    after = inputs.sum("brokerage", "fulfilment_total")
    total = goods + export + amounts["freight"] + bill.paid + after
    return {
        "goods_value": goods,
        "export_fees": export,
        "customs_value": bill.base("duty"),
        "duty": bill.total("duty"),
        "vat_base": bill.base(vat),
        "vat": bill.amount(vat),
        "total_taxes": bill.paid,
        "total_cost": total,
        "per_unit": total / count,
    }
