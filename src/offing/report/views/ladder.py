"""A market's price ladder and the place of a price on it, told."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import fsum
from typing import TYPE_CHECKING

from offing.api.book import BookAnswer
from offing.ladders.ladder import Ladder, LadderSales, PricePlace, PriceTier, SalesRow, SalesSlice
from offing.ladders.own_sales import band_rows
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Column,
    Figure,
    Figures,
    Heading,
    Shown,
    Table,
    Text,
    cautions,
    table_of,
    text,
    texts_of,
)
from offing.report.charts import book as book_chart
from offing.report.charts import ladder as chart
from offing.report.views.ledger import left_out
from offing.study.result import BookYear
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    Number,
    change,
    difference,
    fixed_decimals,
    money,
    money_column,
    percent,
    price_digits,
    value_or_dash,
)
from offing.terms.products import product_label

if TYPE_CHECKING:
    from offing.api.ladder import LadderAnswer


LARGEST = 3
WORTH_SAYING = 0.05
"""Probability from which a tier other than the likeliest is named."""


def view(answer: "LadderAnswer") -> tuple[Block, ...]:
    """The ladder's tiers, suppliers and bands, what could not be placed, and the price."""
    ladder = answer.ladder
    market = country_name(ladder.market)
    heading = say(
        "ladder.heading", product=product_label(ladder.product), market=market, year=ladder.year
    )
    note = ["ladder.caution_averages", *(["ladder.caution_kg"] if ladder.unit == "kg" else [])]
    return (
        Text((heading,), "lead"),
        Text(tuple(_about(ladder, own=answer.own))),
        Figures((figure("ladder", ladder, answer.place, "", ()),)),
        tiers_table("ladder", ladder, with_leaders=False),
        Heading(say("ladder.suppliers")),
        Text(tuple(_suppliers_of(tier) for tier in reversed(ladder.tiers) if tier.suppliers)),
        *_bands(ladder),
        *_omitted_flows(ladder),
        Text(tuple(map(say, note)), "note"),
        *(_place(ladder, answer.place) if answer.place else ()),
    )


def _about(ladder: Ladder, *, own: bool) -> Iterable[str]:
    unit, basis = say(f"ladder.unit_{ladder.unit}"), say(f"ladder.basis_{ladder.basis}")
    yield say("ladder.heading_prices", unit=unit, basis=basis, dataset=ladder.dataset)
    of = say("ladder.of_market" if own else "ladder.of_all")
    rule = say(f"ladder.method_{ladder.method.replace('-', '_')}", of=of)
    reference = price_digits(ladder.reference)
    yield say("ladder.heading_tiers", method=ladder.method, rule=rule, reference=reference)
    coverage = percent(ladder.coverage, 1)
    yield say("ladder.heading_imports", usd=money(ladder.value_usd), coverage=coverage)


def figure(
    name: str, ladder: Ladder, place: PricePlace | None, origin: str, tables: tuple[Table, ...]
) -> Figure:
    """The ladder as a picture, with tables of its numbers."""
    basis = say(f"report.basis_{ladder.basis}")
    caption = [say("report.ladder_caption", unit=words.unit(ladder.unit), basis=basis)]
    if origin and not place:
        caption.append(say("report.ladder_no_place"))
    if left_out := len(ladder.suppliers) - len(chart.drawn_suppliers(ladder)):
        caption.append(say("report.ladder_left_out", count=left_out))
    if ladder.note:
        caption.append(words.message_or_last(ladder.note))
    title = say("report.ladder_market_year", market=country_name(ladder.market), year=ladder.year)
    if first := max(ladder.suppliers, key=lambda one: one.value_usd, default=None):
        share = percent(first.value_usd / (ladder.value_usd or 1.0), 0)
        title = words.finding(title, country_name(first.exporter), share)
    return Figure(
        name,
        title,
        partial(chart.draw, name, ladder, place, origin),
        words.join_sentences(caption),
        tables,
        source=ladder.dataset,
    )


def tiers_table(name: str, ladder: Ladder, *, with_leaders: bool) -> Table:
    """The price tiers: bounds, imports, growth, drift and the largest suppliers."""
    title = say("report.ladder_tiers_table", market=country_name(ladder.market))
    if ladder.trend_years:
        first, last = ladder.trend_years
        title = say("report.ladder_tiers_since", title=title, first=first, last=last)
    usd, unit = money_column([tier.value_usd for tier in ladder.tiers]), words.unit(ladder.unit)
    return table_of(
        f"{name}-tiers",
        title,
        [tier for tier in ladder.tiers if tier.value_usd > 0 or tier.low != tier.high],
        (say("report.tier"), lambda tier: words.tier(tier.name)),
        (say("report.price_from", unit=unit), lambda tier: value_or_dash(tier.low, price_digits)),
        (say("report.price_to", unit=unit), lambda tier: value_or_dash(tier.high, price_digits)),
        (say("report.imports", unit=usd.unit), lambda tier: usd.cell(tier.value_usd)),
        (say("report.share"), lambda tier: percent(tier.share)),
        (say("report.growth"), lambda tier: value_or_dash(tier.growth, _a_year)),
        (say("report.drift"), lambda tier: value_or_dash(tier.drift, _drift)),
        (text("report.leaders"), _leaders) if with_leaders else None,
    )


