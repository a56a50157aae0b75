"""Solve a worked case of landed cost: from the names that case files use to the engine.

A case gives its own rates. They are laid over the importer's regime as a reform, so that the case
runs through the same charges, bases and order as a quote. Amounts stay exact, for the case states
its own rounding; Japan's steps of 1,000 and 100 yen are part of the tax and stay.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from offing.costing.cases.inputs import Inputs, Value
from offing.costing.duty import (
    AdValorem,
    Bounded,
    Dutiable,
    Duty,
    MinimumPrice,
    Specific,
    Sum,
)
from offing.costing.duty_text import duty_of_user
from offing.costing.exchange_cost import exchange_cost
from offing.costing.landed import Bill, Context, Tariff, assessment
from offing.costing.origin import RCEP, RCEP_THRESHOLD, Material, regional_value
from offing.costing.reform import NewCharge, Reform, with_overlay
from offing.costing.regime_file import shipped
from offing.costing.rulebook import EXACT, Charge, Rate, Regime, Rulebook
from offing.costing.shape import RuleUse
from offing.costing.shipment import cif_of
from offing.terms.countries import country_code
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval

ZERO, ONE = Decimal(0), Decimal(1)
Answers = dict[str, Value]

VALUE = (
    "customs_value", "entered_value", "assessable_value", "goods_value", "cif", "cif_value",
    "fob", "fob_value", "value", "goods",
)  # fmt: skip
DUTY = ("duty_rate", "mfn_rate", "bcd_rate", "ii_rate", "base_duty_rate", "tariff_rate")
GIVEN = Where("case")


@dataclass(frozen=True)
class Importer:
    """How the cases of one importer name its rates and its answers.

    Attributes:
        destination: alpha-3.
        rates: rate series → names of the input.
        answers: charge → names of the answer.
        tax_base: the charge whose base is the answer ``vat_base``.
    """

    destination: str
    rates: dict[str, tuple[str, ...]]
    answers: dict[str, tuple[str, ...]]
    tax_base: str = "vat"


_VAT = ("vat_rate", "gst_rate", "import_vat_rate", "tax_rate")
_VAT_ANSWERS = ("vat", "gst", "import_vat")

IMPORTERS: dict[str, Importer] = {
    "AU": Importer("AUS", {"aus.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "NZ": Importer("NZL", {"nzl.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "CA": Importer("CAN", {"can.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "ZA": Importer(
        "ZAF",
        {"zaf.vat": _VAT, "zaf.vat.uplift": ("uplift", "uplift_rate", "vat_uplift")},
        {"vat": _VAT_ANSWERS},
    ),
    "UK": Importer("GBR", {"gbr.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "CIF_VAT": Importer("FIN", {"eur.vat.fin": _VAT}, {"vat": _VAT_ANSWERS}),
    "AE": Importer("ARE", {"are.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "SA": Importer("SAU", {"sau.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "US": Importer(
        "USA",
        {"usa.hmf": ("hmf_rate",)},
        {"mpf": ("mpf",), "hmf": ("hmf",)},
        "mpf",
    ),
    "IN": Importer(
        "IND",
        {"ind.sws": ("sws_rate",), "ind.igst": ("igst_rate", *_VAT)},
        {"social_welfare_surcharge": ("sws",), "igst": ("igst", *_VAT_ANSWERS)},
        "igst",
    ),
    "ID": Importer(
        "IDN",
        {"idn.ppn": ("ppn_rate", *_VAT), "idn.pph22": ("pph22_rate", "pph_rate")},
        {"ppn": ("ppn", *_VAT_ANSWERS), "pph22": ("pph22", "pph")},
        "ppn",
    ),
    "BR": Importer(
        "BRA",
        {
            "bra.pis": ("pis_rate",),
            "bra.cofins": ("cofins_rate",),
            "bra.icms": ("icms_rate",),
            "bra.afrmm": ("afrmm_rate",),
        },
        {
            "ipi": ("ipi",),
            "pis": ("pis",),
            "cofins": ("cofins",),
            "afrmm": ("afrmm",),
            "icms": ("icms",),
        },
        "icms",
    ),
    "MX": Importer(
        "MEX",
        {"mex.dta": ("dta_rate",), "mex.iva": ("iva_rate", *_VAT)},
        {"dta": ("dta",), "iva": ("iva", *_VAT_ANSWERS)},
        "iva",
    ),
    "JP": Importer(
        "JPN",
        {"jpn.consumption.national": ("consumption_rate", "consumption_tax_rate")},
        {"consumption_tax": ("consumption_tax",), "local_consumption_tax": ("local_tax",)},
        "consumption_tax",
    ),
}
"""Model of the case files → how it is asked. ``EU`` and ``GB`` are other names."""
IMPORTERS |= {"EU": IMPORTERS["CIF_VAT"], "GB": IMPORTERS["UK"]}


def _newest(book: Rulebook, regime: Regime) -> date:
    """The first day of the regime's newest rule: a case without a day is about today's form."""
    rules: list[Charge | Rate] = [
        *regime.charges,
        *(rate for rate in book.rates if rate.where == regime.where),
    ]
    return max(rule.when.since for rule in rules if rule.when.since)


def _plain(book: Rulebook, regime: Regime) -> Rulebook:
    """The rulebook without layers by origin or product list: a case names its own layers."""
    kept = tuple(c for c in regime.charges if not (c.origins or c.lists or c.not_on))
    return replace(book, regimes={**book.regimes, regime.importer: replace(regime, charges=kept)})


def _rate(id_: str, duty: Duty) -> Rate:
    return Rate(id_, duty, Interval(), "entry_date", "", "case", "user", GIVEN)


def _added(importer: str, name: str, duty: Duty) -> tuple[NewCharge, Rate]:
    """An additional duty on the customs value, before the taxes."""
    id_ = f"case.{name}"
    charge = Charge(
        name=id_,
        stage="duty",
        base=("customs_value",),
        rate=id_,
        tariff=None,
        gross_up=False,
        recoverable=False,
        modes=(),
        origins=(),
        lists=(),
        not_on=(),
        rounding=EXACT,
        when=Interval(),
        legal="",
        source="case",
        status="user",
        where=GIVEN,
    )
    taxes = [c.name for c in shipped().regimes[importer].charges if c.stage == "tax"]
    return NewCharge(importer, charge, taxes[0]), _rate(id_, duty)


def _processing_fee(inputs: Inputs, book: Rulebook, on: date) -> Rate | None:
    """The United States' merchandise processing fee with the case's rate and limits."""
    names = ("mpf_rate", "mpf_min", "mpf_max")
    if not inputs.has(*names):
        return None
    usual = book.rate("usa.mpf", on).duty
    assert isinstance(usual, Bounded)

    def limit(name: str) -> Duty | None:
        if not inputs.has(name):
            return None
        return Specific(inputs.number(name), "USD", ONE, "entry")

    share = AdValorem(inputs.number("mpf_rate")) if inputs.has("mpf_rate") else usual.duty
    return _rate("usa.mpf", Bounded(share, limit("mpf_min"), limit("mpf_max")))


def _times_fx(inputs: Inputs, amount: Decimal) -> Decimal:
    """An amount in foreign currency in the importer's, by whichever rate the case quotes."""
    for name in inputs.values:
        if re.fullmatch(r"fx_fc_per_\w+", name):
            return amount / inputs.number(name)
        if re.fullmatch(r"fx_\w+_per_fc", name):
            return amount * inputs.number(name)
    return amount * inputs.number("fx", "fx_rate", "exchange_rate", default=ONE)


