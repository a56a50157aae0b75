"""Solve a worked case of landed cost: from the names that case files use to the engine.

A case gives its own rates. They are laid over the importer's regime as a reform, so that the case
runs through the same charges, bases and order as a quote. Amounts stay exact, for the case states
its own rounding; Japan's steps of 1,000 and 100 yen are part of the tax and stay.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.cases.inputs import Inputs
from offing.cases.landed_importers import IMPORTERS, MORE_TAXES, Importer, member
from offing.cases.landed_sums import (
    ONE,
    VALUE,
    ZERO,
    Answers,
    duty_given,
    duty_of_table,
    expression,
    from_delivered,
    gross_up,
    margin,
    measured_of,
    preference,
    rvc,
    shift,
)
from offing.landed.charges import Bill, Context, assessment
from offing.landed.shipment import cif_of
from offing.rules.duty import AdValorem, Bounded, Duty, Specific
from offing.rules.reform import NewCharge, Reform, with_overlay
from offing.rules.regime_file import shipped
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import EXACT, Charge, Rate, Regime, Rulebook, Stage
from offing.rules.tariff import Tariff
from offing.terms.countries import country_code
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval

GIVEN = Where("case")


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
    return Rate(id=id_, duty=duty, when=Interval(), source="case", status="user", where=GIVEN)


def _added(
    importer: str, name: str, duty: Duty, *, stage: Stage = "duty", base: tuple[str, ...] = ()
) -> tuple[NewCharge, Rate]:
    """A further duty before the taxes, on the customs value; or a further tax after them."""
    id_ = f"case.{name}"
    charge = Charge(
        id=f"{importer.lower()}.{id_}",
        name=id_,
        stage=stage,
        base=base or ("customs_value",),
        rate=id_,
        when=Interval(),
        source="case",
        status="user",
        where=GIVEN,
    )
    taxes = [c.name for c in shipped().regimes[importer].charges if c.stage == "tax"]
    before = taxes[0] if stage == "duty" and taxes else None
    return NewCharge(importer, charge, before), _rate(id_, duty)


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
    home = inputs.text("currency", default="").lower()
    for name in inputs.values:
        found = re.fullmatch(r"(?:fx|rate|exchange_rate)_(\w+)_per_(\w+)", name.lower())
        if found and (found[2] == "fc" or found[1] == home):
            return amount * inputs.number(name)
        if found and (found[1] == "fc" or found[2] == home):
            return amount / inputs.number(name)
    return amount * inputs.number("fx", "fx_rate", "exchange_rate", default=ONE)


CONTAINS_CARRIAGE = ("cif", "cif_value", "cif_fc", "assessable_value")
"""Values that have the carriage in them already, wherever they are declared."""


EX_WORKS = ("exw", "exw_value", "exw_price")
TO_THE_PORT = ("inland_origin", "origin_inland", "inland_to_port", "pre_carriage", "inland")
EXPORT_FEES = ("export_clearance", "origin_charges", "export_fees")


def _goods(inputs: Inputs) -> tuple[Decimal, str]:
    """The value given and its name."""
    foreign = ("price_fc", "cif_fc", "fob_fc", "value_fc", "customs_value_fc", "goods_value_fc")
    for name in foreign:
        if inputs.has(name):
            return _times_fx(inputs, inputs.number(name)), name
    for name in VALUE:
        if inputs.has(name):
            return inputs.number(name), name
    if inputs.has(*EX_WORKS):
        inland = _carriage(inputs, *TO_THE_PORT) + inputs.total(*EXPORT_FEES)
        return inputs.number(*EX_WORKS) + inland, "fob"
    if inputs.has("unit_price", "price") and inputs.has("quantity"):
        return inputs.number("unit_price", "price") * inputs.number("quantity"), "goods"
    return inputs.number(*VALUE), VALUE[0]


def _carriage(inputs: Inputs, *names: str) -> Decimal:
    for name in names:
        if inputs.has(f"{name}_fc"):
            return _times_fx(inputs, inputs.number(f"{name}_fc"))
    return inputs.number(*names, default=ZERO)


def _amounts(inputs: Inputs, destination: str) -> dict[str, Decimal]:
    """What arrives at the border. A CIF or assessable value has the carriage in it already."""
    goods, name = _goods(inputs)
    freight = _carriage(inputs, "freight", "sea_freight", "international_freight")
    if inputs.has("freight_rate"):
        freight = goods * inputs.number("freight_rate")
    freight += _carriage(inputs, "transport_insurance", "freight_insurance")
    insurance = _carriage(inputs, "insurance")
    if inputs.has("insurance_rate", "premium_rate"):
        rate = inputs.number("insurance_rate", "premium_rate")
        if inputs.has("insured_markup", "markup"):
            cfr = goods + freight
            insurance = cif_of(cfr, rate, inputs.number("insured_markup", "markup")) - cfr
        elif destination == "IND":  # Customs Valuation Rules 2007, rule 10(2): a share of the FOB
            insurance = rate * goods
        else:
            insurance = rate * (goods + freight)
    if name in CONTAINS_CARRIAGE:
        goods -= freight + insurance
    if inputs.has("landing_charge_rate", "landing_rate", "landing_charges_rate"):
        landing = inputs.number("landing_charge_rate", "landing_rate", "landing_charges_rate")
        goods += landing * (goods + freight + insurance)
    after = [
        "vat_extra", "destination", "inland_freight", "inland_freight_eu", "inland_transport",
        "inland_haulage", "eu_transport", "onward_transport", "port_charges", "port_handling",
        "terminal_handling", "thc", "destination_port_charges",
    ]  # fmt: skip
    if not inputs.has(*EX_WORKS):
        after.append("inland")  # with a price ex works it is the way to the port
    if isinstance(inputs.values.get("destination"), str):
        inputs.asked.add("destination")  # the country
        after.remove("destination")
    return {
        "goods": goods,
        "freight": freight,
        "insurance": insurance,
        "destination": inputs.total(*after),
        "fees": inputs.number(
            "customs_fees_in_icms", "siscomex", "siscomex_fee", "fees", "customs_fees", default=ZERO
        ),
    }


REMEDIES = {
    "ad": ("ad_rate", "anti_dumping_rate", "antidumping_rate"),
    "cvd": ("cvd_rate", "countervailing_rate"),
    "safeguard": ("safeguard_rate", "safeguard_duty_rate", "bmtp_rate"),
    "sima": ("sima_rate",),
    "s301": ("s301_rate", "s301"),
    "s232": ("s232_rate", "s232"),
    "s122": ("s122_rate", "s122"),
    "ieepa": ("ieepa_rate", "ieepa"),
    "fentanyl": ("fentanyl_rate", "fentanyl", "ieepa_fentanyl_rate", "ieepa_fentanyl"),
    "reciprocal": ("reciprocal_rate", "reciprocal", "ieepa_reciprocal_rate", "ieepa_reciprocal"),
    "surtax": ("surtax_rate",),
    "additional": ("additional_rate", "additional_duty_rate", "extra_duty_rate"),
}
"""Further duties that a case names without a table around them."""

REMEDY_SUMS = {
    "ad": ("ad_duty", "ad_amount", "ad_duty_amount"),
    "cvd": ("cvd_duty", "cvd_amount", "cvd_duty_amount"),
    "safeguard": ("safeguard_duty", "safeguard_amount"),
}
"""Further duties as a sum of money."""


def _additional(
    inputs: Inputs, currency: str, measured: dict[str, Decimal]
) -> dict[str, tuple[Duty, tuple[str, ...]]]:
    """Duties besides the tariff's, by name, with their base (empty for the customs value)."""
    found: dict[str, tuple[Duty, tuple[str, ...]]] = {}
    given = inputs.find(
        "additional_rates", "additional_duties", "remedies", "layers", "extra_duties"
    )
    if isinstance(given, list):
        named = Inputs({"parts": given}, inputs.case, inputs.where, asked=inputs.asked)
        parts = named.parts("parts") or []
        given = {part.text("name", default=f"extra{n}"): dict(part.values)
                 for n, part in enumerate(parts, start=1)}  # fmt: skip
    if given is not None and not isinstance(given, dict):
        raise InputError("landed.bad_additional", value=given)
    inside = Inputs(given or {}, inputs.case, inputs.where)
    for name, value in (given or {}).items():
        if isinstance(value, dict):
            part = Inputs(value, inputs.case, inputs.where, asked=inputs.asked)
            found[name] = duty_of_table(part, currency, measured), ()
        else:
            found[name] = AdValorem(inside.number(name)), ()
    for remedy, names in REMEDIES.items():
        if inputs.has(*names):
            found[remedy] = AdValorem(inputs.number(*names)), ()
    for remedy, names in REMEDY_SUMS.items():
        if inputs.has(*names):
            value = inputs.number(*names)
            share = value <= ONE  # a duty of 0.25 is a rate
            found[remedy] = (
                AdValorem(value) if share else Specific(value, currency, ONE, "entry"),
                (),
            )
    if inputs.has("excise", "excise_duty", "excise_tax"):
        amount = inputs.number("excise", "excise_duty", "excise_tax")
        found["excise"] = Specific(amount, currency, ONE, "entry"), ()
    elif inputs.has("excise_rate"):
        found["excise"] = AdValorem(inputs.number("excise_rate")), ("customs_value", "duties")
    return found


