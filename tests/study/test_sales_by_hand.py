"""What a firm sells of a model today, from a few lines of its ledger, on paper."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from offing.study import sales
from offing.study.value_types import _percent
from offing.terms.errors import InputError, MissingDataError
from study.stand_ins import like

NOW = {"USD": Decimal(1), "EUR": Decimal("1.2")}
"""Dollars for one on the study's day; of yen there is no rate then."""
LINES = [
    ("DEU", date(2024, 6, 1), "EUR", 100.0, 10.0, 110.0),  # 11 dollars a piece
    ("DEU", date(2023, 12, 31), "USD", 999.0, 10.0, 999.0),  # a year ago: not now
    ("DEU", date(2024, 12, 31), "USD", 500.0, 5.0, 500.0),  # 100 a piece: of another tier
    ("DEU", date(2025, 1, 1), "USD", 777.0, 7.0, 777.0),  # to come
    ("FRA", date(2024, 1, 1), "USD", 50.0, 0.0, 50.0),  # no count, no price
    ("JPN", date(2024, 6, 1), "JPY", 9000.0, 3.0, 70.0),
]


def world(*named: str) -> Any:
    columns = ["market", "on", "currency", "amount", "quantity", "usd"]
    lines = pl.DataFrame(LINES, schema=columns, orient="row").with_columns(key=pl.lit("A"))

    def convert(amount: Decimal, code: str, _: str) -> Decimal:
        if code not in NOW:
            raise MissingDataError("landed.no_rate")
        return amount * NOW[code]

    return like(
        study=like(on=date(2024, 12, 31)), model_sales=lines, named_models=set(named),
        must_be_rated=lambda _: None, rates=like(convert=convert),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _histories(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history is what its lines sum to; nothing is delivered otherwise than FOB."""

    def histories(lines: pl.DataFrame, facts: Any, on: date, to_fob: Any) -> dict[str, Any]:
        recent = lines.filter(pl.col("on").is_between(date(2024, 1, 1), on))
        sums = recent.group_by("market").agg(pl.col("usd_now").sum())
        return {market: like(sales_now_usd=usd) for market, usd in sums.iter_rows()}

    monkeypatch.setattr(sales, "sales_histories", histories)
    monkeypatch.setattr(sales, "_to_fob", lambda *_: ({}, ("JPN",)))


def standings(low: float | None, high: float | None) -> Any:
    return {"DEU": like(tier_fob=(low, high)), "ITA": like(tier_fob=(None, None))}


def test_of_a_model_that_the_ledger_names_all_prices_count() -> None:
    own = sales.sales_of(world("A"), like(key="A"), standings(5.0, 20.0))
    assert own.now == {"DEU": pytest.approx(620.0), "ITA": 0.0}
    assert own.other_markets == {"FRA": 50.0, "JPN": 70.0}
    assert (own.other_tiers_usd, own.at_invoice, own.by_key) == (0.0, ("JPN",), True)
    assert own.usd == pytest.approx(740.0)


@pytest.mark.parametrize(
    ("low", "high", "now"),
    [(5.0, 20.0, 120.0), (11.0, 100.0, 120.0), (11.5, None, 500.0), (None, 100.5, 620.0),
     (None, None, 620.0), (200.0, 300.0, 0.0)],
)  # fmt: skip
def test_of_a_code_alone_those_of_its_tier_count(
    low: float | None, high: float | None, now: float
) -> None:
    own = sales.sales_of(world(), like(key="A"), standings(low, high))
    assert own.now == {"DEU": pytest.approx(now), "ITA": 0.0}
    assert own.other_markets == {"FRA": 50.0, "JPN": 70.0}
    assert own.other_tiers_usd == pytest.approx(620.0 - now)
    assert not own.by_key
    assert own.usd == pytest.approx(740.0)


def test_a_model_without_a_line_sells_nothing() -> None:
    own = sales.sales_of(world("B"), like(key="B"), standings(None, None))
    assert (own.now, own.other_markets, own.usd) == ({"DEU": 0.0, "ITA": 0.0}, {}, 0.0)


def test_a_share_in_quotes_is_one_up_to_a_whole() -> None:
    assert [_percent(text) for text in ("0.13", "13%", "1", "101%", "0")] == [
        Decimal(text) for text in ("0.13", "0.13", "1", "1.01", "0")
    ]
    assert _percent(0.5) == 0.5
    for text in ("1.01", "13"):
        with pytest.raises(InputError) as caught:
            _percent(text)
        assert caught.value.key == "study.percent_sign"
