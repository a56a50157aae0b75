"""Weigh the two reports of each flow into one."""

import numpy as np
import polars as pl

from offing.terms.tables import Flows
from offing.warehouse.reconciling.margin import fit_margin
from offing.warehouse.reconciling.mirror import KEYS, side_by_side
from offing.warehouse.reconciling.reconciled import Reconciled
from offing.warehouse.reconciling.reliability import fit_reliability

IMPLAUSIBLE = np.log(10.0)
"""Two unit values further apart than this factor cannot both be right; one is chosen."""


def reconcile(reports: pl.DataFrame, distances: pl.DataFrame) -> Reconciled:
    """One estimate for each flow that anyone reported.

    Imports are brought to FOB with the fitted margin. Two reports are combined by their weighted
    geometric mean, so an estimate lies between them and does not depend on the currency; one
    report stands as it is. Quantities follow: the estimate's unit value is combined in the same
    way, in kilograms and in items apart.

    Args:
        reports: the ``Reports`` columns.
        distances: the ``Distances`` columns; may be empty.
    """
    rows, left_out = side_by_side(reports, distances)
    margin = fit_margin(rows)
    rows = rows.with_columns(pl.Series("margin", margin.of(rows), dtype=pl.Float64))
    rows = rows.with_columns((pl.col("m") * (-pl.col("margin")).exp()).alias("m_fob"))
    both = rows.filter(pl.col("m").is_not_null() & pl.col("x").is_not_null())
    gap = np.log(both["m_fob"].to_numpy() / both["x"].to_numpy())
    reliability = fit_reliability(both, gap)
    share = pl.Series("share", reliability.importer_share(rows), dtype=pl.Float64)
    rows = rows.with_columns(share).with_columns(
        _weighed("m_fob", "x").alias("value_usd"),
        pl.when(pl.col("x").is_null())
        .then(pl.lit("importer"))
        .when(pl.col("m").is_null())
        .then(pl.lit("exporter"))
        .otherwise(pl.lit("both"))
        .alias("observed"),
    )
    rows = rows.with_columns(
        pl.when(pl.col("observed") == "importer")
        .then(pl.col("m"))
        .otherwise(pl.col("value_usd") * pl.col("margin").exp())
        .alias("cif_usd"),
        _quantity(rows, "kg"),
        _quantity(rows, "items"),
    )
    flows = Flows.validate(
        rows.select(list(Flows.columns())).sort(["product", "importer", "exporter", "year"]),
        cast=True,
    )
    notes = []
    if rows["km"].null_count():
        notes.append("reconcile.note_no_distance")
    if not both.height:
        notes.append("reconcile.note_no_pairs")
    return Reconciled(
        flows=flows,
        margins=margin.table,
        reliability=reliability.table,
        counts=_counts(rows) | left_out,
        values={seen: float(some["value_usd"].sum()) for seen, some in _parts(rows).items()},
        margin_from_data=margin.from_data,
        notes=tuple(notes),
    )


def _weighed(importer: str, exporter: str) -> pl.Expr:
    """The weighted geometric mean of two columns; one where the other is null."""
    mine, other, share = pl.col(importer), pl.col(exporter), pl.col("share")
    mixed = (share * mine.log() + (1 - share) * other.log()).exp()
    # Rounding must not push a mean of two equal reports off them.
    mixed = mixed.clip(pl.min_horizontal(mine, other), pl.max_horizontal(mine, other))
    return pl.coalesce(mixed, mine, other)


def _quantity(rows: pl.DataFrame, unit: str) -> pl.Series:
    """The quantity that goes with each value, in one unit."""
    values = rows.select(
        "product",
        "share",
        "value_usd",
        importer=pl.col("m_fob") / pl.col(f"m_{unit}"),
        exporter=pl.col("x") / pl.col(f"x_{unit}"),
    )
    usual = (pl.concat_list("importer", "exporter").list.explode()).log().median()
    typical = values.group_by("product").agg(usual.alias("usual"))
    values = values.join(typical, on="product", how="left", maintain_order="left")
    far = (pl.col("importer") / pl.col("exporter")).log().abs() > IMPLAUSIBLE
    off = {side: (pl.col(side).log() - pl.col("usual")).abs() for side in ("importer", "exporter")}
    chosen = (
        pl.when(off["importer"] < off["exporter"])
        .then(pl.col("importer"))
        .otherwise(pl.col("exporter"))
    )
    price = pl.when(far).then(chosen).otherwise(_weighed("importer", "exporter"))
    return values.select((pl.col("value_usd") / price).alias(unit)).to_series()


def _parts(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The flows by who saw them; see ``Reconciled.counts``."""
    parts = {
        name: rows.filter(pl.col("observed") == name) for name in ("both", "importer", "exporter")
    }
    parts["importer_other_silent"] = parts["importer"].filter(~pl.col("exporter_files"))
    parts["exporter_other_silent"] = parts["exporter"].filter(~pl.col("importer_files"))
    return parts


def _counts(rows: pl.DataFrame) -> dict[str, int]:
    cells = rows.select(KEYS[1:]).n_unique() * rows["year"].n_unique() if rows.height else 0
    return {name: some.height for name, some in _parts(rows).items()} | {
        "none": cells - rows.height
    }
