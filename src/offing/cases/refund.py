"""Worked cases of the export refund: from the words of ``refunds/cases.toml`` to the engine."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from offing.cases.given import ONE, ZERO, Answers, Value
from offing.cases.inputs import Inputs, solves
from offing.cases.trade import insurance_given
from offing.cases.words import meanings
from offing.refunds.calendar import deadlines, state_on
from offing.refunds.fob import declared_charge, fob_price, is_share_mark, takes_off, trade_term
from offing.refunds.methods import (
    ExportLine,
    FirmMonth,
    MonthResult,
    Opening,
    Purchase,
    output_tax,
    ratio,
    reconcile,
    solve_months,
    surtaxes,
    trader_refund,
)
from offing.refunds.rates import dated_rate, effective_levy
from offing.refunds.rules import DatedRate, surtax_rates

MATERIAL = ("exempt_material", "bonded_material", "domestic_exempt_material",
            "exempt_material_cif", "imported_cif", "processing_fob")  # fmt: skip
PRICES = {"export_fob": "FOB", "export_cif": "CIF", "export_cfr": "CFR", "export_exw": "EXW"}
"""Words of a price, and the trade term that each says."""

INLAND = ("inland", "export_clearance", "port_charges")


def _uses_plan_ratio(inputs: Inputs) -> bool:
    """Whether the plan ratio decides (实耗法): then the month's actual imports do not count."""
    return inputs.has("plan_ratio", "plan_import")


def _plan_ratio(inputs: Inputs) -> Decimal:
    """计划分配率 = 计划进口总值 ÷ 计划出口总值."""
    if not inputs.has("plan_ratio") and inputs.has("plan_import"):
        return ratio(inputs.money("plan_import"), inputs.money("plan_export"))
    return inputs.number("plan_ratio")


def _composite_price(inputs: Inputs) -> Decimal:
    """组成计税价格 = (CIF + 关税) ÷ (1 − 消费税率), or with the consumption tax added."""
    given = inputs.has("exempt_material_cif")
    of, word = ("exempt_material", "exempt_material_cif") if given else ("import", "imported_cif")
    cif = inputs.money(word, ZERO)
    own = f"{of}_duty"
    taxed = cif + inputs.money(own if inputs.has(own) else "import_duty", ZERO, of=cif)
    excise = inputs.given(f"{of}_consumption_tax")
    if excise and "rate" in excise.named.forms:
        return taxed / (ONE - inputs.number(f"{of}_consumption_tax"))
    return taxed + inputs.money(f"{of}_consumption_tax", ZERO)


def _material(inputs: Inputs) -> Decimal:
    """免税购进原材料价格: given, or by the plan ratio, or the composite price of imports.

    Domestic duty-free purchases come on top of bonded imports.
    """
    if inputs.has("exempt_material"):
        return inputs.money("exempt_material")  # both of them
    if inputs.has("bonded_material"):
        bonded = inputs.money("bonded_material")
    elif _uses_plan_ratio(inputs) and not inputs.has("exempt_material_cif"):
        processing = inputs.money(
            "processing_fob", None if inputs.has("processing_fob") else _fob(inputs)
        )
        if inputs.has("export_fob") and processing > inputs.money("export_fob"):  # a part of it
            raise inputs.bad("processing_fob", processing)
        bonded = _plan_ratio(inputs) * processing
    else:
        bonded = _composite_price(inputs)
    return bonded + inputs.money("domestic_exempt_material", ZERO)


def _fob(inputs: Inputs) -> Decimal:
    """出口货物离岸价 in CNY: given, or brought to FOB from another term.

    What is in the price, or comes on top, is in its currency where its own form does not say.
    """
    words = (*PRICES, "amount", "processing_fob")
    word = next((word for word in words if inputs.has(word)), words[0])
    price, given = inputs.money(word), inputs.given(word)
    foreign = given is not None and inputs.is_foreign(given.named)
    charges = ZERO
    for name in _charges(inputs, word):
        part = inputs.given(name)
        charge = inputs.money(name, ZERO, of=price)
        bare = part and not part.named.forms and not part.named.currency
        if given and foreign and bare and not inputs.is_share(name):
            rate, inverse = inputs.exchange(given.named)
            charge = charge / rate if inverse else charge * rate
        charges += charge if name in INLAND else -charge
    return price + charges - inputs.money("export_returns", ZERO)


