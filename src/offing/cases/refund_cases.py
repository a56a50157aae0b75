"""Solve a case of the export refund: from the names that case files use to the engine and back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.cases.inputs import Inputs, Value
from offing.cases.month_inputs import (
    INLAND,
    by_plan,
    firm_month,
    fob_in_cny,
    in_cny,
    material,
    plan_ratio,
)
from offing.cases.names import words_of
from offing.refunds.calendar import deadlines, state_on
from offing.refunds.deemed_domestic import output_tax
from offing.refunds.exempt_credit import solve_months
from offing.refunds.exempt_refund import Purchase, net_of, trader_refund
from offing.refunds.fob import declared_charge, fob_price
from offing.refunds.months import ZERO, MonthResult
from offing.refunds.processing_trade import ratio, reconcile
from offing.refunds.rates import dated_rate
from offing.refunds.rules import surtax_rates
from offing.refunds.surtax import Surtaxes, surtaxes
from offing.terms.amounts import exactly

Answers = dict[str, Value]


def _month_answers(result: MonthResult) -> Answers:
    return {
        "period": result.period,
        "export_fob_cny": result.fob_cny,
        "exempt_material": result.material_cny,
        "reduction_nd": result.reduction_nd,
        "nondeductible": result.nondeductible,
        "tax_raw": result.tax_raw,
        "reduction_ecr": result.reduction_ecr,
        "ecr": result.ecr,
        "closing_credit": result.closing_credit,
        "refund": result.refund,
        "exempt_credit": result.exempt_credit,
        "carry_forward": result.carry_forward,
        "vat_payable": result.vat_payable,
        "reduction_nd_carry": result.reduction_nd_carry,
        "reduction_ecr_carry": result.reduction_ecr_carry,
    }


PLACES = {
    **dict.fromkeys(("city", "urban", "市区"), "city"),
    **dict.fromkeys(("town", "county", "county town", "县城", "镇", "县城、镇"), "town"),
    **dict.fromkeys(("elsewhere", "other", "rural", "其他"), "elsewhere"),
}
"""Words for a place → the place of the tax law."""


def _surtax_answers(charged: Surtaxes) -> Answers:
    answers: Answers = {"surtax_base": charged.base}
    answers |= {"surtax_total": charged.total, "surtax": charged.total}
    for name, value in (
        ("urban", charged.urban),
        ("edu", charged.education),
        ("local_edu", charged.local_education),
    ):
        endings = ("", "_tax", "_surtax", "_surcharge", "_maintenance", "_construction")
        answers |= {f"{name}{ending}": value for ending in endings}
    return answers


def _place(inputs: Inputs) -> str:
    """Where the firm pays its surtaxes; in a city unless it is plain that it is not."""
    for name in ("location", "place", "taxpayer_location"):
        place = PLACES.get(str(inputs.values.get(name)).lower())
        if place:
            inputs.asked.add(name)
            return place
    return "city"


def _surtaxes(inputs: Inputs, payable: Decimal, exempt: Decimal) -> Answers:
    usual = surtax_rates()[_place(inputs)]
    rates = replace(
        usual,
        urban=inputs.number("urban_rate", default=usual.urban),
        education=inputs.number("edu_rate", default=usual.education),
        local_education=inputs.number("local_edu_rate", default=usual.local_education),
    )
    return _surtax_answers(surtaxes(payable, exempt, rates=rates))


def _ecr(inputs: Inputs, _expected: Answers) -> Answers:
    (result,) = solve_months([firm_month(inputs, first=True)])
    charged = _surtaxes(inputs, result.vat_payable, result.exempt_credit)
    return _month_answers(result) | _ratio_answer(inputs) | charged


def _ratio_answer(inputs: Inputs) -> Answers:
    return {"plan_ratio": plan_ratio(inputs)} if by_plan(inputs) else {}


def _ecr_multi(inputs: Inputs, _expected: Answers) -> Answers:
    periods = inputs.parts("periods", "months")
    if periods is None:
        return _ecr(inputs, _expected)
    results = solve_months(
        [firm_month(period, first=number == 0) for number, period in enumerate(periods)]
    )
    months = [
        _month_answers(result)
        | _ratio_answer(period)
        | _surtaxes(period, result.vat_payable, result.exempt_credit)
        for period, result in zip(periods, results, strict=True)
    ]
    last = months[-1]["carry_forward"]
    answers: Answers = {"periods": list(months), "months": list(months)}
    answers |= {"carry_forward": last, "final_carry_forward": last}
    for name in SUMMED:
        total = ZERO
        for month in months:
            amount = month[name]
            assert isinstance(amount, Decimal)
            total += amount
        answers |= {f"{name}_total": total, f"total_{name}": total}
    return answers


SUMMED = ("export_fob_cny", "nondeductible", "ecr", "refund", "exempt_credit", "vat_payable",
          "surtax")  # fmt: skip
"""What adds up over months; a credit that is carried does not."""


def _nondeductible(inputs: Inputs, _expected: Answers) -> Answers:
    (result,) = solve_months([firm_month(inputs, first=True, only_nondeductible=True)])
    names = (
        "exempt_material",
        "reduction_nd",
        "nondeductible",
        "reduction_nd_carry",
        "reduction_ecr",
        "reduction_ecr_carry",
        "ecr",
    )
    answers = _month_answers(result)
    return {name: answers[name] for name in names} | _ratio_answer(inputs)


GROSS = ("invoice_gross", "purchase_gross", "purchase_gross_cny", "gross", "gross_amount",
         "price_gross", "purchase_unit_gross")  # fmt: skip
NET = ("invoice_net", "purchase_net", "purchase_net_cny", "invoice_amount", "amount", "net",
       "net_amount", "price_net", "customs_value", "import_customs_value",
       "dutiable_value")  # fmt: skip
SUPPLIER_RATE = ("invoice_rate", "supplier_rate", "vat_rate", "levy_rate", "tax_rate",
                 "invoice_vat_rate")  # fmt: skip


def _supplier_rate(line: Inputs) -> Decimal:
    """The rate of the supplier's invoice: given, or what its tax is of its net amount."""
    if not line.has(*SUPPLIER_RATE) and line.has("invoice_tax") and line.has(*NET):
        return line.number("invoice_tax") / line.number(*NET)
    return line.number(*SUPPLIER_RATE)


