"""What one shipment costs and earns in each market, from the facts of a study."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from offing.landed.quote import quote
from offing.landed.shipment import CostLine, Quote, Shipment, Stage, carriage_of
from offing.refunds.marginal import MarginalEffect, marginal_effect
from offing.refunds.methods import ExportLine, FirmMonth, Opening, output_tax
from offing.refunds.rates import dated_rate, group_of_code
from offing.refunds.rules import DatedRate, surtax_rates
from offing.rules.rule_use import READ, RuleUse, percent
from offing.rules.rulebook import Rulebook
from offing.rules.tariff import Tariffs
from offing.study.file import Study, place_text
from offing.study.schema import ArticleFacts, FirmFacts, Makes, ModelFacts, Plant
from offing.terms.caution import Caution, Phrase, Reference
from offing.terms.errors import InputError, MissingDataError, OffingError, RuleError, Where
from offing.terms.exchange import FxTable
from offing.terms.interval import holding
from offing.terms.messages import join_list, say
from offing.terms.money import Money
from offing.terms.sale_terms import DUTY_PAID
from offing.warehouse import Warehouse
from offing.warehouse.trade import kilometres

ZERO = Decimal(0)


@dataclass(frozen=True)
class Costing:
    """What shipments are costed with: the rules in force, the data, the day's exchange rates."""

    rulebook: Rulebook
    warehouse: Warehouse
    fx: FxTable

    @cached_property
    def tariffs(self) -> Tariffs:
        """The tariffs of the warehouse."""
        return Tariffs(self.warehouse)

    def quote(self, request: Shipment) -> Quote:
        """One shipment, costed to landed."""
        return quote(request, self.rulebook, self.warehouse, self.fx, self.tariffs)


@dataclass(frozen=True)
class MarketCost:
    """One product in one market.

    Attributes:
        fob_usd: our price of a unit, brought to FOB.
        cif_usd: the same at the importer's border, before duty.
        margin_rate: margin over the FOB price.
        duty_rate: duties over the CIF value; the study's own where there is no quote, ``None``
            where it has none.
        refund_usd: what comes back by the export refund for one unit.
        quote: the shipment costed to landed, or ``None``.
        missing: message key that says why there is no quote.
        refund_why: message key that says what the refund is limited by.
    """

    fob_usd: Decimal
    cif_usd: Decimal
    margin_rate: Decimal
    duty_rate: Decimal | None
    quote: Quote | None
    missing: str | None
    refund_usd: Decimal = ZERO
    refund_why: str = ""


NO_QUOTE = {
    "landed.no_regime": "study.no_regime",
    "landed.no_line_for": "study.no_tariff_line",
    "landed.code_not_in_tariff": "study.code_not_in_tariff",
    "landed.no_line_of_tax": "study.no_tax_line",
    "landed.several_lines": "study.several_tariff_lines",
    "landed.partly_on_list": "study.several_tariff_lines",
    "landed.no_rule": "study.no_rule",
    "landed.same_union": "study.same_union",
    "landed.no_fx": "study.no_rate",
    "landed.no_fx_any_more": "study.no_rate",
}
"""Errors of a quote that leave a market without one, and what the report says then."""


EVERY = "HS"
"""In ``national_codes`` every importer without a line of its own: six digits are all's."""


NOT_IN_TARIFF = "study.code_not_in_tariff"
OWN_DUTY = ("study.no_tariff_line", NOT_IN_TARIFF, "study.several_tariff_lines", "study.no_rule")
"""Where the rulebook has no duty, the study's own stands in for it."""


def typical_month(firm: FirmFacts, facts: ArticleFacts, refund_rate: Decimal) -> FirmMonth:
    """The firm's typical month of value-added tax, all its exports at the product's rates."""
    return FirmMonth(
        (ExportLine(firm.export_fob_cny, facts.levy_rate, refund_rate),),
        domestic_output_tax_cny=firm.domestic_output_tax_cny,
        input_tax_cny=firm.input_tax_cny,
        opening=Opening(firm.opening_credit_cny),
    )


def unknown_month(study: Study) -> list[Caution]:
    """That the study says nothing of a month, on which the refund of one more unit rests."""
    return [Caution("refund.no_month")] if study.firm.silent_of_month else []


def effect_of_one_unit(
    firm: FirmFacts, facts: ArticleFacts, refund_rate: Decimal, fob_cny: Decimal
) -> MarginalEffect | None:
    """What one more unit does to a manufacturer's month (免抵退); ``None`` for other firms."""
    if firm.vat_status != "manufacturer":
        return None
    return marginal_effect(
        typical_month(firm, facts, refund_rate),
        ExportLine(fob_cny, facts.levy_rate, refund_rate),
        input_tax_cny=facts.input_vat_cny,
        firm_class=firm.firm_class,
    )


