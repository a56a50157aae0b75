"""Interest has the last day on which it was seen, and an age; what is too old makes no forward.

The rates are those that the documents named in ``defaults.toml`` report of June 2026 and before.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import offing
from cautions import keyed
from offing.rules.reform import read_reform
from offing.settlement.advice import DealAdvice, old_interest, reasons_unhedged
from offing.settlement.deal import Credit, Market, choose, forward_mid, option, why_no_forward
from offing.settlement.defaults import (
    LONGEST_DAYS,
    OLD_DAYS,
    AssumedRate,
    _is_known,
    reform_defaults,
    shipped,
    stated_rate,
)
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.firm_records import Deal
from offing.terms.messages import using_language

D = Decimal
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "AUD", "BRL", "INR", "IDR", "KRW")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_rate_that_nothing_followed_has_no_end_and_a_day(currency: str) -> None:
    id_ = f"settlement.interest.{currency.lower()}"
    rows = [figure for figure in shipped().figures if figure.id == id_]
    (last,) = [figure for figure in rows if figure.when.until is None]
    assert last.looked_at
    assert last.when.since is not None
    assert last.still_valid_on is not None
    assert last.still_valid_on >= last.when.since
    ends = {figure.when.until for figure in rows} - {None}
    assert ends <= {figure.when.since for figure in rows}  # none ends but where another begins


@pytest.mark.parametrize(
    ("currency", "on", "rate", "age"),
    [
        ("USD", "2025-10-29", "0.0413", 0),  # the meeting of the day lowers it from the next on
        ("USD", "2025-10-30", "0.0388", 0),
        ("USD", "2026-01-28", "0.0363", 0),
        ("USD", "2026-06-17", "0.0363", 0),
        ("USD", "2026-11-30", "0.0363", 166),
        ("EUR", "2026-06-16", "0.0200", 0),
        ("EUR", "2026-06-17", "0.0225", 0),
        ("GBP", "2026-02-05", "0.0375", 0),
        ("JPY", "2026-01-23", "0.0075", 0),
        ("JPY", "2026-07-17", "0.0100", 30),
        ("AUD", "2026-03-17", "0.0385", 0),
        ("AUD", "2026-06-16", "0.0435", 0),
        ("BRL", "2026-07-01", "0.1425", 13),
        ("IDR", "2026-05-25", "0.0525", 0),
        ("KRW", "2026-11-30", "0.0250", 186),
        ("CNY", "2026-12-20", "0.0140", 180),
    ],
)
def test_the_rate_of_a_day_and_its_age(currency: str, on: str, rate: str, age: int) -> None:
    found = shipped().interest(currency, date.fromisoformat(on))
    assert found is not None
    assert (found.rate, found.age_days) == (D(rate), age)
    assert found.is_stale == (age > LONGEST_DAYS)


def test_the_users_own_rate_and_a_reforms_have_no_age(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[reform]\nname = "my bank"\n[[rate]]\nid = "settlement.interest.krw"\nvalue = "2.75%"\n',
        encoding="utf-8",
    )
    rules = reform_defaults(shipped(), read_reform(path))
    mine = rules.interest("KRW", date(2027, 6, 1))
    assert mine is not None
    assert (mine.rate, mine.age_days, mine.is_stale) == (D("0.0275"), 0, False)
    later = path.read_text(encoding="utf-8") + "since = 2027-06-01\n"
    path.write_text(later, encoding="utf-8")  # the shipped rate before it is as old as it was
    before = reform_defaults(shipped(), read_reform(path)).interest("KRW", date(2027, 5, 31))
    assert before is not None
    assert before.is_stale


DAY = date(2026, 11, 30)


def market(age: int, *, of: str = "USD", undelivered: frozenset[str] = frozenset()) -> Market:
    """Two per cent at home, four abroad; one of the two was last seen so many days before."""
    two_and_four = (("CNY", "0.02"), ("USD", "0.04"))
    rates = {code: stated_rate("interest", D(rate)) for code, rate in two_and_four}
    seen = date.fromordinal(DAY.toordinal() - age)
    rates[of] = AssumedRate(rates[of].rate, rates[of].use, seen, age)
    return Market(
        on=DAY,
        spot={"USD": D(7), "CNY": D(1)},
        interest={code: rate for code, rate in rates.items() if not rate.is_stale},
        stale={code: rate for code, rate in rates.items() if rate.is_stale},
        spreads={"USD": stated_rate("s", D("0.004")), "CNY": stated_rate("s", D(0))},
        fees=False,
        undelivered=undelivered,
    )


def test_up_to_half_a_year_a_forward_is_made_of_it() -> None:
    """7 × (1 + 2 % ÷ 4) ÷ (1 + 4 % ÷ 4)."""
    forward = forward_mid("USD", 90, market(LONGEST_DAYS))
    assert forward == pytest.approx(D(7) * D("1.005") / D("1.01"))
    assert not list(old_interest(market(OLD_DAYS)))
    [(key, values)] = keyed(old_interest(market(OLD_DAYS + 1)))
    assert key == "settle.old_interest"
    assert values["rates"] == "USD 4.00% 2026-09-30 (61)"


@pytest.mark.parametrize("of", ["USD", "CNY"])
def test_past_half_a_year_hedge_and_forward_are_missing_and_spot_costs_stay(of: str) -> None:
    old, paths = market(LONGEST_DAYS + 1, of=of), np.full(10, 7.0)
    deal = Deal(D(100_000), "USD", 90)
    (choice,) = choose(deal, ["USD"], old, Credit(), {"USD": paths}, risk=D("0.02"))
    found = choice.option
    assert (found.hedge_ratio, found.forward, found.instrument) == (None, None, None)
    assert found.spread_cost == 1_400  # half of 0.4 % of 700,000
    assert found.expected == 700_000 - 1_400
    why = why_no_forward("USD", 90, old)
    assert why is not None
    assert why.key == "settle.stale_interest"
    assert (why["of"], why["age"], why["day"]) == (of, "181", "2026-06-02")
    with pytest.raises(InputError) as refused, using_language("en"):
        option(deal, "USD", D("0.5"), old, Credit(), paths)
    assert refused.value.key == "settle.stale_interest"
    assert f"{of}=4%" in str(refused.value)


def test_a_currency_of_which_nobody_says_how_it_is_delivered_has_no_forward() -> None:
    one = market(0, undelivered=frozenset({"USD"}))
    assert forward_mid("USD", 90, one) is None
    assert why_no_forward("USD", 90, one) == Caution("settle.undelivered", {"currency": "USD"})
    assert forward_mid("USD", 90, replace(one, undelivered=frozenset())) is not None


@pytest.mark.parametrize(
    ("currency", "per_usd"),
    [("NGN", 1380), ("EGP", 50), ("TWD", 30), ("PHP", 60), ("COP", 3450), ("GTQ", "7.6")],
)
def test_a_currency_that_is_not_delivered_is_hedged_by_an_ndf(
    currency: str, per_usd: int | str
) -> None:
    """Citi's handbook of 2023, p. 123, of the naira; GFI's list of the others."""
    assert shipped().ndf(currency) is not None
    answer = offing.settle(
        100_000, invoice=[currency], on=date(2026, 6, 30), interest={currency: "12%"},
        rate={currency: per_usd}, volatility={currency: "15%"},
    )  # fmt: skip
    assert isinstance(answer.advice, DealAdvice)
    assert {choice.frontier[-1].instrument for choice in answer.advice.choices} == {"ndf"}


def test_deliverable_or_not_but_never_both() -> None:
    rules = shipped()
    assert not rules.deliverable & {one.currency for one in rules.ndf_markets}
    assert {"USD", "EUR", "THB", "SAR", "CZK"} <= rules.deliverable


DEFAULTS: Any = SimpleNamespace(
    figures=[SimpleNamespace(id="settlement.odd")],
    ndf_markets=[SimpleNamespace(currency="TWD")],
    terms=[("open_account", ("wire",))],
)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("settlement.odd", True), ("settlement.interest.brl", True),
        ("settlement.interest.zzz", False), ("settlement.interest.brl.more", False),
        ("settlement.ndf.twd.spread", True), ("settlement.ndf.usd.spread", False),
        ("settlement.ndf.twd.nothing", False), ("settlement.ndf.twd", False),
        ("settlement.fees.wire.rate", True), ("settlement.fees.other.rate", False),
        ("settlement.fees.wire.nothing", False), ("settlement.fees.wire", False),
        ("settlement.other.twd.spread", False),
    ],
)  # fmt: skip
def test_names_that_something_looks_up(name: str, known: bool) -> None:
    assert _is_known(DEFAULTS, name) == known


def test_an_answer_says_how_old_its_interest_is() -> None:
    answer = offing.settle(100_000, on=date(2026, 10, 30))
    keys = [key for key, _ in keyed(answer.cautions)]
    assert "settle.old_interest" in keys
    assert "settle.old_finance" in keys
    earlier = offing.settle(100_000, on=date(2026, 3, 20))
    assert not {"settle.old_interest", "settle.old_finance"} & {
        key for key, _ in keyed(earlier.cautions)
    }


@pytest.mark.parametrize(
    ("currency", "per_usd"),
    [("PKR", 278), ("BDT", 122), ("ETB", 150), ("UAH", 42), ("KES", 129), ("GHS", 11)],
)
def test_what_no_document_says_is_delivered_is_not_offered(currency: str, per_usd: int) -> None:
    """Neither China's interbank market nor CLS has them, nor a list of non-deliverable ones."""
    given: dict[str, Any] = {
        "interest": {currency: "12%"}, "rate": {currency: per_usd}, "invoice": [currency],
        "volatility": {currency: "15%"}, "on": date(2026, 6, 30),
    }  # fmt: skip
    answer = offing.settle(100_000, **given)
    assert isinstance(answer.advice, DealAdvice)
    assert [option_of.instrument for option_of in answer.advice.options] == [None]
    assert [key for key, _ in keyed(reasons_unhedged(answer.advice))] == ["settle.undelivered"]
    bank = offing.settle(100_000, deliverable=[currency], **given)
    assert isinstance(bank.advice, DealAdvice)
    assert bank.advice.choices[0].frontier[-1].instrument == "forward"
