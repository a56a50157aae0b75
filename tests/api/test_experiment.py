"""``offing experiment``: a test planned on a ledger, run in a planted one, and read back."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from offing.api.experiment import experiment
from offing.cli.app import run
from offing.terms.errors import InputError, MissingDataError

TRUTH, BUYERS, BEFORE, DURING = 3.0, 12, 24, 6
HEADINGS = "date,buyer,market,hs,model,quantity,amount,currency\n"


def planted(
    folder: Path, test: pl.DataFrame | None = None, months: int = BEFORE, spread: float = 0.1
) -> Path:
    """Twelve buyers in two currencies; the rows of a test are asked its price from 2024 on."""
    rng = np.random.default_rng(5)
    asked = {} if test is None else dict(zip(test["arm"], test["test_price"], strict=True))
    lines = [HEADINGS]
    for month in range(months):
        for buyer in range(BUYERS):
            name, currency = f"Buyer {buyer}", ("USD", "EUR")[buyer % 2]
            price = 100.0 + buyer
            now = asked.get(name, price) if month >= BEFORE else price
            units = 2000 * 0.8**buyer * np.exp(spread * rng.standard_normal())
            units = max(round(units * (now / price) ** -TRUTH), 1)
            day = date(2022 + month // 12, month % 12 + 1, 28)
            lines.append(f"{day},{name},Germany,852872,TV,{units},{units * now:.2f},{currency}\n")
    file = folder / f"ledger-{months}.csv"
    file.write_text("".join(lines), encoding="utf-8")
    return file


def test_a_test_of_a_model_needs_no_codes(tmp_path: Path) -> None:
    file, known = planted(tmp_path), experiment(planted(tmp_path), change="+10%", model="TV")
    text = file.read_text("utf-8").replace(",852872,", ",").replace(",hs,", ",")
    file.write_text(text, encoding="utf-8")
    assert experiment(file, change="+10%", model="TV").arms == known.arms
    with pytest.raises(InputError, match="name a study whose models have codes"):
        experiment(file, change="+10%", product="8528")


def test_a_test_does_not_begin_in_the_past_unsaid(tmp_path: Path) -> None:
    buyers: dict[str, Any] = {"ledger": planted(tmp_path), "change": "+10%"}
    weeks = {**buyers, "ledger": weekly(tmp_path), "by": "week", "lead_days": 10}
    for asked, first in ((buyers, date(2100, 2, 1)), (weeks, date(2100, 1, 5))):
        early = experiment(**asked, start=date(2020, 1, 5))
        late = experiment(**asked, start=date(2100, 1, 5))
        assert (early.start, late.start) == (date(2024, 1, 1), first)
        assert ([c.key for c in early.cautions], late.cautions) == (["experiment.begun"], ())
    assert late.table["arm"].to_list()[:2] == ["2100-01-05", "2100-01-19"]


def test_a_test_is_planned_run_and_read_back(tmp_path: Path) -> None:
    plan = experiment(planted(tmp_path), change="+10%", margin="30%", months=DURING)
    assert (plan.start, plan.period, plan.left_out) == (date(2024, 1, 1), 1, 0)
    assert plan.plan is not None
    assert plan.needed is not None
    table = plan.table
    assert table.filter(pl.col("group") == "test").height == BUYERS // 2
    raised = table.filter(pl.col("group") == "test")
    assert (raised["test_price"] / raised["price"]).to_list() == pytest.approx([1.1] * 6, rel=1e-4)
    file = tmp_path / "test.csv"
    table.write_csv(file)
    after = planted(tmp_path, table, BEFORE + DURING)
    found = experiment(after, test=file)
    assert found.result is not None
    assert found.run == DURING
    assert found.result.pairs == BUYERS // 2
    assert found.result.error == pytest.approx(plan.plan.error, rel=0.6)
    assert found.result.low is not None
    assert found.result.high is not None
    assert found.result.low <= TRUTH <= found.result.high
    early = experiment(planted(tmp_path, table, BEFORE + 2), test=file)
    assert early.run == 2
    with pytest.raises(MissingDataError) as caught:
        experiment(planted(tmp_path), test=file)
    assert caught.value.key == "experiment.not_begun"
    with pytest.raises(MissingDataError) as caught:
        experiment(planted(tmp_path, None, BEFORE + DURING), test=file)
    assert caught.value.key == "experiment.not_tested"


def test_a_result_below_its_stop_says_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At an elasticity of 3 a tenth more sells .75; with a margin of 60 % the stop is higher."""
    for margin, stops, words in (
        ("60%", True, "Stop the test"),
        ("10%", False, "not to be stopped"),
    ):
        table = experiment(planted(tmp_path), change="+10%", margin=margin, months=DURING).table
        file = tmp_path / f"{margin[:2]}.csv"
        table.write_csv(file)
        after = planted(tmp_path, table, BEFORE + DURING)
        found = experiment(after, test=file)
        assert found.result is not None
        assert found.result.sold == pytest.approx(1.1**-TRUTH, rel=0.1)
        assert found.stops is stops
        assert run(["experiment", str(after), "--test", str(file)]) == 0
        assert words in " ".join(capsys.readouterr().out.split())
        assert experiment(planted(tmp_path, table, BEFORE + 2), test=file).stops is None, (
            "too early"
        )
    table.drop("stop_months", "stop_below").write_csv(file)
    assert experiment(after, test=file).stops is None, "a file without a stop"


