"""The firm's sales, line by line: a CSV file or a workbook, with its own headings.

Headings are found by their usual English and Chinese names, or as the study's ``[ledger.columns]``
and ``--column`` say. A file is read once: a :class:`LedgerRead` has its lines, the rows that cannot
be used, what each column was taken for and what a careful person would ask. Credit notes are lines
with a negative quantity and amount and are kept. A line that stands there twice is kept and pointed
out: it may be a second carton or a second import, only the firm knows.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources import ledger_checks as checks
from offing.sources.about import About
from offing.sources.archive import files_given
from offing.sources.headings import ColumnHeading, heading_data, normalise_heading
from offing.sources.ledger_checks import several_shippers
from offing.sources.ledger_line import NO_CODE, SHOWN, spelled_model, spelled_models
from offing.sources.ledger_table import BESIDE_SALES, NOT_KNOWN, LedgerOptions, LedgerTable
from offing.sources.monthly_rows import looks_cumulated
from offing.sources.sheet_file import EVERY, FirmSheet, firm_sheets
from offing.sources.staging import RejectedRow, Staging
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where
from offing.terms.messages import join_list, say, suggest
from offing.terms.text import firm_key

ABOUT = About("ledger", ("sales",))
OPTIONS = ("columns", "sheet", "currency", "dates", "period")

LISTED = 500
"""Rejected rows that are listed."""
SPANS = ("month", "year")
"""Columns that stand in for the day: a ledger without any is asked for its day."""


@dataclass(frozen=True)
class LedgerColumn:
    """A column of ours and what it was found to be.

    Attributes:
        name: ours, such as ``amount``.
        needed: whether the ledger cannot be used because this column, and each that could stand
            for it, was not found.
        heading: of the file; ``None`` where none was found.
        comma: whether its decimals have a comma.
        example: the first cell that is filled.
    """

    name: str
    needed: bool
    heading: ColumnHeading | None
    comma: bool
    example: str


@dataclass(frozen=True)
class LedgerSheet:
    """A table of a ledger as it stands, and how many of its lines can be used.

    ``name`` is empty where it is the only one; ``pieces`` has a ``row`` for each line that can be
    used, and how many of our units one of its own has: 12 where it counts dozens.
    """

    name: str
    sheet: FirmSheet
    good: int
    pieces: pl.DataFrame

    def first(self, count: int) -> Sequence[tuple[int, list[str]]]:
        """The first rows below the headings, each with its number."""
        return tuple(islice(self.sheet.body.items(), count))


@dataclass(frozen=True)
class LedgerRead:
    """A ledger as it is understood.

    Attributes:
        sales: the lines that can be used, in the columns of ``Sales``; empty where the ledger
            cannot be read.
        rejected: the rows that cannot.
        notes: what a careful person would ask.
        skipped: rows that are no sales and no error, such as those of sums: reason → rows.
        sheets: the tables that are read; one where it is no workbook.
        columns: ours, in the order of :data:`offing.sources.data.ledger_headings`.
        order: which part of 03/05/2024 is the day, as given or as the dates show; ``None`` where
            no date leaves it open or nothing shows it.
        trouble: why the ledger cannot be read as it is; ``None`` where it can.
        lost: amounts of the rejected rows, as far as they can be read, in the money of the ledger.
    """

    sales: pl.DataFrame
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[Caution, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    sheets: tuple[LedgerSheet, ...] = ()
    columns: tuple[LedgerColumn, ...] = ()
    order: cells.DayOrder | None = None
    trouble: InputError | None = None
    lost: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether it has lines that a plan can rest on."""
        return self.trouble is None and self.sales.height > 0

    @property
    def words(self) -> dict[str, str]:
        """What other columns of names call each model, by its name as names are compared."""
        names, words = {*heading_data("ledger_headings")["model"]}, dict[str, str]()
        model = next((c.heading.text for c in self.columns if c.name == "model" and c.heading), "")
        for part in self.sheets if model else ():
            header = part.sheet.header
            at = header.index(model) if model in header else -1
            others = [
                n for n, cell in enumerate(header) if n != at and normalise_heading(cell) in names
            ]
            for row in part.sheet.body.values() if at >= 0 else ():
                said = " ".join(dict.fromkeys(filter(None, (row[n] for n in others))))
                words.setdefault(spelled_model(row[at]), said)
        return words

    @property
    def headings(self) -> tuple[str, ...]:
        """Those of the first table, in their order."""
        return tuple(self.sheets[0].sheet.header) if self.sheets else ()

    @property
    def quarantined(self) -> tuple[tuple[str, int, int], ...]:
        """Why rows cannot be used, the first row first.

        Returns:
            The reason as a message key, how many rows it holds for, and the first of them.
        """
        rows: dict[str, list[int]] = {}
        for one in self.rejected:
            rows.setdefault(one.reason, []).append(one.row or 0)
        said = ((reason, len(some), min(some)) for reason, some in rows.items())
        return tuple(sorted(said, key=lambda reason: (reason[2], reason[0])))

    def _whole(self, *keys: str) -> int:
        return sum(int(str(n.values.get("count", 0))) for n in self.notes if n.key in keys)

    @property
    def month_line_count(self) -> int:
        """How many lines stand for their month: none names a day, or all name its first.

        A line that stands for its month counts on the last day of it.
        """
        return self._whole("reference.whole_months", "reference.first_days")

    @property
    def covers(self) -> tuple[date, date] | None:
        """The first and the last day, where every line stands for its whole month or year.

        ``None`` where some stand for a day: then those of the lines are all that is known.
        """
        whole = self._whole("reference.whole_years"), self.month_line_count
        if not self.sales.height or sum(whole) < self.sales.height:
            return None
        first, last = self.sales["on"].min(), self.sales["on"].max()
        assert isinstance(first, date)
        assert isinstance(last, date)
        return first.replace(day=1, month=1 if whole[0] else first.month), last


