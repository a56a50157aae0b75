"""The firm's own sales by price band, told."""

from collections.abc import Iterable, Sequence
from functools import partial
from math import fsum

from offing.api.book import BookAnswer
from offing.ladders.ladder import LadderSales, SalesRow, SalesSlice
from offing.ladders.own_sales import band_rows
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Column,
    Figure,
    Figures,
    Shown,
    Table,
    Text,
    cautions,
    table_of,
)
from offing.report.charts import book as chart
from offing.report.drawing import PAGE
from offing.report.views.ledger import left_out
from offing.study.result import BookYear
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import (
    MoneyColumn,
    change,
    fixed_decimals,
    money,
    money_column,
    percent,
    price_digits,
    value_or_dash,
)

SHOWN = 5
"""Buyers and markets that are listed by name."""
Row = tuple[str, SalesRow]


def view(answer: BookAnswer) -> tuple[Block, ...]:
    """What the bands did, the bands year by year, and the largest markets and buyers."""
    book, by = answer.book, answer.by
    heading = say("book.heading", first=book.first, last=book.last, count=book.lines)
    return (
        Text((heading, say("book.heading_unit", unit=_unit(book))), "lead"),
        *_band_note(answer),
        Text(tuple(sentences(book)), "list"),
        _figure(book),
        *_bands(book),
        *(_largest(book) if by in (None, "band") else _detail_tables(by, book)),
        Text((*_notes(book), *left_out(answer.skipped)), "note"),
        *(
            Callout(say("book.put_aside", count=count, reason=say(key), row=row))
            for key, count, row in answer.quarantined
        ),
        *cautions(answer.notes),
    )


def _band_note(answer: BookAnswer) -> Iterable[Text]:
    """That the bands are of the firm's own prices."""
    if answer.chosen:
        edges = join_list(map(_number, answer.chosen))
        yield Text((say("book.bands_chosen", edges=edges, unit=_unit(answer.book)),), "note")


def _bands(book: LadderSales) -> Iterable[Block]:
    """The bands in which something was sold, and which ones there are besides."""
    dearest_first = [*reversed(book.bands)]
    sold = [band for band in dearest_first if any(row.value_usd or row.units for row in band.rows)]
    yield _yearly_table("band", say("book.bands"), sold, book)
    if unsold := [_name("band", band) for band in dearest_first if band not in sold]:
        yield Text((say("book.bands_unsold", count=len(unsold), bands=join_list(unsold)),), "note")


def _figure(book: LadderSales) -> Figures:
    years = [BookYear("", *row) for row in band_rows(book)]
    title = say("book.bands")
    picture = partial(chart.draw, "book", title, years, PAGE)
    return Figures((Figure("book", title, picture, say("report.book_caption"), wide=True),))


def _unit(book: LadderSales) -> str:
    return say(f"book.unit_{book.unit}") if book.unit in ("item", "kg") else book.unit


def _number(value: float) -> str:
    return fixed_decimals(value, 0 if value == round(value) else 2)


def _months(book: LadderSales, year: int) -> str | None:
    """The months compared, where they are not the whole year."""
    span = book.compared.get(year)
    return None if span in (None, (1, 12)) else say("book.months", first=span[0], last=span[1])


def sentences(book: LadderSales) -> list[str]:
    """What the bands did from the year before to the last one, the dearest first."""
    if len(book.years) < 2 or book.years[-1] not in book.compared:
        return []
    unit = _unit(book)
    bands = [
        (sales, say("book.band_above", low=_number(sales.low or 0.0), unit=unit))
        for sales in reversed(book.above)
    ]
    lowest = book.bands[0]
    bands.append((lowest, say("book.band_below", high=_number(lowest.high or 0.0), unit=unit)))
    return [sentence for sales, band in bands if (sentence := _sentence(book, sales, band))]


def _sentence(book: LadderSales, part: SalesSlice, band: str) -> str:
    year, growth = book.years[-1], part.last.growth
    values = {"band": band, "before": year - 1, "year": year}
    if growth is None:
        usd = part.last.value_usd
        return say("book.began", **values, usd=money(usd)) if usd > 0 else ""
    key, shown = "book.grew" if growth >= 0 else "book.fell", fixed_decimals(100 * abs(growth), 1)
    if months := _months(book, year):
        return say(f"{key}_months", **values, change=shown, months=months)
    return say(key, **values, change=shown)


