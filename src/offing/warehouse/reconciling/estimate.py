"""Weigh the two reports of each flow into one.

Hide one report of each flow, foretell it from the other, and measure the error.

Countries' pairs and products are dealt into folds. The reports of a fold are foretold by a margin
and effects that were fitted without them: neither the hidden figure nor its other years are seen.
What is seen of a hidden import is the exporter's report of the flow and of its other years, and
the other way round.

The log of the hidden value is regressed on the log of the seen one, its square and its mean over
the years, with shrunken effects of both countries, the product, the year and their pairs, and a
slope of their own for each country and product. A slope under one is regression to the mean: a
very small report is more often an error of its office than its partner's.

A second question is asked with ``other_years``: single years are dealt into the folds, and the
flow's other years are known, as when an office is late with one year.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.sources.staging import Staging
from offing.terms.frames import UNIT, parts
from offing.terms.tables import TABLES, Flows
from offing.warehouse.reconciling.margin import (
    Codes,
    Floats,
    Margin,
    Reliability,
    ReportEffect,
    deciles,
    fit,
    fit_margin,
    fit_reliability,
    predict,
)
from offing.warehouse.reconciling.mirror import (
    KEYS,
    Reported,
    ReportPieces,
    ReportsBeside,
    ReportsElsewhere,
    fitted_pairs,
    pairs_by_year,
    side_by_side,
    years_to_make,
    years_together,
)

if TYPE_CHECKING:
    from offing.warehouse.spark import SparkFlows
    from offing.warehouse.store import Warehouse


Take = Callable[[pl.DataFrame], object] | None
"""What takes the flows as they come, instead of a table of all."""


@dataclass(frozen=True)
class ReconciledTrade:
    """One estimate for each flow, and what it rests on.

    Attributes:
        flows: the ``Flows`` columns; none where they were taken piece by piece, a frame of Spark
            where the reports are one. ``observed`` is ``both``, ``importer`` or ``exporter``.
        margins: ``product`` (HS4), ``margin`` (cost, insurance and freight over FOB value, at the
            product's usual distance), ``se`` and ``n`` (flows reported by both).
        reliability: ``country``, ``direction`` (``import`` or ``export``), ``discrepancy`` (its
            part of the typical absolute log difference between two reports), ``weight`` (relative
            to a reporter of mean quality, which has 1) and ``n``.
        counts: flows by who saw them: ``both``, ``importer``, ``exporter``, and of the latter two
            ``…_other_silent``, whose other side filed no report at all in that direction and year:
            the rest are weak zeros. ``none``: a pair and product seen in another year, with no
            report from either side in this one. Reports left out: ``zero_value``, ``own_trade`` (a
            country with itself) and ``duplicate``.
        values: FOB value in USD of the flows that were seen, by the same names.
        margin_from_data: how much of the margin's uncertainty the reports took away, 0 (the
            published prior alone) to 1.
        notes: message keys of cautions, such as distances that are not known.

        years: of each fit, where years with ``ALONE`` pairs and more are fitted alone: then margins
            and reliabilities are those of the last of them, and ``counts`` have no ``none``.
    """

    flows: Any
    margins: pl.DataFrame
    reliability: pl.DataFrame
    counts: dict[str, int]
    values: dict[str, float]
    margin_from_data: float
    notes: tuple[str, ...]
    years: tuple[frozenset[int], ...]


IMPLAUSIBLE = np.log(10.0)
"""Two unit values further apart than this factor cannot both be right; one is chosen."""


def reconcile(
    reports: pl.DataFrame | pl.LazyFrame, distances: pl.DataFrame, take: Take = None
) -> ReconciledTrade:
    """One estimate for each flow that anyone reported.

    Imports are brought to FOB with the fitted margin. Two reports are combined by their weighted
    geometric mean, so an estimate lies between them and does not depend on the currency; one
    report stands as it is. Quantities follow: the estimate's unit value is combined in the same
    way, in kilograms and in items apart.

    Args:
        reports: the ``Reports`` columns; of a lazy table no more than some products are in memory.
        distances: the ``Distances`` columns; may be empty.
        take: told the flows of some products after the other, which then are not in the answer.
    """
    return reconcile_beside(ReportPieces(reports.lazy(), distances), take)


def reconcile_beside(pieces: ReportsBeside, take: Take = None) -> ReconciledTrade:
    """:func:`reconcile` of reports side by side, where they lie: there ``take`` is called too."""
    pairs = pairs_by_year(pieces)
    groups = years_together(pairs)
    if len(groups) < 2:
        return _reconcile_together(pieces, sum(pairs.values()), take)

    def reconcile_years(years: list[int]) -> ReconciledTrade:
        return _reconcile_together(pieces.of(years), sum(map(pairs.__getitem__, years)), take)

    return reduce(_merge, map(reconcile_years, groups))


def _merge(some: ReconciledTrade, more: ReconciledTrade) -> ReconciledTrade:
    """Years that were fitted apart as one; see :class:`ReconciledTrade`."""
    # Of a pair that is in no report it takes all years to tell.
    counts = {name: some.counts[name] + more.counts[name] for name in some.counts if name != "none"}
    values = {name: some.values[name] + more.values[name] for name in some.values}
    frames = isinstance(some.flows, pl.DataFrame)
    flows = pl.concat([some.flows, more.flows]) if frames else some.flows.unionAll(more.flows)
    notes = tuple(dict.fromkeys((*some.notes, *more.notes)))
    years = (*some.years, *more.years)
    return replace(more, flows=flows, counts=counts, values=values, notes=notes, years=years)


def _reconcile_together(pieces: ReportsBeside, count: int, take: Take) -> ReconciledTrade:
    both = fitted_pairs(pieces, count)
    margin = fit_margin(both)
    gap = np.log(_reports_at_fob(both, margin)["m_fob"].to_numpy() / both["x"].to_numpy())
    reliability = fit_reliability(both, gap)
    flows: list[pl.DataFrame] = []
    usual: list[pl.DataFrame] = []
    counts: Counter[str] = Counter()
    dollars: Counter[str] = Counter()
    years: set[int] = set()
    kept = None if take else pieces.frame(partial(_piece_flows, margin, reliability))
    take = take if kept is None else count_only
    found = pieces.results(partial(_piece, margin, reliability, take))
    for more_flows, more_usual, more_counts, more_dollars, more_years in found:
        flows += [] if more_flows is None else [more_flows]
        usual.append(more_usual)
        counts.update(more_counts)
        dollars.update(more_dollars)
        years |= more_years
    margins, from_data = margin.table(pl.concat(usual))
    counts["none"] *= len(years)
    counts["none"] -= sum(counts[name] for name in ("both", "importer", "exporter"))
    notes = {
        "reconcile.note_no_distance": counts.pop("no_distance") > 0,
        "reconcile.note_no_pairs": both.is_empty(),
    }
    made = kept if kept is not None else pl.concat([Flows.create_empty(), *flows])
    said = tuple(key for key, holds in notes.items() if holds)
    return ReconciledTrade(
        made,
        margins=margins,
        reliability=reliability.table,
        counts=dict(counts),
        values={name: parts_of / UNIT for name, parts_of in dollars.items()},
        margin_from_data=from_data,
        notes=said,
        years=(frozenset(years),),
    )


def _piece(
    margin: Margin, reliability: Reliability, take: Take, reported: Reported
) -> tuple[pl.DataFrame | None, pl.DataFrame, dict[str, int], dict[str, int], set[int]]:
    """Flows, usual margins, counts, dollars in :func:`parts` and years of some products."""
    rows = _estimates(reported[0], margin, reliability)
    flows = _flows(rows)
    if take is not None:
        take(flows)
    seen = _parts(rows)
    cells, unknown = rows.select(KEYS[1:]).n_unique(), rows["km"].null_count()
    counts = {name: some.height for name, some in seen.items()}
    counts |= {"none": cells, "no_distance": unknown, **reported[1]}
    dollars = {name: parts(some["value_usd"]) for name, some in seen.items()}
    return None if take else flows, margin.usual(rows), counts, dollars, set(rows["year"])


def count_only(_flows: pl.DataFrame) -> None:
    """What is made of flows that are only counted."""


def _piece_flows(margin: Margin, reliability: Reliability, reported: Reported) -> pl.DataFrame:
    return _flows(_estimates(reported[0], margin, reliability))


def _reports_at_fob(rows: pl.DataFrame, margin: Margin) -> pl.DataFrame:
    """The importers' reports brought to FOB: ``margin`` and ``m_fob``."""
    rows = rows.with_columns(pl.Series("margin", margin.of(rows), dtype=pl.Float64))
    return rows.with_columns((pl.col("m") * (-pl.col("margin")).exp()).alias("m_fob"))


