"""Cost one shipment from the works to landed, on a day: a waterfall whose every line has its rule.

:func:`prepare` finds the rules, the duty and the exchange rates once; :func:`cost` computes a
shipment with them; :func:`quote` does both.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from offing.landed.charges import Assessment, Bill, Context, applies_to, assessment
from offing.landed.costed import CostLine, Quote, Stage
from offing.landed.shipment import AMOUNTS, ONE, ZERO, QuoteRequest, Way, way_of
from offing.rules.duty_text import duty_of_user
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Charge, Regime, Rulebook
from offing.rules.tariff import (
    Line,
    Lines,
    Tariff,
    listed_lines,
    lists_of,
    national,
    the_line,
    written_lines,
)
from offing.terms.errors import InputError, MissingDataError, OffingError, RuleError
from offing.terms.exchange import FxTable
from offing.terms.incoterms import CONTAINS
from offing.terms.interval import holding
from offing.terms.messages import enumerated
from offing.terms.money import Money, rounded
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of

Warning_ = tuple[str, dict[str, str]]
HALVINGS = 110
"""Bisection steps: a target of 1e13 is met to far below a cent."""


@dataclass(frozen=True)
class Prepared:
    """The rules of one product, origin, destination, day and mode, with the day's rates.

    Attributes:
        assessment: the resolved charges.
        fx: the exchange rates.
        to_local: units of the importer's currency for one of the quote's.
        used: rates to show: (currency, units for one of the quote's currency, day).
        warnings: message keys with their values.
        general: the charges without the preference that is claimed; ``None`` where none is, or
            where the general duty is not known.
    """

    assessment: Assessment
    fx: FxTable
    to_local: Decimal
    warnings: tuple[Warning_, ...]
    general: Assessment | None = None


def _tariffs(
    request: QuoteRequest, charges: tuple[Charge, ...], book: Rulebook, tariff: Lines
) -> tuple[dict[str, Tariff], frozenset[str], list[Warning_]]:
    """The product's duties and the lists that it is on."""
    regime = book.regime(request.destination)
    code = national(request.national_code or request.product)
    warnings: list[Warning_] = []
    tariffs: dict[str, Tariff] = {}
    lines = tariff.of(code, request.origin, request.on)
    if not any(line.regime == "mfn" for line in lines):  # a loaded tariff wins over the rulebook's
        lines += written_lines(regime, code, request.origin, request.on)
    lines += listed_lines(regime, code, request.on)
    needed = {c.tariff: c.rate is not None for c in charges if c.tariff}
    for name in request.duties:
        if name not in needed:
            raise InputError(
                "landed.unused_duty",
                name=name,
                destination=request.destination,
                known=enumerated(needed) or "—",
            )
    for name, has_rate in needed.items():
        if name in request.duties:
            duty = duty_of_user(request.duties[name])
            use = RuleUse(f"user.{name}", str(duty), None, None, "", "user")
            tariffs[name] = Tariff(duty, use)
            continue
        wanted = request.preference if name == "mfn" and request.preference else name
        if (
            reformed := _reformed_line(book, regime.importer, wanted, code, request.on)
        ) is not None:
            tariffs[name] = reformed
            continue
        if wanted == "mfn" and request.origin in regime.without_mfn:
            raise MissingDataError(
                "landed.without_mfn", origin=request.origin, destination=request.destination
            )
        try:
            line = the_line(lines, code, wanted)
        except MissingDataError as error:
            if error.key != "landed.no_line":
                raise
            if has_rate and wanted == name:
                continue
            raise MissingDataError(
                "landed.no_line_for",
                code=code,
                destination=request.destination,
                regime=wanted,
                option="--duty 0.14" if name == "mfn" else f"--duty {name}=0.15",
            ) from error
        tariffs[name] = line.tariff()
        if line.when.since is None:
            warnings.append(("landed.warn_undated", {"code": line.code, "source": line.source}))
    named = frozenset(
        item
        for charge in charges
        if applies_to(charge, request.origin)
        for item in (*charge.lists, *charge.not_on)
    ) | {item for caution in regime.cautions for item in caution.lists}
    in_data = named - _in_rulebook(regime)
    if missing := _families(tariff.not_loaded(in_data, code), in_data):
        chapters = tariff.chapters()
        key = "landed.warn_lists_of_chapters" if chapters else "landed.warn_no_lists"
        of = {"lists": ", ".join(missing), "chapter": code[:2], "chapters": ", ".join(chapters)}
        warnings.append((key, of))
    warnings.extend(_about_lists(lines, code, regime))
    if not regime.complete_for(request.origin, request.on):
        known = {"origin": request.origin, "known": ", ".join(regime.only_origins)}
        warnings.append(("landed.warn_origin", known | {"day": str(request.on)}))
    return tariffs, lists_of(lines, code, named), warnings


def _in_rulebook(regime: Regime) -> frozenset[str]:
    """Lists of which the regime file itself has the codes that count."""
    return frozenset(listed.name for listed in regime.listed)


def _families(missing: list[str], wanted: frozenset[str]) -> list[str]:
    """Lists by name; a family of which all that is wanted is missing by its own: ``us301``."""
    families = {name.partition("_")[0] for name in missing}
    whole = {
        family
        for family in families
        if {name for name in wanted if name.partition("_")[0] == family} <= set(missing)
    }
    return sorted(whole | {name for name in missing if name.partition("_")[0] not in whole})


def _reformed_line(
    book: Rulebook, importer: str, regime: str, code: str, on: date
) -> Tariff | None:
    """The duty that a reform gives a code, or the longest heading above it that it names."""
    if not book.reforms:
        return None
    for length in range(len(code), 3, -1):
        for rate in holding(book.series(f"{importer.lower()}.{regime}.{code[:length]}"), on):
            return Tariff(rate.duty, rate.use())
    return None


def _about_lists(lines: list[Line], code: str, regime: Regime) -> Iterator[Warning_]:
    """Lists that hold a code in part, and lists that no rule uses (4B never came into force)."""
    used = {name for charge in regime.charges for name in (*charge.lists, *charge.not_on)}
    on = {line.regime for line in lines if line.text is None}
    for family in sorted({name.partition("_")[0] for name in on & used}):
        split = sorted(name for name in on & used if name.startswith(f"{family}_"))
        if len(split) > 1:
            yield "landed.warn_split", {"code": code, "lists": ", ".join(split)}
    if on - used:
        yield "landed.warn_unused_list", {"code": code, "lists": ", ".join(sorted(on - used))}


def _cautions(
    regime: Regime, request: QuoteRequest, found: Assessment, lists: frozenset[str]
) -> list[Warning_]:
    """What the code alone does not tell about this quote's duties."""
    charges = {step.charge.name for step in found.steps}
    return [
        (caution.message, {"source": caution.source})
        for caution in holding(regime.cautions, request.on)
        if caution.about(request.origin, charges, lists)
    ]


def prepare(
    request: QuoteRequest,
    book: Rulebook,
    warehouse: Warehouse,
    fx: FxTable | None = None,
    tariff: Lines | None = None,
) -> Prepared:
    """Find rules, duty and rates; ``fx`` and ``tariff`` where they have been read already.

    Raises:
        InputError: a value that cannot be, or a code that needs more digits.
        MissingDataError: no regime, or no line of the tariff.
        RuleError: no rule on the day, or two; no exchange rate.
    """
    request.check()
    regime = book.regime(request.destination)
    charges = regime.charges_on(request.on)
    tariff = tariff or Lines(warehouse, regime.importer)
    tariffs, lists, warnings = _tariffs(request, charges, book, tariff)
    context = Context(
        request.destination,
        request.on,
        request.origin,
        request.mode,
        tariffs,
        lists,
        request.exported,
    )
    found = assessment(book, context)
    warnings += _cautions(regime, request, found, lists)
    rates = fx or fx_of(warehouse, request.rates_on or request.on, request.rates)
    to_local = rates.rate(regime.currency, request.currency)[0]
    general = None
    if request.preference is not None:
        with suppress(OffingError):
            plain = replace(request, preference=None)
            general = prepare(plain, book, warehouse, rates, tariff).assessment
    return Prepared(found, rates, to_local, tuple(warnings), general)


def bill_of(
    request: QuoteRequest, way: Way, fob: Decimal, ready: Prepared, *, rounding: bool = True
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


def landed_of(request: QuoteRequest, way: Way, fob: Decimal, ready: Prepared) -> Decimal:
    """Landed cost of goods worth ``fob``, exact, in the quote's currency."""
    bill = bill_of(request, way, fob, ready, rounding=False)
    return way.cif(fob) + way.destination + way.fees + bill.paid / ready.to_local


def fob_for_landed(request: QuoteRequest, way: Way, target: Decimal, ready: Prepared) -> Decimal:
    """The FOB value whose landed cost is ``target``, by halving.

    Landed cost rises with the FOB value by at least as much, so the answer is between nothing and
    the target.

    Raises:
        RuleError: ``landed.target_too_low`` where carriage and charges alone are above it.
    """
    low, high = ZERO, target
    if target <= 0 or landed_of(request, way, ZERO, ready) >= target:
        raise RuleError("landed.target_too_low", target=rounded(target), currency=request.currency)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if landed_of(request, way, middle, ready) <= target:
            low = middle
        else:
            high = middle
    return low


def fob_of_shipment(request: QuoteRequest, way: Way, ready: Prepared) -> Decimal:
    """The FOB value of the shipment: of the price where there is one, else of the costs."""
    if request.price is None:
        assert way.fob_cost is not None
        return way.fob_cost
    price = (
        ready.fx.convert(request.price.amount, request.price.currency, request.currency)
        * request.quantity
    )
    if request.price_term == "DDP":
        return fob_for_landed(request, way, price, ready)
    return way.fob_of(price, request.price_term)


class _Waterfall:
    """Collects lines; a subtotal is the sum of the rounded lines above it."""

    def __init__(self, quantity: Decimal) -> None:
        self.quantity = quantity
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
        amount = rounded(amount)
        self.sum += amount
        per_unit = rounded(amount / self.quantity, 4)
        self.lines.append(CostLine(name, stage, amount, per_unit, False, base, rule, recoverable))
        return amount

    def subtotal(self, name: str, stage: Stage) -> Decimal:
        """The sum up to here."""
        self.lines.append(
            CostLine(name, stage, self.sum, rounded(self.sum / self.quantity, 4), subtotal=True)
        )
        return self.sum


def rates_used(request: QuoteRequest, ready: Prepared) -> Iterator[tuple[str, Decimal, date]]:
    """Each currency of the shipment, its units for one of the quote's, and the day of the rate."""
    used = {ready.assessment.currency}
    for name in AMOUNTS:
        money = getattr(request, name)
        if money is not None:
            used.add(money.currency)
    if request.not_deductible_cny or request.refund_cny:
        used.add("CNY")
    for currency in sorted(used - {request.currency}):
        yield currency, *ready.fx.rate(currency, request.currency)


def cost(request: QuoteRequest, ready: Prepared) -> Quote:
    """The waterfall of a shipment with rules already found.

    Raises:
        InputError: a quantity that a specific duty needs is not given, or a price below its
            carriage.
    """
    request.check()
    way = way_of(request, ready.fx)
    fob = fob_of_shipment(request, way, ready)
    bill = bill_of(request, way, fob, ready)
    fall = _Waterfall(request.quantity)
    margin = None
    if way.cost is not None:
        fall.add("cost", "EXW", way.cost)
        if way.not_deductible:
            fall.add("not_deductible", "EXW", way.not_deductible)
    inland, clearance = rounded(way.inland), rounded(way.export_clearance)
    fob_price = rounded(fob)
    if request.price is not None:
        rest = fob_price - inland - clearance - fall.sum
        if way.cost is not None:
            margin = rest
            fall.add("margin", "EXW", rest)
        else:
            fall.add("goods", "EXW", rest)
    fall.subtotal("exw", "EXW")
    if inland:
        fall.add("inland", "FOB", inland)
    if clearance:
        fall.add("export_clearance", "FOB", clearance)
    fall.subtotal("fob", "FOB")
    if way.freight:
        fall.add("freight", "CIF", way.freight)
    if request.insurance_rate:
        fall.add("insurance", "CIF", way.cif(fob) - fob - way.freight)
    fall.subtotal("cif", "CIF")
    recoverable = ZERO
    for item in bill.charges:
        charge = item.step.charge
        if charge.stage == "value":
            continue
        amount = fall.add(
            charge.name,
            charge.stage,
            item.amount / ready.to_local,
            rounded(item.base / ready.to_local),
            item.step.use,
            charge.recoverable,
        )
        if charge.recoverable:
            recoverable += amount
    if way.fees:
        fall.add("fees", "tax", way.fees)
    if way.destination:
        fall.add("destination", "landed", way.destination)
    landed = fall.subtotal("landed", "landed")
    uses = {item.step.use.id: item.step.use for item in bill.charges}
    return Quote(
        origin=request.origin,
        destination=request.destination,
        product=request.national_code or request.product,
        on=request.on,
        quantity=request.quantity,
        unit=request.unit,
        currency=request.currency,
        price_term=request.price_term,
        price=None
        if request.price is None
        else rounded(
            ready.fx.convert(request.price.amount, request.price.currency, request.currency)
            * request.quantity
        ),
        lines=tuple(fall.lines),
        landed=landed,
        landed_before_recoverable=landed - recoverable,
        margin=margin,
        margin_rate=None if margin is None or not fob_price else margin / fob_price,
        refund=rounded(
            ready.fx.convert(request.refund_cny, "CNY", request.currency) * request.quantity
            if request.refund_cny
            else ZERO
        ),
        fx=tuple(rates_used(request, ready)),
        rules=tuple(uses.values()),
        warnings=(
            *ready.warnings,
            *_about_carriage(request, ready),
            *_about_preference(request, way, fob, ready, bill),
        ),
    )


def _about_preference(
    request: QuoteRequest, way: Way, fob: Decimal, ready: Prepared, bill: Bill
) -> Iterator[Warning_]:
    """What claiming the preference saves the importer, to be weighed against what it costs."""
    if ready.general is None or request.preference is None:
        return
    other = bill_of(request, way, fob, replace(ready, assessment=ready.general))
    kept = (other.paid - other.recoverable) - (bill.paid - bill.recoverable)
    saving = rounded(kept / ready.to_local)
    names = {"regime": request.preference, "currency": request.currency}
    key = "landed.preference_saves" if saving > 0 else "landed.preference_saves_nothing"
    yield key, names | {"saving": f"{saving:,}"}


OPTIONS = {
    "freight": "--freight",
    "insurance": "--insurance-rate",
    "destination": "--destination-costs",
    "inland": "--inland",
}
"""Costs on the way → where they are given."""


def _about_carriage(request: QuoteRequest, ready: Prepared) -> Iterator[Warning_]:
    """Costs that the price or the customs value has in it, and that were not given."""
    unstated = request.unstated()
    carried = [name for name in unstated if name != "inland"]
    in_price = [name for name in carried if name in CONTAINS[request.price_term]]
    if request.price is not None and in_price:
        names = {"term": request.price_term, "costs": ", ".join(OPTIONS[n] for n in in_price)}
        yield "landed.warn_not_in_price", names
    if request.price is not None and request.price_term == "EXW" and "inland" in unstated:
        yield "landed.warn_no_inland", {"term": request.price_term}
    in_value = any("freight" in step.charge.base for step in ready.assessment.steps)
    if in_value and "freight" in unstated and "freight" not in in_price:
        yield "landed.warn_no_freight", {"destination": request.destination}


def quote(
    request: QuoteRequest, rulebook: Rulebook, warehouse: Warehouse, fx: FxTable | None = None
) -> Quote:
    """Cost one shipment.

    Args:
        request: the shipment.
        rulebook: the dated rules, with or without a reform.
        warehouse: for the importer's tariff and the exchange rates.
        fx: exchange rates, where they are not the day's.

    Raises:
        InputError, MissingDataError, RuleError: see :func:`prepare` and :func:`cost`.
    """
    return cost(request, prepare(request, rulebook, warehouse, fx))


@dataclass(frozen=True)
class Reverse:
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
    request: QuoteRequest
    quote: Quote


def reverse(
    request: QuoteRequest,
    shelf: Money,
    rulebook: Rulebook,
    warehouse: Warehouse,
    *,
    trade_share: Decimal = ZERO,
    fx: FxTable | None = None,
) -> Reverse:
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
        InputError: ``landed.bad_trade_share``.
    """
    if not 0 <= trade_share < 1:
        raise InputError("landed.bad_trade_share", value=trade_share)
    ready = prepare(replace(request, price=shelf), rulebook, warehouse, fx)
    way = way_of(request, ready.fx)
    room = ready.fx.convert(shelf.amount, shelf.currency, request.currency) * (ONE - trade_share)
    fob = fob_for_landed(request, way, room * request.quantity, ready)
    exw = (fob - way.inland - way.export_clearance) / request.quantity
    if exw <= 0:
        raise RuleError("landed.target_too_low", target=rounded(room), currency=request.currency)
    at_price = replace(request, price=Money(exw, request.currency), price_term="EXW")
    return Reverse(
        rounded(exw, 4),
        rounded(fob / request.quantity, 4),
        rounded(room, 4),
        at_price,
        cost(at_price, ready),
    )
