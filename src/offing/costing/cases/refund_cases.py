"""Solve a case of the export refund: from the names that case files use to the engine and back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.costing.cases.inputs import Inputs, Value
from offing.costing.cases.names import words_of
from offing.costing.refund.amounts import exactly
from offing.costing.refund.calendar import deadlines, state_on
from offing.costing.refund.deemed_domestic import output_tax
from offing.costing.refund.exempt_credit import solve_months
from offing.costing.refund.exempt_refund import Purchase, net_of, trader_refund
from offing.costing.refund.fob import declared_charge, fob_price
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
GIVEN_MATERIAL = ("exempt_material", "bonded_material", "duty_free_material")
MATERIAL = (
    *GIVEN_MATERIAL,
    "processing_fob_cny",
    "processing_fob_fc",
    "exempt_material_cif_fc",
    "exempt_material_cif_cny",
    "imported_cif_cny",
    "imported_cif_fc",
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
    "loading",
    "loading_charges",
    "terminal_handling",
    "terminal_handling_charges",
    "thc",
    "port_charges",
    "trucking",
)

Answers = dict[str, Value]


def _in_cny(inputs: Inputs, cny: str, foreign: str, *fx: str) -> Decimal:
    """An amount in CNY, given so or in foreign money with its rate."""
    if not inputs.has(cny) and inputs.has(foreign):
        return inputs.number(foreign) * inputs.number(*fx)
    return inputs.number(cny)


PLANNED_IMPORTS = ("plan_import_total", "plan_imports", "planned_imports", "planned_import",
                   "plan_import", "planned_import_total", "plan_import_cny")  # fmt: skip
PLANNED_EXPORTS = ("plan_export_total", "plan_exports", "planned_exports", "planned_export",
                   "plan_export", "planned_export_total", "plan_export_cny")  # fmt: skip


def _plan_ratio(inputs: Inputs) -> Decimal:
    """计划分配率 = 计划进口总值 ÷ 计划出口总值."""
    if not inputs.has("plan_ratio") and inputs.has(*PLANNED_IMPORTS):
        return ratio(inputs.number(*PLANNED_IMPORTS), inputs.number(*PLANNED_EXPORTS))
    return inputs.number("plan_ratio")


def _composite_price(inputs: Inputs) -> Decimal | None:
    """组成计税价格 = (CIF + 关税) ÷ (1 − 消费税率), or with the consumption tax added."""
    for name in ("exempt_material", "imported", "bonded_import", "bonded"):
        if inputs.has(f"{name}_cif_cny", f"{name}_cif_fc"):
            break
    else:
        return None
    own = (name, "import") if name != "exempt_material" else (name,)
    cif = _in_cny(
        inputs,
        f"{name}_cif_cny",
        f"{name}_cif_fc",
        *(f"{each}_fx" for each in own),
        "import_fx",
        "export_fx",
        "fx",
    )
    duty = inputs.number(
        *(f"{each}_duty" for each in own),
        default=cif * inputs.number(*(f"{each}_duty_rate" for each in own), default=ZERO),
    )
    excise = inputs.number(*(f"{each}_consumption_tax" for each in own), default=ZERO)
    rate = inputs.number(*(f"{each}_consumption_tax_rate" for each in own), default=ZERO)
    return (cif + duty + excise) / (1 - rate)


def _by_plan(inputs: Inputs) -> bool:
    """Whether the plan ratio decides (实耗法): then the month's actual imports do not count."""
    return inputs.has("plan_ratio", *PLANNED_IMPORTS)


def material(inputs: Inputs) -> Decimal:
    """免税购进原材料价格: given, or by the plan ratio, or the composite price of imports.

    Domestic duty-free purchases (``domestic_exempt_material``) come on top of bonded imports.
    """
    if inputs.has(*GIVEN_MATERIAL):
        return inputs.number(*GIVEN_MATERIAL)
    if _by_plan(inputs) and not inputs.has("exempt_material_cif_fc", "exempt_material_cif_cny"):
        bonded: Decimal | None = _plan_ratio(inputs) * _in_cny(
            inputs, "processing_fob_cny", "processing_fob_fc", "export_fx", "fx"
        )
    else:
        bonded = _composite_price(inputs)
    home = inputs.number("domestic_exempt_material", "exempt_material_domestic", default=ZERO)
    return (bonded or ZERO) + home


PRICES = {
    "export_cif": ("freight", "insurance"),
    "export_cfr": ("freight",),
    "export_exw": (),
}
"""Names of an export price that is not FOB, and what is in it besides the goods."""


FOREIGN = ("export_fob_fc", "export_fc", "fob_fc", "export_sales_fc")
AT_HOME = ("export_fob_cny", "fob_cny", "export_fob", "export_cny", "export_sales_cny",
           "export_sales")  # fmt: skip


