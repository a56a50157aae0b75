"""``offing agreement``: closed forms, duties as collected, requests in order, and bad input."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from docx import Document

import offing
from offing.api.asking import open_warehouse
from offing.cli.app import run
from offing.policy.effects import DutyLine, gsim, line_draws, line_effect
from offing.policy.overlay import today
from offing.report.views.equilibrium import _agreement_lead
from offing.study.markets import territory
from offing.warehouse.trade import flows_below
from shared_data import shared

TWO = pl.DataFrame(
    {"product": ["852872"] * 2, "origin": ["VNM", "CHN"], "imports": [60.0, 40.0],
     "duty": [15.0, 10.0]}
)  # fmt: skip
"""Both at 25 %: 60 and 40."""
UNKNOWN = {"mean": 0, "low": None, "high": None}


def test_a_rival_that_goes_free_by_the_closed_form() -> None:
    """τ̂ = (.8, 1), θ = (.6, .4), σ = 3, E = −1: P̂^(1−σ) = .6 × .8^−2 + .4; China loses P̂^2."""
    made = offing.agreement("THA", "VNM", imports=TWO, elasticity=3)
    index = (0.6 * 0.8**-2 + 0.4) ** (1 / -2)
    china, vietnam = 40 * index**2, 60 * 0.8**-3 * index**2
    (line,) = made.lines
    assert made.origins[0].origin == "CHN"
    assert made.origins[0].change.mean == pytest.approx(china - 40)
    assert line.home_change.mean == pytest.approx(china - 40)
    assert line.change.mean == pytest.approx(china + vietnam - 100)
    assert (line.revenue, line.duty) == (25.0, 0.25)
    assert made.revenue.mean == pytest.approx(0.25 * china - 25)
    assert made.year is None
    assert made.requests == ()
    assert made.data()["origins"][0]["change"] | {"mean": 0} == UNKNOWN
    assert made.table["revenue_change_low"].to_list() == [None], "no spread was given"
    assert "80 %" not in " ".join(_agreement_lead(made))


def test_smart_beside_is_that_of_laird_and_yeats() -> None:
    """60 × 40 × 1 / (60 + 40 + 60) = 15 is won from China, at σ = 5; where China is the partner,
    its own creation is E × 40 × .2 = 12 beside what it wins.
    """
    (line,) = offing.agreement("THA", "VNM", imports=TWO, elasticity=5, demand=-1.5).lines
    assert line.home_smart == pytest.approx(-15.0)
    (own,) = offing.agreement("THA", "CHN", imports=TWO, elasticity=5, demand=-1.5).lines
    assert own.home_smart == pytest.approx(40 * 1.5 * 0.2 + 40 * 60 / (40 + 60 + 40))


def test_a_cut_for_all_and_a_rate_for_each_line() -> None:
    """With σ = 1 and E = −1 buyers spend 125 as before: imports 125 / 1.1, revenue .1 of it."""
    made = offing.agreement("THA", "all", imports=TWO, elasticity=1.0, duty="10%")
    assert made.imports.mean == pytest.approx(125 / 1.1 - 100)
    assert made.revenue.mean == pytest.approx(0.1 * 125 / 1.1 - 25)
    dearer = offing.agreement("THA", "all", imports=TWO, duty="30%")
    assert [one.key for one in dearer.cautions] == ["agreement.raises"]
    national = TWO.with_columns(product=pl.Series(["85287240", "85287290"]))
    told = offing.agreement("THA", "all", imports=national, elasticity=1.0, duty="10%")
    assert {one.product for one in told.lines} == {"85287240", "85287290"}
    assert told.revenue.mean == pytest.approx(made.revenue.mean), "at 1 spending stays in each"
    lines = TWO.with_columns(new_rate=pl.Series([0.10, 0.10]))
    assert offing.agreement("THA", "all", imports=lines, elasticity=1.0).revenue == made.revenue


def test_who_loses_in_the_published_example_of_gsim_loses_here() -> None:
    """Francois and Hall's four regions: the EU goes free in the US. With supply without end GSIM is
    this answer for a small cut, and where it has the printed prices fall, these origins lose.
    """
    imports = np.array([500.0, 300.0, 50.0])  # Japan, the EU, the rest, into the US
    before = np.array([0.37, 0.32, 0.57])
    cut = before - np.array([0.0, 1e-5, 0.0])
    line = DutyLine("", ("JPN", "DEU", "ROW"), imports, before, cut)
    drawn = line_draws(line, np.array([5.0]), -1.25)
    sides = (side[:, None] for side in (imports, before, cut))
    _, world = gsim(*sides, demand=-1.25, substitution=5.0, supply=1e9)
    assert drawn.imports[0] == pytest.approx(imports * world[:, 0], rel=1e-4)
    whole = DutyLine("", line.origins, imports, before, np.array([0.37, 0.0, 0.57]))
    assert [np.sign(x) for x in line_draws(whole, np.array([5.0]), -1.25).imports[0]] == [-1, 1, -1]
    assert line_effect(drawn, "JPN").home == 500.0


@pytest.mark.parametrize(
    ("outsider", "duty", "partner", "loses"),
    [
        (19.0, 0.10, 20.0, 1.90),  # Feenstra and Taylor 2008: a car part, NAFTA, 10 %: Asia, Mexico
        (100.0, 0.10, 105.0, 10.0),  # Schiff and Winters 2003, 34-36: a duty of 10 on each
    ],
)
def test_the_published_cases_of_trade_diversion(
    outsider: float, duty: float, partner: float, loses: float
) -> None:
    """Per unit: the cheapest outsider loses all that it sells and the treasury its whole duty.

    Goods are the same in both books, so σ is very large here, and the partner sells a trace first.
    """
    line = DutyLine(
        "870899", ("outsider", "partner"), np.array([outsider, 1e-6]),
        np.array([duty, duty * outsider / partner if outsider == 100 else duty]),
        np.array([duty, 0.0]),
    )  # fmt: skip
    assert partner < outsider * (1 + duty), "it is the partner that buyers turn to"
    drawn = line_draws(line, np.array([2000.0]), -1e-9)
    assert drawn.imports[0][0] == pytest.approx(-outsider)
    assert drawn.imports[0][1] > 0
    assert drawn.revenue[0] == pytest.approx(-loses)


@pytest.mark.parametrize(
    ("market", "basis", "column"), [("DEU", "cif", "cif_usd"), ("USA", "fob", "value_usd")]
)
def test_the_duty_is_on_the_value_that_the_law_levies_it_on(
    market: str, basis: str, column: str
) -> None:
    """The imports of its lines are the sum of that value in the loaded flows."""
    made = offing.agreement(market, "THA", product="8507", draws=20)
    house, inside = open_warehouse(None), territory(today().rulebook, market)
    rows = flows_below(house, house.trade_set("8507"), "8507", year=made.year)
    over = pl.col("importer").is_in([*inside]) & ~pl.col("exporter").is_in([*inside])
    assert made.basis == basis
    whole = float(rows.filter(over)[column].sum())
    assert sum(one.imports for one in made.lines) == pytest.approx(whole)


def test_revenue_is_what_customs_collected() -> None:
    """The Census Bureau's imports of heading 8528 with the duty calculated on them."""
    table = pl.read_parquet(
        shared("us_imports_hs10_2024") / "us_imports_hs10_by_country_2024.parquet"
    ).filter(pl.col("HS6").cast(pl.String).str.starts_with("8528") & (pl.col("imports") > 0))
    names = {"CHINA": "CHN", "MEXICO": "MEX", "VIETNAM": "VNM", "KOREA, SOUTH": "KOR"}
    rows = table.filter(pl.col("CTY_NAME").is_in(list(names))).select(
        product=pl.col("HS6").cast(pl.String), origin=pl.col("CTY_NAME").replace(names),
        imports="imports", duty="duty",
    )  # fmt: skip
    made = offing.agreement("USA", "VNM", imports=rows)
    assert sum(one.revenue for one in made.lines) == pytest.approx(float(rows["duty"].sum()))
    assert sum(one.imports for one in made.lines) == pytest.approx(float(rows["imports"].sum()))
    assert made.revenue.high < 0 < float(rows["duty"].sum())


