"""The tables of a world and of a shock, as a person gives them: read, checked, made matrices."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.api.asking import TableIn
from offing.policy.equilibrium.counterfactual import Setting, Shock, with_domestic
from offing.policy.equilibrium.one_sector import World
from offing.sources.own_table import first_row, numbers, own_table
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest

Array = npt.NDArray[np.float64]
Caution = tuple[str, dict[str, str]]
VALUES = ("trade", "value_usd")
LARGEST_TARIFF = 5.0
"""500 %: above it a rate was meant in per cent."""
CHANGES = ("tariff", "cost", "effect")
ALL = "*"


@dataclass(frozen=True)
class Coefficient:
    """Of one variable of a panel gravity, with its standard error clustered by pair."""

    name: str
    value: float
    se: float


@dataclass(frozen=True)
class Given:
    """A world as its tables say, before a shock.

    Attributes:
        world: with trade inside countries.
        setting: with GDP where domestic trade was estimated from it.
        year: of the trade; ``None`` where the table does not say.
        cautions: what was estimated.
    """

    world: World
    setting: Setting
    year: int | None
    cautions: tuple[Caution, ...]


def _read(given: TableIn, wanted: tuple[str, ...]) -> tuple[pl.DataFrame, Path, str]:
    """A table with its keys as text and the first of ``wanted`` as a number."""
    table, path = own_table(given)
    column = next((name for name in wanted if name in table.columns), wanted[0])
    for name in ("exporter", "importer", column):
        if name not in table.columns:
            known = enumerated(name for name in table.columns if name != "row")
            raise InputError("gravity.no_such_column", where=Where(path), text=name, all=known)
        if (at := first_row(table, pl.col(name).is_null())) is not None:
            raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)
    keys = (pl.col(name).cast(pl.String).str.strip_chars() for name in ("exporter", "importer"))
    extra = [name for name in ("se", "year") if name in table.columns]
    values = (numbers(table, path, name) for name in (column, *extra))
    return table.select("row", *keys, *values), path, column


def read_world(given: TableIn, gdp: TableIn, setting: Setting) -> Given:
    """One year of trade, with its domestic trade or with GDP to estimate it from.

    Raises:
        InputError: ``equilibrium.pair_twice``, ``equilibrium.not_square``,
            ``equilibrium.bad_gdp``, and as :meth:`World.check`.
    """
    table, path, column = _read(given, VALUES)
    twice = pl.struct("exporter", "importer").is_duplicated()
    if (at := first_row(table, twice)) is not None:
        pair = f"{at['exporter']} → {at['importer']}"
        raise InputError("equilibrium.pair_twice", where=Where(path, at["row"]), pair=pair)
    sides = [set(table[name]) for name in ("exporter", "importer")]
    if gdp is None and sides[0] != sides[1]:
        rows, columns = map(len, sides)
        raise InputError(
            "equilibrium.not_square",
            where=Where(path),
            rows=rows,
            columns=columns,
            countries=len(sides[0] | sides[1]),
        )
    countries = tuple(sorted(sides[0] | sides[1]))
    place = {name: at for at, name in enumerate(countries)}
    trade = np.zeros((len(countries), len(countries)))
    for exporter, importer, value in table.select("exporter", "importer", column).iter_rows():
        trade[place[exporter], place[importer]] = np.nan if value is None else value
    year = table["year"].max() if "year" in table.columns else None
    known_year = None if year is None else int(float(str(year)))
    if gdp is None:
        world = World(countries, trade)
        world.check()
        return Given(world, setting, known_year, ())
    product = _gdp(gdp, countries)
    World(countries, trade + np.eye(len(countries))).check()
    world, transit = with_domestic(countries, trade, product)
    world.check()
    cautions: list[Caution] = [("equilibrium.domestic_estimated", {})]
    if transit:
        cautions.append(("equilibrium.domestic_transit", {"countries": enumerated(transit)}))
    return Given(world, replace(setting, gdp=product, foreign=trade), known_year, tuple(cautions))


def _gdp(given: TableIn, countries: tuple[str, ...]) -> Array:
    table, path = own_table(given)
    for name in ("country", "gdp"):
        if name not in table.columns:
            known = enumerated(name for name in table.columns if name != "row")
            raise InputError("gravity.no_such_column", where=Where(path), text=name, all=known)
    rows = table.select(
        pl.col("country").cast(pl.String).str.strip_chars(), numbers(table, path, "gdp")
    )
    product: dict[str, float] = dict(rows.iter_rows())
    return np.array([product.get(country) or np.nan for country in countries], dtype=np.float64)


def place_of(countries: tuple[str, ...], name: str, where: Where | None = None) -> int:
    """A country's place in the world.

    Raises:
        InputError: ``equilibrium.unknown_country`` with the nearest.
    """
    if name not in countries:
        near = nearest(name, countries) or countries[0]
        raise InputError("equilibrium.unknown_country", where=where, text=name, near=near)
    return countries.index(name)


def read_shock(given: TableIn, about: Given, coefficient: Coefficient | None = None) -> Shock:
    """What changes, by pair; ``*`` for all others. Later rows win.

    Args:
        given: ``exporter``, ``importer`` and one of ``tariff``, ``cost``, ``effect``, or the
            change of the coefficient's variable.
        about: the world that it is laid over.
        coefficient: of a gravity, whose variable changes.

    Raises:
        InputError: an unknown country, a value that cannot be, a shock before the data.
    """
    wanted = CHANGES if coefficient is None else (coefficient.name,)
    table, path, column = _read(given, wanted)
    _check_year(table, path, about.year)
    countries = about.world.countries
    n = len(countries)
    value, se = np.full((n, n), np.nan), np.zeros((n, n))
    errors = table["se"].to_list() if "se" in table.columns else [0.0] * table.height
    rows = table.select("row", "exporter", "importer", column).iter_rows()
    for (row, exporter, importer, number), error in zip(rows, errors, strict=True):
        sides = [
            list(range(n)) if name == ALL else [place_of(countries, name, Where(path, row))]
            for name in (exporter, importer)
        ]
        if number is None or not np.isfinite(number):
            raise InputError("gravity.infinite", where=Where(path, row, column), column=column)
        cells = np.ix_(*sides)
        value[cells], se[cells] = number, error or 0.0
    np.fill_diagonal(value, np.nan)  # trade within a country has no border
    se[np.isnan(value)] = 0.0
    if np.isnan(value).all():
        raise InputError("equilibrium.empty_shock", where=Where(path))
    return _shock(value, se, column, coefficient, Where(path))


def _check_year(table: pl.DataFrame, path: Path, year: int | None) -> None:
    """What came before the trade was observed is in the trade already."""
    if year is None or "year" not in table.columns:
        return
    if (at := first_row(table, pl.col("year") < year)) is not None:
        raise InputError(
            "equilibrium.shock_in_past",
            where=Where(path, at["row"], "year"),
            year=int(at["year"]),
            data=year,
        )


def _shock(
    value: Array, se: Array, column: str, coefficient: Coefficient | None, where: Where
) -> Shock:
    nothing = Shock.nothing(len(value))
    changed = np.nan_to_num(value)
    if coefficient is not None:
        return replace(
            nothing, effect=coefficient.value * changed, se=coefficient.se * np.abs(changed)
        )
    if column == "cost":
        if (value[~np.isnan(value)] <= 0).any():
            raise InputError("equilibrium.bad_freeness", where=where)
        return replace(nothing, log_cost=np.nan_to_num(np.log(value)), se=se)
    if column == "tariff":
        if (changed <= -1).any():
            raise InputError("equilibrium.bad_tariffs", where=where)
        if (most := float(changed.max(initial=0.0))) > LARGEST_TARIFF:
            raise InputError("equilibrium.huge_tariff", where=where, value=f"{most:g}")
        return replace(nothing, tariffs=changed, se=se)
    return replace(nothing, effect=changed, se=se)
