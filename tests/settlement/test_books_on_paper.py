"""Books of settlement and their reforms by hand: what offsets, what is open, hundreds of deals."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import offing
from offing.rules.reform import Close, RateSetting, Reform
from offing.settlement import hedging, portfolio
from offing.settlement.advice import BookAdvice
from offing.settlement.deal import Credit, Market, open_moves, option
from offing.settlement.defaults import (
    DatedFigure,
    Defaults,
    _value,
    reform_defaults,
    shipped,
    stated_rate,
    unit_of,
)
from offing.settlement.portfolio import (
    _netting,
    _Search,
    book_as_hedged,
    hedge_book,
    natural_shares,
)
from offing.settlement.simulation import lower_limit
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.firm_records import Deal
from offing.terms.interval import Interval

D = Decimal
DAY = date(2026, 10, 30)
HERE = Where(Path("reform.toml"))
MARKET = Market(
    on=DAY,
    spot={"USD": D(8), "EUR": D(10), "CNY": D(1)},
    interest={code: stated_rate("interest", D("0.04")) for code in ("CNY", "USD", "EUR")},
    spreads={
        "USD": stated_rate("s", D("0.004")), "EUR": stated_rate("s", D("0.004")),
        "CNY": stated_rate("s", D(0)),
    },
    fees=False,
)  # fmt: skip
PATHS = {"USD": np.linspace(6.0, 10.0, 401), "EUR": np.full(401, 10.0)}
BY_DAY = {90: PATHS}


def deal(amount: int, currency: str = "EUR", days: int = 90) -> Deal:
    return Deal(D(amount), currency, days)


@pytest.mark.parametrize(
    ("deals", "shares"),
    [
        ([deal(250), deal(-100)], ["0.4", "1"]),
        ([deal(250), deal(-250)], ["1", "1"]),
        ([deal(100), deal(-250)], ["1", "0.4"]),
        ([deal(100), deal(100, "USD"), deal(-50)], ["0.5", "0", "1"]),
        ([deal(60), deal(40), deal(-50)], ["0.5", "0.5", "1"]),
        ([deal(0)], ["0"]),
        ([deal(0), deal(-50)], ["0", "0"]),
    ],
)
def test_what_the_other_side_of_a_book_offsets(deals: list[Deal], shares: list[str]) -> None:
    assert natural_shares(deals) == tuple(map(D, shares))


def test_a_currency_netted_by_hand() -> None:
    deals = [deal(250, days=90), deal(-100, days=60), deal(50, days=20), deal(9, "CNY")]
    sold = [D("0.5"), D(0), D("0.5"), D(0)]
    [net] = _netting(deals, sold, {"EUR": D("0.75")})
    assert (net.currency, net.receivable, net.payable) == ("EUR", D(300), D(100))
    assert (net.offset, net.hedged, net.open) == (D(100), D(150), D(50))
    assert (net.hedge_ratio, net.days_apart) == (D("0.75"), 40)
    [alone] = _netting(deals[:1], sold[:1], {"EUR": D("0.5")})
    assert (alone.offset, alone.open, alone.days_apart) == (D(0), D(125), 0)
    [owed] = _netting(deals[1:2], [D("0.5")], {"EUR": D("0.5")})
    assert (owed.receivable, owed.payable, owed.hedged, owed.open) == (D(0), D(100), D(-50), D(-50))


def test_a_book_by_hand() -> None:
    """100,000 USD in and 40,000 out at 8: of what is left half is sold; the rest may fall to 6.2.

    Interest is alike, so nothing is carried. 40,000 in and out offset each other and are never
    exchanged; half a spread of 0.4 % is lost on the 60,000 left, 480,000 in yuan.
    """
    deals = [deal(100_000, "USD"), deal(-40_000, "USD"), deal(5_000, "CNY")]
    made = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=D("0.1"), ratios={"USD": D("0.5")})
    assert made.cost == 960
    assert made.expected == 800_000 - 320_000 + 5_000 - made.cost
    assert made.exposures == (("USD", D(30_000)),)
    # 30,000 × (8 − 6.2)
    assert made.expected - made.low == pytest.approx(D(54_000), abs=D("0.01"))
    # the deals' own limits: 70,000 and 0 of what stays open, and the payable's 40,000 × (9.8 − 8)
    assert made.expected - made.low_added == pytest.approx(D(126_000 + 72_000), abs=D("0.01"))
    assert made.within  # 10 % of what comes in: 80,500
    narrow = book_as_hedged(
        deals, MARKET, Credit(), BY_DAY, risk=D("0.06"), ratios={"USD": D("0.5")}
    )
    assert not narrow.within  # 48,300
    bare = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=D("0.1"), ratios={})
    assert bare.exposures == (("USD", D(60_000)),)


def test_each_deal_of_a_book_falls_by_its_own_day() -> None:
    """At 8; the least twentieth of 7 to 9 after 30 days is 7.1, of 6 to 10 after 90 days 6.2.

    100,000 may lose 90,000 and 50,000 as much; on paths that fall together both. What is paid
    after 90 days and received after 30 is held for the days between: nothing of it is open.
    """
    by_day = {30: {"USD": np.linspace(7.0, 9.0, 401)}, 90: PATHS}
    deals = [deal(100_000, "USD", 30), deal(50_000, "USD", 90)]
    bare = hedge_book(deals, MARKET, Credit(), by_day, risk=D("0.15"), hedge=D(0))
    falls = [line.option.expected - line.option.low for line in bare.lines]
    assert falls == pytest.approx([D(90_000), D(90_000)], abs=D("0.01"))
    assert bare.expected - bare.low == pytest.approx(D(180_000), abs=D("0.01"))
    assert bare.low_added == bare.expected - sum(falls)
    # 15 % of 1.2 million: no hedge is needed, and a tenth of one below it
    for risk, hedge in (("0.1501", 0), ("0.1499", D("0.1"))):
        free = hedge_book(deals, MARKET, Credit(), by_day, risk=D(risk))
        assert (free.nettings[0].hedge_ratio, free.within) == (hedge, True)
    offset = [deal(100_000, "USD", 30), deal(-100_000, "USD", 90), deal(50_000, "USD", 90)]
    netted = hedge_book(offset, MARKET, Credit(), by_day, risk=D(1), hedge=D(0))
    # a third of either day's dollars is open: 33,333 × 0.9 and 16,667 × 1.8
    assert netted.expected - netted.low == pytest.approx(D(60_000), abs=D("0.02"))


def test_a_limit_that_is_met_to_the_cent_is_kept() -> None:
    deals = [deal(100_000, "USD")]
    whole = D(180_000) / D(800_000)  # all may fall from 8 to 6.2
    kept = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=whole + D("1e-9"), ratios={})
    assert kept.within
    below = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=whole - D("1e-6"), ratios={})
    assert not below.within


def test_a_book_hedged_as_the_user_says_and_as_the_limit_asks() -> None:
    deals = [deal(100_000, "USD"), deal(1_000, "CNY")]
    half = hedge_book(deals, MARKET, Credit(), BY_DAY, risk=D("0.01"), hedge=D("0.5"))
    assert half.exposures == (("USD", D(50_000)),)
    # a tenth of 801,000 allows 44,500 dollars open: six tenths of them are sold
    free = hedge_book(deals, MARKET, Credit(), BY_DAY, risk=D("0.1"))
    assert (free.nettings[0].hedge_ratio or 0) >= D("0.6")
    assert free.within
    # each tenth sold costs nothing here, and takes 18,000 off
    assert len(free.frontier) == 11
    falls = [expected - low for expected, low in free.frontier]
    assert falls == pytest.approx([18_000 * n for n in range(10, -1, -1)], abs=1)


def test_a_deal_that_its_fees_eat_names_its_row() -> None:
    poor = replace(MARKET, fees=True)
    with pytest.raises(OffingError) as eaten:
        hedge_book([Deal(D(1), "USD", 90, name="x")], poor, Credit(), BY_DAY, risk=D("0.1"))
    assert eaten.value.where is not None
    assert eaten.value.where.column == "deal x"


def exposure(gain: float, fall: float, *, can: bool = True) -> hedging.CurrencyExposure:
    """Worth 100, and may fall by so much without a hedge."""
    return hedging.CurrencyExposure(100.0, gain, np.full(21, -fall), np.zeros(21), can)


def test_mixes_by_hand() -> None:
    two = [exposure(-1, 30), exposure(-2, 10, can=False)]
    assert hedging.expected_of(two, (0, 0)) == 200
    assert hedging.expected_of(two, (5, 0)) == 199.5
    assert hedging.mix_of(two, (5, 0)).fall == pytest.approx(25)
    assert hedging.mix_of([], ()).fall == 0
    assert hedging.Mix((0,), 200.0, 25.0).low == 175
    path = hedging.climb(two)
    assert [mix.tenths for mix in path] == [(n, 0) for n in range(11)]


def test_a_step_stays_between_nothing_and_all() -> None:
    assert hedging._step((0, 5), 0, 1) == (1, 5)
    assert hedging._step((9, 5), 0, 1) == (10, 5)
    assert hedging._step((10, 5), 0, 1) is None
    assert hedging._step((1, 5), 0, -1) == (0, 5)
    assert hedging._step((0, 5), 0, -1) is None


def test_from_a_full_hedge_down() -> None:
    """A hedge that costs 1 for 30 of risk: a tenth less gives 0.1 back and opens 3."""
    one = [exposure(-1, 30)]
    assert hedging.descend(one, 29.9).tenths == (1,)  # type: ignore[union-attr]
    assert hedging.descend(one, 30).tenths == (0,)  # type: ignore[union-attr]
    assert hedging.descend(one, 0).tenths == (10,)  # type: ignore[union-attr]
    assert hedging.descend([exposure(1, 30)], 30).tenths == (10,)  # type: ignore[union-attr]
    assert hedging.descend([exposure(-1, 30, can=False)], 29) is None
    # the dear hedge is given up first: 3 back for 10 of risk, not 1
    two = [exposure(-1, 10), exposure(-3, 10)]
    assert hedging.descend(two, 10).tenths == (10, 0)  # type: ignore[union-attr]


def test_what_brings_most_for_its_cost_comes_first() -> None:
    """Ten of risk for 1 before twelve for 4; what costs nothing before both."""
    path = hedging.climb([exposure(-4, 12), exposure(-1, 10), exposure(1, 1)])
    assert [mix.tenths for mix in path[::10]] == [(0, 0, 0), (0, 0, 10), (0, 10, 10), (10, 10, 10)]
    # down again: 1 for four of risk before 4 for forty
    down = hedging.descend([exposure(-4, 40), exposure(-1, 4)], 4)
    assert down is not None
    assert down.tenths == (10, 0)


def test_the_cheapest_mix_and_where_none_keeps_the_limit() -> None:
    two = [exposure(-1, 10), exposure(-3, 10)]
    best, path = hedging.cheapest(two, 10)
    assert (best.tenths, len(path)) == ((10, 0), 21)
    rough, _ = hedging.cheapest(two, 10, polish=False)
    assert rough.tenths == (10, 0)
    never, _ = hedging.cheapest([exposure(-5, 1), exposure(-1, 10, can=False)], 9)
    assert never.tenths == (0, 0)  # a hedge costs five and brings one: the limit is not kept
    assert hedging.improve(two, hedging.mix_of(two, (8, 2)), 10).tenths == (10, 0)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("fees.inward.minimum", "50", "50"),
        ("fees.inward.minimum", "50 cny", "50"),
        ("fees.inward.minimum", "0", "0"),
        ("fees.confirm.period_days", "1", "1"),
        ("spread.usd", "0.2%", "0.002"),
        ("ndf.brl.basis", "0.5%", "0.005"),
        ("ndf.brl.basis", "-0.5%", "-0.005"),
    ],
)
def test_values_of_a_reform(name: str, text: str, value: str) -> None:
    assert _value(RateSetting(f"settlement.{name}", text, Interval(), HERE)) == D(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fees.inward.minimum", "-1"),
        ("fees.confirm.period_days", "0"),
        ("fees.confirm.period_days", "1.5"),
        ("spread.usd", "-0.5%"),
        ("ndf.brl.spread", "-0.5%"),
    ],
)
def test_values_that_cannot_be(name: str, text: str) -> None:
    with pytest.raises(InputError):
        _value(RateSetting(f"settlement.{name}", text, Interval(), HERE))


def test_a_reform_touches_what_it_names() -> None:
    july = date(2026, 7, 1)
    new = RateSetting("settlement.spread.usd", "0.1%", Interval(july, None), HERE)
    refund = RateSetting("chn.refund.x", "9%", Interval(), HERE)
    made = reform_defaults(shipped(), Reform("x", settings=(refund, new)))
    before = shipped().spread("USD", date(2026, 6, 30))
    assert made.spread("USD", july).rate == D("0.001")
    assert made.spread("USD", date(2026, 6, 30)).rate == before.rate
    assert made.spread("EUR", july) == shipped().spread("EUR", july)
    ended = reform_defaults(shipped(), Reform("x", closes=(Close("settlement.finance", july),)))
    assert ended.finance(july) is None
    before_it, usual = (each.finance(date(2026, 6, 30)) for each in (ended, shipped()))
    assert before_it is not None
    assert usual is not None
    assert before_it.rate == usual.rate
    elsewhere = Reform("x", closes=(Close("eur.vat.deu", july),))
    assert reform_defaults(shipped(), elsewhere) == shipped()
    with pytest.raises(InputError, match=r"settlement\.finance"):
        reform_defaults(shipped(), Reform("x", closes=(Close("settlement.finanse", july),)))


def test_a_tariff_of_which_only_the_rate_is_known() -> None:
    def figure(name: str, value: str) -> DatedFigure:
        id_ = f"settlement.{name}"
        return DatedFigure(id=id_, when=Interval(), source="", status="user", value=D(value),
                      unit=unit_of(id_))  # fmt: skip

    terms = (("sight_lc", ("advise", "confirm")),)
    figures = [figure("fees.advise.minimum", "200"), figure("fees.confirm.rate", "0.002"),
               figure("fees.confirm.maximum", "900"),
               figure("fees.confirm.period_days", "90")]  # fmt: skip
    book = Defaults(tuple(figures), terms, (), ())
    (first, advise), (second, confirm) = book.fees_of("sight_lc", DAY)
    assert (first, second) == ("advise", "confirm")
    assert advise.of(D(10**6), 90) == 200
    assert confirm.of(D(10_000), 91) == 40
    assert confirm.of(D(10**6), 91) == 900
    assert [use.id.removeprefix("settlement.fees.") for use in book.fee_uses("sight_lc", DAY)] == [
        "advise.minimum", "confirm.rate", "confirm.maximum", "confirm.period_days"
    ]  # fmt: skip
    assert [use.unit for use in book.fee_uses("sight_lc", DAY)] == ["CNY", "share", "CNY", "days"]
    assert (book.interest("USD", DAY), book.finance(DAY), book.ndf("BRL")) == (None, None, None)
    assert book.spread("CNY", DAY).rate == 0


def test_a_hedge_of_ones_own_brings_its_part_of_what_a_full_one_does() -> None:
    """Three in ten of the way from no hedge to a full one, whether that costs or brings."""
    carried = replace(
        MARKET, interest={**MARKET.interest, "USD": stated_rate("interest", D("0.08"))}
    )
    for market in (MARKET, carried):
        none, part, full = (
            _Search([deal(100_000, "USD")], market, Credit(), BY_DAY, D(1), D(share))
            .hedged(["USD"])
            .expected
            for share in ("0", "0.3", "1")
        )
        assert part - none == pytest.approx(0.3 * (full - none))
    assert full < none  # a dollar costs twice the interest of a yuan: forward it is cheaper


APART = {"USD": np.linspace(7.0, 9.0, 401), "EUR": np.linspace(11.0, 9.0, 401)}
EVERY_DAY = dict.fromkeys(range(361), APART)


def many(count: int, currencies: tuple[str, ...], accepts: tuple[str, ...]) -> list[Deal]:
    """Deals of all sizes, one in three a payable."""
    return [
        Deal(
            D(100_000 + 137 * number) * (-1 if number % 3 == 2 else 1),
            code := currencies[number % len(currencies)],
            60 + number % 60,
            accepts=tuple(other for other in accepts if other != code),
            name=f"deal {number}",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("currencies", "accepts"),
    [(("USD",), ()), (("USD",), ("EUR", "CNY")), (("USD", "EUR", "CNY"), ("USD", "EUR", "CNY"))],
)
def test_a_deal_is_priced_a_few_times_however_many_there_are(
    currencies: tuple[str, ...], accepts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times in each currency that it may have, and once in each of the two books compared."""
    counted = 0

    def counting(*arguments: Any) -> Any:
        nonlocal counted
        counted += 1
        return option(*arguments)

    monkeypatch.setattr(portfolio, "option", counting)
    deals = many(200, currencies, accepts)
    book = hedge_book(deals, MARKET, Credit(), EVERY_DAY, risk=D("0.02"))
    assert len(book.lines) == 200
    asked = len(set(accepts) | {"USD"})
    assert counted <= 200 * (3 * asked + 2)


