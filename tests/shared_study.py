"""One run of a study on the starter world serves every test of what becomes of it.

A study takes seconds. Its stages are the same whichever command asks for them, so tests that look
at pages, tables, refusals or reforms share the first run of each study. Tests of the run itself
(same bytes twice, a kill in the middle) do not use this.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from offing.study.analysis import analyse_products
from offing.study.inputs import StudyInputs
from offing.study.plan import StudyPlan
from offing.study.result import StudyResult
from offing.study.run import More, plan_study, run_study

Run = tuple[StudyPlan, StudyResult]
_RUNS: dict[tuple[str, ...], Run] = {}


def _told(study: Any, world: StudyInputs) -> tuple[str, ...]:
    """What tells one study from another on the starter world."""
    return study.model_dump_json(), world.sales.write_csv()


def shared(run: Callable[[StudyInputs], Run] = run_study) -> Callable[..., Run]:
    """``run_study`` that takes what an earlier call made of the same study, ledger and language."""

    def once(world: StudyInputs, more: More = lambda _, result: result) -> Run:
        key = _told(world.study.model_copy(update={"reform": None}), world)
        if key not in _RUNS or not world.warehouse.is_starter:
            _RUNS[key] = run(world)
        made, result = _RUNS[key]
        made = replace(made, world=world)
        return made, more(made, result)

    return once


def analysed_once() -> Callable[..., Any]:
    """``analyse_products`` that takes what an earlier call of the whole study made."""
    made: dict[tuple[str, ...], Any] = {}

    def once(world: StudyInputs, *some: Any) -> Any:
        if some:
            return analyse_products(world, *some)
        key = _told(world.study, world)
        if key not in made:
            made[key] = analyse_products(world)
        return made[key]

    return once


def planned_once() -> Callable[..., StudyPlan]:
    """``plan_study`` that takes what an earlier call made of the same study."""
    made: dict[tuple[str, ...], StudyPlan] = {}

    def once(world: StudyInputs, *more: Any) -> StudyPlan:
        key = _told(world.study, world)
        if key not in made:
            made[key] = plan_study(world, *more)
        return replace(made[key], world=world)

    return once
