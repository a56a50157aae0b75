"""Read a firm's months from a CSV or TOML file.

A CSV file has one row for each export line; figures of the whole month (output tax, input tax)
may stand in any row of the month and are summed. A TOML file says the same in tables::

    [[month]]
    period = "2026-03"
    domestic_output_tax = "260000"
    input_tax = "910000"
    [[month.export]]
    fob_cny = "5000000"
    group = "battery"
    export_date = 2026-03-18

A row with an actual ratio (实际分配率), or a table ``[[month.reconciliation]]``, reconciles a
handbook: its processing exports, the plan's ratio and the actual one. A line without a refund rate
takes the one of its group or code on its export date. Rows that cannot be used are put aside with
their reason; the others count.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from offing.refunds.calendar import months_later
from offing.refunds.deemed_domestic import output_tax
from offing.refunds.exempt_credit import by_rates
from offing.refunds.exempt_refund import Purchase, net_of
from offing.refunds.given_rates import GivenRates
from offing.refunds.month_table import COLUMNS, Row, beyond, known_columns, near_columns
from offing.refunds.months import ZERO, ExportLine, FirmMonth, Opening
from offing.refunds.processing_trade import reconcile
from offing.refunds.rate_library import RateLibrary
from offing.refunds.rates import FIRST_DAY, dated_rate, levied
from offing.refunds.rules import DatedRate
from offing.rules.rule_use import RuleUse
from offing.terms.amounts import exactly
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.messages import enumerated, say
from offing.terms.money import rounded
from offing.terms.nearest import nearest
from offing.terms.text import read_text


@dataclass(frozen=True)
class DatedExport:
    """An export line with its day, for the calendar."""

    period: str
    export_date: date
    fob_cny: Decimal


@dataclass(frozen=True)
class DeemedSale:
    """An export taxed like a sale at home, and the output tax in it."""

    period: str
    fob_cny: Decimal
    output_tax: Decimal


@dataclass(frozen=True)
class PurchaseMonth:
    """A trading company's purchases of one month."""

    period: str
    purchases: tuple[Purchase, ...]


@dataclass
class MonthsFile:
    """A firm's months as read.

    Attributes:
        months: of a manufacturer, in order; lines summed by rates.
        purchases: of a trading company, in order.
        deemed: exports taxed like sales at home, because their refund was cancelled. Their output
            tax is in the month's.
        exports: the lines that have an export date.
        rules: the dated rates that were looked up, once each.
        aside: rows that were put aside, each with its reason and place.
        notes: message keys with their values: what a careful person would want to know.
        rows: number of rows read.
    """

    months: tuple[FirmMonth, ...] = ()
    purchases: tuple[PurchaseMonth, ...] = ()
    deemed: tuple[DeemedSale, ...] = ()
    exports: tuple[DatedExport, ...] = ()
    rules: tuple[RuleUse, ...] = ()
    aside: tuple[OffingError, ...] = ()
    notes: tuple[tuple[str, dict[str, str]], ...] = ()
    rows: int = 0


@dataclass
class _Month:
    lines: list[ExportLine] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)
    output_tax: Decimal = ZERO
    input_tax: Decimal = ZERO
    opening: Opening = field(default_factory=Opening)


def text_of(path: Path) -> str:
    """The text of a refund file; see :func:`offing.terms.text.read_text`."""
    return read_text(path, no_file="refund.no_file", not_text="refund.not_text")


def _csv_rows(path: Path, near: dict[str, str]) -> Iterable[Row]:
    """The rows of a table; headings that look misspelt are put into ``near``."""
    text = text_of(path)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next(reader, [])
        places = known_columns(header, Where(path, 1))
        _need_columns(places, header, path)
        near |= near_columns(header)
        names = {ours: header[at].strip() for ours, at in places.items()}
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found = {name: cells[at] for name, at in places.items() if at < len(cells)}
                over = beyond(cells, len(header)) if len(cells) > len(header) else ""
                yield Row(found, Where(path, reader.line_num), names, over)
    except csv.Error as error:
        raise InputError(
            "refund.not_csv", where=Where(path, reader.line_num), reason=error
        ) from error


