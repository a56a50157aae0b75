"""What a plan may offer of a model, by hand: prices, shares, entries, costs of a market."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from offing.planning.market_share import (
    FirstYears,
    PriceRecord,
    ShrunkShare,
    assumed_entry_size,
    published_survival,
    selection_line,
    shrunk_shares,
)
from offing.planning.offering import MarketEntry
from offing.planning.offers import Offer, Offers
from offing.planning.scenarios import PRIOR_SIZE, PRIOR_YEARLY, spread_for_size, yearly_spread
from offing.study import choices as made_from
from offing.study import options as offering
from offing.study.choices import MarketShare, ProductOptions, margin_rates
from offing.study.moves import least_units, matched_gain, own_gain
from offing.study.sales_history import SalesHistory, SalesMonth
from study.stand_ins import flows, like

ON = date(2024, 12, 31)


def record(**parts: Any) -> SalesHistory:
    usual: dict[str, Any] = {
        "model": "tv", "market": "USA", "sales_usd": 0.0, "invoiced_usd": 0.0, "units": 120.0,
        "price_usd": 90.0, "to_fob": 0.9, "currency": "EUR", "since": date(2022, 3, 5),
        "monthly": (), "price_now_usd": 100.0,
    }  # fmt: skip
    return SalesHistory(**{**usual, **parts})


def months(*rows: tuple[date, float, float]) -> tuple[SalesMonth, ...]:
    return tuple(SalesMonth(first, usd, units, "EUR", credit_usd=0.0) for first, usd, units in rows)


FACTS: Any = like(key="tv", code="8528", elasticity=None, entry_units={})
SHARE: Any = like(from_today=np.array([0.1, -0.2]), error=np.array([0.3, 0.4]))
PRICES = PriceRecord(np.array([0.0, 0.05]), 0.06, np.array([0.0, -0.03]), 0.08)
REACHED: Any = MarketShare(("DEU", "USA"), SHARE, 0.5, assumed_entry_size(0.01), prices=PRICES)


def selling(asks: float = 100.0, reached: Any = REACHED, market: str = "USA", **parts: Any) -> Any:
    sold = months((date(2024, 1, 1), 1000.0, 10.0), (date(2024, 2, 1), 1500.0, 10.0),
                  (date(2024, 3, 1), -5.0, 1.0), (date(2024, 4, 1), 9.0, -1.0))  # fmt: skip
    one = record(**{"monthly": sold, **parts})
    return offering._selling(FACTS, market, one, (), like(), reached, asks)


def test_an_outlet_that_sells_by_hand() -> None:
    """Months at 100 and 150 as invoiced are 90 and 135 on board; returns tell no price."""
    one = selling()
    assert (one.price_usd, one.state.units, one.state.between) == (100.0, 120.0, (90.0, 135.0))
    assert (one.state.from_today, one.state.error) == (-0.2, 0.4)
    prices = one.state.price_from_today, one.state.price_error, one.state.grade
    assert (*prices, one.state.grade_error) == (0.05, 0.06, -0.03, 0.08)
    assert one.ladder == pytest.approx((60.0, 202.5))
    assert selling(price_now_usd=160.0).state.between == (90.0, 160.0)
    assert selling(price_now_usd=80.0).state.between == (80.0, 135.0)
    assert selling(price_now_usd=None).price_usd == 90.0
    bare = selling(price_now_usd=None, price_usd=None, monthly=())
    assert (bare.price_usd, bare.state.between) == (100.0, (100.0, 100.0))
    elsewhere = selling(market="FRA")
    assert (elsewhere.state.from_today, elsewhere.state.error) == (0.0, PRIOR_YEARLY)


def test_the_year_that_ends_on_a_day_begins_in_january_in_leap_years_too() -> None:
    """Sold in every January alone, at 9 of 10 on board: five whole years to the end of 2024."""
    sold = months(*((date(year, 1, 1), 10.0 * (year - 2019), 1.0) for year in range(2020, 2025)))
    every = record(monthly=sold, since=date(2020, 1, 1), sales_usd=45.0)
    assert offering._yearly(every, ON) == [9.0, 18.0, 27.0, 36.0, 45.0]
    assert offering._yearly(replace(every, since=date(2020, 1, 2)), ON) == [18.0, 27.0, 36.0, 45.0]
    assert offering._since(every, [100.0], 5) == pytest.approx([0.09, 0.18, 0.27, 0.36, 0.45])


def test_a_sale_of_the_last_twelve_months_is_in_their_window_whatever_its_month() -> None:
    """To 15 December: what was sold on 20 December before is this year's."""
    sold = record(
        monthly=months((date(2023, 12, 1), 50.0, 1.0)), since=date(2021, 3, 1), sales_usd=45.0
    )
    assert offering._yearly(sold, date(2024, 12, 15))[-1] == 45.0


