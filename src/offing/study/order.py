"""An order on the table (手上的订单): what it earns, what its hours are worth, when it pays.

The order is costed as the study costs a shipment: freight, insurance and duty where the seller
bears them, carriage to the port, tax that is not refunded, the channel, the wait for the money, the
bank. What is left is held against what the plan would lose on a full line, were the order's hours
taken from it. All of it is linear in the price, so two prices tell at which one nothing is left.

A cost that is not known can only make an order worse: a profit above nought is then no answer.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from math import fsum, inf

import numpy as np
import polars as pl

from offing.landed.shipment import Shipment, carriage_of
from offing.planning.limits import hours_worth
from offing.planning.offering import Outlet, Selling
from offing.settlement.deal import Credit, option
from offing.settlement.market_data import Compared, Own, market_data
from offing.study.analysis import analyse_products
from offing.study.choices import sum_of
from offing.study.costs import (
    NO_QUOTE,
    add_refund,
    cost_with_own_duty,
    importer_of,
    refund_rate_of,
    request_for,
)
from offing.study.inputs import StudyInputs
from offing.study.options import entry_cost
from offing.study.run import plan_study
from offing.study.sales_history import year_before
from offing.study.schema import ModelFacts, SettlementFacts
from offing.terms.caution import CountryCode, Value
from offing.terms.errors import OffingError
from offing.terms.firm_records import Deal
from offing.terms.money import Money
from offing.terms.sale_terms import CONTAINS, DUTY_PAID, Incoterm
from offing.terms.text import firm_key

STEP = Decimal("1.25")
"""The second price at which an order is costed."""
YEAR = 360
Lacking = dict[str, Value]
"""What is not known of an order's costs: message key → what it needs."""


@dataclass(frozen=True)
class Order:
    """What is asked: units of a model for a market at a price of one on an Incoterm.

    Attributes:
        facts: of the model.
        market: alpha-3.
        units: of the order.
        price: of one.
        term: of the price.
        on: its day: of the law, and of the year in which its hours are taken.
        days: until the buyer pays; as the study has it where ``None``.
        destination: costs from the border on, for all of it; ``None`` where they are not given.
        buyer: as the ledger calls it.
        planned: whether the plan counts on it already: then it takes no other's hours.
    """

    facts: ModelFacts
    market: str
    units: Decimal
    price: Money
    term: Incoterm
    on: date
    days: int | None = None
    destination: Money | None = None
    buyer: str | None = None
    planned: bool = False

    @property
    def hours(self) -> float:
        """Of the line."""
        return float(self.units * self.facts.hours)

    def at(self, price: Decimal, currency: str, term: Incoterm) -> "Order":
        """The same at another price of a unit."""
        return replace(self, price=Money(price, currency), term=term)


@dataclass(frozen=True)
class OrderResult:
    """What an order comes to, CNY for all of it.

    Attributes:
        order: as it was asked.
        lines: part → what it adds or takes, the receipts first.
        hours_cny: what the plan would lose by its hours; ``None`` where that is not known.
        zero: price of a unit at which nothing is left after the hours, in the order's currency and
            term; a lower bound where ``lacking``.
        usual: price at which it has the margin of today's price in the market, or the study's.
        margin: that margin, a share of FOB.
        at_risk_cny: by how much the exchange rate may take it down, one in twenty; ``None`` where
            that is not known.
        owed_cny: what the buyer owes and is not yet due, by the ledger, and the order; ``None``
            where no buyer is named.
        limit_cny: what the buyer may owe; ``None`` where the study states none.
        line_hours: of its line, a year.
        entering_cny: of entering the market; ``None`` where the ledger has the model there, or
            there is no ledger.
        lacking: what is not known of its costs.
        free_hours: of the line in its year, that the plan leaves.
        interest: a year, at which the wait is counted.
        entering_shipped: whether a part of ``entering_cny`` is a shipped, illustrative sum.
    """

    order: Order
    lines: dict[str, float]
    hours_cny: float | None
    zero: float
    usual: float
    margin: float
    at_risk_cny: float | None
    owed_cny: float | None
    limit_cny: float | None
    line_hours: float
    entering_cny: float | None
    lacking: Lacking
    free_hours: float = 0.0
    interest: float = 0.0
    entering_shipped: bool = False

    @property
    def profit_cny(self) -> float:
        """Before the price of its hours."""
        return fsum(self.lines.values())

    @property
    def net_cny(self) -> float:
        """After what is known of it."""
        return self.profit_cny - (self.hours_cny or 0.0)

    @property
    def verdict(self) -> str:
        """``beyond`` the line, over the ``limit``, ``refuse``, ``counter``, ``withheld``, ``take``;
        ``entered``: to be taken only where the market, which costs more than it, is entered anyway.

        It is refused where a price of the usual margin would not pay for its hours either.
        """
        if self.order.hours > self.line_hours:
            return "beyond"
        if (self.owed_cny or 0.0) > (inf if self.limit_cny is None else self.limit_cny):
            return "limit"
        if self.net_cny < 0:
            return "counter" if self.zero <= self.usual else "refuse"
        if self.lacking:
            return "withheld"
        return "take" if self.net_cny >= (self.entering_cny or 0.0) else "entered"


