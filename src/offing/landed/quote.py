"""Cost one shipment from the works to landed, on a day: a waterfall whose every line has its rule.

:func:`prepare` finds the rules, the duty and the exchange rates once; :func:`cost` computes a
shipment with them; :func:`quote` does both.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from offing.landed.charges import Assessment, Bill, Context, assessment, convert_assessment
from offing.landed.checks import SHIPMENT_CHECKS, PricedShipment, cautions_of_goods
from offing.landed.duties import (
    add_defence_charges,
    product_duties,
    remedies_that_may_hold,
    remedy_cautions,
    remedy_note,
)
from offing.landed.shipment import (
    AMOUNTS,
    ONE,
    ZERO,
    Carriage,
    CostLine,
    Quote,
    Shipment,
    Stage,
    SumsWithout,
    carriage_of,
)
from offing.rules.origin import agreements_of
from offing.rules.register import age_cautions
from offing.rules.remedies import Remedy
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Regime, Rulebook
from offing.rules.tariff import Tariffs, national
from offing.terms.caution import Caution, CountryCode, Phrase, Reference, Value, list_names
from offing.terms.countries import country_name
from offing.terms.errors import InputError, OffingError, RuleError, must_be_within
from offing.terms.exchange import FxTable
from offing.terms.interval import holding
from offing.terms.money import Money, round_amount
from offing.terms.sale_terms import CONTAINS, DUTY_PAID, WITHOUT_VAT
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of

HALVINGS = 110
"""Bisection steps: a target of 1e13 is met to far below a cent."""


@dataclass(frozen=True)
class QuoteContext:
    """The rules of one product, origin, destination, day and mode, with the day's rates.

    Attributes:
        assessment: the resolved charges.
        fx: the exchange rates.
        to_local: units of the importer's currency for one of the quote's.
        used: rates to show: (currency, units for one of the quote's currency, day).
        warnings: message keys with their values.
        remedies: measures of trade defence that may hold.
        notes: what was looked at and what was not, likewise.
        general: the charges without the preference that is claimed; ``None`` where none is, or
            where the general duty is not known.
    """

    assessment: Assessment
    fx: FxTable
    to_local: Decimal
    warnings: tuple[Caution, ...]
    remedies: tuple[Remedy, ...]
    notes: tuple[Caution, ...]
    general: Assessment | None


def _cautions(
    regime: Regime, request: Shipment, assessed: Assessment, lists: frozenset[str]
) -> list[Caution]:
    """What the code alone does not tell about this quote's duties."""
    charges = {step.charge.name for step in assessed.steps}
    return [
        Caution(caution.message, {"source": Reference(caution.cited)})
        for caution in holding(regime.cautions, request.on)
        if caution.about(request.origin, charges, lists)
    ]


def rates_of(request: Shipment, warehouse: Warehouse) -> FxTable:
    """The exchange rates of the shipment's day, or of the day that it names for them."""
    return fx_of(warehouse, request.rates_on or request.on, request.rates, request.rates_age)


def prepare(
    request: Shipment,
    book: Rulebook,
    warehouse: Warehouse,
    fx: FxTable | None = None,
    tariffs: Tariffs | None = None,
) -> QuoteContext:
    """Find rules, duty and rates; ``fx`` and ``tariffs`` where they have been read already.

    Raises:
        InputError: a value that cannot be, or a code that needs more digits.
        MissingDataError: no regime, or no line of the tariff.
        RuleError: no rule on the day, or two; no exchange rate.
    """
    request.check()
    regime = book.regime(request.destination)
    if request.origin in regime.destinations:
        names = map(country_name, (request.origin, request.destination))
        raise InputError("landed.same_union", origin=next(names), destination=next(names))
    charges = regime.charges_on(request.on)
    tariffs = tariffs or Tariffs(warehouse)
    lines = tariffs.of(regime.importer)
    duties, lists, told = product_duties(request, charges, book, lines)
    context = Context(
        request.destination,
        request.on,
        request.origin,
        request.mode,
        duties,
        lists,
        request.exported,
    )
    assessed = assessment(book, context)
    warnings = [*told, *_cautions(regime, request, assessed, lists)]
    rates = fx or rates_of(request, warehouse)
    to_local = rates.rate(regime.currency, request.currency)[0]
    assessed = convert_assessment(add_defence_charges(assessed, request, regime.importer), rates)
    general = None
    if request.preference is not None:
        with suppress(OffingError):
            plain = replace(request, preference=None)
            general = prepare(plain, book, warehouse, rates, tariffs).assessment
    measures = remedies_that_may_hold(request, regime.importer)
    notes = () if measures else (remedy_note(request, regime.importer),)
    return QuoteContext(assessed, rates, to_local, tuple(warnings), measures, notes, general)


def bill_of(
    request: Shipment, way: Carriage, fob: Decimal, ready: QuoteContext, *, rounding: bool = True
) -> Bill:
    """The importer's charges on goods worth ``fob``, in its own currency."""
    local = ready.to_local
    cfr = fob + way.freight
    inputs = {
        "goods": fob * local,
        "freight": way.freight * local,
        "insurance": (way.cif(fob) - cfr) * local,
        "destination": way.destination * local,
        "fees": way.fees * local,
    }
    return ready.assessment.of(inputs, request.measured(), request.elements, rounding=rounding)


def landed_of(
    request: Shipment, way: Carriage, fob: Decimal, ready: QuoteContext, *, net: bool = False
) -> Decimal:
    """Landed cost of goods worth ``fob``, exact, in the quote's currency.

    ``net`` leaves out the taxes that a registered importer gets back.
    """
    bill = bill_of(request, way, fob, ready, rounding=False)
    paid = bill.paid - bill.recoverable if net else bill.paid
    return way.cif(fob) + way.destination + way.fees + paid / ready.to_local


def fob_for_landed(
    request: Shipment, way: Carriage, target: Decimal, ready: QuoteContext, *, net: bool = False
) -> Decimal:
    """The FOB value whose landed cost is ``target``, by halving.

    Landed cost rises with the FOB value by at least as much, so the answer is between nothing and
    the target.

    Raises:
        RuleError: ``landed.target_too_low`` where carriage and charges alone are above it.
    """
    low, high = ZERO, target
    if target <= 0 or landed_of(request, way, ZERO, ready, net=net) >= target:
        raise RuleError(
            "landed.target_too_low", target=round_amount(target), currency=request.currency
        )
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if landed_of(request, way, middle, ready, net=net) <= target:
            low = middle
        else:
            high = middle
    return low


def fob_of_shipment(request: Shipment, way: Carriage, ready: QuoteContext) -> Decimal:
    """The FOB value of the shipment: of the price where there is one, else of the costs."""
    if request.price is None:
        assert way.fob_cost is not None
        return way.fob_cost
    price = (
        ready.fx.convert(request.price.amount, request.price.currency, request.currency)
        * request.quantity
    )
    if request.price_term in DUTY_PAID:
        net = request.price_term == WITHOUT_VAT
        return fob_for_landed(request, way, price, ready, net=net)
    return way.fob_of(price, request.price_term, request.currency)


class _Waterfall:
    """Collects lines; a subtotal is the sum of the rounded lines above it."""

    def __init__(self, quantity: Decimal, illustrative: frozenset[str]) -> None:
        self.quantity, self.illustrative = quantity, illustrative
        self.lines: list[CostLine] = []
        self.sum = ZERO

    def add(
        self,
        name: str,
        stage: Stage,
        amount: Decimal,
        base: Decimal | None = None,
        rule: RuleUse | None = None,
        recoverable: bool = False,
    ) -> Decimal:
        """A line; returns its rounded amount."""
        amount = round_amount(amount)
        self.sum += amount
        per_unit = round_amount(amount / self.quantity, 4)
        about = base, rule, recoverable, name in self.illustrative
        self.lines.append(CostLine(name, stage, amount, per_unit, False, *about))
        return amount

    def subtotal(self, name: str, stage: Stage) -> Decimal:
        """The sum up to here."""
        self.lines.append(
            CostLine(
                name, stage, self.sum, round_amount(self.sum / self.quantity, 4), subtotal=True
            )
        )
        return self.sum


def rates_used(request: Shipment, ready: QuoteContext) -> Iterator[tuple[str, Decimal, date]]:
    """Each currency of the shipment, its units for one of the quote's, and the day of the rate."""
    for currency in sorted(_currencies(request, ready) - {request.currency}):
        yield currency, *ready.fx.rate(currency, request.currency)


def _currencies(request: Shipment, ready: QuoteContext) -> set[str]:
    """The quote's currency, the importer's, and those of the shipment's amounts."""
    amounts: Iterator[Money | None] = (getattr(request, name) for name in AMOUNTS)
    tax = {"CNY"} if request.not_deductible_cny or request.refund_cny else set()
    named = {money.currency for money in amounts if money is not None}
    return {request.currency, ready.assessment.currency, *named, *tax}


def _to_fob(fall: _Waterfall, request: Shipment, way: Carriage, fob: Decimal) -> Decimal | None:
    """The lines up to free on board; the margin where both cost and price are known."""
    margin = None
    if way.cost is not None:
        fall.add("cost", "EXW", way.cost)
        if way.not_deductible:
            fall.add("not_deductible", "EXW", way.not_deductible)
    inland, clearance = round_amount(way.inland), round_amount(way.export_clearance)
    if request.price is not None:
        rest = round_amount(fob) - inland - clearance - fall.sum
        margin = None if way.cost is None else rest
        fall.add("goods" if way.cost is None else "margin", "EXW", rest)
    fall.subtotal("exw", "EXW")
    if inland:
        fall.add("inland", "FOB", inland)
    if clearance:
        fall.add("export_clearance", "FOB", clearance)
    fall.subtotal("fob", "FOB")
    return margin


def _to_border(fall: _Waterfall, request: Shipment, way: Carriage, fob: Decimal) -> None:
    """Carriage and insurance to the importer's border."""
    if way.freight:
        fall.add("freight", "CIF", way.freight)
    if request.insurance_rate:
        fall.add("insurance", "CIF", way.cif(fob) - fob - way.freight)
    fall.subtotal("cif", "CIF")


def _to_landed(fall: _Waterfall, way: Carriage, bill: Bill, ready: QuoteContext) -> Decimal:
    """Duties, taxes and the carriage beyond the border; the taxes that an importer gets back."""
    recoverable = ZERO
    for item in bill.charges:
        charge = item.step.charge
        if charge.stage == "value":
            continue
        amount = fall.add(
            charge.name,
            charge.stage,
            item.amount / ready.to_local,
            round_amount(item.base / ready.to_local),
            item.step.use,
            charge.recoverable,
        )
        if charge.recoverable:
            recoverable += amount
    if way.fees:
        fall.add("fees", "tax", way.fees)
    if way.destination:
        fall.add("destination", "landed", way.destination)
    fall.subtotal("landed", "landed")
    return recoverable


def _check_tax(request: Shipment, fx: FxTable, fob: Decimal) -> None:
    """The tax of one unit cannot be more than its whole price."""
    for name in ("refund_cny", "not_deductible_cny"):
        tax: Decimal = getattr(request, name)
        if tax and fx.convert(tax, "CNY", request.currency) * request.quantity > fob:
            value = Money(tax, "CNY")
            raise InputError("landed.tax_above_price", name=name, value=value)


def cost(request: Shipment, ready: QuoteContext) -> Quote:
    """The waterfall of a shipment with rules already found.

    Raises:
        InputError: a quantity that a specific duty needs is not given, or a price below its
            carriage.
    """
    request.check()
    way = carriage_of(request, ready.fx)
    fob = fob_of_shipment(request, way, ready)
    _check_tax(request, ready.fx, fob)
    bill = bill_of(request, way, fob, ready)
    fall = _Waterfall(request.quantity, request.illustrative)
    margin = _to_fob(fall, request, way, fob)
    _to_border(fall, request, way, fob)
    recoverable = _to_landed(fall, way, bill, ready)
    fob_price = round_amount(fob)
    rules = tuple({item.step.use.id: item.step.use for item in bill.charges}.values())
    price, refund = request.price, Money(request.refund_cny, "CNY")
    without = _without(request, ready, fall.lines)
    priced = PricedShipment(request, fob_price, ready.fx, margin)
    return Quote(
        without=without,
        origin=request.origin,
        destination=request.destination,
        product=request.national_code or request.product,
        on=request.on,
        quantity=request.quantity,
        unit=request.unit,
        currency=request.currency,
        price_term=request.price_term,
        price=None if price is None else _shipment_amount(price, request, ready),
        lines=tuple(fall.lines),
        landed=fall.sum,
        landed_before_recoverable=fall.sum - recoverable,
        margin=margin,
        margin_rate=None if margin is None or not fob_price else margin / fob_price,
        refund=_shipment_amount(refund, request, ready) if refund.amount else ZERO,
        fx=tuple(rates_used(request, ready)),
        own_rates=tuple(sorted(ready.fx.given)),
        rules=rules,
        warnings=(
            *ready.warnings,
            *ready.fx.cautions(_currencies(request, ready)),
            *SHIPMENT_CHECKS.findings(priced),
            *cautions_of_goods(priced),
            *_about_carriage(request, ready),
            *_about_preference(request, way, fob, ready, bill),
            *remedy_cautions(request, ready.remedies, fob, way.cif(fob)),
            *_about_exceptions(request, without, fall.sum),
            *age_cautions(rules, request.on),
        ),
        notes=(
            *_about_agreements(request),
            *_about_own_duty(request, bill),
            *ready.notes,
            *_about_code(request),
            *_about_vat(request, recoverable),
        ),
    )


def _shipment_amount(money: Money, request: Shipment, ready: QuoteContext) -> Decimal:
    """An amount for one unit, for all of them, in the quote's currency."""
    return round_amount(
        ready.fx.convert(money.amount, money.currency, request.currency) * request.quantity
    )


def _about_agreements(request: Shipment) -> Iterator[Caution]:
    """The agreements that hold on the day, by name in both languages, where none is claimed."""
    held = agreements_of(request.destination, request.origin, request.on)
    if held and request.preference is None:
        agreements = {lang: ", ".join(row.named(lang) for row in held) for lang in ("en", "zh")}
        names: dict[str, Value] = {
            "destination": CountryCode(request.destination),
            "agreements": agreements,
            "count": len(held),
        }
        yield Caution("landed.note_agreements", names)


def _about_own_duty(request: Shipment, bill: Bill) -> Iterator[Caution]:
    """The layers that are charged on top of a duty that the user gives."""
    layers = {
        Phrase(f"landed.line_{item.step.charge.name}"): None
        for item in bill.charges
        if item.step.charge.stage == "duty"
        and item.step.charge.tariff not in request.duties
        and item.amount
    }
    if layers and "mfn" in request.duties:
        yield Caution("landed.note_own_duty", {"layers": tuple(layers)})


def _without(
    request: Shipment, ready: QuoteContext, lines: Sequence[CostLine]
) -> SumsWithout | None:
    """The sums without charges whose exceptions were not read, where they come to anything."""
    steps = ready.assessment.steps
    names = {step.charge.name for step in steps if step.doubtful}
    names &= {line.name for line in lines if line.amount}
    if not names:
        return None
    left = tuple(step for step in steps if not step.doubtful)
    other = cost(request, replace(ready, assessment=replace(ready.assessment, steps=left)))
    duties = sum((line.amount for line in lines if line.stage == "duty"), ZERO)
    return SumsWithout(
        tuple(sorted(names)), duties, other.duties, other.landed, other.landed_before_recoverable
    )


def _about_exceptions(
    request: Shipment, without: SumsWithout | None, landed: Decimal
) -> Iterator[Caution]:
    """Both sums, where a charge stands on a text whose exceptions were not read."""
    if without is not None:
        sums = {
            "duties": without.duties, "duties_without": without.duties_without, "landed": landed,
            "landed_without": without.landed,
        }  # fmt: skip
        named: dict[str, Value] = {
            "lists": list_names(without.charges),
            "currency": request.currency,
            "destination": CountryCode(request.destination),
        }
        yield Caution(
            "landed.warn_exceptions", named | {name: f"{v:,}" for name, v in sums.items()}
        )


SHARED = 6
"""Digits of a code that all countries have in common."""


def _about_code(request: Shipment) -> Iterator[Caution]:
    """Digits beyond the sixth are each country's own: those of a Chinese code mean other goods."""
    if request.national_code is None and len(national(request.product)) > SHARED:
        yield Caution(
            "landed.note_own_digits",
            {"code": request.product, "destination": CountryCode(request.destination)},
        )


def _about_vat(request: Shipment, recoverable: Decimal) -> Iterator[Caution]:
    """Whether the duty-paid price has in it the tax that a registered importer gets back."""
    if request.price is None or request.price_term not in DUTY_PAID:
        return
    names = {"destination": CountryCode(request.destination), "currency": request.currency}
    within = request.price_term == "DDP"
    if recoverable:
        key = f"landed.note_ddp_{'with' if within else 'without'}_vat"
        yield Caution(key, {**names, "amount": f"{recoverable:,}"})
    elif not within:
        yield Caution("landed.note_ddp_no_vat", names)


def _about_preference(
    request: Shipment, way: Carriage, fob: Decimal, ready: QuoteContext, bill: Bill
) -> Iterator[Caution]:
    """What claiming the preference saves the importer, to be weighed against what it costs."""
    if ready.general is None or request.preference is None:
        return
    other = bill_of(request, way, fob, replace(ready, assessment=ready.general))
    saved = (other.paid - other.recoverable) - (bill.paid - bill.recoverable)
    saving = round_amount(saved / ready.to_local)
    names = {"regime": request.preference, "currency": request.currency}
    key = "landed.preference_saves" if saving > 0 else "landed.preference_saves_nothing"
    yield Caution(key, names | {"saving": f"{saving:,}"})


OPTIONS = {
    "freight": "--freight",
    "insurance": "--insurance-rate",
    "destination": "--destination-costs",
    "inland": "--inland",
}
"""Costs on the way → where they are given."""


def _about_carriage(request: Shipment, ready: QuoteContext) -> Iterator[Caution]:
    """Costs that the price or the customs value has in it, and that were not given."""
    unstated = request.unstated_costs()
    carried = [name for name in unstated if name != "inland"]
    in_price = [name for name in carried if name in CONTAINS[request.price_term]]
    if request.price is not None and in_price:
        names = {"term": request.price_term, "costs": list_names(OPTIONS[n] for n in in_price)}
        yield Caution("landed.warn_not_in_price", names)
    if request.price is not None and request.price_term == "EXW" and "inland" in unstated:
        yield Caution("landed.warn_no_inland", {"term": request.price_term})
    in_value = any("freight" in step.charge.base for step in ready.assessment.steps)
    if in_value and "freight" in unstated and "freight" not in in_price:
        yield Caution("landed.warn_no_freight", {"destination": CountryCode(request.destination)})


def quote(
    request: Shipment,
    rulebook: Rulebook,
    warehouse: Warehouse,
    fx: FxTable | None = None,
    tariffs: Tariffs | None = None,
) -> Quote:
    """Cost one shipment.

    Args:
        request: the shipment.
        rulebook: the dated rules, with or without a reform.
        warehouse: for the importer's tariff and the exchange rates.
        fx: exchange rates, where they are not the day's.
        tariffs: where some have been read already.

    Raises:
        InputError, MissingDataError, RuleError: see :func:`prepare` and :func:`cost`.
    """
    return cost(request, prepare(request, rulebook, warehouse, fx, tariffs))


@dataclass(frozen=True)
class ShelfPrice:
    """The ex-works price that meets a price on the shelf.

    Attributes:
        exw: for one unit, in the quote's currency.
        fob: for one unit.
        landed: for one unit, that the shelf price leaves room for.
        request: the shipment at that price.
        quote: the shipment costed at that price, as a check.
    """

    exw: Decimal
    fob: Decimal
    landed: Decimal
    request: Shipment
    quote: Quote


def reverse(
    request: Shipment,
    shelf: Money,
    rulebook: Rulebook,
    warehouse: Warehouse,
    *,
    trade_share: Decimal = ZERO,
    fx: FxTable | None = None,
) -> ShelfPrice:
    """Walk back from a shelf price to the price ex works.

    Args:
        request: the shipment; its price is ignored.
        shelf: the price of one unit on the shelf, tax included.
        rulebook: the dated rules.
        warehouse: for the tariff and the rates.
        trade_share: part of the shelf price that importer and shops keep, 0 to under 1.
        fx: exchange rates, where they are not the day's.

    Raises:
        RuleError: ``landed.target_too_low``.
        InputError: ``errors.out_of_range``.
    """
    must_be_within("trade_share", trade_share, ge=0, lt=1)
    ready = prepare(replace(request, price=shelf), rulebook, warehouse, fx)
    way = carriage_of(request, ready.fx)
    room = ready.fx.convert(shelf.amount, shelf.currency, request.currency) * (ONE - trade_share)
    fob = fob_for_landed(request, way, room * request.quantity, ready)
    exw = (fob - way.inland - way.export_clearance) / request.quantity
    if exw <= 0:
        raise RuleError(
            "landed.target_too_low", target=round_amount(room), currency=request.currency
        )
    at_price = replace(request, price=Money(exw, request.currency), price_term="EXW")
    return ShelfPrice(
        round_amount(exw, 4),
        round_amount(fob / request.quantity, 4),
        round_amount(room, 4),
        at_price,
        cost(at_price, ready),
    )
