"""Worked cases of an importer: any country that has a regime file, in the words of that file.

A case gives its own rates. They are laid over the importer's regime as a reform, so that the case
runs through the same charges, bases and order as a quote. Amounts stay exact, for the case states
its own rounding; steps that are part of the tax (whole hundreds, rounded down) stay.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import cast, get_args

from offing.cases import duty as duties
from offing.cases.border import (
    DEFENCE,
    EXCISES,
    MIP,
    OwnCharges,
    border_amounts,
    further_taxes,
    rate_of_case,
)
from offing.cases.duty import AFTER_THE_BORDER, TARIFF, DutyBasis, bound_duty, share_or_sum
from offing.cases.given import ONE, ZERO, Answers
from offing.cases.inputs import Inputs, solves
from offing.cases.words import Method, Word, methods
from offing.landed.charges import Assessment, Bill, Context, assessment
from offing.rules.duty import AdValorem, Bounded, Duty
from offing.rules.reform import Reform, apply_reform
from offing.rules.regime_file import shipped
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import DUTIES, EXACT, Charge, Mode, Rate, Regime, Rulebook
from offing.rules.tariff import Tariff
from offing.terms.countries import country_code
from offing.terms.errors import OffingError
from offing.terms.messages import room_messages
from offing.terms.money import currency_of
from offing.terms.numbers import fixed_decimals
from offing.terms.sale_terms import mode_of

STEPS = ("down", "ceiling")
"""Roundings that are part of a tax."""

SUMS = {"total_taxes", "total_cost", "effective_rate", "per_unit"}
"""Answers that every charge is in."""


@dataclass(frozen=True)
class Importer:
    """An importer of cases.

    Attributes:
        regime: its own, without layers by origin or product list: a case names its own layers.
        destination: alpha-3; ``None`` where the case must name the member.
        names: word → the charges that it is the sum of.
    """

    regime: Regime
    destination: str | None
    names: dict[str, tuple[str, ...]]


@cache
def importer(name: str) -> Importer | None:
    """The importer that a model names: a country, or a further name in a regime file.

    Raises:
        MissingDataError: ``landed.no_regime`` for a country without a regime file.
    """
    regimes = shipped().regimes.values()
    regime = next((regime for regime in regimes if name in regime.words.models), None)
    destination = None
    if regime is None:
        try:
            destination = country_code(name)
        except OffingError:
            return None
        regime = shipped().regime(destination)
    own = {listed.name for listed in regime.listed}  # a charge may spare these: a case has none
    kept = _general_charges(regime.charges, own)
    names: dict[str, tuple[str, ...]] = {
        charge.name: (charge.name,) for charge in kept if charge.rate or charge.tariff
    }
    names |= {**dict.fromkeys(TARIFF, ("duty",)), **regime.words.names}
    return Importer(replace(regime, charges=kept), destination, names)


def _general_charges(charges: Sequence[Charge], lists: Set[str]) -> tuple[Charge, ...]:
    """The charges on all goods of all origins, at their usual rate, and no other in their bases."""
    kept = [
        c for c in charges if not (c.origins or c.lists or c.only_listed) and lists >= set(c.not_on)
    ]
    gone = {c.name for c in charges} - {c.name for c in kept}
    return tuple(
        replace(
            c,
            base=tuple(name for name in c.base if name not in gone),
            tariff=c.tariff if c.rate is None or c.tariff == "mfn" else None,
        )
        for c in kept
    )


@cache
def importer_method(name: str) -> Method | None:
    """The words of an importer's cases: the usual ones, and those of its regime file."""
    known = importer(name)
    if known is None:
        return None
    usual = methods()["importer"]
    inputs, answers = _own_words(known, usual)
    reads, accepts = usual.reads.add_words(inputs), usual.accepts.add_words(inputs)
    return replace(
        usual,
        name=name,
        reads=reads,
        accepts=replace(accepts, own=frozenset(reads.words)),
        gives=usual.gives.add_words(answers),
    )


