"""A table that a firm keeps: months, deals, declarations, invoices, receipts.

CSV or workbook, in any usual encoding, with titles above the headings and sums below or between the
rows. Its :mod:`offing.sources.layout` says what its columns are called and how they are written; a
:class:`Row` hands over one cell after another as amounts, shares, days and codes, exactly.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, TypeVar, get_type_hints

from offing.sources.headings import ColumnHeading, FileColumn
from offing.sources.layout import (
    TableLayout,
    add_decimal_marks,
    apply_units_around,
    heading_cautions,
    layout_of,
    must_be_there,
    rows_of_no_sale,
    scale_to_units,
)
from offing.sources.ledger_cells import any_date, is_total, market_of, read_code
from offing.sources.ledger_table import join_heading_rows
from offing.sources.numbers import Amount, read_amount, read_currency
from offing.sources.sheet_file import FirmSheet, firm_sheets
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.firm_records import Records, row_caution
from offing.terms.limits import must_have_short_cells
from offing.terms.messages import join_list, say
from offing.terms.money import SIMPLE, currency_code, is_sign_of, rate
from offing.terms.text import normal

R = TypeVar("R")
T = TypeVar("T")


Line = dict[str, Any]
"""A row of a table of :mod:`offing.terms.tables`, by its columns."""
TAX_RATES = ("levy_rate", "refund_rate", "invoice_rate", "rate")
"""Rates of value-added tax."""
_PLAIN = FileColumn(-1, ColumnHeading("", ""))


@dataclass(frozen=True)
class TableRow:
    """One row: our column names → cells, and → what the file says of the column.

    ``beyond`` is what stands in cells after the last column of the headings.
    """

    cells: Mapping[str, str]
    where: Where
    columns: Mapping[str, FileColumn] = field(default_factory=dict)
    currency: str | None = None
    beyond: str = ""

    def must_fit(self) -> None:
        """Refuse a row with more cells than the headings: a figure was split, and all moved.

        Raises:
            InputError: ``refund.too_many_cells``.
        """
        if self.beyond:
            raise InputError("refund.too_many_cells", where=self.where, beyond=self.beyond)

    def at(self, name: str) -> Where:
        """The place of a cell."""
        column = self.columns.get(name)
        return Where(self.where.file, self.where.row, column.heading.text if column else name)

    @property
    def read(self) -> str:
        """The row as a person finds it again: headings with their cells."""
        texts = ((self.at(name).column, cell) for name, cell in self.cells.items())
        return ", ".join(f"{heading}={cell}" for heading, cell in texts)

    def text(self, name: str) -> str:
        """A cell without blanks around it, empty where there is none."""
        cell = self.cells.get(name)
        return cell.strip() if cell else ""

    def name(self, name: str) -> str:
        """As :meth:`text`, without the signs by which a spreadsheet keeps or writes digits."""
        text = self.text(name).lstrip("'`\N{RIGHT SINGLE QUOTATION MARK}")
        return re.sub(r"(?<=\d)\.0$", "", text) if text[:1].isdigit() else text

    def amount(self, name: str) -> Decimal | None:
        """A number in units of one, ``None`` where the cell is empty.

        Raises:
            InputError: ``refund.bad_amount``, or ``sources.other_currency`` where the cell says
                another one than its column.
        """
        cell = self.cells.get(name)
        if not cell:
            return None
        column = self.columns.get(name, _PLAIN)
        scale, comma = column.heading.scale, column.comma
        if column.heading.sign:
            self._must_bear(column.heading.sign, name)
        if SIMPLE.fullmatch(cell) and not comma:
            return Decimal(cell) if scale == 1 else Decimal(cell) * scale
        if not cell.strip():
            return None
        read = read_amount(cell, comma)
        if read is None or (read.counted and scale != 1):
            key = "refund.not_computed" if cell.startswith("=") else "refund.bad_amount"
            raise InputError(key, where=self.at(name), text=cell)
        self._must_be_in(name, read, column.heading.currency)
        return read.value * scale

    def _must_be_in(self, name: str, read: Amount, heading: str | None) -> None:
        """Refuse money other than the heading's, else than the layout's and the row's own."""
        mine = self._money
        usual = heading or self.currency or mine
        if not read.is_in(usual) and (heading or not read.is_in(mine or usual)):
            where, said = self.at(name), usual or "\N{EM DASH}"
            text = self.text(name)
            raise InputError("sources.other_currency", where=where, text=text, usual=said)

    def _must_bear(self, sign: str, name: str) -> None:
        """Refuse a row whose own currency the bare sign of a heading cannot stand for."""
        if not is_sign_of(sign, self._money):
            where, usual = self.at(name), self._money or ""
            raise InputError("sources.other_currency", where=where, text=sign, usual=usual)

    @property
    def _money(self) -> str | None:
        """The currency that the row itself names."""
        return read_currency(text) if (text := self.text("currency")) else None

    def currency_of(self, name: str, read: Callable[..., str] = currency_code) -> str:
        """That of an amount: its heading's or the row's own; empty where neither says one.

        Args:
            name: of the amount.
            read: the row's own, whose error has the place.

        Raises:
            InputError: ``sources.other_currency`` where the two differ, ``currencies.unknown``.
        """
        column, text = self.columns.get(name), self.text("currency")
        of_heading = (column.heading.currency if column else None) or ""
        of_row = read(text, where=self.at("currency")) if text else ""
        if of_heading and of_row and of_heading != of_row:
            where = self.at(name)
            raise InputError("sources.other_currency", where=where, text=text, usual=of_heading)
        return of_heading or of_row

    def unsigned_amount(self, name: str) -> Decimal | None:
        """As :meth:`amount`, of an amount that cannot be below nought.

        Raises:
            InputError: ``refund.below_nought``.
        """
        value = self.amount(name)
        if value is not None and value < 0:
            raise InputError("refund.below_nought", where=self.at(name), text=self.text(name))
        return value

    def money(self, name: str) -> Decimal:
        """As :meth:`amount`, zero where the cell is empty."""
        return self.amount(name) or Decimal(0)

    def figure(self, name: str, reason: str) -> float | None:
        """As :meth:`amount`; ``reason`` is the error's key where it is no number."""
        try:
            found = self.amount(name)
        except OffingError as error:
            if error.key == "sources.other_currency":
                reason = "reference.two_currencies"
            raise InputError(reason, where=error.where or self.at(name)) from error
        return None if found is None else float(found)

    def share(self, name: str) -> Decimal | None:
        """A rate, ``None`` where the cell is empty. Under a heading with ``%``, 13 is 13 %.

        So is it of a rate of tax, of which none is above 1; a bare 1 is refused.

        Raises:
            InputError: ``refund.bad_rate``, or ``refund.bad_amount``.
        """
        text = self.cells.get(name)
        if not text or not text.strip():
            return None
        column = self.columns.get(name, _PLAIN)
        if column.comma:
            text = text.replace(",", ".")
        if "%" not in normal(text) and (column.heading.percent or name in TAX_RATES):
            text = self._per_cent(name, text, said=column.heading.percent)
        share = _share(text)
        return rate(text, name=name, where=self.at(name)) if share is None else share

    def _per_cent(self, name: str, text: str, *, said: bool) -> str:
        """A rate with its sign where its heading has ``said`` it, or where it is above 1."""
        number = self.amount(name) or Decimal(0)
        if number == 1 or (said and 0 < number < 1):
            raise InputError("refund.bad_rate", where=self.at(name), name=name, text=text)
        return f"{number}%" if said or number > 1 else text

    def stated_share(self, name: str) -> Decimal:
        """As :meth:`share`, of a cell that must be filled.

        Raises:
            InputError: ``refund.bad_amount`` where it is not.
        """
        share = self.share(name)
        return rate("", name=name, where=self.at(name)) if share is None else share

    def code(self, name: str = "code") -> str:
        """The customs code without its dots; empty where the cell is.

        Raises:
            InputError: ``refund.bad_code`` where it is no code, ``refund.lost_zero`` where a
                spreadsheet has taken its first zero.

        >>> TableRow({"code": "8507.60.00.90"}, Where()).code()
        '8507600090'
        """
        if not self.cells.get(name):
            return ""
        cell = normal(self.cells.get(name, "")).lstrip("'")
        plain = re.sub(r"[.\s]", "", re.sub(r"\.0$", "", cell))
        if plain and not re.fullmatch(r"[0-9]{2,10}|[0-9]{12,13}", plain):
            raise InputError("refund.bad_code", where=self.at(name), text=self.text(name))
        if len(plain) in (3, 5, 7, 9, 12):
            raise InputError("refund.lost_zero", where=self.at(name), text=plain)
        return plain

    def country(self, name: str, year: int = 0) -> str:
        """A country, by its code, number or name, that may trade in a year.

        Raises:
            InputError: as :func:`offing.sources.ledger_cells.market_of`.
        """
        try:
            return market_of(self.text(name), year)
        except InputError as error:
            error.where = self.at(name)
            raise

    def product(self, name: str = "product", most: int = 10) -> str:
        """A product code of so many digits at most.

        Raises:
            InputError: ``reference.bad_product``, ``sources.long_product`` of one that is too long.
        """
        code = read_code(self.text(name))
        if code is None or len(code) > most:
            reason = "reference.bad_product" if code is None else "sources.long_product"
            raise InputError(reason, where=self.at(name))
        return code

    def yes(self, name: str) -> bool:
        """Whether the cell says yes.

        Raises:
            InputError: ``refund.bad_yes`` where it says neither yes nor no.
        """
        text = self.text(name).casefold()
        if not text:
            return False
        if text in ("是", "yes", "y", "true", "1", "√"):
            return True
        if text in ("否", "no", "n", "false", "0"):
            return False
        raise InputError("refund.bad_yes", where=self.at(name), text=text)

    def day(self, name: str) -> date | None:
        """A date, where the cell is filled.

        Raises:
            InputError: ``refund.bad_date``.
        """
        text = self.cells.get(name, "")
        return day_of(text, self.at(name)) if text.strip() else None

    def stated_day(self, name: str) -> date:
        """As :meth:`day`, of a cell that must be filled.

        Raises:
            InputError: ``refund.bad_date`` where it is not.
        """
        return day_of(self.cells.get(name, ""), self.at(name))

    def texts(self, *names: str) -> dict[str, str | None]:
        """Texts by column; ``None`` where a cell is empty."""
        return {name: self.name(name) or None for name in names}

    def record(self, kind: type[T], **said: object) -> T:
        """A record of the row: what is not ``said`` of it is read from its cells, by its type.

        Text is empty, or ``None``, where the cell is; an amount that must be there is zero then,
        and a day is refused.

        Raises:
            InputError: as :meth:`amount`, :meth:`stated_day` and :meth:`yes`.
        """
        types = _types_of(kind)  # type: ignore[arg-type]
        cells = {
            name: _BY_TYPE[types[name]](self, name)
            for name in types
            if name not in said and types[name] in _BY_TYPE
        }
        return kind(**cells, **said)


