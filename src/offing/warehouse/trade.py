"""The flows of a data set, as analyses ask for them. Codes nest: 85 has all that 8528 has.

A code of six digits in data that stop at four has the trade of its heading (品目), cautioned.

The months tell how the running year goes, in US dollars.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TypeVar
from weakref import finalize

import polars as pl

from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError
from offing.terms.products import names_of_products
from offing.terms.tables import Flows
from offing.warehouse.catalog import StoredPart, code_range, newest_first
from offing.warehouse.engine import HOME, added_up, sums_sql
from offing.warehouse.store import Warehouse

T = TypeVar("T")
ABROAD = "value_usd > 0 AND exporter <> importer"
"""What counts as a flow."""


def flows_below(
    warehouse: Warehouse,
    dataset: str,
    code: str = "",
    *,
    since: int = 0,
    until: int | None = None,
    year: int | None = None,
    columns: Sequence[str] = tuple(Flows.columns()),
) -> pl.DataFrame:
    """Every flow of a code and of all codes below it, by year, product, importer and exporter.

    A data set that holds 8528 and 852872 gives both; :meth:`Warehouse.flows` gives one level. An
    empty code stands for all products.
    """
    last = until or 9999
    all_years = warehouse.years("flows", dataset) if year is None else [year]
    years = [seen for seen in all_years if since <= seen <= last]
    rows = warehouse.flows_in_order(dataset, code, years=years or None, columns=columns)
    return rows if years else rows.clear()


def flows_by_year(warehouse: Warehouse, dataset: str, code: str, until: int) -> dict[int, int]:
    """Year → how many rows :func:`flows_below` has; of all codes the catalogue tells."""
    parts = [part for _, part in warehouse.stored_parts("flows", dataset)]
    if not code and all(part.year for part in parts):
        counts = ((part.year or 0, part.rows) for part in parts if (part.year or 0) <= until)
        return dict(sorted(counts))
    source = warehouse.source_sql("flows", dataset, below=code)
    counted = warehouse.query(
        f"SELECT year, count(*) AS flows FROM {source} "
        "WHERE product >= ? AND product < ? AND year <= ? GROUP BY year ORDER BY year",
        [*code_range(code), until],
    )
    return dict(counted.iter_rows())


def export_sums(
    warehouse: Warehouse,
    dataset: str,
    year: int,
    keys: Sequence[str],
    *,
    codes: Sequence[str] | None = None,
    digits: int = 6,
    without: Collection[str] = (),
) -> pl.DataFrame:
    """Sums of a year's exports by ``product``, ``exporter`` or ``importer``, or some of them.

    Flows of nothing and of a country to itself are left out.

    Args:
        warehouse: of the flows.
        dataset: theirs.
        year: theirs.
        keys: what to add up by.
        codes: products to add up; all where ``None``.
        digits: of a product in the sums.
        without: exporters to leave out.

    Returns:
        ``keys`` and ``value_usd``, the same bytes in every run, in order.
    """
    source = warehouse.source_sql("flows", dataset, [year])
    named = [f"substr(product, 1, {digits}) AS product" if k == "product" else k for k in keys]
    order = ", ".join(keys)
    lists = {"product IN": codes, "exporter NOT IN": sorted(without) or None}
    chosen = [f"AND {of} ({', '.join('?' * len(n))}) " for of, n in lists.items() if n is not None]
    sums = warehouse.query(
        f"SELECT {order}, {sums_sql()} FROM (SELECT {', '.join(named)}, value_usd "
        f"FROM {source} WHERE {ABROAD} {''.join(chosen)}) "
        f"GROUP BY {order} ORDER BY {order}",
        [name for names in lists.values() for name in names or ()],
    )
    return added_up(sums)


def too_many_here(warehouse: Warehouse, dataset: str, years: Collection[int]) -> bool:
    """Whether flows of some years are on a cluster, and more of them than come home from it."""
    stored = warehouse.stored_parts("flows", dataset)
    rows = sum(part.rows for _, part in stored if part.year in years)
    return warehouse.elsewhere is not None and rows > HOME


def pooled_flows(warehouse: Warehouse, dataset: str, year: int) -> pl.DataFrame:
    """Flows of a year of all products together, each over the mean of its product.

    Returns:
        ``exporter``, ``importer``, ``value_usd`` (no dollars, but that many mean flows).
    """
    source = warehouse.source_sql("flows", dataset, [year])
    abroad = f"(SELECT * FROM {source} WHERE {ABROAD})"
    return warehouse.query(
        "SELECT exporter, importer, sum(value_usd / usual) AS value_usd "
        f"FROM {abroad} AS flows JOIN (SELECT product, avg(value_usd) AS usual FROM {abroad} "
        "GROUP BY product) AS means ON flows.product = means.product "
        "GROUP BY exporter, importer ORDER BY exporter, importer"
    )


def flows_of(warehouse: Warehouse, dataset: str, year: int, exporter: str) -> pl.DataFrame:
    """An exporter's flows of a year: ``product``, ``importer``, ``exporter``, ``value_usd``."""
    source = warehouse.source_sql("flows", dataset, [year])
    return warehouse.query(
        f"SELECT product, importer, exporter, value_usd FROM {source} "
        "WHERE exporter = ? AND importer <> exporter ORDER BY product, importer",
        [exporter],
    )