def _together(tables: Sequence[LedgerTable], options: LedgerOptions) -> LedgerRead:
    """The tables of a ledger as one."""
    notes: list[Caution] = []
    rejected: list[RejectedRow] = []
    spans, skipped, trouble = Counter[str](), Counter[str](), None
    for table in tables:
        notes, rejected = [*notes, *table.notes], [*rejected, *table.rejected]
        spans, skipped = spans + table.spans, skipped + table.skipped
        trouble = trouble or table.trouble
    notes += (Caution(key, {"count": count}) for key, count in sorted(spans.items()))
    notes += checks.sheet_cautions({(table.shown, table.name): table.sales for table in tables})
    frame = pl.concat(
        t.sales.with_columns(file=pl.lit(t.shown), sheet=pl.lit(t.name)) for t in tables
    )
    notes += several_shippers(frame)
    frame = _unify_buyers(frame.drop("sheet", *BESIDE_SALES), notes)
    if options.codes is None:
        frame = _fill_codes(frame, notes, rejected)
    good: Counter[str] = Counter(dict(frame.group_by("file").len().iter_rows()))
    return LedgerRead(
        frame.drop("file") if trouble is None else frame.drop("file").clear(),
        tuple(sorted(rejected, key=lambda row: (row.row, row.reason))),
        tuple(note for at, note in enumerate(notes) if note not in notes[:at]),
        dict(skipped),
        tuple(
            LedgerSheet(t.name, t.sheet, good[t.shown], t.sales.select("row", "pieces"))
            for t in tables
        ),
        _describe_columns(tables[0]),
        tables[0].order,
        trouble,
        sum(table.lost for table in tables),
    )


def _unify_buyers(lines: pl.DataFrame, notes: list[Caution]) -> pl.DataFrame:
    """A buyer that is spelled in several ways has the usual one: ACME Ltd for Acme, Ltd."""
    counts = lines["buyer"].drop_nulls().value_counts()
    counts = counts.sort("count", "buyer", descending=[True, False])
    usual: dict[str, str] = {}
    keyed = ((name, firm_key(name)) for name in counts["buyer"])
    other = {name: usual[key] for name, key in keyed if key and usual.setdefault(key, name) != name}
    if other:
        names = join_list((f"{name} = {usual}" for name, usual in other.items()), 5)
        notes.append(Caution("reference.buyers_spelled", {"count": len(other), "names": names}))
    return lines.with_columns(pl.col("buyer").replace(other))