def _goods(inputs: Inputs) -> Decimal:
    foreign = ("price_fc", "cif_fc", "fob_fc", "value_fc", "customs_value_fc", "goods_value_fc")
    if inputs.has(*foreign):
        return _times_fx(inputs, inputs.number(*foreign))
    return inputs.number(*VALUE)


def _carriage(inputs: Inputs, name: str, *more: str) -> Decimal:
    if inputs.has(f"{name}_fc"):
        return _times_fx(inputs, inputs.number(f"{name}_fc"))
    return inputs.number(name, *more, default=ZERO)


def _amounts(inputs: Inputs) -> dict[str, Decimal]:
    """What arrives at the border. A CIF or assessable value has the carriage in it already."""
    freight = _carriage(inputs, "freight") + _carriage(
        inputs, "transport_insurance", "freight_insurance"
    )
    return {
        "goods": _goods(inputs),
        "freight": freight,
        "insurance": _carriage(inputs, "insurance"),
        "destination": inputs.number("vat_extra", "destination", "inland", default=ZERO),
        "fees": inputs.number("customs_fees_in_icms", "siscomex", "fees", default=ZERO),
    }


def _additional(inputs: Inputs) -> dict[str, Duty]:
    given = inputs.find("additional_rates", "additional_duties")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise InputError("costing.bad_additional", value=given)
    inside = Inputs(given, inputs.case, inputs.where)
    return {name: AdValorem(inside.number(name)) for name in given}


