"""What a kept plan earns in another world, inputs that are moved, bars of the tornado."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from offing.planning.offers import Array, Offer, Offers
from offing.study.reoptimise import _markets
from offing.study.risk import _Basis
from offing.study.scenario import _same, profit_of_fixed_plan
from study.stand_ins import like

TV = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True, keep_cny=50.0)


def offers(rows: list[Offer], units: Array, profit: Array) -> Offers:
    """Two years, of which the first is another world altogether; scenarios × offers are given."""
    sold, earns = (np.stack([-7 * values, values], axis=1) for values in (units, profit))
    prices = np.array([row.price_usd for row in rows])
    return Offers(tuple(rows), (2027, 2028), sold, earns, sold * prices, np.array([0.9, 0.8]))


def plan(of: Offers, *shares: float) -> Any:
    decision = like(share=np.array([[0.0] * len(shares), shares]), further=np.array([7.0, 3.0]))
    paid = -np.ones((len(of.units), 2)) * of.discount
    further = like(by_year=None), like(by_year=paid)
    programme = like(offers=of, further=further)
    solved = like(programme=programme, solution=like(decision=decision))
    rates = like(today=np.array([8.0, 5.0]), currencies=("EUR", "USD"))
    return like(solved=solved, rates=rates, decided=like(factor=1.0))


def test_a_year_of_a_kept_plan_by_hand() -> None:
    """Of the last year: half of 400, what keeping costs where anything is sold, and 3 that stay of
    a market which a model left; yuan.
    """
    rows = [TV, replace(TV, market="DEU", keep_cny=0.0), replace(TV, market="FRA")]
    of = offers(
        rows,
        np.array([[10.0, 4.0, 9.0], [0.0, 4.0, 9.0]]),
        np.array([[400.0, 80.0, 1e6], [0.0, 60.0, 1e6]]),
    )
    found = profit_of_fixed_plan(plan(of, 0.5, 1.0, 0.0))
    assert found == pytest.approx([200 - 50 + 80 - 3, 60 - 3])


def test_no_more_is_sold_than_was_planned_and_less_where_less_is_taken() -> None:
    """Twice the units at 900: as many as were made, 450. Half a unit, a ton say, at 100: 100.

    Where none is taken the market is kept all the same.
    """
    own = offers([TV], np.array([[10.0], [10.0], [10.0]]), np.array([[400.0], [400.0], [400.0]]))
    other = offers([TV], np.array([[20.0], [0.5], [0.0]]), np.array([[900.0], [100.0], [0.0]]))
    found = profit_of_fixed_plan(plan(own, 1.0), other)
    assert found == pytest.approx([450 - 50 - 3, 100 - 50 - 3, -50 - 3])


ODD: list[dict[str, Any]] = [
    {"price_usd": 101.0, "plant": "mex"}, {"price_usd": 101.0, "line": "second"},
    {"price_usd": 101.0, "currency": "CNY"}, {"price_usd": 101.0, "market": "DEU"},
    {"price_usd": 101.0, "model": "tv2"}, {"price_usd": 130.0}, {"price_usd": 80.0},
]  # fmt: skip


def test_an_offer_goes_on_at_the_nearest_price_of_its_own_way() -> None:
    rows = [replace(TV, today=False, **other) for other in ODD]
    of = offers(rows, np.ones((1, 7)), np.ones((1, 7)))
    assert _same(TV, of) == 6
    assert _same(replace(TV, brand="oem"), of) == 6  # whoever's name is on it
    assert _same(replace(TV, plant="vnm"), of) is None
    gone = offers(rows[:1], np.ones((1, 1)), np.ones((1, 1)))
    own = offers([TV], np.ones((1, 1)), np.full((1, 1), 9.0))
    assert profit_of_fixed_plan(plan(own, 1.0), gone) == pytest.approx([-3.0])


# --- inputs


def basis(rows: list[Offer], units: Array, curves: list[str | None]) -> _Basis:
    whole = Offers(
        tuple(replace(row, curve=curve) for row, curve in zip(rows, curves, strict=True)),
        (2027,),
        units[:, None],
        units[:, None] * 10,
        units[:, None] * 100,
        np.ones(1),
    )
    made: Any = like(offers=whole)
    return _Basis(made, np.ones((1, len(rows))))


def test_an_elasticity_acts_on_what_a_price_does() -> None:
    """Half as dear sells a quarter at 2, of which twice is a sixteenth; scenario by scenario."""
    dear = replace(TV, price_usd=200.0, today=False)
    units = np.array([[40.0, 10.0, 10.0], [10.0, 5.0, 5.0], [0.0, 0.0, 0.0]])
    of = basis([TV, dear, replace(dear, model="tv2")], units, [None, "user", "user"])
    moved = of.elasticity(2.0, "tv")
    # 40 × (1/4)² and 10 × (1/2)², of three scenarios; the other model and today's offer stay
    assert moved.units[0, 0] == pytest.approx([50 / 3, 5 / 3, 5])
    assert moved.profit_cny[0, 0] == pytest.approx([500 / 3, 50 / 3, 50])
    assert moved.sales_usd[0, 0] == pytest.approx([5000 / 3, 500 / 3, 500])
    assert of.elasticity(1.0, "tv").units == pytest.approx(of.offers.units)


def test_entries_and_what_is_paid() -> None:
    """What is sold today is no entry; a cost is that of its name."""
    entry = replace(TV, market="FRA", today=False, sold=False, entry_cny=1000.0, keep_cny=30.0)
    of = basis([TV, entry], np.array([[10.0, 2.0]]), [None, None])
    moved = of.entries(1.5)
    assert moved.units[0, 0] == pytest.approx([10, 3])
    assert moved.profit_cny[0, 0] == pytest.approx([100, 30])
    assert moved.sales_usd[0, 0] == pytest.approx([1000, 300])
    assert [row.entry_cny for row in of.paid(1.5, "entry_cny").rows] == [0, 1500]
    assert [row.keep_cny for row in of.paid(0.5, "keep_cny").rows] == [25, 15]
    demand = of.demand(1.2)
    assert demand.units[0, 0] == pytest.approx([12, 2.4])
    assert demand.profit_cny[0, 0] == pytest.approx([120, 24])


def test_duty_and_freight_move_the_price_that_the_buyer_pays_and_what_the_firm_carries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Goods of a plant abroad at 125 that pay no duty: they may ask as much less as today's pay.

    The buyer pays 100 × (1 + duty) + freight for today's. 2 pieces of 4 to carry: 8 yuan.
    """

    @dataclass(frozen=True)
    class Way:
        duty: float
        freight_usd: float
        plant: str = "home"
        line: str = "main"
        currency: str = "USD"
        brand: str = "own"
        cost_cny: float = 30.0
        carried_cny: float = 4.0

        def chain(self, dollar: float) -> Any:
            assert dollar == 5
            return like(
                at=lambda level, fob: fob * (1 + self.duty) + self.freight_usd,
                fob=lambda level, paid: (paid - self.freight_usd) / (1 + self.duty),
            )

    home, abroad = Way(0.2, 5.0), Way(0.0, 0.0, plant="mex")
    rows = [TV, replace(TV, plant="mex", price_usd=125.0, today=False)]
    whole = Offers(
        tuple(rows), (2027,), np.full((1, 1, 2), 2.0), np.full((1, 1, 2), 900.0),
        np.full((1, 1, 2), 200.0), np.ones(1),
    )  # fmt: skip
    outlet = like(model="tv", market="USA", deliveries=(home, abroad), price_usd=100.0,
                  sigma=like(level="buyer"))  # fmt: skip
    made: Any = like(
        offers=whole,
        shelves={0: like(outlets=[outlet])}, dollar=5.0,
        costs={"inputs": np.ones((1, 1)), "freight": np.ones((1, 1))},
    )  # fmt: skip
    of = _Basis(made, np.ones((1, 2)))
    assert of.matches.tolist() == [0, 1]
    receipts = 900 + 2 * 30 + 2 * 4
    duty = of.way(1.5, 1.0, 0.0)  # 100 × 1.3 + 5 = 135, of 125 before
    assert duty.sales_usd[0, 0] == pytest.approx([200, 200 * 135 / 125])
    assert duty.profit_cny[0, 0] == pytest.approx([900, receipts * 135 / 125 - 68])
    freight = of.way(2.0, 0.0, 1.0)  # 100 × 1.2 + 10 = 130; 8 yuan more to carry
    assert freight.sales_usd[0, 0] == pytest.approx([200, 200 * 130 / 125])
    assert freight.profit_cny[0, 0] == pytest.approx([892, receipts * 130 / 125 - 60 - 16])


