"""Draws docs/images/distance-elasticities.svg: every product's distance elasticity, by section.

Run ``python docs/elasticities.py FLOWS DISTANCES`` with two Parquet files: ``product``,
``exporter``, ``importer``, ``value_usd``; and ``exporter``, ``importer``, ``log_distance``,
``contiguous``, ``common_language``.
"""

import sys
from pathlib import Path

import altair as alt
import polars as pl

from offing.market.gravity.batch import fit_products

SECTIONS = (
    (5, "Animals"), (14, "Vegetables"), (15, "Fats"), (24, "Food"), (27, "Minerals"),
    (38, "Chemicals"), (40, "Plastics, rubber"), (43, "Leather"), (46, "Wood"), (49, "Paper"),
    (63, "Textiles"), (67, "Footwear"), (70, "Stone, glass"), (71, "Precious"), (83, "Metals"),
    (85, "Machinery"), (89, "Vehicles"), (92, "Instruments"), (96, "Other goods"),
)  # fmt: skip


def section(code: str) -> str:
    """The HS section of a code, by its chapter."""
    return next((name for last, name in SECTIONS if int(code[:2]) <= last), "Other goods")


def main(flows: str, distances: str) -> None:
    """Fit, keep what is told apart from zero well enough to draw, and draw."""
    fit = fit_products(pl.read_parquet(flows), pl.read_parquet(distances))
    table = fit.table().filter(
        (pl.col("covariate") == "log_distance") & (pl.col("se_exporter") < 0.5)
    ).with_columns(section=pl.col("product").map_elements(section, return_dtype=pl.String))
    print(len(fit.products), table.height, table["estimate"].median())
    order = [name for _, name in SECTIONS]
    table = table.filter(pl.col("estimate").is_between(-4, 2))
    # Spread dots within their band evenly, and the same in every run.
    table = table.with_columns(jitter=(pl.int_range(pl.len()) * 0.618034) % 1, estimate=pl.col("estimate").round(3))
    base = alt.Chart(alt.Data(values=table.select("section", "estimate", "jitter").to_dicts()))
    y = alt.Y("section:N", sort=order, title=None, axis=alt.Axis(labelFontSize=12, ticks=False))
    x = alt.X("estimate:Q", title="Distance elasticity of trade", scale=alt.Scale(domain=[-4, 2]))
    dots = base.mark_circle(size=14, opacity=0.35, color="#2a6f97").encode(
        x=x, y=y, yOffset="jitter:Q"
    )
    middle = base.mark_tick(color="#bc4749", thickness=3, size=16).encode(
        x=alt.X("median(estimate):Q"), y=y
    )
    zero = alt.Chart(alt.Data(values=[{"v": 0}])).mark_rule(color="#888").encode(x="v:Q")
    chart = (zero + dots + middle).properties(width=560, height=alt.Step(22))
    target = Path(__file__).parent / "images" / "distance-elasticities.svg"
    chart.configure_view(stroke=None).save(str(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
