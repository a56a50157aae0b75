"""``offing book``: the firm's own sales by price band, with growth."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import console, print_json, print_line, table
from offing.ladders.ladder import OwnSales, SalesRow, SalesSlice
from offing.ladders.own_sales import own_sales as build
from offing.report.numbers import money
from offing.sources.ledger_cells import DayOrder, read_currency
from offing.study.ledger import Lines, read_ledger
from offing.terms.countries import country_name
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import enumerated, say
from offing.warehouse import Warehouse

By = Literal["band", "market", "buyer", "brand", "currency"]
T = TypeVar("T", bound=str)
BANDS = (Decimal(500), Decimal(5000))
WIDE = 96
"""Columns of a terminal in which all growth rates have room."""
SHOWN = 5
"""Buyers and markets that are listed by name."""


def book(
    ledger: Annotated[Path | None, Parameter(help=say("book.help_ledger"))] = None,
    /,
    *,
    bands: Annotated[str | None, Parameter(help=say("book.help_bands"))] = None,
    study: Annotated[Path | None, Parameter(help=say("book.help_study"))] = None,
    column: Annotated[
        list[str] | None, Parameter(negative="", help=say("book.help_column"))
    ] = None,
    product: Annotated[str | None, Parameter(help=say("book.help_product"))] = None,
    by: Annotated[str | None, Parameter(help=say("book.help_by"))] = None,
    rate: Annotated[list[str] | None, Parameter(negative="", help=say("book.help_rate"))] = None,
    sheet: Annotated[str | None, Parameter(help=say("book.help_sheet"))] = None,
    currency: Annotated[str | None, Parameter(help=say("book.help_currency"))] = None,
    dates: Annotated[str | None, Parameter(help=say("book.help_dates"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the firm's sales by price band."""
    way = None if by is None else _one_of(by, get_args(By), "--by")
    order = None if dates is None else _one_of(dates, get_args(DayOrder), "--dates")
    edges: Sequence[Decimal] = BANDS
    columns: dict[str, str] = {}
    if study is not None:
        from offing.study.file import read_study

        facts = read_study(study).ledger
        if facts is not None:
            columns |= facts.columns
            edges = facts.bands_usd
            sheet = sheet or facts.sheet
            ledger = ledger or study.parent / facts.file
    if bands is not None:
        edges = _edges(bands)
    columns |= dict(_pair(text, "book.bad_column") for text in column or [])
    rates = dict(_rate(text) for text in rate or [])
    house = Warehouse.open(warehouse)
    lines = (
        _loaded(house)
        if ledger is None
        else read_ledger(ledger, columns=columns, sheet=sheet, currency=currency, dates=order)
    )
    made = build(lines.sales, house.table("fx_rates"), edges, product=product, rates=rates)
    if as_json:
        aside = [
            {"reason": key, "says": say(key), "lines": count, "first_row": row}
            for key, count, row in lines.put_aside
        ]
        notes = [str(note) for note in lines.notes]
        print_json(
            {"book": made, "sentences": _sentences(made), "put_aside": aside, "notes": notes}
        )
        return
    _print(made, way)
    _print_cautions(made, lines)


def _one_of(text: str, options: tuple[T, ...], option: str) -> T:
    for known in options:
        if text.strip().lower() == known:
            return known
    raise InputError("book.unknown_choice", text=text, option=option, all=enumerated(options))


def _edges(text: str) -> list[Decimal]:
    try:
        return [Decimal(part.strip()) for part in text.replace("，", ",").split(",")]
    except InvalidOperation:
        raise InputError("book.bad_bands", text=text) from None


def _pair(text: str, key: str) -> tuple[str, str]:
    ours, equals, theirs = (part.strip() for part in text.partition("="))
    if not (ours and equals and theirs):
        raise InputError(key, text=text)
    return ours, theirs


def _rate(text: str) -> tuple[str, Decimal]:
    name, value = _pair(text, "book.bad_rate")
    try:
        rate = Decimal(value.replace(",", ""))
    except InvalidOperation:
        raise InputError("book.bad_rate", text=text) from None
    if not rate.is_finite() or rate <= 0:
        raise InputError("book.bad_rate", text=text)
    return read_currency(name) or currency_code(name), rate


def _loaded(house: Warehouse) -> Lines:
    if not house.has("sales"):
        raise MissingDataError("book.no_ledger")
    return Lines(house.table("sales"), (), ())


# --------------------------------------------------------------------------------- in words


def _unit(made: OwnSales) -> str:
    return say(f"book.unit_{made.unit}") if made.unit in ("item", "kg") else made.unit


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"


def _change(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f} %"


def _millions(value: float) -> str:
    return f"{value / 1e6:,.2f}"


def _months(made: OwnSales, year: int) -> str | None:
    """The months compared, where they are not the whole year."""
    span = made.compared.get(year)
    return None if span in (None, (1, 12)) else say("book.months", first=span[0], last=span[1])


def _sentences(made: OwnSales) -> list[str]:
    """What the bands did from the year before to the last one, the dearest first."""
    if len(made.years) < 2 or made.years[-1] not in made.compared:
        return []
    unit = _unit(made)
    said = []
    for part in reversed(made.above):
        band = say("book.band_above", low=_number(part.low or 0.0), unit=unit)
        said += _sentence(made, part, band)
    lowest = made.bands[0]
    return said + _sentence(
        made, lowest, say("book.band_below", high=_number(lowest.high or 0.0), unit=unit)
    )


