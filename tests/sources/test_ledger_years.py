"""Days without a year, and tables by months, are read or asked about."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

import offing
from offing.api.province import ProvinceAnswer
from offing.cli.app import run
from offing.sources.ledger import LedgerRead, look_at
from offing.terms.errors import InputError

HEADINGS = ["日期", "购货单位", "国家", "海关编码", "规格型号", "实发数量", "单位", "金额(美元)"]
BUYERS = ("Nord 德国", "Andes 智利", "Home 美国")
TEN = [date(2026, month, 5 + month) for month in range(1, 11)]
TWELVE = [date(2025, 11, 8), date(2025, 12, 28), *TEN]
SPRING = [date(2026, month, day) for month in (3, 4, 5) for day in (5, 16, 27)]
Row = tuple[date, str]


def by_buyer(days: Sequence[date]) -> list[Row]:
    """Each buyer's sales together, as accounting systems sort them; each lacks other months."""
    pairs = [(day, n, buyer) for n, buyer in enumerate(BUYERS) for day in days]
    return [(day, buyer) for at, (day, n, buyer) in enumerate(pairs) if (at + n) % 3]


def by_day(days: Sequence[date]) -> list[Row]:
    return sorted(by_buyer(days))


def look(
    folder: Path, title: str, rows: Sequence[Row], form: str = "{0.month}月{0.day}日", **how: str
) -> LedgerRead:
    book = Workbook()
    for row in ([title], HEADINGS) if title else (HEADINGS,):
        book.active.append(row)
    for at, (day, buyer) in enumerate(rows):
        text = f"{day.isoformat()}" if form == "first" and not at else ""
        cell = text or form.replace("first", "{0.month}月{0.day}日").format(day)
        book.active.append([cell, *buyer.split(" "), "7323930000", "FS-24", 10, "个", 100])
    book.save(folder / "list.xlsx")
    return look_at(folder / "list.xlsx", **how)


@pytest.mark.parametrize(
    ("title", "days", "form", "order"),
    [
        ("销售出库明细 2026年1月—2026年10月", TEN, "{0.month}.{0.day}", by_buyer),
        ("销售出库明细（2025年11月至2026年10月）", TWELVE, "{0.month}月{0.day}日", by_buyer),
        ("单据日期：2025-11-01 至 2026-10-31 打印日期：2026-11-20", TWELVE, "{0:%m-%d}", by_buyer),
        ("期间：2026年第1期至2026年第10期", TEN, "{0:%m/%d}", by_buyer),
        ("2026年1-10月销售明细", TEN, "{0.month}月{0.day}日", by_buyer),
        ("Sales Nov 2025 – Oct 2026", TWELVE, "{0:%d-%b}", by_buyer),
        ("销售明细 截至2026年10月31日", TWELVE, "{0.month}月{0.day}日", by_buyer),
        ("", TEN, "first", by_day),
        ("", SPRING, "first", lambda days: by_day(days)[::-1]),
    ],
)
def test_the_year_is_that_of_the_period_or_of_the_line_above(
    tmp_path: Path,
    title: str,
    days: Sequence[date],
    form: str,
    order: Callable[[Sequence[date]], list[Row]],
) -> None:
    rows = order(days)
    assert look(tmp_path, title, rows, form).sales["on"].to_list() == [day for day, _ in rows]


@pytest.mark.parametrize(
    ("title", "days", "form"),
    [
        ("", TEN, "{0.month}月{0.day}日"),
        ("", TEN, "first"),
        ("", TWELVE, "first"),
        ("2025-2026年度", TWELVE, "first"),
    ],
)
def test_a_list_that_is_sorted_otherwise_is_asked(
    tmp_path: Path, title: str, days: Sequence[date], form: str
) -> None:
    rows = by_buyer(days)
    read = look(tmp_path, title, rows, form)
    assert {bad.reason for bad in read.rejected} == {"reference.which_year"}
    assert len(read.rejected) > read.sales.height, "a study does not begin from it"
    true = {2 + at + bool(title): day for at, (day, _) in enumerate(rows)}
    assert all(true[row] == on for row, on in read.sales.select("row", "on").iter_rows())
    told = look(tmp_path, title, rows, form, period="2025-11:2026-10")
    assert told.sales["on"].to_list() == [day for day, _ in rows]


def test_no_day_is_to_come_and_none_lies_outside_the_period(tmp_path: Path) -> None:
    year = date.today().year + 1  # noqa: DTZ011 - the user's own day
    rows = [(date(2026, month, 1), BUYERS[0]) for month in (3, 4, 5)]
    assert look(tmp_path, f"{year}年计划", rows).sales.is_empty()
    late = [*rows, (date(2026, 12, 28), BUYERS[0])]
    read = look(tmp_path, "2026年1月至5月", late)
    assert [bad.row for bad in read.rejected] == [6]


def test_a_period_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        look(tmp_path, "", by_day(TEN), period="last year")
    assert refused.value.key == "reference.no_period"


MARKETS = ("DEU", "FRA", "JPN", "USA", "VNM", "MEX")


def months(first: int = 2023, last: int = 2024) -> list[str]:
    return [f"{year}{month:02d}" for year in range(first, last + 1) for month in range(1, 13)]


def table(*which: str, cumulated: bool = False) -> pl.DataFrame:
    """Exports of a thousand dollars and ten pieces a month and market, or their sums so far."""
    rows = [
        {
            "数据年月": one, "商品编码": "852872", "贸易伙伴名称": market,
            "第一数量": 10 * (int(one[4:]) if cumulated else 1), "第一计量单位": "台",
            "美元": 1000 * (int(one[4:]) if cumulated else 1),
        }
        for one in which or months() for market in MARKETS
    ]  # fmt: skip
    return pl.DataFrame(rows)


def asked(rows: pl.DataFrame, **given: object) -> ProvinceAnswer:
    return offing.province(rows, ahead=0, **given)  # type: ignore[arg-type]


def test_sums_from_january_on_are_asked_about_and_become_months(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sums = table(cumulated=True)
    with pytest.raises(InputError) as refused:
        asked(sums)
    assert refused.value.key == "sources.looks_cumulated"
    made = asked(sums, cumulated=True)
    plain = asked(table())
    assert made.standing.total("now") == plain.standing.total("now")
    assert made.standing.cells["units_now"].sum() == plain.standing.cells["units_now"].sum()
    assert made.standing.full == plain.standing.full
    taken = asked(sums, cumulated=False)
    assert taken.standing.total("now") == 78 * 6 * 1000
    file = tmp_path / "sums.csv"
    sums.write_csv(file)
    for line, code in (([], 2), (["--cumulated"], 0), (["--no-cumulated"], 0)):
        assert run(["province", str(file), "--ahead", "0", "--lang", "en", *line]) == code
    assert "--no-cumulated" in capsys.readouterr().err


def test_a_sum_after_a_month_that_lacks_has_both() -> None:
    """Only December's sums: they are the year."""
    december = table("202312", "202412", cumulated=True)
    made = asked(december, cumulated=True).standing
    assert made.total("now") == made.total("before") == 12 * 6 * 1000
    assert made.full == (2023, 2024)
