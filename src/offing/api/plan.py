"""The plan of a study as an answer, without the proof behind it and without writing anything."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from offing.api.asking import Answer, Asked, LawRequest, Named, pairs, question

if TYPE_CHECKING:
    from offing.planning.risk import RiskFigures, TargetFigures
    from offing.rules.rule_use import RuleUse
    from offing.study.plan import StudyPlan


@dataclass(frozen=True)
class PlanRequest(LawRequest):
    """How much should the firm of a study sell in which market?

    Attributes:
        target: what a target would need: ``+30%`` of sales, ``profit +10%``, or an amount of the
            last year such as ``sales USD 80m`` or ``利润 9000万元``; digits alone are USD of sales
            and CNY of profit.
        answer: what the plan asks for, by its key in the study file, into which it is written.
    """

    study: Annotated[Path | str, Asked("run.help_study", kind=Path)]
    explain: Annotated[bool, Asked("plan.help_explain")] = False
    target: Annotated[str | None, Asked("plan.help_target")] = None
    risk: Annotated[bool, Asked("plan.help_risk")] = False
    value_of_information: Annotated[bool, Asked("plan.help_information")] = False
    names: Annotated[bool, Asked("plan.help_names")] = False
    answer: Annotated[Named, Asked("plan.help_answer")] = None


@dataclass(frozen=True)
class PlanAnswer(Answer):
    """A decision: moves away from today, and what the firm then sells where.

    Attributes:
        planned: the plan with what it was made from; amounts in USD a year.
        explain: whether its telling says how each row came about.
        rules: every rule behind the landed costs.
        target: what becomes of the target that was asked for.
        risk: how the plan holds, where it was asked for.
        names: whether a picture of it has models by name and prices.
        open_figures: whether its telling says all that is worth finding out.
    """

    planned: "StudyPlan"
    explain: bool
    rules: "tuple[RuleUse, ...]"
    target: "TargetFigures | None"
    risk: "RiskFigures | None"
    open_figures: bool = False
    names: bool = False

    @property
    def table(self) -> pl.DataFrame:
        """Its rows: ``sales_usd``, ``units``, ``margin_usd`` a year, by model and market."""
        return pl.DataFrame([vars(row) for row in self.planned.plan.rows])

    def data(self) -> Any:
        """The plan's rows, its decision, and what was asked.

        The decision has moves, chances, what is not yet and what to find out first.
        """
        more = {"target": self.target, "risk": self.risk}
        told = {name: found for name, found in more.items() if found is not None}
        return {**vars(self.planned.plan), "decision": self.planned.decided, **told}


@question(PlanRequest)
def plan(request: PlanRequest) -> PlanAnswer:
    """Plan a study: what to change in which market, what it earns, and how sure that is.

    The same plan as :func:`offing.run` makes, at the level of the same record, which is kept for
    the next time; nothing is settled or written but an answer.

    Raises:
        InputError, MissingDataError, RuleError: what the study asks for is not there or cannot be.

    Example::

        answer = offing.plan("examples/tv-maker/study.toml")
        answer.table.select("market", "sales_usd", "margin_usd")
        offing.plan("examples/tv-maker/study.toml", target="+30%").target.most
        offing.plan("my-study", answer={"model.hc-75m.elasticity": 2.5, "duty.MEX": "20%"})
        answer.planned.decided.open_figures[0].value_cny
    """
    from offing.study.analysis import analyse_products
    from offing.study.risk import risk_of
    from offing.study.run import cautions_of, plan_with_record
    from offing.study.sales import ledger_asked, rows_aside
    from offing.study.target import parse_target, target_of
    from offing.study.template import answer_study

    if answers := pairs(request.answer):
        answer_study(Path(request.study), answers)
    asked = None if request.target is None else parse_target(request.target)
    world = request.study_inputs(request.study)
    products = analyse_products(world)
    planned, *_ = plan_with_record(world, products, lambda _: None)
    cautions = (*cautions_of(world, products), *planned.warnings, *ledger_asked(world))
    used = dict.fromkeys(rule for studied in products for rule in studied.rules)
    target = None if asked is None else target_of(planned, asked)
    risk, shown = risk_of(planned) if request.risk else None, request.value_of_information
    return PlanAnswer(
        planned, request.explain, tuple(used), target, risk, shown, request.names,
        cautions=cautions, put_aside=rows_aside(world),
    )  # fmt: skip
