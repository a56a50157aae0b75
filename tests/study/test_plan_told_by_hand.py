"""What a plan says of its limits, recomputed by hand from a few figures."""

from dataclasses import replace
from decimal import Decimal
from math import log
from typing import Any

import numpy as np
import pytest

from cautions import keyed
from offing.planning.limits import ShadowPrice
from offing.planning.offering import Selling
from offing.planning.offers import Offer, Offers, PlanLimits
from offing.planning.programme import build, facts_of
from offing.planning.risk import BarFigures
from offing.study import choices, risk
from offing.study import plan as planned
from offing.study.options import graded_costs
from study.stand_ins import like


def solved(*rows: Any, worth: tuple[float, ...] = (), **decision: Any) -> Any:
    """A solved plan of offers that earn ``worth`` on the mean of two scenarios' halves."""
    halves = np.tile(np.array(worth) / 2, (2, 1))
    offers = like(rows=rows)
    programme = like(offers=offers, worth=halves, fixed=np.zeros(len(worth)), facts=like())
    solution = like(decision=like(choice=np.zeros(len(rows), dtype=bool) | decision.pop("on", 0)))
    return like(programme=programme, solution=solution, not_yet=decision.pop("not_yet", ()))


def offer(model: str, market: str, *, sold: bool = False, lot: float = 0.0) -> Any:
    return like(model=model, market=market, sold=sold, lot=lot)


def test_hours_of_what_is_left_out_are_used_too() -> None:
    """1,000 hours, of which other goods take 400; half of the rest is used: 300 + 400."""
    whole, rest = (like(lines={"a": ("plant", like(hours=Decimal(h)))}) for h in (1000, 600))
    assert dict(planned._capacity_of_lines(like(capacity_used=[("a", 0.5)]), whole, rest)) == {
        "a": pytest.approx(0.7)
    }


@pytest.mark.parametrize(("own", "key"), [(False, "warn_at_cap"), (True, "warn_at_cap_own")])
def test_markets_at_the_cap(own: bool, key: str) -> None:
    """Germany has its 40 % to a fifth of a per cent, in two rows; the Netherlands had more before,
    Japan has no cap, France is a little below."""
    rows = [("DEU", 250.0), ("DEU", 149.0), ("NLD", 450.0), ("JPN", 2.0), ("FRA", 397.0)]
    caps = like(market_share={"DEU": 0.4, "NLD": 0.45, "FRA": 0.4})
    names = {"largest_market_share"} if own else set()
    said = keyed(
        planned._capped_markets(
            like(limits=like(largest_market_share=Decimal("0.4"), model_fields_set=names)),
            like(programme=like(facts=like(limits=caps))),
            like(rows=[like(market=m, sales_usd=usd) for m, usd in rows], sales_usd=1000.0),
        )
    )
    assert said == [(f"study.{key}", {"markets": ("DEU",), "cap": "40%"})]


def test_a_plan_without_sales_is_at_no_cap() -> None:
    limits = like(largest_market_share=Decimal("0.4"), model_fields_set=set())
    caps = like(programme=like(facts=like(limits=like(market_share={"DEU": 0.4}))))
    nothing = like(rows=[like(market="DEU", sales_usd=0.0)], sales_usd=0.0)
    assert [*planned._capped_markets(like(limits=limits), caps, nothing)] == []


def test_entries_that_pay_and_that_limits_bar_the_best_market_first() -> None:
    rows = [offer("A", m) for m in ("DEU", "FRA", "FRA", "ITA", "ESP", "JPN")]
    worth = (3.0, 1.0, 5.0, 0.0, -1.0, 9.0)
    tried = [like(key=("A", "JPN"))]
    (said,) = keyed(planned._barred_together(solved(*rows, worth=worth, not_yet=tried)))
    assert said == ("study.warn_entries_barred", {"markets": ("FRA", "DEU")})
    assert [*planned._barred_together(solved(*rows, worth=worth, on=1))] == []
    sold = [offer("A", "GBR", sold=True), *rows[1:]]
    assert [*planned._barred_together(solved(*sold, worth=worth))] == []


def sold_and_entry() -> Offers:
    """Both bring 100 of 200 yuan a year; what is not sold today costs 60 to enter."""
    sold = Offer("A", "DEU", "p", "l", "own", "USD", 100.0, True, True, 2.0)
    entry = replace(sold, market="USA", sold=False, today=False, entry_cny=60.0)
    units = np.full((3, 2, 2), 20.0)
    return Offers((sold, entry), (2027, 2028), units, units * 5, units, np.ones(2))


@pytest.mark.parametrize(("budget", "barred"), [(50.0, ["USA"]), (60.0, [])])
def test_an_entry_for_which_the_budget_leaves_no_room(budget: float, barred: list[str]) -> None:
    programme = build(facts_of(sold_and_entry(), PlanLimits(entry_budget_cny=budget)))
    decision = like(share=np.array([[1.0, 0.0], [1.0, 0.0]]), choice=np.array([1.0, 0.0]))
    one = like(programme=programme, solution=like(decision=decision), threshold=2 / 3, not_yet=())
    said = keyed(planned._barred_entries(one, like(thin=frozenset())))
    assert [list(values["markets"]) for _, values in said] == [barred] * len(barred)


