"""A firm's month out of a case: lines, materials, taxes, by the names that case files use."""

from dataclasses import replace
from decimal import Decimal

from offing.cases.inputs import Inputs
from offing.refunds.months import ZERO, ExportLine, FirmMonth, Opening
from offing.refunds.processing_trade import ratio
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


def in_cny(inputs: Inputs, cny: str, foreign: str, *fx: str) -> Decimal:
    """An amount in CNY, given so or in foreign money with its rate."""
    if not inputs.has(cny) and inputs.has(foreign):
        return inputs.number(foreign) * inputs.number(*fx)
    return inputs.number(cny)


PLANNED_IMPORTS = ("plan_import_total", "plan_imports", "planned_imports", "planned_import",
                   "plan_import", "planned_import_total", "plan_import_cny")  # fmt: skip
PLANNED_EXPORTS = ("plan_export_total", "plan_exports", "planned_exports", "planned_export",
                   "plan_export", "planned_export_total", "plan_export_cny")  # fmt: skip


def plan_ratio(inputs: Inputs) -> Decimal:
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
    cif = in_cny(
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


def by_plan(inputs: Inputs) -> bool:
    """Whether the plan ratio decides (实耗法): then the month's actual imports do not count."""
    return inputs.has("plan_ratio", *PLANNED_IMPORTS)


def material(inputs: Inputs) -> Decimal:
    """免税购进原材料价格: given, or by the plan ratio, or the composite price of imports.

    Domestic duty-free purchases (``domestic_exempt_material``) come on top of bonded imports.
    """
    if inputs.has(*GIVEN_MATERIAL):
        return inputs.number(*GIVEN_MATERIAL)
    if by_plan(inputs) and not inputs.has("exempt_material_cif_fc", "exempt_material_cif_cny"):
        bonded: Decimal | None = plan_ratio(inputs) * in_cny(
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


def fob_in_cny(inputs: Inputs) -> Decimal:
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
                fob_in_cny(inputs),
                inputs.number("levy_rate"),
                inputs.number("rebate_rate", "refund_rate"),
                material(inputs),
            ),
        )
    apart = any(group.own_key(*MATERIAL) for group in groups)
    lines = [
        ExportLine(
            fob_in_cny(group),
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


def firm_month(inputs: Inputs, *, first: bool, only_nondeductible: bool = False) -> FirmMonth:
    """The month of a case; only the first one takes opening figures that stand around them."""
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