@dataclass(frozen=True)
class FlowsElsewhere:
    """Flows on a cluster as a :class:`~offing.market.history.History` asks for them.

    Attributes:
        warehouse: theirs.
        dataset: theirs.
        until: the last year that is looked at.
    """

    warehouse: Warehouse
    dataset: str
    until: int

    def _query(self, what: str, where: str, rest: str, *parameters: object) -> pl.DataFrame:
        years = [year for year in self.warehouse.years("flows", self.dataset) if year <= self.until]
        source = self.warehouse.source_sql("flows", self.dataset, years)
        sql = f"SELECT {what} FROM {source} WHERE {where} {rest}"
        return self.warehouse.query(sql, list(parameters))

    def sizes(self) -> pl.DataFrame:
        """``year``, ``product`` and ``len``, how many flows there are."""
        rest = "GROUP BY year, product ORDER BY year, product"
        counts = self._query("year, product, count(*) AS flows", ABROAD, rest)
        return counts.select(pl.col("year").cast(pl.Int32), "product", len="flows")

    def countries(self) -> tuple[str, ...]:
        """Every country with a flow."""
        what = (f"DISTINCT {side} AS country" for side in ("importer", "exporter"))
        sides = pl.concat(self._query(of_side, ABROAD, "") for of_side in what)
        return tuple(sides["country"].unique().sort())

    def reporters(self) -> pl.DataFrame:
        """``year``, ``side`` and ``country`` of every report; of a publisher's the importer's."""
        sides = {"importer": "('both', 'importer', 'source')", "exporter": "('both', 'exporter')"}
        told = []
        for side, kinds in sides.items():
            what = f"DISTINCT year, '{side}' AS side, {side} AS country"
            told.append(self._query(what, f"observed IN {kinds}", ""))
        return pl.concat(told).cast({"year": pl.Int32}).sort("year", "side", "country")

    def pairs(self, year: int) -> pl.DataFrame:
        """``exporter``, ``importer``, ``value_usd`` and ``goods`` of all products of a year."""
        rest = "GROUP BY exporter, importer ORDER BY exporter, importer"
        what = f"exporter, importer, count(*) AS goods, {sums_sql()}"
        return added_up(self._query(what, f"year = ? AND {ABROAD}", rest, year))

    def cells(self, year: int) -> pl.DataFrame:
        """``product`` and ``cells``: its exporters of a year times its importers."""
        cells = "count(DISTINCT exporter) * count(DISTINCT importer) AS cells"
        rest = "GROUP BY product ORDER BY product"
        return self._query(f"product, {cells}", f"year = ? AND {ABROAD}", rest, year)

    def rows(self, years: Sequence[int], products: Sequence[str]) -> pl.DataFrame:
        """The flows of some years and products, brought home."""
        whens, codes = (", ".join("?" * len(some)) for some in (years, products))
        what = "year, product, importer, exporter, value_usd"
        where = f"year IN ({whens}) AND product IN ({codes}) AND {ABROAD}"
        order = "ORDER BY product, year, exporter, importer"
        return self._query(what, where, order, *years, *products).cast({"year": pl.Int32})

    def brought(self, years: Sequence[int], products: Sequence[str]) -> pl.LazyFrame:
        """The flows of some products, brought home year by year into files."""
        folder = Path(mkdtemp(prefix="offing-"))
        finalize(self.warehouse, rmtree, folder, ignore_errors=True)
        files = [folder / f"{year}.parquet" for year in years]
        for year, file in zip(years, files, strict=True):
            self.rows([year], products).write_parquet(file)
        return pl.scan_parquet(files, glob=False)

    def headings(
        self, years: Sequence[int], work: Callable[[pl.DataFrame], T]
    ) -> Iterator[tuple[str, T]]:
        """See :func:`heading_results`."""
        return heading_results(self.warehouse, self.dataset, years, work)


