"""The firm's own sales by price band, with growth, from its ledger."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl

from offing.api.asking import (
    READING,
    Answer,
    Asked,
    FirmLedgerRequest,
    Named,
    Numbers,
    TableIn,
    open_warehouse,
    parts,
    question,
    rows_aside,
)
from offing.api.typed import per_dollar
from offing.ladders.ladder import LadderSales
from offing.ladders.own_sales import BANDS, own_bands, sales_at_levels
from offing.ladders.own_sales import own_sales as build
from offing.sources.ledger import LedgerRead
from offing.study.file import read_study
from offing.study.sales_history import codes_of
from offing.study.schema import LedgerFile
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.errors import InputError, MissingDataError
from offing.terms.exchange import FRESH, OLDEST, levels_said, old_rates
from offing.terms.messages import say
from offing.terms.numbers import price_digits
from offing.terms.plain import values_of
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import day_rates, fx_of

By = Literal["band", "market", "buyer", "brand", "currency"]


@dataclass(frozen=True)
class BookRequest(FirmLedgerRequest):
    """At which prices does the firm sell, and what of it grows?

    Attributes:
        ledger: a CSV file or workbook with headings in English or Chinese, or a data frame with
            such columns; the loaded one where ``None``.
        bands: rising boundaries in USD a unit; the study's, else 500 and 5,000, or thirds of the
            value sold by price where one of those bands would have nearly all.
        rate: currency → units for one USD, for every day.
    """

    ledger: Annotated[TableIn, Asked("book.help_ledger", word=True)] = None
    bands: Annotated[Numbers, Asked("ladder.help_bands", kind=str | None)] = None
    study: Annotated[Path | None, Asked("book.help_study")] = None
    product: Annotated[str | None, Asked("book.help_product")] = None
    by: Annotated[By | None, Asked("book.help_by")] = None
    rate: Annotated[Named, Asked("landed.help_rate")] = None
    rates_age: Annotated[int | None, Asked("landed.help_rates_age")] = None


@dataclass(frozen=True)
class BookAnswer(Answer):
    """The firm's sales in USD.

    Attributes:
        book: by band, and by market, buyer, brand and currency.
        by: the way that is listed year by year.
        quarantined: (reason as a message key, lines, first row) of lines that cannot be used.
        notes: what the ledger should be asked.
        skipped: rows that are no sales and no error: reason → rows.
        chosen: boundaries in USD a unit that were taken from the firm's own prices.
    """

    book: LadderSales
    by: By | None
    quarantined: tuple[tuple[str, int, int], ...]
    notes: tuple[Caution, ...]
    skipped: Mapping[str, int]
    chosen: tuple[float, ...]

    @property
    def table(self) -> Any:
        """One row a band and year: USD, units, price, share and growth."""
        rows = [
            {"low": band.low, "high": band.high} | asdict(row)
            for band in self.book.bands
            for row in band.rows
        ]
        return self.as_given(pl.DataFrame(rows, infer_schema_length=None))

    def data(self) -> dict[str, Any]:
        """The book, and what of the ledger is not in it."""
        return {
            **values_of(self, "book", "notes"),
            "put_aside": rows_aside(self.quarantined),
            "left_out": [
                {"reason": key, "says": say(key), "lines": count}
                for key, count in self.skipped.items()
            ],
        }


@question(BookRequest)
def book(request: BookRequest) -> BookAnswer:
    """The firm's sales by price band, year by year.

    Raises:
        InputError: ``book.bad_bands``, ``errors.bad_pair``, ``landed.bad_rate``, ``book.no_file``,
            ``landed.bad_choice``, or a column that the ledger lacks.
        MissingDataError: ``book.no_ledger``, ``book.no_sales``, ``book.no_rate``.

    >>> rows = {"Date": ["2023-02-01", "2024-02-01"], "Market": "Germany", "HS": "852872",
    ...         "Quantity": [10, 12], "Amount USD": [6000, 9000]}
    >>> book(pl.DataFrame(rows)).book.total.last.value_usd
    9000.0
    """
    rates = per_dollar(request.rate)
    study = None if request.study is None else read_study(request.study)
    facts = study.ledger if study else None
    edges, open_to_choice = _edges(request.bands, facts)
    warehouse = open_warehouse(request.warehouse)
    lines = _lines(request, facts, codes_of(study.model) if study else None, warehouse)
    last: Any = lines.sales["on"].max()
    fx_of(warehouse, last, rates, FAR_BACK)  # refuses a rate that is upside down
    fx = day_rates(warehouse)
    oldest = OLDEST if request.rates_age is None else request.rates_age
    product = request.product
    how: dict[str, Any] = {"product": product, "oldest": oldest}
    of_all = {**how, "rates": rates, "covers": lines.covers}
    built = build(lines.sales, fx, edges, **of_all)
    chosen = own_bands(built, lines.sales, fx, **how) if open_to_choice else ()
    if chosen:
        built = build(lines.sales, fx, chosen, **of_all)
    of_product = lines.sales.filter(pl.col("product").str.starts_with(product or ""))
    notes, newest = [*lines.notes], warehouse.table("fx_rates")["on"].max()
    currencies = {group.name or "" for group in built.by["currency"]} - {"USD", *built.rates_given}
    if currencies and isinstance(newest, date) and built.last - newest > FRESH:
        notes.append(old_rates(sorted(currencies), newest, built.last))
    notes += levels_said(sales_at_levels(of_product, fx, rates, oldest))
    notes += yuan_caution(lines.sales, warehouse)
    return BookAnswer(
        built, request.by, lines.quarantined, tuple(notes), lines.skipped, chosen,
        put_aside=len(lines.quarantined),
    )  # fmt: skip


def yuan_caution(sales: pl.DataFrame, warehouse: Warehouse) -> Iterator[Caution]:
    """A ledger whose dollars look like yuan, by the customs unit values of the loaded trade."""
    from offing.ladders.place import yuan_level
    from offing.warehouse.trade import traded_code

    def flows_of(code: str) -> pl.DataFrame | None:
        traded = traded_code(warehouse, code)
        return None if traded is None else warehouse.flows(traded)

    dollar, _ = fx_of(warehouse, sales["on"].max(), oldest=FAR_BACK).rate("CNY", "USD")  # type: ignore[arg-type]
    if (level := yuan_level(sales, flows_of, float(dollar))) is not None:
        price, chinese, dearest = map(price_digits, (level.price, level.chinese, level.dearest))
        values = {"code": level.code, "market": country_name(level.market), "price": price}
        yield Caution("book.warn_yuan", {**values, "chinese": chinese, "dearest": dearest})


FAR_BACK = 36500
"""Days that a rate may be old where only its size matters."""


def _lines(
    request: BookRequest,
    facts: LedgerFile | None,
    codes: Mapping[str, str] | None,
    warehouse: Warehouse,
) -> LedgerRead:
    """The ledger that is meant: the one named, else the study's, else the loaded one."""
    how, ledger = request.reading(), request.ledger
    if facts is not None:  # what the request leaves open, the study says
        columns = facts.columns | how["columns"]
        read = {name: how[name] or getattr(facts, name) for name in READING}
        how = {"columns": columns, **read}
        if ledger is None and request.study is not None:
            ledger = request.study.parent / facts.file
    if ledger is None:
        if not warehouse.has("sales"):
            raise MissingDataError("book.no_ledger")
        return LedgerRead(warehouse.table("sales"))
    return request.lines(ledger, **how, codes=codes)


def _edges(bands: Numbers, facts: LedgerFile | None) -> tuple[list[Decimal], bool]:
    """The boundaries, and whether nobody gave them."""
    if bands is None and facts is not None and facts.bands_usd is not None:
        return list(facts.bands_usd), False
    if bands is None:
        return list(BANDS), True
    try:
        edges = [Decimal(edge) for edge in parts(bands)]
    except InvalidOperation:
        edges = [Decimal("NaN")]
    if not all(map(Decimal.is_finite, edges)):
        raise InputError("book.bad_bands", text=bands)
    return edges, False