def _fill_codes(
    lines: pl.DataFrame, notes: list[Caution], rejected: list[RejectedRow]
) -> pl.DataFrame:
    """A line without a code has the one that its model's other lines have; else it is rejected."""
    lines = lines.with_columns(spelled=spelled_models(pl.col("model")))
    known = (
        lines.drop_nulls(["spelled", "product"])
        .group_by("spelled")
        .agg(pl.col("product").unique())
        .filter(pl.col("product").list.len() == 1)
        .select("spelled", own=pl.col("product").list.first())
    )
    filled = lines.join(known, on="spelled", how="left", maintain_order="left").drop("spelled")
    if count := filled.filter(pl.col("product").is_null() & pl.col("own").is_not_null()).height:
        notes.append(Caution("reference.code_of_model", {"count": count}))
    filled = filled.with_columns(product=pl.coalesce("product", "own")).drop("own")
    shown = pl.concat_str(pl.col("on", *SHOWN).cast(pl.String).fill_null(""), separator=",")
    without = filled.filter(pl.col("product").is_null())
    rows = without.select("file", "row", pl.lit(NO_CODE).alias("reason"), shown.alias("text"))
    rejected += [RejectedRow(*row) for row in rows.iter_rows()]
    return filled.filter(pl.col("product").is_not_null())


def _describe_columns(table: LedgerTable) -> tuple[LedgerColumn, ...]:
    """All our columns, and what those of the table were found to be."""
    needed = {name for group in table.missing for name in group if name not in SPANS}
    described = []
    for name in heading_data("ledger_headings"):
        column, heading, comma, example = table.columns.get(name), None, False, ""
        if column is not None:
            heading, comma = column.heading, column.comma
            rows = table.sheet.body.values()
            example = next((row[column.at] for row in rows if row[column.at]), "")
        described.append(LedgerColumn(name, name in needed, heading, comma, example))
    return tuple(described)


def _tables(
    path: Path, options: LedgerOptions, shown: str, *, all_sheets: bool = False
) -> list[LedgerTable]:
    """The tables of a file: the first or the named sheet, or all."""
    sheets = firm_sheets(path, options.sells, options.sheet, must=True, shown=shown)
    if not (all_sheets or options.sheet in EVERY):
        return [LedgerTable(shown, next(sheets), options, "")]
    read = list(sheets)
    if len(read) == 1:
        return [LedgerTable(shown, read[0], options, "")]
    return [LedgerTable(f"{shown} · {one.name}", one, options, one.name) for one in read]


def look_at(path: Path, **options: Any) -> LedgerRead:
    """A ledger as it is understood; the options are those of :class:`LedgerOptions`.

    Raises:
        InputError: the file itself cannot be read; what is wrong inside is in ``trouble``.
    """
    asked = LedgerOptions(**options)
    read = _together(_tables(path, asked, str(path)), asked)
    return read if asked.codes is None else convert_units(read)


def convert_units(read: LedgerRead) -> LedgerRead:
    """The ledger of a study, where a pair, a metre or a box of a model is one unit of it.

    So it is where all lines of a model have that unit; it is said.
    """
    goods = pl.coalesce(spelled_models(pl.col("model")), "product")
    own = ~pl.col("unit").is_in(["item", "kg"]) & (pl.col("unit").n_unique().over(goods) == 1)
    counted = read.sales.filter(own)
    if counted.is_empty():
        return read
    units = join_list(counted["unit"].unique().sort())
    note = Caution("reference.counted_as_units", {"count": counted.height, "units": units})
    unit = pl.when(own).then(pl.lit("item")).otherwise("unit").alias("unit")
    return replace(read, sales=read.sales.with_columns(unit), notes=(*read.notes, note))


SHEETS_ASKED = {"reference.lines_in_sheets", "reference.sheet_of_sums"}
"""What is said of sheets that are not parts of one ledger: copies, and sums of the others."""


