"""Gravity over several years, estimated on the user's own table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from offing.market.gravity.panel import PanelGravity, fit_panel
from offing.market.gravity.panel_steps import PairEffects
from offing.sources.own_table import first_row, numbers, read_table
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.messages import enumerated

KEYS = ("exporter", "importer", "year")
VALUES = ("value_usd", "trade")
"""What the column of trade is called where the user does not say."""
DomesticRows = Literal["keep", "drop"]
"""Whether trade within a country, where it is listed, is part of the sample."""


@dataclass(frozen=True)
class PanelEstimate:
    """Estimates of a file.

    Attributes:
        file: the table.
        years: the first, the last, and how many.
        pair_effects: as given.
        fit: the estimates.
        domestic: rows of trade within a country that the file has.
        kept: whether they are in the sample.
        without: countries of the file that have no such row.
    """

    file: Path
    years: tuple[int, int, int]
    pair_effects: PairEffects
    fit: PanelGravity
    domestic: int
    kept: bool
    without: int


def panel_of(
    path: Path,
    covariates: Sequence[str],
    *,
    value: str | None = None,
    pair_effects: PairEffects = "directed",
    domestic: DomesticRows = "keep",
) -> PanelEstimate:
    """Estimate on a CSV or Parquet file with ``exporter``, ``importer``, ``year`` and trade.

    Args:
        path: the file; its rows are the sample.
        covariates: columns, used as they are.
        value: the column of trade, in any unit; else one of ``VALUES``.
        pair_effects: as :func:`fit_panel`.
        domestic: ``drop`` leaves out rows whose exporter is the importer.

    Raises:
        InputError: ``gravity.no_such_column``, ``gravity.panel_needs_covariates``,
            ``gravity.not_a_number``, ``gravity.infinite``, ``gravity.bad_outcome``,
            ``gravity.blank_key``, ``gravity.one_year``, and as :func:`fit_panel`.
        MissingDataError: ``gravity.no_rows``, ``gravity.only_domestic``.
    """
    table = read_table(path)
    columns = [name for name in table.columns if name != "row"]
    trade = value or next((name for name in VALUES if name in columns), VALUES[0])
    names = list(dict.fromkeys(covariates))
    if not names:
        free = [name for name in columns if name not in (*KEYS, trade)]
        raise InputError("gravity.panel_needs_covariates", where=Where(path), all=enumerated(free))
    for name in (*KEYS, trade, *names):
        if name not in columns:
            raise InputError(
                "gravity.no_such_column", where=Where(path), text=name, all=enumerated(columns)
            )
    if clash := next((name for name in names if name in (*KEYS, trade)), None):
        raise InputError("gravity.covariate_is_key", where=Where(path, column=clash), text=clash)
    if table.is_empty():
        raise MissingDataError("gravity.no_rows", where=Where(path))
    for name in KEYS[:2]:
        if (at := first_row(table, pl.col(name).is_null())) is not None:
            raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)
    table = table.with_columns(numbers(table, path, name) for name in ("year", trade, *names))
    whole = (pl.col("year") == pl.col("year").round()) & pl.col("year").is_between(1, 9999)
    if (at := first_row(table, ~whole.fill_null(False))) is not None:
        raise InputError(
            "gravity.bad_year", where=Where(path, at["row"], "year"), text=_shown(at["year"])
        )
    bad = ~(pl.col(trade).is_finite() & (pl.col(trade) >= 0)).fill_null(False)
    if (at := first_row(table, bad)) is not None:
        raise InputError(
            "gravity.bad_outcome",
            where=Where(path, at["row"], trade),
            count=table.filter(bad).height,
            column=trade,
            row=at["row"],
            value=_shown(at[trade]),
        )
    for name in names:
        if (at := first_row(table, pl.col(name).is_infinite())) is not None:
            raise InputError("gravity.infinite", where=Where(path, at["row"], name), column=name)
    at_home = pl.col("exporter") == pl.col("importer")
    own, kept = table.filter(at_home), domestic == "keep"
    countries = pl.concat([table[name].cast(pl.String) for name in KEYS[:2]]).n_unique()
    if not kept:
        table = table.filter(~at_home)
        if table.is_empty():
            raise MissingDataError("gravity.only_domestic", where=Where(path))
    years = table["year"].cast(pl.Int32).unique().sort().to_list()
    if len(years) < 2 and pair_effects != "none":
        raise InputError("gravity.one_year", where=Where(path), year=years[0])
    panel = table.select(
        *KEYS[:2], pl.col("year").cast(pl.Int32), pl.col(trade).alias("value_usd"), *names
    )
    fit = fit_panel(panel, pair_effects=pair_effects)
    return PanelEstimate(
        path,
        (years[0], years[-1], len(years)),
        pair_effects,
        fit,
        own.height,
        kept,
        countries - own["exporter"].n_unique(),
    )


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
