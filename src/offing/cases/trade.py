"""Worked cases that need no importer: CIF, delivered prices, origin, exchange cost."""

from dataclasses import replace
from decimal import Decimal

from offing.cases.duty import AFTER_THE_BORDER, TARIFF, TO_PORT, VALUES, value_given
from offing.cases.given import ONE, ZERO, Answers
from offing.cases.inputs import Inputs, solves
from offing.cases.words import methods
from offing.landed.shipment import cif_of
from offing.refunds.marginal import ExchangeCost, deal_at, exchange_cost
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

OWN_COSTS = ("other_originating_costs", "labour", "overhead", "profit")
FEES = ("domestic_fees", "fees", "bank_fees")


def insurance_rate(inputs: Inputs) -> Decimal | None:
    """The insurance as a share of what is insured, where it is given so."""
    given = inputs.given("premium_rate") or inputs.given("insurance")
    if given is None or (given.named.word.kind == "money" and "rate" not in given.named.forms):
        return None
    return inputs.number(given.named.word.name)


def markup_given(inputs: Inputs, default: Decimal) -> Decimal:
    """What is insured above the value; also where the whole insured sum is given, as ``110%``."""
    if inputs.has("insured_share"):
        return inputs.number("insured_share") - ONE
    return inputs.number("insured_markup", default)


def insurance_given(inputs: Inputs, price: Decimal) -> Decimal:
    """The insurance: a sum, or a share of the price with its markup."""
    insured = price * (ONE + markup_given(inputs, ZERO))
    rate = insurance_rate(inputs)
    return inputs.money("insurance", ZERO, of=insured) if rate is None else rate * insured


def free_on_board(inputs: Inputs) -> Decimal:
    """The goods on board: a price ex works has the way to the port put on top."""
    word = next((word for word in VALUES if inputs.has(word)), "")
    return value_given(inputs) + (inputs.sum(*TO_PORT) if word == "exw" else ZERO)


@solves("cif_gross_up")
def gross_up(inputs: Inputs) -> Answers:
    """The CIF value whose insurance is in it; or, from a CIF value, what is in it."""
    inputs = replace(inputs, foreign=True)
    markup = markup_given(inputs, Decimal("0.10"))
    rate = insurance_rate(inputs)
    if rate is None:
        raise inputs.missing("premium_rate")
    freight = inputs.money("freight", ZERO)
    if inputs.has("cif") and not inputs.has("cfr", "fob", "goods_value"):
        cif = inputs.money("cif")
        cfr = cif * (ONE - (ONE + markup) * rate)
    else:
        cfr = inputs.money("cfr") if inputs.has("cfr") else free_on_board(inputs) + freight
        cif = cif_of(cfr, rate, markup)
    insured = cif * (ONE + markup)
    return {
        "cif": cif, "cfr": cfr, "fob": cfr - freight, "premium": cif - cfr, "insured_value": insured
    }  # fmt: skip


def _tariff_rate(inputs: Inputs, default: Decimal | None = None) -> Decimal:
    word = next((word for word in TARIFF if inputs.has(word)), TARIFF[0])
    return inputs.number(word, default)


@solves("ddp_to_cif")
def from_delivered(inputs: Inputs) -> Answers:
    """From a price delivered duty paid back to the border: ``CIF = (DDP - inland) / (1+t)(1+v)``.

    The import tax is in the price and is not recovered; the duty is a share of the CIF value.
    """
    inputs = replace(inputs, foreign=True)
    inland = inputs.sum("destination_charges", "inland")
    duty, tax = ONE + _tariff_rate(inputs, ZERO), ONE + inputs.number("vat", ZERO)
    beyond = inland + inputs.sum(*AFTER_THE_BORDER)
    cif = (inputs.money("ddp") - beyond) / (duty * tax)
    taxes = {"duty": cif * (duty - ONE), "vat": cif * duty * (tax - ONE)}
    rate = insurance_rate(inputs) or ZERO
    cfr = cif * (ONE - (ONE + markup_given(inputs, Decimal("0.10"))) * rate)
    cfr -= ZERO if rate else inputs.money("insurance", ZERO)
    fob = cfr - inputs.money("freight", ZERO)
    return {"cif": cif, "cfr": cfr, "fob": fob, **taxes, "dap": cif + inland}