def _more_taxes(
    inputs: Inputs, regime: Regime, currency: str
) -> dict[str, tuple[Duty, tuple[str, ...]]]:
    """Taxes besides the regime's, and charges of the entry that no tax rests on."""
    found: dict[str, tuple[Duty, tuple[str, ...]]] = {}
    for tax in MORE_TAXES.get(regime.importer, ()):
        if inputs.has(*tax.rates):
            base = next(c.base for c in regime.charges if c.name == tax.base_of)
            found[tax.name] = AdValorem(inputs.number(*tax.rates)), base
    names = ("processing_charge", "import_processing_charge", "entry_fee")
    if inputs.has(*names):
        amount = inputs.number(*names)
        found["processing_charge"] = Specific(amount, currency, ONE, "entry"), ()
    return found


def _rates_given(importer: Importer, inputs: Inputs, currency: str) -> list[Rate]:
    """The case's own rates of the regime's series."""
    rates = [
        _rate(id_, AdValorem(inputs.number(*names)))
        for id_, names in importer.rates.items()
        if inputs.has(*names)
    ]
    if importer.destination == "BRA" and inputs.has("afrmm"):
        rates.append(_rate("bra.afrmm", Specific(inputs.number("afrmm"), currency, ONE, "entry")))
    if importer.destination == "JPN" and inputs.has("consumption_tax_rate"):
        whole = inputs.number("consumption_tax_rate")
        rates.append(_rate("jpn.consumption.national", AdValorem(whole * Decimal("0.78"))))
    return rates


