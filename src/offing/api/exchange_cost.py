"""What a trading company pays in CNY to earn one unit of foreign currency (换汇成本)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from offing.api import typed
from offing.api.asking import Answer, Asked, LawRequest, open_warehouse, question
from offing.api.given import one_of
from offing.refunds.marginal import ExchangeCost
from offing.refunds.marginal import exchange_cost as cost_of_exchange
from offing.refunds.rates import dated_rate, levies, rate_at_new_levy
from offing.refunds.rules import DatedRate
from offing.rules.rule_use import RuleUse, cite_source
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, RuleError, must_be_within
from offing.terms.exchange import FRESH, OLDEST
from offing.terms.money import Money
from offing.terms.numbers import percent
from offing.terms.sale_terms import (
    CONTAINS,
    DUTY_PAID,
    INCOTERMS,
    WITHOUT_VAT,
    Incoterm,
    place_without_vat,
    usual_term,
)
from offing.warehouse.exchange_rates import fx_of


@dataclass(frozen=True)
class ExchangeCostRequest(LawRequest):
    """What does a deal cost for each unit of foreign currency that it brings?

    Amounts are all of the same lot: of one unit, or of the whole deal.

    Attributes:
        price: in the foreign currency, on the Incoterm ``term``; ``freight``, ``insurance`` and
            ``destination_costs`` are inside it, these with duty and import tax on DDP.
        purchase: 含税进价, CNY.
        fees: 定额费用, CNY, or a share of the purchase such as ``"10%"``.
        vat_rate, refund_rate: 征税率 and 退税率; else those of ``product`` on the export date.
        bid: 买入价; else the day's reference rate, with a caution.
    """

    price: Annotated[typed.Amount, Asked("refund.help_exchange_price")]
    purchase: Annotated[typed.Amount, Asked("refund.help_exchange_purchase")]
    term: Annotated[str, Asked("landed.help_term")] = "FOB"
    freight: Annotated[typed.Amount, Asked("refund.help_exchange_freight")] = None
    insurance: Annotated[typed.Amount, Asked("refund.help_exchange_insurance")] = None
    destination_costs: Annotated[typed.Amount, Asked("refund.help_exchange_destination")] = None
    fees: Annotated[typed.Amount, Asked("refund.help_exchange_fees")] = None
    product: Annotated[str | None, Asked("refund.help_exchange_product")] = None
    on: Annotated[date | None, Asked("refund.help_exchange_on")] = None
    vat_rate: Annotated[typed.Share | None, Asked("refund.help_exchange_vat")] = None
    refund_rate: Annotated[typed.Share | None, Asked("refund.help_exchange_refund")] = None
    bid: Annotated[typed.Number, Asked("refund.help_exchange_bid")] = None
    rates_age: Annotated[int | None, Asked("landed.help_rates_age")] = None


@dataclass(frozen=True)
class ExchangeCostAnswer(Answer):
    """The cost of exchange of a deal.

    Attributes:
        cost: net receipt in ``currency``; rebate, total cost and revenue in CNY; CNY for one unit.
        currency: foreign.
        price, carriage: in ``currency``; the receipt is the one less the other.
        purchase, fees: CNY.
        vat_rate, refund_rate: shares.
        bid: CNY for one unit.
        term: of the price.
        rule: where the rates are from; ``None`` for the user's own.
    """

    cost: ExchangeCost
    currency: str
    price: Decimal
    carriage: Decimal
    purchase: Decimal
    fees: Decimal
    vat_rate: Decimal
    refund_rate: Decimal
    bid: Decimal
    term: Incoterm
    rule: RuleUse | None

    @property
    def receipt_term(self) -> Incoterm:
        """Of what is received: FOB, or the term on which the goods are sold before it."""
        return self.term if self.term in SOLD_BEFORE else "FOB"


FAR_BID, FAR_FROM_OLD = Decimal("0.03"), Decimal("0.1")
LEAST_MARGIN, GREATEST_MARGIN = Decimal("-0.5"), Decimal(2)
"""How far a bid lies off the ECB's rate of the day or of weeks before, and a margin off the cost,
before it is asked about: a bank pays some tenths of a per cent less than the middle."""


@question(ExchangeCostRequest)
def exchange_cost(request: ExchangeCostRequest) -> ExchangeCostAnswer:
    """Cost and margin of goods bought in and exported (外贸企业), by unit of foreign currency.

    Raises:
        InputError: an amount that cannot be, a price in CNY, or rates that must be given.
        RuleError: no refund rate or exchange rate on the day.

    >>> answer = exchange_cost("350 USD", 2060, term="CIF", freight=30, insurance="2.25",
    ...                        fees="10%", vat_rate="17%", refund_rate="9%", bid="6.5")
    >>> round(answer.cost.cny_per_unit, 2), round(answer.cost.margin_on_cost, 3)
    (Decimal('6.63'), Decimal('-0.020'))
    """
    price = typed.price(request.price, "CNY")
    assert price is not None
    if price.currency == "CNY":
        raise InputError("refund.exchange_in_cny", price=price)
    purchase = typed.money_in("CNY", request.purchase, "purchase")
    term = _term(request)
    carriage = _carriage(request, price, term)
    on = request.on or datetime.now(UTC).date()
    vat, back, rule = _rates(request, on)
    fees = request.fees
    if by_share := typed.is_percent(fees):
        fees = purchase * typed.share(str(fees), "--fees")
    bid, cautions = _bid(request, price.currency, on)
    costs = typed.money_in("CNY", fees, "fees")
    bare = not by_share and re.search("[^0-9.,]", str(fees or "").strip()) is None
    if bare and 0 < costs < 1 and costs < purchase / 1000:
        raise InputError("refund.exchange_fees_share", fees=request.fees)
    if carriage >= price.amount:
        raise InputError("refund.exchange_carriage_above", price=price, carriage=f"{carriage:f}")
    rates = {"vat_rate": vat, "refund_rate": back, "fx_bid": bid}
    fob = price.amount - carriage
    cost = cost_of_exchange(fob=fob, purchase_gross=purchase, fees=costs, **rates)
    lot = {"fob": fob, "purchase_gross": purchase, "fees": costs, "fx_bid": bid}
    asked = _bought_at_new_levy(request, on, lot, (vat, back)) if rule else ()
    cautions = (*cautions, *_odd_margin(cost.margin_on_cost), *asked)
    if rule is None and vat not in levies(on):
        odd = {"rate": f"{(vat * 100).normalize():f} %"}
        cautions = (*cautions, Caution("refund.exchange_odd_rate", odd))
    return ExchangeCostAnswer(
        cost, price.currency, price.amount, carriage, purchase, costs, vat, back, bid,
        term, rule, cautions=cautions,
    )  # fmt: skip


def _bought_at_new_levy(
    request: ExchangeCostRequest, on: date, lot: Mapping[str, Decimal], old: tuple[Decimal, Decimal]
) -> Iterator[Caution]:
    """The other figure of an export of April to June 2019, by the levy of the purchase."""
    newer = rate_at_new_levy(on, str(request.product), request.laws().refund_rates)
    if newer is None or request.vat_rate is not None:
        return
    levy, refund = newer.levy_rate, old[1] if request.refund_rate else newer.refund_rate
    cost = cost_of_exchange(**lot, vat_rate=levy, refund_rate=refund).cny_per_unit
    shares = zip(("old_levy", "old_refund", "levy", "refund"), (*old, levy, refund), strict=True)
    values = {name: percent(share) for name, share in shares}
    yield Caution("refund.exchange_old_levy", {**values, "cost": f"{cost:.4f}"})


def _odd_margin(margin: Decimal) -> Iterator[Caution]:
    if not LEAST_MARGIN <= margin <= GREATEST_MARGIN:
        which = "margin" if margin > 0 else "loss"
        yield Caution(f"refund.exchange_{which}_far", {"share": f"{abs(margin) * 100:.0f} %"})


def _bid(
    request: ExchangeCostRequest, currency: str, on: date
) -> tuple[Decimal, tuple[Caution, ...]]:
    """What the bank pays for one unit: the user's own, else the day's reference rate."""
    own = typed.number(request.bid)
    must_be_within("--bid", 1 if own is None else own, gt=0)
    try:
        oldest = OLDEST if request.rates_age is None else request.rates_age
        rates = fx_of(open_warehouse(request.warehouse), on, oldest=oldest)
        rate, day = rates.rate("CNY", currency)
    except RuleError as error:
        if own is not None:
            return own, ()
        raise InputError("refund.exchange_no_bid", currency=currency, day=on) from error
    if own is not None:
        far = FAR_BID if on - day <= FRESH else FAR_FROM_OLD
        if abs(own / rate - 1) <= far:
            return own, ()
        values = {
            "currency": currency,
            "given": f"{own:f}",
            "known": f"{rate:.6g}",
            "day": str(day),
            "share": f"{abs(own / rate - 1) * 100:.0f} %",
        }
        return own, (Caution("refund.exchange_bid_off", values),)
    middle = Caution("refund.exchange_middle", {"day": str(day), "rate": f"{rate:.6g}"})
    about = rates.cautions(("CNY", currency))
    return rate, (middle, *(replace(one, key=BY_BID.get(one.key, one.key)) for one in about))


BY_BID = {"landed.warn_rate_thin": "refund.exchange_thin"}
"""What is said of a rate where the user's own is the bank's bid."""
SOLD_BEFORE: tuple[Incoterm, ...] = ("EXW", "FCA", "FAS", "FOB")
"""Terms without freight and insurance."""


def _term(request: ExchangeCostRequest) -> Incoterm:
    if place_without_vat(request.term) is not None:
        return WITHOUT_VAT
    return one_of(usual_term(request.term), INCOTERMS, "--term")


def _carriage(request: ExchangeCostRequest, price: Money, term: Incoterm) -> Decimal:
    """What of the price lies behind the port; what the term contains must be given.

    A freight may be a share of the price; a premium not, since that is one of the insured sum.
    """
    inside = CONTAINS[term]
    parts: dict[str, tuple[typed.Amount, bool]] = {
        "--freight": (request.freight, "freight" in inside),
        "--insurance": (request.insurance, "insurance" in inside),
        "--destination-costs": (request.destination_costs, "destination" in inside),
    }
    total = Decimal(0)
    for name, (value, contained) in parts.items():
        if value is None and contained:
            taxed = "_taxed" if name == "--destination-costs" and term in DUTY_PAID else ""
            raise InputError(f"refund.exchange_carriage{taxed}", term=term, name=name)
        if value is not None and not contained and term in SOLD_BEFORE:
            raise InputError("refund.exchange_not_inside", term=term, name=name)
        if name == "--freight" and typed.is_percent(value):
            value = price.amount * typed.share(str(value), name)
        total += typed.money_in(price.currency, value, name)
    return total


NOT_KNOWN = (
    "refund.no_known_rate", "refund.no_rate",
    "refund.listed_part", "refund.listed_zero", "refund.listed_exempt",
)  # fmt: skip
"""Errors of a rate that the user must give, which name a file's columns."""


