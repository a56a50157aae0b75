"""Sums of money are the same in any order, and exact."""

from math import fsum

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from offing.market.history import History
from offing.terms.frames import exact_sum

MONEY = st.lists(st.floats(0.001, 1e13), min_size=1, max_size=40)


@given(MONEY, st.randoms())
def test_the_order_does_not_matter(values: list[float], chance: object) -> None:
    mixed = list(values)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    sums = [
        pl.LazyFrame({"value_usd": one}).select(exact_sum()).collect().item()
        for one in (values, mixed, values[::-1])
    ]
    assert len(set(sums)) == 1
    assert abs(sums[0] - fsum(values)) <= 1e-15 * fsum(values) + len(values) * 2.0**-41


def test_pairs_of_a_year_are_the_same_in_every_run() -> None:
    """Each pair adds up hundreds of products, in whatever order threads bring them."""
    chance = np.random.default_rng(5)
    rows = 20_000
    flows = pl.DataFrame(
        {
            "year": 2020,
            "product": [f"{n:06d}" for n in range(rows)],
            "importer": [("DEU", "FRA", "USA")[n % 3] for n in range(rows)],
            "exporter": "CHN",
            "value_usd": chance.lognormal(10, 4, rows),
        }
    )
    made = {
        History.of(flows.sample(fraction=1.0, shuffle=True, seed=seed)).pairs(2020).value.tobytes()
        for seed in range(5)
    }
    assert len(made) == 1
