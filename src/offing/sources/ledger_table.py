"""One table of a ledger: its columns and lines, the rows that cannot be used, what to ask of it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any, get_args

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources import ledger_checks as checks
from offing.sources.headings import NO_AMOUNT, FileColumn, heading_data, normalise_heading, said_by
from offing.sources.layout import (
    TWO_MONEYS,
    TableLayout,
    add_decimal_marks,
    apply_units_around,
    heading_cautions,
    headings_of,
    must_be_there,
    other_moneys,
    refuse_years_across,
)
from offing.sources.ledger_checks import countries_said, firms_said, shipper_column
from offing.sources.ledger_line import IMPORT, SUMS, TAKEN_BACK, TEXTS, RowParser, day_text, line
from offing.sources.ledger_shorthand import (
    CompletedRows,
    counts_items,
    is_declared,
    named_month,
    names_no_unit,
    read_periods,
)
from offing.sources.ledger_sums import ROUNDED, lines_of_others
from offing.sources.numbers import read_currency
from offing.sources.sheet_file import FirmSheet
from offing.sources.staging import RejectedRow
from offing.terms.background import tell
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where, unknown_name
from offing.terms.limits import LONGEST_CELL
from offing.terms.messages import headings_said, join_list, nearest, say
from offing.terms.tables import Sales

DAYS = ("on", "month", "year")
REQUIRED = (DAYS, ("market",), ("product",), ("quantity",), ("amount", "price"))
BY_MODEL = tuple(("product", "model") if either == ("product",) else either for either in REQUIRED)
"""What is needed where the models' codes are known."""
PORT = re.compile(r"港|\bport\b|城市|\bcity\b", re.IGNORECASE)
"""Headings of places that are no countries."""
PAYMENT = r"(?i)\d|天|\b(t/?t|l/?c|d/?[pa]|o/?a|net|days|prepaid|deposit)\b|信用证|电汇|预付|定金"
"""What stands under "terms" where every line says when it is paid, and none where it goes."""
BOUGHT = frozenset(("税额", "价税合计", "销方名称", "销售方名称", "供货方"))
"""Headings of suppliers' invoices (进项发票)."""
MONTHS_OF_FIRSTS = 6
"""Months whose first day alone all lines have: they stand for months, as data frames write them."""
LONGEST_UNIT = 6
"""Letters of a unit that we do not know; who declared the goods has more."""
NO_DAY = ("reference.bad_date", "reference.ambiguous_date")
NOT_KNOWN = {
    ("reference.unknown_country", "market"): "reference.unknown_countries",
    ("reference.unknown_currency", "currency"): "reference.unknown_currencies",
}
"""Why a line is rejected, and the column that has the words → the caution that shows them."""
TOLD = 5000
"""Lines after which it is said how far the reading is."""