@pytest.mark.parametrize(
    ("amounts", "cost"),
    [
        ((300_000, -300_000), 0),  # all of it
        ((100_000, -250_000), 150_000 * 8 * D("0.002")),  # more goes out than comes in
        ((100_000, 50_000, -50_000), 100_000 * 8 * D("0.002")),  # a third of each that comes in
    ],
)
def test_only_the_rest_is_exchanged(amounts: tuple[int, ...], cost: Decimal) -> None:
    deals = [Deal(D(amount), "USD", 90) for amount in amounts]
    book = book_as_hedged(deals, MARKET, Credit(), EVERY_DAY, risk=D(1), ratios={})
    assert book.cost == pytest.approx(cost, abs=D("0.02"))


def test_sums_of_a_currency_are_those_of_its_deals() -> None:
    """What the search adds up by currency and side is what the deals come to one by one."""
    deals = many(30, ("USD", "EUR"), ())
    ratios = {"USD": D("0.3"), "EUR": D("0.8")}
    one = book_as_hedged(deals, MARKET, Credit(), EVERY_DAY, risk=D(1), ratios=ratios)
    moves = sum(
        open_moves(line.deal.amount, (1 - line.natural) * ratios[line.deal.currency],
                   line.deal.currency, line.deal.days, MARKET, APART[line.deal.currency])
        for line in one.lines
    )  # fmt: skip
    net = {net.currency: net.open for net in one.nettings}
    summed = sum(float(net[code]) * (APART[code] - float(MARKET.spot[code])) for code in net)
    np.testing.assert_allclose(moves, summed, rtol=1e-9)
    found = hedge_book(deals, MARKET, Credit(), EVERY_DAY, risk=D(1), hedge=D(0))
    assert found.expected == sum(line.option.expected for line in found.lines)


