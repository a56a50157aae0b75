"""Where a province's exports stand, what moved them, and where more may be sold (省级出口)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Country,
    DatasetName,
    FirmLedgerRequest,
    TableIn,
    open_warehouse,
    question,
    rows_aside,
)
from offing.api.given import Horizon
from offing.api.markets import day_asked
from offing.forecast.outlook.forecast import years_ahead
from offing.forecast.province import (
    CountryTrade,
    SharesRecord,
    ahead_at_shares,
    expected_at_shares,
    whole_years,
)
from offing.ladders.own_sales import sales_at_levels, sales_in_usd
from offing.ladders.standing import ExportDecomposition, region_shares, standing
from offing.sources.comexstat import COUNTRY, ByState, is_by_state, read_by_state
from offing.sources.headings import normalise_heading
from offing.sources.layout import headings_of
from offing.sources.ledger import (
    LedgerRead,
    Month,
    days_covered,
    lacking_months,
    single_months,
    told_by_months,
)
from offing.sources.ledger_line import IMPORT
from offing.sources.own_table import must_be_there
from offing.terms.caution import Caution, CountryCode
from offing.terms.errors import InputError, MissingDataError, Where, must_be_within
from offing.terms.exchange import OLDEST, levels_said
from offing.terms.hs import digits_of, product_code
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import day_rates, mean_rates

DIGITS = (2, 4, 6)


@dataclass(frozen=True)
class ProvinceRequest(FirmLedgerRequest):
    """Where do a province's exports stand, what moved them, and where may more be sold?

    Attributes:
        exports: its exports by product, market and month or year, as the query page of China's
            customs gives them (数据年月, 贸易伙伴名称, 第一数量, 美元), or with other headings; or
            Brazil's by state as Comex Stat has them, in one file a year, a folder or an archive.
        province: which state, where the file has several, such as ``SC``.
        origin: the country that it is a part of; China or, of tables of Comex Stat, Brazil.
        digits: of the product codes told: 2, 4 or 6.
        ahead: how many products are looked ahead at, those with the largest exports.
        cumulated: whether the values of months are sums from January on; told from them, or asked
            for, where left out.
        horizon: years ahead of the day, 1 to 10.
    """

    exports: Annotated[
        TableIn | Sequence[Path | str],
        Asked("province.help_exports", name="EXPORTS", kind=tuple[Path, ...]),
    ]
    province: Annotated[str | None, Asked("province.help_province")] = None
    origin: Annotated[Country | None, Asked("province.help_origin")] = None
    product: Annotated[str | None, Asked("province.help_product")] = None
    digits: Annotated[int, Asked("province.help_digits")] = 4
    ahead: Annotated[int, Asked("province.help_ahead")] = 3
    cumulated: Annotated[bool | None, Asked("load.help_cumulated")] = None
    horizon: Annotated[Horizon, Asked("market.help_horizon")] = 2
    on: Annotated[date | None, Asked("market.help_outlook_on")] = None
    dataset: DatasetName = None


@dataclass(frozen=True)
class ProvinceAnswer(Answer):
    """A province's exports, in USD.

    Attributes:
        origin: the country, alpha-3.
        standing: by product and market, with what of the change is price and what quantity.
        share_year: the year in which it is held against the country's exports; ``None`` where no
            year is whole in both.
        beside: ``product``, ``market``, ``sold``, ``country``, ``share``, ``price_beside`` of that
            year; see :func:`offing.ladders.standing.region_shares`.
        outlook: of the largest products, by market: today's sales and those expected of the
            country, both times the province's share; ends of the 80 % interval; ``room_usd``, what
            the province's mean share of the product would bring where it has less.
        record: how right that was from earlier years; ``None`` where nothing is looked ahead at.
        unknown: products of which the data set has no exports of the country in that year.
        quarantined: (reason as a message key, lines, first row) of rows that cannot be used.
        notes: what the file should be asked.
        skipped: rows that are no exports and no error: reason → rows.
        aside: amount of the quarantined rows, as far as it can be read, its currency, and its share
            of all amounts of the file; ``None`` where nothing is, several currencies are, or
            amounts are sums from January on.
    """

    origin: str
    standing: ExportDecomposition
    share_year: int | None
    beside: pl.DataFrame
    outlook: pl.DataFrame
    record: SharesRecord | None
    unknown: tuple[str, ...]
    quarantined: tuple[tuple[str, int, int], ...]
    notes: tuple[Caution, ...]
    skipped: Mapping[str, int]
    aside: tuple[float, str, float] | None

    @property
    def table(self) -> Any:
        """One row a product, market and unit."""
        return self.as_given(self.standing.cells)

    def data(self) -> dict[str, Any]:
        """The tables, and what of the file is not in them."""
        own = ("origin", "share_year", "beside", "outlook", "record", "notes", "aside")
        standing = ("year", "months", "concentration", "cells", "without_months=without")
        return {
            **values_of(self, *own, "without_trade=unknown", "left_out=skipped"),
            **values_of(self.standing, *standing),
            "put_aside": rows_aside(self.quarantined),
        }


@question(ProvinceRequest)
def province(request: ProvinceRequest) -> ProvinceAnswer:
    """A province's exports by product and market, beside its country's, and some years ahead.

    The outlook is the country's, times the province's share of its exports to each market: it says
    what a province sells that keeps its shares.

    Raises:
        InputError: ``province.no_file``, ``province.bad_digits``, ``errors.out_of_range``, or a
            column that the file lacks.
        MissingDataError: ``province.no_exports``, ``province.only_imports``, ``book.no_rate``.

    >>> rows = {"数据年月": ["202312", "202412"], "贸易伙伴名称": "德国", "商品编码": "852872",
    ...         "第一数量": [10, 12], "美元": [6000, 9000]}
    >>> made = province(pl.DataFrame(rows), ahead=0).standing
    >>> made.total("now"), round(made.total("price")), round(made.total("quantity"))
    (9000.0, 1651, 1349)
    """
    if request.digits not in DIGITS:
        raise InputError("province.bad_digits", digits=request.digits)
    must_be_within("--ahead", request.ahead, ge=0)
    ready = made_ready(request)
    standing, read, year = ready.standing, ready.read, ready.share_year
    products = standing.by("product")["product"].to_list()
    in_trade = set(ready.beside["product"])
    chosen = [code for code in products if code in in_trade][: request.ahead]
    outlook, record = ready.ahead(request, chosen)
    unknown = tuple(code for code in products if year and code not in in_trade)
    return ProvinceAnswer(
        read.origin, standing, year, beside=ready.beside, outlook=outlook, record=record,
        unknown=unknown, quarantined=read.quarantined, notes=read.notes, skipped=read.skipped,
        aside=read.aside, put_aside=len(read.quarantined), cautions=ready.cautions,
    )  # fmt: skip


@dataclass(frozen=True)
class Ready:
    """A province's file, read and set beside its country's trade; ``lines`` are in USD."""

    read: "_Exports"
    lines: pl.DataFrame
    standing: ExportDecomposition
    trade: CountryTrade
    of_file: tuple[Caution, ...]
    share_year: int | None
    beside: pl.DataFrame

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What a careful reader would ask, beside the notes of the file."""
        doubts = _cautions(self.standing, self.share_year, self.beside, self.trade)
        return (*self.of_file, *self.read.of_money, *doubts)

    @property
    def said(self) -> tuple[Caution, ...]:
        """These with the notes of the file, for an answer that rests on it."""
        left_out = (
            Caution("ledger.left_out", {"count": count, "reason": say(reason)})
            for reason, count in self.read.skipped.items()
        )
        return (*self.read.notes, *left_out, *self.cautions)

    def expected(self, products: Sequence[str], year: int) -> pl.DataFrame:
        """What is expected of some products in a year, at the shares it has; without a record."""
        return expected_at_shares(
            self.trade, self.read.origin, products, lambda base: max(year - base, 1), self.beside
        )

    def ahead(
        self, request: ProvinceRequest, products: Sequence[str]
    ) -> tuple[pl.DataFrame, SharesRecord | None]:
        """The outlook of some products at the shares it has, and its record."""
        day = day_asked(None, request.on)
        until = partial(years_ahead, on=day, horizon=request.horizon)
        past = whole_years(self.lines, self.standing.full, products)
        return ahead_at_shares(self.trade, self.read.origin, until, self.beside, past)


