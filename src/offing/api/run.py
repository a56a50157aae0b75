"""Run a study: markets, ladders, costs, plan, and how such plans did before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from offing.api.asking import Answer, Asked, LawRequest, question
from offing.terms.caution import Caution
from offing.terms.messages import join_list

if TYPE_CHECKING:
    from offing.rules.reform import Reform
    from offing.study.inputs import StudyInputs
    from offing.study.plan import StudyPlan
    from offing.study.result import StudyResult


@dataclass(frozen=True)
class RunRequest(LawRequest):
    """What should the firm of a study sell where?

    Attributes:
        out: folder for the report, the workbook, the result and the manifest; ``None`` writes none.
    """

    study: Annotated[Path | str, Asked("run.help_study")]
    out: Annotated[Path | str | None, Asked("run.help_out")] = None
    explain: Annotated[bool, Asked("run.help_explain")] = field(default=False, kw_only=True)


@dataclass(frozen=True)
class RunAnswer(Answer):
    """A study's result.

    Attributes:
        world: the study and what it rests on.
        result: everything that a report says; amounts in USD a year.
        made: the plan with all that it came from; ``None`` where the result was kept.
        explain: whether its telling says how each row came about.
    """

    world: "StudyInputs"
    result: "StudyResult"
    made: "StudyPlan | None" = None
    explain: bool = False

    @property
    def planned(self) -> "StudyPlan":
        """The plan with all that it came from, made again where the result was kept."""
        from offing.study.analysis import analyse_products
        from offing.study.run import plan_with_record

        if self.made is not None:
            return self.made
        return plan_with_record(self.world, analyse_products(self.world), lambda _: None)[0]

    @property
    def compared(self) -> bool:
        """Whether its page is the comparison with another law alone, not the study's report."""
        return False

    @property
    def also_read(self) -> tuple[Path, ...]:
        """Files that were read beside those of the study."""
        return ()

    @property
    def starter(self) -> bool:
        """Whether it rests on the starter world, for want of data of the user's own."""
        warehouse = self.world.warehouse
        return {*warehouse.trade_sets()} <= {*warehouse.starter.datasets("flows")}

    @property
    def table(self) -> pl.DataFrame:
        """The rows of the plan: ``sales_usd``, ``units``, ``margin_usd`` a year, by segment."""
        return pl.DataFrame([vars(row) for row in self.result.plan.rows])

    def data(self) -> Any:
        """The plan; all the rest is in ``result.json``."""
        return self.result.plan


@question(RunRequest)
def run(request: RunRequest) -> RunAnswer:
    """Run a study and write its folder of results.

    A study with a ``[reform]`` has the same plan under it beside it, one with a ``[stress]`` what
    its shocks do to the plan.

    Raises:
        InputError, MissingDataError, RuleError: what the study asks for is not there or cannot be.
        StorageError: the folder cannot be written.

    Example::

        answer = offing.run("examples/tv-maker/study.toml", out="out/tv-maker")
        answer.result.plan.margin_usd
    """
    from offing.study.manifest import kept_result
    from offing.study.sales import rows_aside

    world = request.study_inputs(request.study)
    made: list[StudyPlan] = []

    def make() -> "StudyResult":
        planned, result = _complete_result(world)
        made.append(planned)
        return result

    result = kept_result(world, make)
    answer = RunAnswer(
        world, result, next(iter(made), None), request.explain,
        cautions=(*result.warnings, *_reform_cautions(result, world.reform)),
        put_aside=rows_aside(world),
    )  # fmt: skip
    if request.out is not None:
        answer.write(Path(request.out))
    return answer


def _complete_result(world: "StudyInputs") -> "tuple[StudyPlan, StudyResult]":
    """The plan, and the result with its risk and with all that the study asks for."""
    from offing.study.risk import add_risk
    from offing.study.run import run_study
    from offing.study.scenario import reform_scenario, what_if
    from offing.study.stress import add_stress

    if world.reform is None:
        planned, result = run_study(world, add_risk)
    else:
        planned, result = what_if(world, reform_scenario(world.reform))
        result = add_risk(planned, result)
    return planned, add_stress(planned, result)  # at the level that the plan has


def _reform_cautions(result: "StudyResult", reform: "Reform | None") -> Iterator[Caution]:
    """What to ask of the study's own reform: rates that nobody has, and those that do nothing."""
    made = result.what_if
    if reform is None or made is None:
        return
    from offing.policy.overlay import doubtful

    yield from doubtful([reform])
    if made.unused:
        yield Caution("policy.unused", {"id": join_list(made.unused)})