def heading_results(
    warehouse: Warehouse, dataset: str, years: Sequence[int], work: Callable[[pl.DataFrame], T]
) -> Iterator[tuple[str, T]]:
    """What some work makes, on the cluster that has the flows, of those of each heading.

    It gets ``year``, ``product``, ``importer``, ``exporter``, ``value_usd``. Flows of nothing and
    of a country to itself are left out. Headings come in any order.
    """
    assert warehouse.elsewhere is not None
    source = warehouse.source_sql("flows", dataset, years)
    what = "year, product, importer, exporter, value_usd, substr(product, 1, 4) AS chunk"
    sql = f"SELECT {what} FROM {source} WHERE {ABROAD}"
    return warehouse.elsewhere.chunk_results(sql, work)


def flows_of_codes(
    warehouse: Warehouse, dataset: str, year: int, codes: Collection[str] | None = None
) -> pl.DataFrame:
    """A year's flows of six digits: of some codes, or of all."""
    return warehouse.query(
        f"SELECT * FROM {warehouse.source_sql('flows', dataset, [year])} "
        f"WHERE length(product) = 6{_among(codes)}",
        sorted(codes or ()),
    )


def sums_by_year(
    warehouse: Warehouse, dataset: str, years: Collection[int], codes: Collection[str] | None = None
) -> list[tuple[int, float]]:
    """Years of a data set with their trade of six digits, USD: of some codes, or of all."""
    sums = warehouse.query(
        f"SELECT year, {sums_sql()} FROM {warehouse.source_sql('flows', dataset, years)} "
        f"WHERE length(product) = 6{_among(codes)} GROUP BY year ORDER BY year",
        sorted(codes or ()),
    )
    return added_up(sums).select("year", "value_usd").rows()


def _among(codes: Collection[str] | None) -> str:
    return "" if codes is None else f" AND product IN ({', '.join('?' * len(codes)) or 'NULL'})"


def editions_of_reports(warehouse: Warehouse, dataset: str) -> list[tuple[int, str | None]]:
    """Years of a data set's reports with the one edition that all of them are in, or none."""
    rows = warehouse.query(
        "SELECT year, CASE WHEN count(DISTINCT edition) = 1 AND count(edition) = count(*) "
        f"THEN max(edition) END FROM {warehouse.source_sql('reports', dataset)} "
        "GROUP BY year ORDER BY year"
    )
    return rows.rows()


def reported_years(warehouse: Warehouse, dataset: str, code: str = "") -> pl.DataFrame:
    """Which importer reported anything below a code in which year: ``year``, ``importer``."""
    source = warehouse.source_sql("flows", dataset, below=code)
    return warehouse.query(
        f"SELECT DISTINCT year, importer FROM {source} "
        "WHERE product >= ? AND product < ? ORDER BY year, importer",
        [*code_range(code)],
    )


def flows_by_exporter(warehouse: Warehouse, dataset: str) -> pl.DataFrame:
    """How many flows an exporter has in a year with anybody: ``year``, ``exporter``, ``flows``."""
    source = warehouse.source_sql("flows", dataset)
    return warehouse.query(
        f"SELECT year, exporter, count(*) AS flows FROM {source} WHERE {ABROAD} "
        "GROUP BY year, exporter ORDER BY year, exporter"
    )


def product_codes(warehouse: Warehouse, dataset: str) -> list[str]:
    """Every HS code that a data set has, in order."""
    source = warehouse.source_sql("flows", dataset)
    codes = warehouse.query(f"SELECT DISTINCT product FROM {source} ORDER BY product")
    return codes["product"].to_list()


