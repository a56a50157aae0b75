"""Averages over groups of countries, weighted by today's expenditure, as papers print them."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from offing.api.asking import TableIn
from offing.api.world_tables import Array, column_there, place_of, world_table
from offing.sources.own_table import first_row
from offing.terms.errors import InputError, Where


def read_groups(source: TableIn, countries: tuple[str, ...]) -> dict[str, list[int]]:
    """Each group of a table with ``group`` and ``country``, and where its countries stand.

    Raises:
        InputError: ``equilibrium.no_column``, ``equilibrium.unknown_country``,
            ``equilibrium.pair_twice`` where a country is twice in a group.
    """
    if source is None:
        return {}
    table, path = world_table(source)
    for name in ("group", "country"):
        column_there(table, path, name)
        if (at := first_row(table, pl.col(name).is_null())) is not None:
            raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)
    texts = (pl.col(name).cast(pl.String).str.strip_chars() for name in ("group", "country"))
    groups: dict[str, list[int]] = {}
    for row, group, country in table.select("row", *texts).iter_rows():
        if not group:
            raise InputError("gravity.blank_key", where=Where(path, row, "group"), column="group")
        position = place_of(countries, country, Where(path, row))
        members = groups.setdefault(group, [])
        if position in members:
            raise InputError(
                "equilibrium.pair_twice", where=Where(path, row), pair=f"{group}: {country}"
            )
        members.append(position)
    return groups


def averages(
    rows: pl.DataFrame, spent: Array, groups: dict[str, list[int]], home: int | None
) -> pl.DataFrame:
    """One row a group: ``group`` (null for all but home), ``count`` and the mean of each change.

    Args:
        rows: one a country, in the order of ``spent``.
        spent: N, today's expenditure.
        groups: name → places.
        home: whose tariffs are studied; all others are a group where they are several.
    """
    names = [
        name
        for name, kind in rows.schema.items()
        if kind == pl.Float64 and name not in {"output", "welfare_low", "welfare_high"}
    ]
    everyone: list[tuple[str | None, Sequence[int]]] = [*groups.items()]
    if home is not None and rows.height > 2:
        everyone.append((None, [at for at in range(rows.height) if at != home]))
    lines = [
        {
            "group": name,
            "count": len(members),
            **{column: _mean(rows[column].to_numpy(), spent, members) for column in names},
        }
        for name, members in everyone
    ]
    floats = dict.fromkeys(names, pl.Float64)
    return pl.DataFrame(lines, {"group": pl.String, "count": pl.Int64, **floats})


def _mean(values: Array, spent: Array, members: Sequence[int]) -> float | None:
    there = [at for at in members if np.isfinite(values[at])]
    weight = spent[there].sum()
    return float(values[there] @ spent[there] / weight) if weight > 0 else None
