"""The decision: what to do, what it brings, and the totals of the plan as it stands."""

from typing import Any

from offing.planning.plan import MoveSummary
from offing.report import words
from offing.report.decision import Decision
from offing.report.doubts import Doubts
from offing.report.of_itself import of_itself
from offing.report.workbook import plan
from offing.report.workbook.sheet import Styles, begin, headings
from offing.study.result import StudyResult
from offing.terms.messages import language, say

HEAD = 3
FIRST = HEAD + 1
NAMES = ("text", "gain_cny", "alone_cny", "chance", "low_cny_move", "worst_cny", "entry_cny",
         "payback_years", "payback_chance", "matched_cny", "rests")  # fmt: skip
FIGURES = (
    ("gain_cny", "usd"),
    ("alone_cny", "usd"),
    ("chance", "rate"),
    ("low_cny", "usd"),
    ("worst_cny", "usd"),
    ("entry_cny", "usd"),
    ("payback_years", "price"),
    ("payback_chance", "rate"),
    ("matched_cny", "usd"),
)


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """Moves, then those that are not made yet, then the totals."""
    decision = Decision.of_result(result)
    years = say("planning.moves_table", years=decision.years)
    begin(sheet, styles, result.title(language()), years, (70, *(15,) * 9, 60))
    headings(sheet, styles, HEAD, [say(f"planning.sheet_{name}") for name in NAMES])
    sheet.freeze_panes(FIRST, 1)
    row = FIRST
    for move in result.decided.moves:
        rests = words.listed(words.named(key) for key in move.rests_on)
        row = _move(sheet, styles, row, decision.text(move), move, rests)
    if not result.decided.moves:
        sheet.write_string(row, 0, say("planning.stay"), styles["wrap"])
        row += 1
    told = [text.sentences[0] for text in of_itself(result.plan, decision)]
    told += Doubts.of(result.plan, decision, result.warnings).turning
    for number, sentence in enumerate(told, start=row + 1):
        sheet.write_string(number, 0, sentence, styles["wrap"])
    row += len(told) + bool(told)
    if result.decided.not_yet:
        sheet.write_string(row + 1, 0, say("planning.not_yet_heading"), styles["block"])
        row += 2
        for move in result.decided.not_yet:
            row = _move(sheet, styles, row, decision.text(move), move, words.named(move.reason))
    _totals(result, decision, sheet, styles, row + 1)


def _move(sheet: Any, styles: Styles, row: int, text: str, move: MoveSummary, remark: str) -> int:
    sheet.write_string(row, 0, text, styles["wrap"])
    for number, (name, style) in enumerate(FIGURES, start=1):
        value = getattr(move, name)
        if value is not None:
            sheet.write_number(row, number, value, styles[style])
    sheet.write_string(row, len(FIGURES) + 1, remark, styles["wrap"])
    return row + 1


def _totals(result: StudyResult, decision: Decision, sheet: Any, styles: Styles, top: int) -> None:
    decided, rate = result.decided, result.decided.cny_per_usd
    year = str(decided.years[-1])
    sheet.write_string(top, 0, say("planning.sheet_totals"), styles["block"])
    linked = (
        ("now", plan.NOW, result.plan.sales_now_usd),
        ("still", plan.STILL, result.plan.still_usd),
        ("sales", plan.SALES, result.plan.sales_usd),
        ("margin_cny", plan.MARGIN, result.plan.margin_usd),
    )
    for number, (name, column, usd) in enumerate(linked, start=top + 1):
        sheet.write_string(number, 0, say(f"planning.sheet_{name}", year=year), styles["text"])
        formula = f"={plan.total(result, column)}"
        sheet.write_formula(number, 1, formula, styles["usd"], usd * rate)
    drawn = (
        ("mean", decided.plan.mean),
        ("low", decided.plan.low),
        ("today_mean", decided.today.mean),
        ("today_low", decided.today.low),
    )
    for number, (name, value) in enumerate(drawn, start=top + 1 + len(linked)):
        text = say(f"planning.sheet_profit_{name}", years=decision.years)
        sheet.write_string(number, 0, text, styles["text"])
        sheet.write_number(number, 1, value, styles["usd"])