def _name(way: str, part: SalesSlice) -> str:
    if way == "band":
        return words.band(part.low, part.high)
    if part.name is None:
        return say("book.unnamed")
    if way == "market":
        return country_name(part.name)
    return say(f"book.{part.name}") if way == "brand" and part.name in ("own", "oem") else part.name


def _columns(usd: MoneyColumn, book: LadderSales, years: Sequence[int]) -> list[Shown[Row]]:
    """Growth names its months where they are the same part of each of the years."""
    months = {_months(book, year) for year in years}
    span = months.pop() if len(months) == 1 else None
    grew = say("book.column_growth_months", months=span) if span else say("book.column_growth")
    units_growth = Column(say("book.column_units_growth"), spare=True)
    price_growth = Column(say("book.column_price_growth"), spare=True)
    return [
        (Column(usd.unit), lambda row: usd.cell(row[1].value_usd)),
        (say("book.column_share"), lambda row: percent(row[1].share)),
        (say("book.column_units"), lambda row: _number(row[1].units)),
        (say("book.column_price"), lambda row: value_or_dash(row[1].price_usd, price_digits)),
        (grew, lambda row: value_or_dash(row[1].growth, change)),
        (units_growth, lambda row: value_or_dash(row[1].units_growth, change)),
        (price_growth, lambda row: value_or_dash(row[1].price_growth, change)),
    ]


def _yearly_table(way: str, title: str, parts: Sequence[SalesSlice], book: LadderSales) -> Table:
    usd = money_column([row.value_usd for part in parts for row in part.rows])
    named = [(_name(way, part), part) for part in parts] + [(say("book.total"), book.total)]
    return table_of(
        f"book-by-{way}",
        title,
        [(name if row is part.rows[0] else "", row) for name, part in named for row in part.rows],
        (say(f"book.column_{way}", unit=_unit(book)), lambda row: row[0]),
        (say("book.column_year"), lambda row: str(row[1].year)),
        *_columns(usd, book, book.years[1:]),
    )


def _detail_tables(way: str, book: LadderSales) -> Iterable[Table]:
    yield _yearly_table(way, say(f"book.column_{way}"), book.by[way], book)


def _largest(book: LadderSales) -> Iterable[Table]:
    yield _largest_of("market", "book.markets", book)
    yield _largest_of("buyer", "book.buyers", book)
    for way, title in (("brand", "book.brands"), ("currency", "book.currencies")):
        if any(part.name for part in book.by[way]):
            yield _largest_of(way, title, book)


def _largest_of(way: str, title: str, book: LadderSales) -> Table:
    parts = [part for part in book.by[way] if part.last.value_usd or part.last.units]
    usd = money_column([part.last.value_usd for part in parts])
    rows = [(_name(way, part), part.last) for part in parts[:SHOWN]]
    if rest := [part.last for part in parts[SHOWN:]]:
        value, units, share = (
            fsum(getattr(row, of) for row in rest) for of in ("value_usd", "units", "share")
        )
        others = SalesRow(book.years[-1], value, units, None, share, None, None, None)
        rows.append((say("book.others", count=len(rest)), others))
    return table_of(
        f"book-{way}",
        say(title, year=book.years[-1], concentration=fixed_decimals(book.concentration[way], 2)),
        rows,
        (say(f"book.column_{way}", unit=_unit(book)), lambda row: row[0]),
        *_columns(usd, book, book.years[-1:]),
    )


def _notes(book: LadderSales) -> Iterable[str]:
    yield say("book.concentration_note")
    for year in book.years[1:]:
        if months := _months(book, year):
            yield say("book.growth_note", year=year, before=year - 1, months=months)
    for name, (count, value) in book.other_units.items():
        unit = say(f"book.unit_{name}") if name in ("item", "kg") else name
        yield say("book.other_units", count=count, unit=unit, usd=money(value))
    if book.unplaced_usd:
        yield say("book.unplaced", usd=money(book.unplaced_usd))
    for code, rate in book.rates_given.items():
        yield say("book.rate_given", currency=code, rate=rate)