def _purchase(line: Inputs) -> Purchase:
    rate = _supplier_rate(line)
    if line.has(*GROSS):
        net = net_of(line.number(*GROSS), rate)
    elif line.has("processing_fee", "processing_fee_net"):
        # 委托加工: the processor's invoice, with the trader's material sold to it first
        net = line.number("processing_fee", "processing_fee_net") + line.number(
            "material_net", "material_sold", default=ZERO
        )
    elif line.has("invoice_tax") and not line.has(*NET):
        net = line.number("invoice_tax") / rate
    elif line.has("unit_price") and not line.has(*NET):
        net = line.number("unit_price") * line.number("quantity")
    else:
        net = line.number(*NET)
    return Purchase(net, rate, line.number("rebate_rate", "refund_rate"))


def _er(inputs: Inputs, _expected: Answers) -> Answers:
    purchases = [
        _purchase(line)
        for line in inputs.parts("lines", "invoices", "purchases", "groups", "items") or [inputs]
    ]

    def answers(of: list[Purchase]) -> Answers:
        result = trader_refund(of)
        return {
            "base": result.base,
            "net": result.base,
            "input_tax": result.input_tax,
            "input_vat": result.input_tax,
            "refund": result.refund,
            "cost_addition": result.cost_addition,
            "nonrefundable": result.cost_addition,
        }

    return answers(purchases) | {"lines": [answers([one]) for one in purchases]}


