"""The place of a price: ends, order, width, and the closed form behind it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladder_flows import EXPORTERS, drawn, row, table
from offing.ladder.build import ladder
from offing.ladder.place import place
from offing.ladder.shape import Ladder
from offing.terms.errors import InputError

FRENCH = ladder(drawn(5), product="8528", market="FRA")


def market(prices: dict[str, float], *, years: int = 3, wobble: float = 0.0) -> Ladder:
    """Suppliers of equal value at given prices, which may waver from year to year."""
    rows = []
    for year in range(years):
        for number, (exporter, price) in enumerate(prices.items()):
            moved = price * math.exp(wobble * (-1) ** (year + number))
            rows.append(
                row(year=2021 + year, exporter=exporter, value_usd=1000.0, items=1000.0 / moved)
            )
    return ladder(table(rows), product="852872", market="DEU")


def test_ends() -> None:
    assert place(FRENCH, 1e-6).percentile == pytest.approx(0.0, abs=1e-9)
    assert place(FRENCH, 1e9).percentile == pytest.approx(1.0, abs=1e-9)
    assert place(FRENCH, 1e-6).tiers["low"] == pytest.approx(1.0)
    assert place(FRENCH, 1e9).tiers["high"] == pytest.approx(1.0)


@settings(max_examples=100, deadline=None)
@given(prices=st.tuples(st.floats(0.01, 1e5), st.floats(0.01, 1e5)))
def test_a_higher_price_never_stands_lower(prices: tuple[float, float]) -> None:
    below, above = (place(FRENCH, price) for price in sorted(prices))
    assert below.percentile <= above.percentile
    assert below.low <= above.low
    assert below.high <= above.high
    for found in (below, above):
        assert 0 <= found.low <= found.percentile <= found.high <= 1
        assert sum(found.tiers.values()) == pytest.approx(1.0)
    assert below.tiers["high"] <= above.tiers["high"] + 1e-12


def test_same_seed_same_place() -> None:
    assert place(FRENCH, 300.0) == place(FRENCH, 300.0)
    assert place(FRENCH, 300.0) != place(FRENCH, 300.0, seed=1)


def test_one_steady_supplier_is_the_closed_form() -> None:
    """With one supplier and no noise the spread is known: the normal distribution of the log."""
    made = market({"CHN": 100.0}, years=1)
    spread = 0.3  # what place assumes where the noise is not known
    found = place(made, 100.0 * math.exp(spread**2 / 2))
    assert found.suppliers == 1
    # by value the lognormal's median is here, and the noise is as wide as the spread: the place
    # of the median in the draws is uniform, its 80 % interval 0.1 to 0.9; 1,000 even draws
    assert (found.low, found.percentile, found.high) == pytest.approx((0.1, 0.5, 0.9), abs=1e-3)


def test_fewer_suppliers_are_less_sure() -> None:
    many = {name: 50.0 * 1.3**n for n, name in enumerate(EXPORTERS)}
    few = {name: many[name] for name in EXPORTERS[::4]}
    centre = 150.0

    def width(made: Ladder) -> float:
        found = place(made, centre)
        return found.high - found.low

    assert width(market(few)) > width(market(many))


def test_noise_is_the_wobble() -> None:
    """Prices at p·exp(±w) in turn change by 2w a year: 1.4826 · 2w / √2 by the rule."""
    names = dict.fromkeys(EXPORTERS, 100.0)
    assert market(names, wobble=0.1).noise == pytest.approx(1.4826 * 0.2 / math.sqrt(2))
    assert market(names, wobble=0.0).noise == pytest.approx(0.0, abs=1e-12)
    assert market({"CHN": 100.0}, wobble=0.1).noise is None


@pytest.mark.parametrize("price", [0.0, -5.0, math.nan, math.inf])
def test_impossible_prices(price: float) -> None:
    with pytest.raises(InputError) as caught:
        place(FRENCH, price)
    assert caught.value.key == "ladder.bad_price"
