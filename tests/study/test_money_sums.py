"""What a study may do about currencies, what its sums rest on, and what a run says: by hand."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from cautions import keyed
from offing.planning.offers import Currency, Forward, Offer, Offers, PlanLimits, Switch, Treasury
from offing.planning.plan import MoneyMove, Plan, PlanRow
from offing.planning.risk import BarFigures, LimitFigures
from offing.planning.scenarios import RateDraws
from offing.study import decision as money_moves
from offing.study import risk, run, settlement, target, treasury
from offing.study import risk as inputs
from offing.study.choices import AHEAD, PARTS, Bank, sum_of, sums_note
from offing.study.decision import _discount, invoiced_as
from offing.study.result import ProductResult
from offing.study.schema import Entering, Keeping
from offing.study.target import PlanTarget
from offing.study.treasury import accepted_currencies, refused_hedges, shift_rate, treasury_of
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.messages import say, using_language
from study.stand_ins import like

DOLLAR = 8.0
RATES = RateDraws(
    ("USD", "EUR", "CNY"),
    np.array([DOLLAR, 10.0, 1.0]),
    np.array([[[8.0, 11.0, 1.0], [8.0, 9.0, 1.0]], [[4.0, 10.0, 1.0], [12.0, 10.0, 1.0]]]),
)
"""Two worlds of two years: in one the euro is a tenth up and then down, in the other the dollar is
half down and then half up."""
DISCOUNT = np.array([0.9, 0.8])
DEU = Offer("tv", "DEU", "home", "main", "own", "EUR", 100.0, True, True)
USA = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True)


def offers(*usd: float) -> Offers:
    """Sales that double in the second year."""
    sales = np.array([[usd, tuple(2 * one for one in usd)]] * 2)
    return Offers((DEU, USA)[: len(usd)], (2027, 2028), sales, sales, sales, DISCOUNT)


def bank(**more: Any) -> Bank:
    facts: dict[str, Any] = {
        "held": (), "payable": (), "days": 90, "cny_discount": Decimal("0.01"),
        "risk": Decimal("0.05"),
    }  # fmt: skip
    market = like(
        spot={"USD": Decimal(8), "EUR": Decimal(10), "CNY": Decimal(1)},
        spreads={code: like(rate=Decimal("0.004")) for code in ("USD", "EUR")},
        ndf={},
        stale={},
        undelivered=frozenset(),
        finance=None,
        interest={code: like(age_days=0) for code in ("CNY", "USD", "EUR")},
    )
    mine: Any = like(**{**facts, **more})
    days = {mine.days, *(payable.days for payable in mine.payable)}
    moved = {day: {"EUR": 10 + day / 90 * np.array([1.0, -1.0])} for day in days}
    at: Any = like(market=market, paths=moved)
    return Bank(mine, date(2026, 12, 31), {"DEU": ["EUR", "USD", "CNY"]}, at, ())


@pytest.fixture(autouse=True)
def points(monkeypatch: pytest.MonkeyPatch) -> None:
    """A euro sold ahead brings 1 %; of the dollar no interest is known."""
    monkeypatch.setattr(treasury, "points_of", lambda _, code, __: 0.01 if code == "EUR" else None)


def shelves(**proportional: float) -> Any:
    outlets = [like(market="DEU", deliveries=[like(proportional=p, currency=c)])
               for c, p in proportional.items()]  # fmt: skip
    return {"tv": like(outlets=outlets)}


def made(**more: Any) -> tuple[Treasury, Currency]:
    found = treasury_of(bank(**more), offers(100.0, 50.0), shelves(EUR=0.25), RATES)
    return found, next(one for one in found.currencies if one.code == "EUR")


def test_what_a_forward_pays_by_hand() -> None:
    """1 % at a time of an invoice's payment; ahead of it, too, less what the euro moves by.

    Of USD 1, in the first year at 0.9 and 8 yuan.
    """
    found, euro = made()
    by_invoice, ahead = euro.forwards
    assert (by_invoice.days, ahead.days) == (90, AHEAD)
    assert by_invoice.payoff_cny == pytest.approx(np.full(2, 0.9 * 8 * 0.01))
    assert ahead.payoff_cny == pytest.approx(0.9 * 8 * (0.01 - np.array([0.1, 0.0])))
    assert euro.spread_cny == pytest.approx(0.004 / 2 * 8 * 0.9)
    assert (euro.out_usd, euro.held_usd) == (0.0, 0.0)
    assert np.broadcast_to(euro.constant_cny, 2) == pytest.approx(np.zeros(2))
    by_code = {one.code: one for one in found.currencies}
    assert by_code["USD"].forwards == ()
    assert by_code["CNY"] == Currency("CNY")


def held(until: str, rate: str = "10.5", side: str = "sell") -> Any:
    return like(currency="EUR", side=side, amount=Decimal(80), rate=Decimal(rate),
                until=date.fromisoformat(until))  # fmt: skip


def test_what_is_held_and_paid_already_by_hand() -> None:
    """80 euro sold at 10.5 until June: 100 dollars; in one world they are worth 11 and 10."""
    _, euro = made(held=(held("2027-06-30"),))
    assert euro.held_usd == pytest.approx(100)
    assert euro.constant_cny == pytest.approx(0.9 * 80 * np.array([-0.5, 0.5]))
    _, bought = made(held=(held("2027-06-30", side="buy"),))
    assert bought.held_usd == pytest.approx(-100)
    _, later = made(held=(held("2028-06-30"),))
    assert later.held_usd == 0.0
    assert later.constant_cny == pytest.approx(0.8 * 80 * np.array([1.5, 0.5]))
    _, beyond = made(held=(held("2029-06-30"),))
    assert np.broadcast_to(beyond.constant_cny, 2) == pytest.approx(np.zeros(2))
    for rate, fits in (("15", True), ("15.1", False), ("5", True), ("4.9", False)):
        if fits:
            made(held=(held("2027-06-30", rate),))
        else:
            with pytest.raises(InputError) as caught:
                made(held=(held("2027-06-30", rate),))
            assert caught.value.key == "study.held_rate"
    owed = like(currency="EUR", amount_a_year=Decimal(40), days=45)
    _, paying = made(payable=(owed, like(currency="USD", amount_a_year=Decimal(9), days=1)))
    assert paying.out_usd == pytest.approx(50)
    # the first world's euro moves by +0.1 and −0.1 of 50 × 8
    moved = 0.1 * 0.9 - 0.1 * 0.8
    assert paying.constant_cny == pytest.approx(-50 * 8 * np.array([moved, 0.0]))


def test_switches_of_an_invoice_by_hand() -> None:
    """A market that doubles; a quarter goes off in proportion; yuan cost a hundredth."""
    found, _ = made()
    switches = {one.name: one for one in found.switches}
    assert set(switches) == {"invoice_DEU_EUR_USD", "invoice_DEU_EUR_CNY"}
    dollar = switches["invoice_DEU_EUR_USD"]
    assert dollar.later == (1.0, 2.0)
    worth = np.array([[0.0 - 0.1, 0.0 + 0.1], [-0.5, 0.5]]) * 0.75
    assert dollar.payoff_cny == pytest.approx(worth @ np.array([0.9, 1.6]) * 8)
    yuan = switches["invoice_DEU_EUR_CNY"]
    moved = np.array([[-0.1, 0.1], [0.0, 0.0]]) * 0.75 - 0.01
    assert yuan.payoff_cny == pytest.approx(moved @ np.array([0.9, 1.6]) * 8)
    assert treasury._proportional(shelves(EUR=0.25, USD=0.5), "DEU", "EUR") == 0.25
    assert treasury._proportional(shelves(EUR=0.25), "USA", "EUR") == 0.0


def test_the_limit_of_the_receivables_by_hand() -> None:
    """90 days are a quarter; of 40 euro a year 45 days are owed: 5 euro, 6.25 dollars."""
    owed = like(currency="EUR", amount_a_year=Decimal(40), days=45)
    found = made(payable=(owed,))[0].risk
    assert found is not None
    assert (found.share, found.stock) == (0.05, 0.25)
    assert found.moves["EUR"] == pytest.approx([0.1, -0.1])
    assert found.owed_usd == pytest.approx({"EUR": 6.25})
    now = like(currency="EUR", amount_a_year=Decimal(360), days=0)
    today = made(payable=(now,))[0].risk
    assert today is not None
    assert today.owed_usd == pytest.approx({"EUR": 1.25})  # a day at least
    assert made(days=0)[0].risk is None
    # no buyer pays in what is owed: it moves until its own day, the longest of the two
    codes, far = {"DEU": ["USD"]}, like(currency="EUR", amount_a_year=Decimal(9), days=180)
    alone = treasury._risk(replace(bank(payable=(far, owed)), accepts=codes), 8.0)
    assert alone is not None
    assert alone.moves["EUR"] == pytest.approx([0.2, -0.2])


def test_contracts_where_a_currency_is_dearer_by_hand() -> None:
    """A euro of a fifth more, of what is worth 8 yuan: 1.6 × 1.1 and 1.6 × 0.9 in one world."""
    euro = Currency(
        "EUR", (Forward(90, np.ones(2)), Forward(AHEAD, np.ones(2))), 0.1, 10.0, 20.0, 3.0
    )
    whole = Treasury((euro, Currency("USD", (Forward(AHEAD, np.ones(2)),))),
                     (Switch("DEU", "EUR", "USD", np.zeros(2), (1.0, 2.0)),))  # fmt: skip
    found = shift_rate(whole, RATES, DISCOUNT, every=1, code="EUR", factor=1.2)
    dear, other = found.currencies
    more = 1.6 * np.array([[1.1, 0.9], [1.0, 1.0]])
    assert dear.forwards[0].payoff_cny == pytest.approx([1, 1])
    assert dear.forwards[1].payoff_cny == pytest.approx(1 - 0.9 * more[:, 0])
    lost = 10 * more @ DISCOUNT + 20 * 0.9 * more[:, 0]
    assert dear.constant_cny == pytest.approx(3 - lost)
    assert other.forwards[0].payoff_cny == pytest.approx([1, 1])
    assert found.switches[0].payoff_cny == pytest.approx(-(more @ np.array([0.9, 1.6])))
    into = shift_rate(whole, RATES, DISCOUNT, every=2, code="USD", factor=0.5)
    gained = -0.5 * 8 * np.array([[1.0, 1.0]]) @ np.array([0.9, 1.6])
    assert into.switches[0].payoff_cny == pytest.approx(gained)
    still = shift_rate(whole, RATES, DISCOUNT, every=1, code="", factor=1.0)
    assert still.currencies[0].constant_cny == pytest.approx([3, 3])


def test_a_plan_carries_why_a_hedge_is_missing() -> None:
    """Of the dollar an old rate is known: no forward of it, and none is sold in the programme."""
    study: Any = like(markets=like(horizon=1))
    one = bank()
    market: Any = one.at.market
    old = like(rate=Decimal("0.0363"), known_on=date(2026, 6, 17), age_days=197)
    del market.interest["USD"]
    market.stale["USD"] = old
    [(key, values)] = keyed(refused_hedges(study, one, offers(1.0, 1.0)))
    assert key == "settle.plan_stale"
    assert (values["currency"], values["id"], values["age"]) == ("USD", "usd", "197")
    for language in ("en", "zh"):
        with using_language(language):
            assert "settlement.interest.usd" in say(key, **values)
    market.stale["CNY"] = old  # without the yuan's own interest there is no forward at all
    del market.interest["CNY"]
    assert {v["currency"] for _, v in keyed(refused_hedges(study, one, offers(1.0, 1.0)))} == {
        "USD",
        "EUR",
    }


def test_currencies_that_buyers_take() -> None:
    facts: Any = like(market_accepts={"JPN": ["JPY"]}, accepts=["USD", "EUR"])
    assert accepted_currencies(facts, "JPN", ["USD"]) == ["JPY"]
    assert accepted_currencies(facts, "DEU", ["EUR", "GBP"]) == ["EUR", "GBP", "USD"]


# --- read back


def invoice(share: float, after: str = "CNY") -> MoneyMove:
    return MoneyMove("invoice", after, "EUR", "DEU", 0, False, "", share, 1.0, 0.0, 0.0, 0.0, 0.0)


def row(market: str, currency: str, usd: float) -> PlanRow:
    return PlanRow("tv", market, "low", 0.0, usd, 1.0, 1.0, 1.0, 1.0, None, None, "keep", "home",
                   currency)  # fmt: skip


def plan(*rows: PlanRow) -> Plan:
    return Plan(rows, 1.0, 1.0, 1.0, (), 1.0, 1.0)


@pytest.mark.parametrize(("share", "currency"), [(0.995, "CNY"), (0.99, "EUR")])
def test_a_market_that_is_invoiced_otherwise(share: float, currency: str) -> None:
    rows = plan(row("DEU", "EUR", 1.0), row("DEU", "USD", 1.0), row("FRA", "EUR", 1.0))
    found = invoiced_as(rows, (invoice(share),))
    assert [one.currency for one in found.rows] == [currency, "USD", "EUR"]


def test_the_discount_that_would_turn_an_invoice_around() -> None:
    """25.9 yuan on USD 1, 8 yuan each, over 0.9 + 0.8 × 2: a hundredth and 12.95 % more."""
    switch = Switch("DEU", "EUR", "CNY", np.zeros(2), (1.0, 2.0))
    programme = like(facts=like(treasury=Treasury((), (switch,))), offers=like(discount=DISCOUNT))
    one: Any = like(market="DEU", currency_before="EUR", currency="CNY", amount=10.0,
                    mean_cny=25.9)  # fmt: skip
    found = _discount(like(programme=programme), one, bank(), DOLLAR)
    assert found == pytest.approx(0.01 + 25.9 / (10 * 8 * 2.5))


def test_what_is_settled_by_market_and_currency() -> None:
    """A third of Germany's euro are yuan; what is worth no fee is left out."""
    one: Any = like(
        decided=like(money=(invoice(1 / 3), invoice(0.5, "USD").__class__(
            "hedge", "EUR", "", "", 90, False, "", 1.0, 1.0, 0.0, 0.0, 0.0, 0.0))),
        plan=plan(row("DEU", "EUR", 3e5), row("DEU", "CNY", 1e5), row("FRA", "EUR", 0.5)),
    )  # fmt: skip
    assert settlement._planned_receipts(one) == pytest.approx(
        {("DEU", "EUR"): 2e5, ("DEU", "CNY"): 2e5}
    )


