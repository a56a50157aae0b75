"""One shipment from the works to landed on a day, line by line, with the rules behind it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args

from offing.api import typed
from offing.api.asking import (
    Answer,
    Asked,
    Country,
    Currency,
    LawRequest,
    Named,
    open_warehouse,
    pairs,
    question,
)
from offing.api.given import one_of
from offing.landed.batch import Preferred, compare_preferences
from offing.landed.explain import CostStep, Trace
from offing.landed.explain import charges as charges_of
from offing.landed.explain import steps as steps_of
from offing.landed.quote import ShelfPrice, prepare, rates_of
from offing.landed.quote import cost as cost_of
from offing.landed.quote import reverse as walk_back
from offing.landed.shipment import AMOUNTS, ONE, Quote, Shipment, money_of
from offing.policy.in_force import LegalChange, Matter, legal_changes
from offing.policy.overlay import Rules, doubtful, unused_reforms
from offing.rules.duty_text import quantity_units
from offing.rules.register import ages, written_on
from offing.rules.requirements import Requirements, requirements_of
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Mode
from offing.rules.tariff import Tariffs, national, several_lines
from offing.sources.headings import heading_data, normalise_heading
from offing.study.costs import (
    Costing,
    UnitRefund,
    add_refund,
    carriage_sums,
    cost_with_own_duty,
    importer_of,
    km_between,
    other_plants,
    refund_rate_of,
    request_for,
    unknown_month,
)
from offing.study.file import Study, read_study
from offing.study.schema import Makes, ModelFacts, Plant
from offing.terms.caution import Caution
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, must_be_within, unknown_name
from offing.terms.hs import codes_of_other_years
from offing.terms.messages import join_list
from offing.terms.money import Money, exact, rate
from offing.terms.plain import values_of
from offing.terms.sale_terms import INCOTERMS, WITHOUT_VAT, mode_of, place_without_vat, usual_term
from offing.terms.text import Unit, normal, units
from offing.warehouse import Warehouse


@dataclass(frozen=True)
class QuoteRequest(LawRequest):
    """What does one shipment cost landed, and what is earned on it?

    ``offing quote --help`` explains every field. Amounts are exact: text (``"560 USD"``,
    ``"1.2万元"``), ``Decimal``, ``int`` or :class:`~offing.terms.money.Money`; without a currency
    they are in ``currency``.

    Attributes:
        product: HS or national code; the destination where a study or ``of`` names the product.
        cost, price, not_deductible_cny, refund_cny, unit_kg, unit_m3: of one unit.
        insurance_rate, insured_markup, trade_share: shares.
        duty: ``"14%"``, or ``{"ipi": "0.15"}`` by name.
        rate, measure, element: ``{"VND": 26300}``, or ``["VND=26300"]``.
    """

    product: Annotated[str | None, Asked("landed.help_product", word=True)] = None
    destination: Annotated[str | None, Asked("landed.help_destination", word=True)] = None
    study: Annotated[typed.File, Asked("landed.help_study")] = None
    of: Annotated[str | None, Asked("landed.help_study_product", name="--product")] = None
    on: Annotated[date | None, Asked("landed.help_on")] = None
    cost: Annotated[typed.Amount, Asked("landed.help_cost")] = None
    currency: Annotated[Currency | None, Asked("landed.help_currency")] = None
    quantity: Annotated[typed.Number, Asked("landed.help_quantity")] = None
    unit: Annotated[Unit | None, Asked("landed.help_unit")] = None
    origin: Annotated[Country | None, Asked("landed.help_origin")] = None
    unit_kg: Annotated[typed.Number, Asked("landed.help_unit_kg")] = None
    unit_m3: Annotated[typed.Number, Asked("landed.help_unit_m3")] = None
    inland: Annotated[typed.Amount, Asked("landed.help_inland")] = None
    export_clearance: Annotated[
        typed.Amount, Asked("landed.help_clearance", name="--clearance")
    ] = None
    freight: Annotated[typed.Amount, Asked("landed.help_freight")] = None
    insurance_rate: Annotated[typed.Number, Asked("landed.help_insurance_rate")] = None
    insured_markup: Annotated[typed.Number, Asked("landed.help_markup", name="--markup")] = None
    destination_costs: Annotated[typed.Amount, Asked("landed.help_destination_costs")] = None
    fees: Annotated[typed.Amount, Asked("landed.help_fees")] = None
    price: Annotated[typed.Amount, Asked("landed.help_price")] = None
    term: Annotated[str | None, Asked("landed.help_term")] = None
    mode: Annotated[str | None, Asked("landed.help_mode")] = None
    code: Annotated[Annotated[str, national] | None, Asked("landed.help_code")] = None
    duty: Annotated[Named | str, Asked("landed.help_duty")] = None
    preference: Annotated[str | None, Asked("landed.help_preference")] = None
    rate: Annotated[Named, Asked("landed.help_rate")] = None
    rates_on: Annotated[date | None, Asked("landed.help_rates_on")] = None
    rates_age: Annotated[int | None, Asked("landed.help_rates_age")] = None
    measure: Annotated[Named, Asked("landed.help_measure")] = None
    element: Annotated[Named, Asked("landed.help_element")] = None
    not_deductible_cny: Annotated[typed.Amount, Asked("landed.help_not_deductible")] = None
    refund_cny: Annotated[typed.Amount, Asked("landed.help_refund")] = None
    reverse: Annotated[typed.Amount, Asked("landed.help_reverse")] = None
    trade_share: Annotated[typed.Share, Asked("landed.help_trade_share")] = "0"
    reform: Annotated[typed.Paths, Asked("landed.help_reform")] = None
    explain: Annotated[bool, Asked("landed.help_explain")] = False


@dataclass(frozen=True)
class QuoteAnswer(Answer):
    """A shipment costed to landed.

    Attributes:
        quote: the lines with their rules, in the quote's currency.
        refund: of one unit of the study's firm, with the tax that becomes cost, CNY; ``None``
            without a study or with the user's own figures.
        reverse: the price ex works that meets ``shelf``; ``None`` where not asked for.
        shelf: the price on the shelf, tax included.
        steps: how each line came about that the firm's own figures decide, where asked for.
        trace: how each duty and tax came about, where asked for.
        requirements: what the market requires of the goods beside duty and tax.
        preferences: one unit under the general duty and under each agreement that has one.
        passed: what was fixed in law when the rules were written, and came by the quote's day.
        refund_rate: of the product on the day; ``None`` where its refund was cancelled.
        refund_rule: where that is from; ``None`` for the study's own.
    """

    quote: Quote
    refund: UnitRefund | None
    reverse: ShelfPrice | None
    shelf: Money | None
    steps: tuple[CostStep, ...] = ()
    trace: tuple[Trace, ...] = ()
    requirements: Requirements | None = None
    preferences: tuple[Preferred, ...] = ()
    passed: tuple[LegalChange, ...] = ()
    refund_rate: Decimal | None = None
    refund_rule: RuleUse | None = None

    def data(self) -> dict[str, Any]:
        """The quote, its steps and traces, the way back from a shelf price, the firm's refund."""
        required = ("checked", "lead_weeks", "ready_on", "known")
        refund = values_of(self.refund, "refund", "lost", "effect", "simple_refund=simple")
        if self.refund is not None:
            refund |= {"why": self.refund.why(), "rule": self.refund_rule}
        return {
            **values_of(self, "quote", "passed", "steps", "trace", "preferences"),
            "ages": ages(self.quote.rules, self.quote.on),
            "reverse": values_of(self.reverse, "exw", "fob", "landed"),
            "refund_of_one_unit": refund,
            "requirements": values_of(self.requirements, *required),
        }