def _surtax(inputs: Inputs, _expected: Answers) -> Answers:
    if inputs.has("exempt_credit"):
        exempt = inputs.number("exempt_credit")
        payable = inputs.number(
            "vat_payable", default=max(ZERO, inputs.number("tax_raw", default=ZERO))
        )
        return {"exempt_credit": exempt, "vat_payable": payable} | _surtaxes(
            inputs, payable, exempt
        )
    tax, ecr = inputs.number("tax_raw"), inputs.number("ecr")
    credit = max(ZERO, -tax)
    refund = min(credit, ecr)
    payable = max(ZERO, tax)
    return {
        "refund": refund,
        "exempt_credit": ecr - refund,
        "carry_forward": credit - refund,
        "vat_payable": payable,
    } | _surtaxes(inputs, payable, ecr - refund)


def _taxable_export(inputs: Inputs, _expected: Answers) -> Answers:
    fob = fob_in_cny(inputs)
    bonded = inputs.number("bonded_material") if inputs.has("bonded_material") else material(inputs)
    rate = inputs.number("rate", "levy_rate")
    tax = output_tax(fob, rate, bonded_cny=bonded)
    inputs_back = inputs.number("input_tax", default=ZERO) + inputs.number(
        "nondeductible_returned", "nondeductible_reversed", "nondeductible_back", default=ZERO
    )
    sales = (fob - bonded) / (1 + rate)
    return {
        "output_tax": tax,
        "taxable_sales": sales,
        "sales_net": sales,
        "tax_base": sales,
        "vat_payable": tax - inputs_back,
        "tax_payable": tax - inputs_back,
    }


WEIGHT = ("freight_quantity", "weight_t", "gross_weight_t", "gross_weight", "weight")
"""Tonnes that a unit price of freight (mark 2) is for."""


CARRIAGE = {
    "freight": ("ocean_freight", "sea_freight", "main_freight", "international_freight"),
    "insurance": ("premium", "insurance_premium", "cargo_insurance"),
}


def _declared(inputs: Inputs, name: str, amount: Decimal) -> Decimal:
    """A charge as the declaration has it: by its mark, or a rate, or an amount at its own rate."""
    names = (f"{name}_value", name, *CARRIAGE.get(name, ()))
    value = inputs.number(*names, default=ZERO)
    if inputs.is_share(*names):
        return value * amount
    if inputs.has(f"{name}_mark"):
        weight = inputs.number(*WEIGHT) if inputs.has(*WEIGHT) else None
        mark = inputs.text(f"{name}_mark")
        return declared_charge(mark, value, of=amount, tonnes=weight, name=name)
    return value * inputs.number(f"{name}_fx", default=Decimal(1))


def _fob_conversion(inputs: Inputs, _expected: Answers) -> Answers:
    def charge(*names: str) -> Decimal:
        return inputs.number(*names, default=ZERO)

    amount = inputs.number("amount", "price", "total", "value", "invoice_amount", "amount_fc",
                           "contract_amount", "total_price", "contract_price")  # fmt: skip
    freight, insurance = (
        _declared(inputs, "freight", amount),
        _declared(inputs, "insurance", amount),
    )
    if inputs.has("freight_rate"):
        freight = amount * inputs.number("freight_rate")
    if inputs.has("insurance_rate", "premium_rate"):
        insured = amount * (1 + charge("insured_markup"))
        insurance = insured * inputs.number("insurance_rate", "premium_rate")
    fob = fob_price(
        inputs.text("terms", "term", "incoterm"),
        amount,
        freight=freight,
        insurance=insurance,
        misc=_declared(inputs, "misc", amount) + charge("other_charges", "misc_charges"),
        inland=inputs.total(*INLAND),
        destination=charge("destination", "destination_charges"),
        duty=charge("duty", "import_taxes"),
    )
    answers: Answers = {"fob": fob, "freight": freight, "insurance": insurance}
    if inputs.has("fx", "export_fx"):
        answers["fob_cny"] = fob * inputs.number("fx", "export_fx")
    return answers


EXPORTED = ("export_date", "date", "on", "day")