@solves("preference")
def preference(inputs: Inputs) -> Answers:
    """What a preference saves after its cost; the general duty stays where it does not pay."""
    value, mfn = value_given(inputs), _tariff_rate(inputs)
    claimed, cost = inputs.number("preferential_rate"), inputs.money("compliance_cost", ZERO)
    net = preference_gain(value, mfn, claimed, cost)
    answers: Answers = {"mfn_duty": value * mfn, "preferential_duty": value * claimed}
    answers |= {"break_even_value": cost / (mfn - claimed) if mfn > claimed else None}
    answers |= {"break_even_margin": cost / value, "net_saving": net}
    return answers | {"use_preference": net > 0}


def _materials(inputs: Inputs) -> tuple[set[str], list[Material]]:
    """Whose materials count as originating, and the materials."""
    origin = country_code(inputs.text("origin", "CHN"))
    named = [country_code(str(party)) for party in inputs.items("parties")]
    if inputs.flag("cumulation"):
        parties = {origin, *(named or RCEP)}
    else:
        parties = {origin if not named or origin in named else named[0]}
    materials = []
    for part in inputs.parts("materials", apart=True):
        place = part.text("origin", "")
        known = country_code(place) if place.lower() not in ("", "unknown", "n/a") else None
        own = origin if part.flag("originating") else None if part.own("originating") else known
        kg = part.number("kg") if part.has("kg") else None
        materials.append(Material(own, part.number("value"), part.text("hs", ""), kg))
    return parties, materials


@solves("tariff_shift")
def shift(inputs: Inputs) -> Answers:
    """Whether the materials change their tariff code as the rule of origin asks."""
    inputs = replace(inputs, foreign=True)
    parties, materials = _materials(inputs)
    kg = inputs.number("weight_kg") if inputs.has("weight_kg") else None
    of = inputs.text("hs"), inputs.text("rule"), value_given(inputs), materials
    spared = inputs.number("tolerance", DE_MINIMIS)
    result = tariff_shift(*of, parties=parties, kg=kg, tolerance=spared)
    return {
        "unshifted": Decimal(len(result.unshifted)),
        "unshifted_share": result.value_share,
        "unshifted_weight_share": result.weight_share,
        "qualifies": result.qualifies,
    }


@solves("rvc")
def rvc(inputs: Inputs) -> Answers:
    """Regional value content; without cumulation only the exporter's own materials count."""
    inputs = replace(inputs, foreign=True)
    parties, materials = _materials(inputs)
    if not materials:
        own = next(iter(parties))
        pairs = ((None, "vnm"), (own, "vom"))
        materials = [Material(origin, inputs.money(word, ZERO)) for origin, word in pairs]
    by_cost = inputs.has("net_cost")
    fob = inputs.money("net_cost") if by_cost else free_on_board(inputs)
    costs, least = inputs.sum(*OWN_COSTS), inputs.number("threshold", RCEP_THRESHOLD)
    result = regional_value(
        fob, materials, other_originating=costs, parties=parties, threshold=least
    )
    inside = sum((material.value for material in materials if material.origin in parties), ZERO)
    if sum((material.value for material in materials), ZERO) > fob:
        raise inputs.bad("net_cost" if by_cost else "fob", fob)
    return {
        "rvc_net_cost": result.build_down if by_cost else None,
        "rvc_build_down": result.build_down,
        "rvc_build_up": result.build_up,
        "rvc": max(result.build_down, result.build_up),
        "vnm": sum((material.value for material in materials), ZERO) - inside,
        "vom": inside,
        "qualifies": result.qualifies,
    }


def _net_receipt(inputs: Inputs) -> Decimal:
    """The FOB receipt: the price less the carriage that is in it."""
    inputs = replace(inputs, foreign=True)
    word = next((word for word in ("fob", "cif", "cfr") if inputs.has(word)), "fob")
    price = inputs.money(word)
    inside = inputs.vocabulary.words[word].contains
    freight = inputs.money("freight", ZERO, of=price) if "freight" in inside else ZERO
    insurance = insurance_given(inputs, price) if "insurance" in inside else ZERO
    return price - freight - insurance - inputs.money("commission", ZERO, of=price)


def _fees(inputs: Inputs, purchase: Decimal) -> Decimal:
    """The costs at home: as given, a share of the purchase, and its interest."""
    share = inputs.number("fee_rate_on_purchase", ZERO)
    return inputs.sum(*FEES) + purchase * share + _interest(inputs, purchase)


def _interest(inputs: Inputs, purchase: Decimal) -> Decimal:
    """垫款利息: yearly interest on the purchase for the months or days that the money is out."""
    if not inputs.has("loan_rate"):
        return ZERO
    if inputs.has("loan_months"):
        return purchase * inputs.number("loan_rate") * inputs.number("loan_months") / 12
    return purchase * inputs.number("loan_rate") * inputs.number("loan_days") / 360


