"""What a model costs from each plant that makes it: shipped from there, at that origin's duty."""

from collections.abc import Mapping
from dataclasses import replace

from offing.study.costs import (
    MarketCost,
    costed,
    importer_of,
    km_between,
    over_known_way,
    request_for,
    shipment_fob,
)
from offing.study.firm_file import Makes, ModelFacts, Plant
from offing.study.world import StudyInputs
from offing.terms.money import Money


def other_plants(world: StudyInputs, facts: ModelFacts) -> list[tuple[Plant, Makes]]:
    """The plants that make a model beside the one of its line."""
    home = world.study.plant_of(facts).key
    return [
        (plant, item)
        for plant in world.study.plant
        for item in plant.makes
        if item.model == facts.key and plant.key != home
    ]


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
        plant.key: _shipped(world, facts, plant, item, market)
        for plant, item in other_plants(world, facts)
    }


def _shipped(
    world: StudyInputs, facts: ModelFacts, plant: Plant, item: Makes, market: str
) -> MarketCost:
    importer = importer_of(world.laws.rulebook, market)
    km = km_between(world.warehouse, plant.country, market)
    request = replace(
        request_for(world.study, facts, market, importer, km),
        origin=plant.country,
        cost=Money(item.cost_cny, "CNY"),
    )
    if (preferred := plant.duty_preferred(market)) is not None:
        request = replace(request, duties={"mfn": str(preferred[0])})
    fob = shipment_fob(request, world.costing)
    cost = costed(request, fob, world.study.duty.get(market), world.costing)
    return over_known_way(cost, world.study, km)
