"""How a ledger is understood, told: its columns, its first rows, the rows that are put aside."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any

import polars as pl

from offing.api.begin import BeginAnswer
from offing.api.ledger import LedgerAnswer
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Table,
    Text,
    cautions,
    number,
    table_of,
    text,
)
from offing.sources.headings import ColumnHeading
from offing.sources.ledger import SPANS, LedgerColumn, LedgerRead, LedgerSheet
from offing.sources.ledger_line import any_yuan
from offing.sources.staging import RejectedRow
from offing.study.sales_history import UnknownModel
from offing.study.template import MOST
from offing.terms.countries import country_name
from offing.terms.errors import InputError
from offing.terms.messages import has_message, join_list, say
from offing.terms.money import currency_code
from offing.terms.numbers import NOTHING, currency_name, day, fixed_decimals, money_column, percent

READ = ("on", "market", "product", "model", "quantity", "unit", "amount", "currency")
"""Columns of the lines as they are understood; what the file has not is left out."""
SHOWN, OF_EACH_SHEET = 8, 2
"""Rows that are shown as they stand, and of several sheets of each at least."""
EACH = 5
"""Rows that are listed of each reason."""


def view(answer: LedgerAnswer) -> tuple[Block, ...]:
    """What can be used, how the columns are read, the first rows, the rows put aside."""
    look = answer.look
    return (
        Text(tuple(_head(look)), "lead"),
        *trouble_of(look.trouble),
        *(
            [Callout(say("ledger.some_bad", count=fixed_decimals(len(look.rejected), 0)))]
            if look.rejected
            else []
        ),
        *cautions(look.notes),
        _columns(look),
        *([_read(look)] if look.usable else []),
        *_unknown_models(answer.unknown),
        *(_first(at, sheet, _row_count(look)) for at, sheet in enumerate(look.sheets, 1)),
        *_bad(look),
    )


def _head(look: LedgerRead) -> Iterator[str]:
    if look.usable:
        days: list[date] = look.sales["on"].sort().to_list()
        yield say(
            "ledger.usable",
            count=fixed_decimals(look.sales.height, 0),
            first=day(days[0]),
            last=day(days[-1]),
        )
        yield _coverage(look.sales)
    else:
        yield say("ledger.unusable")
    if len(look.sheets) > 1:
        named = (
            say("ledger.sheet_lines", sheet=sheet.name, count=fixed_decimals(sheet.good, 0))
            for sheet in look.sheets
        )
        yield say("ledger.sheets_read", count=len(look.sheets), sheets=join_list(named))
    if look.usable and not len(look.rejected):
        yield say("ledger.all_good")
    if look.sheets[0].sheet.row > 1:
        yield say("ledger.headings_at", row=look.sheets[0].sheet.row)
    yield from left_out(look.skipped)


def _coverage(sales: pl.DataFrame) -> str:
    """In how many months and markets it sells, and in which currencies."""
    lines = sales.group_by("currency").len().sort("len", "currency", descending=[True, False])
    currencies = (
        say("ledger.lines_in", currency=code, count=fixed_decimals(n, 0))
        for code, n in lines.iter_rows()
    )
    months, markets = sales["on"].dt.truncate("1mo").n_unique(), sales["market"].n_unique()
    said = join_list(currencies)
    return say("ledger.spread", months=months, count=markets, currencies=said)


def left_out(skipped: Mapping[str, int]) -> Iterator[str]:
    """Rows of a ledger that are no sales and no error."""
    for reason, lines in skipped.items():
        yield say("ledger.left_out", count=fixed_decimals(lines, 0), reason=say(reason))


def trouble_of(error: InputError | None) -> Iterator[Block]:
    """What keeps a plan from resting on the ledger, what was expected, what to do."""
    if error is None:
        return
    yield Callout(error.found)
    rest = ("expected", error.expected), ("next", error.next_step)
    yield Text(tuple(say(f"errors.{key}", **{key: text}) for key, text in rest if text), "list")


def _columns(look: LedgerRead) -> Table:
    return table_of(
        "columns",
        say("ledger.columns_table"),
        [column for column in look.columns if column.heading or column.name not in SPANS],
        (text("ledger.column_ours"), lambda c: say(f"ledger.name_{c.name}")),
        (text("ledger.column_theirs"), _heading),
        (text("ledger.column_as"), lambda c: read_as(c, look)),
        (text("ledger.column_example"), lambda c: c.example[:40]),
    )


def _heading(column: LedgerColumn) -> Cell:
    if column.heading is not None:
        return Cell(column.heading.text, mark="strong")
    return Cell(say("ledger.not_there"), mark="missing")


def _currency(heading: ColumnHeading, look: LedgerRead) -> str:
    named = {column.name for column in look.columns if column.heading is not None}
    if any_yuan(heading) and "currency" in named:
        return say("ledger.in_line_currency")
    return say("ledger.in_currency", currency=currency_name(str(heading.currency)))


def read_as(column: LedgerColumn, look: LedgerRead) -> str:
    """What figures and days of a column are taken for; empty where it is plain text."""
    heading = column.heading
    if heading is None:
        return ""
    said = []
    if column.name == "on" and look.order is not None:
        said.append(say(f"ledger.{look.order.replace('-', '_')}"))
    if heading.scale != 1:
        said.append(say("ledger.times", times=f"{heading.scale:,f}"))
    if heading.currency:
        said.append(_currency(heading, look))
    if heading.unit:
        said.append(say("ledger.in_unit", unit=_unit(heading.unit)))
    if heading.per_unit != 1:
        said.append(say("ledger.times", times=f"{heading.per_unit:,f}"))
    if column.comma:
        said.append(say("ledger.decimal_comma"))
    if heading.unread:
        said.append(say("ledger.unread", text=heading.unread))
    return join_list(said) or say("ledger.as_it_stands")


def _unit(unit: str) -> str:
    key = "ledger.unit_pair" if unit == "pair" else f"report.unit_{unit}"
    return say(key) if has_message(key) else unit


def _first(number: int, part: LedgerSheet, count: int) -> Table:
    header = part.sheet.header
    columns = (text("ledger.column_row"), *(Column(h or NOTHING, False) for h in header))
    rows = tuple((Cell(str(row)), *map(Cell, cells)) for row, cells in part.first(count))
    width = len(columns)
    padded = tuple((*row, *[Cell("")] * (width - len(row)))[:width] for row in rows)
    name = part.name
    title = say("ledger.first_of_sheet", sheet=name) if name else say("ledger.first_table")
    return Table("first-rows" if number == 1 else f"first-rows-{number}", title, columns, padded)


def _first_read(look: LedgerRead) -> pl.DataFrame:
    """The first lines that can be used; of several sheets, of each."""
    ends = [0, *accumulate(sheet.good for sheet in look.sheets)]
    parts = zip(ends, look.sheets, strict=False)
    return pl.concat(look.sales.slice(at, min(_row_count(look), sheet.good)) for at, sheet in parts)


def _row_count(look: LedgerRead) -> int:
    """How many rows of a sheet are shown."""
    return max(OF_EACH_SHEET, SHOWN // len(look.sheets))


def _read(look: LedgerRead) -> Table:
    rows = _first_read(look).rows(named=True)
    shown = [name for name in READ if any(row[name] is not None for row in rows)]
    return table_of(
        "as-read",
        say("ledger.read_table"),
        rows,
        (text("ledger.column_row"), lambda row: str(row["row"])),
        *(
            (Column(say(f"ledger.name_{name}"), name in ("quantity", "amount")),
             lambda row, name=name: _cell(name, row[name]))
            for name in shown
        ),
    )  # fmt: skip


def _cell(name: str, value: Any) -> str:
    if value is None:
        return NOTHING
    match name:
        case "on":
            return day(value)
        case "market":
            return country_name(value)
        case "unit":
            return _unit(value)
        case "currency":
            return currency_code(value)
        case "quantity" | "amount":
            return fixed_decimals(value, 2 if value % 1 else 0)
        case _:
            return str(value)


def _unknown_models(models: Sequence[UnknownModel]) -> Iterator[Block]:
    """What the ledger sells that the study does not know, and what is at stake."""
    if not models:
        return
    yield Callout(say("ledger.unknown_models", count=len(models)))
    yield table_of(
        "unknown-models",
        say("ledger.unknown_table"),
        models,
        (text("ledger.name_model"), lambda model: model.name),
        (text("ledger.name_product"), lambda model: model.code or NOTHING),
        (number("ledger.unknown_usd"), sales_of),
        (number("ledger.name_quantity"), lambda model: fixed_decimals(model.units, 0)),
        (number("ledger.unknown_markets"), lambda model: str(model.markets)),
    )


def sales_of(model: UnknownModel) -> str:
    """Its sales in USD, or that no rate is known."""
    return NOTHING if model.usd is None else fixed_decimals(model.usd, 0)


def price_of(model: UnknownModel) -> str:
    """Its average price as a person would type it; empty where it cannot be told."""
    return "" if model.price_usd is None else f"{model.price_usd:.2f}"


def _bad(look: LedgerRead) -> Iterator[Block]:
    if not look.rejected:
        return
    by_reason: dict[str, list[RejectedRow]] = {}
    for bad in look.rejected:
        by_reason.setdefault(bad.reason, []).append(bad)
    shown = {id(bad) for rows in by_reason.values() for bad in rows[:EACH]}
    if len(look.rejected) > len(shown):
        yield Text((say("ledger.bad_listed", count=EACH),), "note")
    yield bad_table(tuple(bad for bad in look.rejected if id(bad) in shown))


def bad_table(rows: tuple[RejectedRow, ...]) -> Table:
    """Rows that cannot be used, each with its reason."""
    return table_of(
        "bad-rows",
        say("ledger.bad_table"),
        rows,
        (text("ledger.column_row"), lambda bad: str(bad.row)),
        (text("ledger.column_reason"), lambda bad: say(bad.reason)),
        (text("ledger.column_text"), lambda bad: bad.text[:200]),
    )


WHOLE = 0.9995
"""Share of the sales from which all of them are there."""
NAMED = 6
"""Names or codes left out that are named."""


def view_begin(answer: BeginAnswer) -> tuple[Block, ...]:
    """Where it is, its models, what is missing, the next command."""
    return (
        Text((say("begin.written", file=answer.file),), "lead"),
        models_of(answer),
        *([Callout(say("begin.some_bad", count=answer.put_aside))] if answer.put_aside else []),
        Text((*models_left_out(answer), *_next(answer))),
    )


def models_of(answer: BeginAnswer) -> Table:
    """The models that the ledger shows."""
    shown = answer.found.shown
    usd = money_column([row.usd for row in shown])
    return table_of(
        "begin-models",
        say("begin.models", since=words.last_year(answer.found.short_year)),
        shown,
        (text("ledger.name_model"), lambda row: row.model.name),
        (text("ledger.name_product"), lambda row: row.model.code),
        (Column(usd.unit, number=True), lambda row: usd.cell(row.usd)),
        (number("ledger.name_quantity"), lambda row: fixed_decimals(row.units, 0)),
        (
            number("begin.column_price"),
            lambda row: f"{fixed_decimals(row.model.price_usd, 2)} {row.term}".rstrip(),
        ),
        (number("ledger.unknown_markets"), lambda row: str(row.markets)),
    )


def models_left_out(answer: BeginAnswer) -> Iterator[str]:
    """How the ledger was parted into models, and what of it is in none."""
    ledger = answer.found
    if ledger.by_code:
        yield say("begin.by_code", most=MOST)
    if ledger.share is not None and ledger.share < WHOLE:
        yield say("begin.share", share=percent(ledger.share))
    if ledger.left_out:
        names = join_list(ledger.left_out[:NAMED])
        yield say("begin.left_out", count=len(ledger.left_out), names=names)


def _next(answer: BeginAnswer) -> Iterator[str]:
    if answer.to_fill:
        names = join_list(f"{about} ({key})" for key, about in answer.called)
        yield say("begin.to_fill", count=len(answer.to_fill), names=names)
    yield say("begin.then", folder=answer.file.parent)
