"""The plan of the example study on the starter world, made once a process: only look at it."""

from functools import cache
from pathlib import Path

from offing.study.plan import Planned, planned
from offing.study.run import study_products
from offing.study.studied import Studied
from offing.study.world import World, read_world
from offing.warehouse import Warehouse

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "tv-maker"


@cache
def world() -> World:
    return read_world(EXAMPLE, Warehouse(Path("no-warehouse")))


@cache
def studied() -> tuple[Studied, ...]:
    return study_products(world())


@cache
def made() -> Planned:
    return planned(world(), studied())
