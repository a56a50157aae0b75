"""How far each reporter's figures lie from its partners'.

Gaulier and Zignago (2010, section 2.4): the absolute log difference of two reports, with the CIF
margin taken out, is decomposed on who reported as importer and who as exporter. A reporter's part
is its typical error; its weight is the inverse of that part's square, as for two measurements of
unequal error.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from offing.warehouse.reconciling.effects import Floats

PRIOR_FLOWS = 20.0
"""A reporter's part is averaged with this many flows of mean quality."""

LEAST = 0.5
"""No reporter's part is under this share of the mean one. Two reports that differ do not say whose
error it is; with this floor the best reporter counts at most four times as much as a mean one."""


@dataclass(frozen=True)
class Reliability:
    """Each reporter's part of the discrepancy, by direction; see ``Reconciled.reliability``."""

    table: pl.DataFrame
    mean: float

    def importer_share(self, rows: pl.DataFrame) -> Floats:
        """The importer's weight against the exporter's, 0 to 1, for each row."""
        parts = {}
        for direction, column in (("import", "importer"), ("export", "exporter")):
            mine = self.table.filter(pl.col("direction") == direction)
            by_country = dict(zip(mine["country"], mine["discrepancy"], strict=True))
            parts[column] = (
                rows[column]
                .replace_strict(by_country, default=self.mean, return_dtype=pl.Float64)
                .to_numpy()
            )
        return np.asarray(
            parts["exporter"] ** 2 / (parts["importer"] ** 2 + parts["exporter"] ** 2)
        )


def fit_reliability(both: pl.DataFrame, gap: Floats) -> Reliability:
    """Decompose the discrepancies.

    ``gap`` is the log of the importer's value brought to FOB less the log of the exporter's, for
    each flow with two reports.
    """
    columns = [("import", "importer"), ("export", "exporter")]
    names = [both[column].unique().sort().to_list() for _, column in columns]
    if not both.height:
        empty = {
            "country": pl.String,
            "direction": pl.String,
            "discrepancy": pl.Float64,
            "weight": pl.Float64,
            "n": pl.Int64,
        }
        return Reliability(pl.DataFrame(schema=empty), 1.0)
    size = np.abs(gap)
    # Larger flows are better witnesses of an office's care than small ones; the log keeps one
    # giant flow from deciding alone. The floor of 1 dollar holds for any unit of account.
    volume = np.sqrt(both["m"].to_numpy() * both["x"].to_numpy())
    weights = 1 + np.log1p(volume / np.median(volume))
    weights = weights / weights.mean()
    middle = float(np.average(size, weights=weights))
    half = max(middle / 2, 1e-9)
    starts = [0, len(names[0])]
    width = len(names[0]) + len(names[1])
    codes = [
        both[column]
        .replace_strict({name: i for i, name in enumerate(members)}, return_dtype=pl.Int64)
        .to_numpy()
        + start
        for (_, column), members, start in zip(columns, names, starts, strict=True)
    ]
    n = both.height
    design = csr_matrix(
        (np.ones(2 * n), (np.tile(np.arange(n), 2), np.concatenate(codes))), shape=(n, width)
    )
    weighted = design.multiply(weights[:, None]).tocsr()
    gram = (design.T @ weighted).toarray() + PRIOR_FLOWS * np.eye(width)
    parts = half + np.linalg.solve(gram, weighted.T @ (size - 2 * half))
    parts = np.maximum(parts, LEAST * half)
    counts = np.bincount(np.concatenate(codes), minlength=width)
    table = pl.DataFrame(
        {
            "country": [*names[0], *names[1]],
            "direction": ["import"] * len(names[0]) + ["export"] * len(names[1]),
            "discrepancy": parts,
            "weight": (half / parts) ** 2,
            "n": counts.astype(np.int64),
        }
    )
    return Reliability(table.sort("country", "direction"), half)