@pytest.mark.parametrize(("least", "barred"), [(0.6, {("A", "USA")}), (0.4, set())])
def test_an_entry_that_the_least_margin_closes(
    least: float, barred: set[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "product_scenarios", lambda *_: like(inputs=None, freight=None))
    monkeypatch.setattr(choices, "offers_of", lambda *_: sold_and_entry())
    limits = like(least_margin_rate=least, likelier_than=0.5)
    study: Any = like(rates=like(discount=0), limits=limits)
    shelf = like(outlets=[like(market="USA", asked_usd=None)], asked={})
    rates: Any = like(cny_per_usd=10.0)
    assert choices.joint_offers(study, {"A": shelf}, {}, rates)[2] == barred


def test_a_cost_that_follows_the_price_is_told() -> None:
    """A tenth dearer in Germany, a hundredth cheaper in Japan; France is not in the plan."""
    grades = {"DEU": log(1.1), "JPN": log(0.99), "FRA": log(1.5)}
    outlets = [
        like(model="A", market=market, state=Selling(1.0, (1.0, 1.0), grade=g, grade_error=1e-6))
        for market, g in grades.items()
    ]
    study: Any = like(model=[like(key="A", cost_cny=Decimal(72))])
    rows: Any = [like(product="A", market=m, units=5.0 * (m != "FRA")) for m in grades]
    shelves: Any = {"A": like(outlets=outlets)}
    ((key, said),) = keyed(graded_costs(study, shelves, rows))
    assert key == "study.warn_graded"
    assert (said["market"], said["used"], said["stated"], said["count"]) == (
        "DEU", "79.20", "72.00", 1,
    )  # fmt: skip
    assert not [*graded_costs(study, shelves, rows[1:])]


def test_entries_that_pay_and_are_less_than_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of France one offer is enough for a run; Spain does not pay; Japan is sold in."""
    rows = [*(offer("A", m, lot=1200) for m in ("DEU", "FRA", "FRA", "ESP")),
            offer("A", "JPN", sold=True, lot=1200), offer("B", "DEU", lot=50)]  # fmt: skip
    below = np.array([True, True, False, True, True, False])
    monkeypatch.setattr(planned, "lots_of", lambda _: (None, below))
    said = keyed(planned._below_lot(solved(*rows, worth=(1.0, 1.0, 1.0, 0.0, 1.0, 1.0))))
    assert said == [("study.warn_below_lot", {"model": "A", "lot": "1,200", "markets": ("DEU",)})]


def row(name: tuple[str, str], high: float, share: Any, choice: Any, offers: list[int]) -> Any:
    return like(name=name, limit=name[0], high=high, share=share, choice=choice, offers=offers)


HOURS, CAP = ("line_hours", "main"), ("market_share", "DEU")
PROGRAMME = like(
    rows=[
        row(HOURS, 800.0, np.array([[100.0, 200.0], [300.0, 400.0]]), None, [0, 2]),
        row(HOURS, 900.0, None, np.array([50.0, 60.0]), [1, 2]),
        row(("budget", ""), 5000.0, np.array([[9e9], [9e9]]), None, [1]),
    ],
    facts=like(limits=like(market_share={"DEU": 0.4})),
)
PLAN = like(decision=like(share=np.array([[1.0, 1.0, 0.5], [0.5, 1.0, 0.25]]),
                          choice=np.array([0.0, 1.0, 1.0])))  # fmt: skip


def test_what_a_plan_takes_of_a_limit_is_that_of_the_year_that_takes_most() -> None:
    """100 + 100 + 150 + 100 of shares; 50 + 60 of choices."""
    assert risk._limit_use(PROGRAMME, PLAN, HOURS) == 450.0


def test_a_limit_has_the_dearest_price_and_its_worth_is_never_negative() -> None:
    first, last = (
        ShadowPrice(*HOURS, year, price, 900.0, low, high, confirmed=True)
        for year, price, low, high in ((1, 7.0, 400.0, 500.0), (2, 11.0, 300.0, np.inf))
    )
    told = risk._limit(PLAN, PROGRAMME, HOURS, [first, last], -3.0, -40.0)
    assert (told.now, told.used, told.year, told.price_cny) == (900.0, 450.0, 2, 11.0)
    assert (told.low, told.high) == (300.0, None)
    assert (told.more_cny, told.less_cny) == (0.0, 40.0)
    early = risk._limit(PLAN, PROGRAMME, HOURS, [first], None, None)
    assert (early.high, early.more_cny, early.less_cny) == (500.0, 0.0, None)


def test_a_cap_is_a_share_and_has_no_price_of_one_more() -> None:
    price = ShadowPrice(*CAP, 1, 7.0, 0.4, 0.3, 0.5, confirmed=True)
    told = risk._limit(PLAN, PROGRAMME, CAP, [price], 12.0, 5.0)
    assert (told.now, told.used, told.price_cny, told.year) == (0.4, 0.4, None, None)
    assert (told.more_cny, told.less_cny) == (12.0, 0.0)


def test_a_limit_without_a_price_is_told_where_a_tenth_matters() -> None:
    def told(more: float, less: float) -> bool:
        return risk._worth_telling(risk._limit(PLAN, PROGRAMME, CAP, [], more, -less), 10.0)

    assert [told(10.0, 0.0), told(0.0, 10.0), told(9.9, 9.9)] == [True, True, False]


def test_a_bar_is_as_wide_as_from_end_to_end_the_gain_among_them() -> None:
    bars = {(1.0, 5.0): 4.0, (2.0, 3.0): 3.0, (-4.0, -1.0): 9.0, (6.0, 9.0): 4.0}
    for (low, high), width in bars.items():
        assert risk._width(BarFigures("demand", "", 1.0, low, high, ()), 5.0) == width
