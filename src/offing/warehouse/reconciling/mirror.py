"""Bring the two reports of one flow side by side."""

import polars as pl

from offing.terms.countries import GEOGRAPHY_OF

KEYS = ("year", "product", "importer", "exporter")


def side_by_side(
    reports: pl.DataFrame, distances: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, int]]:
    """One row for each flow that either side reported, in the order of :data:`KEYS`.

    Columns: the keys; ``m``, ``m_kg``, ``m_items`` of the importer's report (CIF) and ``x``,
    ``x_kg``, ``x_items`` of the exporter's (FOB), null where there is none; ``km`` and
    ``contiguous``, null where not known; ``importer_files`` and ``exporter_files``, whether that
    country reported anything in that direction and year.

    Returns:
        The rows, and how many reports were left out and why.
    """
    usable = reports.filter(pl.col("value_usd") > 0)
    abroad = usable.filter(pl.col("reporter") != pl.col("partner"))
    # A country may file a year in two editions of the HS; the newer one is kept.
    sole = abroad.sort("edition", "value_usd", descending=True, nulls_last=True).unique(
        ["year", "product", "direction", "reporter", "partner"], keep="first"
    )
    left_out = {
        "zero_value": reports.height - usable.height,
        "own_trade": usable.height - abroad.height,
        "duplicate": abroad.height - sole.height,
    }
    rows = _side(sole, "m", "import").join(
        _side(sole, "x", "export"), on=KEYS, how="full", coalesce=True
    )
    rows = rows.with_columns(
        pl.col(side).replace(GEOGRAPHY_OF).alias(f"{side}_place")
        for side in ("exporter", "importer")
    ).join(_pairs(distances), on=["exporter_place", "importer_place"], how="left")
    filed = usable.select("year", "direction", "reporter").unique()
    for reporter, direction in (("importer", "import"), ("exporter", "export")):
        rows = rows.join(
            filed.filter(pl.col("direction") == direction).select(
                "year", pl.col("reporter").alias(reporter), pl.lit(True).alias(f"{reporter}_files")
            ),
            on=["year", reporter],
            how="left",
        )
    return rows.with_columns(
        pl.when(pl.col("km") > 0).then(pl.col("km")).alias("km"),
        pl.col("importer_files", "exporter_files").fill_null(False),
    ).sort(KEYS), left_out


def _side(reports: pl.DataFrame, name: str, direction: str) -> pl.DataFrame:
    """The reports of one direction, their amounts under the side's name."""
    sides = ["importer", "exporter"] if direction == "import" else ["exporter", "importer"]
    return reports.filter(pl.col("direction") == direction).select(
        "year",
        "product",
        *(
            pl.col(who).alias(side)
            for who, side in zip(("reporter", "partner"), sides, strict=True)
        ),
        pl.col("value_usd").alias(name),
        *(
            pl.when(pl.col(unit) > 0).then(pl.col(unit)).alias(f"{name}_{unit}")
            for unit in ("kg", "items")
        ),
    )


def _pairs(distances: pl.DataFrame) -> pl.DataFrame:
    """The least distance of each pair."""
    return (
        distances.select(
            pl.col("origin").alias("exporter_place"),
            pl.col("destination").alias("importer_place"),
            "km",
            "contiguous",
        )
        .sort("km")
        .unique(["exporter_place", "importer_place"], keep="first")
    )
