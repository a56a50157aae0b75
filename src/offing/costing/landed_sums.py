"""Worked cases that need no importer: duty expressions, CIF, regional value, margins."""

import re
from datetime import date
from decimal import Decimal

from offing.costing.cases.inputs import Inputs, Value
from offing.costing.duty import AdValorem, Bounded, Dutiable, Duty, MinimumPrice, Specific, Sum
from offing.costing.duty_text import duty_of_user
from offing.costing.exchange_cost import exchange_cost
from offing.costing.origin import (
    DE_MINIMIS,
    RCEP,
    RCEP_THRESHOLD,
    Material,
    preference_gain,
    regional_value,
    tariff_shift,
)
from offing.costing.shipment import cif_of
from offing.terms.countries import country_code
from offing.terms.errors import InputError

ZERO, ONE = Decimal(0), Decimal(1)
Answers = dict[str, Value]

VALUE = (
    "customs_value", "entered_value", "assessable_value", "goods_value", "cif", "cif_value",
    "fob", "fob_value", "value", "goods",
)  # fmt: skip
DUTY = (
    "duty_rate", "mfn_rate", "bcd_rate", "ii_rate", "igi_rate", "base_duty_rate", "tariff_rate",
    "import_duty_rate", "customs_duty_rate", "ad_valorem_rate", "general_rate",
)  # fmt: skip
COMPONENTS = ("components", "duty_components", "terms", "parts")
COMBINE = ("combine", "combination", "rule", "operator", "op", "choose", "select", "how", "mode")
GREATER = ("max", "greater", "greatest", "higher", "highest", "larger", "maximum")
LESSER = ("min", "less", "lesser", "least", "lower", "lowest", "smaller", "minimum")
FILLING = re.compile(r"[\s_-]+|\b(whichever|is|the|of|mixed|duty|two)\b")
"""Words around the choice: "whichever is the greater", "max of"."""
LEAST = ("min_duty", "minimum_duty", "minimum", "floor", "min", "lo")
MOST = ("max_duty", "maximum_duty", "maximum", "cap", "ceiling", "max", "hi")


class _Measure:
    """Notes the quantity of each component under a unit of its own."""

    def __init__(self, currency: str, measured: dict[str, Decimal]) -> None:
        self.currency = currency
        self.measured = measured

    def specific(self, amount: Decimal, quantity: Decimal, per: Decimal, unit: str) -> Specific:
        own = f"{unit} {len(self.measured)}"
        self.measured[own] = quantity
        return Specific(amount, self.currency, per, own)

    def sum(self, amount: Decimal) -> Specific:
        """A sum of money for the whole entry."""
        return Specific(amount, self.currency, ONE, "entry")


def _component(part: Inputs, measure: _Measure) -> Duty:
    """One component: of the value, of a quantity, by a minimum price, or of further components."""
    names = (*COMPONENTS, "of")
    inner = part.parts(*names) if any(name in part.values for name in names) else None
    part.asked.update(("kind", "type"))  # its own, never that of the case around it
    own = part.values.get("kind") or part.values.get("type")
    kind = str(own or ("compound" if inner else "ad_valorem")).lower()
    duty: Duty
    if inner is not None:
        rule = part.text(*COMBINE[:-1], default=kind)
        duty = _combined([_component(each, measure) for each in inner], rule)
    elif kind in ("ad_valorem", "percent", "percentage", "ad valorem"):
        duty = AdValorem(part.number("rate", "percent"))
    elif kind in ("specific", "mip", "minimum_import_price"):
        amount = part.number("amount", "price", "min_price", "minimum_price", "mip", "rate")
        unit = part.text("unit", default="item")
        duty = measure.specific(
            amount, part.number("quantity", "qty"), part.number("per", default=ONE), unit
        )
        if kind != "specific":
            return MinimumPrice(duty)
    elif kind in ("amount", "fixed"):
        duty = measure.sum(part.number("amount"))
    else:
        raise InputError("costing.bad_choice", text=kind, option="kind",
                         known="ad_valorem, specific, mip, mixed", near="ad_valorem")  # fmt: skip
    return _bounded(duty, part, measure, own=True)


def chosen(rule: str) -> str:
    """The word that chooses between duties.

    >>> chosen("whichever is the greater"), chosen("mixed_max")
    ('greater', 'max')
    """
    return FILLING.sub("", re.sub(r"[_-]", " ", rule.lower()))


def _combined(duties: list[Duty], rule: str) -> Duty:
    """Added up, or the greater or the lesser of them."""
    how = chosen(rule)
    if how in GREATER:
        greater = duties[0]
        for other in duties[1:]:
            greater = Bounded(greater, least=other)
        return greater
    if how in LESSER:
        lesser = duties[0]
        for other in duties[1:]:
            lesser = Bounded(lesser, most=other)
        return lesser
    if how in ("sum", "compound", "plus", "add", "both", "and"):
        return Sum(tuple(duties))
    raise InputError("costing.bad_choice", text=rule, option="combine",
                     known="sum, max, min", near="sum")  # fmt: skip


