"""The tables of a world, of its sectors and of a shock, as a person gives them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from offing.estimators import Floats
from offing.policy.equilibrium.counterfactual import (
    Coefficient,
    ModelSetting,
    TradeShock,
    add_domestic_trade,
)
from offing.policy.equilibrium.many_sectors import SectorEconomy
from offing.policy.equilibrium.one_sector import World
from offing.sources.layout import our_headings
from offing.sources.own_table import column_of, first_row, must_be_filled, numbers, own_table
from offing.terms.caution import Caution
from offing.terms.countries import known_code
from offing.terms.errors import InputError, Where, must_be_within, unknown_name
from offing.terms.messages import join_list, suggest

VALUES = ("trade", "value_usd")
LARGEST_TARIFF = 2.0
"""200 %: a bare number above it was meant in per cent; ``300%`` says what it means."""
LARGEST_ON_ALL = 1.0
"""The same of a rate on the goods of every country, which none has levied above 100 %."""
LARGEST_EFFECT = 10.0
"""On the log of trade at given prices: 22,026 times the trade."""
CHANGES = ("tariff", "cost", "effect")
ALL = "*"
PAIR = ("exporter", "importer")
OF_SECTOR = ("sector", *PAIR)
LARGEST_NOW = 5.0
"""500 %: duties of today reach 270 % in published tables; a bare number above was per cent."""


@dataclass(frozen=True)
class WorldData:
    """A world as its tables say, before a shock.

    Attributes:
        world: with trade inside countries.
        setting: with GDP where domestic trade was estimated from it.
        year: of the trade; ``None`` where the table does not say.
        cautions: what was estimated.
        absent: pairs of countries that the table has no row of.
    """

    world: World
    setting: ModelSetting
    year: int | None
    cautions: tuple[Caution, ...]
    absent: int = 0


def world_table(given: Any) -> tuple[pl.DataFrame, Path]:
    """A table with our names of its columns, and what to call it in a message.

    Raises:
        InputError: ``gravity.column_twice`` where two headings mean the same, and as
            :func:`own_table`.
    """
    table, path = own_table(given)
    names = our_headings(table.columns, "world")
    for heading, ours in names.items():
        if [*names.values()].count(ours) > 1:
            raise InputError("gravity.column_twice", where=Where(path, column=heading), text=ours)
    return table.rename(names), path


@cache
def _places(countries: tuple[str, ...]) -> dict[str, int]:
    """Every way to name a country of the trade → its place; its own label comes first."""
    places = {name: at for at, name in enumerate(countries)}
    for at, name in enumerate(countries):
        for other in (name.casefold(), code_of(name)):
            if other is not None:
                places.setdefault(other, at)
    return places


def code_of(label: str) -> str | None:
    """The alpha-3 code of a country's label; ``None`` where it is not known, or a number, which may
    be somebody's own count.

    >>> code_of("中国"), code_of("China"), code_of("156"), code_of("ROW")
    ('CHN', 'CHN', None, None)
    """
    return None if label.isdigit() else known_code(label)


def one_label_each(table: pl.DataFrame) -> pl.DataFrame:
    """Where a country has several labels in one table, such as CHN and 中国, its code for all."""
    labels: dict[str, list[str]] = {}
    for label in sorted({*table["exporter"], *table["importer"]}):
        if (code := code_of(label)) is not None:
            labels.setdefault(code, []).append(label)
    one = {label: code for code, several in labels.items() if several[1:] for label in several}
    return table.with_columns(pl.col(PAIR).replace(one)) if one else table


def rates(table: pl.DataFrame, path: Path, name: str) -> pl.DataFrame:
    """A table with its rates as shares, and in ``percent`` where they were written ``25%``.

    Raises:
        InputError: ``gravity.not_a_number``.
    """
    percent = pl.lit(value=False)
    if table.schema[name] == pl.String:
        text = pl.col(name).str.strip_chars()
        table = table.with_columns(
            text.str.replace(r"\s*[%％]$", ""), percent=text.str.contains(r"[%％]$")
        )
        percent = pl.col("percent").fill_null(value=False)
    share = numbers(table, path, name) / pl.when(percent).then(100.0).otherwise(1.0)
    return table.with_columns(share.alias(name), percent=percent)


def check_rate(rate: float, where: Where, largest: float) -> None:
    """Refuse a tariff that cannot be, or that was meant in per cent.

    Raises:
        InputError: ``errors.out_of_range``, ``equilibrium.huge_tariff``.
    """
    must_be_within("tariff", rate, gt=-1, lt=np.inf, where=where)
    if rate > largest:
        sizes = {"value": f"{rate:g}", "most": f"{largest:g}"}
        raise InputError("equilibrium.huge_tariff", where=where, **sizes)


def keyed_table(
    table: pl.DataFrame,
    path: Path,
    keys: Sequence[str],
    values: Sequence[str],
    optional: Sequence[str] = ("year",),
) -> pl.DataFrame:
    """``row``, keys as text, values as numbers, what is optional if it is there, and ``percent``.

    Raises:
        InputError: a column or a key is missing, or a value is no number.
    """
    must_be_filled(table, path, *keys)
    for name in values:
        column_of(table, path, name)
    there = (*values, *(name for name in optional if name in table.columns))
    table = table.with_columns(percent=False)
    table = rates(table, path, "tariff") if "tariff" in there else table
    texts = (pl.col(name).cast(pl.String).str.strip_chars() for name in keys)
    return table.select("row", *texts, *(numbers(table, path, name) for name in there), "percent")


def _read(given: Any, wanted: tuple[str, ...]) -> tuple[pl.DataFrame, Path, str]:
    """A table of pairs with the first of ``wanted`` as a number."""
    table, path = world_table(given)
    column = column_of(table, path, *wanted)
    must_be_filled(table, path, column)
    return keyed_table(table, path, PAIR, (column,), ("se", "year")), path, column


def _one_row_each(table: pl.DataFrame, path: Path, keys: Sequence[str]) -> pl.DataFrame:
    """Trade with one label for each country, and one row for each pair, of a sector or of all.

    Raises:
        InputError: ``equilibrium.empty_trade``, ``equilibrium.pair_twice``.
    """
    if table.is_empty():
        raise InputError("equilibrium.empty_trade", where=Where(path))
    table = one_label_each(table)
    if (at := first_row(table, pl.struct(keys).is_duplicated())) is not None:
        pair = f"{at['exporter']} → {at['importer']}"
        pair = f"{at['sector']}: {pair}" if "sector" in keys else pair
        raise InputError("equilibrium.pair_twice", where=Where(path, at["row"]), pair=pair)
    return table


def read_world(given: Any, gdp: Any, setting: ModelSetting) -> WorldData:
    """One year of trade, with its domestic trade or with GDP to estimate it from.

    Raises:
        InputError: ``equilibrium.empty_trade``, ``equilibrium.pair_twice``,
            ``equilibrium.not_square``, ``equilibrium.bad_gdp``, and as :meth:`World.check`.
    """
    table, path, column = _read(given, VALUES)
    table = _one_row_each(table, path, PAIR)
    sides = [set(table[name]) for name in PAIR]
    countries = tuple(sorted(sides[0] | sides[1]))
    if gdp is None and sides[0] != sides[1]:
        size = {"rows": len(sides[0]), "columns": len(sides[1]), "countries": len(countries)}
        raise InputError("equilibrium.not_square", where=Where(path), **size)
    place = {name: at for at, name in enumerate(countries)}
    trade = np.zeros((len(countries), len(countries)))
    values = pl.col(column).fill_null(np.nan)
    for exporter, importer, value in table.select("exporter", "importer", values).iter_rows():
        trade[place[exporter], place[importer]] = value
    known_year, absent = latest_year(table), len(countries) ** 2 - table.height
    if gdp is None:
        world = World(countries, trade)
        world.check(Where(path))
        return WorldData(world, setting, known_year, tuple(_odd_at_home(world)), absent)
    product = _gdp(gdp, countries)
    World(countries, trade).check(Where(path), domestic=False)
    world, transit = add_domestic_trade(countries, trade, product, Where(path))
    world.check(Where(path))
    cautions: list[Caution] = [Caution("equilibrium.domestic_estimated")]
    sold = trade.sum(axis=1) - np.diag(trade)
    if (part := float(np.nanmedian(sold / product))) < LEAST_OPEN:
        cautions.append(Caution("equilibrium.gdp_unit", {"part": f"{100 * part:.2g} %"}))
    if given_too := int((np.diag(trade) > 0).sum()):
        cautions.append(Caution("equilibrium.domestic_replaced", {"count": given_too}))
    if transit:
        cautions.append(Caution("equilibrium.domestic_transit", {"countries": join_list(transit)}))
    setting = replace(setting, gdp=product, foreign=trade)
    absent -= int((np.diag(trade) == 0).sum())  # estimated, whether a row has them or not
    return WorldData(world, setting, known_year, tuple(cautions), max(absent, 0))


LEAST_OPEN = 0.002
"""Of GDP, what the middle country exports at least; less is GDP in another unit than trade."""


def _odd_at_home(world: World) -> Iterator[Caution]:
    """That a country sells so much or little at home as none does."""
    home = np.diag(world.trade)
    abroad = world.trade.sum(axis=1) - home
    at_home = home / np.where(abroad > 0, abroad, np.inf)
    least = max(NEXT_TO_NOTHING, FAR_BELOW * float(np.median(at_home)))
    most = max(NEARLY_ALL, FAR_ABOVE * float(np.median(at_home)))
    odd = np.flatnonzero((at_home > 0) & ((at_home < least) | (at_home > most)))
    if names := [world.countries[at] for at in odd]:
        yield Caution("equilibrium.odd_at_home", {"count": len(names), "names": join_list(names)})


NEXT_TO_NOTHING, FAR_BELOW = 0.05, 0.02
"""Of its exports, and of what the middle country has of them; ports that sell on what they buy have
a tenth and more."""
NEARLY_ALL, FAR_ABOVE = 1000.0, 100.0
"""Times its exports, and times what the middle country sells at home for one of them: a slip of a
thousand is beyond both, the most closed of 69 countries in the panel of Yotov et al. is not."""


def _gdp(given: Any, countries: tuple[str, ...]) -> Floats:
    table, path = world_table(given)
    for name in ("country", "gdp"):
        column_of(table, path, name)
    product = np.full(len(countries), np.nan)
    names = pl.col("country").cast(pl.String).str.strip_chars().fill_null("")
    for row, name, value in table.select("row", names, numbers(table, path, "gdp")).iter_rows():
        if (at := _place(countries, name)) is None:
            continue  # a table of GDP usually has more countries than the trade
        if not np.isnan(product[at]):
            raise InputError("equilibrium.pair_twice", where=Where(path, row), pair=name)
        product[at] = np.nan if value is None else value
    return product


def _place(countries: tuple[str, ...], name: str) -> int | None:
    places = _places(countries)
    ways = (name, name.casefold(), code_of(name) or "")
    return next((places[way] for way in ways if way in places), None)


def place_of(countries: tuple[str, ...], name: str, where: Where | None = None) -> int:
    """A country's place in the world.

    Raises:
        InputError: ``equilibrium.unknown_country`` with the nearest.
    """
    at = _place(countries, name)
    if at is None:
        near = suggest(name, countries)
        raise InputError("equilibrium.unknown_country", where=where, text=name, near=near)
    return at


Groups = Mapping[str, Sequence[int]]
"""Names of groups of countries, and where their countries stand."""


def places_of(
    countries: tuple[str, ...], name: str, where: Where, groups: Groups = MappingProxyType({})
) -> list[int]:
    """A country's place in the world, those of a group, or every place for ``*``."""
    if name == ALL:
        return list(range(len(countries)))
    if _place(countries, name) is None and name in groups:
        return list(groups[name])
    return [place_of(countries, name, where)]


