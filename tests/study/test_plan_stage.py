"""From a study to its plan: every customer has a row, prices answer, no limit shrinks in silence.

The example's firm is made up; sums of its ledger are taken here by hand, from the file.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
import polars as pl
import pytest

from example_plan import EXAMPLE, made, studied, world
from offing.forecast.outlook.draws import Draws
from offing.planning.offering import Selling
from offing.study import plan as futures
from offing.study.analysis import ProductAnalysis, analyse_products
from offing.study.inputs import StudyInputs
from offing.study.plan import StudyPlan, plan_products
from offing.study.pricing import price_analysis
from offing.study.sales_history import SalesHistory, SalesMonth, sigma_from_ledger
from offing.study.schema import Announced
from offing.terms.background import listening, stretch
from offing.terms.errors import InputError

MODEL = "HC-65M"


def only(
    one: ProductAnalysis, **changes: object
) -> tuple[StudyInputs, tuple[ProductAnalysis, ...]]:
    """The study with one model, some of whose facts differ."""
    facts = one.imports.facts.model_copy(update=changes)
    limits = world().study.limits.model_copy(update={"worst_twentieth_cny": None})
    study = world().study.model_copy(update={"model": [facts], "limits": limits})
    other = replace(world(), study=study)
    return other, analyse_products(other)


@cache
def alone() -> tuple[StudyInputs, tuple[ProductAnalysis, ...]]:
    """The study with ``MODEL`` only."""
    return only(next(s for s in studied() if s.key == MODEL))


@cache
def made_alone() -> StudyPlan:
    return plan_products(*alone())


def test_no_customer_is_without_a_row() -> None:
    """Sums of the ledger by model and market, from the file itself: units above zero."""
    lines = pl.read_csv(EXAMPLE / "ledger.csv", try_parse_dates=True, infer_schema_length=None)
    year = lines.filter(pl.col("export_date").is_between(date(2024, 1, 1), date(2024, 12, 31)))
    sums = year.group_by("model", "destination").agg(pl.col("quantity").sum())
    sold = sums.filter(pl.col("quantity") > 0)
    named = {(row.product, row.market) for row in made().plan.rows if row.sales_now_usd > 0}
    looked_at = set(studied()[0].standings)
    from offing.terms.countries import country_code

    wanted = {(model, country_code(market)) for model, market, _ in sold.iter_rows()}
    assert {key for key in wanted if key[1] in looked_at} <= named


def test_models_of_one_code_are_kept_apart() -> None:
    rows = made().plan.rows
    assert len({row.product for row in rows}) == 5
    for one in studied():
        mine = sum(row.sales_now_usd for row in rows if row.product == one.key)
        assert mine == pytest.approx(sum(one.sales.now.values()))


def test_planned_sales_fall_when_a_dearer_price_is_asked() -> None:
    """FINDINGS A 1: a set at USD 2,000 must not sell what it sells at 575."""
    one = next(s for s in studied() if s.key == MODEL)
    as_is = made_alone()
    dear = plan_products(*only(one, price_usd=Decimal(2000), market_prices_usd={}))
    before = {row.market: row for row in as_is.plan.rows}
    after = {row.market: row for row in dear.plan.rows}
    assert dear.plan.sales_usd < 0.5 * as_is.plan.sales_usd
    for market, row in after.items():
        if row.sales_now_usd > 0 and row.units and before[market].units:
            assert row.units < before[market].units
    assert {one.market for one in dear.decided.asked} == {
        row.market for row in dear.plan.rows if row.sales_now_usd > 0
    }
    assert all(one.asked_usd == 2000 and one.times < 0.1 for one in dear.decided.asked)
    assert all(one.source == "literature" for one in dear.decided.asked)


def test_the_literature_alone_moves_no_price() -> None:
    assert {shelf.sigma.source for shelf in made().choices.shelves.values()} == {"literature"}
    for move in (*made().decided.moves, *made().decided.not_yet):
        assert not {"dearer", "cheaper"} & set(move.kinds)


def test_what_must_be_kept_is_kept() -> None:
    assert world().study.markets.must_keep == ["USA"]
    for row in made().plan.rows:
        if row.market == "USA" and row.sales_now_usd > 0:
            assert row.sales_usd > 0


def test_the_decision_says_how_sure() -> None:
    said = made().decided
    assert said.scenarios == 2000
    assert said.plan.worst <= said.plan.low <= said.plan.mean
    assert said.today.worst <= said.today.low <= said.today.mean
    assert said.gain_cny == pytest.approx(said.plan.mean - said.today.mean)
    for move in said.moves:
        assert move.chance is None or move.chance >= said.threshold
    for move in said.not_yet:
        assert move.reason


def test_the_base_of_the_draws_is_the_year_of_the_day() -> None:
    """Two draws, two markets, by hand: growth is over the same draw of the day's year."""
    sales = np.array([[[10.0, 0.0], [20.0, 4.0]], [[5.0, 0.0], [20.0, 8.0]]])
    draws = Draws(
        "8528", "CHN", ("DEU", "POL"), (2026, 2027), np.array([9.0, 0.0]),
        np.array([[7.5, 0.0], [20.0, 6.0]]), sales,
    )  # fmt: skip
    drawn = futures._from_the_day(draws, None)
    assert drawn.years == (2027,)
    assert drawn.base_usd.tolist() == [7.5, 6.0]
    assert (drawn.sales_usd[:, 0, :] / drawn.base_usd).tolist() == [[2.0, 4 / 6], [4.0, 8 / 6]]
    known = futures._from_the_day(draws, np.array([10.0, 0.0]))
    assert known.years == (2026, 2027)
    assert (known.sales_usd / known.base_usd)[:, :, 0].tolist() == [[1.0, 2.0], [0.5, 2.0]]