@dataclass(frozen=True)
class LedgerOptions:
    """What was said of a ledger.

    Attributes:
        columns: our name → the ledger's heading, for headings that are not found by themselves.
        sheet: the sheet of a workbook, or ``all``.
        currency: of every line, where the ledger does not say it.
        dates: which part of 03/05/2024 is the day.
        period: that days without a year are of: 2025-11 to 2026-10, or 2026.
        codes: name of a model (see :func:`spelled_model`) → its HS code, where a study says it.
            Then a ledger needs no codes of its own; a line of another model has none.
        uncounted: whether a line without a quantity counts with its value, as in statistics; its
            quantity is 0. In a firm's ledger it is rejected. Amounts may be called 累计 there.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    currency: str | None = None
    dates: cells.DayOrder | None = None
    period: str | None = None
    codes: Mapping[str, str] | None = None
    uncounted: bool = False

    def __post_init__(self) -> None:
        """Refuse an order of days, or a period, that is none.

        Raises:
            InputError: ``errors.unknown_name``, ``reference.no_period``.
        """
        if self.period and not read_periods(self.period):
            raise InputError("reference.no_period", text=self.period)
        if self.dates not in (None, *get_args(cells.DayOrder)):
            raise unknown_name(self.dates, get_args(cells.DayOrder))

    @cached_property
    def layout(self) -> TableLayout:
        """The layout of ledgers, with the headings that the user has named in place of ours.

        Raises:
            InputError: ``errors.unknown_name``.
        """
        required = REQUIRED if self.codes is None else BY_MODEL
        names = heading_data("ledger_headings")
        if self.uncounted:
            required = tuple(group for group in required if group != ("quantity",))
            names = {
                **names,
                "amount": [f"{of}{n}" for of in ("", "本月", "累计") for n in names["amount"]],
            }
        money, measured = frozenset({"amount"}), frozenset({"price", "quantity"})
        return TableLayout(names, required, money, measured).use_headings(self.columns or {})

    def sells(self, line: Sequence[str]) -> bool:
        """Whether a line is the headings of sales, and not of what was bought, with its tax."""
        missing = len(self.layout.missing(line))
        return missing <= 2 and BOUGHT.isdisjoint(map(normalise_heading, filter(None, line)))


class LedgerTable:
    """One table of a ledger, as far as it is read."""

    def __init__(self, shown: str, sheet: FirmSheet, options: LedgerOptions, name: str) -> None:
        self.where, self.layout = Where(shown), options.layout
        self.sheet = split_columns(join_heading_rows(sheet, self.layout), self.layout)
        self.shown, self.options, self.name = shown, options, name
        self.columns: dict[str, FileColumn] = {}
        self.order = options.dates
        self.sales = pl.DataFrame(schema=_SCHEMA)
        self.rejected: list[RejectedRow] = []
        self.lost = 0.0
        self.notes: list[Caution] = []
        self.skipped: Counter[str] = Counter()
        self.spans: Counter[str] = Counter()
        self.trouble: InputError | None = None
        self.yearless: set[int] = set()
        try:
            self._find_columns()
            self._read(self._rows())
        except InputError as error:
            self.trouble = error

    def _find_columns(self) -> None:
        """Our columns, with the units that are stated around the table.

        Raises:
            InputError: ``reference.no_such_heading``, ``reference.no_ledger_column``,
                ``sources.years_across``.
        """
        header, layout = self.sheet.header, self.layout
        must_be_there(self.options.columns, header, self.where)
        self.columns = found = self._find_by_heading(header)
        self.columns, stated = self._apply_units(found)
        ours = {c.heading.text for n, c in found.items() if n not in ("invoice", "buyer")}
        named = {*self.options.columns.values()}
        self.notes += self.sheet.notes({*ours, *named}.__contains__, "reference.caution_sheets")
        if self.missing:
            refuse_years_across(header, self.where)
            missing = [group[0] for group in self.missing]
            raise _no_column(missing, header, found, layout, self.where)
        self.notes += (*heading_cautions(header, self.columns, {}, layout), *stated)

    def _apply_units(
        self, found: Mapping[str, FileColumn]
    ) -> tuple[dict[str, FileColumn], list[Caution]]:
        return apply_units_around(self.sheet.around, found, self.layout, self.where)

    def _find_by_heading(self, header: list[str]) -> dict[str, FileColumn]:
        """The columns by their headings, but for those whose cells are something else."""
        layout, body = self.layout, list(self.sheet.body.values())
        found = layout.columns(header, self.where)
        while wrong := self._wrong_column(header, found, body):
            header = _without(header, wrong)
            found = layout.columns(header, self.where)
        if (own := self._unit_of_quantity(header, found)) is not None:
            found["unit"] = own
        if "model" not in found and "product" in found:
            found = self._names_beside_codes(header, found["product"].at)
        return found

    def _wrong_column(
        self, header: list[str], found: Mapping[str, FileColumn], body: Sequence[Sequence[str]]
    ) -> FileColumn | None:
        """A column that its heading calls model or unit, and its cells do not; or an empty one."""
        free = {name: column for name, column in found.items() if name not in self.options.columns}
        cells_ = {name: [row[column.at] for row in body] for name, column in found.items()}
        if "model" in free and counts_items(cells_["model"], cells_.get("invoice", [])):
            return found["model"]
        if "unit" in free and names_no_unit(cells_["unit"]):
            others = self.layout.columns(_without(header, found["unit"]), self.where)
            if "unit" in others or max(map(len, cells_["unit"]), default=0) > LONGEST_UNIT:
                return found["unit"]
        return self._empty_column(header, {n: c for n, c in free.items() if not any(cells_[n])})

    def _empty_column(
        self, header: list[str], empty: Mapping[str, FileColumn]
    ) -> FileColumn | None:
        """A column without a cell in the place of another one that its name would fit."""
        for name, column in empty.items():
            if name in self.layout.columns(_without(header, column), self.where):
                return column
        return None

    def _unit_of_quantity(
        self, header: list[str], found: Mapping[str, FileColumn]
    ) -> FileColumn | None:
        """The unit of the same kind as the quantity: 申报单位 beside 申报数量, not 第一计量单位."""
        kind = found["quantity"].heading.text[:2] if "quantity" in found else ""
        for at, cell in enumerate(header) if kind and "unit" not in self.options.columns else ():
            own = self.layout.columns([cell], self.where).get("unit")
            filled = [row[at] for row in self.sheet.body.values()] if own else []
            if own and cell.startswith(kind) and not cell.isascii() and not names_no_unit(filled):
                return replace(own, at=at)
        return None

    def _names_beside_codes(self, header: list[str], codes: int) -> dict[str, FileColumn]:
        """The columns, where a second one of products has the names of what the first has codes."""
        free = (cell for at, cell in enumerate(header) if at != codes)
        named = [("model", cell) for cell in free if normalise_heading(cell) == "product"]
        return self.layout.use_headings(dict(named)).columns(header, self.where)

    def _rows(self) -> pl.DataFrame:
        """The rows that are wholly there, by our names of columns, as they stand.

        Raises:
            InputError: ``sources.no_rows``.
        """
        sheet, places = self.sheet, self._places()
        width = sheet.width if sheet.delimiter is None else len(sheet.header)
        names = [*heading_data("ledger_headings"), *checks.BESIDE, "shipper"]
        blank, whole = {**dict.fromkeys(names), "on": self.month or None}, list[dict[str, Any]]()
        for row, line_ in sheet.body.items():
            if row in self.countries:
                continue
            if row in sheet.short or any(line_[width:]):
                self._reject(row, "sources.wrong_width")
            elif any(len(line_[at]) > LONGEST_CELL for at in places.values()):
                self._reject(row, "sources.long_cell_row")
            else:
                cells_ = {name: line_[at] or None for name, at in places.items()}
                whole.append({"row": row, **blank, **cells_})
        if not sheet.body:
            raise InputError("sources.no_rows", where=self.where)
        self._join_amounts(whole)
        self._complete(whole)
        return pl.DataFrame(whole, {"row": pl.Int64, **dict.fromkeys(names, pl.String)})

    def _join_amounts(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write amounts of a second currency into the column read, where no row has both."""
        body, taken = self.sheet.body, self.columns.get("amount")
        seconds = other_moneys(self.sheet.header, self.columns, self.layout)
        if taken is None or len(seconds) != 1:
            return
        at, currency = seconds[0].at, seconds[0].heading.currency
        if any(cells_[at] and cells_[taken.at] for cells_ in body.values()):
            return
        if (
            self._apply_units({"amount": seconds[0]})[0]["amount"].heading.scale
            != taken.heading.scale
        ):
            return
        self.notes = [note for note in self.notes if note.key != TWO_MONEYS]
        for row in rows:
            if second := body[row["row"]][at]:
                row["amount"] = f"{second} {currency}"

    def _complete(self, whole: list[dict[str, Any]]) -> None:
        """Write into the rows what they leave out since another place says it."""
        sheet = self.sheet
        if self.month:
            return
        full = cells.add_centuries(row["on"] for row in whole)
        for row in whole:
            row["on"] = full.get(row["on"], row["on"])
        titles = [cell for line_ in sheet.around for cell in line_ if cell]
        stem = re.sub(r"-[0-9a-f]{12}$", "", Path(self.shown.partition(" · ")[0]).stem)
        declared = is_declared(sheet.header)
        completed = CompletedRows(
            whole, (*titles, sheet.name, stem), sheet.name, self.options.dates,
            numbers=sheet.delimiter is None, declared=declared, period=self.options.period,
        )  # fmt: skip
        self.notes, self.yearless = [*self.notes, *completed.notes], completed.yearless
        self._add_firms(whole, declared=declared)

    def _add_firms(self, rows: list[dict[str, Any]], *, declared: bool) -> None:
        """Whose goods each row is and where they go, where a line above says so and no column."""
        firms = firms_said(self.sheet, declared=declared)
        for name, said in (("shipper", firms), ("market", self.countries)):
            for row in rows if said else ():
                above = [what for at, what in sorted(said.items()) if at <= row["row"]]
                row[name] = row[name] or (above[-1] if above else None)
        if self.countries:
            names = join_list(filter(None, self.countries.values()), 5)
            note = Caution("reference.country_of_above", {"count": len(rows), "names": names})
            self.notes.append(note)

    @property
    def month(self) -> str:
        """The month or year that the sheet's name says for all lines, where no column has days."""
        dated = any(name in self.columns for name in DAYS)
        return "" if dated or cells.last_day(self.sheet.name) is None else self.sheet.name

    @property
    def missing(self) -> list[Sequence[str]]:
        """The groups of needed columns of which the table has none."""
        groups = [group for group in self.layout.needed if not set(group) & set(self.columns)]
        said = {"market"} if self.countries else {*()}
        said |= {*DAYS} if self.month or named_month(self.sheet.name) else {*()}
        return [group for group in groups if not said & {*group}]

    @cached_property
    def countries(self) -> dict[int, str]:
        """Row → the country that it, or the sheet's name, says of the lines below."""
        return {} if "market" in self.columns else countries_said(self.sheet)

    def _places(self) -> dict[str, int]:
        """Our name of a column → its place, with the columns of words beside them."""
        places = {name: column.at for name, column in self.columns.items()}
        taken = {*places.values()}
        free = {
            normalise_heading(cell): at
            for at, cell in enumerate(self.sheet.header)
            if at not in taken
        }
        for name, table in checks.BESIDE.items():
            there = [at for word, at in free.items() if word in headings_of(table)]
            places |= {name: min(there)} if there else {}
        header, body = self.sheet.header, self.sheet.body
        shipper = shipper_column(header, body, taken, declared=is_declared(header))
        return places if shipper is None else {**places, "shipper": shipper}

    def _reject(self, row: int, reason: str) -> None:
        cells_ = (self.sheet.delimiter or ",").join(self.sheet.lines[row])
        self.rejected.append(RejectedRow(self.shown, row, reason, cells_))

    def _read(self, raw: pl.DataFrame) -> None:
        """The lines that can be used, and what to ask of them.

        Raises:
            InputError: no line says its currency (``reference.no_currency``), or a decimal mark
                can be read in two ways.
        """
        asked, columns = self.options, self.columns
        days = raw["on"].drop_nulls().to_list()
        self.order = asked.dates or cells.order_of_days(list(dict.fromkeys(days)))
        usual = _usual_currency(columns, asked.currency, self.where)
        cells_of = {name: raw.select("row", name).rows() for name in columns}
        columns = add_decimal_marks(
            columns, cells_of, self.layout, self.where, self.sheet.delimiter
        )
        self.columns = columns
        ways = RowParser(columns, self.order, usual, asked.codes, asked.uncounted)
        if "currency" not in columns and usual is None:
            _must_say_currency(raw, ways, self.where)
        frame = pl.DataFrame(list(self._lines(raw, ways)), schema=_SCHEMA)
        self.sales = self._move_to_month_end(self._leave_out_sums(frame, raw))
        self._count_spans(raw)
        self._note_columns(raw)
        name = self.name
        self.notes += checks.LEDGER_CHECKS.findings(checks.LedgerLines(self.sales, raw, name))

    def _lines(self, raw: pl.DataFrame, ways: RowParser) -> Iterable[dict[str, Any]]:
        for number, row in enumerate(raw.iter_rows(named=True)):
            if number and number % TOLD == 0:
                done = {"done": f"{number:,}", "all": f"{raw.height:,}"}
                tell(say("ledger.doing", **done), number / raw.height)
            try:
                yield line(row, ways)
            except InputError as error:
                is_sum = _is_sum(row, self.sheet.lines[row["row"]])
                if is_sum or error.key in (SUMS, IMPORT, TAKEN_BACK):
                    self.skipped[SUMS if is_sum else error.key] += 1
                else:
                    self._reject(row["row"], self._reason(row["row"], error.key))
                    lost = ways.figure(row, "amount")
                    self.lost += float(lost.value) if lost else 0.0

    def _leave_out_sums(self, frame: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
        """The lines without those that count others again; a firm's own are only pointed out."""
        days = raw.group_by("on", "year", "month").agg("row").rows(named=True)
        spans = ((cells.last_day(day_text(day)), day["row"]) for day in days)
        years = [row for span, rows in spans if span and span[1] == "year" for row in rows]
        taken = {column.at for column in self.columns.values()}
        free = [at for at in range(len(self.sheet.header)) if at not in taken]
        texts = {f"of {at}": [self.sheet.lines[row][at] for row in frame["row"]] for at in free}
        labels = pl.DataFrame(texts, dict.fromkeys(texts, pl.String))
        for reason, found in lines_of_others(frame, labels, years):
            key = "reference.counted_again"
            if self.options.uncounted:
                self.skipped[reason] += found.height
                frame = frame.join(found, on="row", how="anti")
                key = "reference.sums_of_more"
                found = found.filter(pl.col("amount") > pl.col("parts") * (1 + ROUNDED))
            for said in checks.LedgerLines(frame, raw, self.name).values(found["row"].to_list()):
                self.notes.append(Caution(key, said))
        return frame

    def _reason(self, row: int, said: str) -> str:
        """Why a row cannot be used, where more is known than what its cells say."""
        if any((row, column.at) in self.sheet.look.valueless for column in self.columns.values()):
            return "reference.not_computed"
        return "reference.which_year" if row in self.yearless and said in NO_DAY else said

    def _move_to_month_end(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The lines on the last day of their month, where all are on the first day of one."""
        on = pl.col("on")
        if frame.filter(on.dt.day() > 1).height or frame["on"].n_unique() < MONTHS_OF_FIRSTS:
            return frame
        self.spans["reference.first_days"] += frame.height
        return frame.with_columns(on.dt.month_end())

    def _count_spans(self, raw: pl.DataFrame) -> None:
        """Count the lines that stand for a whole month or year."""
        good = raw.join(self.sales.select("row"), on="row", how="semi")
        for row in good.group_by("on", "year", "month").len().iter_rows(named=True):
            if span := cells.last_day(day_text(row)):
                self.spans[f"reference.whole_{span[1]}s"] += row["len"]

    def _note_columns(self, raw: pl.DataFrame) -> None:
        """Say that no column has units, and which price terms are none."""
        counted = self.columns.get("quantity")
        in_cells = counted and (counted.heading.unit or raw["quantity"].str.contains(r"\pL").any())
        if counted and "unit" not in self.columns and not in_cells:
            self.notes.append(Caution("reference.no_unit_column", {}))
        unread = self.sales.filter(pl.col("incoterm").is_null()).select("row")
        said = raw.drop_nulls("incoterm").join(unread, on="row", how="semi")
        paid = said.filter(pl.col("incoterm").str.contains(PAYMENT)).height == self.sales.height
        for (reason, column), key in NOT_KNOWN.items():
            lost = [one.row for one in self.rejected if one.reason == reason]
            found = raw.filter(pl.col("row").is_in(lost))[column].unique(maintain_order=True)
            if lost:
                self.notes.append(Caution(key, {"names": join_list(found, 5)}))
        if said.height and not paid:
            values = {"count": said.height, "row": int(said["row"][0])}
            self.notes.append(Caution("reference.unread_incoterms", values))


_BESIDE = {"by_price": pl.Decimal(38, 4), "shipper": pl.String(), "pieces": pl.Float64()}
_SCHEMA = {**Sales.create_empty().schema, **_BESIDE}
BESIDE_SALES = tuple(_BESIDE)
"""Columns of the lines that are no part of a sale."""


def join_heading_rows(sheet: FirmSheet, layout: TableLayout) -> FirmSheet:
    """The table with one row of headings, where groups stand over some: 原币 over 单价 and 金额.

    The lower row has no figures, and half of it is headings or units.
    """
    for row in (sheet.row, sheet.row - 1):
        above, below = sheet.lines.get(row, []), sheet.lines.get(row + 1, [])
        both = list(zip_longest(above, below, fillvalue=""))
        words = not any(re.search(r"[\d:：]", cell) for cell in (*above, *below))
        words &= row == sheet.row or any(over and not own for over, own in both)
        known = layout.keep_known(below), list(filter(said_by, below))
        if words and sum(map(len, known)) * 2 >= sum(map(bool, below)) > 1 < sum(map(bool, above)):
            joined = {**sheet.lines, row + 1: _merge_headings(both, layout)}
            del joined[row]
            return replace(sheet, lines=joined, row=row + 1)
    return sheet


def split_columns(sheet: FirmSheet, layout: TableLayout) -> FirmSheet:
    """The table with a column of several, 单价/总价/币制, as so many behind the others."""
    lines = sheet.lines
    for at, cell in enumerate(sheet.header):
        names = [] if layout.keep_known([cell]) else re.split(r"\s{0,3}/\s{0,3}", cell)
        named = layout.columns(names, Where()) if len(names) > 1 else {}
        parts = {row: re.split(r"[\s/]+", c[at]) for row, c in sheet.body.items() if c[at]}
        if len(named) == len(names) > 1 and {*map(len, parts.values())} == {len(names)}:
            parts |= {sheet.row: names}
            none = [""] * len(names)
            lines = {row: [*c, *parts.get(row, none)] for row, c in lines.items()}
            lines[sheet.row][at] = ""
    return sheet if lines is sheet.lines else replace(sheet, lines=lines)


def _merge_headings(both: Sequence[tuple[str, str]], layout: TableLayout) -> list[str]:
    """One heading a column: the group's with its own, its own alone where that tells more."""
    group, joined = "", list[str]()
    for over, own in both:
        group = over or (own and group)
        alone = own in layout.keep_known([own]) and [y for _, y in both].count(own) == 1
        known = next(iter(layout.keep_known([f"{group}{own}", own if alone else ""])), "")
        both_said = group and own and not layout.describes(own)  # 备注 below 金额 is none
        joined.append(known or (f"{group}({own})" if both_said else own or group))
    return joined


def _without(header: Sequence[str], column: FileColumn) -> list[str]:
    return [cell if at != column.at else "" for at, cell in enumerate(header)]


def _no_column(
    missing: Sequence[str],
    header: Sequence[str],
    found: Mapping[str, FileColumn],
    layout: TableLayout,
    where: Where,
) -> InputError:
    """What to say of columns that no heading is, with the free one that is nearest the first."""
    column = missing[0]
    taken = {column.heading.text for column in found.values()} | {*filter(NO_AMOUNT.search, header)}
    there = {normalise_heading(heading): heading for heading in header if heading}
    free = {key: heading for key, heading in there.items() if heading not in taken}
    way = ""
    if column == "market":
        way = say("ledger.way_market")
        free = {key: heading for key, heading in free.items() if not PORT.search(heading)}
    if column == "product" and "model" in found:
        way = say("ledger.way_product")
    if "quantity" in missing:
        way = say("ledger.way_quantity")
    options = list(layout.names[column])
    near = next((n for o in options if (n := nearest(o, free, 0.6))), None)
    return InputError(
        "reference.no_ledger_column",
        where=where,
        column=column,
        called=join_list(say(f"ledger.name_{name}") for name in missing),
        meant=say("errors.meant", name=free[near]) if near else "",
        header=headings_said(there.values()),
        spellings=_examples(options),
        way=way,
    )


def _examples(known: list[str]) -> str:
    """A few headings of each language."""
    english = [heading for heading in known if heading.isascii()]
    return join_list([*english[:3], *[h for h in known if h not in english][:3]])


def _usual_currency(
    columns: Mapping[str, FileColumn], currency: str | None, where: Where
) -> str | None:
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


def _must_say_currency(raw: pl.DataFrame, ways: RowParser, where: Where) -> None:
    """Refuse a ledger whose first amount has no currency beside it, or a sign of several."""
    first = next((row for row in raw.head(50).iter_rows(named=True) if row["amount"]), None)
    stated = ways.figure(first, "amount") if first else None
    if stated is not None and stated.sign is not None:
        raise InputError("reference.bare_sign", where=where, sign=stated.sign)
    if stated is None or stated.currency is None:
        raise InputError("reference.no_currency", where=where)


def _is_sum(row: Mapping[str, Any], whole: Sequence[str]) -> bool:
    """Whether a row that cannot be used has a word of sums, or SAP's mark of them.

    A word in a column that is not read counts where the row has no day, or neither country nor
    code: a sale whose remark has such a word (备注: 合计) and a slip elsewhere is none of them.
    """
    if cells.is_total(row[name] for name in ("on", "year", "month", *TEXTS)):
        return True
    without = not (row["on"] or row["year"] or row["month"]) or not (
        row["market"] or row["product"]
    )
    return {*next(filter(None, whole), "")} == {"*"} or (without and cells.is_total(whole))