def made_ready(request: ProvinceRequest) -> Ready:
    """Read the file, and find the country's trade.

    Raises:
        InputError, MissingDataError: as :func:`province`.
    """
    warehouse = open_warehouse(request.warehouse)
    read = _read(request, warehouse)
    lines = _filter_product(read.lines, read.skipped, request.product)
    table = standing(lines, digits=request.digits, covers=read.covers, lacking=read.lacking)
    trade, of_file = _trade(warehouse, request.dataset, read, table.by("product")["product"][0])
    year = max((y for y in table.full if y in trade.years), default=None)
    of_year = lines.filter(pl.col("on").dt.year() == (year or 0))
    of_year = of_year.with_columns(pl.col("product").str.slice(0, request.digits))
    beside = region_shares(of_year, year or 0, trade.flows, read.origin)
    return Ready(read, lines, table, trade, of_file, year, beside)


@dataclass(frozen=True)
class _Exports:
    """The province's lines in USD, what the file covers, and its country's trade if it is there."""

    origin: str
    lines: pl.DataFrame
    covers: tuple[date, date] | None
    quarantined: tuple[tuple[str, int, int], ...]
    notes: tuple[Caution, ...]
    skipped: Mapping[str, int]
    country: pl.DataFrame | None = None
    of_money: tuple[Caution, ...] = ()
    lacking: tuple[Month, ...] = ()
    aside: tuple[float, str, float] | None = None