def codes_below(warehouse: Warehouse, heading: str, digits: int) -> list[tuple[str, float]]:
    """The codes of so many digits below a heading with their world trade, the largest first.

    Returns:
        Code, and USD of the newest year of the data set with the most trade in the heading.
    """
    try:
        dataset = warehouse.trade_set(heading)
    except MissingDataError:
        return []
    sums = warehouse.query(
        f"SELECT year, product, {sums_sql()} FROM "
        f"{warehouse.source_sql('flows', dataset, below=heading)} "
        "WHERE product >= ? AND product < ? AND length(product) = ? GROUP BY year, product",
        [*code_range(heading), digits],
    )
    newest = added_up(sums).filter(pl.col("year") == pl.col("year").max())
    largest = newest.sort(["value_usd", "product"], descending=[True, False])
    return largest.select("product", "value_usd").rows()


def kilometres(warehouse: Warehouse, origin: str) -> dict[str, float]:
    """Destination → km from an origin; empty where no distances are loaded."""
    rows = warehouse.table("distances").filter(pl.col("origin") == origin).sort("destination")
    return dict(rows.select("destination", "km").iter_rows())


SIX, FOUR = 6, 4


def traded_code(warehouse: Warehouse, code: str, dataset: str | None = None) -> str | None:
    """The code, to six digits, under which the data have its trade; ``None`` where they lack it.

    Data that have codes of six digits in its heading lack it, where it is not among them.
    """
    for digits in (SIX, FOUR):
        try:
            warehouse.trade_set(code[:digits], dataset)
        except (MissingDataError, InputError):
            continue
        finer = digits == FOUR and len(code) > FOUR and codes_below(warehouse, code[:FOUR], SIX)
        return None if finer else code[:digits]
    return None


def warehouse_of_codes(
    warehouse: Warehouse, products: Iterable[str], dataset: str | None = None
) -> tuple[Warehouse, tuple[Caution, ...]]:
    """The warehouse, and under the name of each code of which it has the heading alone, its trade.

    Args:
        warehouse: with trade.
        products: HS codes that are asked for.
        dataset: the one asked for; for each code that with the most trade where ``None``.

    Returns:
        The same warehouse where nothing is named so; else one that has these codes beside the
        trade of their data sets, and ``warehouse.heading_alone`` of each code.
    """
    wanted = tuple(dict.fromkeys(products))
    short = {code for code in wanted if len(code) == SIX}
    if warehouse.elsewhere is not None or not short:
        return warehouse, ()
    traded = {code: traded_code(warehouse, code, dataset) for code in wanted}
    headings = {code: found for code, found in traded.items() if found and code in short - {found}}
    if not headings:
        return warehouse, ()
    codes = {code: found for code, found in traded.items() if found}
    key = ("headings", wanted, dataset)
    house = warehouse.made_once(key, lambda: _house_of_codes(warehouse, codes, dataset))
    return house, tuple(_caution(code, heading) for code, heading in headings.items())


def _caution(code: str, heading: str) -> Caution:
    name = dict(zip(("en", "zh"), names_of_products().get(heading, ("", "")), strict=True))
    return Caution("warehouse.heading_alone", {"code": code, "heading": heading, "name": name})


def _house_of_codes(
    warehouse: Warehouse, traded: Mapping[str, str], dataset: str | None
) -> Warehouse:
    rows = defaultdict[str, list[pl.DataFrame]](list)
    for code, found in traded.items():
        chosen = warehouse.trade_set(found, dataset)
        flows = warehouse.flows(found, dataset=chosen).with_columns(product=pl.lit(code))
        rows[chosen] += [flows] if code != found else []
    house = Warehouse.temporary()
    parts = []
    for name, frames in rows.items():
        stored = warehouse.stored_parts("flows", name)
        parts += [replace(p, file=str(folder.resolve() / p.file)) for folder, p in stored]
        loads = {part.year: part.load for _, part in stored}
        schema = pl.Schema(pl.read_parquet_schema(parts[-1].file))
        every = pl.concat([pl.DataFrame(schema=schema), *(one.cast(schema) for one in frames)])
        every = every.sort("year", "product", "importer", "exporter")
        for (year,), flows in every.group_by("year", maintain_order=True):
            file = f"flows-{name}-{year}.parquet"
            flows.write_parquet(house.folder / file)
            load = loads.get(year, loads.get(None, 0))
            parts.append(StoredPart("flows", name, int(str(year)), file, flows.height, load))
    return house.holding(tuple(parts), warehouse, loads=warehouse.catalog.loads)