def _origin(inputs: Inputs) -> str:
    """Where the goods are from; a partner of South Africa's customs union where so said."""
    if inputs.find("blns", "sacu") is True:
        return "BWA"
    return country_code(inputs.text("origin", "country_of_origin", default="CHN"))


MODES = {
    **dict.fromkeys(("sea", "ocean", "vessel", "ship", "海运"), "sea"),
    **dict.fromkeys(
        ("air", "plane", "airfreight", "air freight", "express", "courier", "空运"), "air"
    ),
    **dict.fromkeys(("rail", "train", "铁路"), "rail"),
    **dict.fromkeys(("road", "truck", "land", "公路"), "road"),
}
"""Words for a mode of transport → the mode."""


def _mode(inputs: Inputs) -> str:
    """The mode of transport; by sea where nothing is said."""
    text = inputs.text("mode", "transport_mode", "transport", "mode_of_transport",
                       "shipment_mode", default="sea")  # fmt: skip
    found = MODES.get(text.lower())
    if found is None:
        raise InputError("landed.bad_choice", text=text, option="mode",
                         known="sea, air, rail, road", near="sea")  # fmt: skip
    return found


def _day(inputs: Inputs) -> date | None:
    """The day of entry, or the first day of the fiscal year of the United States."""
    names = ("on", "date", "entry_date", "import_date", "date_of_entry", "arrival_date")
    if not inputs.has(*names) and inputs.has("fiscal_year"):
        return date(int(inputs.number("fiscal_year")) - 1, 10, 1)
    return inputs.day(*names)


