"""The four axes of a segment: demand, competition, access and fit, each with its measures shown.

A measure is ranked among the candidates (midrank, 0 worst to 1 best). An axis is the mean of the
ranks that are known. Nothing is filled in and no weight moves silently: each axis says what share
of its measures is known. METHODS.md 4 has the reasons for each measure and its sign.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Literal

import numpy as np
import polars as pl

from offing.forecast.results import AXES, AxisMeasure, AxisName, MarketAxis
from offing.terms.frames import exact_sum

SPAN = 5
"""Years over which growth, drift and entry are measured, at most."""
LEAST_YEARS = 3
"""Observations a trend needs."""
LEAST_USD = 500_000.0
"""A trend on mean imports below this is noise (the rule of HSTracker)."""

Segment = tuple[str, str]
"""(market, tier)"""
Better = Literal["high", "low", "middle"]
Values = Mapping[Segment, float | None]


@dataclass(frozen=True)
class MarketFacts:
    """What is known beside the flows. An empty mapping means that nothing is known.

    Attributes:
        km: market → distance from the origin.
        common_language: market → whether an official language is shared.
        shared_groups: market → number of trade agreements and groups shared with the origin.
        income_usd: market → GDP per head.
        population: market → people.
        duty_rate: market → duty over CIF value for the origin.
        rival_duty: market → duty that rivals pay there, where it is known.
        fit: segment → the percentile of the firm's price, and its margin rate there.
    """

    km: Mapping[str, float] = field(default_factory=dict)
    common_language: Mapping[str, bool] = field(default_factory=dict)
    shared_groups: Mapping[str, int] = field(default_factory=dict)
    income_usd: Mapping[str, float] = field(default_factory=dict)
    population: Mapping[str, float] = field(default_factory=dict)
    duty_rate: Mapping[str, float] = field(default_factory=dict)
    rival_duty: Mapping[str, float] = field(default_factory=dict)
    fit: Mapping[Segment, tuple[float | None, float | None]] = field(default_factory=dict)


_Measure = tuple[str, str, Better, Values]
"""Its name, its unit, which of its values are good, and they."""


def midranks(values: Sequence[float | None], better: Better = "high") -> list[float | None]:
    """Each value's place among those known, 0 worst to 1 best; ties share their mean place.

    >>> midranks([10.0, None, 30.0, 30.0])
    [0.0, None, 0.75, 0.75]
    """
    valid = [v if v is not None and math.isfinite(v) else None for v in values]
    known = pl.Series(valid, dtype=pl.Float64)
    good = {"high": known, "low": -known, "middle": -(known - 0.5).abs()}[better]
    last = good.count() - 1
    # A Series over a number is times its reciprocal, which rounds twice.
    return ((good.rank() - 1) / (good * 0 + last) if last > 0 else good * 0 + 0.5).to_list()


def axes(
    flows: pl.DataFrame,
    origin: str,
    year: int,
    candidates: Sequence[Segment],
    facts: MarketFacts | None = None,
) -> dict[Segment, tuple[MarketAxis, ...]]:
    """The four axes of every candidate.

    ``flows`` has year, product, tier, importer, exporter and value_usd of one product, all markets;
    years after ``year`` are not looked at.

    Returns:
        Segment → its axes in the order of ``AXES``.
    """
    facts = facts or MarketFacts()
    past = (
        flows.filter(pl.col("year").is_between(year - SPAN, year) & (pl.col("value_usd") > 0))
        .group_by("year", "tier", "importer", "exporter", maintain_order=True)
        .agg(exact_sum())
        .filter(pl.col("exporter") != pl.col("importer"))
    )
    measures: dict[AxisName, list[_Measure]] = {
        "demand": _demand(past, year, candidates, facts),
        "competition": _competition(past, origin, year),
        "access": _access(candidates, facts),
        "fit": _fit(candidates, facts),
    }
    ranks = {
        (axis, name): midranks([values.get(c) for c in candidates], better)
        for axis in AXES
        for name, _, better, values in measures[axis]
    }

    def score_market(axis: AxisName, at: int) -> MarketAxis:
        parts = tuple(
            AxisMeasure(name, values.get(candidates[at]), unit, ranks[axis, name][at])
            for name, unit, _, values in measures[axis]
        )
        known_ranks = [part.rank for part in parts if part.rank is not None]
        score = fsum(known_ranks) / len(known_ranks) if known_ranks else None
        return MarketAxis(axis, score, parts, len(known_ranks) / len(parts))

    return {
        candidate: tuple(score_market(axis, at) for axis in AXES)
        for at, candidate in enumerate(candidates)
    }


def coverage(of_segment: Sequence[MarketAxis]) -> float:
    """Share of all measures of a segment that are known."""
    parts = [part for axis in of_segment for part in axis.parts]
    return sum(part.rank is not None for part in parts) / len(parts)


CELL = ("importer", "tier")
"""What the flows of a segment have in common."""


def _group_cells(rows: pl.DataFrame, figure: pl.Expr, *first: str) -> pl.DataFrame:
    """A figure for each importer and tier, and for what is named ``first``."""
    return rows.group_by(*first, *CELL, maintain_order=True).agg(figure)


def _values_by_segment(rows: pl.DataFrame) -> dict[Segment, float | None]:
    return {(market, tier): value for market, tier, value in rows.iter_rows()}


def _market_values(
    candidates: Sequence[Segment], values: Mapping[str, float | int | bool]
) -> dict[Segment, float | None]:
    return {c: float(values[c[0]]) if c[0] in values else None for c in candidates}


def _slope(years: Sequence[int], values: Sequence[float]) -> float | None:
    """Least-squares slope a year; ``None`` under ``LEAST_YEARS``."""
    if len(years) < LEAST_YEARS:
        return None
    x = np.asarray(years, float) - np.mean(years)
    return float(x @ np.asarray(values) / (x @ x))


def _trend(
    rows: pl.DataFrame, keys: Sequence[str], value: str, of: Callable[[float], float]
) -> dict[tuple[str, ...], float | None]:
    series = rows.sort("year").group_by(keys, maintain_order=True).agg("year", value)
    return {
        tuple(map(str, key)): _slope(years, [of(v) for v in values])
        for *key, years, values in series.iter_rows()
    }


def _demand(
    past: pl.DataFrame, year: int, candidates: Sequence[Segment], facts: MarketFacts
) -> list[_Measure]:
    value, imports = pl.col("value_usd"), _group_cells(past, exact_sum(), "year")
    size = _group_cells(imports.filter(pl.col("year") > year - LEAST_YEARS), value.mean())
    enough = _group_cells(imports, value.mean()).filter(value >= LEAST_USD)
    growth = _trend(imports.join(enough, on=CELL, how="semi"), CELL, "value_usd", math.log)
    placed = imports.filter(pl.col("tier") != "all")
    share = placed.group_by("year", "importer", maintain_order=True).agg(
        high=value.filter(pl.col("tier") == "high").sum() / value.sum()
    )
    drift = {key[0]: v for key, v in _trend(share, ["importer"], "high", float).items()}
    tiers = any(tier != "all" for _, tier in candidates)
    measures: list[_Measure] = [
        ("size", "usd", "high", _values_by_segment(size)),
        ("growth", "growth", "high", {(k[0], k[1]): v for k, v in growth.items()}),
    ]
    if tiers:
        drifts = {m: v for m, v in drift.items() if v is not None}
        measures.append(("drift", "share", "high", _market_values(candidates, drifts)))
    return [
        *measures,
        ("income", "usd", "high", _market_values(candidates, facts.income_usd)),
        ("population", "count", "high", _market_values(candidates, facts.population)),
    ]


def _competition(past: pl.DataFrame, origin: str, year: int) -> list[_Measure]:
    value, this_year = pl.col("value_usd"), pl.col("year") == year
    rivals = past.filter(this_year, pl.col("exporter") != origin)
    concentration = _group_cells(rivals, ((value / value.sum()) ** 2).sum())
    share = value.filter(pl.col("exporter") == origin).sum() / value.sum()
    mine = _group_cells(past, share.alias("share"), "year")
    home, change = mine.filter(this_year).drop("year"), _trend(mine, CELL, "share", float)
    entry, survival = _entries(past, year)
    return [
        ("concentration", "index", "low", _values_by_segment(concentration)),
        ("home_share", "share", "low", _values_by_segment(home)),
        ("home_share_change", "share", "low", {(k[0], k[1]): v for k, v in change.items()}),
        ("entry", "share", "high", entry),
        ("survival", "share", "high", survival),
    ]


def _entries(past: pl.DataFrame, year: int) -> tuple[Values, Values]:
    """Of the suppliers of a segment, the share that is new; of those that came, the share still in.

    New: first seen in the last two years. Both need three years of data.
    """
    years = sorted(past["year"].unique().to_list())
    if len(years) < LEAST_YEARS or years[-1] != year:
        return {}, {}
    spans = past.group_by("importer", "tier", "exporter", maintain_order=True).agg(
        first=pl.col("year").min(), last=pl.col("year").max()
    )
    now = spans.filter(pl.col("last") == year)
    new = _group_cells(now, (pl.col("first") >= years[-2]).mean())
    came = spans.filter((pl.col("first") > years[0]) & (pl.col("first") < year))
    stayed = _group_cells(came, (pl.col("last") == year).mean())
    return _values_by_segment(new), _values_by_segment(stayed)


def _access(candidates: Sequence[Segment], facts: MarketFacts) -> list[_Measure]:
    def of(name: str, unit: str, better: Better, values: Mapping[str, float]) -> _Measure:
        return name, unit, better, _market_values(candidates, values)

    margin = {
        market: rate - facts.duty_rate[market]
        for market, rate in facts.rival_duty.items()
        if market in facts.duty_rate
    }
    return [
        of("duty", "rate", "low", facts.duty_rate),
        of("duty_margin", "rate", "high", margin),
        of("distance", "km", "low", facts.km),
        of("common_language", "index", "high", facts.common_language),
        of("shared_groups", "count", "high", facts.shared_groups),
    ]


def _fit(candidates: Sequence[Segment], facts: MarketFacts) -> list[_Measure]:
    percentile, margin = (
        {c: facts.fit.get(c, (None, None))[at] for c in candidates} for at in (0, 1)
    )
    return [("price_place", "share", "middle", percentile), ("margin", "rate", "high", margin)]


__all__ = ["MarketFacts", "axes", "coverage", "midranks"]
