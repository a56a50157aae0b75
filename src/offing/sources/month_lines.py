"""Read a firm's months from a table (CSV, workbook) or a TOML file.

A table has one row for each export line; figures of the whole month (output tax, input tax)
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
handbook. Headings say their money: 离岸价(万元), FOB (EUR). Rows that cannot be used go to the
quarantine with their reason; the others count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from offing.sources.headings import FileColumn
from offing.sources.layout import layout_of
from offing.sources.ledger_cells import any_date, year_and_month
from offing.sources.numbers import KEPT, read_currency
from offing.sources.own_table import tables_in, toml_row, toml_tables
from offing.sources.user_table import TableRow, build_records, user_table
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where
from offing.terms.exchange import DayRate
from offing.terms.firm_records import Bought, MonthLine, Reconciled, Records, row_caution
from offing.terms.money import exactly
from offing.terms.text import normal

MONTHS = layout_of("months")
_OPENING = ("opening_credit", "opening_reduction_nd", "opening_reduction_ecr")
_TABLES = ("export", "purchase", "reconciliation")
_MONTH_KEYS = {"period", "domestic_output_tax", "input_tax", "input_transfer_out", *_OPENING}

RateOf = Callable[[str, date], DayRate | None]


def read_months(
    path: Path, rate_of: RateOf | None = None, named: Mapping[str, str] | None = None
) -> Records[MonthLine]:
    """The lines of a firm's months; TOML by the file's ending, else a table.

    Args:
        path: the file.
        rate_of: a currency and a day → its rate, or ``None`` where that is not known. A line in
            foreign money without a rate takes that of the first day of its month (增值税暂行条例
            实施细则 art. 15: 当月1日的人民币汇率中间价), and a note says which rate it is.
        named: column → heading, as the user named it.

    Raises:
        InputError: the file as a whole cannot be used: no heading is known, two mean the same, a
            decimal mark can be read in two ways, or an amount is in foreign money and neither a
            column nor ``rate_of`` has its rate of exchange (``refund.no_fx``).
    """
    checks = _Checks(rate_of)
    notes: tuple[Caution, ...] = ()
    if path.suffix.lower() == ".toml":
        rows: Iterable[TableRow] = _toml_rows(path)
    else:
        table = user_table(path, "months", named)
        columns = _price_columns(table.columns, table.where, looked_up=rate_of is not None)
        same = {column.heading.text: name for name, column in columns.items()}
        ours = {name: same[column.heading.text] for name, column in table.columns.items()}
        rows = table.rows
        if columns != table.columns:
            rows = tuple(
                replace(row, cells={ours[n]: c for n, c in row.cells.items()}, columns=columns)
                for row in rows
            )
        checks.headings = {name: heading for heading, name in same.items()}
        notes = table.notes
    with exactly():
        lines, quarantined = build_records(rows, checks.line)
    return Records(lines, quarantined, (*notes, *checks.notes()), path)


def _toml_rows(path: Path) -> Iterable[TableRow]:
    periods: set[str] = set()
    for month, where in toml_tables(path, "month"):
        period = period_of(str(month.get("period", "")), where)
        if period in periods:
            raise InputError("refund.month_twice", where=where, period=period)
        periods.add(period)
        own = {key: value for key, value in month.items() if key not in _TABLES}
        yield toml_row(own, where, "months", _MONTH_KEYS)
        for line in (line for name in _TABLES for line in tables_in(month, name, where)):
            allowed = set(MONTHS.names) - _MONTH_KEYS | {"period"}
            yield toml_row({"period": period, **line}, where, "months", allowed)


def _price_columns(
    columns: Mapping[str, FileColumn], where: Where, *, looked_up: bool
) -> dict[str, FileColumn]:
    """The columns, prices free on board by the money that their heading names.

    ``looked_up``: whether a rate is looked up where no column has it.
    """
    by_name: dict[str, FileColumn] = {}
    for name, column in columns.items():
        money = column.heading.currency
        at = Where(where.file, where.row, column.heading.text)
        foreign = money not in (None, "CNY")
        ours = name
        if name in ("fob_cny", "fob_fc") and money:
            ours = "fob_fc" if foreign else "fob_cny"
        if ours in by_name:
            raise InputError(
                "sources.same_meaning", where=at, same=ours, other=by_name[ours].heading.text
            )
        by_name[ours] = column
    named = "currency" in by_name or ("fob_fc" in by_name and by_name["fob_fc"].heading.currency)
    if "fob_fc" in by_name and not {"fx", "fob_cny"} & set(by_name) and not (looked_up and named):
        at = Where(where.file, where.row, by_name["fob_fc"].heading.text)
        raise InputError("refund.no_fx", where=at)
    return by_name


class _Checks:
    """Makes lines of rows, and keeps the rows at which a careful person would stop."""

    def __init__(self, rate_of: RateOf | None = None) -> None:
        self.rate_of = rate_of
        self.headings: Mapping[str, str] = {}
        self.looked_up: dict[tuple[str, str], DayRate] = {}
        self.unlike: list[tuple[Decimal, Decimal]] = []
        self.seen: dict[str, list[object]] = defaultdict(list)

    def _say(self, key: str, row: TableRow, *, when: bool) -> None:
        if when:
            self.seen[key].append(row.where.row or row.where.column or "\N{EM DASH}")

    def notes(self) -> list[Caution]:
        """What was seen, each with its rows."""
        notes: list[Caution] = []
        for key, rows in self.seen.items():
            sums = self._sums() if key == "fob" else {}
            notes += row_caution(f"refund.caution_{key}", rows, **sums)
        return [*notes, *self._rate_cautions()]

    def _sums(self) -> dict[str, str]:
        """Prices in yuan that stand there, and what the rates make of the foreign ones."""
        there, converted = (sum(amounts, Decimal(0)) for amounts in zip(*self.unlike, strict=True))
        return {"sum": f"{there:,.2f}", "made": f"{converted:,.2f}"}

    def _rate_cautions(self) -> Iterator[Caution]:
        """Rates that were looked up."""
        for key, official in (("parity", True), ("first_day", False)):
            rates = [
                f"{period} {money} {_rate_text(rate, period)}"
                for (period, money), rate in sorted(self.looked_up.items())
                if (rate.parity is not None) is official
            ]
            if rates:
                yield Caution(f"refund.note_fx_{key}", {"rates": "; ".join(rates)})

    def line(self, row: TableRow) -> MonthLine:
        """The line of a row."""
        day = row.day("export_date")
        written = row.text("period")
        period = f"{day:%Y-%m}" if day and not written else period_of(written, row.at("period"))
        fob = self._fob(row, period)
        base = row.amount("processing_fob_cny")
        handbook = _handbook(row, base or Decimal(0))
        input_tax = row.money("input_tax")
        self._say("negative_input_tax", row, when=input_tax < 0)
        transferred = row.unsigned_amount("input_transfer_out") or Decimal(0)
        bought = _bought(row)
        if fob is None and handbook is None and bought is None:
            _must_not_be_export(row)
        self._say("consumption", row, when=bought is None and bool(row.text("consumption_tax")))
        return row.record(
            MonthLine,
            period=period,
            fob_cny=fob,
            levy_rate=row.share("levy_rate"),
            refund_rate=row.share("refund_rate"),
            material_cny=row.unsigned_amount("material_cny") or Decimal(0),
            plan_base_cny=fob if base is None else base,
            plan_ratio=row.share("plan_ratio"),
            code=row.code(),
            output_tax_cny=row.money("domestic_output_tax"),
            input_tax_cny=input_tax - transferred,
            transfer_out_cny=transferred,
            opening=tuple(row.unsigned_amount(name) or Decimal(0) for name in _OPENING),
            reconciled=handbook,
            bought=bought,
            currency=_money_of(row),
            declaration=" ".join(filter(None, map(row.text, ("declaration", "item")))),
            columns=self.headings,
        )

    def _fob(self, row: TableRow, period: str) -> Decimal | None:
        """The price free on board in yuan, of the column that has it or at the row's rate."""
        fob, foreign, fx = row.amount("fob_cny"), row.amount("fob_fc"), row.amount("fx")
        money = _money_of(row)
        column = row.columns.get("fob_cny")
        if foreign is None and money not in (None, "CNY") and column and _says_no_money(column):
            fob, foreign = None, fob
        if fx is not None:
            _must_be_foreign(row, money, fx)
        if foreign is None:
            return fob
        if fob is None:
            return foreign * (self._first_day(row, money, period) if fx is None else fx)
        if fx is not None and abs(fob - foreign * fx) > abs(fob) / 100:
            self._is_unlike(row, fob, foreign, fx)
        return fob

    def _is_unlike(self, row: TableRow, fob: Decimal, foreign: Decimal, fx: Decimal) -> None:
        """A price in yuan that its rate does not make of the foreign one.

        Raises:
            InputError: ``refund.money_exchanged`` where it makes the foreign one of the yuan.
        """
        if abs(fob * fx - foreign) <= abs(foreign) / 100:
            values = {"fob": f"{fob:,.2f}", "foreign": f"{foreign:,.2f}"}
            raise InputError("refund.money_exchanged", where=row.at("fob_cny"), **values)
        self._say("fob", row, when=True)
        self.unlike.append((fob, foreign * fx))

    def _first_day(self, row: TableRow, money: str | None, period: str) -> Decimal:
        """CNY for one unit on the first day of a month.

        Raises:
            InputError: ``refund.no_fx``, ``refund.no_fx_of``.
        """
        if money is None or self.rate_of is None:
            raise InputError("refund.no_fx", where=row.at("fx"))
        first = date.fromisoformat(f"{period}-01")
        if (fx := self.rate_of(money, first)) is None:
            where = row.at("fx")
            raise InputError("refund.no_fx_of", where=where, currency=money, day=first)
        self.looked_up[period, money] = fx
        return fx.cny


