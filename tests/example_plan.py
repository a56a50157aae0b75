"""The plan of the example study on the starter world, made once a process: only look at it."""

from functools import cache
from pathlib import Path

from offing.study.analysis import ProductAnalysis, analyse_products
from offing.study.inputs import StudyInputs, read_inputs
from offing.study.plan import StudyPlan, plan_products
from offing.warehouse import Warehouse

EXAMPLE = Path(__file__).resolve().parent / "museum" / "tv-maker-2024"


@cache
def world() -> StudyInputs:
    return read_inputs(EXAMPLE, Warehouse(Path("no-warehouse")))


@cache
def studied() -> tuple[ProductAnalysis, ...]:
    return analyse_products(world())


@cache
def made() -> StudyPlan:
    return plan_products(world(), studied())
