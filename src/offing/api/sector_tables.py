"""A world of many sectors as its tables say: trade by sector, costs of sectors, who buys what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from offing.api.asking import TableIn
from offing.api.world_tables import (
    ALL,
    LARGEST_TARIFF,
    Groups,
    Said,
    check_border,
    check_rate,
    check_year,
    keyed_table,
    latest_year,
    one_label_each,
    places_of,
    whole_columns,
    world_table,
)
from offing.estimators import Floats
from offing.policy.equilibrium.many_sectors import SectorEconomy
from offing.policy.equilibrium.one_sector import World
from offing.sources.own_table import first_row
from offing.terms.errors import InputError, Where, unknown_name

KEYS = ("sector", "exporter", "importer")
LARGEST_NOW = 5.0
"""500 %: duties of today reach 270 % in published tables; a bare number above was per cent."""


@dataclass(frozen=True)
class Sectors:
    """A world of J sectors and N countries.

    Attributes:
        countries: N codes, in order.
        sectors: J names, in order.
        economy: today.
        year: of the trade; ``None`` where the table does not say.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    economy: SectorEconomy
    year: int | None


def sector_places(labels: Sequence[str], name: str, where: Where) -> list[int]:
    """Where a name stands among the sectors; ``*`` for all.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    if name == ALL:
        return list(range(len(labels)))
    if name not in labels:
        raise unknown_name(name, labels, where)
    return [labels.index(name)]


def _table(
    raw: TableIn, keys: Sequence[str], values: Sequence[str]
) -> tuple[Iterable[tuple[Any, ...]], Path]:
    """Rows of number, keys and values, and the table's name."""
    table, path = world_table(raw)
    rows = keyed_table(table, path, keys, values)
    return rows.select("row", *keys, *values).iter_rows(), path


def read_sectors(trade: TableIn, sectors: TableIn, inputs: TableIn) -> Sectors:
    """Today's world of many sectors.

    Args:
        trade: ``sector``, ``exporter``, ``importer``, ``trade`` before tariffs, within each country
            too; ``tariff``, today's, none where the column is missing.
        sectors: ``sector``, ``country`` (``*`` for all), ``value_added`` (share in output),
            ``theta``.
        inputs: ``country`` (``*``), ``output``, ``input``, ``share`` of the output's materials;
            every sector buys from itself alone where ``None``.

    Raises:
        InputError: a table that does not fit, an unknown name, ``equilibrium.bad_trade``.
    """
    own, path = world_table(trade)
    flows = keyed_table(own, path, KEYS, ("trade",), ("tariff", "year"))
    if flows.is_empty():
        raise InputError("equilibrium.empty_trade", where=Where(path))
    flows = one_label_each(flows)
    twice = pl.struct("sector", "exporter", "importer").is_duplicated()
    if (at := first_row(flows, twice)) is not None:
        pair = f"{at['sector']}: {at['exporter']} → {at['importer']}"
        raise InputError("equilibrium.pair_twice", where=Where(path, at["row"]), pair=pair)
    countries = tuple(sorted({*flows["exporter"], *flows["importer"]}))
    names = tuple(sorted(set(flows["sector"])))
    shape = len(names), len(countries), len(countries)
    values, tariffs = np.zeros(shape), np.zeros(shape)
    at_sector = {name: n for n, name in enumerate(names)}
    at_country = {name: n for n, name in enumerate(countries)}
    tariff = _todays(flows, path)
    rows = flows.select(*KEYS, "trade").iter_rows()
    for (sector, exporter, importer, value), rate in zip(rows, tariff, strict=True):
        cell = at_sector[sector], at_country[importer], at_country[exporter]
        values[cell], tariffs[cell] = np.nan if value is None else value, rate
    added, theta = _costs(sectors, names, countries)
    economy = SectorEconomy(values, tariffs, added, _inputs(inputs, names, countries), theta)
    economy.check(Where(path))
    economy.check_demand(countries, Where(path))
    World(countries, values.sum(axis=0).T).check(Where(path))
    return Sectors(countries, names, economy, latest_year(flows))


