"""The plan as a workbook: figures to change in blue, formulas that follow in black."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from offing.forecast.results import AXES, Segment
from offing.report import words
from offing.report.blocks import Column, Table, missing_cell
from offing.report.decision import NamedDecision
from offing.report.sections import rules_table, sources_table
from offing.report.views.risk import frontier_table, limits_table, tornado_table
from offing.report.workbook.costs import costs_sheet
from offing.report.workbook.plan import decision_sheet, markets_sheet, plan_sheet, rates_sheet
from offing.report.workbook.sheet import TOP, Sheet, Value, cells_of, write_sheets
from offing.study.result import ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import Language, language, say, speaking

DIGITS = 64
"""Of a fingerprint: all, where there is room."""
OUTLOOK = {
    "base_usd": "",
    "expected_usd": "",
    "growth_usd": "{expected_usd}-{base_usd}",
    "gain_usd": "",
    "low80": "",
    "high80": "",
}
"""Columns of a segment's outlook with their formulas."""


def write_workbook(result: StudyResult, path: Path, lang: Language) -> None:
    """Write ``plan.xlsx``. The same result gives the same bytes.

    Args:
        result: a finished study.
        path: the file to write; an old one is replaced.
        lang: the language of headings and names.

    Raises:
        StorageError: ``report.cannot_write``, where the file cannot be written.
    """
    created = datetime(result.on.year, result.on.month, result.on.day, tzinfo=UTC)
    with speaking(lang):
        write_sheets(path, result.title(lang), created, list(_sheets(result)))


def _sheets(result: StudyResult) -> Iterator[Sheet]:
    yield decision_sheet(result)
    yield plan_sheet(result)
    yield markets_sheet(result)
    yield rates_sheet(result)
    yield _risk(result)
    yield costs_sheet(result)
    yield _segments(result)
    for name, note, table in (
        ("sources", "sources_lead", sources_table(result, DIGITS)),
        ("rules", "rules_table", rules_table(result.rules, result.on)),
    ):
        title = say(f"report.{name}_heading")
        yield Sheet(say(f"report.sheet_{name}"), title, say(f"report.{note}"), (table,), sorts=True)


def _risk(result: StudyResult) -> Sheet:
    """How the plan holds: plans side by side, the gain under each input, what limits are worth."""
    decision, risk = NamedDecision.from_result(result), result.risk
    tables = [] if risk is None else [frontier_table(decision, risk)]
    if risk is not None and risk.bars:
        tables.append(tornado_table(decision, risk))
    if risk is not None and risk.limits:
        tables.append(limits_table(decision, risk))
    years = say("planning.frontier_table", years=decision.years)
    return Sheet(say("report.sheet_risk"), result.title(language()), years, tuple(tables), (TOP, 1))


def _segments(result: StudyResult) -> Sheet:
    """Every segment with its four axes and its outlook, in the order of the ranking."""
    usd = say("report.usd")
    columns = (
        Column(say("report.product"), number=False),
        Column(say("report.place"), width=7),
        Column(say("report.market"), number=False),
        Column(say("report.tier"), number=False),
        *(Column(say(f"report.axis_{name}"), format="rank", width=10) for name in AXES),
        Column(say("report.coverage"), format="rate", width=10),
        *(
            Column(say(f"report.{name}", unit=usd), id=name, format="money", formula=formula)
            for name, formula in OUTLOOK.items()
        ),
        Column(say("report.method"), number=False),
    )
    rows = tuple(
        cells_of(_segment(product, rank, segment), len(columns))
        for product in result.products
        for rank, segment in enumerate(product.ranking.segments, start=1)
    )
    table = Table("segments", "", columns, rows)
    title, note = say("report.axes_heading"), say("report.segments_note")
    return Sheet(say("report.sheet_segments"), title, note, (table,), (TOP + 1, 4), sorts=True)


def _segment(product: ProductResult, rank: int, segment: Segment) -> tuple[Value, ...]:
    outlook = segment.outlook
    scores = (segment.axis(name).score for name in AXES)
    return (
        words.product(product),
        rank,
        country_name(segment.market),
        words.tier(segment.tier),
        *(missing_cell() if score is None else 100 * score for score in scores),
        segment.coverage,
        outlook.base_usd,
        outlook.expected_usd,
        outlook.expected_usd - outlook.base_usd,
        outlook.gain_usd,
        outlook.low80,
        outlook.high80,
        words.message_or_last(f"market.rival_{outlook.method}"),
    )
