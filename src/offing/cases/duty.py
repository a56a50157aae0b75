"""The duty that a worked case gives: a share, a text, or components."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from offing.cases.inputs import LARGE, MEASURES, ONE, ZERO, Answers, Inputs, Value, solves
from offing.rules.duty import AdValorem, Bounded, Dutiable, Duty, MinimumPrice, Specific, Sum
from offing.rules.duty_text import duty_of_user
from offing.terms.errors import InputError
from offing.terms.messages import enumerated
from offing.terms.nearest import meant

TARIFF = ("duty", "mfn", "tariff")
"""Words of the tariff's duty that every importer's case may use."""

VALUES = ("customs_value", "entered_value", "assessable_value", "goods_value", "price", "cif",
          "cfr", "fob", "exw")  # fmt: skip
"""Words of a value, in the order in which they are looked for."""

TO_PORT = ("inland", "export_clearance")
"""What comes on top of a price ex works on the way to the port."""

KINDS = ("ad_valorem", "specific", "mip", "amount", "compound")


@dataclass
class Measure:
    """The currency of a duty's amounts, and each component's quantity under a unit of its own."""

    currency: str
    quantities: dict[str, Decimal] = field(default_factory=lambda: {"entry": ONE})

    def specific(self, amount: Decimal, part: Inputs) -> Specific:
        """An amount for so many units of the component's quantity."""
        unit = f"{part.text('unit', 'item')} {len(self.quantities)}"
        self.quantities[unit] = part.number("quantity")
        return Specific(amount, self.currency, part.number("per", ONE), unit)

    def sum(self, amount: Decimal) -> Specific:
        """A sum of money for the whole entry."""
        return Specific(amount, self.currency, ONE, "entry")


def bad_choice(text: str, option: str, known: tuple[str, ...]) -> InputError:
    """The error of a word that is not one of a few."""
    near = meant(text, known)
    return InputError(
        "landed.bad_choice", text=text, option=option, known=enumerated(known), near=near
    )


def component(part: Inputs, measure: Measure) -> Duty:
    """One component: of the value, of a quantity, up to a price, a sum, or of components.

    Raises:
        InputError: ``landed.bad_choice`` for another kind.
    """
    kind = part.text("kind") if part.own("kind") else "ad_valorem"
    duty: Duty
    if kind == "compound":
        inner = [component(one, measure) for one in part.parts("components")]
        duty = _combined(inner, part.text("combine") if part.own("combine") else "sum")
    elif kind == "ad_valorem":
        duty = _of_value(part, measure)
    elif kind == "specific":
        duty = measure.specific(part.number("amount"), part)
    elif kind == "mip":
        duty = MinimumPrice(measure.specific(part.number("price"), part))
    elif kind == "amount":
        duty = measure.sum(part.number("amount"))
    else:
        raise bad_choice(kind, "kind", KINDS)
    least, most = (_bound(part, name, measure) for name in ("min", "max"))
    return Bounded(duty, least, most) if least or most else duty


def _of_value(part: Inputs, measure: Measure) -> Duty:
    """A share of the customs value, or of the value of a part of the goods: their metal."""
    rate = part.number("rate")
    return measure.sum(rate * part.money("value")) if part.own("value") else AdValorem(rate)


def _bound(part: Inputs, name: str, measure: Measure) -> Duty | None:
    """The least or greatest of a component: a sum, or a component itself."""
    given = part.given(name) if part.own(name) else None
    if given is None:
        return None
    if not isinstance(given.value, dict):
        return measure.sum(part.number(name))
    kind: dict[str, Value] = {"kind": "ad_valorem" if "rate" in given.value else "specific"}
    return component(part.table(kind | given.value), measure)


def _combined(duties: list[Duty], how: str) -> Duty:
    """Added up, or the greater or the lesser of them."""
    if how not in ("sum", "max", "min"):
        raise bad_choice(how, "combine", ("sum", "max", "min"))
    if how == "sum":
        return Sum(tuple(duties)) if len(duties) > 1 else duties[0]
    chosen = duties[0]
    for other in duties[1:]:
        chosen = Bounded(chosen, least=other) if how == "max" else Bounded(chosen, most=other)
    return chosen


