"""Months of trade from any office: one row a month, single months from cumulated ones, once each.

What statistical offices do to months is met here once: a month that stands twice, sums from January
on in the place of single months, a month that is not over, a finer code beside its own sum, and
the same month in two files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from offing.sources.ledger_cells import year_and_month
from offing.sources.rows import SourceTable
from offing.sources.staging import Staging
from offing.sources.trade_checks import bad_report, bad_year, odd_values, year_jumps
from offing.terms.errors import InputError

SERIES = ("direction", "reporter", "partner", "product", "year")
"""A flow in a year."""
KEY = (*SERIES, "month")
LEAST_MONTHS = 4
"""Months of a flow in a year, before it can be told whether they are sums from January on."""
A_DOLLAR = {"CNY": 7.0}
"""Units of a currency a dollar, near enough to judge a value a kilogram."""
ENOUGH_MONTHS, ENOUGH_SERIES = 6, 3
"""One flow with so many rising months, or so many flows: single months rise so by chance in one
case of 720, or of 120 cubed."""

_RANGE = re.compile(
    r"((?:19|20)\d{2})\s*[-/.年]?\s*0?1\s*月?\s*[-–~至到]\s*(?:\1\s*[-/.年]?)?\s*(1[0-2]|0?[1-9])\s*月?"
    r"(?:份)?(?:累计)?"
)


def read_month(text: str) -> tuple[int, int, bool] | None:
    """The year and the month, and whether it is all months from January up to it.

    >>> read_month("202405"), read_month("2024年1-5月"), read_month("May 2024")
    ((2024, 5, False), (2024, 5, True), (2024, 5, False))
    >>> read_month("202453"), read_month("202404-202406")
    (None, None)
    """
    if several := _RANGE.fullmatch(text.strip()):
        return int(several[1]), int(several[2]), True
    year, month = year_and_month(text) or (0, None)
    return None if month is None else (year, month, False)


def months_of(column: pl.Series) -> pl.DataFrame:
    """``year``, ``month`` and ``cumulated`` of each text; null where it is no month."""
    known = {text: read_month(text) for text in column.unique().drop_nulls()}
    found = [known.get(text) or (None, None, False) for text in column]
    schema = {"year": pl.Int16, "month": pl.Int8, "cumulated": pl.Boolean}
    return pl.DataFrame(found, schema=schema, orient="row")


def plain_number(column: str) -> pl.Expr:
    """A number with commas between thousands, as offices write them; null where it is none."""
    value = pl.col(column).str.replace_all(",", "").cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def reasons() -> dict[str, pl.Expr]:
    """Why a row of a month cannot be used; of the columns of ``KEY`` and ``value``."""
    return {
        "sources.bad_month": pl.col("month").is_null() | bad_year(),
        **bad_report(r"^((\d\d){1,5}|mfa\d{1,3})$"),
    }


@dataclass
class Months:
    """Collects the months of the files of a load, and writes them.

    Where ``cumulated`` is ``None``, the files tell whether they have sums from January on.
    """

    staging: Staging
    cumulated: bool | None
    _files: list[tuple[str, pl.DataFrame]] = field(default_factory=list)

    def add(self, file: SourceTable, rows: pl.DataFrame) -> None:
        """Take the months of a file.

        ``rows`` has ``row``, the columns of ``KEY``, ``value``, ``currency``, ``kg``, ``cumulated``
        (of the row, by its period or its heading), and ``part``: what tells apart rows of one key
        that are to be added up, such as a customs district.

        Raises:
            InputError: ``sources.looks_cumulated`` where months rise as sums do and nobody said.
        """
        kg = pl.when(pl.col("kg") > 0).then("kg")
        rows = rows.select("row", *KEY, "value", "currency", kg, "cumulated", "part")
        good = file.quarantine(rows, reasons())
        twice = pl.struct(*KEY, "part", "cumulated").is_first_distinct()
        good = file.quarantine(good, {"sources.month_twice": ~twice})
        now = datetime.now(UTC)
        over = (pl.col("year") < now.year) | (pl.col("month") < now.month)
        self.staging.skip("sources.month_not_over", good.filter(~over).height)
        good = good.filter(over)
        whole = _added_up(good)
        single, sums = (whole.filter(pl.col("cumulated") == one) for one in (False, True))
        if not single.is_empty():
            self.staging.skip("sources.skipped_cumulated", sums.height)
        if self.cumulated is None and sums.is_empty() and looks_cumulated(single):
            first = good.sort("row").row(0, named=True)
            raise InputError("sources.looks_cumulated", where=file.where(first["row"], "value"))
        if single.is_empty() or self.cumulated:
            single = self._single(sums if single.is_empty() else single)
        if not single.is_empty():
            self._files.append((file.file.shown, single.drop("cumulated")))

    def _single(self, sums: pl.DataFrame) -> pl.DataFrame:
        """Single months: each sum less that of the month before."""
        self.staging.note("sources.note_cumulated", count=sums.height)
        there = sums.select("direction", "reporter", "product", "year", "month").unique()
        before = sums.with_columns(pl.col("month") + 1).rename({"value": "sum", "kg": "sum_kg"})
        known = there.with_columns(pl.col("month") + 1).with_columns(known=pl.lit(value=True))
        joined = sums.join(before.select(*KEY, "sum", "sum_kg"), on=KEY, how="left").join(
            known, on=["direction", "reporter", "product", "year", "month"], how="left"
        )
        first = pl.col("month") == 1
        usable = joined.filter(first | pl.col("known").fill_null(value=False))
        self.staging.skip("sources.skipped_gap", joined.height - usable.height)
        less = usable.with_columns(
            pl.col("value") - pl.col("sum").fill_null(0.0),
            pl.col("kg") - pl.col("sum_kg").fill_null(0.0),
        )
        good = less.filter(pl.col("value") >= 0)
        self.staging.skip("sources.skipped_fallen", less.height - good.height)
        kg = pl.when(pl.col("kg") >= 0).then(pl.col("kg"))
        return good.with_columns(kg.alias("kg")).select(sums.columns)

    def write(self) -> None:
        """Write the months; of the same month in two files the later file's counts, and is said."""
        if not self._files:
            return
        every = pl.concat(
            frame.with_columns(file=pl.lit(place, pl.Int32))
            for place, (_, frame) in enumerate(self._files)
        ).sort("file", maintain_order=True)
        last = every.unique(KEY, keep="last", maintain_order=True)
        if revised := every.height - last.height:
            self.staging.note("sources.note_later_file", count=revised, file=self._files[-1][0])
        dollars = pl.col("value") / pl.col("currency").replace_strict(A_DOLLAR, default=1.0)
        self.staging.notes += odd_values(last.with_columns(value=dollars))
        self.staging.notes += year_jumps(last, tuple(name for name in KEY if name != "year"))
        for (year,), part in sorted(last.partition_by("year", as_dict=True).items()):
            self.staging.frame("monthly_reports", part.drop("file"), year=int(year))