def _read_exports(exports: Any) -> tuple[Any, list[Path]]:
    """What is to be read, the first of several, and the paths of it.

    Raises:
        InputError: ``province.no_file``, ``sources.no_file``.
    """
    several = isinstance(exports, Sequence) and not isinstance(exports, str)
    every = list(exports) if several else [exports]
    if not every:
        raise InputError("province.no_file")
    paths = [Path(path) for path in every if isinstance(path, str | Path)]
    for path in paths:
        must_be_there(path)
    return every[0], paths


def _read(request: ProvinceRequest, warehouse: Warehouse) -> _Exports:
    source, paths = _read_exports(request.exports)
    if paths and is_by_state(paths):
        return _state_exports(request, read_by_state(paths))
    if request.province is not None:
        raise InputError("province.not_by_state", text=request.province)
    if len(paths) > 1:
        raise InputError("province.one_file", count=len(paths))
    where = Where(paths[0] if paths else type(source).__name__)
    ledger = request.lines(source, **request.reading(), uncounted=True)
    cumulated = _is_cumulated(ledger) if request.cumulated is None else request.cumulated
    read = single_months(ledger, cumulated, where)
    covers = days_covered(read, cumulated)
    notes = (note for note in read.notes if note.key != "reference.whole_years")  # usual here
    lacking = lacking_months(read.sales["on"]) if told_by_months(read) else ()
    sales = _filter_product(read.sales, read.skipped, request.product)
    rates, origin = _rates(read, warehouse), request.origin or "CHN"
    of_money = [*levels_said(sales_at_levels(sales, rates, {}))]
    if others := {*sales["currency"]} - {"USD"}:  # other money was brought to dollars
        of_money.append(Caution("province.from_money", {"currencies": join_list(sorted(others))}))
    return _Exports(
        origin, sales_in_usd(sales, rates, {}, OLDEST), covers, read.quarantined,
        (*notes, *_place_cautions(read)), read.skipped, of_money=tuple(of_money), lacking=lacking,
        aside=_aside(ledger) if read is ledger else None,
    )  # fmt: skip


def _is_cumulated(read: LedgerRead) -> bool | None:
    """Whether the heading of the amounts says that they are sums from January on."""
    amounts = (one.heading.text for one in read.columns if one.name == "amount" and one.heading)
    return any(text.startswith("累计") for text in amounts) or None