# --- sums of a market


def test_a_sum_is_the_markets_own_then_that_of_all_then_the_shipped() -> None:
    first, second, *rest = PARTS
    shipped, illustrative = sum_of("entering", Entering(), "DEU")
    assert illustrative == PARTS
    assert sum(shipped.values()) > 0
    own = Entering.model_validate({first: 5, "market": {"DEU": {first: 3, second: 7}}})
    found, illustrative = sum_of("entering", own, "DEU")
    first_two = found[first], found[second]
    assert list(map(int, first_two)) == [3, 7]
    assert illustrative == tuple(rest)
    assert sum(found.values()) == 10 + sum(shipped[part] for part in rest)
    elsewhere, illustrative = sum_of("entering", own, "FRA")
    assert elsewhere[first] == 5
    assert illustrative == (second, *rest)
    nothing = dict.fromkeys(PARTS, 0)
    all_own = Entering.model_validate(nothing), Keeping.model_validate(nothing)
    assert sums_note(*all_own) is None
    note = sums_note(Entering.model_validate(nothing), Keeping())
    assert note is not None
    assert (note["once"], note["once_shipped"]) == (0, 0)
    assert note["yearly"] == note["yearly_shipped"] != 0


# --- risk and target


def test_currencies_that_weigh_a_twentieth() -> None:
    """Of 100 the euro has 5, the yen 4.9, the dollar the rest; yuan are at home."""
    rows = [like(currency=code) for code in ("EUR", "JPY", "USD", "CNY")]
    facts = like(sales_usd=np.array([[5.0, 4.9, 40.1, 50.0]]), offers=like(rows=rows))
    decision = like(share=np.ones((1, 4)))
    solved: Any = like(programme=like(facts=facts), solution=like(decision=decision))
    assert inputs._currencies(solved) == ["USD", "EUR"]
    kinds = {"a": ("grow",), "b": ("enter", "cheaper"), "c": ("dearer",)}
    moves: Any = [like(model=model, kinds=kinds[model]) for model in "abcb"]
    assert inputs._repriced_models(moves) == ["b", "c"]


