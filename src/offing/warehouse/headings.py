"""Codes of six digits in data that stop at four: the trade of their heading (品目), cautioned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import polars as pl

from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError
from offing.terms.products import names_of_products
from offing.warehouse.catalog import StoredPart
from offing.warehouse.store import Warehouse
from offing.warehouse.trade import codes_below

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
        The same warehouse where nothing is named so; else one with the trade of the products
        alone, and ``warehouse.heading_alone`` of each code.
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
        flows = warehouse.flows(found, dataset=chosen)
        named = flows if code == found else flows.with_columns(product=pl.lit(code))
        rows[chosen].append(named)
    house = Warehouse.temporary()
    parts = []
    for name, frames in rows.items():
        loads = {part.year: part.load for _, part in warehouse.stored_parts("flows", name)}
        every = pl.concat(frames).sort("year", "product", "importer", "exporter")
        for (year,), flows in every.group_by("year", maintain_order=True):
            file = f"flows-{name}-{year}.parquet"
            flows.write_parquet(house.folder / file)
            load = loads.get(year, loads.get(None, 0))
            parts.append(StoredPart("flows", name, int(str(year)), file, flows.height, load))
    return house.holding(tuple(parts), warehouse, loads=warehouse.catalog.loads)