def _todays(flows: pl.DataFrame, path: Path) -> list[float]:
    """The tariff of each flow, none where the table has no column or cell for it."""
    if "tariff" not in flows.columns:
        return [0.0] * flows.height
    for row, rate, percent in flows.select("row", "tariff", "percent").iter_rows():
        check_rate(rate or 0.0, Where(path, row, "tariff"), np.inf if percent else LARGEST_NOW)
    return flows["tariff"].fill_null(0.0).to_list()


def _costs(
    source: TableIn, names: tuple[str, ...], countries: tuple[str, ...]
) -> tuple[Floats, Floats]:
    rows, path = _table(source, ("sector", "country"), ("value_added", "theta"))
    added, theta = np.full((len(names), len(countries)), np.nan), np.full(len(names), np.nan)
    for row, sector, country, share, elasticity in rows:
        where = Where(path, row)
        j, n = sector_places(names, sector, where), places_of(countries, country, where)
        added[np.ix_(j, n)], theta[j] = share, elasticity
    if not ((added > 0) & (added <= 1)).all() or not (theta > 0).all():
        raise InputError("equilibrium.bad_costs", where=Where(path))
    return added, theta


def _inputs(source: TableIn, names: tuple[str, ...], countries: tuple[str, ...]) -> Floats:
    shares = np.zeros((len(countries), len(names), len(names)))
    if source is None:
        shares[:] = np.eye(len(names))
        return shares
    rows, path = _table(source, ("country", "output", "input"), ("share",))
    for row, country, output, bought, share in rows:
        where = Where(path, row)
        cells = np.ix_(
            places_of(countries, country, where),
            sector_places(names, bought, where),
            sector_places(names, output, where),
        )
        shares[cells] = share
    # a published table may have a small negative share: a stock that was run down
    if not np.isfinite(shares).all() or (shares.sum(axis=1) < 0).any():
        raise InputError("equilibrium.bad_inputs", where=Where(path))
    return shares


def read_tariffs(source: TableIn, world: Sectors, groups: Groups) -> Floats:
    """J × N × N, new tariffs: today's where the table says nothing.

    Args:
        source: ``exporter``, ``importer``, ``tariff`` and where it is not for all ``sector``.
        world: today's.
        groups: of countries, that a row may name.

    Raises:
        InputError: an unknown name, ``errors.out_of_range``, ``equilibrium.empty_shock``,
            ``equilibrium.shock_in_past``.
    """
    own, path = world_table(source)
    if "sector" not in own.columns:
        own = own.with_columns(sector=pl.lit(ALL))
    table = keyed_table(own, path, KEYS, ("tariff",))
    check_year(table, path, world.year)
    table = table.select("row", *KEYS, "tariff", "percent")
    tariffs = world.economy.tariffs.copy()
    largest = max(LARGEST_TARIFF, float(tariffs.max()))  # some of today's are above 200 %
    said, whole = Said(path, "tariff"), whole_columns(table, len(world.countries))
    for row, sector, exporter, importer, rate, percent in table.iter_rows():
        where = Where(path, row, "tariff")
        sides = [places_of(world.countries, n, where, groups) for n in (importer, exporter)]
        places = (sector_places(world.sectors, sector, where), *sides)
        if rate is None:
            raise InputError("gravity.blank_key", where=where, column="tariff")
        check_rate(rate, where, np.inf if percent else largest)
        if importer not in whole:
            check_border((importer, exporter), places[1:], rate, where)
        said.once((sector, exporter, importer), places, row, rate)
        tariffs[np.ix_(*places)] = rate
    home = np.arange(len(world.countries))
    tariffs[:, home, home] = world.economy.tariffs[:, home, home]
    if np.array_equal(tariffs, world.economy.tariffs):
        raise InputError("equilibrium.empty_shock", where=Where(path))
    return tariffs