def test_only_the_last_two_years_tell_prices() -> None:
    old = [(date(2020 + n // 12, n % 12 + 1, 1), 10.0 + n, 1.0) for n in range(30)]
    low, high = selling(monthly=months(*old), price_now_usd=30.0).state.between
    assert (low, high) == pytest.approx((16 * 0.9, 39 * 0.9))


@pytest.mark.parametrize(
    ("asks", "asked"), [(90 / 1.1 + 0.01, None), (90 / 1.1 - 0.01, 90 / 1.1 - 0.01),
                        (148.4, None), (148.6, 148.6)],
)  # fmt: skip
def test_a_price_near_those_of_the_ledger_asks_for_nothing(
    asks: float, asked: float | None
) -> None:
    """Ten per cent around 90 and 135."""
    assert selling(asks).asked_usd == asked


def costs(**parts: str) -> Any:
    names = ("listing_cny", "promotion_cny", "visits_cny", "own_cny")
    amounts = {name: Decimal(parts.get(name, "0")) for name in names}
    return amounts, ("own_cny",)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A market costs 300 of promotion, 100 of visits and 600 of its own; entering twice that."""
    sums = {
        "keeping": costs(promotion_cny="300", visits_cny="100", own_cny="600"),
        "entering": costs(promotion_cny="600", visits_cny="200", own_cny="1200"),
    }
    monkeypatch.setattr(offering, "sum_of", lambda what, _, market: sums[what])
    entering = like(market={"ITA": like(pilot_cny=Decimal(300))}, pilot_cny=None)
    study = like(keeping=None, entering=entering, settlement=None)
    return like(study=study)


def test_what_a_market_costs_is_shared_by_sales(world: Any) -> None:
    """All of it alone, by sales among several; of a new model what is its own."""
    sold = {"USA": {"tv": 300.0, "fridge": 100.0}, "DEU": {"tv": 5.0}}
    assert offering._keeping(world, "USA", "tv", sold) == 750.0
    assert offering._keeping(world, "USA", "fridge", sold) == 250.0
    assert offering._keeping(world, "DEU", "tv", sold) == 1000.0
    assert offering._keeping(world, "USA", "oven", sold) == 600.0
    assert offering._keeping(world, "FRA", "oven", sold) == 1000.0


STATE = MarketEntry(REACHED.entry, published_survival(3), 3.5e6)


def entering(asks: str, reference: float | None, reached: Any = None) -> Any:
    cost = like(fob_usd=Decimal(asks), cif_usd=Decimal(asks) * 2)
    suppliers = [like(shares={"low": 1.0}, unit_value=reference, value_usd=50.0)]
    ladder = None if reference is None else like(suppliers=suppliers, basis="fob")
    standing: Any = like(cost=cost, ladder=ladder, tier="low", tier_share=0.5)
    return offering._entering(FACTS, "FRA", standing, (), like(), reached or REACHED, STATE)


def test_an_entry_by_hand() -> None:
    """The lower of our price and the tier's is the one for which its size holds."""
    dear = entering("120", 100.0)
    assert (dear.price_usd, dear.asked_usd) == (pytest.approx(100), 120)
    assert dear.ladder == pytest.approx((100 / 1.5, 180))
    cheap = entering("80", 100.0)
    assert (cheap.price_usd, cheap.asked_usd) == (80, None)
    assert cheap.ladder == pytest.approx((80 / 1.5, 120))
    nowhere = entering("80", None)
    assert (nowhere.price_usd, nowhere.asked_usd) == (80, None)
    assert dear.state is STATE


def test_without_a_ladder_an_entry_goes_with_the_price_at_which_the_firm_sells() -> None:
    """Sold at 50 to 70: 200 and 71 ask for more than that, 69 and 40 for nothing dearer.

    Else a price ten times as high sold as many dollars, and nearly all of them were profit; within
    a tenth of the dearest it did.
    """
    sells = replace(REACHED, sold_at=(50.0, 70.0))
    for asks in ("200", "71"):
        dear = entering(asks, None, sells)
        assert (dear.price_usd, dear.asked_usd) == (70, float(asks))
    within = entering("69", None, sells)
    assert (within.price_usd, within.asked_usd) == (69, None)
    cheap = entering("40", None, sells)
    assert (cheap.price_usd, cheap.asked_usd) == (40, None)
    told = entering("200", 100.0, sells)
    assert (told.price_usd, told.asked_usd) == (pytest.approx(100), 200)


def test_the_prices_at_which_the_firm_sells() -> None:
    """At 90 at the rate of the day and at 50 as invoiced."""
    here = record(units=10.0, price_usd=80.0, price_now_usd=90.0)
    there = record(units=30.0, price_usd=50.0, price_now_usd=None)
    assert offering._sold_at([here, there]) == (50.0, 90.0)
    assert offering._sold_at([]) is None


def test_a_second_model_enters_without_what_the_market_has_cost(world: Any) -> None:
    """2,000 in all, of which 600 may wait; a second model finds journeys and season paid."""
    own = world.study.entering
    assert offering.entry_cost(own, "FRA", second=False) == (2000, 600)
    assert offering.entry_cost(own, "FRA", second=True) == (1200, 0)
    assert offering.entry_cost(own, "ITA", second=False) == (2000, 1700)
    assert offering.entry_cost(own, "ITA", second=True) == (1200, 900)


def test_the_mean_price_of_a_tier_counts_units_and_is_brought_to_fob() -> None:
    """100 at 10 and half of 400 at 20: 300 over 20 units; 0.8 of it on board."""
    suppliers = [
        like(shares={"low": 1.0}, unit_value=10.0, value_usd=100.0),
        like(shares={"low": 0.5, "high": 0.5}, unit_value=20.0, value_usd=400.0),
        like(shares={"high": 1.0}, unit_value=90.0, value_usd=900.0),
        like(shares={"low": 1.0}, unit_value=None, value_usd=900.0),
    ]
    cost = like(fob_usd=Decimal(8), cif_usd=Decimal(10))

    def at(basis: str, tier: str = "low") -> float | None:
        ladder = like(suppliers=suppliers, basis=basis)
        standing: Any = like(ladder=ladder, tier=tier, cost=cost)
        return offering._reference(standing)

    assert at("fob") == pytest.approx(15)
    assert at("cif") == pytest.approx(12)
    assert at("fob", "medium") is None


def test_the_currency_of_an_invoice(world: Any) -> None:
    assert offering._currency(world, "USA", record()) == "EUR"
    assert offering._currency(world, "USA", record(currency="")) == "USD"
    settlement = like(market_accepts={"JPN": ["JPY", "USD"]}, accepts=["CNY", "USD"])
    settled: Any = like(study=like(settlement=settlement))
    assert offering._currency(settled, "JPN", None) == "JPY"
    assert offering._currency(settled, "USA", None) == "CNY"
    assert offering._currency(settled, "JPN", record()) == "EUR"


def test_exports_of_five_years() -> None:
    trade = flows(
        (2019, "CHN", "USA", 7.0), (2020, "CHN", "USA", 1.0), (2024, "CHN", "USA", 3.0),
        (2024, "CHN", "USA", 2.0), (2025, "CHN", "USA", 9.0), (2022, "CHN", "DEU", 4.0),
        (2024, "VNM", "FRA", 4.0),
    )  # fmt: skip
    imports: Any = like(flows=trade, year=2024)
    assert offering._exports(imports, "CHN") == {"USA": [1, 0, 0, 0, 5], "DEU": [0, 0, 4, 0, 0]}
    assert offering._last([1.0, 2.0, 3.0], 2) == [2, 3]
    assert np.isnan(offering._last([1.0], 3)).tolist() == [True, True, False]


def test_years_that_end_on_the_day() -> None:
    """Since March 2022: two whole years, of which January 2023 lies in the first; FOB is 0.9."""
    sold = months((date(2022, 4, 1), 50.0, 1.0), (date(2023, 2, 1), 100.0, 1.0),
                  (date(2024, 2, 1), 200.0, 1.0), (date(2024, 12, 1), 300.0, 1.0))  # fmt: skip
    assert offering._yearly(record(monthly=sold, sales_usd=450), ON) == pytest.approx([90, 450])
    young = record(monthly=sold[3:], since=date(2024, 12, 5), sales_usd=270.0)
    assert offering._yearly(young, ON) == pytest.approx([270])
    returns = record(monthly=months((date(2023, 2, 1), -1.0, 1.0)), sales_usd=0.9)
    assert np.isnan(offering._yearly(returns, ON)).tolist() == [True, False]


def test_shares_since_the_first_sale() -> None:
    """From March: 0.9 × 100 in the first year, 0.9 × 200 in the second; 2024 has no whole third.

    The second year is that of the exports of 900, the first that of 450 the year before.
    """
    sold = months((date(2022, 3, 1), 60.0, 1.0), (date(2023, 2, 1), 40.0, 1.0),
                  (date(2023, 3, 1), 200.0, 1.0), (date(2024, 3, 1), 1e6, 1.0))  # fmt: skip
    assert offering._since(record(monthly=sold), [450.0, 900.0], 2) == pytest.approx([0.2, 0.2])
    for unknown in ([900.0], [0.0, 900.0]):
        assert offering._since(record(monthly=sold), unknown, 2) == pytest.approx([0.1, 0.2])


def firsts(**records: SalesHistory) -> Any:
    """Sold today in the USA, at a tenth; to each of the others 1,000 go."""
    ledger = pl.DataFrame({"on": [date(2020, 6, 1)]})
    world: Any = like(study=like(on=ON), sales=ledger)
    exports = {market: [1000.0] for market in records}
    none, tenth = np.zeros(1), float(np.log(0.1))
    share = ShrunkShare(np.array([tenth]), none, none, tenth, 1.0, 0.0, float(np.log(1000)))
    return offering._first_years(world, records, exports, ("USA",), share)


def test_where_the_ledger_has_no_entry_first_years_are_supposed() -> None:
    """A first sale in the ledger's first year is no entry; nor is one of this year."""
    for since in (date(2021, 5, 31), date(2024, 1, 2)):
        assert firsts(USA=record(since=since)) == FirstYears()


def test_entries_that_failed_count_among_first_years() -> None:
    """Of a tenth once grown, 20 of 1,000 were sold in the USA, which has three years behind it, and
    5 in Spain, which was left: a fifth and a twentieth; half is supposed before.
    """
    since = date(2021, 12, 31)
    yearly = [(date(2022, 1, 1), 20.0, 1.0), (date(2023, 1, 1), 50.0, 1.0)]
    stayed = record(monthly=months(*yearly, (date(2024, 1, 1), 1e2, 1.0)), since=since, to_fob=1.0)
    left = record(monthly=months((date(2022, 1, 1), 5.0, 1.0)), since=since, to_fob=1.0, units=0.0)
    found = firsts(USA=stayed, ESP=left)
    assert found.seen == 2
    assert found.part == pytest.approx(np.log([0.2, 0.05, 0.5]).mean())


def test_a_young_market_is_still_to_grow() -> None:
    """Sold for a year alone, at a tenth: by the illustrative ramp it comes to twice as much."""
    young = record(
        monthly=months((date(2024, 1, 1), 100.0, 1.0)), since=date(2023, 12, 31), to_fob=1.0
    )
    assert firsts(USA=young).part == pytest.approx(np.log(0.5))


def test_entries_tell_the_risk_of_ending_until_a_year_ago() -> None:
    """Two years seen of one that stays, half a year of one that ended: √⅔ and √⅙ of ln 2 expected.

    One ended: (2 + 1) / (2 + ln 2 × (√⅔ + √⅙)).
    """
    began = date(2021, 12, 31)
    stays = record(monthly=months((date(2024, 1, 1), 100.0, 1.0)), since=began)
    left = record(
        monthly=months((date(2022, 1, 1), 5.0, 1.0), (date(2022, 6, 17), 5.0, 1.0),
                       (date(2022, 8, 1), -1.0, -1.0)), since=began, units=0.0,
    )  # fmt: skip
    expected = np.log(2) * ((2 / 3) ** 0.5 + (1 / 6) ** 0.5)
    assert offering._hazard([stays, left], ON) == pytest.approx(3 / (2 + expected), rel=2e-3)
    assert offering._hazard([], ON) == 1.0


@pytest.mark.parametrize(
    ("told", "second", "later"),
    [(None, False, 300.0), (None, True, 100.0), ("450", False, 550.0), ("2000", False, 0.0)],
)
def test_what_a_pilot_puts_off(
    told: str | None, second: bool, later: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing 100 and promotion 200 of 1,000; a second model has the promotion; or what is told."""
    parts = {name: Decimal(100) for name in ("listing_cny", "visits_cny", "certification_cny")}
    parts |= {"promotion_cny": Decimal(200), "samples_cny": Decimal(500)}
    monkeypatch.setattr(offering, "sum_of", lambda *_: (parts, ()))
    pilot = None if told is None else Decimal(told)
    for own in (like(pilot_cny=pilot, market={}),
                like(pilot_cny=None, market={"FRA": like(pilot_cny=pilot)})):  # fmt: skip
        assert offering.entry_cost(own, "FRA", second=second)[1] == later


def test_the_price_of_an_outlet_under_a_counterfactual() -> None:
    kept = {"USA": {("mex", "USD"): 90.0}}
    demand: Any = like(elsewhere={}, kept_usd=kept, factors={"USA": 2.0})
    one = selling()
    outlets = (one, replace(one, market="DEU"))
    shelf = ProductOptions("8528", outlets, REACHED, like(), None, frozenset(), {}, {})
    moved = offering.scale_options(shelf, demand)
    assert [outlet.kept_usd for outlet in moved.outlets] == [kept["USA"], {}]
    assert (moved.factors, moved.elsewhere) == ({"USA": 2.0}, demand.elsewhere)


def test_whose_elasticity_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's, else the ledger's where it tells one, else that of the code, at least 1.1."""
    learnt = like(sigma=like(source="ledger"))
    monkeypatch.setattr(offering, "sigma_from_ledger", lambda *_: learnt)
    monkeypatch.setattr(offering, "substitution_of", lambda _: like(median=0.8))
    world: Any = like(history=None)
    sales: Any = like(records={"USA": record()})
    person: Any = like(code="8528", elasticity=Decimal(4))
    found, told = offering.sigma_of(world, person, sales)
    assert (found.value, found.source, told) == (4.0, "user", learnt)
    assert offering.sigma_of(world, FACTS, sales)[0] is learnt.sigma
    none: Any = like(records={})
    found, told = offering.sigma_of(world, FACTS, none)
    assert (found.value, found.source, told) == (1.1, "literature", None)
    learnt.sigma = None
    assert offering.sigma_of(world, FACTS, sales)[0].source == "literature"


def test_shares_of_a_country_s_exports_market_by_market() -> None:
    """A tenth and a fifth of what the country sells, then a fifth and a tenth;
    a market that the country does not sell to has no share; Italy is left out.
    """
    trade = flows(
        (2023, "CHN", "USA", 1000.0), (2024, "CHN", "USA", 2000.0), (2023, "CHN", "DEU", 500.0),
        (2024, "CHN", "DEU", 500.0), (2024, "CHN", "ITA", 4000.0), (2023, "CHN", "FRA", 10.0),
    )  # fmt: skip
    imports: Any = like(flows=trade, year=2024, ladders=dict.fromkeys(("USA", "DEU", "ITA", "ESP")),
                        facts=like(price_usd=Decimal(100)))  # fmt: skip

    def sold(*usd: float) -> SalesHistory:
        first, last = date(2023, 2, 1), date(2024, 2, 1)
        rows = months(*((day, usd, 1.0) for day, usd in zip((first, last), usd, strict=True)))
        return record(monthly=rows, to_fob=1.0, since=date(2022, 6, 1), sales_usd=float(usd[1]))

    records = {"USA": sold(100, 400), "DEU": sold(100, 50), "FRA": sold(1, 1), "GBR": sold(0, 0)}
    records["GBR"] = replace(records["GBR"], units=0.0)
    limits = like(entry_share=Decimal("0.02"), model_fields_set=())
    study = like(firm=like(origin="CHN"), on=ON, limits=limits)
    world: Any = like(study=study, sales=pl.DataFrame({"on": [date(2022, 6, 1)]}))
    sales: Any = like(records=records)
    found = offering.firm_share(world, imports, sales)
    assert found.markets == ("DEU", "USA")
    whole, mine = np.array([[500, 500], [1000, 2000.0]]), np.array([[100, 50], [100, 400.0]])
    prior = spread_for_size(PRIOR_YEARLY, 225.0, PRIOR_SIZE)  # what is sold in a market on average
    assert found.spread == pytest.approx(yearly_spread(np.log(mine / whole), prior))
    by_hand = shrunk_shares(mine, whole, found.spread)
    assert found.share is not None
    assert found.share.log_share == pytest.approx(by_hand.log_share)
    # No entry is seen; Italy was looked at and is not sold in.
    assert found.entry.source == "shares"
    fair = selection_line(by_hand.log_share, np.log([500, 2000]), np.log([4000]))
    middle = np.exp((fair.at(np.log(4000)) + by_hand.usual(np.log(4000))) / 2) / 2
    assert found.entry.at(4000.0).drawn(np.zeros(1)) == pytest.approx(middle)
    # of one year's prices, the same in both markets but for the grade: nothing is apart
    own = like(entry_share=Decimal("0.001"), model_fields_set={"entry_share"})
    capped = offering.firm_share(like(study=like(firm=like(origin="CHN"), on=ON, limits=own),
                                      sales=world.sales), imports, sales)  # fmt: skip
    assert capped.entry.at(4000.0).drawn(np.zeros(1)) == 0.001
    nothing: Any = like(records={})
    none = offering.firm_share(world, imports, nothing)
    assert (none.markets, none.share, none.spread) == ((), None, PRIOR_YEARLY)
    assert none.entry.at(4000.0).share == 0.02


def test_a_ledger_of_months_tells_a_known_hazard() -> None:
    """600 entries that sell each month, of half, once and twice the published risk of ending."""
    rng = np.random.default_rng(5)
    for true in (0.5, 1.0, 2.0):
        entries = []
        for _ in range(600):
            since = ON - timedelta(days=int(rng.integers(366, 4 * 365)))
            lasts = 3.0 * (rng.exponential() / (true * np.log(2))) ** 2
            days = int(min(lasts * 365, (ON - since).days))
            firsts = {(since + timedelta(days=day)).replace(day=1) for day in range(days + 1)}
            sold = months(*((first, 10.0, 1.0) for first in sorted(firsts)))
            ended = since + timedelta(days=days) < date(2023, 12, 31)
            entries.append(record(since=since, monthly=sold, units=0.0 if ended else 9.0))
        assert offering._hazard(entries, ON) == pytest.approx(true, rel=0.12)


OLD = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True, keep_cny=20.0)
NEW = replace(OLD, price_usd=120.0, today=False, keep_cny=0.0)
ENTRY = replace(NEW, market="FRA", sold=False, entry_cny=100.0, keep_cny=10.0)


def offers(*profit: float) -> Offers:
    """Two years of OLD, NEW, ENTRY, in one of two worlds; in the second nobody buys in France."""
    units = np.array([[[10.0, 8.0, 4.0]] * 2, [[10.0, 8.0, 0.0]] * 2])
    earns = np.broadcast_to(np.array(profit), units.shape).copy()
    earns[1, :, 2] = 0.0
    return Offers((OLD, NEW, ENTRY), (2027, 2028), units, earns, units * 50, np.array([0.9, 0.8]))


MADE: Any = like(
    offers=offers(300.0, 350.0, 400.0), matched=lambda model, market: offers(300.0, 320.0, 380.0)
)


def move(
    before: Offer | None, after: Offer | None, *units: float, kind: str = "dearer", sold: float = 10
) -> Any:
    """``units`` are those after it; before it as many are ``sold`` in each year."""
    both = {"units_before": (sold, sold), "units_after": units}
    return like(before=before, after=after, kind=kind, key=("tv", "USA"), **both)


def test_what_a_move_brings_by_hand() -> None:
    """1.7 years: 350 against 300 and what keeping costs there; rivals that follow leave 320."""
    whole = move(OLD, NEW, 8, 8)
    assert own_gain(MADE, whole) == pytest.approx(1.7 * (350 - (300 - 20)))
    assert matched_gain(MADE, whole) == pytest.approx(1.7 * (320 - (300 - 20)))
    half = move(OLD, NEW, 4, 8)  # a limit takes half of the first year
    assert own_gain(MADE, half) == pytest.approx((0.45 + 0.8) * 350 - 1.7 * 280)
    cut = move(OLD, NEW, 8, 8, sold=5)  # a limit takes half of today's sales too
    assert own_gain(MADE, cut) == pytest.approx(1.7 * (350 - (300 / 2 - 20)))
    rounded = move(OLD, NEW, 8 * 0.9995, 8)
    assert own_gain(MADE, rounded) == own_gain(MADE, whole)
    leaves = move(OLD, None, kind="leave")
    assert own_gain(MADE, leaves) == matched_gain(MADE, leaves) == pytest.approx(-1.7 * 280)


def test_what_an_entry_earns_by_hand() -> None:
    """It earns 400 and is kept for 10 in one of two worlds, and costs 100."""
    enters = move(None, ENTRY, 2, 2, kind="enter")
    assert own_gain(MADE, enters) == pytest.approx(1.7 * (200 - 5) - 100)
    # of 4 units over the horizon, the part that covers 100 + 8.5 of 340
    assert least_units(MADE, enters) == pytest.approx(4 * 108.5 / 340)
    assert least_units(MADE, move(OLD, NEW, 8, 8)) is None
    assert least_units(MADE, move(None, None, kind="enter")) is None
    poor: Any = like(offers=offers(300.0, 350.0, 0.0))
    assert least_units(poor, enters) is None


def test_margins_by_hand() -> None:
    """Mean profit ÷ mean sales at 7 a dollar: 300 / (500 × 7); of no sales nothing."""
    found = margin_rates(offers(300.0, 350.0, 400.0), 7.0)
    assert found == pytest.approx([300 / 3500, 350 / 2800, 200 / 700])
    nothing = replace(MADE.offers, sales_usd=np.zeros((2, 2, 3)))
    assert margin_rates(nothing, 7.0).tolist() == [0.0, 0.0, 0.0]


def shelf(asked: set[str], **prices: float | None) -> Any:
    way = like(plant="home", currency="USD")
    outlets = [like(market=m, asked_usd=p, deliveries=(way,)) for m, p in prices.items()]
    return like(outlets=outlets, asked=asked)


def test_a_price_that_is_asked_is_the_only_one_and_a_remainder_is_no_market() -> None:
    """S19 is what statistics call Other Asia: it cannot be entered, and is kept where it sells."""
    rest = replace(ENTRY, market="S19")
    rows = [OLD, NEW, ENTRY, rest, replace(rest, sold=True), replace(OLD, model="tv2")]
    shelves = {"tv": shelf({"USA"}, USA=120.0, FRA=None)}
    assert made_from._allowed_offers(rows, shelves) == [1, 2, 4, 5]


def test_doing_nothing_is_the_asked_price() -> None:
    other = replace(NEW, plant="mex", market="DEU")
    yuan = replace(NEW, currency="CNY", market="GBR")
    asked = replace(NEW, market="ITA", sold=False)
    rows = (NEW, other, yuan, asked, replace(ENTRY, market="ESP", sold=True))
    of = replace(MADE.offers, rows=rows)
    shelves = {"tv": shelf({"USA", "DEU", "GBR", "ITA"}, USA=1, DEU=1, GBR=1, ITA=1, ESP=None)}
    marked = made_from._asked_today(of, shelves).rows
    assert [row.today for row in marked] == [True, False, False, False, False]
    assert [replace(row, today=False) for row in marked] == list(rows)


def test_offers_of_several_models_in_one() -> None:
    one = MADE.offers
    assert made_from._join_offers([one]) is one
    both = made_from._join_offers([one, made_from.select_offers(_other(), [1, 2])])
    assert [row.model for row in both.rows] == ["tv"] * 3 + ["tv2"] * 2
    assert both.units[0, 0].tolist() == [10, 8, 4, 8, 4]
    assert both.profit_cny[0, 1].tolist() == [300, 350, 400, 350, 400]
    assert both.sales_usd[1, 0].tolist() == [500, 400, 0, 400, 0]
    assert made_from.select_offers(MADE.offers, [0, 1, 2]) is MADE.offers


def _other() -> Offers:
    rows = tuple(replace(row, model="tv2") for row in MADE.offers.rows)
    of: Offers = replace(MADE.offers, rows=rows)
    return of