def _duty(inputs: Inputs) -> Duty:
    if isinstance(inputs.find("duty_expression", "duty_text"), str):
        return duty_of_user(inputs.text("duty_expression", "duty_text"))
    return AdValorem(inputs.number(*DUTY, default=ZERO))


def _bill(importer: Importer, inputs: Inputs, amounts: dict[str, Decimal]) -> Bill:
    """Run the importer's regime with the case's rates laid over it."""
    regime = shipped().regime(importer.destination)
    key, book = regime.importer, _plain(shipped(), regime)
    on = inputs.day("on", "date", "entry_date") or _newest(book, regime)
    rates = [
        _rate(id_, AdValorem(inputs.number(*names)))
        for id_, names in importer.rates.items()
        if inputs.has(*names)
    ]
    fee = _processing_fee(inputs, book, on) if key == "USA" else None
    charges = []
    for name, extra in _additional(inputs).items():
        charge, rate = _added(key, name, extra)
        charges.append(charge)
        rates.append(rate)
    reform = Reform("case", (*rates, *([fee] if fee else [])), (), tuple(charges))
    use = RuleUse("case", "", None, None, "", "user")
    tariffs = {
        "mfn": Tariff(_duty(inputs), use),
        "ipi": Tariff(AdValorem(inputs.number("ipi_rate", default=ZERO)), use),
    }
    mode = inputs.text("mode", default="sea")
    if mode not in ("sea", "air", "rail", "road"):
        raise InputError("costing.bad_choice", text=mode, option="mode",
                         known="sea, air, rail, road", near="sea")  # fmt: skip
    context = Context(importer.destination, on, mode=mode, tariffs=tariffs)  # type: ignore[arg-type]
    found = assessment(with_overlay(book, reform), context)
    if key != "JPN":
        steps = tuple(
            replace(step, charge=replace(step.charge, rounding=EXACT)) for step in found.steps
        )
        found = replace(found, steps=steps)
    quantities = {}
    if isinstance(inputs.find("quantities"), dict):
        given = inputs.find("quantities")
        assert isinstance(given, dict)
        quantities = {name: Inputs(given).number(name) for name in given}
    return found.of(amounts, quantities)


def _regime(model: str) -> Callable[[Inputs], Answers]:
    importer = IMPORTERS[model]

    def solve_regime(inputs: Inputs) -> Answers:
        amounts = _amounts(inputs)
        bill = _bill(importer, inputs, amounts)
        base, total = bill.amount("duty"), bill.total("duty")
        carriage = amounts["freight"] + amounts["insurance"]
        answers: Answers = {
            "customs_value": bill.amount("customs_value"),
            "cif": amounts["goods"] + carriage,
            "transport_insurance": carriage,
            "tax_base": bill.base(importer.tax_base),
            "vat_base": bill.base(importer.tax_base),
            "igst_base": bill.base(importer.tax_base),
            "gst_base": bill.base(importer.tax_base),
            "duty_total": total,
            "additional_duty": sum(
                (i.amount for i in bill.charges if i.step.charge.name.startswith("case.")), ZERO
            ),
            "total_taxes": bill.paid,
            "total_duty": total,
        }
        answers |= dict.fromkeys(("duty", "base_duty", "bcd", "ii"), base)
        for item in bill.charges:
            if item.step.charge.name.startswith("case."):
                name = item.step.charge.name.removeprefix("case.")
                answers |= {name: item.amount, f"{name}_duty": item.amount}
        for charge, names in importer.answers.items():
            answers |= dict.fromkeys(names, bill.amount(charge))
        landed = sum(amounts.values(), ZERO) + bill.paid
        landed += inputs.number("brokerage", default=ZERO)
        return answers | {"total_cost": landed, "landed": landed, "landed_cost": landed}

    return solve_regime


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


