"""The firm's sales, line by line: a CSV file or a workbook, with its own headings.

Headings are found by their usual English and Chinese names (:func:`spellings`), or as the study's
``[ledger.columns]`` and ``--column`` say. Credit notes are lines with a negative quantity and
amount and are kept. A line that stands there twice is kept and pointed out: it may be a second
carton or a second import, only the firm knows.
"""

import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources import ledger_checks as checks
from offing.sources.about import About
from offing.sources.archive import Given
from offing.sources.columns import kept, spelled
from offing.sources.headings import Column
from offing.sources.layout import (
    Layout,
    must_be_there,
    of_headings,
    refuse_years_across,
    with_marks,
    with_unit_of,
)
from offing.sources.ledger_line import (
    IMPORT,
    NO_CODE,
    SHOWN,
    SUMS,
    TEXTS,
    UnusableError,
    Ways,
    day_text,
    line,
    spelled_models,
)
from offing.sources.ledger_slips import second_tables, sums_apart
from offing.sources.numbers import read_currency
from offing.sources.rows import read_rows
from offing.sources.sheet_file import WORKBOOKS, headings, sheet_notes, tables
from offing.sources.staging import Staging
from offing.sources.stated_units import SIGNED, is_note
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, headings_said, say
from offing.terms.nearest import meant, nearest
from offing.terms.progress import tell
from offing.terms.tables import Sales

ABOUT = About(
    name="ledger",
    title="reference.ledger",
    tables=("sales",),
    publisher="sources.publisher_ledger",
    licence="sources.licence_ledger",
    page="",
)
OPTIONS = ("columns", "sheet", "currency", "dates")

REQUIRED = (("on", "month", "year"), ("market",), ("product",), ("quantity",), ("amount", "price"))
BY_MODEL = tuple(("product", "model") if either == ("product",) else either for either in REQUIRED)
"""What is needed where the models' codes are known."""


def layout_for(columns: Mapping[str, str], codes: Mapping[str, str] | None) -> Layout:
    """The layout of ledgers, with the headings that the user has named in place of ours.

    Raises:
        InputError: ``sources.unknown_column``.
    """
    required = REQUIRED if codes is None else BY_MODEL
    money, measured = frozenset({"amount"}), frozenset({"price", "quantity"})
    return Layout(kept("ledger_headings"), required, money, measured).with_headings(columns)


def _columns(file: Given, layout: Layout, named: Mapping[str, str]) -> dict[str, Column]:
    """Our name → the column in the file.

    Raises:
        InputError: ``reference.no_such_heading``, ``reference.no_ledger_column``,
            ``reference.two_heading_rows``,
            ``sources.years_across``.
    """
    header, where = headings(file), Where(file.shown)
    must_be_there(named, header, where)
    found = layout.columns(header, where)
    if missing := layout.missing(header):
        refuse_years_across(header, where)
        taken = {column.heading.text for column in found.values()}
        raise _no_column(missing[0][0], header, taken, layout, where)
    return found


def _no_column(
    column: str, header: Sequence[str], taken: Collection[str], layout: Layout, where: Where
) -> InputError:
    """What to say of a column that no heading is, with the free one that is nearest."""
    there = {spelled(heading): heading for heading in header if heading}
    free = {key: heading for key, heading in there.items() if heading not in taken}
    if column == "market":
        free = {key: heading for key, heading in free.items() if not PORT.search(heading)}
    options = list(layout.names[column])
    near = next((n for o in options if (n := nearest(o, free, 0.6))), None)
    over = [heading for heading, after in pairwise(header) if heading and not after]
    if near and free[near] in over:
        return InputError("reference.two_heading_rows", where=where, headings=enumerated(over))
    return InputError(
        "reference.no_ledger_column",
        where=where,
        column=column,
        called=say(f"ledger.name_{column}"),
        meant=say("errors.meant", name=free[near]) if near else "",
        header=headings_said(there.values()),
        spellings=_examples(options),
    )


def _examples(known: list[str]) -> str:
    """A few headings of each language."""
    english = [heading for heading in known if heading.isascii()]
    return enumerated([*english[:3], *[h for h in known if h not in english][:3]])