def _charges(inputs: Inputs, word: str) -> tuple[str, ...]:
    """What is between a price and FOB: in the price, or, of one ex works, on top of it."""
    if word == "amount":
        names = {"destination": "destination_charges"}
        term = inputs.text("terms")
        inside = tuple(names.get(part, part) for part in takes_off(term))
        return INLAND if trade_term(term) in ("EXW", "FCA", "FAS") else inside
    return INLAND if word == "export_exw" else inputs.vocabulary.words[word].contains


def _levy(inputs: Inputs) -> str:
    """The word of 征税率: a month may call it the rate of value-added tax."""
    return next((word for word in ("levy_rate", "vat_rate") if inputs.has(word)), "levy_rate")


def _rebate(inputs: Inputs) -> Decimal:
    """退税率: as given; before or after a change, or of a group of goods, by the day of export."""
    if inputs.has("group", "code") and not inputs.has("rebate_rate", "changed_on"):
        return _rate_of(inputs, inputs.day("export_date")).refund_rate
    if inputs.has("rebate_rate") or not inputs.has("changed_on"):
        return inputs.number("rebate_rate")
    after = inputs.day("export_date") >= inputs.day("changed_on")
    return inputs.number("rebate_rate_after" if after else "rebate_rate_before")


def _line(inputs: Inputs, material: Decimal) -> ExportLine:
    levy, rebate = inputs.number(_levy(inputs)), _rebate(inputs)
    exported = inputs.day("export_date") if inputs.has("export_date") else None
    claimed = inputs.money("claimed_fob") if inputs.has("claimed_fob") else None
    return ExportLine(
        _fob(inputs),
        levy_rate=effective_levy(levy, rebate, exported),
        refund_rate=rebate,
        material_cny=material,
        claimed_cny=claimed,
    )


def _lines(inputs: Inputs) -> tuple[ExportLine, ...]:
    groups = inputs.parts("lines")
    if not groups:
        return (_line(inputs, _material(inputs)),)
    apart = any(group.own(*MATERIAL) for group in groups)
    lines = [_line(group, _material(group) if group.own(*MATERIAL) else ZERO) for group in groups]
    common = ZERO if apart else _material(inputs)
    if common and len({(line.levy_rate, line.refund_rate) for line in lines}) > 1:
        raise inputs.error("check.material_of_no_group")
    if common:
        lines.append(replace(lines[0], fob_cny=ZERO, claimed_cny=None, material_cny=common))
    return tuple(lines)


def _input_tax(inputs: Inputs, default: Decimal | None) -> Decimal:
    """当期进项: given, in parts, or of purchases; less what moves out for other reasons."""
    given = inputs.given("input_tax")
    if given and isinstance(given.value, list):
        tax = sum(inputs.numbers("input_tax"), ZERO)
    elif given is None and inputs.has("purchases"):
        tax = _tax_on(inputs, "purchases", "input_rate")
    else:
        tax = inputs.money("input_tax", default)
    return tax - inputs.money("input_transfer_out", ZERO)


def _tax_on(inputs: Inputs, word: str, rate: str) -> Decimal:
    """The tax on an amount that is given without or with it."""
    share = inputs.number(rate)
    return inputs.money(word, tax="net", rate=share) * share


def _home_output_tax(inputs: Inputs) -> Decimal:
    """销项税额 of sales at home, and of exports that are taxed like them (视同内销)."""
    deemed = inputs.money("deemed_domestic_fob", ZERO)
    tax = output_tax(deemed, inputs.number(_levy(inputs))) if deemed else ZERO
    return tax + _sold_at_home(inputs)


def _sold_at_home(inputs: Inputs) -> Decimal:
    if inputs.has("domestic_lines"):
        lines = inputs.parts("domestic_lines")
        return sum((_tax_on(line, "sales", "rate") for line in lines), ZERO)
    if inputs.has("domestic_output_tax") and inputs.has("domestic_sales"):
        sales = inputs.money("domestic_sales")
        tax = inputs.money("domestic_output_tax", of=sales)
        if 0 < tax < min(ONE, sales / 100):  # less than any rate brings: it is a rate
            raise inputs.missing("domestic_rate")
        return tax
    if not inputs.has("domestic_sales"):
        return inputs.money("domestic_output_tax", ZERO)
    rates = ("domestic_rate", "levy_rate", "vat_rate", "rate")
    rate = next((word for word in rates if inputs.has(word)), rates[0])
    return _tax_on(inputs, "domestic_sales", rate)