_BY_TYPE: dict[object, Callable[[TableRow, str], object]] = {
    str: TableRow.name,
    str | None: lambda row, name: row.name(name) or None,
    Decimal: TableRow.money,
    Decimal | None: TableRow.amount,
    date: TableRow.stated_day,
    date | None: TableRow.day,
    bool: TableRow.yes,
    Where: lambda row, _: row.where,
}


@cache
def _types_of(kind: type) -> dict[str, object]:
    return get_type_hints(kind)


@cache
def _share(text: str) -> Decimal | None:
    try:
        return rate(text, name="")
    except InputError:
        return None


def day_of(text: str, where: Where | None = None) -> date:
    """A date written ``2026-03-09``, ``20260309``, ``2026/3/9`` or ``2026年3月9日``.

    Raises:
        InputError: ``refund.bad_date``.

    >>> day_of("2026年3月9日")
    datetime.date(2026, 3, 9)
    """
    day = any_date(text)
    if day is None:
        raise InputError("refund.bad_date", where=where, text=text)
    return day


@dataclass(frozen=True)
class UserTable:
    """A table as read.

    ``rows`` are those below the headings, without blank rows and sums; ``where`` is the row of the
    headings.
    """

    rows: tuple[TableRow, ...]
    columns: Mapping[str, FileColumn]
    notes: tuple[Caution, ...]
    where: Where