PORT = re.compile(r"港|\bport\b|城市|\bcity\b", re.IGNORECASE)
"""Headings of places that are no countries."""
PAYMENT = r"(?i)\d|天|\b(t/?t|l/?c|d/?[pa]|o/?a|net|days|prepaid|deposit)\b|信用证|电汇|预付|定金"
"""What stands under "terms" where every line says when it is paid, and none where it goes."""
BOUGHT = frozenset(("税额", "价税合计", "销方名称", "销售方名称", "供货方"))
"""Headings of suppliers' invoices (进项发票)."""


def sales(
    paths: list[Path],
    staging: Staging,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    currency: str | None = None,
    dates: cells.DayOrder | None = None,
    codes: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The good lines of ledgers in the columns of ``Sales``, in the order of the files.

    Args:
        paths: the ledgers.
        staging: takes the lines quarantined, and the notes.
        columns: our name → the ledger's heading, for headings that are not found by themselves.
        sheet: the sheet of a workbook, or ``all``.
        currency: of every line, where the ledger does not say it.
        dates: which part of 03/05/2024 is the day.
        codes: name of a model (see :func:`spelled_model`) → its HS code, where a study says it.
            Then a ledger needs no codes of its own; a line of another model has none.

    Raises:
        InputError: a column is missing (``reference.no_ledger_column``), a mapped one does not
            exist, no line says its currency (``reference.no_currency``), or the order of day and
            month is not known.
    """
    if dates not in (None, *get_args(cells.DayOrder)):
        orders = enumerated(get_args(cells.DayOrder))
        raise InputError("reference.unknown_day_order", text=dates, known=orders)
    layout = layout_for(columns or {}, codes)
    asked = _Asked(columns or {}, currency, dates, codes)

    def belongs(line: Sequence[str]) -> bool:
        return len(layout.missing(line)) <= 2

    def known(name: str) -> bool:
        """Whether a column tells the sale; an invoice's number or a buyer is hidden harmlessly."""
        ours = {*layout.columns([name], Where(paths[0]))} - {"invoice", "buyer"}
        return name in asked.columns.values() or bool(ours)

    def sells(line: Sequence[str]) -> bool:
        """Not a sheet of what was bought, which has its tax beside it."""
        return belongs(line) and BOUGHT.isdisjoint(map(spelled, filter(None, line)))

    for path in paths:
        if path.is_file():
            staging.notes += sheet_notes(path, sheet, sells, known, "reference.caution_sheets")
    parts = {
        (file.shown, file.sheet): _sales(file, staging, layout, asked)
        for file in tables(paths, staging, sheet=sheet, heading=belongs, as_seen=True)
    }
    return _together(parts, staging, coded=codes is not None)


def _together(
    parts: Mapping[tuple[str, str], pl.DataFrame], staging: Staging, *, coded: bool
) -> pl.DataFrame:
    """The lines of all files and sheets: (file, sheet) → its lines; ``coded`` by a study."""
    for key, count, named in checks.odd_sheets({s: p for (_, s), p in parts.items() if s}):
        staging.note(key, count=count, sheets=named)
    files = (part.with_columns(file=pl.lit(shown)) for (shown, _), part in parts.items())
    lines = pl.concat(files)
    if again := checks.in_several_files(lines):
        staging.note("reference.lines_in_files", count=again[0], files=again[1])
    lines = lines if coded else _with_own_codes(lines, staging)
    if len(parts) > 1:
        of_file = dict(lines.group_by("file").len().iter_rows())
        staging.sheets = {sheet: of_file.get(shown, 0) for shown, sheet in parts if sheet}
    return lines.drop("file")


def _with_own_codes(lines: pl.DataFrame, staging: Staging) -> pl.DataFrame:
    """A line without a code has the one that its model's other lines have; else it is put aside."""
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
        staging.note("reference.code_of_model", count=count)
    filled = filled.with_columns(product=pl.coalesce("product", "own")).drop("own")
    without = filled.filter(pl.col("product").is_null())
    if without.height:
        shown = pl.concat_str(pl.col("on", *SHOWN).cast(pl.String).fill_null(""), separator=",")
        staging.reject(without.select("file", "row", reason=pl.lit(NO_CODE), text=shown))
    return filled.filter(pl.col("product").is_not_null())


@dataclass(frozen=True)
class _Asked:
    """What :func:`sales` was told of every ledger."""

    columns: Mapping[str, str]
    currency: str | None
    dates: cells.DayOrder | None
    codes: Mapping[str, str] | None


def _usual(columns: Mapping[str, Column], currency: str | None, where: Where) -> str | None:
    """The currency of lines that name none: the user's, or that of the heading; never two."""
    headings = [columns[name].heading for name in ("amount", "price") if name in columns]
    if currency is None:
        return headings[0].currency if headings else None
    usual = read_currency(currency)
    if usual is None:
        raise InputError("currencies.unknown", text=currency, near="")
    for heading in headings:
        if heading.currency not in (None, usual):
            names = {"heading": heading.text, "asked": usual}
            raise InputError("reference.currency_against", where=where, **names)
    return usual


def _sales(file: Given, staging: Staging, layout: Layout, said: _Asked) -> pl.DataFrame:
    columns = _columns(file, layout, said.columns)
    asked = _headings_asked(columns)
    read = read_rows(file, asked, list(columns), staging)
    raw, words = _without_words(read.rows, list(columns))
    staging.skip("reference.words_line", len(words))
    columns, stated = with_unit_of([file.titles, *words.values()], columns, layout)
    said_of_headings = (*of_headings(headings(file), columns, {}, layout), *stated)
    staging.notes += said_of_headings
    usual = _usual(columns, said.currency, Where(file.shown))
    columns = with_marks(
        columns,
        {name: raw.select("row", name).rows() for name in columns},
        layout,
        Where(file.shown),
        None if file.name.lower().endswith(WORKBOOKS) else read.delimiter,
    )
    days = raw["on"].drop_nulls().to_list()
    order = said.dates or cells.order_of_days(list(dict.fromkeys(days)))
    _note_days_against(days, said.dates, staging)
    _note_in_vain(said.currency and usual, raw, columns, staging)
    ways = Ways(columns, order, usual, said.codes)
    if "currency" not in columns and usual is None:
        _must_say_currency(raw, ways, Where(file.shown))
    lines, reasons, sums = _lines(raw, ways, staging)
    if beside := checks.sums_beside(raw, reasons, read):
        staging.skip(SUMS, len(beside))
        reasons = {row: key for row, key in reasons.items() if row not in beside}
    if apart := sums_apart(raw, {*sums, *beside}, columns, ways.figure):
        staging.note("sources.caution_sum_apart", **apart)
    if reasons:
        reason = pl.col("row").replace_strict(reasons, default=None, return_dtype=pl.String)
        read.quarantine(raw, {key: reason == key for key in sorted(set(reasons.values()))})
    schema = {**Sales.create_empty().schema, "by_price": pl.Decimal(38, 4)}
    frame = _of_first_days(pl.DataFrame(lines, schema=schema), staging)
    _note_spans(frame, raw, staging)
    _notes(frame, raw, columns, staging, file.sheet)
    return frame.drop("by_price")


def _headings_asked(columns: Mapping[str, Column]) -> dict[str, list[str]]:
    """Our names of columns, with the headings that are read for them."""
    found = {name: [spelled(column.heading.text)] for name, column in columns.items()}
    tables = kept("firm_tables")
    taken = {heading for names in found.values() for heading in names}
    words = {ours: map(spelled, tables[of]["names"]) for ours, of in checks.BESIDE.items()}
    beside = {ours: [name for name in names if name not in taken] for ours, names in words.items()}
    none: dict[str, list[str]] = {name: [] for name in kept("ledger_headings")}
    return none | found | beside


def _note_in_vain(
    asked: str | None, raw: pl.DataFrame, columns: Mapping[str, Column], staging: Staging
) -> None:
    """Say that every line names another currency than the user does."""
    if not asked or "currency" not in columns:
        return
    if asked not in {read_currency(text) if text else asked for text in raw["currency"].unique()}:
        staging.note("reference.currency_in_vain", currency=asked)


def _note_days_against(days: Sequence[str], order: cells.DayOrder | None, staging: Staging) -> None:
    """Say which days cannot be in the order that the user has said."""
    other = {day for day in {*days} if order and cells.order_of_days([day]) not in (None, order)}
    if against := [day for day in days if day in other]:
        staging.note("reference.days_against", count=len(against), day=against[0])


def _without_words(
    raw: pl.DataFrame, names: Sequence[str]
) -> tuple[pl.DataFrame, dict[int, list[str]]]:
    """The rows without lines of words below the table, and these with their words."""
    one = pl.sum_horizontal(pl.col(name).is_not_null() for name in names) == 1
    signed = pl.all_horizontal(
        pl.col(name).is_null() | pl.col(name).str.contains(f"^{SIGNED.pattern}") for name in names
    )
    words = {
        row["row"]: [row[name] for name in names if row[name]]
        for row in raw.filter(one | signed).iter_rows(named=True)
    }
    words = {row: said for row, said in words.items() if is_note(said)}
    return raw.filter(~pl.col("row").is_in(list(words))), words


def _must_say_currency(raw: pl.DataFrame, ways: Ways, where: Where) -> None:
    """Refuse a ledger whose first amount has no currency beside it, or a sign of several."""
    first = next((row for row in raw.head(50).iter_rows(named=True) if row["amount"]), None)
    stated = ways.figure(first, "amount") if first else None
    if stated is not None and stated.sign is not None:
        raise InputError("reference.bare_sign", where=where, sign=stated.sign)
    if stated is None or stated.currency is None:
        raise InputError("reference.no_currency", where=where)


def _lines(
    raw: pl.DataFrame, ways: Ways, staging: Staging
) -> tuple[list[dict[str, Any]], dict[int, str], set[int]]:
    """The lines that can be used, the reasons of the other rows, and the rows of sums."""
    lines: list[dict[str, Any]] = []
    reasons: dict[int, str] = {}
    sums: set[int] = set()
    marked = raw.with_columns(sums=cells.may_be_total(*cells.OF_TOTALS))
    for number, row in enumerate(marked.iter_rows(named=True)):
        if number and number % TOLD == 0:
            done = {"done": f"{number:,}", "all": f"{raw.height:,}"}
            tell(say("ledger.doing", **done), number / raw.height)
        try:
            lines.append(line(row, ways))
        except UnusableError as error:
            is_sum = _is_sum(row)
            if is_sum or str(error) in (SUMS, IMPORT):
                staging.skip(SUMS if is_sum else str(error), 1)
                sums.update([row["row"]] if str(error) != IMPORT else [])
            elif _heads(row, ways.columns):
                staging.skip("reference.heading_line", 1)
            else:
                reasons[row["row"]] = str(error)
    return lines, reasons, sums


TOLD = 5000
"""Lines after which it is said how far the reading is."""


def _is_sum(row: Mapping[str, Any]) -> bool:
    """Whether a row that cannot be used has a word of sums, or SAP's mark of them."""
    total = cells.is_total(row[name] for name in ("on", "year", "month", *TEXTS))
    return total or set(row["on"] or "") == {"*"}


def _heads(row: Mapping[str, Any], columns: Mapping[str, Column]) -> bool:
    """Whether a row has the headings again, as each page of a printed table does."""
    return all(spelled(row[n] or "") == spelled(c.heading.text) for n, c in columns.items())


MONTHS_OF_FIRSTS = 6
"""Months whose first day alone all lines have: they stand for months, as data frames write them."""


def _of_first_days(frame: pl.DataFrame, staging: Staging) -> pl.DataFrame:
    """The lines on the last day of their month, where all are on the first day of one."""
    on = pl.col("on")
    if frame.filter(on.dt.day() > 1).height or frame["on"].n_unique() < MONTHS_OF_FIRSTS:
        return frame
    staging.note("reference.first_days", count=frame.height)
    return frame.with_columns(on.dt.month_end())


def _note_spans(frame: pl.DataFrame, raw: pl.DataFrame, staging: Staging) -> None:
    """Say how many of the good rows stand for a whole month or year, and which count twice."""
    good = raw.join(frame.select("row"), on="row", how="semi")
    spans: dict[str, list[int]] = {}
    days: dict[date, list[int]] = {}
    for row in good.group_by("on", "year", "month").agg("row").iter_rows(named=True):
        if span := cells.last_day(day_text(row)):
            spans.setdefault(span[1], []).extend(row["row"])
            days.setdefault(span[0], []).extend(row["row"])
    for kind, rows in sorted(spans.items()):
        staging.note(f"reference.whole_{kind}s", count=len(rows))
    if any(note.key == "reference.first_days" for note in staging.notes):
        days = dict(frame.group_by("on").agg("row").iter_rows())
    if twice := checks.years_with_parts(frame, spans.get("year", [])):
        staging.note("reference.years_and_parts", count=len(twice), rows=_first_of(twice))
    words = good.select(name for name in good.columns if name not in checks.FIGURES)
    for day, again in checks.told_twice(words, days).items():
        month = f"{day:%Y}" if "year" in spans else f"{day:%Y-%m}"
        staging.note("reference.told_twice", count=len(again), time=month, rows=_first_of(again))


def _first_of(rows: Sequence[object]) -> str:
    """The first of some rows, as a sentence names them."""
    return enumerated(rows[:5]) + ("…" if len(rows) > 5 else "")


def _counted_in_cells(raw: pl.DataFrame, column: Column) -> bool:
    """Whether quantities say their unit though no column of units does."""
    return bool(column.heading.unit or raw["quantity"].str.contains(r"\pL").any())


def _notes(
    frame: pl.DataFrame,
    raw: pl.DataFrame,
    columns: Mapping[str, Column],
    staging: Staging,
    sheet: str = "",
) -> None:
    """Point out what a careful person would ask about; rows of one of several ``sheet``s say it."""
    if again := second_tables(raw, columns):
        staging.note("reference.second_table", count=len(again), rows=_first_of(again))
    place = f"{sheet}!" if sheet else ""
    if "unit" not in columns and not _counted_in_cells(raw, columns["quantity"]):
        staging.note("reference.no_unit_column")
    unread = frame.filter(pl.col("incoterm").is_null())["row"]
    said = raw.filter(pl.col("row").is_in(unread.to_list()) & pl.col("incoterm").is_not_null())
    paid = said.filter(pl.col("incoterm").str.contains(PAYMENT)).height == frame.height
    if said.height and not paid:
        staging.note("reference.unread_incoterms", count=said.height, row=said["row"][0])
    for key, rows, values in checks.odd_lines(frame, raw):
        shown = _first_of([f"{place}{row}" for row in rows])
        staging.note(f"reference.{key}", count=len(rows), rows=shown, **values)


def read(paths: list[Path], staging: Staging, **options: Any) -> None:
    """Read ledgers into ``sales``; the options are those of :func:`sales`."""
    rows = sales(paths, staging, **options)
    if rows.height:
        staging.frame("sales", rows)


@dataclass(frozen=True)
class Lines:
    """The lines of a ledger, what was put aside of it, and what it should be asked.

    ``quarantined`` is (reason as a message key, lines, first row); ``skipped`` are rows that are no
    sales and no error, such as those of sums: reason → rows.
    """

    sales: pl.DataFrame
    quarantined: tuple[tuple[str, int, int], ...]
    notes: tuple[Caution, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)

    def _whole(self, *keys: str) -> int:
        return sum(int(str(n.values.get("count", 0))) for n in self.notes if n.key in keys)

    @property
    def of_months(self) -> int:
        """How many lines stand for their month."""
        return self._whole("reference.whole_months", "reference.first_days")

    @property
    def covers(self) -> tuple[date, date] | None:
        """The first and the last day, where every line stands for its whole month or year.

        ``None`` where some stand for a day: then those of the lines are all that is known.
        """
        whole = self._whole("reference.whole_years"), self.of_months
        if not self.sales.height or sum(whole) < self.sales.height:
            return None
        first, last = self.sales["on"].min(), self.sales["on"].max()
        assert isinstance(first, date)
        assert isinstance(last, date)
        return first.replace(day=1, month=1 if whole[0] else first.month), last


def read_ledger(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    currency: str | None = None,
    dates: cells.DayOrder | None = None,
    codes: Mapping[str, str] | None = None,
) -> Lines:
    """The good lines of a CSV or XLSX ledger in the ``Sales`` columns; see :func:`sales`.

    Raises:
        InputError: ``reference.no_ledger_file``, a column that is missing, or no good line at all.
    """
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        near = meant(path.name, beside)
        raise InputError("reference.no_ledger_file", where=Where(path), path=path, near=near)
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        staging = Staging(Path(folder))
        good = sales(
            [path],
            staging,
            columns=columns,
            sheet=sheet,
            currency=currency,
            dates=dates,
            codes=codes,
        )
        quarantined = (
            staging.quarantine()
            .group_by("reason")
            .agg(pl.len().alias("lines"), pl.col("row").min())
            .sort("row", "reason")
        )
    if good.is_empty() and quarantined.height:
        reasons = enumerated(say(key) for key in quarantined["reason"])
        raise InputError("reference.no_good_lines", where=Where(path), reasons=reasons)
    return Lines(
        good,
        tuple(quarantined.select("reason", "lines", "row").rows()),
        tuple(staging.notes),
        dict(staging.skipped),
    )
