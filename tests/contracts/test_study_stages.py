"""A study one can follow: each stage takes what the one before gave, from file to blocks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from offing.api.run import RunAnswer
from offing.planning.inaction import PlanSolution
from offing.planning.programme import Programme
from offing.report.blocks import Block
from offing.report.views import run as run_view
from offing.study.analysis import ProductAnalysis, analyse_products
from offing.study.choices import ChoiceSet
from offing.study.file import Study, read_study
from offing.study.inputs import StudyInputs, gather_inputs
from offing.study.plan import StudyPlan, build_choice_set
from offing.study.result import StudyResult
from offing.study.run import plan_study, study_result
from offing.study.solve import build_programme, solve_plan

STAGES: list[tuple[Any, Callable[..., Any], Any]] = [
    (Path, read_study, Study),
    (Study, gather_inputs, StudyInputs),
    (StudyInputs, analyse_products, ProductAnalysis),
    (ProductAnalysis, build_choice_set, ChoiceSet),
    (ChoiceSet, build_programme, Programme),
    (Programme, solve_plan, PlanSolution),
    (ChoiceSet, plan_study, StudyPlan),
    (StudyPlan, study_result, StudyResult),
    (RunAnswer, run_view.view, Block),
]
"""What a stage takes, itself, and what it gives; an answer is a result with what was asked."""
MOST = 9
"""Types that hand over from the file to the blocks."""


def mentioned(annotation: Any) -> set[type]:
    """The types that an annotation names."""
    return {annotation} | {kind for part in get_args(annotation) for kind in mentioned(part)}


@pytest.mark.parametrize(("takes", "stage", "gives"), STAGES)
def test_a_stage_takes_one_and_gives_the_next(
    takes: type, stage: Callable[..., Any], gives: type
) -> None:
    asked = get_type_hints(stage)
    assert gives in mentioned(asked.pop("return"))
    assert takes in set().union(*map(mentioned, asked.values()))


def test_few_types_hand_over() -> None:
    assert len({gives for _, _, gives in STAGES[:-1]} | {RunAnswer}) <= MOST
