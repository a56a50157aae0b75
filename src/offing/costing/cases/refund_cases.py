"""Solve a case of the export refund: from the names that case files use to the engine and back."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from offing.costing.cases.inputs import Inputs, Value
from offing.costing.refund.amounts import exactly
from offing.costing.refund.calendar import deadlines
from offing.costing.refund.deemed_domestic import output_tax
from offing.costing.refund.exempt_credit import solve_months
from offing.costing.refund.exempt_refund import Purchase, net_of, trader_refund
from offing.costing.refund.fob import fob_price
from offing.costing.refund.months import ZERO, ExportLine, FirmMonth, MonthResult, Opening
from offing.costing.refund.processing_trade import ratio, reconcile
from offing.costing.refund.rates import dated_rate
from offing.costing.refund.surtax import (
    CITY_RATES,
    EDUCATION_RATE,
    LOCAL_EDUCATION_RATE,
    Surtaxes,
    surtaxes,
)
from offing.terms.errors import InputError

GROUPS = ("lines", "groups", "rate_groups", "exports", "export_lines")
MATERIAL = (
    "exempt_material",
    "processing_fob_cny",
    "processing_fob_fc",
    "exempt_material_cif_fc",
    "exempt_material_cif_cny",
    "domestic_exempt_material",
    "exempt_material_domestic",
)
INLAND = (
    "inland",
    "inland_cost",
    "inland_costs",
    "inland_freight",
    "domestic_costs",
    "domestic_fees",
    "origin_costs",
    "origin_charges",
    "export_clearance",
    "local_charges",
    "pre_carriage",
)

Answers = dict[str, Value]


def _in_cny(inputs: Inputs, cny: str, foreign: str, *fx: str) -> Decimal:
    """An amount in CNY, given so or in foreign money with its rate."""
    if not inputs.has(cny) and inputs.has(foreign):
        return inputs.number(foreign) * inputs.number(*fx)
    return inputs.number(cny)


def _plan_ratio(inputs: Inputs) -> Decimal:
    """计划分配率 = 计划进口总值 ÷ 计划出口总值."""
    if not inputs.has("plan_ratio") and inputs.has("plan_import_total", "plan_imports"):
        return ratio(
            inputs.number("plan_import_total", "plan_imports"),
            inputs.number("plan_export_total", "plan_exports"),
        )
    return inputs.number("plan_ratio")


def _composite_price(inputs: Inputs) -> Decimal | None:
    """组成计税价格 = (CIF + 关税) ÷ (1 − 消费税率), or with the consumption tax added."""
    if not inputs.has("exempt_material_cif_fc", "exempt_material_cif_cny"):
        return None
    cif = _in_cny(
        inputs,
        "exempt_material_cif_cny",
        "exempt_material_cif_fc",
        "exempt_material_fx",
        "import_fx",
        "export_fx",
        "fx",
    )
    duty = inputs.number(
        "exempt_material_duty",
        default=cif * inputs.number("exempt_material_duty_rate", default=ZERO),
    )
    excise = inputs.number("exempt_material_consumption_tax", default=ZERO)
    rate = inputs.number("exempt_material_consumption_tax_rate", default=ZERO)
    return (cif + duty + excise) / (1 - rate)


def material(inputs: Inputs) -> Decimal:
    """免税购进原材料价格: given, or by the plan ratio, or the composite price of imports.

    Domestic duty-free purchases (``domestic_exempt_material``) come on top of bonded imports.
    """
    if inputs.has("exempt_material"):
        return inputs.number("exempt_material")
    bonded = _composite_price(inputs)
    if bonded is None and inputs.has("plan_ratio", "plan_import_total", "plan_imports"):
        processing = (
            inputs.number("processing_fob_cny")
            if not inputs.has("processing_fob_fc")
            else _in_cny(inputs, "processing_fob_cny", "processing_fob_fc", "export_fx", "fx")
        )
        bonded = processing * _plan_ratio(inputs)
    home = inputs.number("domestic_exempt_material", "exempt_material_domestic", default=ZERO)
    return (bonded or ZERO) + home


def _fob(inputs: Inputs) -> Decimal:
    return _in_cny(inputs, "export_fob_cny", "export_fob_fc", "export_fx", "fx")


def _lines(inputs: Inputs) -> tuple[ExportLine, ...]:
    groups = inputs.parts(*GROUPS)
    if groups is None:
        return (
            ExportLine(
                _fob(inputs),
                inputs.number("levy_rate"),
                inputs.number("rebate_rate", "refund_rate"),
                material(inputs),
            ),
        )
    apart = any(name in group.values for group in groups for name in MATERIAL)
    lines = [
        ExportLine(
            _fob(group),
            group.number("levy_rate"),
            group.number("rebate_rate", "refund_rate"),
            material(group) if any(name in group.values for name in MATERIAL) else ZERO,
        )
        for group in groups
    ]
    common = ZERO if apart else material(inputs)
    if common and len({(line.levy_rate, line.refund_rate) for line in lines}) > 1:
        raise InputError("check.material_of_no_group", where=inputs.where, case=inputs.case)
    if common:
        lines.append(ExportLine(ZERO, lines[0].levy_rate, lines[0].refund_rate, common))
    return tuple(lines)


def _home_output_tax(inputs: Inputs) -> Decimal:
    if inputs.has("domestic_output_tax"):
        return inputs.number("domestic_output_tax")
    if inputs.has("domestic_sales_gross"):
        rate = inputs.number("domestic_rate", "levy_rate")
        return inputs.number("domestic_sales_gross") * rate / (1 + rate)
    if not inputs.has("domestic_sales"):
        return ZERO
    return inputs.number("domestic_sales") * inputs.number("domestic_rate", "levy_rate")


def _month(inputs: Inputs, *, first: bool, only_nondeductible: bool = False) -> FirmMonth:
    credit = inputs if first else Inputs(inputs.values, inputs.case, inputs.where)
    return FirmMonth(
        exports=_lines(inputs),
        domestic_output_tax_cny=_home_output_tax(inputs),
        input_tax_cny=inputs.number("input_tax", default=ZERO if only_nondeductible else None),
        opening=Opening(
            credit.number("opening_credit", default=ZERO),
            credit.number("opening_reduction_nd", "reduction_nd_brought", default=ZERO),
            credit.number("opening_reduction_ecr", "reduction_ecr_brought", default=ZERO),
        ),
        period=inputs.text("period", default=""),
    )


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


def _surtax_answers(charged: Surtaxes) -> Answers:
    return {
        "surtax_base": charged.base,
        "urban": charged.urban,
        "edu": charged.education,
        "local_edu": charged.local_education,
        "surtax_total": charged.total,
    }


def _surtaxes(inputs: Inputs, payable: Decimal, exempt: Decimal) -> Answers:
    return _surtax_answers(
        surtaxes(
            payable,
            exempt,
            urban_rate=inputs.number("urban_rate", default=CITY_RATES["city"]),
            education_rate=inputs.number("edu_rate", default=EDUCATION_RATE),
            local_education_rate=inputs.number("local_edu_rate", default=LOCAL_EDUCATION_RATE),
        )
    )


def _ecr(inputs: Inputs, _expected: Answers) -> Answers:
    (result,) = solve_months([_month(inputs, first=True)])
    return _month_answers(result) | _surtaxes(inputs, result.vat_payable, result.exempt_credit)


def _ecr_multi(inputs: Inputs, _expected: Answers) -> Answers:
    periods = inputs.parts("periods", "months")
    if periods is None:
        return _ecr(inputs, _expected)
    results = solve_months(
        [_month(period, first=number == 0) for number, period in enumerate(periods)]
    )
    return {
        "periods": [
            _month_answers(result) | _surtaxes(period, result.vat_payable, result.exempt_credit)
            for period, result in zip(periods, results, strict=True)
        ],
        "refund_total": sum((result.refund for result in results), ZERO),
        "carry_forward": results[-1].carry_forward,
    }


def _nondeductible(inputs: Inputs, _expected: Answers) -> Answers:
    (result,) = solve_months([_month(inputs, first=True, only_nondeductible=True)])
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
    return {name: answers[name] for name in names}


def _purchase(line: Inputs) -> Purchase:
    rate = line.number("invoice_rate", "supplier_rate", "levy_rate")
    if line.has("invoice_gross"):
        net = net_of(line.number("invoice_gross"), rate)
    elif line.has("processing_fee", "processing_fee_net"):
        # 委托加工: the processor's invoice, with the trader's material sold to it first
        net = line.number("processing_fee", "processing_fee_net") + line.number(
            "material_net", "material_sold", default=ZERO
        )
    elif line.has("invoice_tax"):
        net = line.number("invoice_tax") / rate
    else:
        net = line.number("invoice_net", "invoice_amount", "amount", "net", "customs_value")
    return Purchase(net, rate, line.number("rebate_rate", "refund_rate"))


def _er(inputs: Inputs, _expected: Answers) -> Answers:
    purchases = [_purchase(line) for line in inputs.parts("lines", "invoices") or [inputs]]

    def answers(of: list[Purchase]) -> Answers:
        result = trader_refund(of)
        return {
            "base": result.base,
            "input_tax": result.input_tax,
            "refund": result.refund,
            "cost_addition": result.cost_addition,
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
    fob = _fob(inputs)
    bonded = inputs.number("bonded_material") if inputs.has("bonded_material") else material(inputs)
    rate = inputs.number("rate", "levy_rate")
    tax = output_tax(fob, rate, bonded_cny=bonded)
    inputs_back = inputs.number("input_tax", default=ZERO) + inputs.number(
        "nondeductible_returned", default=ZERO
    )
    return {
        "output_tax": tax,
        "taxable_sales": (fob - bonded) / (1 + rate),
        "vat_payable": tax - inputs_back,
    }


def _fob_conversion(inputs: Inputs, _expected: Answers) -> Answers:
    def charge(*names: str) -> Decimal:
        return inputs.number(*names, default=ZERO)

    amount = inputs.number("amount")
    freight, insurance = charge("freight"), charge("insurance")
    if inputs.has("freight_rate"):
        freight = amount * inputs.number("freight_rate")
    if inputs.has("insurance_rate"):
        insured = amount * (1 + charge("insured_markup"))
        insurance = insured * inputs.number("insurance_rate")
    fob = fob_price(
        inputs.text("terms", "term", "incoterm"),
        amount,
        freight=freight,
        insurance=insurance,
        misc=charge("misc"),
        inland=sum((charge(name) for name in INLAND), ZERO),
        destination=charge("destination", "destination_charges"),
        duty=charge("duty", "import_taxes"),
    )
    answers: Answers = {"fob": fob}
    if inputs.has("fx", "export_fx"):
        answers["fob_cny"] = fob * inputs.number("fx", "export_fx")
    return answers


def _rate_on(inputs: Inputs, on: date) -> Answers:
    found = dated_rate(
        on,
        group=inputs.text("group") if inputs.has("group") else None,
        code=inputs.text("code", "hs", default=""),
    )
    return {
        "export_date": on.isoformat(),
        "rebate_rate": found.refund_rate,
        "refund_rate": found.refund_rate,
        "levy_rate": found.levy_rate,
        "cancelled": found.cancelled,
    }


def _dated_rate(inputs: Inputs, expected: Answers) -> Answers:
    series = Inputs(expected, inputs.case, inputs.where).parts("series") or []
    answers: Answers = {}
    if series:
        answers["series"] = [_rate_on(inputs, row.needed_day("export_date")) for row in series]
    if inputs.has("export_date") or not series:
        answers |= _rate_on(inputs, inputs.needed_day("export_date"))
    return answers


def _deadline(inputs: Inputs, _expected: Answers) -> Answers:
    days = deadlines(
        inputs.needed_day("export_date"),
        receipt_due=inputs.day("receipt_due", "contract_receipt_date"),
    )
    return {
        name: day.isoformat() if day else None
        for name, day in {
            "ordinary_claim_by": days.ordinary_claim_by,
            "fx_receipt_by": days.fx_receipt_by,
            "absolute_claim_by": days.absolute_claim_by,
            "deemed_domestic_on": days.deemed_domestic_on,
        }.items()
    }


def _reconciliation(inputs: Inputs, _expected: Answers) -> Answers:
    made = reconcile(
        _in_cny(inputs, "processing_fob_cny", "processing_fob_fc", "export_fx", "fx"),
        _plan_ratio(inputs),
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
