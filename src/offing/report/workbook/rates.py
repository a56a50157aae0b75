"""Exchange rates of the day: change one, and every sheet follows."""

from typing import Any

from offing.report.workbook.sheet import Styles, begin, cell, headings
from offing.study.result import StudyResult
from offing.terms.messages import say
from offing.terms.numbers import currency_name, day

HEAD = 3
FIRST = HEAD + 1


def currencies(result: StudyResult) -> tuple[str, ...]:
    """Those of the plan's invoices, the dollar first."""
    return tuple(dict.fromkeys(["USD", *sorted({row.currency for row in result.plan.rows})]))


def rate_cell(result: StudyResult, currency: str) -> str:
    """The cell of a rate, seen from another sheet."""
    row = FIRST + currencies(result).index(currency)
    return f"'{say('report.sheet_rates')}'!{cell(row, 2, fixed=True)}"


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One row for each currency, CNY for one."""
    title = say("planning.sheet_rates_title", on=day(result.on))
    begin(sheet, styles, title, say("report.book_note"), (12, 24, 16))
    names = ("currency", "currency_name", "rate_of")
    headings(sheet, styles, HEAD, [say(f"planning.sheet_{name}") for name in names])
    sheet.freeze_panes(FIRST, 1)
    for number, code in enumerate(currencies(result)):
        row = FIRST + number
        sheet.write_string(row, 0, code, styles["text"])
        sheet.write_string(row, 1, currency_name(code), styles["text"])
        sheet.write_number(row, 2, result.decided.cny_per(code), styles["fine input"])
