"""How the plan holds: plans side by side, the gain under each input, what limits are worth."""

from collections.abc import Sequence
from typing import Any

from offing.planning.risk_figures import RiskFigures
from offing.report.decision import Decision
from offing.report.views.risk import headed, input_name, limit_name, point_name
from offing.report.workbook.sheet import Styles, begin, headings
from offing.study.result import StudyResult
from offing.terms.messages import language, say
from offing.terms.numbers import currency_name, percent

FIRST = 3
Row = tuple[str, Sequence[tuple[float | None, str]]]
"""The name of a row, then its figures with their styles."""


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """Three tables, one under the other; amounts in CNY over the horizon."""
    decision = Decision.of_result(result)
    years = say("planning.frontier_table", years=decision.years)
    begin(sheet, styles, result.title(language()), years, (46, *(17,) * 7))
    sheet.freeze_panes(FIRST, 1)
    if result.risk is None:
        return
    at = FIRST
    for heads, rows in (_points(result.risk), _bars(decision, result.risk),
                        _limits(decision, result.risk)):  # fmt: skip
        if rows:
            headings(sheet, styles, at, heads)
            at = _rows(sheet, styles, at + 1, rows) + 1


def _rows(sheet: Any, styles: Styles, first: int, rows: Sequence[Row]) -> int:
    for at, (name, figures) in enumerate(rows, start=first):
        sheet.write_string(at, 0, name, styles["wrap"])
        for column, (value, style) in enumerate(figures, start=1):
            if value is not None:
                sheet.write_number(at, column, value, styles[style])
    return first + len(rows)


def _points(risk: RiskFigures) -> tuple[list[str], list[Row]]:
    unit = currency_name("CNY")
    names = ("point", "mean_of", "low_of", "worst_of", "steps", "regret", "regret_high", "best")
    rows: list[Row] = [
        (
            point_name(p),
            (
                (p.mean_cny, "usd"),
                (p.low_cny, "usd"),
                (p.worst_cny, "usd"),
                (p.moves, "units"),
                (p.regret_cny, "usd"),
                (p.regret_high_cny, "usd"),
                (p.best, "rate"),
            ),
        )
        for p in risk.points
        if point_name(p)
    ]
    return [say(f"planning.column_{name}", unit=unit) for name in names], rows


def _bars(decision: Decision, risk: RiskFigures) -> tuple[list[str], list[Row]]:
    share = percent(risk.factor, 0)
    heads = [say("planning.tornado_table", unit=currency_name("CNY"))]
    heads += [say(f"planning.column_{name}", share=share) for name in ("lower", "higher")]
    return heads, [
        (headed(input_name(decision, bar)), ((bar.low_cny, "usd"), (bar.high_cny, "usd")))
        for bar in risk.bars
    ]


def _limits(decision: Decision, risk: RiskFigures) -> tuple[list[str], list[Row]]:
    unit = currency_name("CNY")
    names = ("limit", "limit_now", "limit_used", "limit_more", "limit_less", "limit_price",
             "limit_from", "limit_to")  # fmt: skip
    rows: list[Row] = [
        (
            headed(limit_name(decision, row.limit, row.subject)),
            (
                (row.now, "units"),
                (row.used, "units"),
                (row.more_cny, "usd"),
                (row.less_cny, "usd"),
                (row.price_cny, "usd"),
                (row.low, "units"),
                (row.high, "units"),
            ),
        )
        for row in risk.limits
    ]
    return [say(f"planning.column_{name}", unit=unit) for name in names], rows
