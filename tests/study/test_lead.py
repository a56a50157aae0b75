"""Requirements as a gate: an entry's sales begin when the slowest scheme is met, and it says so."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cautions import keyed
from offing.planning.offering import MarketEntry
from offing.planning.plan import Lead, MoveSummary
from offing.report.decision import NamedDecision
from offing.rules.requirements import requirements_of
from offing.study.analysis import analyse_products
from offing.study.inputs import StudyInputs, read_inputs
from offing.study.options import lead_of
from offing.study.plan import StudyPlan, plan_products
from offing.study.schema import Entering as Costs
from offing.study.schema import Keeping
from offing.terms.messages import using_language
from offing.warehouse import Warehouse

EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"
PARTS = ("certification_cny", "listing_cny", "promotion_cny", "visits_cny", "first_stock_cny")
NEW = ("FRA", "CZE", "MYS")
"""Of the markets where the firm of the test never sold: two of one importer, one unchecked."""


@cache
def newcomer(lot: int = 0) -> StudyInputs:
    """The example with one model that sells in two markets, and a share worth entering with."""
    world = read_inputs(EXAMPLE, Warehouse(Path("no-warehouse")))
    facts = next(model for model in world.study.model if model.key == "HC-65M")
    facts = facts.model_copy(
        update={"minimum_lot": Decimal(lot)}
    )  # 0: a small entry is worth a run
    limits = world.study.limits.model_copy(
        update={
            "worst_twentieth_cny": None,
            "entry_share": Decimal("0.02"),
            "entry_budget_cny": None,
        }
    )
    small: dict[str, Any] = dict.fromkeys(PARTS, Decimal(1000))  # so that entering is worth it
    study = world.study.model_copy(
        update={
            "model": [facts],
            "limits": limits,
            "entering": Costs.model_validate(small),
            "keeping": Keeping.model_validate(small),
        }
    )
    assert world.ledger is not None
    sales = world.ledger.sales.filter(pl.col("market").is_in(["USA", "DEU"]))
    return replace(world, study=study, ledger=replace(world.ledger, sales=sales))


@cache
def plan() -> StudyPlan:
    return plan_products(newcomer(), analyse_products(newcomer()))


@cache
def entries() -> dict[str, MoveSummary]:
    said = plan().decided
    return {move.market: move for move in (*said.moves, *said.not_yet) if move.lead is not None}


def test_the_slowest_gate_of_the_market_is_what_must_come_first() -> None:
    world = newcomer()
    facts = world.study.model[0]
    lead = lead_of(world, facts, "FRA")
    gates = requirements_of("8528", "EUR", world.study.on).gates
    assert lead.weeks == max(gate.weeks[1] for gate in gates) > 0
    assert lead.checked
    assert lead.others == len(gates) - 1
    assert lead.ready_on == world.study.on + timedelta(weeks=lead.weeks)
    unknown = lead_of(world, facts, "MYS")
    assert not unknown.checked


def test_sales_of_the_first_year_are_those_of_the_weeks_left() -> None:
    """By hand: with ten weeks to wait, 42 of 52 weeks of the first year and all of the second."""
    made = plan().choices
    shelf = made.shelves["HC-65M"]
    states = {o.market: o.state for o in shelf.outlets if isinstance(o.state, MarketEntry)}
    assert set(NEW) & set(states) == set(shelf.leads) & set(NEW)
    weeks = shelf.leads["FRA"].weeks
    assert states["FRA"].lead_weeks == weeks
    assert states["FRA"].open(0) == pytest.approx((52 - weeks) / 52)
    assert states["FRA"].open(1) == 1
    place = next(p for p, row in enumerate(made.offers.rows) if row.market == "FRA")
    first, second = made.offers.units[:, :2, place].astype(float).T
    there = second > 0
    ramp = states["FRA"].size.ramp
    grown = second[there].sum() / first[there].sum()
    without = grown * states["FRA"].open(0)
    assert without == pytest.approx(ramp[1] / ramp[0], rel=0.25)  # growth of the market is in it
    assert grown > 1.1 * ramp[1] / ramp[0]


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        (Lead(0, False), "was not checked"),
        (Lead(0, True), "need not be whole"),
        (
            Lead(8, False, "UN 38.3", "UN 38.3", "recalled", 0, date(2025, 2, 25)),
            "Others were not checked",
        ),
        (
            Lead(8, True, "Energy label", "能效", "official", 2, date(2025, 2, 25)),
            "Energy label: 8 weeks first (official text), and 2 further schemes",
        ),
    ],
)
def test_unknown_is_never_told_as_none(lead: Lead, words: str) -> None:
    move = replace(next(iter(entries().values())), lead=lead)
    with using_language("en"):
        text = NamedDecision.from_study(newcomer().study, plan().decided).remark(move)
    assert words in text.replace("\u00a0", " ")
    if not lead.checked:
        assert "No requirement" not in text


def test_an_entry_that_sells_too_little_for_a_run_is_named() -> None:
    world = newcomer(300)
    (said,) = [d for key, d in keyed(plan_products(world, analyse_products(world)).warnings)
               if key == "study.warn_below_lot"]  # fmt: skip
    assert (said["model"], said["lot"]) == ("HC-65M", "300")
    assert {"GBR", "FRA"} <= {*said["markets"]}
    assert not {"DEU", "USA"} & {*said["markets"]}, "it sells there"
    assert "study.warn_below_lot" not in dict(keyed(plan().warnings))