def _bill(importer: Importer, inputs: Inputs, amounts: dict[str, Decimal]) -> Bill:
    """Run the importer's regime with the case's rates laid over it."""
    regime = shipped().regime(importer.destination)
    key, book, currency = regime.importer, _plain(shipped(), regime), regime.currency
    on = _day(inputs) or _newest(book, regime)
    rates = _rates_given(importer, inputs, currency)
    if key == "USA" and (fee := _processing_fee(inputs, book, on)):
        rates.append(fee)
    measured = measured_of(inputs)
    tariff = duty_given(inputs, currency, measured)
    charges = []
    for stage, some in (
        ("duty", _additional(inputs, currency, measured)),
        ("tax", _more_taxes(inputs, regime, currency)),
    ):
        for name, (extra, base) in some.items():
            charge, rate = _added(key, name, extra, stage=stage, base=base)  # type: ignore[arg-type]
            charges.append(charge)
            rates.append(rate)
    reform = Reform("case", tuple(rates), (), tuple(charges))
    use = RuleUse("case", "", None, None, "", "user")
    tariffs = {
        "mfn": Tariff(tariff, use),
        "ipi": Tariff(AdValorem(inputs.number("ipi_rate", default=ZERO)), use),
    }
    mode = _mode(inputs)
    context = Context(
        importer.destination,
        on,
        origin=_origin(inputs),
        mode=mode,  # type: ignore[arg-type]
        tariffs=tariffs,
    )
    found = assessment(with_overlay(book, reform), context)
    if key != "JPN":
        steps = tuple(
            replace(step, charge=replace(step.charge, rounding=EXACT)) for step in found.steps
        )
        found = replace(found, steps=steps)
    bill = found.of(amounts, measured)
    free = _below_thresholds(bill.amount("customs_value"), inputs)
    if not free:
        return bill
    steps = tuple(step for step in found.steps if step.charge.stage not in free)
    return replace(found, steps=steps).of(amounts, measured)


def _below_thresholds(value: Decimal, inputs: Inputs) -> set[str]:
    """The stages that a value this small is free of: duties, taxes or both."""
    return {
        stage
        for stage in ("duty", "tax")
        for name in (
            "de_minimis",
            "low_value_threshold",
            f"{stage}_de_minimis",
            f"{stage}_threshold",
        )
        if inputs.has(name) and value <= inputs.number(name)
    }


AFTER_THE_BORDER = ("brokerage", "clearance_fee", "customs_clearance", "handling", "last_mile",
                    "delivery", "other_costs")  # fmt: skip