def _fob(inputs: Inputs) -> Decimal:
    """出口货物离岸价 in CNY: given, or brought to FOB from another term."""
    if inputs.has(*AT_HOME, *FOREIGN):
        if not inputs.has(*AT_HOME):
            return inputs.number(*FOREIGN) * inputs.number(
                "export_fx", "fx", "fx_rate", "exchange_rate"
            )
        return inputs.number(*AT_HOME)
    for price, parts in PRICES.items():
        if inputs.has(f"{price}_cny", f"{price}_fc"):
            of = "cny" if inputs.has(f"{price}_cny") else "fc"
            fob = inputs.number(f"{price}_{of}")
            for part in parts:
                fob -= inputs.number(f"{part}_{of}", part, default=ZERO)
            if price == "export_exw":
                fob += inputs.total(*(f"{name}_{of}" for name in INLAND), *INLAND)
            return fob if of == "cny" else fob * inputs.number("export_fx", "fx")
    return inputs.number("export_fob_cny")


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
    apart = any(group.own_key(*MATERIAL) for group in groups)
    lines = [
        ExportLine(
            _fob(group),
            group.number("levy_rate"),
            group.number("rebate_rate", "refund_rate"),
            material(group) if group.own_key(*MATERIAL) else ZERO,
        )
        for group in groups
    ]
    common = ZERO if apart else material(inputs)
    if common and len({(line.levy_rate, line.refund_rate) for line in lines}) > 1:
        raise InputError("check.material_of_no_group", where=inputs.where, case=inputs.case)
    if common:
        lines.append(ExportLine(ZERO, lines[0].levy_rate, lines[0].refund_rate, common))
    return tuple(lines)


def _input_tax(inputs: Inputs, default: Decimal | None) -> Decimal:
    """当期进项: given, in parts, or of purchases; less what moves out for other reasons."""
    if isinstance(inputs.find("input_tax"), list):
        tax = sum(inputs.numbers("input_tax"), ZERO)
    elif not inputs.has("input_tax") and inputs.has("purchases_net"):
        rate = inputs.number("input_rate", "purchase_rate", "domestic_rate", "levy_rate")
        tax = inputs.number("purchases_net") * rate
    else:
        tax = inputs.number("input_tax", default=default)
    return tax - inputs.number("input_transfer_out", "input_tax_transferred_out", default=ZERO)


HOME_SALES = ("domestic_sales", "domestic_sales_net", "domestic_net_sales", "home_sales")


def _home_output_tax(inputs: Inputs) -> Decimal:
    parts = inputs.parts("domestic_lines", "domestic")
    if parts is not None:
        return sum(
            (
                p.number("sales", "domestic_sales") * p.number("rate", "domestic_rate")
                for p in parts
            ),
            ZERO,
        )
    if inputs.has("domestic_output_tax"):
        return inputs.number("domestic_output_tax")
    if inputs.has("domestic_sales_gross"):
        rate = inputs.number("domestic_rate", "levy_rate")
        return inputs.number("domestic_sales_gross") * rate / (1 + rate)
    if not inputs.has(*HOME_SALES):
        return ZERO
    rate = inputs.number("domestic_rate", "domestic_vat_rate", "domestic_levy_rate", "levy_rate")
    return inputs.number(*HOME_SALES) * rate


def _carried(name: str) -> tuple[str, ...]:
    """How a case may name a reduction above its cap that the period before carried over."""
    return (f"opening_{name}", f"{name}_brought", f"{name}_carry_in", f"{name}_brought_forward",
            f"opening_{name}_carry")  # fmt: skip


def _month(inputs: Inputs, *, first: bool, only_nondeductible: bool = False) -> FirmMonth:
    # only the first month takes the opening figures that stand around the months
    credit = inputs if first else replace(inputs, outer=None)
    return FirmMonth(
        exports=_lines(inputs),
        domestic_output_tax_cny=_home_output_tax(inputs),
        input_tax_cny=_input_tax(inputs, ZERO if only_nondeductible else None),
        opening=Opening(
            credit.number("opening_credit", default=ZERO),
            credit.number(*_carried("reduction_nd"), default=ZERO),
            credit.number(*_carried("reduction_ecr"), default=ZERO),
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
    return _surtax_answers(
        surtaxes(
            payable,
            exempt,
            urban_rate=inputs.number("urban_rate", default=CITY_RATES[_place(inputs)]),
            education_rate=inputs.number("edu_rate", default=EDUCATION_RATE),
            local_education_rate=inputs.number("local_edu_rate", default=LOCAL_EDUCATION_RATE),
        )
    )


def _ecr(inputs: Inputs, _expected: Answers) -> Answers:
    (result,) = solve_months([_month(inputs, first=True)])
    charged = _surtaxes(inputs, result.vat_payable, result.exempt_credit)
    return _month_answers(result) | _ratio_answer(inputs) | charged


def _ratio_answer(inputs: Inputs) -> Answers:
    return {"plan_ratio": _plan_ratio(inputs)} if _by_plan(inputs) else {}


def _ecr_multi(inputs: Inputs, _expected: Answers) -> Answers:
    periods = inputs.parts("periods", "months")
    if periods is None:
        return _ecr(inputs, _expected)
    results = solve_months(
        [_month(period, first=number == 0) for number, period in enumerate(periods)]
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
    fob = _fob(inputs)
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
