"""What arrives at an importer's border, of the prices and the carriage that a case gives."""

from decimal import Decimal

from offing.cases.duty import TO_PORT, VALUES, value_given
from offing.cases.given import ONE, ZERO
from offing.cases.inputs import Inputs
from offing.cases.trade import insurance_given, insurance_rate, markup_given
from offing.landed.shipment import cif_of
from offing.rules.rulebook import Regime

ADDITIONS = ("packing", "selling_commission", "royalty", "assists", "proceeds")
"""What the buyer pays or supplies besides the price: WTO Valuation Agreement, art. 8(1)."""

WHOLE = ("customs_value", "assessable_value", "entered_value")
"""Values that have the additions in them."""


def border_amounts(inputs: Inputs, regime: Regime) -> dict[str, Decimal]:
    """What arrives at the border. A CIF or assessable value has the carriage in it already."""
    word = next((word for word in VALUES if inputs.has(word)), "unit_price")
    inside = inputs.vocabulary.words[word].contains
    if word == "customs_value":
        bases = next(charge.base for charge in regime.charges if charge.name == word)
        inside = tuple(part for part in ("freight", "insurance") if part in bases)
    goods = value_given(inputs)
    freight = inputs.money("freight", ZERO, of=goods) * inputs.number("freight_share", ONE)
    freight += inputs.sum("transport_insurance", "freight_insurance")
    freight += _carriage_between(inputs, inside, goods)
    beyond_it = inputs.money("freight_beyond", ZERO)
    if beyond_it > freight:
        raise inputs.bad("freight_beyond", beyond_it)
    parts = {"goods": goods, "freight": freight - beyond_it, "insurance": ZERO}
    parts["insurance"] = _insurance(inputs, sum(map(parts.__getitem__, regime.words.insured), ZERO))
    parts["goods"] -= sum((parts[name] for name in inside), ZERO)
    if word not in WHOLE:
        parts["goods"] += sum((inputs.money(name, ZERO, of=goods) for name in ADDITIONS), ZERO)
    parts["goods"] += inputs.number("landing_charge_rate", ZERO) * sum(parts.values())
    to_port = TO_PORT if word == "exw" else ()
    parts["goods"] += inputs.sum(*to_port)
    fees, rest = _beyond(inputs, regime, to_port)
    parts["fees"] = inputs.sum("fees", *fees)
    parts["destination"] = beyond_it + inputs.sum(*rest)
    for name, target in regime.words.inputs.items():
        parts[target] += inputs.money(name, ZERO)
    return parts


BEYOND = ("vat_extra", "destination_charges", "port_charges", "inland")
"""Costs beyond the border."""


def _beyond(
    inputs: Inputs, regime: Regime, to_port: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """The costs beyond the border that are among the fees of a tax's base, and the others."""
    names = [name for name in BEYOND if name not in {*to_port, *regime.words.inputs}]
    taxed = [name for name in names if _is_taxed(name, inputs, regime)]
    return taxed, [name for name in names if name not in taxed]


def _is_taxed(name: str, inputs: Inputs, regime: Regime) -> bool:
    """Whether a cost beyond the border is among the fees of a tax's base.

    Where the base has the carriage beyond the border it is in there.
    """
    bases = {part for charge in regime.charges if charge.stage == "tax" for part in charge.base}
    if "destination" in bases or "fees" not in bases or not inputs.has(name):
        return False
    return name == "vat_extra"  # so it means


def _carriage_between(inputs: Inputs, inside: tuple[str, ...], value: Decimal) -> Decimal:
    """The carriage in a CIF value beside which the goods' own value stands."""
    words = ("goods_value", "price", "fob")
    if not {"freight", "insurance"} <= {*inside} or not inputs.has(*words):
        return ZERO
    if inputs.has("freight", "insurance", "transport_insurance", "freight_insurance"):
        return ZERO
    between = value - inputs.money(next(filter(inputs.has, words)))
    if between < 0:  # goods that are worth more than with their carriage
        raise inputs.bad(next(filter(inputs.has, words)), value - between)
    return between


def _insurance(inputs: Inputs, insured: Decimal) -> Decimal:
    """The insurance; with a rate and a markup, of the CIF value that it leads to."""
    rate = insurance_rate(inputs)
    if rate is None or not inputs.has("insured_markup", "insured_share"):
        return insurance_given(inputs, insured)
    return cif_of(insured, rate, markup_given(inputs, ZERO)) - insured