MONTHS = "monthly_reports"


def monthly_sets(warehouse: Warehouse) -> tuple[str, ...]:
    """The data sets with months, newest load first."""
    return tuple(newest_first(part for _, part in warehouse.stored_parts(MONTHS)))


def months_below(
    warehouse: Warehouse, code: str, until: date, dataset: str | None = None
) -> tuple[pl.DataFrame, tuple[str, ...], int]:
    """Months of a code and of those below it that were over on a day.

    Where several sets have a reporter's imports or exports, that with the newest month is taken for
    all of them: growth needs one source. Yuan become dollars by the month's mean rate of the ECB.
    An empty code stands for all products.

    Returns:
        Rows of year, month, direction, reporter, partner, product and value_usd; the sets they come
        from; and how many rows are left out, as their currency has no exchange rate in the month.
    """
    names = (dataset,) if dataset else monthly_sets(warehouse)
    parts = []
    for number, name in enumerate(names):
        if not warehouse.stored_parts(MONTHS, name):
            continue
        source = warehouse.source_sql(MONTHS, name, below=code)
        months = warehouse.query(
            "SELECT year, month, CAST(direction AS STRING) AS direction, reporter, partner, "
            f"product, value, currency FROM {source} WHERE product >= ? AND product < ? "
            "AND (year < ? OR (year = ? AND month < ?)) "
            "ORDER BY product, reporter, partner, direction, year, month",
            [*code_range(code), until.year, until.year, until.month],
        )
        parts.append(months.with_columns(place=pl.lit(number)))
    if not parts:
        return _no_months(), (), 0
    every = pl.concat(parts)
    at = pl.col("year").cast(pl.Int32) * 12 + pl.col("month")
    best = (
        every.group_by("reporter", "direction", "place")
        .agg(newest=at.max())
        .sort(["newest", "place"], descending=[True, False])
        .unique(["reporter", "direction"], keep="first", maintain_order=True)
    )
    chosen = every.join(best, on=["reporter", "direction", "place"], how="semi")
    rows = _rows_in_dollars(warehouse, chosen, until)
    used = tuple(names[number] for number in sorted(chosen["place"].unique()))
    return rows, used, chosen.height - rows.height


def _no_months() -> pl.DataFrame:
    texts = dict.fromkeys(("direction", "reporter", "partner", "product"), pl.String())
    return pl.DataFrame(
        schema={"year": pl.Int32(), "month": pl.Int32(), **texts, "value_usd": pl.Float64()}
    )


def _rows_in_dollars(warehouse: Warehouse, rows: pl.DataFrame, until: date) -> pl.DataFrame:
    other = sorted(set(rows["currency"].unique()) - {"USD"})
    dollars = pl.col("value")
    if other:
        rates = _mean_rates(warehouse, [*other, "USD"], until)
        usd = rates.filter(pl.col("currency") == "USD").select("year", "month", usd="rate")
        keys, factor = ["year", "month", "currency"], pl.col("usd") / pl.col("rate")
        factors = rates.join(usd, on=keys[:2]).select(*keys, factor=factor)
        rows = rows.join(factors, on=keys, how="left", maintain_order="left")
        is_usd = pl.col("currency") == "USD"
        dollars *= pl.when(is_usd).then(1.0).otherwise(pl.col("factor"))
    whole = pl.col("year", "month").cast(pl.Int32)
    rows = rows.with_columns(whole, value_usd=dollars.cast(pl.Float64))
    return rows.select(_no_months().columns).drop_nulls("value_usd")


def _mean_rates(warehouse: Warehouse, currencies: list[str], until: date) -> pl.DataFrame:
    """Units for one euro, mean of each month's days."""
    days = warehouse.table("fx_rates").sort("currency", "on")
    days = days.filter(pl.col("currency").is_in(currencies), pl.col("on") <= until)
    year, month = pl.col("on").dt.year().cast(pl.Int16), pl.col("on").dt.month()
    means = days.group_by("currency", year=year, month=month, maintain_order=True)
    return means.agg(rate=pl.col("per_eur").cast(pl.Float64).mean())