def share_or_sum(inputs: Inputs, word: str, measure: Measure) -> Duty | None:
    """The duty or tax that a word gives: ``vat_rate`` as a share, ``vat`` as a sum of money."""
    given = inputs.given(word)
    if given is None:
        return None
    if given.named.per and not inputs.is_share(word):
        return measure.sum(inputs.money(word))
    if isinstance(given.value, str) and inputs.is_words(word):
        return in_money_of(inputs, duty_of_user(given.value), measure.currency)
    of = value_given(inputs, ZERO)
    if inputs.means_share(given, of):
        return AdValorem(inputs.number(word))
    amount = inputs.money(word)
    if word in (*TARIFF, "vat", "gst") and 1 <= amount <= LARGE and of >= LARGE * 10:
        names = {"name": given.name, "value": amount, "of": of}
        raise InputError("check.small_sum", where=inputs.where, case=inputs.case, **names)
    return measure.sum(amount)


def in_money_of(inputs: Inputs, duty: Duty, currency: str) -> Duty:
    """A duty whose amounts are in the importer's money, at the exchange rates of the case."""
    if isinstance(duty, Specific):
        amount = inputs.at_home(duty.amount, duty.currency.lower())
        return replace(duty, amount=amount, currency=currency)
    if isinstance(duty, Sum):
        return Sum(tuple(in_money_of(inputs, term, currency) for term in duty.terms))
    if isinstance(duty, Bounded):
        bounds = (duty.least, duty.most)
        least, most = (in_money_of(inputs, b, currency) if b else None for b in bounds)
        return Bounded(in_money_of(inputs, duty.duty, currency), least, most)
    return duty


def bounded(duty: Duty, inputs: Inputs, words: tuple[str, str], measure: Measure) -> Duty:
    """The duty between the least and the most that two words give."""
    least, most = (measure.sum(inputs.money(w)) if inputs.has(w) else None for w in words)
    return Bounded(duty, least, most) if least or most else duty


def duty_given(inputs: Inputs, measure: Measure, words: Iterable[str] = TARIFF) -> Duty:
    """The duty that a case gives: as components, as a text, as a share or as a sum.

    ``words`` are those of the share or the sum; the quantities of the components are added to the
    measure.
    """
    duty: Duty
    if parts := inputs.parts("components"):
        duty = _combined(
            [component(part, measure) for part in parts], inputs.text("combine", "sum")
        )
    elif inputs.has("duty_text"):
        duty = in_money_of(inputs, duty_of_user(inputs.text("duty_text")), measure.currency)
    else:
        given = (share_or_sum(inputs, word, measure) for word in words)
        duty = next((duty for duty in given if duty), AdValorem(ZERO))
    return bounded(duty, inputs, ("duty_min", "duty_max"), measure)


def quantities_given(inputs: Inputs) -> dict[str, Decimal]:
    """The quantities of the shipment by unit, for duties that are written as a text."""
    table = inputs.table(inputs.free("quantities"))
    quantities = {name: table.read(name) for name in table.values}
    for unit, words in MEASURES.items():
        if unit != "t" and inputs.has(*(word for word, _ in words)):
            quantities.setdefault(unit, inputs.count_of(unit))
    counted = inputs.unit_written("quantity")
    if counted in MEASURES:  # 2400 pairs are pairs, and pieces too
        quantities.setdefault(counted, inputs.number("quantity"))
    return quantities


def value_given(inputs: Inputs, default: Decimal | None = None) -> Decimal:
    """The value that the case gives, or its unit price times the quantity."""
    word = next((word for word in VALUES if inputs.has(word)), None)
    if word is None and inputs.has("unit_price"):
        value = inputs.money("unit_price") * inputs.number("quantity")
    else:
        value = inputs.money(word or VALUES[0], default)
    return value - inputs.money("discount", ZERO, of=value)


@solves("duty_expression")
def expression(inputs: Inputs) -> Answers:
    """A duty by its components: summed, or the greater or the lesser of them, within bounds."""
    currency = inputs.text("currency", "USD")
    inputs = replace(inputs, home=frozenset({"home", currency.lower()}))
    value = value_given(inputs, ZERO)
    measure = Measure(currency)
    measure.quantities |= quantities_given(inputs)
    duty = duty_given(inputs, measure)
    amount = duty.of(Dutiable(value, currency, date(2025, 1, 1), measure.quantities))
    answers: Answers = {"duty": amount, "total_cost": value + amount}
    return answers | ({"ave": amount / value} if value else {})