def read_shock(
    given: Any,
    about: WorldData,
    coefficient: Coefficient | None = None,
    groups: Groups = MappingProxyType({}),
) -> TradeShock:
    """What changes, by pair; ``*`` for all others: the row of fewer pairs wins, then the later one.

    Args:
        given: ``exporter``, ``importer`` and one of ``tariff``, ``cost``, ``effect``, or the
            change of the coefficient's variable.
        about: the world that it is laid over.
        coefficient: of a gravity, whose variable changes.
        groups: that a row may name in place of a country.

    Raises:
        InputError: an unknown country, a value that cannot be, a shock before the data,
            ``equilibrium.said_twice`` where two rows say something else of the same pairs.
    """
    wanted = CHANGES if coefficient is None else (coefficient.name,)
    table, path, column = _read(given, wanted)
    both = [name for name in wanted if name in world_table(given)[0].columns]
    if both[1:]:
        raise InputError("equilibrium.two_changes", where=Where(path), all=join_list(both))
    check_year(table, path, about.year)
    countries = about.world.countries
    n = len(countries)
    value, se = np.full((n, n), np.nan), np.zeros((n, n))
    if "se" not in table.columns:
        table = table.with_columns(se=0.0)
    place = partial(places_of, countries, groups=groups)
    largest = LARGEST_TARIFF, LARGEST_ON_ALL
    for row, cells in _changes(table, path, column, dict.fromkeys(PAIR, place), largest, n):
        error = row["se"] or 0.0
        must_be_within("se", error, ge=0, lt=np.inf, where=Where(path, row["row"], "se"))
        value[cells], se[cells] = row[column], error
    np.fill_diagonal(value, np.nan)  # trade within a country has no border
    se[np.isnan(value)] = 0.0
    if np.isnan(value).all():
        raise InputError("equilibrium.empty_shock", where=Where(path))
    return _shock(value, se, column, coefficient)


