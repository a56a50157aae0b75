"""Every segment with its four axes and its outlook, to sort and filter."""

from typing import Any

from offing.forecast.results import AXES
from offing.report import words
from offing.report.workbook.sheet import Styles, begin, cell, headings, width_of
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say

HEAD = 3
BASE, EXPECTED, GROWTH, GAIN, LOW, HIGH, METHOD = range(9, 16)


def fill(result: StudyResult, sheet: Any, styles: Styles) -> None:
    """One row for each segment in the order of the ranking; what is not known stays empty."""
    first = width_of((words.product(product) for product in result.products), least=18)
    markets = {s.market for product in result.products for s in product.ranking.segments}
    second = width_of(map(country_name, sorted(markets)), least=14)
    widths = (first, 7, second, 14, 10, 10, 10, 10, 10, 15, 15, 15, 15, 15, 15, 24)
    begin(sheet, styles, say("report.axes_heading"), say("report.segments_note"), widths)
    usd = say("report.usd")
    columns = [
        say("report.product"),
        say("report.place"),
        say("report.market"),
        say("report.tier"),
        *(say(f"report.axis_{name}") for name in AXES),
        say("report.coverage"),
        say("report.base_usd", unit=usd),
        say("report.expected_usd", unit=usd),
        say("report.growth_usd", unit=usd),
        say("report.gain_usd", unit=usd),
        say("report.low80", unit=usd),
        say("report.high80", unit=usd),
        say("report.method"),
    ]
    headings(sheet, styles, HEAD, columns)
    sheet.freeze_panes(HEAD + 1, 4)
    sheet.repeat_rows(HEAD)
    row = HEAD
    for product in result.products:
        for rank, segment in enumerate(product.ranking.segments, start=1):
            row += 1
            outlook = segment.outlook
            sheet.write_string(row, 0, words.product(product), styles["text"])
            sheet.write_number(row, 1, rank, styles["units"])
            sheet.write_string(row, 2, country_name(segment.market), styles["text"])
            sheet.write_string(row, 3, words.tier(segment.tier), styles["text"])
            for number, name in enumerate(AXES):
                score = segment.axis(name).score
                if score is None:
                    sheet.write_string(row, 4 + number, say("report.missing"), styles["text"])
                else:
                    sheet.write_number(row, 4 + number, 100 * score, styles["rank"])
            sheet.write_number(row, 8, segment.coverage, styles["rate"])
            sheet.write_number(row, BASE, outlook.base_usd, styles["usd"])
            sheet.write_number(row, EXPECTED, outlook.expected_usd, styles["usd"])
            formula = f"={cell(row, EXPECTED)}-{cell(row, BASE)}"
            growth = outlook.expected_usd - outlook.base_usd
            sheet.write_formula(row, GROWTH, formula, styles["usd"], growth)
            sheet.write_number(row, GAIN, outlook.gain_usd, styles["usd"])
            for column, end in ((LOW, outlook.low80), (HIGH, outlook.high80)):
                if end is not None:
                    sheet.write_number(row, column, end, styles["usd"])
            method = words.named(f"market.rival_{outlook.method}")
            sheet.write_string(row, METHOD, method, styles["text"])
    if row > HEAD:
        sheet.autofilter(HEAD, 0, row, len(columns) - 1)