def _bounded(duty: Duty, inputs: Inputs, measure: _Measure, *, own: bool = False) -> Duty:
    """The duty between the least and the most that the case names."""

    def limit(names: tuple[str, ...]) -> Duty | None:
        if own and not any(inputs.values.get(name) is not None for name in names):
            return None  # a limit around the components is not one of each
        if not inputs.has(*names):
            return None
        table = next((v for n in names if isinstance(v := inputs.values.get(n), dict)), None)
        if table is None:
            return measure.sum(inputs.number(*names))
        inputs.asked.update(names)
        kind: dict[str, Value] = {"kind": "ad_valorem" if "rate" in table else "specific"}
        own_inputs = Inputs(kind | table, inputs.case, inputs.where, inputs, inputs.asked)
        return _component(own_inputs, measure)

    least, most = limit(LEAST), limit(MOST)
    return duty if least is None and most is None else Bounded(duty, least, most)


def duty_given(inputs: Inputs, currency: str, measured: dict[str, Decimal]) -> Duty:
    """The duty that a case gives: as components, as a text, or as a share.

    Args:
        inputs: of the case.
        currency: of its amounts.
        measured: unit → quantity; those of the components are added.
    """
    measure = _Measure(currency, measured)
    parts = inputs.parts(*COMPONENTS)
    if parts is not None:
        rule = inputs.find(*COMBINE[:-1])
        if rule is None and chosen(str(inputs.find("mode"))) in (*GREATER, *LESSER, "sum"):
            rule = inputs.find("mode")  # elsewhere it is the mode of transport
        duty = _combined([_component(part, measure) for part in parts], str(rule or "sum"))
    elif isinstance(inputs.find("duty_expression", "duty_text", "expression"), str):
        duty = duty_of_user(inputs.text("duty_expression", "duty_text", "expression"))
    else:
        duty = AdValorem(inputs.number(*DUTY, default=ZERO))
        if inputs.has("specific_amount", "specific_rate"):
            amount = inputs.number("specific_amount", "specific_rate")
            per, unit = inputs.number("per", default=ONE), inputs.text("unit", default="item")
            quantity = inputs.number("quantity", "specific_quantity")
            specific = measure.specific(amount, quantity, per, unit)
            duty = _combined([duty, specific], str(inputs.find(*COMBINE[:-1]) or "sum"))
        if inputs.has("mip", "minimum_import_price"):
            price = inputs.number("mip", "minimum_import_price")
            unit = inputs.text("unit", default="item")
            floor = MinimumPrice(measure.specific(price, inputs.number("quantity"), ONE, unit))
            duty = Sum((duty, floor))
    return _bounded(duty, inputs, measure)


def duty_of_table(part: Inputs, currency: str, measured: dict[str, Decimal]) -> Duty:
    """A single component that stands as a table, such as an anti-dumping duty by the kilogram."""
    return _component(part, _Measure(currency, measured))


def measured_of(inputs: Inputs) -> dict[str, Decimal]:
    """The quantities of the shipment by unit, for duties that are written as a text."""
    found: dict[str, Decimal] = {}
    table = inputs.find("quantities")
    if isinstance(table, dict):
        found = {name: Inputs(table, inputs.case, inputs.where).number(name) for name in table}
    for unit, names in (
        ("kg", ("weight_kg", "net_weight_kg", "net_kg", "kg")),
        ("item", ("pieces", "items", "number_of_items")),
    ):
        if unit not in found and inputs.has(*names):
            found[unit] = inputs.number(*names)
    return found


def expression(inputs: Inputs) -> Answers:
    """A duty by its components: summed, or the greater or the lesser of them, within bounds."""
    value = inputs.number(*VALUE, default=ZERO)
    if not inputs.has(*VALUE) and inputs.has("unit_value", "cif_unit", "unit_price"):
        value = inputs.number("unit_value", "cif_unit", "unit_price") * inputs.number("quantity")
    measured = {"entry": ONE, **measured_of(inputs)}
    currency = inputs.text("currency", default="USD")
    duty = duty_given(inputs, currency, measured)
    on = inputs.day("on", "date", "entry_date") or date(2025, 1, 1)
    amount = duty.of(Dutiable(value, currency, on, measured))
    answers: Answers = {"duty": amount, "landed": value + amount, "total_cost": value + amount}
    answers |= {"total_duty": amount, "duty_total": amount}
    if value:
        answers |= dict.fromkeys(("ave", "effective_rate", "ad_valorem_equivalent"), amount / value)
    return answers