@dataclass(frozen=True)
class UnitRefund:
    """What one more unit does to the firm's tax, in CNY, with the simple view beside it.

    Attributes:
        refund: cash that comes back by the refund.
        lost: tax that becomes cost for good.
        simple: refund rate × FOB, as the rule of thumb has it.
        effect: the change of a manufacturer's month; ``None`` for other firms.
        reason: message key of the sentence that says why refund and simple view differ.
    """

    refund: Decimal
    lost: Decimal
    simple: Decimal
    effect: MarginalEffect | None
    reason: str

    def why(self) -> str:
        """Why the refund is not rate × FOB, in one sentence."""
        return say(self.reason, refund=f"{self.refund:,.2f}", simple=f"{self.simple:,.2f}")


def refund_of_one_unit(
    firm: FirmFacts, facts: ArticleFacts, refund_rate: Decimal | None, fob_cny: Decimal
) -> UnitRefund:
    """The refund of one more unit, by the firm's status.

    A manufacturer's month decides what more exports bring (免抵退). A trading company gets back its
    input tax at the refund rate (免退): the rest is cost. A small-scale taxpayer's exports are
    exempt without a refund: all its input tax is cost. Goods whose refund was cancelled
    (``refund_rate`` is ``None``) are taxed like a sale at home (视同内销): the output tax inside
    the price is lost, input tax is credited, and surtaxes are due on what is left to pay.
    """
    if refund_rate is None and firm.vat_status != "small_scale":
        tax = output_tax(fob_cny, facts.levy_rate)
        surtax = max(tax - facts.input_vat_cny, ZERO) * surtax_rates()["city"].total
        return UnitRefund(ZERO, tax + surtax, ZERO, None, "landed.why_cancelled")
    refund_rate = refund_rate or ZERO
    simple = fob_cny * refund_rate
    effect = effect_of_one_unit(firm, facts, refund_rate, fob_cny)
    if effect is not None:
        return UnitRefund(effect.refund, effect.cost, simple, effect, effect.reason)
    if firm.vat_status == "trader":
        share = refund_rate / facts.levy_rate if facts.levy_rate else ZERO
        back = facts.input_vat_cny * share
        return UnitRefund(back, facts.input_vat_cny - back, simple, None, "landed.why_trader")
    return UnitRefund(ZERO, facts.input_vat_cny, simple, None, "landed.why_small_scale")


def refund_rate_of(
    facts: ModelFacts, on: date, *, rates: Sequence[DatedRate] | None = None
) -> tuple[Decimal | None, RuleUse | None]:
    """The product's refund rate on a day: the study's own, or the rulebook's with its trace.

    A reform that names the product's group wins over the study's own rate. ``None`` for goods
    whose refund was cancelled, which is more than a rate of zero.

    Args:
        facts: of the product.
        on: the day of export.
        rates: the rulebook's where ``None``; a reform's otherwise.

    Raises:
        InputError: ``study.model_without_rate``: no rate of the code is known on the day; it
            names the model and what to write.
    """
    if facts.refund_rate is not None:
        groups = (group_of_code(facts.code), facts.code)
        mine = [r for r in rates or () if r.group in groups and r.status == "user"]
        if not holding(mine, on):
            return facts.refund_rate, None
    try:
        rate = dated_rate(on, code=facts.code, rates=rates)
    except (InputError, RuleError) as error:
        raise missing_rate_error([facts], on, error) from error
    return None if rate.cancelled else rate.refund_rate, rate.use()


def lawful_refund(facts: ModelFacts, on: date) -> DatedRate | None:
    """The rate that was read for the code on the day, where the study's own is another."""
    if facts.refund_rate is None:
        return None
    try:
        rate = dated_rate(on, code=_longest_code(facts))
    except OffingError:
        return None
    other = rate.cancelled or rate.refund_rate != facts.refund_rate
    return rate if rate.status in READ and other else None


def otherwise_refunded(facts: ModelFacts, on: date) -> Iterator[Caution]:
    """A refund rate of the study's own where one that was read holds for the code on the day."""
    code = _longest_code(facts)
    rate = lawful_refund(facts, on)
    if rate is not None and facts.refund_rate is not None:
        yield Caution(
            "study.warn_other_refund",
            {
                "given": percent(facts.refund_rate),
                "known": Phrase("landed.refund_cancelled")
                if rate.cancelled
                else percent(rate.refund_rate),
                "code": code,
                "source": Reference(rate.source),
            },
        )


def _longest_code(facts: ModelFacts) -> str:
    return max(facts.code, facts.national_codes.get(EVERY, ""), key=len)


