"""The plan as a workbook: figures to change in blue, formulas that follow in black."""

from datetime import UTC, datetime
from pathlib import Path

from offing.report.workbook import costs, decision, evidence, markets, plan, rates, risk, segments
from offing.report.workbook.sheet import workbook
from offing.study.result import StudyResult
from offing.terms.messages import Language, say, speaking

SHEETS = (
    ("decision", decision.fill),
    ("plan", plan.fill),
    ("markets", markets.fill),
    ("rates", rates.fill),
    ("risk", risk.fill),
    ("costs", costs.fill),
    ("segments", segments.fill),
    ("sources", evidence.fill_sources),
    ("rules", evidence.fill_rules),
)


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
    with speaking(lang), workbook(path, result.title(lang), created) as (book, styles):
        for name, fill in SHEETS:
            fill(result, book.add_worksheet(say(f"report.sheet_{name}")), styles)
