"""Read a firm's own papers as it holds them: declarations, electronic invoices, receipts of money.

* the customs-declaration export of the Single Window or the broker (报关单), one row for each item;
* the 27-column invoice export of the tax bureau (全量发票查询导出结果, sheet 信息汇总表),
  one row for each item, red invoices negative;
* a list of receipts (收汇), one row for each.

Numbers that name things stay text. A row that cannot be used goes to the quarantine.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from offing.sources.numbers import must_be_clear
from offing.sources.user_table import Layout, Row, built, user_table
from offing.terms.amounts import amount
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import Declared, DeclaredCharge, Invoiced, Received, Records

T = TypeVar("T", Declared, Invoiced, Received)
CHARGES = ("freight", "insurance", "misc")

DECLARATION = Layout(
    {
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
        "gross_kg": ("毛重",),
    },
    needed=(("number",), ("export_date",), ("name",), ("total",)),
    money=frozenset({"total"}),
    measured=frozenset({"quantity", "gross_kg"}),
)
INVOICE = Layout(
    {
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
    },
    needed=(("on",), ("name",), ("net",), ("tax",)),
    money=frozenset({"net", "tax"}),
    measured=frozenset({"quantity"}),
    currency="CNY",
    sheet="信息汇总表",
)
RECEIPT = Layout(
    {
        "number": ("报关单号", "海关编号"),
        "on": ("收汇日期", "到账日期"),
        "amount": ("收汇金额", "金额"),
        "currency": ("币种", "币制"),
    },
    needed=(("number",), ("on",), ("amount",)),
    money=frozenset({"amount"}),
)

CUSTOMS_CURRENCIES = {
    "110": "HKD", "116": "JPY", "121": "MOP", "129": "PHP", "132": "SGD", "133": "KRW",
    "136": "THB", "142": "CNY", "300": "EUR", "302": "DKK", "303": "GBP", "326": "NOK",
    "330": "SEK", "331": "CHF", "501": "CAD", "502": "USD", "601": "AUD", "609": "NZD",
}  # fmt: skip
"""货币代码表: the numbers in use before the letters of ISO 4217."""


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
    return currency_code(CUSTOMS_CURRENCIES.get(name, name), where=where)


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


def _text(row: Row, name: str) -> str:
    return row.text(name).removesuffix(".0")


def _day(row: Row, name: str) -> date:
    day = row.day(name)
    if day is None:
        raise InputError("refund.bad_date", where=row.at(name), text="")
    return day


def _currency(row: Row, price: str) -> str:
    """The currency of a row's price, by its own cell or by the price's heading.

    Raises:
        InputError: ``currencies.unknown``, ``sources.other_currency`` where the two differ.
    """
    column = row.columns.get(price)
    usual = (column.heading.currency if column else None) or ""
    said = declared_currency(row.text("currency"), row.at("currency"))
    if said and usual and said != usual:
        raise InputError("sources.other_currency", where=row.at(price), text=said, usual=usual)
    return said or usual


def _declared(row: Row) -> Declared:
    charges = {}
    for name in CHARGES:
        cell, mark = row.text(name), _text(row, f"{name}_mark")
        charge = read_charge(cell, mark, _text(row, f"{name}_currency"), row.at(name))
        if charge is not None:
            charges[name] = charge
    gross, total = row.amount("gross_kg"), row.money("total")
    return Declared(
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
        currency=_currency(row, "total"),
        term=_text(row, "term") or "FOB",
        gross_kg=None if gross is None else gross * row.columns["gross_kg"].heading.per_unit,
        charges=charges,
        where=row.where,
    )


def _invoiced(row: Row) -> Invoiced:
    # *家用电器*冰箱: invoices put the class of the goods before their name.
    digital, goods = _text(row, "digital"), _text(row, "name").rsplit("*", 1)[-1].strip()
    return Invoiced(
        key=digital or f"{_text(row, 'code')}-{_text(row, 'number')}",
        on=_day(row, "on"),
        name=goods,
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
        currency=_currency(row, "amount"),
        where=row.where,
    )


def _read(path: Path, layout: Layout, build: Callable[[Row], T]) -> Records[T]:
    table = user_table(path, layout)
    if layout.currency:
        for name in layout.money & set(table.columns):
            heading = table.columns[name].heading
            if heading.currency not in (None, layout.currency):
                where = Where(path, table.where.row, heading.text)
                raise InputError("sources.foreign_heading", where=where, currency=heading.currency)
    return Records(*built(table.rows, build), table.notes, path)


def read_declarations(path: Path) -> Records[Declared]:
    """The items of a declaration export, at the price declared.

    :func:`offing.refunds.declared_charges.at_fob` brings them to FOB.
    """
    return _read(path, DECLARATION, _declared)


def read_invoices(path: Path) -> Records[Invoiced]:
    """The items of the tax bureau's invoice export."""
    return _read(path, INVOICE, _invoiced)


def read_receipts(path: Path) -> Records[Received]:
    """Receipts of money."""
    return _read(path, RECEIPT, _received)
