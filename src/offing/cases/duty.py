"""The duty that a worked case gives: a share, a text, or components."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from offing.cases.given import ASKED_SHARE, ONE, ZERO, Answers, Value
from offing.cases.inputs import LARGE, Inputs, solves
from offing.cases.words import MEASURES, SIZES, meanings, number_said
from offing.rules.duty import AdValorem, Bounded, Dutiable, Duty, MinimumPrice, Specific, Sum
from offing.rules.duty_text import duty_of_user
from offing.terms.errors import InputError
from offing.terms.messages import join_list, suggest

TARIFF = ("duty", "mfn", "tariff")
"""Words of the tariff's duty that every importer's case may use."""

VALUES = ("customs_value", "entered_value", "assessable_value", "goods_value", "price", "cif",
          "cfr", "fob", "exw")  # fmt: skip
"""Words of a value, in the order in which they are looked for."""

TO_PORT = ("inland", "export_clearance")
"""What comes on top of a price ex works on the way to the port."""

AFTER_THE_BORDER = ("brokerage", "clearance_fee", "handling", "delivery", "other_costs")
"""Costs of the importer's that no tax is of."""

WAYS = ("sum", "max", "min")
"""How components go together, with what people call it: ``whichever is higher``, 从高."""

KINDS = ("ad_valorem", "specific", "mip", "amount", "compound")


@dataclass
class DutyBasis:
    """The currency of a duty's amounts, and each component's quantity under a unit of its own."""

    currency: str
    quantities: dict[str, Decimal] = field(default_factory=lambda: {"entry": ONE})

    def specific(self, word: str, part: Inputs) -> Specific:
        """An amount for so many units of the component's quantity: ``per: 100, unit: kg``."""
        count, unit = _unit(part)
        counted = any(part.has(of) for of, _ in MEASURES.get(unit, ()) if of != "quantity")
        counted = counted and not part.own("quantity")  # what the shipment has of it
        if unit in MEASURES and not counted and not part.has("quantity"):
            return Specific(_amount(part, word), self.currency, count, unit)
        name = f"{unit or 'item'} {len(self.quantities)}"
        self.quantities[name] = part.count_of(unit) if counted else _quantity(part, unit)
        return Specific(_amount(part, word), self.currency, count, name)

    def sum(self, amount: Decimal) -> Specific:
        """A sum of money for the whole entry."""
        return Specific(amount, self.currency, ONE, "entry")


def _unit(part: Inputs) -> tuple[Decimal, str]:
    """How many units a component's amount is for, and which: ``per: 100 kg``, ``unit: 100 kg``."""
    count, unit = ONE, ""
    for word in ("per", "unit"):
        item = part.given(word) if part.own(word) else None
        if item is None:
            continue
        said = number_said(item.value)
        if said and not (said.currency or said.share):
            count, unit = count * said.number, said.unit or unit
        elif word == "per":
            raise part.bad(item.name, item.value)
        else:
            unit = meanings("units").get(str(item.value).strip().lower()) or str(item.value)
    return count, unit


def _quantity(part: Inputs, unit: str) -> Decimal:
    """The quantity of a component in its unit."""
    written = part.unit_written("quantity")
    size = ONE if not written or written == unit else SIZES.get((unit, written))
    if size is None and unit:
        raise part.bad("quantity", part.needed("quantity").value)
    return part.number("quantity") * (size or ONE)


def _amount(part: Inputs, word: str) -> Decimal:
    """An amount of a component in the case's money: a component may have a currency of its own."""
    item = part.needed(word)
    code = part.text("currency").lower() if part.own("currency") else ""
    if code and not item.named.currency:
        item = replace(item, named=replace(item.named, currency=code))
    elif part.own("fx") and not item.named.currency:
        item = replace(item, named=replace(item.named, forms=item.named.forms | {"fc"}))
    return part.money_of(item)


def bad_choice(text: str, option: str, known: tuple[str, ...]) -> InputError:
    """The error of a word that is not one of a few."""
    near = suggest(text, known)
    return InputError(
        "landed.bad_choice", text=text, option=option, known=join_list(known), near=near
    )


def component(part: Inputs, measure: DutyBasis) -> Duty:
    """One component: of the value, of a quantity, up to a price, a sum, or of components.

    Raises:
        InputError: ``landed.bad_choice`` for another kind.
    """
    kind, duty = _kind(part), None
    if part.own("components"):
        inner = [component(one, measure) for one in part.parts("components")]
        how = part.text("combine") if part.own("combine") else kind.replace("compound", "sum")
        duty = _combine_duties(inner, how)
    elif kind == "compound":  # by value and by quantity
        how = part.text("combine") if part.own("combine") else "sum"
        duty = _combine_duties([_ad_valorem(part, measure), measure.specific("amount", part)], how)
    elif kind == "ad_valorem":
        duty = _ad_valorem(part, measure)
    elif kind == "specific":
        duty = measure.specific("amount", part)
    elif kind == "mip":
        duty = MinimumPrice(measure.specific("price", part))
    elif kind == "amount":
        duty = measure.sum(_amount(part, "amount"))
    else:
        raise bad_choice(kind, "kind", KINDS)
    return _clamp_duty(duty, part, measure)


