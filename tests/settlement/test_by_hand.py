"""Settlement computed by hand: each cost with its sign, each rate, each share of a hedge."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import numpy as np
import pytest

from offing.settlement.deal import Credit, Market, Ndf, forward_mid, open_moves, option
from offing.settlement.defaults import stated_rate
from offing.settlement.forwards import covered_parity_forward
from offing.settlement.hedging import (
    TENTHS,
    CurrencyExposure,
    Mix,
    _near,
    cheapest,
    expected_of,
    improve,
    mix_of,
)
from offing.terms.errors import InputError
from offing.terms.firm_records import Deal

D = Decimal
MARKET = Market(
    on=date(2026, 10, 30),
    spot={"USD": D(7), "BRL": D("1.4"), "CNY": D(1)},
    interest={
        "CNY": stated_rate("interest", D("0.02")),
        "USD": stated_rate("interest", D("0.04")),
        "BRL": stated_rate("interest", D("0.12")),
    },
    spreads={
        "USD": stated_rate("spread", D("0.004")),
        "BRL": stated_rate("spread", D("0.01")),
        "CNY": stated_rate("spread", D(0)),
    },
    finance=stated_rate("finance", D("0.036")),
    fees=False,
)
CREDIT = Credit(
    premium_rate=D("0.003"), cover=D("0.9"), default_probability=D("0.02"),
    loss_given_default=D("0.5"),
)  # fmt: skip
PATHS = np.linspace(6.0, 8.0, 2001)


def test_an_open_deal_by_hand() -> None:
    """100,000 USD in 90 days at 7: each cost is taken off.

    Spread 0.4 % / 2 of 700,000 = 1,400. Finance 700,000 × 3.6 % × 90 / 360 = 6,300. Premium
    0.3 % = 2,100. Loss 2 % × 50 % × 10 % not covered = 700. Left: 700,000 − 10,500.
    """
    made = option(Deal(D(100_000), "USD", 90), "USD", D(0), MARKET, CREDIT, PATHS)
    assert (made.at_mid, made.spread_cost, made.carry) == (D(700_000), D(1_400), D(0))
    assert (made.finance, made.insurance, made.credit_loss) == (D(6_300), D(2_100), D(700))
    assert made.expected == 689_500
    assert made.cost == 10_500
    # the 5 % quantile of 6.0 to 8.0 is 6.1: 0.9 × 100,000 less
    assert made.low == pytest.approx(D(599_500), abs=D(100))


def test_a_payable_by_hand() -> None:
    """The firm pays: no premium, no loss; waiting brings what it costs on a receivable."""
    made = option(Deal(D(-100_000), "USD", 90), "USD", D(0), MARKET, CREDIT, PATHS)
    assert (made.insurance, made.credit_loss) == (D(0), D(0))
    assert (made.finance, made.spread_cost) == (D(-6_300), D(1_400))
    assert made.expected == -700_000 - 1_400 + 6_300


def test_a_half_hedge_by_hand() -> None:
    """F = 7 × 1.005 / 1.01 = 6.965346…; carry 50,000 × (F − 7); spread on F for the half sold."""
    made = option(Deal(D(100_000), "USD", 90), "USD", D("0.5"), MARKET, Credit(), PATHS)
    forward = D(7) * D("1.005") / D("1.01")
    assert made.carry == round(50_000 * (forward - 7), 2) == D("-1732.67")
    assert made.spread_cost == round((350_000 + 50_000 * forward) * D("0.002"), 2)
    assert made.expected - made.low == pytest.approx(D(45_000), abs=D(50))


def test_a_non_deliverable_forward_by_hand() -> None:
    """F = 1.4 × 1.005 / (1 + 12.5 % / 4); three half spreads: 0.5 %, 0.15 % and 0.2 %."""
    ndf = Ndf(stated_rate("s", D("0.003")), stated_rate("b", D("0.005")), {90: np.full(11, -0.01)})
    market = Market(**{**MARKET.__dict__, "ndf": {"BRL": ndf}})
    forward = forward_mid("BRL", 90, market)
    assert forward is not None
    assert round(forward, 8) == round(D("1.4") * D("1.005") / D("1.03125"), 8)
    made = option(Deal(D(100_000), "BRL", 90), "BRL", D(1), market, Credit(), np.full(11, 1.0))
    assert made.spread_cost == round(100_000 * forward * D("0.0085"), 2)
    # all is hedged; the fixing is 1 % off: 100,000 × 1.4 × 1 %
    assert made.expected - made.low == 1_400
    moves = open_moves(D(100_000), D("0.25"), "BRL", 90, market, np.full(11, 1.0))
    assert moves == pytest.approx(np.full(11, 75_000 * -0.4 + 25_000 * 1.4 * -0.01))


@pytest.mark.parametrize(
    ("compounding", "forward"),
    [("simple", "6.965347"), ("annual", "6.966101"), ("continuous", "6.965087")],
)
def test_forwards_by_hand(compounding: str, forward: str) -> None:
    """7 × 1.005 / 1.01; 7 × (1.02 / 1.04)^¼; 7 × e^(−0.005)."""
    found = covered_parity_forward(
        D(7),
        D("0.02"),
        D("0.04"),
        D(90),
        compounding=compounding,  # type: ignore[arg-type]
    )
    assert round(found, 6) == D(forward)


@pytest.mark.parametrize("counts", [(D(0), D(360)), (D(360), D(0))])
def test_a_day_count_of_nothing_is_refused(counts: tuple[Decimal, Decimal]) -> None:
    with pytest.raises(InputError):
        covered_parity_forward(
            D(7), D(0), D(0), D(90), day_count_price=counts[0], day_count_base=counts[1]
        )


def test_a_mix_by_hand() -> None:
    """Three tenths hedged of moves ±100, and all of the other's ±40: 5 % quantile of the sum."""
    one = CurrencyExposure(1_000.0, -10.0, np.array([-100.0, 100.0]), np.zeros(2), True)
    two = CurrencyExposure(500.0, 4.0, np.array([40.0, -40.0]), np.array([8.0, -8.0]), True)
    assert expected_of([one, two], (3, 10)) == 1_000 - 3 + 500 + 4
    mix = mix_of([one, two], (3, 10))
    # paths −70 + 8 = −62 and +62
    assert mix.fall == pytest.approx(62 - 0.05 * 124)
    assert mix.low == mix.expected - mix.fall