def _estimates(rows: pl.DataFrame, margin: Margin, reliability: Reliability) -> pl.DataFrame:
    rows = _reports_at_fob(rows, margin)
    share = pl.Series("share", reliability.importer_share(rows), dtype=pl.Float64)
    one_side = pl.when(pl.col("m").is_null()).then(pl.lit("exporter")).otherwise(pl.lit("both"))
    observed = pl.when(pl.col("x").is_null()).then(pl.lit("importer")).otherwise(one_side)
    value = _weighted_mean("m_fob", "x")
    rows = rows.with_columns(share).with_columns(value_usd=value, observed=observed)
    with_margin = pl.col("value_usd") * pl.col("margin").exp()
    cif = pl.when(pl.col("observed") == "importer").then(pl.col("m")).otherwise(with_margin)
    return rows.with_columns(cif.alias("cif_usd"), _quantity(rows, "kg"), _quantity(rows, "items"))


def _flows(rows: pl.DataFrame) -> pl.DataFrame:
    ordered = rows.select(list(Flows.columns())).sort(["product", "importer", "exporter", "year"])
    return Flows.validate(ordered, cast=True)


def _weighted_mean(importer: str, exporter: str) -> pl.Expr:
    """The weighted geometric mean of two columns; one where the other is null."""
    mine, other, share = pl.col(importer), pl.col(exporter), pl.col("share")
    mixed = (share * mine.log() + (1 - share) * other.log()).exp()
    # Rounding must not push a mean of two equal reports off them.
    mixed = mixed.clip(pl.min_horizontal(mine, other), pl.max_horizontal(mine, other))
    return pl.coalesce(mixed, mine, other)