def _expression(inputs: Inputs) -> Answers:
    """A duty by its components: summed, or the greater or the lesser of them, within bounds."""
    value = inputs.number(*VALUE, default=ZERO)
    measured: dict[str, Decimal] = {}
    parts = inputs.parts("components")
    if parts is None:
        duty = _duty(inputs)
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


def _basis_compare(inputs: Inputs) -> Answers:
    """The same goods under a CIF regime and under a free-on-board one."""
    amounts = _amounts(inputs)
    cif = _bill(IMPORTERS["CIF_VAT"], inputs, amounts)
    fob = _bill(IMPORTERS["CA"], inputs, amounts)
    return {
        "duty_cif": cif.amount("duty"),
        "duty_fob": fob.amount("duty"),
        "value_cif": cif.amount("customs_value"),
        "value_fob": fob.amount("customs_value"),
        "difference": cif.amount("duty") - fob.amount("duty"),
    }


def _package(inputs: Inputs) -> Answers:
    """The layout of a published calculator: costs in CNY at one rate, carriage in the importer's.

    Its duty leaves the freight out unless told otherwise: Australia's form; else the Union's.
    """
    fx = inputs.number("fx", default=ONE)
    count = inputs.number("quantity", default=ONE)
    unit = inputs.number("unit_price") + inputs.number("origin_logistics_per_unit", default=ZERO)
    goods, export = unit * count * fx, inputs.number("export_fees_total", default=ZERO) * fx
    freight = inputs.number("freight_total", default=ZERO)
    with_freight = inputs.find("duty_includes_freight") is True
    importer = IMPORTERS["CIF_VAT" if with_freight else "AU"]
    bill = _bill(importer, inputs, {"goods": goods, "freight": freight})
    after = sum((inputs.number(n, default=ZERO) for n in ("brokerage_total", "fulfilment_total")),
                ZERO)  # fmt: skip
    total = goods + export + freight + bill.paid + after
    return {
        "goods_value": goods,
        "export_fees": export,
        "duty": bill.total("duty"),
        "vat_base": bill.base(importer.tax_base),
        "vat": bill.amount(importer.tax_base),
        "total_taxes": bill.paid,
        "total_cost": total,
        "per_unit": total / count,
    }


def _gross_up(inputs: Inputs) -> Answers:
    cfr = inputs.number("cfr", default=ZERO)
    if not inputs.has("cfr"):
        cfr = inputs.number("fob", "goods_value") + inputs.number("freight", default=ZERO)
    markup = inputs.number("insured_markup", "markup", default=Decimal("0.10"))
    cif = cif_of(cfr, inputs.number("premium_rate", "insurance_rate"), markup)
    return {"cif": cif, "premium": cif - cfr, "insured_sum": cif * (ONE + markup)}


def _rvc(inputs: Inputs) -> Answers:
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


def _margin(inputs: Inputs) -> Answers:
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


MODELS: dict[str, Callable[[Inputs], Answers]] = {
    **{name: _regime(name) for name in IMPORTERS},
    "duty_expression": _expression,
    "basis_compare": _basis_compare,
    "lcc_package": _package,
    "cif_gross_up": _gross_up,
    "rvc": _rvc,
    "export_margin": _margin,
    "export_margin_total": _margin,
}
"""Every landed-cost model that a case may name."""


def solve(model: str, inputs: Inputs) -> Answers:
    """The answers of a case, exact.

    Args:
        model: a name in :data:`MODELS`.
        inputs: the case's own.

    Raises:
        InputError: an input that is missing or cannot be used.
    """
    return MODELS[model](inputs)