def _place_cautions(read: LedgerRead) -> list[Caution]:
    """What is said of a column of ports, and of one of several provinces."""
    header = [heading for one in read.sheets[:1] for heading in one.sheet.header]
    ports = [name for name in header if normalise_heading(name) in headings_of("ports")]
    cautions = [Caution("province.of_ports", {"column": name}) for name in ports[:1]]
    known, kept = headings_of("places"), {*read.sales["row"]}
    at = [at for at, name in enumerate(header) if normalise_heading(name) in known][:1]
    rows = (line for one in read.sheets for line in one.sheet.body.items())
    found = sorted({cells[n] for row, cells in rows if row in kept for n in at} - {""})
    if len(found) > 1:
        cautions.append(Caution("province.several_places", {"names": join_list(found, 5)}))
    return cautions


def _aside(read: LedgerRead) -> tuple[float, str, float] | None:
    """The amount of rows that cannot be used, its currency, its share; none of mixed money."""
    currencies = read.sales["currency"].unique().to_list()
    if read.lost == 0 or len(currencies) > 1:
        return None
    whole = read.lost + float(read.sales["amount"].cast(pl.Float64).sum())
    return read.lost, currencies[0], read.lost / whole


def _rates(read: LedgerRead, warehouse: Warehouse) -> pl.DataFrame:
    """Those of a day; of a table by months or years their means."""
    rates = day_rates(warehouse)
    if read.covers is None:
        return rates
    if read.month_line_count:
        return mean_rates(rates, "1mo") if told_by_months(read) else rates
    return mean_rates(rates, "1y")


def _state_exports(request: ProvinceRequest, read: ByState) -> _Exports:
    if request.origin not in (None, COUNTRY):
        raise InputError("province.other_origin", text=request.origin)
    if request.province is None and len(read.states) > 1:
        raise InputError("province.which_state", text="", known=join_list(read.states))
    if not read.states:
        raise MissingDataError("province.no_exports", product=request.product or "\N{EM DASH}")
    lines = read.lines(request.province or read.states[0])
    country = read.country() if len(read.states) > 1 else pl.DataFrame()
    flows = None if country.is_empty() else country
    return _Exports(COUNTRY, lines, read.covers, read.quarantined, read.notes, read.skipped, flows)


def _trade(
    warehouse: Warehouse, dataset: str | None, read: _Exports, largest: str
) -> tuple[CountryTrade, tuple[Caution, ...]]:
    """The loaded trade, but that of the file where the loaded lacks the largest product."""
    loaded = CountryTrade(warehouse, dataset)
    if read.country is None or dataset is not None:
        return loaded, ()
    flows = loaded.flows(largest)
    if flows is not None and read.origin in flows["exporter"]:
        return loaded, ()
    years = sorted(set(read.country["year"]))
    span = {"first": str(years[0]), "last": str(years[-1])}
    of_file = CountryTrade(open_warehouse(warehouse, flows=read.country), None)
    return of_file, (Caution("province.country_of_file", span),)


def _filter_product(
    lines: pl.DataFrame, skipped: Mapping[str, int], product: str | None
) -> pl.DataFrame:
    lines = lines.drop_nulls("product")
    if product and not digits_of(product).isdecimal():
        product = product_code(product)
    some = lines.filter(pl.col("product").str.starts_with(product)) if product else lines
    if some.is_empty():
        if lines.is_empty() and (count := skipped.get(IMPORT, 0)):
            raise MissingDataError("province.only_imports", count=count)
        raise MissingDataError("province.no_exports", product=product or "—")
    return some


def _cautions(
    standing: ExportDecomposition, year: int | None, beside: pl.DataFrame, trade: CountryTrade
) -> Iterator[Caution]:
    """What a careful reader would ask of the tables."""
    if standing.months is None:
        yield Caution("province.one_year", {"year": str(standing.year)})
    if standing.lacking:
        lacking = join_list(f"{y}-{m:02d}" for y, m in standing.lacking)
        yield Caution("province.lacking", {"months": lacking, "year": str(standing.year)})
    if year is None:
        full, known = (join_list(map(str, years)) for years in (standing.full, trade.years))
        yield Caution("province.no_common_year", {"full": full or "—", "known": known})
    over = beside.filter(pl.col("share") > 1).sort("sold", descending=True)
    if over.height:
        first = over.row(0, named=True)
        named = {"product": first["product"], "market": CountryCode(first["market"])}
        times = f"{first['share']:.1f}"
        yield Caution("province.more_than_all", {**named, "times": times, "count": over.height})