def looks_cumulated(rows: pl.DataFrame, flow: Sequence[str] = SERIES) -> bool:
    """Whether the months of most flows never fall within a year, as sums from January on do not.

    ``flow`` names the columns that tell a flow in a year from another.
    """
    series = (
        rows.sort("month")
        .group_by(flow, maintain_order=True)
        .agg(
            months=pl.len(),
            first=pl.col("month").first(),
            rises=(pl.col("value").diff().drop_nulls() >= 0).all()
            # Sums of n months are about n times the first; a season seldom rises so far.
            & (2 * pl.col("value").last() >= pl.len() * pl.col("value").first()),
        )
        .filter((pl.col("months") >= LEAST_MONTHS) & (pl.col("first") == 1))
    )
    rising = series.filter(pl.col("rises"))
    longest = int(rising["months"].max() or 0) if rising.height else 0  # type: ignore[arg-type]
    sure = longest >= ENOUGH_MONTHS or rising.height >= ENOUGH_SERIES
    return sure and 2 * rising.height > series.height


def _added_up(rows: pl.DataFrame) -> pl.DataFrame:
    """Parts of a key added up, finer codes to six digits where the code itself is not there."""
    coded = rows.with_columns(
        finer=pl.col("product").str.contains(r"^\d{7,}$"),
        product=pl.when(pl.col("product").str.contains(r"^\d{7,}$"))
        .then(pl.col("product").str.slice(0, 6))
        .otherwise(pl.col("product")),
    )
    kg = pl.when(pl.col("kg").is_null().any()).then(None).otherwise(pl.col("kg").sum())
    return (
        coded.group_by(*KEY, "currency", "cumulated", "finer", maintain_order=True)
        .agg(pl.col("value").sum(), kg.alias("kg"))
        .sort("finer", maintain_order=True)
        .unique([*KEY, "cumulated"], keep="first", maintain_order=True)
        .select(*KEY, "value", "currency", "kg", "cumulated")
    )