def wanted(of: Any, amount: float, currency: str) -> float:
    rates = (("USD", 8.0), ("EUR", 10.0))
    return target._asked_amount(
        like(decided=like(rates=rates)), PlanTarget(of, None, amount, currency)
    )


def test_a_target_in_another_money() -> None:
    """Sales are counted in dollars, profit in yuan."""
    assert wanted("sales", 80.0, "EUR") == 100.0
    assert wanted("sales", 80.0, "CNY") == 10.0
    assert wanted("profit", 80.0, "USD") == 640.0
    with pytest.raises(InputError) as caught:
        wanted("sales", 1.0, "JPY")
    assert caught.value.key == "planning.target_no_rate"


@pytest.mark.parametrize(
    ("now", "enough", "needed"),
    [(100.0, 130.0, 130.0), (100.0, 6400.0, 6400.0), (100.0, 6401.0, None), (0.0, 50.0, 50.0),
     (0.0, 65.0, None)],
)  # fmt: skip
def test_what_a_limit_would_have_to_be(now: float, enough: float, needed: float | None) -> None:
    """To a hundredth of what there is or is missing; no further than 64 times of it, or of 1."""
    limits = PlanLimits(entry_budget_cny=now)
    found = target._need(
        ("entry_budget", ""), limits, lambda with_more: (with_more.entry_budget_cny or 0) >= enough
    )
    assert found.now == now
    if needed is None:
        assert found.needed is None
    else:
        assert found.needed is not None
        assert needed <= found.needed <= needed + max(needed - now, now) / 100 + 1e-9


