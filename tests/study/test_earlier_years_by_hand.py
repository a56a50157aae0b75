"""What an earlier year's decision is made from, and what must come first, on paper."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from cautions import keyed
from offing.study import analysis, options, replays
from study.stand_ins import flows, like


def month(year: int, number: int, units: float, usd: float) -> Any:
    return like(first=date(year, number, 1), units=units, net_usd=usd)


def test_what_the_ledger_has_of_later_years() -> None:
    """At FOB, four fifths of what was invoiced; a year without a line has nothing."""
    monthly = [month(2022, 12, 9.0, 9.0), month(2023, 1, 2.0, 10.0), month(2023, 12, 0.5, 5.0)]
    sales = like(records={"DEU": like(monthly=monthly, to_fob=0.8), "FRA": like(monthly=[])})
    found = replays._later_sales([like(key="A", sales=sales)], (2023, 2024))
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
