"""``offing quote``: one shipment from the works to landed, as a waterfall with its rules."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json
from offing.cli.waterfall import (
    print_charges,
    print_quote,
    print_refund,
    print_reverse,
    print_steps,
)
from offing.landed.explain import charges as charges_of
from offing.landed.explain import steps as steps_of
from offing.landed.quote import Reverse as Answer
from offing.landed.quote import cost as cost_of
from offing.landed.quote import prepare
from offing.landed.quote import reverse as walk_back
from offing.landed.shipment import QuoteRequest, money_of
from offing.policy.overlay import Rules, today, under_all, unused
from offing.rules.duty_units import UNITS
from offing.rules.reform import read_reform
from offing.rules.regime_file import with_files
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Mode
from offing.rules.tariff import national
from offing.study.costs import (
    UnitRefund,
    carriage_sums,
    importer_of,
    km_between,
    refund_rate_of,
    request_for,
    with_refund,
)
from offing.study.file import ProductFacts, Study, read_study
from offing.terms.countries import country_code
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError
from offing.terms.exchange import FxTable, given_rates
from offing.terms.incoterms import INCOTERMS
from offing.terms.messages import enumerated, say
from offing.terms.money import Money, exact
from offing.terms.nearest import nearest
from offing.terms.units import Unit
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of

T = TypeVar("T", bound=str)
Many = list[str]
TAX_OF_ONE_UNIT = ("refund_cny", "not_deductible_cny")
"""Where the user gives one of these, the study's own are not computed."""


