"""Read a firm's own papers as it holds them: declarations, electronic invoices, receipts of money.

* the customs-declaration export of the Single Window or the broker (报关单), one row for each item;
* the 27-column invoice export of the tax bureau (全量发票查询导出结果, sheet 信息汇总表),
  one row for each item, red invoices negative;
* export invoices, one row for each item, in any usual columns;
* a list of receipts (收汇), one row for each.

Numbers that name things stay text. A row that cannot be used goes to the quarantine.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from offing.sources.headings import heading_data
from offing.sources.month_lines import month_in
from offing.sources.numbers import must_be_clear
from offing.sources.user_table import TableRow, UserTable, build_records, user_table
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import (
    CHARGES,
    Declared,
    DeclaredCharge,
    Invoiced,
    Received,
    Records,
    Sold,
    row_caution,
)
from offing.terms.money import amount, currency_code

T = TypeVar("T", Declared, Invoiced, Received, Sold)


def declared_currency(text: str, where: Where | None = None) -> str:
    """The currency of a declaration: letters, a customs number or a Chinese name; empty stays so.

    Raises:
        InputError: ``currencies.unknown``.

    >>> declared_currency("502"), declared_currency("美元"), declared_currency("")
    ('USD', 'USD', '')
    """
    name = text.strip().removesuffix(".0")
    if name in ("", "0", "00", "000"):
        return ""
    numbers = heading_data("customs_numbers")["currencies"]  # 货币代码表, in use before the letters
    return currency_code(numbers.get(name, name), where=where)


def read_charge(cell: str, mark: str, currency: str, where: Where) -> DeclaredCharge | None:
    """A charge from its cell, with its own columns for mark and currency where there are any.

    A plain number without a mark is the whole charge, as in an export that has worked it out.

    Raises:
        InputError: ``refund.bad_amount``, ``sources.which_mark``, ``currencies.unknown``.

    >>> read_charge("502/24/2", "", "", Where("f")).mark
    '2'
    """
    text = cell.strip()
    parts = [part.strip() for part in re.split(r"[/|]", text)]
    if len(parts) == 3:
        currency, text, mark = parts
    elif text.endswith(("%", "\N{FULLWIDTH PERCENT SIGN}")):
        text, mark = text[:-1], "1"
    must_be_clear(text, where)
    value = amount(text, where=where) if text else Decimal(0)
    if not value:
        return None
    return DeclaredCharge(value, mark.strip() or "3", declared_currency(currency, where), where)


def _number_and_item(row: TableRow) -> tuple[str, str]:
    """18 digits and the item; a claim's 21 digits are both in one.

    Raises:
        InputError: ``sources.no_number`` of a row without one.
    """
    number, item = row.name("number"), row.name("item")
    if not number:
        raise InputError("sources.no_number", where=row.at("number"))
    if re.fullmatch(r"\d{21}", number):
        return number[:18], item or number[18:].lstrip("0")
    return number, item.lstrip("0") or item


def _month(row: TableRow, name: str) -> str:
    """A month written as a day, ``2026-03``, ``202603`` or ``2026年3月``; empty where it is not."""
    text = row.text(name)
    if month := month_in(text):
        return month
    return f"{row.stated_day(name):%Y-%m}" if text else ""


def _mode(text: str) -> str:
    """监管方式 of four digits; a spreadsheet takes the first zero of 0110."""
    return text.zfill(4) if text.isdigit() else text


def _read_declared(row: TableRow) -> Declared:
    charges: dict[str, DeclaredCharge] = {}
    for name in CHARGES:
        mark, currency = row.name(f"{name}_mark"), row.name(f"{name}_currency")
        if cell := row.text(name):
            charge = read_charge(cell, mark, currency, row.at(name))
            charges |= {name: charge} if charge else {}
    number, item = _number_and_item(row)
    return row.record(
        Declared,
        number=number,
        item=item,
        mode=_mode(row.name("mode")),
        code=row.name("code").replace(".", ""),
        fob=row.money("total"),
        currency=row.currency_of("total", declared_currency),
        term=row.name("term") or "FOB",
        charges=charges,
        booked=_month(row, "booked"),
    )


def _goods(row: TableRow) -> str:
    """What the goods are called: invoices put their class before it, *家用电器*冰箱."""
    return row.name("name").rsplit("*", 1)[-1].strip()


def _read_invoiced(row: TableRow) -> Invoiced:
    numbers = filter(None, (row.name("code"), row.name("number")))
    return row.record(
        Invoiced,
        key=row.name("digital") or "-".join(numbers),
        name=_goods(row),
        rate=row.share("rate") if row.name("rate")[:1].isdigit() else None,
        tax=Decimal(0) if set(row.name("tax")) == {"*"} else row.money("tax"),  # 免税: ***
        code=row.code("hs"),
        declaration=row.name("declaration")[:18],
    )


def _read_sold(row: TableRow) -> Sold:
    if not row.name("number"):
        raise InputError("sources.no_number", where=row.at("number"))
    return row.record(
        Sold,
        name=_goods(row),
        code=row.code(),
        currency=row.currency_of("total", declared_currency),
        declaration=row.name("declaration")[:18],
        item=row.name("item").lstrip("0"),
    )


def _read_received(row: TableRow) -> Received:
    currency = row.currency_of("amount", declared_currency)
    return row.record(Received, number=row.name("number")[:18], currency=currency)


Named = Mapping[str, str] | None
"""Our name of a column → the heading, where a person says so."""


def _read(path: Path, kind: str, named: Named, build: Callable[[TableRow], T]) -> Records[T]:
    table = user_table(path, kind, named)
    if kind in ("declarations", "sales"):
        table = _goods_rows(table)
    return Records(*build_records(table.rows, build), table.notes, path)


def _goods_rows(table: UserTable) -> UserTable:
    """The items of papers: a row that names no goods, where the others do, is a paper's sum."""
    said = {row.where: any(map(row.text, ("name", "code"))) for row in table.rows}
    sums = [where.row for where, names_goods in said.items() if not names_goods]
    if not sums or not any(said.values()):
        return table
    items = tuple(row for row in table.rows if said[row.where])
    return replace(table, rows=items, notes=(*table.notes, *row_caution("sources.note_sums", sums)))


def read_declarations(path: Path, named: Named = None) -> Records[Declared]:
    """The items of a declaration export, at the price declared.

    :func:`offing.refunds.fob.fob_prices` brings them to FOB.
    """
    return _read(path, "declarations", named, _read_declared)


def read_invoices(path: Path, named: Named = None) -> Records[Invoiced]:
    """The items of the tax bureau's invoice export."""
    return _read(path, "invoices", named, _read_invoiced)


def read_sales(path: Path, named: Named = None) -> Records[Sold]:
    """The items of export invoices."""
    return _read(path, "sales", named, _read_sold)


def is_suppliers(path: Path) -> bool:
    """Whether invoices are a supplier's, with goods, a net amount and its tax.

    Raises:
        InputError: the file itself cannot be read.
    """
    try:
        user_table(path, "invoices")
    except InputError as error:
        if error.key != "sources.no_headings":
            raise
        return False
    return True


def read_receipts(path: Path, named: Named = None) -> Records[Received]:
    """Receipts of money."""
    return _read(path, "receipts", named, _read_received)
