"""A made-up world of flows that grow by a rule, for tests of rankings."""

import numpy as np
import polars as pl

COUNTRIES = [f"A{a}{b}" for a in "ABC" for b in "ABCDEF"]


def flows(
    *,
    years: int = 6,
    places: int = 12,
    products: int = 6,
    favourite: float = 0.0,
    noise: float = 0.5,
    churn: float = 0.06,
    seed: int = 3,
) -> pl.DataFrame:
    """Gravity-like flows; with ``favourite`` above zero, growth goes to the first importers.

    Args:
        favourite: log growth a year in the first third of the importers.
        noise: standard deviation of a flow's yearly log change.
        churn: share of pairs that begin or end each year.
    """
    rng = np.random.default_rng(seed)
    names = COUNTRIES[:places]
    size = rng.normal(0, 1, places)
    rows = []
    level = rng.normal(13, 2, (products, places, places)) + size[None, :, None] + size[None, None]
    there = rng.random((products, places, places)) < 0.75
    for year in range(years):
        for k in range(products):
            for i in range(places):
                for j in range(places):
                    if i != j and there[k, i, j]:
                        rows.append(
                            (2015 + year, f"85{k + 10}", names[j], names[i],
                             float(np.exp(level[k, i, j])))
                        )  # fmt: skip
        level += rng.normal(0, noise, level.shape)
        level[:, :, : places // 3] += favourite
        there ^= rng.random(there.shape) < churn
    return pl.DataFrame(
        rows, schema=["year", "product", "importer", "exporter", "value_usd"], orient="row"
    )


def distances(places: int = 12, seed: int = 1) -> pl.DataFrame:
    """Countries on a plane."""
    names = COUNTRIES[:places]
    at = np.random.default_rng(seed).uniform(0, 12000, (places, 2))
    km = np.hypot(*(at[:, None, :] - at[None, :, :]).transpose(2, 0, 1))
    return pl.DataFrame(
        [
            {
                "origin": a,
                "destination": b,
                "km": float(max(km[i, j], 50.0)),
                "contiguous": bool(i != j and km[i, j] < 1500),
                "common_language": bool((i + j) % 5 == 0),
                "colony": False,
            }
            for i, a in enumerate(names)
            for j, b in enumerate(names)
        ]
    )
