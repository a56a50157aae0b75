"""Books of hundreds of deals, and amounts of one currency that offset each other."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import offing
from offing.settlement import portfolio
from offing.settlement.advice import BookAdvice
from offing.settlement.deal import Credit, Market, open_moves, option
from offing.settlement.defaults import stated_rate
from offing.settlement.portfolio import book_as_hedged, hedge_book
from offing.settlement.simulation import lower_limit
from offing.terms.firm_records import Deal

D = Decimal
DAY = date(2026, 10, 30)
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
PATHS = {"USD": np.linspace(7.0, 9.0, 401), "EUR": np.linspace(11.0, 9.0, 401)}
BY_DAY = dict.fromkeys(range(361), PATHS)


def test_what_is_netted_pays_no_spread() -> None:
    """USD 1 m in and 0.6 m out at 8, EUR 0.5 m in at 10, spreads of 0.4 %: half of it is lost.

    Exchanged are USD 0.4 m and EUR 0.5 m: 3.2 m and 5 m yuan, so 6,400 and 10,000. Both legs would
    have cost 1.6 m × 8 × 0.2 % = 25,600 in place of 6,400.
    """
    deals = [Deal(D(1_000_000), "USD", 90), Deal(D(-600_000), "USD", 60)]
    deals.append(Deal(D(500_000), "EUR", 90))
    book = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=D(1), ratios={})
    assert [line.option.spread_cost for line in book.lines] == [6_400, 0, 10_000]
    assert book.cost == 16_400
    # all that is left of the dollars sold ahead, interest alike: the same half spread
    hedged = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=D(1), ratios={"USD": D(1)})
    assert hedged.cost == 16_400
    assert hedged.nettings[1].open == 0


BOOK = "amount,currency,days\n1000000,USD,90\n-600000,USD,90\n500000,EUR,90\n"


def test_the_book_of_the_findings(tmp_path: Path) -> None:
    """USD +1 m and −0.6 m: 1.2 m that was exchanged is not, at 6.6529 and half of 0.4 %."""
    path = tmp_path / "book.csv"
    path.write_text(BOOK, encoding="utf-8")
    advice = offing.settle(book=path, hedge="0%", on=DAY).advice
    assert isinstance(advice, BookAdvice)
    alone = [offing.settle(a, c, invoice=[c], hedge="0%", on=DAY).advice
             for a, c in ((1_000_000, "USD"), (-600_000, "USD"), (500_000, "EUR"))]  # fmt: skip
    apart = sum(one.options[0].spread_cost for one in alone if one is not None)
    together = sum(line.option.spread_cost for line in advice.book.lines)
    assert advice.market.spot["USD"] == pytest.approx(D("6.65288221"), abs=D("1e-8"))
    assert apart - together == pytest.approx(1_200_000 * D("6.65288221") * D("0.002"), abs=1)
    assert apart - together == pytest.approx(D(15_967), abs=1)


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
    book = hedge_book(deals, MARKET, Credit(), BY_DAY, risk=D("0.02"))
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
    book = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=D(1), ratios={})
    assert book.cost == pytest.approx(cost, abs=D("0.02"))


def test_sums_of_a_currency_are_those_of_its_deals() -> None:
    """What the search adds up by currency and side is what the deals come to one by one."""
    deals = many(30, ("USD", "EUR"), ())
    ratios = {"USD": D("0.3"), "EUR": D("0.8")}
    one = book_as_hedged(deals, MARKET, Credit(), BY_DAY, risk=D(1), ratios=ratios)
    moves = sum(
        open_moves(line.deal.amount, (1 - line.natural) * ratios[line.deal.currency],
                   line.deal.currency, line.deal.days, MARKET, PATHS[line.deal.currency])
        for line in one.lines
    )  # fmt: skip
    net = {net.currency: net.open for net in one.nettings}
    summed = sum(float(net[code]) * (PATHS[code] - float(MARKET.spot[code])) for code in net)
    np.testing.assert_allclose(moves, summed, rtol=1e-9)
    found = hedge_book(deals, MARKET, Credit(), BY_DAY, risk=D(1), hedge=D(0))
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