def _need_columns(places: dict[str, int], header: list[str], path: Path) -> None:
    """A month, and at least one figure of it."""
    figures = {"fob_cny", "fob_fc", "input_tax", "invoice_net", "invoice_gross"}
    if not {"period", "export_date"} & set(places) or not figures & set(places):
        raise InputError(
            "refund.no_columns",
            where=Where(path, 1),
            found=enumerated(header)[:200] or "—",
            known=enumerated(f"{ours} ({others[-1]})" for ours, others in COLUMNS.items()),
        )


_TABLES = ("export", "purchase", "reconciliation")
_OPENING = ("opening_credit", "opening_reduction_nd", "opening_reduction_ecr")
_MONTH_KEYS = {"period", "domestic_output_tax", "input_tax", *_OPENING}


def _toml_row(path: Path, table: dict[str, Any], allowed: set[str], number: int) -> Row:
    cells: dict[str, str] = {}
    for key, value in table.items():
        if key not in allowed:
            raise InputError(
                "refund.unknown_key",
                where=Where(path, column=f"month {number}"),
                key=key,
                near=nearest(key, allowed) or sorted(allowed)[0],
                all=enumerated(sorted(allowed)),
            )
        cells[key] = str(value)
    return Row(cells, Where(path, column=f"month {number}"))


