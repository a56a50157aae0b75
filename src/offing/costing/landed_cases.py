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

from offing.costing.cases.inputs import Inputs
from offing.costing.duty import AdValorem, Bounded, Duty, Specific
from offing.costing.landed import Bill, Context, Tariff, assessment
from offing.costing.landed_importers import IMPORTERS, Importer
from offing.costing.landed_sums import (
    ONE,
    VALUE,
    ZERO,
    Answers,
    duty_given,
    expression,
    gross_up,
    margin,
    rvc,
)
from offing.costing.reform import NewCharge, Reform, with_overlay
from offing.costing.regime_file import shipped
from offing.costing.rulebook import EXACT, Charge, Rate, Regime, Rulebook
from offing.costing.shape import RuleUse
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
        "mfn": Tariff(duty_given(inputs), use),
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


MODELS: dict[str, Callable[[Inputs], Answers]] = {
    **{name: _regime(name) for name in IMPORTERS},
    "duty_expression": expression,
    "basis_compare": _basis_compare,
    "lcc_package": _package,
    "cif_gross_up": gross_up,
    "rvc": rvc,
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
