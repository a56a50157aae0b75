"""``offing quotations``: asked of a file, a frame and the warehouse, told in both languages."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import offing
from offing.report.views.price import view_quotations as view
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import using_language
from offing.warehouse import load

SLOPE = -12.0


def planted(count: int = 400, seed: int = 3) -> pl.DataFrame:
    """Won with logit −0.3 + u − 12 ln(price / usual); a tenth open, a tenth untold."""
    rng = np.random.default_rng(seed)
    market = rng.integers(0, 3, count)
    x = rng.normal(0, 0.06, count)
    chance = 1 / (1 + np.exp(-(np.array([0.2, -0.6, -0.3])[market] + SLOPE * x)))
    outcome = np.where(rng.random(count) < chance, "won", "lost")
    outcome = np.where(rng.random(count) < 0.1, "open", outcome)
    return pl.DataFrame(
        {
            "date": "2024-05-06",
            "buyer": [f"B{n}" for n in range(count)],
            "country": np.array(["DEU", "POL", "MEX"])[market],
            "model": "M",
            "quantity": 100,
            "price": np.round(np.array([560, 520, 540])[market] * np.exp(x), 2),
            "currency": "USD",
            "outcome": np.where(rng.random(count) < 0.1, "", outcome),
        }
    )


def said(answer: offing.api.quotations.QuotationsAnswer) -> str:
    return " ".join(str(block) for block in view(answer))


def test_the_planted_elasticity_lies_in_its_interval() -> None:
    answer = offing.quotations(planted(), cost="430 USD")
    curve = answer.curve
    assert curve is not None
    assert curve.falls
    assert curve.slope.low <= SLOPE <= curve.slope.high
    lowest = [wins.best.price for wins in answer.markets if wins.best and not wins.best.beyond]
    assert lowest
    assert min(lowest) > 430
    assert answer.fitted[0] + answer.fitted[1] < 400 * 0.9
    text = said(answer)
    assert f"elasticity = {curve.elasticity.middle:.1f}" in text
    assert "Only what was quoted is seen" in text
    with using_language("zh"):
        assert "中标" in said(answer)
    assert answer.table.height == 3


def test_a_ledger_s_period_is_no_year_of_quotations() -> None:
    with pytest.raises(InputError) as caught:
        offing.quotations(planted(), period="2024")
    assert caught.value.key == "quotations.no_period"


def test_few_quotations_give_counts_alone() -> None:
    answer = offing.quotations(planted(24))
    assert (answer.curve, answer.reason) == (None, "few")
    assert "at_usual_middle" not in answer.table.columns
    assert "cannot tell" in said(answer)


def test_a_price_that_does_nothing_moves_none() -> None:
    rows = planted().with_columns(outcome=pl.Series(["won", "lost"] * 200))
    answer = offing.quotations(rows, cost="430 USD")
    assert answer.curve is not None
    assert not answer.curve.falls
    assert all(wins.best is None for wins in answer.markets)
    assert "elasticity =" not in said(answer)


def test_a_cost_is_of_one_model_in_any_currency(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="usual price"):
        offing.quotations(planted(), cost="430 USD", against="target")
    two = planted().with_columns(model=pl.Series(["M", "N"] * 200))
    with pytest.raises(InputError) as caught:
        offing.quotations(two, cost="430 USD")
    assert caught.value.key == "quotations.which_goods"
    with pytest.raises(InputError, match="no quotations of Z"):
        offing.quotations(two, model="Z")
    dollars = offing.quotations(planted(), cost="430 USD")
    yuan = offing.quotations(planted(), cost="3107 CNY")  # CNY 7.2256 a dollar on that day
    for one, other in zip(dollars.markets, yuan.markets, strict=True):
        if one.best and other.best:
            assert one.best.price == pytest.approx(other.best.price, rel=0.01)


def test_loaded_quotations_are_asked_without_a_file(tmp_path: Path) -> None:
    file = tmp_path / "quotations.csv"
    planted().write_csv(file)
    load("quotations", [file], tmp_path / "wh")
    loaded = offing.quotations(warehouse=tmp_path / "wh")
    assert loaded.data()["curve"] == offing.quotations(file).data()["curve"]
    load("quotations", [file], tmp_path / "wh", dataset="other")
    for dataset in (None, "none"):
        with pytest.raises(MissingDataError, match="other, quotations"):
            offing.quotations(warehouse=tmp_path / "wh", dataset=dataset)
    assert offing.quotations(warehouse=tmp_path / "wh", dataset="other").curve