def _rates(request: ExchangeCostRequest, on: date) -> tuple[Decimal, Decimal, RuleUse | None]:
    """Levy and refund rate: the user's own, else those of the product on the day."""
    levy, back, use = request.vat_rate, request.refund_rate, None
    if levy is None or back is None:
        rate = _known_rate(request, on)
        levy = rate.levy_rate if levy is None else levy
        back, use = rate.refund_rate if back is None else back, rate.use()
    vat, refund = typed.share(levy, "--vat-rate"), typed.share(back, "--refund-rate")
    if refund > vat:
        raise InputError("refund.rate_above_levy", refund_rate=refund, levy_rate=vat)
    return vat, refund, use


def _known_rate(request: ExchangeCostRequest, on: date) -> DatedRate:
    """The rates of the product on the day, by the levy of its purchase where that is given."""
    if request.product is None:
        raise InputError("refund.exchange_rates")
    known = request.laws().refund_rates
    try:
        rate = dated_rate(on, code=request.product, rates=known)
    except OffingError as error:
        if error.key not in NOT_KNOWN:
            raise
        raise InputError("refund.exchange_no_rate", reason=error.found) from error
    if rate.cancelled:
        source = cite_source(rate.source)
        raise RuleError("refund.exchange_cancelled", product=request.product, source=source)
    newer = rate_at_new_levy(on, request.product, known)
    bought = typed.share(request.vat_rate or rate.levy_rate, "--vat-rate")
    return newer if newer is not None and bought < rate.levy_rate else rate
