"""The plan as a workbook: figures to change in blue, formulas that follow in black."""

from datetime import UTC, datetime
from pathlib import Path

from offing.report.workbook import costs, decision, evidence, markets, plan, rates, risk, segments
from offing.report.workbook.sheet import Styles
from offing.study.result import StudyResult
from offing.terms.errors import StorageError, Where
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
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    # Texts stay texts: a market named "=1+1" must not be run, nor an address become a link.
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    with speaking(lang):
        created = datetime(result.on.year, result.on.month, result.on.day, tzinfo=UTC)
        book.set_properties(
            {"title": result.title(lang), "author": "offing", "company": "", "created": created}
        )
        book.set_calc_mode("auto")
        styles = Styles.of(book)
        for name, fill in SHEETS:
            fill(result, book.add_worksheet(say(f"report.sheet_{name}")), styles)
        try:
            book.close()
        except (OSError, FileCreateError) as error:
            raise StorageError(
                "report.cannot_write", where=Where(path), reason=str(error)
            ) from error