def test_limits_that_may_be_moved() -> None:
    limits = PlanLimits(
        {("p", "l"): (5.0, 4.0)}, entry_budget_cny=7.0, working_capital_cny=8.0,
        market_share={"DEU": 0.3},
    )  # fmt: skip
    moved: dict[tuple[str, str], dict[str, Any]] = {
        ("line_hours", "p/l"): {"line_hours": {("p", "l"): (9.0, 9.0)}},
        ("market_share", "DEU"): {"market_share": {"DEU": 9.0}},
        ("entry_budget", ""): {"entry_budget_cny": 9.0},
        ("working_capital", ""): {"working_capital_cny": 9.0},
        ("must_keep", "x"): {},
    }
    found = {}
    for name, changes in moved.items():
        found[name[0]], at = target._movable(name, limits)
        if changes:
            assert at(9.0) == replace(limits, **changes)
    assert found == {
        "line_hours": 5.0, "market_share": 0.3, "entry_budget": 7.0, "working_capital": 8.0,
        "must_keep": None,
    }  # fmt: skip


# --- what a run says


def test_markets_in_the_order_of_the_plan_then_of_the_ranking() -> None:
    rows = [like(market="FRA", product="tv", sales_usd=2.0), like(market="ITA", product="other",
            sales_usd=2.0), like(market="ESP", product="tv", sales_usd=0.0)]  # fmt: skip
    segments = [like(market="USA"), like(market="FRA"), like(market="USA")]
    names = ("ESP", "BEL", "USA", "FRA")
    nothing: Any = dict.fromkeys(each.name for each in fields(ProductResult))
    made = ProductResult(
        **nothing
        | {
            "product": "tv",
            "ranking": like(segments=segments),
            "markets": tuple(like(market=name) for name in names),
        }
    )
    found: Any = run._order_markets(made, like(rows=rows))
    assert [one.market for one in found.markets] == ["FRA", "USA", "BEL", "ESP"]


