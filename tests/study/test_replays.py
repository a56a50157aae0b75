"""Earlier decisions see nothing of what came later, and are made where the ledger reaches back."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from cautions import keyed
from example_plan import studied, world
from offing.planning.plan import NO_SALES
from offing.study import analysis, decision, manifest, options, sales
from offing.study import replays as past_plans
from offing.study.analysis import ProductAnalysis, analyse_products
from offing.study.backtest import Replay, replay_plans
from offing.study.inputs import StudyInputs
from offing.study.replays import inputs_as_of, replays
from study.stand_ins import flows, like

MODEL = "HC-65M"


def of_one(sales: pl.DataFrame) -> tuple[StudyInputs, tuple[ProductAnalysis, ...]]:
    """The example's study of one model with another ledger."""
    facts = next(s for s in studied() if s.key == MODEL).imports.facts
    study = world().study.model_copy(update={"model": [facts]})
    ledger = world().ledger
    assert ledger is not None
    one = replace(world(), study=study, ledger=replace(ledger, sales=sales))
    return one, analyse_products(one)


@cache
def asked() -> tuple[Replay, ...]:
    return replays(*of_one(world().sales))[0]


def test_what_was_sold_later_changes_no_earlier_decision() -> None:
    """Ten times as many after 2021: the offers of 2021 are the same, what came is ten times."""
    later = pl.when(pl.col("on") > date(2021, 12, 31)).then(10).otherwise(1)
    more = world().sales.with_columns(pl.col("quantity") * later, pl.col("amount") * later)
    before, after = asked()[0], replays(*of_one(more))[0][0]
    assert before.base_year == after.base_year == 2021
    assert before.choices.offers.rows == after.choices.offers.rows
    for name in ("units", "sales_usd", "profit_cny"):
        assert np.array_equal(
            getattr(before.choices.offers, name), getattr(after.choices.offers, name)
        )
    assert before.sold is not None
    assert after.sold is not None
    for key, years in before.sold.items():
        assert np.array(after.sold[key]) == pytest.approx(10 * np.array(years))


def test_units_of_that_day_and_sales_of_later_years_are_the_ledgers() -> None:
    """Sums of the file by hand: twelve months to the end of 2021, then the calendar years."""
    mine = world().sales.filter((pl.col("model") == MODEL) & (pl.col("market") == "DEU"))
    by_year = dict(mine.group_by(pl.col("on").dt.year()).agg(pl.col("quantity").sum()).iter_rows())
    first = asked()[0]
    (outlet,) = (o for o in first.choices.shelves[MODEL].outlets if o.market == "DEU")
    assert getattr(outlet.state, "units", None) == pytest.approx(float(by_year[2021]))
    assert first.sold is not None
    units = [units for units, _ in first.sold[MODEL, "DEU"]]
    assert units == pytest.approx([float(by_year[2022]), float(by_year[2023])])


def test_a_ledger_of_less_than_twelve_months_before_makes_no_plan() -> None:
    late = of_one(world().sales.filter(pl.col("on") >= date(2021, 2, 1)))
    past, too_early = replays(*late)
    assert (too_early, [one.base_year for one in past]) == ((2021,), [2022])
    whole = of_one(world().sales.filter(pl.col("on") >= date(2021, 1, 10)))
    assert replays(*whole)[1] == ()


def test_a_ledger_that_ends_before_the_outcome_says_nothing_of_it() -> None:
    short = of_one(world().sales.filter(pl.col("on") < date(2024, 12, 1)))
    assert [one.sold is None for one in replays(*short)[0]] == [False, True]


def test_the_day_is_cut_and_lines_have_the_hours_that_were_used() -> None:
    then = inputs_as_of(world(), 2021, 2)
    assert then.study.on == date(2021, 12, 31)
    assert max(then.sales["on"]) <= then.study.on
    assert max(then.history["on"]) <= then.study.on
    today = world().study.lines
    assert all(line.hours >= today[key][1].hours for key, (_, line) in then.study.lines.items())


def test_markets_without_a_landed_cost_of_the_day_are_named() -> None:
    """No rate of the dong is known before 2023."""
    assert asked()[0].todays_cost == ("VNM",)


