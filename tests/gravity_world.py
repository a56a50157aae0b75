"""Made flows between made countries, for the tests of gravity."""

import numpy as np
import polars as pl


def world(products: int, seed: int = 3, size: int = 24) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Flows with zeros between made countries, and two covariates."""
    rng = np.random.default_rng(seed)
    codes = [f"A{number:02d}" for number in range(size)]
    i, j = np.nonzero(~np.eye(size, dtype=bool))
    pairs = pl.DataFrame(
        {
            "exporter": [codes[a] for a in i],
            "importer": [codes[b] for b in j],
            "log_distance": rng.normal(8.0, 0.8, len(i)),
            "contiguous": (rng.random(len(i)) < 0.1).astype(float),
        }
    )
    frames = []
    for product in range(products):
        size_effect = rng.normal(0, 1, size)[i] + rng.normal(0, 1, size)[j]
        mu = np.exp(
            size_effect
            - 1.1 * (pairs["log_distance"].to_numpy() - 8)
            + 0.6 * pairs["contiguous"].to_numpy()
        )
        value = mu * rng.gamma(0.7, 1 / 0.7, len(i)) * (rng.random(len(i)) < 0.6)
        frames.append(
            pairs.select("exporter", "importer").with_columns(
                product=pl.lit(f"{850000 + product}"), value_usd=pl.Series(value)
            )
        )
    return pl.concat(frames).filter(pl.col("value_usd") > 0), pairs