def _month(inputs: Inputs, *, first: bool = True, input_tax: Decimal | None = None) -> FirmMonth:
    """The month of a case; only the first one takes opening figures that stand around them."""
    credit = inputs if first else replace(inputs, outer=None)
    return FirmMonth(
        exports=_lines(inputs),
        domestic_output_tax_cny=_home_output_tax(inputs),
        input_tax_cny=_input_tax(inputs, input_tax),
        opening=Opening(
            credit.money("opening_credit", ZERO),
            credit.money("opening_reduction_nd", ZERO),
            credit.money("opening_reduction_ecr", ZERO),
        ),
        period=inputs.text("period", ""),
    )


MONTH = ("reduction_nd", "nondeductible", "tax_raw", "reduction_ecr", "ecr", "closing_credit",
         "refund", "exempt_credit", "carry_forward", "vat_payable", "reduction_nd_carry",
         "reduction_ecr_carry")  # fmt: skip
TOTALS = ("export_fob_cny", "nondeductible", "ecr", "refund", "exempt_credit", "vat_payable")


def _month_answers(inputs: Inputs, result: MonthResult) -> dict[str, Decimal]:
    answers: dict[str, Decimal] = {name: getattr(result, name) for name in MONTH}
    answers |= {"export_fob_cny": result.fob_cny, "exempt_material": result.material_cny}
    answers["input_tax"] = _input_tax(inputs, ZERO) + inputs.money("input_transfer_out", ZERO)
    answers["domestic_output_tax"] = _home_output_tax(inputs)
    return answers | ({"plan_ratio": _plan_ratio(inputs)} if _uses_plan_ratio(inputs) else {})


def _surtaxes(inputs: Inputs, payable: Decimal, exempt: Decimal) -> dict[str, Decimal]:
    if inputs.has("surtax_rate"):  # of all of them together
        base = payable + exempt
        kept = ONE - inputs.number("relief_share", ZERO)
        return {"surtax_base": base, "surtax_total": base * inputs.number("surtax_rate") * kept}
    place = meanings("places").get(inputs.text("location", "city").strip().lower(), "city")
    rates = surtax_rates()[place]
    words = {"urban": "urban", "education": "edu", "local_education": "local_edu"}
    own: Any = {n: inputs.number(f"{word}_rate", getattr(rates, n)) for n, word in words.items()}
    charged = surtaxes(payable, exempt, rates=replace(rates, **own))
    kept = ONE - inputs.number("relief_share", ZERO)
    taxes = {f"{word}_tax": kept * getattr(charged, name) for name, word in words.items()}
    return {"surtax_base": charged.base, "surtax_total": sum(taxes.values(), ZERO)} | taxes


@solves("ecr", "ecr_multi")
def ecr(inputs: Inputs) -> Answers:
    """免抵退税, one month or several with carry; the last month's credit stands outside too."""
    months = inputs.parts("periods") or [inputs]
    results = solve_months([_month(month, first=month is months[0]) for month in months])
    answers = [
        _month_answers(month, result) | _surtaxes(month, result.vat_payable, result.exempt_credit)
        for month, result in zip(months, results, strict=True)
    ]
    if not inputs.has("periods"):
        return {**answers[0]}
    listed: list[Value] = [{**month} for month in answers]
    return {
        **{f"{name}_total": sum((month[name] for month in answers), ZERO) for name in TOTALS},
        "surtax_total": sum((month["surtax_total"] for month in answers), ZERO),
        "carry_forward": answers[-1]["carry_forward"],
        "periods": listed,
    }


@solves("ecr_nondeductible_only")
def nondeductible(inputs: Inputs) -> Answers:
    """不得免征和抵扣税额, with the month's other figures where its taxes are given."""
    (result,) = solve_months([_month(inputs, input_tax=ZERO)])
    return {**_month_answers(inputs, result)}


RATES = ("invoice_rate", "vat_rate", "levy_rate", "invoice_tax")
"""Words that say what tax is on a purchase."""