def _regime(model: str) -> Callable[[Inputs], Answers]:
    def solve_regime(inputs: Inputs) -> Answers:
        importer = IMPORTERS[model]
        if model in ("CIF_VAT", "EU"):
            if inputs.has("country", "member_state"):
                importer = member(country_code(inputs.text("country", "member_state")))
            elif not inputs.has(*importer.rates["eur.vat.fin"]):
                inputs.number("vat_rate")  # says that it is missing: no member's is the usual one
        amounts = _amounts(inputs, importer.destination)
        bill = _bill(importer, inputs, amounts)
        base = bill.amount("duty")
        added = {
            item.step.charge.name.removeprefix("case."): item
            for item in bill.charges
            if item.step.charge.name.startswith("case.")
        }
        excise = bill.amount("case.excise")
        total = bill.total("duty") - excise
        carriage = amounts["freight"] + amounts["insurance"]
        value = bill.amount("customs_value")
        answers: Answers = {
            "fob": amounts["goods"],
            "cif": amounts["goods"] + carriage,
            "transport_insurance": carriage,
            "freight": amounts["freight"],
            "insurance": amounts["insurance"],
            "additional_duty": total - base - _surcharges(bill),
        }
        answers |= dict.fromkeys(("customs_value", "assessable_value", "dutiable_value"), value)
        tax_bases = ("tax_base", "vat_base", "igst_base", "gst_base", "iva_base")
        answers |= dict.fromkeys(tax_bases, bill.base(importer.tax_base))
        answers |= dict.fromkeys(("duty_total", "total_duty"), total)
        answers |= dict.fromkeys(("total_taxes", "total", "total_duties_taxes"), bill.paid)
        answers |= dict.fromkeys(("duty", "base_duty", "bcd", "ii", "igi"), base)
        if value:
            answers |= {"effective_rate": bill.paid / value, "ave": total / value}
        for name, item in added.items():
            answers |= {name: item.amount, f"{name}_duty": item.amount}
        for charge, names in importer.answers.items():
            answers |= dict.fromkeys(names, bill.amount(charge))
        if importer.destination == "JPN":
            both = bill.amount("consumption_tax") + bill.amount("local_consumption_tax")
            answers["total_consumption_tax"] = both
            if inputs.has("consumption_tax_rate"):  # the one rate that people know, 10 %
                answers["consumption_tax"] = both
        landed = sum(amounts.values(), ZERO) + bill.paid
        landed += inputs.total(*AFTER_THE_BORDER)
        answers |= dict.fromkeys(
            ("total_cost", "landed", "landed_cost", "total_landed_cost"), landed
        )
        if inputs.has("quantity") and inputs.number("quantity"):
            each = landed / inputs.number("quantity")
            answers |= dict.fromkeys(("per_unit", "landed_per_unit", "unit_landed_cost"), each)
        return answers

    return solve_regime


def _surcharges(bill: Bill) -> Decimal:
    """Duties of the regime itself besides the tariff's, such as India's surcharge."""
    return sum(
        (
            item.amount
            for item in bill.charges
            if item.step.charge.stage == "duty"
            and item.step.charge.name != "duty"
            and not item.step.charge.name.startswith("case.")
        ),
        ZERO,
    )


def _basis_compare(inputs: Inputs) -> Answers:
    """The same goods under a CIF regime and under a free-on-board one."""
    amounts = _amounts(inputs, "FIN")
    cif = _bill(IMPORTERS["CIF_VAT"], inputs, amounts)
    fob = _bill(IMPORTERS["CA"], inputs, amounts)
    more = cif.amount("duty") - fob.amount("duty")
    return {
        "duty_cif": cif.amount("duty"),
        "duty_fob": fob.amount("duty"),
        **dict.fromkeys(("cif", "value_cif"), cif.amount("customs_value")),
        **dict.fromkeys(("fob", "value_fob"), fob.amount("customs_value")),
        "difference": more,
        "duty_difference": more,
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
    after = inputs.total("brokerage_total", "fulfilment_total")
    total = goods + export + freight + bill.paid + after
    return {
        "goods_value": goods,
        "export_fees": export,
        "customs_value": bill.base("duty"),
        "duty": bill.total("duty"),
        "vat_base": bill.base(importer.tax_base),
        "vat": bill.amount(importer.tax_base),
        "total_taxes": bill.paid,
        "total_cost": total,
        "per_unit": total / count,
    }


MODELS: dict[str, Callable[[Inputs], Answers]] = {
    **{name: _regime(name) for name in IMPORTERS},
    "duty_expression": expression,
    "basis_compare": _basis_compare,
    "lcc_package": _package,
    "cif_gross_up": gross_up,
    "ddp_to_cif": from_delivered,
    "preference": preference,
    "rvc": rvc,
    "tariff_shift": shift,
    "ctc": shift,
    "export_margin": margin,
    "export_margin_total": margin,
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
