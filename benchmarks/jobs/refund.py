"""A firm-year of fifty thousand invoice lines: a maker's refund, a trader's, and the check.

The books are made up, in the layouts that firms hold. There is no open peer that solves 免抵退 with
dated rates from such files, so the bars stand alone. Seconds are of the processor, from the file to
the figures.
"""

import csv
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import Row, measured
from offing.refunds.checks.claim import ClaimPapers
from offing.refunds.checks.papers import cross_check
from offing.refunds.fob import fob_prices
from offing.refunds.methods import solve_months, trader_refund
from offing.refunds.months_file import months_of
from offing.sources.month_lines import read_months
from offing.sources.papers import read_declarations, read_invoices

LINES = 50_000
YEAR = date(2025, 1, 1)
ON = date(2026, 11, 24)
GOODS = ("液晶电视", "洗衣机", "冰箱", "空调", "锂电池", "夹克", "长裤")

INVOICE = [
    "数电发票号码", "开票日期", "货物或应税劳务名称", "单位", "数量", "金额", "税率", "税额",
    "发票状态",
]  # fmt: skip
DECLARATION = [
    "海关编号", "项号", "出口日期", "商品名称", "成交数量", "成交单位", "总价", "币制",
    "成交方式", "运费", "保费",
]  # fmt: skip


def _written(rows: list[list[Any]]) -> Path:
    path = Path(tempfile.mkdtemp(prefix="offing-refund-")) / "book.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _day(number: int) -> date:
    return YEAR + timedelta(days=number * 365 // LINES)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def maker() -> tuple[str, float]:
    """Export lines of twelve months in three rate groups; the year's refund and the seconds."""
    rows: list[list[Any]] = [
        ["export_date", "fob_cny", "code", "levy_rate", "refund_rate", "domestic_output_tax",
         "input_tax", "invoice"]
    ]  # fmt: skip
    for number in range(LINES):
        code = ("8528724000", "8507600090", "6203420000")[number % 3]
        fob = f"{1000 + number % 977}.{number % 100:02d}"
        rate = ("13%", "9%", "13%")[number % 3]
        rows.append([_day(number), fob, code, "13%", rate, "12.50", "118.75", f"X{number}"])
    path = _written(rows)

    def work() -> str:
        read = months_of(read_months(path), on=ON)
        if read.quarantined:
            raise AssertionError(str(read.quarantined[0]))
        return str(sum(month.refund for month in solve_months(read.months, places=2)))

    return _timed(work)


def trader() -> tuple[str, float]:
    """Purchase invoices of a trading company."""
    rows: list[list[Any]] = [["period", "invoice_net", "invoice_rate", "refund_rate"]]
    for number in range(LINES):
        net = f"{500 + number % 1499}.{number % 100:02d}"
        rows.append([f"{_day(number):%Y-%m}", net, "3%" if number % 9 == 0 else "13%", "13%"])
    path = _written(rows)

    def work() -> str:
        read = months_of(read_months(path), on=ON)
        if read.quarantined:
            raise AssertionError(str(read.quarantined[0]))
        return str(sum(trader_refund(bought).refund for bought in read.purchases.values()))

    return _timed(work)


def checked() -> tuple[int, float]:
    """Invoices in the tax bureau's layout against ten thousand items of declarations."""
    invoices: list[list[Any]] = [INVOICE]
    for number in range(LINES):
        name = f"*家用电器*{GOODS[number % len(GOODS)]}"
        key, day = f"2537{number:016d}", _day(number)
        invoices.append([key, day, name, "台", 10, "1000.00", "13%", "130.00", "正常"])
    declared: list[list[Any]] = [DECLARATION]
    for number in range(LINES // 5):
        key, goods = f"4201202500{number // 4:08d}", GOODS[number % len(GOODS)]
        item = [key, number % 4 + 1, _day(number * 5), goods, 40, "台", "900.00", "USD", "CIF"]
        declared.append([*item, "502/80/3", "000/0.3/1"])
    customs_file, tax_file = _written(declared), _written(invoices)

    def work() -> int:
        declared = fob_prices(read_declarations(customs_file), {}).rows
        return len(cross_check(ClaimPapers(declared, ON, bought=read_invoices(tax_file).rows)))

    return _timed(work)


def run() -> list[Row]:
    """Three seconds for each is the bar."""
    rows = []
    for name, what in (
        ("maker", "a maker's year, 50,000 export lines (CPU)"),
        ("trader", "a trader's year, 50,000 invoice lines (CPU)"),
        ("checked", "50,000 invoices × 10,000 declared items, checked (CPU)"),
    ):
        mine = measured(f"benchmarks.jobs.refund:{name}", times=2)
        rows.append(Row(what, mine.result[1], peak_mb=mine.peak_mb, bar=3.0))
    return rows