@dataclass(frozen=True)
class TableLook:
    """How the headings of a table are understood.

    ``found`` is our name → the heading that it was found to be; of ``needed`` one more must be
    found.
    """

    headings: tuple[str, ...]
    found: Mapping[str, str]
    needed: tuple[str, ...]


def look_at_table(path: Path, kind: str, named: Mapping[str, str]) -> TableLook:
    """The headings of a table of one of the layouts, found or not.

    Where no row has what is needed, the fullest of the first rows is taken for the headings.

    Raises:
        InputError: the file itself cannot be read.
    """
    layout = layout_of(kind).use_headings(named)

    def has_all(cells: Sequence[str]) -> bool:
        return not layout.missing(cells)

    sheet = next(firm_sheets(path, has_all, layout.sheet))
    lines, at = sheet.lines, sheet.row
    if layout.missing(lines[at]):
        first = [row for row in sorted(lines) if row < at + ROWS_OF_TITLES]
        at = max(first, key=lambda row: sum(map(bool, lines[row])))
    header = lines[at]
    found = replace(layout, strict=False).columns(header, Where(path, at))
    needed = dict.fromkeys(name for group in layout.missing(header) for name in group)
    texts = {name: column.heading.text for name, column in found.items()}
    return TableLook(tuple(filter(None, header)), texts, tuple(needed))


