"""A firm's own books as it holds them: declarations, electronic invoices, receipts of money.

Read by the names in the header row, in CSV (UTF-8 or GB18030) or XLSX:

* the customs-declaration export of the Single Window or the broker (报关单), one row for each item;
* the 27-column invoice export of the tax bureau (全量发票查询导出结果, sheet 信息汇总表),
  one row for each item, red invoices negative;
* a list of receipts (收汇), one row for each.

Numbers that name things stay text. A row that cannot be used is put aside with its reason.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Generic, TypeVar

from offing.refunds.declared_charges import (
    CHARGES,
    PricedItem,
    charges_of,
    declared_currency,
    read_charge,
)
from offing.refunds.fob import fob_price, trade_term
from offing.refunds.month_table import Row, beyond, plain_name
from offing.refunds.months_file import text_of
from offing.terms.errors import InputError, OffingError, Where

DECLARATION: dict[str, tuple[str, ...]] = {
    "number": ("海关编号", "报关单号", "报关单编号", "出口报关单号"),
    "item": ("项号", "商品项号", "序号"),
    "export_date": ("出口日期", "离境日期"),
    "mode": ("监管方式", "贸易方式"),
    "code": ("商品编号", "商品编码"),
    "name": ("商品名称", "品名"),
    "quantity": ("成交数量", "数量"),
    "unit": ("成交单位", "成交计量单位", "单位"),
    "total": ("总价", "成交总价", "申报总价"),
    "currency": ("币制", "币种"),
    "term": ("成交方式",),
    "freight": ("运费",),
    "freight_mark": ("运费标记", "运费类型"),
    "freight_currency": ("运费币制", "运费币种"),
    "insurance": ("保费", "保险费"),
    "insurance_mark": ("保费标记", "保险费标记", "保费类型"),
    "insurance_currency": ("保费币制", "保费币种", "保险费币制"),
    "misc": ("杂费",),
    "misc_mark": ("杂费标记", "杂费类型"),
    "misc_currency": ("杂费币制", "杂费币种"),
    "gross_kg": ("毛重", "毛重(千克)", "毛重(KG)"),
}
INVOICE: dict[str, tuple[str, ...]] = {
    "code": ("发票代码",),
    "number": ("发票号码",),
    "digital": ("数电发票号码", "数电票号码"),
    "on": ("开票日期",),
    "name": ("货物或应税劳务名称", "货物或应税劳务、服务名称"),
    "quantity": ("数量",),
    "unit": ("单位",),
    "net": ("金额",),
    "rate": ("税率",),
    "tax": ("税额",),
    "status": ("发票状态",),
    "positive": ("是否正数发票",),
}
RECEIPT: dict[str, tuple[str, ...]] = {
    "number": ("报关单号", "海关编号"),
    "on": ("收汇日期", "到账日期"),
    "amount": ("收汇金额", "金额"),
    "currency": ("币种", "币制"),
}


@dataclass(frozen=True)
class Declared:
    """One item of a customs declaration."""

    number: str
    item: str
    export_date: date
    mode: str
    code: str
    name: str
    quantity: Decimal
    unit: str
    total: Decimal
    fob: Decimal
    currency: str
    where: Where


@dataclass(frozen=True)
class Invoiced:
    """One item of an electronic invoice; ``key`` names the invoice."""

    key: str
    on: date
    name: str
    quantity: Decimal
    unit: str
    net: Decimal
    rate: Decimal | None
    tax: Decimal
    status: str
    where: Where


@dataclass(frozen=True)
class Received:
    """One receipt of money for a declaration."""

    number: str
    on: date
    amount: Decimal
    currency: str
    where: Where


T = TypeVar("T", Declared, Invoiced, Received)


@dataclass(frozen=True)
class Records(Generic[T]):
    """Usable records in the order of the file, and the rows that were put aside."""

    rows: tuple[T, ...]
    aside: tuple[OffingError, ...]


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV or XLSX file as text, with their numbers from 1."""
    if path.suffix.lower() in (".xlsx", ".xls"):
        import fastexcel

        if not path.is_file():
            raise InputError("refund.no_file", where=Where(path), path=path)
        try:
            book = fastexcel.read_excel(path)
            names = book.sheet_names
            chosen = "信息汇总表" if "信息汇总表" in names else names[0]
            frame = book.load_sheet(chosen, header_row=None, dtypes="string").to_polars()
        except fastexcel.FastExcelError as error:
            raise InputError("refund.not_xlsx", where=Where(path), reason=error) from error
        for number, values in enumerate(frame.iter_rows(), start=1):
            yield number, ["" if value is None else str(value) for value in values]
        return
    reader = csv.reader(io.StringIO(text_of(path), newline=""))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise InputError(
            "refund.not_csv", where=Where(path, reader.line_num), reason=error
        ) from error


TOTALS = ("合计", "总计", "小计", "total")


def _is_total(cells: list[str]) -> bool:
    """A line of sums below the items, which is no item."""
    first = next((cell.strip().casefold() for cell in cells if cell.strip()), "")
    return first.rstrip(":\N{FULLWIDTH COLON}").replace(" ", "") in TOTALS


