"""What one shipment costs and earns in each market, from the facts of a study."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from offing.costing.fx import FxTable
from offing.costing.quote import quote
from offing.costing.refund.marginal import MarginalEffect, marginal_effect
from offing.costing.refund.months import ExportLine, FirmMonth, Opening
from offing.costing.rulebook import Rulebook
from offing.costing.shape import Quote
from offing.costing.shipment import QuoteRequest, Way, way_of
from offing.study.file import FirmFacts, ProductFacts, Study
from offing.terms.errors import MissingDataError, OffingError
from offing.terms.money import Money
from offing.warehouse import Warehouse

ZERO = Decimal(0)


@dataclass(frozen=True)
class MarketCost:
    """One product in one market.

    Attributes:
        fob_usd: our price of a unit, brought to FOB.
        cif_usd: the same at the importer's border, before duty.
        margin_rate: margin over the FOB price.
        duty_rate: duties over the CIF value; ``None`` where there is no quote.
        quote: the shipment costed to landed, or ``None``.
        missing: message key that says why there is no quote.
    """

    fob_usd: Decimal
    cif_usd: Decimal
    margin_rate: Decimal
    duty_rate: Decimal | None
    quote: Quote | None
    missing: str | None


NO_QUOTE = {
    "costing.no_regime": "study.no_regime",
    "costing.no_line_for": "study.no_tariff_line",
    "costing.several_lines": "study.several_tariff_lines",
    "costing.no_rule": "study.no_rule",
}
"""Errors of a quote that leave a market without one, and what the report says then."""


def typical_month(firm: FirmFacts, facts: ProductFacts, refund_rate: Decimal) -> FirmMonth:
    """The firm's typical month of value-added tax, all its exports at the product's rates."""
    return FirmMonth(
        (ExportLine(firm.export_fob_cny, facts.levy_rate, refund_rate),),
        domestic_output_tax_cny=firm.domestic_output_tax_cny,
        input_tax_cny=firm.input_tax_cny,
        opening=Opening(firm.opening_credit_cny),
    )


def effect_of_one_unit(
    firm: FirmFacts, facts: ProductFacts, refund_rate: Decimal, fob_cny: Decimal
) -> MarginalEffect | None:
    """What one more unit does to a manufacturer's month (免抵退); ``None`` for other firms."""
    if firm.vat_status != "manufacturer":
        return None
    return marginal_effect(
        typical_month(firm, facts, refund_rate),
        fob_cny=fob_cny,
        input_tax_cny=facts.input_vat_cny,
        levy_rate=facts.levy_rate,
        refund_rate=refund_rate,
        firm_class=firm.firm_class,
    )


def plain_effect(
    firm: FirmFacts, facts: ProductFacts, refund_rate: Decimal
) -> tuple[Decimal, Decimal]:
    """Refund and tax that becomes cost, for one unit of a firm that is no manufacturer, in CNY.

    A trading company gets back its input tax at the refund rate (免退): the rest is cost. A
    small-scale taxpayer gets nothing back: all of it is cost.
    """
    if firm.vat_status == "trader":
        back = facts.input_vat_cny * refund_rate / facts.levy_rate if facts.levy_rate else ZERO
        return back, facts.input_vat_cny - back
    return ZERO, facts.input_vat_cny


def _usd(amount: Decimal) -> Money:
    return Money(amount, "USD")


def request_for(
    study: Study, facts: ProductFacts, market: str, importer: str, km: float | None
) -> QuoteRequest:
    """The shipment that the study describes, to one market; freight grows with the distance.

    ``importer`` is the market, or the customs union that it is in.
    """
    shipping = study.shipping
    volume = facts.m3 * shipping.shipment_units
    distance = Decimal(round(km or 0)) / 1000
    freight = volume * (
        shipping.freight_usd_per_m3_fixed + shipping.freight_usd_per_m3_1000km * distance
    )
    return QuoteRequest(
        product=facts.code,
        destination=market,
        on=study.on,
        quantity=shipping.shipment_units,
        currency="USD",
        origin=study.firm.origin,
        unit=facts.unit,
        cost=Money(facts.cost_cny, "CNY"),
        inland=_usd(volume * shipping.inland_usd_per_m3),
        export_clearance=_usd(shipping.export_clearance_usd),
        freight=_usd(freight.quantize(Decimal("0.01"))),
        insurance_rate=shipping.insurance_rate,
        insured_markup=shipping.insured_markup,
        price=_usd(facts.market_prices_usd.get(market, facts.price_usd)),
        price_term=facts.price_term,
        mode=shipping.mode,
        national_code=facts.national_codes.get(importer),
        unit_kg=facts.kg,
        unit_m3=facts.m3,
    )


def cost_in_market(
    study: Study,
    facts: ProductFacts,
    market: str,
    *,
    km: float | None,
    refund_rate: Decimal,
    fx: FxTable,
    rulebook: Rulebook,
    warehouse: Warehouse,
) -> MarketCost:
    """Cost one shipment to a market, with the firm's marginal refund.

    A market without a regime, a tariff line or a rule on the day still has its FOB margin.

    Raises:
        InputError: the price does not cover the carriage that its Incoterm contains.
        RuleError: there is no exchange rate of the day.
    """
    try:
        importer = rulebook.regime(market).importer
    except MissingDataError:
        importer = market
    request = request_for(study, facts, market, importer, km)
    way = way_of(request, fx)
    fob = _fob(request, way, rulebook, warehouse)
    effect = effect_of_one_unit(
        study.firm, facts, refund_rate, fx.convert(fob / request.quantity, "USD", "CNY")
    )
    if effect is None:
        refund, lost = plain_effect(study.firm, facts, refund_rate)
    else:
        refund, lost = effect.refund, effect.cost
    request = replace(request, refund_cny=refund, not_deductible_cny=lost)
    way = way_of(request, fx)
    try:
        made, missing = quote(request, rulebook, warehouse), None
    except OffingError as error:
        if error.key not in NO_QUOTE:
            raise
        made, missing = None, NO_QUOTE[error.key]
    return MarketCost(
        fob_usd=fob / request.quantity,
        cif_usd=way.cif(fob) / request.quantity,
        margin_rate=(fob - (way.fob_cost or ZERO)) / fob,
        duty_rate=None if made is None else _duty_rate(made),
        quote=made,
        missing=missing,
    )


def _fob(request: QuoteRequest, way: Way, rulebook: Rulebook, warehouse: Warehouse) -> Decimal:
    """The shipment's price brought to FOB; from landed, duty and tax come off first."""
    assert request.price is not None
    if request.price_term != "DDP":
        return way.fob_of(request.price.amount * request.quantity, request.price_term)
    landed = quote(request, rulebook, warehouse)
    return next(line.amount for line in landed.lines if line.subtotal and line.stage == "FOB")


def _duty_rate(made: Quote) -> Decimal:
    cif = next(line.amount for line in made.lines if line.subtotal and line.stage == "CIF")
    paid = sum((x.amount for x in made.lines if x.stage == "duty" and not x.subtotal), ZERO)
    return paid / cif if cif else ZERO


def duty_rates(costs: Mapping[str, MarketCost]) -> dict[str, float]:
    """Market → duty over the CIF value, where it is known."""
    return {
        market: float(cost.duty_rate)
        for market, cost in costs.items()
        if cost.duty_rate is not None
    }
