"""How a model reaches a market from a plant: what a unit costs, its carriage, the duty it pays.

What is left of a unit is ``FOB (1 − g) − c``: with the marginal refund (免抵退) the tax that
becomes cost is in proportion to FOB; so are cover, commission and interest on what buyers owe.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from offing.landed.quote import quote
from offing.landed.shipment import QuoteRequest, way_of
from offing.planning.offering import Delivery
from offing.study.costs import ZERO, importer_of, km_between, request_for, with_refund
from offing.study.firm_file import Line, ModelFacts, Plant
from offing.study.markets import Standing
from offing.study.world import World
from offing.terms.errors import OffingError
from offing.terms.money import Money

STEP = Decimal("1.25")
"""The second price at which tax is computed: it is linear in the price."""


def deliveries(
    world: World,
    facts: ModelFacts,
    market: str,
    standing: Standing,
    currencies: Sequence[str],
    refund_rate: Decimal | None,
) -> tuple[Delivery, ...]:
    """Every way to deliver a model to a market, the usual plant and first currency first.

    Args:
        world: the study and what it rests on.
        facts: of the model.
        market: alpha-3.
        standing: of the model there.
        currencies: of the invoice, today's first.
        refund_rate: of the export refund; ``None`` where it was cancelled.
    """
    home = _from_home(world, facts, market, standing, refund_rate)
    ways = [home, *_from_abroad(world, facts, market, standing)]
    return tuple(replace(way, currency=code) for way in ways for code in currencies)


def _shares(world: World, market: str) -> float:
    """What goes off in proportion to FOB on the way to the firm's account."""
    study = world.study
    days = study.settlement.days if study.settlement else 0
    rates, channel = study.rates, study.channel_in(market)
    return float(
        channel.commission + rates.credit_insurance + rates.interest * Decimal(days) / Decimal(360)
    )


def _retail(world: World, market: str) -> float:
    margin = float(world.study.channel_in(market).margin)
    return 1 / (1 - margin) - 1


def _from_home(
    world: World,
    facts: ModelFacts,
    market: str,
    standing: Standing,
    refund_rate: Decimal | None,
) -> Delivery:
    study, fx = world.study, world.fx
    importer = importer_of(world.laws.rulebook, market)
    base = request_for(study, facts, market, importer, world.km.get(market))
    price = standing.cost.fob_usd

    def cost_at(fob: Decimal) -> tuple[Decimal, Decimal]:
        """CNY a unit that the goods cost on board, and what of it carries them there."""
        request = replace(base, price=Money(fob, "USD"), price_term="FOB")
        asked = with_refund(
            request,
            study.firm,
            facts,
            refund_rate=refund_rate,
            fx=fx,
            rulebook=world.laws.rulebook,
            warehouse=world.warehouse,
        ).request
        way = way_of(asked, fx)
        whole = fx.convert(way.fob_cost or ZERO, "USD", "CNY") / asked.quantity
        carried = fx.convert(way.inland + way.export_clearance, "USD", "CNY") / asked.quantity
        return whole, carried

    low, carried = cost_at(price)
    high, _ = cost_at(price * STEP)
    step = fx.convert(price * (STEP - 1), "USD", "CNY")
    tax = (high - low) / step
    fixed = low - tax * fx.convert(price, "USD", "CNY")
    return Delivery(
        plant=study.plant_of(facts).key,
        line=study.line_of(facts).key,
        currency="USD",
        cost_cny=float(fixed - carried),
        brand=facts.brand,
        carried_cny=float(carried),
        proportional=float(tax) + _shares(world, market),
        freight_usd=float(standing.cost.cif_usd - standing.cost.fob_usd),
        duty=float(standing.cost.duty_rate or 0),
        retail=_retail(world, market),
        hours=float(facts.hours),
        lot=float(facts.minimum_lot),
        receivable_days=float(study.settlement.days if study.settlement else 0),
    )


def _from_abroad(
    world: World, facts: ModelFacts, market: str, standing: Standing
) -> list[Delivery]:
    """From plants that make the model beside its own; no refund of China, duty by their origin."""
    study, home = world.study, world.study.plant_of(facts).key
    ways = []
    for plant in study.plant:
        for makes in plant.makes:
            if makes.model != facts.key or plant.key == home:
                continue
            line = next(line for line in plant.line if line.key == makes.line)
            km = (
                0.0
                if plant.country == market
                else km_between(world.warehouse, plant.country, market)
            )
            ways.append(_abroad(world, facts, market, standing, (plant, line), km))
    return [way for way in ways if way is not None]


def _abroad(
    world: World,
    facts: ModelFacts,
    market: str,
    standing: Standing,
    made: tuple[Plant, Line],
    km: float | None,
) -> Delivery | None:
    """One plant's way; ``None`` where nobody knows what duty its goods would pay."""
    study, fx, (plant, line) = world.study, world.fx, made
    makes = next(m for m in plant.makes if m.model == facts.key and m.line == line.key)
    importer = importer_of(world.laws.rulebook, market)
    request = replace(
        request_for(study, facts, market, importer, km),
        origin=plant.country,
        price=Money(standing.cost.fob_usd, "USD"),
        price_term="FOB",
    )
    way = way_of(request, fx)
    duty = _duty(world, plant, market, request)
    if duty is None:
        return None
    at_home = plant.country == market
    carried = fx.convert(way.inland + (ZERO if at_home else way.export_clearance), "USD", "CNY")
    fob = standing.cost.fob_usd * request.quantity
    freight = ZERO if at_home else (way.cif(fob) - fob) / request.quantity
    return Delivery(
        plant=plant.key,
        line=line.key,
        currency="USD",
        cost_cny=float(makes.cost_cny),
        brand=facts.brand,
        carried_cny=float(carried / request.quantity),
        proportional=_shares(world, market),
        freight_usd=float(freight),
        duty=float(duty),
        retail=_retail(world, market),
        hours=float(makes.hours or facts.hours),
        lot=float(facts.minimum_lot),
        receivable_days=float(study.settlement.days if study.settlement else 0),
    )


def _duty(world: World, plant: Plant, market: str, request: QuoteRequest) -> Decimal | None:
    """Duty on CIF of a plant's goods: none at home, the agreement's, else the tariff's."""
    if plant.country == market:
        return ZERO
    if (preferred := plant.duty_preferred(market)) is not None:
        return preferred[0]
    try:
        costed = quote(request, world.laws.rulebook, world.warehouse, world.fx)
    except OffingError as error:
        return ZERO if error.key == "landed.same_union" else None
    cif = next(line.amount for line in costed.lines if line.subtotal and line.stage == "CIF")
    paid = sum((x.amount for x in costed.lines if x.stage == "duty" and not x.subtotal), ZERO)
    return paid / cif if cif else ZERO
