"""China's customs statistics: exports of the query pages of the General Administration of Customs.

CSV in GB18030 or workbooks as the query page (海关统计数据在线查询平台) gives them, with 数据年月,
商品编码, 贸易伙伴名称 and 美元 or 人民币. Yuan are kept as yuan and turned into dollars by the
month's mean rate where they are used. The page gives one side at a time and does not write which:
so it is asked for. Sums from January on (累计) become single months.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import NO_AMOUNT, normalise_heading, official
from offing.sources.ledger_cells import OF_PARTS
from offing.sources.monthly_rows import Months, months_of, plain_number
from offing.sources.numbers import MULTIPLES, decimal_commas, evidence
from offing.sources.rows import SourceTable, tables
from offing.sources.sheet_file import WORKBOOKS
from offing.sources.staging import Staging
from offing.sources.trade_checks import code_of, is_group
from offing.sources.us_monthly import direction, direction_asked
from offing.terms.errors import InputError
from offing.terms.messages import join_list

ABOUT = About("gacc", ("monthly_reports",), "http://stats.customs.gov.cn")

PLACES = 25
"""Of the 31 provinces where exporters are registered (注册地); fewer are not the whole country."""
SUMS = ("累计", "累積")


def read(
    paths: Sequence[Path],
    staging: Staging,
    *,
    flow: str | None = None,
    cumulated: bool | None = None,
    sheet: str | None = None,
) -> None:
    """Read query exports into ``monthly_reports``.

    ``flow`` (进口, 出口) stands in where no column tells it; ``cumulated`` as in
    :class:`offing.sources.monthly_rows.Months`.

    Raises:
        InputError: ``sources.which_flow``, ``sources.no_money``, ``sources.looks_cumulated``,
            ``sources.which_mark``, or a file that cannot be used.
    """
    months, half = Months(staging, cumulated), official("gacc").fits_half
    for table in tables(paths, staging, half, heading=half, sheet=sheet):
        (sums, currency, heading, times), *others = _moneys(table)
        if times != 1:
            scaled = f"{heading} × {times:,}"
            staging.note("sources.caution_scaled", count=1, columns=scaled)
        if any(other != currency for _, other, *_ in others):
            named = join_list(other for *_, other, _ in others)
            staging.note("sources.note_two_moneys", taken=heading, others=named)
        table.read(official("gacc", value=[normalise_heading(heading)]))
        table.rows = table.rows.with_columns(decimal_points(table))
        found = _rows(table, direction_asked(flow), staging).with_columns(
            pl.lit(currency).alias("currency"), pl.col("value") * times, pl.col("cumulated") | sums
        )
        places = found["place"].drop_nulls().unique().sort().to_list()
        if 0 < len(places) < PLACES:
            staging.note("sources.few_places", count=len(places), places=join_list(places[:3]))
        months.add(table, found)
    months.write()


ValueColumn = tuple[bool, str, str, int]
"""Whether it holds sums, currency, heading and counting word of a column of values."""


def _moneys(table: SourceTable) -> list[ValueColumn]:
    """The columns of values, the best first: single months before sums, dollars before yuan.

    Raises:
        InputError: ``sources.no_money``.
    """
    found = []
    header = [heading for heading in table.header if heading]
    for heading in header:
        currency = next((code for sign, code in (("美元", "USD"), ("人民币", "CNY"), ("元", "CNY"))
                         if sign in heading), None)  # fmt: skip
        if currency is None or NO_AMOUNT.search(heading):
            continue
        word = next((word for word in MULTIPLES if word in heading.replace("千克", "")), None)
        sums = any(sign in heading for sign in SUMS)
        found.append((sums, currency, heading, MULTIPLES[word] if word else 1))
    if not found:
        raise InputError("sources.no_money", where=table.where(), header=join_list(header))
    return sorted(found, key=lambda money: (money[0], money[1] != "USD"))


def decimal_points(file: SourceTable) -> list[pl.Expr]:
    """The columns of figures with a point before their decimals, asked about where 560.000 may
    be thousands.

    Raises:
        InputError: ``sources.which_mark``, ``sources.two_marks``.
    """
    workbook = file.file.name.lower().endswith(WORKBOOKS)
    figures: tuple[str, ...] = ("value", "quantity", "other_quantity")
    names = [name for name in figures if name in file.found]
    seen = {
        name: evidence(file.found[name], file.rows.select("row", name).rows(), workbook=workbook)
        for name in names
    }
    commas = decimal_commas(seen, file.where(), semicolons=file.delimiter == ";")
    return [
        pl.col(name).str.replace_all(".", "", literal=True).str.replace_all(",", ".", literal=True)
        for name in names
        if commas[name]
    ]


def _sums_beside_parts(name: str) -> pl.Expr:
    """Whether a row is of all trade modes or places, and rows of single ones stand beside it."""
    of_all = pl.col(name).str.contains(OF_PARTS).fill_null(value=False)
    return of_all & ~of_all.all().over("period", "product", "partner_name")


def _rows(file: SourceTable, asked: str | None, staging: Staging) -> pl.DataFrame:
    raw = file.rows
    rows = raw.hstack(months_of(raw["period"]))
    totals = ["合计", "总值", "总计", "全部国家（地区）", "全球"]
    rows = rows.with_columns(
        code_of(raw, "partner_name").alias("partner"),
        direction(file, asked).alias("direction"),
        plain_number("value").alias("value"),
    )  # fmt: skip
    skipped = {
        "sources.skipped_group": pl.col("partner_name").is_in(totals) | is_group(pl.col("partner")),
        "sources.skipped_total": pl.any_horizontal(pl.col("product", "period").is_in(totals)),
        "reference.total_line": pl.any_horizontal(map(_sums_beside_parts, ("mode", "place"))),
        "sources.skipped_returned": pl.col("partner") == "CHN",
    }
    kilograms = pl.coalesce(
        pl.when(pl.col(unit) == "千克").then(plain_number(quantity))
        for quantity, unit in (("quantity", "unit"), ("other_quantity", "other_unit"))
    )
    return staging.without(rows, skipped).with_columns(
        pl.lit("CHN").alias("reporter"),
        kilograms.alias("kg"),
        pl.concat_str(
            pl.col("product"), *(pl.col(name).fill_null("") for name in ("mode", "place")),
            separator="|",
        ).alias("part"),
    )  # fmt: skip
