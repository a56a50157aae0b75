"""A made-up world of reports whose truth is known."""

from pathlib import Path

import numpy as np
import polars as pl


def countries(count: int) -> list[str]:
    return [f"A{first}{second}" for first in "ABCDE" for second in "ABCDEFGHIJ"][:count]


def distances(names: list[str], seed: int = 1) -> pl.DataFrame:
    """Countries on a plane; the two nearest to each are its neighbours."""
    places = np.random.default_rng(seed).uniform(0, 12000, (len(names), 2))
    km = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    return pl.DataFrame(
        [
            {
                "origin": a,
                "destination": b,
                "km": float(max(km[i, j], 50.0)),
                "contiguous": bool(i != j and km[i, j] < 1200),
                "common_language": False,
                "colony": False,
            }
            for i, a in enumerate(names)
            for j, b in enumerate(names)
        ]
    )


def world(
    *,
    margin: float = 0.10,
    noise: dict[tuple[str, str], float] | float = 0.0,
    bias: dict[tuple[str, str], float] | None = None,
    places: int = 12,
    products: int = 8,
    years: int = 3,
    seed: int = 7,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Reports, distances and the truth.

    Args:
        margin: log CIF over FOB of every flow.
        noise: standard deviation of the log error, of all reports or by (country, direction).
        bias: mean of the log error by (country, direction); none where not named.
    """
    rng = np.random.default_rng(seed)
    names = countries(places)
    truth = pl.DataFrame(
        [
            (2020 + year, f"85{10 + product}", importer, exporter)
            for year in range(years)
            for product in range(products)
            for importer in names
            for exporter in names
            if importer != exporter
        ],
        schema=["year", "product", "importer", "exporter"],
        orient="row",
    )
    fob = np.exp(rng.normal(14, 2, truth.height))
    kg = fob / np.exp(rng.normal(3, 0.3, truth.height))
    truth = truth.with_columns(pl.Series("fob", fob), pl.Series("true_kg", kg))
    parts = []
    for direction, reporter, partner in (
        ("import", "importer", "exporter"),
        ("export", "exporter", "importer"),
    ):
        who = truth[reporter].to_list()
        spread = np.array(
            [noise if isinstance(noise, float) else noise.get((c, direction), 0.1) for c in who]
        )
        shift = np.array([(bias or {}).get((c, direction), 0.0) for c in who])
        error = np.exp(shift + spread * rng.normal(size=truth.height))
        freight = np.exp(margin) if direction == "import" else 1.0
        parts.append(
            truth.select(
                pl.col("year").cast(pl.Int16), pl.lit(direction).alias("direction"),
                pl.col(reporter).alias("reporter"), pl.col(partner).alias("partner"), "product",
                pl.lit("2022").alias("edition"), pl.Series("value_usd", fob * error * freight),
                pl.Series("kg", kg * error), pl.lit(None, pl.Float64).alias("items")
            ),
        )  # fmt: skip
    return pl.concat(parts), distances(names), truth


def one(
    direction: str, reporter: str, partner: str, value: float, **more: object
) -> dict[str, object]:
    """One report of product 8528 in 2022."""
    base: dict[str, object] = {
        "year": 2022, "direction": direction, "reporter": reporter, "partner": partner,
        "product": "8528", "edition": "2022", "value_usd": value, "kg": None, "items": None,
    }  # fmt: skip
    return base | more


def reports(*rows: dict[str, object]) -> pl.DataFrame:
    """Reports from rows, with the table's types."""
    return pl.DataFrame(
        list(rows),
        schema={
            "year": pl.Int16, "direction": pl.String, "reporter": pl.String, "partner": pl.String,
            "product": pl.String, "edition": pl.String, "value_usd": pl.Float64, "kg": pl.Float64,
            "items": pl.Float64,
        },
    )  # fmt: skip


REAL = ["CHN", "DEU", "USA", "JPN", "FRA", "GBR", "ITA", "KOR", "MEX", "BRA", "IND", "POL"]


def comtrade_file(folder: Path, *, seed: int = 7, places: int = 10) -> Path:
    """Made-up reports in the layout of Comtrade, under the names of real countries."""
    folder.mkdir(parents=True, exist_ok=True)
    told, _, _ = world(margin=0.08, noise=0.2, seed=seed, places=places)
    codes = dict(zip(sorted(told["reporter"].unique()), REAL, strict=False))
    rows = told.select(
        period="year",
        flowCode=pl.col("direction").replace_strict({"import": "M", "export": "X"}),
        reporterISO=pl.col("reporter").replace_strict(codes),
        partnerISO=pl.col("partner").replace_strict(codes),
        classificationCode=pl.lit("H6"),
        cmdCode="product",
        primaryValue="value_usd",
        netWgt="kg",
    )
    rows.sample(fraction=1, shuffle=True, seed=1).write_csv(folder / "reports.csv")
    return folder / "reports.csv"
