"""What a plan earns in another world, when it is kept as it is."""

from collections.abc import Container, Sequence

import numpy as np
from numpy.typing import NDArray

from offing.planning.offers import Offer, Offers
from offing.study.offers import build_choice_set
from offing.study.plan import StudyPlan, stage_of
from offing.study.studied import ProductAnalysis
from offing.study.world import StudyInputs

Floats = NDArray[np.float64]


def offers_in(world: StudyInputs, articles: Sequence[ProductAnalysis]) -> Offers:
    """The offers of a study under other rules or another demand, without a plan of them."""
    stage = stage_of(world, articles)
    return build_choice_set(world.study, stage.shelves, stage.draws, stage.rates).offers


def profit_of_fixed_plan(
    plan: StudyPlan, offers: Offers | None = None, without: Container[tuple[str, str]] = ()
) -> Floats:
    """Margin of the last year, CNY, in every scenario.

    Each model goes on in its market, from its plant, in its currency, at the nearest price; where
    it is not on offer any more it earns nothing. It sells what the market takes under the change,
    and no more than in the same scenario without it.

    Args:
        plan: that is kept.
        offers: of the other world; the plan's own where ``None``.
        without: segments that are in no sum, for what they earn there is not known.
    """
    own = plan.solved.programme.offers
    share = plan.solved.solution.decision.share[-1]
    offers = own if offers is None else offers
    total = np.zeros(offers.units.shape[0])
    for offer in np.flatnonzero(share > 0):
        there = _same(own.rows[offer], offers)
        if there is None or (own.rows[offer].model, own.rows[offer].market) in without:
            continue
        row = offers.rows[there]
        alive = offers.units[:, -1, there] > 0
        profit = offers.profit_cny[:, -1, there].astype(np.float64)
        planned, sold = own.units[:, -1, offer], offers.units[:, -1, there]
        # what the market would take beyond the plan was not planned to be made
        fraction = np.divide(planned, sold, out=np.ones(len(sold)), where=sold > planned)
        total += share[offer] * fraction * profit - row.keep_cny * alive
    return total


def _same(offer: Offer, offers: Offers) -> int | None:
    """The place of the offer that goes on with it."""
    alike = [
        index
        for index, row in enumerate(offers.rows)
        if (row.model, row.market, row.plant, row.line, row.currency)
        == (offer.model, offer.market, offer.plant, offer.line, offer.currency)
    ]
    return min(
        alike, key=lambda index: abs(offers.rows[index].price_usd - offer.price_usd), default=None
    )