ROWS_OF_TITLES = 25


def user_table(
    path: Path, kind: str, named: Mapping[str, str] | None = None, sheet: str | None = None
) -> UserTable:
    """Read a table of one of the layouts.

    Args:
        path: of the file.
        kind: the layout.
        named: our names of columns with the headings that a person has named.
        sheet: of a workbook; the layout's where ``None``.

    Raises:
        InputError: ``sources.no_headings`` where no row has the columns that are needed,
            ``sources.same_meaning``, ``sources.two_marks``, ``sources.which_mark``, or the file
            itself cannot be read.
    """
    layout = layout_of(kind).use_headings(named or {})

    def has_all(cells: Sequence[str]) -> bool:
        return not layout.missing(cells)

    must = sheet is not None
    sheet_read = next(firm_sheets(path, has_all, sheet or layout.sheet, must=must))
    return _as_table(join_heading_rows(sheet_read, layout), layout, named or {}, path)


def _as_table(
    sheet: FirmSheet, layout: TableLayout, named: Mapping[str, str], path: Path
) -> UserTable:
    header, where = sheet.header, Where(path, sheet.row)
    must_have_short_cells(sheet.lines, path)
    layout.must_have(header, where)
    layout.must_not_have(header, where)
    sums = {row: cells for row, cells in sheet.body.items() if is_total(cells)}
    body = {row: cells for row, cells in sheet.body.items() if row not in sums}
    must_be_there(named, header, where)
    found = layout.columns(header, where)
    columns, stated = apply_units_around(sheet.around, found, layout, where)
    _must_be_ours(columns, layout, where)
    cells_in = {
        name: [(row, cells[c.at]) for row, cells in body.items()] for name, c in columns.items()
    }
    columns = scale_to_units(
        add_decimal_marks(columns, cells_in, layout, where, sheet.delimiter), layout
    )
    rows = tuple(
        TableRow(
            _add_currencies({name: cells[c.at] for name, c in columns.items()}, columns, layout),
            Where(path, row),
            columns,
            layout.currency,
            " ".join(filter(None, cells[sheet.width :])),
        )
        for row, cells in body.items()
    )
    read = {header[column.at] for column in columns.values()}
    notes = (
        *heading_cautions(header, columns, body, layout),
        *stated,
        *sheet.notes(read.__contains__),
        *_row_cautions(
            body, list(sums), list(sheet.words), rows_of_no_sale(header, body, columns, layout.back)
        ),
    )
    return UserTable(rows, columns, notes, where)


def _add_currencies(
    cells: dict[str, str], columns: Mapping[str, FileColumn], layout: TableLayout
) -> dict[str, str]:
    """The cells with the currency beside an amount, where no column names one."""
    if layout.currency or "currency" in columns or "currency" not in layout.names:
        return cells
    for name in sorted(layout.money & set(columns)):
        read = None if columns[name].heading.currency else read_amount(cells[name])
        if read is not None and read.currency:
            return cells | {"currency": read.currency}
    return cells