def test_a_plan_without_moves_promises_what_staying_does() -> None:
    for made in replay_plans(asked()):
        assert made.observed
        assert made.promised_usd > 0
        assert all(move.observed == (move.kind == "leave") for move in made.moves)


def month(year: int, number: int, units: float, usd: float) -> Any:
    return like(first=date(year, number, 1), units=units, net_usd=usd)


def test_what_the_ledger_has_of_later_years() -> None:
    """At FOB, four fifths of what was invoiced; a year without a line has nothing."""
    monthly = [month(2022, 12, 9.0, 9.0), month(2023, 1, 2.0, 10.0), month(2023, 12, 0.5, 5.0)]
    own = like(records={"DEU": like(monthly=monthly, to_fob=0.8), "FRA": like(monthly=[])})
    found = past_plans._later_sales([like(key="A", sales=own)], (2023, 2024))
    assert found == {
        ("A", "DEU"): ((2.5, 12.0), (0.0, 0.0)), ("A", "FRA"): ((0.0, 0.0), (0.0, 0.0))
    }  # fmt: skip


def test_exports_of_later_years_where_a_market_reported() -> None:
    there = {2023: np.array([True, True]), 2024: np.array([False, True])}
    history = like(index={"DEU": 0, "FRA": 1}, pairs=lambda year: like(present=there[year]))
    studied: Any = like(
        demand=like(fitted=like(whole=like(history=history))),
        imports=like(
            facts=like(code="8528"),
            flows=flows(
                (2023, "CHN", "DEU", 0.5), (2023, "CHN", "DEU", 2.0), (2023, "VNM", "DEU", 9.0),
                (2024, "CHN", "DEU", 7.0), (2024, "CHN", "FRA", 3.0),
            ),
        ),
    )  # fmt: skip
    world: Any = like(study=like(firm=like(origin="CHN")))
    assert dict(past_plans._exports(studied, world, (2023, 2024))) == {
        ("8528", "DEU"): (2.5, None), ("8528", "FRA"): (0.0, 3.0)
    }  # fmt: skip


def test_the_mean_rate_of_a_year_is_of_means() -> None:
    """A euro is 8 and 9 yuan, 1 and 1.5 dollars; of 2024 there is no dollar."""
    rows = [
        (date(2023, 1, 2), "CNY", 8.0), (date(2023, 7, 3), "CNY", 9.0),
        (date(2023, 1, 2), "USD", 1.0), (date(2023, 7, 3), "USD", 1.5),
        (date(2023, 1, 2), "JPY", 150.0), (date(2024, 1, 2), "CNY", 8.0),
    ]  # fmt: skip
    history = pl.DataFrame(rows, schema=["on", "currency", "per_eur"], orient="row")
    assert past_plans._mean_rates(history) == {2023: 8.5 / 1.25}


def standing(quote: Any, missing: str | None = None) -> Any:
    return like(cost=like(quote=quote, missing=missing))


def test_markets_that_have_a_landed_cost_today_and_had_none() -> None:
    then = {"DEU": standing(None), "FRA": standing("x"), "ITA": standing(None), "JPN": standing(0)}
    today = {"DEU": standing("y"), "FRA": standing("y"), "ITA": standing(None)}
    assert [*past_plans._unquoted_markets(then, today)] == ["DEU"]


@pytest.mark.parametrize(
    ("code", "lines", "missing", "short"),
    [
        ("8528", {}, True, True), ("8528", {}, False, False), ("852872", {}, True, False),
        ("85287", {}, True, True), ("8528", {"USA": "85287264"}, True, False),
    ],
)  # fmt: skip
def test_a_heading_is_too_short_where_a_duty_goes_by_it(
    code: str, lines: dict[str, str], missing: bool, short: bool
) -> None:
    why = "study.no_tariff_line" if missing else "study.no_distance"
    studied: Any = like(
        key="A", imports=like(facts=like(code=code, national_codes=lines)),
        standings={"FRA": standing(None, why), "DEU": standing(None, why), "ITA": standing("x")},
    )  # fmt: skip
    assert analysis.is_short(studied) == short
    values = {"code": code, "names": "A, A", "markets": ("DEU", "FRA")}
    said = [("study.warn_short_code", values)] if short else []
    assert keyed(analysis.short_code_cautions([studied, studied])) == said