_drift = partial(difference, places=1)
"""Percentage points a year, with their sign."""


def _a_year(growth: Number) -> str:
    return say("report.a_year", growth=change(growth))


def _leaders(tier: PriceTier, count: int = 2) -> str:
    named = (f"{country_name(code)} {percent(share, 0)}" for code, share in tier.suppliers[:count])
    return words.join_words(named) or NOTHING


def _suppliers_of(tier: PriceTier) -> str:
    return say(
        "ladder.suppliers_of",
        tier=say(f"ladder.tier_{tier.name}"),
        count=len(tier.suppliers),
        concentration=fixed_decimals(tier.concentration, 2),
        list=_leaders(tier, LARGEST),
    )


def _bands(ladder: Ladder) -> Iterable[Block]:
    if not ladder.bands:
        return
    usd = money_column([band.value_usd for band in ladder.bands])
    yield table_of(
        "ladder-bands",
        say("ladder.bands"),
        ladder.bands,
        (say("report.band"), lambda band: words.band(band.low, band.high)),
        (say("report.imports", unit=usd.unit), lambda band: usd.cell(band.value_usd)),
        (say("report.share"), lambda band: percent(band.share)),
        (say("ladder.band_growth"), lambda band: value_or_dash(band.steady, _a_year)),
    )
    yield Text((say("ladder.bands_caution"), *_threshold_crossings(ladder)), "note")


def _threshold_crossings(ladder: Ladder) -> Iterator[str]:
    """Bands that grew or shrank because an exporter's average crossed a threshold."""
    for band in ladder.bands:
        if not band.crossed:
            continue
        yield say(
            "ladder.band_crossed",
            band=words.band(band.low, band.high),
            names=words.join_words(map(country_name, band.crossed[:LARGEST])),
            growth=value_or_dash(band.growth, _a_year),
            since=str(band.since),
            year=str(ladder.year),
        )


def _omitted_flows(ladder: Ladder) -> Iterable[Block]:
    if not ladder.dropped:
        return
    yield Heading(say("ladder.not_placed"))
    yield Text(
        tuple(
            say("ladder.not_placed_line", flows=flows, usd=money(value), reason=say(reason))
            for reason, (flows, value) in ladder.dropped.items()
        )
    )


def _place(ladder: Ladder, place: PricePlace) -> tuple[Block, ...]:
    nearest = [
        say("ladder.place_supplier", name=country_name(code), price=price_digits(unit_value))
        for code, unit_value in place.nearest
    ]
    stands = say(
        "ladder.place",
        price=price_digits(place.price),
        unit=say(f"ladder.unit_{ladder.unit}"),
        **texts_of(place, partial(percent, places=0), "percentile", "low", "high"),
        market=country_name(ladder.market),
    )
    basis = say(f"ladder.basis_{ladder.basis}")
    near = say("evidence.joint").join(nearest)
    return (
        Text((stands,), "lead"),
        Text(
            (
                say("ladder.place_tiers", **tier_words(place), nearest=near),
                say("ladder.place_basis", suppliers=place.suppliers, basis=basis),
            )
        ),
    )


def tier_words(place: PricePlace) -> dict[str, str]:
    """The likeliest tier with its probability, and the others that are possible."""
    (first, probability), *rest = sorted(place.tiers.items(), key=lambda item: -item[1])
    others = [
        say(
            "ladder.place_other_tier",
            tier=say(f"ladder.tier_{tier}").lower(),
            share=fixed_decimals(share, 2),
        )
        for tier, share in rest
        if share >= WORTH_SAYING
    ]
    return {
        "tier": say(f"ladder.tier_{first}").lower(),
        "share": fixed_decimals(probability, 2),
        "others": "".join(others),
    }


SHOWN = 5
"""Buyers and markets that are listed by name."""
Row = tuple[str, SalesRow]


def view_book(answer: BookAnswer) -> tuple[Block, ...]:
    """What the bands did, the bands year by year, and the largest markets and buyers."""
    book, by = answer.book, answer.by
    heading = say("book.heading", first=book.first, last=book.last, count=book.lines)
    return (
        Text((heading, say("book.heading_unit", unit=_unit(book))), "lead"),
        *_band_note(answer),
        Text(tuple(sentences(book)), "list"),
        _figure(book),
        *_band_tables(book),
        *(
            _largest(book)
            if by in (None, "band")
            else [_yearly_table(by, say(f"book.column_{by}"), book.by[by], book)]
        ),
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


def _band_tables(book: LadderSales) -> Iterable[Block]:
    """The bands in which something was sold, and which ones there are besides."""
    dearest_first = [*reversed(book.bands)]
    sold = [band for band in dearest_first if any(row.value_usd or row.units for row in band.rows)]
    yield _yearly_table("band", say("book.bands"), sold, book)
    if unsold := [_name("band", band) for band in dearest_first if band not in sold]:
        yield Text((say("book.bands_unsold", count=len(unsold), bands=join_list(unsold)),), "note")


def _figure(book: LadderSales) -> Figures:
    years = [BookYear("", *row) for row in band_rows(book)]
    title = say("book.bands")
    picture = partial(book_chart.draw, "book", title, years)
    caption, source = say("report.book_caption"), say("report.source_own")
    return Figures((Figure("book", title, picture, caption, source=source),))


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