def _quantity(rows: pl.DataFrame, unit: str) -> pl.Series:
    """The quantity that goes with each value, in one unit."""
    mine, other = pl.col("importer"), pl.col("exporter")
    paid, got = pl.col("m_fob") / pl.col(f"m_{unit}"), pl.col("x") / pl.col(f"x_{unit}")
    values = rows.select("product", "share", "value_usd", importer=paid, exporter=got)
    usual = (pl.concat_list("importer", "exporter").list.explode()).log().median()
    typical = values.group_by("product").agg(usual.alias("usual"))
    values = values.join(typical, on="product", how="left", maintain_order="left")
    far = (mine / other).log().abs() > IMPLAUSIBLE
    off, other_off = ((side.log() - pl.col("usual")).abs() for side in (mine, other))
    chosen = pl.when(off < other_off).then(mine).otherwise(other)
    price = pl.when(far).then(chosen).otherwise(_weighted_mean("importer", "exporter"))
    return values.select((pl.col("value_usd") / price).alias(unit)).to_series()


def _parts(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The flows by who saw them; see ``Reconciled.counts``."""
    sides = "both", "importer", "exporter"
    parts = {name: rows.filter(pl.col("observed") == name) for name in sides}
    parts["importer_other_silent"] = parts["importer"].filter(~pl.col("exporter_files"))
    parts["exporter_other_silent"] = parts["exporter"].filter(~pl.col("importer_files"))
    return parts


def add_flows(
    staging: Staging,
    warehouse: "Warehouse",
    dataset: str,
    elsewhere: "SparkFlows | None" = None,
    distances: pl.DataFrame | None = None,
) -> None:
    """Reconcile the reports of a load with those the data set keeps, and stage the flows.

    Made are the years that the load touches, and those that share a fit with one of them; what
    they are hangs on the reports alone, not on the order of loads.

    Args:
        staging: of the load.
        warehouse: that keeps earlier reports.
        dataset: theirs.
        elsewhere: the cluster whose workers make the flows and write them.
        distances: that the load brings in place of reports: all years are made on them.
    """
    new, before, kept_in = _files_by_year(staging), _pairs_in_force(warehouse, dataset), None
    km = warehouse.table("distances")
    if distances is not None:
        new, before, kept_in, km = {}, {}, dataset, distances
    stored = {part.year or 0: part for part in warehouse.catalog.parts_of("reports", dataset)}
    touched = {*new} | (stored.keys() - before.keys())

    def pieces(years: Collection[int]) -> ReportsBeside:
        old = [stored[year] for year in years if year in stored]
        for part in old:
            warehouse.must_be_whole(warehouse.folder, part)
        fresh = [file for year in years for file in new.get(year, ())]
        return _beside(fresh, [warehouse.folder / part.file for part in old], km, elsewhere)

    pairs = before | dict.fromkeys(touched, 0) | pairs_by_year(pieces(touched))
    for years in years_to_make(before, pairs, touched):
        count = sum(map(pairs.__getitem__, years))
        made = _reconcile_together(pieces(years), count, partial(_write_years, staging.folder))
        _stage_written(staging, kept_in, made.notes)


def _files_by_year(staging: Staging) -> dict[int, list[Path]]:
    """The reports that a load brings."""
    files: dict[int, list[Path]] = {}
    for part in staging.parts:
        if part.table == "reports" and part.year is not None:
            files.setdefault(part.year, []).append(part.file)
    return files


def _pairs_in_force(warehouse: "Warehouse", dataset: str) -> dict[int, int]:
    """Year → flows that both sides reported, of the years whose flows are stored and whole."""
    return {
        part.year: pl.scan_parquet(warehouse.folder / part.file, glob=False)
        .select((pl.col("observed") == "both").sum().cast(pl.Int64))
        .collect()
        .item()
        for part in warehouse.catalog.parts_of("flows", dataset)
        if part.year is not None and warehouse.is_whole(part)
    }


def _beside(
    new: Sequence[Path],
    old: Sequence[Path],
    distances: pl.DataFrame,
    elsewhere: "SparkFlows | None",
) -> ReportsBeside:
    """New reports, and the old ones whose slices they do not take."""
    slices = TABLES["reports"].slices
    if elsewhere is not None:
        views = [
            f"(SELECT * FROM {elsewhere.view('reports', some)})" for some in (new, old) if some
        ]
        if len(views) == 1:
            return ReportsElsewhere(elsewhere, views[0], distances)
        same = " AND ".join(f"new.{name} = old.{name}" for name in slices)
        source = (
            f"(SELECT * FROM {views[0]} UNION ALL SELECT * FROM {views[1]} AS old "
            f"WHERE NOT EXISTS (SELECT 1 FROM {views[0]} AS new WHERE {same}))"
        )
        return ReportsElsewhere(elsewhere, source, distances)
    scans = [
        pl.concat([pl.scan_parquet(path, glob=False) for path in some], how="vertical_relaxed")
        for some in (new, old)
        if some
    ]
    if len(scans) == 2:
        fresh = scans[0].select(slices).unique()
        scans[1] = scans[1].join(fresh, on=list(slices), how="anti")
    return ReportPieces(pl.concat(scans, how="vertical_relaxed"), distances)


def _stage_written(staging: Staging, dataset: str | None, notes: Sequence[str]) -> None:
    for note in notes if dataset is None else ():
        staging.note(note)
    files: dict[int, list[Path]] = {}
    for file in sorted(staging.folder.glob(f"{_MADE}-*.parquet")):  # by year and product
        files.setdefault(int(file.name.split("-")[1]), []).append(file)
    for year, of_year in files.items():
        whole = pl.scan_parquet(of_year, glob=False)
        rows = whole.select(pl.len()).collect().item()
        staging.sorted("flows", whole, rows, year=year, dataset=dataset)
        for file in of_year:
            file.unlink()


_MADE = "reconciled"


def _write_years(folder: Path, flows: pl.DataFrame) -> None:
    """Write the flows of some products, a file a year; twice the same where a worker was lost."""
    for (year,), part in flows.partition_by("year", as_dict=True).items():
        file = folder / f"{_MADE}-{year}-{part['product'][0]}.parquet"
        ready = file.with_suffix(f".{uuid4().hex}")
        part.write_parquet(ready, compression="zstd")
        ready.replace(file)


FOLDS, SEED = 5, 2010
"""Of a proof: into how many folds the flows are dealt, and by which cards."""

Names = tuple[str, ...]
Groups = dict[Names, tuple[Codes, int]]
Mask = NDArray[np.bool_]

TRIPLE = ("exporter", "importer", "product")
SLOPES: tuple[Names, ...] = (("exporter",), ("importer",), ("product",))
PAIRS: tuple[Names, ...] = (("exporter", "product"), ("importer", "product"), TRIPLE[:2])
GROUPS: tuple[Names, ...] = (*SLOPES, ("year",), *PAIRS)


def prove(
    reports: pl.DataFrame, distances: pl.DataFrame, *, other_years: bool = False
) -> pl.DataFrame:
    """How well a hidden report is foretold from the other, of all flows that both sides reported.

    Args:
        reports: the ``Reports`` columns.
        distances: the ``Distances`` columns; may be empty.
        other_years: let the hidden flow's other years be known.

    Returns:
        ``by`` (``all``, ``product`` or ``reporter``), ``name``, ``hidden`` (``import``, ``export``
        or ``either``), ``n``, ``median`` and ``p90`` of the absolute log error, and ``raw_median``
        and ``raw_p90`` of the other report as it is. A reporter is the one whose report was hidden.
    """
    rows, _ = side_by_side(reports, distances)
    both = rows.filter(pl.col("m").is_not_null() & pl.col("x").is_not_null())
    fold = deal(both, ("year", *TRIPLE) if other_years else TRIPLE, FOLDS, SEED)
    return _errors(foretell(both, fold, (*GROUPS, TRIPLE) if other_years else GROUPS))


def deal(both: pl.DataFrame, together: Names, folds: int, seed: int) -> Codes:
    """The fold of each flow; flows that are alike in ``together`` share one."""
    hands = both.select(together).unique().sort(together)
    dealt = np.random.default_rng(seed).permutation(hands.height) % folds
    cards, flows = hands.with_columns(pl.Series("fold", dealt)), both.select(together)
    joined = flows.join(cards, on=together, how="left", maintain_order="left")
    return joined["fold"].to_numpy()


def foretell(both: pl.DataFrame, fold: Codes, effects: tuple[Names, ...] = GROUPS) -> pl.DataFrame:
    """Each flow with ``told_import`` and ``told_export``: the log value expected of each report.

    A fold is foretold from all others.
    """
    if not both.height:
        none = pl.lit(None, pl.Float64)
        return both.with_columns(told_import=none, told_export=none)
    told = {"import": np.zeros(both.height), "export": np.zeros(both.height)}
    groups = {names: _codes(both, names) for names in effects}
    for number in np.unique(fold):
        hidden = fold == number
        if hidden.all():
            continue
        margin = fit_margin(both.filter(~hidden)).of(both)
        imports = np.log(both["m"].to_numpy()) - margin
        exports = np.log(both["x"].to_numpy())
        told["import"][hidden] = _other(both, exports, imports, groups, hidden) + margin[hidden]
        told["export"][hidden] = _other(both, imports, exports, groups, hidden)
    return both.with_columns(pl.Series(f"told_{hidden}", sizes) for hidden, sizes in told.items())


def _codes(rows: pl.DataFrame, names: Names) -> tuple[Codes, int]:
    codes = rows.select(pl.struct(names).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    return codes, int(codes.max()) + 1


def _other(both: pl.DataFrame, seen: Floats, other: Floats, groups: Groups, hidden: Mask) -> Floats:
    """The other report's log FOB value for the hidden rows, from the seen one."""
    size = seen - np.median(seen)
    sized = both.select(*TRIPLE, pl.Series("size", size))
    usual = sized.select(pl.col("size").mean().over(TRIPLE)).to_series().to_numpy()
    columns = np.column_stack([np.ones_like(size), size, size**2, usual])
    effects = [ReportEffect(*codes) for codes in groups.values()]
    effects += [ReportEffect(*groups[names], along=size) for names in SLOPES]
    scales = [ReportEffect(deciles(size), 10), *[ReportEffect(*groups[names]) for names in SLOPES]]
    visible = ~hidden
    y, some = (other - np.median(seen))[visible], [effect.rows(visible) for effect in effects]
    coefficients, sizes = fit(y, columns[visible], some, [each.rows(visible) for each in scales])
    told = predict(columns[hidden], coefficients, [e.rows(hidden) for e in effects], sizes)
    return told + np.median(seen)


def _errors(told: pl.DataFrame) -> pl.DataFrame:
    raw = (pl.col("m").log() - pl.col("x").log()).abs()
    parts = []
    for hidden, reporter, value in (("import", "importer", "m"), ("export", "exporter", "x")):
        error = (pl.col(value).log() - pl.col(f"told_{hidden}")).abs()
        of = pl.lit(hidden).alias("hidden"), "product", pl.col(reporter).alias("reporter")
        parts.append(told.select(*of, error=error, raw=raw))
    errors = pl.concat(parts)
    errors = pl.concat([errors.with_columns(pl.lit("either").alias("hidden")), errors])
    figures = [pl.len().cast(pl.Int64).alias("n")]
    for name, size in (("", pl.col("error")), ("raw_", pl.col("raw"))):
        figures.append(size.median().alias(f"{name}median"))
        figures.append(size.quantile(0.9, "linear").alias(f"{name}p90"))
    tables = []
    for by in ("all", "product", "reporter"):
        named = pl.lit("") if by == "all" else pl.col(by)
        groups = errors.group_by(pl.lit(by).alias("by"), named.alias("name"), "hidden")
        tables.append(groups.agg(figures))
    return pl.concat(tables).sort("by", "name", "hidden")