@question(QuoteRequest)
def quote(request: QuoteRequest) -> QuoteAnswer:
    """Cost one shipment from the works to landed, on a day.

    Raises:
        InputError: a word that is missing or too many, a value that cannot be.
        MissingDataError: no import rules of the destination, or no line of its tariff.
        RuleError: no rule or no exchange rate on the day.

    >>> answer = quote("852872", "DEU", on=date(2024, 12, 31), price="560 USD", cost="3150 CNY",
    ...                quantity=300, duty="14%")
    >>> print(answer.quote.margin, round(answer.quote.margin_rate, 3))
    281291.65 0.229
    """
    code, destination = _words(request)
    meant = _study_meant(request, code)
    market = country_code(destination)
    reforms, warehouse = typed.reforms_of(request.reform), open_warehouse(request.warehouse)
    own = None if meant is None else (Path(str(request.study)), meant[0])
    laws = request.laws(reforms, own)
    given, km = _given_values(request, "CNY" if meant is None else "USD"), None
    if meant is not None:
        meant = _as_given(*meant, given)
        km = km_between(warehouse, given.get("origin", meant[0].firm.origin), market)
    base = _base_shipment(code, market, meant, km, given, laws)
    given |= _rates_of_shipment(request, replace(base, **given))
    given["illustrative"] = base.illustrative - {name.removesuffix("_rate") for name in given}
    shipment: Shipment = replace(base, **given)
    fx = laws.fx(rates_of(shipment, warehouse))
    shelf = typed.price(request.reverse, laws.rulebook.regime(shipment.destination).currency)
    back, refund, rate, doubts = None, None, list[Any](), list[Caution]()
    if shelf is not None:
        kept = typed.percent_or_number(request.trade_share, "--trade-share") or Decimal(0)
        back = walk_back(shipment, shelf, laws.rulebook, warehouse, trade_share=kept, fx=fx)
        shipment = back.request
    if (taxed := _taxed_study(meant, shipment, given)) is not None:
        study, facts = taxed
        doubts += unknown_month(study)
        day = shipment.exported or shipment.on
        rate = [*refund_rate_of(facts, day, rates=laws.refund_rates)]
        by = Costing(laws.rulebook, warehouse, fx)
        shipment.check()  # else its price is blamed for its quantity
        shipment, _, refund = add_refund(shipment, study.firm, facts, rate[0], by)
    with _nearest_first(request, meant):
        ready_for = partial(prepare, book=laws.rulebook, warehouse=warehouse, fx=fx)
        shipment, ready = cost_with_own_duty(shipment, _own_duty(meant, market), ready_for)
    costed = cost_of(shipment, ready)
    uses = (*costed.rules, *filter(None, rate[1:]))
    doubts += (*unused_reforms(reforms, uses), *doubtful(reforms))
    doubts += codes_of_other_years([shipment.product], shipment.on.year)
    costed = replace(costed, warnings=(*costed.warnings, *doubts))
    importer = laws.rulebook.regime(shipment.destination).importer
    required = requirements_of(shipment.product, importer, shipment.on)
    beside = compare_preferences(shipment, laws.rulebook, warehouse, fx)
    passed = _changes_since(shipment, laws, warehouse)
    answer = QuoteAnswer(costed, refund, back, shelf, (), (), required, beside, passed, *rate)
    if not request.explain:
        return answer
    sums = {} if meant is None else carriage_sums(*meant, km)
    steps = tuple(_study_step(step, sums, given) for step in steps_of(shipment, ready))
    return replace(answer, steps=steps, trace=charges_of(shipment, ready))