def _changes(
    table: pl.DataFrame,
    path: Path,
    column: str,
    find: Mapping[str, Callable[[str, Where], list[int]]],
    largest: tuple[float, float],
    countries: int,
) -> Iterator[tuple[dict[str, Any], tuple[Any, ...]]]:
    """The rows of a table of changes with the cells that each is of, those of more pairs first.

    Args:
        table: see :func:`keyed_table`.
        path: what to call it.
        column: of the changes.
        find: name of a key → what finds its places.
        largest: tariffs written as bare numbers, of one exporter and of all.
        countries: how many there are.

    Raises:
        InputError: a value that cannot be; ``equilibrium.own_goods`` where an exporter or importer
            is misnamed; ``equilibrium.said_twice``: which of two is meant nobody knows.
    """
    said: dict[tuple[tuple[int, ...], ...], tuple[int, float]] = {}
    rows: list[tuple[int, dict[str, Any], tuple[tuple[int, ...], ...]]] = []
    whole = _whole_columns(table, countries)
    for row in table.iter_rows(named=True):
        number, where = row[column], Where(path, row["row"], column)
        names = [row[key] for key in find]
        places = tuple(tuple(find[key](row[key], Where(path, row["row"]))) for key in find)
        if number is None or not np.isfinite(number):
            raise InputError("gravity.infinite", where=where, column=column)
        most = np.inf if row["percent"] else largest[row["exporter"] == ALL]
        _check_change(number, column, where, most)
        own = len(places[-1]) == 1 and places[-1] == places[-2]
        if column == "tariff" and row["importer"] not in whole and number and own:
            raise InputError("equilibrium.own_goods", where=where, country=row["exporter"])
        first, before = said.setdefault(places, (row["row"], number))
        if before != number:
            pair, rates = " → ".join(names), {"before": f"{before:g}", "value": f"{number:g}"}
            raise InputError("equilibrium.said_twice", where=where, pair=pair, first=first, **rates)
        rows.append((prod(map(len, places)), row, places))
    for _, row, places in sorted(rows, key=lambda one: -one[0]):
        yield row, np.ix_(*places)