def _toml_rows(path: Path) -> Iterable[Row]:
    try:
        data = tomllib.loads(text_of(path), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError("refund.not_toml", where=Where(path), reason=error) from error
    months = data.get("month")
    if not isinstance(months, list) or not months:
        raise InputError("refund.no_months", where=Where(path))
    for number, month in enumerate(months, start=1):
        own = {key: value for key, value in month.items() if key not in _TABLES}
        yield _toml_row(path, own, _MONTH_KEYS, number)
        for line in (line for name in _TABLES for line in month.get(name, ())):
            inside = {"period": month.get("period", ""), **line}
            yield _toml_row(path, inside, set(COLUMNS) - _MONTH_KEYS | {"period"}, number)


class _Reader:
    def __init__(
        self,
        on: date | None,
        library: RateLibrary | None,
        book: Sequence[DatedRate] | None,
    ) -> None:
        self.on = on
        self.library = library
        self.book = book
        self.months: dict[str, _Month] = {}
        self.exports: list[DatedExport] = []
        self.deemed: list[DeemedSale] = []
        self.rates: dict[tuple[str, str, date], DatedRate] = {}
        self.reformed = any(rate.status == "user" for rate in book or ())
        self.given = GivenRates(self._known)
        self.aside: list[OffingError] = []
        self.reconciled = False
        self.rows = 0

    def _known(self, group: str, code: str, day: date, levy: Decimal | None) -> DatedRate:
        """The rate of a reform, of the library where there is one and a code, or the rulebook's."""
        if self.reformed and (found := self._of_reform(group, code, day)) is not None:
            return found
        if self.library is not None and code and not group:
            return self.library.rate(code, day, levy)
        return dated_rate(day, group=group or None, code=code, rates=self.book)

    def _of_reform(self, group: str, code: str, day: date) -> DatedRate | None:
        try:
            found = dated_rate(day, group=group or None, code=code, rates=self.book)
        except OffingError:
            return None
        return found if found.status == "user" else None

    def _rate(self, row: Row, period: str) -> DatedRate:
        group, code = row.cells.get("group", "").strip(), row.code()
        first = date.fromisoformat(f"{period}-01")
        day = row.day("export_date") or first
        key = (group, code + row.cells.get("levy_rate", ""), day)
        if key not in self.rates:
            levy = row.share("levy_rate") if row.has("levy_rate") else None
            found = self._known(group, code, day, levy)
            last = months_later(first, 1) - timedelta(days=1)
            if not row.has("export_date") and not found.when.holds(last):
                raise InputError(
                    "refund.rate_changes",
                    where=row.where,
                    group=found.group,
                    period=period,
                    on=found.when.until,
                )
            self.rates[key] = found
        return self.rates[key]

    def _rates_of(self, row: Row, period: str) -> tuple[Decimal, Decimal, bool]:
        """Levy rate, refund rate, and whether the refund of the goods was cancelled."""
        if row.has("refund_rate"):
            levy, refund = row.share("levy_rate"), row.share("refund_rate")
            if self.reformed and (row.has("code") or row.has("group")):
                group, code = row.cells.get("group", "").strip(), row.code()
                day = row.day("export_date") or date.fromisoformat(f"{period}-01")
                if (found := self._of_reform(group, code, day)) is not None:
                    self.rates[group, code, day] = found
                    return (
                        levied(levy, found.refund_rate, row.day("export_date")),
                        found.refund_rate,
                        found.cancelled,
                    )
            self.given.look(row, levy, refund)
            return levied(levy, refund, row.day("export_date")), refund, False
        found = self._rate(row, period)
        levy = row.share("levy_rate") if row.has("levy_rate") else found.levy_rate
        if not found.cancelled:
            self.given.look_at_nought(row, levy, found.refund_rate)
        return (
            levied(levy, found.refund_rate, row.day("export_date")),
            found.refund_rate,
            found.cancelled,
        )

    def _reconciled(self, row: Row, period: str) -> ExportLine:
        """核销: the difference of the actual ratio to the plan's, for a handbook's exports."""
        levy, refund, _ = self._rates_of(row, period)
        made = reconcile(
            row.money("processing_fob_cny"),
            row.share("plan_ratio"),
            row.share("actual_ratio"),
            levy_rate=levy,
            refund_rate=refund,
        )
        return made.line

    def _line(self, row: Row, period: str, day: date | None) -> ExportLine | DeemedSale:
        if day and day < FIRST_DAY:
            raise InputError("refund.before_1994", where=row.at("export_date"), on=day)
        if day and self.on and day > self.on:
            raise InputError("refund.export_in_future", where=row.where, day=day, on=self.on)
        if day and f"{day:%Y-%m}" > period:
            raise InputError(
                "refund.export_after_period", where=row.at("export_date"), day=day, period=period
            )
        fob = row.money("fob_cny")
        if not row.has("fob_cny"):
            if not row.has("fx"):
                raise InputError("refund.no_fx", where=row.at("fx"))
            fob = row.money("fob_fc") * row.money("fx")
        material = row.money("material_cny")
        if row.has("plan_ratio"):
            base = row.money("processing_fob_cny") if row.has("processing_fob_cny") else fob
            material += base * row.share("plan_ratio")
        levy, refund, cancelled = self._rates_of(row, period)
        if cancelled or row.yes("deemed_domestic"):
            return DeemedSale(period, fob, rounded(output_tax(fob, levy, bonded_cny=material)))
        return ExportLine(fob, levy, refund, material)

    def _purchase(self, row: Row, period: str) -> Purchase:
        refund = (
            row.share("refund_rate")
            if row.has("refund_rate")
            else self._rate(row, period).refund_rate
        )
        rate = row.share("invoice_rate")
        if row.has("invoice_net"):
            return Purchase(row.money("invoice_net"), rate, refund)
        return Purchase(net_of(row.money("invoice_gross"), rate), rate, refund)

    def take(self, row: Row) -> None:
        """Add a row, or put it aside."""
        self.rows += 1
        try:
            row.must_fit()
            period, day = row.period(), row.day("export_date")
            line: ExportLine | DeemedSale | None = None
            if row.has("fob_cny") or row.has("fob_fc"):
                line = self._line(row, period, day)
            settled = self._reconciled(row, period) if row.has("actual_ratio") else None
            invoiced = row.has("invoice_net") or row.has("invoice_gross")
            bought = self._purchase(row, period) if invoiced else None
            sums = [row.money(name) for name in ("domestic_output_tax", "input_tax")]
            opening = [row.money(name) for name in _OPENING]
        except OffingError as error:
            if error.where is None:
                error.where = row.where
            self.aside.append(error)
            return
        month = self.months.setdefault(period, _Month())
        if isinstance(line, DeemedSale):
            self.deemed.append(line)
            month.output_tax += line.output_tax
        elif line is not None:
            month.lines.append(line)
            if day is not None:
                self.exports.append(DatedExport(period, day, line.fob_cny))
        if settled is not None:
            month.lines.append(settled)
            self.reconciled = True
        if bought is not None:
            month.purchases.append(bought)
        month.output_tax += sums[0]
        month.input_tax += sums[1]
        before = month.opening
        month.opening = Opening(
            before.credit_cny + opening[0],
            before.nondeductible_reduction_cny + opening[1],
            before.ceiling_reduction_cny + opening[2],
        )

    def _notes(self) -> list[tuple[str, dict[str, str]]]:
        notes: list[tuple[str, dict[str, str]]] = []
        periods = sorted(self.months)
        for before, after in pairwise(periods):
            due = months_later(date.fromisoformat(f"{before}-01"), 1)
            if f"{due:%Y-%m}" != after:
                notes.append(("refund.note_gap", {"before": before, "after": after}))
        if self.deemed:
            tax = sum((sale.output_tax for sale in self.deemed), ZERO)
            notes.append(("refund.note_cancelled", {"tax": f"{tax:,.2f}"}))
        if self.reconciled:
            notes.append(("refund.note_reconciled", {}))
        notes += self.given.notes()
        if self.reformed and not any(rate.status == "user" for rate in self.rates.values()):
            notes.append(("refund.note_reform_unused", {}))
        groups = sorted({r.group for r in self.rates.values() if r.status == "illustrative"})
        return notes + [("refund.note_illustrative", {"group": group}) for group in groups]

    def done(self) -> MonthsFile:
        """Everything read, in order of the months."""
        months, purchases = [], []
        for number, (period, month) in enumerate(sorted(self.months.items())):
            opened = month.opening != Opening()
            if number and opened:
                raise InputError("refund.opening_twice", period=period)
            if month.purchases:
                purchases.append(PurchaseMonth(period, tuple(month.purchases)))
            if month.lines or month.output_tax or month.input_tax or opened:
                months.append(
                    FirmMonth(
                        by_rates(month.lines),
                        month.output_tax,
                        month.input_tax,
                        month.opening,
                        period,
                    )
                )
        rules = {use.id + use.value: use for use in (rate.use() for rate in self.rates.values())}
        return MonthsFile(
            months=tuple(months),
            purchases=tuple(purchases),
            deemed=tuple(sorted(self.deemed, key=lambda sale: sale.period)),
            exports=tuple(sorted(self.exports, key=lambda e: (e.export_date, e.fob_cny))),
            rules=tuple(rules[key] for key in sorted(rules)),
            aside=tuple(self.aside),
            notes=tuple(self._notes()),
            rows=self.rows,
        )


def read_months(
    path: Path,
    *,
    on: date | None = None,
    library: RateLibrary | None = None,
    rates: Sequence[DatedRate] | None = None,
) -> MonthsFile:
    """The months of a file; TOML by its ending, else CSV.

    Args:
        path: the file.
        on: the day of the computation: later exports are put aside; ``None`` does not ask.
        library: the official rates by code, where the user has them.
        rates: of a reform, in place of the rulebook's.

    Raises:
        InputError: the file as a whole cannot be used, or no row of it can.
    """
    near: dict[str, str] = {}
    rows = _toml_rows(path) if path.suffix.lower() == ".toml" else _csv_rows(path, near)
    reader = _Reader(on, library, rates)
    with exactly():
        for row in rows:
            reader.take(row)
        read = reader.done()
    if not read.months and not read.purchases:
        first = read.aside[0] if read.aside else None
        reason = first.found if first else say("refund.nothing_in_file")
        where = (first and first.where) or Where(path)
        raise InputError("refund.no_good_rows", where=where, reason=reason)
    if near:
        pairs = enumerated(f"{heading} → {meant}" for heading, meant in near.items())
        note = ("refund.note_near_columns", {"count": str(len(near)), "pairs": pairs})
        read.notes = (*read.notes, note)
    return read