def _own_duty(meant: tuple[Study, ModelFacts] | None, market: str) -> Any:
    """The duty that the study states for a market."""
    return None if meant is None else meant[0].duty.get(market)


def _study_step(step: CostStep, sums: Mapping[str, str], given: Mapping[str, Any]) -> CostStep:
    """A step with the study's sum where the user gave no figure of its own."""
    if step.name not in sums or step.name in given:
        return step
    return replace(step, key="landed.step_study", sum=sums[step.name])


def _study_meant(request: QuoteRequest, code: str | None) -> tuple[Study, ModelFacts] | None:
    """The study, and the model of it that is meant by its key or its code."""
    if request.study is None:
        return None
    study = read_study(Path(request.study))
    return study, find_model(study, code)


def _base_shipment(
    code: str | None,
    market: str,
    meant: tuple[Study, ModelFacts] | None,
    km: float | None,
    given: Mapping[str, Any],
    laws: Rules,
) -> Shipment:
    """One unit of a code on the user's own day, or the shipment that the study describes."""
    if meant is None:
        return Shipment(national(str(code)), market, date.today(), Decimal(1), "CNY")  # noqa: DTZ011
    importer = importer_of(laws.rulebook, market)
    return request_for(*meant, market, importer, km, _plant_at(*meant, given))


def _taxed_study(
    meant: tuple[Study, ModelFacts] | None, shipment: Shipment, given: Mapping[str, Any]
) -> tuple[Study, ModelFacts] | None:
    """The study whose tax the goods bear: none of a plant abroad, nor where the user gives it."""
    if meant is None or {*given} & {*TAX_OF_ONE_UNIT}:
        return None
    return meant if shipment.origin == meant[0].firm.origin else None