def gross_up(inputs: Inputs) -> Answers:
    """The CIF value whose insurance is in it; or, from a CIF value, what is in it."""
    markup = inputs.number("insured_markup", "markup", default=Decimal("0.10"))
    rate = inputs.number("premium_rate", "insurance_rate")
    freight = inputs.number("freight", default=ZERO)
    if inputs.has("cif") and not inputs.has("cfr", "fob", "goods_value"):
        cif = inputs.number("cif")
        cfr = cif * (ONE - (ONE + markup) * rate)
    else:
        if inputs.has("cfr"):
            cfr = inputs.number("cfr")
        else:
            cfr = inputs.number("fob", "goods_value") + freight
        cif = cif_of(cfr, rate, markup)
    insured = cif * (ONE + markup)
    answers: Answers = {"cif": cif, "cfr": cfr, "fob": cfr - freight}
    answers |= dict.fromkeys(("premium", "insurance"), cif - cfr)
    return answers | dict.fromkeys(("insured_sum", "insured_amount", "insured_value"), insured)


def from_delivered(inputs: Inputs) -> Answers:
    """From a price delivered duty paid back to the border: ``CIF = (DDP - inland) / (1+t)(1+v)``.

    The import tax is in the price and is not recovered; the duty is a share of the CIF value.
    """
    names = ["destination_charges", "destination_costs", "inland", "destination"]
    if isinstance(inputs.values.get("destination"), str):
        names.remove("destination")  # the country
    inland = inputs.number(*names, default=ZERO)
    duty = ONE + inputs.number(*DUTY, default=ZERO)
    tax = ONE + inputs.number("vat_rate", "gst_rate", "import_tax_rate", default=ZERO)
    cif = (inputs.number("ddp", "ddp_price", "amount") - inland) / (duty * tax)
    return {
        "cif": cif,
        "duty": cif * (duty - ONE),
        "vat": cif * duty * (tax - ONE),
        "dap": cif + inland,
    }


def preference(inputs: Inputs) -> Answers:
    """What a preference saves after its cost; the general duty stays where it does not pay."""
    value = inputs.number(*VALUE)
    mfn = inputs.number("mfn_rate", *DUTY)
    claimed = inputs.number("preferential_rate", "preference_rate", "fta_rate", "rcep_rate")
    cost = inputs.number("compliance_cost", "cost", default=ZERO)
    net = preference_gain(value, mfn, claimed, cost)
    answers: Answers = {"saving": value * (mfn - claimed), "break_even_margin": cost / value}
    answers |= dict.fromkeys(("net_saving", "net", "gain", "net_gain"), net)
    return answers | dict.fromkeys(("use_preference", "claim", "worth_it"), net > 0)


def shift(inputs: Inputs) -> Answers:
    """Whether the materials change their tariff code as the rule of origin asks."""
    parties, materials = _materials(inputs)
    names = ("hs", "code", "hs_code", "product")
    found = tariff_shift(
        inputs.text(*names),
        inputs.text("rule", "ctc"),
        inputs.number("fob", "fob_price"),
        materials,
        parties=parties,
        kg=inputs.number("weight_kg", "kg") if inputs.has("weight_kg", "kg") else None,
        tolerance=inputs.number("de_minimis", "tolerance", default=DE_MINIMIS),
    )
    return {
        "unshifted": Decimal(len(found.unshifted)),
        "unshifted_share": found.value_share,
        "unshifted_weight_share": found.weight_share,
        "qualifies": found.qualifies,
    }


VNM = ("vnm", "non_originating", "non_originating_materials", "non_originating_value")
VOM = ("vom", "originating_materials", "originating")
OWN_COSTS = ("other_originating_costs", "direct_labour", "labour", "labor", "direct_overhead",
             "overhead", "profit", "other", "other_costs")  # fmt: skip


def _materials(inputs: Inputs) -> tuple[set[str], list[Material]]:
    """Whose materials count as originating, and the materials."""
    origin = country_code(inputs.text("origin", "exporter", default="CHN"))
    given = inputs.find("parties")
    named = [country_code(str(p)) for p in given] if isinstance(given, list) and given else []
    if inputs.find("cumulation") is True:
        parties = {origin, *(named or RCEP)}
    else:
        parties = {origin if not named or origin in named else named[0]}
    materials = []
    for part in inputs.parts("materials") or []:
        place = part.find("origin")
        known = isinstance(place, str) and place.lower() not in ("", "unknown", "n/a")
        own = country_code(str(place)) if known else None
        if part.find("originating") is True:
            own = origin
        materials.append(
            Material(
                own,
                part.number("value"),
                part.text("hs", "code", "hs_code", default=""),
                part.number("kg", "weight_kg") if part.values.get("kg") is not None else None,
            )
        )
    return parties, materials