def _whole_columns(table: pl.DataFrame, countries: int) -> frozenset[str]:
    """Importers of which the rows name every country, as a column of a matrix does.

    There what stands on the diagonal is passed over: it is no exporter misnamed.
    """
    exporters = pl.col("exporter").n_unique() >= countries
    return frozenset(table.group_by("importer").agg(whole=exporters).filter("whole")["importer"])


def _check_change(number: float, column: str, where: Where, most: float) -> None:
    if column == "tariff":
        check_rate(number, where, most)
    elif column == "cost":
        must_be_within(column, number, gt=0, where=where)
    elif column == "effect" and number > LARGEST_EFFECT:
        sizes = {"value": f"{number:g}", "most": LARGEST_EFFECT}
        raise InputError("equilibrium.huge_effect", where=where, **sizes)


def latest_year(table: pl.DataFrame) -> int | None:
    """Of the trade; ``None`` where the table does not say."""
    year = table["year"].max() if "year" in table.columns else None
    return None if year is None else int(float(str(year)))


def check_year(table: pl.DataFrame, path: Path, year: int | None) -> None:
    """What came before the trade was observed is in the trade already.

    Raises:
        InputError: ``equilibrium.shock_in_past``.
    """
    if year is None or "year" not in table.columns:
        return
    if (at := first_row(table, pl.col("year") < year)) is not None:
        where, then = Where(path, at["row"], "year"), int(at["year"])
        raise InputError("equilibrium.shock_in_past", where=where, year=then, data=year)