def _as_given(
    study: Study, facts: ModelFacts, given: Mapping[str, Any]
) -> tuple[Study, ModelFacts]:
    """The study and its model with the size of this shipment, by which its carriage goes."""
    units = given.get("quantity", study.shipping.shipment_units)
    shipping = study.shipping.model_copy(update={"shipment_units": units})
    facts = facts.model_copy(update={"m3": given.get("unit_m3", facts.m3)})
    return study.model_copy(update={"shipping": shipping}), facts


def _plant_at(
    study: Study, facts: ModelFacts, given: Mapping[str, Any]
) -> tuple[Plant, Makes] | None:
    """The study's plant in another country of origin that is given, and the model's cost there.

    Raises:
        InputError: ``landed.no_plant_there``.
    """
    origin = given.get("origin", study.firm.origin)
    there = [made for made in other_plants(study, facts) if made[0].country == origin]
    if origin == study.firm.origin or (not there and "cost" in given):
        return None
    if not there:
        raise InputError("landed.no_plant_there", country=country_name(origin), model=facts.key)
    return there[0]


def _changes_since(
    shipment: Shipment, laws: Rules, warehouse: Warehouse
) -> tuple[LegalChange, ...]:
    """What changed by law between the day of the rules' version and a later one of the quote."""
    if shipment.on <= written_on():
        return ()
    code = national(shipment.national_code or shipment.product)
    matter = Matter(shipment.destination, shipment.on, code, shipment.origin)
    return legal_changes(laws, [matter], Tariffs(warehouse), written_on(), shipment.on)


@contextmanager
def _nearest_first(request: QuoteRequest, meant: tuple[Study, ModelFacts] | None) -> Iterator[None]:
    """Of several tariff lines those first that fit what the product is called."""
    try:
        yield
    except InputError as error:
        if error.key != "landed.several_lines":
            raise
        names = [meant[1].name.en, meant[1].name.zh] if meant else [request.product or ""]
        lines: Any = error.values["tariff_lines"]
        raise several_lines(lines, str(error.values["code"]), names) from error


TAX_OF_ONE_UNIT = ("refund_cny", "not_deductible_cny")
"""Where the user gives one of these, the study's own are not computed."""


def _words(request: QuoteRequest) -> tuple[str | None, str]:
    """The product that is named, if any, and the destination: the one word with a study."""
    code, destination = request.product, request.destination
    if destination is None and (request.of is not None or request.study is not None):
        code, destination = request.of, code
    elif request.of is not None:
        if code is not None:
            raise InputError("landed.too_many_words", text=code)
        code = request.of
    if code is None and request.study is None:
        raise InputError("landed.missing_word", name="PRODUCT")
    if destination is None:
        raise InputError("landed.missing_word", name="DESTINATION")
    return code, destination


def find_model(study: Study, named: str | None) -> ModelFacts:
    """The one model of a study that is named by its key or code, or its only one.

    Raises:
        InputError: ``landed.which_product``, ``errors.unknown_name``.
    """
    found = list(study.model)
    if named is not None:
        found = [facts for facts in study.model if facts.key.casefold() == named.casefold()]
        with suppress(InputError):
            found = found or [facts for facts in study.model if facts.code == national(named)]
    if len(found) > 1:
        known = join_list(facts.key for facts in found)
        raise InputError("landed.which_product", known=known, example=found[0].key)
    if not found:
        keys = [facts.key for facts in study.model]
        raise unknown_name(named or "", keys)
    return found[0]


OF_INVOICE = ("inland", "export_clearance", "freight", "destination_costs", "fees")
"""Amounts of the whole shipment that may be given as a share of its invoice (按货值百分比)."""


def _given_values(request: QuoteRequest, currency: str) -> dict[str, Any]:
    """What the user gave: it wins over the study's and the usual."""
    to = request.currency or currency

    own = ("on", "origin", "unit", "preference", "rates_on", "rates_age")
    values = {
        **values_of(request, *own),
        "currency": to,
        "quantity": typed.quantity(request.quantity, request.unit or "item"),
        "price_term": request.term and one_of(_term(request.term)[0], INCOTERMS, "--term"),
        "mode": request.mode and one_of(mode_of(request.mode), get_args(Mode), "--mode"),
        "national_code": request.code,
        "duties": _duties(request.duty),
        "quantities": _quantities(pairs(request.measure)),
        "elements": {name: exact(value) for name, value in pairs(request.element).items()},
        "rates": typed.per_dollar(request.rate),
        **{
            name: typed.money_in("CNY", tax, name)
            for name in TAX_OF_ONE_UNIT
            if (tax := getattr(request, name)) is not None
        },
        **{name: typed.money(value, to) for name, value in _amounts(request)},
        "price": typed.price(request.price, to),
        "insurance_rate": typed.percent_or_number(request.insurance_rate, "--insurance-rate"),
        "insured_markup": typed.percent_or_number(request.insured_markup, "--markup"),
        "unit_kg": typed.number(request.unit_kg),
        "unit_m3": typed.number(request.unit_m3),
    }
    return {name: value for name, value in values.items() if value not in (None, {}, "")}