def look_at_all(path: Path, **options: Any) -> tuple[dict[str, Any], LedgerRead]:
    """The ledger, and how it was read: where a workbook has it on several sheets, all of them.

    A sheet a year is one ledger: the first alone may be years old. Sheets that repeat or sum up
    each other are left as they are, and the caution says that one was read.
    """
    asked = LedgerOptions(**options)
    tables = _tables(path, asked, str(path), all_sheets=asked.sheet is None)
    whole = _together(tables, asked)
    if len(tables) == 1 or asked.sheet in EVERY:
        return options, whole
    if whole.trouble is not None or SHEETS_ASKED & {note.key for note in whole.notes}:
        return options, _together([*_tables(path, asked, str(path))], asked)
    notes = tuple(note for note in whole.notes if note.key != "reference.caution_sheets")
    return {**options, "sheet": EVERY[0]}, replace(whole, notes=notes)


def look_at_first(
    path: Path, codes: Mapping[str, str] | None = None, **options: Any
) -> tuple[dict[str, Any], LedgerRead]:
    """As :func:`look_at_all`, of a ledger that may name models in place of codes.

    Where nearly all lines have a code, it is read as any. Else a line without one keeps its model,
    with the code that its other lines or ``codes`` (by the model's name, see
    :func:`~offing.sources.ledger_line.spelled_model`) give it, and without any where none does.
    """
    options, look = look_at_all(path, **options)
    without = sum(bad.reason in (NO_CODE, "reference.bad_product") for bad in look.rejected)
    of_none = look.trouble is not None and look.trouble.values.get("column") == "product"
    if not of_none and without * SELDOM <= look.sales.height:
        return options, convert_units(look)
    own = look.sales.select(spelled_models(pl.col("model")), "product").drop_nulls().unique()
    known = dict(own.iter_rows()) | dict(codes or {})
    options, look = look_at_all(path, **options, codes=known)
    options = {name: value for name, value in options.items() if name != "codes"}
    if without := look.sales["product"].null_count():
        note = Caution("reference.without_code", {"count": without})
        look = replace(look, notes=(*look.notes, note))
    return options, convert_units(look)


def sells_services(look: LedgerRead) -> bool:
    """Whether a ledger names services in place of goods, or counts hours and days."""
    called = (c.heading.text for c in look.columns if c.name == "model" and c.heading)
    units = {*look.sales["unit"]}
    return any(map(_SERVICES.search, called)) or (bool(units) and units <= OF_TIME)


_SERVICES = re.compile(r"服务|劳务|service|leistungsart", re.IGNORECASE)
OF_TIME = {"小时", "工时", "天", "人天", "人日", "人月", "hour", "hours", "h", "hrs", "day", "days"}
SELDOM = 20
"""One line of so many without a code is a slip, and no ledger of models."""


def read_ledger(path: Path, **options: Any) -> LedgerRead:
    """The lines of a ledger; the options are those of :class:`LedgerOptions`.

    Raises:
        InputError: ``reference.no_ledger_file``, a column is missing
            (``reference.no_ledger_column``), a mapped one does not exist, no line says its currency
            (``reference.no_currency``), the order of day and month is not known, or no line at all
            can be used.
    """
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        near = suggest(path.name, beside)
        raise InputError("reference.no_ledger_file", where=Where(path), path=path, near=near)
    return _usable(look_at(path, **options), path)


def _usable(read: LedgerRead, path: Path) -> LedgerRead:
    if read.trouble is not None:
        raise read.trouble
    if read.sales.is_empty() and read.rejected:
        reasons = [say(reason) for reason, *_ in read.quarantined]
        reasons += [
            str(note.values["names"]) for note in read.notes if note.key in NOT_KNOWN.values()
        ]
        raise InputError("reference.no_good_lines", where=Where(path), reasons=join_list(reasons))
    return read


def read(paths: list[Path], staging: Staging, **options: Any) -> None:
    """Read ledgers into ``sales``; the options are those of :class:`LedgerOptions`."""
    asked, tables = LedgerOptions(**options), []
    for file in files_given(paths, staging.folder):
        of_file = _tables(file.path, asked, file.shown)
        if trouble := next((table.trouble for table in of_file if table.trouble), None):
            raise trouble
        staging.read_from(file.origin, sum(len(table.sheet.body) for table in of_file))
        tables += of_file
    whole = _together(tables, asked)
    staging.notes += whole.notes
    staging.skipped.update(whole.skipped)
    if whole.rejected:
        staging.reject(pl.DataFrame(whole.rejected))
    if whole.sales.height:
        staging.frame("sales", whole.sales)


