"""Derive the trade of the workwear example: ``python -m tools.make_workwear ../shared/data``.

What the United States bought of three headings, by origin and year. In 2024 as the Census counts
it; in other years 2024's value moved as that origin's garments did in all (OTEXA, category 1), so
the three headings of an origin move alike: an estimate, for learning. Origins that OTEXA's extract
has not, and the European Union, which the Census extract has as one, are left out.
"""

import sys
from pathlib import Path

import polars as pl

from offing.sources.ledger_cells import read_market

HEADINGS = ("6203", "6210", "6211")
FIRST, COUNTED = 2013, 2024
NAMES = {"Burma (Myanmar)": "Myanmar"}
TARGET = Path(__file__).resolve().parents[1] / "examples" / "workwear" / "us_imports.csv"


def derived(data: Path) -> pl.DataFrame:
    """The rows of the example, from the extracts of the data folder."""
    census = pl.read_parquet(
        data / "us_imports_hs10_2024" / "us_imports_hs10_by_country_2024.parquet"
    )
    counted = (
        census.with_columns(pl.col("HS6").str.slice(0, 4).alias("product"))
        .filter(pl.col("product").is_in(HEADINGS))
        .group_by("CTY_NAME", "product")
        .agg(pl.col("imports").sum())
        .with_columns(_codes("CTY_NAME"))
    )
    months = pl.read_csv(data / "us_apparel_otexa" / "otexa_total_apparel.csv")
    years = (
        months.group_by("Country", "Year")
        .agg(pl.col("Value").sum(), pl.len().alias("months"))
        .filter((pl.col("months") == 12) & pl.col("Year").is_between(FIRST, COUNTED))
        .with_columns(_codes("Country"))
    )
    base = years.filter(pl.col("Year") == COUNTED).select("exporter", pl.col("Value").alias("base"))
    return (
        counted.join(years, on="exporter")
        .join(base, on="exporter")
        .select(
            "exporter",
            pl.lit("USA").alias("importer"),
            "product",
            pl.col("Year").alias("year"),
            (pl.col("imports") / 1000 * pl.col("Value") / pl.col("base"))
            .round().cast(pl.Int64).alias("value_usd") * 1000,
        )
        .filter(pl.col("value_usd") > 0)
        .sort("product", "exporter", "year")
    )  # fmt: skip


def _codes(column: str) -> pl.Expr:
    def code(name: str) -> str | None:
        return read_market(NAMES.get(name, name.title()))

    return pl.col(column).map_elements(code, return_dtype=pl.String).alias("exporter")


def main(data: str) -> None:
    """Write the example's table."""
    derived(Path(data)).write_csv(TARGET)
    print(TARGET)


if __name__ == "__main__":
    main(*sys.argv[1:])