def _amounts(request: QuoteRequest) -> Iterator[tuple[str, typed.Amount]]:
    """What is given as an amount, not as a share of the invoice or by cubic metre and the like."""
    for name in AMOUNTS:
        value = getattr(request, name)
        if name not in OF_INVOICE or not (_amount_per(value) or typed.is_percent(value)):
            yield name, value


def _amount_per(value: object) -> tuple[str, str] | None:
    """The amount and the unit of 85USD/cbm or 120USD每吨; ``None`` of another value.

    >>> _amount_per("85 USD per cbm"), _amount_per("3000USD")
    (('85 USD', 'cbm'), None)
    """
    text = normal(value).replace("每", "/").replace(" per ", "/") if isinstance(value, str) else ""
    amount, _, unit = text.partition("/")
    return (amount.strip(), unit.strip()) if unit.strip() else None


def _measured_cost(text: str, shipment: Shipment) -> Money:
    """A rate by cubic metre, by a unit of weight or by piece, times what the shipment has of it.

    Raises:
        InputError: ``landed.per_what``; ``landed.no_measure`` where that is not known.
    """
    amount, named = _amount_per(text) or ("", "")
    given, unit = money_of(amount, shipment.currency), normalise_heading(named)
    kind, of_ours = units().get(unit) or (None, ONE)
    if unit in heading_data("heading_words")["volumes"]["1"]:
        of_one, option = shipment.unit_m3, "--unit-m3"
    elif kind == "kg":
        of_one, option = shipment.unit_kg, "--unit-kg"
    elif kind == "item":
        of_one, option = ONE, ""
    else:
        raise InputError("landed.per_what", text=text, unit=named)
    if of_one is None:
        raise InputError("landed.no_measure", text=text, name=option)
    return Money(given.amount * shipment.quantity * of_one / of_ours, given.currency)


def _rates_of_shipment(request: QuoteRequest, shipment: Shipment) -> dict[str, Any]:
    """Costs that are given as a share of the invoice, of price × quantity on its own term; or by
    cubic metre, weight or piece.

    Raises:
        InputError: ``landed.share_of_no_price``, ``refund.bad_rate``, or as :func:`_measured_cost`.
    """
    found: dict[str, Any] = {}
    for name in OF_INVOICE:
        text = getattr(request, name)
        if _amount_per(text):
            found[name] = _measured_cost(str(text), shipment)
        if not typed.is_percent(text):
            continue
        if shipment.price is None or request.reverse is not None:
            raise InputError("landed.share_of_no_price", text=text)
        share = rate(text, name=f"--{name.replace('_', '-')}")
        price = shipment.price
        found[name] = Money(price.amount * shipment.quantity * share, price.currency)
    return found


def _term(text: str) -> tuple[str, str]:
    """The term and the place of ``FOB Qingdao``."""
    if (named := place_without_vat(text)) is not None:
        return WITHOUT_VAT, named
    first, _, place = text.strip().partition(" ")
    term = usual_term(first)
    return (term, place.strip()) if not place or term in INCOTERMS else (text, "")


def _quantities(values: dict[str, Any]) -> dict[str, Decimal]:
    """Quantities by the tariff's units."""
    for unit in values:
        if unit not in quantity_units():
            raise unknown_name(unit, sorted(quantity_units()))
    found = {unit: exact(value) for unit, value in values.items()}
    for unit, value in found.items():
        must_be_within(unit, value, gt=0)
    return found


def _duties(values: Named | str) -> dict[str, str]:
    """``14%`` is the customs duty; ``ipi=0.15`` another tax by product."""
    if isinstance(values, Mapping):
        return {name: str(value) for name, value in values.items()}
    named = pairs([text if "=" in text else f"mfn={text}" for text in typed.as_list(values)])
    return {name: str(value) for name, value in named.items()}