def _rate_text(rate: DayRate, period: str) -> str:
    """The rate; of a first day without a parity of its own also whose it is, and the next one."""
    if rate.parity is None or rate.parity == date.fromisoformat(f"{period}-01"):
        return f"{rate.cny}"
    after = "" if rate.after is None else f"; {rate.after[1]}: {rate.after[0]}"
    return f"{rate.cny} ({rate.parity}{after})"


def _must_be_foreign(row: TableRow, money: str | None, fx: Decimal) -> None:
    """Refuse a rate of exchange of yuan.

    Raises:
        InputError: ``refund.fx_of_yuan``.
    """
    if money == "CNY" and fx != 1:
        raise InputError("refund.fx_of_yuan", where=row.at("fx"), fx=fx)


def _says_no_money(column: FileColumn) -> bool:
    return column.heading.currency is None and not column.heading.name.endswith(("cny", "人民币"))


def _money_of(row: TableRow) -> str | None:
    """The foreign money of a row, by its own cell or by the heading.

    Raises:
        InputError: ``currencies.unknown``, ``sources.other_currency`` where the two differ.
    """
    column = row.columns.get("fob_fc")
    usual = column.heading.currency if column else None
    if text := row.text("currency"):
        code = read_currency(text)
        if code is None:
            raise InputError("currencies.unknown", where=row.at("currency"), text=text, near="")
        if row.text("fob_fc") and usual not in (None, code):
            where = row.at("fob_fc")
            raise InputError("sources.other_currency", where=where, text=text, usual=usual)
        return code
    return usual