def _own_words(known: Importer, usual: Method) -> tuple[list[Word], list[Word]]:
    """The inputs and the answers of an importer's own: its charges, and the words of its file."""
    words, lines, ends = known.regime.words, room_messages("landed"), room_messages("check")
    taxes = known.names | {n: (n,) for n in (*words.more, *words.duties, *words.excises)}
    inputs = [Word(word, meaning=lines.get(f"line_{of}", {})) for word, of in words.inputs.items()]
    inputs += [Word(word, "flag", ends["origin"]) for word in words.origins]
    inputs += [Word(f"{word}_value", meaning=ends["own_value"]) for word in words.duties]
    answers = []
    for word, charges in taxes.items():
        meaning, known_word = lines.get(f"line_{charges[0]}", {}), usual.reads.words.get(word)
        also = tuple(name for name, of in words.also.items() if of == word)
        also += known_word.also if known_word else ()
        own = Word(word, meaning=meaning, forms=("rate",), also=also)
        inputs.append(own)
        inputs += [Word(f"{word}_{end}", meaning=ends[end]) for end in ("min", "max")]
        bases = tuple(f"{name}_base" for name in also)
        answers.append(replace(own, forms=()))
        answers.append(Word(f"{word}_base", meaning=ends["base"], also=bases))
    return inputs, answers


