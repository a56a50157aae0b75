"""How the plan holds: the frontier, what would turn the plan around, what limits are worth."""

from functools import partial

from offing.planning.risk_figures import RiskFigures
from offing.report.blocks import Block, Figure, Figures, Folded, Section, Text
from offing.report.charts import risk_frontier, tornado
from offing.report.decision import CNY, Decision
from offing.report.drawing import BESIDE, STACKED, Lanes, two_sizes
from offing.report.views.risk import (
    frontier_says,
    frontier_table,
    headed,
    input_name,
    limits,
    one_plan,
    point_name,
    points_column,
    short_name,
    tornado_table,
    turns,
    unsure,
)
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import fixed, money_column, percent


def section(result: StudyResult) -> Section | None:
    """Folded, for whoever asks; ``None`` where the risk was not looked at."""
    risk = result.risk
    if risk is None:
        return None
    decision = Decision.of_result(result)
    told = [*unsure(decision), *(turns(decision, risk) if risk.bars else [])]
    share = percent(risk.factor, 0)
    folds = [Folded(say("planning.frontier_fold"), _frontier(decision, risk), printed=True)]
    if risk.bars:
        folds.append(
            Folded(
                say("planning.tornado_fold", share=share), _tornado(decision, risk), printed=True
            )
        )
    folds.append(Folded(say("planning.limits_fold"), tuple(limits(decision, risk)), printed=True))
    return Section.of("risk", [*told, *folds])


def _frontier(decision: Decision, risk: RiskFigures) -> tuple[Block, ...]:
    if one_plan(risk):
        return (Text(tuple(frontier_says(risk))),)
    dots = [
        risk_frontier.Dot(point.name, point_name(point), point.worst_cny, point.mean_cny)
        for point in risk.points
    ]
    figure = Figure(
        "frontier",
        say("planning.frontier_title"),
        partial(risk_frontier.draw, "frontier-chart", dots, points_column(risk)),
        say(
            "planning.frontier_caption",
            years=decision.years,
            count=fixed(decision.figures.scenarios, 0),
        ),
    )
    return (
        Text(tuple(frontier_says(risk))),
        Figures((figure,)),
        frontier_table(decision, risk),
        Text((say("planning.regret_note"),), "note"),
    )


def _tornado(decision: Decision, risk: RiskFigures) -> tuple[Block, ...]:
    swings = [
        tornado.Swing(
            headed(input_name(decision, bar)), headed(short_name(bar)), bar.low_cny, bar.high_cny
        )
        for bar in risk.bars
    ]
    ends = [end for bar in risk.bars for end in (bar.low_cny, bar.high_cny)]
    column, share = money_column([*ends, risk.gain_cny], CNY), percent(risk.factor, 0)

    def drawn(name: str, lanes: Lanes) -> str:
        return tornado.draw(name, swings, risk.gain_cny, column, risk.factor, lanes)

    figure = Figure(
        "tornado",
        say("planning.tornado_title", share=share),
        lambda: two_sizes(drawn("tornado-chart", STACKED), drawn("tornado-chart-wide", BESIDE)),
        say(
            "planning.tornado_caption",
            years=decision.years,
            gain=column.amount(risk.gain_cny),
            share=share,
        ),
        wide=True,
    )
    return (
        Figures((figure,)),
        tornado_table(decision, risk),
        Text((say("planning.tornado_note"),), "note"),
    )