@pytest.mark.parametrize("seed", range(6))
def test_the_limit_is_numpys_quantile(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wide = rng.standard_normal(10_000) * rng.choice([1, 1e6])
    lumpy = np.round(rng.standard_normal(10_000), 0)
    rising = np.arange(10_000.0)
    cut = np.where(np.arange(10_000) % 16 == 0, -1e9, rng.standard_normal(10_000))
    for values in (wide, lumpy, rising, rising[::-1].copy(), cut, np.zeros(10_000)):
        assert lower_limit(values) == pytest.approx(float(np.quantile(values, 0.05)), rel=1e-12)


def test_a_late_deal_does_not_move_an_early_one(tmp_path: Path) -> None:
    """EUR 1,000 of half a year beside USD 250,000 of three weeks: these fall as they do alone."""
    early = "amount,currency,days\n250000,USD,21\n"
    falls = []
    for text in (early, early + "1000,EUR,180\n"):
        (path := tmp_path / "book.csv").write_text(text, encoding="utf-8")
        advice = offing.settle(book=path, hedge="0%", on=DAY).advice
        assert isinstance(advice, BookAdvice)
        falls.append(advice.options[0].expected - advice.options[0].low)
    assert falls[1] == pytest.approx(falls[0], rel=D("0.05"))
