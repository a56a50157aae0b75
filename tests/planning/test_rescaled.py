"""Offers multiplied for one input: what is not named stays as it was."""

import numpy as np

from offing.planning.risk import rescale_offers
from planning.offer_world import Shape, world


def test_what_is_not_named_stays() -> None:
    offers = world(Shape(3, 4, 3, scenarios=20), 3)
    made = rescale_offers(offers)
    for name in ("units", "profit_cny", "sales_usd"):
        assert np.array_equal(getattr(made, name), getattr(offers, name))
