"""Ways of ranking, one file each but for the simple ones; found by the folder.

A way of ranking is a module with::

    def score(history: History, base_year: int, horizon: int) -> pl.DataFrame

It gives one row for every candidate (``history.until(base_year)``), in the order product, tier,
exporter, importer, with the columns of ``COLUMNS``; the larger the score, the better the market.
It looks at nothing after the base year, unless it says ``SEES_LATER = True``. With ``YARDSTICK =
True`` backtests compare it and nothing is ranked by it. With ``NEEDS = ("package",)`` it is left
out of comparisons where the package is not installed. With ``ANY_HORIZON = True`` it says the same
at every horizon, and is asked once. ``UNIT = "index"`` says that the score is not in USD. Further
columns are read where they exist: ``growth`` (what the method says of growth rates; else the score
is taken), ``expected`` (USD), ``entry`` (probability of a lasting new flow); of flows that exist
``low80`` and ``high80`` (USD) and the quantiles ``q0`` … ``q6`` of ``outlook.distribution.LEVELS``.
A function ``sum_interval(history, base_year, horizon, product, origin, markets)`` may give the 80 %
interval of an exporter's sales in several markets together; ``None`` where it cannot be known.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import polars as pl

from offing.market.history import Array, Cube, History
from offing.terms.errors import unknown_name
from offing.terms.plugins import plugins, use_guarded

COLUMNS = ("product", "tier", "exporter", "importer", "score")
"""``exporter`` and ``importer`` are places in ``History.countries``."""


class ScoringMethod(Protocol):
    """What a scoring module gives."""

    score: Callable[[History, int, int], pl.DataFrame]


def names() -> tuple[str, ...]:
    """Every way of ranking: the folder's files, and those of other packages."""
    return tuple(sorted((*own_names(), *_plugin_methods())))


def rankings() -> tuple[str, ...]:
    """Those that a list of markets may go by."""
    return tuple(name for name in names() if not getattr(method(name), "YARDSTICK", False))


def _plugin_methods() -> dict[str, ScoringMethod]:
    return plugins("offing.scores", tuple(sorted(own_names())))


@cache
def own_names() -> frozenset[str]:
    """The folder's files, and those that one of them has in a few lines each."""
    files = {file.stem for file in Path(__file__).parent.glob("*.py")}
    return frozenset(files - {"__init__", "simple"} | {*_simple()})


def _simple() -> dict[str, ScoringMethod]:
    simple = import_module("offing.forecast.scores.simple")
    return cast(dict[str, ScoringMethod], simple.RANKINGS)


def method(name: str) -> ScoringMethod:
    """The way of ranking of that name.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    if name not in names():
        raise unknown_name(name, names())
    if name in _plugin_methods():
        return _plugin_methods()[name]
    if name in _simple():
        return _simple()[name]
    return cast(ScoringMethod, import_module(f"offing.forecast.scores.{name}"))


def rank_candidates(
    name: str, history: History, base_year: int, horizon: int, candidates: int
) -> pl.DataFrame | None:
    """What a way of ranking says of so many candidates.

    ``None``, and a caution, where it is of another package and fails.

    Raises:
        ValueError: it scores another number of candidates, or one of another package is not finite.
    """

    def score() -> pl.DataFrame:
        rows = method(name).score(history, base_year, horizon)
        if rows.height != candidates:
            raise ValueError(f"{name} scores {rows.height} of {candidates} candidates")
        if name in _plugin_methods() and not rows["score"].is_finite().all():
            raise ValueError(f"{name} has a score that is not finite")
        return rows

    return use_guarded("offing.scores", name, score) if name in _plugin_methods() else score()


def sees_later(name: str) -> bool:
    """Whether it is a yardstick that looks at the outcome."""
    return bool(getattr(method(name), "SEES_LATER", False))


SumInterval = Callable[[History, int, int, str, str, Sequence[str]], tuple[float, float] | None]
"""History, base year, horizon, product, origin, markets → ends of the 80 % interval, USD."""


def sum_interval(name: str) -> SumInterval | None:
    """What gives the interval of a sum over markets; ``None`` where the method has none."""
    return cast("SumInterval | None", getattr(method(name), "sum_interval", None))


def any_horizon(name: str) -> bool:
    """Whether it says the same at every horizon."""
    return bool(getattr(method(name), "ANY_HORIZON", False))


def can_run(name: str) -> bool:
    """Whether every package it needs is installed."""
    needs: tuple[str, ...] = getattr(method(name), "NEEDS", ())
    return all(find_spec(package) is not None for package in needs)


def unit(name: str) -> str:
    """``usd`` or ``index``: what its score is in (``UNIT`` of the module; else USD)."""
    return str(getattr(method(name), "UNIT", "usd"))


def scored_all(cubes: Iterable[Cube], say: Callable[[Cube], dict[str, Array]]) -> pl.DataFrame:
    """The candidates of every cube with what is said of it."""
    return pl.concat([candidate_frame(cube, say(cube)) for cube in cubes])


def candidate_frame(cube: Cube, columns: dict[str, Array]) -> pl.DataFrame:
    """The candidates of a cube with exporter × importer arrays as columns."""
    row, column = np.nonzero(cube.candidates)
    return pl.DataFrame(
        {
            "product": pl.Series([cube.product], dtype=pl.String).new_from_index(0, len(row)),
            "tier": pl.Series([cube.tier], dtype=pl.String).new_from_index(0, len(row)),
            "exporter": cube.exporters[row],
            "importer": cube.importers[column],
            **{
                name: np.broadcast_to(values, cube.base.shape)[row, column]
                for name, values in columns.items()
            },
        }
    )
