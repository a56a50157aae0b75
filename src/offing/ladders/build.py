"""Build a market's ladder: its tiers, bands and suppliers, with growth, drift and noise.

The ladder of a market from a panel that the firm pays for, in place of customs unit values.

A line of a panel has units and value of one class, band or brand, so its price is a real average
and not that of whatever an exporter shipped. Lines stand where exporters stand on a customs ladder.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from offing.ladders.ladder import TIERS, BandRow, Basis, Ladder, PriceTier, Supplier, Tier, rising
from offing.ladders.tiers import USUAL_METHOD, Frame, basis_of, collect, lazy, tier_shares, units
from offing.terms.countries import country_name
from offing.terms.errors import MissingDataError
from offing.terms.messages import join_list, say
from offing.terms.tables import Flows
from offing.terms.text import Unit

LEAST_YEARS = 3
LEAST_PAIRS = 5


def growth(values: Mapping[int, float]) -> float | None:
    """Mean yearly growth from the first year to the last, compounded.

    Returns:
        A share: 0.1 is 10 % a year. ``None`` with under three years or a first or last value of
        nothing.

    >>> round(growth({2019: 100.0, 2020: 90.0, 2021: 121.0}) or 0, 4)
    0.1
    """
    years = sorted(values)
    if len(years) < LEAST_YEARS:
        return None
    first, last = values[years[0]], values[years[-1]]
    if first <= 0 or last <= 0:
        return None
    return float((last / first) ** (1 / (years[-1] - years[0])) - 1)


def drift(shares: Mapping[int, float]) -> float | None:
    """Slope of a share over the years by least squares, in percentage points a year.

    Returns:
        ``None`` with under three years.

    >>> round(drift({2019: 0.10, 2020: 0.12, 2021: 0.14}) or 0, 6)
    2.0
    """
    if len(shares) < LEAST_YEARS:
        return None
    years = np.array(sorted(shares), dtype=float)
    points = np.array([100 * shares[int(year)] for year in years])
    away = years - years.mean()
    return float(away @ points / (away @ away))


def noise(rows: pl.DataFrame) -> dict[str, float]:
    """How much a supplier's log unit value wavers from one year to the next, by market.

    The yearly changes of log unit values, less their median of the year (prices that move together
    are no noise), have a median absolute value; 1.4826 times it is a robust standard deviation,
    and the square root of two takes out that a change has the noise of two years in it.

    Args:
        rows: columns importer, year, product, exporter and unit_value, none of them null.

    Returns:
        Market → the standard deviation in log points; of those with five pairs of years and more.
    """
    flow = ("importer", "product", "exporter", pl.col("year") + 1)
    middles = (
        rows.join(rows.select(*flow, before="unit_value"), on=[*flow[:3], "year"])
        .with_columns(change=(pl.col("unit_value") / pl.col("before")).log())
        .with_columns(
            pl.col("change") - pl.col("change").median().over("importer", "year", "product")
        )
        .group_by("importer")
        .agg(pl.len(), pl.col("change").abs().median())
        .filter(pl.col("len") >= LEAST_PAIRS)
    )
    return {m: 1.4826 * middle / math.sqrt(2) for m, _, middle in middles.iter_rows()}


ITEM_BANDS = (500.0, 5000.0)
"""The usual thresholds in USD per item. There are none for kilograms."""

GOOD_COVERAGE = 0.5
"""A year with a smaller share of usable value takes no part in growth and drift."""

FEW_SUPPLIERS = 3


def _unit_of(flows: Any, market: str) -> Unit:
    mine = lazy(flows).filter(nw.col("importer") == market)
    unit: list[Unit] = collect(units(mine, by=("importer",)))["unit"].to_list()
    return unit[0] if unit else "kg"


def _largest_markets(flows: Any) -> list[str]:
    sums = lazy(flows).group_by("importer").agg(nw.col("value_usd").sum())
    ordered = collect(sums).sort(["value_usd", "importer"], descending=[True, False])
    return [country_name(code) for code in ordered["importer"].head(3)]


def _year_of(rows: pl.DataFrame, year: int | None, market: str, unit: Unit) -> int:
    """The year asked for, or the latest one with a usable unit value."""
    years, name = rows["year"].unique().sort().to_list(), country_name(market)
    if year is not None:
        if year not in years:
            known = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
            raise MissingDataError("ladder.no_year", year=year, market=name, years=known)
        rows = rows.filter(pl.col("year") == year)
    usable = rows.filter(pl.col("dropped").is_null())
    if usable.is_empty():
        reasons = dict(Counter(rows["dropped"].sort()).most_common())
        key = "far" if next(iter(reasons)) == "ladder.drop_outlier" else "no"
        counted = rows.select(pl.col("^(kg|items)$").is_not_null().any())
        key = key if any(counted.row(0)) else "bare"
        values: dict[str, Any] = {
            "market": name,
            "flows": rows.height,
            "unit": say(f"ladder.unit_{unit}"),
            "why": join_list(f"{say(why)} ({count})" for why, count in reasons.items()),
        }
        raise MissingDataError(f"ladder.{key}_unit_values", **values)
    latest: int = usable["year"].max()  # type: ignore[assignment]
    return latest


PART: dict[str, pl.Expr] = {tier: (pl.col(tier) * pl.col("value")).fill_null(0.0) for tier in TIERS}
"""The value of a flow in each tier."""


_ByYear = dict[int, float]


def _sums(rows: pl.DataFrame, parts: Mapping[str, pl.Expr]) -> dict[str, dict[str, _ByYear]]:
    """Market → part of each flow → year → its sum."""
    sums = rows.group_by("importer", "year").agg(p.sum().alias(name) for name, p in parts.items())
    found: dict[str, dict[str, _ByYear]] = {}
    for market, year, *values in sums.sort("importer", "year").iter_rows():
        of_market = found.setdefault(market, {name: {} for name in parts})
        for name, value in zip(parts, values, strict=True):
            of_market[name][year] = value
    return found


@dataclass(frozen=True)
class _Totals:
    """By year, the value of all flows, of those with a usable unit value, and of each tier."""

    value: _ByYear
    used: _ByYear
    tiers: Mapping[str, _ByYear]

    def good_years(self, until: int) -> list[int]:
        """The years with a good coverage."""
        return [
            year
            for year, used in self.used.items()
            if year <= until and used > 0 and used >= GOOD_COVERAGE * self.value[year]
        ]

    def trends(self, parts: _ByYear, until: int) -> tuple[float | None, float | None]:
        """Growth and drift of a part of the usable value, over the years with a good coverage.

        The value without a usable unit value is taken to lie like the rest of its year, so that a
        year with a better coverage does not look like growth.
        """
        shares = {year: parts[year] / self.used[year] for year in self.good_years(until)}
        values = {year: share * self.value[year] for year, share in shares.items()}
        return growth(values), drift(shares)


def _sum_by_exporter(now: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Market → what each exporter sold there, the largest first; of several codes it is added up.

    ``used``, ``quantity`` and the tiers are of the value with a usable unit value.
    """
    used = pl.col("dropped").is_null()
    sums = (
        now.sort("value", descending=True)
        .group_by("importer", "exporter", maintain_order=True)
        .agg(
            pl.col("value").sum(),
            used=pl.col("value").filter(used).sum(),
            quantity=pl.col("quantity").filter(used).sum(),
            dropped=pl.col("dropped").drop_nulls().first(),
            **{tier: part.sum() for tier, part in PART.items()},
        )
        .sort(["value", "exporter"], descending=[True, False])
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for line in sums.iter_rows(named=True):
        found.setdefault(line["importer"], []).append(line)
    return found


def _supplier(line: Mapping[str, Any]) -> Supplier:
    good = line["used"] > 0
    return Supplier(
        exporter=line["exporter"],
        value_usd=line["value"],
        quantity=line["quantity"] if good else None,
        unit_value=line["used"] / line["quantity"] if good else None,
        shares={tier: line[tier] / line["used"] for tier in TIERS} if good else {},
        dropped=None if good else line["dropped"],
    )


def _levels(now: pl.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Market → reference, low tier's upper bound and high tier's lower bound, USD per unit.

    Each product code has its own; those of a market with several codes are averaged
    geometrically by value.
    """
    weight, several = pl.col("value") / pl.col("value").sum(), pl.col("product").n_unique() > 1
    names = ("reference", "low_to", "high_from")
    levels = now.filter(pl.col("dropped").is_null()).group_by("importer").agg(
        pl.when(several)
        .then((pl.col(name).log() * weight).sum().exp())
        .otherwise(pl.col(name).first())
        for name in names
    )  # fmt: skip
    return {market: (*level,) for market, *level in levels.iter_rows()}


def _tiers(
    level: tuple[float, float, float], sold: Sequence[Mapping[str, Any]], year: int, totals: _Totals
) -> Iterator[PriceTier]:
    _, low_to, high_from = level
    limits = {"low": (None, low_to), "medium": (low_to, high_from), "high": (high_from, None)}
    for tier in TIERS:
        parts = totals.tiers[tier]
        grown, drifted = totals.trends(parts, year)
        largest = sorted(sold, key=lambda line: (-line[tier], line["exporter"]))
        shares = [
            (line["exporter"], line[tier] / parts[year]) for line in largest if line[tier] > 0
        ]
        value, whole = parts[year], totals.used[year]
        concentration = fsum(share * share for _, share in shares)
        yield PriceTier(
            tier, *limits[tier], value, value / whole, grown, drifted, tuple(shares), concentration
        )


def _bands(
    rows: pl.DataFrame, edges: Sequence[float], years: Mapping[str, int], of: Mapping[str, _Totals]
) -> dict[str, tuple[BandRow, ...]]:
    """Value by absolute thresholds. An exporter lies in the band of its average as a whole."""
    if not edges:
        return {}
    since = {m: min(of[m].good_years(year), default=year) for m, year in years.items()}
    above = (pl.col("unit_value") >= edge for edge in edges)
    placed = rows.with_columns(band=pl.sum_horizontal(*above, ignore_nulls=False))
    crossed = _band_crossings(placed, since, years)
    steady = placed.join(crossed, on=["importer", "exporter", "product"], how="anti")
    inside = {
        str(number): pl.when(pl.col("band") == number).then("value").otherwise(0.0)
        for number in range(len(edges) + 1)
    }
    of_all, of_steady = _sums(placed, inside), _sums(steady, inside)
    moves: dict[str, list[tuple[str, int, int]]] = {}
    for market, *move in crossed.select("importer", "exporter", "before", "after").iter_rows():
        moves.setdefault(market, []).append((*move,))
    bands = {}
    for market, year in years.items():
        totals, rows_of = of[market], []
        for number, (low, high) in enumerate(zip((None, *edges), (*edges, None), strict=True)):
            parts = of_all[market][str(number)]
            same = dict.fromkeys(parts, 0.0) | of_steady.get(market, {}).get(str(number), {})
            names = [exporter for exporter, *ends in moves.get(market, ()) if number in ends]
            grown, unmoved = (totals.trends(sums, year)[0] for sums in (parts, same))
            crossing = tuple(dict.fromkeys(names))
            rows_of.append(
                BandRow(
                    low,
                    high,
                    value_usd=parts[year],
                    share=parts[year] / totals.used[year],
                    growth=grown,
                    steady=unmoved,
                    crossed=crossing,
                    since=since[market],
                )
            )
        bands[market] = tuple(rows_of)
    return bands


def _band_crossings(
    placed: pl.DataFrame, since: Mapping[str, int], years: Mapping[str, int]
) -> pl.DataFrame:
    """Flows that lay in another band in the first year, the largest first, with both bands."""
    ends = [
        pl.col("band").filter(
            pl.col("year")
            == pl.col("importer").replace_strict(at, default=None, return_dtype=pl.Int64)
        )
        .first()
        for at in (since, years)
    ]  # fmt: skip
    size = pl.col("value").max()
    flows = placed.group_by("importer", "exporter", "product").agg(
        before=ends[0], after=ends[1], size=size
    )
    moved = flows.filter(pl.col("before") != pl.col("after"))
    return moved.sort(["size", "exporter"], descending=[True, False])


def _history(totals: _Totals) -> tuple[tuple[int, Tier, float, float], ...]:
    return tuple(
        (year, tier, totals.tiers[tier][year], totals.tiers[tier][year] / used)
        for year, used in totals.used.items()
        if used > 0
        for tier in TIERS
    )


def _omitted_sums(now: pl.DataFrame) -> dict[str, dict[str, tuple[int, float]]]:
    """Market → reason → (flows, value)."""
    groups = now.filter(pl.col("dropped").is_not_null()).group_by("importer", "dropped")
    sums = groups.agg(pl.len(), pl.col("value").sum().alias("amount")).sort("importer", "dropped")
    found: dict[str, dict[str, tuple[int, float]]] = {}
    for market, reason, count, amount in sums.iter_rows():
        found.setdefault(market, {})[reason] = (count, amount)
    return found


def _note(coverage: float, suppliers: tuple[Supplier, ...], codes: int) -> str | None:
    """The most serious caution."""
    if coverage < GOOD_COVERAGE:
        return "ladder.note_coverage"
    if sum(1 for supplier in suppliers if supplier.unit_value is not None) < FEW_SUPPLIERS:
        return "ladder.note_few_suppliers"
    return "ladder.note_several_codes" if codes > 1 else None


@dataclass(frozen=True)
class PriceMeasure:
    """How prices are compared.

    Attributes:
        unit: ``item`` or ``kg``; the one that covers more where ``None``.
        method: one of ``tiers.METHODS``.
        basis: ``cif`` or ``fob``; ``cif`` where the data have it when ``None``.
        own: measure against the market's own reference, not the world's.
        bands: rising thresholds in USD per unit; 500 and 5,000 for items where ``None``.
    """

    unit: Unit | None = None
    method: str = USUAL_METHOD
    basis: Basis | None = None
    own: bool = False
    bands: Sequence[float] | None = None


USUAL = PriceMeasure()


def ladder(
    flows: Any,
    *,
    product: str,
    market: str,
    year: int | None = None,
    measure: PriceMeasure = USUAL,
    dataset: str = "",
) -> Ladder:
    """The price ladder of a product in a market.

    Of several codes, unit values and tiers are taken within each: a heavier mix is no higher price.

    Args:
        flows: ``Flows`` of the product, all markets and years: they make the reference.
        product: HS code that names the ladder.
        market: importer, alpha-3.
        year: of the levels; the latest with a usable unit value where ``None``.
        measure: how prices are compared.
        dataset: the name of the data set, kept in the result.

    Raises:
        InputError: ``errors.unknown_name`` or ``ladder.bad_bands``.
        MissingDataError: ``ladder.no_flows``, ``ladder.no_year`` or ``ladder.no_unit_values``.
    """
    settled = _resolve_measure(flows, measure, measure.unit or _unit_of(flows, market))
    shares = _shares(flows, settled)
    rows = collect(shares.filter(nw.col("importer") == market))
    if rows.is_empty():
        near, name = join_list(_largest_markets(flows)), country_name(market)
        raise MissingDataError("ladder.no_flows", product=product, market=name, near=near)
    at = _year_of(rows, year, market, settled.unit or "kg")
    built = _assemble_ladders(rows, product, {market: at}, settled)[market]
    return replace(built, dataset=dataset)


def ladders(
    flows: Any, *, product: str, markets: Iterable[str], year: int, unit: Unit, method: str
) -> dict[str, Ladder | None]:
    """The ladders of several markets, each as :func:`ladder` builds it, from one pass of the flows.

    Returns:
        Market → its ladder; ``None`` where it has no usable unit value in that year.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    settled = _resolve_measure(flows, PriceMeasure(method=method), unit)
    wanted = list(dict.fromkeys(markets))
    rows = collect(_shares(flows, settled)).filter(pl.col("importer").is_in(wanted))
    usable = rows.filter((pl.col("year") == year) & pl.col("dropped").is_null())["importer"]
    years = dict.fromkeys(usable.unique().to_list(), year)
    built = _assemble_ladders(rows, product, years, settled)
    return {market: built.get(market) for market in wanted}


def _resolve_measure(flows: Any, measure: PriceMeasure, unit: Unit) -> PriceMeasure:
    """A measure with nothing left open."""
    usual = ITEM_BANDS if unit == "item" else ()
    bands = rising(usual if measure.bands is None else measure.bands, "ladder.bad_bands")
    return replace(measure, unit=unit, basis=measure.basis or basis_of(flows), bands=bands)


def _shares(flows: Any, settled: PriceMeasure) -> Frame:
    return tier_shares(
        flows, unit=settled.unit, method=settled.method, basis=settled.basis, own=settled.own
    )


def _assemble_ladders(
    rows: pl.DataFrame, product: str, years: Mapping[str, int], settled: PriceMeasure
) -> dict[str, Ladder]:
    """The ladders of markets from their flows of all years, split by tier.

    Args:
        rows: of all years.
        product: HS code that names the ladders.
        years: market → the year of its levels, in which it has a usable unit value.
        settled: how prices are compared.
    """
    unit, basis, edges = settled.unit or "kg", settled.basis or "fob", settled.bands or ()
    rows = rows.filter(pl.col("importer").is_in([*years])).sort("year", "product", "exporter")
    at = pl.col("importer").replace_strict(years, default=None, return_dtype=pl.Int64)
    now = rows.filter(pl.col("year") == at)
    used = pl.when(pl.col("dropped").is_null()).then("value").otherwise(0.0)
    totals = {
        market: _Totals(sums.pop("value"), sums.pop("used"), sums)
        for market, sums in _sums(rows, {"value": pl.col("value"), "used": used, **PART}).items()
    }
    sold, levels, omitted = _sum_by_exporter(now), _levels(now), _omitted_sums(now)
    bands = _bands(rows, edges, years, totals)
    wavers = noise(rows.filter(pl.col("unit_value").is_not_null()))
    codes = dict(now.group_by("importer").agg(pl.col("product").n_unique()).iter_rows())

    def assemble(market: str, year: int) -> Ladder:
        of, suppliers = totals[market], tuple(map(_supplier, sold[market]))
        good, coverage = of.good_years(year), of.used[year] / of.value[year]
        return Ladder(
            product=product,
            market=market,
            year=year,
            unit=unit,
            basis=basis,
            method=settled.method,
            reference=levels[market][0],
            tiers=tuple(_tiers(levels[market], sold[market], year, of)),
            bands=bands.get(market, ()),
            suppliers=suppliers,
            history=_history(of),
            value_usd=of.value[year],
            coverage=coverage,
            dropped=omitted.get(market, {}),
            dataset="",
            note=_note(coverage, suppliers, codes[market]),
            noise=wavers.get(market),
            trend_years=(good[0], good[-1]) if len(good) >= LEAST_YEARS else None,
        )

    return {market: assemble(market, year) for market, year in years.items()}


PANEL = "market-panel"


def panel_ladders(
    panel: pl.DataFrame,
    fx: pl.DataFrame,
    *,
    product: str,
    markets: Collection[str],
    year: int,
    method: str,
) -> dict[str, Ladder]:
    """Market → its ladder, for the markets that the panel has up to a year.

    Each market is measured against its own average, at the level that most of its value is at.
    Lines of codes above and below the product's are of it.
    """
    finer = pl.col("product").str.starts_with(product)
    coarser = pl.lit(product).str.starts_with(pl.col("product"))
    there = pl.col("market").is_in(list(markets)) & (pl.col("year") <= year)
    mine = panel.filter(there & (finer | coarser))
    ladders: dict[str, Ladder] = {}
    for (name,), lines in panel_in_usd(mine, fx).partition_by("market", as_dict=True).items():
        levels = lines.group_by("level").agg(pl.col("usd").sum()).sort("usd", "level")
        level = levels["level"][-1]
        flows = _as_flows(lines.filter(pl.col("level") == level), product)
        measure = PriceMeasure(unit="item", method=method, basis="fob", own=True)
        try:
            built = ladder(flows, product=product, market=str(name), measure=measure, dataset=PANEL)
        except MissingDataError:
            continue
        ladders[str(name)] = replace(built, basis=level)
    return ladders


def panel_in_usd(panel: pl.DataFrame, fx: pl.DataFrame) -> pl.DataFrame:
    """The lines with ``usd``, at the average rate of their year; lines without one are left out."""
    yearly = (
        fx.with_columns(year=pl.col("on").dt.year().cast(pl.Int16))
        .group_by("currency", "year")
        .agg(pl.col("per_eur").cast(pl.Float64).mean())
    )
    dollar = yearly.filter(pl.col("currency") == "USD").select("year", dollar="per_eur")
    euro = dollar.select(pl.lit("EUR").alias("currency"), "year", per_eur=pl.lit(1.0))
    rates = pl.concat([yearly.select("currency", "year", "per_eur"), euro]).join(dollar, on="year")
    return panel.join(rates, on=["currency", "year"]).with_columns(
        usd=pl.col("value") * pl.col("dollar") / pl.col("per_eur")
    )


def _as_flows(lines: pl.DataFrame, product: str) -> pl.DataFrame:
    """The lines in the ``Flows`` columns, each class, band and brand as one that sells."""
    band = pl.format("{}–{}", pl.col("low").cast(pl.Int64), pl.col("high").cast(pl.Int64))
    name = pl.concat_str(["brand", "segment", band], separator=" ", ignore_nulls=True)
    rows = (
        lines.with_columns(exporter=name)
        .group_by("year", "market", "exporter")
        .agg(pl.col("usd").sum(), pl.col("units").sum())
        .sort("year", "exporter")
    )
    return rows.select(
        pl.col("year").cast(pl.Int16),
        product=pl.lit(product),
        importer="market",
        exporter=pl.when(pl.col("exporter") == "").then(pl.lit("—")).otherwise("exporter"),
        value_usd="usd",
        cif_usd=pl.lit(None, pl.Float64),
        kg=pl.lit(None, pl.Float64),
        items="units",
        observed=pl.lit("source").cast(Flows.create_empty().schema["observed"]),
    )
