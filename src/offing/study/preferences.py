"""Preferences not claimed (未利用的优惠协定): the duty that agreements take off today's sales.

No forecast is in it: the goods that are sold today, at the duties of the day. Whether they meet the
agreement's rule of origin is the firm's to show, see ``offing origin``.
"""

from collections.abc import Iterable, Iterator

from offing.landed.preferences import Preferred, compare_preferences
from offing.landed.shipment import CostLine
from offing.planning.plan import UnclaimedPreference
from offing.rules.origin import agreements_of
from offing.study.analysis import ProductAnalysis
from offing.study.costs import importer_of, request_for
from offing.study.inputs import StudyInputs
from offing.study.markets import Standing
from offing.terms.messages import LANGUAGES

LEAST_DUTY = 0.0005
"""A lower duty than a twentieth of a per cent is none."""


def unclaimed_preferences(
    world: StudyInputs, products: Iterable[ProductAnalysis]
) -> tuple[UnclaimedPreference, ...]:
    """Of each model and market that is sold in today at a duty; the largest saving first."""
    found = (
        one
        for product in products
        for market, sales in product.sales.now.items()
        if sales and market in product.standings
        for one in _unclaimed_in_market(world, product, market, product.standings[market], sales)
    )
    return tuple(sorted(found, key=lambda one: -one.saved_usd))


def _unclaimed_in_market(
    world: StudyInputs, product: ProductAnalysis, market: str, standing: Standing, sales: float
) -> Iterator[UnclaimedPreference]:
    """The agreement that saves most; where no schedule is loaded, the names and the whole duty.

    So too where the study gives the duty itself: it may be an agreement's already.
    """
    study, facts, cost = world.study, product.imports.facts, standing.cost
    if cost.quote is None or not cost.duty_rate or cost.duty_rate < LEAST_DUTY:
        return
    units = sales / float(cost.fob_usd)
    importer = importer_of(world.laws.rulebook, market)
    request = request_for(study, facts, market, importer, world.km.get(market))
    known: tuple[Preferred, ...] = ()
    if market not in study.duty:
        known = compare_preferences(request, world.laws.rulebook, world.warehouse, world.fx)
    if known:
        best = max(known, key=lambda one: one.saved)
        if best.saved > 0:
            yield UnclaimedPreference(
                facts.key, market, best.regime.upper(), {}, _rate(known[0].duty), _rate(best.duty),
                float(best.saved) * units,
            )  # fmt: skip
        return
    held = agreements_of(market, study.firm.origin, study.on)
    line = next((line for line in cost.quote.lines if line.stage == "duty"), None)
    if held and line is not None and line.amount > 0:
        names = {str(lang): " / ".join(row.name[lang] for row in held) for lang in LANGUAGES}
        whole = float(line.per_unit) * units
        yield UnclaimedPreference(facts.key, market, "", names, _rate(line), None, whole)


def _rate(line: CostLine | None) -> float:
    """Of a duty line, over what it is taken of."""
    return float(line.amount / line.base) if line is not None and line.base else 0.0