def _net_and_rate(line: Inputs) -> tuple[Decimal, Decimal]:
    """What a purchase is without tax, and the rate of its invoice."""
    word = next((word for word in RATES if line.has(word)), None)
    amounts = ("invoice", "purchase", "import_customs_value", "processing_fee", "unit_price")
    amount = next((word for word in amounts if line.has(word)), None)
    if word == "invoice_tax" and amount:
        rate = line.money("invoice_tax") / line.money(amount)
    elif word is None and amount and "net" in line.needed(amount, "net").named.forms:
        # the refund is of the net amount; the tax on it stays unsaid
        rate = ZERO if _is_of_consumption_tax(line) else _rebate(line)
    else:
        rate = line.number(RATES[0] if word in (None, "invoice_tax") else word)
    return _base_of(line, amount, rate), rate


def _purchase(line: Inputs) -> Purchase:
    (net, rate), tax_alone = _net_and_rate(line), _is_of_consumption_tax(line)
    rebate = ZERO if tax_alone else _rebate(line)
    return Purchase(net, rate, rebate, _consumption_tax(line, net))


def _is_of_consumption_tax(line: Inputs) -> bool:
    """Whether a purchase has no refund of value-added tax, only one of consumption tax."""
    return line.has("consumption_tax") and not line.has("rebate_rate", "changed_on")


def _base_of(line: Inputs, amount: str | None, rate: Decimal) -> Decimal:
    """计税依据 of a purchase: what its invoice or certificate has without tax."""
    if amount is None and line.has("invoice_tax"):
        return line.money("invoice_tax") / rate
    net = line.money(amount or "invoice", tax="net", rate=rate)
    net -= line.money("returned", ZERO, tax="net", rate=rate)
    if amount == "unit_price":
        net *= line.number("export_quantity" if line.has("export_quantity") else "quantity")
    elif line.has("export_share"):
        net *= line.number("export_share")
    elif line.has("export_quantity"):  # a part of what the invoice has
        exported, bought = line.number("export_quantity"), line.number("purchase_quantity")
        if not 0 <= exported <= bought or not bought:
            raise line.bad("export_quantity", exported)
        net *= exported / bought
    if amount == "import_customs_value":  # 海关缴款书的完税价格: with the duty
        net += line.money("import_duty", ZERO, of=net)
    if amount == "processing_fee":  # 委托加工: with the trader's material sold to the processor
        net += line.money("material", ZERO, tax="net", rate=rate)
    return net


def _consumption_tax(line: Inputs, net: Decimal) -> Decimal:
    """消费税: a sum, a share of the value, so much for each unit (从量), or both (复合计税)."""
    base = line.money("consumption_tax_base", net)
    here = line.every("consumption_tax")
    if len({(item.named.forms, item.named.per) for item in here}) < 2:
        return line.money("consumption_tax", ZERO, of=base)
    line.asked.update(item.name for item in here)
    return sum((line.money_of(item, of=base) for item in here), ZERO)


def _trader_answers(purchases: list[Purchase]) -> Answers:
    result = trader_refund(purchases)
    names = ("base", "input_tax", "refund", "cost_addition", "consumption_refund")
    answers: Answers = {name: getattr(result, name) for name in names}
    return answers | {"total_refund": result.refund + result.consumption_refund}


@solves("er")
def er(inputs: Inputs) -> Answers:
    """免退税 of a trading company."""
    listed = inputs.parts("lines")
    if len(listed) > 1 and inputs.own("returned"):  # of which of them?
        raise inputs.bad("returned", inputs.money("returned"))
    purchases = [_purchase(line) for line in listed or [inputs]]
    lines: list[Value] = [_trader_answers([purchase]) for purchase in purchases]
    answers = _trader_answers(purchases) | {"lines": lines}
    unsaid = set[str]()
    for line in listed or [inputs]:
        if not line.has(*RATES):
            unsaid |= {"input_tax", "cost_addition"}
        if _is_of_consumption_tax(line):
            unsaid |= {"refund", "cost_addition", "total_refund"}
    return answers | dict.fromkeys(unsaid)