def _must_be_ours(columns: Mapping[str, FileColumn], layout: TableLayout, where: Where) -> None:
    """Refuse amounts whose heading names other money than the layout's.

    Raises:
        InputError: ``sources.foreign_heading``, ``sources.bare_sign`` of a ``$`` or ``¥`` alone.
    """
    for name in sorted(layout.money & set(columns)):
        heading = columns[name].heading
        place, ours = Where(where.file, where.row, heading.text), name not in layout.foreign
        usual = "CNY" if name.endswith("_cny") else layout.currency
        if heading.sign and _stands_alone(name, heading.sign, columns, layout):
            raise InputError("sources.bare_sign", where=place, sign=heading.sign)
        if ours and usual and heading.currency not in (None, usual):
            said = {"currency": heading.currency, "usual": usual}
            raise InputError("sources.foreign_heading", where=place, **said)


FOREIGN_ALREADY = "fob_fc"
"""A column that is in foreign money by its name: a rate beside it tells which."""


def _stands_alone(
    name: str, sign: str, columns: Mapping[str, FileColumn], layout: TableLayout
) -> bool:
    """Whether nothing beside a bare sign says which of its currencies is meant."""
    if name in layout.foreign or layout.currency is None:
        alone = "currency" not in columns and name != FOREIGN_ALREADY
        return alone and (layout.currency is None or not is_sign_of(sign, layout.currency))
    return not is_sign_of(sign, layout.currency)


def _row_cautions(
    body: Mapping[int, Sequence[str]],
    sums: Sequence[int],
    words: Sequence[int],
    no_sales: Sequence[int],
) -> Iterator[Caution]:
    """Rows of sums and of words, rows that stand there twice, and those that are no sales."""
    first: dict[tuple[str, ...], int] = {}
    twice = [row for row, cells in body.items() if first.setdefault(tuple(cells), row) != row]
    yield from row_caution("sources.note_sums", sums)
    yield from row_caution("sources.note_words", words)
    yield from row_caution("sources.caution_twice", twice)
    yield from row_caution("sources.caution_given_back", no_sales)


def far_from_others(prices: Iterable[tuple[object, float, int]], far: float) -> list[int]:
    """Rows whose price is far from the middle of at least three of their kind.

    Args:
        prices: kind, price and row of each.
        far: how many times the middle, or its part, is far.

    >>> far_from_others([("a", 5.0, 2), ("a", 6.0, 3), ("a", 50.0, 4), ("b", 9.0, 5)], 5)
    [4]
    """
    kinds: dict[object, list[tuple[float, int]]] = defaultdict(list)
    for kind, price, row in prices:
        kinds[kind].append((price, row))
    middles = [(median(price for price, _ in same), same) for same in kinds.values()]
    every = ((middle, *one) for middle, same in middles if len(same) > 2 for one in same)
    return sorted(row for middle, price, row in every if not 1 / far <= price / middle <= far)


def build_records(
    rows: Iterable[R], build: Callable[[R], T]
) -> tuple[tuple[T, ...], tuple[OffingError, ...]]:
    """What a reader makes of each row, and the rows that it cannot use, with their reasons."""
    good: list[T] = []
    quarantined: list[OffingError] = []
    for row in rows:
        try:
            if isinstance(row, TableRow):
                row.must_fit()
            good.append(build(row))
        except OffingError as error:
            if isinstance(row, TableRow):
                error.where, error.read = error.where or row.where, row.read
            quarantined.append(error)
    return tuple(good), tuple(quarantined)


def records(path: Path, kind: str, build: Callable[[TableRow], T]) -> Records[T]:
    """The records that a reader makes of the rows of a table of one of the layouts.

    Raises:
        InputError: as :func:`user_table`; ``sources.no_usable_row`` where no row can be used, at
            the first of them.
    """
    return records_of(user_table(path, kind), build, path)


def records_of(table: UserTable, build: Callable[[TableRow], T], path: Path) -> Records[T]:
    """The records that a reader makes of the rows of a table.

    Raises:
        InputError: ``sources.no_usable_row`` as :func:`records`.
    """
    good, quarantined = build_records(table.rows, build)
    if not good and quarantined:
        unread = [say(n.key, **n.values) for n in table.notes if n.key == "sources.caution_unread"]
        reasons = dict.fromkeys(error.found.rstrip(".。") for error in quarantined)
        reason, where = join_list([*reasons, *unread]), quarantined[0].where
        raise InputError("sources.no_usable_row", where=where, reason=reason) from quarantined[0]
    return Records(good, quarantined, table.notes, path)