def weigh_order(world: StudyInputs, order: Order) -> OrderResult:
    """Cost an order, price its hours and find the prices at which it pays.

    Raises:
        InputError, RuleError: of a price below its carriage, or no exchange rate or refund rate.
    """
    lacking: Lacking = {}
    line = world.study.line_of(order.facts)
    priced, outlet = _hours_and_outlet(world, order, lacking)
    free, worth = priced or (0.0, None)
    if order.planned or order.hours > line.hours:
        worth = 0.0
        lacking.pop("order.lack_hours", None)
    there = _as_ordered(world, order)
    at_usual, _ = _lines_with_bank(there, _usual_price_order(order, outlet), {})
    margin = fsum(at_usual.values()) / _fob(at_usual)
    lines, at_risk = _lines_with_bank(there, order, lacking)
    higher = order.at(order.price.amount * STEP, order.price.currency, order.term)
    then, _ = _lines_with_bank(there, higher, {})

    def price_at(least: float, of_fob: float = 0.0) -> float:
        """Where the profit is ``least`` and a share of FOB."""
        left, later = (fsum(part.values()) - least - of_fob * _fob(part) for part in (lines, then))
        return float(order.price.amount) * (1 - left * float(STEP - 1) / (later - left))

    facts, buyer, (entering, shipped) = there.study.settlement, order.buyer, _entering(world, order)
    limit = facts.buyer_limits_cny.get(buyer) if facts and buyer else None
    return OrderResult(
        order=order, lines=lines, hours_cny=worth, zero=price_at(worth or 0.0),
        usual=price_at(0.0, margin), margin=margin, at_risk_cny=at_risk,
        owed_cny=lines["received"] + _owed_by_buyer(world, buyer, facts.days)
        if buyer and facts else None,
        limit_cny=None if limit is None else float(limit), line_hours=float(line.hours),
        entering_cny=entering, lacking=lacking, free_hours=free, entering_shipped=shipped,
        interest=float(world.study.rates.interest),
    )  # fmt: skip


def _fob(lines: dict[str, float]) -> float:
    return lines["received"] + lines["way"]


def _hours_and_outlet(
    world: StudyInputs, order: Order, lacking: Lacking
) -> tuple[tuple[float, float] | None, Outlet | None]:
    """Hours that the plan leaves free, with what it would lose by the order's, and the model in the
    market as it plans it.
    """
    study, facts = world.study, order.facts
    try:
        made = plan_study(world, analyse_products(world))
    except OffingError as error:
        lacking["order.lack_hours"] = error.found.rstrip(".。")
        return None, None
    programme, shelf = made.solved.programme, made.choices.shelves.get(facts.key)
    line = f"{study.plant_of(facts).key}/{study.line_of(facts).key}"
    year = max(order.on.year, programme.offers.years[0])
    priced = hours_worth(
        programme, made.choices.risk, made.solved.solution, (line, year), order.hours
    )
    if priced is None:
        lacking["order.lack_hours"] = f"{line}, {year}"
    outlets = shelf.outlets if shelf else ()
    return priced, next((o for o in outlets if o.market == order.market), None)


def _as_ordered(world: StudyInputs, order: Order) -> StudyInputs:
    """The study on the order's day, with its shipment and its days of payment."""
    study = world.study
    units, settlement = min(order.units, study.shipping.shipment_units), study.settlement
    if order.days is not None:
        terms = settlement or SettlementFacts()
        settlement = terms.model_copy(update={"days": order.days})
    shipping = study.shipping.model_copy(update={"shipment_units": units})
    told = {"on": order.on, "shipping": shipping, "settlement": settlement}
    return replace(world, study=study.model_copy(update=told))


def _usual_price_order(order: Order, outlet: Outlet | None) -> Order:
    """At today's price where the model is sold, else at the study's."""
    if outlet is not None and isinstance(outlet.state, Selling):
        return order.at(Decimal(repr(outlet.price_usd)), "USD", "FOB")
    facts = order.facts
    asked = facts.market_prices_usd.get(order.market, facts.price_usd)
    return order.at(asked, "USD", facts.price_term)