def month(number: int, units: float, usd: float, currency: str) -> SalesMonth:
    return SalesMonth(
        date(2020 + number // 12, number % 12 + 1, 1), usd * units, units, currency, credit_usd=0.0
    )


def record(market: str, months: list[SalesMonth]) -> SalesHistory:
    return SalesHistory(
        "m", market, 1.0, 1.0, 1.0, 1.0, 1.0, months[0].currency,
        months[0].first, tuple(months),
    )  # fmt: skip


def planted(
    sigma: float, *, euro: bool, seed: int = 1
) -> tuple[dict[str, SalesHistory], pl.DataFrame]:
    """Four markets over five years: euro invoices move with the rate, those in dollars do not."""
    rng = np.random.default_rng(seed)
    rate = np.exp(np.cumsum(rng.normal(0, 0.04, 60)))
    history = pl.DataFrame(
        {
            "on": [date(2020 + n // 12, n % 12 + 1, 1) for n in range(60)],
            "currency": ["USD"] * 60,
            "per_eur": rate,
        }
    )
    records = {}
    for place, market in enumerate(("DEU", "FRA", "USA", "MEX")):
        in_euro = euro and place < 2
        months = []
        for n in range(60):
            usd = 100.0 * (rate[n] if in_euro else 1.0) * np.exp(rng.normal(0, 0.01))
            units = 1e3 * (usd / 100) ** -sigma * np.exp(rng.normal(0, 0.05))
            months.append(month(n, float(units), float(usd), "EUR" if in_euro else "USD"))
        records[market] = record(market, months)
    return records, history


def test_a_ledger_in_two_currencies_tells_an_elasticity() -> None:
    learnt = sigma_from_ledger(*planted(3.0, euro=True))
    assert learnt.sigma is not None
    assert learnt.sigma.low < 3.0 < learnt.sigma.high
    assert learnt.sigma.source == "ledger"
    assert learnt.rows == 240


def test_a_ledger_in_one_currency_tells_none() -> None:
    assert sigma_from_ledger(*planted(3.0, euro=False)).reason == "nothing_varies"


def test_a_price_of_no_model_is_refused() -> None:
    with pytest.raises(InputError, match="HC-66M"):
        price_analysis(world(), "HC-66M", "DEU")
    with pytest.raises(InputError) as said:
        price_analysis(world(), MODEL, "ATA")
    assert said.value.key == "price.no_market"


def test_units_fall_along_the_price_and_today_is_marked() -> None:
    far: list[float] = []
    with listening(lambda _, share: far.append(share)), stretch(0.0, 1.0):
        one = price_analysis(world(), MODEL, "DEU")
    assert far == sorted(far), "a bar goes forward"
    models = len(world().study.model)  # of which one is looked at, as far as its outlook: half
    assert (far[0], far[-1]) == pytest.approx((0.1, 0.1 + 0.7 * 0.5 / models))
    points = one.curve.points
    units = [point.units for point in points]
    assert units == sorted(units, reverse=True)
    today = [point for point in points if point.today]
    assert [point.chance for point in today] == [None]
    assert isinstance(one.outlet.state, Selling)
    assert today[0].fob_usd == one.outlet.price_usd
    assert today[0].matched_cny == pytest.approx(today[0].profit_cny)
    low, high = one.outlet.state.between
    for point in points:
        assert point.outside == (not low * (1 - 1e-9) <= point.fob_usd <= high * (1 + 1e-9))
        assert point.low_units <= point.units <= point.high_units
    assert one.curve.verdict == "literature"
    assert one.point is None
    dearer = one.weighed(today[0].fob_usd * 1.037)
    assert dearer.point is not None
    assert dearer.point.fob_usd == pytest.approx(today[0].fob_usd * 1.037)
    assert dearer.point.units < today[0].units
    for price in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(InputError):
            one.weighed(price)


def test_an_announced_duty_lowers_the_plan_where_it_may_come() -> None:
    """A duty of 40 % that comes with 90 %: fewer sets go from Qingdao, none less from Tijuana."""
    other, products = alone()
    coming = Announced(market="USA", year=2025, rate=Decimal("0.4"), probability=Decimal("0.9"))
    struck = replace(other, study=other.study.model_copy(update={"announced": [coming]}))
    before, after = made_alone().choices.offers, plan_products(struck, products).choices.offers
    assert before.rows == after.rows
    for place, offer in enumerate(before.rows):
        was, now = (float(o.units[:, -1, place].mean()) for o in (before, after))
        if offer.market == "USA" and offer.plant == "qingdao":
            assert now < 0.7 * was
        else:
            assert now == was


def test_an_entry_that_earns_too_little_is_not_offered() -> None:
    other, products = alone()
    entries = [o for o in made_alone().choices.offers.rows if not o.sold]
    limits = other.study.limits.model_copy(update={"least_margin_rate": Decimal("0.9")})
    strict = replace(other, study=other.study.model_copy(update={"limits": limits}))
    assert entries
    assert all(o.sold for o in plan_products(strict, products).choices.offers.rows)