def _cost(inputs: Inputs, fob: Decimal, fx_bid: Decimal) -> tuple[ExchangeCost, Decimal]:
    """The deal and its costs at home: of its parts, or of its total cost or refund as given."""
    if inputs.has("total_cost"):
        return deal_at(fob, inputs.money("total_cost"), inputs.money("rebate", ZERO), fx_bid), ZERO
    refund = inputs.money("rebate") if inputs.has("rebate") else None
    word = "vat" if inputs.has("vat") else "levy_rate"
    gross = inputs.given("purchase", "gross")
    whole = refund is not None and gross is not None and "net" not in gross.named.forms
    vat = ZERO if whole and not inputs.has(word) else inputs.number(word)
    purchase = inputs.money("purchase", tax="gross", rate=vat)
    fees = _fees(inputs, purchase)
    if refund is not None:
        return deal_at(fob, purchase + fees - refund, refund, fx_bid), fees
    result = exchange_cost(
        fob=fob,
        purchase_gross=purchase,
        vat_rate=vat,
        refund_rate=inputs.number("rebate_rate"),
        fees=fees,
        fx_bid=fx_bid,
    )
    return result, fees


@solves("export_price")
def export_price(inputs: Inputs) -> Answers:
    """出口报价核算: the price that covers cost, carriage, insurance, commission and profit.

    Shares of the price are divided by what they leave; the profit is of the price, or, as the
    figures prove, of the cost.
    """
    inputs = replace(inputs, foreign=False)
    word = "vat" if inputs.has("vat") else "levy_rate"
    vat = inputs.number(word, ZERO)
    given = next(filter(inputs.has, ("total_cost", "actual_cost")), "")
    if given:
        rebate, actual = ZERO, inputs.money(given)
        cost = actual + (_fees(inputs, actual) if given == "actual_cost" else ZERO)
    else:
        purchase = inputs.money("purchase", tax="gross", rate=vat)
        rebate = purchase / (ONE + vat) * inputs.number("rebate_rate", ZERO)
        fees = _fees(inputs, purchase)
        actual, cost = purchase - rebate, purchase - rebate + fees
    fx = inputs.quote("fx_bid" if inputs.has("fx_bid") else "fx")
    profit, commission = inputs.number("profit", ZERO), inputs.number("commission", ZERO)
    share = profit + commission
    abroad = replace(inputs, foreign=True)
    freight, insured = abroad.money("freight", ZERO), insurance_rate(inputs) or ZERO
    insured *= ONE + markup_given(inputs, Decimal("0.10"))
    insurance = ZERO if insured else abroad.money("insurance", ZERO)
    if share + insured >= 1:
        raise inputs.bad("profit_rate", profit)
    fob = cost / fx / (ONE - share)
    cfr = (cost / fx + freight) / (ONE - share)
    cif = (cost / fx + freight + insurance) / (ONE - share - insured)
    return {"actual_cost": actual, "rebate": rebate, "total_cost": cost, "fob": fob,
            "fob_cny": fob * fx, "cfr": cfr, "cif": cif}  # fmt: skip


@solves("export_margin", "export_margin_total")
def margin(inputs: Inputs) -> Answers:
    """换汇成本: a deal of bought-in goods, for one unit or for all of them."""
    fx_bid = inputs.quote("fx_bid" if inputs.has("fx_bid") else "fx")
    result, fees = _cost(inputs, _net_receipt(inputs), fx_bid)
    profit, count = result.revenue - result.total_cost, inputs.number("quantity", ONE)
    amounts = {
        "fob": result.fob,
        "rebate": result.rebate,
        "fees": fees,
        "total_cost": result.total_cost,
        "revenue": result.revenue,
        "profit": profit,
    }
    words = methods()[inputs.method].gives.words
    answers: Answers = {
        name: amount / count if "unit" in forms else amount
        for word, amount in amounts.items()
        for name, forms in words[word].names((word,))
    }
    if inputs.has("loan_rate", "purchase"):
        vat = inputs.number("vat" if inputs.has("vat") else "levy_rate", ZERO)
        answers["interest"] = _interest(
            inputs, inputs.money("purchase", ZERO, tax="gross", rate=vat)
        )
    answers["margin_on_cost"] = result.margin_on_cost
    answers["margin_on_revenue"] = profit / result.revenue if result.revenue else None
    return answers | dict.fromkeys(("cny_cost_per_usd", "cny_cost_per_fc"), result.cny_per_unit)