def _clamp_duty(duty: Duty, part: Inputs, measure: DutyBasis) -> Duty:
    """A duty between the ``min`` and the ``max`` of a component, or of the case."""
    least, most = (_bound(part, name, measure) for name in ("min", "max"))
    return Bounded(duty, least, most) if least or most else duty


def _kind(part: Inputs) -> str:
    """The kind of a component; where it does not say, what its words say."""
    said = part.text("kind") if part.own("kind") else ""
    said = said.strip().lower().replace(" ", "_").replace("-", "_")
    if said:
        return said
    if part.own("price"):
        return "mip"
    if part.own("amount") and part.own("per", "unit", "quantity"):
        return "compound" if part.own("rate") else "specific"
    if part.own("amount") and not part.own("rate"):
        return "amount"
    return "ad_valorem"


def free_duty(inputs: Inputs, name: str, value: Value, measure: DutyBasis) -> Duty:
    """A further duty under a name of the case's own: a share, a component, or a text.

    Raises:
        InputError: ``check.bad_share`` for a number that is no share without a sign.
    """
    if isinstance(value, dict):
        return component(inputs.table(value, apart=True), measure)
    said = number_said(value)
    if isinstance(value, str) and said is None:
        return duty_in_local_currency(inputs, duty_of_user(value), measure.currency)
    if said and abs(said.number) >= ASKED_SHARE and not said.share:
        raise inputs.error("check.bad_share", name=name, value=said.number)
    return AdValorem(inputs.table({name: value}, apart=True).read(name))


def _ad_valorem(part: Inputs, measure: DutyBasis) -> Duty:
    """A share of the customs value, or of the value of a part of the goods: their metal."""
    rate = part.number("rate")
    return measure.sum(rate * part.money("value")) if part.own("value") else AdValorem(rate)


def _bound(part: Inputs, name: str, measure: DutyBasis) -> Duty | None:
    """The least or greatest of a component: a sum, or a component itself."""
    given = part.given(name) if part.own(name) else None
    if given is None:
        return None
    said = number_said(given.value)
    if said and (said.share or 0 < said.number < 1):  # 20 % of the value: no duty ends at 0.20
        return AdValorem(said.number)
    if not isinstance(given.value, dict):
        return measure.sum(_amount(part, name))
    kind: dict[str, Value] = {"kind": "ad_valorem" if "rate" in given.value else "specific"}
    return component(part.table(kind | given.value), measure)


def _combine_duties(duties: list[Duty], how: str) -> Duty:
    """Added up, or the greater or the lesser of them."""
    heard = {*how.lower().replace("_", " ").split()}
    called = next((way for name, way in meanings("ways").items() if name in heard), "")
    if not called:
        raise bad_choice(how, "combine", WAYS)
    if called == "sum":
        return Sum(tuple(duties)) if len(duties) > 1 else duties[0]
    chosen = duties[0]
    for other in duties[1:]:
        chosen = Bounded(chosen, least=other) if called == "max" else Bounded(chosen, most=other)
    return chosen


def share_or_sum(inputs: Inputs, word: str, measure: DutyBasis) -> Duty | None:
    """The duty or tax that a word gives: ``vat_rate`` as a share, ``vat`` as a sum of money."""
    given = inputs.given(word)
    if given is None:
        return None
    if given.named.per and not inputs.is_share(word):
        return measure.sum(inputs.money(word))
    if isinstance(given.value, str) and inputs.is_words(word):
        return duty_in_local_currency(inputs, duty_of_user(given.value), measure.currency)
    of = value_given(inputs, ZERO)
    if inputs.means_share(given, of):
        return AdValorem(inputs.number(word))
    amount = inputs.money(word)
    if word in (*TARIFF, "vat", "gst") and 1 <= amount <= LARGE and of >= LARGE * 10:
        raise inputs.error("check.small_sum", name=given.name, value=amount, of=of)
    return measure.sum(amount)


def duty_in_local_currency(inputs: Inputs, duty: Duty, currency: str) -> Duty:
    """A duty whose amounts are in the importer's money, at the exchange rates of the case."""
    if isinstance(duty, Specific):
        amount = inputs.to_home_currency(duty.amount, duty.currency.lower())
        return replace(duty, amount=amount, currency=currency)
    if isinstance(duty, Sum):
        return Sum(tuple(duty_in_local_currency(inputs, term, currency) for term in duty.terms))
    if isinstance(duty, Bounded):
        bounds = (duty.least, duty.most)
        least, most = (duty_in_local_currency(inputs, b, currency) if b else None for b in bounds)
        return Bounded(duty_in_local_currency(inputs, duty.duty, currency), least, most)
    return duty


def bound_duty(duty: Duty, inputs: Inputs, words: tuple[str, str], measure: DutyBasis) -> Duty:
    """The duty between the least and the most that two words give."""
    least, most = (_limit(inputs, word, measure) for word in words)
    if isinstance(least, Specific) and isinstance(most, Specific) and least.amount > most.amount:
        raise inputs.bad(words[1], most.amount)
    return Bounded(duty, least, most) if least or most else duty