def test_markets_that_a_plan_made_anew_sells_otherwise() -> None:
    """Of the last year, on average over the worlds; less than a dollar is no difference."""
    rows = [TV, replace(TV, market="DEU"), replace(TV, market="FRA", today=False),
            replace(TV, model="b", market="FRA", today=False)]  # fmt: skip
    of = offers(
        rows, np.array([[10.0, 4.0, 0.005, 1.0], [30.0, 4.0, 0.005, 3.0]]), np.zeros((2, 4))
    )
    facts = like(keys=[(row.model, row.market) for row in rows])

    def way(*shares: float) -> Any:
        return like(decision=like(share=np.array([[9.0] * 4, shares])))

    programme = like(offers=of, facts=facts)
    solved = like(programme=programme, stay=way(0.0, 0.5, 0.0, 0.0), solution=way(1, 1, 1, 0.5))
    state: Any = like(solved=solved)
    found = _markets(state, way(0.5, 1.0, 0.0, 0.0))
    assert [(one.market, one.today_usd, one.plan_usd, one.remade_usd) for one in found] == [
        ("USA", 0, 2000, 1000), ("FRA", 0, pytest.approx(100.5), 0)
    ]  # fmt: skip
    assert _markets(state, way(1.0, 1.0, 0.0, 0.5)) == ()
    [one] = _markets(state, way(1.0, 0.9975, 1.0, 0.5))
    assert one.market == "DEU"