def layout_sign(headings: tuple[str, ...]) -> str:
    """What two ledgers of one layout share: their headings in any order.

    >>> layout_sign(("Date", "HS code")) == layout_sign(("hs code", "date"))
    True
    """
    return "|".join(sorted(filter(None, map(normalise_heading, headings))))


FLOW = ("product", "market", "unit", "currency")
"""What tells one flow of a province from another."""
FEWEST_LINES = 5
"""Lines of nearly every month, from which a month without any is one that the file lacks."""
MOST_LACKING = 0.2
"""Of the months between the first and the last; a table of quarters lacks more of them."""

Month = tuple[int, int]


def told_by_months(lines: LedgerRead) -> bool:
    """Whether every line stands for a month, not for a day or a year."""
    return lines.month_line_count >= lines.sales.height > 0


def single_months(lines: LedgerRead, cumulated: bool | None, where: Where) -> LedgerRead:
    """The lines by single months: sums from January on (累计) become months.

    Args:
        lines: as they were read.
        cumulated: whether they are such sums; told by the figures where ``None``.
        where: the file.

    Raises:
        InputError: ``sources.looks_cumulated`` where they look so and nobody said.
    """
    if not told_by_months(lines):
        return lines
    if cumulated is None and _looks_cumulated(lines.sales):
        raise InputError("sources.looks_cumulated", where=where)
    if not cumulated:
        return lines
    note = Caution("sources.note_cumulated", {"count": lines.sales.height})
    return replace(lines, sales=_less_the_month_before(lines.sales), notes=(*lines.notes, note))


def _looks_cumulated(sales: pl.DataFrame) -> bool:
    sums = sales.group_by(*FLOW, "on").agg(value=pl.col("amount").cast(pl.Float64).sum())
    months = sums.with_columns(year=pl.col("on").dt.year(), month=pl.col("on").dt.month())
    return looks_cumulated(months, (*FLOW, "year"))


def _less_the_month_before(sales: pl.DataFrame) -> pl.DataFrame:
    """Each flow's sum less the one before it in its year: of a month that lacks the next has it."""
    others = [name for name in sales.columns if name not in (*FLOW, "on", "quantity", "amount")]
    sums = sales.group_by(*FLOW, "on").agg(
        pl.col("quantity", "amount").sum(), pl.col(others).first()
    )
    year = pl.col("on").dt.year()
    ordered = sums.sort(*FLOW, "on").with_columns(
        pl.col(name) - pl.col(name).shift(1).over(*FLOW, year).fill_null(0)
        for name in ("quantity", "amount")
    )
    moved = (pl.col("quantity") != 0) | (pl.col("amount") != 0)
    return ordered.filter(moved).sort("row").select(sales.columns)


def days_covered(lines: LedgerRead, cumulated: bool | None) -> tuple[date, date] | None:
    """The days that the lines stand for; a sum from January on has all months before its own."""
    if lines.covers is None or not cumulated or not told_by_months(lines):
        return lines.covers
    return lines.covers[0].replace(month=1), lines.covers[1]


def lacking_months(on: pl.Series) -> tuple[Month, ...]:
    """Months between the first and the last of which a table by months has no line.

    None is told where months have few lines each, as of one product that sells now and then, and
    January not where February stands for both.
    """
    counts: Mapping[Month, int] = {
        (year, month): count
        for year, month, count in pl.DataFrame({"on": on})
        .group_by(pl.col("on").dt.year(), month=pl.col("on").dt.month())
        .len()
        .rows()
    }
    if not counts:
        return ()
    (first, begins), (last, ends) = min(counts), max(counts)
    every = [
        (year, month)
        for year in range(first, last + 1)
        for month in range(1, 13)
        if (first, begins) <= (year, month) <= (last, ends)
    ]
    lacking = tuple(month for month in every if month not in counts)
    usual = sorted(counts.values())[len(counts) // 10]
    if usual < FEWEST_LINES or len(lacking) > MOST_LACKING * len(every):
        return ()
    return tuple((y, m) for y, m in lacking if m > 1 or (y, 2) not in counts)
