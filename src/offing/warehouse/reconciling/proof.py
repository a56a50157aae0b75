"""Hide one report of each flow, foretell it from the other, and measure the error.

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

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.warehouse.reconciling.effects import Codes, Floats, ReportEffect, deciles, fit
from offing.warehouse.reconciling.margin import fit_margin
from offing.warehouse.reconciling.mirror import side_by_side


@dataclass(frozen=True)
class Proof:
    """How well a hidden report is foretold from the other one.

    Attributes:
        errors: ``by`` (``all``, ``product`` or ``reporter``), ``name``, ``hidden`` (``import``,
            ``export`` or ``either``), ``n``, ``median`` and ``p90`` of the absolute log error,
            and ``raw_median`` and ``raw_p90`` of the other report as it is. A reporter is the one
            whose report was hidden.
        folds: into which the flows were dealt.
        seed: of the dealing.
        other_years: whether other years of a hidden flow were known.
    """

    errors: pl.DataFrame
    folds: int
    seed: int
    other_years: bool


Names = tuple[str, ...]

TRIPLE = ("exporter", "importer", "product")
GROUPS: tuple[Names, ...] = (
    ("exporter",),
    ("importer",),
    ("product",),
    ("year",),
    ("exporter", "product"),
    ("importer", "product"),
    ("exporter", "importer"),
)
SLOPES: tuple[Names, ...] = (("exporter",), ("importer",), ("product",))


def prove(
    reports: pl.DataFrame,
    distances: pl.DataFrame,
    folds: int = 5,
    seed: int = 2010,
    *,
    other_years: bool = False,
) -> Proof:
    """Foretell every report of the flows that both sides reported.

    Args:
        reports: the ``Reports`` columns.
        distances: the ``Distances`` columns; may be empty.
        folds: how many parts the pairs and products are dealt into.
        seed: of the dealing.
        other_years: let the hidden flow's other years be known.
    """
    rows, _ = side_by_side(reports, distances)
    both = rows.filter(pl.col("m").is_not_null() & pl.col("x").is_not_null())
    fold = deal(both, ("year", *TRIPLE) if other_years else TRIPLE, folds, seed)
    told = foretell(both, fold, (*GROUPS, TRIPLE) if other_years else GROUPS)
    return Proof(_errors(told), folds, seed, other_years)


def deal(both: pl.DataFrame, together: Names, folds: int, seed: int) -> Codes:
    """The fold of each flow; flows that are alike in ``together`` share one."""
    hands = both.select(together).unique().sort(together)
    dealt = np.random.default_rng(seed).permutation(hands.height) % folds
    joined = both.select(together).join(
        hands.with_columns(pl.Series("fold", dealt)), on=together, how="left", maintain_order="left"
    )
    return joined["fold"].to_numpy()


def foretell(both: pl.DataFrame, fold: Codes, effects: tuple[Names, ...] = GROUPS) -> pl.DataFrame:
    """Each flow with ``told_import`` and ``told_export``: the log value expected of each report.

    A fold is foretold from all others.
    """
    if not both.height:
        return both.with_columns(
            pl.lit(None, pl.Float64).alias("told_import"),
            pl.lit(None, pl.Float64).alias("told_export"),
        )
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
    return both.with_columns(
        pl.Series("told_import", told["import"]), pl.Series("told_export", told["export"])
    )


def _codes(rows: pl.DataFrame, names: Names) -> tuple[Codes, int]:
    codes = rows.select(pl.struct(names).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    return codes, int(codes.max()) + 1


def _other(
    both: pl.DataFrame,
    seen: Floats,
    other: Floats,
    groups: dict[Names, tuple[Codes, int]],
    hidden: NDArray[np.bool_],
) -> Floats:
    """The other report's log FOB value for the hidden rows, from the seen one."""
    size = seen - np.median(seen)
    usual = (
        both.select(*TRIPLE)
        .with_columns(pl.Series("size", size))
        .select(pl.col("size").mean().over(TRIPLE))
        .to_series()
        .to_numpy()
    )
    columns = np.column_stack([np.ones_like(size), size, size**2, usual])
    effects = [ReportEffect(*codes) for codes in groups.values()]
    effects += [ReportEffect(*groups[names], along=size) for names in SLOPES]
    scales = [ReportEffect(deciles(size), 10), *[ReportEffect(*groups[names]) for names in SLOPES]]
    visible = ~hidden
    fitted = fit(
        (other - np.median(seen))[visible],
        columns[visible],
        [effect.rows(visible) for effect in effects],
        [scale.rows(visible) for scale in scales],
    )
    predicted = fitted.predict(columns[hidden], [effect.rows(hidden) for effect in effects])
    return predicted + np.median(seen)


def _errors(told: pl.DataFrame) -> pl.DataFrame:
    gap = (pl.col("m").log() - pl.col("x").log()).abs()
    parts = [
        told.select(
            pl.lit(hidden).alias("hidden"),
            pl.col("product"),
            pl.col(reporter).alias("reporter"),
            (pl.col(value).log() - pl.col(f"told_{hidden}")).abs().alias("error"),
            gap.alias("raw"),
        )
        for hidden, reporter, value in (("import", "importer", "m"), ("export", "exporter", "x"))
    ]
    errors = pl.concat(parts)
    errors = pl.concat([errors.with_columns(pl.lit("either").alias("hidden")), errors])
    tables = []
    for by in ("all", "product", "reporter"):
        name = pl.lit("") if by == "all" else pl.col(by)
        tables.append(
            errors.group_by(pl.lit(by).alias("by"), name.alias("name"), "hidden").agg(
                pl.len().cast(pl.Int64).alias("n"),
                pl.col("error").median().alias("median"),
                pl.col("error").quantile(0.9, "linear").alias("p90"),
                pl.col("raw").median().alias("raw_median"),
                pl.col("raw").quantile(0.9, "linear").alias("raw_p90"),
            )
        )
    return pl.concat(tables).sort("by", "name", "hidden")