def test_what_must_come_first_is_the_slowest(monkeypatch: pytest.MonkeyPatch) -> None:
    world: Any = like(study=like(on=date(2026, 1, 1)), laws=like(rulebook=None))
    gates: list[Any] = []

    def gate(id_: str, weeks: tuple[int, int]) -> Any:
        return like(id=id_, weeks=weeks, scheme={"en": id_, "zh": f"{id_}证"}, status="official")

    monkeypatch.setattr(options, "importer_of", lambda *_: None)
    monkeypatch.setattr(options, "requirements_of", lambda *_: like(gates=gates, checked=True))

    def lead() -> Any:
        return options.lead_of(world, like(code="8528"), "USA")

    nothing = lead()
    assert (nothing.weeks, nothing.checked, nothing.ready_on) == (0, True, None)
    gates += [gate("b", (2, 8)), gate("c", (1, 12)), gate("a", (3, 12))]
    made = lead()
    assert (made.weeks, made.others, made.ready_on) == (12, 2, date(2026, 3, 26))
    assert (made.scheme_en, made.scheme_zh) == ("a", "a证")


def study_of(on: date, *named: str) -> Any:
    limits = like(entry_share=0.005, model_fields_set=set(named))
    return like(on=on, limits=limits, entering=None, keeping=None)


@pytest.mark.parametrize(
    ("ends", "shares", "one_year", "named", "said"),
    [
        (date(2024, 10, 30), [0.1], False, (), []),  # 62 days before the plan's
        (date(2024, 10, 29), [0.1], False, (), ["planning.assumed_old_ledger"]),
        (None, [0.1], True, (), ["planning.assumed_one_year"]),
        (None, [None, 0.0], False, (), []), (None, [None, None], False, (), [NO_SALES[False]]),
        (None, [None], False, ("entry_share",), [NO_SALES[True]]),
    ],
)  # fmt: skip
def test_what_stands_on_nobody_s_record(
    ends: date | None, shares: list[float | None], one_year: bool, named: tuple[str, ...],
    said: list[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(decision, "sums_note", lambda *_: None)
    shelves = {n: like(reached=like(share=share)) for n, share in enumerate(shares)}
    made: Any = like(study=study_of(date(2024, 12, 31), *named), shelves=shelves)
    sales = pl.DataFrame({"on": [] if ends is None else [ends]}, {"on": pl.Date})
    found = keyed(decision._assumptions(made, one_year, sales))
    assert [key for key, _ in found] == said
    for _, values in found:
        assert values in ({}, {"share": "0.5%"}, {"last": "2024-10-29", "months": "2"})


def test_a_ledger_of_less_than_a_year() -> None:
    def months(first: date) -> list[Any]:
        world: Any = like(study=like(on=date(2024, 12, 31)), sales=pl.DataFrame({"on": [first]}))
        return [values["months"] for _, values in keyed(sales._short_year(world))]

    firsts = date(2024, 1, 31), date(2024, 2, 1), date(2024, 12, 31), date(2023, 12, 1)
    assert [months(first) for first in firsts] == [[], [11], [1], []]


def test_the_years_that_a_source_covers() -> None:
    class Loaded:
        def table(self, table: str, dataset: str) -> pl.DataFrame:
            return pl.DataFrame({"on": [date(2024, 1, 2), date(2023, 5, 6)], "year": [2019, 2021]})

    def covers(table: str, *years: int | None) -> str:
        return manifest._covers(Loaded(), table, "x", [like(year=year) for year in years])  # type: ignore[arg-type]

    assert [covers("flows", *years) for years in ((2021, 2019, None), (2020, 2020), ())] == [
        "2019–2021", "2020", ""
    ]  # fmt: skip
    assert covers("fx_rates", None) == covers("fx_thin") == "2023-05-06–2024-01-02"
    assert covers("indicators") == "2019–2021"
