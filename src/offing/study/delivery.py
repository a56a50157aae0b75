"""How a model reaches a market from a plant: what a unit costs, its carriage, the duty it pays.

What is left of a unit is ``FOB (1 − g) − c``: with the marginal refund (免抵退) the tax that
becomes cost is in proportion to FOB; so are cover, commission and interest on what buyers owe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from offing.landed.shipment import carriage_of
from offing.planning.offering import Delivery
from offing.study.costs import (
    ZERO,
    MarketCost,
    add_refund,
    cost_shipment,
    importer_of,
    km_between,
    other_plants,
    over_known_way,
    request_for,
    shipment_fob,
)
from offing.study.inputs import StudyInputs
from offing.study.markets import Standing
from offing.study.schema import Makes, ModelFacts, Plant
from offing.terms.money import Money


def from_other_plants(
    world: StudyInputs, facts: ModelFacts, market: str
) -> Mapping[str, MarketCost]:
    """Plant → one shipment from it, at the model's price in the market.

    Origin and duty are those of the plant's country; under an agreement where the plant's content
    meets its rule of origin. China's export refund is not in it: the goods do not leave China.
    Inside the customs territory of the plant there is no duty, and no quote.

    Args:
        world: of the study.
        facts: of the model.
        market: alpha-3.

    Raises:
        InputError, RuleError: see :func:`~offing.study.costs.shipment_fob`.
    """
    return {
        plant.key: _cost_from_plant(world, facts, plant, item, market)
        for plant, item in other_plants(world.study, facts)
    }


def _cost_from_plant(
    world: StudyInputs, facts: ModelFacts, plant: Plant, item: Makes, market: str
) -> MarketCost:
    importer = importer_of(world.laws.rulebook, market)
    km = km_between(world.warehouse, plant.country, market)
    request = request_for(world.study, facts, market, importer, km, (plant, item))
    fob = shipment_fob(request, world.costing)
    cost = cost_shipment(request, fob, world.study.duty.get(market), world.costing)
    return over_known_way(cost, world.study, km)


SAME_UNION = "study.same_union"
"""No duty: the plant is inside the market's customs territory."""


def duty_of(cost: MarketCost) -> float | None:
    """The duty on CIF, none inside a customs territory; ``None`` where it is not known."""
    if cost.duty_rate is None:
        return 0.0 if cost.missing == SAME_UNION else None
    return float(cost.duty_rate)


STEP = Decimal("1.25")
"""The second price at which tax is computed: it is linear in the price."""


def deliveries(
    world: StudyInputs,
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
    # Beside a duty that is not known no other plant's is higher or lower.
    ways = [home, *([] if home.duty is None else _from_abroad(world, facts, market))]
    return tuple(replace(way, currency=code) for way in ways for code in currencies)


def _shares(world: StudyInputs, market: str) -> float:
    """What goes off in proportion to FOB on the way to the firm's account."""
    study = world.study
    days = study.settlement.days if study.settlement else 0
    rates, channel = study.rates, study.channel_in(market)
    return float(
        channel.commission + rates.credit_insurance + rates.interest * Decimal(days) / Decimal(360)
    )


def _from_home(
    world: StudyInputs,
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
        refunded, _, _ = add_refund(request, study.firm, facts, refund_rate, world.costing)
        way = carriage_of(refunded, fx)
        whole = fx.convert(way.fob_cost or ZERO, "USD", "CNY") / refunded.quantity
        carried = fx.convert(way.inland + way.export_clearance, "USD", "CNY") / refunded.quantity
        return whole, carried

    low, carried = cost_at(price)
    high, _ = cost_at(price * STEP)
    step = fx.convert(price * (STEP - 1), "USD", "CNY")
    tax = (high - low) / step
    fixed = low - tax * fx.convert(price, "USD", "CNY")
    bare = Delivery(
        plant=study.plant_of(facts).key,
        line=study.line_of(facts).key,
        currency="USD",
        cost_cny=float(fixed - carried),
        carried_cny=float(carried),
        proportional=float(tax),
        hours=float(facts.hours),
    )
    return _way(world, facts, market, standing.cost, bare)


def _from_abroad(world: StudyInputs, facts: ModelFacts, market: str) -> list[Delivery]:
    """From plants that make the model beside its own; left out where no duty is known."""
    ways = []
    costs = from_other_plants(world, facts, market)
    for plant, makes in other_plants(world.study, facts):
        cost = costs[plant.key]
        if duty_of(cost) is None:
            continue
        on_board = world.fx.convert(cost.fob_usd * (1 - cost.margin_rate), "USD", "CNY")
        bare = Delivery(
            plant=plant.key,
            line=makes.line,
            currency="USD",
            cost_cny=float(makes.cost_cny),
            carried_cny=float(on_board - makes.cost_cny),
            hours=float(makes.hours or facts.hours),
        )
        ways.append(_way(world, facts, market, cost, bare))
    return ways


def _way(
    world: StudyInputs, facts: ModelFacts, market: str, cost: MarketCost, bare: Delivery
) -> Delivery:
    """A delivery with what does not depend on the plant's books: freight, duty, channel, terms."""
    study = world.study
    days = study.settlement.days if study.settlement else 0
    margin = float(study.channel_in(market).margin)
    return replace(
        bare,
        brand=facts.brand,
        proportional=bare.proportional + _shares(world, market),
        freight_usd=float(cost.cif_usd - cost.fob_usd),
        duty=duty_of(cost),
        retail=1 / (1 - margin) - 1,
        lot=float(facts.minimum_lot),
        receivable_days=float(days),
    )
