"""Worked cases that need no importer: duty expressions, CIF, regional value, margins."""

import re
from datetime import date
from decimal import Decimal

from offing.cases.inputs import Inputs, Value
from offing.cases.names import plain
from offing.landed.shipment import cif_of
from offing.refunds.exchange_cost import exchange_cost
from offing.rules.duty import AdValorem, Bounded, Dutiable, Duty, MinimumPrice, Specific, Sum
from offing.rules.duty_text import duty_of_user
from offing.rules.origin import (
    DE_MINIMIS,
    RCEP,
    RCEP_THRESHOLD,
    Material,
    preference_gain,
    regional_value,
    tariff_shift,
)
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
    "import_duty_rate", "customs_duty_rate", "ad_valorem_rate", "ad_valorem", "general_rate",
    "bm_rate", "mfn", "bcd",
)  # fmt: skip
SPECIFIC = ("specific_amount", "specific_rate", "specific_per_unit", "specific_duty", "specific")
COMPONENTS = ("components", "duty_components", "terms", "parts")
COMBINE = (
    "combine",
    "combination",
    "rule",
    "method",
    "operator",
    "op",
    "choose",
    "select",
    "how",
    "mode",
)
GREATER = ("max", "greater", "greatest", "higher", "highest", "larger", "maximum")
LESSER = ("min", "less", "lesser", "least", "lower", "lowest", "smaller", "minimum")
ADDED = ("sum", "compound", "plus", "add", "both", "and")
FILLING = re.compile(r"[\s_-]+|\b(whichever|is|the|of|mixed|duty|two)\b")
"""Words around the choice: "whichever is the greater", "max of"."""
LEAST = ("min_duty", "minimum_duty", "minimum", "floor", "min", "lo")
MOST = ("max_duty", "maximum_duty", "maximum", "cap", "ceiling", "max", "hi")
BY_UNIT = {LEAST: ("min_amount", "min_per_unit", "min_specific"),
           MOST: ("max_amount", "max_per_unit", "max_specific")}  # fmt: skip
"""Limits by the piece or the kilogram, for the quantity that stands beside them."""


UNIT_VALUE = ("unit_value", "cif_unit", "unit_price", "cif_unit_price", "cif_per_unit",
              "import_price", "price")  # fmt: skip


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
    inner = part.parts(*names) if part.own_key(*names) else None
    part.asked.update(("kind", "type"))  # its own, never that of the case around it
    own = part.values.get("kind") or part.values.get("type")
    kind = str(own or ("compound" if inner else _kind_of(part))).lower().replace("-", "_")
    duty: Duty
    if inner is not None:
        rule = part.text(*COMBINE[:-1], default=kind)
        duty = _combined([_component(each, measure) for each in inner], rule)
    elif kind in ("ad_valorem", "percent", "percentage", "ad valorem", "advalorem", "adval"):
        own_value = ("value",) if part.own_key("value") else ()
        duty = AdValorem(part.number("rate", "percent", "ad_valorem", *own_value))
    elif kind in ("specific", "mip", "minimum_import_price", "minimum_price"):
        amount = part.number("amount", "price", "min_price", "minimum_price", "mip", "rate",
                             "specific", "per_unit", "amount_per_unit",
                             *(("value",) if part.own_key("value") else ()))  # fmt: skip
        unit = part.text("unit", default="item")
        duty = measure.specific(
            amount, part.number("quantity", "qty"), part.number("per", default=ONE), unit
        )
        if kind != "specific":
            return MinimumPrice(duty)
    elif kind in ("amount", "fixed"):
        duty = measure.sum(part.number("amount"))
    else:
        raise InputError("landed.bad_choice", text=kind, option="kind",
                         known="ad_valorem, specific, mip, mixed", near="ad_valorem")  # fmt: skip
    return _bounded(duty, part, measure, own=True)