class _Entry(OwnCharges):
    """One entry of a case: what it gives, under which rules, on which day."""

    def __init__(self, inputs: Inputs, known: Importer) -> None:
        self.inputs, self.known, self.regime = inputs, known, known.regime
        self.measure = DutyBasis(self.regime.currency)
        book = shipped()
        rates = tuple(rate for rate in book.rates if rate.where == self.regime.where)
        own = {self.regime.importer: self.regime}
        self.book: Rulebook = replace(book, regimes=own, rates=rates)
        rules: tuple[Charge | Rate, ...] = (*self.regime.charges, *rates)
        newest = max(rule.when.since for rule in rules if rule.when.since)
        self.on = inputs.day("entry_date") if inputs.has("entry_date") else newest
        self.destination = known.destination or self._member()
        flags = (origin for flag, origin in self.regime.words.origins.items() if inputs.flag(flag))
        self.origin = next(flags, "") or country_code(inputs.text("origin", "CHN"))

    def _member(self) -> str:
        """The member state; any where the case gives what differs between them."""
        if self.inputs.has("country"):
            return country_code(self.inputs.text("country"))
        for charge in self.regime.charges:
            words = [word for word, names in self.known.names.items() if charge.name == names[0]]
            if "{destination}" in (charge.rate or "") and not self.inputs.has(*words):
                raise self.inputs.missing(f"{charge.name}_rate")
        return self.regime.destinations[0]

    def series(self, charge: Charge) -> str:
        """The rate series of a charge."""
        places = {"destination": self.destination.lower(), "origin": self.origin.lower()}
        return (charge.rate or "").format(**places)

    def usual(self, charge: Charge) -> Duty:
        """What the rulebook has for a charge on the day, without its limits."""
        if charge.rate is None:
            return AdValorem(ZERO)
        duty = self.book.rate(self.series(charge), self.on).duty
        return duty.duty if isinstance(duty, Bounded) else duty

    def meant(self) -> dict[str, tuple[str, ...]]:
        """The charges that each word means.

        A word of several is its first alone where the case gives another of them besides, or where
        they rest on one base and the rate is that of the first.
        """
        names = self.known.names
        given = {of[0] for word, of in names.items() if not of[1:] and self.inputs.has(word)}
        several = [of for word, of in names.items() if of[1:] and word == of[0]]
        alone = {of[0] for of in several if given & {*of[1:]} or self._is_of_first(of)}
        return {word: of[:1] if word in alone else of for word, of in names.items()}

    def _is_of_first(self, names: tuple[str, ...]) -> bool:
        """Whether the rate given under the first of several taxes of one base is its own."""
        charges = {charge.name: charge for charge in self.regime.charges_on(self.on)}
        of = [charges[name] for name in names if name in charges]
        if len({charge.base for charge in of}) != 1:
            return False
        return share_or_sum(self.inputs, names[0], self.measure) == self.usual(of[0])

    def rates(self) -> Iterator[tuple[Charge, Duty]]:
        """The case's own rates, sums and limits, by the charge that each is for."""
        charges = {charge.name: charge for charge in self.regime.charges_on(self.on)}
        yield from self._value_additions(charges)
        for word, (name, *others) in self.meant().items():
            limits, charge = (f"{word}_min", f"{word}_max"), charges.get(name)
            if charge is None or charge.tariff == "mfn" or not self.inputs.has(word, *limits):
                continue
            duty = share_or_sum(self.inputs, word, self.measure)
            if isinstance(duty, AdValorem) and others:
                self._refuse_first_alone(word, duty, charge)
                rest = [charges[other] for other in others if other in charges]
                duty = AdValorem(self._first_of(duty.rate, charge, rest))
            yield charge, bound_duty(duty or self.usual(charge), self.inputs, limits, self.measure)

    def _first_of(self, rate: Decimal, first: Charge, others: list[Charge]) -> Decimal:
        """The first tax's rate of a rate for several: others rest on the first, or on its base."""
        shares = {c: self.book.rate(self.series(c), self.on).share for c in others}
        beside = sum((share for c, share in shares.items() if c.base == first.base), ZERO)
        on_first = sum((share for c, share in shares.items() if c.base == (first.name,)), ONE)
        return round((rate - beside) / on_first, 12)

    def _refuse_first_alone(self, word: str, duty: AdValorem, charge: Charge) -> None:
        """Refuse the rate of a sum's first tax, given for the whole sum."""
        if duty == self.usual(charge):
            names, first = self.known.names, (charge.name,)
            own = (other for other, of in names.items() if of == first and other != word)
            near = f"{next(own, names[word][1])}_rate"
            raise self.inputs.error("check.rate_of_a_part", name=word, value=duty.rate, near=near)

    def _value_additions(self, charges: dict[str, Charge]) -> Iterator[tuple[Charge, Duty]]:
        """Additions of the importer's own that are in a customs value, or that the case gives."""
        if self.inputs.has("customs_value", "assessable_value", "landing_charge_rate"):
            for name in charges["customs_value"].base:
                if name in charges and charges[name].rate and not self.inputs.has(name):
                    yield charges[name], AdValorem(ZERO)

    def tariff(self) -> Duty:
        """The duty of the tariff, as the case gives it."""
        words = [word for word, names in self.known.names.items() if names[0] == "duty"]
        if self.inputs.has("preferential_rate"):
            if general := self.inputs.has(*words, "components", "duty_text"):
                self.inputs.needed("proof_of_origin")  # it says which of the two holds
            if not general or self.inputs.flag("proof_of_origin"):
                return AdValorem(self.inputs.number("preferential_rate"))
        return duties.duty_given(self.inputs, self.measure, words)

    def assessment(self) -> Assessment:
        """The rules of the day with the case's own laid over them; only steps stay rounded."""
        tariffs: dict[str, Duty] = dict.fromkeys(
            (charge.tariff for charge in self.regime.charges if charge.tariff), AdValorem(ZERO)
        )
        tariffs["mfn"] = self.tariff()
        rates = []
        for charge, duty in self.rates():
            if charge.rate is not None:
                rates.append(rate_of_case(self.series(charge), duty))
            elif charge.tariff is not None:
                tariffs[charge.tariff] = duty
        added = list(self.own_charges())
        charges = tuple(charge for charge, _ in added)
        reform = Reform("case", (*rates, *(rate for _, rate in added)), (), charges)
        use = RuleUse("case", "", None, None, "", "user")
        mode = mode_of(self.inputs.text("mode", "sea"))
        if mode not in get_args(Mode):
            raise duties.bad_choice(mode, "mode", get_args(Mode))
        lines = {name: Tariff(duty, use) for name, duty in tariffs.items()}
        context = Context(self.destination, self.on, self.origin, cast(Mode, mode), lines)
        rules = assessment(apply_reform(self.book, reform), context)
        steps = (
            step
            if step.charge.rounding.how in STEPS
            else replace(step, charge=replace(step.charge, rounding=EXACT))
            for step in rules.steps
        )
        return replace(rules, steps=tuple(steps))