def _lines(world: StudyInputs, order: Order, lacking: Lacking) -> dict[str, float]:
    """What the order comes to part by part, CNY; the bank apart."""
    study, market, fx = world.study, order.market, world.fx
    importer, km = importer_of(world.laws.rulebook, market), world.km.get(market)
    base = request_for(study, order.facts, market, importer, km)
    times, there = order.units / base.quantity, order.destination
    replace(base, quantity=order.units).check()
    of_shipment = there and Money(there.amount / times, there.currency)
    base = replace(base, price=order.price, price_term=order.term, destination_costs=of_shipment)
    contained = CONTAINS[order.term]
    if "freight" in contained and km is None and study.shipping.freight_usd_per_m3_1000km:
        lacking["order.lack_freight"] = CountryCode(market)
    if "destination" in contained and there is None:
        lacking["order.lack_destination"] = order.term
    request, at_fob = _request_with_refund(world, order, base, lacking)
    way, days = carriage_of(request, fx), study.settlement.days if study.settlement else 0

    def yuan(value: Decimal | None, currency: str = base.currency) -> float:
        return float(fx.convert((value or Decimal(0)) * times, currency, "CNY"))

    received, fob = yuan(order.price.amount * base.quantity, order.price.currency), yuan(at_fob)
    return {
        "received": received, "way": fob - received, "goods": -yuan(way.cost),
        "port": -yuan(way.inland + way.export_clearance), "tax": -yuan(way.not_deductible),
        "channel": -fob * float(study.channel_in(market).commission),
        "cover": -received * float(study.rates.credit_insurance),
        "wait": -received * float(study.rates.interest) * days / YEAR,
    }  # fmt: skip


def _request_with_refund(
    world: StudyInputs, order: Order, base: Shipment, lacking: Lacking
) -> tuple[Shipment, Decimal]:
    """The shipment with the firm's tax; a duty that the seller bears by law, else by the study."""
    study, facts = world.study, order.facts
    rate, _ = refund_rate_of(facts, study.on, rates=world.laws.refund_rates)

    def add_tax(shipment: Shipment) -> tuple[Shipment, Decimal]:
        return add_refund(shipment, study.firm, facts, rate, world.costing)[:2]

    try:
        return cost_with_own_duty(base, study.duty.get(order.market), add_tax)[1]
    except OffingError as error:
        if order.term not in DUTY_PAID or error.key not in NO_QUOTE:
            raise
    lacking["order.lack_duty"] = CountryCode(order.market)
    return add_tax(replace(base, price_term="DAP"))


def _lines_with_bank(
    world: StudyInputs, order: Order, lacking: Lacking
) -> tuple[dict[str, float], float | None]:
    """Its parts with what the bank takes, and how far the rate may take the receipts down; CNY."""
    lines, facts = _lines(world, order, lacking), world.study.settlement
    if facts is None:
        lacking["order.lack_settlement"] = ""
        return lines, None
    study, code, of = world.study, order.price.currency, world.fx.on  # no rate of a later day
    scope = Compared(of, [code], [facts.days], study.seed, oldest=study.rates_age)
    deal = Deal(order.price.amount * order.units, code, facts.days, facts.terms)
    try:
        own = Own(per_usd=study.rates.per_usd, volatility=facts.volatility)
        at = market_data(world.warehouse, scope, world.laws.settlement, world.fx, own)
        paths = at.paths[facts.days].get(code, np.empty(0))
        made = option(deal, code, Decimal(0), at.market, Credit(), paths)
    except OffingError as error:
        lacking["order.lack_bank"] = error.found.rstrip(".。")
        return lines, None
    bank = -float(made.spread_cost + made.fees)
    return lines | {"bank": bank}, float(made.expected - made.low)


def _entering(world: StudyInputs, order: Order) -> tuple[float | None, bool]:
    """What entering the market costs, where the ledger has no sale of the model of a year there;
    and whether a part of it is shipped.
    """
    year = pl.col("on") > year_before(world.study.on)
    sold = set(world.keyed_sales.filter(year, market=order.market)["key"])
    if world.ledger is None or order.facts.key in sold:
        return None, False
    own, market = world.study.entering, order.market
    shipped = bool(sum_of("entering", own, market)[1])
    return entry_cost(own, market, second=bool(sold))[0], shipped


def _owed_by_buyer(world: StudyInputs, buyer: str, days: int) -> float:
    """The buyer's invoices of so many days before the study's, CNY."""
    on = world.study.on
    lately = pl.col("on").is_between(on - timedelta(days=days), on, closed="right")
    names = world.sales["buyer"].drop_nulls().unique()
    spelled = [name for name in names if firm_key(name) == firm_key(buyer)]
    mine = world.sales.filter(lately, pl.col("buyer").is_in(spelled))
    usd = world.ledger_in_usd(mine)["usd"].sum() if mine.height else 0
    return float(usd) * float(world.fx.convert(Decimal(1), "USD", "CNY"))
