"""Draws distance-elasticities.svg: every product's distance elasticity, by section.

Run ``offing gravity --all --out gravity.parquet``, then
``python docs/images/distance-elasticities.py gravity.parquet``.
"""

import sys
from pathlib import Path

import polars as pl

SECTIONS = (
    (5, "Animals"), (14, "Vegetables"), (15, "Fats"), (24, "Food"), (27, "Minerals"),
    (38, "Chemicals"), (40, "Plastics, rubber"), (43, "Leather"), (46, "Wood"), (49, "Paper"),
    (63, "Textiles"), (67, "Footwear"), (70, "Stone, glass"), (71, "Precious"), (83, "Metals"),
    (85, "Machinery"), (89, "Vehicles"), (92, "Instruments"), (96, "Other goods"),
)  # fmt: skip
LOWEST, HIGHEST = -4, 2
WIDTH, LEFT, RIGHT, TOP, BAND = 720, 140, 16, 14, 24


def section(code: str) -> str:
    """The HS section of a code, by its chapter."""
    return next((name for last, name in SECTIONS if int(code[:2]) <= last), "Other goods")


def main(estimates: str) -> None:
    """Keep what is known well enough to draw, and draw."""
    every = pl.read_parquet(estimates).filter(pl.col("covariate") == "log_km")
    known = every.filter(pl.col("se_exporter") < 0.5).with_columns(
        section=pl.col("product").map_elements(section, return_dtype=pl.String)
    )
    print(f"{known.height} of {every.height}, median {known['estimate'].median():.2f}")
    height = TOP + BAND * len(SECTIONS) + 44

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - LOWEST) / (HIGHEST - LOWEST)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="sans-serif" font-size="12"><title>Distance elasticity of trade by product '
        f'and section</title><rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    ]
    bottom = TOP + BAND * len(SECTIONS)
    for tick in range(LOWEST, HIGHEST + 1):
        stroke = "#777" if tick == 0 else "#ddd"
        out.append(
            f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{bottom}" '
            f'stroke="{stroke}"/><text x="{x(tick):.1f}" y="{bottom + 16}" text-anchor="middle" '
            f'fill="#555" font-size="11">{tick}</text>'
        )
    for row, (_, name) in enumerate(SECTIONS):
        top = TOP + BAND * row
        mine = known.filter(pl.col("section") == name).sort("product")["estimate"]
        out.append(f'<text x="{LEFT - 10}" y="{top + 16}" text-anchor="end">{name}</text>')
        for at, value in enumerate(mine):
            if LOWEST <= value <= HIGHEST:
                # Spread within the band evenly, and the same in every run.
                y = top + 3 + (BAND - 6) * ((at * 0.618034) % 1)
                out.append(
                    f'<circle cx="{x(value):.1f}" cy="{y:.1f}" r="2" fill="#2a6f97" '
                    'fill-opacity="0.4"/>'
                )
        if len(mine):
            middle = x(float(mine.median()))
            out.append(
                f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{top + 3}" y2="{top + BAND - 3}" '
                'stroke="#bc4749" stroke-width="3"/>'
            )
    out.append(
        f'<text x="{x(-1):.1f}" y="{bottom + 36}" text-anchor="middle">Distance elasticity of '
        "trade</text></svg>"
    )
    Path(__file__).with_suffix(".svg").write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
