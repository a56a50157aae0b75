"""One run of a study on the starter world serves every test of what becomes of it.

A study takes seconds. Its stages are the same whichever command asks for them, so tests that look
at pages, tables, refusals or reforms share the first run of each study. Tests of the run itself
(same bytes twice, a kill in the middle) do not use this.
"""

from collections.abc import Callable
from dataclasses import replace

from offing.study.inputs import StudyInputs
from offing.study.plan import StudyPlan
from offing.study.result import StudyResult
from offing.study.run import More, run_study

Run = tuple[StudyPlan, StudyResult]
_RUNS: dict[tuple[str, ...], Run] = {}


def shared(run: Callable[[StudyInputs], Run] = run_study) -> Callable[..., Run]:
    """``run_study`` that takes what an earlier call made of the same study, ledger and language."""

    def once(world: StudyInputs, more: More = lambda _, result: result) -> Run:
        key = (world.study.model_copy(update={"reform": None}).model_dump_json(),
               world.sales.write_csv())  # fmt: skip
        if key not in _RUNS or not world.warehouse.is_starter:
            _RUNS[key] = run(world)
        made, result = _RUNS[key]
        made = replace(made, world=world)
        return made, more(made, result)

    return once