def _shock(value: Floats, se: Floats, column: str, coefficient: Coefficient | None) -> TradeShock:
    changed = {"tariff": "tariffs", "cost": "log_cost"}.get(column, "effect")
    size = np.nan_to_num(np.log(value) if column == "cost" else value)
    if coefficient is not None:
        size, se = coefficient.value * size, coefficient.se * np.abs(size)
    return replace(TradeShock.nothing(len(value)), **{changed: size}, se=se)


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


def read_sectors(trade: Any, sectors: Any, inputs: Any) -> Sectors:
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
    flows = keyed_table(own, path, OF_SECTOR, ("trade",), ("tariff", "year"))
    flows = _one_row_each(flows, path, OF_SECTOR)
    countries = tuple(sorted({*flows["exporter"], *flows["importer"]}))
    names = tuple(sorted(set(flows["sector"])))
    shape = len(names), len(countries), len(countries)
    values, tariffs = np.zeros(shape), np.zeros(shape)
    at_sector = {name: n for n, name in enumerate(names)}
    at_country = {name: n for n, name in enumerate(countries)}
    tariff = _todays(flows, path)
    rows = flows.select(*OF_SECTOR, "trade").iter_rows()
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
    source: Any, names: tuple[str, ...], countries: tuple[str, ...]
) -> tuple[Floats, Floats]:
    table, path = world_table(source)
    added, theta = np.full((len(names), len(countries)), np.nan), np.full(len(names), np.nan)
    keys, values = ("sector", "country"), ("value_added", "theta")
    for row in keyed_table(table, path, keys, values).iter_rows(named=True):
        where = Where(path, row["row"])
        j, n = (
            sector_places(names, row["sector"], where),
            places_of(countries, row["country"], where),
        )
        added[np.ix_(j, n)], theta[j] = row["value_added"], row["theta"]
    if not ((added > 0) & (added <= 1)).all() or not (theta > 0).all():
        raise InputError("equilibrium.bad_costs", where=Where(path))
    return added, theta


def _inputs(source: Any, names: tuple[str, ...], countries: tuple[str, ...]) -> Floats:
    shares = np.zeros((len(countries), len(names), len(names)))
    if source is None:
        shares[:] = np.eye(len(names))
        return shares
    table, path = world_table(source)
    rows = keyed_table(table, path, ("country", "output", "input"), ("share",))
    for row in rows.iter_rows(named=True):
        where = Where(path, row["row"])
        sides = (sector_places(names, row[side], where) for side in ("input", "output"))
        shares[np.ix_(places_of(countries, row["country"], where), *sides)] = row["share"]
    # a published table may have a small negative share: a stock that was run down
    if not np.isfinite(shares).all() or (shares.sum(axis=1) < 0).any():
        raise InputError("equilibrium.bad_inputs", where=Where(path))
    return shares


def read_tariffs(source: Any, world: Sectors, groups: Groups) -> Floats:
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
    must_be_filled(own, path, "tariff")
    table = keyed_table(own, path, OF_SECTOR, ("tariff",))
    check_year(table, path, world.year)
    tariffs = world.economy.tariffs.copy()
    most = (max(LARGEST_TARIFF, float(tariffs.max())),) * 2  # some of today's are above 200 %
    n = len(world.countries)
    place = partial(places_of, world.countries, groups=groups)
    find = {"sector": partial(sector_places, world.sectors), **dict.fromkeys(PAIR, place)}
    for row, (j, exporters, importers) in _changes(table, path, "tariff", find, most, n):
        tariffs[j, importers, exporters] = row["tariff"]
    home = np.arange(len(world.countries))
    tariffs[:, home, home] = world.economy.tariffs[:, home, home]
    if np.array_equal(tariffs, world.economy.tariffs):
        raise InputError("equilibrium.empty_shock", where=Where(path))
    return tariffs