def missing_rate_error(
    models: Sequence[ModelFacts], on: date, error: OffingError, where: Where | None = None
) -> InputError:
    """Which models have no refund rate, why the first has none, and what to write."""
    keys = join_list(facts.key for facts in models)
    codes = join_list(dict.fromkeys(facts.code for facts in models))
    key = "study.model_without_rate"
    return InputError(key, where=where, models=keys, codes=codes, on=on, reason=error.found)


def must_have_rates(
    models: Sequence[ModelFacts], on: date, rates: Sequence[DatedRate], file: Path
) -> None:
    """Name all models without a refund rate at once.

    Raises:
        InputError: ``study.model_without_rate``.
    """
    without, first = [], None
    for facts in models:
        try:
            refund_rate_of(facts, on, rates=rates)
        except InputError as error:
            without.append(facts)
            cause = error.__cause__
            first = first or (cause if isinstance(cause, OffingError) else error)
    if first is not None:
        place = place_text(("model", models.index(without[0]), "refund_rate"))
        raise missing_rate_error(without, on, first, Where(file, key=place)) from first


def km_between(warehouse: Warehouse, origin: str, market: str) -> float | None:
    """The distance on which the study's freight rests; ``None`` where it is not loaded."""
    return kilometres(warehouse, origin).get(market)


def _usd(amount: Decimal) -> Money:
    return Money(amount, "USD")


def other_plants(study: Study, facts: ModelFacts) -> list[tuple[Plant, Makes]]:
    """The plants that make a model beside the one of its line."""
    home = study.plant_of(facts).key
    return [
        (plant, item)
        for plant in study.plant
        for item in plant.makes
        if item.model == facts.key and plant.key != home
    ]


def request_for(
    study: Study,
    facts: ArticleFacts,
    market: str,
    importer: str,
    km: float | None,
    made: tuple[Plant, Makes] | None = None,
) -> Shipment:
    """The shipment that the study describes, to one market; freight grows with the distance.

    ``importer`` is the market, or the customs union that it is in; ``made`` another plant than that
    of the model's line, with what it costs there: its country is the origin.
    """
    shipping = study.shipping
    volume = facts.m3 * shipping.shipment_units
    distance = Decimal(round(km or 0)) / 1000
    freight = volume * (
        shipping.freight_usd_per_m3_fixed + shipping.freight_usd_per_m3_1000km * distance
    )
    origin, cost, preferred = study.firm.origin, facts.cost_cny, None
    if made is not None:
        origin, cost, preferred = made[0].country, made[1].cost_cny, made[0].duty_preferred(market)
    return Shipment(
        product=facts.code,
        destination=market,
        on=study.on,
        rates_age=study.rates_age,
        quantity=shipping.shipment_units,
        currency="USD",
        origin=origin,
        unit=facts.unit,
        cost=Money(cost, "CNY"),
        duties={} if preferred is None else {"mfn": str(preferred[0])},
        inland=_usd(volume * shipping.inland_usd_per_m3),
        export_clearance=_usd(shipping.export_clearance_usd),
        freight=_usd(freight.quantize(Decimal("0.01"))),
        insurance_rate=shipping.insurance_rate,
        insured_markup=shipping.insured_markup,
        price=_usd(facts.market_prices_usd.get(market, facts.price_usd)),
        price_term=facts.price_term,
        mode=shipping.mode,
        national_code=facts.national_codes.get(importer) or facts.national_codes.get(EVERY),
        unit_kg=facts.kg,
        unit_m3=facts.m3,
        illustrative=shipping.illustrative_lines(),
    )


def carriage_sums(study: Study, facts: ArticleFacts, km: float | None) -> dict[str, str]:
    """How the study's carriage came about, in numbers: cost line → computation, in USD."""
    shipping = study.shipping
    volume = f"{_plain(shipping.shipment_units)} × {_plain(facts.m3)} m³"
    per_m3 = (
        f"({_plain(shipping.freight_usd_per_m3_fixed)} + "
        f"{_plain(shipping.freight_usd_per_m3_1000km)} × {round(km or 0):,} km ÷ 1,000)"
    )
    return {
        "inland": f"{volume} × {_plain(shipping.inland_usd_per_m3)}",
        "freight": f"{volume} × {per_m3}",
    }


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def importer_of(rulebook: Rulebook, market: str) -> str:
    """The importer whose tariff a market uses; the market itself where there is no regime."""
    try:
        return rulebook.regime(market).importer
    except MissingDataError:
        return market


def add_refund(
    request: Shipment,
    firm: FirmFacts,
    facts: ArticleFacts,
    refund_rate: Decimal | None,
    by: Costing,
) -> tuple[Shipment, Decimal, UnitRefund]:
    """Put the marginal refund at the shipment's own price into it.

    Returns:
        The shipment with the marginal refund and the tax that becomes cost of one unit; its price
        brought to FOB, in its currency; what one unit does to the firm's tax.

    Raises:
        InputError: the price does not cover the carriage that its Incoterm contains.
        RuleError: there is no exchange rate of the day.
    """
    fob = shipment_fob(request, by)
    fob_cny = by.fx.convert(fob / request.quantity, request.currency, "CNY")
    refund = refund_of_one_unit(firm, facts, refund_rate, fob_cny)
    taxed = replace(request, refund_cny=refund.refund, not_deductible_cny=refund.lost)
    return taxed, fob, refund