def weighed(market: str, days: int) -> Any:
    """100 dollars' worth of euro."""
    kind, before = ("invoice", "USD") if market else ("hedge", "")
    return MoneyMove(kind, "EUR", before, market, days, False, "", 1.2, 100.0, 25.9, 2.0, 0.1, 0.2)


def test_figures_of_a_hedge_and_of_an_invoice(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 dollars at 8 yuan are 80 euro at 10; ahead it turns at 1 % above the day's rate."""
    monkeypatch.setattr(money_moves, "points_of", lambda _, code, __: 0.01)
    monkeypatch.setattr(money_moves, "instrument_of", lambda *_: "forward")
    switch = Switch("DEU", "USD", "EUR", np.zeros(2), (1.0, 2.0))
    programme = like(facts=like(treasury=Treasury((), (switch,))), offers=like(discount=DISCOUNT))
    solved: Any = like(programme=programme)
    ahead = money_moves._money_move(solved, weighed("", AHEAD), bank(), RATES)
    assert (ahead.kind, ahead.amount, ahead.share, ahead.instrument) == ("hedge", 80, 1, "forward")
    assert ahead.turns == pytest.approx(10.1)
    assert ahead.delivered == date(2027, 6, 29)
    by_invoice = money_moves._money_move(solved, weighed("", 90), bank(), RATES)
    assert (by_invoice.turns, by_invoice.delivered, by_invoice.ahead) == (None, None, False)
    assert by_invoice.points == 0.01
    invoice = money_moves._money_move(solved, weighed("DEU", 0), bank(), RATES)
    assert (invoice.kind, invoice.instrument, invoice.points) == ("invoice", "", 0.0)
    assert invoice.turns == pytest.approx(25.9 / (100 * 8 * 2.5))


def limit(price: float | None, more: float, less: float | None) -> LimitFigures:
    return LimitFigures("line_hours", "x", 1.0, 1.0, price, None, None, None, 0.1, more, less)


def test_limits_that_are_worth_telling() -> None:
    assert risk._worth_telling(limit(1.0, 0.0, 0.0), 5.0)
    assert risk._worth_telling(limit(None, 0.0, None), 5.0)
    assert risk._worth_telling(limit(None, 5.0, 0.0), 5.0)
    assert risk._worth_telling(limit(None, 0.0, 5.0), 5.0)
    assert not risk._worth_telling(limit(None, 4.9, 4.9), 5.0)


def test_a_bar_begins_at_the_plans_gain() -> None:
    assert risk._width(BarFigures("x", "", None, 8.0, 9.0, ()), 10.0) == 2.0
    assert risk._width(BarFigures("x", "", None, 8.0, 12.0, ()), 10.0) == 4.0


def test_warnings_once_and_how_many_rules_are_illustrative() -> None:
    said: Any = [Caution("a"), Caution("b", {"x": "1"}), Caution("a"), Caution("b", {"x": "2"})]
    assert run._once(said) == (Caution("a"), Caution("b", {"x": "1"}), Caution("b", {"x": "2"}))
    rules: Any = [like(status=s) for s in ("official_text", "recalled", "illustrative", "user")]
    assert run._illustrative(rules) == [Caution("study.warn_illustrative", {"count": 2})]
    assert run._illustrative(rules[:1]) == []