def test_polishing_takes_a_better_mix_and_keeps_the_limit() -> None:
    """A hedge that costs is undone as far as the limit allows; one that pays is taken whole."""
    costs = CurrencyExposure(0.0, -10.0, np.linspace(-100, 100, 201), np.zeros(201), True)
    pays = CurrencyExposure(0.0, 10.0, np.zeros(201), np.zeros(201), True)
    start = mix_of([costs, pays], (10, 0))
    assert improve([costs, pays], start, 45.0).tenths == (5, 10)
    assert improve([costs, pays], start, 0.0).tenths == (10, 10)


@pytest.mark.parametrize(
    ("currency", "spot", "rate", "expected"),
    [
        # 8.8726 × (1 + 0.02 × 180/360) ÷ (1 + 0.04 × 180/365): sterling counts 365 days
        ("GBP", "8.8726", "0.04", "8.7879741805"),
        # 0.0424 × 1.01 ÷ (1 + 0.005 × 180/365): the yen too
        ("JPY", "0.0424", "0.005", "0.0427186663"),
        # 7.5748 × 1.01 ÷ (1 + 0.02 × 180/360): the euro counts 360
        ("EUR", "7.5748", "0.02", "7.5748000000"),
    ],
)
def test_a_forward_counts_the_days_of_its_markets(
    currency: str, spot: str, rate: str, expected: str
) -> None:
    market = replace(
        MARKET,
        spot={**MARKET.spot, currency: D(spot)},
        interest={**MARKET.interest, currency: stated_rate("interest", D(rate))},
    )
    found = forward_mid(currency, 180, market)
    assert found is not None
    assert round(found, 10) == D(expected)


def test_an_invoice_in_cny_gives_its_discount_and_carries_no_rate() -> None:
    market = Market(**{**MARKET.__dict__, "cny_discount": D("0.01"), "finance": None})
    made = option(Deal(D(100_000), "USD", 90), "CNY", D(0), market, Credit(), np.empty(0))
    assert (made.discount, made.expected, made.low) == (D(7_000), D(693_000), D(693_000))


def test_a_day_count_is_of_each_market() -> None:
    found = covered_parity_forward(
        D(7), D("0.02"), D("0.04"), D(73), day_count_price=D(365), day_count_base=D(360)
    )
    assert round(found, 8) == round(7 * D("1.004") / (1 + D("0.04") * 73 / 360), 8)


def made_up(seed: int) -> tuple[list[CurrencyExposure], float]:
    """Two or three currencies that move together somehow; some cost to hedge, some pay."""
    rng = np.random.default_rng(seed)
    width = int(rng.integers(2, 4))
    drawn = rng.standard_normal((800, width)) @ rng.normal(size=(width, width))
    exposures = [
        CurrencyExposure(
            1e6,
            float(rng.normal(-5e3, 6e3)),
            drawn[:, at] * 2e4,
            rng.standard_normal(800) * (2e3 if rng.random() < 0.3 else 0.0),
            True,
        )
        for at in range(width)
    ]
    return exposures, mix_of(exposures, (0,) * width).fall * rng.uniform(0.1, 0.9)


@pytest.mark.parametrize("seed", range(12))
def test_the_mix_is_as_good_as_the_best_of_all(seed: int) -> None:
    """On a hundred such books it was the best of all in each."""
    exposures, allowed = made_up(seed)
    every = [mix_of(exposures, t) for t in product(range(TENTHS + 1), repeat=len(exposures))]
    best = max((m for m in every if m.fall <= allowed), key=lambda m: m.expected)
    found, _ = cheapest(exposures, allowed)
    assert found.fall <= allowed
    assert found.expected == pytest.approx(best.expected, abs=1e-6)


def test_a_cheap_hedge_is_taken_before_a_dear_one() -> None:
    """Two equal risks that add up; one costs ten times the other."""
    move = np.linspace(-3e4, 3e4, 501)
    cheap = CurrencyExposure(1e6, -1e3, move, np.zeros(501), True)
    dear = CurrencyExposure(1e6, -1e4, move, np.zeros(501), True)
    whole = mix_of([cheap, dear], (0, 0)).fall
    assert cheapest([cheap, dear], whole * 0.5)[0].tenths == (TENTHS, 0)
    assert cheapest([cheap, dear], whole * 0.25)[0].tenths == (TENTHS, 5)
    assert cheapest([cheap, dear], whole)[0] == Mix((0, 0), 2e6, whole)


def test_a_mix_is_changed_by_up_to_three_tenths_in_one_currency_or_two() -> None:
    """From 5, 0 and 5 of ten, where the third cannot be hedged: 2 to 8 and 0 to 3, but as it is."""
    flat = np.zeros(10)
    exposures = [CurrencyExposure(1e6, 0.0, flat, flat, can) for can in (True, True, False)]
    near = list(_near(exposures, (5, 0, 5)))
    assert set(near) == {(a, b, 5) for a in range(2, 9) for b in range(4)} - {(5, 0, 5)}
    assert len(near) == 27