def test_buyers_that_a_price_drove_off_are_not_left_out(tmp_path: Path) -> None:
    """Two of the six with the test price order no more: the four others alone would say 3."""
    table = experiment(planted(tmp_path), change="+10%", margin="30%", months=DURING).table
    table.write_csv(tmp_path / "test.csv")
    gone = table.filter(pl.col("group") == "test")["arm"].to_list()[:2]
    after = planted(tmp_path, table, BEFORE + DURING)
    lines = after.read_text("utf-8").splitlines(keepends=True)
    left = [line for line in lines if not ("2024-" in line and line.split(",")[1] in gone)]
    after.write_text("".join(left), "utf-8")
    with pytest.raises(MissingDataError) as caught:
        experiment(after, test=tmp_path / "test.csv")
    assert caught.value.key == "experiment.arms_gone"
    assert caught.value.found.startswith("2 of 6 with the test price have bought nothing")
    assert all(arm in caught.value.found for arm in gone)


def test_it_says_what_it_cannot_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = planted(tmp_path, spread=1.5)
    for lang, words in (("en", "cannot tell this"), ("zh", "无法说明")):
        assert run(["experiment", str(file), "--change", "+2%", "--lang", lang]) == 0
        assert words in "".join(capsys.readouterr().out.split("\n"))
    answer = experiment(file, change="+2%", elasticity="4")
    assert (answer.needed, answer.source) == (None, "user")
    assert answer.plan is not None
    assert answer.plan.cost is None, "no margin was told"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"change": "0%"}, "experiment.bad_change"),
        ({"change": "5"}, "experiment.bad_change"),
        ({"change": "-100%"}, "experiment.bad_change"),
        ({"change": "-20%", "margin": "15%"}, "experiment.below_cost"),
        ({"change": "5%", "months": 0}, "errors.out_of_range"),
    ],
)
def test_what_is_no_test_is_refused(given: dict[str, str], key: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        experiment(planted(tmp_path), **given)  # type: ignore[arg-type]
    assert caught.value.key == key


def test_two_models_are_asked_apart(tmp_path: Path) -> None:
    file = planted(tmp_path)
    text = file.read_text("utf-8") + "2023-12-28,Buyer 1,Germany,852872,TW,5,600.00,EUR\n"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        experiment(file, change="5%")
    assert caught.value.key == "experiment.which_goods"
    assert experiment(file, change="5%", model="TV").goods == "TV"


def weekly(
    folder: Path, test: pl.DataFrame | None = None, weeks: int = 104, spread: float = 0.15
) -> Path:
    """A shop's sales day by day, all at one price; in the blocks of a test at its price."""
    rng = np.random.default_rng(11)
    asked = {} if test is None else dict(zip(test["arm"], test["test_price"], strict=True))
    lines, price = [HEADINGS], 100.0
    for number in range(7 * weeks):
        on = date(2022, 1, 3) + timedelta(days=number)
        begun = [day for day in asked if date.fromisoformat(day) <= on]
        price = asked[max(begun)] if begun else 100.0
        units = 80 * (price / 100) ** -TRUTH * np.exp(spread * rng.standard_normal())
        units = round(units * (1 + 0.2 * np.sin(number / 58)))
        lines.append(f"{on},Shop,Germany,852872,TV,{units},{units * price:.2f},USD\n")
    file = folder / f"weekly-{weeks}.csv"
    file.write_text("".join(lines), encoding="utf-8")
    return file


def test_weeks_take_turns_where_all_buyers_see_one_price(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = experiment(weekly(tmp_path), change="+10%", by="week", lead_days=10, margin="30%")
    assert (plan.start, plan.period) == (date(2024, 1, 1), 2), "no block is shorter than an order"
    assert plan.plan is not None
    table = plan.table
    assert table.height == 2 * len(plan.plan.raised) == 12
    assert table["arm"].to_list()[:3] == ["2024-01-01", "2024-01-15", "2024-01-29"]
    assert {*table["group"][:2]} == {"test", "control"}
    file = tmp_path / "weeks.csv"
    table.write_csv(file)
    after = weekly(tmp_path, table, 104 + 24)
    found = experiment(after, test=file)
    assert found.result is not None
    assert (found.result.pairs, found.run) == (6, 6)
    assert found.result.low is not None
    assert found.result.high is not None
    assert found.result.low <= TRUTH <= found.result.high
    # four pairs are over, the fifth is not
    early = experiment(weekly(tmp_path, table, 104 + 18), test=file)
    assert early.result is not None
    assert (early.result.pairs, early.left_out) == (4, 2)
    with pytest.raises(MissingDataError) as caught:
        experiment(weekly(tmp_path, table, 104 + 2), test=file)
    assert caught.value.key == "experiment.not_begun"
    for lang, words in (("en", "by weeks"), ("zh", "按周")):
        assert run(["experiment", str(after), "--test", str(file), "--lang", lang]) == 0
        assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "key"), [({}, "experiment.bad_lead"), ({"lead_days": 50}, "experiment.few_weeks")]
)
def test_weeks_are_refused_where_orders_outlast_them(
    given: dict[str, int], key: str, tmp_path: Path
) -> None:
    with pytest.raises((InputError, MissingDataError)) as caught:
        experiment(weekly(tmp_path, weeks=60), change="+10%", by="week", **given)  # type: ignore[arg-type]
    assert caught.value.key == key
