"""``offing quote``: one shipment from the works to landed, as a waterfall with its rules."""

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, TypeVar, get_args

from cyclopts import Parameter
from rich.text import Text

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import console, print_json, table
from offing.costing.duty_units import UNITS
from offing.costing.fx import given_rates
from offing.costing.quote import Reverse as Answer
from offing.costing.quote import Trace, prepare
from offing.costing.quote import cost as cost_of
from offing.costing.quote import explain as trace_of
from offing.costing.quote import reverse as walk_back
from offing.costing.reform import read_reform, with_overlay
from offing.costing.regime_file import shipped, with_files
from offing.costing.rulebook import Mode
from offing.costing.shape import CostLine, Quote, RuleUse
from offing.costing.shipment import QuoteRequest, money_of
from offing.costing.tariff import national
from offing.terms.countries import country_code, country_name
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError
from offing.terms.incoterms import INCOTERMS
from offing.terms.messages import known, say
from offing.terms.money import Money, exact
from offing.terms.nearest import nearest
from offing.terms.units import Unit
from offing.warehouse import Warehouse

T = TypeVar("T", bound=str)
Many = list[str]


def quote(
    product: Annotated[str, Parameter(help=say("costing.help_product"))],
    destination: Annotated[str, Parameter(help=say("costing.help_destination"))],
    *,
    on: Annotated[date | None, Parameter(help=say("costing.help_on"))] = None,
    cost: Annotated[str | None, Parameter(help=say("costing.help_cost"))] = None,
    currency: Annotated[str, Parameter(help=say("costing.help_currency"))] = "CNY",
    quantity: Annotated[str, Parameter(help=say("costing.help_quantity"))] = "1",
    unit: Annotated[str, Parameter(help=say("costing.help_unit"))] = "item",
    origin: Annotated[str, Parameter(help=say("costing.help_origin"))] = "CHN",
    unit_kg: Annotated[str | None, Parameter(help=say("costing.help_unit_kg"))] = None,
    unit_m3: Annotated[str | None, Parameter(help=say("costing.help_unit_m3"))] = None,
    inland: Annotated[str | None, Parameter(help=say("costing.help_inland"))] = None,
    clearance: Annotated[str | None, Parameter(help=say("costing.help_clearance"))] = None,
    freight: Annotated[str | None, Parameter(help=say("costing.help_freight"))] = None,
    insurance_rate: Annotated[str, Parameter(help=say("costing.help_insurance_rate"))] = "0",
    markup: Annotated[str, Parameter(help=say("costing.help_markup"))] = "0.10",
    destination_costs: Annotated[
        str | None, Parameter(help=say("costing.help_destination_costs"))
    ] = None,
    fees: Annotated[str | None, Parameter(help=say("costing.help_fees"))] = None,
    price: Annotated[str | None, Parameter(help=say("costing.help_price"))] = None,
    term: Annotated[str, Parameter(help=say("costing.help_term"))] = "FOB",
    mode: Annotated[str, Parameter(help=say("costing.help_mode"))] = "sea",
    code: Annotated[str | None, Parameter(help=say("costing.help_code"))] = None,
    duty: Annotated[Many | None, Parameter(help=say("costing.help_duty"), negative="")] = None,
    preference: Annotated[str | None, Parameter(help=say("costing.help_preference"))] = None,
    rate: Annotated[Many | None, Parameter(help=say("costing.help_rate"), negative="")] = None,
    rates_on: Annotated[date | None, Parameter(help=say("costing.help_rates_on"))] = None,
    measure: Annotated[
        Many | None, Parameter(help=say("costing.help_measure"), negative="")
    ] = None,
    element: Annotated[
        Many | None, Parameter(help=say("costing.help_element"), negative="")
    ] = None,
    not_deductible_cny: Annotated[str, Parameter(help=say("costing.help_not_deductible"))] = "0",
    refund_cny: Annotated[str, Parameter(help=say("costing.help_refund"))] = "0",
    reverse: Annotated[str | None, Parameter(help=say("costing.help_reverse"))] = None,
    trade_share: Annotated[str, Parameter(help=say("costing.help_trade_share"))] = "0",
    reform: Annotated[
        list[Path] | None, Parameter(help=say("costing.help_reform"), negative="")
    ] = None,
    rules: Annotated[
        list[Path] | None, Parameter(help=say("costing.help_rules"), negative="")
    ] = None,
    explain: Annotated[bool, Parameter(help=say("costing.help_explain"), negative="")] = False,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Cost one shipment from the works to landed, on a day."""
    of = currency_code(currency)
    request = QuoteRequest(
        product=national(product),
        destination=country_code(destination),
        on=on or date.today(),  # noqa: DTZ011 - the user's own day
        quantity=money_of(quantity, of).amount,
        currency=of,
        cost=_money(cost, of),
        origin=country_code(origin),
        unit=_one_of(unit, get_args(Unit), "--unit"),
        not_deductible_cny=money_of(not_deductible_cny, "CNY").amount,
        refund_cny=money_of(refund_cny, "CNY").amount,
        inland=_money(inland, of),
        export_clearance=_money(clearance, of),
        freight=_money(freight, of),
        insurance_rate=exact(insurance_rate),
        insured_markup=exact(markup),
        destination_costs=_money(destination_costs, of),
        fees=_money(fees, of),
        price=_money(price, of),
        price_term=_one_of(term, INCOTERMS, "--term"),
        mode=_one_of(mode, get_args(Mode), "--mode"),
        national_code=None if code is None else national(code),
        duties=_duties(duty or []),
        preference=preference,
        unit_kg=None if unit_kg is None else exact(unit_kg),
        unit_m3=None if unit_m3 is None else exact(unit_m3),
        quantities=_pairs(measure or [], units=True),
        elements=_pairs(element or []),
        rates=given_rates(rate or []),
        rates_on=rates_on,
    )
    book = with_files(shipped(), rules or [])
    for path in reform or []:
        book = with_overlay(book, read_reform(path))
    house = Warehouse.open(warehouse)
    answer = None
    if reverse is not None:
        shelf = money_of(reverse, book.regime(request.destination).currency)
        answer = walk_back(request, shelf, book, house, trade_share=exact(trade_share))
        request = answer.request
    ready = prepare(request, book, house)
    made = cost_of(request, ready)
    trace = trace_of(request, ready) if explain else ()
    if as_json:
        print_json({"quote": made, "trace": trace, "reverse": _reverse_data(answer)})
        return
    _print(made)
    if explain:
        _print_trace(trace)
    if answer is not None:
        _print_reverse(answer, reverse or "")


def _money(text: str | None, currency: str) -> Money | None:
    return None if text is None else money_of(text, currency)


def _one_of(text: str, options: tuple[T, ...], option: str) -> T:
    for option_known in options:
        if text.strip().casefold() == option_known.casefold():
            return option_known
    raise InputError(
        "costing.bad_choice",
        text=text,
        option=option,
        known=", ".join(options),
        near=nearest(text.strip(), options) or options[0],
    )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.rpartition("=")
    if not sign or not name.strip():
        raise InputError("costing.bad_pair", text=text)
    return name.strip(), value.strip()


def _pairs(texts: list[str], *, units: bool = False) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for text in texts:
        name, value = _pair(text)
        if units and name not in UNITS:
            raise InputError(
                "costing.unknown_unit",
                unit=name,
                known=", ".join(sorted(UNITS)),
                near=nearest(name, UNITS) or "kg",
            )
        found[name] = exact(value)
    return found


def _duties(texts: list[str]) -> dict[str, str]:
    """``14%`` is the customs duty; ``ipi=0.15`` another tax by product."""
    return dict(_pair(text) if "=" in text else ("mfn", text) for text in texts)


def _reverse_data(answer: Answer | None) -> dict[str, Decimal] | None:
    if answer is None:
        return None
    return {"exw": answer.exw, "fob": answer.fob, "landed": answer.landed}


def _amount(value: Decimal) -> str:
    return f"{value:,.2f}"


def _percent(text: str) -> str:
    """A share as a percentage of at most four decimals; other duty texts as they are."""
    try:
        share = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return text
    return f"{(share * 100).quantize(Decimal('0.0001')).normalize():f} %"


def _rate(line: CostLine, rule: RuleUse) -> str:
    """The rate, or what a specific or bounded duty amounts to here."""
    text = _percent(rule.value)
    if text.endswith(" %") or not line.base:
        return text
    return f"≈ {line.amount / line.base * 100:.2f} %"


def _span(use: RuleUse) -> str:
    if use.since is None and use.until is None:
        return say("costing.own_figure" if use.status == "user" else "costing.holds_undated")
    if use.until is None:
        return say("costing.holds_open", since=use.since)
    return say("costing.holds", since=use.since or "…", until=use.until)


def _label(name: str) -> str:
    for key in (f"costing.line_{name}", f"costing.base_{name}"):
        if known(key):
            return say(key)
    return name


def _cells(line: CostLine, numbers: dict[str, int]) -> list[str]:
    rule = line.rule
    return [
        _label(line.name) + (" ↩" if line.recoverable else ""),
        _amount(line.amount),
        _amount(line.per_unit),
        "" if rule is None else _rate(line, rule),
        "" if rule is None else f"[{numbers[rule.id]}] {say(f'costing.status_{rule.status}')}",
    ]


def _print(made: Quote) -> None:
    out = console()
    unit = say(f"costing.one_{made.unit}")
    numbers: dict[str, int] = {}
    for line in made.lines:
        if line.rule is not None:
            numbers.setdefault(line.rule.id, len(numbers) + 1)
    title = say(
        "costing.heading",
        product=made.product,
        origin=country_name(made.origin),
        destination=country_name(made.destination),
        quantity=f"{made.quantity:,f}",
        unit=say(f"costing.unit_{made.unit}"),
        day=made.on,
    )
    columns = [
        say("costing.column_line"),
        say("costing.column_amount", currency=made.currency),
        say("costing.column_per_unit", unit=unit),
        say("costing.column_rate"),
        say("costing.column_rule"),
    ]
    shown = table(
        title, columns, [_cells(line, numbers) for line in made.lines], text_columns=(0, 4)
    )
    for row, line in zip(shown.rows, made.lines, strict=True):
        row.style = "bold" if line.subtotal else ""
    out.print(shown)
    if made.landed_before_recoverable != made.landed:
        _say("recoverable_note", amount=_amount(made.landed_before_recoverable),
             currency=made.currency)  # fmt: skip
    if made.margin is not None and made.margin_rate is not None:
        _say("margin_note", amount=_amount(made.margin), currency=made.currency,
             share=f"{made.margin_rate * 100:.1f} %")  # fmt: skip
    if made.refund:
        _say("refund_note", amount=_amount(made.refund), currency=made.currency)
    if made.fx:
        rates = [
            say("costing.rate_note", base=made.currency, units=f"{units:.6g}", currency=code,
                day=day)
            for code, units, day in made.fx
        ]  # fmt: skip
        out.print(Text(say("costing.rates_heading") + "; ".join(rates)), soft_wrap=True)
    if numbers:
        out.print(Text(say("costing.rules_heading"), style="bold"))
    uses = {line.rule.id: line.rule for line in made.lines if line.rule is not None}
    for id_, number in numbers.items():
        use = uses[id_]
        status = say(f"costing.status_{use.status}")
        text = f"[{number}] {id_} = {_percent(use.value)}; {_span(use)}; {status}"
        out.print(Text(text), soft_wrap=True)
        if use.source:
            out.print(Text(f"    {use.source}"), soft_wrap=True)
    for key, values in made.warnings:
        out.print(Text("! " + say(key, **values), style="yellow"), soft_wrap=True)


def _say(key: str, /, **values: object) -> None:
    console().print(Text(say(f"costing.{key}", **values)), soft_wrap=True)


def _print_trace(trace: tuple[Trace, ...]) -> None:
    if not trace:
        return
    out = console()
    heading = say("costing.trace_heading", currency=trace[0].currency)
    out.print(Text(heading, style="bold"))
    for step in trace:
        values = {
            "name": _label(step.name),
            "rate": _percent(step.rule.value),
            "base": " + ".join(map(_label_of_base, step.base)),
            "base_amount": _amount(step.base_amount),
            "amount": _amount(step.amount),
        }
        plain = step.rule.value == " + ".join(step.base)
        kind = "sum" if plain else "gross_up" if step.gross_up else "rate"
        _say(f"trace_{kind}", **values)
        name = "trace_rounding" if step.legal else "trace_rounding_no_law"
        out.print(
            Text("    " + say(f"costing.{name}", rounding=step.rounding, legal=step.legal)),
            soft_wrap=True,
        )


def _label_of_base(name: str) -> str:
    key = f"costing.base_{name}"
    return say(key) if known(key) else _label(name)


def _print_reverse(answer: Answer, shelf: str) -> None:
    _say(
        "reverse_note",
        shelf=shelf,
        landed=_amount(answer.landed),
        fob=_amount(answer.fob),
        exw=_amount(answer.exw),
        currency=answer.quote.currency,
        unit=say(f"costing.one_{answer.quote.unit}"),
    )
