"""Worked cases that need no importer: duty expressions, CIF, regional value, margins."""

from datetime import date
from decimal import Decimal

from offing.costing.cases.inputs import Inputs, Value
from offing.costing.duty import AdValorem, Bounded, Dutiable, Duty, MinimumPrice, Specific, Sum
from offing.costing.duty_text import duty_of_user
from offing.costing.exchange_cost import exchange_cost
from offing.costing.origin import RCEP, RCEP_THRESHOLD, Material, regional_value
from offing.costing.shipment import cif_of
from offing.terms.countries import country_code
from offing.terms.errors import InputError

ZERO, ONE = Decimal(0), Decimal(1)
Answers = dict[str, Value]

VALUE = (
    "customs_value", "entered_value", "assessable_value", "goods_value", "cif", "cif_value",
    "fob", "fob_value", "value", "goods",
)  # fmt: skip
DUTY = ("duty_rate", "mfn_rate", "bcd_rate", "ii_rate", "base_duty_rate", "tariff_rate")


def duty_given(inputs: Inputs) -> Duty:
    """The duty that a case gives, as a text or as a share."""
    if isinstance(inputs.find("duty_expression", "duty_text"), str):
        return duty_of_user(inputs.text("duty_expression", "duty_text"))
    return AdValorem(inputs.number(*DUTY, default=ZERO))


def _component(part: Inputs, number: int, measured: dict[str, Decimal]) -> Duty:
    """One component; its quantity is noted under a unit of its own."""
    kind = part.text("kind", default="ad_valorem")
    if kind == "ad_valorem":
        return AdValorem(part.number("rate"))
    if kind in ("specific", "mip", "minimum_import_price"):
        unit = f"{part.text('unit', default='item')} {number}"
        measured[unit] = part.number("quantity")
        amount = part.number("amount", "price", "rate")
        specific = Specific(amount, "USD", part.number("per", default=ONE), unit)
        return specific if kind == "specific" else MinimumPrice(specific)
    raise InputError("costing.bad_choice", text=kind, option="kind",
                     known="ad_valorem, specific, mip", near="ad_valorem")  # fmt: skip


def expression(inputs: Inputs) -> Answers:
    """A duty by its components: summed, or the greater or the lesser of them, within bounds."""
    value = inputs.number(*VALUE, default=ZERO)
    measured: dict[str, Decimal] = {}
    parts = inputs.parts("components")
    if parts is None:
        duty = duty_given(inputs)
    else:
        duties = tuple(_component(part, n, measured) for n, part in enumerate(parts))
        combine = inputs.text("combine", "combination", "rule", "mode", default="sum")
        if combine in ("max", "greater", "higher", "mixed_max"):
            duty = duties[0]
            for other in duties[1:]:
                duty = Bounded(duty, least=other)
        elif combine in ("min", "lesser", "lower", "mixed_min"):
            duty = duties[0]
            for other in duties[1:]:
                duty = Bounded(duty, most=other)
        else:
            duty = Sum(duties)
    limits: dict[str, Duty] = {}
    for side, names in (
        ("least", ("min_duty", "minimum", "min", "lo")),
        ("most", ("max_duty", "maximum", "max", "hi")),
    ):
        if inputs.has(*names):
            measured["entry"] = ONE
            limits[side] = Specific(inputs.number(*names), "USD", ONE, "entry")
    if limits:
        duty = Bounded(duty, limits.get("least"), limits.get("most"))
    amount = duty.of(Dutiable(value, "USD", date(2025, 1, 1), measured))
    answers: Answers = {"duty": amount, "landed": value + amount, "total_cost": value + amount}
    if value:
        answers |= {"ave": amount / value}
    return answers


def gross_up(inputs: Inputs) -> Answers:
    """The CIF value whose insurance is in it."""
    cfr = inputs.number("cfr", default=ZERO)
    if not inputs.has("cfr"):
        cfr = inputs.number("fob", "goods_value") + inputs.number("freight", default=ZERO)
    markup = inputs.number("insured_markup", "markup", default=Decimal("0.10"))
    cif = cif_of(cfr, inputs.number("premium_rate", "insurance_rate"), markup)
    return {"cif": cif, "premium": cif - cfr, "insured_sum": cif * (ONE + markup)}


def rvc(inputs: Inputs) -> Answers:
    """Regional value content; without cumulation only the exporter's own materials count."""
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
        materials.append(
            Material(country_code(str(place)) if known else None, part.number("value"))
        )
    found = regional_value(
        inputs.number("fob"),
        materials,
        other_originating=inputs.number("other_originating_costs", default=ZERO),
        parties=parties,
        threshold=inputs.number("threshold", default=RCEP_THRESHOLD),
    )
    return {
        "rvc_build_down": found.build_down,
        "rvc_build_up": found.build_up,
        "qualifies": found.qualifies,
    }


def margin(inputs: Inputs) -> Answers:
    """A deal of bought-in goods, for one unit or for all of them."""
    count = inputs.number("quantity", default=ONE)
    if inputs.has("fob", "fob_total"):
        fob = inputs.number("fob_total", "fob")
    else:
        cif = inputs.number("cif_unit") * count if inputs.has("cif_unit") else inputs.number("cif")
        fob = cif - inputs.number("freight_total", "freight", default=ZERO)
        fob -= inputs.number("insurance_total", "insurance", default=ZERO)
    if inputs.has("purchase_gross_unit_cny"):
        purchase = inputs.number("purchase_gross_unit_cny") * count
    else:
        purchase = inputs.number("purchase_gross_cny")
    fees = inputs.number("domestic_fees_cny", "fees_cny", default=ZERO)
    fees += purchase * inputs.number("fee_rate_on_purchase", default=ZERO)
    found = exchange_cost(
        fob=fob,
        purchase_gross=purchase,
        vat_rate=inputs.number("vat_rate"),
        refund_rate=inputs.number("rebate_rate", "refund_rate"),
        fees=fees,
        fx_bid=inputs.number("fx_bid", "fx"),
    )
    return {
        "fob": found.fob,
        "fob_total": found.fob,
        "rebate_cny": found.rebate,
        "total_cost_cny": found.total_cost,
        "revenue_cny": found.revenue,
        "profit_cny": found.revenue - found.total_cost,
        "margin_on_cost": found.margin_on_cost,
        "cny_cost_per_usd": found.cny_per_unit,
    }