def _kind_of(part: Inputs) -> str:
    """The kind of a component that does not name it: by a quantity, or a share of the value."""
    by_quantity = part.own_key("amount", "specific", "per_unit", "amount_per_unit")
    if by_quantity and not part.own_key("rate"):
        return "specific" if part.own_key("quantity", "qty", "unit", "per") else "amount"
    return "ad_valorem"


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
    if how in ADDED:
        return Sum(tuple(duties))
    raise InputError("landed.bad_choice", text=rule, option="combine",
                     known="sum, max, min", near="sum")  # fmt: skip


def _bounded(duty: Duty, inputs: Inputs, measure: _Measure, *, own: bool = False) -> Duty:
    """The duty between the least and the most that the case names."""

    def limit(names: tuple[str, ...]) -> Duty | None:
        by_unit = [name for name in BY_UNIT[names] if inputs.values.get(name) is not None]
        if by_unit and inputs.has("quantity", "qty"):
            return measure.specific(
                inputs.number(*by_unit), inputs.number("quantity", "qty"),
                inputs.number("per", default=ONE), inputs.text("unit", default="item"),
            )  # fmt: skip
        if own and not inputs.own_key(*names):
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


def _rule_around(inputs: Inputs) -> Value:
    """How the components go together, also where the kind of the whole duty says so."""
    rule = inputs.find(*COMBINE[:-1])
    for name in ("type", "duty_type", "kind"):
        word = chosen(str(inputs.values.get(name)))
        if rule is None and word in (*GREATER, *LESSER, *ADDED):
            inputs.asked.add(name)
            rule = word
    return rule


def duty_given(inputs: Inputs, currency: str, measured: dict[str, Decimal]) -> Duty:
    """The duty that a case gives: as components, as a text, or as a share.

    Args:
        inputs: of the case.
        currency: of its amounts.
        measured: unit → quantity; those of the components are added.
    """
    measure = _Measure(currency, measured)
    table = inputs.values.get("duty")
    if isinstance(table, dict):
        inputs.asked.add("duty")
        return _component(Inputs(table, inputs.case, inputs.where, inputs, inputs.asked), measure)
    parts = inputs.parts(*COMPONENTS)
    if parts is not None:
        rule = _rule_around(inputs)
        if rule is None and chosen(str(inputs.find("mode"))) in (*GREATER, *LESSER, "sum"):
            rule = inputs.find("mode")  # elsewhere it is the mode of transport
        duty = _combined([_component(part, measure) for part in parts], str(rule or "sum"))
    elif isinstance(inputs.find("duty_expression", "duty_text", "expression"), str):
        duty = duty_of_user(inputs.text("duty_expression", "duty_text", "expression"))
    else:
        duty = AdValorem(inputs.number(*DUTY, default=ZERO))
        if inputs.has(*SPECIFIC):
            amount = inputs.number(*SPECIFIC)
            per, unit = inputs.number("per", default=ONE), inputs.text("unit", default="item")
            quantity = inputs.number("quantity", "specific_quantity")
            specific = measure.specific(amount, quantity, per, unit)
            duty = _combined([duty, specific], str(_rule_around(inputs) or "sum"))
        floors = ("mip", "minimum_import_price", "minimum_price", "mip_per_unit", "mip_unit")
        if inputs.has(*floors):
            price = inputs.number(*floors)
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
        ("item", ("pieces", "items", "number_of_items", "quantity")),
    ):
        if unit not in found and inputs.has(*names):
            found[unit] = inputs.number(*names)
    return found


def expression(inputs: Inputs) -> Answers:
    """A duty by its components: summed, or the greater or the lesser of them, within bounds."""
    value = inputs.number(*VALUE, default=ZERO)
    if not inputs.has(*VALUE) and inputs.has(*UNIT_VALUE):
        value = inputs.number(*UNIT_VALUE) * inputs.number("quantity")
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