def test_an_agreement_that_may_stand_already_is_said_first() -> None:
    """China's are known, and none with the Union; of others nothing is known, which is said."""
    rival = offing.agreement("Germany", "Vietnam", product="8528")
    assert [one.key for one in rival.cautions][:2] == ["agreement.unchecked", "agreement.members"]
    assert {*rival.cautions[1]["markets"]} == {"CZE", "DEU", "FRA", "HUN", "ITA", "NLD", "POL"}
    told = str(rival._repr_html_())
    assert told.index("have an agreement already") < told.index("Sales in the market by origin")
    assert "of the one product looked at" in told
    held = offing.agreement("Japan", "CHN", product="8528").cautions[0]
    assert held.key == "agreement.in_force"
    assert "RCEP" in str(held["names"])
    assert "agreement.in_force" not in {
        one.key for one in offing.agreement("Germany", "CHN", product="8528").cautions
    }


def test_requests_of_the_starter_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = offing.agreement("Germany", "CHN", product="8528,8516")
    assert [one.product for one in made.requests] == ["8528", "8516"]
    first = made.requests[0]
    (line,) = (one for one in made.lines if one.product == "8528")
    assert first.gain.mean == pytest.approx(line.home_change.mean * first.expected / line.home)
    assert first.weight == pytest.approx(first.gain.mean * (1 - first.defensive))
    inside = set(territory(today().rulebook, "DEU"))
    flows = flows_below(open_warehouse(None), "starter-hs85", "8528", year=made.year)
    sold, bought = (
        float(flows.filter(pl.col(ours).is_in(inside) & ~pl.col(theirs).is_in(inside))["value_usd"]
              .sum())
        for ours, theirs in (("exporter", "importer"), ("importer", "exporter"))
    )  # fmt: skip
    assert first.defensive == pytest.approx(sold / (sold + bought))
    ahead = offing.outlook("8528", "CHN", horizon=2, as_of=made.year).table
    within = ahead.filter(pl.col("importer").is_in(inside))
    assert first.expected == pytest.approx(float(within["expected_usd"].sum()))
    assert made.cautions[-1].key == "agreement.mfn_alone"
    assert made.table.height == 2
    assert made.market == "EUR", "imports and revenue are the whole Union's"
    word = tmp_path / "requests.docx"
    for lang, words in (("en", "List of requests"), ("zh", "要价清单")):
        line_ = ["agreement", "DEU", "CHN", "--product", "8528", "--lang", lang]
        assert run([*line_, "--out", str(word)]) == 0
        assert words in capsys.readouterr().out
        tables = [table.rows[0].cells[0].text for table in Document(str(word)).tables]
        assert len(tables) == 3
