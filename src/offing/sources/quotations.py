"""A firm's table of quotations (报价单), won and lost: CSV or workbook, with its own headings.

One row a quotation: its day, the buyer, the market, the model or HS code, the quantity, the price
with its currency, the buyer's target price, what came of it, and who sold instead. All but goods
and price may be missing: what is not told is unknown, and an outcome that is not told is neither
won nor lost. A row that cannot be used goes to the quarantine.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources.about import About
from offing.sources.archive import given
from offing.sources.layout import layout_of
from offing.sources.staging import Staging
from offing.sources.user_table import TableRow, first_few, records_of, user_table
from offing.terms.caution import Caution
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError
from offing.terms.firm_records import Quotation, Records
from offing.terms.messages import enumerated
from offing.terms.tables import TABLES
from offing.terms.text import normal

ABOUT = About(
    name="quotations",
    title="quotations.title",
    tables=("quotations",),
    publisher="sources.publisher_ledger",
    licence="sources.licence_ledger",
    page="",
)

EMPTY = frozenset(("-", "--", "—", "–", "/", "\\", "无", "没有", "未知", "n/a", "na", "none", "?"))
"""What firms write into a cell of which they know nothing."""
WORDS = {
    "won": (
        "won|win|order|ordered|accepted|awarded|closed won|success|yes|y|true|1"
        "|中标|已中标|成交|已成交|赢单|已赢单|赢|成功|已下单|下单|签约|已签约|接受|是|√"
    ),
    "lost": (
        "lost|lose|loss|rejected|declined|refused|closed lost|failed|no|n|false|0"
        "|丢单|已丢单|丢标|未中标|落标|输单|已输单|输|未成交|流失|已流失|失败|拒绝|被拒|否|×"
    ),
    "open": (
        "open|pending|quoted|sent|waiting|negotiating|negotiation|in progress|follow up|on hold"
        "|cancelled|canceled|void"
        "|跟进|跟进中|待定|待回复|待客户回复|未定|谈判中|洽谈中|报价中|已报价|进行中|待跟进|暂停|搁置|取消|已取消|作废"
    ),
}
"""Outcomes as firms write them. One that the buyer called off is neither won nor lost."""
OUTCOMES = {word: outcome for outcome, words in WORDS.items() for word in words.split("|")}


OPTIONS = ("columns", "sheet", "currency", "dates")


def read(paths: list[Path], staging: Staging, **options: Any) -> None:
    """Read quotations into ``quotations``."""
    for path in (file.path for file in given(paths, staging.folder)):
        quotations = read_quotations(path, **options)
        staging.frame("quotations", quotation_rows(quotations.rows))
        staging.take(path, quotations)


def quotation_rows(quotations: Sequence[Quotation]) -> pl.DataFrame:
    """Quotations in the columns of the table."""
    schema = TABLES["quotations"].schema.create_empty().schema
    return pl.DataFrame([vars(one) for one in quotations], schema=schema)


def read_quotations(
    path: Path,
    *,
    currency: str | None = None,
    dates: cells.DayOrder | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Records[Quotation]:
    """The quotations of a file.

    Args:
        path: of the file.
        currency: of prices that say none.
        dates: which part of 03/05/2024 is the day; as the other dates of the file show it where
            ``None``.
        columns: our names of columns with the headings that a person has named.
        sheet: of a workbook.

    Raises:
        InputError: as :func:`offing.sources.user_table.records`.
    """
    table = user_table(path, "quotations", columns, sheet)
    filled = tuple(replace(row, cells=_filled(row.cells)) for row in table.rows)
    order = dates or cells.order_of_days([row.text("on") for row in filled])
    usual = None if currency is None else currency_code(currency)
    build = partial(_quotation, order=order, currency=usual)
    read = records_of(replace(table, rows=filled), build, path)
    return replace(read, notes=(*read.notes, *_odd(filled, read.rows, table.columns)))


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "" if normal(cell or "").casefold() in EMPTY else cell for name, cell in row.items()
    }


def _odd(
    rows: Sequence[TableRow], read: Sequence[Quotation], columns: Mapping[str, object]
) -> Iterator[Caution]:
    """Days that cannot be read, and what the table does not tell at all."""
    texts = {row.where.row: row.text("on") for row in rows}
    undated = [one for one in read if one.on is None and texts.get(one.row)]
    if undated:
        yield Caution(
            "quotations.note_dates",
            {
                "count": len(undated),
                "rows": first_few([one.row for one in undated]),
                "text": texts[undated[0].row],
            },
        )
    label = layout_of("quotations").label
    if missing := [label(name) for name in ("market", "outcome") if name not in columns]:
        yield Caution("quotations.note_no_column", {"columns": enumerated(missing)})


def _quotation(row: TableRow, order: cells.DayOrder | None, currency: str | None) -> Quotation:
    texts = {n: row.text(n) or None for n in ("buyer", "model", "unit", "lost_to")}
    product = _known(row, "product", cells.read_code, "reference.bad_product")
    price, money = _money(row, "price"), row.currency_of("price") or currency
    if not (texts["model"] or product):
        raise InputError("quotations.no_goods", where=row.at("model"))
    if price is None:
        raise InputError("quotations.no_price", where=row.at("price"))
    if not money:
        raise InputError("quotations.no_currency", where=row.at("price"))
    return Quotation(
        on=cells.read_date(row.text("on"), order),
        market=_known(row, "market", cells.read_market, "reference.unknown_country"),
        product=product,
        quantity=_quantity(row),
        price=price,
        currency=money,
        incoterm=cells.read_incoterm(row.text("incoterm")),
        target=_money(row, "target"),
        outcome=_outcome(row),
        row=row.where.row or 1,
        **texts,
    )


def _known(row: TableRow, name: str, read: Callable[[str], str | None], reason: str) -> str | None:
    """A cell as its code; ``reason`` is the error of one that is none."""
    text = row.text(name)
    code = read(text) if text else None
    if text and code is None:
        raise InputError(reason, where=row.at(name))
    return code


def _money(row: TableRow, name: str) -> Decimal | None:
    value = row.amount(name)
    if value is not None and value < 0:
        raise InputError("quotations.no_price", where=row.at(name))
    return value or None


def _quantity(row: TableRow) -> Decimal | None:
    """A number, with the word of its unit behind it or without: 500台."""
    number = re.sub(r"[^\d.,\s]+\s*$", "", normal(row.text("quantity")))
    return replace(row, cells={**row.cells, "quantity": number}).amount("quantity")


def _outcome(row: TableRow) -> str | None:
    """Raises ``quotations.bad_outcome`` where the word is not known."""
    text = re.sub(r"\(.*\)|[\s。.!]+$", "", normal(row.text("outcome")).casefold()).strip()
    word = re.sub(r"[\s_-]+", " ", text)
    if word and word not in OUTCOMES:
        raise InputError("quotations.bad_outcome", where=row.at("outcome"))
    return OUTCOMES.get(word)