@solves("surtax")
def surtax(inputs: Inputs) -> Answers:
    """附加税费, on the tax to pay and the exempt-credit amount, or on the month's two figures."""
    answers: Answers = {}
    exempt = inputs.money("exempt_credit", ZERO)
    tax = inputs.money("tax_raw", ZERO if inputs.has("exempt_credit") else None)
    if not inputs.has("exempt_credit"):
        ceiling = inputs.money("ecr")
        refund = min(max(ZERO, -tax), ceiling)
        exempt = ceiling - refund
        answers = {"refund": refund, "carry_forward": max(ZERO, -tax) - refund}
    payable = inputs.money("vat_payable", max(ZERO, tax))
    answers |= {"exempt_credit": exempt, "vat_payable": payable}
    return answers | _surtaxes(inputs, payable, exempt)


@solves("taxable_export")
def taxable_export(inputs: Inputs) -> Answers:
    """视同内销: (离岸价 − 保税料件) ÷ (1 + 税率) × 税率."""
    fob, bonded = _fob(inputs), _material(inputs)
    rate = inputs.number("rate" if inputs.has("rate") else _levy(inputs))
    tax = output_tax(fob, rate, bonded_cny=bonded)
    home = _home_output_tax(inputs)
    taken_off = inputs.sum("input_tax", "nondeductible_returned", "opening_credit")
    due = tax + home - taken_off
    answers: Answers = {
        "export_fob_cny": fob,
        "bonded_material": bonded,
        "output_tax": tax,
        "taxable_sales": (fob - bonded) / (ONE + rate),
        "vat_payable": due,
    }
    return answers | _surtaxes(inputs, max(ZERO, due), ZERO)


@solves("levy_then_refund")
def levy_then_refund(inputs: Inputs) -> Answers:
    """先征后退: exports are taxed like sales at home; the refund is of their FOB price."""
    material = _material(inputs) if inputs.has(*MATERIAL) else ZERO
    return {"export_fob_cny": _fob(inputs), "exempt_material": material,
            "domestic_output_tax": _home_output_tax(inputs),
            "input_tax": _input_tax(inputs, None)}  # fmt: skip


@solves("export_to_domestic")
def export_to_domestic(inputs: Inputs) -> Answers:
    """出口转内销: a sale like any other; the tax kept apart for the refund is deducted."""
    for word in filter(inputs.has, ("export_share", "export_quantity")):
        raise inputs.bad(word, inputs.number(word))  # what was exported is a case of its own
    net, rate = _net_and_rate(inputs)
    return {"output_tax": _home_output_tax(inputs), "input_credit": net * rate}


@solves("input_transfer")
def input_transfer(inputs: Inputs) -> Answers:
    """免税出口的进项税额转出: 无法划分的进项税额 × 免税销售额 ÷ 全部销售额.

    Exports that are exempt and not refunded (来料加工 among them) take their part of the input tax
    that cannot be told apart with them: 财税〔2012〕39号 art. 6, VAT regulation art. 23 (2026).
    """
    exempt = inputs.money("exempt_sales")
    parts = ("other_sales", "refunded_sales")
    rest = exempt + inputs.sum(*parts) if inputs.has(*parts) else None
    total = inputs.money("total_sales", rest)
    if total <= 0 or exempt > total:
        raise inputs.bad("total_sales", total)
    tax = inputs.money("input_tax")
    own = inputs.money("exempt_input_tax", ZERO)
    moved = tax * exempt / total + own
    return {"input_transfer_out": moved, "exempt_share": exempt / total,
            "deductible": tax + own - moved}  # fmt: skip


def _declared_charge(inputs: Inputs, name: str, price: Decimal) -> Decimal:
    """A charge as declared: by its mark, a share, or a sum; what is a sum is at its own rate.

    A share of the price is in the price's currency whatever the charge's is.
    """
    marked = inputs.has(f"{name}_mark")
    if marked:
        tonnes = inputs.number("weight_t") if inputs.has("weight_t") else None
        mark = inputs.text(f"{name}_mark")
        number = inputs.number(name)
        value = declared_charge(mark, number, of=price, tonnes=tonnes, name=name)
    else:
        value = inputs.money(name, ZERO, of=price)
    share = is_share_mark(mark) if marked else inputs.is_share(name)
    if share or not inputs.has(f"{name}_fx"):
        return value
    return value * inputs.quote(f"{name}_fx")