def _compound_duty(inputs: Inputs, word: str, measure: DutyBasis) -> Duty | None:
    """The duty that a word gives; given by the value and by the quantity, they are combined.

    Raises:
        InputError: ``check.missing_input`` where the case does not say how.
    """
    found = inputs.every(word)
    by_quantity = [item for item in found if item.named.per]
    by_value = [item for item in found if "rate" in item.named.forms]
    if not (by_quantity and by_value):
        return share_or_sum(inputs, word, measure)
    parts: list[Duty] = [AdValorem(inputs.share(item)) for item in by_value]
    for item in by_quantity:
        inputs.asked.add(item.name)
        parts.append(measure.sum(inputs.money_of(item)))
    return _combine_duties(parts, inputs.text("combine"))


def _limit(inputs: Inputs, word: str, measure: DutyBasis) -> Duty | None:
    """A limit of a duty: a sum, or a share of the value."""
    if not inputs.has(word):
        return None
    if inputs.is_share(word):
        return AdValorem(inputs.number(word))
    return measure.sum(inputs.money(word))


def duty_given(inputs: Inputs, measure: DutyBasis, words: Iterable[str] = TARIFF) -> Duty:
    """The duty that a case gives: as components, as a text, as a share or as a sum.

    ``words`` are those of the share or the sum; the quantities of the components are added to the
    measure.
    """
    duty: Duty
    if parts := inputs.parts("components"):
        every = [component(part, measure) for part in parts]
        duty = _combine_duties(every, inputs.text("combine", "sum"))
    elif inputs.has("duty_text"):
        written = duty_of_user(inputs.text("duty_text"))
        duty = duty_in_local_currency(inputs, written, measure.currency)
    else:
        given = (_compound_duty(inputs, word, measure) for word in words)
        duty = next((duty for duty in given if duty), AdValorem(ZERO))
    if inputs.has("specific_duty"):
        duty = Sum((duty, measure.sum(inputs.money("specific_duty"))))
    return bound_duty(_clamp_duty(duty, inputs, measure), inputs, ("duty_min", "duty_max"), measure)


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
    if word is None and inputs.has("value") and not inputs.has("freight", "insurance"):
        word = "value"
    if word is None and inputs.has("unit_price"):
        value = inputs.money("unit_price") * inputs.number("quantity")
    else:
        value = inputs.money(word or VALUES[0], default)
    return value - inputs.money("discount", ZERO, of=value)


@solves("tariff_quota")
def tariff_quota(inputs: Inputs) -> Answers:
    """关税配额: what is inside the quota at one rate, the rest of the quantity at the other."""
    value, quota = value_given(inputs), inputs.number("quota")
    counted = next((word for word in ("quantity", "weight_t", "weight_kg") if inputs.has(word)), "")
    quantity = inputs.number(counted or "quantity")
    if quantity <= 0 or inputs.number("in_quota") > inputs.number("out_of_quota"):
        raise inputs.bad("in_quota" if quantity > 0 else "quantity", inputs.number("in_quota"))
    inside = value * min(quota / quantity, ONE)
    duties = inside * inputs.number("in_quota"), (value - inside) * inputs.number("out_of_quota")
    names = ("duty_in_quota", "duty_out_of_quota")
    answers: Answers = {**dict(zip(names, duties, strict=True)), "duty": sum(duties, ZERO)}
    return answers | {"ave": sum(duties) / value if value else None}


@solves("duty_expression")
def expression(inputs: Inputs) -> Answers:
    """A duty by its components: summed, or the greater or the lesser of them, within bounds."""
    currency = inputs.text("currency", "USD")
    inputs = replace(inputs, home=frozenset({"home", currency.lower()}))
    value = value_given(inputs, ZERO)
    measure = DutyBasis(currency)
    measure.quantities |= quantities_given(inputs)
    duty = duty_given(inputs, measure)
    goods = Dutiable(value, currency, date(2025, 1, 1), measure.quantities)
    amount = duty.of(goods)
    answers: Answers = {"duty": amount, "total_cost": value + amount, **_parts(duty, goods)}
    return answers | ({"ave": amount / value} if value else {})


def _parts(duty: Duty, goods: Dutiable) -> Answers:
    """What a duty's parts come to before they are added up or compared, by their kind."""
    parts = [*_each(duty)]
    least = duty.least if isinstance(duty, Bounded) else None
    return {
        "ad_valorem_duty": sum((p.of(goods) for p in parts if isinstance(p, AdValorem)), ZERO),
        "specific_duty": sum((p.of(goods) for p in parts if isinstance(p, Specific)), ZERO),
        "minimum_duty": least.of(goods) if least else None,
    }


def _each(duty: Duty | None) -> Iterator[Duty]:
    """The simple duties that one is made of."""
    if isinstance(duty, Sum):
        yield from (part for term in duty.terms for part in _each(term))
    elif isinstance(duty, Bounded):
        yield from (part for one in (duty.duty, duty.least, duty.most) for part in _each(one))
    elif duty:
        yield duty