def _rate_on(inputs: Inputs, on: date) -> Answers:
    group = ("group", "product_group", "goods_group", "category")
    code = ("code", "hs", "hs_code", "customs_code", "commodity_code")
    if not inputs.has(*code):
        inputs.text(*group)  # says that it is missing: no goods are the usual ones
    found = dated_rate(
        on,
        group=inputs.text(*group) if inputs.has(*group) else None,
        code=inputs.text(*code, default=""),
    )
    return {
        **dict.fromkeys(EXPORTED, on.isoformat()),
        "rate": found.refund_rate,
        "rebate_rate": found.refund_rate,
        "refund_rate": found.refund_rate,
        "levy_rate": found.levy_rate,
        "cancelled": found.cancelled,
    }


def _dated_rate(inputs: Inputs, expected: Answers) -> Answers:
    series = Inputs(expected, inputs.case, inputs.where).parts("series") or []
    answers: Answers = {}
    if series:
        answers["series"] = [_rate_on(inputs, row.needed_day(*EXPORTED)) for row in series]
    if inputs.has(*EXPORTED) or not series:
        answers |= _rate_on(inputs, inputs.needed_day(*EXPORTED))
    return answers


def _receipt_due(inputs: Inputs) -> date | None:
    """The day on which the contract has the buyer pay, whatever the case calls it."""
    by_contract = [name for name in inputs.values if "contract" in words_of(name)]
    return inputs.day("receipt_due", "payment_due", *by_contract)


def _deadline(inputs: Inputs, _expected: Answers) -> Answers:
    days = deadlines(inputs.needed_day("export_date"), receipt_due=_receipt_due(inputs))
    claimed = inputs.day("claim_date", "on", "as_of")
    state: Answers = {}
    if claimed is not None:
        state = {"status": state_on(days, claimed), "state": state_on(days, claimed)}
    return state | {
        name: day.isoformat() if day else None
        for day, names in (
            (days.ordinary_claim_by, ("ordinary_claim_by", "ordinary_claim", "claim_by")),
            (days.fx_receipt_by, ("fx_receipt_by", "receipt_by", "fx_by", "fx_deadline")),
            (days.absolute_claim_by, ("absolute_claim_by", "last_claim_day", "last_claim_date",
                                      "final_claim_by", "claim_expires")),
            (days.deemed_domestic_on, ("deemed_domestic_on", "deemed_domestic_from",
                                       "deemed_domestic_date", "deemed_sale_on")),
        )
        for name in names
    }  # fmt: skip


def _reconciliation(inputs: Inputs, _expected: Answers) -> Answers:
    made = reconcile(
        in_cny(inputs, "processing_fob_cny", "processing_fob_fc", "export_fx", "fx"),
        plan_ratio(inputs),
        inputs.number("actual_ratio")
        if inputs.has("actual_ratio")
        else ratio(
            inputs.number("actual_import_total", "actual_imports"),
            inputs.number("actual_export_total", "actual_exports"),
        ),
        levy_rate=inputs.number("levy_rate"),
        refund_rate=inputs.number("rebate_rate", "refund_rate"),
    )
    return {
        "actual_ratio": made.actual_ratio,
        "material_difference": made.material,
        "nondeductible_adjustment": made.nondeductible,
        "ecr_adjustment": made.ceiling,
    }


METHODS: dict[str, Callable[[Inputs, Answers], Answers]] = {
    "ecr": _ecr,
    "ecr_multi": _ecr_multi,
    "ecr_nondeductible_only": _nondeductible,
    "er": _er,
    "surtax": _surtax,
    "taxable_export": _taxable_export,
    "fob_conversion": _fob_conversion,
    "dated_rate": _dated_rate,
    "deadline": _deadline,
    "processing_reconciliation": _reconciliation,
}
"""The methods of refund cases."""


def solve(method: str, inputs: Inputs, expected: Answers) -> Answers:
    """The answers of a refund case, unrounded.

    Args:
        method: a name of :data:`METHODS`.
        inputs: of the case.
        expected: of the case; only the days of a series of rates are read from it.
    """
    with exactly():
        return METHODS[method](inputs, expected)
