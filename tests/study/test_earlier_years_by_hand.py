"""What an earlier year's decision is made from, and what must come first, on paper."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from cautions import keyed
from offing.planning.plan import NO_SALES
from offing.study import analysis, decision, manifest, options, replays, sales
from study.stand_ins import flows, like


def month(year: int, number: int, units: float, usd: float) -> Any:
    return like(first=date(year, number, 1), units=units, net_usd=usd)


def test_what_the_ledger_has_of_later_years() -> None:
    """At FOB, four fifths of what was invoiced; a year without a line has nothing."""
    monthly = [month(2022, 12, 9.0, 9.0), month(2023, 1, 2.0, 10.0), month(2023, 12, 0.5, 5.0)]
    own = like(records={"DEU": like(monthly=monthly, to_fob=0.8), "FRA": like(monthly=[])})
    found = replays._later_sales([like(key="A", sales=own)], (2023, 2024))
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
    assert dict(replays._exports(studied, world, (2023, 2024))) == {
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
    assert replays._mean_rates(history) == {2023: 8.5 / 1.25}


def standing(quote: Any, missing: str | None = None) -> Any:
    return like(cost=like(quote=quote, missing=missing))


def test_markets_that_have_a_landed_cost_today_and_had_none() -> None:
    then = {"DEU": standing(None), "FRA": standing("x"), "ITA": standing(None), "JPN": standing(0)}
    today = {"DEU": standing("y"), "FRA": standing("y"), "ITA": standing(None)}
    assert [*replays._unquoted_markets(then, today)] == ["DEU"]


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
    found = keyed(decision._assumptions(made, one_year, ends))
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