def bill_of(inputs: Inputs, known: Importer, amounts: dict[str, Decimal]) -> Bill:
    """The importer's charges on what arrives, with the case's rates laid over them.

    Raises:
        InputError: an input that cannot be used.
    """
    entry = _Entry(inputs, known)
    rules = entry.assessment()
    quantities = {**entry.measure.quantities, **duties.quantities_given(inputs)}
    bill = rules.of(amounts, quantities)
    free = _free_stages(inputs, known.regime, amounts["goods"], bill.amount("customs_value"))
    steps = tuple(step for step in rules.steps if step.charge.stage not in free)
    return replace(rules, steps=steps).of(amounts, quantities) if free else bill


def _free_stages(inputs: Inputs, regime: Regime, goods: Decimal, value: Decimal) -> set[str]:
    """The stages that goods worth this little are free of: duties, taxes or both.

    Raises:
        InputError: ``check.which_low_value`` where the goods are below the limit and their customs
            value above it, and the importer's file does not say which of the two counts.
    """
    free = set()
    values = {"goods": goods, "customs_value": value}
    for stage in ("duty", "tax"):
        bare = ("de_minimis",) if stage in regime.words.low_value_frees else ()
        for word in (*bare, f"{stage}_de_minimis"):
            if not inputs.has(word):
                continue
            limit = inputs.money(word)
            if regime.words.low_value:
                counted = [values[regime.words.low_value]]
            else:
                counted = list(values.values())
            below = {worth <= limit for worth in counted}
            if len(below) > 1:
                raise inputs.error("check.which_low_value", limit=limit, goods=goods, value=value)
            free |= {stage} if below == {True} else set()
    return free


def _charge_answers(
    inputs: Inputs, known: Importer, bill: Bill, extra: dict[str, Decimal]
) -> Answers:
    """Every charge, and its base where it has one of its own, by the words of the importer."""
    further = further_taxes(known.regime)
    names = _Entry(inputs, known).meant() | {name: (f"case.{name}",) for name in further}
    general = {*DEFENCE, *EXCISES, "processing_charge"} - set(known.regime.words.excises)
    answers: Answers = {
        f"{word}_base": bill.whole_base(of[0]) for word, of in names.items() if word not in general
    }
    answers |= extra | {f"{name}_duty": amount for name, amount in extra.items()}
    find = inputs.vocabulary.find
    words = {name: named.word.name if (named := find(name)) else name for name in extra}
    for word, charges in names.items():
        own = sum((extra[name] for name, of in words.items() if of == word), ZERO)
        answers[word] = sum(map(bill.amount, charges), own)
    return answers


def _named_in(inputs: Inputs, known: Importer) -> tuple[set[str], set[str], set[str]]:
    """The answers that a case asks for, the charges among them, and the charges that it gives."""
    meant, method = _Entry(inputs, known).meant(), importer_method(inputs.method)
    found = [method.gives.find(name) for name in inputs.expected] if method else []
    words = {named.word.name.removesuffix("_base") for named in found if named}
    asked = {charge for word in words for charge in meant.get(word, (f"case.{word}",))}
    return words, asked, {of for word, all_ in meant.items() if inputs.has(word) for of in all_}


def _charges_of_rules(inputs: Inputs, known: Importer, bill: Bill) -> Iterator[str]:
    """What the rules charge that the case neither gives nor asks for, and its answers rest on.

    A part of a tax base alone, such as South Africa's uplift, is no charge.
    """
    words, asked, given = _named_in(inputs, known)
    bases = {item.step.charge.name: {*item.step.charge.base} for item in bill.charges}
    theirs = set().union(*(bases.get(name, set()) for name in asked))
    for item in bill.charges:
        charge = item.step.charge
        ours = charge.rate and item.step.use.source != "case" and charge.name not in asked | given
        parts = {"tax": {charge.name}, "duty": {charge.name, DUTIES}, "value": {"customs_value"}}
        charged = charge.stage != "value" or charge.name in bases["customs_value"]
        if ours and charged and item.amount and (words & SUMS or theirs & parts[charge.stage]):
            yield f"{charge.name} {fixed_decimals(item.amount, 2)}"