def _must_not_be_export(row: TableRow) -> None:
    """A line without a price: sums of a month, and not an export whose price is missing.

    Raises:
        InputError: ``refund.export_without_price``.
    """
    if any(map(row.text, ("export_date", "declaration", "code", "group"))):
        priced = "fob_fc" if "fob_fc" in row.columns else "fob_cny"
        raise InputError("refund.export_without_price", where=row.at(priced))


def _handbook(row: TableRow, base: Decimal) -> Reconciled | None:
    actual = row.share("actual_ratio")
    return None if actual is None else Reconciled(base, row.stated_share("plan_ratio"), actual)


def _bought(row: TableRow) -> Bought | None:
    net, gross = row.amount("invoice_net"), row.amount("invoice_gross")
    if net is None and gross is None:
        return None
    levied = "invoice_rate" if "invoice_rate" in row.cells else "levy_rate"
    share = row.share(levied)
    if share is None:
        raise InputError("refund.no_invoice_rate", where=row.at("invoice_rate"))
    return Bought(net, gross, share, row.money("consumption_tax"), row.amount("invoice_tax"))


def period_of(text: str, where: Where | None = None) -> str:
    """``2026-03`` from ``2026-03``, ``202603``, ``2026/3``, ``2026年3月``, its first or last day.

    Raises:
        InputError: ``refund.bad_period``.

    >>> period_of("2026年3月"), period_of("202603")
    ('2026-03', '2026-03')
    """
    period = month_in(text)
    if period is None:
        raise InputError("refund.bad_period", where=where, text=text)
    return period


@lru_cache(maxsize=KEPT)
def month_in(text: str) -> str | None:
    """As :func:`period_of`; ``None`` where it is no month."""
    if len(normal(text)) == len("20263"):
        return None  # of one digit, or a workbook's day
    if (day := any_date(text)) is not None:
        return f"{day:%Y-%m}" if 1 in (day.day, (day + timedelta(days=1)).day) else None
    found = year_and_month(text)
    return f"{found[0]}-{found[1]:02d}" if found and found[1] else None