def _sentence(made: OwnSales, part: SalesSlice, band: str) -> list[str]:
    year = made.years[-1]
    values = {"band": band, "before": year - 1, "year": year}
    if part.last.growth is None:
        if part.last.value_usd <= 0:
            return []
        return [
            say(
                "book.began",
                **values,
                usd=money(part.last.value_usd),
            )
        ]
    key = "book.grew" if part.last.growth >= 0 else "book.fell"
    change = f"{100 * abs(part.last.growth):.1f}"
    if months := _months(made, year):
        return [say(f"{key}_months", **values, change=change, months=months)]
    return [say(key, **values, change=change)]


def _name(way: str, part: SalesSlice, made: OwnSales) -> str:
    if way == "band":
        if part.low is None:
            return say("book.cell_below", high=_number(part.high or 0.0))
        if part.high is None:
            return say("book.cell_above", low=_number(part.low))
        return say("book.cell_between", low=_number(part.low), high=_number(part.high))
    if part.name is None:
        return say("book.unnamed")
    if way == "market":
        return country_name(part.name)
    if way == "brand" and part.name in ("own", "oem"):
        return say(f"book.{part.name}")
    return part.name


def _shown(cells: list[str]) -> list[str]:
    """All cells; without the growth of units and price where the terminal is narrow."""
    return cells if console().width >= WIDE else cells[:-2]


def _cells(row: SalesRow) -> list[str]:
    cells = [
        _millions(row.value_usd),
        f"{100 * row.share:.1f} %",
        _number(row.units),
        "–" if row.price_usd is None else _number(round(row.price_usd)),
        _change(row.growth),
        _change(row.units_growth),
        _change(row.price_growth),
    ]
    return _shown(cells)


def _headings() -> list[str]:
    names = ("value", "share", "units", "price", "growth", "units_growth", "price_growth")
    return _shown([say(f"book.column_{name}") for name in names])


def _print(made: OwnSales, way: str | None) -> None:
    out = console()
    print_line(say("book.heading", first=made.first, last=made.last, count=made.lines), "bold")
    print_line(say("book.heading_unit", unit=_unit(made)))
    for sentence in _sentences(made):
        print_line(sentence, "bold")
    out.print()
    everything = SalesSlice(say("book.total"), made.total.rows)
    out.print(_by_year(say("book.bands"), "band", [*reversed(made.bands)], everything, made))
    if way is not None and way != "band":
        title = say(f"book.column_{way}")
        out.print(_by_year(title, way, [*made.by[way]], everything, made))
        return
    for group, title in (("market", "book.markets"), ("buyer", "book.buyers")):
        _print_largest(made, group, title)
    for group, title in (("brand", "book.brands"), ("currency", "book.currencies")):
        if any(part.name for part in made.by[group]):
            _print_largest(made, group, title)
    print_line(say("book.concentration_note"), "dim")


def _by_year(
    title: str, way: str, parts: Sequence[SalesSlice], everything: SalesSlice, made: OwnSales
) -> object:
    column = say(f"book.column_{way}", unit=_unit(made))
    rows = [
        [_name(way, part, made) if place == 0 else "", str(row.year), *_cells(row)]
        for part in parts
        for place, row in enumerate(part.rows)
    ]
    rows += [
        [everything.name or "" if place == 0 else "", str(row.year), *_cells(row)]
        for place, row in enumerate(everything.rows)
    ]
    return table(title, [column, say("book.column_year"), *_headings()], rows)


def _print_largest(made: OwnSales, way: str, title: str) -> None:
    parts = [part for part in made.by[way] if part.last.value_usd or part.last.units]
    rows = [[_name(way, part, made), *_cells(part.last)] for part in parts[:SHOWN]]
    rest = parts[SHOWN:]
    if rest:
        value = sum(part.last.value_usd for part in rest)
        share = sum(part.last.share for part in rest)
        rows.append(
            [say("book.others", count=len(rest)), _millions(value), f"{100 * share:.1f} %"]
            + [""] * (len(_headings()) - 2)
        )
    heading = say(title, year=made.years[-1], concentration=f"{made.concentration[way]:.2f}")
    console().print(table(heading, [say(f"book.column_{way}"), *_headings()], rows))


def _print_cautions(made: OwnSales, lines: Lines) -> None:
    for year in made.years[1:]:
        if months := _months(made, year):
            print_line(say("book.growth_note", year=year, before=year - 1, months=months), "dim")
    for name, (count, value) in made.other_units.items():
        unit = say(f"book.unit_{name}") if name in ("item", "kg") else name
        print_line(
            say("book.other_units", count=count, unit=unit, usd=money(value)),
            "dim",
        )
    if made.unplaced_usd:
        print_line(
            say("book.unplaced", usd=money(made.unplaced_usd)),
            "dim",
        )
    for code, rate in made.rates_given.items():
        print_line(say("book.rate_given", currency=code, rate=rate), "dim")
    for key, count, row in lines.put_aside:
        print_line(say("book.put_aside", count=count, reason=say(key), row=row), "yellow")
    for note in lines.notes:
        print_line(str(note), "yellow")