def _markup(inputs: Inputs) -> Decimal:
    """What is insured above the CIF value: 10 %, or as given, also as 110 % of it."""
    if inputs.has("insured_percent", "insured_multiple", "insured_share"):
        return inputs.number("insured_percent", "insured_multiple", "insured_share") - ONE
    markup = inputs.number("insured_markup", "markup", "insurance_markup", "markup_rate",
                           default=Decimal("0.10"))  # fmt: skip
    return markup - ONE if markup >= ONE else markup


def gross_up(inputs: Inputs) -> Answers:
    """The CIF value whose insurance is in it; or, from a CIF value, what is in it."""
    markup = _markup(inputs)
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
             "overhead", "profit", "other", "other_costs", "labour_cost", "direct_labour_cost",
             "overhead_cost", "direct_overhead_cost", "other_originating_cost")  # fmt: skip


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


def _sum_of(inputs: Inputs, names: tuple[str, ...]) -> Decimal:
    """An amount, or the sum of a list of amounts or of tables with a value."""
    found = inputs.find(*names)
    if isinstance(found, list) and all(isinstance(item, dict) for item in found):
        parts = inputs.parts(*names) or []
        return sum((part.number("value", "amount", "cost") for part in parts), ZERO)
    if isinstance(found, list):
        return sum(inputs.numbers(*names), ZERO)
    return inputs.number(*names, default=ZERO)


def rvc(inputs: Inputs) -> Answers:
    """Regional value content; without cumulation only the exporter's own materials count."""
    parties, materials = _materials(inputs)
    if not materials:
        materials = [
            Material(None, _sum_of(inputs, VNM)),
            Material(next(iter(parties)), _sum_of(inputs, VOM)),
        ]
    fob = inputs.number("fob", "fob_price")
    found = regional_value(
        fob,
        materials,
        other_originating=inputs.total(*OWN_COSTS),
        parties=parties,
        threshold=inputs.number(
            "threshold", "rvc_threshold", "minimum_rvc", default=RCEP_THRESHOLD
        ),
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


FEES = ("fee", "cost", "charge", "freight")


def _more_fees(inputs: Inputs) -> Decimal:
    """What a case names apart in CNY: ``bank_fees_cny``, ``port_charges_cny``, ``inland_cny``."""
    fees = ZERO
    for name in inputs.values:
        words = plain(name).split("_")
        own = words[-1] == "cny" and {*words} & {*FEES, "inland", "clearance", "storage"}
        if own and name not in inputs.asked and not {*words} & {"unit", "purchase", "total"}:
            fees += inputs.number(name)
    return fees


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
    vat = inputs.number("vat_rate", "levy_rate", "purchase_vat_rate")
    purchase = ZERO
    if inputs.has("purchase_gross_unit_cny", "purchase_unit_gross_cny"):
        purchase = inputs.number("purchase_gross_unit_cny", "purchase_unit_gross_cny") * count
    elif inputs.has("purchase_net_cny", "purchase_net_unit_cny"):
        net = inputs.number("purchase_net_cny", default=ZERO)
        purchase = (net or inputs.number("purchase_net_unit_cny") * count) * (ONE + vat)
    else:
        purchase = inputs.number("purchase_gross_cny", "purchase_gross_total_cny", "purchase_cny")
    fees = inputs.number("domestic_fees_cny", "fees_cny", "fee_cny", "fees_total_cny", default=ZERO)
    fees += _more_fees(inputs)
    fees += count * inputs.number("fees_unit_cny", "domestic_fees_unit_cny", default=ZERO)
    fees += purchase * inputs.number("fee_rate_on_purchase", "fee_rate", default=ZERO)
    found = exchange_cost(
        fob=fob,
        purchase_gross=purchase,
        vat_rate=vat,
        refund_rate=inputs.number("rebate_rate", "refund_rate"),
        fees=fees,
        fx_bid=inputs.number("fx_bid", "fx", "bid"),
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