def to_importers_currency(inputs: Inputs, known: Importer) -> Inputs:
    """The case in the importer's money; or in the one currency that it is all written in.

    Raises:
        InputError: ``check.missing_input`` for an exchange rate where the importer's own sums,
            such as a least fee, have a part.
    """
    money = known.regime.currency.lower()
    own = (currency_of(known.destination) or money).lower() if known.destination else money
    if own != money and own in inputs.currencies_named():  # Sweden reckons in SEK
        money = own
    home = {"home", money, inputs.text("currency", "home").lower()}
    inputs = replace(inputs, home=frozenset(home))
    if inputs.every("fx"):
        return inputs
    foreign = {item.named.currency for item in inputs.all_money()} - {""}
    if len(foreign) != 1 or foreign <= home:
        return inputs
    written = replace(inputs, home=inputs.home | foreign, asked=set(), currencies={})
    once = border_amounts(written, known.regime)
    paid = [
        bill_of(written, known, {name: n * value for name, value in once.items()}).paid
        for n in (ONE, ONE + ONE)
    ]
    return replace(inputs, home=inputs.home | foreign) if paid[1] == 2 * paid[0] else inputs


@solves("importer")
def landed_cost(inputs: Inputs) -> Answers:
    """Duty and taxes at the border, and the landed cost."""
    known = importer(inputs.method)
    if known is None:
        raise ValueError(inputs.method)
    inputs = to_importers_currency(inputs, known)
    amounts = border_amounts(inputs, known.regime)
    bill = bill_of(inputs, known, amounts)
    inputs.charged[:] = _charges_of_rules(inputs, known, bill)
    extra = {name: bill.amount(f"own.{name}") for name in inputs.free("additional_rates")}
    answers = _charge_answers(inputs, known, bill, extra)
    value, carriage = bill.amount("customs_value"), amounts["freight"] + amounts["insurance"]
    excise = sum(bill.amount(f"case.{n}") for n in {*EXCISES, *known.regime.words.excises})
    theirs = sum(bill.amount(f"case.{n}") for n in (*DEFENCE, MIP, *known.regime.words.duties))
    after = (name for name in AFTER_THE_BORDER if name not in known.regime.words.inputs)
    total = sum(amounts.values(), ZERO) + bill.paid + inputs.sum(*after)
    answers |= {
        **dict.fromkeys(("fob", "goods_value"), amounts["goods"]),
        "cif": amounts["goods"] + carriage,
        "freight": amounts["freight"],
        "insurance": amounts["insurance"],
        **dict.fromkeys(("transport_insurance", "freight_insurance"), carriage),
        **dict.fromkeys(("customs_value", "assessable_value", "entered_value"), value),
        "base_duty": bill.amount("duty"),
        "additional_duty": sum(extra.values(), ZERO) + theirs,
        "duty_total": bill.total("duty") - excise,
        "total_taxes": bill.paid,
        "paid_at_border": bill.paid - (bill.recoverable if inputs.flag("vat_deferred") else ZERO),
        "total_cost": total,
        "effective_rate": bill.paid / value if value else None,
        "ave": (bill.total("duty") - excise) / value if value else None,
        "per_unit": total / inputs.number("quantity") if inputs.has("quantity") else None,
    }
    return answers


def _borrow_rules(inputs: Inputs, part: str) -> tuple[Inputs, Importer]:
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
    answers: Answers = {}
    difference = ZERO
    for part, sign in (("cif", 1), ("fob", -1)):
        theirs, known = _borrow_rules(inputs, part)
        bill = bill_of(theirs, known, border_amounts(theirs, known.regime))
        answers |= {part: bill.amount("customs_value"), f"duty_{part}": bill.amount("duty")}
        difference += sign * bill.amount("duty")
    return answers | {"duty_difference": difference}


@solves("lcc_package")
def package(inputs: Inputs) -> Answers:
    """The layout of a published calculator: costs at one rate, carriage in the importer's money.

    Its duty leaves the freight out unless told otherwise.
    """
    fx, count = inputs.quote("fx"), inputs.number("quantity", ONE)
    goods = inputs.sum("unit_price", "origin_logistics_per_unit") * count * fx
    export, freight = inputs.money("export_fees_total", ZERO) * fx, inputs.money("freight", ZERO)
    theirs, known = _borrow_rules(inputs, "cif" if inputs.flag("duty_includes_freight") else "fob")
    bill = bill_of(theirs, known, {"goods": goods, "freight": freight})
    (vat,) = known.names["vat"]
    after = inputs.sum("brokerage", "fulfilment_total")
    total = goods + export + freight + bill.paid + after
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