def _rows(
    path: Path, columns: dict[str, tuple[str, ...]], needed: tuple[str, ...]
) -> Iterator[Row]:
    known = {plain_name(name): ours for ours, names in columns.items() for name in names}
    places: dict[str, int] = {}
    header: dict[str, str] = {}
    width = 0
    for number, cells in _sheet(path):
        if not places:
            found: dict[str, int] = {}
            for at, cell in enumerate(cells):
                ours = known.get(plain_name(cell))
                if ours is not None:
                    found.setdefault(ours, at)
            if set(needed) <= set(found):
                places, width = found, len(cells)
                header = {ours: cells[at].strip() for ours, at in found.items()}
            elif number >= 20:  # a title and blank rows may come before the header
                break
            continue
        if any(cell.strip() for cell in cells) and not _is_total(cells):
            yield Row(
                {ours: cells[at] for ours, at in places.items() if at < len(cells)},
                Where(path, number),
                header,
                beyond(cells, width),
            )
    if not places:
        raise InputError(
            "refund.no_header",
            where=Where(path),
            needed="、".join(columns[name][0] for name in needed),
        )


def _read(
    path: Path,
    columns: dict[str, tuple[str, ...]],
    needed: tuple[str, ...],
    build: Callable[[Row], T],
) -> Records[T]:
    rows: list[T] = []
    aside: list[OffingError] = []
    for row in _rows(path, columns, needed):
        try:
            row.must_fit()
            rows.append(build(row))
        except OffingError as error:
            if error.where is None:
                error.where = row.where
            aside.append(error)
    return Records(tuple(rows), tuple(aside))


def _text(row: Row, name: str) -> str:
    return row.cells.get(name, "").strip().removesuffix(".0")


def _day(row: Row, name: str) -> date:
    day = row.day(name)
    if day is None:
        raise InputError("refund.bad_date", where=row.at(name), text="")
    return day


def _priced(row: Row) -> tuple[Declared, PricedItem]:
    """An item and what its FOB price will be worked out of."""
    total, currency = (
        row.money("total"),
        declared_currency(_text(row, "currency"), row.at("currency")),
    )
    item = Declared(
        number=_text(row, "number"),
        item=_text(row, "item"),
        export_date=_day(row, "export_date"),
        mode=_text(row, "mode"),
        code=_text(row, "code").replace(".", ""),
        name=_text(row, "name"),
        quantity=row.money("quantity"),
        unit=_text(row, "unit"),
        total=total,
        fob=total,
        currency=currency,
        where=row.where,
    )
    charges = {}
    for name in CHARGES:
        cell, mark = row.cells.get(name, ""), _text(row, f"{name}_mark")
        charge = read_charge(cell, mark, _text(row, f"{name}_currency"), row.at(name))
        if charge is not None:
            charges[name] = charge
    term = trade_term(_text(row, "term") or "FOB")
    gross = row.money("gross_kg") if row.has("gross_kg") else None
    return item, PricedItem(item.number, term, total, currency, gross, charges)


def _goods(name: str) -> str:
    """The name of goods without the class that invoices put before it: ``*家用电器*冰箱``."""
    return name.rsplit("*", 1)[-1].strip()


def _invoiced(row: Row) -> Invoiced:
    digital = _text(row, "digital")
    return Invoiced(
        key=digital or f"{_text(row, 'code')}-{_text(row, 'number')}",
        on=_day(row, "on"),
        name=_goods(_text(row, "name")),
        quantity=row.money("quantity"),
        unit=_text(row, "unit"),
        net=row.money("net"),
        rate=row.share("rate") if _text(row, "rate")[:1].isdigit() else None,
        tax=Decimal(0) if set(_text(row, "tax")) == {"*"} else row.money("tax"),  # 免税: ***
        status=_text(row, "status"),
        where=row.where,
    )


def _received(row: Row) -> Received:
    return Received(
        number=_text(row, "number"),
        on=_day(row, "on"),
        amount=row.money("amount"),
        currency=declared_currency(_text(row, "currency"), row.at("currency")),
        where=row.where,
    )


def read_declarations(path: Path, rates: Mapping[str, Decimal] | None = None) -> Records[Declared]:
    """The items of a declaration export, with their FOB prices.

    Args:
        path: CSV or XLSX.
        rates: units of a currency for one US dollar, where a charge is in another currency than
            the price.
    """
    needed = ("number", "export_date", "name", "total")
    rows: list[tuple[Declared, PricedItem]] = []
    aside: list[OffingError] = []
    for row in _rows(path, DECLARATION, needed):
        try:
            row.must_fit()
            rows.append(_priced(row))
        except OffingError as error:
            error.where = error.where or row.where
            aside.append(error)
    items: list[Declared] = []
    charges = charges_of([priced for _, priced in rows], rates or {})
    for (item, priced), found in zip(rows, charges, strict=True):
        if isinstance(found, InputError):
            aside.append(found)
            continue
        try:
            items.append(replace(item, fob=fob_price(priced.term, item.total, **found)))
        except InputError as error:
            error.where = error.where or item.where
            aside.append(error)
    return Records(tuple(items), tuple(sorted(aside, key=lambda e: (e.where and e.where.row) or 0)))


def read_invoices(path: Path) -> Records[Invoiced]:
    """The items of the tax bureau's invoice export."""
    return _read(path, INVOICE, ("on", "name", "net", "tax"), _invoiced)


def read_receipts(path: Path) -> Records[Received]:
    """Receipts of money."""
    return _read(path, RECEIPT, ("number", "on", "amount"), _received)