def rvc(inputs: Inputs) -> Answers:
    """Regional value content; without cumulation only the exporter's own materials count."""
    parties, materials = _materials(inputs)
    if not materials:
        materials = [
            Material(None, inputs.number(*VNM, default=ZERO)),
            Material(next(iter(parties)), inputs.number(*VOM, default=ZERO)),
        ]
    fob = inputs.number("fob", "fob_price")
    found = regional_value(
        fob,
        materials,
        other_originating=sum((inputs.number(name, default=ZERO) for name in OWN_COSTS), ZERO),
        parties=parties,
        threshold=inputs.number("threshold", default=RCEP_THRESHOLD),
    )
    inside = sum((m.value for m in materials if m.origin in parties), ZERO)
    return {
        "rvc_build_down": found.build_down,
        "rvc_build_up": found.build_up,
        "rvc": max(found.build_down, found.build_up),
        "vnm": sum((m.value for m in materials), ZERO) - inside,
        "vom": inside,
        "qualifies": found.qualifies,
    }


def _of_each(inputs: Inputs, name: str, count: Decimal) -> Decimal | None:
    """A price of the deal: given for one unit (``cif_unit``), in total, or plain."""
    for each in (f"{name}_unit", f"{name}_per_unit", f"{name}_unit_price", f"unit_{name}"):
        if inputs.has(each):
            return inputs.number(each) * count
    if inputs.has(f"{name}_total", name):
        return inputs.number(f"{name}_total", name)
    return None


def _part_of(inputs: Inputs, part: str, price: Decimal, count: Decimal) -> Decimal:
    """Freight or insurance in the price: a sum, or a share of it (insurance: with its markup)."""
    given = _of_each(inputs, part, count)
    if given is not None:
        return given
    if part == "insurance" and inputs.has("insurance_rate", "premium_rate"):
        insured = ONE + inputs.number("insured_markup", "markup", default=ZERO)
        return price * insured * inputs.number("insurance_rate", "premium_rate")
    return price * inputs.number(f"{part}_rate", default=ZERO)


CONTAINED = (("fob", ()), ("cif", ("freight", "insurance")), ("cfr", ("freight",)),
             ("cnf", ("freight",)))  # fmt: skip


def margin(inputs: Inputs) -> Answers:
    """A deal of bought-in goods, for one unit or for all of them."""
    count = inputs.number("quantity", default=ONE)
    fob: Decimal | None = None
    for term, parts in CONTAINED:
        price = _of_each(inputs, term, count)
        if price is not None:
            fob = price - sum((_part_of(inputs, part, price, count) for part in parts), ZERO)
            break
    if fob is None:
        inputs.number("cif")  # says that it is missing
        raise AssertionError
    vat = inputs.number("vat_rate", "levy_rate")
    purchase = ZERO
    if inputs.has("purchase_gross_unit_cny", "purchase_unit_gross_cny"):
        purchase = inputs.number("purchase_gross_unit_cny", "purchase_unit_gross_cny") * count
    elif inputs.has("purchase_net_cny", "purchase_net_unit_cny"):
        net = inputs.number("purchase_net_cny", default=ZERO)
        purchase = (net or inputs.number("purchase_net_unit_cny") * count) * (ONE + vat)
    else:
        purchase = inputs.number("purchase_gross_cny", "purchase_gross_total_cny", "purchase_cny")
    fees = inputs.number("domestic_fees_cny", "fees_cny", "fee_cny", "fees_total_cny", default=ZERO)
    fees += count * inputs.number("fees_unit_cny", "domestic_fees_unit_cny", default=ZERO)
    fees += purchase * inputs.number("fee_rate_on_purchase", "fee_rate", default=ZERO)
    found = exchange_cost(
        fob=fob,
        purchase_gross=purchase,
        vat_rate=vat,
        refund_rate=inputs.number("rebate_rate", "refund_rate"),
        fees=fees,
        fx_bid=inputs.number("fx_bid", "fx"),
    )
    profit = found.revenue - found.total_cost
    answers: Answers = {
        "total_cost_cny": found.total_cost,
        "revenue_cny": found.revenue,
        "profit_cny": profit,
        "margin_on_cost": found.margin_on_cost,
        "margin_on_revenue": profit / found.revenue if found.revenue else None,
        "fees_cny": fees,
        "total_cost_unit_cny": found.total_cost / count if count else None,
    }
    answers |= dict.fromkeys(("fob", "fob_total", "fob_net"), found.fob)
    answers |= dict.fromkeys(("rebate_cny", "rebate_total_cny", "refund_cny"), found.rebate)
    return answers | dict.fromkeys(("cny_cost_per_usd", "cny_cost_per_fc"), found.cny_per_unit)
