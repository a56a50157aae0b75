"""A change in sales parted into price and quantity: closed forms, sums without a rest, signs."""

from math import log

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ladders.standing import PARTS, price_and_quantity

AMOUNT = st.one_of(st.just(0.0), st.floats(0.01, 1e9))
CELL = st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT)


def parted(*cells: tuple[float, float, float, float]) -> pl.DataFrame:
    columns = ("before", "now", "units_before", "units_now")
    schema = dict.fromkeys(columns, pl.Float64)
    return price_and_quantity(pl.DataFrame(cells, schema=schema, orient="row"))


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ((100, 150, 10, 10), "price"), ((100, 150, 10, 15), "quantity"),
        ((0, 150, 0, 15), "begun"), ((100, 0, 10, 0), "ended"), ((100, 150, 0, 15), "unmeasured"),
        ((100, 150, 10, 0), "unmeasured"), ((-20, 150, 10, 15), "unmeasured"),
        ((100, -20, 10, 15), "unmeasured"),
    ],
)  # fmt: skip
def test_a_change_of_one_kind(cell: tuple[float, float, float, float], part: str) -> None:
    row = parted(cell).row(0, named=True)
    for name in PARTS:
        unknown = part == "unmeasured" and name in ("price", "quantity")
        expected = cell[1] - cell[0] if name == part else None if unknown else 0.0
        assert row[name] == pytest.approx(expected, abs=1e-9)


def test_both_at_once_by_hand() -> None:
    """Ang (2005): L(a, b) = (a − b) / ln(a / b), times the log change of each factor."""
    row = parted((100, 240, 10, 20)).row(0, named=True)  # price 10 → 12, quantity 10 → 20
    mean = 140 / log(2.4)
    assert row["price"] == pytest.approx(mean * log(1.2))
    assert row["quantity"] == pytest.approx(mean * log(2))


@given(st.lists(CELL, min_size=1, max_size=8))
def test_nothing_is_left_over_and_years_may_change_places(
    cells: list[tuple[float, float, float, float]],
) -> None:
    there = parted(*cells)
    back = parted(*((now, before, q1, q0) for before, now, q0, q1 in cells))
    for forth, again, (before, now, *_) in zip(
        there.rows(named=True), back.rows(named=True), cells, strict=True
    ):
        near = 1e-9 * max(abs(before), abs(now), 1.0)
        assert sum(forth[part] or 0 for part in PARTS) == pytest.approx(now - before, abs=near)
        for part in ("price", "quantity", "unmeasured"):
            assert (again[part] is None) == (forth[part] is None)
            assert again[part] in (None, pytest.approx(-(forth[part] or 0), abs=near))
        assert again["begun"] == pytest.approx(-forth["ended"], abs=near)


def test_what_is_worth_the_same_as_before() -> None:
    row = parted((100, 100, 10, 20)).row(0, named=True)  # half the price, twice as many
    assert (row["price"], row["quantity"]) == pytest.approx((-100 * log(2), 100 * log(2)))