def quote(
    product: Annotated[
        str | None, Parameter(name="PRODUCT", help=say("landed.help_product"))
    ] = None,
    destination: Annotated[
        str | None, Parameter(name="DESTINATION", help=say("landed.help_destination"))
    ] = None,
    /,
    *,
    study: Annotated[Path | None, Parameter(help=say("landed.help_study"))] = None,
    of: Annotated[
        str | None, Parameter(name="--product", help=say("landed.help_study_product"))
    ] = None,
    on: Annotated[date | None, Parameter(help=say("landed.help_on"))] = None,
    cost: Annotated[str | None, Parameter(help=say("landed.help_cost"))] = None,
    currency: Annotated[str | None, Parameter(help=say("landed.help_currency"))] = None,
    quantity: Annotated[str | None, Parameter(help=say("landed.help_quantity"))] = None,
    unit: Annotated[str | None, Parameter(help=say("landed.help_unit"))] = None,
    origin: Annotated[str | None, Parameter(help=say("landed.help_origin"))] = None,
    unit_kg: Annotated[str | None, Parameter(help=say("landed.help_unit_kg"))] = None,
    unit_m3: Annotated[str | None, Parameter(help=say("landed.help_unit_m3"))] = None,
    inland: Annotated[str | None, Parameter(help=say("landed.help_inland"))] = None,
    clearance: Annotated[str | None, Parameter(help=say("landed.help_clearance"))] = None,
    freight: Annotated[str | None, Parameter(help=say("landed.help_freight"))] = None,
    insurance_rate: Annotated[str | None, Parameter(help=say("landed.help_insurance_rate"))] = None,
    markup: Annotated[str | None, Parameter(help=say("landed.help_markup"))] = None,
    destination_costs: Annotated[
        str | None, Parameter(help=say("landed.help_destination_costs"))
    ] = None,
    fees: Annotated[str | None, Parameter(help=say("landed.help_fees"))] = None,
    price: Annotated[str | None, Parameter(help=say("landed.help_price"))] = None,
    term: Annotated[str | None, Parameter(help=say("landed.help_term"))] = None,
    mode: Annotated[str | None, Parameter(help=say("landed.help_mode"))] = None,
    code: Annotated[str | None, Parameter(help=say("landed.help_code"))] = None,
    duty: Annotated[Many | None, Parameter(help=say("landed.help_duty"), negative="")] = None,
    preference: Annotated[str | None, Parameter(help=say("landed.help_preference"))] = None,
    rate: Annotated[Many | None, Parameter(help=say("landed.help_rate"), negative="")] = None,
    rates_on: Annotated[date | None, Parameter(help=say("landed.help_rates_on"))] = None,
    measure: Annotated[Many | None, Parameter(help=say("landed.help_measure"), negative="")] = None,
    element: Annotated[Many | None, Parameter(help=say("landed.help_element"), negative="")] = None,
    not_deductible_cny: Annotated[
        str | None, Parameter(help=say("landed.help_not_deductible"))
    ] = None,
    refund_cny: Annotated[str | None, Parameter(help=say("landed.help_refund"))] = None,
    reverse: Annotated[str | None, Parameter(help=say("landed.help_reverse"))] = None,
    trade_share: Annotated[str, Parameter(help=say("landed.help_trade_share"))] = "0",
    reform: Annotated[
        list[Path] | None, Parameter(help=say("landed.help_reform"), negative="")
    ] = None,
    rules: Annotated[
        list[Path] | None, Parameter(help=say("landed.help_rules"), negative="")
    ] = None,
    explain: Annotated[bool, Parameter(help=say("landed.help_explain"), negative="")] = False,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Cost one shipment from the works to landed, on a day."""
    words = [word for word in (product, destination) if word is not None]
    of_study = None if study is None else read_study(study)
    named = of if of is not None or (of_study and len(words) < 2) else _next(words, "PRODUCT")
    place = _next(words, "DESTINATION")
    if words:
        raise InputError("landed.too_many_words", text=place)
    market = country_code(place)
    km = None
    known = today()
    known = replace(known, rulebook=with_files(known.rulebook, rules or []))
    reforms = [read_reform(path) for path in reform or []]
    laws = under_all(known, reforms)
    book = laws.rulebook
    house = Warehouse.open(warehouse)
    facts = None if of_study is None else _facts(of_study, named)
    if of_study is None or facts is None:
        assert named is not None
        base = QuoteRequest(national(named), market, date.today(), Decimal(1), "CNY")  # noqa: DTZ011 - the user's own day
    else:
        km = km_between(house, of_study.firm.origin, market)
        base = request_for(of_study, facts, market, importer_of(book, market), km)
    to = base.currency if currency is None else currency_code(currency)
    mine = _given(
        on=on,
        currency=to,
        quantity=None if quantity is None else money_of(quantity, to).amount,
        cost=_money(cost, to),
        origin=None if origin is None else country_code(origin),
        unit=_one_of(unit, get_args(Unit), "--unit"),
        not_deductible_cny=_amount_in(not_deductible_cny, "CNY"),
        refund_cny=_amount_in(refund_cny, "CNY"),
        inland=_money(inland, to),
        export_clearance=_money(clearance, to),
        freight=_money(freight, to),
        insurance_rate=_exact(insurance_rate),
        insured_markup=_exact(markup),
        destination_costs=_money(destination_costs, to),
        fees=_money(fees, to),
        price=_money(price, to),
        price_term=_one_of(term, INCOTERMS, "--term"),
        mode=_one_of(mode, get_args(Mode), "--mode"),
        national_code=None if code is None else national(code),
        duties=_duties(duty or []) or None,
        preference=preference,
        unit_kg=_exact(unit_kg),
        unit_m3=_exact(unit_m3),
        quantities=_pairs(measure or [], units=True),
        elements=_pairs(element or []),
        rates=given_rates(rate or []),
        rates_on=rates_on,
    )
    request: QuoteRequest = replace(base, **mine)
    answer = None
    fx = laws.fx(fx_of(house, request.rates_on or request.on, request.rates))
    if reverse is not None:
        shelf = money_of(reverse, book.regime(request.destination).currency)
        answer = walk_back(request, shelf, book, house, trade_share=exact(trade_share), fx=fx)
        request = answer.request
    refund, rule, refund_rate = None, None, Decimal(0)
    if of_study is not None and facts is not None and not {*mine} & {*TAX_OF_ONE_UNIT}:
        request, refund, refund_rate, rule = _refunded(of_study, facts, request, laws, fx, house)
    ready = prepare(request, book, house, fx)
    made = cost_of(request, ready)
    uses = made.rules if rule is None else (*made.rules, rule)
    made = replace(made, warnings=(*made.warnings, *unused(reforms, uses)))
    steps = steps_of(request, ready) if explain else ()
    if of_study is not None and facts is not None:
        sums = carriage_sums(of_study, facts, km)
        steps = tuple(
            replace(step, key="landed.step_study", sum=sums[step.name])
            if step.name in sums and step.name not in mine
            else step
            for step in steps
        )
    trace = charges_of(request, ready) if explain else ()
    if as_json:
        print_json(
            {
                "quote": made,
                "steps": steps,
                "trace": trace,
                "reverse": _reverse_data(answer),
                "refund_of_one_unit": None if refund is None else _refund_data(refund, rule),
            }
        )
        return
    print_quote(made)
    if refund is not None:
        print_refund(refund, refund_rate, rule)
    if explain:
        print_steps(steps)
        print_charges(trace)
    if answer is not None:
        print_reverse(answer, reverse or "")


def _next(words: list[str], name: str) -> str:
    if not words:
        raise InputError("landed.missing_word", name=name)
    return words.pop(0)


def _facts(study: Study, named: str | None) -> ProductFacts:
    """The product of a study that is meant: the one named, or the only one."""
    codes = [facts.code for facts in study.product]
    if named is None:
        if len(codes) == 1:
            return study.product[0]
        raise InputError("landed.which_product", known=enumerated(codes), example=codes[0])
    wanted = national(named)
    if wanted not in codes:
        near = nearest(wanted, codes) or codes[0]
        raise InputError("landed.not_in_study", code=named, known=enumerated(codes), near=near)
    return study.product[codes.index(wanted)]


def _refunded(
    study: Study,
    facts: ProductFacts,
    request: QuoteRequest,
    laws: Rules,
    fx: FxTable,
    house: Warehouse,
) -> tuple[QuoteRequest, UnitRefund, Decimal, RuleUse | None]:
    """The shipment with the firm's marginal refund at its own price."""
    refund_rate, rule = refund_rate_of(
        facts, request.exported or request.on, rates=laws.refund_rates
    )
    found = with_refund(
        request,
        study.firm,
        facts,
        refund_rate=refund_rate,
        fx=fx,
        rulebook=laws.rulebook,
        warehouse=house,
    )
    return found.request, found.refund, refund_rate or Decimal(0), rule


def _given(**values: Any) -> dict[str, Any]:
    """The options that the user gave: they win over the study's and the usual ones."""
    return {name: value for name, value in values.items() if value is not None and value != {}}


def _money(text: str | None, currency: str) -> Money | None:
    return None if text is None else money_of(text, currency)


def _amount_in(text: str | None, currency: str) -> Decimal | None:
    return None if text is None else money_of(text, currency).amount


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else exact(text)


def _one_of(text: str | None, options: tuple[T, ...], option: str) -> T | None:
    if text is None:
        return None
    for option_known in options:
        if text.strip().casefold() == option_known.casefold():
            return option_known
    raise InputError(
        "landed.bad_choice",
        text=text,
        option=option,
        known=enumerated(options),
        near=nearest(text.strip(), options) or options[0],
    )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.rpartition("=")
    if not sign or not name.strip():
        raise InputError("landed.bad_pair", text=text)
    return name.strip(), value.strip()


def _pairs(texts: list[str], *, units: bool = False) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for text in texts:
        name, value = _pair(text)
        if units and name not in UNITS:
            raise InputError(
                "landed.unknown_unit",
                unit=name,
                known=enumerated(sorted(UNITS)),
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


def _refund_data(refund: UnitRefund, rule: RuleUse | None) -> dict[str, Any]:
    return {
        "refund": refund.refund,
        "simple_refund": refund.simple,
        "lost": refund.lost,
        "effect": refund.effect,
        "why": refund.why(),
        "rule": rule,
    }
