"""A firm's table of quotations (报价单), won and lost: CSV or workbook, with its own headings.

One row a quotation: its day, the buyer, the market, the model or HS code, the quantity, the price
with its currency, the buyer's target price, what came of it, and who sold instead. All but goods
and price may be missing: what is not told is unknown, and an outcome that is not told is neither
won nor lost. A row that cannot be used goes to the quarantine.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources.about import About
from offing.sources.archive import files_given
from offing.sources.headings import heading_data, split_languages
from offing.sources.staging import Staging
from offing.sources.user_table import (
    Line,
    TableRow,
    UserTable,
    far_from_others,
    records_of,
    user_table,
)
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.firm_records import Records, row_caution
from offing.terms.messages import join_list, language
from offing.terms.money import currency_code
from offing.terms.tables import TABLES
from offing.terms.text import normal

ABOUT = About("quotations", ("quotations",))

FAR = 5
"""How many times the usual price of its goods a quotation may have."""
OPTIONS = ("columns", "sheet", "currency", "dates")


def read(paths: list[Path], staging: Staging, **options: Any) -> None:
    """Read quotations into ``quotations``."""
    for path in (file.path for file in files_given(paths, staging.folder)):
        quotations = read_quotations(path, **options)
        staging.frame("quotations", quotation_rows(quotations.rows))
        staging.take(path, quotations)


def quotation_rows(quotations: Sequence[Line]) -> pl.DataFrame:
    """Quotations in the columns of the table."""
    return pl.DataFrame(quotations, schema=TABLES["quotations"].schema.create_empty().schema)


def read_quotations(
    path: Path,
    *,
    currency: str | None = None,
    dates: cells.DayOrder | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Records[Line]:
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
    table = replace(table, rows=tuple(map(_drop_placeholders, table.rows)))
    order = dates or cells.order_of_days([row.text("on") for row in table.rows])
    usual = None if currency is None else currency_code(currency)
    read = records_of(table, partial(_quotation, order=order, currency=usual), path)
    return replace(read, notes=(*read.notes, *_odd(table, read.rows, order)))


def _drop_placeholders(row: TableRow) -> TableRow:
    """Without what firms write where they know nothing."""
    unknown = heading_data("firm_tables")["unknowns"]["names"]
    told = {n: c for n, c in row.cells.items() if normal(c or "").casefold() not in unknown}
    return replace(row, cells=told)


def _odd(table: UserTable, rows: Sequence[Line], order: cells.DayOrder | None) -> Iterator[Caution]:
    """Days that cannot be read, and prices far off."""
    prices = (
        ((x["model"], x["product"], x["currency"]), float(x["price"]), x["row"]) for x in rows
    )
    yield from row_caution("quotations.price_far", far_from_others(prices, FAR))
    days = {row.where.row: row.text("on") for row in table.rows}
    undated = [at for at, text in days.items() if text and cells.read_date(text, order) is None]
    first = days[undated[0]] if undated else ""
    yield from row_caution("quotations.note_dates", undated, text=first)


def _quotation(row: TableRow, order: cells.DayOrder | None, currency: str | None) -> Line:
    product = row.product() if row.text("product") else None
    price, money = row.unsigned_amount("price") or None, row.currency_of("price") or currency
    if not (row.text("model") or product):
        raise InputError("quotations.no_goods", where=row.at("model"))
    if price is None:
        raise InputError("quotations.no_price", where=row.at("price"))
    if not money:
        raise InputError("quotations.no_currency", where=row.at("price"))
    return {
        **row.texts("buyer", "model", "unit", "lost_to"),
        "on": cells.read_date(row.text("on"), order),
        "market": row.country("market") if row.text("market") else None,
        "product": product, "quantity": _quantity(row), "price": price, "currency": money,
        "incoterm": cells.read_incoterm(row.text("incoterm")),
        "target": row.unsigned_amount("target") or None, "outcome": _outcome(row),
        "row": row.where.row or 1,
    }  # fmt: skip


def _quantity(row: TableRow) -> Decimal | None:
    """A number, with the word of its unit behind it or without: 500台."""
    number = re.sub(r"[^\d.,\s]+\s*$", "", normal(row.text("quantity")))
    return replace(row, cells={**row.cells, "quantity": number}).amount("quantity")


def _outcome(row: TableRow) -> str | None:
    """Raises ``quotations.bad_outcome`` where the word is not known."""
    text = re.sub(r"\([^()]*+\)", "", normal(row.text("outcome")).casefold()).rstrip(" 。.!")
    outcomes = heading_data("firm_tables")["outcomes"]
    meant = {word: outcome for outcome, words in outcomes.items() for word in words}
    said = text, *re.split(r"[:,;/|、]", text), *split_languages(text)
    spelled = [re.sub(r"[\s_-]+", " ", one).strip() for one in said]
    found = {meant[word] for word in spelled if word in meant}
    if text.strip() and len(found) != 1:
        own = {
            k: [w for w in ws if w.isascii() != (language() == "zh")] for k, ws in outcomes.items()
        }
        words = {outcome: join_list(known, 8) for outcome, known in own.items()}
        raise InputError("quotations.bad_outcome", where=row.at("outcome"), **words)
    return next(iter(found), None)
