"""Sums by market over all models, by formulas on the plan."""

from math import fsum
from typing import Any

from offing.report.workbook import plan
from offing.report.workbook.sheet import Styles, begin, cell, headings, span, width_of
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say

HEAD = 3
FIRST = HEAD + 1
MARKET, NOW, SALES, CHANGE, MARGIN, RATE, SHARE = range(7)
NAMES = ("market", "now", "sales", "change", "margin_cny", "rate", "share")


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One row for each market, their totals, and how concentrated they are."""
    rate, rows = result.decided.cny_per_usd, result.plan.rows
    markets = list(dict.fromkeys(row.market for row in rows))
    widths = (width_of(map(country_name, markets), least=18), 16, 16, 16, 16, 10, 10)
    begin(sheet, styles, say("planning.sheet_markets_title"), say("report.sums_note"), widths)
    year = str(result.decided.years[-1])
    headings(sheet, styles, HEAD, [say(f"planning.sheet_{n}", year=year) for n in NAMES])
    sheet.freeze_panes(FIRST, 1)
    total = FIRST + len(markets)
    sums = {
        market: tuple(
            fsum(getattr(r, name) for r in rows if r.market == market) * rate
            for name in ("sales_now_usd", "sales_usd", "margin_usd")
        )
        for market in markets
    }
    whole = tuple(map(fsum, zip(*sums.values(), strict=True))) if sums else (0.0, 0.0, 0.0)
    for number, (market, values) in enumerate(sums.items()):
        row = FIRST + number
        sheet.write_string(row, MARKET, country_name(market), styles["text"])
        for column, source, value in zip(
            (NOW, SALES, MARGIN), (plan.NOW, plan.SALES, plan.MARGIN), values, strict=True
        ):
            where = f"{plan.column(result, plan.MARKET)},{cell(row, MARKET)}"
            formula = f"=SUMIF({where},{plan.column(result, source)})"
            sheet.write_formula(row, column, formula, styles["usd"], value)
        _derived(sheet, styles, row, values, "")
        of = cell(total, SALES, fixed=True)
        formula = f"=IF({of}=0,0,{cell(row, SALES)}/{of})"
        sheet.write_formula(row, SHARE, formula, styles["rate"],
                            values[1] / whole[1] if whole[1] else 0)  # fmt: skip
    sheet.write_string(total, MARKET, say("report.total"), styles["text total"])
    for column, value in zip((NOW, SALES, MARGIN), whole, strict=True):
        formula = f"=SUM({span(FIRST, max(total - 1, FIRST), column)})" if markets else "=0"
        sheet.write_formula(total, column, formula, styles["usd total"], value)
    _derived(sheet, styles, total, whole, " total")
    sheet.write_string(total + 2, MARKET, say("report.word_concentration"), styles["text"])
    if markets:
        shares = span(FIRST, total - 1, SHARE)
        formula = f"=SUMPRODUCT({shares},{shares})"
        sheet.write_formula(total + 2, NOW, formula, styles["fine"], result.plan.concentration)


def _derived(sheet: Any, styles: Styles, row: int, values: tuple[float, ...], kind: str) -> None:
    now, sales, margin = values
    formula = f"={cell(row, SALES)}-{cell(row, NOW)}"
    sheet.write_formula(row, CHANGE, formula, styles[f"usd{kind}"], sales - now)
    of = cell(row, SALES)
    formula = f"=IF({of}=0,0,{cell(row, MARGIN)}/{of})"
    sheet.write_formula(row, RATE, formula, styles[f"rate{kind}"], margin / sales if sales else 0)