@solves("fob_conversion")
def fob_conversion(inputs: Inputs) -> Answers:
    """折算离岸价."""
    inputs = replace(inputs, foreign=True)
    word = "amount" if inputs.has("amount") else next(filter(inputs.has, PRICES), "amount")
    price, term = inputs.money(word), inputs.text("terms", PRICES.get(word))
    if word in PRICES and trade_term(term) != PRICES[word]:
        raise inputs.bad("terms", term)
    freight = _declared_charge(inputs, "freight", price)
    if inputs.has("insurance_mark", "insurance_fx"):
        insurance = _declared_charge(inputs, "insurance", price)
    else:
        insurance = insurance_given(inputs, price)
    fob = fob_price(
        term,
        price,
        freight=freight,
        insurance=insurance,
        misc=_declared_charge(inputs, "misc", price)
        + (commission := inputs.money("commission", ZERO, of=price)),
        inland=inputs.sum(*INLAND),
        destination=inputs.money("destination_charges", ZERO),
        duty=inputs.sum("duty", "import_vat"),
    )
    parts = {"freight": freight, "insurance": insurance, "commission": commission}
    answers: Answers = {"fob": fob, **parts}
    return answers | ({"fob_cny": fob * inputs.quote("fx")} if inputs.has("fx") else {})


def _rate_of(inputs: Inputs, on: date) -> DatedRate:
    code = inputs.text("code", "") if inputs.has("code") else ""
    group = inputs.text("group") if inputs.has("group") or not code else None
    return dated_rate(on, group=group, code=code)


def _rate_on(inputs: Inputs, on: date) -> Answers:
    rate = _rate_of(inputs, on)
    return {
        "export_date": on.isoformat(),
        "rebate_rate": rate.refund_rate,
        "levy_rate": rate.levy_rate,
        "cancelled": rate.cancelled,
    }


@solves("dated_rate")
def rate_of_day(inputs: Inputs) -> Answers:
    """退税率 on the day of the case, and on each day of the series that it expects."""
    series = inputs.expected.get("series")
    rows = [row for row in series if isinstance(row, dict)] if isinstance(series, list) else []
    days = [inputs.table(row, apart=True).day("export_date") for row in rows]
    answers: Answers = {"series": [_rate_on(inputs, day) for day in days]} if days else {}
    if inputs.has("export_date", "departure_date", "invoice_date") or not days:
        # of export, of departure from a special zone, else of the invoice
        undeclared = inputs.has("invoice_date") and not inputs.has("export_date")
        day = "departure" if inputs.has("zone") else "invoice" if undeclared else "export"
        answers |= _rate_on(inputs, inputs.day(f"{day}_date"))
    return answers


@solves("deadline")
def deadline(inputs: Inputs) -> Answers:
    """申报期限."""
    contract, claim = "contract_receipt_date", "claim_date"
    receipt_due = inputs.day(contract) if inputs.has(contract) else None
    days = deadlines(inputs.day("export_date"), receipt_due=receipt_due)
    names = ("ordinary_claim_by", "fx_receipt_by", "absolute_claim_by", "deemed_domestic_on")
    dates = {name: getattr(days, name) for name in names}
    answers: Answers = {name: day.isoformat() if day else None for name, day in dates.items()}
    if inputs.has(claim) and inputs.day(claim) < inputs.day("export_date"):
        raise inputs.bad(claim, inputs.text(claim))
    return answers | ({"status": state_on(days, inputs.day(claim))} if inputs.has(claim) else {})


@solves("processing_reconciliation")
def reconciliation(inputs: Inputs) -> Answers:
    """进料加工核销."""
    if inputs.has("actual_ratio"):
        actual = inputs.number("actual_ratio")
    else:
        actual = ratio(inputs.money("actual_import"), inputs.money("actual_export"))
    fob = inputs.money("processing_fob")
    levy, back, planned = (*map(inputs.number, ("levy_rate", "rebate_rate")), _plan_ratio(inputs))
    line = reconcile(fob, planned, actual, levy_rate=levy, refund_rate=back)
    return {
        "plan_ratio": planned,
        "actual_ratio": actual,
        "material_difference": line.material_cny,
        "nondeductible_adjustment": -line.material_cny * line.gap,
        "ecr_adjustment": -line.material_cny * line.refund_rate,
    }
