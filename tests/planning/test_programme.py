"""A sparse matrix by column, beside the same one written out in full."""

from dataclasses import replace

import numpy as np
import pytest

from offing.planning.offers import Offer, Offers

TV = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True)


ROWS = (TV, replace(TV, market="DEU"), replace(TV, market="FRA"))


UNITS = np.array([[[1.0, 0.0, 2.0]], [[3.0, 4.0, 0.0]]])


OFFERS = Offers(ROWS, (2027,), UNITS, 10 * UNITS, 100 * UNITS, np.ones(1))


def test_a_sum_that_is_kept_cannot_be_changed() -> None:
    earned = OFFERS.earned(0, np.array([1]), np.ones(1))
    with pytest.raises(ValueError, match="read-only"):
        earned += 1