def cost_in_market(
    study: Study,
    facts: ArticleFacts,
    market: str,
    km: float | None,
    refund_rate: Decimal | None,
    by: Costing,
) -> MarketCost:
    """Cost one shipment to a market, with the firm's marginal refund.

    A market without a regime, a tariff line or a rule on the day still has its FOB margin.

    Raises:
        InputError, RuleError: see :func:`add_refund`.
    """
    request = request_for(study, facts, market, importer_of(by.rulebook, market), km)
    request, fob, refund = add_refund(request, study.firm, facts, refund_rate, by)
    cost = cost_shipment(request, fob, study.duty.get(market), by)
    cost = over_known_way(cost, study, km)
    back = by.fx.convert(refund.refund, "CNY", "USD")
    return replace(cost, refund_usd=back, refund_why=refund.reason)


def over_known_way(cost: MarketCost, study: Study, km: float | None) -> MarketCost:
    """The cost, without its landed one where freight grows with a distance that is not known."""
    if km is not None or cost.quote is None or not study.shipping.freight_usd_per_m3_1000km:
        return cost
    return replace(cost, quote=None, missing="study.no_distance")


def cost_shipment(request: Shipment, fob: Decimal, own: Decimal | None, by: Costing) -> MarketCost:
    """One shipment, landed where its duty is known; ``own`` is the study's, for where it is not."""
    way = carriage_of(request, by.fx)
    quoted, missing = quote_or_reason(request, own, by)
    unquoted = ZERO if missing == NO_QUOTE["landed.same_union"] else own
    return MarketCost(
        fob_usd=fob / request.quantity,
        cif_usd=way.cif(fob) / request.quantity,
        margin_rate=(fob - (way.fob_cost or ZERO)) / fob,
        duty_rate=unquoted if quoted is None else duty_rate_of(quoted),
        quote=quoted,
        missing=missing,
    )


def shipment_fob(request: Shipment, by: Costing) -> Decimal:
    """The shipment's price brought to FOB; from landed, duty and tax come off first.

    Without a price the costs stand in: the refund then is that of a sale without margin.

    Raises:
        InputError: the price does not cover the carriage that its Incoterm contains.
        MissingDataError, RuleError: of a landed price, there is no duty or no exchange rate.
    """
    way = carriage_of(request, by.fx)
    if request.price is None:
        return way.fob_cost or ZERO
    if request.price_term not in DUTY_PAID:
        price = by.fx.convert(request.price.amount, request.price.currency, request.currency)
        return way.fob_of(price * request.quantity, request.price_term, request.currency)
    return subtotal(by.quote(request), "FOB").amount


def quote_or_reason(
    request: Shipment, own: Decimal | None, by: Costing
) -> tuple[Quote | None, str | None]:
    """The shipment costed, at the study's ``own`` duty where none is known; or why it cannot be."""
    try:
        return cost_with_own_duty(request, own, by.quote)[1], None
    except OffingError as error:
        if error.key not in NO_QUOTE:
            raise
        return None, NO_QUOTE[error.key]


Found = TypeVar("Found")


def cost_with_own_duty(
    request: Shipment, own: Decimal | None, ask: Callable[[Shipment], Found]
) -> tuple[Shipment, Found]:
    """What is asked of a shipment, and the shipment: at the study's ``own`` duty where the rulebook
    and the tariffs know none.
    """
    try:
        return request, ask(request)
    except OffingError as error:
        if own is None or NO_QUOTE.get(error.key) not in OWN_DUTY:
            raise
    request = replace(request, duties={**request.duties, "mfn": str(own)})
    return request, ask(request)


def subtotal(quoted: Quote, stage: Stage) -> CostLine:
    """The line that sums up to a stage."""
    return next(line for line in quoted.lines if line.subtotal and line.stage == stage)


def duty_rate_of(quoted: Quote) -> Decimal:
    """Duties over the CIF value."""
    cif = subtotal(quoted, "CIF").amount
    paid = sum((x.amount for x in quoted.lines if x.stage == "duty" and not x.subtotal), ZERO)
    return paid / cif if cif else ZERO


def duty_rates(costs: Mapping[str, MarketCost]) -> dict[str, float]:
    """Market → duty over the CIF value, where it is known."""
    return {
        market: float(cost.duty_rate)
        for market, cost in costs.items()
        if cost.duty_rate is not None
    }
